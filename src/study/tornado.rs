//! Which assumptions move the result most: metrics over the values that replications have drawn.

use super::estimate::value;
use super::run::{RunInputs, RunResult};
use super::uncertain::{Drawn, drawn};
use crate::record::registry::{METRICS, Metric, Unit};
use crate::record::{Group, GroupKind, Summary};
use crate::scenario::{Scenario, Target, Uncertain, UncertainInput};
use crate::stats::{CONFIDENCE, Estimate, Line, rank_correlation};

/// Metrics that are looked at beside those with a target.
const HEADLINES: [&str; 5] = [
    "success_share",
    "attempts_per_top_up",
    "duplicate_charges_per_million",
    "charged_shown_failed_per_million",
    "credit_latency_p95_s",
];

/// An input as it is written: its best guess and the ends of its range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranged {
    /// Its key path in the effective scenario.
    pub path: String,
    /// The best guess.
    pub value: String,
    /// The lowest value thought possible.
    pub low: String,
    /// The highest value thought possible.
    pub high: String,
}

impl Ranged {
    pub(super) fn of(input: &UncertainInput) -> Self {
        let UncertainInput { path, value, low, high, .. } = input.clone();
        Self { path, value, low, high }
    }
}

/// How one input moves one metric, the others as they are drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Moves {
    /// The metric, of all top-ups.
    pub metric: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// The input.
    pub input: Ranged,
    /// Spearman's rank correlation of the metric with the input over replications; none where the
    /// metric does not vary.
    pub correlation: Option<Estimate>,
    /// What the metric changes by from the input's low end to its high end, by a straight line.
    pub swing: Estimate,
    /// The metric on that line at the input's low and high end.
    pub ends: (f64, f64),
    /// Mean of the metric over replications.
    pub mean: f64,
    /// Between these the metric lies in nine of ten replications; none below twenty of them.
    pub spread: Option<(f64, f64)>,
    /// The target of the metric, and whether the line keeps it at the low and at the high end.
    pub target: Option<(String, bool, bool)>,
}

impl Moves {
    /// Whether luck alone would hardly make the input move the metric as it does.
    pub fn is_clear(&self) -> bool {
        self.swing.interval.is_some_and(|interval| interval.low > 0.0 || interval.high < 0.0)
    }

    /// Whether the target is kept at one end and not at the other; never where it is not clear that
    /// the input moves the metric at all.
    pub fn flips(&self) -> bool {
        self.is_clear() && self.target.as_ref().is_some_and(|(_, low, high)| low != high)
    }
}

/// What the replications of a run have drawn, in their order.
pub fn drawn_by(inputs: &RunInputs, uncertain: &Uncertain, numbers: &[u32]) -> Vec<(u32, Drawn)> {
    let of = |&number: &u32| (number, drawn(uncertain, inputs.seed, number).0);
    numbers.iter().map(of).collect()
}

/// Every input for every metric that is looked at: first those that clearly move it, and the one
/// that moves it most before the others.
pub fn moves(scenario: &Scenario, result: &RunResult) -> Vec<Moves> {
    let Some(uncertain) = &scenario.uncertain else { return Vec::new() };
    let drawn = drawn_by(&RunInputs::of(scenario), uncertain, &result.numbers);
    let is_asked = |metric: &&Metric| {
        let has_target = scenario.targets.iter().any(|target| target.metric == metric.name);
        HEADLINES.contains(&metric.name) || has_target
    };
    let of_metric = |metric: &'static Metric| {
        let target = scenario.targets.iter().find(|target| target.metric == metric.name);
        let one = |(index, input): (usize, &UncertainInput)| {
            let values = drawn.iter().map(|(_, drawn)| input.number(&drawn.values[index]));
            let pairs = values.zip(&result.replications);
            let pairs = pairs.filter_map(|(x, summary)| Some((x, of_all(metric, summary)?)));
            moved((metric, target), input, &pairs.collect::<Vec<_>>())
        };
        let mut rows: Vec<Moves> = uncertain.inputs.iter().enumerate().filter_map(one).collect();
        // what luck may have made comes after what is clear
        let key = |row: &Moves| (row.is_clear(), row.swing.value.abs());
        rows.sort_by(|a, b| {
            let ((a_clear, a), (b_clear, b)) = (key(a), key(b));
            b_clear.cmp(&a_clear).then(b.total_cmp(&a))
        });
        rows
    };
    METRICS.iter().filter(is_asked).flat_map(of_metric).collect()
}

/// The metric of all top-ups in one replication.
fn of_all(metric: &Metric, summary: &Summary) -> Option<f64> {
    let whole = [GroupKind::All, GroupKind::AnyRecovery, GroupKind::Costs];
    let kind = *metric.groups.iter().find(|kind| whole.contains(kind))?;
    value(metric, Group { kind, index: 0 }, summary)
}

fn moved(
    (metric, target): (&Metric, Option<&Target>),
    input: &UncertainInput,
    pairs: &[(f64, f64)],
) -> Option<Moves> {
    let line = Line::through(pairs, CONFIDENCE)?;
    let (low, high) = (input.number(&input.low), input.number(&input.high));
    let ends = (line.at(low), line.at(high));
    let kept = |value: f64, target: &Target| {
        target.at_least.is_none_or(|bound| value >= bound)
            && target.at_most.is_none_or(|bound| value <= bound)
    };
    Some(Moves {
        metric: metric.name,
        unit: metric.unit,
        input: Ranged::of(input),
        correlation: rank_correlation(pairs, CONFIDENCE),
        swing: line.slope.times(high - low),
        ends,
        mean: line.y,
        spread: spread(pairs),
        target: target.map(|t| (t.text.clone(), kept(ends.0, t), kept(ends.1, t))),
    })
}

/// The 5 % and the 95 % quantile of what is on the second place of pairs.
fn spread(pairs: &[(f64, f64)]) -> Option<(f64, f64)> {
    let mut values: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
    values.sort_by(f64::total_cmp);
    let outside = values.len() / 20;
    (outside > 0).then(|| (values[outside - 1], values[values.len() - outside]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Interval, Method};

    /// A metric that goes from 0.8 to 0.9 with an input, where 0.85 is asked for.
    fn moved(low: f64, high: f64) -> Moves {
        let text = || "1".to_owned();
        let interval = Some(Interval { low, high, method: Method::T });
        Moves {
            metric: "success_share",
            unit: Unit::Share,
            input: Ranged { path: text(), value: text(), low: text(), high: text() },
            correlation: None,
            swing: Estimate { value: 0.1, interval, n: 10 },
            ends: (0.8, 0.9),
            mean: 0.85,
            spread: None,
            target: Some((">= 85%".to_owned(), false, true)),
        }
    }

    #[test]
    fn what_luck_may_have_made_flips_no_target() {
        assert!(moved(0.05, 0.15).flips());
        assert!(!moved(-0.05, 0.25).flips(), "it may not move the metric at all");
    }
}
