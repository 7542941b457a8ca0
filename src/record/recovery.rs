//! Did goodput come back after a trigger? Exact counts by the second, condensed at the end.

use serde::{Deserialize, Serialize};

use super::tally::merge_each;
use super::timeline::{Finder, width_for};
use crate::model::plan::Horizon;
use crate::model::recovery::{Goodput, Recovery};

const SECOND: u64 = 1_000_000_000;

/// What replications say about all recoveries of a scenario; empty where it names none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recoveries {
    /// Replications in which something could be said about at least one recovery.
    pub watched: u64,
    /// Of them: goodput did not come back after at least one trigger.
    pub collapsed: u64,
    /// By recovery, in the order of the scenario.
    pub records: Vec<RecoveryRecord>,
    /// Top-ups whose app waits before its next attempt × time, ns, by bucket of the timeline.
    pub backing_off_ns: Vec<u128>,
}

/// What replications say about one recovery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryRecord {
    /// Replications with goodput before the trigger to compare with.
    pub watched: u64,
    /// Of them: goodput was back by the horizon.
    pub recovered: u64,
    /// From the trigger's end until goodput was back, or the horizon where it was not, ns.
    pub restricted_ns: u128,
    /// Before the trigger.
    pub before: Counts,
    /// In the last seconds that were watched, as many as it must hold for.
    pub after: Counts,
}

/// Arrivals of a time, and goodput in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Top-ups that arrived.
    pub arrivals: u64,
    /// What was good.
    pub good: u64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.arrivals += other.arrivals;
        self.good += other.good;
    }
}

impl Recoveries {
    /// Of no replication.
    pub(super) fn empty(recoveries: &[Recovery], horizon: &Horizon) -> Self {
        let buckets = match recoveries.is_empty() {
            true => 0,
            false => horizon.length.div_ceil(width_for(horizon.length)) as usize,
        };
        Self {
            records: vec![RecoveryRecord::default(); recoveries.len()],
            backing_off_ns: vec![0; buckets],
            ..Self::default()
        }
    }

    /// Adds those of other replications.
    pub(super) fn merge(&mut self, other: &Self) {
        self.watched += other.watched;
        self.collapsed += other.collapsed;
        merge_each(&mut self.records, &other.records, RecoveryRecord::merge);
        for (sum, more) in self.backing_off_ns.iter_mut().zip(&other.backing_off_ns) {
            *sum += more;
        }
    }
}

impl RecoveryRecord {
    fn merge(&mut self, other: &Self) {
        self.watched += other.watched;
        self.recovered += other.recovered;
        self.restricted_ns += other.restricted_ns;
        self.before.add(other.before);
        self.after.add(other.after);
    }
}

/// Listens to one replication for all recoveries of its scenario; idle where there is none.
#[derive(Clone, Debug)]
pub(super) struct Watches {
    each: Vec<Watch>,
    pauses: Pauses,
}

impl Watches {
    pub(super) fn new(recoveries: &[Recovery], horizon: &Horizon) -> Self {
        let watch = |recovery: &Recovery| Watch {
            before: Counts::default(),
            after: vec![Second::default(); recovery.watched_s() as usize],
            recovery: recovery.clone(),
        };
        let each: Vec<Watch> = recoveries.iter().map(watch).collect();
        let length = if each.is_empty() { 0 } else { horizon.length };
        Self { each, pauses: Pauses::new(length) }
    }

    #[inline]
    pub(super) fn arrival(&mut self, at: u64) {
        self.each.iter_mut().for_each(|watch| watch.count(at, 1, 0));
    }

    #[inline]
    pub(super) fn good(&mut self, at: u64, what: Goodput) {
        let own = self.each.iter_mut().filter(|watch| watch.recovery.goodput == what);
        own.for_each(|watch| watch.count(at, 0, 1));
    }

    #[inline]
    pub(super) fn pause(&mut self, from: u64, until: u64) {
        if !self.each.is_empty() {
            self.pauses.add(from, until);
        }
    }

    /// What this replication says.
    pub(super) fn condensed(self) -> Recoveries {
        let records: Vec<RecoveryRecord> = self.each.iter().map(Watch::condensed).collect();
        let collapsed = records.iter().any(|record| record.recovered < record.watched);
        let watched = records.iter().any(|record| record.watched > 0);
        let backing_off_ns = self.pauses.sums();
        Recoveries { watched: watched.into(), collapsed: collapsed.into(), records, backing_off_ns }
    }
}

/// Counts around one trigger.
#[derive(Clone, Debug)]
struct Watch {
    recovery: Recovery,
    before: Counts,
    /// By second from the trigger's end on.
    after: Vec<Second>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Second {
    arrivals: u32,
    good: u32,
}

impl Watch {
    #[inline]
    fn count(&mut self, at: u64, arrivals: u32, good: u32) {
        let Recovery { before: (begin, end), from, .. } = self.recovery;
        if at >= from {
            if let Some(second) = self.after.get_mut(((at - from) / SECOND) as usize) {
                second.arrivals += arrivals;
                second.good += good;
            }
        } else if (begin..end).contains(&at) {
            self.before.add(Counts { arrivals: arrivals.into(), good: good.into() });
        }
    }

    fn condensed(&self) -> RecoveryRecord {
        let hold = self.recovery.hold_s as usize;
        let of = |seconds: &[Second]| {
            let mut sum = Counts::default();
            for second in seconds {
                sum.add(Counts { arrivals: second.arrivals.into(), good: second.good.into() });
            }
            sum
        };
        let after = of(&self.after[self.after.len() - hold..]);
        if self.before.good == 0 || self.before.arrivals == 0 {
            return RecoveryRecord { before: self.before, after, ..RecoveryRecord::default() };
        }
        let back = self.back_s();
        let restricted_ns = u128::from(back.unwrap_or(self.recovery.horizon_s) * SECOND);
        let recovered = back.is_some().into();
        RecoveryRecord { watched: 1, recovered, restricted_ns, before: self.before, after }
    }

    /// The first second after the trigger from which on goodput is back, on the average of the
    /// time for which it must hold.
    fn back_s(&self) -> Option<u64> {
        let hold = self.recovery.hold_s as usize;
        let mut sum = Counts::default();
        let mut at = 0;
        let first = self.after.iter().enumerate().position(|(end, second)| {
            sum.add(Counts { arrivals: second.arrivals.into(), good: second.good.into() });
            if end + 1 < hold {
                return false;
            }
            let is_back = self.is_back(sum);
            at = end + 1 - hold;
            sum.arrivals -= u64::from(self.after[at].arrivals);
            sum.good -= u64::from(self.after[at].good);
            is_back
        });
        first.map(|_| at as u64)
    }

    /// Whether goodput / arrivals is at least the share of what it was before; never without
    /// arrivals.
    fn is_back(&self, now: Counts) -> bool {
        let wide = |count: u64| u128::from(count);
        let now_good = (wide(now.good) * wide(self.before.arrivals)) << 32;
        let needed = wide(self.before.good) * wide(now.arrivals) * wide(self.recovery.share);
        now.arrivals > 0 && now_good >= needed
    }
}

/// How much of each bucket pauses take, in all: each is added in a few steps however long it is.
#[derive(Clone, Debug)]
struct Pauses {
    width: u64,
    finder: Finder,
    length: u64,
    /// What begun buckets take, ns.
    parts: Vec<u64>,
    /// Changes of the number of pauses that take a bucket whole.
    changes: Vec<i64>,
}

impl Pauses {
    fn new(length: u64) -> Self {
        let width = width_for(length);
        let buckets = length.div_ceil(width) as usize;
        let (parts, changes) = (vec![0; buckets], vec![0; buckets + 1]);
        Self { width, finder: Finder::new(width), length, parts, changes }
    }

    fn add(&mut self, from: u64, until: u64) {
        let until = until.min(self.length);
        if from >= until {
            return;
        }
        let (first, last) = (self.finder.find(from), self.finder.find(until - 1));
        if first == last {
            self.parts[first] += until - from;
            return;
        }
        self.parts[first] += (first as u64 + 1) * self.width - from;
        self.parts[last] += until - last as u64 * self.width;
        self.changes[first + 1] += 1;
        self.changes[last] -= 1;
    }

    /// The number of pauses × time, ns, by bucket.
    fn sums(&self) -> Vec<u128> {
        let mut whole = 0;
        let mut sums = Vec::with_capacity(self.parts.len());
        for (&part, change) in self.parts.iter().zip(&self.changes) {
            whole += change;
            let pauses = u128::try_from(whole).expect("pauses end after they begin");
            sums.push(u128::from(part) + pauses * u128::from(self.width));
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn recovery() -> Recovery {
        Recovery {
            name: "freeze".to_owned(),
            trigger: "freeze".to_owned(),
            goodput: Goodput::Answered,
            share: (95 << 32) / 100,
            before: (SECOND, 3 * SECOND),
            from: 4 * SECOND,
            hold_s: 3,
            horizon_s: 5,
        }
    }

    const HORIZON: Horizon =
        Horizon { warmup: SECOND, length: 12 * SECOND, drain: 0, deadline: 60 * SECOND };

    /// Before: 200 arrivals of which 180 are good. Then so many of a hundred in each second.
    fn condensed(good: [u64; 8]) -> RecoveryRecord {
        let mut watches = Watches::new(&[recovery()], &HORIZON);
        for at in (0..200).map(|index| SECOND + index * SECOND / 100) {
            watches.arrival(at);
            if at % (SECOND / 10) > 0 {
                watches.good(at, Goodput::Answered);
            }
            watches.good(at, Goodput::Credited);
        }
        for (second, good) in (4..).zip(good) {
            for index in 0..100 {
                let at = second * SECOND + index * SECOND / 100;
                watches.arrival(at);
                if index < good {
                    watches.good(at, Goodput::Answered);
                }
            }
        }
        // neither during the trigger nor before the warm-up nor after what is watched
        for at in [0, SECOND - 1, 3 * SECOND, 4 * SECOND - 1, 12 * SECOND] {
            watches.arrival(at);
        }
        let mut all = watches.condensed();
        assert_eq!((all.watched, all.collapsed), (1, 1 - all.records[0].recovered));
        all.records.remove(0)
    }

    /// 95 % of 90 % on the average of three seconds: 256.5 of 300.
    #[test]
    fn goodput_is_back_with_the_first_stretch_that_holds() {
        let record = condensed([0, 10, 20, 85, 86, 86, 0, 0]);
        assert_eq!(record.before, Counts { arrivals: 200, good: 180 });
        assert_eq!(record.after, Counts { arrivals: 300, good: 86 });
        assert_eq!((record.recovered, record.restricted_ns), (1, u128::from(3 * SECOND)));
        let at_once = condensed([86, 86, 85, 0, 0, 0, 0, 0]);
        assert_eq!((at_once.recovered, at_once.restricted_ns), (1, 0));
    }

    #[test]
    fn a_stretch_below_the_share_or_beyond_the_horizon_is_a_collapse() {
        let below = condensed([0, 86, 85, 85, 85, 85, 85, 85]);
        assert_eq!((below.watched, below.recovered), (1, 0));
        assert_eq!(below.restricted_ns, u128::from(5 * SECOND), "cut off at the horizon");
        let last = condensed([0, 0, 0, 0, 0, 86, 86, 85]);
        assert_eq!((last.recovered, last.restricted_ns), (1, u128::from(5 * SECOND)));
    }

    #[test]
    fn recoveries_of_replications_add_up() {
        let of = |recovered: u64| Recoveries {
            watched: 1,
            collapsed: 1 - recovered,
            records: vec![RecoveryRecord { watched: 1, recovered, ..RecoveryRecord::default() }],
            backing_off_ns: vec![5, 7],
        };
        let mut all = Recoveries::empty(&[recovery()], &HORIZON);
        all.backing_off_ns.truncate(2);
        [0, 1, 0].into_iter().for_each(|recovered| all.merge(&of(recovered)));
        assert_eq!((all.watched, all.collapsed, &all.backing_off_ns[..]), (3, 2, &[15, 21][..]));
        assert_eq!((all.records[0].watched, all.records[0].recovered), (3, 1));
    }

    #[test]
    fn without_a_before_nothing_can_be_said() {
        let mut watches = Watches::new(&[recovery()], &HORIZON);
        watches.arrival(5 * SECOND);
        watches.good(5 * SECOND, Goodput::Answered);
        let all = watches.condensed();
        assert_eq!((all.watched, all.collapsed, all.records[0].watched), (0, 0, 0));
    }

    #[test]
    fn a_rate_that_falls_is_no_collapse() {
        let mut watches = Watches::new(&[recovery()], &HORIZON);
        let every = |n: u64, from: u64, to: u64| (from * n..to * n).map(move |i| i * SECOND / n);
        for at in every(100, 1, 3).chain(every(7, 4, 12)) {
            watches.arrival(at);
            watches.good(at, Goodput::Answered);
        }
        assert_eq!(watches.condensed().records[0].recovered, 1);
    }

    proptest! {
        #[test]
        fn pauses_take_what_they_take(
            spans in proptest::collection::vec((0..90_u64, 0..60_u64), 0..20),
        ) {
            // buckets of 100 ms, the last of them cut short
            let tick = SECOND / 100;
            let mut pauses = Pauses::new(85 * tick);
            spans.iter().for_each(|&(from, lasts)| pauses.add(from * tick, (from + lasts) * tick));
            let sums = pauses.sums();
            prop_assert_eq!(sums.len(), 9);
            for (bucket, sum) in (0..).zip(sums) {
                let ticks = (bucket * 10..bucket * 10 + 10).filter(|&t| t < 85);
                let on = |t: u64| spans.iter().filter(move |s| s.0 <= t && t < s.0 + s.1).count();
                let counted: usize = ticks.map(on).sum();
                prop_assert_eq!(sum, counted as u128 * u128::from(tick));
            }
        }
    }
}
