//! Queries: the app asks the gateway before it tries again; the gateway asks the provider.

use super::Simulation;
use super::answer::{Answer, Failed};
use super::failover::Trigger;
use super::journey::{Attempts, Phase, Shown};
use super::pay::refusal_of;
use super::shared::{Job, JobKind};
use super::step::Step;
use crate::engine::{Admission, PoolClass};
use crate::model::cause::Cause;
use crate::model::client::QueryFirst;
use crate::model::facts::{Fact, Observer};
use crate::model::network::{Leg, either};
use crate::model::purpose::Purpose;
use crate::model::remedy::Remedy;
use crate::model::story::{Control, Finding, Lane, Moment, Task, Why, Word};

/// What a status query learns, as a payload.
const NOT_CAPTURED: u32 = 0;
const CAPTURED: u32 = 1;
const IN_PROCESS: u32 = 2;
/// The query or its answer was lost.
const NO_WORD: u32 = 3;

/// Number of the first query of a user; those of the app come before.
pub(super) const USERS_QUERY: u8 = 8;
/// How often a user looks a top-up up, and how long apart (ns): assumed.
const LOOKS: (u8, u64) = (3, 60_000_000_000);

impl<O: Observer> Simulation<'_, O> {
    // ---- the app asks the gateway

    /// The rules of query `n`: of the app, or of the user behind it.
    fn rules_of(&self, n: u8) -> Option<QueryFirst> {
        if n < USERS_QUERY {
            return self.plan.client.query_first;
        }
        let ((looks, every), timeout) = (LOOKS, self.plan.client.timeout);
        Some(QueryFirst { after: 0, every, queries_max: USERS_QUERY + looks, timeout })
    }

    /// Whether anybody waits for query `n`.
    fn awaits_query(&self, slot: u32, n: u8) -> bool {
        let asking = if n < USERS_QUERY { Phase::Querying } else { Phase::Looking };
        self.journeys[slot].phase == asking
    }

    /// The app asks what became of attempt `k`, by itself or for the user.
    #[cold]
    pub(super) fn query_send(&mut self, slot: u32, k: u8, n: u8) {
        let Some(query) = self.rules_of(n).filter(|_| self.awaits_query(slot, n)) else { return };
        self.count_query(slot);
        self.plan_step(slot, self.now + query.timeout, Step::QueryTimeout, k, n, 0);
        let leg = self.over_network(slot, true, k, n + 1, query.timeout);
        let word = if n < USERS_QUERY { Word::Query } else { Word::Look };
        self.tell_leg(slot, true, word, (k, n % USERS_QUERY), leg);
        if let Leg::Arrives(after) = leg {
            self.plan_step(slot, self.now + after, Step::QueryArrive, k, n, 0);
        }
    }

    fn count_query(&mut self, slot: u32) {
        let journey = &mut self.journeys[slot];
        journey.queries = journey.queries.saturating_add(1);
        self.note(Fact::Query { at: self.now });
    }

    /// A query is a job for the gateway's workers like any other.
    #[cold]
    pub(super) fn query_arrive(&mut self, slot: u32, k: u8, n: u8) {
        let state = self.timelines.gateway.state(self.now);
        let is_refused = refusal_of(state, self.journeys[slot].stream).is_some();
        if state.crash || state.no_queries || is_refused {
            let (lane, task) = (Lane::Gateway, Task::Query);
            return self.tell(slot, Moment::Dropped { lane, task, attempt: k + 1 });
        }
        self.queue_job(slot, Job { slot, attempt: k, sub: n, kind: JobKind::Query });
    }

    /// Sends the job of a query, a notice or a page into the pool. False: there was no room.
    pub(super) fn queue_job(&mut self, slot: u32, job: Job) -> bool {
        let pool = self.pool_of_job(job);
        let (task, attempt) = (job.kind.task(), job.told());
        match self.pool_arrive(pool, PoolClass::TopUp, job) {
            Admission::Served => self.begin_service(pool, job, 0),
            Admission::Waits(_) => {
                self.tell(slot, Moment::Waits { task, attempt });
                self.journeys[slot].blocked += 1;
            }
            Admission::Refused => {
                let by = Control::Full;
                self.tell(slot, Moment::TurnedAway { task, attempt, by });
                let class = self.class_of(job);
                self.note(Fact::TurnedAway { at: self.now, pool, class, shed: false });
                return false;
            }
        }
        true
    }

    /// The gateway looks into its order store and answers.
    #[cold]
    pub(super) fn query_done(&mut self, slot: u32, k: u8, n: u8) {
        let pool = self.pool_of(slot, k);
        self.pool_release(pool);
        let (key, journey) = (self.plan.client.key, &self.journeys[slot]);
        // the app asks for an order; a user sees all of them, but those that are sent back
        let seen = |set: Attempts| match n < USERS_QUERY {
            true => journey.of_order(key, set, k),
            false => Attempts(set.0 & !journey.cased.0),
        };
        let what = if !seen(journey.paid).is_empty() {
            CAPTURED
        } else if !seen(journey.in_flight).is_empty() {
            IN_PROCESS
        } else {
            NOT_CAPTURED
        };
        let timeout = self.rules_of(n).map_or(0, |q| q.timeout);
        let leg = self.over_network(slot, false, k, n + 1, timeout);
        self.tell_leg(slot, false, Word::QueryAnswer(told(what)), (k, n % USERS_QUERY), leg);
        if let Leg::Arrives(after) = leg {
            self.plan_step(slot, self.now + after, Step::QueryHears, k, n, what);
        }
    }

    /// The answer of a query reaches the app.
    #[cold]
    pub(super) fn query_hears(&mut self, slot: u32, k: u8, what: u32) {
        let timer = self.pending_query(slot, k);
        let Some(n) = timer.filter(|&n| self.awaits_query(slot, n)) else {
            return self.tell(slot, Moment::Unheard { lane: Lane::App, attempt: k + 1 });
        };
        self.cancel(slot, Step::QueryTimeout, k);
        match what {
            CAPTURED if n >= USERS_QUERY => self.user_sees_paid(slot),
            CAPTURED => self.client_succeeds(slot),
            IN_PROCESS => self.query_again(slot, k, n),
            _ if n >= USERS_QUERY => {
                self.note_remedy(slot, self.now, Remedy::QueryFirst, false);
                self.user_has_looked(slot);
            }
            _ => {
                let cause = self.journeys[slot].last_cause.unwrap_or(Cause::NetLatencyHigh);
                self.client_decides(slot, k, Failed::of(Answer::Refused(cause)));
            }
        }
    }

    /// The user sees that the top-up is paid, and leaves it to the platform.
    fn user_sees_paid(&mut self, slot: u32) {
        self.note_remedy(slot, self.now, Remedy::QueryFirst, true);
        self.journeys[slot].shown = Shown::Success;
        self.journeys[slot].phase = Phase::Gone;
        self.tell(slot, Moment::Left { why: Why::Paid });
    }

    /// The number of the query the app waits for.
    fn pending_query(&self, slot: u32, k: u8) -> Option<u8> {
        self.pending_step(slot, Step::QueryTimeout, k).map(|due| due.sub() as u8)
    }

    /// The app stops waiting for the answer of a query.
    #[cold]
    pub(super) fn query_timeout(&mut self, slot: u32, k: u8, n: u8) {
        if self.awaits_query(slot, n) {
            self.tell(slot, Moment::QueryTimedOut { attempt: k + 1, number: n % USERS_QUERY + 1 });
            self.query_again(slot, k, n);
        }
    }

    fn query_again(&mut self, slot: u32, k: u8, n: u8) {
        let Some(query) = self.rules_of(n) else { return };
        let at = self.now + query.every;
        let in_time = n >= USERS_QUERY || self.is_before_deadline(slot, at);
        if n + 1 < query.queries_max && in_time {
            self.plan_step(slot, at, Step::QuerySend, k, n + 1, 0);
        } else if n >= USERS_QUERY {
            self.note_remedy(slot, self.now, Remedy::QueryFirst, false);
            self.user_has_looked(slot);
        } else {
            let (lane, why) = (Lane::App, Why::Queries);
            self.tell(slot, Moment::GaveUp { lane, attempt: k + 1, why });
            self.client_decides(slot, k, Failed::of(Answer::Unknown));
        }
    }

    // ---- the gateway asks the provider

    /// The gateway prepares status query `n`: load on its own workers first.
    #[cold]
    pub(super) fn status_start(&mut self, slot: u32, k: u8, n: u8) {
        if self.is_paid(slot, k) {
            return;
        }
        if self.timelines.gateway.state(self.now).no_queries {
            return self.status_again(slot, k, n);
        }
        let up = self.timelines.gateway.crash_over(self.now);
        if up > self.now {
            // nobody asks while the gateway is down
            return self.plan_step(slot, up, Step::StatusStart, k, n, 0);
        }
        self.count_query(slot);
        if !self.queue_job(slot, Job { slot, attempt: k, sub: n, kind: JobKind::Status }) {
            self.status_again(slot, k, n);
        }
    }

    /// A worker sends the status query over the line.
    #[cold]
    pub(super) fn status_done(&mut self, slot: u32, k: u8, n: u8) {
        let pool = self.pool_of(slot, k);
        self.pool_release(pool);
        let index = self.provider_of(slot, k);
        let provider = &self.plan.providers[index as usize];
        let draw = self.status_draw(slot, k, n, 0);
        let lost = draw.hits(provider.loss_up);
        let takes = provider.line.at(draw.quantile());
        let sent = (self.now, (!lost).then_some(takes));
        self.tell_line(slot, (Lane::Gateway, Lane::Provider), Word::StatusQuery, (k, n), sent);
        if lost {
            return self.status_again(slot, k, n);
        }
        let at = self.now + takes;
        self.plan_step(slot, at, Step::StatusAsked, k, n, 0);
    }

    /// Odd subs are the way back, even ones the way there; service took sub `n` itself.
    fn status_draw(&self, slot: u32, k: u8, n: u8, back: u8) -> crate::engine::Draw {
        self.journeys[slot].stream.draw(Purpose::Status, u16::from(k), 32 + 2 * n + back)
    }

    /// The provider looks the order up; a call over its capacity is dropped.
    #[cold]
    pub(super) fn status_asked(&mut self, slot: u32, k: u8, n: u8) {
        let now = self.now;
        let index = self.provider_of(slot, k);
        let provider = &self.plan.providers[index as usize];
        let admitted =
            self.shared.providers[index as usize].as_mut().is_none_or(|limiter| limiter.admit(now));
        let timeline = &self.timelines.providers[index as usize];
        let state = timeline.state(now);
        let draw = self.status_draw(slot, k, n, 1);
        let refused = refusal_of(state, self.journeys[slot].stream).is_some();
        let lost = draw.hits(either(provider.loss_down, state.lose)) || refused;
        if !admitted || lost {
            let (lane, task) = (Lane::Provider, Task::Status);
            self.tell(slot, Moment::Dropped { lane, task, attempt: k + 1 });
            return self.plan_step(slot, now, Step::StatusHears, k, n, NO_WORD);
        }
        let at = now + provider.line.at(draw.quantile());
        let asked = now - provider.line.at(self.status_draw(slot, k, n, 0).quantile());
        let crash = self.timelines.gateway.next_crash(asked);
        if crash <= at {
            // the process that asked is gone
            self.tell_at(slot, crash.max(now), Moment::CutOff { attempt: k + 1 });
            return self.plan_step(slot, crash.max(now), Step::StatusHears, k, n, NO_WORD);
        }
        let journey = &self.journeys[slot];
        let same = journey.of_order(self.plan.client.key, journey.captured, k);
        let what = if same.iter().any(|other| self.provider_of(slot, other) == index) {
            CAPTURED
        } else if self.is_at_bank(slot, k) || self.is_asked(slot, k) {
            IN_PROCESS
        } else {
            NOT_CAPTURED
        };
        let (way, word) = ((Lane::Provider, Lane::Gateway), Word::StatusAnswer(told(what)));
        self.tell_line(slot, way, word, (k, n), (now, Some(at - now)));
        self.plan_step(slot, at, Step::StatusHears, k, n, what);
    }

    /// Whether the bank still works on an attempt.
    pub(super) fn is_at_bank(&self, slot: u32, k: u8) -> bool {
        self.pending_step(slot, Step::BankDone, k).is_some()
    }

    /// Whether a provider whose orders have a life still waits for the payer, or for a bank that
    /// will decline: its answer to the call is still to leave.
    fn is_asked(&self, slot: u32, k: u8) -> bool {
        let provider = &self.plan.providers[self.provider_of(slot, k) as usize];
        if provider.order_expires == u64::MAX {
            return false;
        }
        let stream = self.journeys[slot].stream;
        self.pending_step(slot, Step::GatewayHears, k).is_some_and(|due| {
            let way = stream.draw(Purpose::ProviderDown, u16::from(k), due.sub() as u8);
            due.at - provider.line.at(way.quantile()) > self.now
        })
    }

    /// The answer of a status query reaches the gateway.
    #[cold]
    pub(super) fn status_hears(&mut self, slot: u32, k: u8, n: u8, what: u32) {
        if self.is_paid(slot, k) {
            return;
        }
        match what {
            CAPTURED => self.learn_paid(slot, k),
            NOT_CAPTURED if self.fails_over(slot, k, Trigger::Query) => {
                self.fail_over(slot, k, Trigger::Query);
            }
            NOT_CAPTURED => {
                let cause = self.cause_of_silence(slot, k);
                self.give_up(slot, k, Answer::Refused(cause));
            }
            _ => self.status_again(slot, k, n),
        }
    }

    pub(super) fn status_again(&mut self, slot: u32, k: u8, n: u8) {
        let Some(query) = &self.plan.gateway.status_query else { return };
        if n + 1 < query.queries_max {
            self.plan_step(slot, self.now + query.every, Step::StatusStart, k, n + 1, 0);
        } else {
            let (lane, why) = (Lane::Gateway, Why::Queries);
            self.tell(slot, Moment::GaveUp { lane, attempt: k + 1, why });
            self.give_up(slot, k, Answer::Unknown);
        }
    }
}

/// What a query learns, as a story tells it.
fn told(what: u32) -> Finding {
    match what {
        CAPTURED => Finding::Captured,
        IN_PROCESS => Finding::InProcess,
        _ => Finding::NotCaptured,
    }
}
