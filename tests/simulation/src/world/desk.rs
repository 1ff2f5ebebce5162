//! Where people's wants become requests, and requests come back answered.

use super::{ATTEMPTS_MAX, PATIENCE_MAX, World};
use crate::callers::{Means, Proof, Request};
use crate::model::Next;
use crate::observer::Finding;
use crate::plan::{Fault, Want};
use crate::wants::Asking;
use ordermill_domain::policy::Phase;
use ordermill_domain::time::Seconds;

impl World {
    pub(super) fn want(&mut self) {
        let intent = self.plan.intents[self.next_intent].clone();
        if self.is_too_early(&intent) {
            self.patience += 1;
            self.intent_at = self.stage.now().plus(Seconds::minutes(self.dice.range(1, 9)));
            return;
        }
        self.patience = 0;
        self.next_intent += 1;
        if let Some(next) = self.plan.intents.get(self.next_intent) {
            self.intent_at = self.stage.now().plus(next.after);
        }
        if intent.want == Want::Redrive {
            self.redrive(false);
            return;
        }
        let now = self.stage.now();
        let mut asking = Asking { plan: &self.plan, model: &mut self.model, seen: &self.seen, now };
        let requests = asking.requests(&intent);
        for mut request in requests {
            self.tell(|| format!("wanted: {}", request.words));
            let of_provider = matches!(request.proof, Proof::Generic(_) | Proof::Stripe);
            if of_provider && self.happens(Fault::ProviderLate) {
                request.at = request.at.plus(Seconds(self.dice.range(1, 7_200)));
            }
            let again = if of_provider {
                self.happens(Fault::ProviderRepeats)
            } else {
                self.happens(Fault::Echo)
            };
            if again {
                let later = if of_provider { self.dice.range(0, 3_600) } else { 0 };
                let mut echo = request.clone();
                echo.is_echo = true;
                echo.at = request.at.plus(Seconds(later));
                self.asks.push(echo);
            }
            self.asks.push(request);
        }
    }

    /// Whether it is about an order that nobody knows yet, or that is just being taken in: people wait
    /// for that mostly, some minutes at a time.
    fn is_too_early(&mut self, intent: &crate::plan::Intent) -> bool {
        let of_order = match intent.want {
            Want::Act { .. }
            | Want::Edit { .. }
            | Want::Propose { .. }
            | Want::Find { .. }
            | Want::Split { .. } => true,
            Want::Order { .. }
            | Want::Pay { .. }
            | Want::Reply { .. }
            | Want::Delete { .. }
            | Want::Stock
            | Want::Subscribe { .. }
            | Want::Subscription { .. }
            | Want::Card { .. }
            | Want::Redrive => false,
        };
        let Some(place) = intent.want.place().filter(|_| of_order) else { return false };
        let id = self.model.orders.get(&place).and_then(|order| order.id.as_ref());
        let known = id.and_then(|id| self.seen.orders.get(id));
        let early = known.is_none_or(|known| {
            matches!(known.order.phase, Phase::Intake | Phase::Supply)
                && known.order.lines.iter().any(|line| !line.unallocated().is_zero())
        });
        early && self.patience < PATIENCE_MAX && self.dice.chance(800)
    }

    pub(super) fn ask(&mut self, mut request: Request) {
        request.attempts += 1;
        let number = self.requests;
        self.requests += 1;
        self.tell(|| format!("asked ({}): {}", request.attempts, request.words));
        let task = self.stage.request(number, &request);
        self.asked.insert(number, request);
        self.poll(task);
    }

    pub(super) fn ask_again(&mut self, number: usize) {
        let Some(mut request) = self.asked.remove(&number) else { return };
        let wait = if request.attempts > 3 { 60 } else { 5 };
        request.at = self.stage.now().plus(Seconds(self.dice.range(0, wait)));
        if request.attempts > ATTEMPTS_MAX {
            // Comes back when faults are off.
            request.at = self.stage.now().plus(Seconds::hours(1));
            if request.attempts > 4 * ATTEMPTS_MAX {
                let found = Finding::new("never_answered", &request.words, "many attempts");
                self.found(vec![found]);
                return;
            }
        }
        self.asks.push(request);
    }

    pub(super) fn request_done(&mut self, number: usize, answer: &ordermill_world::Answer) {
        let Some(request) = self.asked.get(&number) else { return };
        let mut found = Vec::new();
        let next = self.model.answered(request, answer, &mut found);
        let line = format!("answered {} {}: {}", answer.status, answer.body["code"], request.words);
        if let (Means::Placed(place), 200..=202) = (&request.means, answer.status) {
            let line = format!("order {place} is {}", answer.body["id"]);
            self.tell(|| line);
        }
        self.tell(|| line);
        self.found(found);
        match next {
            Next::Done => {
                self.asked.remove(&number);
            }
            Next::Again => self.ask_again(number),
        }
    }
}
