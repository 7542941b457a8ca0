//! What users did about failures, remedy by remedy.

use crate::report::csv::{Cell, Rows, Table};
use crate::report::reading::{Line, ReadBack, Unreadable};
use crate::stats::Estimate;

/// What one remedy did for the top-ups that are counted.
#[derive(Debug, Clone, PartialEq)]
pub struct RemedyRow {
    /// The name of the remedy.
    pub remedy: String,
    /// Its number in the catalogue of the source documents.
    pub id: String,
    /// What it does: `wait`, `clear`, ...
    pub verb: String,
    /// How often it was applied, in all replications.
    pub applied: u64,
    /// Of those, how often it was good for the cause of the last failure and did what it can.
    pub helped: u64,
    /// Applications in a million top-ups, over replications.
    pub applied_per_million: Option<Estimate>,
}

/// Remedies of a scenario.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Remedies {
    /// Rows by number, one a remedy that users of the scenario may apply.
    pub rows: Vec<RemedyRow>,
}

impl Table for Remedies {
    const FILE: &'static str = "remedies.csv";
    const COLUMNS: &'static [&'static str] = &[
        "remedy",
        "id",
        "verb",
        "applied",
        "helped",
        "applied_per_million",
        "ci_low",
        "ci_high",
        "interval",
    ];
    const ORDER: &'static str = "number of the remedy";

    fn write(&self, rows: &mut Rows) {
        for row in &self.rows {
            let interval = row.applied_per_million.and_then(|estimate| estimate.interval);
            let method = row.applied_per_million.map_or(String::new(), |e| e.method().to_string());
            rows.row([
                Cell::text(&row.remedy),
                Cell::text(&row.id),
                Cell::text(&row.verb),
                Cell::Count(row.applied),
                Cell::Count(row.helped),
                Cell::number(row.applied_per_million.map(|estimate| estimate.value)),
                Cell::number(interval.map(|interval| interval.low)),
                Cell::number(interval.map(|interval| interval.high)),
                Cell::text(&method),
            ]);
        }
    }
}

impl ReadBack for Remedies {
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let columns = ["applied_per_million", "ci_low", "ci_high", "interval"];
        let row = |line: &Line| {
            Ok(RemedyRow {
                remedy: line.text("remedy"),
                id: line.text("id"),
                verb: line.text("verb"),
                applied: line.count("applied")?,
                helped: line.count("helped")?,
                applied_per_million: line.estimate(columns, 0)?,
            })
        };
        Ok(Remedies { rows: lines.iter().map(row).collect::<Result<_, _>>()? })
    }
}
