//! A world runs: the scheduler chooses what happens next and what goes wrong, the observer judges
//! each commit, the callers keep their books. Then faults are off, and everything must come to rest.

mod desk;

use crate::callers::Request;
use crate::checks;
use crate::dice::Dice;
use crate::gates::{Fate, Passed, TaskId, Waiting};
use crate::hooks::Hooks;
use crate::model::Model;
use crate::mutations::Mutation;
use crate::observer::{Finding, Observer};
use crate::plan::{CUSTOMERS, Fault, Lifecycle, Plan, Want};
use crate::posts::Posts;
use crate::stage::{End, Reader, Stage, Task, Work, queue_name};
use crate::stale::Index;
use crate::wants::{OWN_POLICY, PARTNER_KEY, SHOP_KEY};
use aws_lambda_events::event::sqs::SqsBatchResponse;
use ordermill_domain::ids;
use ordermill_domain::policy::{Policy, load, presets};
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_embedded::{Message, Received, Response, Service};
use ordermill_runtime::Queue;
use ordermill_table::records::{ApiKey, ClientRole, api_key_row};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Steps after which people want nothing more.
const LIVELY_MAX: u64 = 20_000;
/// Steps after which a world whose people want nothing more is said never to come to rest.
const REST_MAX: u64 = 120_000;
/// Calls under way at once.
const TASKS_MAX: usize = 10;
/// How often a caller asks the same while things go wrong.
const ATTEMPTS_MAX: u32 = 12;
/// How often people put off what they want.
const PATIENCE_MAX: u32 = 6;
/// The pause between two sweeps of what is due already.
const SWEEP_EVERY: Seconds = Seconds::minutes(1);
/// The same when faults are over: nothing is watched that closely then.
const SWEEP_EVERY_AT_REST: Seconds = Seconds::minutes(20);
/// Clients whose programs listen, where any do.
pub(crate) const LISTENING: [&str; 2] = ["shop", "local"];
/// Messages no function can read.
const POISON: [&str; 4] = [
    "not json",
    "{\"order\":5}",
    "{\"pk\":\"Z\",\"sk\":\"settings\",\"sku\":\"NONE\",\"order\":\"none\"}",
    "[]",
];

/// What came of a world.
pub struct Outcome {
    /// What must not be; the first stopped the world.
    pub findings: Vec<Finding>,
    /// Steps of the scheduler.
    pub steps: u64,
    /// Requests to AWS.
    pub requests: u64,
    /// Faults that happened.
    pub faults: BTreeMap<Fault, u64>,
    /// What was seen at work.
    pub seen: crate::observer::Seen,
    /// How requests of callers were answered.
    pub answers: BTreeMap<(String, i64), u64>,
    /// Codes of refusals.
    pub codes: BTreeMap<String, u64>,
    /// E-mails that two calls sent at once.
    pub mails_at_once: u64,
    /// What happened, in words.
    pub timeline: Vec<String>,
    /// A number that two runs of the same world must share.
    pub print: u64,
}

/// A running world.
pub struct World {
    pub(crate) plan: Plan,
    pub(crate) stage: Stage,
    pub(crate) seen: Observer,
    pub(crate) model: Model,
    pub(crate) posts: Posts,
    dice: Dice,
    index: Index,
    asks: Vec<Request>,
    asked: BTreeMap<usize, Request>,
    requests: usize,
    next_intent: usize,
    intent_at: Timestamp,
    /// How often what is wanted next was put off.
    patience: u32,
    sweep_at: Option<(Timestamp, Timestamp)>,
    swept: Timestamp,
    /// The next sweep does not wait for the one under way.
    second_sweep: bool,
    /// Records whose handing over was lost.
    pub(crate) lost_records: bool,
    /// Events that no repair can bring back.
    pub(crate) lost_events: u64,
    faulty: bool,
    project_mark: u64,
    happened: BTreeMap<Fault, u64>,
    faults: u64,
    steps: u64,
    print: u64,
    told: Option<Vec<String>>,
    pub(crate) findings: Vec<Finding>,
}

/// What may happen next.
#[derive(Clone, Copy)]
enum Step {
    Open(TaskId),
    Ask(usize),
    Want,
    Deliver(Queue),
    Read(Reader),
    Sweep,
}

/// Runs the world of a plan.
#[must_use]
pub fn run(plan: &Plan, mutation: Option<Mutation>, tell: bool) -> Outcome {
    // Nothing of it is used but its presence: the SDK looks for it.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let mut world = World::new(plan, tell);
    world.stage.gates.break_by(mutation);
    world.live();
    world.stage.gates.break_by(None);
    Outcome {
        steps: world.steps,
        requests: world.stage.gates.requests(),
        faults: world.happened,
        seen: world.seen.seen.clone(),
        answers: world.model.answers,
        codes: world.model.codes,
        mails_at_once: world.posts.at_once,
        timeline: world.told.unwrap_or_default(),
        print: world.print,
        findings: world.findings,
    }
}

impl World {
    fn new(plan: &Plan, tell: bool) -> Self {
        let begin = Timestamp::parse(ordermill_world::BEGIN).unwrap();
        let hooks = Hooks::new(plan.seed, plan.rate(Fault::HookFails));
        let stage = Stage::with_hooks(begin, hooks);
        let mut policies: Vec<Arc<Policy>> = Vec::new();
        for name in presets::NAMES {
            let text = crate::policies::preset(name);
            let policy = load::from_toml(name, &text).unwrap();
            if text != presets::text(name).unwrap_or_default() {
                let table = &stage.runtime.table;
                let stored = ordermill_runtime::policies::store(table, &policy, &text);
                stage.now_or_never(stored).unwrap();
            }
            policies.push(Arc::new(policy));
        }
        let mut findings = Vec::new();
        if plan.lifecycles.contains(&Lifecycle::Own) {
            let text = crate::policies::valid(plan.seed);
            if let Some(wrong) = crate::policies::mistake_of(&text, plan.seed) {
                findings.push(Finding::new("mistake_taken", OWN_POLICY, wrong));
            }
            let policy = load::from_toml(OWN_POLICY, &text).unwrap();
            stage
                .now_or_never(ordermill_runtime::policies::store(
                    &stage.runtime.table,
                    &policy,
                    &text,
                ))
                .unwrap();
            policies.push(Arc::new(policy));
        }
        let mut world = Self {
            dice: Dice::new(plan.seed, 2),
            seen: Observer::new(policies),
            model: Model::new(plan.exact_finds),
            posts: Posts::default(),
            index: Index::default(),
            asks: Vec::new(),
            asked: BTreeMap::new(),
            requests: 0,
            next_intent: 0,
            intent_at: begin,
            patience: 0,
            sweep_at: None,
            swept: begin,
            second_sweep: false,
            lost_records: false,
            lost_events: 0,
            faulty: true,
            project_mark: 0,
            happened: BTreeMap::new(),
            faults: 0,
            steps: 0,
            print: 0,
            told: tell.then(Vec::new),
            findings,
            plan: plan.clone(),
            stage,
        };
        world.furnish();
        world
    }

    /// Clients, catalogue, first stock.
    fn furnish(&mut self) {
        let clients =
            [(SHOP_KEY, "shop", ClientRole::Shop), (PARTNER_KEY, "partner", ClientRole::Partner)];
        for (key, client, role) in clients {
            let stored = ApiKey {
                id: client.to_owned(),
                client: client.to_owned(),
                role,
                hash: ids::digest(key.as_bytes()),
                created_at: self.stage.now(),
                revoked_at: None,
            };
            let row = api_key_row(&stored).unwrap();
            self.stage.now_or_never(self.stage.runtime.table.put_row(row)).unwrap();
        }
        if self.plan.listens {
            for client in LISTENING {
                let body = json!({ "url": "https://example.com/hook", "client": client });
                self.set("POST", "/v1/webhooks", body);
            }
        }
        // A card that is first agreed on while its customer's first order is taken in becomes a second
        // card beside that order's (`docs/simulation.md`, "What is not covered").
        if self.plan.intents.iter().any(|intent| matches!(intent.want, Want::Card { .. })) {
            for number in 0..CUSTOMERS {
                self.set("PUT", &format!("/v1/customers/c-{number}"), json!({}));
            }
        }
        let mut movements: Vec<Value> = Vec::new();
        for sku in self.plan.skus.clone() {
            let product = json!({ "name": sku, "prices": { "EUR": "10.00" }, "tax_rate": "0.21" });
            self.set("PUT", &format!("/v1/products/{sku}"), product);
            for warehouse in &self.plan.warehouses {
                if self.plan.stock > 0 {
                    movements.push(json!({ "sku": sku, "warehouse": warehouse, "type": "receipt",
                        "quantity": self.plan.stock, "reason": "first" }));
                }
            }
            let all = self.plan.stock * i64::try_from(self.plan.warehouses.len()).unwrap_or(0);
            self.model.stock.entry(sku).or_default().on_hand += all;
        }
        if !movements.is_empty() {
            self.set("POST", "/v1/stock/movements", json!({ "movements": movements }));
        }
    }

    fn set(&mut self, method: &'static str, path: &str, body: Value) {
        let answer = self.ask_now(method, path, body);
        assert!(answer.status < 300, "{path}: {answer:?}");
        self.look();
    }

    /// Asks outside of everything that is scheduled.
    pub(crate) fn ask_now(
        &self,
        method: &'static str,
        path: &str,
        body: Value,
    ) -> ordermill_world::Answer {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let key = format!("set-{}", ids::digest(format!("{path} {text}").as_bytes()));
        let headers = [("authorization", "Bearer local-admin"), ("idempotency-key", key.as_str())];
        let event = ordermill_world::event(method, path, &text, &headers);
        let bare = path.split('?').next().unwrap_or(path);
        self.stage.now_or_never(ordermill_world::answer(&self.stage.runtime, method, bare, event))
    }

    fn tell(&mut self, what: impl FnOnce() -> String) {
        if let Some(told) = &mut self.told {
            let now = self.stage.now().to_string();
            told.push(format!("{now} {}", what()));
        }
    }

    fn found(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            self.tell(|| format!("FOUND {}: {} {}", finding.code, finding.about, finding.detail));
            self.findings.push(finding);
        }
    }

    /// Whether this fault happens now.
    fn happens(&mut self, fault: Fault) -> bool {
        let rate = self.plan.rate(fault);
        if !self.faulty || !self.dice.chance(rate) || self.faults >= self.plan.faults_max {
            return false;
        }
        self.faults += 1;
        *self.happened.entry(fault).or_default() += 1;
        true
    }

    /// Judges what was committed since the last look.
    fn look(&mut self) {
        loop {
            let records = self.stage.records(self.seen.position(), 500);
            if records.is_empty() {
                break;
            }
            let findings = self.seen.commit(&records);
            self.found(findings);
        }
        for passed in self.stage.gates.passed() {
            self.mix(&passed);
            if passed.service == Service::DynamoDb {
                self.index.saw(&passed);
            }
            let found = self.posts.saw(&passed);
            self.found(found);
            let is_message = matches!(passed.service, Service::Ses | Service::Sns);
            if is_message && passed.done && self.happens(Fault::Bounced) {
                self.bounced(&passed);
            }
        }
    }

    /// The provider of a message says later that it did not arrive.
    fn bounced(&mut self, passed: &Passed) {
        let Some(said) = crate::bounces::came_back(passed, &mut self.dice) else { return };
        let later = u32::try_from(self.dice.range(0, 600)).ok();
        self.tell(|| format!("later a provider will say: {said}"));
        let message =
            Message { body: said.to_string(), delay_seconds: later, ..Message::default() };
        let _ = self.stage.services.queues().send(&queue_name(Queue::Feedback), message);
    }

    fn mix(&mut self, passed: &Passed) {
        let size = u64::try_from(passed.body.len() + passed.answer.len()).unwrap_or(0);
        for part in [passed.task, u64::try_from(passed.operation.len()).unwrap_or(0), size] {
            self.print = (self.print ^ part).wrapping_mul(0x100_0000_01b3);
        }
    }

    // ------------------------------------------------------------------ the life of a world

    fn live(&mut self) {
        let wanted = |world: &Self| world.next_intent < world.plan.intents.len();
        while self.findings.is_empty() && wanted(self) && self.steps < LIVELY_MAX {
            if !self.step() && !self.hop(None) {
                break;
            }
        }
        self.come_to_rest();
        if self.findings.is_empty() {
            let found = checks::at_rest(self);
            self.found(found);
        }
    }

    /// Faults are off: what was asked is answered, what is owed is done, and then nothing moves.
    fn come_to_rest(&mut self) {
        self.faulty = false;
        self.sweep_at = None;
        let unheard = self.stage.hooks.mend();
        if unheard > 0 {
            self.happened.insert(Fault::HookFails, unheard);
        }
        self.drain();
        self.redrive(true);
        self.drain();
        if self.lost_records {
            self.tell(|| "repair".to_owned());
            let task = self.stage.repair();
            self.poll(task);
            self.drain();
        }
        // Money that found no order is looked at more and more seldom; its order may be there by now.
        let unmatched = self.seen.due.iter().filter(|(row, _)| row.starts_with("U#"));
        let looked_at = unmatched.map(|(_, due)| due.plus(Seconds::hours(1))).max();
        let until = self.stage.now().plus(self.plan.long_after);
        let until = looked_at.map_or(until, |at| until.max(at));
        while self.findings.is_empty() {
            if !self.step() && !self.hop(Some(until)) {
                break;
            }
        }
        self.redrive(true);
        self.drain();
    }

    fn drain(&mut self) {
        while self.findings.is_empty() && self.step() {}
    }

    /// Something happens; false where nothing can happen before time passes.
    fn step(&mut self) -> bool {
        let now = self.stage.now();
        let mut possible: Vec<(u64, Step)> = Vec::new();
        let tasks: Vec<TaskId> = self.stage.tasks.keys().copied().collect();
        possible.extend(tasks.iter().map(|task| (6, Step::Open(*task))));
        if tasks.len() < TASKS_MAX {
            for (place, ask) in self.asks.iter().enumerate() {
                if ask.at <= now {
                    possible.push((3, Step::Ask(place)));
                }
            }
            let wanted = self.next_intent < self.plan.intents.len();
            if wanted && self.intent_at <= now && self.faulty {
                possible.push((3, Step::Want));
            }
            for queue in Queue::ALL {
                let busy = self.stage.tasks.values().filter(
                    |task| matches!(&task.work, Work::Batch { queue: of, .. } if *of == queue),
                );
                if busy.count() < queue.limits().concurrency_max && self.stage.visible(queue) > 0 {
                    possible.push((4, Step::Deliver(queue)));
                }
            }
            for reader in [Reader::Relay, Reader::Project] {
                let busy = self.stage.tasks.values().any(|task| {
                    matches!(&task.work, Work::Records { reader: of, stray: false, .. } if *of == reader)
                });
                if !busy && self.stage.unread(reader) {
                    possible.push((4, Step::Read(reader)));
                }
            }
            let sweeps = self.stage.tasks.values().filter(|t| matches!(t.work, Work::Sweep));
            let sweeps = sweeps.count();
            let sweeping = sweeps >= 2 || sweeps == 1 && !self.second_sweep;
            if !sweeping && self.sweep_time().is_some_and(|at| at <= now) {
                possible.push((3, Step::Sweep));
            }
        }
        if possible.is_empty() {
            return false;
        }
        self.steps += 1;
        if self.steps > LIVELY_MAX + REST_MAX {
            let what = format!("after {REST_MAX} steps: {}", self.under_way());
            self.found(vec![Finding::new("no_rest", "the world", what)]);
            return false;
        }
        if self.dice.chance(200) {
            let milliseconds = self.dice.range(1, 40);
            self.stage.tick(milliseconds);
        }
        if self.happens(Fault::Killed) {
            self.kill();
            return true;
        }
        if !tasks.is_empty() && self.happens(Fault::ClockJumps) {
            let by = Seconds(self.dice.range(10, 400));
            self.tell(|| format!("the clock jumps by {by}"));
            self.stage.set_clock(now.plus(by));
        }
        match self.dice.weighted(&possible) {
            Step::Open(task) => self.open(task),
            Step::Ask(place) => {
                let ask = self.asks.remove(place);
                self.ask(ask);
            }
            Step::Want => self.want(),
            Step::Deliver(queue) => self.deliver(queue),
            Step::Read(reader) => self.read(reader),
            Step::Sweep => {
                self.tell(|| "sweep".to_owned());
                // A second one finds the same due, and begins before the first has come far.
                self.second_sweep = !self.second_sweep && self.happens(Fault::SweepTwice);
                if !self.second_sweep {
                    self.sweep_at = None;
                }
                self.swept = now;
                let task = self.stage.sweep();
                self.poll(task);
            }
        }
        true
    }

    fn under_way(&self) -> String {
        let queues: Vec<String> =
            Queue::ALL.iter().map(|q| format!("{} {}", q.name(), self.stage.visible(*q))).collect();
        let tasks: Vec<&str> = self.stage.tasks.values().map(|task| task.work.name()).collect();
        format!("{} · {} · {} asks", queues.join(", "), tasks.join(", "), self.asks.len())
    }

    /// When the sweep runs next, if anything is due ever.
    fn sweep_time(&mut self) -> Option<Timestamp> {
        let due = self.seen.due.values().min().copied()?;
        if let Some((at, of)) = self.sweep_at
            && of <= due
        {
            return Some(at);
        }
        let every = if self.faulty { SWEEP_EVERY } else { SWEEP_EVERY_AT_REST };
        let mut at = due.max(self.swept.plus(every));
        if self.happens(Fault::SweepLate) {
            at = at.plus(Seconds::minutes(self.dice.range(1, 600)));
        }
        self.sweep_at = Some((at, due));
        Some(at)
    }

    /// Time passes until something can happen; false where nothing will, or not before `until`.
    fn hop(&mut self, until: Option<Timestamp>) -> bool {
        let wanted = self.faulty && self.next_intent < self.plan.intents.len();
        let moments = [
            wanted.then_some(self.intent_at),
            self.asks.iter().map(|ask| ask.at).min(),
            self.stage.next_message(),
            self.sweep_time(),
        ];
        let Some(next) = moments.into_iter().flatten().min() else { return false };
        if until.is_some_and(|until| next > until) {
            self.stage.set_clock(until.unwrap_or(next));
            return false;
        }
        if next > self.stage.now() {
            self.stage.set_clock(next);
        } else {
            // It was due, and could not be done for want of room.
            self.stage.tick(1_000);
        }
        true
    }

    // ------------------------------------------------------------------ requests of tasks

    /// A task's request is let through, or something happens to it.
    fn open(&mut self, id: TaskId) {
        let gates = self.stage.gates.of(id);
        let Some(gate) = self.dice.one(&gates).copied() else {
            let name = self.stage.tasks.get(&id).map_or("?", |task| task.work.name());
            let what = format!("{name} waits for nothing that anybody does");
            self.found(vec![Finding::new("hangs", name, what)]);
            self.stage.take(id);
            return;
        };
        let Some(waiting) = self.stage.gates.look(gate) else { return };
        if self.happens(Fault::DiesBefore) {
            self.dies(id, &waiting, "dies before");
            return;
        }
        let fate = self.fate(&waiting);
        if self.told.is_some() {
            let name = self.stage.tasks.get(&id).map_or("?", |task| task.work.name());
            let line = format!("  {name}#{id} {} {}", waiting.operation, told(&waiting, &fate));
            self.tell(|| line);
        }
        let hurt = !matches!(fate, Fate::Done | Fate::Stale(_));
        let dies = matches!(fate, Fate::DiesAfter);
        if hurt {
            self.posts.hurt(id);
        }
        self.stage.gates.open(gate, fate);
        self.poll(id);
        if dies && self.stage.tasks.contains_key(&id) {
            self.dies(id, &waiting, "dies after");
        }
    }

    fn fate(&mut self, waiting: &Waiting) -> Fate {
        let Some(service) = waiting.service else { return Fate::Done };
        if self.happens(Fault::Throttled) {
            return Fate::Answered(throttled(service));
        }
        if waiting.operation == "TransactWriteItems" && self.happens(Fault::Conflict) {
            let actions = serde_json::from_slice::<Value>(&waiting.body)
                .ok()
                .and_then(|body| Some(body["TransactItems"].as_array()?.len()))
                .unwrap_or(1);
            let culprit = self.dice.index(actions);
            let mut codes = vec!["None"; actions];
            codes[culprit] = "TransactionConflict";
            return Fate::Answered(Response::transaction_cancelled(&codes));
        }
        if self.happens(Fault::RequestLost) {
            return Fate::LostBefore;
        }
        if self.happens(Fault::AnswerLost) {
            return Fate::LostAfter;
        }
        if self.happens(Fault::DiesAfter) {
            return Fate::DiesAfter;
        }
        match service {
            Service::Ses if self.happens(Fault::MailRefused) => {
                let what = "The address is not accepted.";
                Fate::Answered(Response::rest_error(400, "MessageRejected", what))
            }
            Service::Sns if self.happens(Fault::SmsRefused) => {
                Fate::Answered(Response::xml_error(400, "InvalidParameter", "PhoneNumber"))
            }
            Service::Sqs if waiting.operation == "SendMessageBatch" => {
                if self.happens(Fault::PartlyRefused) {
                    self.stage.services.queues().refuse_entries(1);
                }
                Fate::Done
            }
            Service::DynamoDb if self.index.may_be_stale(&waiting.body) => {
                match self.index.older(&waiting.body) {
                    Some(older) if self.happens(Fault::StaleIndex) => Fate::Stale(older),
                    Some(_) | None => Fate::Done,
                }
            }
            Service::DynamoDb | Service::Ses | Service::Sns | Service::Sqs => Fate::Done,
        }
    }

    /// A call ends without having come to its end.
    fn dies(&mut self, id: TaskId, waiting: &Waiting, how: &str) {
        self.posts.hurt(id);
        self.posts.ended(id, self.stage.newest_task());
        let Some(task) = self.stage.take(id) else { return };
        self.tell(|| format!("  {}#{id} {how} {}", task.work.name(), waiting.operation));
        if let Work::Request(number) = task.work {
            self.ask_again(number);
        }
    }

    /// Lets a task run on; takes in its end.
    fn poll(&mut self, id: TaskId) {
        let end = self.stage.poll(id);
        self.look();
        let Some(end) = end else { return };
        let Some(Task { work, .. }) = self.stage.take(id) else { return };
        self.posts.ended(id, self.stage.newest_task());
        match (work, end) {
            (Work::Batch { queue, messages }, End::Batch(response)) => {
                self.batch_done(queue, &messages, &response);
            }
            (Work::Records { reader, last, stray, .. }, End::Records(done)) => {
                if !done {
                    self.tell(|| format!("{reader:?} goes back"));
                } else if !stray {
                    if self.happens(Fault::StreamTwice) {
                        self.tell(|| format!("{reader:?} gets the same batch again"));
                    } else {
                        self.stage.advance(reader, last);
                    }
                }
            }
            (Work::Request(number), End::Answer(answer)) => self.request_done(number, &answer),
            (Work::Repair, End::Repaired(outcome)) => match outcome {
                Ok(lost) => self.lost_events += lost,
                Err(error) => self.found(vec![Finding::new("repair_fails", "repair", error)]),
            },
            (_, _) => {}
        }
    }

    // ------------------------------------------------------------------ queues

    fn deliver(&mut self, queue: Queue) {
        if self.happens(Fault::Poison) {
            let body = *self.dice.one(&POISON).unwrap();
            let message = Message { body: body.to_owned(), ..Message::default() };
            let _ = self.stage.services.queues().send(&queue_name(queue), message);
        }
        let most = self.dice.index(queue.limits().batch_messages_max) + 1;
        let most = if self.dice.chance(600) { queue.limits().batch_messages_max } else { most };
        // So that those who are in a hurry meet.
        let most = if self.plan.rush && queue == Queue::Reserve { 1 + most % 2 } else { most };
        let mut messages = self.stage.receive(queue, most);
        if messages.len() > 1 && self.happens(Fault::Reordered) {
            self.dice.shuffle(&mut messages);
            let keep = self.dice.index(messages.len()) + 1;
            for message in messages.split_off(keep) {
                let hidden = Seconds(self.dice.range(0, 5));
                self.stage.release(queue, &message, hidden);
            }
        }
        let mut kept: Vec<Received> = Vec::new();
        for message in messages {
            if self.happens(Fault::Delayed) {
                let hidden = Seconds(self.dice.range(1, 900));
                self.tell(|| format!("{}: a message is late by {hidden}", queue.name()));
                self.stage.release(queue, &message, hidden);
            } else if self.happens(Fault::Dropped) {
                self.tell(|| format!("{}: a message is taken by nobody", queue.name()));
            } else {
                kept.push(message);
            }
        }
        if kept.is_empty() {
            return;
        }
        if self.told.is_some() {
            let bodies: Vec<&str> = kept.iter().map(|m| &*m.body).collect();
            let line = format!("{} gets {}", queue.name(), bodies.join(" "));
            self.tell(|| line);
        }
        let task = self.stage.call(queue, kept);
        self.poll(task);
    }

    fn batch_done(&mut self, queue: Queue, messages: &[Received], response: &SqsBatchResponse) {
        let failed: BTreeSet<&str> =
            response.batch_item_failures.iter().map(|f| f.item_identifier.as_str()).collect();
        for message in messages {
            if failed.contains(message.message_id.as_str()) {
                let hidden = Seconds(self.dice.range(1, 30));
                self.tell(|| format!("{}: goes back: {}", queue.name(), message.body));
                self.stage.release(queue, message, hidden);
            } else if self.happens(Fault::Duplicated) {
                self.tell(|| format!("{}: comes again: {}", queue.name(), message.body));
                let hidden = Seconds(self.dice.range(0, 60));
                self.stage.release(queue, message, hidden);
            } else {
                self.stage.delete(queue, message);
            }
        }
    }

    /// An operator has dead messages delivered again; those that nobody can read are thrown away.
    fn redrive(&mut self, all: bool) {
        for queue in Queue::ALL {
            let dead = format!("{}-dead", queue_name(queue));
            let queues = self.stage.services.queues();
            for message in queues.receive(&dead, 1_000).unwrap_or_default() {
                if POISON.contains(&&*message.body) {
                    let _ = queues.delete(&dead, &message.receipt);
                } else if all && self.faulty {
                    let _ = queues.release(&dead, &message.receipt, 0);
                }
            }
            let count = queues.redrive(&queue_name(queue)).unwrap_or(0);
            if count > 0 {
                self.tell(|| format!("{count} dead messages of {} are tried again", queue.name()));
            }
        }
    }

    // ------------------------------------------------------------------ the stream

    fn read(&mut self, reader: Reader) {
        if self.happens(Fault::StreamRewound) {
            let at = self.stage.position(reader);
            let back = u64::try_from(self.dice.range(1, 60)).unwrap_or(1);
            self.tell(|| format!("{reader:?} goes on from an older mark, {back} back"));
            self.stage.rewind(reader, at.saturating_sub(back));
        }
        let many = self.dice.chance(500);
        let most = if many { 100 } else { self.dice.index(12) + 1 };
        let mut records = self.stage.records(self.stage.position(reader), most);
        if self.happens(Fault::StreamLost) {
            let place = self.dice.index(records.len());
            if place < records.len() {
                let lost = records.remove(place);
                self.lost_records = true;
                self.tell(|| format!("{reader:?} loses record {} {}", lost.sequence, lost.keys));
                if records.is_empty() {
                    self.stage.advance(reader, lost.sequence);
                    return;
                }
            }
        }
        let stray = self.happens(Fault::StreamStray);
        if self.told.is_some() {
            let rows: Vec<String> = records.iter().map(|r| r.keys["pk"]["S"].to_string()).collect();
            let line = format!("{reader:?} reads {}", rows.join(" "));
            self.tell(|| line);
        }
        if let Some(task) = self.stage.hand_over(reader, &records, stray) {
            self.poll(task);
        }
    }

    fn kill(&mut self) {
        let low = self.stage.low_water();
        let relay = if self.dice.chance(500) { low } else { self.dice.below(low + 1) };
        let project = self.stage.position(Reader::Project);
        let project = if self.dice.chance(500) { project } else { self.dice.below(project + 1) };
        self.project_mark = project;
        self.tell(|| format!("the process dies; relay goes on at {relay}, project at {project}"));
        let dead: Vec<TaskId> = self.stage.tasks.keys().copied().collect();
        for id in dead {
            self.posts.hurt(id);
            if let Some(Task { work: Work::Request(number), .. }) = self.stage.take(id) {
                self.ask_again(number);
            }
        }
        self.stage.kill(relay, project);
    }
}

fn throttled(service: Service) -> Response {
    match service {
        Service::DynamoDb => Response::throttled(),
        Service::Sqs => Response::internal_failure(),
        Service::Ses => Response::rest_error(429, "TooManyRequestsException", "Too fast."),
        Service::Sns => Response::xml_error(400, "Throttling", "Rate exceeded"),
    }
}

/// What a request is about, and what becomes of it, for the timeline.
fn told(waiting: &Waiting, fate: &Fate) -> String {
    let fate = match fate {
        Fate::Done => "",
        Fate::Answered(_) => " is refused",
        Fate::LostBefore => " is lost on the way",
        Fate::LostAfter => " is done and its answer lost",
        Fate::DiesAfter => " is done and the caller dies",
        Fate::Stale(_) => " gets an older answer",
    };
    let text = String::from_utf8_lossy(&waiting.body);
    let mut rows: Vec<&str> = Vec::new();
    for part in text.split("\"pk\":{\"S\":\"").skip(1) {
        let row = part.split('"').next().unwrap_or_default();
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    format!("{}{fate}", rows.join(" "))
}
