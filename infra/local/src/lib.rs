//! Ordermill in one process: every function of `functions/`, on the services of
//! `shared/embedded`, behind one HTTP server and one binary.
//!
//! | module | what it holds |
//! |---|---|
//! | [`run`] | the run itself: functions, workers, stream readers, the movable clock, settling |
//! | [`http`] | the server: API Gateway's events, routes, `/_local/*`, pages |
//! | [`cli`] | the command line |
//! | [`csv_file`] | files that people import, as requests |
//! | [`check`] | `audit` and `repair` over a whole table |
//! | [`demo`] | the demonstration in three acts, over real HTTP |
//! | [`client`] | a small HTTP client for the demonstration and for `/_local/pay` |
//! | [`sample`] | the catalogue of a new folder |
//! | [`serve`] | a running system in one call, for tests |
//!
//! The functions that run here are the deployed ones, called with the deployed event types. What
//! differs is who calls them: on AWS the services, here [`run`].

pub mod check;
pub mod cli;
pub mod client;
pub mod csv_file;
pub mod demo;
pub mod error;
pub mod http;
pub mod policy_graph;
pub mod run;
pub mod sample;
pub mod serve;

pub use error::{LocalError, LocalResult};
