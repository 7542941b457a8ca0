//! The recorder listens to one replication: it counts facts as they come, in whatever order.

mod money;

use super::aside;
use super::costs::CostRecord;
use super::flows::Counter;
use super::laws::{self, Seen};
use super::pools::{PoolRecord, TOP_UPS};
use super::recovery::Watches;
use super::shape::Shape;
use super::summary::{LedgerRecord, RunRecord, Summary};
use super::tally::Tally;
use super::timeline::{ATTEMPT_NUMBERS, Bucket, Finder, PoolBucket};
use crate::model::cause::Cause;
use crate::model::cost::Prices;
use crate::model::facts::{Fact, JobClass, NO_BANK, Observer, PoolIndex, TopUp};
use crate::model::outcome::Marks;
use crate::model::plan::{Horizon, Plan};
use crate::model::recovery::Goodput;
use crate::model::remedy::Remedy;
use crate::model::window::Window;
use money::{Credit, Refund};

const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 86_400 * SECOND;

/// Counts the facts of one replication, about ten a top-up, each into a few places by plain index.
#[derive(Clone, Debug)]
pub struct Recorder {
    horizon: Horizon,
    promise: u64,
    prices: Option<Prices>,
    workers: Vec<u32>,
    /// Whether some top-ups stand behind all others.
    pub(super) ranked: bool,
    /// People of each station; 0 where they are unlimited.
    staff: Vec<u32>,
    providers: usize,
    access: usize,
    /// Cohort by (channel, provider, access), from which all groups but banks are added up at the
    /// end.
    cells: Vec<Tally>,
    windows: Vec<Window>,
    asides: Vec<aside::Counter>,
    finder: Finder,
    /// Attempts by second of the run, for the peak.
    seconds: Vec<u32>,
    flows: Counter,
    watches: Watches,
    seen: Seen,
    summary: Summary,
}

/// What the model itself has counted by the end of a replication.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// Pools of the gateway without waits, which are facts.
    pub pools: Vec<PoolRecord>,
    /// The same by bucket of the timeline.
    pub buckets: Vec<Vec<PoolBucket>>,
    /// The refund desk.
    pub desk: Option<PoolRecord>,
    /// The stations without waits, which are facts.
    pub stations: Vec<PoolRecord>,
    /// Balances of the ledger.
    pub ledger: LedgerRecord,
    /// Sizes of the run.
    pub run: RunRecord,
}

impl Recorder {
    /// A recorder for one replication of a plan.
    pub fn new(plan: &Plan) -> Self {
        Self { prices: plan.prices.clone(), ..Self::of_shape(&Shape::of(plan)) }
    }

    /// A recorder for one replication of anything of this shape.
    pub fn of_shape(shape: &Shape) -> Self {
        let summary = Summary::empty(shape);
        let cells = shape.channels.len() * shape.providers.len() * shape.access.len();
        Self {
            horizon: shape.horizon,
            promise: shape.promise,
            prices: None,
            workers: shape.pools.iter().map(|pool| pool.1).collect(),
            ranked: shape.ranked,
            staff: shape.stations.iter().map(|station| station.1).collect(),
            providers: shape.providers.len(),
            access: shape.access.len(),
            cells: vec![Tally::default(); cells],
            windows: shape.windows.clone(),
            asides: shape.asides.iter().map(aside::Counter::new).collect(),
            finder: Finder::new(summary.timeline.width),
            seconds: vec![0; shape.horizon.length.div_ceil(SECOND) as usize],
            flows: Counter::new(),
            watches: Watches::new(&shape.recoveries, &shape.horizon),
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
        let asides = std::mem::take(&mut self.asides).into_iter();
        summary.asides = asides.map(|aside| aside.condensed(summary)).collect();
        summary.replications = 1;
        summary.flows = self.flows.counted();
        summary.recoveries = self.watches.condensed();
        summary.measured_ns = u128::from(self.horizon.measured());
        summary.loads.peak_attempts = self.seconds.into_iter().max().unwrap_or(0).into();
        assert_eq!(summary.pools.len(), ending.pools.len(), "every pool has its totals");
        assert_eq!(summary.stations.len(), ending.stations.len(), "so has every station");
        let records = ending.pools.iter().chain(&ending.stations);
        for (pool, record) in summary.pools.iter_mut().chain(&mut summary.stations).zip(records) {
            pool.merge(record);
        }
        summary.timeline.set_pools(ending.buckets);
        summary.desk = ending.desk;
        summary.ledger = ending.ledger;
        summary.run = ending.run;
        if let Some(prices) = &self.prices {
            summary.costs = CostRecord::of(prices, summary);
        }
        laws::check(summary, &self.seen, (&self.workers, &self.staff));
        self.summary
    }

    /// Width (ns) and number of the buckets in which the model shall count its pools.
    pub fn buckets(&self) -> (u64, usize) {
        (self.summary.timeline.width, self.summary.timeline.buckets.len())
    }

    /// Workers of each pool; 0 where they are unlimited.
    pub(super) fn workers(&self) -> &[u32] {
        &self.workers
    }

    /// People of each station; 0 where they are unlimited.
    pub(super) fn staff(&self) -> &[u32] {
        &self.staff
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
        self.watches.arrival(top_up.born);
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
        for (window, tally) in self.windows.iter().zip(&mut self.summary.windows) {
            if window.holds(top_up.born) {
                tally.add(top_up);
            }
        }
        self.asides.iter_mut().for_each(|aside| aside.add(top_up));
        if let Some(cause) = top_up.first_cause {
            let tally = &mut self.summary.causes[cause as usize];
            tally.first += 1;
            tally.rescued += u64::from(success);
            self.flows.add(cause, top_up);
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
    fn note_query(&mut self, at: u64) {
        self.summary.loads.queries += u64::from(self.is_measured(at));
        if let Some(bucket) = self.bucket(at) {
            bucket.queries += 1;
        }
    }

    #[inline]
    fn note_turned_away(&mut self, at: u64, pool: PoolIndex, class: JobClass, shed: bool) {
        if let Some(bucket) = self.bucket(at) {
            bucket.shed += u64::from(shed);
            bucket.blocked += u64::from(!shed);
        }
        // The pool counts whom it blocks; whom it never sees is counted here.
        if shed && self.is_measured(at) {
            self.summary.pools[usize::from(pool)].note(class, |room| room.shed += 1);
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

    #[cold]
    fn note_remedied(&mut self, remedy: Remedy, helped: bool, in_cohort: bool) {
        if in_cohort {
            self.summary.remedies[remedy as usize].add(helped);
        }
    }

    #[cold]
    fn note_guard(&mut self, fact: Fact) {
        match fact {
            Fact::HeldBack { gateway, in_cohort, .. } => {
                let guards = &mut self.summary.guards;
                let held = if gateway { &mut guards.calls } else { &mut guards.attempts };
                *held += u64::from(in_cohort);
            }
            Fact::BreakerOpened { at, .. } => {
                self.summary.guards.openings += u64::from(self.is_measured(at));
            }
            _ => {}
        }
    }

    #[cold]
    fn note_help(&mut self, at: u64, station: u8, (wait, service): (u64, u64)) {
        if self.is_measured(at) {
            let people = &mut self.summary.stations[usize::from(station)];
            people.classes[TOP_UPS].serve(wait, service);
        }
    }
}

impl Observer for Recorder {
    // who notes a fact says which: inlined, nothing of the choice below is left
    #[inline(always)]
    fn note(&mut self, fact: Fact) {
        match fact {
            Fact::TopUp(top_up) => self.note_top_up(&top_up),
            Fact::Attempt { at, number } => self.note_attempt(at, number),
            Fact::Query { at } => self.note_query(at),
            Fact::BacksOff { from, until } => self.watches.pause(from, until),
            Fact::CallEnded { at, latency, succeeded, in_cohort } => {
                if succeeded {
                    self.watches.good(at, Goodput::Answered);
                }
                if in_cohort {
                    self.summary.call_latency.record(latency);
                }
            }
            Fact::Struck { at, cause, in_cohort } => self.note_struck(at, cause, in_cohort),
            Fact::Remedied { remedy, helped, in_cohort, .. } => {
                self.note_remedied(remedy, helped, in_cohort)
            }
            Fact::HelpBegins { at, station, wait, service } => {
                self.note_help(at, station, (wait, service))
            }
            Fact::Served { at, pool, class, wait, service } => {
                if self.is_measured(at) {
                    let pool = &mut self.summary.pools[usize::from(pool)];
                    pool.note(class, |room| room.serve(wait, service));
                }
            }
            Fact::TurnedAway { at, pool, class, shed } => {
                self.note_turned_away(at, pool, class, shed)
            }
            Fact::Abandoned { at, .. } => {
                if let Some(bucket) = self.bucket(at) {
                    bucket.abandoned += 1;
                }
            }
            Fact::Captured { at, amount, channel, extra, in_cohort } => {
                self.seen.capture(amount, extra && in_cohort);
                self.note_capture(at, amount, in_cohort.then_some(channel));
            }
            Fact::Credited { at, latency, amount, channel, first, first_cause, in_cohort } => {
                let channel = usize::from(channel);
                let credit = Credit { amount, channel, first, first_cause, in_cohort };
                self.note_credit(at, latency, credit);
            }
            Fact::Refunded { at, latency, amount, compensation, rail, channel, in_cohort } => {
                let (rail, channel) = (usize::from(rail), usize::from(channel));
                let refund = Refund { amount, compensation, rail, channel, in_cohort };
                self.note_refund(at, latency, refund);
            }
            Fact::CaseOpened { .. }
            | Fact::CaseRefused { .. }
            | Fact::Disputed { .. }
            | Fact::SchemeFee { .. }
            | Fact::Lost { .. }
            | Fact::Requested { .. }
            | Fact::RequestRefunded { .. }
            | Fact::AskedAgain { .. } => self.note_case(fact),
            Fact::HeldBack { .. } | Fact::BreakerOpened { .. } => self.note_guard(fact),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::{self, ODDS, small};
    use super::*;

    #[test]
    fn the_order_of_facts_does_not_matter() {
        let shape = small();
        let in_order = fake::replication(&shape, 1, 2_000, ODDS);
        let mut backwards = in_order.clone();
        backwards.facts.reverse();
        let mut by_halves = in_order.clone();
        let half = by_halves.facts.len() / 2;
        by_halves.facts.rotate_left(half);
        let summary = in_order.summary(&shape);
        assert_eq!(summary, backwards.summary(&shape));
        assert_eq!(summary, by_halves.summary(&shape));
    }

    #[test]
    fn what_is_counted_is_what_was_told() {
        let shape = small();
        let fake = fake::replication(&shape, 2, 5_000, ODDS);
        let summary = fake.summary(&shape);
        let count = |is: &dyn Fn(&Fact) -> bool| fake.facts.iter().filter(|f| is(f)).count() as u64;
        let of_cohort = |is: &dyn Fn(&TopUp) -> bool| {
            count(&|fact| matches!(fact, Fact::TopUp(t) if t.in_cohort && is(t)))
        };
        assert_eq!(summary.all.top_ups, of_cohort(&|_| true));
        assert!(summary.all.top_ups < 5_000, "warm-up and drain are not in the cohort");
        assert_eq!(summary.all.successes(), of_cohort(&|t| t.outcome.is_success()));
        assert_eq!(summary.banks[2].top_ups, of_cohort(&|t| t.groups.bank == 2));
        let in_window = of_cohort(&|t| shape.windows[0].holds(t.born));
        assert_eq!(summary.windows[0].top_ups, in_window);
        assert!(in_window > 10, "the test sees some");
        let orphan = Marks::ORPHAN;
        assert_eq!(summary.all.marked(orphan), of_cohort(&|t| t.marks.has(orphan)));
        assert!(summary.all.marked(orphan) > 10, "the test sees some");
        let attempts =
            count(&|fact| matches!(fact, Fact::Attempt { at, .. } if shape.horizon.in_cohort(*at)));
        assert_eq!(summary.loads.attempts, attempts);
        let refunds = count(&|fact| matches!(fact, Fact::Refunded { in_cohort: true, .. }));
        assert_eq!(summary.refunds.all_rails().latency.count(), refunds);
        let refused = count(&|fact| matches!(fact, Fact::CaseRefused { in_cohort: true, .. }));
        let disputed = count(&|fact| matches!(fact, Fact::Disputed { in_cohort: true, .. }));
        assert_eq!((summary.refunds.refused, summary.refunds.disputed), (refused, disputed));
        assert!(refused > 10 && summary.refunds.lost > 0, "the test sees some");
        let requests = &summary.refunds.requests;
        let asked = count(&|fact| matches!(fact, Fact::Requested { in_cohort: true, .. }));
        let back = count(&|fact| matches!(fact, Fact::RequestRefunded { in_cohort: true, .. }));
        assert_eq!((requests.all(), requests.latency.count()), (asked, back));
        assert_eq!((requests.accepted, summary.refunds.contacts), (back, back));
        assert!(back > 10 && requests.too_late > 10 && requests.refunded > 0, "the test sees some");
        assert_eq!(summary.call_latency.count(), summary.all.top_ups);
        assert_eq!(summary.credit_latency_of_all().count(), summary.all.credits);
    }

    #[test]
    fn a_timeline_has_every_arrival_before_the_end_of_the_run() {
        let shape = small();
        let fake = fake::replication(&shape, 3, 2_000, ODDS);
        let timeline = fake.summary(&shape).timeline;
        let born = fake.facts.iter().filter(
            |fact| matches!(fact, Fact::TopUp(top_up) if top_up.born < shape.horizon.length),
        );
        assert_eq!(timeline.buckets.iter().map(|b| b.arrivals).sum::<u64>(), born.count() as u64);
        let first: u64 = timeline.buckets.iter().map(|bucket| bucket.attempts[0]).sum();
        assert_eq!(first, timeline.buckets.iter().map(|b| b.arrivals).sum::<u64>());
        let beyond: u64 = timeline.buckets.iter().map(|bucket| bucket.attempts[3]).sum();
        let told = fake.facts.iter().filter(
            |fact| matches!(fact, Fact::Attempt { at, number: 4.. } if *at < shape.horizon.length),
        );
        assert_eq!(beyond, told.count() as u64);
    }

    #[test]
    fn loads_go_by_the_time_of_the_event() {
        let shape = small();
        let mut recorder = Recorder::of_shape(&shape);
        let second = SECOND;
        for at in [0, second - 1, second, 2 * second, 2 * second + 1, 10 * second] {
            recorder.note(Fact::Attempt { at, number: 1 });
        }
        for (at, latency) in [(second / 2, 1), (3 * second, second), (9 * second, 6 * second)] {
            recorder.note(Fact::Credited {
                at,
                latency,
                amount: 100,
                channel: 0,
                first: true,
                first_cause: None,
                in_cohort: false,
            });
        }
        let summary = recorder.close(fake::replication(&shape, 0, 0, ODDS).ending);
        assert_eq!((summary.loads.attempts, summary.loads.peak_attempts), (3, 2));
        assert_eq!(summary.loads.goodput, 1, "early, in time, late");
    }
}
