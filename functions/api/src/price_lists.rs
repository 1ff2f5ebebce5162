//! Price lists. A `PUT` replaces the whole list; clients and customers name it in their terms.

use crate::documents::{List, page};
use crate::orders::json_of;
use crate::paging::Page;
use crate::settings::{as_the_path_says, currency, is_code};
use crate::{Call, Reply, too_busy};
use ordermill_domain::intake::limits::{
    CODE_CHARACTERS_MAX, NAME_CHARACTERS_MAX, PRICE_PLACES_MAX,
};
use ordermill_domain::intake::reader::{self, Object, Report};
use ordermill_domain::intake::{Price, check_sku};
use ordermill_domain::money::Currency;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_runtime::step::MOVED_ROUNDS_MAX;
use ordermill_table::TableError;
use ordermill_table::keys::{self, RowKind};
use ordermill_table::records::ClientRole;
use ordermill_table::rows::prices::{PRICES_MAX, PriceList};
use ordermill_views::catalogue::PriceListView;
use std::collections::BTreeMap;

type Prices = BTreeMap<String, Price>;

const FIELDS: [&str; 7] =
    ["id", "name", "client", "currency", "prices_include_tax", "places", "prices"];
const LIST: List =
    List { kind: RowKind::PriceList, newest_first: false, row: |_, id| keys::price_list(id) };

/// `GET /v1/price-lists`: their heads.
pub(crate) async fn list(call: &Call<'_>) -> Reply {
    let asked = Page::read(call)?;
    let found = page::<PriceList>(call, LIST, &asked).await?;
    let heads = found.documents.iter();
    let items = heads.map(|list| json_of(&PriceListView::new(list, &Prices::new()))).collect();
    Ok(asked.answer(call, items, found.next))
}

/// `GET /v1/price-lists/{id}`: a client sees its own and no other.
pub(crate) async fn one(call: &Call<'_>) -> Reply {
    let id = call.param(0);
    let caller = call.caller()?;
    match caller.role {
        ClientRole::Manager | ClientRole::Planner | ClientRole::Admin => {}
        ClientRole::Shop | ClientRole::Partner => {
            let agreed = call.runtime.client(&caller.client).await?;
            if agreed.and_then(|client| client.price_list).as_deref() != Some(id) {
                return Err(ErrorAnswer::not_found());
            }
        }
    }
    let list = call.runtime.table.price_list(id).await?.ok_or_else(ErrorAnswer::not_found)?;
    let prices = call.runtime.table.prices(&list).await?;
    Ok(Answer::json(200, json_of(&PriceListView::new(&list, &prices))))
}

/// `PUT /v1/price-lists/{id}`: 201 for a new one, 200 for one that is replaced.
pub(crate) async fn put(call: &Call<'_>) -> Reply {
    let id = call.param(0);
    if !is_code(id, CODE_CHARACTERS_MAX) {
        return Err(ErrorAnswer::not_found());
    }
    let body = call.request.json_object()?;
    let usual = call.runtime.settings().await?.currency;
    let report = Report::default();
    let read =
        reader::root(&body, &report).object(&FIELDS).and_then(|body| parse(id, &body, &usual));
    let (list, prices) = report.finish(read).map_err(ErrorAnswer::invalid)?;
    for round in 0..MOVED_ROUNDS_MAX {
        let now = call.runtime.clock.now();
        match call.runtime.table.put_price_list(list.clone(), &prices, now).await {
            Ok((is_new, list)) => {
                let status = if is_new { 201 } else { 200 };
                return Ok(Answer::json(status, json_of(&PriceListView::new(&list, &prices))));
            }
            Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {
                call.runtime.pause(round).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(too_busy())
}

fn parse(id: &str, body: &Object<'_, '_>, usual: &str) -> Option<(PriceList, Prices)> {
    let field = body.field("currency");
    let currency = if field.is_present() { currency(&field) } else { Currency::parse(usual) };
    let least = currency.map_or(0, Currency::places);
    let places = body.field("places").whole(0, PRICE_PLACES_MAX).unwrap_or(least).max(least);
    let mut prices = Prices::new();
    let field = body.field("prices").required("write the price of each article by its SKU.");
    if field.is_present() {
        for (sku, price) in field.pairs(PRICES_MAX) {
            if let Err(detail) = check_sku(sku) {
                price.refuse("sku_malformed", detail);
            }
            let price = price.required("write a price, or leave the article out.");
            let Some(read) = price.price(least) else { continue };
            if read.places > places {
                let detail = format!(
                    "This list has at most {places} decimal places: raise \
                    `places` (up to {PRICE_PLACES_MAX}), or round it."
                );
                price.refuse("decimal_places", detail);
            }
            prices.insert(sku.to_owned(), read);
        }
    }
    as_the_path_says(&body.field("id"), id);
    let list = PriceList {
        id: id.to_owned(),
        name: body.field("name").text(NAME_CHARACTERS_MAX),
        client: body.field("client").text(CODE_CHARACTERS_MAX),
        currency: currency?,
        prices_include_tax: body.field("prices_include_tax").flag().unwrap_or(true),
        places,
        generation: String::new(),
        count: 0,
    };
    Some((list, prices))
}
