//! Targets: whether a bound on the mean of a metric is met, missed or uncertain.

use super::estimate::MetricEstimate;
use crate::stats::{Bound, Verdict, judge};

/// The verdict on one metric with bounds in its unit. Met and missed need the whole interval;
/// without one (a single replication) nothing is certain. Of two bounds the worse verdict counts.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::registry::{Better, Unit};
    use crate::stats::{Estimate, Interval, Method};

    fn metric(estimate: Option<Estimate>) -> MetricEstimate {
        MetricEstimate {
            metric: "success_share",
            group: "all".to_owned(),
            window: "all".to_owned(),
            statistic: "mean",
            unit: Unit::Share,
            better: Better::Up,
            estimate,
            replications: 30,
            events: None,
        }
    }

    fn between(low: f64, high: f64) -> MetricEstimate {
        let interval = Some(Interval { low, high, method: Method::T });
        metric(Some(Estimate { value: (low + high) / 2.0, interval, n: 30 }))
    }

    #[test]
    fn of_two_bounds_the_worse_verdict_counts() {
        assert_eq!(verdict(&between(0.91, 0.93), Some(0.9), Some(0.95)), Verdict::Met);
        assert_eq!(verdict(&between(0.91, 0.93), Some(0.9), Some(0.5)), Verdict::Missed);
        let unsure = verdict(&between(0.87, 0.97), Some(0.9), Some(0.95));
        assert_eq!(unsure, Verdict::Uncertain { replications_needed: Some(158) });
    }

    #[test]
    fn what_was_not_seen_meets_no_target() {
        let unsure = Verdict::Uncertain { replications_needed: None };
        assert_eq!(verdict(&metric(None), Some(0.9), None), unsure);
        let single = metric(Some(Estimate { value: 0.99, interval: None, n: 1 }));
        assert_eq!(verdict(&single, Some(0.9), None), unsure);
    }
}
