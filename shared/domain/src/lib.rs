//! The pure rules of Ordermill. Nothing here reads a clock, a random number or the world, and
//! nothing knows of AWS: an order, the facts it needs and a command go in, a decision comes out.
//!
//! | module | what it holds |
//! |---|---|
//! | [`order`] | the order, its lines, money and events |
//! | [`decide`] | every rule about an order |
//! | [`policy`] | lifecycles as data: types, loader, checks, presets, grids |
//! | [`stock`] | stock lines, sourcing, groups for one transaction, movements |
//! | [`price`] | prices, tax, totals |
//! | [`intake`] | request bodies, read with all their mistakes at once |
//! | [`validation`] | what sends an order to review |
//! | [`production`], [`working_time`] | how goods are made, planned back from the delivery date |
//! | [`reach`] | how and when a customer is told |
//! | [`customer`], [`duplicate`] | what is kept of a customer; when two orders are alike |
//! | [`recurrence`], [`subscription`] | orders that repeat |
//! | [`webhook`] | telling clients' programs: where, when again, when no more |
//! | [`audit`] | what must be true of the whole |
//! | [`money`], [`quantity`], [`time`], [`ids`] | the words everything is made of |

pub mod audit;
pub mod customer;
pub mod decide;
pub mod dunning;
pub mod duplicate;
pub mod figures;
pub mod ids;
pub mod intake;
pub mod money;
pub mod order;
pub mod policy;
pub mod price;
pub mod production;
pub mod quantity;
pub mod reach;
pub mod recurrence;
pub mod stock;
pub mod subscription;
pub mod time;
pub mod validation;
pub mod webhook;
pub mod working_time;
