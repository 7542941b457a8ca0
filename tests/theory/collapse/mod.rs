//! Retry storms: who comes back after an interruption, and who stays down.
//!
//! One worker, exponential service of 10 ms in the mean (C = 100/s), Poisson arrivals, an app that
//! waits for a second and tries up to four times, at once. Work that the app has given up goes on.
//! The worker stands still from 60 to 70 s, and the run ends at 400 s. What it is set against, and
//! how our model is brought to it, stands in `storm.rs`.
//!
//! Three replications of seed 1 each; the seed was never chosen. What was seen is told by
//! `TOPUP_SIM_SCORES=1 cargo test --test theory collapse:: -- --nocapture --test-threads=1`.

mod boundary;
mod controls;
mod hysteresis;
mod storm;
mod table;
