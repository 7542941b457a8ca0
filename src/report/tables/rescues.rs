//! What rescued the top-ups that a cause struck.

use crate::report::csv::{Cell, Rows, Table};
use crate::report::reading::{Line, ReadBack, Unreadable};

/// Top-ups that were credited in time after a failure.
#[derive(Debug, Clone, PartialEq)]
pub struct RescueRow {
    /// The name of the cause that struck first.
    pub cause: String,
    /// What brought the credit: `first_attempt`, `retry`, `new_entry`, or such as
    /// `remedy=check_entries`.
    pub by: String,
    /// Such top-ups, in all replications.
    pub top_ups: u64,
}

/// Rescues by cause.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rescues {
    /// One row a cause and what rescued.
    pub rows: Vec<RescueRow>,
}

impl Rescues {
    /// Sorts the rows: by cause, then most top-ups first, then by what rescued.
    pub fn sort(&mut self) {
        self.rows.sort_by(|a, b| {
            a.cause.cmp(&b.cause).then(b.top_ups.cmp(&a.top_ups)).then(a.by.cmp(&b.by))
        });
    }
}

impl Table for Rescues {
    const FILE: &'static str = "rescues.csv";
    const COLUMNS: &'static [&'static str] = &["cause", "by", "top_ups"];
    const ORDER: &'static str = "cause, then top-ups downwards, then what rescued";

    fn write(&self, rows: &mut Rows) {
        for row in &self.rows {
            rows.row([Cell::text(&row.cause), Cell::text(&row.by), Cell::Count(row.top_ups)]);
        }
    }
}

impl ReadBack for Rescues {
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let row = |line: &Line| {
            let top_ups = line.count("top_ups")?;
            Ok(RescueRow { cause: line.text("cause"), by: line.text("by"), top_ups })
        };
        Ok(Rescues { rows: lines.iter().map(row).collect::<Result<_, _>>()? })
    }
}
