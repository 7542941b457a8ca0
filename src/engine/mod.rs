//! The discrete-event engine: keyed draws, quantile tables, event queue, pools and limiters.
//!
//! It knows neither payments nor files. Time is a plain number of nanoseconds ([`Ns`]); every result
//! depends on the seed and on the order of keys only, never on a clock, a thread or a hash.

pub mod decay;
pub mod draw;
pub mod queue;
pub mod table;
pub mod wheel;

pub use decay::Decay;
pub use draw::{Class, Draw, KeyedRng, Purpose, Seed, Stream, mix};
pub use queue::{Entry, EventQueue, HeapQueue};
pub use table::QuantileTable;
pub use wheel::TimingWheel;

/// Nanoseconds: an instant since the start of the replication, or a span. 2^64 ns are 584 years.
pub type Ns = u64;
