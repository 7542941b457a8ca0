//! The gateway: admission, workers, velocity meter, order store.

use super::Simulation;
use super::answer::{Answer, Said};
use super::journey::Attempts;
use super::overload::Left;
use super::pay::{AT_GATEWAY, incident_cause, refusal_of};
use super::shared::{Job, JobKind};
use super::step::Step;
use crate::engine::{Admission, PoolClass, stretched};
use crate::model::cause::{Cause, Stage};
use crate::model::client::Key;
use crate::model::facts::{Fact, Observer};
use crate::model::gateway::Hold;
use crate::model::purpose::Purpose;
use crate::model::story::{Control, Lane, Moment, Task};
use crate::model::strike::Visit;

impl<O: Observer> Simulation<'_, O> {
    /// The pool of an attempt.
    #[inline]
    pub(super) fn pool_of(&self, slot: u32, k: u8) -> u8 {
        let route = self.journeys[slot].route_of(k);
        self.shared.pool_of(self.plan.routes[route as usize].channel)
    }

    /// The pool of a job: pages come before the first entry, and belong to it whatever follows.
    #[inline]
    pub(super) fn pool_of_job(&self, job: Job) -> u8 {
        if job.kind != JobKind::Page {
            return self.pool_of(job.slot, job.attempt);
        }
        let route = self.journeys[job.slot].routes[0];
        self.shared.pool_of(self.plan.routes[route as usize].channel)
    }

    /// An attempt reaches the gateway's door.
    pub(super) fn gateway_arrive(&mut self, slot: u32, k: u8) {
        if !self.timelines.gateway.is_quiet()
            && let Some(cause) = self.gateway_incident(slot, k)
        {
            self.tell_stop(slot, Lane::Gateway, k, self.now, cause);
            return self.answer(slot, k, Answer::Refused(cause).into());
        }
        let pool = self.pool_of(slot, k);
        if let Some(by) = self.turned_away(pool, slot, k) {
            return self.turn_away(pool, slot, k, by);
        }
        let job = Job { slot, attempt: k, sub: 0, kind: JobKind::Attempt };
        let admission = match self.stands_behind(slot, k) {
            true => self.pool_arrive_behind(pool, job),
            false => self.pool_arrive(pool, PoolClass::TopUp, job),
        };
        match admission {
            Admission::Served => {
                self.is_in_progress(pool, slot, k);
                self.begin_service(pool, job, 0);
            }
            Admission::Waits(ticket) => {
                self.is_in_progress(pool, slot, k);
                self.tell(slot, Moment::Waits { task: Task::Attempt, attempt: k + 1 });
                self.journeys[slot].blocked += 1;
                if let Some(patience) = self.queue_patience(pool, slot, k) {
                    let at = self.now + patience;
                    self.plan_step(slot, at, Step::QueueLapse, k, 0, ticket.pack());
                }
            }
            Admission::Refused => self.turn_away(pool, slot, k, Control::Full),
        }
    }

    /// What an incident at the gateway does to an attempt at its door.
    fn gateway_incident(&mut self, slot: u32, k: u8) -> Option<Cause> {
        let state = self.timelines.gateway.state(self.now);
        let stream = self.journeys[slot].stream;
        // who sent before a crash and arrives after it finds nobody who knows the connection
        let cause = if state.crash || self.is_cut_off(slot, k) {
            refusal_of(state, stream).or(Some(Cause::PlatformServerFault))
        } else {
            incident_cause(state, stream, (k, 0), AT_GATEWAY)
        };
        let told = state.refuse.is_some_and(|r| r.announced && Some(r.cause) == cause);
        let missed = self.plan.users.notice_missed;
        if told && missed != 0 && stream.draw(Purpose::Heed, 0, 1).hits(missed) {
            return Some(Cause::NoticeMissed);
        }
        cause
    }

    /// A worker begins a job.
    pub(super) fn begin_service(&mut self, pool: u8, job: Job, wait: u64) {
        let purpose = match job.kind {
            JobKind::Core => return self.core_service(pool, wait),
            JobKind::Contact => unreachable!("the gateway's workers are no staff"),
            JobKind::Attempt => Purpose::Gateway,
            JobKind::Query | JobKind::Notice => Purpose::QueryService,
            JobKind::Status => Purpose::Status,
            JobKind::Close => Purpose::Close,
            JobKind::Page => Purpose::Form,
        };
        let (gateway, form) = (&self.plan.gateway, &self.plan.users.form);
        let law = match (job.kind, &gateway.status_query, &gateway.close, form) {
            (JobKind::Status, Some(query), _, _) => &query.service,
            (JobKind::Close, _, Some(close), _) => &close.service,
            (JobKind::Page, _, _, Some(form)) => &form.service,
            _ => &gateway.service,
        };
        let stream = self.journeys[job.slot].stream;
        let sub = if job.kind == JobKind::Notice { 128 | job.sub } else { job.sub };
        // how long the user thinks is the draw of attempt 0
        let number = job.attempt + u8::from(job.kind == JobKind::Page);
        let draw = stream.draw(purpose, u16::from(number), sub);
        let mut service = law.at(draw.quantile());
        if gateway.slowdown > 0 {
            let p = &self.shared.pools[pool as usize];
            let fill = (u64::from(p.waiting()) << 16) / u64::from(p.servers().max(1));
            service += stretched(service, stretched(gateway.slowdown, fill));
        }
        let done = self.served_at(&mut service);
        let (task, attempt) = (job.kind.task(), job.told());
        let served = Moment::Served { task, attempt, wait_ns: wait, service_ns: service };
        self.tell(job.slot, served);
        let class = self.class_of(job);
        self.note(Fact::Served { at: self.now, pool, class, wait, service });
        let step = match job.kind {
            JobKind::Attempt => Step::GatewayDone,
            JobKind::Query => Step::QueryDone,
            JobKind::Notice => Step::NotifyDone,
            JobKind::Close => Step::CloseDone,
            JobKind::Page => Step::PageDone,
            JobKind::Status | JobKind::Core | JobKind::Contact => Step::StatusDone,
        };
        match self.crash_before(done) {
            Some(crash) => {
                let kind = job.kind as u32;
                self.plan_step(job.slot, crash, Step::GatewayCrash, job.attempt, job.sub, kind);
            }
            None => self.plan_step(job.slot, done, step, job.attempt, job.sub, 0),
        }
    }

    /// When a service that begins now ends; incidents slow it down or make it stand still.
    pub(super) fn served_at(&self, service: &mut u64) -> u64 {
        let incidents = &self.timelines.gateway;
        if incidents.is_quiet() {
            return self.now + *service;
        }
        let slower = incidents.state(self.now).latency;
        *service = stretched(*service, slower);
        incidents.work_until(self.now, *service)
    }

    /// When a crash ends a service that would go on until `done`; at once while one lasts.
    pub(super) fn crash_before(&self, done: u64) -> Option<u64> {
        let incidents = &self.timelines.gateway;
        if !incidents.has_crashes() {
            return None;
        }
        if incidents.state(self.now).crash {
            return Some(self.now);
        }
        let crash = incidents.next_crash(self.now);
        (crash < done).then_some(crash)
    }

    /// The process that served a job crashed: no answer comes.
    #[cold]
    pub(super) fn gateway_crash(&mut self, slot: u32, k: u8, n: u8, kind: u32) {
        use JobKind::{Attempt, Close, Notice, Page, Query, Status};
        let kinds = [Attempt, Query, Status, Notice, Close, Page];
        let of_kind = kinds.into_iter().find(|job| *job as u32 == kind);
        let job = of_kind.map(|kind| Job { slot, attempt: k, sub: n, kind });
        let job = job.expect("who crashes is a job of a journey");
        if kind == JobKind::Attempt as u32 {
            self.release_attempt(slot, k, Left::Crashed);
        } else {
            let pool = self.pool_of_job(job);
            self.pool_release(pool);
        }
        self.tell(slot, Moment::Crashed { task: job.kind.task(), attempt: job.told() });
        if kind == JobKind::Attempt as u32 {
            self.journeys[slot].silence(k, Cause::PlatformServerFault);
        } else if kind == JobKind::Status as u32 {
            self.status_again(slot, k, n);
        } else if kind == JobKind::Notice as u32 {
            self.notify_again(slot, k, n);
        } else if kind == JobKind::Close as u32 {
            self.close_again(slot, k, n);
        }
    }

    /// A worker has served an attempt: meter, causes, order store, then the provider.
    pub(super) fn gateway_done(&mut self, slot: u32, k: u8) {
        let holds = self.plan.gateway.hold == Hold::Sync;
        let known = self.gateway_checks(slot, k);
        let goes_on = known.is_none() && !self.journeys[slot].attached.has(k);
        let answer = if goes_on { self.scheme_answer(slot, k) } else { known };
        if answer.is_some() || !holds || self.journeys[slot].attached.has(k) {
            self.release_attempt(slot, k, Left::Served);
        }
        self.tell_checks(slot, k, answer);
        match answer {
            Some(answer) => self.reply(slot, k, answer.into()),
            None if self.journeys[slot].attached.has(k) => {}
            None => {
                self.settle_route(slot, k);
                self.gateway_call_begins(slot, k);
                self.call_provider(slot, k, 0);
            }
        }
    }

    /// Tells what the gateway found when it looked at an attempt.
    #[inline]
    fn tell_checks(&mut self, slot: u32, k: u8, answer: Option<Answer>) {
        let (lane, attempt) = (Lane::Gateway, k + 1);
        match answer {
            Some(Answer::Declined(cause) | Answer::Refused(cause) | Answer::Limited(cause)) => {
                self.tell_stop(slot, lane, k, self.now, cause);
            }
            Some(Answer::Paid) => self.tell(slot, Moment::Recognised { lane, attempt, paid: true }),
            None if self.journeys[slot].attached.has(k) => {
                self.tell(slot, Moment::Recognised { lane, attempt, paid: false });
            }
            Some(Answer::Unknown) | None => {}
        }
    }

    /// Tells where and why an attempt fails.
    #[inline]
    pub(super) fn tell_stop(&mut self, slot: u32, lane: Lane, k: u8, at: u64, cause: Cause) {
        self.tell_at(slot, at, Moment::Stopped { lane, attempt: Some(k + 1), cause });
    }

    /// The answer the gateway gives by itself, if any; an attempt may be attached to its order.
    fn gateway_checks(&mut self, slot: u32, k: u8) -> Option<Answer> {
        if self.velocity_blocks(slot) {
            return Some(Answer::Declined(Cause::TooManyRequests));
        }
        let plan = self.plan;
        let journey = &self.journeys[slot];
        let insecure = plan.access[journey.access as usize].insecure;
        if insecure != 0
            && journey.stream.draw(Purpose::Insecure, 0, 0).hits(insecure)
            && !self.is_ended(slot, self.channel_of(slot, k), Cause::NetPublicInsecure)
            && !plan.preventions.spare(Cause::NetPublicInsecure, journey.stream, 0)
        {
            return Some(refusal(Cause::NetPublicInsecure));
        }
        if plan.strikes.is_busy(Stage::Gateway) {
            let visit = Visit { repeat: k > 0, ..self.visit(slot, k, Stage::Gateway) };
            if let Some(cause) = plan.strikes.at(Stage::Gateway, journey.stream, &visit) {
                return Some(refusal(cause));
            }
        }
        let key = plan.client.key;
        if !plan.gateway.order_store || key.kind == Key::None || k == 0 {
            return None;
        }
        let journey = &mut self.journeys[slot];
        if !journey.of_order(key, journey.paid, k).is_empty() {
            return Some(Answer::Paid);
        }
        if self.is_closed(slot, k) {
            return Some(self.closed_answer(slot));
        }
        let journey = &mut self.journeys[slot];
        if !journey.of_order(key, journey.in_flight, k).is_empty() {
            journey.attached.add(k);
        }
        None
    }

    /// Whether the user has made too many attempts in a window.
    fn velocity_blocks(&mut self, slot: u32) -> bool {
        let Some((attempts_max, window, block)) = self.plan.gateway.velocity else { return false };
        let now = self.now;
        let journey = &mut self.journeys[slot];
        let since = now - journey.born - (u64::from(journey.meter_from) << METER_SHIFT);
        let length = if journey.meter_count > attempts_max { block } else { window };
        if since >= length || journey.meter_count == 0 {
            journey.meter_from = meter_clock(now - journey.born);
            journey.meter_count = 1;
            return false;
        }
        if journey.meter_count <= attempts_max {
            journey.meter_count = journey.meter_count.saturating_add(1);
            if journey.meter_count > attempts_max {
                // the block begins with the attempt that broke the limit
                journey.meter_from = meter_clock(now - journey.born);
            }
        }
        journey.meter_count > attempts_max
    }

    /// Tells an attempt and those attached to its order.
    pub(super) fn answer_order(&mut self, slot: u32, k: u8, said: Said) {
        let key = self.plan.client.key;
        let journey = &mut self.journeys[slot];
        journey.in_flight.remove(k);
        let mut told = Attempts(1 << journey.root_of(k));
        if !journey.attached.is_empty() {
            told.0 |= journey.of_order(key, journey.attached, k).0;
            journey.attached.0 &= !told.0;
        }
        for other in told.iter() {
            self.reply(slot, other, said);
        }
    }

    /// Answers an attempt over its connection, if the gateway has not crashed since it was opened.
    pub(super) fn reply(&mut self, slot: u32, k: u8, said: Said) {
        if self.is_cut_off(slot, k) {
            self.tell(slot, Moment::CutOff { attempt: k + 1 });
            return self.journeys[slot].silence(k, Cause::PlatformServerFault);
        }
        self.answer(slot, k, said);
    }

    /// Whether the gateway has crashed since the app sent an attempt for which it still waits.
    #[inline]
    fn is_cut_off(&self, slot: u32, k: u8) -> bool {
        let incidents = &self.timelines.gateway;
        incidents.has_crashes() && self.is_cut_off_by_a_crash(slot, k)
    }

    fn is_cut_off_by_a_crash(&self, slot: u32, k: u8) -> bool {
        let incidents = &self.timelines.gateway;
        let waits = self.pending_step(slot, Step::ClientTimeout, k);
        waits.is_some_and(|due| {
            let sent = due.at - self.client_waited(due.payload());
            incidents.next_crash(sent) <= self.now
        })
    }
}

/// The meter's clock has steps of 2^24 ns (17 ms).
const METER_SHIFT: u32 = 24;

/// Time from the arrival as the meter tells it; nobody keeps a goal for more than a year.
fn meter_clock(age: u64) -> u32 {
    (age >> METER_SHIFT).min(u64::from(u32::MAX)) as u32
}

/// How a cause of ours is told: a user must act, or another try may pass.
pub(super) fn refusal(cause: Cause) -> Answer {
    use crate::model::cause::Class;
    match cause.row().class {
        Class::UserAction | Class::Permanent => Answer::Declined(cause),
        Class::Transient | Class::Ambiguous => Answer::Refused(cause),
    }
}
