//! The catalogue of a new folder: a small shop for tea, coffee and what goes with them, with two
//! warehouses. It goes through the API, as anybody's catalogue would.

use crate::error::{LocalError, LocalResult};
use crate::http::Site;
use crate::http::local::{send, send_once};
use hyper::Method;
use ordermill_domain::intake::limits::MOVEMENTS_MAX;
use ordermill_embedded::ChangeStream;
use serde_json::{Value, json};

/// Ranks by destination country, lower first.
type Ranks = &'static [(&'static str, u32)];

/// Code, name, address, ranks.
const WAREHOUSES: [(&str, &str, &str, Ranks); 2] = [
    ("VNO", "Vilnius", "Savanorių pr. 178, Vilnius", &[("LT", 1), ("PL", 1), ("*", 1)]),
    ("KUN", "Kaunas", "Islandijos pl. 32, Kaunas", &[("LT", 2), ("LV", 1), ("EE", 1), ("*", 2)]),
];

/// SKU, name, price in euros, stock at VNO, stock at KUN.
const PRODUCTS: [(&str, &str, &str, i64, i64); 40] = [
    ("TEA-100", "Assam Golden Tips, 100 g", "12.50", 240, 120),
    ("TEA-101", "Darjeeling First Flush, 100 g", "16.90", 90, 40),
    ("TEA-102", "Earl Grey with bergamot, 100 g", "9.80", 310, 200),
    ("TEA-103", "Lapsang Souchong, 100 g", "11.40", 60, 0),
    ("TEA-104", "English Breakfast, 100 g", "8.90", 420, 260),
    ("TEA-110", "Sencha, 100 g", "13.20", 150, 70),
    ("TEA-111", "Gyokuro, 50 g", "24.00", 35, 12),
    ("TEA-112", "Genmaicha, 100 g", "10.60", 130, 60),
    ("TEA-113", "Matcha, tin of 40 g", "22.50", 80, 45),
    ("TEA-114", "Jasmine Pearls, 80 g", "17.30", 55, 25),
    ("TEA-120", "White Peony, 50 g", "14.80", 48, 20),
    ("TEA-121", "Tie Guan Yin Oolong, 80 g", "19.50", 44, 18),
    ("TEA-122", "Aged Pu-erh cake, 357 g", "38.00", 16, 6),
    ("HERB-200", "Linden blossom, 60 g", "4.20", 500, 320),
    ("HERB-201", "Mountain mint, 60 g", "3.90", 460, 300),
    ("HERB-202", "Chamomile, 60 g", "4.00", 430, 280),
    ("HERB-203", "Fireweed, fermented, 80 g", "5.60", 210, 90),
    ("HERB-204", "Sea buckthorn and ginger, 90 g", "6.40", 170, 110),
    ("COF-300", "Espresso blend, 250 g", "9.90", 380, 240),
    ("COF-301", "Ethiopia Yirgacheffe, 250 g", "13.90", 140, 80),
    ("COF-302", "Colombia Huila, 250 g", "12.40", 160, 90),
    ("COF-303", "Kenya AA, 250 g", "14.60", 95, 30),
    ("COF-304", "Decaf Mexico, 250 g", "12.90", 110, 60),
    ("COF-305", "Espresso blend, 1 kg", "34.00", 120, 75),
    ("COF-310", "Cold brew bags, 4 pieces", "7.20", 200, 100),
    ("HON-400", "Linden honey, 500 g", "8.50", 180, 140),
    ("HON-401", "Buckwheat honey, 500 g", "9.20", 120, 90),
    ("HON-402", "Forest honey, 500 g", "9.80", 75, 60),
    ("HON-403", "Honey in the comb, 300 g", "14.00", 24, 10),
    ("HON-404", "Creamed honey with raspberry, 250 g", "6.90", 130, 70),
    ("SWT-500", "Dark chocolate 72 %, 90 g", "4.80", 350, 210),
    ("SWT-501", "Milk chocolate with hazelnuts, 90 g", "4.90", 330, 190),
    ("SWT-502", "Candied orange in chocolate, 120 g", "7.60", 90, 45),
    ("SWT-503", "Tree cake, 700 g", "18.50", 40, 25),
    ("SWT-504", "Cinnamon biscuits, 200 g", "5.30", 160, 120),
    ("POT-600", "Glass teapot, 0.8 l", "29.00", 60, 30),
    ("POT-601", "Cast iron teapot, 1.1 l", "54.00", 22, 8),
    ("POT-602", "French press, 1 l", "32.00", 45, 20),
    ("CUP-610", "Cup, hand-thrown, 0.25 l", "18.00", 70, 35),
    ("BOX-700", "Gift box, empty", "3.50", 600, 400),
];

/// The tax of everything in it.
const TAX_RATE: &str = "0.21";
/// The setting beside the table that says how far the catalogue is.
const SETTING: &str = "sample_catalogue";

/// Whether the catalogue was begun in an earlier run that did not come to its end.
///
/// # Errors
/// The setting cannot be read.
pub fn is_begun(settings: &ChangeStream) -> LocalResult<bool> {
    Ok(settings.get_setting(SETTING)?.as_deref() == Some("begun"))
}

/// Puts the catalogue in.
///
/// # Errors
/// The API refuses something of it.
pub async fn load(site: &Site, settings: &ChangeStream) -> LocalResult<()> {
    settings.set_setting(SETTING, "begun").await?;
    put_all(site).await?;
    Ok(settings.set_setting(SETTING, "done").await?)
}

async fn put_all(site: &Site) -> LocalResult<()> {
    for (code, name, address, ranks) in WAREHOUSES {
        let priority: serde_json::Map<String, Value> =
            ranks.iter().map(|(country, rank)| ((*country).to_owned(), json!(rank))).collect();
        let body = json!({ "name": name, "address": address, "priority": priority });
        done(send(site, Method::PUT, &format!("/v1/warehouses/{code}"), &body).await)?;
    }
    let products = PRODUCTS.iter().map(|(sku, name, price, _, _)| async move {
        let body = json!({ "name": name, "prices": { "EUR": price }, "tax_rate": TAX_RATE });
        done(send(site, Method::PUT, &format!("/v1/products/{sku}"), &body).await)
    });
    futures::future::try_join_all(products).await?;
    let movements: Vec<Value> = PRODUCTS
        .iter()
        .flat_map(|(sku, _, _, vilnius, kaunas)| {
            [("VNO", vilnius), ("KUN", kaunas)]
                .map(|(warehouse, quantity)| (sku, warehouse, quantity))
        })
        .filter(|(_, _, quantity)| **quantity > 0)
        .map(|(sku, warehouse, quantity)| {
            json!({
                "sku": sku,
                "warehouse": warehouse,
                "type": "receipt",
                "quantity": quantity,
                "reason": "opening stock",
            })
        })
        .collect();
    for (number, chunk) in movements.chunks(MOVEMENTS_MAX).enumerate() {
        let body = json!({ "movements": chunk });
        let key = format!("sample-{number}");
        done(send_once(site, "/v1/stock/movements", &key, &body).await)?;
    }
    Ok(())
}

fn done((status, body): (u16, Value)) -> LocalResult<()> {
    if (200..300).contains(&status) {
        return Ok(());
    }
    Err(LocalError::refused(format!("the sample catalogue is refused: {status} {body}")))
}
