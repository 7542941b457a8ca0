//! Published facts against what was simulated, a row a fact.

use crate::record::METRICS;
use crate::report::csv::{Cell, Rows, Table};
use crate::report::reading::{Line, ReadBack, Unreadable};
use crate::scenario::{Kind, Published};
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

impl ReadBack for Facts {
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let row = |line: &Line| {
            let (metric, kind) = (line.text("metric"), line.text("kind"));
            let metric = METRICS.iter().find(|own| own.name == metric);
            let metric = metric.ok_or_else(|| line.fault("metric", "metric of this version"))?;
            let kind = [Kind::Fitted, Kind::HeldOut].into_iter().find(|own| own.name() == kind);
            let fact = Published {
                name: line.text("fact"),
                metric: metric.name,
                unit: metric.unit,
                group: line.text("group"),
                window: line.text("window"),
                kind: kind.ok_or_else(|| line.fault("kind", "kind of fact"))?,
                value: line.number("published")?,
                at_least: line.number("published_low")?,
                at_most: line.number("published_high")?,
                source: line.text("source"),
            };
            let simulated = line.estimate(["simulated", "ci_low", "ci_high", "interval"], 0)?;
            let verdict = line.verdict("verdict", ("met", "not met"))?;
            Ok((Held { fact, simulated, verdict }, line.text("unit")))
        };
        let scenario = lines.first().map_or(String::new(), |line| line.text("scenario"));
        Ok(Facts { scenario, rows: lines.iter().map(row).collect::<Result<_, _>>()? })
    }
}
