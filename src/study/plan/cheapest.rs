//! The cheapest point of a plan: where to look for it, and which points cost as much.

use std::collections::BTreeMap;

use crate::model::cost::CostPart;
use crate::record::registry::Unit;
use crate::record::{CostRecord, Summary};
use crate::stats::{CONFIDENCE, Estimate, mean_t, paired_t};

/// What the replications at one point cost, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PointCosts {
    /// The costs of each, and the top-ups of its cohort.
    replications: Vec<(CostRecord, u64)>,
}

/// The cheapest of the points that were tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Cheapest {
    /// Its position.
    pub at: usize,
    /// What a thousand top-ups cost there, with an interval at 95 %.
    pub cost: Estimate,
    /// The other points, and how much more each costs, over replications that met the same luck.
    pub others: BTreeMap<usize, Estimate>,
    /// Confidence of each of these differences: at 95 % all of them hold together (Bonferroni).
    pub confidence: f64,
}

impl PointCosts {
    /// What replications cost; none where nothing has a price.
    pub(super) fn of(summaries: &[Summary]) -> Option<Self> {
        let one = |summary: &Summary| {
            summary.costs.total()?;
            Some((summary.costs.clone(), summary.all.top_ups))
        };
        let replications = summaries.iter().map(one).collect::<Option<Vec<_>>>()?;
        Some(Self { replications })
    }

    /// What a thousand top-ups cost, of a part or of all together, with an interval at 95 %.
    pub fn estimate(&self, part: Option<CostPart>) -> Option<Estimate> {
        mean_t(&self.values(part), CONFIDENCE)
    }

    /// Every part that has a price, in the order of parts.
    pub fn parts(&self) -> impl Iterator<Item = CostPart> + '_ {
        let first = self.replications.first();
        let is_priced = move |part: &CostPart| first.is_some_and(|one| one.0.part(*part).is_some());
        CostPart::ALL.into_iter().filter(is_priced)
    }

    /// The mean of the first so many replications.
    fn mean(&self, first: usize) -> Option<f64> {
        let values = self.values(None);
        Some(mean_t(values.get(..first)?, CONFIDENCE)?.value)
    }

    fn values(&self, part: Option<CostPart>) -> Vec<f64> {
        let of = |(costs, top_ups): &(CostRecord, u64)| {
            let micros = part.map_or(costs.total(), |part| costs.part(part))?;
            let base = u128::from(*top_ups);
            (base > 0).then(|| Unit::MoneyPerThousand.ratio(micros, base))
        };
        // a replication without top-ups has no cost of a thousand of them, nor has any comparison
        self.replications.iter().map(|one| of(one).unwrap_or(f64::NAN)).collect()
    }

    /// How much more another point costs, replication by replication.
    fn more(&self, other: &Self, confidence: f64) -> Option<Estimate> {
        let both: Vec<(f64, f64)> = self.values(None).into_iter().zip(other.values(None)).collect();
        let (own, others): (Vec<f64>, Vec<f64>) = both.into_iter().unzip();
        Some(paired_t(&own, &others, confidence)?.difference)
    }
}

/// Where to look next for the cheapest point, if cost falls towards it and rises beyond it: in the
/// middle of the wider gap beside the cheapest so far, by the mean of the first `replications` of
/// each. None once its neighbours have been tried.
pub fn look_next(tried: &BTreeMap<usize, &PointCosts>, replications: usize) -> Option<usize> {
    let (at, _) = cheapest_of(tried, replications)?;
    let below = tried.range(..at).next_back().map_or(0, |(below, _)| at - below);
    let above = tried.range(at + 1..).next().map_or(0, |(above, _)| above - at);
    match below.max(above) {
        0 | 1 => None,
        gap if gap == below => Some(at - gap / 2),
        gap => Some(at + gap / 2),
    }
}

/// Points that are tried for it at most beside those of the search for the targets: two for each
/// halving of a gap.
pub fn looked_max(last: usize) -> u32 {
    2 * (usize::BITS - last.leading_zeros())
}

fn cheapest_of(tried: &BTreeMap<usize, &PointCosts>, replications: usize) -> Option<(usize, f64)> {
    let means = tried.iter().filter_map(|(at, costs)| Some((*at, costs.mean(replications)?)));
    means.filter(|(_, mean)| mean.is_finite()).min_by(|a, b| a.1.total_cmp(&b.1))
}

impl Cheapest {
    /// The cheapest of the points that were tried, by the mean of the first `replications` of each,
    /// and how much more the others cost.
    pub fn of(tried: &BTreeMap<usize, &PointCosts>, replications: usize) -> Option<Self> {
        let (at, _) = cheapest_of(tried, replications)?;
        let own = tried[&at];
        let others = tried.iter().filter(|(other, _)| **other != at);
        let confidence = 1.0 - (1.0 - CONFIDENCE) / (tried.len() - 1).max(1) as f64;
        let others =
            others.filter_map(|(other, costs)| Some((*other, own.more(costs, confidence)?)));
        let others = others.collect();
        Some(Self { at, cost: own.estimate(None)?, others, confidence })
    }

    /// Whether another point surely costs more.
    pub fn is_costlier(&self, at: usize) -> bool {
        let interval = self.others.get(&at).and_then(|more| more.interval);
        interval.is_some_and(|interval| interval.low > 0.0)
    }

    /// The lowest and the highest point that cannot be told apart from the cheapest, itself
    /// included.
    pub fn alike(&self) -> (usize, usize) {
        let alike = self.others.keys().copied().filter(|&other| !self.is_costlier(other));
        let all = || alike.clone().chain([self.at]);
        (all().min().unwrap_or(self.at), all().max().unwrap_or(self.at))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::cost::{Charge, Prices};
    use crate::record::fake::{self, ODDS, small};

    /// Three replications of a thousand top-ups that cost this much a thousand, give or take luck.
    fn costing(cost: f64, luck: [f64; 3]) -> PointCosts {
        let summary = fake::summary(&small(), 1, 100, ODDS);
        let one = |luck: f64| {
            let micros = ((cost + luck) * 1e6) as u128;
            let prices = Prices(vec![(CostPart::Workers, Charge::Standing(micros))]);
            (CostRecord::of(&prices, &summary), 1_000)
        };
        PointCosts { replications: luck.map(one).to_vec() }
    }

    proptest! {
        #[test]
        fn the_bottom_of_a_valley_is_found_with_few_looks(last in 4..3_000_usize, at: u16) {
            let bottom = usize::from(at) % (last + 1);
            let at = |x: usize| costing(2.0 + x.abs_diff(bottom) as f64, [0.0; 3]);
            let mut points: BTreeMap<usize, PointCosts> =
                (0..=4).map(|quarter| last * quarter / 4).map(|x| (x, at(x))).collect();
            let mut looks = 0;
            loop {
                let tried = points.iter().map(|(x, costs)| (*x, costs)).collect();
                let Some(next) = look_next(&tried, 3) else {
                    prop_assert_eq!(Cheapest::of(&tried, 3).map(|found| found.at), Some(bottom));
                    break;
                };
                points.insert(next, at(next));
                looks += 1;
            }
            prop_assert!(looks <= looked_max(last), "{} of {}", looks, looked_max(last));
        }
    }

    #[test]
    fn luck_that_all_points_share_does_not_hide_their_difference() {
        let luck = [-3.0, 0.5, 2.5];
        // the second differs by 0.1 in every replication, the third only on average
        let points = [costing(10.0, luck), costing(10.1, luck), costing(10.2, [2.5, -3.0, 0.5])];
        let tried = (0..).zip(&points).collect();
        let found = Cheapest::of(&tried, 3).unwrap();
        assert_eq!((found.at, found.is_costlier(1), found.is_costlier(2)), (0, true, false));
        assert!((found.others[&1].value - 0.1).abs() < 1e-5, "{:?}", found.others);
        assert_eq!(found.alike(), (0, 2));
        assert!((found.confidence - 0.975).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_price_has_no_costs() {
        assert_eq!(PointCosts::of(&[fake::summary(&small(), 1, 100, ODDS)]), None);
    }
}
