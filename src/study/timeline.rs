//! Estimates over the time of a run, bucket by bucket.

use super::estimate::{mean, share};
use super::run::RunResult;
use crate::model::cause::Cause;
use crate::model::plan::Plan;
use crate::record::observe::Pair;
use crate::record::registry::Unit;
use crate::record::timeline::ATTEMPT_NUMBERS;
use crate::record::{Bucket, PoolBucket, Shape, Summary, Timeline};
use crate::stats::{Estimate, RARE_EVENTS};

/// Series over a common row of buckets, warm-up included.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineEstimates {
    /// Width of a bucket, ns; the last one may be cut short.
    pub width: u64,
    /// End of the last bucket, ns.
    pub length: u64,
    /// Replications.
    pub replications: u64,
    /// All series. Intervals are over replications; rates of fewer than 20 events have none.
    pub series: Vec<Series>,
}

/// One metric of one group, bucket by bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The metric, unit last: `success_share`, `arrivals_per_s`, `attempts_per_s`,
    /// `struck_attempts_per_s`, `queue_length`, `gateway_utilisation` and others.
    pub metric: &'static str,
    /// `all`, or a group such as `attempt=2`, `cause=net_unstable` or `pool=gateway`.
    pub group: String,
    /// One estimate a bucket; none where nothing happened that could be measured.
    pub points: Vec<Option<Estimate>>,
}

/// What a series counts of a bucket.
type Count = fn(&Bucket) -> u64;

/// Series that count something of each bucket, per second.
const COUNTED: [(&str, Count); 10] = [
    ("arrivals_per_s", |bucket| bucket.arrivals),
    ("queries_per_s", |bucket| bucket.queries),
    ("captures_per_s", |bucket| bucket.captures),
    ("duplicates_per_s", |bucket| bucket.duplicates),
    ("charged_shown_failed_per_s", |bucket| bucket.charged_shown_failed),
    ("orphans_per_s", |bucket| bucket.orphans),
    ("refunds_per_s", |bucket| bucket.refunds),
    ("shed_per_s", |bucket| bucket.shed),
    ("blocked_per_s", |bucket| bucket.blocked),
    ("abandoned_per_s", |bucket| bucket.abandoned),
];

/// All series of a run.
pub fn timeline(result: &RunResult, plan: &Plan) -> TimelineEstimates {
    of_shape(result, &Shape::of(plan))
}

/// The same for summaries of a shape.
pub fn of_shape(result: &RunResult, shape: &Shape) -> TimelineEstimates {
    let pooled = &result.pooled.timeline;
    let over_time = OverTime { replications: &result.replications, pooled };
    let mut series = vec![over_time.success()];
    series.extend(COUNTED.iter().map(|&(metric, count)| {
        over_time.per_second(metric, "all".to_owned(), |one, bucket| count(&one.buckets[bucket]))
    }));
    series.extend((0..ATTEMPT_NUMBERS).map(|slot| {
        let beyond = if slot + 1 == ATTEMPT_NUMBERS { "+" } else { "" };
        let group = format!("attempt={}{beyond}", slot + 1);
        let sent = |one: &Timeline, bucket: usize| one.buckets[bucket].attempts[slot];
        over_time.per_second("attempts_per_s", group, sent)
    }));
    series.extend(Cause::ALL.iter().filter(|&&cause| has_struck(pooled, cause)).map(|&cause| {
        let group = format!("cause={}", cause.row().code);
        let struck = |one: &Timeline, bucket: usize| one.struck(bucket, cause);
        over_time.per_second("struck_attempts_per_s", group, struck)
    }));
    for (at, (name, workers)) in shape.pools.iter().enumerate() {
        let group = format!("pool={name}");
        series.push(over_time.queue(at, group.clone()));
        if *workers > 0 {
            series.push(over_time.utilisation(at, group));
        }
    }
    let replications = result.pooled.replications;
    TimelineEstimates { width: pooled.width, length: pooled.length, replications, series }
}

fn has_struck(timeline: &Timeline, cause: Cause) -> bool {
    (0..timeline.buckets.len()).any(|bucket| timeline.struck(bucket, cause) > 0)
}

/// The timelines of all replications, bucket by bucket.
struct OverTime<'r> {
    replications: &'r [Summary],
    /// Their sum: it has the buckets that all of them share.
    pooled: &'r Timeline,
}

impl OverTime<'_> {
    fn success(&self) -> Series {
        let counts = |one: &Timeline, bucket: usize| {
            let bucket = &one.buckets[bucket];
            (bucket.successes.into(), bucket.arrivals.into())
        };
        self.series("success_share", "all".to_owned(), counts, |pairs| share(pairs, Unit::Share))
    }

    fn per_second(
        &self,
        metric: &'static str,
        group: String,
        count: impl Fn(&Timeline, usize) -> u64,
    ) -> Series {
        let counts = |one: &Timeline, bucket: usize| (count(one, bucket).into(), time(one, bucket));
        self.series(metric, group, counts, rate)
    }

    fn queue(&self, pool: usize, group: String) -> Series {
        let waiting = |one: &Timeline, bucket: usize| {
            let time = if one.is_full(bucket) { time(one, bucket) } else { 0 };
            (one.pools[pool][bucket].waiting_ns.iter().sum(), time)
        };
        // A number of things, so not cut off at 1 as a share would be.
        self.series("queue_length", group, waiting, |pairs| mean(pairs, Unit::PerTopUp))
    }

    fn utilisation(&self, pool: usize, group: String) -> Series {
        let busy = |one: &Timeline, bucket: usize| {
            let PoolBucket { busy_ns, servers_ns, .. } = one.pools[pool][bucket];
            (busy_ns.min(servers_ns), servers_ns)
        };
        self.series("gateway_utilisation", group, busy, |pairs| mean(pairs, Unit::Share))
    }

    /// One estimate a bucket, from a numerator and a denominator of each replication.
    fn series(
        &self,
        metric: &'static str,
        group: String,
        of_one: impl Fn(&Timeline, usize) -> Pair,
        estimate: impl Fn(&[Pair]) -> Option<Estimate>,
    ) -> Series {
        let point = |bucket: usize| {
            let timelines = self.replications.iter().map(|summary| &summary.timeline);
            let pairs: Vec<Pair> = timelines.map(|one| of_one(one, bucket)).collect();
            estimate(&pairs)
        };
        let points = (0..self.pooled.buckets.len()).map(point).collect();
        Series { metric, group, points }
    }
}

/// Time of a bucket, ns.
fn time(timeline: &Timeline, bucket: usize) -> u128 {
    let (from, to) = timeline.span(bucket);
    (to - from).into()
}

/// Events a second. Few of them over all replications are too lopsided for a t interval.
fn rate(pairs: &[Pair]) -> Option<Estimate> {
    let estimate = mean(pairs, Unit::PerSecond)?;
    let events: u128 = pairs.iter().map(|pair| pair.0).sum();
    let is_enough = events >= RARE_EVENTS.into();
    Some(Estimate { interval: estimate.interval.filter(|_| is_enough), ..estimate })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::fake::{self, ODDS, small};
    use crate::stats::Method;

    fn result(shape: &Shape) -> RunResult {
        let one = |number: u32| (number, fake::summary(shape, number.into(), 20_000, ODDS));
        RunResult::of((0..4).map(one).collect(), shape)
    }

    fn values<'t>(timeline: &'t TimelineEstimates, metric: &str, group: &str) -> &'t Series {
        let mut all = timeline.series.iter();
        all.find(|series| series.metric == metric && series.group == group).expect("it is there")
    }

    #[test]
    fn a_series_adds_up_to_what_was_counted() {
        let shape = small();
        let result = result(&shape);
        let timeline = of_shape(&result, &shape);
        assert_eq!((timeline.width, timeline.replications), (100_000_000, 4));
        let arrivals = values(&timeline, "arrivals_per_s", "all");
        let sum: f64 = arrivals.points.iter().flatten().map(|point| point.value * 0.1 * 4.0).sum();
        let counted: u64 = result.pooled.timeline.buckets.iter().map(|b| b.arrivals).sum();
        assert!((sum - counted as f64).abs() < 1e-6, "{sum} v {counted}");
        let busy = values(&timeline, "gateway_utilisation", "pool=gateway");
        assert!(busy.points.iter().flatten().all(|point| (point.value - 0.5).abs() < 1e-9));
    }

    #[test]
    fn success_over_time_has_a_band() {
        let shape = small();
        let timeline = of_shape(&result(&shape), &shape);
        let success = values(&timeline, "success_share", "all");
        assert_eq!(success.points.len(), 100);
        for point in &success.points {
            let point = point.expect("somebody came");
            let interval = point.interval.expect("four replications have one");
            assert_eq!(interval.method, Method::T);
            assert!(interval.low >= 0.0 && interval.high <= 1.0 && point.n == 4);
        }
    }

    #[test]
    fn queues_over_time_have_a_band_where_replications_differ() {
        let shape = small();
        let mut result = result(&shape);
        for (number, summary) in (0_u64..).zip(&mut result.replications) {
            let bucket = &mut summary.timeline.pools[0][0];
            // 100 ms wide: 1, 2, 3 and 4 waiting, and a quarter to all of two workers busy.
            bucket.waiting_ns = [0, u128::from(100_000_000 * (number + 1))];
            bucket.servers_ns = 200_000_000;
            bucket.busy_ns = u128::from(50_000_000 * (number + 1));
        }
        let timeline = of_shape(&result, &shape);
        let half = 3.182_446 * (5.0_f64 / 3.0 / 4.0).sqrt();
        let waiting = values(&timeline, "queue_length", "pool=gateway").points[0].unwrap();
        let interval = waiting.interval.expect("four replications have one");
        assert!((waiting.value - 2.5).abs() < 1e-9, "{waiting:?}");
        assert!((interval.low - (2.5 - half)).abs() < 1e-5, "{interval:?}");
        assert!((interval.high - (2.5 + half)).abs() < 1e-5, "{interval:?}");
        let busy = values(&timeline, "gateway_utilisation", "pool=gateway").points[0].unwrap();
        let interval = busy.interval.expect("four replications have one");
        assert!((busy.value - 0.625).abs() < 1e-9, "{busy:?}");
        assert!((interval.low - (0.625 - half / 4.0)).abs() < 1e-5, "{interval:?}");
        assert!(interval.high <= 1.0, "no more than all workers are busy: {interval:?}");
    }

    #[test]
    fn a_rate_of_few_events_has_no_interval() {
        assert!(rate(&[(10, 1_000_000_000); 2]).unwrap().interval.is_some());
        let few = rate(&[(12, 1_000_000_000), (7, 1_000_000_000)]).unwrap();
        assert_eq!((few.value, few.interval), (9.5, None));
    }

    #[test]
    fn a_bucket_cut_short_has_rates_but_no_pools() {
        let mut shape = small();
        shape.horizon.length -= 50_000_000;
        let timeline = of_shape(&result(&shape), &shape);
        let last = |metric, group| values(&timeline, metric, group).points[99];
        let rate = last("arrivals_per_s", "all").expect("half a bucket has a rate").value;
        let mean = 20_000.0 / 11.0;
        assert!((rate / mean - 1.0).abs() < 0.3, "{rate} v {mean}");
        assert_eq!(last("queue_length", "pool=gateway"), None);
        assert_eq!(last("gateway_utilisation", "pool=gateway"), None);
    }
}
