//! What a pool of gateway workers did in the measured time: exact integrals, counts and waits.

use serde::{Deserialize, Serialize};

use super::tally::merge_each;
use crate::model::facts::JobClass;
use crate::stats::Histogram;

/// Classes of requests at a pool: core traffic first, as the model numbers them.
pub const CLASSES: usize = 2;

/// Index of top-ups among the classes.
pub const TOP_UPS: usize = 1;

/// Names of the classes in tables.
pub const CLASS_NAMES: [&str; CLASSES] = ["core", "top_up"];

/// Names of the two parts of top-ups in tables, where some stand behind all others.
pub const RANK_NAMES: [&str; 2] = ["top_up_first", "top_up_repeated"];

/// One pool over the measured time. Busy + idle + down = workers × time + surplus.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolRecord {
    /// Workers the pool should have × time, ns; 0 where they are unlimited.
    pub workers_ns: u128,
    /// Workers there were (incidents take some away) × time, ns.
    pub servers_ns: u128,
    /// Workers at work × time, ns.
    pub busy_ns: u128,
    /// Workers without work × time, ns.
    pub idle_ns: u128,
    /// Workers at work beyond the number there should be, after that was lowered × time, ns.
    pub surplus_ns: u128,
    /// The most workers at work at once, in any replication.
    pub busy_peak: u32,
    /// The most waiting requests at once, in any replication.
    pub waiting_peak: u32,
    /// Core traffic, then top-ups.
    pub classes: [Room; CLASSES],
    /// Top-ups once more in two parts, where the scenario has a priority: first attempts and other
    /// work, then repeated attempts.
    pub ranks: Option<Box<[Room; 2]>>,
}

/// The waiting room of one class at one pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Requests that reached the pool's door; those shed before it are not among them.
    pub arrived: u64,
    /// Of them: found a free worker.
    pub served_at_once: u64,
    /// Of them: began to wait.
    pub waited: u64,
    /// Of them: found the waiting room full.
    pub blocked: u64,
    /// Requests that waited and got a worker.
    pub granted: u64,
    /// Requests that left the queue unserved.
    pub abandoned: u64,
    /// Requests that waited when measuring began.
    pub waiting_at_start: u64,
    /// Requests that waited when it ended.
    pub still_waiting: u64,
    /// Requests turned away by admission control before the door.
    pub shed: u64,
    /// Waiting requests × time, ns: Lq is this over the measured time.
    pub waiting_ns: u128,
    /// Wait of each request granted a worker, ns.
    pub wait: Histogram,
    /// Sum of the squares of the waits, ns²: their standard deviation needs no histogram.
    pub wait_squares: u128,
    /// Wait and service of each request granted a worker, ns.
    pub sojourn: Histogram,
}

impl PoolRecord {
    /// One of which nothing is known; `ranked`: some top-ups stand behind all others.
    pub fn of(ranked: bool) -> Self {
        Self { ranks: ranked.then(Box::default), ..Self::default() }
    }

    /// Adds the record of another replication.
    pub fn merge(&mut self, other: &Self) {
        self.workers_ns += other.workers_ns;
        self.servers_ns += other.servers_ns;
        self.busy_ns += other.busy_ns;
        self.idle_ns += other.idle_ns;
        self.surplus_ns += other.surplus_ns;
        self.busy_peak = self.busy_peak.max(other.busy_peak);
        self.waiting_peak = self.waiting_peak.max(other.waiting_peak);
        merge_each(&mut self.classes, &other.classes, Room::merge);
        if let Some(ranks) = &other.ranks {
            let own = self.ranks.get_or_insert_default();
            merge_each(&mut **own, &**ranks, Room::merge);
        }
    }

    /// Notes something of a request in each room in which it counts.
    #[inline]
    pub fn note(&mut self, class: JobClass, note: impl Fn(&mut Room)) {
        let index = if class == JobClass::Core { 0 } else { TOP_UPS };
        note(&mut self.classes[index]);
        if matches!(class, JobClass::First | JobClass::Repeated) {
            let rank = usize::from(class == JobClass::Repeated);
            note(&mut self.ranks.get_or_insert_default()[rank]);
        }
    }

    /// Top-ups at this pool.
    pub fn top_ups(&self) -> &Room {
        &self.classes[TOP_UPS]
    }

    /// Workers at work and workers there were, × ns; none where workers are unlimited.
    pub fn utilisation(&self) -> Option<(u128, u128)> {
        (self.workers_ns > 0).then(|| (self.busy_ns - self.surplus_ns, self.servers_ns))
    }
}

impl Room {
    /// Notes a request that was granted a worker.
    #[inline]
    pub fn serve(&mut self, wait: u64, service: u64) {
        self.wait.record(wait);
        self.wait_squares += u128::from(wait) * u128::from(wait);
        self.sojourn.record(wait + service);
    }

    /// Requests that asked for a worker, those shed included.
    pub fn offered(&self) -> u64 {
        self.arrived + self.shed
    }

    /// Mean (s) and variance (s²) of the wait; none without a request served.
    pub fn wait_moments(&self) -> Option<(f64, f64)> {
        let mean = self.wait.mean()?;
        let square = self.wait_squares as f64 / self.wait.count() as f64;
        Some((mean / 1e9, ((square - mean * mean) / 1e18).max(0.0)))
    }

    fn merge(&mut self, other: &Self) {
        self.arrived += other.arrived;
        self.served_at_once += other.served_at_once;
        self.waited += other.waited;
        self.blocked += other.blocked;
        self.granted += other.granted;
        self.abandoned += other.abandoned;
        self.waiting_at_start += other.waiting_at_start;
        self.still_waiting += other.still_waiting;
        self.shed += other.shed;
        self.waiting_ns += other.waiting_ns;
        self.wait.merge(&other.wait);
        self.wait_squares += other.wait_squares;
        self.sojourn.merge(&other.sojourn);
    }
}
