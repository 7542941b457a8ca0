//! Targets: whether a bound on the mean of a metric is met, missed or uncertain.

use super::estimate::MetricEstimate;
use crate::stats::{Bound, Verdict, judge};

/// The verdict on one metric with bounds in its unit. Met and missed need the whole interval; without
/// one (a single replication) nothing is certain. Of two bounds the worse verdict counts.
pub fn verdict(metric: &MetricEstimate, at_least: Option<f64>, at_most: Option<f64>) -> Verdict {
    let Some(estimate) = &metric.estimate else {
        return Verdict::Uncertain { replications_needed: None };
    };
    let bounds = [at_least.map(Bound::AtLeast), at_most.map(Bound::AtMost)];
    let verdicts = bounds.into_iter().flatten().map(|bound| judge(estimate, bound));
    verdicts.fold(Verdict::Met, worse)
}

fn worse(a: Verdict, b: Verdict) -> Verdict {
    match (a, b) {
        (Verdict::Missed, _) | (_, Verdict::Missed) => Verdict::Missed,
        (Verdict::Met, other) | (other, Verdict::Met) => other,
        (
            Verdict::Uncertain { replications_needed: a },
            Verdict::Uncertain { replications_needed: b },
        ) => {
            // None means that no number of replications would do.
            Verdict::Uncertain { replications_needed: a.zip(b).map(|(a, b)| a.max(b)) }
        }
    }
}
