//! A question asked of a scenario: replications in parallel, and what they say together.

pub mod compare;
pub mod estimate;
pub mod explain;
pub mod finding;
pub mod jobs;
pub mod plan;
pub mod precision;
pub mod published;
pub mod queues;
pub mod rankings;
pub mod recovery;
pub mod remedies;
pub mod run;
pub mod sample;
mod seen;
pub mod sweep;
pub mod target;
pub mod timeline;
pub mod tornado;
pub mod uncertain;
pub mod verify;

pub use compare::{Comparison, Lineup, compare};
pub use estimate::{CauseEstimate, MetricEstimate, MetricValue};
pub use explain::{Kind, NotThere, Story, Wanted, explain};
pub use finding::finding;
pub use jobs::{Arm, Crew, Done, Job, Journal, NoJournal, run_arm, run_jobs, run_looking};
pub use precision::{Precise, Sharp, Sharpness};
pub use published::{Held, held};
pub use queues::QueueEstimate;
pub use rankings::{Ranked, ranked};
pub use recovery::{RecoveryEstimate, recoveries};
pub use remedies::RemedyEstimate;
pub use run::{Progress, RunInputs, RunResult, run, run_sampled};
pub use sample::{SAMPLE_MAX, Sample, Sampled};
pub use target::{Judged, judged, verdict};
pub use timeline::{Series, TimelineEstimates};
pub use tornado::{Moves, moves};
pub use uncertain::Drawn;

pub use crate::stats::{CONFIDENCE, Estimate, LOOK_FIRST, Verdict, looks};
