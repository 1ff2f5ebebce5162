//! Random lifecycles. A valid one is a preset that was changed in some dozen places, each change
//! kept only if the load still takes it: statuses are renamed, put in and taken out, ladders
//! stretched, moves and guards added and dropped. An invalid one is a valid one with one of the known
//! [`crate::mistakes`], and the words and the line by which the load must refuse it.

use crate::dice::Dice;
use crate::mistakes::{Draft, Mistake, Refusal};
use crate::wants::OWN_POLICY;
use ordermill_domain::policy::{load, presets};
use toml::{Table, Value};

/// Changes that are tried.
const EDITS: u64 = 16;

/// A preset as the worlds live by it: no limit splits an order, since the books of the callers know
/// of parts only what they asked for. One that is another than the program's has another version.
pub(crate) fn preset(name: &str) -> String {
    let text = presets::text(name).unwrap_or_default();
    let is_split = |line: &&str| line.contains("do = \"split\"");
    if !text.lines().any(|line| is_split(&line)) {
        return text.to_owned();
    }
    let mut policy: Vec<&str> = text.lines().filter(|line| !is_split(line)).collect();
    let version = policy.iter().position(|line| line.starts_with("version = ")).unwrap();
    policy[version] = "version = 1000000";
    policy.join("\n")
}

/// A valid lifecycle of this seed.
#[must_use]
pub fn valid(seed: u64) -> String {
    let mut dice = Dice::new(seed, 3);
    let name = *dice.one(&presets::NAMES).unwrap();
    let text = preset(name);
    let mut policy: Table = text.parse().unwrap();
    policy.insert("name".to_owned(), Value::from(OWN_POLICY));
    for _ in 0..EDITS {
        let mut changed = policy.clone();
        edit(&mut changed, &mut dice);
        if load::from_toml(OWN_POLICY, &changed.to_string()).is_ok() {
            policy = changed;
        }
    }
    policy.to_string()
}

/// A valid lifecycle with this mistake in it, and what the load must say of it; none where the
/// lifecycle has no place for it.
#[must_use]
pub fn with_mistake(valid: &str, seed: u64, mistake: &Mistake) -> Option<(String, Refusal)> {
    let mut policy: Table = valid.parse().unwrap();
    let mut dice = Dice::new(seed, 4);
    let refusal = mistake.1(&mut Draft { policy: &mut policy, dice: &mut dice })?;
    Some((policy.to_string(), refusal))
}

/// What is wrong with how the load takes this mistake: none where it refuses the lifecycle for it, on its
/// line, and each of its sentences comes with a remedy. `None` where there is no place for the mistake.
#[must_use]
pub fn wrongly_taken(valid: &str, seed: u64, mistake: &Mistake) -> Option<Result<(), String>> {
    let (text, wanted) = with_mistake(valid, seed, mistake)?;
    let errors = match load::from_toml(OWN_POLICY, &text) {
        Ok(_) => return Some(Err(format!("{}: taken\n{text}", mistake.0))),
        Err(errors) => errors,
    };
    let said = errors.iter().any(|error| {
        error.to_string().contains(&wanted.said) && wanted.at.holds(&text, error.line)
    });
    let helpful = errors.iter().all(|error| !error.remedy.is_empty());
    if said && helpful {
        return Some(Ok(()));
    }
    Some(Err(format!("{}: {wanted:?} is not among {errors:#?}\n{text}", mistake.0)))
}

/// The mistake of a seed in this lifecycle: each seed tries another.
#[must_use]
pub fn mistake_of(valid: &str, seed: u64) -> Option<String> {
    let all: Vec<&Mistake> = crate::mistakes::all().collect();
    let mistake = *Dice::new(seed, 6).one(&all)?;
    wrongly_taken(valid, seed, mistake)?.err()
}

fn names(policy: &Table) -> Vec<String> {
    policy["status"].as_table().map(|all| all.keys().cloned().collect()).unwrap_or_default()
}

fn statuses(policy: &mut Table) -> &mut Table {
    policy.get_mut("status").and_then(Value::as_table_mut).unwrap()
}

fn moves(policy: &mut Table) -> &mut Vec<Value> {
    policy.get_mut("move").and_then(Value::as_array_mut).unwrap()
}

/// One of the ladders, with its status' name.
fn ladder<'p>(policy: &'p mut Table, dice: &mut Dice) -> Option<&'p mut Vec<Value>> {
    let with: Vec<String> = names(policy)
        .into_iter()
        .filter(|name| policy["status"][name.as_str()].get("limit").is_some())
        .collect();
    let name = dice.one(&with)?;
    statuses(policy).get_mut(name)?.get_mut("limit")?.as_array_mut()
}

fn edit(policy: &mut Table, dice: &mut Dice) {
    match dice.below(13) {
        0 | 1 => stretch(policy, dice),
        2 => {
            if let Some(rungs) = ladder(policy, dice) {
                let place = dice.index(rungs.len());
                rungs.remove(place);
            }
        }
        3 => {
            if let Some(rungs) = ladder(policy, dice) {
                let rung: Table =
                    "after = \"9d\"\ndo = \"notify\"\ntemplate = \"staff_alert\"\nto = \"staff\""
                        .parse()
                        .unwrap();
                rungs.push(Value::Table(rung));
            }
        }
        4 => trigger(policy, dice),
        5 => {
            let late = dice.weighted(&[(1, "revive"), (1, "refund"), (1, "ask")]);
            policy.insert("late_money".to_owned(), Value::from(late));
        }
        6 => {
            let which =
                dice.weighted(&[(1, "underpay_tolerance_minor"), (1, "overpay_tolerance_minor")]);
            policy.insert(which.to_owned(), Value::from(dice.weighted(&[(1, 0), (1, 1), (1, 50)])));
        }
        7 => {
            let what = dice.weighted(&[(1, "review"), (1, "reject")]);
            policy.insert("on_total_mismatch".to_owned(), Value::from(what));
        }
        8 => {
            let place = dice.index(moves(policy).len());
            moves(policy).remove(place);
        }
        9 => {
            let all = names(policy);
            take_out(policy, dice.one(&all).unwrap());
        }
        10 => put_in(policy, dice),
        11 => guard(policy, dice),
        _ => {
            let all = names(policy);
            let old = dice.one(&all).unwrap().clone();
            let new = format!("s{}", dice.below(1_000));
            *policy = rename(policy.clone(), &old, &new);
        }
    }
}

/// Another length for one rung.
fn stretch(policy: &mut Table, dice: &mut Dice) {
    let Some(rungs) = ladder(policy, dice) else { return };
    let place = dice.index(rungs.len());
    let length =
        dice.weighted(&[(1, "1m"), (2, "5m"), (2, "45m"), (2, "3h"), (2, "2d"), (1, "20d")]);
    if let Some(rung) = rungs.get_mut(place).and_then(Value::as_table_mut) {
        rung.insert("after".to_owned(), Value::from(length));
    }
}

/// A status tells people more, or less.
fn trigger(policy: &mut Table, dice: &mut Dice) {
    let all = names(policy);
    let name = dice.one(&all).unwrap();
    let Some(status) = statuses(policy).get_mut(name).and_then(Value::as_table_mut) else { return };
    let told = dice.weighted(&[
        (1, "notify = \"data_needed\"\nto = \"customer\""),
        (1, "notify = \"staff_alert\"\nto = \"staff\""),
        (1, "task = \"look_again\""),
    ]);
    let entry = Value::Table(told.parse().unwrap());
    if dice.chance(500) {
        status.remove("on_enter");
    } else if let Some(Value::Array(all)) = status.get_mut("on_enter") {
        all.push(entry);
    } else {
        status.insert("on_enter".to_owned(), Value::Array(vec![entry]));
    }
}

/// A status goes, with all that names it.
fn take_out(policy: &mut Table, name: &str) {
    statuses(policy).remove(name);
    moves(policy).retain_mut(|one| {
        if one["to"].as_str() == Some(name) {
            return false;
        }
        let Some(from) = one.get_mut("from").and_then(Value::as_array_mut) else { return true };
        from.retain(|status| status.as_str() != Some(name));
        !from.is_empty()
    });
    let all = names(policy);
    for status in all {
        let limit = statuses(policy).get_mut(&status).and_then(|s| s.get_mut("limit"));
        if let Some(rungs) = limit.and_then(Value::as_array_mut) {
            rungs.retain(|rung| rung.get("to").and_then(Value::as_str) != Some(name));
        }
    }
    if let Some(Value::Array(all)) = policy.get_mut("deletable_from") {
        all.retain(|status| status.as_str() != Some(name));
    }
}

/// A new status on the way of one move.
fn put_in(policy: &mut Table, dice: &mut Dice) {
    let new = format!("x{}", dice.below(1_000));
    let place = dice.index(moves(policy).len());
    let Some(one) = moves(policy).get_mut(place).and_then(Value::as_table_mut) else { return };
    let Some(to) = one.get("to").and_then(Value::as_str).map(str::to_owned) else { return };
    one.insert("to".to_owned(), Value::from(new.clone()));
    let phase = policy["status"][to.as_str()]["phase"].as_str().unwrap_or("review").to_owned();
    let phase = if phase == "closed" || phase == "intake" { "review".to_owned() } else { phase };
    let status = format!(
        "phase = \"{phase}\"\nlimit = [{{ after = \"6h\", do = \"notify\", template = \
         \"staff_alert\", to = \"staff\" }}]\nlabel = {{ en = \"{new}\" }}"
    );
    statuses(policy).insert(new.clone(), Value::Table(status.parse().unwrap()));
    let goes = if dice.chance(500) {
        format!(
            "command = \"advance\"\nfrom = [\"{new}\"]\nto = \"{to}\"\nby = [\"system\"]\nauto = true"
        )
    } else {
        format!("command = \"confirm\"\nfrom = [\"{new}\"]\nto = \"{to}\"\nby = [\"manager\"]")
    };
    moves(policy).push(Value::Table(goes.parse().unwrap()));
}

/// One move asks for more.
fn guard(policy: &mut Table, dice: &mut Dice) {
    let guard = dice.weighted(&[
        (2, "paid_in_full"),
        (1, "prepayment_received(30)"),
        (1, "deposit_paid"),
        (1, "balance_paid"),
        (1, "contact_complete"),
        (1, "payment_terms_present"),
        (1, "contract_number_present"),
        (1, "some_stock_reserved"),
        (1, "within_delivery_date"),
    ]);
    let place = dice.index(moves(policy).len());
    let Some(one) = moves(policy).get_mut(place).and_then(Value::as_table_mut) else { return };
    match one.get_mut("guards").and_then(Value::as_array_mut) {
        Some(guards) if dice.chance(300) => guards.clear(),
        Some(guards) => guards.push(Value::from(guard)),
        None => {
            one.insert("guards".to_owned(), Value::Array(vec![Value::from(guard)]));
        }
    }
}

/// The same lifecycle with another name for one status.
fn rename(policy: Table, old: &str, new: &str) -> Table {
    fn walk(value: Value, old: &str, new: &str) -> Value {
        match value {
            Value::String(text) if text == old => Value::from(new),
            Value::Array(all) => Value::Array(all.into_iter().map(|v| walk(v, old, new)).collect()),
            Value::Table(table) => Value::Table(
                table
                    .into_iter()
                    .map(|(key, value)| {
                        // Words of the format may be spelled like a status.
                        let word = ["do", "command", "phase", "step", "notify", "template", "task"];
                        let same = word.contains(&key.as_str());
                        let value = if same { value } else { walk(value, old, new) };
                        (key, value)
                    })
                    .collect(),
            ),
            other => other,
        }
    }
    let mut renamed: Table =
        policy.into_iter().map(|(key, value)| (key, walk(value, old, new))).collect();
    if let Some(status) = statuses(&mut renamed).remove(old) {
        statuses(&mut renamed).insert(new.to_owned(), status);
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mistakes;
    use std::collections::BTreeSet;

    /// How many of each are tried; a minute's work is in the worlds.
    const TRIED: u64 = 16;

    #[test]
    fn random_lifecycles_are_valid_and_differ() {
        let mut shapes = BTreeSet::new();
        for seed in 0..TRIED {
            let text = valid(seed);
            let policy = load::from_toml(OWN_POLICY, &text);
            let policy = policy.unwrap_or_else(|errors| panic!("seed {seed}: {errors:?}\n{text}"));
            let statuses: Vec<String> = policy.statuses.keys().map(ToString::to_string).collect();
            shapes.insert((statuses, policy.moves.len(), policy.content_hash));
        }
        assert!(shapes.len() > 12, "only {} differ", shapes.len());
    }

    /// Lifecycles in which each mistake is made; the worlds make them in many more.
    const BROKEN: u64 = 4;

    #[test]
    fn a_lifecycle_with_a_mistake_is_refused_for_that_mistake_on_its_line() {
        let whole: Vec<String> = (0..BROKEN).map(valid).collect();
        let mut names = BTreeSet::new();
        for (mistake, first) in mistakes::all().zip((0..whole.len()).cycle()) {
            assert!(names.insert(mistake.0), "{} stands there twice", mistake.0);
            // Each begins with another lifecycle, and goes on where that one has no place for it.
            let turns = (0..whole.len()).map(|turn| (first + turn) % whole.len());
            let mut tried = turns.filter_map(|at| wrongly_taken(&whole[at], 7, mistake));
            match tried.next() {
                Some(Ok(())) => {}
                Some(Err(wrong)) => panic!("{wrong}"),
                None => panic!("{}: no lifecycle has a place for it", mistake.0),
            }
        }
        assert!(names.len() > 100, "{}", names.len());
    }

    #[test]
    fn what_is_no_file_of_ours_at_all_is_refused_on_its_line() {
        let good = valid(1);
        let broken = good.replacen("[[move]]", "[[move]", 1);
        let errors = load::from_toml(OWN_POLICY, &broken).unwrap_err();
        let at = broken.lines().position(|line| line == "[[move]").unwrap() + 1;
        assert!(
            errors.iter().any(|e| e.problem.contains("not TOML") && e.line == at),
            "{errors:?}"
        );
        let long = format!("{good}{}", "# \n".repeat(100_000));
        let errors = load::from_toml(OWN_POLICY, &long).unwrap_err();
        assert!(errors[0].problem.contains("bytes") && errors[0].line == 1, "{errors:?}");
    }
}
