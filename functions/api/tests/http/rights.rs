//! Every route and every role: who gets past the door.

use crate::support::Api;
use ordermill_api::{Access, COMMANDS, ROUTES};
use ordermill_table::records::ClientRole;
use serde_json::{Value, json};

const ROLES: [ClientRole; 5] = [
    ClientRole::Shop,
    ClientRole::Partner,
    ClientRole::Manager,
    ClientRole::Planner,
    ClientRole::Admin,
];

/// The path with something in place of each parameter.
fn path_of(pattern: &str) -> String {
    let part = |part: &str| match part {
        "{act}" => "pause".to_owned(),
        part if part.starts_with('{') => "none".to_owned(),
        part => part.to_owned(),
    };
    pattern.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn each_route_lets_in_the_roles_of_the_table_and_nobody_else() {
    let api = Api::new().await;
    let mut keys = Vec::new();
    for role in ROLES {
        keys.push((role, api.key("somebody", role).await));
    }
    for route in ROUTES {
        let path = path_of(route.path);
        let Access::Key(roles) = route.access else { continue };
        let none = api.ask(route.method, &path, &[], Some(&json!("no object"))).await.is(401);
        assert_eq!(none.header("www-authenticate"), "Bearer", "{}", route.path);
        let wrong = format!("om_abc_{}", "0".repeat(64));
        api.with_key(route.method, &path, &wrong, Value::Null).await.is(401);
        for (role, key) in &keys {
            let answer = api.with_key(route.method, &path, key, json!("no object")).await;
            let let_in = answer.status != 403;
            let about = format!("{} {} as {role:?}: {}", route.method, route.path, answer.status);
            assert_eq!(let_in, roles.contains(role), "{about}");
            assert!(answer.status != 500 && answer.status != 503, "{about}");
        }
    }
}

#[tokio::test]
async fn each_command_lets_in_the_roles_of_the_table_and_of_the_policy() {
    let api = Api::new().await;
    let mut text = String::new();
    for role in ROLES {
        let key = api.key("somebody", role).await;
        let maker = api.key("somebody", ClientRole::Partner).await;
        let id = api.order(&maker, &format!("{role:?}")).await;
        for command in COMMANDS {
            let path = format!("/v1/orders/{id}/{}", command.name);
            let answer = api.with_key("POST", &path, &key, json!({ "nonsense": true })).await;
            match answer.status {
                403 => text.push_str(&format!("{role:?} {}\n", command.name)),
                400 | 422 => {}
                other => panic!("{role:?} {}: {other}", command.name),
            }
            let shut_out = !command.roles.contains(&role);
            assert!(!shut_out || answer.status == 403, "{role:?} {}", command.name);
        }
    }
    // In `webshop` customers and partners may only cancel, and planners move nothing.
    let outside = [
        "confirm", "approve", "pack", "complete", "archive", "reject", "hold", "release", "assign",
        "pick", "ship", "deliver", "return", "pay", "refund",
    ];
    for role in ["Shop", "Partner"] {
        for command in outside {
            let refused = text.contains(&format!("{role} {command}\n"));
            // No move of that name in the policy: a conflict for everybody, not a right.
            assert!(refused || command == "archive", "{role} {command}");
        }
        assert!(!text.contains(&format!("{role} cancel\n")));
        assert!(!text.contains(&format!("{role} comment\n")));
    }
    assert!(!text.contains("Admin") && !text.contains("Manager"), "{text}");
}

#[tokio::test]
async fn a_known_path_names_its_methods() {
    let api = Api::new().await;
    let answer = api.ask("DELETE", "/v1/orders", &[], None).await.is(405);
    assert_eq!(answer.header("allow"), "GET, POST");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    api.ask("GET", "/v1/nothing", &[], None).await.is(404);
}
