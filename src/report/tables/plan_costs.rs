//! What each point of a plan costs, and how much more than the cheapest.

use crate::report::csv::{Cell, Rows, Table};
use crate::report::number::{self, Quantity};
use crate::report::reading::{Line, Unreadable};
use crate::stats::{Estimate, Interval, Method, Verdict};

/// What one part of the cost comes to at one value of the key.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedCost {
    /// The value as a scenario writes it.
    pub value: String,
    /// Its number.
    pub number: f64,
    /// The worst verdict of all targets at this value.
    pub point: Verdict,
    /// `total`, or the name of a part.
    pub part: String,
    /// What it comes to for a thousand top-ups.
    pub cost: Estimate,
    /// How much more than at the cheapest value, of the total; none there, and of parts.
    pub more: Option<Estimate>,
    /// Replications at this value.
    pub replications: u64,
}

/// The contract of `plan_cost.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedCosts {
    /// The name of the scenario.
    pub scenario: String,
    /// The key that is chosen.
    pub key: String,
    /// The unit of every cost.
    pub unit: String,
    /// The currency.
    pub currency: String,
    /// The cheapest value that was tried.
    pub cheapest: f64,
    /// The lowest and the highest value tried that cannot be told apart from it.
    pub alike: (f64, f64),
    /// Of the values that surely meet the targets, the cheapest.
    pub cheapest_met: Option<f64>,
    /// The value that the search for the targets has found.
    pub answer: Option<f64>,
    /// Whether the cheapest value is the first or the last of the range.
    pub is_end: bool,
    /// Confidence of each difference from the cheapest.
    pub confidence: f64,
    /// Rows by value, then the total before its parts.
    pub rows: Vec<PlannedCost>,
}

impl PlannedCosts {
    /// The word in the table for the cheapest value.
    pub(in crate::report) const CHEAPEST: &str = "cheapest";

    /// The cheapest value in a sentence, with what cannot be told apart from it.
    pub fn finding(&self) -> String {
        let own = self.at_cheapest();
        let cost = number::estimate(&own.cost, Quantity::Plain);
        let end = if self.is_end { ", at the end of the range" } else { "" };
        let (from, to) = self.alike;
        let apart = if from < to {
            let (from, to) = (self.text_of(from), self.text_of(to));
            format!("; {from} to {to} cannot be told apart")
        } else {
            String::new()
        };
        let targets = match own.point {
            Verdict::Met => "",
            Verdict::Missed => "; it misses the targets",
            Verdict::Uncertain { .. } => "; whether it meets the targets is uncertain",
        };
        format!(
            "{} is the cheapest {}{end}: {cost} {} per 1,000 top-ups{apart}{targets}",
            own.value, self.key, self.currency
        )
    }

    /// The totals in the order of values.
    pub fn totals(&self) -> impl Iterator<Item = &PlannedCost> {
        self.rows.iter().filter(|row| row.part == TOTAL)
    }

    /// The total at a value.
    pub fn total_at(&self, number: f64) -> Option<&PlannedCost> {
        self.totals().find(|row| row.number.total_cmp(&number).is_eq())
    }

    /// A value as a scenario writes it.
    pub fn text_of(&self, number: f64) -> &str {
        self.total_at(number).map_or("", |row| row.value.as_str())
    }

    /// The total at the cheapest value.
    pub fn at_cheapest(&self) -> &PlannedCost {
        self.total_at(self.cheapest).expect("the cheapest value was tried")
    }
}

impl PlannedCost {
    /// The row of a line.
    ///
    /// # Errors
    /// If a cell is not what the column holds.
    pub(in crate::report) fn read(line: &Line) -> Result<Self, Unreadable> {
        let replications = line.count("replications")?;
        let cost = line.estimate(["cost", "ci_low", "ci_high", "interval"], replications)?;
        let ends = line.number("more_ci_low")?.zip(line.number("more_ci_high")?);
        // differences of pairs are means, with Student's t
        let interval = ends.map(|(low, high)| Interval { low, high, method: Method::T });
        let more = line.number("more_than_cheapest")?;
        Ok(PlannedCost {
            value: line.text("value"),
            number: line.known("number")?,
            point: line.verdict("point_verdict", ("met", "missed"))?,
            part: line.text("part"),
            cost: cost.ok_or_else(|| line.fault("cost", "number"))?,
            more: more.map(|value| Estimate { value, interval, n: replications }),
            replications,
        })
    }

    /// Whether it surely costs more than the cheapest.
    pub fn is_costlier(&self) -> bool {
        self.more.and_then(|more| more.interval).is_some_and(|interval| interval.low > 0.0)
    }

    fn word(&self) -> &'static str {
        match (self.part.as_str(), self.more) {
            (TOTAL, None) => PlannedCosts::CHEAPEST,
            (TOTAL, Some(_)) if self.is_costlier() => "costs_more",
            (TOTAL, Some(_)) => "uncertain",
            _ => "",
        }
    }
}

/// The part that is all of them.
pub const TOTAL: &str = "total";

impl Table for PlannedCosts {
    const FILE: &'static str = "plan_cost.csv";
    const COLUMNS: &'static [&'static str] = &[
        "scenario",
        "key",
        "value",
        "number",
        "point_verdict",
        "part",
        "unit",
        "cost",
        "ci_low",
        "ci_high",
        "interval",
        "replications",
        "verdict",
        "more_than_cheapest",
        "more_ci_low",
        "more_ci_high",
        "more_confidence",
    ];
    const ORDER: &'static str =
        "number, then total, then the parts in the order of docs/metrics.md";

    fn write(&self, rows: &mut Rows) {
        for row in &self.rows {
            let interval = row.cost.interval;
            let more = row.more.and_then(|more| more.interval);
            rows.row([
                Cell::text(&self.scenario),
                Cell::text(&self.key),
                Cell::text(&row.value),
                Cell::Number(row.number),
                Cell::text(row.point.word()),
                Cell::text(&row.part),
                Cell::text(&self.unit),
                Cell::Number(row.cost.value),
                Cell::number(interval.map(|interval| interval.low)),
                Cell::number(interval.map(|interval| interval.high)),
                Cell::text(&row.cost.method().to_string()),
                Cell::Count(row.replications),
                Cell::text(row.word()),
                Cell::number(row.more.map(|more| more.value)),
                Cell::number(more.map(|interval| interval.low)),
                Cell::number(more.map(|interval| interval.high)),
                Cell::number(row.more.map(|_| self.confidence)),
            ]);
        }
    }
}
