//! Counts over the time of a run, in buckets of a width that fits a chart.

use serde::{Deserialize, Serialize};

use super::pools::CLASSES;
use super::tally::{add_each, merge_each};
use crate::model::cause::Cause;

const SECOND: u64 = 1_000_000_000;

/// Widths of a bucket to choose from, ns: the first with at most [`BUCKETS_MAX`] buckets is taken.
pub const WIDTHS: [u64; 10] = [
    SECOND / 10,
    SECOND,
    5 * SECOND,
    10 * SECOND,
    30 * SECOND,
    60 * SECOND,
    300 * SECOND,
    900 * SECOND,
    1_800 * SECOND,
    3_600 * SECOND,
];

/// Buckets of a timeline at most, unless the run is longer than 30 days.
pub const BUCKETS_MAX: u64 = 720;

/// Attempts are told apart up to this number; the last slot holds all beyond.
pub const ATTEMPT_NUMBERS: usize = 4;

/// The width of a bucket for a run of this length, ns.
pub fn width_for(length: u64) -> u64 {
    let fits = |width: &&u64| length.div_ceil(**width) <= BUCKETS_MAX;
    *WIDTHS.iter().find(fits).unwrap_or(&WIDTHS[WIDTHS.len() - 1])
}

/// Counts over [0, length): warm-up and all top-ups included, not only the cohort.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// Width of a bucket, ns; the last one may be cut short by the end.
    pub width: u64,
    /// End of the last bucket, ns.
    pub length: u64,
    /// Counts by bucket.
    pub buckets: Vec<Bucket>,
    /// Attempts struck, by bucket and then by cause; read by [`Timeline::struck`].
    pub struck: Vec<u64>,
    /// Pools, each by bucket; only buckets of full width are counted.
    pub pools: Vec<Vec<PoolBucket>>,
}

/// Counts of one bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Top-ups that arrived.
    pub arrivals: u64,
    /// Of these arrivals: succeeded.
    pub successes: u64,
    /// Of these arrivals: charged more than once.
    pub duplicates: u64,
    /// Of these arrivals: charged, shown failed.
    pub charged_shown_failed: u64,
    /// Of these arrivals: orphan charges.
    pub orphans: u64,
    /// Attempts sent in the bucket, by number: 1, 2, 3, 4 and beyond.
    pub attempts: [u64; ATTEMPT_NUMBERS],
    /// Queries sent.
    pub queries: u64,
    /// Captures.
    pub captures: u64,
    /// Refunds paid.
    pub refunds: u64,
    /// Requests of any class shed at a pool.
    pub shed: u64,
    /// Requests of any class that found a waiting room full.
    pub blocked: u64,
    /// Requests that left a queue unserved.
    pub abandoned: u64,
}

/// One pool in one bucket: numbers × time, ns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolBucket {
    /// Workers there were.
    pub servers_ns: u128,
    /// Workers at work.
    pub busy_ns: u128,
    /// Waiting requests, core traffic and then top-ups.
    pub waiting_ns: [u128; CLASSES],
}

impl Timeline {
    /// An empty timeline over [0, length), ns.
    pub fn new(length: u64, pools: usize) -> Self {
        let width = width_for(length);
        let count = length.div_ceil(width) as usize;
        Self {
            width,
            length,
            buckets: vec![Bucket::default(); count],
            struck: vec![0; count * Cause::ALL.len()],
            pools: vec![vec![PoolBucket::default(); count]; pools],
        }
    }

    /// Takes the buckets of the pools. A last one that the end of the run cuts short is left out:
    /// pools go on after the end.
    pub(super) fn set_pools(&mut self, pools: Vec<Vec<PoolBucket>>) {
        let full = (self.length / self.width) as usize;
        for (mine, theirs) in self.pools.iter_mut().zip(pools) {
            assert_eq!(mine.len(), theirs.len(), "pools keep the buckets of the timeline");
            mine[..full].clone_from_slice(&theirs[..full]);
        }
    }

    /// Whether a bucket has its full width, so that pools were counted in it.
    pub fn is_full(&self, bucket: usize) -> bool {
        bucket as u64 * self.width + self.width <= self.length
    }

    /// Start and end of a bucket, ns.
    pub fn span(&self, bucket: usize) -> (u64, u64) {
        let start = bucket as u64 * self.width;
        (start, (start + self.width).min(self.length))
    }

    /// Attempts of a bucket that a cause struck.
    pub fn struck(&self, bucket: usize, cause: Cause) -> u64 {
        self.struck[bucket * Cause::ALL.len() + cause as usize]
    }

    /// Adds the counts of another replication.
    pub fn merge(&mut self, other: &Self) {
        assert_eq!((self.width, self.length), (other.width, other.length), "timelines of one run");
        merge_each(&mut self.buckets, &other.buckets, Bucket::merge);
        add_each(&mut self.struck, &other.struck);
        merge_each(&mut self.pools, &other.pools, |mine, theirs| {
            merge_each(mine, theirs, PoolBucket::merge);
        });
    }
}

impl Bucket {
    fn merge(&mut self, other: &Self) {
        self.arrivals += other.arrivals;
        self.successes += other.successes;
        self.duplicates += other.duplicates;
        self.charged_shown_failed += other.charged_shown_failed;
        self.orphans += other.orphans;
        add_each(&mut self.attempts, &other.attempts);
        self.queries += other.queries;
        self.captures += other.captures;
        self.refunds += other.refunds;
        self.shed += other.shed;
        self.blocked += other.blocked;
        self.abandoned += other.abandoned;
    }
}

impl PoolBucket {
    fn merge(&mut self, other: &Self) {
        self.servers_ns += other.servers_ns;
        self.busy_ns += other.busy_ns;
        for (sum, more) in self.waiting_ns.iter_mut().zip(other.waiting_ns) {
            *sum += more;
        }
    }
}

/// Which bucket an instant falls into, without a division.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finder {
    width: u64,
    /// 2^64 / width, rounded down.
    inverse: u64,
}

impl Finder {
    pub(super) fn new(width: u64) -> Self {
        assert!(width > 1, "2^64 / width fits 64 bits");
        Self { width, inverse: ((1_u128 << 64) / u128::from(width)) as u64 }
    }

    /// The bucket of an instant; exact for every instant.
    #[inline]
    pub(super) fn find(self, at: u64) -> usize {
        let estimate = ((u128::from(at) * u128::from(self.inverse)) >> 64) as u64;
        // The inverse is less than one too low, and so is the estimate before rounding down.
        let rest = at - estimate * self.width;
        (estimate + u64::from(rest >= self.width)) as usize
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_chart_has_enough_buckets_and_not_too_many() {
        let day = 86_400 * SECOND;
        for (length, width) in [
            (40 * SECOND, SECOND / 10),
            (72 * SECOND, SECOND / 10),
            (73 * SECOND, SECOND),
            (3_600 * SECOND, 5 * SECOND),
            (day, 300 * SECOND),
            (7 * day, 900 * SECOND),
            (14 * day, 1_800 * SECOND),
            (60 * day, 3_600 * SECOND),
        ] {
            assert_eq!(width_for(length), width, "{} s", length / SECOND);
        }
    }

    #[test]
    fn the_last_bucket_ends_with_the_run() {
        let timeline = Timeline::new(SECOND + 1, 0);
        assert_eq!(timeline.buckets.len(), 11);
        assert_eq!(timeline.span(10), (SECOND, SECOND + 1));
    }

    proptest! {
        #[test]
        fn an_instant_finds_its_bucket(at: u64, shift in 0..64_u32, width in 0..10_usize) {
            let at: u64 = at >> shift;
            let width = WIDTHS[width];
            let finder = Finder::new(width);
            for at in [at, at / width * width, (at / width * width).saturating_sub(1)] {
                prop_assert_eq!(finder.find(at) as u64, at / width);
            }
        }
    }
}
