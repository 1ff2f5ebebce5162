//! Requests, units and invocations per order, counted from the real requests of the deployed
//! functions on the embedded table, and what they cost.
//!
//! | module | what |
//! |---|---|
//! | [`meter`] | what each request consumes, by DynamoDB's published rules |
//! | [`size`] | an item's size by those rules |
//! | [`typical`] | six typical orders, from intake to their end |
//! | [`report`] | the reviewed text file, and the prices |

pub mod meter;
pub mod report;
pub mod size;
pub mod typical;
