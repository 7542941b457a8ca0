//! What a sweep found, as tables: every metric at every point, and the points themselves.

mod hysteresis;
mod words;

pub use words::{last_part, metric_words, shown, shown_bound, shown_estimate, told};

use serde::{Deserialize, Serialize};

use super::csv::{Cell, Rows, Table};
use super::number::Quantity;
use super::studies::TableFile;
use super::tables::Summary;
use crate::record::METRICS;
use crate::record::registry::{Metric, Unit};
use crate::scenario::{Of, Scenario, Target};
use crate::study::MetricEstimate;
use crate::study::sweep::{Bounds, Design, Hysteresis, Setting, Spread, Swept};
use crate::units::MeasureUnit;

/// The metrics that a reader wants first, after those with a target.
const FIRST: [&str; 5] = [
    "success_share",
    "attempts_per_top_up",
    "duplicate_charges_per_million",
    "credit_latency_p95_s",
    "gateway_utilisation",
];

/// A row for each point, metric and group.
pub(super) const SWEEP: &str = "sweep.csv";
/// Its columns, those of a summary without scenario and variant behind the point; those of the keys
/// that change stand behind the first.
pub(super) fn sweep_columns() -> Vec<&'static str> {
    ["point"].iter().chain(&Summary::COLUMNS[2..]).copied().collect()
}
/// A row for each point and key.
pub(super) const POINTS: &str = "points.csv";
pub(super) const POINTS_COLUMNS: [&str; 6] =
    ["point", "key", "value", "number", "replications", "plan_hash"];

/// A sweep with all that it found.
#[derive(Debug, Clone, Copy)]
pub struct SweepReport<'s> {
    /// What is said of the scenario that it starts from.
    pub scenario: &'s SweptScenario,
    /// Its points.
    pub design: &'s Design,
    /// What was found at them, in the same order.
    pub swept: &'s Swept,
    /// The hash of the plan of each point.
    pub plan_hashes: &'s [String],
    /// What was found on two branches, with a trigger and without it, where that was asked for.
    pub branches: Option<&'s Hysteresis>,
}

/// What a sweep says of the scenario that it starts from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweptScenario {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its currency.
    pub currency: String,
    /// The seed of all points.
    pub seed: u64,
    /// Replications at each point.
    pub replications: u32,
    /// Its targets on the means of metrics of all top-ups over the whole measured time.
    pub targets: Vec<Goal>,
    /// The metrics that any of its targets binds.
    pub bound: Vec<String>,
}

/// A target on the mean of a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// The name of the metric.
    pub metric: String,
    /// The value must not be below.
    pub at_least: Option<f64>,
    /// The value must not be above.
    pub at_most: Option<f64>,
    /// As written.
    pub text: String,
}

impl Goal {
    /// What the value must not be below, and not be above.
    pub fn bounds(&self) -> Bounds {
        (self.at_least, self.at_most)
    }
}

impl SweptScenario {
    /// What is said of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let is_plain = |target: &&Target| {
            target.of == Of::Mean && target.group == "all" && target.window == "all"
        };
        let goal = |target: &Target| Goal {
            metric: target.metric.to_owned(),
            at_least: target.at_least,
            at_most: target.at_most,
            text: target.text.clone(),
        };
        SweptScenario {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            currency: scenario.currency.to_string(),
            seed: scenario.seed,
            replications: scenario.replications,
            targets: scenario.targets.iter().filter(is_plain).map(goal).collect(),
            bound: scenario.targets.iter().map(|target| target.metric.to_owned()).collect(),
        }
    }
}

/// A key that changes, as a column and as an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Its path in the scenario.
    pub key: String,
    /// Its column in tables.
    pub column: String,
    /// How its values lie.
    pub spread: Spread,
    /// How its numbers read.
    pub quantity: Quantity,
}

impl<'s> SweepReport<'s> {
    /// The keys that change.
    pub fn axes(&self) -> Vec<Axis> {
        let mut axes: Vec<Axis> = Vec::new();
        for (at, dimension) in self.design.dimensions.iter().enumerate() {
            let measures = self.design.points.iter().map(|point| point.settings[at].measure);
            let unit = measures.flatten().map(|measure| measure.unit).next();
            let spread = dimension.range.spread();
            let (quantity, suffix) = match unit.filter(|_| spread != Spread::Words) {
                Some(MeasureUnit::Percent) => (Quantity::Share, "_share"),
                Some(MeasureUnit::Span) => (Quantity::Seconds, "_s"),
                Some(MeasureUnit::Rate(..)) => (Quantity::PerSecond, "_per_s"),
                Some(MeasureUnit::Factor) => (Quantity::Plain, "_factor"),
                _ => (Quantity::Plain, ""),
            };
            let mut column = format!("param_{}{suffix}", snake(&dimension.key));
            while axes.iter().any(|axis| axis.column == column) {
                column += "_";
            }
            axes.push(Axis { key: dimension.key.clone(), column, spread, quantity });
        }
        axes
    }

    /// The target on the mean of a metric.
    pub fn target(&self, metric: &str) -> Option<&'s Goal> {
        self.scenario.targets.iter().find(|target| target.metric == metric)
    }

    /// The metrics that a reader wants first: those with a target, and those of the headline that
    /// have a value.
    pub fn metrics(&self) -> Vec<&'static Metric> {
        let bound = &self.scenario.bound;
        let is_wanted = |metric: &&Metric| bound.iter().any(|name| name == metric.name);
        let first = FIRST.iter().filter_map(|name| Metric::by_name(name));
        let mut metrics: Vec<&'static Metric> = Vec::new();
        for metric in METRICS.iter().filter(is_wanted).chain(first) {
            let has_value = |point: usize| self.swept.points[point].estimate(metric.name).is_some();
            let is_known = metrics.iter().any(|known| known.name == metric.name);
            if !is_known && (0..self.swept.points.len()).any(has_value) {
                metrics.push(metric);
            }
        }
        metrics
    }

    /// Its CSV files.
    pub fn tables(&self) -> Vec<TableFile> {
        let branches = self.hysteresis().map(|table| TableFile::of(&table));
        [self.sweep_csv(), self.points_csv()].into_iter().chain(branches).collect()
    }

    /// `sweep.csv`: a row for each point, metric and group.
    pub fn sweep_csv(&self) -> TableFile {
        let axes = self.axes();
        let mut columns: Vec<String> = sweep_columns().into_iter().map(str::to_owned).collect();
        columns.splice(1..1, axes.iter().map(|axis| axis.column.clone()));
        let order = "point, then metric in the order of docs/metrics.md, then group and window";
        TableFile::with(SWEEP, &columns, order, |rows| {
            for (number, point) in self.swept.points.iter().enumerate() {
                let settings = &self.design.points[number].settings;
                let params = axes.iter().zip(settings).map(|(axis, s)| parameter(axis, s));
                let params: Vec<Cell> =
                    [Cell::Count(number as u64)].into_iter().chain(params).collect();
                for row in &point.estimates {
                    rows.cells(&[&params[..], &self.cells(row)[..]].concat());
                }
            }
        })
    }

    fn cells(&self, row: &MetricEstimate) -> [Cell; 11] {
        let estimate = row.estimate;
        let interval = estimate.and_then(|estimate| estimate.interval);
        [
            Cell::text(&row.group),
            Cell::text(&row.window),
            Cell::text(row.metric),
            Cell::text(row.statistic),
            Cell::text(&self.unit(row.unit)),
            Cell::number(estimate.map(|estimate| estimate.value)),
            Cell::number(interval.map(|interval| interval.low)),
            Cell::number(interval.map(|interval| interval.high)),
            Cell::text(&estimate.map_or(String::new(), |e| e.method().to_string())),
            Cell::Count(row.replications),
            Cell::count(row.events),
        ]
    }

    fn unit(&self, unit: Unit) -> String {
        unit.name_in(&self.scenario.currency)
    }

    /// `points.csv`: a row for each point and key.
    fn points_csv(&self) -> TableFile {
        let columns = POINTS_COLUMNS.map(str::to_owned);
        let order = "point, then key in the order of the command line";
        let axes = self.axes();
        TableFile::with(POINTS, &columns, order, |rows: &mut Rows| {
            for (number, point) in self.design.points.iter().enumerate() {
                for (axis, setting) in axes.iter().zip(&point.settings) {
                    rows.cells(&[
                        Cell::Count(number as u64),
                        Cell::text(&axis.key),
                        Cell::text(&setting.text),
                        Cell::number(value(axis, setting)),
                        Cell::Count(self.swept.points[number].replications.into()),
                        Cell::text(&self.plan_hashes[number]),
                    ]);
                }
            }
        })
    }
}

/// The number of a setting on its axis; none among words.
pub fn value(axis: &Axis, setting: &Setting) -> Option<f64> {
    let measure = setting.measure.filter(|_| axis.spread != Spread::Words);
    measure.map(|measure| measure.value())
}

fn parameter(axis: &Axis, setting: &Setting) -> Cell {
    value(axis, setting).map_or_else(|| Cell::text(&setting.text), Cell::Number)
}

/// A key path as the name of a column.
fn snake(key: &str) -> String {
    let mut name = String::new();
    for letter in key.chars() {
        match letter {
            letter if letter.is_alphanumeric() => name.extend(letter.to_lowercase()),
            _ if name.ends_with('_') || name.is_empty() => {}
            _ => name.push('_'),
        }
    }
    name.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_path_becomes_the_name_of_a_column() {
        assert_eq!(snake("gateway.workers"), "gateway_workers");
        assert_eq!(snake("incidents.\"bank outage\".lasts"), "incidents_bank_outage_lasts");
    }
}
