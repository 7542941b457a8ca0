//! Facts become tallies, histograms and timelines; the registry says what every metric means.
//!
//! A [`Recorder`] listens to one replication and ends as a [`Summary`] of integers. Summaries merge
//! exactly, in any order, so that threads, shards and machines give the same bytes.

pub mod aside;
mod costs;
mod ending;
#[cfg(test)]
pub(crate) mod fake;
pub mod flows;
pub mod laws;
mod layout;
pub mod observe;
pub mod pools;
pub mod recorder;
pub mod recovery;
pub mod refunds;
pub mod registry;
pub mod shape;
pub mod summary;
pub mod tally;
pub mod timeline;

pub use aside::AsideRecord;
pub use costs::CostRecord;
pub use flows::{Flow, Flows, Tried};
pub use layout::layout;
pub use pools::{PoolRecord, Room};
pub use recorder::Recorder;
pub use recovery::{Recoveries, RecoveryRecord};
pub use refunds::{MoneyRecord, RefundRecord};
pub use registry::{METRICS, Metric};
pub use shape::{Group, GroupKind, Shape};
pub use summary::{LedgerRecord, Loads, RunRecord, Summary};
pub use tally::{CauseTally, RemedyTally, Tally};
pub use timeline::{Bucket, PoolBucket, Timeline};
