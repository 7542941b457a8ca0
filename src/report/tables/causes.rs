//! What attempts and top-ups failed of, cause by cause.

use super::Flow;
use crate::report::csv::{Cell, Rows, Table};
use crate::report::number::words;
use crate::report::reading::{Line, ReadBack, Unreadable};
use crate::stats::Estimate;
use crate::study::explain::Cause;

/// What one cause did to the top-ups that are counted.
#[derive(Debug, Clone, PartialEq)]
pub struct CauseRow {
    /// The name of the cause; `none` for top-ups lost without one.
    pub cause: String,
    /// The cause in words.
    pub label: String,
    /// What the cause says about another try: `transient`, `user_action`, `permanent`, `ambiguous`.
    pub class: String,
    /// Attempts that it struck, in all replications.
    pub strikes: u64,
    /// Top-ups whose first failed attempt it struck, in all replications.
    pub first: u64,
    /// Top-ups whose last failed attempt it struck, in all replications.
    pub last: u64,
    /// Top-ups whose last failed attempt it struck and that did not succeed.
    pub lost: u64,
    /// The same in a million top-ups, over replications.
    pub lost_per_million: Option<Estimate>,
    /// Sum of the amounts of the lost ones, in minor units of the currency.
    pub lost_amount_minor: u128,
    /// Of those by first cause, the ones that succeeded all the same.
    pub rescued: u64,
    /// Their share, over replications.
    pub rescued_share: Option<Estimate>,
    /// From arrival to credit of the rescued whose cause struck before the credit, added up, h.
    pub rescued_waited_h: f64,
}

/// Causes, the costliest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Causes {
    /// Replications that the estimates come from.
    pub replications: u64,
    /// One row a cause that struck at all.
    pub rows: Vec<CauseRow>,
}

/// A cause in words by its name in tables.
pub(crate) fn label_of(code: &str) -> String {
    if code == Flow::NONE {
        return "credited too late, without a failure".to_owned();
    }
    let known = Cause::ALL.iter().find(|cause| cause.row().code == code);
    known.map_or_else(|| words(code), |cause| cause.row().label.to_owned())
}

impl Causes {
    /// Sorts the rows: most top-ups lost first, then most strikes, then by name.
    pub fn sort(&mut self) {
        self.rows.sort_by(|a, b| {
            b.lost.cmp(&a.lost).then(b.strikes.cmp(&a.strikes)).then(a.cause.cmp(&b.cause))
        });
    }
}

impl Table for Causes {
    const FILE: &'static str = "causes.csv";
    const COLUMNS: &'static [&'static str] = &[
        "cause",
        "class",
        "struck_attempts",
        "first_of_top_ups",
        "last_of_top_ups",
        "lost_top_ups",
        "lost_per_million",
        "ci_low",
        "ci_high",
        "interval",
        "lost_amount_minor",
        "rescued_top_ups",
        "not_rescued_top_ups",
        "rescued_share",
        "rescued_ci_low",
        "rescued_ci_high",
        "rescued_interval",
        "rescued_waited_h",
    ];
    const ORDER: &'static str = "top-ups lost downwards, then attempts struck, then name";

    fn write(&self, rows: &mut Rows) {
        for row in &self.rows {
            let [lost, lost_low, lost_high, lost_method] = estimated(row.lost_per_million);
            let [rescued, low, high, method] = estimated(row.rescued_share);
            rows.row([
                Cell::text(&row.cause),
                Cell::text(&row.class),
                Cell::Count(row.strikes),
                Cell::Count(row.first),
                Cell::Count(row.last),
                Cell::Count(row.lost),
                lost,
                lost_low,
                lost_high,
                lost_method,
                Cell::Amount(row.lost_amount_minor),
                Cell::Count(row.rescued),
                Cell::Count(row.first - row.rescued),
                rescued,
                low,
                high,
                method,
                Cell::Number(row.rescued_waited_h),
            ]);
        }
    }
}

/// Value, ends and method of an estimate.
fn estimated(estimate: Option<Estimate>) -> [Cell; 4] {
    let interval = estimate.and_then(|estimate| estimate.interval);
    [
        Cell::number(estimate.map(|estimate| estimate.value)),
        Cell::number(interval.map(|interval| interval.low)),
        Cell::number(interval.map(|interval| interval.high)),
        Cell::text(&estimate.map_or(String::new(), |e| e.method().to_string())),
    ]
}

impl ReadBack for Causes {
    /// The words for causes follow from their names, as far as this version knows them.
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let lost = ["lost_per_million", "ci_low", "ci_high", "interval"];
        let rescued = ["rescued_share", "rescued_ci_low", "rescued_ci_high", "rescued_interval"];
        let row = |line: &Line| {
            let cause = line.text("cause");
            Ok(CauseRow {
                label: label_of(&cause),
                cause,
                class: line.text("class"),
                strikes: line.count("struck_attempts")?,
                first: line.count("first_of_top_ups")?,
                last: line.count("last_of_top_ups")?,
                lost: line.count("lost_top_ups")?,
                lost_per_million: line.estimate(lost, 0)?,
                lost_amount_minor: line.amount("lost_amount_minor")?,
                rescued: line.count("rescued_top_ups")?,
                rescued_share: line.estimate(rescued, 0)?,
                rescued_waited_h: line.known("rescued_waited_h")?,
            })
        };
        let rows = lines.iter().map(row).collect::<Result<_, _>>()?;
        Ok(Causes { replications: 0, rows })
    }
}
