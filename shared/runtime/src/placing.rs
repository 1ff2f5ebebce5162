//! What a new order finds: its articles, its customer, what is agreed with either, and whether its
//! like was placed a moment ago. Shared by `intake` and `recur`.

use crate::catalogue::{self, Products, Terms};
use crate::customers;
use crate::{Runtime, StepResult};
use aws_sdk_dynamodb::types::TransactWriteItem;
use ordermill_domain::decide::taking_in::Origin;
use ordermill_domain::duplicate::{self, fingerprint};
use ordermill_domain::intake::{Draft, Problem, Product};
use ordermill_domain::order::{Line, Order, PRIORITY_DEFAULT};
use ordermill_domain::quantity::Quantity;
use ordermill_domain::time::Timestamp;
use ordermill_table::keys::{self, Key};
use ordermill_table::records::{Duplicate, duplicate_action, kind};
use ordermill_table::rows::customer::{CustomerRow, FirstClaim, card_action, read_customer};
use ordermill_table::rows::prices::PriceList;
use ordermill_table::{TableError, commit};

/// For whom an order is placed.
#[derive(Clone, Copy)]
pub struct Placer<'a> {
    /// The client.
    pub client: &'a str,
    /// The price list that is agreed with it.
    pub price_list: Option<&'a str>,
    /// The group of customers that is agreed with it.
    pub demand_class: Option<&'a str>,
    /// It belongs to the seller's house: it may name customers whom staff has named.
    pub is_house: bool,
}

/// What a new order finds.
pub struct Found {
    /// The articles, under the terms of this order.
    pub products: Products,
    /// The customer's card; empty where nothing identifies them.
    pub customer_id: String,
    /// What stands on it; none where this is the first order.
    pub customer: Option<CustomerRow>,
    /// The price list that applies.
    pub list: Option<PriceList>,
    /// The group that the order is of.
    pub demand_class: Option<String>,
    /// The card that staff would make by the name that the order gives its customer, where there is
    /// none.
    unnamed: Option<String>,
}

/// Looks up what an order of this body finds: one batched read, and one more under a price list.
///
/// # Errors
/// The table cannot be reached.
pub async fn look_up(runtime: &Runtime, placer: Placer<'_>, draft: &Draft) -> StepResult<Found> {
    let derived = customers::card_id(&runtime.config.seller, placer.client, &draft.placed);
    let named = draft.placed.customer.id.clone();
    let mut others: Vec<Key> = Vec::new();
    if !derived.is_empty() {
        others.push(keys::customer(&derived));
    }
    others.extend(named.iter().map(|id| keys::customer(id)));
    others.extend(placer.price_list.map(keys::price_list));
    let (products, rows) = catalogue::products_and(runtime, &draft.lines, &others).await?;
    let mut customers: Vec<CustomerRow> = Vec::new();
    let mut list: Option<PriceList> = None;
    for row in &rows {
        match kind(row) {
            Some(name) if name == keys::RowKind::Customer.name() => {
                customers.push(read_customer(row)?);
            }
            Some(_) => list = Some(ordermill_table::records::read(row)?),
            None => {}
        }
    }
    let own = customers.iter().position(|row| row.id == derived);
    // A customer whom staff has named is whom a client of the house means by that name.
    let by_name = customers.iter().position(|row| {
        Some(&row.id) == named.as_ref() && row.is_named_for(placer.client, placer.is_house)
    });
    let is_known = |id: &&String| customers.iter().any(|row| row.id == **id);
    let unnamed = named.as_ref().filter(|id| placer.is_house && **id != derived && !is_known(id));
    let unnamed = unnamed.cloned();
    let customer = own.or(by_name).map(|place| customers.swap_remove(place));
    let customer_id = customer.as_ref().map_or(derived, |row| row.id.clone());
    // What is agreed with the customer goes before what is agreed with the client.
    if let Some(id) = customer.as_ref().and_then(|row| row.terms.price_list.as_deref()) {
        list = runtime.table.price_list(id).await?;
    }
    let list = list.filter(|list| list.client.as_deref().is_none_or(|of| of == placer.client));
    let country = draft.country.as_deref();
    let terms = Terms { currency: draft.currency, country, list: list.as_ref() };
    let products = catalogue::under_terms(runtime, products, terms).await?;
    let of_customer = customer.as_ref().and_then(|row| row.terms.demand_class.clone());
    let demand_class = of_customer.or_else(|| placer.demand_class.map(str::to_owned));
    Ok(Found { products, customer_id, customer, list, demand_class, unnamed })
}

impl Found {
    /// Quantities finer than their article's unit: refused at once.
    #[must_use]
    pub fn quantity_problems(&self, draft: &Draft) -> Vec<Problem> {
        let finer = |(index, line): (usize, &Line)| {
            let product = self.products.get(&line.sku)?;
            let pointer = format!("/lines/{index}/quantity");
            quantity_problem(pointer, line.quantity, product)
        };
        draft.lines.iter().enumerate().filter_map(finer).collect()
    }

    /// Fills in what the order's origin says of its customer and prices.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn fill_origin(&self, runtime: &Runtime, origin: &mut Origin) -> StepResult<()> {
        origin.customer_id.clone_from(&self.customer_id);
        origin.tax_rounding = runtime.settings().await?.tax_rounding;
        origin.price_list = self.list.as_ref().map(|list| list.id.clone());
        origin.net_terms = self.customer.as_ref().and_then(CustomerRow::net_terms);
        let priority = self.customer.as_ref().and_then(|row| row.terms.priority);
        origin.priority = priority.unwrap_or(PRIORITY_DEFAULT);
        origin.demand_class.clone_from(&self.demand_class);
        Ok(())
    }

    /// The row by which the order adds to its customer's card, where it tells anything new. One that
    /// makes the card does so on condition that staff has not named the customer meanwhile: there
    /// would be two.
    ///
    /// # Errors
    /// It cannot be written: a mistake of ours.
    pub fn card_rows(
        &self,
        runtime: &Runtime,
        client: &str,
        order: &Order,
        first: Option<&FirstClaim>,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        if self.customer_id.is_empty() {
            return Ok(Vec::new());
        }
        let before = self.customer.as_ref();
        let known = before.map(|row| row.card.clone()).unwrap_or_default();
        let card = known.with(client, &order.placed);
        let row = card_action(&runtime.table, &self.customer_id, before, &card, first)?;
        let mut rows: Vec<TransactWriteItem> = row.into_iter().collect();
        if let Some(id) = self.unnamed.as_ref().filter(|_| before.is_none()) {
            rows.push(commit::absent(&runtime.table, &keys::customer(id))?);
        }
        Ok(rows)
    }

    /// The claim by which the order that makes its customer's card keeps its like away; none where it
    /// makes none, or nobody asks. It costs no row of its own.
    #[must_use]
    pub fn first_claim(&self, order: &Order, now: Timestamp) -> Option<FirstClaim> {
        let makes_card = self.customer.as_ref().is_none_or(|row| row.stored.is_none());
        let fingerprint = fingerprint(order).filter(|_| makes_card)?;
        Some(FirstClaim { fingerprint, claim: claim_of(order, now) })
    }

    /// The order that made the customer's card, where this is its like and it still claims it.
    #[must_use]
    pub fn like_by_card(&self, order: &Order, now: Timestamp) -> Option<String> {
        let first = self.customer.as_ref()?.first.as_ref()?;
        let is_like = fingerprint(order).as_ref() == Some(&first.fingerprint);
        (is_like && first.claim.until > now && first.claim.order != order.id)
            .then(|| first.claim.order.clone())
    }
}

/// What is wrong with a quantity that has more decimal places than the article's unit.
#[must_use]
pub fn quantity_problem(pointer: String, quantity: Quantity, product: &Product) -> Option<Problem> {
    let places = product.quantity_places;
    let detail = match places {
        0 => "This article is sold in whole units: write a whole number.".to_owned(),
        _ => format!("This article's unit has {places} decimal places: write no more."),
    };
    (quantity.places() > places).then_some(Problem { pointer, code: "quantity_places", detail })
}

/// The claim by which an order keeps its like away for ten minutes; none where nobody asks.
///
/// # Errors
/// It cannot be written: a mistake of ours.
pub fn duplicate_claim(
    runtime: &Runtime,
    order: &Order,
    now: Timestamp,
) -> Result<Option<TransactWriteItem>, TableError> {
    let Some(fingerprint) = fingerprint(order) else { return Ok(None) };
    let key = keys::duplicate(&order.client, &fingerprint);
    duplicate_action(&runtime.table, &key, &claim_of(order, now), now).map(Some)
}

fn claim_of(order: &Order, now: Timestamp) -> Duplicate {
    Duplicate { order: order.id.clone(), until: now.plus(duplicate::WINDOW) }
}

/// The order that has claimed this one's like, if it still does.
///
/// # Errors
/// The table cannot be reached.
pub async fn duplicate_of(
    runtime: &Runtime,
    order: &Order,
    now: Timestamp,
) -> StepResult<Option<String>> {
    let Some(fingerprint) = fingerprint(order) else { return Ok(None) };
    let key = keys::duplicate(&order.client, &fingerprint);
    let claim: Option<Duplicate> = runtime.table.document(&key).await?;
    let live = claim.filter(|claim| claim.until > now && claim.order != order.id);
    let Some(claim) = live else { return Ok(None) };
    // Of one that was deleted since, this is no duplicate.
    Ok(runtime.table.has_order(&claim.order).await?.then_some(claim.order))
}
