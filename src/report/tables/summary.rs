//! Metrics over all replications, and the same for each replication by itself.

use crate::report::csv::{Cell, Rows, Table};
use crate::report::number::Quantity;
use crate::report::reading::{Line, ReadBack, Unreadable};
use crate::stats::Estimate;

/// One metric of one group with its interval.
#[derive(Debug, Clone, PartialEq)]
pub struct SummaryRow {
    /// The arm of a comparison; empty for a plain run.
    pub variant: String,
    /// `all`, or a group such as `channel=alipay`.
    pub group: String,
    /// `all`, or a named window such as `worst_1min`.
    pub window: String,
    /// The name of the metric in the registry.
    pub metric: String,
    /// `mean`, or a quantile over replications such as `p99`.
    pub statistic: String,
    /// The unit as the registry names it.
    pub unit: String,
    /// None where too little was observed for any value.
    pub estimate: Option<Estimate>,
    /// Replications that had a value.
    pub replications: u64,
    /// Events behind the value, where the metric counts events.
    pub events: Option<u64>,
}

/// The contract of `summary.csv`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// The name of the scenario.
    pub scenario: String,
    /// Rows in the order of the registry, groups within a metric in the order of the model.
    pub rows: Vec<SummaryRow>,
}

impl Summary {
    /// The mean of a metric over all top-ups and the whole measured time.
    pub fn all(&self, metric: &str) -> Option<&SummaryRow> {
        self.of_group(metric, "all")
    }

    /// The mean of a metric over one group and the whole measured time.
    pub fn of_group(&self, metric: &str, group: &str) -> Option<&SummaryRow> {
        self.rows.iter().find(|row| {
            row.metric == metric
                && row.group == group
                && row.window == "all"
                && row.statistic == "mean"
        })
    }

    /// The estimate of [`Summary::all`].
    pub fn estimate(&self, metric: &str) -> Option<Estimate> {
        self.all(metric)?.estimate
    }
}

impl SummaryRow {
    /// How people read the number, from its unit.
    pub fn quantity(&self) -> Quantity {
        match self.unit.as_str() {
            "share" => Quantity::Share,
            "s" => Quantity::Seconds,
            "per_million" | "per million" => Quantity::PerMillion,
            "per_s" | "1/s" => Quantity::PerSecond,
            _ => Quantity::Plain,
        }
    }
}

impl Table for Summary {
    const FILE: &'static str = "summary.csv";
    const COLUMNS: &'static [&'static str] = &[
        "scenario",
        "variant",
        "group",
        "window",
        "metric",
        "statistic",
        "unit",
        "value",
        "ci_low",
        "ci_high",
        "interval",
        "replications",
        "events",
    ];
    const ORDER: &'static str =
        "metric in the order of docs/metrics.md, then group, then window, then statistic";

    fn write(&self, rows: &mut Rows) {
        for row in &self.rows {
            let estimate = row.estimate;
            let interval = estimate.and_then(|estimate| estimate.interval);
            rows.row([
                Cell::text(&self.scenario),
                Cell::text(&row.variant),
                Cell::text(&row.group),
                Cell::text(&row.window),
                Cell::text(&row.metric),
                Cell::text(&row.statistic),
                Cell::text(&row.unit),
                Cell::number(estimate.map(|estimate| estimate.value)),
                Cell::number(interval.map(|interval| interval.low)),
                Cell::number(interval.map(|interval| interval.high)),
                Cell::text(&estimate.map_or(String::new(), |e| e.method().to_string())),
                Cell::Count(row.replications),
                Cell::count(row.events),
            ]);
        }
    }
}

/// One metric of one replication.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplicationRow {
    /// Index of the replication, from 0.
    pub replication: u64,
    /// The name of the metric in the registry.
    pub metric: String,
    /// `all`, or a group such as `channel=alipay`.
    pub group: String,
    /// `all`, or the name of a window.
    pub window: String,
    /// None where the replication has no value, such as a quantile of nothing.
    pub value: Option<f64>,
}

/// Replication by replication: what the intervals of the summary come from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Replications {
    /// Rows by replication, then in the order of the summary.
    pub rows: Vec<ReplicationRow>,
}

impl Table for Replications {
    const FILE: &'static str = "replications.csv";
    const COLUMNS: &'static [&'static str] = &["replication", "metric", "group", "window", "value"];
    const ORDER: &'static str = "replication, then metric, group and window as in summary.csv";

    fn write(&self, rows: &mut Rows) {
        for row in &self.rows {
            rows.row([
                Cell::Count(row.replication),
                Cell::text(&row.metric),
                Cell::text(&row.group),
                Cell::text(&row.window),
                Cell::number(row.value),
            ]);
        }
    }
}

impl ReadBack for Summary {
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let row = |line: &Line| {
            let replications = line.count("replications")?;
            Ok(SummaryRow {
                variant: line.text("variant"),
                group: line.text("group"),
                window: line.text("window"),
                metric: line.text("metric"),
                statistic: line.text("statistic"),
                unit: line.text("unit"),
                estimate: line
                    .estimate(["value", "ci_low", "ci_high", "interval"], replications)?,
                replications,
                events: line.whole("events")?,
            })
        };
        let scenario = lines.first().map_or(String::new(), |line| line.text("scenario"));
        Ok(Summary { scenario, rows: lines.iter().map(row).collect::<Result<_, _>>()? })
    }
}

impl ReadBack for Replications {
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let row = |line: &Line| {
            Ok(ReplicationRow {
                replication: line.count("replication")?,
                metric: line.text("metric"),
                group: line.text("group"),
                window: line.text("window"),
                value: line.number("value")?,
            })
        };
        Ok(Replications { rows: lines.iter().map(row).collect::<Result<_, _>>()? })
    }
}
