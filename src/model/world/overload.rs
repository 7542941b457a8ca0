//! Overload controls at work: who is turned away at the door, and who leaves the queue unserved.

use std::collections::BTreeMap;

use super::Simulation;
use super::answer::Answer;
use super::shared::{Job, JobKind};
use super::step::Step;
use crate::engine::{Class, CoDel, Gcra, Granted, Limit, Sample, Seed, Ticket};
use crate::model::cause::Cause;
use crate::model::facts::{Fact, JobClass, Observer};
use crate::model::gateway::Bulkhead;
use crate::model::overload::{LimitRule, Per};
use crate::model::plan::Plan;
use crate::model::purpose::Purpose;
use crate::model::story::{Control, Moment, Task};

/// State of the controls; each part is empty where it is not configured.
pub(super) struct Overload {
    /// By pool.
    limits: Vec<InProgress>,
    /// By pool, or by process of the app's backend.
    rates: Vec<Gcra>,
    /// By pool.
    codels: Vec<CoDel>,
}

/// The attempts in progress at a pool, and the limit on them.
struct InProgress {
    limit: Limit,
    /// By slot and attempt: when it was admitted, and how many were in progress then.
    attempts: BTreeMap<(u32, u8), (u64, u32)>,
}

/// How an attempt leaves the gateway's workers or their queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// A worker has done its work.
    Served,
    /// Unserved.
    Dropped,
    /// With a process that crashed: it says nothing about the load.
    Crashed,
}

impl Overload {
    pub(super) fn new(plan: &Plan, seed: Seed, pools: usize) -> Self {
        let gateway = &plan.gateway;
        let limit = |pool: usize, rule: LimitRule| InProgress {
            limit: match rule {
                LimitRule::Gradient2(rule) => Limit::gradient2(rule),
                LimitRule::Aimd(rule) => Limit::aimd(rule),
                LimitRule::Vegas(rule) => {
                    // with bulkheads the luck is the channel's, whatever its place
                    let key = match gateway.bulkhead {
                        Bulkhead::None => 0,
                        Bulkhead::PerChannel => plan.channels[pool].key,
                    };
                    let luck = seed.stream(Class::Instance, 0).about(key);
                    Limit::vegas(rule, luck, Purpose::Probe as u8)
                }
            },
            attempts: BTreeMap::new(),
        };
        let limits = gateway.limit.iter().flat_map(|&rule| (0..pools).map(move |p| limit(p, rule)));
        let rates = gateway.rate.iter().flat_map(|rate| {
            let sources = match rate.per {
                Per::Pool => pools,
                Per::Client => plan.client.instances.max(1) as usize,
            };
            vec![rate.limiter; sources]
        });
        let codels = gateway.queue.codel.iter();
        let codels =
            codels.flat_map(|&(target, interval)| vec![CoDel::new(target, interval); pools]);
        Self { limits: limits.collect(), rates: rates.collect(), codels: codels.collect() }
    }
}

impl<O: Observer> Simulation<'_, O> {
    // ---- at the door

    /// What turns an attempt away at the gateway's door, before the queue.
    #[inline]
    pub(super) fn turned_away(&mut self, pool: u8, slot: u32, k: u8) -> Option<Control> {
        if !self.plan.gateway.has_door {
            return None;
        }
        self.stopped_at_door(pool, slot, k)
    }

    fn stopped_at_door(&mut self, pool: u8, slot: u32, k: u8) -> Option<Control> {
        let gateway = &self.plan.gateway;
        if gateway.rate.is_some() && !self.is_within_rate(pool, slot) {
            return Some(Control::Rate);
        }
        if gateway.shed.is_some() && self.is_shed(pool, slot, k) {
            return Some(Control::Shed);
        }
        let limit = self.shared.overload.limits.get(pool as usize)?;
        let in_progress = limit.attempts.len() as u32;
        (!limit.limit.admits(in_progress)).then_some(Control::Limit)
    }

    fn is_within_rate(&mut self, pool: u8, slot: u32) -> bool {
        let per = self.plan.gateway.rate.map_or(Per::Pool, |rate| rate.per);
        let source = match per {
            Per::Pool => usize::from(pool),
            Per::Client => self.client_process(slot),
        };
        let now = self.now;
        self.shared.overload.rates[source].admit(now)
    }

    /// An attempt finds no entrance.
    pub(super) fn turn_away(&mut self, pool: u8, slot: u32, k: u8, by: Control) {
        let (task, attempt) = (Task::Attempt, k + 1);
        self.tell(slot, Moment::TurnedAway { task, attempt, by });
        let shed = by != Control::Full;
        let class = self.class_of(Job { slot, attempt: k, sub: 0, kind: JobKind::Attempt });
        self.note(Fact::TurnedAway { at: self.now, pool, class, shed });
        let cause = match by {
            Control::Rate => Cause::TooManyRequests,
            Control::Shed | Control::Limit => Cause::LoadSheddingTopup,
            Control::Full | Control::CoDel | Control::Abandoned => Cause::ServerOverload,
        };
        self.answer(slot, k, Answer::Refused(cause).into());
    }

    /// Whether an attempt stands behind all others: it is not the first of its entry.
    #[inline]
    pub(super) fn stands_behind(&self, slot: u32, k: u8) -> bool {
        self.plan.gateway.priority.is_some() && self.is_repeated(slot, k)
    }

    /// A job of a journey by its turn.
    #[inline]
    pub(super) fn class_of(&self, job: Job) -> JobClass {
        if self.plan.gateway.priority.is_none() {
            return JobClass::TopUp;
        }
        match job.kind == JobKind::Attempt && self.is_repeated(job.slot, job.attempt) {
            true => JobClass::Repeated,
            false => JobClass::First,
        }
    }

    #[cold]
    fn is_repeated(&self, slot: u32, k: u8) -> bool {
        let journey = &self.journeys[slot];
        journey.first_attempts[usize::from(journey.entry_of(k))] != k
    }

    // ---- in progress

    /// An attempt is in the gateway's hands.
    #[inline]
    pub(super) fn is_in_progress(&mut self, pool: u8, slot: u32, k: u8) {
        if self.plan.gateway.limit.is_some() {
            self.count_in(pool, slot, k);
        }
    }

    #[cold]
    fn count_in(&mut self, pool: u8, slot: u32, k: u8) {
        let now = self.now;
        if let Some(limit) = self.shared.overload.limits.get_mut(pool as usize) {
            let number = limit.attempts.len() as u32 + 1;
            limit.attempts.insert((slot, k), (now, number));
        }
    }

    /// An attempt is in its hands no longer.
    #[inline]
    fn leaves(&mut self, pool: u8, slot: u32, k: u8, left: Left) {
        if self.plan.gateway.limit.is_some() {
            self.count_out(pool, slot, k, left);
        }
    }

    #[cold]
    fn count_out(&mut self, pool: u8, slot: u32, k: u8, left: Left) {
        let now = self.now;
        let Some(limit) = self.shared.overload.limits.get_mut(pool as usize) else { return };
        let root = self.journeys[slot].root_of(k);
        let known = limit.attempts.remove(&(slot, root));
        let (admitted, in_progress) = known.expect("who leaves was admitted");
        if left != Left::Crashed {
            let dropped = left == Left::Dropped;
            limit.limit.sample(now, Sample { latency: now - admitted, in_progress, dropped });
        }
    }

    /// The worker of an attempt is free.
    pub(super) fn release_attempt(&mut self, slot: u32, k: u8, left: Left) {
        let pool = self.pool_of(slot, k);
        self.leaves(pool, slot, k, left);
        self.pool_release(pool);
    }

    // ---- in the queue

    /// How long an attempt that begins to wait now will do so at most, if there is an end to it.
    /// The queue that it joined stands if it stood before: one that was empty stands since now.
    #[inline]
    pub(super) fn queue_patience(&self, pool: u8, slot: u32, k: u8) -> Option<u64> {
        let queue = &self.plan.gateway.queue;
        if !queue.has_patience() {
            return None;
        }
        let of_law = queue.patience.as_ref().map(|law| {
            law.at(self.journeys[slot].stream.draw(Purpose::Patience, u16::from(k), 0).quantile())
        });
        let of_queue = queue.controlled_delay.map(|short| {
            let stands = self.shared.pools[pool as usize].is_standing(self.now, queue.standing);
            if stands { short } else { queue.standing }
        });
        of_law.into_iter().chain(of_queue).min()
    }

    /// An attempt has waited too long.
    pub(super) fn queue_lapse(&mut self, slot: u32, k: u8, ticket: u32) {
        let pool = self.pool_of(slot, k);
        let now = self.now;
        let ticket = Ticket::unpack(ticket);
        let Some(arrived_at) = self.shared.pools[pool as usize].abandon(now, ticket) else {
            return;
        };
        self.journeys[slot].blocked -= 1;
        let wait = now - arrived_at;
        self.tell(slot, Moment::Lapsed { attempt: k + 1, wait_ns: wait });
        self.note(Fact::Abandoned { at: now, pool, wait });
        self.leaves(pool, slot, k, Left::Dropped);
        self.reply(slot, k, Answer::Refused(Cause::ServerOverload).into());
    }

    /// Lets those leave the queue whose turn at an idle worker comes in vain, up to the first who
    /// is worth serving.
    pub(super) fn screen(&mut self, pool: u8) {
        let now = self.now;
        while let Some(next) = self.shared.pools[pool as usize].next(now) {
            let Some(by) = self.in_vain(pool, next) else { return };
            self.shared.pools[pool as usize].drop_next(now);
            self.discard(pool, next, by);
        }
        if self.shared.pools[pool as usize].waiting() == 0
            && let Some(codel) = self.shared.overload.codels.get_mut(pool as usize)
        {
            codel.runs_empty(now);
        }
    }

    /// Why the job whose turn it is should not be served.
    fn in_vain(&mut self, pool: u8, next: Granted<Job>) -> Option<Control> {
        let (now, job) = (self.now, next.job);
        if self.plan.gateway.queue.drop_abandoned && self.is_abandoned(job) {
            return Some(Control::Abandoned);
        }
        if job.kind != JobKind::Attempt {
            return None;
        }
        let others = self.shared.pools[pool as usize].waiting() - 1;
        let codel = self.shared.overload.codels.get_mut(pool as usize)?;
        codel.drops(now, now - next.arrived_at, others).then_some(Control::CoDel)
    }

    /// Whether the app waits no longer for a job, or not long enough.
    fn is_abandoned(&self, job: Job) -> bool {
        match job.kind {
            JobKind::Attempt => !self.has_time(job.slot, job.attempt),
            JobKind::Query => {
                let timer = self.pending_step(job.slot, Step::QueryTimeout, job.attempt);
                timer.is_none_or(|due| due.sub() as u8 != job.sub)
            }
            _ => false,
        }
    }

    /// Whether the app waits for an attempt, and long enough.
    fn has_time(&self, slot: u32, k: u8) -> bool {
        let least = self.plan.gateway.queue.time_left;
        if !self.journeys[slot].open.has(k) || least == 0 {
            return self.journeys[slot].open.has(k);
        }
        let timer = self.pending_step(slot, Step::ClientTimeout, k);
        // of a break to come nobody knows
        timer.is_none_or(|due| due.sub() != 0 || due.at >= self.now + least)
    }

    /// A job goes unserved although a worker is free.
    fn discard(&mut self, pool: u8, next: Granted<Job>, by: Control) {
        let Job { slot, attempt: k, kind, .. } = next.job;
        let wait = self.now - next.arrived_at;
        self.journeys[slot].blocked -= 1;
        self.woken.push(slot);
        let (task, attempt) = (kind.task(), next.job.told());
        self.tell(slot, Moment::Discarded { task, attempt, wait_ns: wait, by });
        self.note(Fact::Abandoned { at: self.now, pool, wait });
        if kind != JobKind::Attempt {
            return;
        }
        self.forget_lapse(slot, k);
        self.leaves(pool, slot, k, Left::Dropped);
        if by == Control::CoDel || self.journeys[slot].open.has(k) {
            self.reply(slot, k, Answer::Refused(Cause::ServerOverload).into());
        }
    }

    /// An attempt waits no longer, so it will not lapse.
    #[inline]
    pub(super) fn forget_lapse(&mut self, slot: u32, k: u8) {
        if self.plan.gateway.queue.has_patience() {
            self.cancel(slot, Step::QueueLapse, k);
        }
    }
}
