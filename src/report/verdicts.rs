//! Targets for programs: what was asked, what was seen, and the verdict.

use serde_json::{Value, json};

use crate::record::Shape;
use crate::scenario::{Of, Precision, Scenario, Target};
use crate::stats::Verdict;
use crate::study::{Judged, Precise, RunResult, Sharpness, judged};

/// The targets of a scenario with their verdicts, in the order of the scenario.
pub fn verdicts(scenario: &Scenario, result: &RunResult) -> Vec<Value> {
    let shape = Shape::of(&scenario.plan);
    let targets = scenario.targets.iter();
    targets.map(|target| entry(target, &judged(target, &result.replications, &shape))).collect()
}

/// What was planned for the precision of a run, and what came of it.
pub fn precision_entry(precise: &Precise) -> Value {
    let sharp = |sharp: &Sharpness| {
        let (part, half) = match sharp.wanted.precision {
            Precision::Relative(part) => (Some(part), None),
            Precision::Absolute(half) => (None, Some(half)),
        };
        json!({
            "metric": sharp.wanted.metric,
            "group": sharp.wanted.group,
            "window": sharp.wanted.window,
            "wanted_part_of_value": part,
            "wanted_half_width": half,
            "half_width": sharp.half,
            "half_width_max": sharp.half_max,
            "reached": sharp.is_reached,
        })
    };
    json!({
        "looks": precise.looks,
        "replications_max": precise.looks.last(),
        "stopped_at": precise.stopped_at,
        "reached": precise.is_reached(),
        "wanted": precise.sharp.iter().map(sharp).collect::<Vec<_>>(),
        "plan_hash_of_a_plain_run": precise.fixed_plan_hash,
    })
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
