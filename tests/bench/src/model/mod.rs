//! A model of DynamoDB's limits, on a virtual clock: the real `reserve` on the embedded table, with
//! what the embedded table does not do by itself: take time, reject overlapping transactions, and
//! throttle a partition.
//!
//! | module | what |
//! |---|---|
//! | [`time`] | virtual time: whoever waits is woken in order, nobody really waits |
//! | [`limits`] | latencies, conflicts and throughput as a connector |
//! | [`reserving`] | many instances of `reserve` on one queue, by group commit and one by one |
//! | [`chart`] | the result as a drawing |

pub mod chart;
pub mod limits;
pub mod reserving;
pub mod time;
