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

/// Series that count something of each bucket, per second.
const COUNTED: [(&str, fn(&Bucket) -> u64); 10] = [
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
            let time = self.time(bucket);
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
