//! Drawn values on the screen: which of them move the result, and how far results lie apart.

use comfy_table::{Table, presets};

use super::answer::Answer;
use super::headline;
use crate::cli::grid::lines_of;
use crate::cli::terminal::{BOLD, DIM, painted, plain, wrapped};
use crate::report::number::{self, Quantity};
use crate::study::{Estimate, Moves};

/// Inputs shown for each metric.
const SHOWN: usize = 5;

/// The section of the screen: metrics with a target, or else the first of all.
pub(super) fn section(answer: &Answer, columns: usize) -> String {
    let mut text = format!("{}\n", painted(BOLD, "Assumptions that move the result"));
    let with_target: Vec<&str> =
        answer.moves.iter().filter(|row| row.target.is_some()).map(|row| row.metric).collect();
    let first = answer.moves.first().map(|row| row.metric);
    let mut metrics =
        if with_target.is_empty() { first.into_iter().collect() } else { with_target };
    metrics.dedup();
    for metric in metrics {
        let rows: Vec<&Moves> = answer.moves.iter().filter(|row| row.metric == metric).collect();
        text += &of_metric(metric, &rows, answer.currency());
    }
    for line in wrapped(UNDER_ASSUMPTIONS, columns) {
        text += &format!("{}\n", painted(DIM, &line));
    }
    text
}

const UNDER_ASSUMPTIONS: &str = "on a straight line from the low to the high end of each range, \
                                 the others as they are drawn; r: rank correlation over \
                                 replications; tornado.csv has all of them";

fn of_metric(metric: &str, rows: &[&Moves], currency: &str) -> String {
    let shown = |value: f64, row: &Moves| {
        headline::shown(&Estimate { value, interval: None, n: 0 }, row.unit, currency)
    };
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for row in rows.iter().take(SHOWN) {
        let r = row.correlation.map_or(String::new(), |r| {
            let r = number::estimate(&r, Quantity::Plain);
            format!("r {r}")
        });
        let range = format!("{} to {}", row.input.low, row.input.high);
        let ends = format!("{} to {}", shown(row.ends.0, row), shown(row.ends.1, row));
        let flips = match (row.is_clear(), row.flips()) {
            (false, _) => "not clear",
            (_, true) => "flips the target",
            (_, false) => "",
        };
        table.add_row([&plain(&row.input.path), &range, &ends, &r, flips]);
    }
    let spread = rows.first().and_then(|row| Some((row, row.spread?)));
    let spread = spread.map_or(String::new(), |(row, (low, high))| {
        format!(": nine in ten replications have {} to {}", shown(low, row), shown(high, row))
    });
    format!("{metric}{spread}\n{}", lines_of(&table))
}
