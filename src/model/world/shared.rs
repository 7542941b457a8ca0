//! State that journeys share: pools, limiters, budgets, the desk; and the core traffic beside them.

use super::instance::Instance;
use super::overload::Overload;
use super::{EARLY, Event, Measured, Rank, Simulation};
use crate::engine::{Admission, Class, Ewma, Gcra, Granted, Pool, PoolClass};
use crate::engine::{PoolTotals, Seed, Stream};
use crate::model::facts::{Fact, JobClass, Observer};
use crate::model::gateway::Bulkhead;
use crate::model::plan::Plan;
use crate::model::purpose::Purpose;
use crate::model::story::Task;

/// A job in a pool of the gateway or at the refund desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Job {
    /// Place of the journey; `u32::MAX` for core traffic.
    pub(super) slot: u32,
    pub(super) attempt: u8,
    pub(super) sub: u8,
    pub(super) kind: JobKind,
}

/// What a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JobKind {
    Attempt = 0,
    Query = 1,
    Status = 2,
    Core = 3,
    Notice = 4,
    Close = 5,
    /// At the desk only: a user who asks about a case.
    Contact = 6,
    /// A page before the order.
    Page = 7,
}

impl Job {
    /// The number by which a story tells it, from 1: of its attempt, or of the page.
    pub(super) fn told(self) -> u8 {
        1 + if self.kind == JobKind::Page { self.sub } else { self.attempt }
    }
}

impl JobKind {
    /// The job as a story tells it; nobody follows core traffic, and the desk tells of
    /// its own.
    pub(super) fn task(self) -> Task {
        match self {
            Self::Attempt | Self::Core | Self::Contact => Task::Attempt,
            Self::Query => Task::Query,
            Self::Status => Task::Status,
            Self::Notice => Task::Notice,
            Self::Close => Task::Close,
            Self::Page => Task::Page,
        }
    }
}

/// Everything shared.
pub(super) struct Shared {
    pub(super) pools: Vec<Pool<Job>>,
    /// Smoothed utilisation of each pool, of 2^16.
    utilisation: Vec<Ewma>,
    pub(super) providers: Vec<Option<Gcra>>,
    pub(super) banks: Vec<Option<Gcra>>,
    /// Processes of the app that hold state of its policy.
    pub(super) clients: Vec<Instance>,
    /// Processes of the gateway that hold state of its policy towards providers.
    pub(super) gateways: Vec<Instance>,
    pub(super) desk: Option<Pool<Job>>,
    /// People of the stations.
    pub(super) stations: Vec<Pool<Job>>,
    pub(super) overload: Overload,
    /// When a case last reached or left the desk, ns.
    pub(super) desk_touched: u64,
    /// Core arrivals generated so far, by pool.
    core_arrivals: Vec<u64>,
    /// Core services begun so far, by pool.
    core_services: Vec<u64>,
}

impl Shared {
    pub(super) fn new(plan: &Plan, seed: Seed, bucket: Option<(u64, usize)>) -> Self {
        let gateway = &plan.gateway;
        let pools = match gateway.bulkhead {
            Bulkhead::None => 1,
            Bulkhead::PerChannel => plan.channels.len(),
        };
        let pool = || {
            let queue = &gateway.queue;
            let pool = Pool::new(gateway.workers, queue.max).in_order(queue.order);
            match bucket {
                Some((width, count)) => pool.with_buckets(width, count),
                None => pool,
            }
        };
        let smoothing = gateway.shed.map_or(1_000_000_000, |s| s.2);
        Self {
            pools: (0..pools).map(|_| pool()).collect(),
            utilisation: (0..pools).map(|_| Ewma::new(smoothing)).collect(),
            providers: plan.providers.iter().map(|p| p.capacity).collect(),
            banks: plan.banks.banks.iter().map(|_| plan.banks.capacity).collect(),
            clients: Instance::of_client(plan),
            gateways: Instance::of_gateway(plan),
            desk: plan.refunds.staff.map(|staff| Pool::new(staff, None)),
            stations: plan
                .remedies
                .stations
                .iter()
                .map(|station| Pool::new(station.staff.unwrap_or(u32::MAX), None))
                .collect(),
            overload: Overload::new(plan, seed, pools),
            desk_touched: 0,
            core_arrivals: vec![0; pools],
            core_services: vec![0; pools],
        }
    }

    pub(super) fn measure_from(&mut self, now: u64) {
        for pool in self.pools.iter_mut().chain(&mut self.stations) {
            pool.measure_from(now);
        }
    }

    pub(super) fn finish(&mut self, now: u64) -> Measured {
        let totals = |pools: &mut Vec<Pool<Job>>| -> Vec<PoolTotals> {
            pools.iter_mut().map(|pool| pool.finish(now)).collect()
        };
        Measured { pools: totals(&mut self.pools), stations: totals(&mut self.stations) }
    }

    /// The pool that serves a channel.
    #[inline]
    pub(super) fn pool_of(&self, channel: u8) -> u8 {
        if self.pools.len() > 1 { channel } else { 0 }
    }

    /// Follows the utilisation of a pool after it changed.
    #[inline]
    fn follow(&mut self, pool: u8, now: u64) {
        let p = &self.pools[pool as usize];
        let level = (u64::from(p.busy()) << 16) / u64::from(p.servers().max(1));
        self.utilisation[pool as usize].update(now, level.min(1 << 16) as u32);
    }
}

impl<O: Observer> Simulation<'_, O> {
    /// A job arrives at a pool. False: it was refused.
    #[inline]
    pub(super) fn pool_arrive(&mut self, pool: u8, class: PoolClass, job: Job) -> Admission {
        let now = self.now;
        let admission = self.shared.pools[pool as usize].arrive(now, class, job);
        if self.plan.gateway.shed.is_some() {
            self.shared.follow(pool, now);
        }
        admission
    }

    /// As before, for a job that stands behind all others who wait.
    pub(super) fn pool_arrive_behind(&mut self, pool: u8, job: Job) -> Admission {
        let now = self.now;
        let admission = self.shared.pools[pool as usize].arrive_behind(now, job);
        if self.plan.gateway.shed.is_some() {
            self.shared.follow(pool, now);
        }
        admission
    }

    /// A worker is free; the next job, if any waits, begins.
    #[inline]
    pub(super) fn pool_release(&mut self, pool: u8) {
        let now = self.now;
        if self.plan.gateway.queue.is_screened {
            return self.release_screened(pool);
        }
        let granted = self.shared.pools[pool as usize].release(now);
        self.begin_next(pool, granted);
    }

    /// As before, where those whose turn comes are looked at first.
    fn release_screened(&mut self, pool: u8) {
        let now = self.now;
        self.shared.pools[pool as usize].free(now);
        self.screen(pool);
        let granted = self.shared.pools[pool as usize].grant_idle(now);
        self.begin_next(pool, granted);
    }

    /// Who was granted the worker that became free, if anybody was, begins.
    #[inline]
    fn begin_next(&mut self, pool: u8, granted: Option<Granted<Job>>) {
        let now = self.now;
        if self.plan.gateway.shed.is_some() {
            self.shared.follow(pool, now);
        }
        if let Some(granted) = granted {
            if let Some(job) = self.shared.pools[pool as usize].ahead(EARLY) {
                self.journeys.prefetch(job.slot);
            }
            self.begin_granted(pool, granted);
        }
    }

    /// A job that waited is granted a worker.
    pub(super) fn begin_granted(&mut self, pool: u8, granted: Granted<Job>) {
        let job = granted.job;
        let wait = self.now - granted.arrived_at;
        if job.kind != JobKind::Core {
            self.journeys[job.slot].blocked -= 1;
            self.woken.push(job.slot);
            if job.kind == JobKind::Attempt {
                self.forget_lapse(job.slot, job.attempt);
            }
        }
        self.begin_service(pool, job, wait);
    }

    /// Whether admission control turns a top-up away: none below `from`, all above `full`.
    #[inline]
    pub(super) fn is_shed(&mut self, pool: u8, slot: u32, k: u8) -> bool {
        let Some((from, full, _)) = self.plan.gateway.shed else { return false };
        let level = u64::from(self.shared.utilisation[pool as usize].level_at(self.now));
        if level <= from {
            return false;
        }
        let share = ((level - from) << 32) / (full - from).max(1);
        self.journeys[slot].stream.draw(Purpose::Shed, u16::from(k), 0).hits(share.min(1 << 32))
    }

    pub(super) fn change_capacity(&mut self, workers_q16: u32) {
        let workers = (u64::from(self.plan.gateway.workers) * u64::from(workers_q16)) >> 16;
        for pool in 0..self.shared.pools.len() as u8 {
            let now = self.now;
            self.shared.pools[pool as usize].set_servers(now, workers as u32);
            loop {
                if self.plan.gateway.queue.is_screened {
                    self.screen(pool);
                }
                let granted = self.shared.pools[pool as usize].grant_idle(now);
                let Some(granted) = granted else { break };
                self.begin_granted(pool, granted);
            }
            self.shared.follow(pool, now);
        }
    }

    // ---- core traffic

    pub(super) fn next_core_arrival(&mut self, pool: u8, from: u64) {
        let Some((gap, _)) = &self.plan.gateway.core_traffic else { return };
        let number = self.shared.core_arrivals[pool as usize];
        let draw = self.core_stream(pool, number).draw(Purpose::Core, 0, 0);
        let at = from + gap.at(draw.quantile());
        if at < self.plan.horizon.last_arrival() {
            let entity = number << 8 | u64::from(pool);
            self.at(at, Rank::Core, entity & 0x3f_ffff_ffff, Event::CoreArrive { pool });
        }
    }

    /// The stream of a core job; with bulkheads it belongs to the channel, whatever its place.
    fn core_stream(&self, pool: u8, number: u64) -> Stream {
        let key = match self.plan.gateway.bulkhead {
            Bulkhead::None => 0,
            Bulkhead::PerChannel => self.plan.channels[pool as usize].key,
        };
        self.seed.stream(Class::Core, number << 8).about(key)
    }

    pub(super) fn core_arrive(&mut self, pool: u8) {
        let job = Job { slot: u32::MAX, attempt: 0, sub: 0, kind: JobKind::Core };
        match self.pool_arrive(pool, PoolClass::Core, job) {
            Admission::Served => self.begin_service(pool, job, 0),
            Admission::Waits(_) => {}
            Admission::Refused => {
                self.note(Fact::TurnedAway {
                    at: self.now,
                    pool,
                    class: JobClass::Core,
                    shed: false,
                });
            }
        }
        self.shared.core_arrivals[pool as usize] += 1;
        self.next_core_arrival(pool, self.now);
    }

    pub(super) fn core_service(&mut self, pool: u8, wait: u64) {
        let Some((_, service)) = &self.plan.gateway.core_traffic else { return };
        // the service belongs to the worker's turn: keyed by how many began before
        let turn = self.shared.core_services[pool as usize];
        self.shared.core_services[pool as usize] += 1;
        let draw = self.core_stream(pool, turn).draw(Purpose::Core, 1, 0);
        let mut service = service.at(draw.quantile());
        let done = self.served_at(&mut service);
        let done = self.crash_before(done).unwrap_or(done);
        self.note(Fact::Served { at: self.now, pool, class: JobClass::Core, wait, service });
        self.at(
            done,
            Rank::Completion,
            (turn << 8 | u64::from(pool)) & 0x3f_ffff_ffff,
            Event::CoreDone { pool },
        );
    }

    pub(super) fn core_done(&mut self, pool: u8) {
        self.pool_release(pool);
    }
}
