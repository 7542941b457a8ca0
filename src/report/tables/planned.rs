//! What a plan has asked: every value that was tried, every target there, and the answer.

use crate::record::registry::Unit;
use crate::report::csv::{Cell, Rows, Table};
use crate::report::reading::{Line, Unreadable};
use crate::stats::{Estimate, Verdict};

/// One target at one value of the key.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedRow {
    /// The value as a scenario writes it.
    pub value: String,
    /// Its number.
    pub number: f64,
    /// The worst verdict of all targets at this value.
    pub point: Verdict,
    /// The target's metric, group and window.
    pub of: [String; 3],
    /// The target as written.
    pub target: String,
    /// Its bounds on what is estimated.
    pub bounds: [Option<f64>; 2],
    /// Its verdict.
    pub verdict: Verdict,
    /// What it binds, at the confidence of one look.
    pub estimate: Option<Estimate>,
    /// The unit of the estimate.
    pub unit: Unit,
    /// The unit as tables write it.
    pub unit_name: String,
    /// Replications that were run at this value.
    pub replications: u64,
}

/// The contract of `plan.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The name of the scenario.
    pub scenario: String,
    /// The key that is chosen.
    pub key: String,
    /// Whether the largest value is wanted, not the smallest.
    pub largest: bool,
    /// The value that was found.
    pub answer: Option<f64>,
    /// The next value beyond it that was surely missed.
    pub missed: Option<f64>,
    /// Where the curve of the first target bends most, of the values that were tried.
    pub knee: Option<f64>,
    /// The scenario's own value.
    pub own: Option<f64>,
    /// Confidence of one look.
    pub confidence: f64,
    /// Rows by value, then by target in the order of the scenario.
    pub rows: Vec<PlannedRow>,
}

impl PlannedRow {
    /// The row of a line, with the bounds of its target.
    ///
    /// # Errors
    /// If a cell is not what the column holds.
    pub(in crate::report) fn read(
        line: &Line,
        bounds: [Option<f64>; 2],
    ) -> Result<Self, Unreadable> {
        let replications = line.count("replications")?;
        let unit_name = line.text("unit");
        let verdict = |column| line.verdict(column, ("met", "missed"));
        let verdict_of_target = match verdict("verdict")? {
            Verdict::Uncertain { .. } => {
                Verdict::Uncertain { replications_needed: line.whole("replications_needed")? }
            }
            sure => sure,
        };
        Ok(PlannedRow {
            value: line.text("value"),
            number: line.known("number")?,
            point: verdict("point_verdict")?,
            of: ["metric", "group", "window"].map(|column| line.text(column)),
            target: line.text("target"),
            bounds,
            verdict: verdict_of_target,
            estimate: line.estimate(["estimate", "ci_low", "ci_high", "interval"], replications)?,
            unit: Unit::named(&unit_name),
            unit_name,
            replications,
        })
    }
}

impl Planned {
    /// The value of a number, as a scenario writes it.
    pub fn text_of(&self, number: f64) -> &str {
        let row = self.rows.iter().find(|row| row.number.total_cmp(&number).is_eq());
        row.map_or("", |row| row.value.as_str())
    }

    /// The rows of the target on which the answer turns: the first that is not met at the value
    /// next to it, or the first of all.
    pub fn binding(&self) -> Vec<&PlannedRow> {
        let is_at = |row: &PlannedRow, at: Option<f64>| {
            at.is_some_and(|at| row.number.total_cmp(&at).is_eq()) && row.verdict != Verdict::Met
        };
        let broken = self.rows.iter().find(|row| is_at(row, self.missed));
        let Some(binding) = broken.or(self.rows.first()) else { return Vec::new() };
        let is_same = |row: &&PlannedRow| row.of == binding.of && row.target == binding.target;
        self.rows.iter().filter(is_same).collect()
    }
}

impl Table for Planned {
    const FILE: &'static str = "plan.csv";
    const COLUMNS: &'static [&'static str] = &[
        "scenario",
        "key",
        "value",
        "number",
        "point_verdict",
        "is_answer",
        "is_knee",
        "metric",
        "group",
        "window",
        "target",
        "verdict",
        "unit",
        "estimate",
        "ci_low",
        "ci_high",
        "interval",
        "confidence",
        "replications",
        "replications_needed",
    ];
    const ORDER: &'static str = "number, then the targets in the order of the scenario";

    fn write(&self, rows: &mut Rows) {
        let is = |number: f64, other: Option<f64>| {
            let same = other.is_some_and(|other| number.total_cmp(&other).is_eq());
            Cell::text(if same { "yes" } else { "no" })
        };
        for row in &self.rows {
            let interval = row.estimate.and_then(|estimate| estimate.interval);
            let needed = match row.verdict {
                Verdict::Uncertain { replications_needed } => replications_needed,
                Verdict::Met | Verdict::Missed => None,
            };
            rows.row([
                Cell::text(&self.scenario),
                Cell::text(&self.key),
                Cell::text(&row.value),
                Cell::Number(row.number),
                Cell::text(row.point.word()),
                is(row.number, self.answer),
                is(row.number, self.knee),
                Cell::text(&row.of[0]),
                Cell::text(&row.of[1]),
                Cell::text(&row.of[2]),
                Cell::text(&row.target),
                Cell::text(row.verdict.word()),
                Cell::text(&row.unit_name),
                Cell::number(row.estimate.map(|estimate| estimate.value)),
                Cell::number(interval.map(|interval| interval.low)),
                Cell::number(interval.map(|interval| interval.high)),
                Cell::text(&row.estimate.map_or(String::new(), |e| e.method().to_string())),
                Cell::Number(self.confidence),
                Cell::Count(row.replications),
                Cell::count(needed),
            ]);
        }
    }
}
