//! Recoveries on the screen: how often goodput stays away after a trigger, and how long it takes.

use comfy_table::{Table, presets};

use super::answer::Answer;
use crate::cli::grid::lines_of;
use crate::cli::terminal::{BOLD, DIM, painted, plain, wrapped};
use crate::report::number;
use crate::study::{Estimate, RecoveryEstimate};

const UNDER_RECOVERIES: &str = "time from the trigger's end until goodput is back; replications in \
                                which it is not back by the horizon count as longer than that";

/// The section of the screen.
pub(super) fn section(answer: &Answer, columns: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for row in &answer.recoveries {
        let name = plain(&row.recovery.name);
        table.add_row([name, collapsed(row), median(row), goodput(row)]);
    }
    let title = painted(BOLD, "Goodput after triggers");
    let mut text = format!("{title}\n{}", lines_of(&table));
    for line in wrapped(UNDER_RECOVERIES, columns) {
        text += &format!("{}\n", painted(DIM, &line));
    }
    text
}

/// `collapsed in 7 of 30 (10 to 42 %)`.
fn collapsed(row: &RecoveryEstimate) -> String {
    let Some(interval) = row.collapse_share.and_then(|share| share.interval) else {
        return "no goodput before".to_owned();
    };
    let percent = |share: f64| number::fixed(100.0 * share, 0);
    let (low, high) = (percent(interval.low), percent(interval.high));
    format!("collapsed in {} of {} ({low} to {high} %)", row.collapsed, row.watched)
}

/// `median 38 s (35 to 42 s)`.
fn median(row: &RecoveryEstimate) -> String {
    match (row.curve.median(), row.watched) {
        (_, 0) => String::new(),
        (None, _) => format!("median over {}", number::span(row.recovery.horizon_s as f64)),
        (Some(median), _) => format!("median {}", seconds(&median)),
    }
}

fn seconds(estimate: &Estimate) -> String {
    let fixed = |value: f64| number::fixed(value, usize::from(estimate.value < 10.0));
    let ends = estimate.interval.map_or(String::new(), |interval| {
        format!(" ({} to {})", fixed(interval.low), fixed(interval.high))
    });
    format!("{} s{ends}", fixed(estimate.value))
}

/// `99.8 % good before, 12.0 % at the end`.
fn goodput(row: &RecoveryEstimate) -> String {
    let share = |estimate: Option<Estimate>| {
        estimate.map_or("–".to_owned(), |e| number::fixed(100.0 * e.value, 1))
    };
    format!("{} % good before, {} % at the end", share(row.before), share(row.after))
}
