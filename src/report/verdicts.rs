//! Targets for programs: what was asked, what was seen, and the verdict.

use serde_json::{Value, json};

use crate::record::Shape;
use crate::scenario::{Of, Scenario, Target};
use crate::stats::Verdict;
use crate::study::{Judged, RunResult, judged};

/// The targets of a scenario with their verdicts, in the order of the scenario.
pub fn verdicts(scenario: &Scenario, result: &RunResult) -> Vec<Value> {
    let shape = Shape::of(&scenario.plan);
    let targets = scenario.targets.iter();
    targets.map(|target| entry(target, &judged(target, &result.replications, &shape))).collect()
}

/// A target with its verdict; `value` and interval are of what it binds: the mean, the quantile, or
/// the share of replications that keep the bound.
pub fn entry(target: &Target, judged: &Judged) -> Value {
    let estimate = judged.estimate;
    let interval = estimate.and_then(|estimate| estimate.interval);
    let needed = match judged.verdict {
        Verdict::Uncertain { replications_needed } => replications_needed,
        Verdict::Met | Verdict::Missed => None,
    };
    let statistic = match &target.of {
        Of::Mean => "mean",
        Of::Quantile { name, .. } => name,
        Of::Share(_) => "share_of_replications",
    };
    json!({
        "metric": target.metric,
        "group": target.group,
        "window": target.window,
        "statistic": statistic,
        "target": target.text,
        "at_least": target.at_least,
        "at_most": target.at_most,
        "in_share_of_replications": match target.of {
            Of::Share(share) => Some(share),
            _ => None,
        },
        "verdict": judged.verdict.word(),
        "value": estimate.map(|estimate| estimate.value),
        "ci_low": interval.map(|interval| interval.low),
        "ci_high": interval.map(|interval| interval.high),
        "interval": estimate.map(|estimate| estimate.method().to_string()),
        "replications": judged.replications,
        "replications_kept": judged.kept,
        "replications_needed": needed,
    })
}
