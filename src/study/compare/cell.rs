//! One arm in one set of incidents: what is kept of its replications, and what they say.

use std::collections::BTreeMap;

use super::contrast::{Contrast, Smallest};
use super::difference::{Difference, paired};
use crate::record::registry::Metric;
use crate::record::{Group, Shape, Summary};
use crate::scenario::Target;
use crate::stats::{CONFIDENCE, Estimate};
use crate::study::estimate::{
    How, MetricEstimate, MetricValue, observations, of_seen, rows, share,
};
use crate::study::seen::Seen;
use crate::study::target::{Judged, judged_seen};

/// What is kept of one replication: a hundred kilobytes at most, in place of its whole summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Row by row of [`rows`].
    seen: Vec<Seen>,
    /// Successes and arrivals, bucket by bucket.
    success: Vec<(u64, u64)>,
}

/// An arm in a set of incidents.
#[derive(Clone, Debug)]
pub struct Cell {
    shape: Shape,
    kept: BTreeMap<u32, Kept>,
    /// All replications merged.
    pub pooled: Summary,
    rows: Vec<(&'static Metric, Group)>,
    /// Every metric for each of its groups, in the order of the registry.
    pub estimates: Vec<MetricEstimate>,
    /// Places of the estimates by metric, group and window.
    places: BTreeMap<(&'static str, String, String), usize>,
}

impl Kept {
    /// What is kept of a replication.
    pub(super) fn of(summary: &Summary, shape: &Shape) -> Self {
        let seen = rows(shape).map(|(metric, group)| Seen::of(metric, group, summary));
        let buckets = summary.timeline.buckets.iter();
        let success = buckets.map(|bucket| (bucket.successes, bucket.arrivals));
        Self { seen: seen.collect(), success: success.collect() }
    }
}

impl Cell {
    pub(super) fn new(shape: Shape, kept: BTreeMap<u32, Kept>, pooled: Summary) -> Self {
        let rows: Vec<_> = rows(&shape).collect();
        let estimate = |(at, &(metric, group)): (usize, &(&'static Metric, Group))| {
            let seen: Vec<Seen> = kept.values().map(|one| one.seen[at]).collect();
            let how = How { is_worst: shape.is_worst(group), confidence: CONFIDENCE };
            MetricEstimate {
                group: shape.group_name(group),
                window: shape.window_name(group),
                ..of_seen(metric, &seen, how, || observations(metric, group, [&pooled]))
            }
        };
        let estimates: Vec<MetricEstimate> = rows.iter().enumerate().map(estimate).collect();
        let place = |(at, row): (usize, &MetricEstimate)| {
            ((row.metric, row.group.clone(), row.window.clone()), at)
        };
        let places = estimates.iter().enumerate().map(place).collect();
        Self { shape, kept, pooled, rows, estimates, places }
    }

    /// Numbers of the complete replications, upwards.
    pub fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.kept.keys().copied()
    }

    /// The place of a row.
    pub fn row(&self, metric: &'static str, group: &str, window: &str) -> Option<usize> {
        self.places.get(&(metric, group.to_owned(), window.to_owned())).copied()
    }

    /// The estimate of a metric over all top-ups of a window.
    pub fn of_all(&self, metric: &'static str, window: &str) -> Option<&MetricEstimate> {
        Some(&self.estimates[self.row(metric, "all", window)?])
    }

    /// Holds a target of the arm's scenario against its replications, as a run does.
    pub fn judged(&self, target: &Target) -> Judged {
        let row = self.row(target.metric, &target.group, &target.window);
        let row = row.expect("a checked target binds a metric of a group of its plan");
        let (metric, group) = self.rows[row];
        let seen: Vec<Seen> = self.kept.values().map(|one| one.seen[row]).collect();
        let how = How { is_worst: self.shape.is_worst(group), confidence: CONFIDENCE };
        judged_seen(target, &seen, how, || observations(metric, group, [&self.pooled]))
    }

    /// The value of that metric in each replication that has one.
    pub(super) fn values(&self, metric: &'static Metric, window: &str) -> BTreeMap<u32, f64> {
        let Some(row) = self.row(metric.name, "all", window) else { return BTreeMap::new() };
        let value = |(number, kept): (&u32, &Kept)| {
            kept.seen[row].value(metric).map(|value| (*number, value))
        };
        self.kept.iter().filter_map(value).collect()
    }

    /// Metrics of all top-ups in each replication by itself, replication by replication.
    pub fn replications(&self) -> impl Iterator<Item = MetricValue> + '_ {
        let whole = || self.estimates.iter().enumerate().filter(|(_, row)| row.group == "all");
        self.kept.iter().flat_map(move |(&replication, kept)| {
            whole().map(move |(at, row)| MetricValue {
                replication,
                metric: row.metric,
                group: row.group.clone(),
                window: row.window.clone(),
                value: kept.seen[at].value(self.rows[at].0),
            })
        })
    }

    /// Width, end in ns and number of the buckets that [`Cell::success`] takes together.
    pub fn buckets(&self) -> (u64, u64, usize) {
        let timeline = &self.pooled.timeline;
        (timeline.width, timeline.length, timeline.buckets.len())
    }

    /// The share of arriving top-ups that succeeded, in so many buckets together.
    pub fn success(&self, together: usize) -> Vec<Option<Estimate>> {
        let buckets = self.pooled.timeline.buckets.len().div_ceil(together);
        let sum = |some: &[(u64, u64)]| {
            some.iter().fold((0, 0), |sum: (u128, u128), one| {
                (sum.0 + u128::from(one.0), sum.1 + u128::from(one.1))
            })
        };
        let of = |bucket: usize| {
            let from = bucket * together;
            let pairs: Vec<(u128, u128)> = self
                .kept
                .values()
                .map(|kept| sum(&kept.success[from..kept.success.len().min(from + together)]))
                .collect();
            share(&pairs, crate::record::registry::Unit::Share)
        };
        (0..buckets).map(of).collect()
    }

    /// The differences of this arm from another, row by row.
    pub(super) fn against<'c>(
        &'c self,
        base: &'c Self,
        confidence: f64,
        smallest: &'c Smallest,
    ) -> impl Iterator<Item = Difference> + 'c {
        (0..self.rows.len())
            .filter_map(move |row| self.row_against(base, row, confidence, smallest))
    }

    /// The difference of a row of this arm from the same row of another.
    pub(super) fn row_against(
        &self,
        base: &Self,
        row: usize,
        confidence: f64,
        smallest: &Smallest,
    ) -> Option<Difference> {
        let own = &self.estimates[row];
        let at_base = base.row(own.metric, &own.group, &own.window)?;
        let metric = self.rows[row].0;
        let both: Vec<(Seen, Seen)> = self
            .kept
            .iter()
            .filter_map(|(number, kept)| {
                Some((base.kept.get(number)?.seen[at_base], kept.seen[row]))
            })
            .collect();
        let values = (base.estimates[at_base].estimate?.value, own.estimate?.value);
        let paired = paired(metric, &both, values, confidence);
        let is_same = !both.is_empty() && both.iter().all(|(base, other)| base == other);
        let contrast = Contrast::of(metric, &paired, is_same, smallest.of(metric.name));
        Some(Difference {
            set: 0,
            arm: 0,
            metric,
            group: own.group.clone(),
            window: own.window.clone(),
            base: values.0,
            other: values.1,
            paired,
            pairs: both.len() as u64,
            confidence,
            contrast,
        })
    }
}
