//! One replication: journeys that run ahead to their next touch of shared state.

mod advice;
mod annex;
mod answer;
mod app;
mod arrive;
mod automatic;
mod breaks;
mod choose;
mod close;
mod closing;
mod dispute;
mod failover;
mod form;
mod gate;
mod guard;
mod help;
mod idempotency;
mod instance;
mod journey;
mod overload;
mod pay;
mod pending;
mod progress;
mod queries;
mod remedy;
mod repair;
mod request;
mod scheme;
mod settle;
mod shared;
mod step;
mod user;

use crate::engine::{Class, Due, Entry, HeapQueue, NS_MAX, Pool, Seed, SideTable, Slab};
pub use crate::engine::{ClassTotals, PoolTotals};
use crate::model::facts::{Fact, Observer};
use crate::model::incident::Timelines;
use crate::model::ledger::{Ledger, LedgerTotals};
use crate::model::plan::Plan;
use crate::model::story::Moment;
use annex::Annex;
use arrive::Newcomers;
use journey::{Journey, STEPS_KEPT};
use pending::{Event, Pending, Rank};
use remedy::Deeds;
use shared::{Job, Shared};
use step::{Step, Touches};

/// How journeys move; both give the same results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// A journey runs ahead to its next touch of shared state (the fast way).
    #[default]
    RunAhead,
    /// Every step waits for the global clock, in a binary heap: the plain simulation, for tests.
    EventPerHop,
}

/// How far a replication has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Under way; the global clock in ns.
    Running {
        /// The global clock, ns.
        now: u64,
    },
    /// Nothing is left to happen.
    Finished,
}

/// What a replication leaves beside its facts.
#[derive(Clone, Debug)]
pub struct Totals {
    /// The gateway's pools over the measured time, in the order of `Plan::pools`.
    pub pools: Vec<PoolTotals>,
    /// The same by bucket of time, where buckets were asked for.
    pub pool_buckets: Vec<Vec<crate::engine::Integrals>>,
    /// The refund desk, where staff are limited.
    pub desk: Option<PoolTotals>,
    /// The stations over the measured time, in the order of their names.
    pub stations: Vec<PoolTotals>,
    /// The ledger at the end.
    pub ledger: LedgerTotals,
    /// Top-ups that arrived, measured or not.
    pub journeys: u64,
    /// Events of the global queue.
    pub events: u64,
    /// Steps of journeys.
    pub steps: u64,
    /// The most records that were live at once.
    pub peak_live: u64,
}

/// Bytes of the record of one top-up under way.
pub const RECORD_BYTES: usize = size_of::<Journey>();

/// Places in the queue between the event in hand and the record that is touched early.
const EARLY: usize = 4;

/// One replication under way.
pub struct Simulation<'p, O: Observer> {
    plan: &'p Plan,
    seed: Seed,
    timelines: Timelines,
    touches: Touches,
    pending: Pending,
    journeys: Slab<Journey>,
    spilled: SideTable<Vec<Due>>,
    /// What users have done about failures.
    deeds: SideTable<Deeds>,
    annexes: SideTable<Annex>,
    /// When the user of a journey asked for the money back after a success, ns.
    requests: SideTable<u64>,
    newcomers: Newcomers<'p>,
    shared: Shared,
    ledger: Ledger,
    observer: O,
    /// The clock of the step in hand; a journey that runs ahead is ahead of the global one.
    now: u64,
    /// Journeys that were granted a worker, or refused one, by somebody else's step.
    woken: Vec<u32>,
    events: u64,
    steps: u64,
    finished: bool,
    measured: Measured,
}

/// Totals taken at the end of the measured time.
#[derive(Default)]
struct Measured {
    pools: Vec<PoolTotals>,
    stations: Vec<PoolTotals>,
}

impl<'p, O: Observer> Simulation<'p, O> {
    /// A replication at its start. `bucket` (width in ns, number) asks for pool totals by time.
    pub fn new(
        plan: &'p Plan,
        seed: u64,
        replication: u64,
        pace: Pace,
        bucket: Option<(u64, usize)>,
        observer: O,
    ) -> Self {
        let seed = Seed::new(seed, replication);
        let timelines = plan.incidents.realise(seed);
        let (touches, pending) = match pace {
            Pace::RunAhead => (Touches::of(plan), Pending::wheel(plan)),
            Pace::EventPerHop => (Touches::all(), Pending::Heap(HeapQueue::default())),
        };
        let mut simulation = Self {
            plan,
            seed,
            touches,
            pending,
            journeys: Slab::default(),
            spilled: SideTable::default(),
            deeds: SideTable::default(),
            annexes: SideTable::default(),
            requests: SideTable::default(),
            newcomers: Newcomers::new(plan, seed),
            shared: Shared::new(plan, seed, bucket),
            ledger: Ledger::new(plan.channels.len()),
            observer,
            now: 0,
            woken: Vec::new(),
            events: 0,
            steps: 0,
            finished: false,
            measured: Measured::default(),
            timelines,
        };
        simulation.schedule_edges();
        simulation
    }

    /// Edges known from the start: arrivals, capacity, core traffic, the measured time.
    fn schedule_edges(&mut self) {
        let horizon = self.plan.horizon;
        self.at(horizon.warmup, Rank::Edge, 0, Event::MeasureFrom);
        self.at(horizon.length, Rank::Edge, 1, Event::MeasureTo);
        for (i, (at, share)) in self.timelines.gateway.capacity_edges().into_iter().enumerate() {
            let workers_q16 = share as u32;
            self.at(at, Rank::Edge, 2 + i as u64, Event::Capacity { workers_q16 });
        }
        if let Some(first) = self.newcomers.next_at() {
            self.at(first, Rank::TopUp, 0, Event::Arrivals);
        }
        if self.plan.gateway.core_traffic.is_some() {
            for pool in 0..self.shared.pools.len() as u8 {
                self.next_core_arrival(pool, 0);
            }
        }
    }

    /// Moves on by up to `events` events of the global queue.
    pub fn advance(&mut self, events: u64) -> Progress {
        for _ in 0..events {
            let Some(entry) = self.pending.pop() else {
                self.finished = true;
                return Progress::Finished;
            };
            self.events += 1;
            self.now = entry.at;
            self.touch_early();
            self.happen(entry);
            while let Some(slot) = self.woken.pop() {
                // one whose work was dropped may have ended by itself, or been woken twice
                if self.journeys.contains(slot) {
                    self.run(slot, entry.at, false);
                }
            }
        }
        Progress::Running { now: self.now }
    }

    /// Asks for the record of an event a few places ahead, so that it is at hand at its turn.
    #[inline]
    fn touch_early(&self) {
        if let Some(Event::Journey { slot }) = self.pending.ahead(EARLY) {
            self.journeys.prefetch(slot);
        }
    }

    fn happen(&mut self, entry: Entry<Event>) {
        match entry.event {
            Event::Journey { slot } => {
                if self.is_due(slot, &entry) {
                    self.run(slot, entry.at, true);
                }
            }
            Event::Arrivals => self.arrive_block(),
            Event::CoreArrive { pool } => self.core_arrive(pool),
            Event::CoreDone { pool } => self.core_done(pool),
            Event::Capacity { workers_q16 } => self.change_capacity(workers_q16),
            Event::MeasureFrom => self.shared.measure_from(self.now),
            Event::MeasureTo => self.measured = self.shared.finish(self.now),
        }
    }

    /// Whether an entry still holds: it is stale when its journey has ended, or has another next
    /// step by now.
    #[inline]
    fn is_due(&self, slot: u32, entry: &Entry<Event>) -> bool {
        if !self.journeys.contains(slot) {
            return false;
        }
        let journey = &self.journeys[slot];
        journey
            .calendar
            .next()
            .is_some_and(|due| due.at <= entry.at && self.tie(journey.id(), due.tag) == entry.tie)
    }

    /// Runs a journey to its next touch of shared state; `due`: its next step is at the global
    /// clock.
    fn run(&mut self, slot: u32, global: u64, mut due: bool) {
        loop {
            let journey = &mut self.journeys[slot];
            let Some(next) = journey.calendar.next() else {
                if journey.calendar.wants_refill() {
                    self.refill(slot);
                    continue;
                }
                if journey.blocked == 0 {
                    self.close(slot);
                }
                return;
            };
            if !due && self.touches.holds(journey, next.step()) {
                if next.is_queued() {
                    return;
                }
                journey.calendar.mark_next();
                let tie = self.tie(self.journeys[slot].id(), next.tag);
                let event = Event::Journey { slot };
                return self.pending.push(Entry { at: next.at.max(global), tie, event });
            }
            due = false;
            journey.calendar.pop();
            self.now = next.at;
            self.steps += 1;
            self.step(slot, next);
        }
    }

    /// One step of a journey: the table of contents of the model. A top-up passes through more code
    /// than the processor's first cache holds, so the steps that few top-ups take are `#[cold]`:
    /// the code of the others lies closer together.
    #[inline]
    fn step(&mut self, slot: u32, due: Due) {
        let (k, n) = (due.attempt(), due.sub() as u8);
        match Step::of(due.step()) {
            Step::Enter => self.enter(slot, k, due.payload()),
            Step::Send => self.send(slot, n),
            Step::Resubmit => self.resubmit(slot, k, n),
            Step::ClientTimeout => self.client_timeout(slot, k, (n, due.payload())),
            Step::ClientHears => self.client_hears(slot, k, due.payload()),
            Step::QuerySend => self.query_send(slot, k, n),
            Step::QueryTimeout => self.query_timeout(slot, k, n),
            Step::QueryHears => self.query_hears(slot, k, due.payload()),
            Step::GatewayArrive => self.gateway_arrive(slot, k),
            Step::QueueLapse => self.queue_lapse(slot, k, due.payload()),
            Step::GatewayDone => self.gateway_done(slot, k),
            Step::GatewayCrash => self.gateway_crash(slot, k, n, due.payload()),
            Step::ProviderAgain => self.provider_again(slot, k, n, due.payload()),
            Step::ProviderArrive => self.provider_arrive(slot, k, n),
            Step::BankDone => self.bank_done(slot, k, n),
            Step::GatewayHears => self.gateway_hears(slot, k, n, due.payload()),
            Step::ProviderTimeout => self.provider_timeout(slot, k, due.payload()),
            Step::QueryArrive => self.query_arrive(slot, k, n),
            Step::QueryDone => self.query_done(slot, k, n),
            Step::StatusStart => self.status_start(slot, k, n),
            Step::StatusDone => self.status_done(slot, k, n),
            Step::StatusAsked => self.status_asked(slot, k, n),
            Step::StatusHears => self.status_hears(slot, k, n, due.payload()),
            Step::NotifyArrive => self.notify_arrive(slot, k, n),
            Step::NotifyDone => self.notify_done(slot, k),
            Step::Credit => self.credit(slot, k),
            Step::Notice => self.notice(slot, k),
            Step::Reconcile => self.reconcile(slot, k),
            Step::Review => self.review(slot, k, due.payload()),
            Step::Reviewed => self.reviewed(slot, k, due.payload()),
            Step::Refund => self.refund(slot, k, due.payload()),
            Step::Dispute => self.dispute(slot, k),
            Step::Verdict => self.verdict(slot, k),
            Step::Seek => self.seek(slot, k, n),
            Step::Helped => self.helped(slot, k, n),
            Step::CloseStart => self.close_start(slot, k, n),
            Step::CloseDone => self.close_done(slot, k, n),
            Step::CloseAsked => self.close_asked(slot, k, n),
            Step::CloseHears => self.close_hears(slot, k, n, due.payload()),
            Step::Request => self.request(slot, k),
            Step::Word => self.word(slot, k, due.payload()),
            Step::AskAgain => self.ask_again(slot, k, n),
            Step::Contacted => self.contacted(slot, k, n),
            Step::Page => self.page(slot, n),
            Step::PageDone => self.page_done(slot, n),
            Step::Again => self.again(slot, k),
            Step::Hedge => self.hedge(slot, k, (n, due.payload())),
        }
    }

    /// Ends the replication: asserts the laws and gives back what was seen.
    ///
    /// # Panics
    /// If the replication has not finished, or a law of the ledger does not hold.
    pub fn finish(mut self) -> (Totals, O) {
        assert!(self.finished, "a replication is finished when nothing is left to happen");
        assert_eq!(self.journeys.live(), 0, "every journey ends");
        self.ledger.check();
        let buckets = self.shared.pools.iter_mut().map(|p| p.buckets().to_vec()).collect();
        // the desk is measured up to its last case: the clock of whoever ran last is nobody's time
        let until = self.shared.desk_touched;
        let desk = self.shared.desk.as_mut().map(|desk: &mut Pool<Job>| desk.finish(until));
        let totals = Totals {
            pools: self.measured.pools,
            stations: self.measured.stations,
            pool_buckets: buckets,
            desk,
            ledger: self.ledger.totals(),
            journeys: self.newcomers.generated(),
            events: self.events,
            steps: self.steps,
            peak_live: self.journeys.peak() as u64,
        };
        (totals, self.observer)
    }

    // ---- calendars

    /// Rank (2 bits), journey (38 bits), step (6), attempt (4) and sub (10): the total order at an
    /// instant.
    #[inline]
    fn tie(&self, id: u64, tag: u32) -> u64 {
        let (step, attempt, sub) = (tag >> 24, tag >> 16 & 0xf, tag & 0x3ff);
        let order = u64::from(step << 14 | attempt << 10 | sub);
        (Rank::TopUp as u64) << 62 | (id & 0x3f_ffff_ffff) << 20 | order
    }

    #[inline]
    fn at(&mut self, at: u64, rank: Rank, entity: u64, event: Event) {
        let tie = (rank as u64) << 62 | entity << 20;
        self.pending.push(Entry { at: at.min(NS_MAX), tie, event });
    }

    /// Puts a step into a journey's calendar; time ends at [`NS_MAX`].
    #[inline]
    fn plan_step(&mut self, slot: u32, at: u64, step: Step, k: u8, n: u8, payload: u32) {
        let due = Due::new(at.min(NS_MAX), step as u8, k, u16::from(n), payload);
        if let Some(latest) = self.journeys[slot].calendar.add(due) {
            self.spill(slot, latest);
        }
    }

    #[cold]
    fn spill(&mut self, slot: u32, due: Due) {
        self.spilled.entry(slot).or_default().push(due);
    }

    #[cold]
    fn refill(&mut self, slot: u32) {
        let mut spilled = self.spilled.remove(&slot).expect("spilled steps are in the side table");
        self.journeys[slot].calendar.refill(&mut spilled);
        if !spilled.is_empty() {
            self.spilled.insert(slot, spilled);
        }
    }

    /// A step of an attempt that is still to come, wherever it is kept.
    fn pending_step(&self, slot: u32, step: Step, k: u8) -> Option<Due> {
        let tag = Due::tag(step as u8, k, 0);
        let is_it = |due: &&Due| due.tag & 0xffff_0000 == tag;
        let spilled = || self.spilled.get(&slot).and_then(|spilled| spilled.iter().find(is_it));
        self.journeys[slot].calendar.iter().find(is_it).or_else(spilled).copied()
    }

    /// Takes a step out of a journey's calendar: a timer that lost its race.
    #[inline]
    fn cancel(&mut self, slot: u32, step: Step, k: u8) {
        let tag = Due::tag(step as u8, k, 0);
        let is_it = |due: &Due| due.tag & 0xffff_0000 == tag;
        if self.journeys[slot].calendar.remove(is_it).is_none()
            && let Some(spilled) = self.spilled.get_mut(&slot)
        {
            self.journeys[slot].calendar.remove_spilled(spilled, is_it);
        }
    }

    #[inline(always)]
    fn note(&mut self, fact: Fact) {
        self.observer.note(fact);
    }

    /// Tells whoever follows journeys what happens to one now.
    #[inline]
    fn tell(&mut self, slot: u32, moment: Moment) {
        self.tell_at(slot, self.now, moment);
    }

    /// The same for an instant that is known ahead, or was before.
    #[inline]
    fn tell_at(&mut self, slot: u32, at: u64, moment: Moment) {
        if O::FOLLOWS {
            self.observer.follow(self.journeys[slot].id(), at, moment);
        }
    }

    #[inline]
    fn in_cohort(&self, slot: u32) -> bool {
        self.plan.horizon.in_cohort(self.journeys[slot].born)
    }

    fn journey_stream(&self, id: u64) -> crate::engine::Stream {
        self.seed.stream(Class::Journey, id)
    }
}

const _: () = assert!(size_of::<Entry<Event>>() <= 24, "an entry of the queue is three words");
const _: () = assert!(STEPS_KEPT >= 4, "an attempt under way needs four steps");

#[cfg(test)]
mod tests;
