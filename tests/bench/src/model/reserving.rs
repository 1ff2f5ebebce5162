//! Many instances of `reserve` on one queue, under the model: by group commit, and with one
//! transaction an order.

use crate::load::Dice;
use crate::model::limits::{Incidents, Limits};
use crate::model::time::VirtualTime;
use ordermill_embedded::Queues;
use ordermill_runtime::Queue;
use ordermill_world::{World, findings};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// SKUs beside the hot one.
const WIDE: usize = 1_000;
const HOT: &str = "HOT-1";
/// What the service takes to hand a batch to an instance.
const INVOCATION: Duration = Duration::from_millis(10);

/// How orders are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Many orders in one transaction, as `reserve` does.
    Group,
    /// One transaction an order, as most systems do.
    OneByOne,
}

/// One point of the experiment.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// How orders are written.
    pub way: Way,
    /// Instances at once.
    pub instances: usize,
    /// Of a hundred orders, how many are for the one hot SKU.
    pub hot_percent: usize,
}

/// What came out.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Orders reserved in a second of virtual time.
    pub orders_per_second: f64,
    /// What happened on the way.
    pub incidents: Incidents,
}

/// A shop with stock for everybody.
pub struct Ground {
    world: World,
    placed: usize,
}

impl Ground {
    /// A new one.
    pub async fn new() -> Self {
        let mut world = World::new().await;
        let plenty = 10_000_000;
        for number in 0..WIDE {
            world.stock(&format!("SKU-{number}"), "VNO", plenty).await;
        }
        world.stock(HOT, "VNO", plenty).await;
        Self { world, placed: 0 }
    }

    /// Places so many orders of one line, has them validated, and lets the instances reserve them.
    ///
    /// # Panics
    /// An order was not reserved, or the audit has findings.
    pub async fn measure(&mut self, point: Point, orders: usize) -> Outcome {
        let mut dice = Dice::new(5);
        let mut ids = Vec::with_capacity(orders);
        for number in 0..orders {
            let is_hot = number * point.hot_percent / 100 != (number + 1) * point.hot_percent / 100;
            let wide = format!("SKU-{}", dice.below(WIDE));
            let sku = if is_hot { HOT } else { &wide };
            self.placed += 1;
            let mut body = World::order_body(&format!("m-{}", self.placed), &[(sku, 1)]);
            body["customer"]["email"] = json!(format!("m{}@example.com", self.placed));
            ids.push(self.world.place(body).await);
        }
        while self.world.relay().await > 0 {}
        while self.world.work(Queue::Validate).await > 0 {}
        while self.world.relay().await > 0 {}
        let time = VirtualTime::default();
        let limits = Arc::new(Limits::new(&time));
        let sleeping = time.clone();
        let runtime = self
            .world
            .runtime_through(limits.clone())
            .with_sleep(Arc::new(move |ms| Box::pin(sleeping.sleep(Duration::from_millis(ms)))));
        let world = &self.world;
        let instances = (0..point.instances).map(|_| {
            let (time, runtime) = (&time, &runtime);
            let task: std::pin::Pin<Box<dyn Future<Output = ()> + '_>> = Box::pin(async move {
                while let Some((name, messages)) = batch(world, point.way) {
                    time.sleep(INVOCATION).await;
                    let event = Queues::lambda_event(&name, &messages);
                    let answer = ordermill_reserve::handle(runtime, event).await;
                    for message in &messages {
                        let failed = answer
                            .batch_item_failures
                            .iter()
                            .any(|failure| failure.item_identifier == message.message_id);
                        let queues = world.services.queues();
                        if failed {
                            queues.release(&name, &message.receipt, 0).unwrap();
                        } else {
                            queues.delete(&name, &message.receipt).unwrap();
                        }
                    }
                }
            });
            task
        });
        time.run(instances.collect()).await;
        for id in &ids {
            assert_eq!(self.world.status(id).await, "awaiting_payment");
        }
        // What follows is not this experiment's.
        self.world.skip_stream();
        Outcome {
            orders_per_second: crate::figures::per_second(orders, time.now()),
            incidents: limits.incidents(),
        }
    }

    /// Findings of the audit over all that was done.
    pub async fn audit_findings(&self) -> usize {
        findings(&self.world).await.len()
    }
}

/// The next messages for an instance; none when the queue is empty.
fn batch(world: &World, way: Way) -> Option<(String, Vec<ordermill_embedded::Received>)> {
    let name = format!("ordermill-{}", Queue::Reserve.name());
    let max = match way {
        Way::Group => Queue::Reserve.limits().batch_messages_max,
        Way::OneByOne => 1,
    };
    let messages = world.services.queues().receive(&name, max).unwrap();
    (!messages.is_empty()).then_some((name, messages))
}
