//! Fields with a meaning of their own: money, quantities, dates, codes.

use super::limits::{
    CODE_CHARACTERS_MAX, DEMAND_CLASS_CHARACTERS_MAX, MOVEMENT_UNITS_MAX, PRICE_PLACES_MAX,
    QUANTITY_UNITS_MAX, SKU_CHARACTERS_MAX, TIME_ZONE_CHARACTERS_MAX, WAREHOUSE_CHARACTERS_MAX,
};
use super::number::QuantityFault;
use super::reader::Field;
use super::{Price, countries, text};
use crate::money::{Amount, Currency, DecimalError, Rate};
use crate::quantity::Quantity;
use crate::time::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

const DECIMAL: &str = "a decimal number in a string, like \"12.50\"";

/// Whether an amount may be zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Zero {
    /// It may.
    Allowed,
    /// It must be above.
    Refused,
}

impl Field<'_, '_> {
    /// A currency's three letters.
    pub(super) fn currency(&self) -> Option<Currency> {
        let code = self.str("a currency's three letters, like \"EUR\"")?;
        let currency = Currency::parse(code);
        if currency.is_none() {
            let meant = Currency::parse(&code.trim().to_ascii_uppercase());
            let remedy = meant.map_or_else(
                || "use the three letters of ISO 4217, like `EUR`.".to_owned(),
                |currency| format!("did you mean `{currency}`?"),
            );
            self.refuse("unknown_currency", format!("This is no currency: {remedy}"));
        }
        currency
    }

    /// Money of that currency as a decimal string. Without a currency (itself refused) only its
    /// form is looked at.
    pub(super) fn amount(&self, currency: Option<Currency>, zero: Zero) -> Option<Amount> {
        let text = self.str(DECIMAL)?;
        let Some(currency) = currency else {
            if let Err(error @ DecimalError::Malformed) = Amount::parse(text, Currency::EUR) {
                self.refuse_decimal(error, "");
            }
            return None;
        };
        let places = format!("{currency} has {}", currency.places());
        let amount = Amount::parse(text, currency)
            .map_err(|error| self.refuse_decimal(error, &places))
            .ok()?;
        self.refuse_sign(amount.0, zero).then_some(amount)
    }

    /// A price of a price list, in a currency of so many places.
    pub fn price(&self, currency_places: u32) -> Option<Price> {
        let text = self.str(DECIMAL)?;
        if text.starts_with('-') {
            self.refuse("amount_negative", "This is below zero: write zero or more.");
            return None;
        }
        let places = format!("a price has at most {PRICE_PLACES_MAX}");
        Price::parse(text, currency_places)
            .map_err(|error| self.refuse_decimal(error, &places))
            .ok()
    }

    /// Whether the sign is right; says so where it is not.
    fn refuse_sign(&self, value: i64, zero: Zero) -> bool {
        let is_right = match zero {
            Zero::Allowed => value >= 0,
            Zero::Refused => value > 0,
        };
        match (is_right, zero) {
            (true, _) => {}
            (false, Zero::Allowed) => {
                self.refuse("amount_negative", "This is below zero: write zero or more.");
            }
            (false, Zero::Refused) => {
                self.refuse("amount_not_positive", "This is not above zero: write what is meant.");
            }
        }
        is_right
    }

    fn refuse_decimal(&self, error: DecimalError, places: &str) {
        match error {
            DecimalError::Malformed => {
                self.refuse("decimal_malformed", format!("This is no number: write {DECIMAL}."));
            }
            DecimalError::TooManyPlaces => self.refuse(
                "decimal_places",
                format!("This has too many decimal places: {places}; round it."),
            ),
            DecimalError::TooLarge => {
                self.refuse("amount_too_large", "This is more than can be counted: correct it.");
            }
        }
    }

    /// A tax rate.
    pub fn rate(&self) -> Option<Rate> {
        let text = self.str("a rate from 0 to 1 in a string, like \"0.21\"")?;
        Rate::parse(text)
            .map_err(|error| match error {
                DecimalError::Malformed => self.refuse(
                    "decimal_malformed",
                    "This is no number: write a rate from 0 to 1 in a string, like \"0.21\".",
                ),
                DecimalError::TooManyPlaces => self.refuse(
                    "decimal_places",
                    "This has too many decimal places: a rate has at most 6; round it.",
                ),
                DecimalError::TooLarge => self.refuse(
                    "tax_rate_range",
                    "A tax rate is from 0 to 1: write 21 percent as \"0.21\".",
                ),
            })
            .ok()
    }

    /// A quantity of an order's line: above zero, at most [`QUANTITY_UNITS_MAX`] units.
    pub(super) fn quantity(&self) -> Option<Quantity> {
        let quantity = self.signed_quantity(QUANTITY_UNITS_MAX)?;
        if !quantity.is_positive() {
            self.refuse("quantity_not_positive", "A quantity is above zero: write how many.");
            return None;
        }
        Some(quantity)
    }

    /// How much of a line's quantity: zero or more.
    pub(super) fn quantity_or_zero(&self) -> Option<Quantity> {
        let quantity = self.signed_quantity(QUANTITY_UNITS_MAX)?;
        if quantity < Quantity::ZERO {
            self.refuse("quantity_negative", "This is below zero: write zero or more.");
            return None;
        }
        Some(quantity)
    }

    /// A quantity of either sign, of at most so many units.
    pub(super) fn signed_quantity(&self, units_max: i64) -> Option<Quantity> {
        let most = Quantity::units(units_max);
        let found = self.number("a number, like 2 or 1.5")?.quantity();
        let bounded = found.and_then(|quantity| {
            let is_within = quantity <= most && quantity >= most.negated();
            if is_within { Ok(quantity) } else { Err(QuantityFault::TooLarge) }
        });
        bounded
            .map_err(|fault| match fault {
                QuantityFault::Places => self.refuse(
                    "quantity_places",
                    "This has too many decimal places: a quantity has at most 3; round it.",
                ),
                QuantityFault::TooLarge => self.refuse(
                    "quantity_too_large",
                    format!("This is too much: write at most {units_max} units."),
                ),
            })
            .ok()
    }

    /// A quantity of a stock movement, of either sign.
    pub(super) fn moved_quantity(&self) -> Option<Quantity> {
        self.signed_quantity(MOVEMENT_UNITS_MAX)
    }

    /// An article's number.
    pub(super) fn sku(&self) -> Option<String> {
        let text = self.str("a SKU as a string")?;
        if let Err(detail) = check_sku(text) {
            self.refuse("sku_malformed", detail);
            return None;
        }
        Some(text.to_owned())
    }

    /// A warehouse's code.
    pub(super) fn warehouse(&self) -> Option<String> {
        let text = self.str("a warehouse's code as a string")?;
        let is_code = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if text.is_empty() || text.len() > WAREHOUSE_CHARACTERS_MAX || !text.bytes().all(is_code) {
            let detail = format!(
                "This is no warehouse's code: use 1 to {WAREHOUSE_CHARACTERS_MAX} letters A to Z, \
                 digits, `_` and `-`."
            );
            self.refuse("warehouse_malformed", detail);
            return None;
        }
        Some(text.to_owned())
    }

    /// A name that is part of an address of ours: a policy, a hold, a tax class.
    pub(super) fn code(&self) -> Option<String> {
        self.text(CODE_CHARACTERS_MAX)
    }

    /// The name of a group of customers.
    pub fn demand_class(&self) -> Option<String> {
        let text = self.str("the name of a group of customers as a string")?;
        let is_code = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if text.is_empty() || text.len() > DEMAND_CLASS_CHARACTERS_MAX || !text.bytes().all(is_code)
        {
            let detail = format!(
                "Name a group by 1 to {DEMAND_CLASS_CHARACTERS_MAX} letters, digits, `_` or `-`."
            );
            self.refuse("demand_class_malformed", detail);
            return None;
        }
        Some(text.to_owned())
    }

    /// ISO 3166-1 alpha-2.
    pub(super) fn country(&self) -> Option<String> {
        let code = self.str("a country's two letters, like \"LT\"")?;
        if code.trim().is_empty() {
            return None;
        }
        if !countries::is_country(code) {
            let remedy = countries::suggested(code).map_or_else(
                || "use the two capital letters of ISO 3166-1, like `LT`.".to_owned(),
                |meant| format!("did you mean `{meant}`?"),
            );
            self.refuse("unknown_country", format!("This is no country: {remedy}"));
            return None;
        }
        Some(code.to_owned())
    }

    /// IANA time zone.
    pub(super) fn time_zone(&self) -> Option<String> {
        let name = self.text(TIME_ZONE_CHARACTERS_MAX)?;
        if TimeZone::get(&name).is_ok_and(|zone| !zone.is_unknown()) {
            return Some(name);
        }
        self.refuse(
            "unknown_time_zone",
            "This is no time zone: use a name of the IANA database, like `Europe/Vilnius`.",
        );
        None
    }

    /// A local date.
    pub(super) fn date(&self) -> Option<Date> {
        let text = self.text(CODE_CHARACTERS_MAX)?;
        let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
        if date.is_none() {
            self.refuse("date_malformed", "This is no date: write it like \"2026-12-01\".");
        }
        date
    }

    /// A local time of day.
    pub(super) fn time(&self) -> Option<Time> {
        let text = self.text(CODE_CHARACTERS_MAX)?;
        let digits =
            |range| text.get(range).is_some_and(|s: &str| s.bytes().all(|b| b.is_ascii_digit()));
        let has_form =
            text.len() == 5 && digits(0..2) && digits(3..5) && text.get(2..3) == Some(":");
        let time = text.parse::<Time>().ok().filter(|_| has_form);
        if time.is_none() {
            self.refuse("time_malformed", "This is no time of day: write it like \"09:00\".");
        }
        time
    }

    /// A moment.
    pub(super) fn moment(&self) -> Option<Timestamp> {
        let text = self.text(CODE_CHARACTERS_MAX)?;
        Timestamp::parse(&text)
            .map_err(|_| {
                let detail = "This is no moment: write it like \"2026-12-01T09:00:00Z\".";
                self.refuse("time_malformed", detail);
            })
            .ok()
    }
}

/// Whether a text can be a SKU; the API answers 404 for a path that can't.
///
/// # Errors
/// What a SKU is.
pub fn check_sku(text: &str) -> Result<(), String> {
    let count = text.chars().count();
    if (1..=SKU_CHARACTERS_MAX).contains(&count) && text.chars().all(text::is_visible) {
        return Ok(());
    }
    Err(format!(
        "This is no SKU: use 1 to {SKU_CHARACTERS_MAX} visible characters, without spaces."
    ))
}
