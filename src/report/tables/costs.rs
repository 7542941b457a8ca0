//! What a thousand top-ups cost, part by part, with the prices behind it.

use crate::report::csv::{Cell, Rows, Table};
use crate::report::reading::{Line, ReadBack, Unreadable};
use crate::stats::Estimate;

/// The cost of all parts together, and of each part that has a price; empty without prices.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Costs {
    /// The name of the scenario.
    pub scenario: String,
    /// The whole first, then its parts.
    pub rows: Vec<CostRow>,
}

/// One part of the cost.
#[derive(Debug, Clone, PartialEq)]
pub struct CostRow {
    /// `total`, or the name of the part.
    pub part: String,
    /// The price as the scenario writes it; empty where there is no single one.
    pub price: String,
    /// The lowest and the highest price thought possible, as written; empty without a range.
    pub range: [String; 2],
    /// Where the price comes from, in the writer's words.
    pub source: String,
    /// The unit of the estimate.
    pub unit: String,
    /// What it comes to for a thousand top-ups.
    pub estimate: Option<Estimate>,
    /// Its part of the whole; none where that is 0.
    pub share: Option<f64>,
    /// Replications that had a value.
    pub replications: u64,
}

impl Table for Costs {
    const FILE: &'static str = "cost.csv";
    const COLUMNS: &'static [&'static str] = &[
        "scenario",
        "part",
        "price",
        "price_low",
        "price_high",
        "price_source",
        "unit",
        "value",
        "ci_low",
        "ci_high",
        "interval",
        "share_of_total",
        "replications",
    ];
    const ORDER: &'static str = "total, then the parts in the order of docs/metrics.md";

    fn write(&self, rows: &mut Rows) {
        for row in &self.rows {
            let interval = row.estimate.and_then(|estimate| estimate.interval);
            rows.row([
                Cell::text(&self.scenario),
                Cell::text(&row.part),
                Cell::text(&row.price),
                Cell::text(&row.range[0]),
                Cell::text(&row.range[1]),
                Cell::text(&row.source),
                Cell::text(&row.unit),
                Cell::number(row.estimate.map(|estimate| estimate.value)),
                Cell::number(interval.map(|interval| interval.low)),
                Cell::number(interval.map(|interval| interval.high)),
                Cell::text(&row.estimate.map_or(String::new(), |e| e.method().to_string())),
                Cell::number(row.share),
                Cell::Count(row.replications),
            ]);
        }
    }
}

impl ReadBack for Costs {
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let row = |line: &Line| {
            let replications = line.count("replications")?;
            Ok(CostRow {
                part: line.text("part"),
                price: line.text("price"),
                range: [line.text("price_low"), line.text("price_high")],
                source: line.text("price_source"),
                unit: line.text("unit"),
                estimate: line
                    .estimate(["value", "ci_low", "ci_high", "interval"], replications)?,
                share: line.number("share_of_total")?,
                replications,
            })
        };
        let scenario = lines.first().map_or(String::new(), |line| line.text("scenario"));
        Ok(Costs { scenario, rows: lines.iter().map(row).collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::csv::csv_of;
    use crate::report::reading::read_back;
    use crate::stats::{Interval, Method};

    #[test]
    fn a_cost_reads_back_as_it_was_written() {
        let interval = Some(Interval { low: 2.9, high: 3.3, method: Method::T });
        let row = CostRow {
            part: "tickets".to_owned(),
            price: "8 CNY".to_owned(),
            range: ["4 CNY".to_owned(), "15 CNY".to_owned()],
            source: "assumed".to_owned(),
            unit: "CNY_per_1000".to_owned(),
            estimate: Some(Estimate { value: 3.1, interval, n: 30 }),
            share: Some(0.25),
            replications: 30,
        };
        let table = Costs { scenario: "x".to_owned(), rows: vec![row] };
        assert_eq!(read_back::<Costs>(&csv_of(&table)).unwrap(), table);
    }
}
