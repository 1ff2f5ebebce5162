//! Every mistake that the load of a lifecycle names, made in a valid one: what is changed, what must
//! be said of it, and on which line.
//!
//! A mistake may be impossible in some lifecycle (no rung to break); none is impossible in all, as the
//! tests hold.

use crate::dice::Dice;
use toml::{Table, Value};

/// Where the load must say it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// On the only line that holds this.
    Line(String),
    /// In this status' tables.
    Status(String),
    /// In this move, counted from 1.
    Move(usize),
    /// On the first line: it is about the file as a whole.
    File,
}

/// What the load must say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// A part of the words.
    pub said: String,
    /// Where.
    pub at: Place,
}

/// A lifecycle that a mistake is made in.
pub struct Draft<'a> {
    /// The file's values.
    pub policy: &'a mut Table,
    /// The mistake's own chance.
    pub dice: &'a mut Dice,
}

/// A mistake: its name, and how it is made; none where this lifecycle has no place for it.
pub type Mistake = (&'static str, fn(&mut Draft<'_>) -> Option<Refusal>);

fn refusal(said: impl Into<String>, at: Place) -> Option<Refusal> {
    Some(Refusal { said: said.into(), at })
}

fn line(said: impl Into<String>, on: &str) -> Option<Refusal> {
    refusal(said, Place::Line(on.to_owned()))
}

fn table(text: &str) -> Value {
    Value::Table(text.parse().unwrap_or_default())
}

fn strings(all: &[&str]) -> Value {
    Value::Array(all.iter().map(|one| Value::from(*one)).collect())
}

impl Draft<'_> {
    fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.policy.insert(key.to_owned(), value.into());
    }

    fn statuses(&mut self) -> Option<&mut Table> {
        self.policy.get_mut("status")?.as_table_mut()
    }

    fn status(&mut self, name: &str) -> Option<&mut Table> {
        self.statuses()?.get_mut(name)?.as_table_mut()
    }

    fn names(&self, fits: impl Fn(&Table) -> bool) -> Vec<String> {
        let all = self.policy.get("status").and_then(Value::as_table);
        let fit = |status: &Value| status.as_table().is_some_and(&fits);
        all.into_iter().flatten().filter(|(_, s)| fit(s)).map(|(name, _)| name.clone()).collect()
    }

    fn phase(&self, name: &str) -> &str {
        self.policy["status"][name]["phase"].as_str().unwrap_or_default()
    }

    /// A status that an order can stand in, with this besides.
    fn open(&mut self, fits: impl Fn(&Table) -> bool) -> Option<String> {
        let is_open = |s: &Table| s.get("phase").and_then(Value::as_str) != Some("closed");
        let names = self.names(|status| is_open(status) && fits(status));
        self.dice.one(&names).cloned()
    }

    fn closed(&mut self) -> Option<String> {
        let names = self.names(|s| s.get("phase").and_then(Value::as_str) == Some("closed"));
        self.dice.one(&names).cloned()
    }

    /// Changes a part of some status.
    fn in_status(
        &mut self,
        said: &str,
        change: impl FnOnce(&mut Table) -> Option<()>,
        fits: impl Fn(&Table) -> bool,
    ) -> Option<Refusal> {
        let name = self.open(fits)?;
        change(self.status(&name)?)?;
        refusal(said, Place::Status(name))
    }

    /// Changes a rung of some ladder of at least so many.
    fn in_rung(
        &mut self,
        said: &str,
        change: impl FnOnce(&mut Table) -> Option<()>,
    ) -> Option<Refusal> {
        let rungs =
            |s: &Table| s.get("limit").and_then(Value::as_array).is_some_and(|l| !l.is_empty());
        let name = self.open(rungs)?;
        let all = self.status(&name)?.get_mut("limit")?.as_array_mut()?;
        change(all.first_mut()?.as_table_mut()?)?;
        refusal(said, Place::Status(name))
    }

    /// Puts this rung in front of some ladder.
    fn first_rung(&mut self, said: &str, rung: &str) -> Option<Refusal> {
        let name = self.open(|s| s.contains_key("limit"))?;
        self.status(&name)?.get_mut("limit")?.as_array_mut()?.insert(0, table(rung));
        refusal(said, Place::Status(name))
    }

    /// Puts this in front of what some status does on entering.
    fn trigger(&mut self, said: &str, entry: &str) -> Option<Refusal> {
        let name =
            self.open(|s| s.get("on_enter").and_then(Value::as_array).is_none_or(|l| l.len() < 8))?;
        let status = self.status(&name)?;
        let all = status.entry("on_enter").or_insert_with(|| Value::Array(Vec::new()));
        all.as_array_mut()?.insert(0, table(entry));
        refusal(said, Place::Status(name))
    }

    fn moves(&mut self) -> Option<&mut Vec<Value>> {
        self.policy.get_mut("move")?.as_array_mut()
    }

    /// Changes some move that fits.
    fn in_move(
        &mut self,
        said: &str,
        change: impl FnOnce(&mut Table) -> Option<()>,
        fits: impl Fn(&Table) -> bool,
    ) -> Option<Refusal> {
        let all: Vec<usize> = self
            .moves()?
            .iter()
            .enumerate()
            .filter(|(_, one)| one.as_table().is_some_and(&fits))
            .map(|(place, _)| place)
            .collect();
        let place = *self.dice.one(&all)?;
        change(self.moves()?.get_mut(place)?.as_table_mut()?)?;
        refusal(said, Place::Move(place + 1))
    }

    /// Adds a move at the end.
    fn add_move(&mut self, said: impl Into<String>, text: &str) -> Option<Refusal> {
        self.moves()?.push(table(text));
        let last = self.moves()?.len();
        refusal(said, Place::Move(last))
    }

    fn calendar(&mut self, said: &str, text: &str, marker: &str) -> Option<Refusal> {
        self.set("calendar", table(&format!("[odd]\n{text}")));
        line(said, marker)
    }
}

fn any(_: &Table) -> bool {
    true
}

fn has(name: &'static str) -> impl Fn(&Table) -> bool {
    move |table| table.contains_key(name)
}

fn put(name: &'static str, value: impl Into<Value>) -> impl FnOnce(&mut Table) -> Option<()> {
    let value = value.into();
    move |table| {
        table.insert(name.to_owned(), value);
        Some(())
    }
}

fn take(name: &'static str) -> impl FnOnce(&mut Table) -> Option<()> {
    move |table| table.remove(name).map(|_| ())
}

fn by_hand(one: &Table) -> bool {
    !one.contains_key("auto")
}

fn of(command: &'static str) -> impl Fn(&Table) -> bool {
    move |one| one.get("command").and_then(Value::as_str) == Some(command)
}

/// What is wrong with the head of the file.
pub const HEAD: &[Mistake] = &[
    ("no_name", |d| {
        d.policy.remove("name").and_then(|_| refusal("the key is missing", Place::File))
    }),
    ("no_version", |d| {
        d.policy.remove("version").and_then(|_| refusal("version: the key is missing", Place::File))
    }),
    ("no_initial", |d| {
        d.policy.remove("initial").and_then(|_| refusal("initial: the key is missing", Place::File))
    }),
    ("no_status", |d| {
        d.policy.remove("status").and_then(|_| refusal("status: the key is missing", Place::File))
    }),
    ("no_move", |d| {
        d.policy.remove("move").and_then(|_| refusal("move: the key is missing", Place::File))
    }),
    ("unknown_key", |d| {
        d.set("colour", "green");
        line("there is no key `colour` here", "colour =")
    }),
    ("name_malformed", |d| {
        d.set("name", "My Shop");
        line("cannot be a name", "My Shop")
    }),
    ("name_too_long", |d| {
        d.set("name", "n".repeat(60));
        line("cannot be a name", "nnnnnnnnnnnn")
    }),
    ("version_out_of_range", |d| {
        d.set("version", 0);
        line("`0` is out of range", "version =")
    }),
    ("version_no_number", |d| {
        d.set("version", "first");
        line("must be a whole number, but is text", "version =")
    }),
    ("initial_unknown", |d| {
        d.set("initial", "nowhere");
        line("there is no status `nowhere`", "initial =")
    }),
    ("initial_closed", |d| {
        let end = d.closed()?;
        d.set("initial", end);
        line("a new order cannot stand in", "initial =")
    }),
    ("revive_unknown", |d| {
        d.set("revive_to", "nowhere");
        line("there is no status `nowhere`", "revive_to =")
    }),
    ("revive_closed", |d| {
        let end = d.closed()?;
        d.set("revive_to", end);
        line("an order that lives again cannot stand in", "revive_to =")
    }),
    ("revive_nowhere", |d| {
        d.policy.remove("revive_to");
        d.set("late_money", "revive");
        line("nothing says where an order comes to life again", "late_money =")
    }),
    ("late_money_unknown", |d| {
        d.set("late_money", "keep");
        line("`keep`", "late_money =")
    }),
    ("mismatch_unknown", |d| {
        d.set("on_total_mismatch", "shrug");
        line("`shrug`", "on_total_mismatch =")
    }),
    ("tolerance_negative", |d| {
        d.set("overpay_tolerance_minor", -1);
        line("is out of range", "overpay_tolerance_minor =")
    }),
    ("deletable_open", |d| {
        let open = d.open(any)?;
        d.set("deletable_from", strings(&[&open]));
        line("an open order cannot be deleted", "deletable_from =")
    }),
    ("deletable_twice", |d| {
        let end = d.closed()?;
        d.set("deletable_from", strings(&[&end, &end]));
        line("stands here twice", "deletable_from =")
    }),
    ("call_when_unknown", |d| {
        d.set("call_when", strings(&["moon_is_full"]));
        line("there is no condition `moon_is_full`", "call_when =")
    }),
    ("call_when_brackets", |d| {
        d.set("call_when", strings(&["lines_missing(3)"]));
        line("takes no brackets", "call_when =")
    }),
    ("call_when_amount", |d| {
        d.set("call_when", strings(&["total_above(much)"]));
        line("`total_above` needs an amount", "call_when =")
    }),
    ("text_too_long", |d| {
        d.set("initial", "i".repeat(300));
        line("is longer than", "iiiiiiiiiiii")
    }),
    ("text_of_two_lines", |d| {
        d.set("initial", "a\u{7}b");
        line("control character", "initial =")
    }),
    ("no_list", |d| {
        d.set("deletable_from", "cancelled");
        line("must be a list, but is text", "deletable_from =")
    }),
    ("status_no_table", |d| {
        d.statuses()?.insert("odd".to_owned(), Value::from("open"));
        line("must be a table, but is text", "odd =")
    }),
    ("status_name", |d| {
        let limit = table("phase = \"review\"");
        d.statuses()?.insert("Odd Name".to_owned(), limit);
        line("`Odd Name` cannot be a name", "Odd Name")
    }),
    ("too_many_statuses", |d| {
        for number in 0..70 {
            d.statuses()?.insert(format!("more_{number}"), table("phase = \"review\""));
        }
        line("statuses", "[status")
    }),
    ("nested_too_deep", |d| {
        let mut value = Value::from(1);
        for _ in 0..12 {
            value = Value::Array(vec![value]);
        }
        d.set("call_when", value);
        refusal("is nested more than", Place::File)
    }),
    ("calendar_zone_unknown", |d| {
        d.calendar(
            "there is no time zone `Europe/Atlantis`",
            "time_zone = \"Europe/Atlantis\"\nhours = \"09:00-17:00\"",
            "Atlantis",
        )
    }),
    ("calendar_no_zone", |d| {
        d.calendar("the key is missing", "hours = \"09:00-17:00\"", "[calendar.odd]")
    }),
    ("calendar_no_hours", |d| {
        d.calendar("the key is missing", "time_zone = \"UTC\"", "[calendar.odd]")
    }),
    ("calendar_hours", |d| {
        d.calendar(
            "are not working hours",
            "time_zone = \"UTC\"\nhours = \"17:00-09:00\"",
            "17:00-09:00",
        )
    }),
    ("calendar_no_day", |d| {
        d.calendar(
            "without a working day",
            "time_zone = \"UTC\"\nhours = \"09:00-17:00\"\nweekdays = []",
            "weekdays =",
        )
    }),
    ("calendar_day_unknown", |d| {
        d.calendar(
            "`someday`",
            "time_zone = \"UTC\"\nhours = \"09:00-17:00\"\nweekdays = [\"someday\"]",
            "weekdays =",
        )
    }),
    ("calendar_holiday", |d| {
        d.calendar(
            "is not a date",
            "time_zone = \"UTC\"\nhours = \"09:00-17:00\"\nholidays = [\"2026-02-30\"]",
            "2026-02-30",
        )
    }),
    ("calendar_holiday_twice", |d| {
        d.calendar("stands here twice", "time_zone = \"UTC\"\nhours = \"09:00-17:00\"\nholidays = [\"2026-12-25\", \"2026-12-25\"]", "2026-12-25")
    }),
];

/// What is wrong with a status.
pub const STATUSES: &[Mistake] = &[
    ("no_phase", |d| d.in_status("phase: the key is missing", take("phase"), any)),
    ("phase_unknown", |d| d.in_status("`asleep`", put("phase", "asleep"), any)),
    ("status_key_unknown", |d| {
        d.in_status("there is no key `mood` here", put("mood", "good"), any)
    }),
    ("label_language", |d| {
        d.in_status("is not a language", put("label", table("klingon = \"x\"")), any)
    }),
    ("label_empty", |d| d.in_status("the label is empty", put("label", table("en = \" \"")), any)),
    ("step_unknown", |d| d.in_status("`ponder`", put("step", "ponder"), any)),
    ("then_without_step", |d| {
        let name = d.open(|s| !s.contains_key("step"))?;
        let to = table(&format!("ok = \"{name}\""));
        d.status(&name)?.insert("then".to_owned(), to);
        refusal("there is no step whose outcomes these are", Place::Status(name))
    }),
    ("then_incomplete", |d| {
        d.in_status(
            "nothing says where an order goes when",
            |s| s.get_mut("then")?.as_table_mut()?.remove("ok").map(|_| ()),
            has("step"),
        )
    }),
    ("then_unknown_outcome", |d| {
        d.in_status(
            "there is no key `perhaps` here",
            |s| {
                s.get_mut("then")?.as_table_mut()?.insert("perhaps".to_owned(), Value::from("x"));
                Some(())
            },
            has("then"),
        )
    }),
    ("then_impossible_outcome", |d| {
        let name = d.open(|s| s.get("step").and_then(Value::as_str) == Some("validate"))?;
        d.status(&name)?
            .get_mut("then")?
            .as_table_mut()?
            .insert("backordered".to_owned(), Value::from(name.clone()));
        refusal("never ends `backordered`", Place::Status(name))
    }),
    ("then_to_nowhere", |d| {
        let name = d.open(has("then"))?;
        d.status(&name)?
            .get_mut("then")?
            .as_table_mut()?
            .insert("ok".to_owned(), Value::from("nowhere"));
        refusal("there is no status `nowhere`", Place::Status(name))
    }),
    ("closed_with_step", |d| {
        let name = d.closed()?;
        d.status(&name)?.insert("step".to_owned(), Value::from("await_stock"));
        refusal("a closed status has no step", Place::Status(name))
    }),
    ("closed_with_limit", |d| {
        let name = d.closed()?;
        let rung = table("after = \"1d\"\ndo = \"task\"\ntask = \"look\"");
        d.status(&name)?.insert("limit".to_owned(), Value::Array(vec![rung]));
        refusal("a closed status has no limit", Place::Status(name))
    }),
    ("open_for_ever", |d| d.in_status("there is no limit", take("limit"), has("limit"))),
    ("limit_no_list", |d| d.in_status("must be a list, but is text", put("limit", "1d"), any)),
    ("too_many_rungs", |d| {
        d.in_status(
            "has 20 entries",
            |s| {
                let rung = table("after = \"1d\"\ndo = \"task\"\ntask = \"look\"");
                s.insert("limit".to_owned(), Value::Array(vec![rung; 20]));
                Some(())
            },
            any,
        )
    }),
    ("redrive_of_nothing", |d| {
        let autos: Vec<String> = d
            .moves()?
            .iter()
            .filter(|one| one.get("auto").is_some())
            .flat_map(|one| one["from"].as_array().cloned().unwrap_or_default())
            .filter_map(|from| from.as_str().map(str::to_owned))
            .collect();
        let all = d.names(|s| !s.contains_key("step") && s.contains_key("limit"));
        let name =
            all.into_iter().find(|name| !autos.contains(name) && d.phase(name) != "closed")?;
        d.status(&name)?
            .get_mut("limit")?
            .as_array_mut()?
            .insert(0, table("after = \"1s\"\ndo = \"redrive\""));
        refusal("there is nothing to run again", Place::Status(name))
    }),
    ("unreachable", |d| {
        d.statuses()?.insert("lost".to_owned(), table("phase = \"review\"\nlimit = [{ after = \"1d\", do = \"notify\", template = \"staff_alert\", to = \"staff\" }]"));
        let initial = d.policy["initial"].as_str()?.to_owned();
        d.moves()?.push(table(&format!(
            "command = \"confirm\"\nfrom = [\"lost\"]\nto = \"{initial}\"\nby = [\"manager\"]"
        )));
        refusal("no order can ever come to this status", Place::Status("lost".to_owned()))
    }),
    ("no_way_out", |d| {
        d.statuses()?.insert("trap".to_owned(), table("phase = \"review\"\nlimit = [{ after = \"1d\", do = \"notify\", template = \"staff_alert\", to = \"staff\" }]"));
        let from = d.open(|s| s.contains_key("label") || s.contains_key("limit"))?;
        let from = if from == "trap" { d.policy["initial"].as_str()?.to_owned() } else { from };
        d.moves()?.push(table(&format!(
            "command = \"archive\"\nfrom = [\"{from}\"]\nto = \"trap\"\nby = [\"planner\"]"
        )));
        refusal("nothing leads out of this open status", Place::Status("trap".to_owned()))
    }),
    ("no_way_to_an_end", |d| {
        for (name, other) in [("maze_a", "maze_b"), ("maze_b", "maze_a")] {
            d.statuses()?.insert(name.to_owned(), table("phase = \"review\"\nlimit = [{ after = \"1d\", do = \"notify\", template = \"staff_alert\", to = \"staff\" }]"));
            d.moves()?.push(table(&format!(
                "command = \"confirm\"\nfrom = [\"{name}\"]\nto = \"{other}\"\nby = [\"manager\"]"
            )));
        }
        let initial = d.policy["initial"].as_str()?.to_owned();
        d.moves()?.push(table(&format!(
            "command = \"archive\"\nfrom = [\"{initial}\"]\nto = \"maze_a\"\nby = [\"planner\"]"
        )));
        refusal("no way from here leads to a closed status", Place::Status("maze_a".to_owned()))
    }),
    ("nothing_closed", |d| {
        for name in d.names(any) {
            d.status(&name)?.insert("phase".to_owned(), Value::from("review"));
        }
        refusal("no status is closed", Place::Line("[status".to_owned()))
    }),
];

/// What is wrong with the rungs of a limit, and with what happens on entering.
pub const RUNGS: &[Mistake] = &[
    ("no_after", |d| d.in_rung("after: the key is missing", take("after"))),
    ("after_malformed", |d| d.in_rung("`soon` is not a length of time", put("after", "soon"))),
    ("after_number", |d| {
        d.in_rung("must be a length of time, but is a whole number", put("after", 5))
    }),
    ("after_nothing", |d| d.in_rung("`0s` is out of range", put("after", "0s"))),
    ("after_too_long", |d| d.in_rung("`9999d` is out of range", put("after", "9999d"))),
    ("no_do", |d| d.in_rung("do: the key is missing", take("do"))),
    ("do_unknown", |d| d.in_rung("`pray`", put("do", "pray"))),
    ("when_unknown", |d| d.in_rung("there is no condition `weekday`", put("when", "weekday(mon)"))),
    ("when_malformed", |d| {
        d.in_rung("is neither a name nor a name with brackets", put("when", "method(card"))
    }),
    ("when_method_unknown", |d| d.in_rung("`shells`", put("when", "method(shells)"))),
    ("when_says_nothing", |d| d.in_rung("does not say which", put("when", "method()"))),
    ("when_twice", |d| d.in_rung("is named twice", put("when", "terms(prepaid, prepaid)"))),
    ("rung_key_unknown", |d| d.in_rung("there is no key `until` here", put("until", "noon"))),
    ("calendar_unknown", |d| d.in_rung("there is no calendar `lunar`", put("calendar", "lunar"))),
    ("redrive_with_template", |d| {
        d.first_rung("has no `template`", "after = \"1s\"\ndo = \"redrive\"\ntemplate = \"paid\"")
    }),
    ("notify_without_template", |d| {
        d.first_rung(
            "template: the key is missing",
            "after = \"1s\"\ndo = \"notify\"\nto = \"staff\"",
        )
    }),
    ("template_unknown", |d| {
        d.first_rung(
            "there is no template `love_letter`",
            "after = \"1s\"\ndo = \"notify\"\ntemplate = \"love_letter\"\nto = \"customer\"",
        )
    }),
    ("staff_template_to_customer", |d| {
        d.first_rung(
            "is written for staff",
            "after = \"1s\"\ndo = \"notify\"\ntemplate = \"staff_alert\"\nto = \"customer\"",
        )
    }),
    ("recipient_unknown", |d| {
        d.first_rung(
            "`neighbour`",
            "after = \"1s\"\ndo = \"notify\"\ntemplate = \"paid\"\nto = \"neighbour\"",
        )
    }),
    ("task_without_code", |d| {
        d.first_rung("task: the key is missing", "after = \"1s\"\ndo = \"task\"")
    }),
    ("task_malformed", |d| {
        d.first_rung("cannot be a name", "after = \"1s\"\ndo = \"task\"\ntask = \"Look Here\"")
    }),
    ("move_without_to", |d| {
        d.first_rung("to: the key is missing", "after = \"1s\"\ndo = \"move\"\nreason = \"late\"")
    }),
    ("move_to_nowhere", |d| {
        d.first_rung(
            "there is no status `nowhere`",
            "after = \"1s\"\ndo = \"move\"\nto = \"nowhere\"\nreason = \"late\"",
        )
    }),
    ("rungs_out_of_order", |d| {
        let name = d.open(|s| s.contains_key("limit"))?;
        let rungs = d.status(&name)?.get_mut("limit")?.as_array_mut()?;
        rungs.push(table("after = \"3000d\"\ndo = \"task\"\ntask = \"look\""));
        rungs.push(table("after = \"1s\"\ndo = \"task\"\ntask = \"look\""));
        refusal("which is longer", Place::Status(name))
    }),
    ("nothing_after_a_message", |d| {
        let name = d.open(|s| s.contains_key("limit"))?;
        let rungs =
            vec![table("after = \"1d\"\ndo = \"notify\"\ntemplate = \"late\"\nto = \"customer\"")];
        d.status(&name)?.insert("limit".to_owned(), Value::Array(rungs));
        refusal("after this message nothing would ever happen", Place::Status(name))
    }),
    ("no_rung_for_some", |d| {
        let name = d.open(|s| s.contains_key("limit"))?;
        let rungs = vec![table(
            "after = \"1d\"\nwhen = \"terms(prepaid)\"\ndo = \"task\"\ntask = \"look\"",
        )];
        d.status(&name)?.insert("limit".to_owned(), Value::Array(rungs));
        refusal("no rung is meant for an order with", Place::Status(name))
    }),
    ("enter_nothing", |d| d.trigger("nothing happens here", "")),
    ("enter_two", |d| {
        d.trigger("more than one thing happens in one entry", "notify = \"paid\"\ntask = \"look\"")
    }),
    ("enter_to_alone", |d| {
        d.trigger("only `notify` has a `to`", "task = \"look\"\nto = \"staff\"")
    }),
    ("enter_template_unknown", |d| {
        d.trigger(
            "there is no template `love_letter`",
            "notify = \"love_letter\"\nto = \"customer\"",
        )
    }),
    ("enter_webhook_false", |d| d.trigger("false does nothing", "webhook = false")),
    ("enter_webhook_of_another", |d| {
        d.trigger("the event of this status is not", "webhook = \"order.elsewhere\"")
    }),
    ("enter_key_unknown", |d| d.trigger("there is no key `sing` here", "sing = \"loud\"")),
];

/// What is wrong with a move.
pub const MOVES: &[Mistake] = &[
    ("too_many_moves", |d| {
        let one = d.moves()?.first()?.clone();
        while d.moves()?.len() < 260 {
            d.moves()?.push(one.clone());
        }
        refusal("has 260 entries", Place::Line("[[move]]".to_owned()))
    }),
    ("no_command", |d| d.in_move("command: the key is missing", take("command"), any)),
    ("command_unknown", |d| d.in_move("`teleport`", put("command", "teleport"), any)),
    ("no_from", |d| d.in_move("from: the key is missing", take("from"), any)),
    ("from_empty", |d| d.in_move("the list is empty", put("from", strings(&[])), any)),
    ("from_unknown", |d| {
        d.in_move("there is no status `moon`", put("from", strings(&["moon"])), any)
    }),
    ("from_twice", |d| {
        d.in_move(
            "stands here twice",
            |one| {
                let all = one.get_mut("from")?.as_array_mut()?;
                let first = all.first()?.clone();
                all.push(first);
                Some(())
            },
            any,
        )
    }),
    ("no_to", |d| d.in_move("to: the key is missing", take("to"), any)),
    ("to_unknown", |d| d.in_move("there is no status `moon`", put("to", "moon"), any)),
    ("no_by", |d| {
        d.in_move("by: the key is missing", take("by"), |one| {
            one.contains_key("by") && by_hand(one)
        })
    }),
    ("by_nobody", |d| d.in_move("nobody may do this", put("by", strings(&[])), by_hand)),
    ("by_unknown", |d| d.in_move("`wizard`", put("by", strings(&["wizard"])), any)),
    ("by_twice", |d| {
        d.in_move("stands here twice", put("by", strings(&["manager", "manager"])), by_hand)
    }),
    ("auto_no_flag", |d| d.in_move("must be true or false, but is text", put("auto", "yes"), any)),
    ("move_key_unknown", |d| d.in_move("there is no key `because` here", put("because", "x"), any)),
    ("guard_unknown", |d| {
        d.in_move("there is no guard `sun_shines`", put("guards", strings(&["sun_shines"])), any)
    }),
    ("guard_twice", |d| {
        d.in_move(
            "stands here twice",
            put("guards", strings(&["paid_in_full", "paid_in_full"])),
            any,
        )
    }),
    ("guard_brackets", |d| {
        d.in_move("takes no brackets", put("guards", strings(&["paid_in_full(50)"])), any)
    }),
    ("guard_malformed", |d| {
        d.in_move(
            "is neither a name nor a name with brackets",
            put("guards", strings(&["terms(prepaid"])),
            any,
        )
    }),
    ("guard_without_percentage", |d| {
        d.in_move("needs a percentage", put("guards", strings(&["prepayment_received(200)"])), any)
    }),
    ("guard_says_nothing", |d| {
        d.in_move("does not say which", put("guards", strings(&["terms"])), any)
    }),
    ("too_many_guards", |d| {
        d.in_move("has 20 entries", put("guards", strings(&["paid_in_full"; 20])), any)
    }),
    ("guards_contradict", |d| {
        d.in_move(
            "these guards never hold together",
            put("guards", strings(&["terms(prepaid)", "terms(invoice)"])),
            any,
        )
    }),
    ("advance_by_hand", |d| {
        let from = d.open(any)?;
        let to = d.open(any)?;
        d.add_move(
            "`advance` is nobody's command",
            &format!(
                "command = \"advance\"\nfrom = [\"{from}\"]\nto = \"{to}\"\nby = [\"manager\"]"
            ),
        )
    }),
    ("auto_without_system", |d| {
        d.in_move(
            "the system takes this move by itself, but may not",
            put("by", strings(&["manager"])),
            |one| one.contains_key("auto"),
        )
    }),
    ("advance_by_others", |d| {
        d.in_move(
            "`advance` is the system's alone",
            put("by", strings(&["system", "manager"])),
            of("advance"),
        )
    }),
    ("said_twice", |d| {
        let one = d.moves()?.iter().find(|one| one.as_table().is_some_and(by_hand))?.clone();
        d.moves()?.push(one);
        let last = d.moves()?.len();
        refusal("is said already by", Place::Move(last))
    }),
    ("never_taken", |d| {
        let one = d.moves()?.iter().find(|one| one.get("auto").is_some())?.clone();
        d.moves()?.push(one);
        let last = d.moves()?.len();
        refusal("it is never taken", Place::Move(last))
    }),
    ("round_for_ever", |d| {
        let from = d.open(any)?;
        d.add_move("go round for ever", &format!("command = \"advance\"\nfrom = [\"{from}\"]\nto = \"{from}\"\nby = [\"system\"]\nauto = true"))
    }),
    ("guard_never_holds", |d| {
        let initial = d.policy["initial"].as_str()?.to_owned();
        d.add_move("can never hold in", &format!("command = \"archive\"\nfrom = [\"{initial}\"]\nto = \"{initial}\"\nby = [\"planner\"]\nguards = [\"every_line_shipped\"]"))
    }),
    ("goods_outside", |d| {
        let (to, end) = (after(d, "ship")?, d.closed()?);
        d.add_move(
            "goods can have left the house",
            &format!("command = \"reject\"\nfrom = [\"{to}\"]\nto = \"{end}\"\nby = [\"planner\"]"),
        )
    }),
    ("kept_for_nothing", |d| {
        let (initial, end) = (d.policy["initial"].as_str()?.to_owned(), d.closed()?);
        d.add_move(
            "the customer's money would be kept for nothing",
            &format!(
                "command = \"complete\"\nfrom = [\"{initial}\"]\nto = \"{end}\"\nby = [\"planner\"]"
            ),
        )
    }),
    ("a_part_closes", |d| {
        let (initial, end) = (d.policy["initial"].as_str()?.to_owned(), d.closed()?);
        d.add_move(
            "the rest would stay held by a closed order",
            &format!(
                "command = \"ship\"\nfrom = [\"{initial}\"]\nto = \"{end}\"\nby = [\"planner\"]"
            ),
        )
    }),
    ("packed_and_closed", |d| {
        let (initial, end) = (d.policy["initial"].as_str()?.to_owned(), d.closed()?);
        d.add_move(
            "held by a closed order",
            &format!(
                "command = \"pack\"\nfrom = [\"{initial}\"]\nto = \"{end}\"\nby = [\"planner\"]"
            ),
        )
    }),
];

/// An open status to which this command leads.
fn after(draft: &mut Draft<'_>, command: &str) -> Option<String> {
    let named = |one: &&Value| one["command"].as_str() == Some(command);
    let to = draft.moves()?.iter().find(named)?["to"].as_str()?.to_owned();
    (draft.phase(&to) != "closed").then_some(to)
}

/// Every mistake.
pub fn all() -> impl Iterator<Item = &'static Mistake> {
    [HEAD, STATUSES, RUNGS, MOVES].into_iter().flatten()
}

impl Place {
    /// Whether this line, counted from 1, is there.
    #[must_use]
    pub fn holds(&self, text: &str, line: usize) -> bool {
        let at = line.saturating_sub(1);
        match self {
            Self::File => line == 1,
            Self::Line(part) => {
                let found = text.lines().position(|line| line.contains(part.as_str()));
                found == Some(at)
            }
            Self::Status(name) => {
                block(text, at).is_some_and(|head| {
                    let name = head.trim_matches(['[', ']']);
                    let of = name.strip_prefix("status.").unwrap_or_default();
                    of == self.name()
                        || of.starts_with(&format!("{}.", self.name()))
                        || (name == "status"
                            && text.lines().nth(at).is_some_and(|l| l.starts_with(self.name())))
                }) && !name.is_empty()
            }
            Self::Move(number) => {
                let heads = text.lines().take(line).filter(|line| *line == "[[move]]").count();
                heads == *number
            }
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Status(name) => name,
            Self::Line(_) | Self::Move(_) | Self::File => "",
        }
    }
}

/// The head of the table that a line is in, counted from 0.
fn block(text: &str, at: usize) -> Option<&str> {
    let before: Vec<&str> = text.lines().take(at + 1).collect();
    before.into_iter().rev().find(|line| line.starts_with('['))
}
