//! Made-up tables of comparisons, and broken ones, for trying out charts.

use super::*;
use crate::record::registry::Metric;
use crate::report::number::Quantity;
use crate::stats::{Estimate, Interval, Method};
use crate::study::compare::{Asked, Contrast, Objective, Rule, Smallest, Way};

fn metric(name: &str) -> &'static Metric {
    Metric::by_name(name).expect("it is registered")
}

fn estimate(value: f64, half: f64) -> Estimate {
    let interval = Interval { low: value - half, high: value + half, method: Method::T };
    Estimate { value, interval: Some(interval), n: 30 }
}

/// A comparison of arms of these names in these sets, whose values go with the place of the arm and
/// `scale`.
pub(crate) fn compared(arms: &[&str], sets: &[&str], scale: f64) -> Compared {
    let success = metric("success_share");
    let metrics = vec![success, metric("attempts_per_top_up")];
    let objective = Objective { metric: success, is_up: true };
    let asked = Asked {
        metrics,
        window: "all".to_owned(),
        smallest: Smallest([("success_share", 0.001)].into()),
        rule: Rule::only(objective),
    };
    Compared {
        targets: ArmTargets::default(),
        asked,
        finding: "Against base, in success_share: something is better.".to_owned(),
        advice: "something is the best.".to_owned(),
        summary: summary(arms, sets, scale),
        differences: differences(arms, sets, scale),
        replications: ArmReplications::default(),
        timeline: timeline(arms, sets, scale),
        matrix: matrix(arms, sets, scale),
        regrets: regrets(arms, sets),
    }
}

fn named(arm: &str, set: &str) -> ArmName {
    ArmName { variant: arm.to_owned(), incidents: set.to_owned() }
}

/// Every arm with its place, set by set.
fn places<'t>(
    arms: &'t [&'t str],
    sets: &'t [&'t str],
) -> impl Iterator<Item = (&'t str, f64, &'t str)> {
    sets.iter()
        .flat_map(move |set| arms.iter().enumerate().map(move |(at, arm)| (*arm, at as f64, *set)))
}

fn summary(arms: &[&str], sets: &[&str], scale: f64) -> Summary {
    let values = |at: f64| {
        [
            ("success_share", 0.9 + 0.01 * at * scale),
            ("attempts_per_top_up", 1.0 + 0.1 * at * scale),
            ("duplicate_charges_per_million", 100.0 * at * scale),
        ]
    };
    let rows = places(arms, sets).flat_map(|(arm, at, set)| {
        let variant = if set.is_empty() { arm.to_owned() } else { format!("{arm}@{set}") };
        values(at).map(|(metric, value)| SummaryRow {
            variant: variant.clone(),
            group: "all".to_owned(),
            window: "all".to_owned(),
            metric: metric.to_owned(),
            statistic: "mean".to_owned(),
            unit: String::new(),
            estimate: Some(estimate(value, 0.001)),
            replications: 30,
            events: None,
        })
    });
    Summary { scenario: "made-up".to_owned(), rows: rows.collect() }
}

fn differences(arms: &[&str], sets: &[&str], scale: f64) -> Differences {
    let contrasts = [
        Contrast::Same,
        Contrast::Clear(Way::Better),
        Contrast::Clear(Way::Worse),
        Contrast::Unclear,
    ];
    let rows = places(arms, sets).filter(|(_, at, _)| *at > 0.0).flat_map(|(arm, at, set)| {
        ["success_share", "attempts_per_top_up"].map(|name| DifferenceRow {
            arm: named(arm, set),
            group: "all".to_owned(),
            window: "all".to_owned(),
            metric: name.to_owned(),
            unit: String::new(),
            quantity: Quantity::of(metric(name).unit),
            base: 0.9,
            value: 0.9 + 0.01 * at * scale,
            difference: estimate(0.01 * at * scale, 0.004 * scale),
            relative: None,
            confidence: 0.95,
            correlation: None,
            variance_ratio: None,
            pairs: 30,
            contrast: contrasts[at as usize % contrasts.len()],
        })
    });
    Differences { baseline: "base".to_owned(), rows: rows.collect() }
}

fn timeline(arms: &[&str], sets: &[&str], scale: f64) -> ArmTimeline {
    let points = |at: usize| {
        let value = |bucket: usize| 0.9 + 0.001 * scale * ((bucket * (at + 3)) % 17) as f64;
        (0..48).map(|bucket| Some(estimate(value(bucket), 0.002))).collect()
    };
    let set = |set: &&str| SetTimeline {
        incidents: (*set).to_owned(),
        windows: Vec::new(),
        arms: arms.iter().enumerate().map(|(at, arm)| ((*arm).to_owned(), points(at))).collect(),
    };
    ArmTimeline {
        start: None,
        length_s: 86_400.0,
        bucket_s: 1_800.0,
        replications: 30,
        uncertain_inputs: 0,
        sets: sets.iter().map(set).collect(),
    }
}

fn matrix(arms: &[&str], sets: &[&str], scale: f64) -> Matrix {
    let rows = places(arms, sets).map(|(arm, at, set)| MatrixRow {
        arm: named(arm, set),
        estimate: Some(estimate(0.9 + 0.01 * at * scale, 0.001)),
        best: arms.first().map_or(String::new(), |best| (*best).to_owned()),
        regret: Some(estimate(0.01 * at * scale, 0.001)),
    });
    Matrix {
        metric: "success_share".to_owned(),
        unit: "share".to_owned(),
        quantity: Some(Quantity::Share),
        is_up: true,
        window: "all".to_owned(),
        rows: rows.collect(),
    }
}

fn regrets(arms: &[&str], sets: &[&str]) -> Regrets {
    let set = sets.first().map_or(String::new(), |set| (*set).to_owned());
    let row = |(at, arm): (usize, &&str)| RegretRow {
        variant: (*arm).to_owned(),
        worst: (at > 0).then(|| (0.01 * at as f64, set.clone())),
        standing: if at == 2 { "breaks: x <= 1".to_owned() } else { String::new() },
        verdict: if at == 0 { "chosen" } else { "" },
    };
    Regrets { rows: arms.iter().enumerate().map(row).collect(), ..Regrets::default() }
}
