//! The tables of a comparison: differences from the baseline, replications, time lines, the matrix.

use jiff::Zoned;

use super::timeline::{bucket_span, local_time};
use super::{ArmTargets, Summary, Window};
use crate::report::csv::{Cell, Rows, Table};
use crate::report::number::Quantity;
use crate::stats::{Estimate, Interval};
use crate::study::MetricValue;
use crate::study::compare::{Asked, Contrast};

/// Every table of one comparison.
#[derive(Debug, Clone)]
pub struct Compared {
    /// What was asked for.
    pub asked: Asked,
    /// The answer to the question, in a sentence.
    pub finding: String,
    /// What the rule chooses, in a sentence.
    pub advice: String,
    /// Metrics of every arm in every set of incidents.
    pub summary: Summary,
    /// How arms differ from the baseline.
    pub differences: Differences,
    /// Metrics of all top-ups, replication by replication.
    pub replications: ArmReplications,
    /// Success over time.
    pub timeline: ArmTimeline,
    /// Arms against sets of incidents in one metric.
    pub matrix: Matrix,
    /// The worst of each arm.
    pub regrets: Regrets,
    /// Whether the arms meet their targets.
    pub targets: ArmTargets,
}

/// An arm in a set of incidents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArmName {
    /// The arm.
    pub variant: String,
    /// The set; empty without any.
    pub incidents: String,
}

/// A metric of a group of an arm against the same of the baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct DifferenceRow {
    /// Which arm, in which set.
    pub arm: ArmName,
    /// `all`, or a group such as `channel=alipay`.
    pub group: String,
    /// `all`, or the name of a window.
    pub window: String,
    /// The name of the metric in the registry.
    pub metric: String,
    /// The unit as the registry names it.
    pub unit: String,
    /// How people read it.
    pub quantity: Quantity,
    /// The baseline's value.
    pub base: f64,
    /// The arm's value.
    pub value: f64,
    /// Value − base.
    pub difference: Estimate,
    /// The same as a part of the base.
    pub relative: Option<Estimate>,
    /// The confidence of the intervals of both.
    pub confidence: f64,
    /// Correlation of the two arms over replications.
    pub correlation: Option<f64>,
    /// How many times the variance would be with luck of their own.
    pub variance_ratio: Option<f64>,
    /// Replications that both have.
    pub pairs: u64,
    /// What it comes to.
    pub contrast: Contrast,
}

/// The contract of `differences.csv`.
#[derive(Debug, Clone, Default)]
pub struct Differences {
    /// The arm that the others are held against.
    pub baseline: String,
    /// Rows by set of incidents and arm, then in the order of the registry.
    pub rows: Vec<DifferenceRow>,
}

/// The contract of `replications.csv` of a comparison.
#[derive(Debug, Clone, Default)]
pub struct ArmReplications {
    /// Rows by set of incidents and arm, then by replication.
    pub rows: Vec<(ArmName, MetricValue)>,
}

/// Success over time of the arms in one set of incidents.
#[derive(Debug, Clone, Default)]
pub struct SetTimeline {
    /// The set; empty without any.
    pub incidents: String,
    /// What charts shade.
    pub windows: Vec<Window>,
    /// Each arm with a point a bucket.
    pub arms: Vec<(String, Vec<Option<Estimate>>)>,
}

/// The contract of `timeline.csv` of a comparison.
#[derive(Debug, Clone, Default)]
pub struct ArmTimeline {
    /// Local time at the start of the run.
    pub start: Option<Zoned>,
    /// Length of the run in seconds.
    pub length_s: f64,
    /// Width of a bucket in seconds; the last one may be cut short.
    pub bucket_s: f64,
    /// Replications that the estimates come from.
    pub replications: u64,
    /// How many values were drawn from their ranges in each of them, which bands cover then.
    pub uncertain_inputs: usize,
    /// Set by set.
    pub sets: Vec<SetTimeline>,
}

/// One arm in one set of incidents.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixRow {
    /// Which arm, in which set.
    pub arm: ArmName,
    /// The metric's value.
    pub estimate: Option<Estimate>,
    /// The best arm of the set among those that may be chosen.
    pub best: String,
    /// What the arm loses to it.
    pub regret: Option<Estimate>,
}

/// The contract of `matrix.csv`.
#[derive(Debug, Clone, Default)]
pub struct Matrix {
    /// The name of the metric.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// How people read it.
    pub quantity: Option<Quantity>,
    /// Whether more of it is better.
    pub is_up: bool,
    /// The part of the measured time it is over.
    pub window: String,
    /// Rows by set of incidents, then arm.
    pub rows: Vec<MatrixRow>,
}

/// The worst of one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct RegretRow {
    /// The arm.
    pub variant: String,
    /// Its greatest regret, and the set in which that is.
    pub worst: Option<(f64, String)>,
    /// How it stands with the limits: `keeps`, `uncertain: LIMIT` or `breaks: LIMIT`.
    pub standing: String,
    /// `chosen`, `tied` with the chosen one, or nothing.
    pub verdict: &'static str,
}

impl RegretRow {
    /// Every verdict.
    pub(super) const VERDICTS: [&'static str; 3] = ["chosen", "tied", ""];
}

/// The contract of `regrets.csv`.
#[derive(Debug, Clone, Default)]
pub struct Regrets {
    /// The rule that chooses, in words.
    pub rule: String,
    /// The metric of the regrets, its unit and window.
    pub of: [String; 3],
    /// The arms in their order.
    pub rows: Vec<RegretRow>,
}

fn ends(interval: Option<Interval>) -> [Cell; 2] {
    [
        Cell::number(interval.map(|interval| interval.low)),
        Cell::number(interval.map(|interval| interval.high)),
    ]
}

fn method(estimate: Option<Estimate>) -> Cell {
    Cell::text(&estimate.map_or(String::new(), |estimate| estimate.method().to_string()))
}

impl Differences {
    /// Rows of a metric over all top-ups of a window, in the order of the table.
    pub fn of<'t>(
        &'t self,
        metric: &'t str,
        window: &'t str,
    ) -> impl Iterator<Item = &'t DifferenceRow> {
        self.rows
            .iter()
            .filter(move |row| row.metric == metric && row.group == "all" && row.window == window)
    }
}

impl Table for Differences {
    const FILE: &'static str = "differences.csv";
    const COLUMNS: &'static [&'static str] = &[
        "incidents",
        "variant",
        "baseline",
        "group",
        "window",
        "metric",
        "unit",
        "baseline_value",
        "variant_value",
        "difference",
        "ci_low",
        "ci_high",
        "interval",
        "confidence",
        "relative",
        "relative_ci_low",
        "relative_ci_high",
        "correlation",
        "variance_ratio",
        "replications",
        "verdict",
    ];
    const ORDER: &'static str = "incidents and variant as they were asked for, then metric in the \
                                 order of docs/metrics.md, then group, then window";

    fn write(&self, rows: &mut Rows) {
        for row in &self.rows {
            let [low, high] = ends(row.difference.interval);
            let [relative_low, relative_high] = ends(row.relative.and_then(|r| r.interval));
            rows.row([
                Cell::text(&row.arm.incidents),
                Cell::text(&row.arm.variant),
                Cell::text(&self.baseline),
                Cell::text(&row.group),
                Cell::text(&row.window),
                Cell::text(&row.metric),
                Cell::text(&row.unit),
                Cell::Number(row.base),
                Cell::Number(row.value),
                Cell::Number(row.difference.value),
                low,
                high,
                method(Some(row.difference)),
                Cell::Number(row.confidence),
                Cell::number(row.relative.map(|relative| relative.value)),
                relative_low,
                relative_high,
                Cell::number(row.correlation),
                Cell::number(row.variance_ratio),
                Cell::Count(row.pairs),
                Cell::text(row.contrast.words()),
            ]);
        }
    }
}

impl Table for ArmReplications {
    const FILE: &'static str = "replications.csv";
    const COLUMNS: &'static [&'static str] =
        &["incidents", "variant", "replication", "metric", "group", "window", "value"];
    const ORDER: &'static str = "incidents and variant as they were asked for, then replication, \
                                 then metric in the order of docs/metrics.md, then window";

    fn write(&self, rows: &mut Rows) {
        for (arm, value) in &self.rows {
            rows.row([
                Cell::text(&arm.incidents),
                Cell::text(&arm.variant),
                Cell::Count(value.replication.into()),
                Cell::text(value.metric),
                Cell::text(&value.group),
                Cell::text(&value.window),
                Cell::number(value.value),
            ]);
        }
    }
}

impl ArmTimeline {
    /// Start and end of a bucket in seconds since the start.
    pub fn span_s(&self, bucket: usize) -> (f64, f64) {
        bucket_span(bucket, self.bucket_s, self.length_s)
    }
}

impl Table for ArmTimeline {
    const FILE: &'static str = "timeline.csv";
    const COLUMNS: &'static [&'static str] = &[
        "incidents",
        "variant",
        "metric",
        "from_s",
        "to_s",
        "local_time",
        "value",
        "ci_low",
        "ci_high",
    ];
    const ORDER: &'static str = "incidents and variant as they were asked for, then time";

    fn write(&self, rows: &mut Rows) {
        let arms = self.sets.iter().flat_map(|set| set.arms.iter().map(move |arm| (set, arm)));
        for (set, (variant, points)) in arms {
            for (bucket, point) in points.iter().enumerate() {
                let (from_s, to_s) = self.span_s(bucket);
                let [low, high] = ends(point.and_then(|point| point.interval));
                rows.row([
                    Cell::text(&set.incidents),
                    Cell::text(variant),
                    Cell::text("success_share"),
                    Cell::Number(from_s),
                    Cell::Number(to_s),
                    Cell::text(&local_time(self.start.as_ref(), from_s)),
                    Cell::number(point.map(|point| point.value)),
                    low,
                    high,
                ]);
            }
        }
    }
}

impl Table for Matrix {
    const FILE: &'static str = "matrix.csv";
    const COLUMNS: &'static [&'static str] = &[
        "incidents",
        "variant",
        "metric",
        "unit",
        "window",
        "value",
        "ci_low",
        "ci_high",
        "interval",
        "best_variant",
        "regret",
        "regret_ci_low",
        "regret_ci_high",
        "regret_interval",
    ];
    const ORDER: &'static str = "incidents, then variant, as they were asked for";

    fn write(&self, rows: &mut Rows) {
        for row in &self.rows {
            let [low, high] = ends(row.estimate.and_then(|estimate| estimate.interval));
            let [regret_low, regret_high] = ends(row.regret.and_then(|regret| regret.interval));
            rows.row([
                Cell::text(&row.arm.incidents),
                Cell::text(&row.arm.variant),
                Cell::text(&self.metric),
                Cell::text(&self.unit),
                Cell::text(&self.window),
                Cell::number(row.estimate.map(|estimate| estimate.value)),
                low,
                high,
                method(row.estimate),
                Cell::text(&row.best),
                Cell::number(row.regret.map(|regret| regret.value)),
                regret_low,
                regret_high,
                method(row.regret),
            ]);
        }
    }
}

impl Table for Regrets {
    const FILE: &'static str = "regrets.csv";
    const COLUMNS: &'static [&'static str] = &[
        "variant",
        "metric",
        "unit",
        "window",
        "worst_regret",
        "worst_incidents",
        "limits",
        "verdict",
        "rule",
    ];
    const ORDER: &'static str = "variants as they were asked for";

    fn write(&self, rows: &mut Rows) {
        let [metric, unit, window] = &self.of;
        for row in &self.rows {
            rows.row([
                Cell::text(&row.variant),
                Cell::text(metric),
                Cell::text(unit),
                Cell::text(window),
                Cell::number(row.worst.as_ref().map(|worst| worst.0)),
                Cell::text(row.worst.as_ref().map_or("", |worst| &worst.1)),
                Cell::text(&row.standing),
                Cell::text(row.verdict),
                Cell::text(&self.rule),
            ]);
        }
    }
}
