//! A target of a plan with what was said of it: at a value of the key, or at the end of a range.

use crate::record::registry::Unit;
use crate::report::csv::Cell;
use crate::report::reading::{Line, Unreadable};
use crate::scenario::{Of, Scenario, Target};
use crate::stats::{Estimate, Verdict};
use crate::study::Judged;

/// One target and what was said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedTarget {
    /// Its metric, group and window.
    pub of: [String; 3],
    /// As written.
    pub text: String,
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
    /// Replications that were run.
    pub replications: u64,
}

impl JudgedTarget {
    /// A target of a scenario, judged after so many replications.
    pub fn new(
        scenario: &Scenario,
        target: &Target,
        judged: &Judged,
        replications: u32,
    ) -> JudgedTarget {
        JudgedTarget {
            of: [target.metric.to_owned(), target.group.clone(), target.window.clone()],
            text: target.text.clone(),
            bounds: match target.of {
                Of::Share(share) => [Some(share), None],
                _ => [target.at_least, target.at_most],
            },
            verdict: judged.verdict,
            estimate: judged.estimate,
            unit: judged.unit,
            unit_name: judged.unit.name_in(scenario.currency),
            replications: replications.into(),
        }
    }

    /// What the cells of a line say, with the bounds of the target.
    ///
    /// # Errors
    /// If a cell is not what the column holds.
    pub(super) fn read(line: &Line, bounds: [Option<f64>; 2]) -> Result<Self, Unreadable> {
        let replications = line.count("replications")?;
        let unit_name = line.text("unit");
        Ok(JudgedTarget {
            of: ["metric", "group", "window"].map(|column| line.text(column)),
            text: line.text("target"),
            bounds,
            verdict: line.verdict("verdict", ("met", "missed"))?,
            estimate: line.estimate(["estimate", "ci_low", "ci_high", "interval"], replications)?,
            unit: Unit::named(&unit_name),
            unit_name,
            replications,
        })
    }

    /// Whether another row is about the same target.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        self.of == other.of && self.text == other.text
    }

    /// The cells from `metric` to `interval`.
    pub(super) fn cells(&self) -> [Cell; 10] {
        let interval = self.estimate.and_then(|estimate| estimate.interval);
        let [metric, group, window] = &self.of;
        [
            Cell::text(metric),
            Cell::text(group),
            Cell::text(window),
            Cell::text(&self.text),
            Cell::text(self.verdict.word()),
            Cell::text(&self.unit_name),
            Cell::number(self.estimate.map(|estimate| estimate.value)),
            Cell::number(interval.map(|interval| interval.low)),
            Cell::number(interval.map(|interval| interval.high)),
            Cell::text(&self.estimate.map_or(String::new(), |e| e.method().to_string())),
        ]
    }
}
