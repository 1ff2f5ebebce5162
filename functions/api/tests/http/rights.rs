//! Every route and every role: who gets past the door.

use crate::support::Api;
use ordermill_api::{Access, COMMANDS, Endpoint, ROUTES, Route};
use ordermill_table::records::ClientRole;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

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
        "pick", "ship", "deliver", "return", "pay", "refund", "task", "done", "contact",
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

/// What stands over the table.
const HEAD: &str = "\
# Who may what

Made by asking: every endpoint, without a key and with one of each role, about things that belong to another
client (`functions/api/tests/http/rights.rs`; `UPDATE_EXPECT=1` writes it anew). *yes*: the caller is let in. *own*: of
its own client's things; another's are answered like those that are not there. –: refused, without a key by 401,
else by 403, before the body is looked at. Commands are those of the policy `webshop`; other policies say for
themselves who may (`by` of their moves).
";

/// The things of a stranger that are asked for.
struct Things {
    order: String,
    subscription: String,
    /// Orders of the callers' own client.
    own: String,
}

/// The paths of a route, a word in place of `{command}` and `{act}`.
fn spelled(route: &Route) -> Vec<String> {
    let each = |words: Vec<&str>, parameter: &str| {
        words.into_iter().map(|word| route.path.replace(parameter, word)).collect()
    };
    match route.endpoint {
        Endpoint::OrderCommand => each(COMMANDS.iter().map(|c| c.name).collect(), "{command}"),
        Endpoint::SubscriptionAct => {
            each(vec!["skip", "pause", "resume", "change", "cancel"], "{act}")
        }
        _ => vec![route.path.to_owned()],
    }
}

/// The path about something that is there; the first of two orders is the stranger's.
fn about(pattern: &str, things: &Things, is_own: bool) -> String {
    let id = if pattern.starts_with("/v1/subscriptions") {
        &things.subscription
    } else if pattern.starts_with("/v1/orders") && is_own {
        &things.own
    } else {
        &things.order
    };
    path_of(&pattern.replace("{id}", id).replace("{sku}", "TEA-100"))
}

/// What the table says of one caller.
async fn asked(
    api: &Api,
    route: &Route,
    pattern: &str,
    key: &str,
    things: &Things,
) -> &'static str {
    let body = if route.method == "GET" { Value::Null } else { json!({ "zzz": 1 }) };
    let path = about(pattern, things, false);
    let status = api.with_key(route.method, &path, key, body.clone()).await.status;
    let as_admin = api.with_key(route.method, &path, "local-admin", body.clone()).await.status;
    assert!(![401, 500, 503].contains(&status), "{} {path}: {status}", route.method);
    match status {
        403 => "–",
        404 if as_admin != 404 && route.access == Access::ByCommand => {
            // The door of a command is the policy's: asked again of an order of its own.
            let path = about(pattern, things, true);
            let status = api.with_key(route.method, &path, key, body).await.status;
            assert_ne!(status, 404, "{path}");
            if status == 403 { "–" } else { "own" }
        }
        404 if as_admin != 404 => "own",
        _ => "yes",
    }
}

#[tokio::test]
async fn every_endpoint_says_to_every_role_what_the_document_says() {
    let api = Api::new().await;
    api.product("TEA-100").await;
    let stranger = api.key("stranger", ClientRole::Shop).await;
    let mut keys = Vec::new();
    for role in ROLES {
        keys.push(api.key("somebody", role).await);
    }
    let order = api.order(&stranger, "w-1").await;
    let own = api.order(&keys[0], "w-2").await;
    let subscription = json!({ "external_id": "s-1", "customer": { "email": "ona@example.com" },
        "payment": { "terms": "invoice" }, "currency": "EUR", "rule": "FREQ=DAILY",
        "lines": [{ "sku": "TEA-100", "quantity": 1 }], "start": "2027-01-31", "time": "09:00" });
    let made = api.with_key("POST", "/v1/subscriptions", &stranger, subscription).await.is(201);
    let subscription = made.body["id"].as_str().unwrap().to_owned();
    let things = Things { order, subscription, own };
    let mut text = HEAD.to_owned();
    text.push_str("\n| | no key | shop | partner | manager | planner | admin |\n|---|---|---|---|---|---|---|\n");
    let (mut endpoints, mut walked) = (0, 0);
    for route in ROUTES {
        for pattern in spelled(route) {
            let anyone = route.access == Access::Anyone;
            let mut cells = vec![if anyone { "yes" } else { "–" }];
            if !anyone {
                let path = about(&pattern, &things, false);
                let body = json!({ "zzz": 1 });
                api.ask(route.method, &path, &[], Some(&body)).await.is(401);
            }
            for key in &keys {
                // Another function answers a provider's webhook; a key plays no part in it.
                let is_provider = route.endpoint == Endpoint::PaymentWebhook;
                cells.push(if anyone && is_provider {
                    "yes"
                } else {
                    asked(&api, route, &pattern, key, &things).await
                });
            }
            endpoints += 1;
            walked += cells.len();
            writeln!(text, "| `{} {pattern}` | {} |", route.method, cells.join(" | ")).unwrap();
        }
    }
    writeln!(text, "\n{endpoints} endpoints, {walked} pairs of endpoint and caller.").unwrap();
    println!("{endpoints} endpoints x {} callers = {walked}", ROLES.len() + 1);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rights.md");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == text,
        "docs/rights.md is out of date: run `UPDATE_EXPECT=1 cargo test -p ordermill-api --test http \
         every_endpoint` and review the change"
    );
}
