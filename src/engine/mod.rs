//! The discrete-event engine: keyed draws, quantile tables, event queue, pools and limiters.
//!
//! It knows neither payments nor files. Time is a plain number of nanoseconds ([`Ns`]); every result
//! depends on the seed and on the order of keys only, never on a clock, a thread or a hash.

pub mod draw;
pub mod table;

pub use draw::{Class, Draw, KeyedRng, Purpose, Seed, Stream, mix};
pub use table::QuantileTable;

/// Nanoseconds: an instant since the start of the replication, or a span. 2^64 ns are 584 years.
pub type Ns = u64;
