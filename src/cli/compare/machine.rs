//! A comparison for programs: JSON with stable keys, and the CSV of its differences.

use std::path::Path;

use serde_json::{Value, json};

use super::{AboutCell, Answer};
use crate::record::registry::Unit;
use crate::report::csv::csv_of;
use crate::report::tables::{DifferenceRow, MatrixRow, RegretRow, SummaryRow};
use crate::study::Estimate;

/// Everything on the screen, every metric of every arm, and every difference of all top-ups.
pub(super) fn json(answer: &Answer, folder: &Path) -> String {
    let Answer { about, beside, tables } = answer;
    let whole = tables.differences.rows.iter().filter(|row| row.group == "all");
    let value = json!({
        "scenario": about.name,
        "title": about.title,
        "question": about.question,
        "version": env!("CARGO_PKG_VERSION"),
        "hash": about.hash,
        "seed": about.seed,
        "partial": about.partial,
        "folder": folder.display().to_string(),
        "baseline": tables.differences.baseline,
        "confidence": beside.confidence,
        "finding": tables.finding,
        "rule": tables.regrets.rule,
        "advice": tables.advice,
        "chosen": beside.chosen,
        "tied": beside.tied,
        "arms": arms(answer),
        "differences": whole.map(difference).collect::<Vec<_>>(),
        "matrix": tables.matrix.rows.iter().map(spot).collect::<Vec<_>>(),
        "targets_finding": tables.targets.finding(),
        "targets": tables.targets.entries(),
        "regrets": tables.regrets.rows.iter().map(regret).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

/// Every arm in every set of incidents, which have their rows of the matrix in this order too.
fn arms(answer: &Answer) -> Vec<Value> {
    let places = answer.tables.matrix.rows.iter().zip(&answer.about.cells);
    let arm = |(MatrixRow { arm, .. }, cell): (&MatrixRow, &AboutCell)| {
        let name = match &arm.incidents {
            set if set.is_empty() => arm.variant.clone(),
            set => format!("{}@{set}", arm.variant),
        };
        let rows = answer.tables.summary.rows.iter().filter(|row| row.variant == name);
        json!({
            "variant": arm.variant,
            "says": cell.says,
            "incidents": arm.incidents,
            "plan_hash": cell.plan_hash,
            "replications": cell.replications,
            "metrics": rows.map(metric).collect::<Vec<_>>(),
        })
    };
    places.map(arm).collect()
}

/// The text of `differences.csv`.
pub(super) fn csv(answer: &Answer) -> String {
    String::from_utf8(csv_of(&answer.tables.differences)).expect("a table is written as text")
}

fn metric(row: &SummaryRow) -> Value {
    let [value, low, high, interval] = numbers(row.estimate);
    json!({
        "metric": row.metric,
        "group": row.group,
        "window": row.window,
        "unit": Unit::named(&row.unit).name(),
        "value": value,
        "ci_low": low,
        "ci_high": high,
        "interval": interval,
        "replications": row.replications,
        "events": row.events,
    })
}

fn difference(row: &DifferenceRow) -> Value {
    let [value, low, high, interval] = numbers(Some(row.difference));
    let [relative, relative_low, relative_high, _] = numbers(row.relative);
    json!({
        "incidents": row.arm.incidents,
        "variant": row.arm.variant,
        "window": row.window,
        "metric": row.metric,
        "unit": row.unit,
        "baseline_value": row.base,
        "variant_value": row.value,
        "difference": value,
        "ci_low": low,
        "ci_high": high,
        "interval": interval,
        "relative": relative,
        "relative_ci_low": relative_low,
        "relative_ci_high": relative_high,
        "correlation": row.correlation,
        "variance_ratio": row.variance_ratio,
        "replications": row.pairs,
        "verdict": row.contrast.words(),
    })
}

fn spot(row: &MatrixRow) -> Value {
    let [value, low, high, _] = numbers(row.estimate);
    let [regret, regret_low, regret_high, _] = numbers(row.regret);
    json!({
        "incidents": row.arm.incidents,
        "variant": row.arm.variant,
        "value": value,
        "ci_low": low,
        "ci_high": high,
        "best_variant": row.best,
        "regret": regret,
        "regret_ci_low": regret_low,
        "regret_ci_high": regret_high,
    })
}

fn regret(row: &RegretRow) -> Value {
    json!({
        "variant": row.variant,
        "worst_regret": row.worst.as_ref().map(|worst| worst.0),
        "worst_incidents": row.worst.as_ref().map(|worst| &worst.1),
        "limits": row.standing,
        "verdict": row.verdict,
    })
}

/// Value, ends of the interval, and how it was made.
fn numbers(estimate: Option<Estimate>) -> [Value; 4] {
    let interval = estimate.and_then(|estimate| estimate.interval);
    [
        json!(estimate.map(|estimate| estimate.value)),
        json!(interval.map(|interval| interval.low)),
        json!(interval.map(|interval| interval.high)),
        json!(estimate.map(|estimate| estimate.method().to_string())),
    ]
}
