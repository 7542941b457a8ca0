//! `plan`: the smallest capacity, or the largest load, that meets the targets of a scenario.

mod assumptions;
mod cheapest;
mod search;

pub use assumptions::{Assumption, Assumptions, Effect, margin, runs};
pub use cheapest::{Cheapest, PointCosts, look_next, looked_max};
pub use search::{Found, asked_max, search};

use super::jobs::{Arm, Crew, run_looking};
use super::target::{Judged, judged_at};
use crate::record::Shape;
use crate::scenario::Target;
use crate::stats::{CONFIDENCE, Verdict};

/// Points between the ends that are asked beside the search, for the curve: its quarters.
pub const QUARTERS: u32 = 3;

/// What is asked at each point.
#[derive(Clone, Debug, PartialEq)]
pub struct Asking {
    /// Replications after which a point is looked at.
    pub looks: Vec<u32>,
    /// Confidence of every single look.
    pub confidence: f64,
}

/// What replications say at one point.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The targets, in the order of the scenario.
    pub judged: Vec<Judged>,
    /// The worst of their verdicts.
    pub verdict: Verdict,
    /// Replications that were run.
    pub replications: u32,
    /// What they cost, where something has a price.
    pub costs: Option<PointCosts>,
}

impl Asking {
    /// Looks at so many targets at up to `points` points, so that with 95 % confidence no verdict
    /// of all looks at all points is wrong (Bonferroni).
    pub fn of(looks: Vec<u32>, points: u32, targets: usize) -> Self {
        let looked = looks.len() as f64 * f64::from(points) * targets as f64;
        Self { looks, confidence: 1.0 - (1.0 - CONFIDENCE) / looked }
    }
}

/// Runs replications of one arm until its targets are surely met or surely missed, or to the last
/// look. None if somebody wished to stop.
///
/// # Panics
/// When a law does not hold in a replication.
pub fn probe(arm: &Arm, targets: &[Target], asking: &Asking, crew: &Crew) -> Option<Probe> {
    let shape = Shape::of(&arm.inputs.plan);
    let mut probe = None;
    let ran = run_looking(arm, &asking.looks, crew, |summaries| {
        let judge = |target| judged_at(target, summaries, &shape, asking.confidence);
        let judged: Vec<Judged> = targets.iter().map(judge).collect();
        let verdict = judged.iter().map(|judged| judged.verdict).fold(Verdict::Met, Verdict::worse);
        let costs = PointCosts::of(summaries);
        probe = Some(Probe { judged, verdict, replications: summaries.len() as u32, costs });
        !matches!(verdict, Verdict::Uncertain { .. })
    });
    probe.filter(|_| !ran.partial)
}

/// Whether some point is surely missed although one that should be worse is surely met; `verdicts`
/// go from the worst to the best.
pub fn is_turned_back(verdicts: &[Verdict]) -> bool {
    let first = verdicts.iter().position(|verdict| *verdict == Verdict::Met);
    first.is_some_and(|first| verdicts[first..].contains(&Verdict::Missed))
}

/// The knee of a curve: of points in the order of `x`, that which is farthest from the straight
/// line between the ends, both axes taken from 0 to 1 (Satopää et al. 2011). None of fewer than
/// five points, or where the curve is nearly straight.
pub fn knee(points: &[(f64, f64)]) -> Option<usize> {
    /// A curve this near its chord has no knee.
    const NEARLY_STRAIGHT: f64 = 0.1;
    let (first, last) = (points.first()?, points.last()?);
    let (run, rise) = (last.0 - first.0, last.1 - first.1);
    if points.len() < 5 || run == 0.0 || rise == 0.0 {
        return None;
    }
    let off = |point: &(f64, f64)| ((point.1 - first.1) / rise - (point.0 - first.0) / run).abs();
    let far = points.iter().map(off).enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    (far.1 > NEARLY_STRAIGHT).then_some(far.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_errors_of_all_looks_together_are_one_in_twenty() {
        let asking = Asking::of(vec![30, 45, 68], 10, 2);
        assert!((60.0 * (1.0 - asking.confidence) - 0.05).abs() < 1e-12);
    }

    #[test]
    fn a_curve_that_turns_has_a_knee_and_a_straight_one_none() {
        let bent: Vec<(f64, f64)> = (0..=10).map(f64::from).map(|x| (x, x.min(3.0))).collect();
        assert_eq!(knee(&bent), Some(3));
        let straight: Vec<(f64, f64)> = (0..=10).map(f64::from).map(|x| (x, 2.0 * x)).collect();
        assert_eq!(knee(&straight), None);
        assert_eq!(knee(&bent[..4]), None);
    }

    #[test]
    fn what_is_missed_beyond_what_is_met_turns_back() {
        let unsure = Verdict::Uncertain { replications_needed: None };
        assert!(is_turned_back(&[Verdict::Missed, Verdict::Met, unsure, Verdict::Missed]));
        assert!(!is_turned_back(&[Verdict::Missed, unsure, Verdict::Missed, Verdict::Met]));
    }
}
