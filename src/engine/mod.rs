//! The discrete-event engine: keyed draws, quantile tables, event queue, pools and limiters.
//!
//! It knows neither payments nor files. Time is a plain number of nanoseconds ([`Ns`]); every
//! result depends on the seed and on the order of keys only, never on a clock, a thread or a hash.

pub mod arrivals;
pub mod calendar;
pub mod codel;
pub mod concurrency;
pub mod decay;
pub mod draw;
pub mod ewma;
pub mod limiter;
mod line;
mod memory;
pub mod pool;
pub mod pool_totals;
pub mod queue;
pub mod side_table;
pub mod slab;
pub mod table;
pub mod wheel;

pub use arrivals::{Arrivals, OverDispersion, RateCurve, Segment};
pub use calendar::{Calendar, Due};
pub use codel::CoDel;
pub use concurrency::{Aimd, Gradient2, Limit, Sample, Vegas};
pub use decay::Decay;
pub use draw::{Class, Draw, KeyedRng, Purpose, Seed, Stream, mix};
pub use ewma::Ewma;
pub use limiter::{Gcra, TokenBudget};
pub use pool::{Admission, Granted, Order, POOL_CLASSES, Pool, PoolClass, Ticket};
pub use pool_totals::{ClassTotals, Integrals, PoolTotals};
pub use queue::{Entry, EventQueue, HeapQueue};
pub use side_table::SideTable;
pub use slab::Slab;
pub use table::QuantileTable;
pub use wheel::TimingWheel;

/// Nothing lies later, and no value of a table above: 2^62 ns are 146 years. A sum of three such is
/// below 2^64.
pub const NS_MAX: Ns = 1 << 62;

/// A span times a factor in units of 2^-16, at most [`NS_MAX`].
#[inline]
pub fn stretched(span: Ns, factor_q16: u64) -> Ns {
    ((u128::from(span) * u128::from(factor_q16)) >> 16).min(u128::from(NS_MAX)) as Ns
}

/// Nanoseconds: an instant since the start of the replication, or a span. 2^64 ns are 584 years.
pub type Ns = u64;
