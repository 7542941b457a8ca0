//! Values drawn once a replication, and which of them move the result.

use crate::record::METRICS;
use crate::report::csv::{Cell, Rows, Table};
use crate::report::reading::{Line, ReadBack, Unreadable};
use crate::study::Moves;
use crate::study::tornado::Ranged;

/// What was drawn, if ranges were; empty otherwise.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UncertainInputs {
    /// Replication by replication, inputs in the order of their paths.
    pub rows: Vec<UncertainRow>,
}

/// One value of one replication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UncertainRow {
    /// Number of the replication.
    pub replication: u64,
    /// Key path of the value.
    pub input: String,
    /// As drawn, in its unit.
    pub value: String,
    /// Which draw of all values it is, from 1.
    pub draw: u64,
}

impl Table for UncertainInputs {
    const FILE: &'static str = "uncertain_inputs.csv";
    const COLUMNS: &'static [&'static str] = &["replication", "input", "value", "draw"];
    const ORDER: &'static str = "replication, then key path of the input";

    fn write(&self, rows: &mut Rows) {
        for row in &self.rows {
            rows.row([
                Cell::Count(row.replication),
                Cell::text(&row.input),
                Cell::text(&row.value),
                Cell::Count(row.draw),
            ]);
        }
    }
}

/// Which of the drawn values move which metrics, with the unit of each metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tornado {
    /// The name of the scenario.
    pub scenario: String,
    /// Metric by metric, as [`moves`](crate::study::moves) orders them.
    pub rows: Vec<(Moves, String)>,
}

impl Table for Tornado {
    const FILE: &'static str = "tornado.csv";
    const COLUMNS: &'static [&'static str] = &[
        "scenario",
        "metric",
        "unit",
        "input",
        "value",
        "low",
        "high",
        "rank_correlation",
        "ci_low",
        "ci_high",
        "interval",
        "swing",
        "swing_ci_low",
        "swing_ci_high",
        "swing_interval",
        "at_low",
        "at_high",
        "replications_p05",
        "replications_p95",
        "target",
        "flips",
        "replications",
    ];
    const ORDER: &'static str =
        "metric in the order of the registry, clear swings before others, then the largest first";

    fn write(&self, rows: &mut Rows) {
        for (row, unit) in &self.rows {
            let correlation = row.correlation;
            let of_it = correlation.and_then(|estimate| estimate.interval);
            let of_swing = row.swing.interval;
            let flips = match (&row.target, row.is_clear(), row.flips()) {
                (None, ..) => "",
                (_, false, _) => "unclear",
                (_, _, true) => "yes",
                (_, _, false) => "no",
            };
            rows.row([
                Cell::text(&self.scenario),
                Cell::text(row.metric),
                Cell::text(unit),
                Cell::text(&row.input.path),
                Cell::text(&row.input.value),
                Cell::text(&row.input.low),
                Cell::text(&row.input.high),
                Cell::number(correlation.map(|estimate| estimate.value)),
                Cell::number(of_it.map(|interval| interval.low)),
                Cell::number(of_it.map(|interval| interval.high)),
                Cell::text(&correlation.map_or(String::new(), |e| e.method().to_string())),
                Cell::Number(row.swing.value),
                Cell::number(of_swing.map(|interval| interval.low)),
                Cell::number(of_swing.map(|interval| interval.high)),
                Cell::text(&row.swing.method().to_string()),
                Cell::Number(row.ends.0),
                Cell::Number(row.ends.1),
                Cell::number(row.spread.map(|spread| spread.0)),
                Cell::number(row.spread.map(|spread| spread.1)),
                Cell::text(row.target.as_ref().map_or("", |target| &target.0)),
                Cell::text(flips),
                Cell::Count(row.swing.n),
            ]);
        }
    }
}

impl ReadBack for UncertainInputs {
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let row = |line: &Line| {
            Ok(UncertainRow {
                replication: line.count("replication")?,
                input: line.text("input"),
                value: line.text("value"),
                draw: line.draw("draw")?,
            })
        };
        Ok(UncertainInputs { rows: lines.iter().map(row).collect::<Result<_, _>>()? })
    }
}

impl ReadBack for Tornado {
    /// The means of the metrics stand in the manifest.
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let scenario = lines.first().map_or(String::new(), |line| line.text("scenario"));
        Ok(Tornado { scenario, rows: lines.iter().map(read_row).collect::<Result<_, _>>()? })
    }
}

fn read_row(line: &Line) -> Result<(Moves, String), Unreadable> {
    let (name, n) = (line.text("metric"), line.count("replications")?);
    let metric = METRICS.iter().find(|own| own.name == name);
    let metric = metric.ok_or_else(|| line.fault("metric", "metric of this version"))?;
    let of_swing = ["swing", "swing_ci_low", "swing_ci_high", "swing_interval"];
    let swing = line.estimate(of_swing, n)?.ok_or_else(|| line.fault("swing", "number"))?;
    // at which of the two ends a target that flips is kept is not asked any more
    let kept = match line.text("flips").as_str() {
        "yes" => Some((false, true)),
        "no" | "unclear" => Some((true, true)),
        "" => None,
        _ => return Err(line.fault("flips", "word for whether a target flips")),
    };
    let row = Moves {
        metric: metric.name,
        unit: metric.unit,
        input: Ranged {
            path: line.text("input"),
            value: line.text("value"),
            low: line.text("low"),
            high: line.text("high"),
        },
        correlation: line.estimate(["rank_correlation", "ci_low", "ci_high", "interval"], n)?,
        swing,
        ends: (line.known("at_low")?, line.known("at_high")?),
        mean: f64::NAN,
        spread: line.number("replications_p05")?.zip(line.number("replications_p95")?),
        target: kept.map(|(low, high)| (line.text("target"), low, high)),
    };
    Ok((row, line.text("unit")))
}
