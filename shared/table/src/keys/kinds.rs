//! What a row can be.

/// What a row is. Append only: a name once written stays what it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum RowKind {
    /// Order header.
    Order,
    /// Order snapshot.
    Placed,
    /// What is left of an order that was deleted.
    Deleted,
    /// Fifty lines of a large order.
    Page,
    /// What a provider sent about a known order.
    Inbox,
    /// One event.
    History,
    /// Says that an order has work for people.
    Work,
    /// One message to one person.
    Notification,
    /// An order's idempotency key.
    Claim,
    /// An idempotency key of another POST.
    Result,
    /// A payment's reference.
    Reference,
    /// The ten-minute duplicate check.
    Duplicate,
    /// A stock line.
    Stock,
    /// A SKU as a whole.
    Anchor,
    /// An order that waits.
    Wait,
    /// What a person did to stock.
    Movement,
    /// A catalogue entry.
    Product,
    /// Says that an article is a part of a bundle.
    BundleUse,
    /// The head of a price list.
    PriceList,
    /// One price of a list.
    Price,
    /// A person in the seller's house.
    User,
    /// A customer's card.
    Customer,
    /// How a customer is not reached.
    Reach,
    /// A subscription of a customer.
    Subscriber,
    /// An order that repeats.
    Subscription,
    /// One of its dates.
    Occurrence,
    /// Money without an order yet.
    Unmatched,
    /// A lifecycle.
    Policy,
    /// An API key.
    Key,
    /// Who calls.
    Client,
    /// A setting.
    Setting,
    /// A warehouse.
    Warehouse,
    /// Where a client wants to be told.
    Endpoint,
    /// One event on its way to one endpoint.
    Delivery,
    /// A message that failed too often.
    Dead,
}

impl RowKind {
    /// The name in the row's `kind`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Placed => "placed",
            Self::Deleted => "deleted",
            Self::Page => "page",
            Self::Inbox => "inbox",
            Self::History => "history",
            Self::Work => "work",
            Self::Notification => "notification",
            Self::Claim => "claim",
            Self::Result => "result",
            Self::Reference => "reference",
            Self::Duplicate => "duplicate",
            Self::Stock => "stock",
            Self::Anchor => "anchor",
            Self::Wait => "wait",
            Self::Movement => "movement",
            Self::Product => "product",
            Self::BundleUse => "bundle_use",
            Self::PriceList => "price_list",
            Self::Price => "price",
            Self::User => "user",
            Self::Customer => "customer",
            Self::Reach => "reach",
            Self::Subscriber => "subscriber",
            Self::Subscription => "subscription",
            Self::Occurrence => "occurrence",
            Self::Unmatched => "unmatched",
            Self::Policy => "policy",
            Self::Key => "key",
            Self::Client => "client",
            Self::Setting => "setting",
            Self::Warehouse => "warehouse",
            Self::Endpoint => "endpoint",
            Self::Delivery => "delivery",
            Self::Dead => "dead",
        }
    }
}
