//! Metrics over the time of a run, with the incidents and surges that were scheduled.

use std::borrow::Cow;

use jiff::Zoned;
use serde::{Deserialize, Serialize};

use crate::report::csv::{Cell, Rows, Table};
use crate::report::reading::{Line, ReadBack, Unreadable};
use crate::stats::{Estimate, Interval, Method};

/// What a window of time stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    /// Something was scheduled to be wrong.
    Incident,
    /// More top-ups than usual came.
    Surge,
}

/// A time that charts shade.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// What it stands for.
    pub kind: WindowKind,
    /// The name of the incident or surge.
    pub name: String,
    /// Begin in seconds since the start of the run.
    pub from_s: f64,
    /// End in seconds since the start of the run.
    pub to_s: f64,
}

/// One metric of one group, bucket by bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The metric with its unit last, such as `attempts_per_s`.
    pub metric: Cow<'static, str>,
    /// `all`, or a group such as `attempt=2`.
    pub group: String,
    /// One estimate a bucket; None where nothing happened that could be measured.
    pub points: Vec<Option<Estimate>>,
}

/// Series over a common row of buckets.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// Local time at the start of the run, where the scenario says it.
    pub start: Option<Zoned>,
    /// Length of the run in seconds.
    pub length_s: f64,
    /// Width of a bucket in seconds; the last one may be cut short.
    pub bucket_s: f64,
    /// Replications that the estimates come from.
    pub replications: u64,
    /// How many values were drawn from their ranges in each of them, which bands cover then.
    pub uncertain_inputs: usize,
    /// Scheduled incidents and surges of arrivals, in the order of time.
    pub windows: Vec<Window>,
    /// All series.
    pub series: Vec<Series>,
}

impl Timeline {
    /// Replications, and how many values were drawn in each of them.
    pub fn spoken(&self) -> (u64, usize) {
        (self.replications, self.uncertain_inputs)
    }

    /// Share of arriving top-ups that succeeded, group `all`.
    pub const SUCCESS: &'static str = "success_share";
    /// Attempts sent a second, groups `attempt=1` to `attempt=4+`.
    pub const ATTEMPTS: &'static str = "attempts_per_s";
    /// Attempts a second that a cause struck, groups `cause=...`.
    pub const STRUCK: &'static str = "struck_attempts_per_s";
    /// Requests waiting at a pool, groups `pool=...`.
    pub const WAITING: &'static str = "queue_length";
    /// Busy share of the workers of a pool, groups `pool=...`.
    pub const UTILISATION: &'static str = "gateway_utilisation";

    /// The series of one metric in the order of the table.
    pub fn of(&self, metric: &str) -> Vec<&Series> {
        self.series.iter().filter(|series| series.metric == metric).collect()
    }

    /// The middle of a bucket in seconds since the start.
    pub fn middle_s(&self, bucket: usize) -> f64 {
        let (from, to) = self.span_s(bucket);
        (from + to) / 2.0
    }

    /// Start and end of a bucket in seconds since the start.
    pub fn span_s(&self, bucket: usize) -> (f64, f64) {
        bucket_span(bucket, self.bucket_s, self.length_s)
    }
}

/// Start and end of a bucket of this width in a run of this length, all in seconds: by whole
/// nanoseconds, as the run counts, so that the 599th tenth of a second begins at 59.9.
pub(super) fn bucket_span(bucket: usize, width_s: f64, length_s: f64) -> (f64, f64) {
    let width = (width_s * 1e9).round() as u64;
    let begin = |bucket: usize| (bucket as u64).saturating_mul(width) as f64 / 1e9;
    let from = begin(bucket);
    (from, begin(bucket + 1).min(length_s.max(from)))
}

impl Series {
    /// What stands behind the `=` of the group, or the whole group.
    pub fn group_value(&self) -> &str {
        self.group.split_once('=').map_or(&self.group, |(_, value)| value)
    }
}

impl Table for Timeline {
    const FILE: &'static str = "timeline.csv";
    const COLUMNS: &'static [&'static str] =
        &["metric", "group", "from_s", "to_s", "local_time", "value", "ci_low", "ci_high"];
    const ORDER: &'static str = "metric and group in the order of the model, then time";

    fn write(&self, rows: &mut Rows) {
        for series in &self.series {
            for (bucket, point) in series.points.iter().enumerate() {
                let (from_s, to_s) = self.span_s(bucket);
                let interval = point.and_then(|point| point.interval);
                rows.row([
                    Cell::text(&series.metric),
                    Cell::text(&series.group),
                    Cell::Number(from_s),
                    Cell::Number(to_s),
                    Cell::text(&local_time(self.start.as_ref(), from_s)),
                    Cell::number(point.map(|point| point.value)),
                    Cell::number(interval.map(|interval| interval.low)),
                    Cell::number(interval.map(|interval| interval.high)),
                ]);
            }
        }
    }
}

/// RFC 3339 with the offset that holds at the time; empty without a clock.
pub(super) fn local_time(start: Option<&Zoned>, at_s: f64) -> String {
    let after = jiff::Span::new().milliseconds((at_s * 1e3).round() as i64);
    let time = start.and_then(|start| start.checked_add(after).ok());
    time.map_or(String::new(), |time| time.strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string())
}

impl ReadBack for Timeline {
    /// The clock, the length of the run, its replications and windows stand in the manifest.
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let mut timeline = Timeline::default();
        for line in lines {
            let (name, group) = (line.text("metric"), line.text("group"));
            let metric = Cow::Owned(name);
            let (from_s, to_s) = (line.known("from_s")?, line.known("to_s")?);
            timeline.length_s = timeline.length_s.max(to_s);
            if from_s <= 0.0 {
                timeline.bucket_s = to_s;
            }
            let ends = line.number("ci_low")?.zip(line.number("ci_high")?);
            let interval = ends.map(|(low, high)| Interval { low, high, method: Method::T });
            let point = line.number("value")?.map(|value| Estimate { value, interval, n: 0 });
            let is_next = |last: &&mut Series| last.metric == metric && last.group == group;
            match timeline.series.last_mut().filter(is_next) {
                Some(last) => last.points.push(point),
                None => timeline.series.push(Series { metric, group, points: vec![point] }),
            }
        }
        Ok(timeline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_begin_at_decimal_times_and_the_last_one_ends_with_the_run() {
        let span = |bucket| bucket_span(bucket, 0.1, 60.05);
        assert_eq!(span(599), (59.9, 60.0));
        assert_eq!(span(600), (60.0, 60.05));
        for bucket in 0..600 {
            let begins = format!("{:?}", span(bucket).0);
            assert_eq!(begins, format!("{}.{}", bucket / 10, bucket % 10));
        }
    }
}
