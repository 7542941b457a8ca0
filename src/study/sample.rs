//! A sample of raw journeys: keyed, capped, and the same for any number of threads.
//!
//! Each journey of the cohort has a hash of its own under the seed, and the sample is those with
//! the smallest. So it is a simple random sample that depends on nothing but the seed, and samples
//! merge exactly: the smallest of both. Memory is bounded by the cap, since a journey whose hash is
//! not among the smallest of those that have arrived never will be.

use std::collections::BTreeMap;

use crate::engine::{Class, Seed, Stream};
use crate::model::facts::{Fact, Observer, TopUp};
use crate::model::story::Moment;
use crate::record::Recorder;

/// Journeys of a sample at most, so that what each thread keeps is bounded.
pub const SAMPLE_MAX: u32 = 1_000_000;

/// A journey of the sample.
#[derive(Clone, Copy, Debug)]
pub struct Sampled {
    /// Number of the replication, from 0.
    pub replication: u32,
    /// Number among its arrivals, from 0.
    pub journey: u64,
    /// How it ended.
    pub top_up: TopUp,
    /// From the arrival to the first credit, ns.
    pub credit_latency: Option<u64>,
}

/// The journeys with the smallest hashes.
#[derive(Clone, Debug)]
pub struct Sample {
    most: usize,
    rows: BTreeMap<(u64, u32, u64), Sampled>,
}

impl Sample {
    /// A sample of at most so many journeys, without any.
    pub fn new(most: u32) -> Self {
        Self { most: most as usize, rows: BTreeMap::new() }
    }

    /// How many journeys it may have.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Its journeys by replication and number.
    pub fn rows(&self) -> Vec<Sampled> {
        let mut rows: Vec<Sampled> = self.rows.values().copied().collect();
        rows.sort_by_key(|row| (row.replication, row.journey));
        rows
    }

    /// Takes a replication's journeys in; the smallest hashes of all stay.
    pub(super) fn merge(&mut self, sampler: Sampler) {
        let replication = sampler.replication;
        for ((hash, journey), seen) in sampler.seen {
            let top_up = seen.top_up.expect("every journey ends, as exactly one top-up");
            let row = Sampled { replication, journey, top_up, credit_latency: seen.credit_latency };
            self.rows.insert((hash, replication, journey), row);
            if self.rows.len() > self.most {
                self.rows.pop_last();
            }
        }
    }
}

/// What is known of a journey so far.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    top_up: Option<TopUp>,
    credit_latency: Option<u64>,
}

/// Samples one replication.
pub(super) struct Sampler {
    most: usize,
    replication: u32,
    stream: Stream,
    seen: BTreeMap<(u64, u64), Seen>,
}

impl Sampler {
    pub(super) fn new(most: usize, seed: u64, replication: u32) -> Self {
        let stream = Seed::new(seed, replication.into()).named(Class::Journey, "journeys.csv");
        Self { most, replication, stream, seen: BTreeMap::new() }
    }

    fn key(&self, journey: u64) -> (u64, u64) {
        (self.stream.child(journey).draw(0, 0, 0).bits(), journey)
    }

    fn arrives(&mut self, journey: u64) {
        let key = self.key(journey);
        let is_full = self.seen.len() >= self.most;
        if is_full && self.seen.last_key_value().is_some_and(|(last, _)| *last < key) {
            return;
        }
        self.seen.insert(key, Seen::default());
        if self.seen.len() > self.most {
            self.seen.pop_last();
        }
    }

    #[inline]
    fn follow(&mut self, journey: u64, moment: &Moment) {
        match *moment {
            Moment::Arrived { in_cohort: true, .. } => self.arrives(journey),
            Moment::Credited { latency_ns, first: true, .. } => {
                if let Some(seen) = self.seen.get_mut(&self.key(journey)) {
                    seen.credit_latency = Some(latency_ns);
                }
            }
            Moment::Ended(top_up) => {
                if let Some(seen) = self.seen.get_mut(&self.key(journey)) {
                    seen.top_up = Some(top_up);
                }
            }
            _ => {}
        }
    }
}

/// Records a replication and samples it.
pub(super) struct Watch {
    pub(super) recorder: Recorder,
    pub(super) sampler: Sampler,
}

impl Observer for Watch {
    const FOLLOWS: bool = true;

    #[inline]
    fn note(&mut self, fact: Fact) {
        self.recorder.note(fact);
    }

    #[inline]
    fn follow(&mut self, journey: u64, _: u64, moment: Moment) {
        self.sampler.follow(journey, &moment);
    }
}
