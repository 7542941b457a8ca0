//! Targets: whether what a scenario asks of its metrics is met, missed or uncertain.

use super::estimate::{How, MetricEstimate, observations, of_seen};
use super::seen::Seen;
use crate::record::registry::{Metric, Unit};
use crate::record::{Shape, Summary};
use crate::scenario::{Of, Target};
use crate::stats::{
    Bound, CONFIDENCE, Estimate, Histogram, Verdict, clopper_pearson, judge, judge_share, least_n,
    quantile_interval,
};

/// What replications say about a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Met, missed or uncertain.
    pub verdict: Verdict,
    /// What the target binds: the mean, a quantile, or the share of replications that keep the
    /// bound. None where too little was seen.
    pub estimate: Option<Estimate>,
    /// The unit of the estimate.
    pub unit: Unit,
    /// Replications that had a value.
    pub replications: u64,
    /// Of them, those that keep the bound, where that is asked for.
    pub kept: Option<u64>,
}

/// Holds a target against replications, at 95 % confidence.
pub fn judged(target: &Target, replications: &[Summary], shape: &Shape) -> Judged {
    judged_at(target, replications, shape, CONFIDENCE)
}

/// The same at another confidence, such as that of one of several looks.
pub fn judged_at(
    target: &Target,
    replications: &[Summary],
    shape: &Shape,
    confidence: f64,
) -> Judged {
    let metric = Metric::by_name(target.metric).expect("a checked target has a metric");
    let group = shape.group(&target.group, &target.window).expect("and a group of the plan");
    let seen: Vec<Seen> = replications.iter().map(|one| Seen::of(metric, group, one)).collect();
    let how = How { is_worst: shape.is_worst(group), confidence };
    judged_seen(target, &seen, how, || observations(metric, group, replications))
}

/// Holds a target against what replications say about its metric; `pooled` gives the observations
/// of all of them, where single ones have too few for a quantile.
pub(super) fn judged_seen(
    target: &Target,
    seen: &[Seen],
    how: How,
    pooled: impl FnOnce() -> Histogram,
) -> Judged {
    let metric = Metric::by_name(target.metric).expect("a checked target has a metric");
    let values = || seen.iter().filter_map(|one| one.value(metric)).collect::<Vec<f64>>();
    match &target.of {
        Of::Mean => {
            let row = of_seen(metric, seen, how, pooled);
            Judged {
                verdict: verdict(&row, target.at_least, target.at_most),
                estimate: row.estimate,
                unit: row.unit,
                replications: row.replications,
                kept: None,
            }
        }
        Of::Quantile { p, .. } => {
            let mut values = values();
            values.sort_by(f64::total_cmp);
            quantile_judged(target, *p, &values, how.confidence)
        }
        Of::Share(share) => share_judged(target, *share, &values(), how.confidence),
    }
}

fn quantile_judged(target: &Target, p: f64, sorted: &[f64], confidence: f64) -> Judged {
    let (seen, least) = (sorted.len() as u64, least_n(p, confidence));
    let estimate = quantile_interval(sorted, p, confidence);
    let too_few = Verdict::Uncertain { replications_needed: Some(least.saturating_sub(seen)) };
    Judged {
        verdict: estimate.map_or(too_few, |e| of_bounds(&e, target.at_least, target.at_most)),
        estimate,
        unit: target.unit,
        replications: seen,
        kept: None,
    }
}

fn share_judged(target: &Target, share: f64, values: &[f64], confidence: f64) -> Judged {
    let keeps = |value: &&f64| {
        target.at_least.is_none_or(|least| **value >= least)
            && target.at_most.is_none_or(|most| **value <= most)
    };
    let (kept, seen) = (values.iter().filter(keeps).count() as u64, values.len() as u64);
    let interval = Some(clopper_pearson(kept, seen, confidence));
    let estimate = Estimate { value: kept as f64 / seen as f64, interval, n: seen };
    Judged {
        verdict: judge_share(kept, seen, share, confidence),
        estimate: (seen > 0).then_some(estimate),
        unit: Unit::Share,
        replications: seen,
        kept: Some(kept),
    }
}

/// The verdict on one metric with bounds in its unit. Met and missed need the whole interval;
/// without one (a single replication) nothing is certain. Of two bounds the worse verdict counts.
pub fn verdict(metric: &MetricEstimate, at_least: Option<f64>, at_most: Option<f64>) -> Verdict {
    match &metric.estimate {
        Some(estimate) => of_bounds(estimate, at_least, at_most),
        None => Verdict::Uncertain { replications_needed: None },
    }
}

fn of_bounds(estimate: &Estimate, at_least: Option<f64>, at_most: Option<f64>) -> Verdict {
    let bounds = [at_least.map(Bound::AtLeast), at_most.map(Bound::AtMost)];
    let verdicts = bounds.into_iter().flatten().map(|bound| judge(estimate, bound));
    verdicts.fold(Verdict::Met, Verdict::worse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::registry::Better;
    use crate::stats::{Interval, Method};

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

    #[test]
    fn a_quantile_below_its_least_n_says_how_many_are_missing() {
        let target = Target::at_least("success_share", 0.9);
        let values: Vec<f64> = (1..=70).map(|i| 0.9 + f64::from(i) / 1_000.0).collect();
        let few = quantile_judged(&target, 0.05, &values, 0.95);
        assert_eq!(few.verdict, Verdict::Uncertain { replications_needed: Some(2) });
        assert_eq!(few.estimate, None);
        let values: Vec<f64> = (1..=80).map(|i| 0.9 + f64::from(i) / 1_000.0).collect();
        assert_eq!(quantile_judged(&target, 0.05, &values, 0.95).verdict, Verdict::Met);
    }

    #[test]
    fn replications_that_keep_the_bound_are_counted() {
        let target = Target::at_least("success_share", 0.9);
        let values: Vec<f64> = (0..100).map(|i| if i < 50 { 0.95 } else { 0.85 }).collect();
        let half = share_judged(&target, 0.9, &values, 0.95);
        assert_eq!((half.verdict, half.kept), (Verdict::Missed, Some(50)));
        let all = share_judged(&target, 0.9, &values[..36], 0.95);
        assert_eq!((all.verdict, all.kept), (Verdict::Met, Some(36)));
        // who stands on a bound keeps it
        let mut on_both = target;
        on_both.at_most = Some(0.9);
        assert_eq!(share_judged(&on_both, 0.5, &[0.9; 9], 0.95).kept, Some(9));
    }
}
