//! Targets for programs: what was asked, what was seen, and the verdict.

use serde_json::{Value, json};

use crate::scenario::{Scenario, Target};
use crate::stats::Verdict;
use crate::study::{MetricEstimate, RunResult, estimate, verdict};

/// The targets of a scenario with their verdicts, in the order of the scenario.
pub fn verdicts(scenario: &Scenario, result: &RunResult) -> Vec<Value> {
    let rows = estimate::estimates(result, &scenario.plan);
    scenario.targets.iter().map(|target| entry(target, &rows)).collect()
}

fn entry(target: &Target, rows: &[MetricEstimate]) -> Value {
    let is_whole = |row: &&MetricEstimate| row.group == "all" && row.window == "all";
    let row = rows.iter().filter(is_whole).find(|row| row.metric == target.metric);
    let unsure = Verdict::Uncertain { replications_needed: None };
    let verdict = row.map_or(unsure, |row| verdict(row, target.at_least, target.at_most));
    let estimate = row.and_then(|row| row.estimate);
    let interval = estimate.and_then(|estimate| estimate.interval);
    let (word, needed) = match verdict {
        Verdict::Met => ("met", None),
        Verdict::Missed => ("missed", None),
        Verdict::Uncertain { replications_needed } => ("uncertain", replications_needed),
    };
    json!({
        "metric": target.metric,
        "target": target.text,
        "verdict": word,
        "value": estimate.map(|estimate| estimate.value),
        "ci_low": interval.map(|interval| interval.low),
        "ci_high": interval.map(|interval| interval.high),
        "interval": estimate.map(|estimate| estimate.method().to_string()),
        "replications_needed": needed,
    })
}
