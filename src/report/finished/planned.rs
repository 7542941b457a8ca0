//! A finished plan: its table as it was, and what stands beside it.

use serde::{Deserialize, Serialize};

use super::{Finished, NotFinished};
use crate::report::csv::Table;
use crate::report::reading::{Line, Unreadable};
use crate::report::tables::{Planned, PlannedRow};

/// What the picture and the screen of a plan say that its table does not hold; the manifest does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BesidePlanned {
    /// The answer in a sentence, for the screen.
    pub finding: String,
    /// How far the scenario's own value is from the answer, in a sentence.
    pub headroom: Option<String>,
    /// Values of the range that could have been tried.
    pub values: u64,
    /// Whether values beside the answer are uncertain.
    pub uncertain: bool,
    /// About how many more replications would tell there.
    pub replications_needed: Option<u64>,
    /// Whether the largest value is wanted, not the smallest.
    largest: bool,
    /// The scenario's own value.
    own: Option<f64>,
    /// The next value beyond the answer that was surely missed.
    missed: Option<f64>,
    /// The bounds of each target on what is estimated.
    bounds: Vec<Bounds>,
}

/// The bounds of a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Bounds {
    /// Its metric, group and window.
    of: [String; 3],
    /// The target as written.
    target: String,
    /// At least, and at most.
    bounds: [Option<f64>; 2],
}

impl BesidePlanned {
    /// What stands beside the table of a plan over so many values; `said` are the sentences of its
    /// answer and its headroom, `unsure` whether values beside the answer are uncertain, and how
    /// many more replications would tell.
    pub fn of(
        table: &Planned,
        values: u64,
        said: (String, Option<String>),
        unsure: (bool, Option<u64>),
    ) -> Self {
        let first = table.rows.first().map(|row| row.number);
        let of_one = table.rows.iter().take_while(|row| Some(row.number) == first);
        BesidePlanned {
            finding: said.0,
            headroom: said.1,
            values,
            uncertain: unsure.0,
            replications_needed: unsure.1,
            largest: table.largest,
            own: table.own,
            missed: table.missed,
            bounds: of_one.map(Bounds::of).collect(),
        }
    }

    /// The bounds of the target of a line; none where the manifest has no such target.
    fn bounds_of(&self, line: &Line) -> [Option<f64>; 2] {
        let of = ["metric", "group", "window"].map(|column| line.text(column));
        let target = line.text("target");
        let found = self.bounds.iter().find(|own| own.of == of && own.target == target);
        found.map_or([None; 2], |own| own.bounds)
    }
}

impl Bounds {
    fn of(row: &PlannedRow) -> Self {
        Bounds { of: row.of.clone(), target: row.target.clone(), bounds: row.bounds }
    }
}

impl Finished {
    /// The table of a plan and what stands beside it, with what a reader should know of them in
    /// sentences.
    ///
    /// # Errors
    /// If a file is missing, or not the table that its name says.
    pub fn planned(&self) -> Result<(Planned, BesidePlanned, Vec<String>), NotFinished> {
        let mut notes = Vec::new();
        let beside: BesidePlanned = self.said_beside()?;
        let lines = self.lines(Planned::FILE, Planned::COLUMNS, &mut notes)?;
        let table = planned(&lines, &beside).map_err(|fault| self.unreadable(fault))?;
        Ok((table, beside, notes))
    }
}

fn planned(lines: &[Line], beside: &BesidePlanned) -> Result<Planned, Unreadable> {
    let row = |line: &Line| PlannedRow::read(line, beside.bounds_of(line));
    let rows: Vec<PlannedRow> = lines.iter().map(row).collect::<Result<_, _>>()?;
    let at = |column: &'static str| {
        let is = |(line, _): &(&Line, _)| line.text(column) == "yes";
        lines.iter().zip(&rows).find(is).map(|(_, row)| row.number)
    };
    let text = |column| lines.first().map_or(String::new(), |line| line.text(column));
    Ok(Planned {
        scenario: text("scenario"),
        key: text("key"),
        largest: beside.largest,
        answer: at("is_answer"),
        missed: beside.missed,
        knee: at("is_knee"),
        own: beside.own,
        confidence: lines.first().map_or(Ok(0.0), |line| line.known("confidence"))?,
        rows,
    })
}
