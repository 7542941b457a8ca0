//! What a sweep shows: the findings, the points with their numbers, the files.

use std::path::PathBuf;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::{Map, Value, json};

use super::branches;
use crate::cli::grid::{Format, lines_of};
use crate::cli::terminal::{BAD, BOLD, DIM, painted, plain, wrapped};
use crate::record::registry::Metric;
use crate::report::number;
use crate::report::sweep::{
    Axis, SweepReport, last_part, metric_words, shown_estimate, told, value,
};
use crate::study::sweep::Spread;

/// Rows of points at most; those in the middle are left out.
const ROWS: usize = 24;
/// Metrics beside the points at most, and findings above them.
const METRICS_SHOWN: usize = 4;
const UNDER: &str = "95 % intervals over replications; they carry sampling error only";

/// What is to be shown.
pub(in crate::cli) struct Screen<'s> {
    pub(in crate::cli) report: &'s SweepReport<'s>,
    pub(in crate::cli) metrics: Vec<&'static Metric>,
    pub(in crate::cli) folder: PathBuf,
}

impl Screen<'_> {
    /// The results in a format.
    pub(in crate::cli) fn text(&self, format: Format, columns: usize) -> String {
        match format {
            Format::Table => self.screen(columns),
            Format::Json => self.json(),
            Format::Csv => self.report.sweep_csv().text(),
            Format::Md => self.markdown(),
        }
    }

    fn screen(&self, columns: usize) -> String {
        let mut text = format!("{}\n\n", self.heading());
        let both = self.report.hysteresis();
        text += &both.as_ref().map_or(String::new(), |both| branches::section(both, columns));
        for metric in self.metrics.iter().take(METRICS_SHOWN) {
            for line in wrapped(&format!("{}.", self.report.finding(metric)), columns) {
                text += &format!("{}\n", painted(BOLD, &plain(&line)));
            }
        }
        text += &format!("\n{}", self.points(columns));
        for line in wrapped(UNDER, columns) {
            text += &format!("{}\n", painted(DIM, &line));
        }
        text + &format!("\n{}", self.files())
    }

    /// `Promotion day  12 points of 30 replications, seed 1`.
    fn heading(&self) -> String {
        let scenario = self.report.scenario;
        let points = self.report.swept.points.len();
        let style = if self.report.swept.partial { BAD } else { DIM };
        let state = if self.report.swept.partial { "interrupted: " } else { "" };
        let noun = if points == 1 { "point" } else { "points" };
        let each = if scenario.replications == 1 { "replication" } else { "replications" };
        let rest = format!(
            "{state}{} {noun} of {} {each}, seed {}",
            number::count(points as u64),
            scenario.replications,
            scenario.seed
        );
        format!("{}  {}", painted(BOLD, &plain(&scenario.title)), painted(style, &rest))
    }

    /// Places of the points that are shown; none stands for those left out.
    fn shown(&self) -> Vec<Option<usize>> {
        let count = self.report.design.points.len();
        if count <= ROWS {
            return (0..count).map(Some).collect();
        }
        let half = ROWS / 2;
        let (first, last) = (0..half, count - half..count);
        first.map(Some).chain([None]).chain(last.map(Some)).collect()
    }

    fn points(&self, columns: usize) -> String {
        let axes = self.report.axes();
        let metrics = &self.metrics[..self.metrics.len().min(METRICS_SHOWN)];
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(columns.try_into().unwrap_or(u16::MAX));
        let names = metrics.iter().map(|metric| metric_words(metric));
        let is_alone = |name: &str| axes.iter().filter(|a| last_part(&a.key) == name).count() == 1;
        let keys = axes.iter().map(|axis| {
            let short = last_part(&axis.key);
            plain(if is_alone(short) { short } else { &axis.key })
        });
        table.set_header(keys.chain(names).collect::<Vec<_>>());
        for place in self.shown() {
            table.add_row(self.row(place, &axes, metrics));
        }
        for (at, axis) in axes.iter().enumerate() {
            if let Some(column) = table.column_mut(at)
                && axis.spread != Spread::Words
            {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let left_out = self.report.design.points.len().saturating_sub(ROWS);
        let left_out = match left_out {
            0 => String::new(),
            n => format!("{}\n", painted(DIM, &format!("{n} points between are in sweep.csv"))),
        };
        lines_of(&table) + &left_out
    }

    fn row(&self, place: Option<usize>, axes: &[Axis], metrics: &[&Metric]) -> Vec<String> {
        let Some(at) = place else { return vec!["…".to_owned(); axes.len() + metrics.len()] };
        let settings = self.report.design.points[at].settings.iter();
        let settings = settings.map(|setting| plain(&told(&setting.text)));
        let values = metrics.iter().map(|metric| {
            let estimate = self.report.swept.points[at].estimate(metric.name);
            estimate.map_or("–".to_owned(), |e| shown_estimate(metric, &e))
        });
        settings.chain(values).collect()
    }

    fn markdown(&self) -> String {
        let axes = self.report.axes();
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN);
        let names = self.metrics.iter().map(|metric| format!("`{}`", metric.name));
        let keys = axes.iter().map(|axis| format!("`{}`", axis.key));
        table.set_header(keys.chain(names).collect::<Vec<_>>());
        for place in 0..self.report.design.points.len() {
            let cells = self.row(Some(place), &axes, &self.metrics);
            table.add_row(cells.iter().map(|cell| cell.replace('|', "\\|")));
        }
        format!("{table}\n")
    }

    fn json(&self) -> String {
        let report = self.report;
        let axes = report.axes();
        let points = report.design.points.iter().zip(&report.swept.points);
        let points = points.map(|(point, swept)| {
            let settings = axes.iter().zip(&point.settings);
            let values = settings.map(|(axis, setting)| {
                let number = value(axis, setting);
                (axis.key.clone(), json!({ "text": setting.text, "number": number }))
            });
            let metrics = swept.estimates.iter().map(|row| {
                let interval = row.estimate.and_then(|estimate| estimate.interval);
                json!({
                    "metric": row.metric,
                    "group": row.group,
                    "window": row.window,
                    "statistic": row.statistic,
                    "unit": row.unit.name(),
                    "value": row.estimate.map(|estimate| estimate.value),
                    "ci_low": interval.map(|interval| interval.low),
                    "ci_high": interval.map(|interval| interval.high),
                    "interval": row.estimate.map(|estimate| estimate.method().to_string()),
                })
            });
            json!({
                "values": Value::Object(values.collect::<Map<_, _>>()),
                "replications": swept.replications,
                "metrics": metrics.collect::<Vec<_>>(),
            })
        });
        let both = report.hysteresis();
        let findings = self.metrics.iter().map(|metric| report.finding(metric) + ".");
        let mut value = json!({
            "scenario": report.scenario.name,
            "version": env!("CARGO_PKG_VERSION"),
            "seed": report.scenario.seed,
            "partial": report.swept.partial,
            "folder": self.folder.display().to_string(),
            "findings": findings.collect::<Vec<_>>(),
            "points": points.collect::<Vec<_>>(),
        });
        if let Some(both) = both {
            value["hysteresis"] = branches::json(&both);
        }
        format!("{value:#}\n")
    }

    fn files(&self) -> String {
        let folder = plain(&self.folder.display().to_string());
        let both = if self.report.branches.is_some() { "hysteresis.csv, " } else { "" };
        let files = format!("{both}sweep.csv, points.csv, charts in");
        format!("{}  {folder}/\n", painted(DIM, &files))
    }
}
