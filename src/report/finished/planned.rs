//! A finished plan: its tables as they were, and what stands beside them.

use serde::{Deserialize, Serialize};

use super::{Finished, NotFinished};
use crate::report::csv::Table;
use crate::report::reading::{Line, Unreadable};
use crate::report::tables::{
    AssumedRow, JudgedTarget, Planned, PlannedAssumptions, PlannedCost, PlannedCosts, PlannedRow,
    PlannedTables,
};

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
    /// What the table of costs does not hold, where something has a price.
    costs: Option<BesideCosts>,
    /// Whether the answer was tried with each ranged value at its ends.
    has_assumptions: bool,
}

/// What the table of costs does not hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct BesideCosts {
    currency: String,
    /// The lowest and the highest value that cannot be told apart from the cheapest.
    alike: (f64, f64),
    /// Of the values that surely meet the targets, the cheapest.
    cheapest_met: Option<f64>,
    /// Whether the cheapest value is the first or the last of the range.
    is_end: bool,
    /// Confidence of each difference from the cheapest.
    confidence: f64,
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
        tables: &PlannedTables,
        values: u64,
        said: (String, Option<String>),
        unsure: (bool, Option<u64>),
    ) -> Self {
        let PlannedTables { curve: table, costs, assumed } = tables;
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
            costs: costs.as_ref().map(BesideCosts::of),
            has_assumptions: assumed.is_some(),
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

impl BesideCosts {
    fn of(costs: &PlannedCosts) -> Self {
        BesideCosts {
            currency: costs.currency.clone(),
            alike: costs.alike,
            cheapest_met: costs.cheapest_met,
            is_end: costs.is_end,
            confidence: costs.confidence,
        }
    }
}

impl Bounds {
    fn of(row: &PlannedRow) -> Self {
        let JudgedTarget { of, text, bounds, .. } = row.target.clone();
        Bounds { of, target: text, bounds }
    }
}

impl Finished {
    /// The tables of a plan and what stands beside them, with what a reader should know of them in
    /// sentences.
    ///
    /// # Errors
    /// If a file is missing, or not the table that its name says.
    pub fn planned(&self) -> Result<(PlannedTables, BesidePlanned, Vec<String>), NotFinished> {
        let mut notes = Vec::new();
        let beside: BesidePlanned = self.said_beside()?;
        let lines = self.lines(Planned::FILE, Planned::COLUMNS, &mut notes)?;
        let table = planned(&lines, &beside).map_err(|fault| self.unreadable(fault))?;
        let costs = match &beside.costs {
            Some(more) => {
                let lines = self.lines(PlannedCosts::FILE, PlannedCosts::COLUMNS, &mut notes)?;
                let read = costs(&lines, more, table.answer);
                Some(read.map_err(|fault| self.unreadable(fault))?)
            }
            None => None,
        };
        let assumed = if beside.has_assumptions {
            let columns = PlannedAssumptions::COLUMNS;
            let lines = self.lines(PlannedAssumptions::FILE, columns, &mut notes)?;
            Some(assumptions(&lines, &beside).map_err(|fault| self.unreadable(fault))?)
        } else {
            None
        };
        Ok((PlannedTables { curve: table, costs, assumed }, beside, notes))
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

fn costs(
    lines: &[Line],
    beside: &BesideCosts,
    answer: Option<f64>,
) -> Result<PlannedCosts, Unreadable> {
    let rows: Vec<PlannedCost> = lines.iter().map(PlannedCost::read).collect::<Result<_, _>>()?;
    let first = lines.first().ok_or(Unreadable::Empty { file: PlannedCosts::FILE })?;
    let is_cheapest = |(line, _): &(&Line, _)| line.text("verdict") == PlannedCosts::CHEAPEST;
    let cheapest = lines.iter().zip(&rows).find(is_cheapest);
    let (_, cheapest) = cheapest.ok_or_else(|| first.fault("verdict", "table with a cheapest"))?;
    Ok(PlannedCosts {
        scenario: first.text("scenario"),
        key: first.text("key"),
        unit: first.text("unit"),
        currency: beside.currency.clone(),
        cheapest: cheapest.number,
        alike: beside.alike,
        cheapest_met: beside.cheapest_met,
        answer,
        is_end: beside.is_end,
        confidence: beside.confidence,
        rows,
    })
}

fn assumptions(lines: &[Line], beside: &BesidePlanned) -> Result<PlannedAssumptions, Unreadable> {
    let row = |line: &Line| AssumedRow::read(line, beside.bounds_of(line));
    let rows: Vec<AssumedRow> = lines.iter().map(row).collect::<Result<_, _>>()?;
    let first = lines.first().ok_or(Unreadable::Empty { file: PlannedAssumptions::FILE })?;
    Ok(PlannedAssumptions {
        scenario: first.text("scenario"),
        key: first.text("key"),
        answer: first.text("answer"),
        confidence: first.known("confidence")?,
        rows,
    })
}
