//! What is counted aside: top-ups of a group by pieces of time, and of each metric its worst piece.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::observe::Pair;
use super::registry::{Better, METRICS, Metric, Observe};
use super::shape::{Group, GroupKind};
use super::summary::Summary;
use super::tally::Tally;
use crate::model::aside::{Aside, Whose};
use crate::model::facts::TopUp;

/// Numerator and denominator of every metric that can be counted aside, in the order of the
/// registry: those of the worst piece.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsideRecord {
    pairs: Vec<Pair>,
}

/// Counts the top-ups of one aside, piece by piece.
#[derive(Clone, Debug)]
pub(super) struct Counter {
    aside: Aside,
    pieces: Vec<Tally>,
}

/// Whether a metric can be counted aside: it is read from a tally, and one way is better.
pub fn is_counted(metric: &Metric) -> bool {
    let is_of_tally = metric.groups.contains(&GroupKind::Window);
    is_of_tally && metric.better != Better::Neither
}

fn counted() -> impl Iterator<Item = &'static Metric> {
    METRICS.iter().filter(|metric| is_counted(metric))
}

impl AsideRecord {
    /// The record of no replication.
    pub(super) fn empty() -> Self {
        Self { pairs: vec![(0, 0); counted().count()] }
    }

    /// The worst piece of all replications.
    pub(super) fn merge(&mut self, other: &Self) {
        assert_eq!(self.pairs.len(), other.pairs.len(), "records of one registry");
        for (metric, (pair, other)) in counted().zip(self.pairs.iter_mut().zip(&other.pairs)) {
            *pair = worse(*pair, *other, metric.better);
        }
    }

    /// Numerator and denominator of a metric; 0 and 0 where no piece counted.
    pub fn pair(&self, metric: &Metric) -> Pair {
        let found = counted().zip(&self.pairs).find(|(of, _)| of.name == metric.name);
        *found.expect("only metrics that are counted aside are asked for").1
    }
}

/// Of two ratios the worse one; of equal ones that over more. So it does not matter in which order
/// they come.
fn worse(a: Pair, b: Pair, better: Better) -> Pair {
    // Counts and minor units of one piece of time are far below 2^64: no product overflows.
    let order = match (a.1, b.1) {
        (0, _) => return b,
        (_, 0) => return a,
        _ => (a.0 * b.1).cmp(&(b.0 * a.1)),
    };
    let worse = if better == Better::Up { Ordering::Less } else { Ordering::Greater };
    match order {
        Ordering::Equal if a.1 >= b.1 => a,
        Ordering::Equal => b,
        order if order == worse => a,
        _ => b,
    }
}

impl Counter {
    pub(super) fn new(aside: &Aside) -> Self {
        Self { aside: aside.clone(), pieces: vec![Tally::default(); aside.pieces] }
    }

    /// Counts a top-up of the cohort, if it belongs here.
    #[inline]
    pub(super) fn add(&mut self, top_up: &TopUp) {
        let groups = top_up.groups;
        let is_ours = match self.aside.whose {
            Whose::All => true,
            Whose::Channel(index) => usize::from(groups.channel) == index,
            Whose::Provider(index) => usize::from(groups.provider) == index,
            Whose::Access(index) => usize::from(groups.access) == index,
            Whose::Bank(index) => usize::from(groups.bank) == index,
        };
        if is_ours && let Some(piece) = self.aside.piece(top_up.born) {
            self.pieces[piece].add(top_up);
        }
    }

    /// The worst piece by every metric. The summary lends the place of its windows, from which
    /// metrics are read.
    pub(super) fn condensed(mut self, summary: &mut Summary) -> AsideRecord {
        let least = self.aside.top_ups_least;
        self.pieces.retain(|piece| piece.top_ups >= least);
        let windows = std::mem::replace(&mut summary.windows, self.pieces);
        let worst = |metric: &Metric| {
            let Observe::Ratio(observe) = metric.observe else { unreachable!("it is of a tally") };
            let groups = 0..summary.windows.len();
            let pairs =
                groups.map(|index| observe(summary, Group { kind: GroupKind::Window, index }));
            pairs.fold((0, 0), |worst, pair| worse(worst, pair, metric.better))
        };
        let pairs = counted().map(worst).collect();
        summary.windows = windows;
        AsideRecord { pairs }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shape::Shape;
    use super::*;
    use crate::model::facts::Fact;
    use crate::record::fake::{self, ODDS, small};

    const SECOND: u64 = 1_000_000_000;

    fn shape(asides: Vec<Aside>) -> Shape {
        Shape { asides, ..small() }
    }

    fn seconds(whose: Whose, top_ups_least: u64) -> Aside {
        let (from, pieces) = (SECOND, 9);
        let time = "worst_1s".to_owned();
        Aside { time, whose, from, span: SECOND, pieces, top_ups_least }
    }

    fn pair(summary: &Summary, metric: &str) -> Pair {
        summary.asides[0].pair(Metric::by_name(metric).expect("it is in the registry"))
    }

    #[test]
    fn the_worst_second_is_found_by_counting_each() {
        let shape = shape(vec![seconds(Whose::Channel(1), 10)]);
        let fake = fake::replication(&shape, 5, 3_000, ODDS);
        let summary = fake.summary(&shape);
        let mut counts = [(0_u128, 0_u128, 0_u128); 9];
        let top_ups = fake.facts.iter().filter_map(|fact| match fact {
            Fact::TopUp(top_up) => Some(top_up),
            _ => None,
        });
        for top_up in top_ups.filter(|t| t.in_cohort && t.groups.channel == 1) {
            let (success, all, twice) = &mut counts[(top_up.born / SECOND) as usize - 1];
            *all += 1;
            *success += u128::from(top_up.outcome.is_success());
            *twice += u128::from(top_up.captures > 1);
        }
        let ratio = |pair: Pair| pair.0 as f64 / pair.1 as f64;
        let least = counts.map(|(success, all, _)| ratio((success, all)));
        let least = least.into_iter().fold(f64::INFINITY, f64::min);
        assert!((ratio(pair(&summary, "success_share")) - least).abs() < 1e-12);
        let most = counts.map(|(_, all, twice)| ratio((twice, all))).into_iter();
        let most = most.fold(0.0, f64::max);
        assert!((ratio(pair(&summary, "duplicate_charges_per_million")) - most).abs() < 1e-12);
        assert!(least < 0.8 && most > 0.03, "the worst is worse than the mean");
    }

    #[test]
    fn nearly_empty_stretches_do_not_count() {
        let shape = shape(vec![seconds(Whose::All, 1_000_000)]);
        let summary = fake::summary(&shape, 5, 3_000, ODDS);
        assert_eq!(pair(&summary, "success_share"), (0, 0));
    }

    #[test]
    fn the_worst_of_replications_does_not_depend_on_their_order() {
        let shape = shape(vec![seconds(Whose::All, 10)]);
        let [a, b, c] = [1, 2, 3].map(|seed| fake::summary(&shape, seed, 2_000, ODDS));
        let merged = |parts: [&Summary; 3]| {
            let mut all = Summary::empty(&shape);
            parts.into_iter().for_each(|part| all.merge(part));
            all
        };
        assert_eq!(merged([&a, &b, &c]), merged([&c, &a, &b]));
        let worst = [&a, &b, &c].map(|of| pair(of, "success_share"));
        let all = merged([&b, &a, &c]);
        assert!(worst.contains(&pair(&all, "success_share")));
    }
}
