//! What each ranged value does to the targets at the answer of a plan, at the ends of its range.

use super::JudgedTarget;
use crate::report::csv::{Cell, Rows, Table};
use crate::report::reading::{Line, Unreadable};
use crate::stats::{Estimate, Interval, Method, Verdict};
use crate::study::plan::Effect;
use crate::study::tornado::Ranged;

/// One target with one value at one end of its range, the others at their best guesses.
#[derive(Debug, Clone, PartialEq)]
pub struct AssumedRow {
    /// The value; none where all are at their best guesses.
    pub input: Option<Ranged>,
    /// `best`, `low` or `high`.
    pub end: &'static str,
    /// What the end does to the answer.
    pub effect: Effect,
    /// The target, and what was said of it there.
    pub target: JudgedTarget,
    /// How far what it binds lies on the good side of the nearest bound.
    pub margin: Option<Estimate>,
}

/// The contract of `plan_assumptions.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedAssumptions {
    /// The name of the scenario.
    pub scenario: String,
    /// The key that is chosen.
    pub key: String,
    /// The answer, as a scenario writes it.
    pub answer: String,
    /// Confidence of one look.
    pub confidence: f64,
    /// Best guesses, then values by path, low before high, targets in the order of the scenario.
    pub rows: Vec<AssumedRow>,
}

/// What an end of a range may be; the first is of best guesses.
const ENDS: [&str; 3] = ["best", "low", "high"];

impl AssumedRow {
    /// The row of a line, with the bounds of its target.
    ///
    /// # Errors
    /// If a cell is not what the column holds.
    pub(in crate::report) fn read(
        line: &Line,
        bounds: [Option<f64>; 2],
    ) -> Result<Self, Unreadable> {
        let target = JudgedTarget::read(line, bounds)?;
        let ends = line.number("margin_ci_low")?.zip(line.number("margin_ci_high")?);
        let method = target.estimate.map_or(Method::None, |estimate| estimate.method());
        let interval = ends.map(|(low, high)| Interval { low, high, method });
        let margin = line.number("margin")?;
        let end = ENDS.into_iter().find(|end| line.text("end") == *end);
        let end = end.ok_or_else(|| line.fault("end", "end of a range"))?;
        let text = |column| line.text(column);
        let input = (end != ENDS[0]).then(|| Ranged {
            path: text("input"),
            value: text("value"),
            low: text("low"),
            high: text("high"),
        });
        let effect = match input {
            Some(_) => Effect::named(&text("flips")),
            None => Some(Effect::Holds),
        };
        let n = target.replications;
        Ok(AssumedRow {
            input,
            end,
            effect: effect.ok_or_else(|| line.fault("flips", "effect"))?,
            target,
            margin: margin.map(|value| Estimate { value, interval, n }),
        })
    }
}

impl PlannedAssumptions {
    /// The key paths of the values whose worse end has this effect on the answer.
    pub fn with_effect(&self, wanted: Effect) -> Vec<&str> {
        let path = |row: &AssumedRow| row.input.as_ref().map(|input| input.path.clone());
        let inputs = self.rows.chunk_by(|a, b| path(a) == path(b));
        let worst = |own: &[AssumedRow]| own.iter().map(|row| row.effect).max();
        let of = inputs.filter(|own| worst(own) == Some(wanted));
        of.filter_map(|own| own[0].input.as_ref().map(|input| input.path.as_str())).collect()
    }

    /// Whether the targets are surely missed with best guesses already.
    pub fn is_missed_anyway(&self) -> bool {
        let best = self.rows.iter().filter(|row| row.input.is_none());
        best.map(|row| row.target.verdict).any(|verdict| verdict == Verdict::Missed)
    }

    /// Which assumptions would overturn the answer, in a sentence.
    pub fn finding(&self) -> String {
        let answer = format!("{} {}", self.key, self.answer);
        if self.is_missed_anyway() {
            return format!("With all values at their best guesses {answer} misses the targets");
        }
        let (flips, unsure) = (self.with_effect(Effect::Flips), self.with_effect(Effect::Unsure));
        let is_sure = unsure.is_empty();
        let unsure = match &unsure[..] {
            [] => String::new(),
            [one] => format!("; of {one} it is uncertain"),
            all => format!("; of {} others it is uncertain", all.len()),
        };
        match &flips[..] {
            [] if is_sure => {
                format!("No range alone overturns {answer}: the targets are met at every end")
            }
            [] => format!("No range alone surely overturns {answer}{unsure}"),
            [one] => format!("{one} alone would overturn {answer}{unsure}"),
            [one, two] => format!("{one} or {two} alone would overturn {answer}{unsure}"),
            all => {
                format!("Each of {} assumptions alone would overturn {answer}{unsure}", all.len())
            }
        }
    }

    /// The rows of the target that some value flips or may flip, or else of the first one.
    pub fn binding(&self) -> Vec<&AssumedRow> {
        let worst = |row: &&AssumedRow| match row.target.verdict {
            Verdict::Missed => 2,
            Verdict::Uncertain { .. } => 1,
            Verdict::Met => 0,
        };
        // of equals the first is taken
        let Some(binding) = self.rows.iter().rev().max_by_key(worst) else { return Vec::new() };
        let is_same = |row: &&AssumedRow| row.target.is_of(&binding.target);
        self.rows.iter().filter(is_same).collect()
    }
}

impl Table for PlannedAssumptions {
    const FILE: &'static str = "plan_assumptions.csv";
    const COLUMNS: &'static [&'static str] = &[
        "scenario",
        "key",
        "answer",
        "input",
        "value",
        "low",
        "high",
        "end",
        "flips",
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
        "margin",
        "margin_ci_low",
        "margin_ci_high",
        "confidence",
        "replications",
    ];
    const ORDER: &'static str =
        "best guesses first, then key path of the input, low before high, then the targets";

    fn write(&self, rows: &mut Rows) {
        for row in &self.rows {
            let of = |text: fn(&Ranged) -> &str| Cell::text(row.input.as_ref().map_or("", text));
            let margin = row.margin.and_then(|margin| margin.interval);
            let before = [
                Cell::text(&self.scenario),
                Cell::text(&self.key),
                Cell::text(&self.answer),
                of(|input| &input.path),
                of(|input| &input.value),
                of(|input| &input.low),
                of(|input| &input.high),
                Cell::text(row.end),
                Cell::text(if row.input.is_some() { row.effect.word() } else { "" }),
            ];
            let after = [
                Cell::number(row.margin.map(|margin| margin.value)),
                Cell::number(margin.map(|interval| interval.low)),
                Cell::number(margin.map(|interval| interval.high)),
                Cell::Number(self.confidence),
                Cell::Count(row.target.replications),
            ];
            rows.cells(&[&before[..], &row.target.cells(), &after].concat());
        }
    }
}
