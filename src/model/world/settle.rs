//! What the gateway learns: answers, time-outs, notices; the capture and the credit.

use super::Simulation;
use super::answer::{Answer, Failed, Said};
use super::failover::Trigger;
use super::journey::Attempts;
use super::overload::Left;
use super::pay::refusal_of;
use super::shared::{Job, JobKind};
use super::step::Step;
use crate::model::cause::{Cause, Stage};
use crate::model::facts::{Fact, Observer};
use crate::model::gateway::Hold;
use crate::model::network::either;
use crate::model::outcome::Marks;
use crate::model::provider::CreditOn;
use crate::model::purpose::Purpose;
use crate::model::retry::{Decision, Failure, Luck};
use crate::model::story::{Lane, Moment, Task, Why, Word};

/// The gateway stops waiting for a provider because it crashes, as a payload.
const CRASHED: u32 = 1;

impl<O: Observer> Simulation<'_, O> {
    /// The bank says yes: the money is captured, and the answer goes back.
    pub(super) fn bank_done(&mut self, slot: u32, k: u8, n: u8) {
        let now = self.now;
        let in_cohort = self.in_cohort(slot);
        let channel = self.channel_of(slot, k);
        let amount = self.amount(self.journeys[slot].id(), self.journeys[slot].stream);
        let extra = self.is_extra(slot);
        let journey = &mut self.journeys[slot];
        if extra {
            journey.marks.set(Marks::DUPLICATE_CHARGE);
        } else if journey.captured.is_empty() {
            journey.first_captured = now;
        }
        journey.captured.add(k);
        journey.last_captured = k;
        journey.last_captured_after = ((now - journey.first_captured) >> 20) as u32;
        let excess = {
            let key = self.plan.client.key;
            let journey = &self.journeys[slot];
            journey.of_order(key, journey.captured, k).count() > 1
        };
        self.ledger.capture(channel, amount);
        let bank = self.bank_of(slot, k);
        self.tell(slot, Moment::Captured { attempt: k + 1, amount, channel, bank, extra });
        self.note(Fact::Captured { at: now, amount, channel, extra, in_cohort });
        if excess {
            // captured twice for one order: reconciliation or the user will find it
            self.find_later(slot, k, now);
            self.notice_later(slot, k);
        }
        self.execution_ends(slot, (k, n), now, Answer::Paid);
        let arrives = self.answer_arrives(slot, (k, n), now, bank);
        self.tell_provider_answer(slot, (k, n), now, Answer::Paid, (bank, arrives));
        match arrives {
            Some(at) => self.plan_step(slot, at, Step::GatewayHears, k, n, Answer::Paid.pack()),
            None => self.journeys[slot].silence(k, Cause::PlatformTechFault),
        }
        self.notify_later(slot, k, arrives);
        let journey = &self.journeys[slot];
        if !journey.listening.has(k) && !journey.in_flight.has(k) && !self.is_tried(slot, k) {
            self.orphan(slot, k);
        }
    }

    #[inline]
    pub(super) fn channel_of(&self, slot: u32, k: u8) -> u8 {
        self.plan.routes[self.journeys[slot].route_of(k) as usize].channel
    }

    /// Notices matter when the answer does not come in time; the first that is not lost arrives.
    fn notify_later(&mut self, slot: u32, k: u8, answer_arrives: Option<u64>) {
        let provider = self.provider_of(slot, k);
        let provider = &self.plan.providers[provider as usize];
        if provider.notify.is_none() {
            return;
        }
        let journey = &self.journeys[slot];
        let deadline = self.pending_step(slot, Step::ProviderTimeout, k);
        let in_time = answer_arrives
            .is_some_and(|at| deadline.is_some_and(|due| at < due.at) && journey.listening.has(k));
        if in_time && provider.credit_on == CreditOn::Answer {
            return;
        }
        self.notify_from(slot, k, 0, self.now);
    }

    /// Plans the first notice, from number `from` on, that is not lost (times since `captured`).
    fn notify_from(&mut self, slot: u32, k: u8, from: u8, captured: u64) {
        let index = self.provider_of(slot, k) as usize;
        let Some(notify) = &self.plan.providers[index].notify else { return };
        let stream = self.journeys[slot].stream;
        for (n, after) in notify.after.iter().enumerate().skip(from as usize) {
            let draw = stream.draw(Purpose::Notify, u16::from(k), n as u8);
            let delay = notify.delay.at(draw.quantile());
            let at = captured + after + delay;
            // what loses answers loses notices that are sent meanwhile
            let loss =
                either(notify.loss, self.timelines.providers[index].state(captured + after).lose);
            let takes = (!draw.hits(loss)).then_some(delay);
            if at >= self.now {
                let way = (Lane::Provider, Lane::Gateway);
                let (number, sent) = ((k, n as u8), (captured + after, takes));
                self.tell_line(slot, way, Word::Notice, number, sent);
            }
            if takes.is_some() && at >= self.now {
                return self.plan_step(slot, at, Step::NotifyArrive, k, n as u8, 0);
            }
        }
    }

    /// The provider's answer reaches the gateway.
    pub(super) fn gateway_hears(&mut self, slot: u32, k: u8, n: u8, payload: u32) {
        // at the very instant of a crash the process is gone
        if !self.journeys[slot].listening.has(k) || self.timelines.gateway.state(self.now).crash {
            return self.tell(slot, Moment::Unheard { lane: Lane::Gateway, attempt: k + 1 });
        }
        let answer = Answer::unpack(payload);
        self.note_decline(slot, k, answer);
        let provider = self.provider_of(slot, k);
        let waits_for_notice =
            self.plan.providers[provider as usize].credit_on == CreditOn::Notification;
        if answer == Answer::Paid && waits_for_notice {
            return self.tell(slot, Moment::WaitsForNotice { attempt: k + 1 });
        }
        let heard = Failed::heard(payload);
        self.gateway_ended(slot, k, heard);
        if answer != Answer::Paid {
            return self.gateway_refused(slot, k, n, heard);
        }
        self.stop_listening(slot, k);
        self.learn_paid(slot, k);
    }

    /// Call `n` failed: the gateway calls again, turns to another provider, or gives up.
    pub(super) fn gateway_refused(&mut self, slot: u32, k: u8, n: u8, failed: Failed) {
        if let Some(pause) = self.gateway_tries_again(slot, (k, n), failed) {
            // a synchronous worker is held over the pause
            self.journeys[slot].listening.remove(k);
            self.cancel(slot, Step::ProviderTimeout, k);
            let lane = Lane::Gateway;
            self.tell(slot, Moment::Retries { lane, attempt: k + 1, pause_ns: pause });
            return self.call_again(slot, (k, n + 1), self.now + pause, 0);
        }
        if failed.answer.may_pass()
            && self.fails_over(slot, k, Trigger::Refusal)
            && self.scheme_answer(slot, k).is_none()
        {
            return self.fail_over(slot, k, Trigger::Refusal);
        }
        self.stop_listening(slot, k);
        self.end_order(slot, k, failed.into());
    }

    /// The pause after which the policy towards providers calls again when call `n` failed.
    fn gateway_tries_again(&mut self, slot: u32, (k, n): (u8, u8), failed: Failed) -> Option<u64> {
        let plan = self.plan;
        let (stays, advice) = (!failed.answer.may_pass(), failed.told.advice());
        if !plan.gateway.retry.tries_again(failed.seen, stays, &advice) {
            return None;
        }
        let failure = Failure {
            attempt: u32::from(n) + 1,
            seen: failed.seen,
            cause: failed.cause(),
            // the gateway does not keep when it began
            elapsed: 0,
            advice,
            luck: Luck::of_gateway(self.journeys[slot].stream, k, n),
        };
        let Decision::Retry(pause) = plan.gateway.retry.decide(&failure) else {
            return None;
        };
        if self.scheme_forbids(slot, k).is_some_and(|(obeyed, _)| obeyed) {
            return None;
        }
        if !self.gateway_may_retry(slot, k, failed.seen) {
            let (lane, why) = (Lane::Gateway, Why::Budget);
            self.tell(slot, Moment::GaveUp { lane, attempt: k + 1, why });
            return None;
        }
        self.scheme_answer(slot, k);
        Some(pause)
    }

    /// Makes call `n` at `at`, unless the gateway crashes in the pause; with [`ADMITTED`] its turn
    /// is fixed.
    pub(super) fn call_again(&mut self, slot: u32, (k, n): (u8, u8), at: u64, admitted: u8) {
        match self.crash_by(at) {
            Some(crash) => self.plan_step(slot, crash, Step::ProviderTimeout, k, 0, CRASHED),
            None => self.plan_step(slot, at, Step::ProviderAgain, k, n, u32::from(admitted)),
        }
    }

    /// The gateway waits for a provider until `at` at most, or until it crashes.
    pub(super) fn wait_for_provider(&mut self, slot: u32, k: u8, at: u64) {
        match self.crash_by(at) {
            Some(crash) => self.plan_step(slot, crash, Step::ProviderTimeout, k, 0, CRASHED),
            None => self.plan_step(slot, at, Step::ProviderTimeout, k, 0, 0),
        }
    }

    /// The next crash of the gateway, if it begins by `at`.
    fn crash_by(&self, at: u64) -> Option<u64> {
        let incidents = &self.timelines.gateway;
        if incidents.is_quiet() {
            return None;
        }
        Some(incidents.next_crash(self.now)).filter(|&crash| crash <= at)
    }

    /// The gateway listens no longer; with a synchronous hold the worker is free.
    pub(super) fn stop_listening(&mut self, slot: u32, k: u8) {
        self.journeys[slot].listening.remove(k);
        self.cancel(slot, Step::ProviderTimeout, k);
        if self.plan.gateway.hold == Hold::Sync {
            self.release_attempt(slot, k, Left::Served);
        }
    }

    /// The provider did not answer in time, or the gateway crashes.
    pub(super) fn provider_timeout(&mut self, slot: u32, k: u8, why: u32) {
        if why == CRASHED {
            return self.forget_call(slot, k);
        }
        if !self.journeys[slot].listening.has(k) {
            return;
        }
        let (lane, after_ns) = (Lane::Gateway, self.plan.gateway.timeout);
        self.tell(slot, Moment::TimedOut { lane, attempt: k + 1, after_ns, cause: None });
        self.gateway_ended(slot, k, Failed::of(Answer::Unknown));
        if self.fails_over(slot, k, Trigger::Silence) {
            return self.fail_over(slot, k, Trigger::Silence);
        }
        self.stop_listening(slot, k);
        self.remember_call(slot, k, self.now - after_ns);
        match &self.plan.gateway.status_query {
            Some(query) => {
                self.plan_step(slot, self.now + query.after, Step::StatusStart, k, 0, 0);
            }
            None => self.give_up(slot, k, Answer::Unknown),
        }
    }

    /// The gateway crashes while it deals with a provider: the worker is free, and the answer will
    /// find nobody. What a gateway with an order store began, it asks about when it is up again.
    fn forget_call(&mut self, slot: u32, k: u8) {
        self.tell(slot, Moment::Crashed { task: Task::Attempt, attempt: k + 1 });
        self.gateway_forgets(slot, k);
        self.journeys[slot].listening.remove(k);
        self.journeys[slot].silence(k, Cause::PlatformServerFault);
        if self.plan.gateway.hold == Hold::Sync {
            self.release_attempt(slot, k, Left::Crashed);
        }
        match &self.plan.gateway.status_query {
            Some(query) if self.plan.gateway.order_store => {
                self.remember_call(slot, k, self.now);
                let up = self.timelines.gateway.crash_over(self.now);
                self.plan_step(slot, up + query.after, Step::StatusStart, k, 0, 0);
            }
            _ => self.end_order(slot, k, Answer::Unknown.into()),
        }
    }

    /// The gateway gives the order up with an answer other than success.
    pub(super) fn end_order(&mut self, slot: u32, k: u8, said: Said) {
        if self.plan.fails_over && self.is_paid(slot, k) {
            // a notice of the other provider came first
            return self.journeys[slot].in_flight.remove(k);
        }
        self.answer_order(slot, k, said);
        if self.journeys[slot].captured.has(k) {
            self.orphan(slot, k);
        }
        self.give_up_first(slot, k);
    }

    /// A notice of the capture reaches the gateway: work for its workers like any other.
    pub(super) fn notify_arrive(&mut self, slot: u32, k: u8, n: u8) {
        if self.journeys[slot].paid.has(k) {
            return;
        }
        let state = self.timelines.gateway.state(self.now);
        let refused = state.crash || refusal_of(state, self.journeys[slot].stream).is_some();
        let job = Job { slot, attempt: k, sub: n, kind: JobKind::Notice };
        if refused {
            let (lane, task) = (Lane::Gateway, Task::Notice);
            self.tell(slot, Moment::Dropped { lane, task, attempt: k + 1 });
        }
        if refused || !self.queue_job(slot, job) {
            self.notify_again(slot, k, n);
        }
    }

    /// A notice found no ear: the provider keeps to its schedule.
    pub(super) fn notify_again(&mut self, slot: u32, k: u8, n: u8) {
        let captured = self.captured_at(slot, k);
        self.notify_from(slot, k, n + 1, captured);
    }

    /// A worker has read a notice.
    pub(super) fn notify_done(&mut self, slot: u32, k: u8) {
        let pool = self.pool_of(slot, k);
        self.pool_release(pool);
        if self.journeys[slot].listening.has(k) {
            self.gateway_ended(slot, k, Failed::of(Answer::Paid));
            self.stop_listening(slot, k);
        }
        self.learn_paid(slot, k);
    }

    /// The gateway knows of the capture: it tells the app and credits the order once.
    pub(super) fn learn_paid(&mut self, slot: u32, k: u8) {
        let key = self.plan.client.key;
        let journey = &mut self.journeys[slot];
        if journey.paid.has(k) {
            return;
        }
        let first_of_order = journey.of_order(key, journey.paid, k).is_empty();
        journey.paid.add(k);
        self.forget_second(slot, k);
        self.answer_order(slot, k, Answer::Paid.into());
        // with deduplication a repeated attempt is paid by the capture of another one
        if first_of_order {
            self.credit_later(slot, k);
        }
    }

    /// The credit of an order that is paid.
    pub(super) fn credit_later(&mut self, slot: u32, k: u8) {
        let draw = self.journeys[slot].stream.draw(Purpose::Credit, u16::from(k), 0);
        let takes = self.plan.credit.at(draw.quantile());
        let at = self.now + takes;
        let way = (Lane::Gateway, Lane::Ledger);
        self.tell_line(slot, way, Word::Credit, (k, 0), (self.now, Some(takes)));
        self.plan_step(slot, at, Step::Credit, k, 0, 0);
    }

    /// The balance is credited.
    pub(super) fn credit(&mut self, slot: u32, k: u8) {
        let key = self.plan.client.key;
        let now = self.now;
        let in_cohort = self.in_cohort(slot);
        let amount = self.amount(self.journeys[slot].id(), self.journeys[slot].stream);
        // the credit uses up one capture of the order, one that no refund case has claimed
        let journey = &self.journeys[slot];
        let captured = journey.of_order(key, journey.captured, k);
        let free = Attempts(captured.0 & !journey.cased.0);
        let Some(k) = free.iter().next() else {
            return self.tell(slot, Moment::NotCredited { attempt: k + 1 });
        };
        if journey.settled(key, k).is_some() {
            return self.tell(slot, Moment::NotCredited { attempt: k + 1 });
        }
        let channel = self.channel_of(slot, k);
        if let Some(cause) = self.astray(slot, k) {
            self.struck(slot, cause);
            return self.mispost(slot, k, channel, amount);
        }
        let journey = &mut self.journeys[slot];
        let first = journey.credited.is_empty();
        journey.credited.add(k);
        let (latency, first_cause) = (now - journey.born, journey.first_cause);
        if first {
            if latency > self.plan.horizon.deadline {
                journey.marks.set(Marks::CREDITED_LATE);
            }
            if latency > self.plan.users.screen_patience {
                journey.marks.set(Marks::CREDIT_DELAYED);
            }
            if now - journey.first_captured > super::repair::DAY {
                journey.marks.set(Marks::UNRESOLVED_AFTER_24H);
            }
        } else {
            journey.marks.set(Marks::DOUBLE_CREDIT);
        }
        self.ledger.credit(channel, amount);
        let (attempt, latency_ns) = (k + 1, latency);
        self.tell(slot, Moment::Credited { attempt, amount, channel, latency_ns, first });
        let at = now;
        let fact = Fact::Credited { at, latency, amount, channel, first, first_cause, in_cohort };
        self.note(fact);
        if first {
            self.request_later(slot, k);
        } else {
            // a second order of the same top-up: the user finds a charge too many
            self.notice_later(slot, k);
        }
    }

    /// The slip of an attempt's entry that sends its money to a wrong account.
    fn astray(&self, slot: u32, k: u8) -> Option<Cause> {
        if !self.plan.strikes.can_mispost() {
            return None;
        }
        let visit = self.visit(slot, k, Stage::Ledger);
        self.plan.strikes.misposts(self.journeys[slot].stream, &visit)
    }

    fn mispost(&mut self, slot: u32, k: u8, channel: u8, amount: i64) {
        self.tell(slot, Moment::Misposted { attempt: k + 1, amount });
        self.journeys[slot].marks.set(Marks::MISPOSTED);
        self.ledger.mispost(channel, amount);
        self.journeys[slot].misposted.add(k);
        self.notice_later(slot, k);
    }
}
