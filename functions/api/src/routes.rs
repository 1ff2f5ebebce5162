//! Every endpoint, as data: method, path, who may, which query parameters. The dispatcher, the
//! `Allow` header and the OpenAPI document all read this table.

use crate::rights::{ADMIN, ALL, ORDERS, SELLERS, STAFF};
use ordermill_table::records::ClientRole;

/// What is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Endpoint {
    /// `GET /healthz`.
    Health,
    /// `GET /v1/openapi.json`.
    OpenApi,
    /// `GET /v1/orders`.
    OrderList,
    /// `POST /v1/orders`, answered by intake.
    OrderMake,
    /// `POST /v1/orders/batch`, answered by intake.
    OrderBatch,
    /// `POST /v1/orders/check`, answered by intake.
    OrderCheck,
    /// `GET /v1/orders/{id}`.
    OrderGet,
    /// `DELETE /v1/orders/{id}`.
    OrderDelete,
    /// `GET /v1/orders/{id}/history`.
    OrderHistory,
    /// `GET /v1/orders/{id}/why`.
    OrderWhy,
    /// `POST /v1/orders/{id}/{command}`.
    OrderCommand,
    /// `GET /v1/tasks`.
    TaskList,
    /// `GET /v1/tasks/next`.
    TaskNext,
    /// `GET /v1/track/{token}`.
    Track,
    /// `GET /v1/approve/{token}`.
    ApprovalGet,
    /// `POST /v1/approve/{token}`.
    ApprovalAnswer,
    /// `GET /v1/products`.
    ProductList,
    /// `POST /v1/products/batch`.
    ProductBatch,
    /// `GET /v1/products/{sku}`.
    ProductGet,
    /// `PUT /v1/products/{sku}`.
    ProductPut,
    /// `POST /v1/stock/movements`.
    MovementMake,
    /// `GET /v1/stock`.
    StockList,
    /// `GET /v1/stock/{sku}`.
    StockGet,
    /// `GET /v1/stock/{sku}/reservations`.
    StockReservations,
    /// `POST /v1/subscriptions`.
    SubscriptionMake,
    /// `GET /v1/subscriptions`.
    SubscriptionList,
    /// `GET /v1/subscriptions/figures`.
    SubscriptionFigures,
    /// `GET /v1/subscriptions/{id}`.
    SubscriptionGet,
    /// `GET /v1/subscriptions/{id}/orders`.
    SubscriptionOrders,
    /// `GET /v1/subscriptions/{id}/preview`.
    SubscriptionPreview,
    /// `POST /v1/subscriptions/{id}/{act}`.
    SubscriptionAct,
    /// `GET /v1/settings`.
    SettingsGet,
    /// `PUT /v1/settings`.
    SettingsPut,
    /// `GET /v1/warehouses`.
    WarehouseList,
    /// `GET /v1/warehouses/{code}`.
    WarehouseGet,
    /// `PUT /v1/warehouses/{code}`.
    WarehousePut,
    /// `GET /v1/customers/{id}`.
    CustomerGet,
    /// `PUT /v1/customers/{id}`.
    CustomerPut,
    /// `GET /v1/customers/{id}/export`.
    CustomerExport,
    /// `POST /v1/customers/{id}/erase`.
    CustomerErase,
    /// `GET /v1/price-lists`.
    PriceListList,
    /// `GET /v1/price-lists/{id}`.
    PriceListGet,
    /// `PUT /v1/price-lists/{id}`.
    PriceListPut,
    /// `GET /v1/users`.
    UserList,
    /// `GET /v1/users/{id}`.
    UserGet,
    /// `PUT /v1/users/{id}`.
    UserPut,
    /// `GET /v1/clients/{id}`.
    ClientGet,
    /// `PUT /v1/clients/{id}`.
    ClientPut,
    /// `POST /v1/keys`.
    KeyMake,
    /// `GET /v1/keys`.
    KeyList,
    /// `POST /v1/keys/{id}/revoke`.
    KeyRevoke,
    /// `GET /v1/payments`.
    PaymentList,
    /// `POST /v1/payments/{id}/assign`.
    PaymentAssign,
    /// `POST /v1/payments/webhooks/{provider}`, answered by payment.
    PaymentWebhook,
    /// `POST /v1/webhooks`.
    WebhookMake,
    /// `GET /v1/webhooks`.
    WebhookList,
    /// `GET /v1/webhooks/{id}`.
    WebhookGet,
    /// `PUT /v1/webhooks/{id}`.
    WebhookPut,
    /// `DELETE /v1/webhooks/{id}`.
    WebhookDelete,
    /// `POST /v1/webhooks/{id}/roll`.
    WebhookRoll,
    /// `GET /v1/webhooks/{id}/deliveries`.
    WebhookDeliveries,
    /// `POST /v1/webhooks/{id}/replay`.
    WebhookReplay,
}

/// Who may call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Anyone, without a key.
    Anyone,
    /// A key of one of these roles.
    Key(&'static [ClientRole]),
    /// A key; which role depends on the command ([`crate::COMMANDS`]).
    ByCommand,
}

/// One endpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Route {
    /// What is answered.
    pub endpoint: Endpoint,
    /// HTTP method.
    pub method: &'static str,
    /// Path with `{parameters}`.
    pub path: &'static str,
    /// Who may call.
    pub access: Access,
    /// Query parameters that are known; any other is refused.
    pub query: &'static [&'static str],
}

/// Paging of every list.
pub(crate) const PAGE: &[&str] = &["limit", "cursor"];

/// Whose, for people of the house.
const CLIENT: &[&str] = &["client"];

const fn route(
    endpoint: Endpoint,
    method: &'static str,
    path: &'static str,
    access: Access,
    query: &'static [&'static str],
) -> Route {
    Route { endpoint, method, path, access, query }
}

/// Every endpoint. Of two that fit, the first counts: words stand before parameters.
pub const ROUTES: &[Route] = &[
    route(Endpoint::Health, "GET", "/healthz", Access::Anyone, &[]),
    route(Endpoint::OpenApi, "GET", "/v1/openapi.json", Access::Anyone, &[]),
    route(
        Endpoint::OrderList,
        "GET",
        "/v1/orders",
        Access::Key(ALL),
        &[
            "status",
            "channel",
            "customer",
            "client",
            "external_id",
            "responsible",
            "from",
            "to",
            "updated_since",
            "due_before",
            "q",
            "sort",
            "limit",
            "cursor",
        ],
    ),
    route(Endpoint::OrderMake, "POST", "/v1/orders", Access::Key(ORDERS), &[]),
    route(Endpoint::OrderBatch, "POST", "/v1/orders/batch", Access::Key(ORDERS), &[]),
    route(Endpoint::OrderCheck, "POST", "/v1/orders/check", Access::Key(ORDERS), &[]),
    route(Endpoint::OrderGet, "GET", "/v1/orders/{id}", Access::Key(ALL), &[]),
    route(Endpoint::OrderDelete, "DELETE", "/v1/orders/{id}", Access::Key(SELLERS), &[]),
    route(Endpoint::OrderHistory, "GET", "/v1/orders/{id}/history", Access::Key(ALL), PAGE),
    route(Endpoint::OrderWhy, "GET", "/v1/orders/{id}/why", Access::Key(ALL), PAGE),
    route(Endpoint::OrderCommand, "POST", "/v1/orders/{id}/{command}", Access::ByCommand, &[]),
    route(
        Endpoint::TaskList,
        "GET",
        "/v1/tasks",
        Access::Key(STAFF),
        &["assignee", "code", "kind", "due_before", "limit", "cursor"],
    ),
    route(Endpoint::TaskNext, "GET", "/v1/tasks/next", Access::Key(STAFF), &["user", "kind"]),
    route(Endpoint::Track, "GET", "/v1/track/{token}", Access::Anyone, &[]),
    route(Endpoint::ApprovalGet, "GET", "/v1/approve/{token}", Access::Anyone, &[]),
    route(Endpoint::ApprovalAnswer, "POST", "/v1/approve/{token}", Access::Anyone, &[]),
    route(Endpoint::ProductList, "GET", "/v1/products", Access::Key(ALL), PAGE),
    route(Endpoint::ProductBatch, "POST", "/v1/products/batch", Access::Key(SELLERS), &[]),
    route(Endpoint::ProductGet, "GET", "/v1/products/{sku}", Access::Key(ALL), &[]),
    route(Endpoint::ProductPut, "PUT", "/v1/products/{sku}", Access::Key(SELLERS), &[]),
    route(Endpoint::MovementMake, "POST", "/v1/stock/movements", Access::Key(SELLERS), &[]),
    route(
        Endpoint::StockList,
        "GET",
        "/v1/stock",
        Access::Key(ALL),
        &["updated_since", "limit", "cursor"],
    ),
    route(Endpoint::StockGet, "GET", "/v1/stock/{sku}", Access::Key(ALL), &[]),
    route(
        Endpoint::StockReservations,
        "GET",
        "/v1/stock/{sku}/reservations",
        Access::Key(STAFF),
        PAGE,
    ),
    route(Endpoint::SubscriptionMake, "POST", "/v1/subscriptions", Access::Key(ORDERS), &[]),
    route(Endpoint::SubscriptionList, "GET", "/v1/subscriptions", Access::Key(ALL), PAGE),
    route(
        Endpoint::SubscriptionFigures,
        "GET",
        "/v1/subscriptions/figures",
        Access::Key(ALL),
        &["from", "to"],
    ),
    route(Endpoint::SubscriptionGet, "GET", "/v1/subscriptions/{id}", Access::Key(ALL), &[]),
    route(
        Endpoint::SubscriptionOrders,
        "GET",
        "/v1/subscriptions/{id}/orders",
        Access::Key(ALL),
        PAGE,
    ),
    route(
        Endpoint::SubscriptionPreview,
        "GET",
        "/v1/subscriptions/{id}/preview",
        Access::Key(ALL),
        &["count"],
    ),
    route(
        Endpoint::SubscriptionAct,
        "POST",
        "/v1/subscriptions/{id}/{act}",
        Access::Key(ORDERS),
        &[],
    ),
    route(Endpoint::SettingsGet, "GET", "/v1/settings", Access::Key(STAFF), &[]),
    route(Endpoint::SettingsPut, "PUT", "/v1/settings", Access::Key(ADMIN), &[]),
    route(Endpoint::WarehouseList, "GET", "/v1/warehouses", Access::Key(STAFF), PAGE),
    route(Endpoint::WarehouseGet, "GET", "/v1/warehouses/{code}", Access::Key(STAFF), &[]),
    route(Endpoint::WarehousePut, "PUT", "/v1/warehouses/{code}", Access::Key(SELLERS), &[]),
    route(Endpoint::CustomerGet, "GET", "/v1/customers/{id}", Access::Key(STAFF), &["client"]),
    route(Endpoint::CustomerPut, "PUT", "/v1/customers/{id}", Access::Key(SELLERS), &["client"]),
    route(
        Endpoint::CustomerExport,
        "GET",
        "/v1/customers/{id}/export",
        Access::Key(SELLERS),
        &["client", "limit", "cursor"],
    ),
    route(
        Endpoint::CustomerErase,
        "POST",
        "/v1/customers/{id}/erase",
        Access::Key(ADMIN),
        &["client"],
    ),
    route(Endpoint::PriceListList, "GET", "/v1/price-lists", Access::Key(STAFF), PAGE),
    route(Endpoint::PriceListGet, "GET", "/v1/price-lists/{id}", Access::Key(ALL), &[]),
    route(Endpoint::PriceListPut, "PUT", "/v1/price-lists/{id}", Access::Key(SELLERS), &[]),
    route(Endpoint::UserList, "GET", "/v1/users", Access::Key(STAFF), PAGE),
    route(Endpoint::UserGet, "GET", "/v1/users/{id}", Access::Key(STAFF), &[]),
    route(Endpoint::UserPut, "PUT", "/v1/users/{id}", Access::Key(ADMIN), &[]),
    route(Endpoint::ClientGet, "GET", "/v1/clients/{id}", Access::Key(ADMIN), &[]),
    route(Endpoint::ClientPut, "PUT", "/v1/clients/{id}", Access::Key(ADMIN), &[]),
    route(Endpoint::KeyMake, "POST", "/v1/keys", Access::Key(ADMIN), &[]),
    route(Endpoint::KeyList, "GET", "/v1/keys", Access::Key(ADMIN), PAGE),
    route(Endpoint::KeyRevoke, "POST", "/v1/keys/{id}/revoke", Access::Key(ADMIN), &[]),
    route(
        Endpoint::PaymentList,
        "GET",
        "/v1/payments",
        Access::Key(SELLERS),
        &["unmatched", "limit", "cursor"],
    ),
    route(
        Endpoint::PaymentWebhook,
        "POST",
        "/v1/payments/webhooks/{provider}",
        Access::Anyone,
        &[],
    ),
    route(Endpoint::PaymentAssign, "POST", "/v1/payments/{id}/assign", Access::Key(SELLERS), &[]),
    route(Endpoint::WebhookMake, "POST", "/v1/webhooks", Access::Key(ALL), &[]),
    route(
        Endpoint::WebhookList,
        "GET",
        "/v1/webhooks",
        Access::Key(ALL),
        &["client", "limit", "cursor"],
    ),
    route(Endpoint::WebhookGet, "GET", "/v1/webhooks/{id}", Access::Key(ALL), CLIENT),
    route(Endpoint::WebhookPut, "PUT", "/v1/webhooks/{id}", Access::Key(ALL), CLIENT),
    route(Endpoint::WebhookDelete, "DELETE", "/v1/webhooks/{id}", Access::Key(ALL), CLIENT),
    route(Endpoint::WebhookRoll, "POST", "/v1/webhooks/{id}/roll", Access::Key(ALL), CLIENT),
    route(
        Endpoint::WebhookDeliveries,
        "GET",
        "/v1/webhooks/{id}/deliveries",
        Access::Key(ALL),
        &["client", "limit", "cursor"],
    ),
    route(Endpoint::WebhookReplay, "POST", "/v1/webhooks/{id}/replay", Access::Key(ALL), CLIENT),
];

/// What a request's method and path lead to.
pub(crate) enum Found<'a> {
    /// An endpoint, and the values of its parameters.
    Route(&'static Route, Vec<&'a str>),
    /// The path is known, with these methods.
    OtherMethods(String),
    /// The path is not known.
    Nothing,
}

/// Finds the endpoint. Of paths that fit, the one with the most words is meant, as in the OpenAPI
/// document: nothing is posted to an order's `history`. A SKU may be spelled like a word, though.
pub(crate) fn find<'a>(method: &str, path: &[&'a str]) -> Found<'a> {
    let fits: Vec<(&'static Route, Vec<&'a str>)> = ROUTES
        .iter()
        .filter_map(|route| matched(route.path, path).map(|params| (route, params)))
        .collect();
    let fewest = fits.iter().map(|(_, params)| params.len()).min().unwrap_or_default();
    let mut methods: Vec<&str> = Vec::new();
    for (route, params) in fits {
        if params.len() > fewest && !route.path.ends_with("{sku}") {
            continue;
        }
        if route.method == method {
            return Found::Route(route, params);
        }
        if !methods.contains(&route.method) {
            methods.push(route.method);
        }
    }
    if methods.is_empty() { Found::Nothing } else { Found::OtherMethods(methods.join(", ")) }
}

/// The values of the pattern's parameters, where the path has its form.
fn matched<'a>(pattern: &str, path: &[&'a str]) -> Option<Vec<&'a str>> {
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    if parts.len() != path.len() {
        return None;
    }
    let mut params = Vec::new();
    for (part, segment) in parts.iter().zip(path) {
        if part.starts_with('{') {
            params.push(*segment);
        } else if part != segment {
            return None;
        }
    }
    Some(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(method: &str, path: &str) -> Result<Endpoint, String> {
        let path: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
        match find(method, &path) {
            Found::Route(route, _) => Ok(route.endpoint),
            Found::OtherMethods(methods) => Err(methods),
            Found::Nothing => Err(String::new()),
        }
    }

    #[test]
    fn a_word_is_no_parameter_and_a_known_path_names_its_methods() {
        assert_eq!(endpoint("POST", "/v1/products/batch"), Ok(Endpoint::ProductBatch));
        assert_eq!(endpoint("PUT", "/v1/products/batch"), Ok(Endpoint::ProductPut));
        assert_eq!(endpoint("GET", "/v1/orders/x/why"), Ok(Endpoint::OrderWhy));
        assert_eq!(endpoint("POST", "/v1/orders/x/ship"), Ok(Endpoint::OrderCommand));
        assert_eq!(endpoint("POST", "/v1/orders/x/why"), Err("GET".to_owned()));
        assert_eq!(endpoint("POST", "/v1/subscriptions/x/preview"), Err("GET".to_owned()));
        assert_eq!(endpoint("POST", "/v1/subscriptions/x/pause"), Ok(Endpoint::SubscriptionAct));
        assert_eq!(endpoint("GET", "/v1/orders/batch"), Err("POST".to_owned()));
        assert_eq!(endpoint("GET", "/v1/stock/movements"), Ok(Endpoint::StockGet));
        assert_eq!(endpoint("DELETE", "/v1/orders"), Err("GET, POST".to_owned()));
        assert_eq!(endpoint("PATCH", "/v1/products/A"), Err("GET, PUT".to_owned()));
        assert_eq!(endpoint("GET", "/v2/orders"), Err(String::new()));
    }

    #[test]
    fn no_route_hides_another() {
        for (index, route) in ROUTES.iter().enumerate() {
            let path: Vec<&str> = route.path.split('/').filter(|s| !s.is_empty()).collect();
            match find(route.method, &path) {
                Found::Route(found, _) => assert_eq!(found, route, "{index}"),
                Found::OtherMethods(_) | Found::Nothing => panic!("{} is not found", route.path),
            }
        }
    }
}
