//! Two branches of a sweep, with a trigger and without it: where the past decides what is.

use super::gather::SweptPoint;
use crate::model::recovery::Recovery;
use crate::record::recovery::Counts;
use crate::record::registry::Unit;
use crate::stats::{CONFIDENCE, Estimate, mean_t};
use crate::study::estimate::{of_replications, over_replications};
use crate::units::Probability;

/// A branch is up, or down, where this share of its replications surely is.
const HALF: f64 = 0.5;

/// Fewer replications than this cannot tell that more than half are up, whatever they do: the exact
/// interval of all of them begins at 0.025^(1/n).
pub const REPLICATIONS_LEAST: u32 = 6;

/// What was found on both branches at the points of one key.
#[derive(Debug, Clone, PartialEq)]
pub struct Hysteresis {
    /// What was watched: its trigger, and what decides what is up.
    pub rule: Rule,
    /// In the order of the design.
    pub points: Vec<Pair>,
}

/// What is watched, and when a replication is up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rule {
    /// The name of the recovery.
    pub recovery: String,
    /// The incident or surge that one of the branches leaves out.
    pub trigger: String,
    /// What counts as good, as scenarios say it.
    pub goodput: String,
    /// The last seconds that are watched, which decide.
    pub stretch_s: u64,
    /// Seconds from the trigger's end to the end of that stretch.
    pub after_s: u64,
    /// A replication is up with this goodput of a top-up in that stretch: the share of the recovery
    /// of what the best point has without the trigger.
    pub up_from: f64,
}

/// Both branches at one point.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pair {
    /// The trigger is left out.
    pub without: Branch,
    /// The trigger comes.
    pub with: Branch,
}

/// One branch at one point, in the stretch that decides.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Branch {
    /// Top-ups that arrive, a second.
    pub arrivals_per_s: Option<Estimate>,
    /// Goodput, a second.
    pub goodput_per_s: Option<Estimate>,
    /// Goodput of a top-up that arrives.
    pub goodput_per_top_up: Option<Estimate>,
    /// Replications that are up, with Clopper-Pearson's interval.
    pub up_share: Option<Estimate>,
}

/// What a branch surely is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// More than half of its replications are up.
    Up,
    /// More than half of them are not.
    Down,
    /// The interval of their share contains a half.
    Unsure,
}

/// What a point surely is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Up with the trigger too: it comes back by itself.
    Stable,
    /// Up without the trigger and down with it: two states are possible, and the past decides.
    Vulnerable,
    /// Down without the trigger too.
    Overloaded,
}

/// Neighbours among the points that are sure, between which a boundary lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The last of the stable side.
    pub inner: usize,
    /// The first beyond it.
    pub outer: usize,
}

/// Where the branches part and meet again along a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edges {
    /// Between stable points and others.
    pub back: Option<Edge>,
    /// Between overloaded points and others.
    pub falls: Option<Edge>,
    /// The first and the last vulnerable point.
    pub vulnerable: Option<(usize, usize)>,
    /// Whether the stable side is that of small values, as along a load; a capacity has it above.
    pub is_load: bool,
}

impl Phase {
    /// The word in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Vulnerable => "vulnerable",
            Self::Overloaded => "overloaded",
        }
    }
}

impl Branch {
    fn of(ends: &[Counts], stretch_s: u64, up_from: f64) -> Self {
        let per_s = |of: fn(&Counts) -> u64| {
            let rates = ends.iter().map(|end| of(end) as f64 / stretch_s as f64);
            mean_t(&rates.collect::<Vec<f64>>(), CONFIDENCE)
        };
        let seen = || ends.iter().filter(|end| end.arrivals > 0);
        let up = seen().filter(|end| share(end) >= up_from).count();
        let pairs: Vec<(u128, u128)> =
            ends.iter().map(|end| (end.good.into(), end.arrivals.into())).collect();
        Self {
            arrivals_per_s: per_s(|end| end.arrivals),
            goodput_per_s: per_s(|end| end.good),
            goodput_per_top_up: over_replications(&pairs, Unit::PerTopUp, CONFIDENCE),
            up_share: of_replications(up as u64, seen().count() as u64, CONFIDENCE),
        }
    }

    /// What it surely is.
    pub fn state(&self) -> State {
        match self.up_share.and_then(|share| share.interval) {
            Some(interval) if interval.low > HALF => State::Up,
            Some(interval) if interval.high < HALF => State::Down,
            _ => State::Unsure,
        }
    }
}

/// Goodput of a top-up.
fn share(end: &Counts) -> f64 {
    end.good as f64 / end.arrivals as f64
}

impl Pair {
    /// What the point surely is; none where more replications would have to tell.
    pub fn phase(&self) -> Option<Phase> {
        match (self.without.state(), self.with.state()) {
            (State::Up, State::Up) => Some(Phase::Stable),
            (State::Up, State::Down) => Some(Phase::Vulnerable),
            (State::Down, State::Down) => Some(Phase::Overloaded),
            _ => None,
        }
    }
}

impl Hysteresis {
    /// What the points of both branches say of a recovery, the one at `index` of their scenario.
    pub fn of(
        (index, recovery): (usize, &Recovery),
        without: &[SweptPoint],
        with: &[SweptPoint],
    ) -> Self {
        let ends = |point: &SweptPoint| point.ends.get(index).cloned().unwrap_or_default();
        let needed = Probability::of_threshold(recovery.share).value();
        let mean = |point| {
            let ends: Vec<Counts> = ends(point);
            let shares = ends.iter().filter(|end| end.arrivals > 0).map(share);
            let (sum, n) = shares.fold((0.0, 0.0), |(sum, n), share| (sum + share, n + 1.0));
            if n > 0.0 { sum / n } else { 0.0 }
        };
        let best = without.iter().map(mean).fold(0.0, f64::max);
        let up_from = needed * best;
        let branch = |point| Branch::of(&ends(point), recovery.hold_s, up_from);
        let pair = |(without, with)| Pair { without: branch(without), with: branch(with) };
        Self {
            rule: Rule {
                recovery: recovery.name.clone(),
                trigger: recovery.trigger.clone(),
                goodput: recovery.goodput.name().to_owned(),
                stretch_s: recovery.hold_s,
                after_s: recovery.watched_s(),
                up_from,
            },
            points: without.iter().zip(with).map(pair).collect(),
        }
    }

    /// The phase of each point.
    pub fn phases(&self) -> Vec<Option<Phase>> {
        self.points.iter().map(Pair::phase).collect()
    }

    /// Where the branches part and meet; none where no point is sure, or phases do not follow each
    /// other in their order, in one direction or the other.
    pub fn edges(&self) -> Option<Edges> {
        edges(&self.phases())
    }
}

fn edges(phases: &[Option<Phase>]) -> Option<Edges> {
    let sure = phases.iter().enumerate().filter_map(|(at, phase)| Some((at, (*phase)?)));
    let mut sure: Vec<(usize, Phase)> = sure.collect();
    let is_load = sure.is_sorted_by_key(|point| point.1);
    if !is_load {
        sure.reverse();
    }
    if sure.is_empty() || !sure.is_sorted_by_key(|point| point.1) {
        return None;
    }
    let edge = |is_beyond: fn(Phase) -> bool| {
        let beyond = sure.iter().position(|point| is_beyond(point.1)).filter(|at| *at > 0)?;
        Some(Edge { inner: sure[beyond - 1].0, outer: sure[beyond].0 })
    };
    let vulnerable =
        || sure.iter().filter(|point| point.1 == Phase::Vulnerable).map(|point| point.0);
    Some(Edges {
        back: edge(|phase| phase > Phase::Stable),
        falls: edge(|phase| phase == Phase::Overloaded),
        vulnerable: vulnerable().min().zip(vulnerable().max()),
        is_load,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::recovery::Goodput;

    const S: Option<Phase> = Some(Phase::Stable);
    const V: Option<Phase> = Some(Phase::Vulnerable);
    const O: Option<Phase> = Some(Phase::Overloaded);

    fn recovery() -> Recovery {
        Recovery {
            name: "freeze".to_owned(),
            trigger: "freeze".to_owned(),
            goodput: Goodput::Answered,
            share: (95 << 32) / 100,
            before: (0, 1_000_000_000),
            from: 2_000_000_000,
            hold_s: 10,
            horizon_s: 5,
        }
    }

    /// A point at which replications have so much goodput of 1,000 arrivals each.
    fn point(good: &[u64]) -> SweptPoint {
        let ends = good.iter().map(|&good| Counts { arrivals: 1_000, good }).collect();
        SweptPoint { replications: good.len() as u32, ends: vec![ends], ..SweptPoint::default() }
    }

    #[test]
    fn up_is_a_share_of_the_best_without_the_trigger() {
        let without = [point(&[900; 6]), point(&[850; 6]), point(&[900, 900, 900, 900, 0, 0])];
        let with = [point(&[855; 6]), point(&[854; 6]), point(&[0; 6])];
        let found = Hysteresis::of((0, &recovery()), &without, &with);
        assert!((found.rule.up_from - 0.855).abs() < 1e-15, "{:?}", found.rule);
        assert_eq!(found.phases(), [S, O, None]);
        let third = found.points[2].without;
        assert_eq!(third.state(), State::Unsure, "two thirds of six may be a half");
        assert_eq!(third.goodput_per_s.map(|rate| rate.value), Some(60.0));
        assert_eq!(third.arrivals_per_s.map(|rate| rate.value), Some(100.0));
        let share = third.goodput_per_top_up.expect("top-ups came").value;
        assert!((share - 0.6).abs() < 1e-12, "{share}");
    }

    #[test]
    fn fewer_than_six_replications_are_never_sure() {
        let state = |n: usize| Branch::of(&point(&vec![900; n]).ends[0], 10, 0.5).state();
        let least = REPLICATIONS_LEAST as usize;
        assert_eq!((state(least - 1), state(least)), (State::Unsure, State::Up));
        assert_eq!(Branch::of(&point(&[0; 6]).ends[0], 10, 0.5).state(), State::Down);
        assert_eq!(Branch::of(&[Counts::default(); 9], 10, 0.5).state(), State::Unsure);
    }

    #[test]
    fn edges_lie_between_sure_neighbours_whichever_way_the_key_goes() {
        let load = edges(&[S, S, None, V, V, None, None, O]).unwrap();
        assert_eq!(load.back, Some(Edge { inner: 1, outer: 3 }));
        assert_eq!(load.falls, Some(Edge { inner: 4, outer: 7 }));
        assert_eq!((load.vulnerable, load.is_load), (Some((3, 4)), true));
        let capacity = edges(&[O, V, V, None, S]).unwrap();
        assert_eq!(capacity.back, Some(Edge { inner: 4, outer: 2 }));
        assert_eq!(capacity.falls, Some(Edge { inner: 1, outer: 0 }));
        assert_eq!((capacity.vulnerable, capacity.is_load), (Some((1, 2)), false));
    }

    #[test]
    fn without_a_vulnerable_point_both_edges_are_one() {
        let closed = edges(&[S, S, O]).unwrap();
        assert_eq!((closed.back, closed.falls), (Some(Edge { inner: 1, outer: 2 }), closed.back));
        assert_eq!(closed.vulnerable, None);
        let one = edges(&[None, V, V]).unwrap();
        assert_eq!((one.back, one.falls, one.vulnerable), (None, None, Some((1, 2))));
    }

    #[test]
    fn phases_out_of_order_have_no_edges() {
        assert_eq!(edges(&[S, V, S]), None);
        assert_eq!(edges(&[O, S, V]), None);
        assert_eq!(edges(&[None, None]), None);
    }
}
