//! topup-sim: a payment-channel reliability simulator.
//!
//! Floors, ground first: `units`, `engine`, `stats`, `model`, `record`, `scenario`, `study`,
//! `store`, `report`, `cli`. A module uses only lower floors; `tests/house/floors.rs` holds the
//! table.

pub mod cli;
pub mod engine;
pub mod model;
pub mod record;
pub mod report;
pub mod scenario;
pub mod stats;
pub mod store;
pub mod study;
pub mod units;
