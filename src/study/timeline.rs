//! Estimates over the time of a run, bucket by bucket.

use super::estimate::share;
use super::run::RunResult;
use crate::model::cause::Cause;
use crate::model::plan::Plan;
use crate::record::registry::Unit;
use crate::record::timeline::ATTEMPT_NUMBERS;
use crate::record::{Bucket, PoolBucket, Shape, Timeline};
use crate::stats::Estimate;

/// Series over a common row of buckets, warm-up included.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineEstimates {
    /// Width of a bucket, ns; the last one may be cut short.
    pub width: u64,
    /// End of the last bucket, ns.
    pub length: u64,
    /// Replications.
    pub replications: u64,
    /// All series. Success share has an interval; loads are means over replications without one.
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
    let replications = result.pooled.replications;
    let means = Means { timeline: pooled, replications };
    let mut series = vec![success(result)];
    series.extend(COUNTED.iter().map(|&(metric, count)| {
        means.per_second(metric, "all".to_owned(), |bucket| count(&pooled.buckets[bucket]))
    }));
    series.extend((0..ATTEMPT_NUMBERS).map(|slot| {
        let beyond = if slot + 1 == ATTEMPT_NUMBERS { "+" } else { "" };
        let group = format!("attempt={}{beyond}", slot + 1);
        means.per_second("attempts_per_s", group, |bucket| pooled.buckets[bucket].attempts[slot])
    }));
    series.extend(Cause::ALL.iter().filter(|&&cause| has_struck(pooled, cause)).map(|&cause| {
        let group = format!("cause={}", cause.row().code);
        means.per_second("struck_attempts_per_s", group, |bucket| pooled.struck(bucket, cause))
    }));
    for (at, (name, workers)) in shape.pools.iter().enumerate() {
        let group = format!("pool={name}");
        series.push(means.queue(at, group.clone()));
        if *workers > 0 {
            series.push(means.utilisation(at, group));
        }
    }
    TimelineEstimates { width: pooled.width, length: pooled.length, replications, series }
}

fn has_struck(timeline: &Timeline, cause: Cause) -> bool {
    (0..timeline.buckets.len()).any(|bucket| timeline.struck(bucket, cause) > 0)
}

fn success(result: &RunResult) -> Series {
    let buckets = result.pooled.timeline.buckets.len();
    let point = |bucket: usize| {
        let of_one = |counts: &Bucket| (counts.successes.into(), counts.arrivals.into());
        let pairs: Vec<(u128, u128)> =
            result.replications.iter().map(|r| of_one(&r.timeline.buckets[bucket])).collect();
        share(&pairs, Unit::Share)
    };
    let points = (0..buckets).map(point).collect();
    Series { metric: "success_share", group: "all".to_owned(), points }
}

/// Means over replications, of a timeline that adds them up.
struct Means<'t> {
    timeline: &'t Timeline,
    replications: u64,
}

impl Means<'_> {
    fn per_second(
        &self,
        metric: &'static str,
        group: String,
        count: impl Fn(usize) -> u64,
    ) -> Series {
        let buckets = 0..self.timeline.buckets.len();
        let points = buckets.map(|bucket| {
            let time = self.time(bucket);
            self.point(Unit::PerSecond.ratio(count(bucket).into(), time.max(1)), time)
        });
        Series { metric, group, points: points.collect() }
    }

    fn queue(&self, pool: usize, group: String) -> Series {
        let row = |(bucket, sums): (usize, &PoolBucket)| {
            let time = if self.timeline.is_full(bucket) { self.time(bucket) } else { 0 };
            let waiting: u128 = sums.waiting_ns.iter().sum();
            self.point(Unit::Share.ratio(waiting, time.max(1)), time)
        };
        let points = self.timeline.pools[pool].iter().enumerate().map(row).collect();
        Series { metric: "queue_length", group, points }
    }

    fn utilisation(&self, pool: usize, group: String) -> Series {
        let row = |sums: &PoolBucket| {
            let busy = sums.busy_ns.min(sums.servers_ns);
            self.point(Unit::Share.ratio(busy, sums.servers_ns.max(1)), sums.servers_ns)
        };
        let points = self.timeline.pools[pool].iter().map(row).collect();
        Series { metric: "gateway_utilisation", group, points }
    }

    /// Time of a bucket in all replications together, ns.
    fn time(&self, bucket: usize) -> u128 {
        let (from, to) = self.timeline.span(bucket);
        u128::from(to - from) * u128::from(self.replications)
    }

    fn point(&self, value: f64, base: u128) -> Option<Estimate> {
        (base > 0).then_some(Estimate { value, interval: None, n: self.replications })
    }
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
