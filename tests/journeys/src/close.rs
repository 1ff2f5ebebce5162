//! The end of every journey: the whole shop is looked over.

use crate::Shop;
use ordermill_local::check::audit::audit;
use serde_json::Value;
use std::collections::BTreeSet;

impl Shop {
    /// Looks the whole shop over, then stops it and removes its folder.
    pub async fn close(self) {
        self.look_over().await;
        for queue in self.get("/_local/queues").await.as_array().unwrap() {
            assert_eq!(queue["dead"], 0, "{queue}");
        }
        self.stop().await;
    }

    /// Stops it and removes its folder.
    pub async fn stop(self) {
        self.running.stop().await;
        std::fs::remove_dir_all(&self.folder).unwrap();
    }

    /// Nothing is lost and nothing is doubled.
    pub async fn look_over(&self) {
        self.settle().await;
        for order in self.list("/v1/orders").await {
            self.no_gap(&order).await;
        }
        self.no_message_twice().await;
        let report = audit(&self.running.site().ground().runtime, |_| {}).await.unwrap();
        assert!(report.is_clean(), "{}: {:?}", report.verdict(), report.findings);
        assert_eq!(report.behind, 0, "histories are behind");
    }

    /// One event for each version from 1, and each status begins where the one before ended.
    async fn no_gap(&self, order: &Value) {
        let id = order["id"].as_str().unwrap();
        let history = self.list(&format!("/v1/orders/{id}/history")).await;
        let versions: Vec<u64> = history.iter().map(|e| e["version"].as_u64().unwrap()).collect();
        let whole: Vec<u64> = (1..=order["version"].as_u64().unwrap()).collect();
        assert_eq!(versions, whole, "the history of {id} has a gap");
        let mut status = Value::Null;
        for event in history.iter().filter(|event| !event["to"].is_null()) {
            assert_eq!(event["from"], status, "the history of {id} jumps: {event}");
            status = event["to"].clone();
        }
        assert_eq!(status, order["status"], "the history of {id} ends elsewhere");
    }

    async fn no_message_twice(&self) {
        let mut seen = BTreeSet::new();
        for message in self.messages().await {
            let of =
                ["order", "event", "channel", "to", "audience"].map(|n| message[n].to_string());
            assert!(seen.insert(of), "sent twice: {message}");
        }
    }
}
