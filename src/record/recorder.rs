//! The recorder listens to one replication: it counts facts as they come, in whatever order.

use super::laws::{self, Seen};
use super::pools::{PoolRecord, TOP_UPS};
use super::shape::Shape;
use super::summary::{LedgerRecord, RunRecord, Summary};
use super::tally::Tally;
use super::timeline::{ATTEMPT_NUMBERS, Bucket, Finder, PoolBucket};
use crate::model::cause::Cause;
use crate::model::facts::{Fact, NO_BANK, Observer, TopUp};
use crate::model::outcome::Marks;
use crate::model::plan::{Horizon, Plan};

const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 86_400 * SECOND;

/// Counts the facts of one replication, about ten a top-up, each into a few places by plain index.
#[derive(Clone, Debug)]
pub struct Recorder {
    horizon: Horizon,
    promise: u64,
    workers: Vec<u32>,
    providers: usize,
    access: usize,
    /// Cohort by (channel, provider, access), from which all groups but banks are added up at the end.
    cells: Vec<Tally>,
    finder: Finder,
    /// Attempts by second of the run, for the peak.
    seconds: Vec<u32>,
    seen: Seen,
    summary: Summary,
}

/// What the model itself has counted by the end of a replication.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// Pools of the gateway without waits, which are facts, and their buckets.
    pub pools: Vec<(PoolRecord, Vec<PoolBucket>)>,
    /// The refund desk.
    pub desk: Option<PoolRecord>,
    /// Balances of the ledger.
    pub ledger: LedgerRecord,
    /// Sizes of the run.
    pub run: RunRecord,
}

impl Recorder {
    /// A recorder for one replication of a plan.
    pub fn new(plan: &Plan) -> Self {
        Self::of_shape(&Shape::of(plan))
    }

    /// A recorder for one replication of anything of this shape.
    pub fn of_shape(shape: &Shape) -> Self {
        let summary = Summary::empty(shape);
        let cells = shape.channels.len() * shape.providers.len() * shape.access.len();
        Self {
            horizon: shape.horizon,
            promise: shape.promise,
            workers: shape.pools.iter().map(|pool| pool.1).collect(),
            providers: shape.providers.len(),
            access: shape.access.len(),
            cells: vec![Tally::default(); cells],
            finder: Finder::new(summary.timeline.width),
            seconds: vec![0; shape.horizon.length.div_ceil(SECOND) as usize],
            seen: Seen::default(),
            summary,
        }
    }

    /// Condenses what was noted, and holds the laws against it.
    ///
    /// # Panics
    /// When a law does not hold: that is a defect of the model, never of a scenario.
    pub fn close(mut self, ending: Ending) -> Summary {
        self.add_up_groups();
        let summary = &mut self.summary;
        summary.replications = 1;
        summary.measured_ns = u128::from(self.horizon.length - self.horizon.warmup);
        summary.loads.peak_attempts = self.seconds.into_iter().max().unwrap_or(0).into();
        assert_eq!(summary.pools.len(), ending.pools.len(), "every pool has its totals");
        for (at, (record, buckets)) in ending.pools.into_iter().enumerate() {
            summary.pools[at].merge(&record);
            let counted = summary.timeline.pools[at].len();
            assert_eq!(buckets.len(), counted, "pools keep the buckets of the timeline");
            summary.timeline.pools[at] = buckets;
        }
        summary.desk = ending.desk;
        summary.ledger = ending.ledger;
        summary.run = ending.run;
        laws::check(summary, &self.seen, &self.workers);
        self.summary
    }

    fn add_up_groups(&mut self) {
        let summary = &mut self.summary;
        for (at, cell) in self.cells.iter().enumerate() {
            let (route, access) = (at / self.access, at % self.access);
            summary.all.merge(cell);
            summary.channels[route / self.providers].merge(cell);
            summary.providers[route % self.providers].merge(cell);
            summary.access[access].merge(cell);
        }
    }

    #[inline]
    fn is_measured(&self, at: u64) -> bool {
        self.horizon.in_cohort(at)
    }

    /// The bucket of an instant before the end of the run.
    #[inline]
    fn bucket(&mut self, at: u64) -> Option<&mut Bucket> {
        if at >= self.horizon.length {
            return None;
        }
        Some(&mut self.summary.timeline.buckets[self.finder.find(at)])
    }

    #[inline]
    fn note_top_up(&mut self, top_up: &TopUp) {
        self.seen.top_up(top_up);
        let success = top_up.outcome.is_success();
        if let Some(bucket) = self.bucket(top_up.born) {
            bucket.arrivals += 1;
            bucket.successes += u64::from(success);
            if top_up.marks != Marks::default() {
                bucket.duplicates += u64::from(top_up.marks.has(Marks::DUPLICATE_CHARGE));
                bucket.charged_shown_failed +=
                    u64::from(top_up.marks.has(Marks::CHARGED_SHOWN_FAILED));
                bucket.orphans += u64::from(top_up.marks.has(Marks::ORPHAN));
            }
        }
        if !top_up.in_cohort {
            return;
        }
        let groups = top_up.groups;
        let route = usize::from(groups.channel) * self.providers + usize::from(groups.provider);
        self.cells[route * self.access + usize::from(groups.access)].add(top_up);
        match groups.bank {
            NO_BANK => self.summary.no_bank.add(top_up),
            bank => self.summary.banks[usize::from(bank)].add(top_up),
        }
        if let Some(cause) = top_up.first_cause {
            self.summary.causes[cause as usize].first += 1;
        }
        if let Some(cause) = top_up.last_cause {
            self.summary.causes[cause as usize].last += 1;
        }
        if !success {
            match top_up.last_cause {
                Some(cause) => self.summary.causes[cause as usize].add_lost(top_up),
                None => self.summary.no_cause.add_lost(top_up),
            }
        }
    }

    #[inline]
    fn note_attempt(&mut self, at: u64, number: u16) {
        if let Some(bucket) = self.bucket(at) {
            let slot = usize::from(number).clamp(1, ATTEMPT_NUMBERS) - 1;
            bucket.attempts[slot] += 1;
        }
        if self.is_measured(at) {
            self.summary.loads.attempts += 1;
            self.seconds[(at / SECOND) as usize] += 1;
        }
    }

    #[inline]
    fn note_struck(&mut self, at: u64, cause: Cause, in_cohort: bool) {
        self.summary.causes[cause as usize].strikes += u64::from(in_cohort);
        if at < self.horizon.length {
            let row = self.finder.find(at) * Cause::ALL.len();
            self.summary.timeline.struck[row + cause as usize] += 1;
        }
    }

    #[inline]
    fn note_credit(&mut self, at: u64, latency: u64, credit: Credit) {
        let Credit { amount, channel, first, in_cohort } = credit;
        if first && latency <= self.horizon.deadline && self.is_measured(at) {
            self.summary.loads.goodput += 1;
        }
        if in_cohort {
            let money = &mut self.summary.money[channel];
            money.credits += 1;
            money.credited += minor(amount);
            if first {
                self.summary.credit_latency[channel].record(latency);
            }
        }
    }

    #[cold]
    fn note_refund(&mut self, at: u64, latency: u64, refund: Refund) {
        let Refund { amount, rail, channel, in_cohort } = refund;
        self.seen.refund(amount);
        if let Some(bucket) = self.bucket(at) {
            bucket.refunds += 1;
        }
        if in_cohort {
            let money = &mut self.summary.money[channel];
            money.refunds += 1;
            money.refunded += minor(amount);
            let rail = &mut self.summary.refunds.rails[rail];
            rail.latency.record(latency);
            rail.within_24h += u64::from(latency <= DAY);
            rail.within_promise += u64::from(latency <= self.promise);
            rail.amount += minor(amount);
        }
    }
}

/// A sum of money that moves from one place to another is never below 0.
#[inline]
fn minor(amount: i64) -> u128 {
    debug_assert!(amount >= 0, "facts tell sums of money that are not negative");
    u128::from(amount.unsigned_abs())
}

#[derive(Clone, Copy)]
struct Credit {
    amount: i64,
    channel: usize,
    first: bool,
    in_cohort: bool,
}

#[derive(Clone, Copy)]
struct Refund {
    amount: i64,
    rail: usize,
    channel: usize,
    in_cohort: bool,
}

impl Observer for Recorder {
    #[inline]
    fn note(&mut self, fact: Fact) {
        match fact {
            Fact::TopUp(top_up) => self.note_top_up(&top_up),
            Fact::Attempt { at, number } => self.note_attempt(at, number),
            Fact::Query { at } => {
                self.summary.loads.queries += u64::from(self.is_measured(at));
                if let Some(bucket) = self.bucket(at) {
                    bucket.queries += 1;
                }
            }
            Fact::CallEnded { latency, in_cohort, .. } => {
                if in_cohort {
                    self.summary.call_latency.record(latency);
                }
            }
            Fact::Struck { at, cause, in_cohort } => self.note_struck(at, cause, in_cohort),
            Fact::Served { at, pool, core, wait, service } => {
                if self.is_measured(at) {
                    let class = if core { 0 } else { TOP_UPS };
                    self.summary.pools[usize::from(pool)].classes[class].serve(wait, service);
                }
            }
            Fact::TurnedAway { at, pool, core, shed } => {
                if let Some(bucket) = self.bucket(at) {
                    bucket.shed += u64::from(shed);
                    bucket.blocked += u64::from(!shed);
                }
                // The pool counts whom it blocks; whom it never sees is counted here.
                if shed && self.is_measured(at) {
                    let class = if core { 0 } else { TOP_UPS };
                    self.summary.pools[usize::from(pool)].classes[class].shed += 1;
                }
            }
            Fact::Abandoned { at, .. } => {
                if let Some(bucket) = self.bucket(at) {
                    bucket.abandoned += 1;
                }
            }
            Fact::Captured { at, amount, channel, extra, in_cohort } => {
                self.seen.capture(amount, extra && in_cohort);
                if let Some(bucket) = self.bucket(at) {
                    bucket.captures += 1;
                }
                if in_cohort {
                    let money = &mut self.summary.money[usize::from(channel)];
                    money.captures += 1;
                    money.captured += minor(amount);
                }
            }
            Fact::Credited { at, latency, amount, channel, first, in_cohort } => {
                let channel = usize::from(channel);
                self.note_credit(at, latency, Credit { amount, channel, first, in_cohort });
            }
            Fact::CaseOpened { automatic, in_cohort, .. } => {
                let refunds = &mut self.summary.refunds;
                refunds.cases_automatic += u64::from(automatic && in_cohort);
                refunds.cases_by_user += u64::from(!automatic && in_cohort);
            }
            Fact::Refunded { at, latency, amount, rail, channel, in_cohort } => {
                let (rail, channel) = (usize::from(rail), usize::from(channel));
                self.note_refund(at, latency, Refund { amount, rail, channel, in_cohort });
            }
        }
    }
}
