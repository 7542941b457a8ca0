//! Targets for programs: what was asked, what was seen, and the verdict.

use serde_json::{Value, json};

use crate::record::{METRICS, Shape};
use crate::scenario::{Of, Precision, Scenario, Target};
use crate::stats::Verdict;
use crate::study::{Judged, MetricEstimate, Precise, RunResult, Sharp, Sharpness, judged};

/// What a target binds that is to hold in a share of replications.
pub const SHARE_KEPT: &str = "share_of_replications";

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

/// The same read back; what is as precise as it was stands among the estimates of the run. None
/// where the entry is of another version.
pub fn precision_of(entry: &Value, estimates: &[MetricEstimate]) -> Option<Precise> {
    let whole = |value: &Value| u32::try_from(value.as_u64()?).ok();
    let sharp = |entry: &Value| {
        let metric = METRICS.iter().find(|metric| entry["metric"] == metric.name)?;
        let is_it = |row: &&MetricEstimate| {
            row.metric == metric.name
                && entry["group"] == row.group.as_str()
                && entry["window"] == row.window.as_str()
        };
        let row = estimates.iter().find(is_it)?.clone();
        let part = entry["wanted_part_of_value"].as_f64().map(Precision::Relative);
        let half = entry["wanted_half_width"].as_f64().map(Precision::Absolute);
        let (group, window) = (row.group.clone(), row.window.clone());
        Some(Sharpness {
            wanted: Sharp { metric: metric.name, group, window, precision: part.or(half)? },
            row,
            half: entry["half_width"].as_f64(),
            half_max: entry["half_width_max"].as_f64(),
            is_reached: entry["reached"].as_bool()?,
        })
    };
    Some(Precise {
        looks: entry["looks"].as_array()?.iter().map(whole).collect::<Option<_>>()?,
        stopped_at: whole(&entry["stopped_at"])?,
        sharp: entry["wanted"].as_array()?.iter().map(sharp).collect::<Option<_>>()?,
        fixed_plan_hash: entry["plan_hash_of_a_plain_run"].as_str()?.to_owned(),
    })
}

/// A target with its verdict; `value` and interval are of what it binds: the mean, the quantile, or
/// the share of replications that keep the bound.
pub(super) fn entry(target: &Target, judged: &Judged) -> Value {
    let estimate = judged.estimate;
    let interval = estimate.and_then(|estimate| estimate.interval);
    let needed = match judged.verdict {
        Verdict::Uncertain { replications_needed } => replications_needed,
        Verdict::Met | Verdict::Missed => None,
    };
    let statistic = match &target.of {
        Of::Mean => "mean",
        Of::Quantile { name, .. } => name,
        Of::Share(_) => SHARE_KEPT,
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
