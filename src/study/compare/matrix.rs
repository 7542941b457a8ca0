//! Arms against sets of incidents: what each loses to the best arm there, and at worst.

use std::collections::BTreeMap;

use super::contrast::{Contrast, Smallest};
use super::{Cell, Comparison};
use crate::record::registry::Metric;
use crate::stats::{Estimate, Interval, paired_t};

/// One metric of every arm in every set of incidents, with regrets.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// The metric.
    pub metric: &'static Metric,
    /// `all`, or the window of time that it is over.
    pub window: String,
    /// Whether more of it is better.
    pub is_up: bool,
    /// An entry for each set and arm: set by set, the arms in their order.
    pub spots: Vec<Spot>,
    /// The worst of each arm, in their order.
    pub regrets: Vec<Regret>,
}

/// One arm in one set.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// Place of the set.
    pub set: usize,
    /// Place of the arm.
    pub arm: usize,
    /// The metric's value.
    pub estimate: Option<Estimate>,
    /// The best arm of the set among those that may be chosen.
    pub best: Option<usize>,
    /// What the arm loses to that one: its interval is of the paired difference, and takes the best
    /// arm as seen.
    pub regret: Option<Estimate>,
}

/// The worst that an arm may bring.
#[derive(Clone, Debug, PartialEq)]
pub struct Regret {
    /// Place of the arm.
    pub arm: usize,
    /// Whether it may be chosen.
    pub is_candidate: bool,
    /// Its greatest regret, with the set in which that is; None where a set has no value.
    pub worst: Option<(f64, usize)>,
}

/// The matrix of a metric; the best of a set and the regrets are among the candidates.
pub fn matrix(
    comparison: &Comparison,
    (metric, is_up): (&'static Metric, bool),
    window: &str,
    candidates: &[usize],
) -> Matrix {
    let (sets, arms) = (comparison.lineup.sets.len(), comparison.lineup.arms.len());
    let mut spots = Vec::with_capacity(sets * arms);
    for set in 0..sets {
        let estimate = |arm: usize| {
            comparison.cell(set, arm).of_all(metric.name, window).and_then(|row| row.estimate)
        };
        let value = |arm: usize| estimate(arm).map(|estimate| estimate.value);
        let with_value = candidates.iter().filter_map(|&arm| Some((arm, value(arm)?)));
        let is_better = |one: f64, other: f64| if is_up { one > other } else { one < other };
        // of equally good ones the first stays
        let best =
            with_value.reduce(|best, next| if is_better(next.1, best.1) { next } else { best });
        let best = best.map(|(arm, _)| arm);
        spots.extend((0..arms).map(|arm| {
            let regret = best.and_then(|best| {
                let (best, own) = (comparison.cell(set, best), comparison.cell(set, arm));
                regret(best, own, (metric, is_up), window, comparison.lineup.confidence())
            });
            Spot { set, arm, estimate: estimate(arm), best, regret }
        }));
    }
    let regrets = (0..arms).map(|arm| {
        let own = spots.iter().filter(|spot| spot.arm == arm);
        let values: Option<Vec<(f64, usize)>> =
            own.map(|spot| Some((spot.regret?.value, spot.set))).collect();
        // of equally bad sets the first stays
        let worst = values.and_then(|values| {
            values.into_iter().reduce(|worst, next| if next.0 > worst.0 { next } else { worst })
        });
        Regret { arm, is_candidate: candidates.contains(&arm), worst }
    });
    let regrets = regrets.collect();
    Matrix { metric, window: window.to_owned(), is_up, spots, regrets }
}

/// What an arm loses to the best one.
fn regret(
    best: &Cell,
    own: &Cell,
    (metric, is_up): (&'static Metric, bool),
    window: &str,
    confidence: f64,
) -> Option<Estimate> {
    let row = own.row(metric.name, "all", window)?;
    let found = own.row_against(best, row, confidence, &Smallest::default())?;
    let difference = found.paired.difference;
    if !is_up {
        return Some(difference);
    }
    let turned =
        |interval: Interval| Interval { low: -interval.high, high: -interval.low, ..interval };
    let value = 0.0 - difference.value;
    Some(Estimate { value, interval: difference.interval.map(turned), ..difference })
}

impl Matrix {
    /// An arm in a set.
    pub fn spot(&self, set: usize, arm: usize) -> &Spot {
        &self.spots[set * self.regrets.len() + arm]
    }

    /// The candidate with the least worst regret; of equal ones the first.
    pub fn minimax(&self) -> Option<usize> {
        let known = self.regrets.iter().filter(|regret| regret.is_candidate);
        let known = known.filter_map(|regret| Some((regret.arm, regret.worst?.0)));
        known.reduce(|least, next| if next.1 < least.1 { next } else { least }).map(|(arm, _)| arm)
    }

    /// Whether the worst regrets of two arms clearly differ.
    ///
    /// In one set that is the difference of the arms. Across sets it is Student's t over
    /// replications on the difference of the regrets, each in the arm's worst set against the best
    /// arm there, which are taken as seen.
    pub(super) fn tells_apart(&self, comparison: &Comparison, one: usize, other: usize) -> bool {
        let worst = |arm: usize| self.regrets[arm].worst;
        let (Some(at_one), Some(at_other)) = (worst(one), worst(other)) else { return false };
        let confidence = comparison.lineup.confidence();
        let best = |set: usize, arm: usize| self.spot(set, arm).best;
        if at_one.1 == at_other.1 && best(at_one.1, one) == best(at_other.1, other) {
            let cell = |arm| comparison.cell(at_one.1, arm);
            let Some(row) = cell(other).row(self.metric.name, "all", &self.window) else {
                return false;
            };
            let found = cell(other).row_against(cell(one), row, confidence, &Smallest::default());
            return found.is_some_and(|found| matches!(found.contrast, Contrast::Clear(_)));
        }
        let (one, other) = (
            self.regret_of(comparison, one, at_one.1),
            self.regret_of(comparison, other, at_other.1),
        );
        let both = one.iter().filter_map(|(number, one)| Some((*one, *other.get(number)?)));
        let (one, other): (Vec<f64>, Vec<f64>) = both.unzip();
        let interval = paired_t(&one, &other, confidence).and_then(|p| p.difference.interval);
        interval.is_some_and(|interval| interval.low > 0.0 || interval.high < 0.0)
    }

    /// What an arm loses in each replication to the best arm of a set.
    fn regret_of(&self, comparison: &Comparison, arm: usize, set: usize) -> BTreeMap<u32, f64> {
        let values = |arm| comparison.cell(set, arm).values(self.metric, &self.window);
        let Some(best) = self.spot(set, arm).best.map(values) else { return BTreeMap::new() };
        let own = values(arm);
        let loss = |(number, own): (u32, f64)| {
            let best = best.get(&number)?;
            Some((number, if self.is_up { best - own } else { own - best }))
        };
        own.into_iter().filter_map(loss).collect()
    }
}
