//! Published facts against what was simulated, a row a fact.

use crate::report::csv::{Cell, Rows, Table};
use crate::study::Held;

/// All facts that the scenario names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The name of the scenario.
    pub scenario: String,
    /// Rows in the order of their names, each with its unit in tables.
    pub rows: Vec<(Held, String)>,
}

impl Table for Facts {
    const FILE: &'static str = "published.csv";
    const COLUMNS: &'static [&'static str] = &[
        "scenario",
        "fact",
        "kind",
        "metric",
        "group",
        "window",
        "unit",
        "published",
        "published_low",
        "published_high",
        "simulated",
        "ci_low",
        "ci_high",
        "interval",
        "verdict",
        "source",
    ];
    const ORDER: &'static str = "name of the fact";

    fn write(&self, rows: &mut Rows) {
        for (held, unit) in &self.rows {
            let (fact, estimate) = (&held.fact, held.simulated);
            let interval = estimate.and_then(|estimate| estimate.interval);
            rows.row([
                Cell::text(&self.scenario),
                Cell::text(&fact.name),
                Cell::text(fact.kind.name()),
                Cell::text(fact.metric),
                Cell::text(&fact.group),
                Cell::text(&fact.window),
                Cell::text(unit),
                Cell::number(fact.value),
                Cell::number(fact.at_least),
                Cell::number(fact.at_most),
                Cell::number(estimate.map(|estimate| estimate.value)),
                Cell::number(interval.map(|interval| interval.low)),
                Cell::number(interval.map(|interval| interval.high)),
                Cell::text(&estimate.map_or(String::new(), |e| e.method().to_string())),
                Cell::text(held.words()),
                Cell::text(&fact.source),
            ]);
        }
    }
}
