//! Costs on the screen: what a thousand top-ups cost, and what that is made of.

use comfy_table::{CellAlignment, Table, presets};

use super::answer::Answer;
use crate::cli::grid::lines_of;
use crate::cli::terminal::{BOLD, painted};
use crate::record::registry::{COST, part_of};
use crate::report::number::{self, Quantity};
use crate::study::{Estimate, MetricEstimate};

/// The section of the screen; none where nothing has a price.
pub(super) fn section(answer: &Answer) -> Option<String> {
    let value = |row: &MetricEstimate| row.estimate;
    let whole = answer.estimates.iter().find(|row| row.metric == COST).and_then(value)?;
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.add_row(["all".to_owned(), shown(&whole), String::new()]);
    let parts =
        answer.estimates.iter().filter_map(|row| Some((part_of(row.metric)?, row.estimate?)));
    for (part, estimate) in parts {
        let share = estimate.value / whole.value;
        let share = if share.is_finite() { percent(share) } else { String::new() };
        table.add_row([number::words(part.name()), shown(&estimate), share]);
    }
    if let Some(column) = table.column_mut(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let title = format!("What 1,000 top-ups cost, in {}", answer.currency());
    Some(format!("{}\n{}", painted(BOLD, &title), lines_of(&table)))
}

fn shown(estimate: &Estimate) -> String {
    number::estimate(estimate, Quantity::Plain)
}

/// A share to one decimal, so that all stand in line.
fn percent(share: f64) -> String {
    number::fixed(100.0 * share, 1) + " %"
}
