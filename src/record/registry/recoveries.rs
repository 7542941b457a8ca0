//! The rows of recoveries: does goodput come back after a trigger, and how soon?

use super::super::observe;
use super::super::shape::GroupKind::{self, AnyRecovery, Recovery};
use super::Better::Down;
use super::Estimator::{Mean, Replications};
use super::Metric;
use super::Observe::Ratio;
use super::Unit::{Seconds, Share};

const RECOVERIES: &[GroupKind] = &[AnyRecovery, Recovery];

/// They come after those of requests, in scenarios with `[recovery]`.
pub(super) const ROWS: &[Metric] = &[
    Metric {
        name: "collapse_share",
        unit: Share,
        better: Down,
        estimator: Replications,
        groups: RECOVERIES,
        definition: "replications in which goodput did not come back by the horizon after a \
            trigger of `[recovery]`; `all`: after any of them",
        denominator: "replications with goodput before the trigger",
        observe: Ratio(observe::collapsed),
    },
    Metric {
        name: "recovery_time_mean_s",
        unit: Seconds,
        better: Down,
        estimator: Mean,
        groups: RECOVERIES,
        definition: "from the end of a trigger of `[recovery]` until goodput is back, cut off at \
            the horizon (restricted mean)",
        denominator: "replications with goodput before the trigger",
        observe: Ratio(observe::recovery_time),
    },
];
