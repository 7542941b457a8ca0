//! How long things took, as shares that were done by a time.

use crate::report::csv::{Cell, Rows, Table};
use crate::report::reading::{Line, ReadBack, Unreadable};
use crate::stats::{CONFIDENCE, least_n};

/// The share of cases done within each time: an empirical distribution function.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ecdf {
    /// The metric, such as `credit_latency_s`.
    pub metric: &'static str,
    /// `all`, or a group such as `channel=alipay`.
    pub group: String,
    /// Cases in all replications.
    pub count: u64,
    /// Times in seconds, upwards, with the share of cases done by then, up to 1.
    pub points: Vec<(f64, f64)>,
}

impl Ecdf {
    /// What stands behind the `=` of the group, or the whole group.
    pub fn group_value(&self) -> &str {
        self.group.split_once('=').map_or(&self.group, |(_, value)| value)
    }

    /// The time by which a share `q` is done; None where too few cases tell it.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        if self.count < least_n(q, CONFIDENCE) {
            return None;
        }
        let reached = |&&(_, share): &&(f64, f64)| share >= q - 1e-12;
        let time = self.points.iter().find(reached).map(|&(time, _)| time);
        time.filter(|time| time.is_finite())
    }

    /// The share done within a time; None without cases.
    pub fn share_within(&self, time_s: f64) -> Option<f64> {
        let last = self.points.partition_point(|&(time, _)| time <= time_s);
        (self.count > 0 && !self.points.is_empty())
            .then(|| last.checked_sub(1).map_or(0.0, |index| self.points[index].1))
    }
}

/// Latencies of calls and credits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Latency {
    /// The time within which a credit counts as success, in seconds, if there is one.
    pub deadline_s: Option<f64>,
    /// One curve a metric and group.
    pub curves: Vec<Ecdf>,
}

impl Latency {
    /// From arrival to the first credit.
    pub const CREDIT: &'static str = "credit_latency_s";
    /// From the app's first attempt to its last word.
    pub const CALL: &'static str = "call_latency_s";
}

/// Latencies of refunds by rail, from capture to money back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Refunds {
    /// The time within which the platform promises the money back, in seconds.
    pub promise_s: Option<f64>,
    /// The share of refunds that keep it, from exact counts.
    pub within_promise: Option<f64>,
    /// The curve of all rails, then one a rail.
    pub curves: Vec<Ecdf>,
}

impl Refunds {
    /// From the capture to the money back.
    pub const METRIC: &'static str = "refund_latency_s";
}

impl Table for Latency {
    const FILE: &'static str = "latency.csv";
    const COLUMNS: &'static [&'static str] = &["metric", "group", "count", "value_s", "share"];
    const ORDER: &'static str = "metric and group in the order of the model, then value upwards";

    fn write(&self, rows: &mut Rows) {
        write_curves(&self.curves, rows);
    }
}

impl Table for Refunds {
    const FILE: &'static str = "refunds.csv";
    const COLUMNS: &'static [&'static str] = Latency::COLUMNS;
    const ORDER: &'static str = "all rails, then each rail, then value upwards";

    fn write(&self, rows: &mut Rows) {
        write_curves(&self.curves, rows);
    }
}

fn write_curves(curves: &[Ecdf], rows: &mut Rows) {
    for curve in curves {
        for &(value_s, share) in &curve.points {
            rows.row([
                Cell::text(curve.metric),
                Cell::text(&curve.group),
                Cell::Count(curve.count),
                Cell::Number(value_s),
                Cell::Number(share),
            ]);
        }
    }
}

impl ReadBack for Latency {
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let curves = read_curves(lines, &[Latency::CALL, Latency::CREDIT])?;
        Ok(Latency { deadline_s: None, curves })
    }
}

impl ReadBack for Refunds {
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let curves = read_curves(lines, &[Refunds::METRIC])?;
        Ok(Refunds { promise_s: None, within_promise: None, curves })
    }
}

fn read_curves(lines: &[Line], metrics: &[&'static str]) -> Result<Vec<Ecdf>, Unreadable> {
    let mut curves: Vec<Ecdf> = Vec::new();
    for line in lines {
        let (name, group) = (line.text("metric"), line.text("group"));
        let metric = metrics.iter().copied().find(|metric| *metric == name);
        let metric = metric.ok_or_else(|| line.fault("metric", "metric of this table"))?;
        let point = (line.known("value_s")?, line.known("share")?);
        match curves.last_mut().filter(|last| last.metric == metric && last.group == group) {
            Some(last) => last.points.push(point),
            None => {
                let count = line.count("count")?;
                curves.push(Ecdf { metric, group, count, points: vec![point] });
            }
        }
    }
    Ok(curves)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(count: u64) -> Ecdf {
        let points = vec![(1.0, 0.5), (2.0, 0.9), (8.0, 1.0)];
        Ecdf { metric: Latency::CREDIT, group: "channel=card".to_owned(), count, points }
    }

    #[test]
    fn a_quantile_is_the_first_time_by_which_the_share_is_done() {
        let curve = curve(1_000);
        assert_eq!(curve.quantile(0.5), Some(1.0));
        assert_eq!(curve.quantile(0.51), Some(2.0));
        assert_eq!(curve.quantile(0.99), Some(8.0));
    }

    #[test]
    fn too_few_cases_tell_no_quantile() {
        assert_eq!(curve(20).quantile(0.99), None);
        assert_eq!(Ecdf::default().quantile(0.5), None);
        assert_eq!(Ecdf::default().share_within(1.0), None);
    }

    #[test]
    fn the_share_within_a_time_counts_what_was_done_exactly_then() {
        let shares = [0.5, 1.0, 7.9, 8.0].map(|time| curve(1_000).share_within(time));
        assert_eq!(shares, [Some(0.0), Some(0.5), Some(0.9), Some(1.0)]);
    }
}
