//! Seeded worlds: the whole system on one thread and a virtual clock, every fault we can think of,
//! and a model that keeps its own books.
//!
//! | module | what |
//! |---|---|
//! | [`plan`] | what a world is made of: faults, shop, what people will want |
//! | [`world`] | the run: what happens next, what goes wrong |
//! | [`gates`] | every request of every call stops here until the scheduler opens |
//! | [`stage`] | the real functions as tasks on the embedded services |
//! | [`observer`] | judges each commit, from the change stream |
//! | [`callers`], [`wants`], [`model`] | who asks what, and the books they keep |
//! | [`payers`], [`subscribers`] | of that: money, subscriptions |
//! | [`asking`], [`asked`] | what customers are asked, and what they answer |
//! | [`posts`], [`hooks`], [`bounces`] | what left the house, and what is said of it later |
//! | [`checks`], [`cents`] | what must be so at rest |
//! | [`policies`], [`mistakes`] | random lifecycles, and every way to break one |
//! | [`mutations`] | known mistakes that must be found |
//! | [`shrink`], [`report`] | a failing world made short; figures and what was not covered |

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a world that breaks ends the test")]
#![allow(clippy::print_stdout, reason = "the report is what this is for")]

pub mod asked;
pub mod asking;
pub mod bounces;
pub mod callers;
pub mod cents;
pub mod checks;
pub mod dice;
pub mod gates;
pub mod hooks;
pub mod mistakes;
pub mod model;
pub mod mutations;
pub mod observer;
pub mod payers;
pub mod plan;
pub mod policies;
pub mod posts;
pub mod races;
pub mod repair;
pub mod report;
pub mod shrink;
pub mod stage;
pub mod stale;
pub mod subscribers;
pub mod wants;
pub mod world;
