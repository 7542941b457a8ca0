//! What a plan has asked: every value that was tried, every target there, and the answer.

use super::JudgedTarget;
use crate::report::csv::{Cell, Rows, Table};
use crate::report::reading::{Line, Unreadable};
use crate::stats::Verdict;

/// One target at one value of the key.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedRow {
    /// The value as a scenario writes it.
    pub value: String,
    /// Its number.
    pub number: f64,
    /// The worst verdict of all targets at this value.
    pub point: Verdict,
    /// The target, and what was said of it there.
    pub target: JudgedTarget,
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
        let mut target = JudgedTarget::read(line, bounds)?;
        if let Verdict::Uncertain { replications_needed } = &mut target.verdict {
            *replications_needed = line.whole("replications_needed")?;
        }
        Ok(PlannedRow {
            value: line.text("value"),
            number: line.known("number")?,
            point: line.verdict("point_verdict", ("met", "missed"))?,
            target,
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
            at.is_some_and(|at| row.number.total_cmp(&at).is_eq())
                && row.target.verdict != Verdict::Met
        };
        let broken = self.rows.iter().find(|row| is_at(row, self.missed));
        let Some(binding) = broken.or(self.rows.first()) else { return Vec::new() };
        let is_same = |row: &&PlannedRow| row.target.is_of(&binding.target);
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
            let needed = match row.target.verdict {
                Verdict::Uncertain { replications_needed } => replications_needed,
                Verdict::Met | Verdict::Missed => None,
            };
            let before = [
                Cell::text(&self.scenario),
                Cell::text(&self.key),
                Cell::text(&row.value),
                Cell::Number(row.number),
                Cell::text(row.point.word()),
                is(row.number, self.answer),
                is(row.number, self.knee),
            ];
            let after = [
                Cell::Number(self.confidence),
                Cell::Count(row.target.replications),
                Cell::count(needed),
            ];
            rows.cells(&[&before[..], &row.target.cells(), &after].concat());
        }
    }
}
