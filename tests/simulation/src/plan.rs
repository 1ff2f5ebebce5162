//! What a world is made of: its faults, its shop, and what people will want. All of it follows
//! from the seed, and every intent has dice of its own, so that one can be left out and the others
//! stay what they are.

use crate::dice::Dice;
use ordermill_domain::time::Seconds;
use std::collections::BTreeMap;

/// Customers with a card.
pub const CUSTOMERS: usize = 2;
/// Wants of a small world.
const SMALL_INTENTS: usize = 12;
/// Orders of a small world, but where many are in a hurry.
const SMALL_ORDERS: usize = 2;
/// How long a small world goes on when everything is done.
const SMALL_AFTER: Seconds = Seconds::hours(3);

/// What can go wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fault {
    /// A service answers that it is overloaded; nothing is done.
    Throttled,
    /// A transaction meets another on the same row.
    Conflict,
    /// It is done, and the answer is lost.
    AnswerLost,
    /// It is lost on the way.
    RequestLost,
    /// The call dies before its request.
    DiesBefore,
    /// The call dies when its request is done.
    DiesAfter,
    /// The whole process dies.
    Killed,
    /// A message is delivered once more though it was dealt with.
    Duplicated,
    /// Messages overtake one another.
    Reordered,
    /// A message is late.
    Delayed,
    /// A message is taken by nobody, and comes back.
    Dropped,
    /// The clock jumps while calls are under way: their messages are delivered again.
    ClockJumps,
    /// A message that cannot be read.
    Poison,
    /// An index answers with an older state.
    StaleIndex,
    /// A batch of the stream is delivered twice.
    StreamTwice,
    /// A second instance goes on with a batch of the stream.
    StreamStray,
    /// A reader of the stream goes on from an older mark.
    StreamRewound,
    /// Records of the stream are lost: repair must find them.
    StreamLost,
    /// Some messages of a batch are refused by the queue.
    PartlyRefused,
    /// An e-mail is refused for good.
    MailRefused,
    /// An SMS is refused.
    SmsRefused,
    /// A caller asks the same twice at once.
    Echo,
    /// A provider tells its events again.
    ProviderRepeats,
    /// A provider tells its events late, and so out of order.
    ProviderLate,
    /// The sweep is late by hours.
    SweepLate,
    /// A client's program does not take a webhook.
    HookFails,
    /// A second sweep runs beside the first.
    SweepTwice,
    /// An e-mail or SMS that was taken does not arrive: its provider says so later.
    Bounced,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 28] = [
        Self::Throttled,
        Self::Conflict,
        Self::AnswerLost,
        Self::RequestLost,
        Self::DiesBefore,
        Self::DiesAfter,
        Self::Killed,
        Self::Duplicated,
        Self::Reordered,
        Self::Delayed,
        Self::Dropped,
        Self::ClockJumps,
        Self::Poison,
        Self::StaleIndex,
        Self::StreamTwice,
        Self::StreamStray,
        Self::StreamRewound,
        Self::StreamLost,
        Self::PartlyRefused,
        Self::MailRefused,
        Self::SmsRefused,
        Self::Echo,
        Self::ProviderRepeats,
        Self::ProviderLate,
        Self::SweepLate,
        Self::HookFails,
        Self::SweepTwice,
        Self::Bounced,
    ];

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> String {
        let mut name = String::new();
        for character in format!("{self:?}").chars() {
            if character.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(character.to_ascii_lowercase());
        }
        name
    }

    /// How often in a thousand chances, where it is switched on: seldom, often.
    fn rates(self) -> (u64, u64) {
        match self {
            // At each request.
            Self::Throttled
            | Self::Conflict
            | Self::AnswerLost
            | Self::RequestLost
            | Self::DiesBefore
            | Self::DiesAfter => (5, 40),
            Self::Killed => (1, 4),
            // At each message or batch.
            Self::Duplicated | Self::Reordered | Self::Delayed | Self::Dropped => (30, 250),
            Self::ClockJumps => (2, 10),
            Self::Poison => (5, 30),
            Self::StaleIndex => (100, 500),
            Self::StreamTwice | Self::StreamStray => (50, 250),
            Self::StreamRewound => (20, 100),
            Self::StreamLost => (10, 50),
            Self::PartlyRefused => (10, 60),
            Self::MailRefused | Self::SmsRefused => (50, 300),
            Self::Echo | Self::HookFails | Self::Bounced | Self::SweepTwice => (50, 300),
            Self::ProviderRepeats | Self::ProviderLate => (100, 400),
            Self::SweepLate => (200, 700),
        }
    }
}

/// Which lifecycle an order follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lifecycle {
    /// A preset.
    Preset(&'static str),
    /// The world's own.
    Own,
}

/// How somebody pays.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Paying {
    /// The whole open amount.
    Exactly,
    /// A part.
    Part,
    /// More than that.
    TooMuch,
    /// With another money.
    OtherCurrency,
    /// It does not come about.
    Fails,
    /// The provider could take it, and has not.
    Authorised,
    /// The payer calls it off.
    CalledOff,
    /// The provider gives money back.
    Refunded,
    /// The customer's bank disputes it, and keeps it in the end or gives it back.
    Disputed,
}

/// What somebody wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Want {
    /// An order.
    Order {
        /// Its place among the orders.
        place: usize,
        /// Money for it may come before it.
        paid_before: bool,
    },
    /// Something of an order.
    Act {
        /// Of which.
        place: usize,
    },
    /// To pay an order.
    Pay {
        /// Which.
        place: usize,
        /// How.
        how: Paying,
    },
    /// An order to say something else.
    Edit {
        /// Which.
        place: usize,
    },
    /// An edit that its customer must agree to.
    Propose {
        /// Of which order.
        place: usize,
    },
    /// To say that units of an order are missing, or have a defect.
    Find {
        /// Of which order.
        place: usize,
    },
    /// To answer what was asked by a link.
    Reply {
        /// About which order.
        place: usize,
    },
    /// An order that came to nothing to go.
    Delete {
        /// Which.
        place: usize,
    },
    /// Some of an order to be an order of its own.
    Split {
        /// Which.
        place: usize,
    },
    /// Goods to come in, to go, to be counted.
    Stock,
    /// A subscription.
    Subscribe {
        /// Its number.
        number: usize,
    },
    /// Something of a subscription.
    Subscription {
        /// Which.
        number: usize,
    },
    /// A customer's card to say something else: credit, rank.
    Card {
        /// Whose.
        number: usize,
    },
    /// An operator has dead messages delivered again.
    Redrive,
}

impl Want {
    /// The place of the order it is about.
    #[must_use]
    pub fn place(&self) -> Option<usize> {
        match self {
            Self::Order { place, .. }
            | Self::Act { place }
            | Self::Pay { place, .. }
            | Self::Edit { place }
            | Self::Propose { place }
            | Self::Find { place }
            | Self::Reply { place }
            | Self::Delete { place }
            | Self::Split { place } => Some(*place),
            Self::Stock
            | Self::Subscribe { .. }
            | Self::Subscription { .. }
            | Self::Card { .. }
            | Self::Redrive => None,
        }
    }

    /// It is about one of so many orders from now on.
    fn be_of_one_of(&mut self, orders: usize) {
        match self {
            Self::Act { place }
            | Self::Pay { place, .. }
            | Self::Edit { place }
            | Self::Propose { place }
            | Self::Find { place }
            | Self::Reply { place }
            | Self::Delete { place }
            | Self::Split { place } => *place %= orders,
            Self::Order { .. }
            | Self::Stock
            | Self::Subscribe { .. }
            | Self::Subscription { .. }
            | Self::Card { .. }
            | Self::Redrive => {}
        }
    }
}

/// Something that somebody will want at some time.
#[derive(Clone, Debug)]
pub struct Intent {
    /// Which; stays though others are left out.
    pub number: usize,
    /// How long after the one before.
    pub after: Seconds,
    /// What.
    pub want: Want,
}

impl Intent {
    /// Dice of its own.
    #[must_use]
    pub fn dice(&self, seed: u64) -> Dice {
        Dice::new(seed, 1_000 + u64::try_from(self.number).unwrap_or(0))
    }
}

/// A world that is not there yet.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// How often each fault, in a thousand chances.
    pub faults: BTreeMap<Fault, u64>,
    /// Articles.
    pub skus: Vec<String>,
    /// Warehouses.
    pub warehouses: Vec<String>,
    /// Units of each article at each warehouse at the beginning.
    pub stock: i64,
    /// The lifecycles of its orders.
    pub lifecycles: Vec<Lifecycle>,
    /// What people will want.
    pub intents: Vec<Intent>,
    /// How long it goes on when everything is done.
    pub long_after: Seconds,
    /// Faults that happen no more after so many.
    pub faults_max: u64,
    /// The shops' programs listen to what becomes of their orders.
    pub listens: bool,
    /// Many want the little that is there, at once, and each batch takes few of them.
    pub rush: bool,
    /// What pickers find is known to the last unit, and substitutes are offered: nobody takes units off
    /// while customers choose.
    pub exact_finds: bool,
}

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed, 1);
        let mut faults = BTreeMap::new();
        let calm = dice.chance(100);
        for fault in Fault::ALL {
            let (seldom, often) = fault.rates();
            let rate = dice.weighted(&[(3, 0), (2, seldom), (1, often)]);
            if rate > 0 && !calm {
                faults.insert(fault, rate);
            }
        }
        let names =
            |prefix: &str, count: i64| (1..=count).map(|n| format!("{prefix}{n}")).collect();
        let lifecycles = match dice.below(10) {
            0..=4 => vec![Lifecycle::Preset("webshop")],
            5 => vec![Lifecycle::Preset("wholesale")],
            6 => vec![Lifecycle::Preset("made_to_order")],
            7 => ["webshop", "wholesale", "made_to_order"].map(Lifecycle::Preset).to_vec(),
            _ => vec![Lifecycle::Own],
        };
        // Many want the little that is there, at once.
        let rush = dice.chance(150);
        let lifecycles = if rush { vec![Lifecycle::Preset("webshop")] } else { lifecycles };
        let skus: Vec<String> = names("SKU-", if rush { 1 } else { dice.range(1, 3) });
        let warehouses: Vec<String> = names("W", dice.range(1, if rush { 2 } else { 3 }));
        let stock = dice.weighted(&[(1, 0), (3, 4), (3, 12), (2, 200)]);
        let stock = if rush { dice.range(3, 6) } else { stock };
        let mut intents = intents(&mut dice, rush);
        let long_after =
            dice.weighted(&[(6, Seconds::hours(3)), (2, Seconds::days(3)), (1, Seconds::days(20))]);
        let listens = dice.chance(250);
        cards(&mut intents, &mut dice);
        let exact_finds = asks(&mut intents, &mut dice);
        Self {
            seed,
            faults,
            skus,
            warehouses,
            stock,
            lifecycles,
            intents,
            long_after,
            faults_max: u64::MAX,
            listens,
            rush,
            exact_finds,
        }
    }

    /// The same with few orders and the first wants of them only, and without the weeks after them.
    #[must_use]
    pub fn small(mut self) -> Self {
        if !self.rush {
            let too_many =
                |want: &Want| matches!(want, Want::Order { place, .. } if *place >= SMALL_ORDERS);
            self.intents.retain(|intent| !too_many(&intent.want));
            for intent in &mut self.intents {
                intent.want.be_of_one_of(SMALL_ORDERS);
            }
        }
        self.intents.truncate(SMALL_INTENTS);
        self.long_after = self.long_after.min(SMALL_AFTER);
        self
    }

    /// How often this fault is switched on for.
    #[must_use]
    pub fn rate(&self, fault: Fault) -> u64 {
        self.faults.get(&fault).copied().unwrap_or(0)
    }
}

/// What people will want, one after another.
fn intents(dice: &mut Dice, rush: bool) -> Vec<Intent> {
    let orders = if rush { 7 } else { dice.index(6) + 1 };
    let acts = dice.index(30) + 4;
    let mut wants: Vec<Want> = Vec::new();
    for place in 0..orders {
        wants.push(Want::Order { place, paid_before: dice.chance(80) });
    }
    for _ in 0..acts {
        let place = dice.index(orders);
        wants.push(match dice.below(24) {
            20 | 21 => Want::Edit { place },
            22 => Want::Split { place },
            0..=9 | 23 => Want::Act { place },
            10..=14 => {
                let how = dice.weighted(&[
                    (8, Paying::Exactly),
                    (3, Paying::Part),
                    (2, Paying::TooMuch),
                    (1, Paying::OtherCurrency),
                    (1, Paying::Fails),
                    (1, Paying::Authorised),
                    (1, Paying::CalledOff),
                    (1, Paying::Refunded),
                    (1, Paying::Disputed),
                ]);
                Want::Pay { place, how }
            }
            15..=17 => Want::Stock,
            18 => Want::Redrive,
            _ => Want::Subscribe { number: dice.index(2) },
        });
        if matches!(wants.last(), Some(Want::Subscribe { .. })) && dice.chance(500) {
            wants.pop();
            wants.push(Want::Subscription { number: dice.index(2) });
        }
    }
    // Orders early, but not all before everything else.
    let (mut early, mut late): (Vec<Want>, Vec<Want>) = (Vec::new(), Vec::new());
    for want in wants {
        let first = matches!(want, Want::Order { .. }) && (rush || dice.chance(700));
        if first { early.push(want) } else { late.push(want) }
    }
    dice.shuffle(&mut late);
    early.append(&mut late);
    let pace = if rush { 0 } else { dice.below(3) };
    early
        .into_iter()
        .enumerate()
        .map(|(number, want)| Intent { number, after: after(dice, pace), want })
        .collect()
}

/// Somebody changes a customer's card now and then, often before anybody orders.
fn cards(intents: &mut Vec<Intent>, dice: &mut Dice) {
    if !dice.chance(400) {
        return;
    }
    for _ in 0..dice.range(1, 3) {
        let place = if dice.chance(500) { 0 } else { dice.index(intents.len() + 1) };
        let want = Want::Card { number: dice.index(CUSTOMERS) };
        intents.insert(place, Intent { number: intents.len(), after: Seconds(0), want });
    }
}

/// In some worlds the customer of an order is asked: about an edit, about what a picker finds; and
/// answers, more than once, or too late. Says whether finds are known to the last unit.
fn asks(intents: &mut Vec<Intent>, dice: &mut Dice) -> bool {
    if !dice.chance(400) {
        return false;
    }
    let is_order = |intent: &Intent| matches!(intent.want, Want::Order { .. });
    let Some(at) = intents.iter().position(is_order) else { return false };
    let Some(place) = intents.get(at).and_then(|intent| intent.want.place()) else { return false };
    let exact = dice.chance(500);
    let mut wants = vec![Want::Pay { place, how: Paying::Exactly }];
    let often = dice.weighted(&[(2, 900), (1, 400)]);
    for (want, chance) in [
        (Want::Propose { place }, often),
        (Want::Reply { place }, 800),
        (Want::Reply { place }, 300),
        (Want::Pay { place, how: Paying::Exactly }, 600),
        (Want::Find { place }, often),
        (Want::Edit { place }, 300),
        (Want::Find { place }, 300),
        (Want::Reply { place }, 800),
        (Want::Reply { place }, 300),
        (Want::Act { place }, 600),
        (Want::Reply { place }, 200),
        (Want::Delete { place }, 400),
        (Want::Delete { place }, 900),
    ] {
        if dice.chance(chance) {
            wants.push(want);
        }
    }
    // Mostly at once; sometimes so late that the time is over.
    let pace = dice.below(3);
    for (after_order, want) in wants.into_iter().enumerate() {
        // An order is deleted some minutes after its last change at the earliest.
        let wait = if matches!(want, Want::Delete { .. }) {
            Seconds::minutes(dice.range(5, 90))
        } else {
            after(dice, pace)
        };
        let intent = Intent { number: intents.len(), after: wait, want };
        intents.insert(at + 1 + after_order, intent);
    }
    exact
}

/// How long people wait between two wants; a world has a pace.
fn after(dice: &mut Dice, pace: u64) -> Seconds {
    let kind = match pace {
        0 => dice.weighted(&[(12, 0), (2, 1), (1, 2)]),
        1 => dice.weighted(&[(6, 0), (3, 1), (3, 2), (2, 3), (1, 4)]),
        _ => dice.weighted(&[(3, 0), (3, 1), (4, 2), (3, 3), (2, 4), (1, 5)]),
    };
    match kind {
        0 => Seconds(0),
        1 => Seconds(dice.range(1, 59)),
        2 => Seconds::minutes(dice.range(1, 59)),
        3 => Seconds::hours(dice.range(1, 8)),
        4 => Seconds::days(dice.range(1, 3)),
        _ => Seconds::days(dice.range(10, 20)),
    }
}
