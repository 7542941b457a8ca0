//! A question asked of a scenario: replications in parallel, and what they say together.

pub mod estimate;
pub mod explain;
pub mod finding;
pub mod jobs;
pub mod published;
pub mod queues;
pub mod rankings;
pub mod remedies;
pub mod run;
pub mod sample;
pub mod target;
pub mod timeline;

pub use estimate::{CauseEstimate, MetricEstimate, MetricValue};
pub use explain::{Kind, NotThere, Story, Wanted, explain};
pub use finding::finding;
pub use jobs::{Arm, Crew, Done, Job, Journal, NoJournal, run_jobs};
pub use published::{Held, held};
pub use queues::QueueEstimate;
pub use rankings::{Ranked, ranked};
pub use remedies::RemedyEstimate;
pub use run::{Progress, RunInputs, RunResult, run, run_sampled};
pub use sample::{SAMPLE_MAX, Sample, Sampled};
pub use target::verdict;
pub use timeline::{Series, TimelineEstimates};

pub use crate::stats::{Estimate, Verdict};
