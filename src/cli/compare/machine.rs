//! A comparison for programs: JSON with stable keys, and the CSV of its differences.

use std::path::Path;

use serde_json::{Value, json};

use super::Answer;
use crate::report::csv::csv_of;
use crate::report::tables::{DifferenceRow, MatrixRow, RegretRow};
use crate::study::{Estimate, MetricEstimate};

/// Everything on the screen, every metric of every arm, and every difference of all top-ups.
pub(super) fn json(answer: &Answer, folder: &Path) -> String {
    let (prepared, tables) = (answer.prepared, answer.tables);
    let lineup = &prepared.lineup;
    let arms = (0..lineup.sets.len()).flat_map(|set| {
        (0..lineup.arms.len()).map(move |arm| {
            let cell = answer.comparison.cell(set, arm);
            json!({
                "variant": lineup.arms[arm],
                "says": prepared.arms[arm].says,
                "incidents": lineup.sets[set],
                "plan_hash": prepared.scenarios[lineup.place(set, arm)].plan_hash,
                "replications": cell.numbers().count(),
                "metrics": cell.estimates.iter().map(metric).collect::<Vec<_>>(),
            })
        })
    });
    let whole = tables.differences.rows.iter().filter(|row| row.group == "all");
    let value = json!({
        "scenario": prepared.base.name,
        "title": prepared.base.title,
        "question": prepared.base.question,
        "version": env!("CARGO_PKG_VERSION"),
        "hash": prepared.hash,
        "seed": prepared.base.seed,
        "partial": answer.comparison.partial,
        "folder": folder.display().to_string(),
        "baseline": tables.differences.baseline,
        "confidence": lineup.confidence(),
        "finding": tables.finding,
        "rule": tables.regrets.rule,
        "advice": tables.advice,
        "chosen": answer.recommendation.arm.map(|arm| &lineup.arms[arm]),
        "tied": answer.recommendation.ties.iter().map(|&tie| &lineup.arms[tie]).collect::<Vec<_>>(),
        "arms": arms.collect::<Vec<_>>(),
        "differences": whole.map(difference).collect::<Vec<_>>(),
        "matrix": tables.matrix.rows.iter().map(spot).collect::<Vec<_>>(),
        "targets_finding": tables.targets.finding(),
        "targets": tables.targets.entries(),
        "regrets": tables.regrets.rows.iter().map(regret).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

/// The text of `differences.csv`.
pub(super) fn csv(answer: &Answer) -> String {
    String::from_utf8(csv_of(&answer.tables.differences)).expect("a table is written as text")
}

fn metric(row: &MetricEstimate) -> Value {
    let [value, low, high, interval] = numbers(row.estimate);
    json!({
        "metric": row.metric,
        "group": row.group,
        "window": row.window,
        "unit": row.unit.name(),
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
