//! Results of single replications on disk, so that an interrupted study can go on.

mod frame;
mod journal;

pub use journal::{JournalError, JournalFile};
