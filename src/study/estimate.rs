//! Estimates with intervals: every metric for every group, and every cause, over replications.

use super::run::RunResult;
use super::seen::{Seen, filled, pairs};
use crate::model::cause::Cause;
use crate::model::plan::Plan;
use crate::record::aside::is_counted;
use crate::record::registry::{Better, Estimator, METRICS, Metric, Observe, Unit};
use crate::record::{CauseTally, Group, GroupKind, Shape, Summary};
use crate::stats::{
    CONFIDENCE, Estimate, FEW_EVENTS, Histogram, Interval, RARE_EVENTS, clopper_pearson, least_n,
    mean_t, pooled_share,
};

/// One row of the summary: a metric of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricEstimate {
    /// Name of the metric in the registry.
    pub metric: &'static str,
    /// `all`, or a group such as `channel=alipay`.
    pub group: String,
    /// The part of the measured time it is about: `all`, or the name of a window.
    pub window: String,
    /// What of the replications' values it is.
    pub statistic: &'static str,
    /// Unit of the value and its interval.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// Value and interval; none where too little was observed.
    pub estimate: Option<Estimate>,
    /// Replications that had a value.
    pub replications: u64,
    /// Events counted, or observations that a quantile is of; none for sums and ratios.
    pub events: Option<u64>,
}

impl MetricEstimate {
    /// The statistic of means over replications.
    pub const MEAN: &'static str = "mean";
}

/// The value of a metric of a group in one replication.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricValue {
    /// Number of the replication.
    pub replication: u32,
    /// Name of the metric in the registry.
    pub metric: &'static str,
    /// `all`, or a group such as `channel=alipay`.
    pub group: String,
    /// The part of the measured time it is about: `all`, or the name of a window.
    pub window: String,
    /// None where the replication has no value, such as a quantile of too few observations.
    pub value: Option<f64>,
}

/// What one cause did, over replications.
#[derive(Clone, Debug, PartialEq)]
pub struct CauseEstimate {
    /// The cause; none for top-ups lost although no attempt of them failed by a cause.
    pub cause: Option<Cause>,
    /// Counts of all replications together.
    pub counts: CauseTally,
    /// Top-ups without success whose last cause it is, per million top-ups.
    pub lost_per_million: Option<Estimate>,
    /// Of the top-ups that it struck first, the share with success; none where it struck none.
    pub rescued_share: Option<Estimate>,
}

/// Every metric for each of its groups, in the order of the registry.
pub fn estimates(result: &RunResult, plan: &Plan) -> Vec<MetricEstimate> {
    of_shape(&result.replications, &Shape::of(plan))
}

/// The same for summaries of a shape.
pub fn of_shape(replications: &[Summary], shape: &Shape) -> Vec<MetricEstimate> {
    let rows = rows(shape);
    rows.map(|(metric, group)| of_group(metric, group, replications, shape, CONFIDENCE)).collect()
}

/// One metric of one group, with an interval of this confidence.
pub fn of_group(
    metric: &'static Metric,
    group: Group,
    replications: &[Summary],
    shape: &Shape,
    confidence: f64,
) -> MetricEstimate {
    let how = How { is_worst: shape.is_worst(group), confidence };
    MetricEstimate {
        group: shape.group_name(group),
        window: shape.window_name(group),
        ..estimate(metric, group, how, replications)
    }
}

/// Every metric of each replication by itself, replication by replication.
pub fn values(result: &RunResult, plan: &Plan) -> Vec<MetricValue> {
    let shape = Shape::of(plan);
    let of_one = |(&replication, summary): (&u32, &Summary)| -> Vec<MetricValue> {
        rows(&shape)
            .map(|(metric, group)| MetricValue {
                replication,
                metric: metric.name,
                group: shape.group_name(group),
                window: shape.window_name(group),
                value: value(metric, group, summary),
            })
            .collect()
    };
    result.numbers.iter().zip(&result.replications).flat_map(of_one).collect()
}

/// Every cause that struck, the one that cost most top-ups first.
pub fn causes(result: &RunResult) -> Vec<CauseEstimate> {
    let lost = |of: &dyn Fn(&Summary) -> u64| {
        let pairs: Vec<(u128, u128)> = result
            .replications
            .iter()
            .map(|summary| (of(summary).into(), summary.all.top_ups.into()))
            .collect();
        share(&pairs, Unit::PerMillion)
    };
    let named = Cause::ALL.iter().map(|&cause| CauseEstimate {
        cause: Some(cause),
        counts: *result.pooled.cause(cause),
        lost_per_million: lost(&|summary| summary.cause(cause).lost),
        rescued_share: rescued_share(result, cause),
    });
    let without = CauseEstimate {
        cause: None,
        counts: result.pooled.no_cause,
        lost_per_million: lost(&|summary| summary.no_cause.lost),
        rescued_share: None,
    };
    let mut rows: Vec<CauseEstimate> =
        named.chain([without]).filter(|row| row.counts != CauseTally::default()).collect();
    // The sort is stable: ties stay in the order of the table of causes.
    rows.sort_by_key(|row| std::cmp::Reverse((row.counts.lost, row.counts.strikes)));
    rows
}

fn rescued_share(result: &RunResult, cause: Cause) -> Option<Estimate> {
    let of = |summary: &Summary| {
        let tally = summary.cause(cause);
        (tally.rescued.into(), tally.first.into())
    };
    let pairs: Vec<(u128, u128)> = result.replications.iter().map(of).collect();
    share(&pairs, Unit::Share)
}

/// Every metric with each of its groups, in the order of the registry.
pub(super) fn rows(shape: &Shape) -> impl Iterator<Item = (&'static Metric, Group)> {
    METRICS.iter().flat_map(move |metric| {
        let asides = is_counted(metric).then_some(&GroupKind::Aside);
        let kinds = metric.groups.iter().chain(asides);
        let groups = kinds.flat_map(move |&kind| shape.groups(kind));
        groups.map(move |group| (metric, group))
    })
}

/// How an estimate is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    /// Of the worst stretch of each replication: no events of one kind, so they are never pooled.
    pub(super) is_worst: bool,
    /// Confidence of its interval.
    pub(super) confidence: f64,
}

fn estimate(
    metric: &'static Metric,
    group: Group,
    how: How,
    replications: &[Summary],
) -> MetricEstimate {
    let seen: Vec<Seen> = replications.iter().map(|one| Seen::of(metric, group, one)).collect();
    of_seen(metric, &seen, how, || observations(metric, group, replications))
}

/// All observations that a quantile is of, in replications or what they merge to.
pub(super) fn observations<'s>(
    metric: &Metric,
    group: Group,
    summaries: impl IntoIterator<Item = &'s Summary>,
) -> Histogram {
    let mut pooled = Histogram::new();
    if let Observe::Quantile(_, observe) = metric.observe {
        summaries.into_iter().for_each(|one| pooled.merge(observe(one, group).as_ref()));
    }
    pooled
}

/// The estimate of a metric from what replications say; `pooled` gives the observations of all of
/// them, where single ones have too few for a quantile.
pub(super) fn of_seen(
    metric: &'static Metric,
    seen: &[Seen],
    How { is_worst, confidence }: How,
    pooled: impl FnOnce() -> Histogram,
) -> MetricEstimate {
    let (estimate, replications, events) = match metric.observe {
        Observe::Ratio(_) => {
            let pairs = pairs(seen);
            let with_base = pairs.iter().filter(|pair| pair.1 > 0).count() as u64;
            match metric.estimator {
                Estimator::Events if !is_worst => {
                    let events = pairs.iter().map(|pair| pair.0 as u64).sum();
                    (share_at(&pairs, metric.unit, confidence), with_base, Some(events))
                }
                Estimator::Events => {
                    (worst_share(&pairs, metric.unit, confidence), with_base, None)
                }
                Estimator::Replications => {
                    let events: u128 = pairs.iter().map(|pair| pair.0).sum();
                    let share = of_replications(events as u64, with_base, confidence);
                    (share, with_base, Some(events as u64))
                }
                _ => (mean_at(&pairs, metric.unit, confidence), with_base, None),
            }
        }
        Observe::Quantile(q, _) => {
            let filled: Vec<(u64, u64)> = seen.iter().filter_map(filled).collect();
            let events = filled.iter().map(|one| one.0).sum();
            let estimate = quantile(&filled, (q, confidence), metric.unit, pooled);
            (estimate, filled.len() as u64, Some(events))
        }
    };
    MetricEstimate {
        metric: metric.name,
        group: String::new(),
        window: String::new(),
        statistic: MetricEstimate::MEAN,
        unit: metric.unit,
        better: metric.better,
        estimate,
        replications,
        events,
    }
}

/// The value of one replication.
pub fn value(metric: &Metric, group: Group, summary: &Summary) -> Option<f64> {
    Seen::of(metric, group, summary).value(metric)
}

/// Whether a share of events rests on the pooled ones: fewer than `few` happened or failed to.
pub(super) fn is_rare(pairs: &[(u128, u128)], few: u64) -> bool {
    let events: u128 = pairs.iter().map(|pair| pair.0).sum();
    let trials: u128 = pairs.iter().map(|pair| pair.1).sum();
    let is_share = pairs.iter().all(|pair| pair.0 <= pair.1);
    is_share && events.min(trials - events) < u128::from(few)
}

/// Pairs of counts of top-ups and the like, none of which comes near 2^64.
pub(super) fn counts(pairs: &[(u128, u128)]) -> Vec<(u64, u64)> {
    pairs.iter().map(|pair| (pair.0 as u64, pair.1 as u64)).collect()
}

/// A share of replications, which are independent.
pub(super) fn of_replications(events: u64, replications: u64, confidence: f64) -> Option<Estimate> {
    if replications == 0 {
        return None;
    }
    let interval = clopper_pearson(events, replications, confidence);
    let value = events as f64 / replications as f64;
    Some(Estimate { value, interval: Some(interval), n: replications })
}

/// A share of events: pooled while few of them happened or failed to, otherwise by replication.
pub(super) fn share(pairs: &[(u128, u128)], unit: Unit) -> Option<Estimate> {
    share_at(pairs, unit, CONFIDENCE)
}

/// The value is that of the pooled events below twenty, else the mean over replications. The
/// interval rests on the pooled ones up to a hundred, and holds the value whatever the sizes of
/// replications.
fn share_at(pairs: &[(u128, u128)], unit: Unit, confidence: f64) -> Option<Estimate> {
    let of_each = over_replications(pairs, unit, confidence)?;
    if !is_rare(pairs, FEW_EVENTS) {
        let is_share = pairs.iter().all(|pair| pair.0 <= pair.1);
        let most = if is_share { unit.value(1.0) } else { f64::INFINITY };
        return Some(within(of_each, most));
    }
    let sum = |of: fn(&(u128, u128)) -> u128| pairs.iter().map(of).sum::<u128>();
    let value = match is_rare(pairs, RARE_EVENTS) {
        true => unit.ratio(sum(|pair| pair.0), sum(|pair| pair.1)),
        false => of_each.value,
    };
    let pooled = pooled_share(&counts(pairs), confidence);
    let (low, high) = (unit.value(pooled.low).min(value), unit.value(pooled.high).max(value));
    Some(Estimate { value, interval: Some(Interval { low, high, ..pooled }), n: of_each.n })
}

/// The mean share in the worst stretches. Where all are 0 or all 1, the mean differs from that by
/// at most the share of replications that are otherwise: Clopper and Pearson bound that one.
fn worst_share(pairs: &[(u128, u128)], unit: Unit, confidence: f64) -> Option<Estimate> {
    let estimate = within(over_replications(pairs, unit, confidence)?, unit.value(1.0));
    let is_all = |share: fn(&(u128, u128)) -> bool| pairs.iter().all(share);
    let kept = match (is_all(|pair| pair.0 == 0), is_all(|pair| pair.0 == pair.1)) {
        (true, _) => 0,
        (_, true) => estimate.n,
        _ => return Some(estimate),
    };
    let bound = clopper_pearson(kept, estimate.n, confidence);
    let (low, high) = (unit.value(bound.low), unit.value(bound.high));
    Some(Estimate { interval: Some(Interval { low, high, ..bound }), ..estimate })
}

/// A mean of ratios. Where most replications have none of it, and few have any, there is no
/// interval: the spread of so lopsided values is guessed far too small. So it is with a share that
/// most replications have in full.
pub(super) fn mean(pairs: &[(u128, u128)], unit: Unit) -> Option<Estimate> {
    mean_at(pairs, unit, CONFIDENCE)
}

fn mean_at(pairs: &[(u128, u128)], unit: Unit, confidence: f64) -> Option<Estimate> {
    let estimate = over_replications(pairs, unit, confidence)?;
    let count = |is_it: fn(&(u128, u128)) -> bool| -> u64 {
        pairs.iter().filter(|pair| pair.1 > 0 && is_it(pair)).count() as u64
    };
    let is_lopsided = |some: u64| 2 * some < estimate.n && some < RARE_EVENTS;
    let is_bare = is_lopsided(count(|pair| pair.0 > 0))
        || unit == Unit::Share && is_lopsided(count(|pair| pair.0 != pair.1));
    if is_bare {
        return Some(Estimate { interval: None, ..estimate });
    }
    Some(within(estimate, if unit == Unit::Share { 1.0 } else { f64::INFINITY }))
}

pub(super) fn over_replications(
    pairs: &[(u128, u128)],
    unit: Unit,
    confidence: f64,
) -> Option<Estimate> {
    let with_base = pairs.iter().filter(|pair| pair.1 > 0);
    let values: Vec<f64> = with_base.map(|&(n, d)| unit.ratio(n, d)).collect();
    mean_t(&values, confidence)
}

/// The estimate with an interval cut off where nothing can be.
fn within(estimate: Estimate, most: f64) -> Estimate {
    let cut = |interval: Interval| Interval {
        low: interval.low.max(0.0),
        high: interval.high.min(most),
        ..interval
    };
    Estimate { interval: estimate.interval.map(cut), ..estimate }
}

/// A quantile of observations, counts and values by replication: by replication where each has
/// enough of them, otherwise pooled, without interval.
fn quantile(
    filled: &[(u64, u64)],
    (q, confidence): (f64, f64),
    unit: Unit,
    pooled: impl FnOnce() -> Histogram,
) -> Option<Estimate> {
    let least = least_n(q, CONFIDENCE);
    if filled.iter().all(|(count, _)| *count >= least) {
        let values: Vec<f64> = filled.iter().map(|&(_, ns)| unit.value(ns as f64)).collect();
        return Some(within(mean_t(&values, confidence)?, f64::INFINITY));
    }
    let pooled = pooled();
    let value = pooled.quantile(q).filter(|_| pooled.count() >= least)?;
    Some(Estimate { value: unit.value(value as f64), interval: None, n: filled.len() as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::GroupKind;
    use crate::record::fake::{self, ODDS, Odds, small};
    use crate::stats::Method;

    fn result(replications: u32, top_ups: u64, odds: Odds) -> RunResult {
        let shape = small();
        let one = |number: u32| (number, fake::summary(&shape, number.into(), top_ups, odds));
        RunResult::of((0..replications).map(one).collect(), &shape)
    }

    fn row(result: &RunResult, metric: &str, group: &str) -> MetricEstimate {
        let rows = of_shape(&result.replications, &small());
        let is_asked = |row: &MetricEstimate| {
            row.metric == metric && row.group == group && row.window == "all"
        };
        let mut found = rows.into_iter().filter(is_asked);
        found.next().expect("the metric is reported for the group")
    }

    fn interval(row: &MetricEstimate) -> Interval {
        row.estimate.and_then(|estimate| estimate.interval).expect("there is an interval")
    }

    const NO_DUPLICATES: Odds = Odds { fails: 20, charged_twice: 0 };
    const NO_FAILURES: Odds = Odds { fails: 0, charged_twice: 3 };

    #[test]
    fn every_metric_is_estimated_for_each_of_its_groups() {
        let rows = of_shape(&result(3, 300, ODDS).replications, &small());
        let of = |metric| rows.iter().filter(|row| row.metric == metric).count();
        assert_eq!(of("success_share"), 1 + 2 + 2 + 1 + 3 + 1);
        assert_eq!(of("credit_latency_p95_s"), 1 + 2);
        assert_eq!(of("peak_attempts_per_s"), 1);
        let metrics = METRICS.iter().map(|metric| of(metric.name)).sum::<usize>();
        assert_eq!(metrics, rows.len());
    }

    #[test]
    fn an_estimate_is_the_mean_of_the_values_of_the_replications() {
        let result = result(5, 2_000, ODDS);
        let shape = small();
        for (metric, group) in rows(&shape).filter(|(_, group)| group.kind != GroupKind::Window) {
            let values: Vec<f64> = result
                .replications
                .iter()
                .filter_map(|summary| value(metric, group, summary))
                .collect();
            let row = row(&result, metric.name, &shape.group_name(group));
            let Some(estimate) = row.estimate else { continue };
            if matches!(estimate.method(), Method::T) {
                assert_eq!(estimate.n as usize, values.len(), "{}", metric.name);
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                assert!((estimate.value - mean).abs() <= 1e-9 * mean.abs(), "{}", metric.name);
            }
        }
        let wanted = row(&result, "success_share", "all");
        assert_eq!((wanted.replications, interval(&wanted).method), (5, Method::T));
        assert!((0.77..0.83).contains(&wanted.estimate.expect("it has one").value));
    }

    #[test]
    fn nothing_happened_still_has_an_upper_bound() {
        let result = result(4, 1_000, NO_DUPLICATES);
        let row = row(&result, "duplicate_charges_per_million", "all");
        let Interval { low, high, method } = interval(&row);
        assert_eq!((row.events, low, method), (Some(0), 0.0, Method::ClopperPearsonPooled));
        let trials = result.pooled.all.top_ups;
        let exact = clopper_pearson(0, trials, CONFIDENCE).high * 1e6;
        assert!(high > 0.0 && (high - exact).abs() < 1e-6, "{high} v {exact}");
    }

    #[test]
    fn certain_success_still_has_a_lower_bound() {
        let row = row(&result(4, 1_000, NO_FAILURES), "success_share", "all");
        let Interval { low, high, method } = interval(&row);
        assert_eq!((high, method), (1.0, Method::ClopperPearsonPooled));
        assert!((0.998..1.0).contains(&low), "{low}");
    }

    #[test]
    fn a_sum_of_nothing_and_a_single_replication_pretend_no_precision() {
        let none = row(&result(4, 500, NO_DUPLICATES), "duplicate_amount", "all").estimate;
        assert_eq!(none, Some(Estimate { value: 0.0, interval: None, n: 4 }));
        let single = row(&result(1, 2_000, ODDS), "success_share", "all").estimate;
        assert_eq!(single.map(|estimate| (estimate.interval, estimate.n)), Some((None, 1)));
    }

    #[test]
    fn a_mean_of_what_most_replications_do_not_have_has_no_interval() {
        let interval = |values: &[u128], unit| {
            let pairs: Vec<(u128, u128)> = values.iter().map(|&value| (value, 10)).collect();
            mean(&pairs, unit).and_then(|estimate| estimate.interval)
        };
        assert_eq!(interval(&[0, 0, 0, 5, 7], Unit::Money), None);
        assert!(interval(&[0, 0, 4, 5, 7], Unit::Money).is_some());
        assert_eq!(interval(&[10, 10, 10, 9, 8], Unit::Share), None);
        assert!(interval(&[10, 10, 9, 9, 8], Unit::Share).is_some());
        let some_of_many: Vec<u128> = (0..100).map(|i| if i < 20 { 3 + i } else { 0 }).collect();
        assert!(interval(&some_of_many, Unit::Money).is_some(), "twenty are enough");
        assert_eq!(interval(&some_of_many[1..], Unit::Money), None);
    }

    #[test]
    fn a_quantile_is_pooled_where_replications_are_too_small_and_empty_where_all_are() {
        let p99 = |replications, top_ups| {
            row(&result(replications, top_ups, ODDS), "call_latency_p99_s", "all").estimate
        };
        assert_eq!(p99(3, 1_000).map(|estimate| estimate.method()), Some(Method::T));
        let pooled = p99(6, 200).expect("a thousand observations are enough");
        assert_eq!((pooled.interval, pooled.n), (None, 6));
        assert!((1.0..1.7).contains(&pooled.value), "{pooled:?}");
        assert_eq!(p99(1, 300), None);
    }

    #[test]
    fn causes_add_up_to_the_losses_and_the_costliest_comes_first() {
        let result = result(3, 2_000, ODDS);
        let causes = causes(&result);
        let lost: u64 = causes.iter().map(|row| row.counts.lost).sum();
        assert_eq!(lost, result.pooled.all.top_ups - result.pooled.all.successes());
        assert!(causes.is_sorted_by(|a, b| a.counts.lost >= b.counts.lost));
        assert!(causes[0].lost_per_million.is_some_and(|estimate| estimate.value > 0.0));
    }
}
