//! Which assumptions would overturn the answer of a plan: each ranged value at its ends, one at a
//! time.

use std::sync::Arc;

use super::{Asking, Probe, probe};
use crate::record::{GroupKind, Metric};
use crate::scenario::{Of, Scenario, Target, Uncertain, UncertainInput};
use crate::stats::{Estimate, Interval, Verdict};
use crate::study::jobs::{Arm, Crew};
use crate::study::run::RunInputs;
use crate::study::tornado::Ranged;

/// What the targets say at the answer with ranged values at their best guesses, and with one after
/// the other at the ends of its range.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumptions {
    /// All at their best guesses.
    pub best: Probe,
    /// Each value with a range, in the order of paths.
    pub inputs: Vec<Assumption>,
    /// Confidence of every single look: at 95 % all verdicts hold together (Bonferroni).
    pub confidence: f64,
}

/// One ranged value at both ends, the others at their best guesses.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumption {
    /// The value and its range.
    pub input: Ranged,
    /// At the low and at the high end.
    pub ends: [Probe; 2],
}

/// What an assumption does to the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// The targets are surely met at both ends.
    Holds,
    /// At an end they are neither surely met nor surely missed.
    Unsure,
    /// At an end they are surely missed, though not with best guesses.
    Flips,
    /// They are surely missed with best guesses already.
    MissedAnyway,
}

impl Effect {
    /// The effect of a word in tables.
    pub fn named(word: &str) -> Option<Self> {
        let all = [Self::Holds, Self::Unsure, Self::Flips, Self::MissedAnyway];
        all.into_iter().find(|effect| effect.word() == word)
    }

    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Holds => "no",
            Self::Unsure => "uncertain",
            Self::Flips => "yes",
            Self::MissedAnyway => "missed_anyway",
        }
    }
}

impl Assumptions {
    /// Runs the scenario of an answer once with best guesses, and twice for each ranged value that
    /// its targets may depend on: all of them meet the same luck. None if somebody wished to stop,
    /// or if ranges are not drawn.
    ///
    /// # Panics
    /// When a law does not hold in a replication.
    pub fn of(scenario: &Scenario, looks: &[u32], crew: &Crew) -> Option<Self> {
        let uncertain = scenario.uncertain.as_ref()?;
        let points = runs(scenario);
        let asking = Asking::of(looks.to_vec(), points, scenario.targets.len());
        let run = |name: &str, values: &[String]| {
            let arm = arm(scenario, uncertain, name, values);
            probe(&arm, &scenario.targets, &asking, crew)
        };
        let best = run("best guesses", &uncertain.best())?;
        let mut inputs = Vec::new();
        for (index, input) in asked(scenario) {
            let end = |value: &str| {
                let name = format!("{}={value}", input.path);
                run(&name, &uncertain.with(index, value))
            };
            let ends = [end(&input.low)?, end(&input.high)?];
            inputs.push(Assumption { input: Ranged::of(input), ends });
        }
        Some(Self { best, inputs, confidence: asking.confidence })
    }

    /// What one verdict at an end does to the answer.
    pub fn effect_of(&self, verdict: Verdict) -> Effect {
        match (self.best.verdict, verdict) {
            (Verdict::Missed, _) => Effect::MissedAnyway,
            (_, Verdict::Missed) => Effect::Flips,
            (_, Verdict::Uncertain { .. }) => Effect::Unsure,
            (_, Verdict::Met) => Effect::Holds,
        }
    }
}

/// How many points are run: best guesses, and two ends of each value; none where no range is drawn.
pub fn runs(scenario: &Scenario) -> u32 {
    scenario.uncertain.as_ref().map_or(0, |_| 1 + 2 * asked(scenario).count() as u32)
}

/// The ranged values that the targets may depend on, with their places: prices change nothing but
/// costs.
fn asked(scenario: &Scenario) -> impl Iterator<Item = (usize, &UncertainInput)> {
    let is_cost = |target: &Target| {
        let metric = Metric::by_name(target.metric);
        metric.is_some_and(|metric| metric.groups.contains(&GroupKind::Costs))
    };
    let has_cost = scenario.targets.iter().any(is_cost);
    let inputs = scenario.uncertain.iter().flat_map(|own| own.inputs.iter().enumerate());
    inputs.filter(move |(_, input)| has_cost || !input.is_price())
}

/// The scenario with these values in place of those that are drawn.
fn arm(scenario: &Scenario, uncertain: &Uncertain, name: &str, values: &[String]) -> Arm {
    let plan = uncertain.plan(values).expect("the door has tried each end of each range");
    let inputs = RunInputs { plan: Arc::new(plan), uncertain: None, ..RunInputs::of(scenario) };
    let key = format!("{} with {name}", scenario.replication_key);
    Arm { name: name.to_owned(), key, inputs }
}

/// How far an estimate lies on the good side of a target's bounds, with its interval; the nearer
/// bound counts. None where nothing was seen.
pub fn margin(target: &Target, estimate: Option<Estimate>) -> Option<Estimate> {
    let estimate = estimate?;
    let (at_least, at_most) = match target.of {
        Of::Share(share) => (Some(share), None),
        _ => (target.at_least, target.at_most),
    };
    let of = |value: f64| {
        let above = at_least.map_or(f64::INFINITY, |bound| value - bound);
        let below = at_most.map_or(f64::INFINITY, |bound| bound - value);
        above.min(below)
    };
    let interval = estimate.interval.map(|interval| {
        let ends = (of(interval.low), of(interval.high));
        let nearest = ends.0.min(ends.1);
        // between two bounds the middle is farther from both than either end
        Interval { low: nearest, high: ends.0.max(ends.1).max(of(estimate.value)), ..interval }
    });
    Some(Estimate { value: of(estimate.value), interval, n: estimate.n })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Method;

    fn probe_of(verdict: Verdict) -> Probe {
        Probe { judged: Vec::new(), verdict, replications: 30, costs: None }
    }

    fn assumptions(best: Verdict, ends: [Verdict; 2]) -> Assumptions {
        let text = || "x".to_owned();
        let input = Ranged { path: text(), value: text(), low: text(), high: text() };
        let inputs = vec![Assumption { input, ends: ends.map(probe_of) }];
        Assumptions { best: probe_of(best), inputs, confidence: 0.99 }
    }

    #[test]
    fn an_assumption_flips_the_answer_only_where_best_guesses_keep_it() {
        let unsure = Verdict::Uncertain { replications_needed: None };
        for (best, ends, effect) in [
            (Verdict::Met, [Verdict::Met, Verdict::Met], Effect::Holds),
            (Verdict::Met, [Verdict::Met, Verdict::Missed], Effect::Flips),
            (Verdict::Met, [unsure, Verdict::Missed], Effect::Flips),
            (Verdict::Met, [unsure, Verdict::Met], Effect::Unsure),
            (Verdict::Missed, [Verdict::Met, Verdict::Missed], Effect::MissedAnyway),
        ] {
            let all = assumptions(best, ends);
            let of_ends = all.inputs[0].ends.iter().map(|end| all.effect_of(end.verdict));
            assert_eq!(of_ends.max(), Some(effect), "{best:?} {ends:?}");
        }
    }

    #[test]
    fn a_margin_is_how_far_the_good_side_reaches() {
        let interval = Some(Interval { low: 0.91, high: 0.95, method: Method::T });
        let seen = Some(Estimate { value: 0.93, interval, n: 30 });
        let least = Target::at_least("success_share", 0.9);
        let mut most = least.clone();
        (most.at_least, most.at_most) = (None, Some(0.92));
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} v {b}");
        for (target, value, low, high) in [(least, 0.03, 0.01, 0.05), (most, -0.01, -0.03, 0.01)] {
            let margin = margin(&target, seen).unwrap();
            let ends = margin.interval.unwrap();
            near(margin.value, value);
            near(ends.low, low);
            near(ends.high, high);
            assert_eq!(super::margin(&target, None), None);
        }
    }
}
