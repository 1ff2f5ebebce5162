//! What validation asks of the table: as much for a shop with one article as for one with hundreds, and as
//! much for an order of one line as for one of twenty.

#![allow(clippy::unwrap_used, reason = "a world that cannot be set up is broken")]

use ordermill_runtime::Queue;
use ordermill_world::World;
use serde_json::json;

/// The requests of the step, in a shop with so many articles, for an order of so many lines.
async fn asked(articles: usize, lines: usize) -> Vec<String> {
    let mut world = World::new().await;
    for number in 0..articles {
        let product = json!({ "name": "Tea", "prices": { "EUR": "10.00" }, "tax_rate": "0.21" });
        let made = world.request("PUT", &format!("/v1/products/A-{number}"), product).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    world.settle().await;
    let skus: Vec<String> = (0..lines).map(|number| format!("A-{number}")).collect();
    let wanted: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    let order = world.place(World::order_body("w-1", &wanted)).await;
    world.publish().await;
    world.faults.arm(None);
    assert_eq!(world.work(Queue::Validate).await, 1);
    let operations = world.faults.operations();
    assert_eq!(world.status(&order).await, "validated");
    operations
}

#[tokio::test]
async fn validation_asks_as_much_whatever_the_number_of_products() {
    let small = asked(1, 1).await;
    println!("validate: {}", small.join(", "));
    assert_eq!(
        small.iter().filter(|name| name.contains("Put") || name.contains("Write")).count(),
        1
    );
    assert_eq!(asked(300, 1).await, small);
    assert_eq!(asked(300, 20).await, small);
}
