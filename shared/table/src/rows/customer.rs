//! A customer's card: what orders told us, what was agreed, and what of the credit is taken.
//!
//! Four writers, none of whom rewrites what another wrote: orders put what they tell of the
//! customer (`b`), people what is agreed (`t`), both a sum of credit (`cu`) and a count of
//! overdue invoices (`od`) are added to in the transactions of orders, and an erasure keeps how far it
//! is (`er`). Its end alone takes `b` and `t` away.

use crate::Table;
use crate::commit;
use crate::error::{TableError, classify};
use crate::item::{self, Item, json, n, number_or_default, s, text, to_json};
use crate::keys::{self, RowKind, SCHEMA};
use crate::records::Duplicate;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use ordermill_domain::customer::Card;
use ordermill_domain::decide::{CreditChange, CustomerFacts};
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::order::{Actor, NetTerms};
use ordermill_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Rows of one transaction. A house with more clients than this would have to look twice.
const TRANSACTION_ROWS_MAX: usize = 100;
/// Subscriptions of one customer that are looked at.
const SUBSCRIPTIONS_MAX: usize = 1_000;

/// What is agreed with a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerTerms {
    /// How much may be open on invoices, in `currency`.
    pub credit_limit: Option<Amount>,
    /// Of the credit limit.
    pub currency: Option<Currency>,
    /// Which price list.
    pub price_list: Option<String>,
    /// Days from shipment to payment.
    pub net_days: Option<u16>,
    /// And then to the end of that month.
    pub end_of_month: bool,
    /// Turn among those who wait: lower first.
    pub priority: Option<u16>,
    /// The group for which stock may be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demand_class: Option<String>,
}

/// A customer's card as it is stored.
#[derive(Clone, Default)]
pub struct CustomerRow {
    /// Its id: derived from who the customer is, or a name that staff gave.
    pub id: String,
    /// What orders told us.
    pub card: Card,
    /// What is agreed.
    pub terms: CustomerTerms,
    /// What open orders have taken of the credit.
    pub credit_taken: Amount,
    /// How many invoices are overdue.
    pub overdue: u32,
    /// The card as it stands in the row, for a condition.
    pub stored: Option<AttributeValue>,
    /// What is agreed as it stands in the row, for a condition.
    pub stored_terms: Option<AttributeValue>,
    /// The claim of the order that made the card to be the only one of its like.
    pub first: Option<FirstClaim>,
    /// How far the customer's erasure is, where one was asked for.
    pub erasure: Option<Erasure>,
    /// The same as it stands in the row, for a condition.
    pub stored_erasure: Option<AttributeValue>,
}

/// The claim of a customer's first order to be the only one of its like for a while. It stands on the card,
/// which that order makes: another first order at the same moment cannot make it too, and later ones
/// see it. Their own claims are rows, [`crate::records::Duplicate`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstClaim {
    /// What it has in common with its like.
    #[serde(rename = "f")]
    pub fingerprint: String,
    /// The order, and until when it claims its like.
    #[serde(flatten)]
    pub claim: Duplicate,
}

/// A customer who asked to be forgotten, and how far that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// When it was asked for; what came later stays.
    pub asked_at: Timestamp,
    /// Who asked.
    pub by: Actor,
    /// When it goes on; none once it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// The orders up to this one have been looked at, by their names in the index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Something that was looked at has to be looked at again: it was needed still.
    #[serde(default)]
    pub waits: bool,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Timestamp>,
}

impl CustomerRow {
    /// The customer's part in a decision; credit is counted in `usual` where nothing is agreed.
    #[must_use]
    pub fn facts(&self, usual: &str) -> CustomerFacts {
        CustomerFacts {
            credit_limit: self.terms.credit_limit,
            credit_taken: self.credit_taken,
            currency: self.terms.currency.or_else(|| Currency::parse(usual)),
            overdue: self.overdue,
        }
    }

    /// Since when nobody knows who the customer was; none while somebody does, or again does.
    #[must_use]
    pub fn erased_at(&self) -> Option<Timestamp> {
        let done = self.erasure.as_ref().and_then(|erasure| erasure.done_at);
        done.filter(|_| self.stored.is_none() && self.terms == CustomerTerms::default())
    }

    /// The erasure that is under way.
    #[must_use]
    pub fn erasing(&self) -> Option<&Erasure> {
        self.erasure.as_ref().filter(|erasure| erasure.done_at.is_none())
    }

    /// When an invoice is due, where that is agreed.
    #[must_use]
    pub fn net_terms(&self) -> Option<NetTerms> {
        let days = self.terms.net_days?;
        Some(NetTerms { days, end_of_month: self.terms.end_of_month })
    }

    /// Whether staff has named it for the orders of that client, so that it is theirs by its name.
    #[must_use]
    pub fn is_named_for(&self, client: &str, is_house: bool) -> bool {
        match &self.card.client {
            Some(of) => of == client,
            None => is_house,
        }
    }
}

/// Reads a card.
///
/// # Errors
/// The row cannot be read.
pub fn read_customer(item: &Item) -> Result<CustomerRow, TableError> {
    item::check_schema(item)?;
    let id = keys::customer_of_partition(text(item, "pk")?).unwrap_or_default().to_owned();
    let stored = item.get("b").cloned();
    Ok(CustomerRow {
        id,
        card: if stored.is_some() { json(item, "b")? } else { Card::default() },
        terms: if item.contains_key("t") { json(item, "t")? } else { CustomerTerms::default() },
        credit_taken: Amount(number_or_default(item, "cu")?),
        overdue: u32::try_from(number_or_default::<i64>(item, "od")?).unwrap_or_default(),
        stored,
        stored_terms: item.get("t").cloned(),
        first: if item.contains_key("du") { Some(json(item, "du")?) } else { None },
        erasure: if item.contains_key("er") { Some(json(item, "er")?) } else { None },
        stored_erasure: item.get("er").cloned(),
    })
}

fn update(table: &Table, id: &str) -> UpdateBuilder {
    Update::builder()
        .table_name(table.name())
        .set_key(Some(item::key(&keys::customer(id))))
        .expression_attribute_names("#k", "kind")
        .expression_attribute_names("#s", "schema")
        .expression_attribute_values(":k", s(RowKind::Customer.name()))
        .expression_attribute_values(":s", n(SCHEMA))
}

fn built(update: UpdateBuilder) -> Result<TransactWriteItem, TableError> {
    let update = update.build().map_err(|error| TableError::Broken(error.to_string()))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

/// Puts what an order told of the customer, on condition that the card is as it was read; nothing
/// where it told nothing new.
///
/// # Errors
/// It cannot be written: a mistake of ours.
pub fn card_action(
    table: &Table,
    id: &str,
    before: Option<&CustomerRow>,
    card: &Card,
    first: Option<&FirstClaim>,
) -> Result<Option<TransactWriteItem>, TableError> {
    if before.is_some_and(|row| row.card == *card) {
        return Ok(None);
    }
    let mut sets = "SET #k = :k, #s = :s, #b = :b".to_owned();
    let mut update = update(table, id)
        .expression_attribute_names("#b", "b")
        .expression_attribute_values(":b", to_json(card)?);
    let stored = before.and_then(|row| row.stored.clone());
    if let Some(first) = first.filter(|_| stored.is_none()) {
        sets.push_str(", #du = :du");
        update = update
            .expression_attribute_names("#du", "du")
            .expression_attribute_values(":du", to_json(first)?);
    }
    let update = update.update_expression(sets);
    let update = match stored {
        None => update.condition_expression("attribute_not_exists(#b)"),
        Some(was) => update.condition_expression("#b = :w").expression_attribute_values(":w", was),
    };
    built(update).map(Some)
}

/// Says how far an erasure is, on condition that nobody has said more meanwhile. Its end takes the
/// card and what is agreed away, if both are as they were read.
///
/// # Errors
/// It cannot be written: a mistake of ours.
pub fn erasure_action(
    table: &Table,
    before: &CustomerRow,
    erasure: &Erasure,
) -> Result<TransactWriteItem, TableError> {
    let key = keys::customer(&before.id);
    let mut sets = "SET #k = :k, #s = :s, #er = :er".to_owned();
    let mut condition = "attribute_exists(pk)".to_owned();
    let mut update = update(table, &before.id)
        .expression_attribute_names("#er", "er")
        .expression_attribute_names("#wp", "wp")
        .expression_attribute_names("#wd", "wd")
        .expression_attribute_values(":er", to_json(erasure)?);
    match &before.stored_erasure {
        None => condition.push_str(" AND attribute_not_exists(#er)"),
        Some(was) => {
            condition.push_str(" AND #er = :was");
            update = update.expression_attribute_values(":was", was.clone());
        }
    }
    if let Some(due_at) = erasure.due_at {
        let (partition, sort) = keys::worklist(key.pk(), due_at);
        sets.push_str(", #wp = :wp, #wd = :wd");
        update = update
            .expression_attribute_values(":wp", s(partition))
            .expression_attribute_values(":wd", s(sort));
    } else {
        sets.push_str(" REMOVE #wp, #wd, #b, #t, #du");
        update = update
            .expression_attribute_names("#b", "b")
            .expression_attribute_names("#t", "t")
            .expression_attribute_names("#du", "du");
        for (name, value, was) in [("#b", ":b", &before.stored), ("#t", ":t", &before.stored_terms)]
        {
            match was {
                None => condition.push_str(&format!(" AND attribute_not_exists({name})")),
                Some(was) => {
                    condition.push_str(&format!(" AND {name} = {value}"));
                    update = update.expression_attribute_values(value, was.clone());
                }
            }
        }
    }
    built(update.update_expression(sets).condition_expression(condition))
}

/// The row that says that a subscription is a customer's.
///
/// # Errors
/// It cannot be written: a mistake of ours.
pub fn subscriber_row(customer: &str, subscription: &str) -> Result<Item, TableError> {
    crate::records::document(&keys::subscriber(customer, subscription), &subscription)
}

/// What a decision does to the customer's credit; nothing where it does nothing.
///
/// # Errors
/// It cannot be written: a mistake of ours.
pub fn credit_action(
    table: &Table,
    change: &CreditChange,
) -> Result<Option<TransactWriteItem>, TableError> {
    if change.is_nothing() || change.customer_id.is_empty() {
        return Ok(None);
    }
    let mut update = update(table, &change.customer_id)
        .update_expression("SET #k = :k, #s = :s ADD #cu :cu, #od :od")
        .expression_attribute_names("#cu", "cu")
        .expression_attribute_names("#od", "od")
        .expression_attribute_values(":cu", n(change.taken.0))
        .expression_attribute_values(":od", n(change.overdue));
    if let Some(at_most) = change.taken_at_most {
        // A card that nobody has taken from has no sum yet.
        let fits = if at_most < Amount::ZERO {
            "#cu <= :max"
        } else {
            "(attribute_not_exists(#cu) OR #cu <= :max)"
        };
        update =
            update.condition_expression(fits).expression_attribute_values(":max", n(at_most.0));
    }
    built(update).map(Some)
}

impl Table {
    /// One customer's card.
    ///
    /// # Errors
    /// The table cannot be reached, or the row cannot be read.
    pub async fn customer(&self, id: &str) -> Result<Option<CustomerRow>, TableError> {
        self.get(&keys::customer(id)).await?.map(|row| read_customer(&row)).transpose()
    }

    /// The subscriptions of a customer, by their ids.
    ///
    /// # Errors
    /// The table cannot be reached, or a row cannot be read.
    pub async fn subscriptions_of(&self, customer: &str) -> Result<Vec<String>, TableError> {
        let key = keys::customer(customer);
        let prefix = keys::SUBSCRIBER_PREFIX;
        let rows = self.partition(key.pk(), prefix, None, SUBSCRIPTIONS_MAX).await?;
        let mut ids = Vec::with_capacity(rows.len());
        for row in &rows {
            ids.extend(keys::subscription_of_subscriber(text(row, "sk")?).map(str::to_owned));
        }
        Ok(ids)
    }

    /// Names a customer of whom no order has told yet, and puts what is agreed with them: on condition
    /// that none of these cards has been made since it was looked for, by which the customer would be
    /// known to an order (`Found::card_rows` asks the same of this one).
    ///
    /// # Errors
    /// [`TableError::Cancelled`] where one has been made; the table cannot be reached.
    pub async fn name_customer(
        &self,
        id: &str,
        terms: &CustomerTerms,
        card: &Card,
        absent: &[String],
    ) -> Result<(), TableError> {
        let named = update(self, id)
            .update_expression("SET #k = :k, #s = :s, #t = :t, #b = :b")
            .condition_expression("attribute_not_exists(pk)")
            .expression_attribute_names("#t", "t")
            .expression_attribute_values(":t", to_json(terms)?)
            .expression_attribute_names("#b", "b")
            .expression_attribute_values(":b", to_json(card)?);
        let mut actions = vec![built(named)?];
        for other in absent.iter().filter(|other| *other != id) {
            actions.push(commit::absent(self, &keys::customer(other))?);
        }
        if actions.len() > TRANSACTION_ROWS_MAX {
            tracing::error!(
                left_out = actions.len().saturating_sub(TRANSACTION_ROWS_MAX),
                "a customer has more names than one transaction can look at: there may be two cards"
            );
            actions.truncate(TRANSACTION_ROWS_MAX);
        }
        self.write(actions).await
    }

    /// Puts what is agreed with a customer; says whether nothing was agreed before. `named` is the
    /// card of a customer whom no order has told of yet, `erasure` what was read of an earlier one's.
    ///
    /// # Errors
    /// [`TableError::Moved`] where an erasure has begun, or gone on, since the customer was read; the
    /// table cannot be reached.
    pub async fn put_terms(
        &self,
        id: &str,
        terms: &CustomerTerms,
        named: Option<&Card>,
        erasure: Option<&AttributeValue>,
    ) -> Result<bool, TableError> {
        let card = match named {
            Some(card) => Some(to_json(card)?),
            None => None,
        };
        let mut request = self
            .client()
            .update_item()
            .table_name(self.name())
            .set_key(Some(item::key(&keys::customer(id))))
            .expression_attribute_names("#k", "kind")
            .expression_attribute_names("#s", "schema")
            .expression_attribute_names("#t", "t")
            .expression_attribute_values(":k", s(RowKind::Customer.name()))
            .expression_attribute_values(":s", n(SCHEMA))
            .expression_attribute_values(":t", to_json(terms)?)
            .return_values(aws_sdk_dynamodb::types::ReturnValue::AllOld);
        let mut sets = "SET #k = :k, #s = :s, #t = :t".to_owned();
        request = request.expression_attribute_names("#er", "er");
        request = match erasure {
            None => request.condition_expression("attribute_not_exists(#er)"),
            Some(was) => request
                .condition_expression("#er = :was")
                .expression_attribute_values(":was", was.clone()),
        };
        if let Some(card) = card {
            sets.push_str(", #b = if_not_exists(#b, :b)");
            request = request
                .expression_attribute_names("#b", "b")
                .expression_attribute_values(":b", card);
        }
        let answer = request.update_expression(sets).send().await.map_err(classify)?;
        Ok(answer.attributes.is_none_or(|before| !before.contains_key("t")))
    }
}
