//! Every bound of a request body, in one place. Text lengths are in characters.

/// Lines of an order (`spec/domain.md`).
pub const LINES_MAX: usize = 1_000;
/// A line's number: as far as lines go.
pub const LINE_NUMBER_MAX: u32 = 1_000;
/// Units of a line (`spec/domain.md`).
pub const QUANTITY_UNITS_MAX: i64 = crate::quantity::QUANTITY_UNITS_MAX;
/// Stock movements of one request (`spec/api.md`).
pub const MOVEMENTS_MAX: usize = 50;
/// Units of one stock movement: a warehouse may receive more than one order asks for.
pub const MOVEMENT_UNITS_MAX: i64 = 1_000_000_000;
/// Pairs of `metadata` (`spec/api.md`).
pub const METADATA_PAIRS_MAX: usize = 50;
/// Problems of one answer; what is beyond them is counted only.
pub const PROBLEMS_MAX: usize = 1_000;

/// Discounts of an order, and of one line.
pub const DISCOUNTS_MAX: usize = 20;
/// Fees of an order.
pub const FEES_MAX: usize = 20;
/// Options of a line.
pub const OPTIONS_MAX: usize = 20;
/// Payment references of an order.
pub const REFERENCES_MAX: usize = 20;
/// Prices of a product: one for each currency there is.
pub const PRICES_MAX: usize = 200;
/// Parts of a bundle: each may touch a stock line at every warehouse in one transaction.
pub const BUNDLE_PARTS_MAX: usize = 10;
/// Units of a part in one bundle.
pub const BUNDLE_PART_UNITS_MAX: i64 = 1_000;
/// A demand class.
pub const DEMAND_CLASS_CHARACTERS_MAX: usize = 32;
/// Decimal places of a price list's price (`spec/domain.md`).
pub const PRICE_PLACES_MAX: u32 = 6;
/// Days that a product may take to come.
pub const LEAD_TIME_DAYS_MAX: u32 = 3_650;
/// Days before its order that a subscription's customer is told.
pub const NOTICE_DAYS_MAX: u16 = 365;
/// Occurrences of a subscription.
pub const COUNT_MAX: u32 = 100_000;
/// Number of a shipment.
pub const SHIPMENT_MAX: u32 = 100_000;

/// A SKU (`spec/domain.md`).
pub const SKU_CHARACTERS_MAX: usize = 64;
/// A warehouse's code.
pub const WAREHOUSE_CHARACTERS_MAX: usize = 32;
/// A client's own number of something.
pub const EXTERNAL_ID_CHARACTERS_MAX: usize = 128;
/// A reference of a payment or refund.
pub const REFERENCE_CHARACTERS_MAX: usize = 128;
/// A short code: a coupon, a policy, a user's id, a purchase order.
pub const CODE_CHARACTERS_MAX: usize = 100;
/// A name of a person, company, product, option or fee.
pub const NAME_CHARACTERS_MAX: usize = 200;
/// A line of an address.
pub const ADDRESS_CHARACTERS_MAX: usize = 200;
/// A postal code.
pub const POSTAL_CODE_CHARACTERS_MAX: usize = 16;
/// An e-mail address (RFC 5321).
pub const EMAIL_CHARACTERS_MAX: usize = 254;
/// A telephone number with its spaces and brackets.
pub const PHONE_CHARACTERS_MAX: usize = 40;
/// A language tag.
pub const LOCALE_CHARACTERS_MAX: usize = 35;
/// A time zone's name.
pub const TIME_ZONE_CHARACTERS_MAX: usize = 64;
/// A reason, an option's value, a delivery window.
pub const SENTENCE_CHARACTERS_MAX: usize = 500;
/// A note or comment.
pub const NOTE_CHARACTERS_MAX: usize = 2_000;
/// A key of `metadata`.
pub const METADATA_KEY_CHARACTERS_MAX: usize = 64;
/// A value of `metadata`.
pub const METADATA_VALUE_CHARACTERS_MAX: usize = 500;
/// `gift`, written as JSON.
pub const GIFT_BYTES_MAX: usize = 4_000;
/// A rule, as long as [`crate::recurrence`] reads one.
pub const RULE_CHARACTERS_MAX: usize = crate::recurrence::TEXT_BYTES_MAX;
