//! The main result of a run in one sentence, made from its numbers.

use super::estimate::{self, CauseEstimate, MetricEstimate};
use super::run::RunResult;
use crate::stats::Estimate;

/// One sentence: how many top-ups were credited in time, and what cost most of the others.
pub fn finding(result: &RunResult, estimates: &[MetricEstimate]) -> String {
    let of_all = |metric: &str| -> Option<Estimate> {
        estimates.iter().find(|row| row.metric == metric && row.group == "all")?.estimate
    };
    let Some(success) = of_all("success_share") else {
        return "No top-up arrived in the measured time.".to_owned();
    };
    let mut text = format!("{} of top-ups were credited in time", percent(&success));
    match estimate::causes(result).iter().find(|cause| cause.counts.lost > 0) {
        Some(cause) => text += &format!("; {}", cost(cause, result)),
        None => text += "; no other was lost",
    }
    if let Some(duplicates) = of_all("duplicate_charges_per_million")
        && duplicates.value > 0.0
    {
        text += &format!("; {} in a million were charged twice", per_million(duplicates.value));
    }
    text + "."
}

fn cost(cause: &CauseEstimate, result: &RunResult) -> String {
    let lost = result.pooled.all.top_ups - result.pooled.all.successes();
    let share = 100.0 * cause.counts.lost as f64 / lost as f64;
    match cause.cause {
        Some(cause) => {
            format!("what cost most is {} ({share:.0} % of those lost)", cause.row().label)
        }
        None => format!("most of those lost ({share:.0} %) failed of no cause of their own"),
    }
}

/// `93.2 % (93.1 to 93.3 %)`, with as many decimals as the interval deserves.
fn percent(share: &Estimate) -> String {
    let Some(interval) = share.interval else { return format!("{:.1} %", 100.0 * share.value) };
    let (low, high) = (100.0 * interval.low, 100.0 * interval.high);
    let mut decimals = 1;
    let mut step = 0.1;
    while step > (high - low) / 2.0 && decimals < 4 {
        decimals += 1;
        step /= 10.0;
    }
    let value = 100.0 * share.value;
    format!("{value:.decimals$} % ({low:.decimals$} to {high:.decimals$} %)")
}

fn per_million(value: f64) -> String {
    if value < 10.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}
