//! Closing orders: before it gives an attempt up, the gateway closes or revokes the order.

use super::Simulation;
use super::answer::Answer;
use super::journey::Attempts;
use super::pay::refusal_of;
use super::shared::{Job, JobKind};
use super::step::Step;
use crate::model::cause::Cause;
use crate::model::closing::PaidOrder;
use crate::model::facts::Observer;
use crate::model::network::either;
use crate::model::purpose::Purpose;
use crate::model::story::{Closing, Lane, Moment, Task, Why, Word};

/// What the answer of a close says, as a payload.
const CLOSED: u32 = 0;
const PAID: u32 = 1;
const TOO_EARLY: u32 = 2;
/// The close or its answer was lost.
const NO_WORD: u32 = 3;

impl<O: Observer> Simulation<'_, O> {
    /// Remembers when a provider was called that did not answer.
    #[inline]
    pub(super) fn remember_call(&mut self, slot: u32, k: u8, at: u64) {
        if self.plan.gateway.close.is_some() {
            let called = &mut self.annexes.entry(slot).or_default().called;
            if called.iter().all(|&(other, _)| other != k) {
                called.push((k, at));
            }
        }
    }

    /// The gateway would give an attempt up: it closes the order first, where it can.
    pub(super) fn give_up(&mut self, slot: u32, k: u8, answer: Answer) {
        let provider = &self.plan.providers[self.provider_of(slot, k) as usize];
        match &self.plan.gateway.close {
            Some(close) if provider.close.is_some() => {
                self.plan_step(slot, self.now + close.after, Step::CloseStart, k, 0, 0);
            }
            _ => self.end_order(slot, k, answer.into()),
        }
    }

    /// The gateway prepares close `n`: load on its own workers first.
    #[cold]
    pub(super) fn close_start(&mut self, slot: u32, k: u8, n: u8) {
        if self.is_paid(slot, k) {
            return;
        }
        let up = self.timelines.gateway.crash_over(self.now);
        if up > self.now {
            return self.plan_step(slot, up, Step::CloseStart, k, n, 0);
        }
        if !self.queue_job(slot, Job { slot, attempt: k, sub: n, kind: JobKind::Close }) {
            self.close_again(slot, k, n);
        }
    }

    /// A worker sends the close over the line.
    #[cold]
    pub(super) fn close_done(&mut self, slot: u32, k: u8, n: u8) {
        let pool = self.pool_of(slot, k);
        self.pool_release(pool);
        if self.is_paid(slot, k) {
            return;
        }
        let provider = &self.plan.providers[self.provider_of(slot, k) as usize];
        let draw = self.close_draw(slot, k, n, 0);
        let takes = (!draw.hits(provider.loss_up)).then(|| provider.line.at(draw.quantile()));
        let way = (Lane::Gateway, Lane::Provider);
        self.tell_line(slot, way, Word::Close, (k, n), (self.now, takes));
        match takes {
            Some(takes) => self.plan_step(slot, self.now + takes, Step::CloseAsked, k, n, 0),
            None => self.close_again(slot, k, n),
        }
    }

    /// Odd subs are the way back, even ones the way there; service took sub `n` itself.
    fn close_draw(&self, slot: u32, k: u8, n: u8, back: u8) -> crate::engine::Draw {
        self.journeys[slot].stream.draw(Purpose::Close, u16::from(k), 32 + 2 * n + back)
    }

    /// The provider closes the order, if it takes the call in and it is not too early.
    #[cold]
    pub(super) fn close_asked(&mut self, slot: u32, k: u8, n: u8) {
        let now = self.now;
        let index = self.provider_of(slot, k) as usize;
        let provider = &self.plan.providers[index];
        let admitted =
            self.shared.providers[index].as_mut().is_none_or(|limiter| limiter.admit(now));
        let state = self.timelines.providers[index].state(now);
        if !admitted || refusal_of(state, self.journeys[slot].stream).is_some() {
            let (lane, task) = (Lane::Provider, Task::Close);
            self.tell(slot, Moment::Dropped { lane, task, attempt: k + 1 });
            return self.plan_step(slot, now, Step::CloseHears, k, n, NO_WORD);
        }
        let draw = self.close_draw(slot, k, n, 1);
        let lost = draw.hits(either(provider.loss_down, state.lose));
        let takes = provider.line.at(draw.quantile());
        let asked = now - provider.line.at(self.close_draw(slot, k, n, 0).quantile());
        let what = self.close_order(slot, k);
        let way = (Lane::Provider, Lane::Gateway);
        let sent = (now, (!lost).then_some(takes));
        self.tell_line(slot, way, Word::CloseAnswer(told(what)), (k, n), sent);
        let crash = self.timelines.gateway.next_crash(asked);
        let (at, what) = match lost {
            true => (now, NO_WORD),
            // the process that asked is gone
            false if crash <= now + takes => (crash.max(now), NO_WORD),
            false => (now + takes, what),
        };
        self.plan_step(slot, at, Step::CloseHears, k, n, what);
    }

    /// What the provider does with the order of attempt `k`: what a bank still works on will not be
    /// captured, and what has been captured is sent back or stays.
    fn close_order(&mut self, slot: u32, k: u8) -> u32 {
        let index = self.provider_of(slot, k);
        let Some(rule) = self.plan.providers[index as usize].close else { return NO_WORD };
        let called = self.annexes.get(&slot).and_then(|a| a.called.iter().find(|c| c.0 == k));
        if self.now < called.map_or(0, |&(_, at)| at) + rule.not_before.ns() {
            return TOO_EARLY;
        }
        let journey = &self.journeys[slot];
        let same = journey.of_order(self.plan.client.key, journey.at_bank, k);
        let here = same.iter().filter(|&other| self.provider_of(slot, other) == index);
        let here: Vec<u8> = here.collect();
        let stands = |&other: &u8| journey.captured.has(other) && !journey.cased.has(other);
        if rule.paid == PaidOrder::Kept && here.iter().any(stands) {
            return PAID;
        }
        self.annexes.entry(slot).or_default().closed.add(k);
        for other in here {
            let journey = &self.journeys[slot];
            if !journey.captured.has(other) {
                self.cancel(slot, Step::BankDone, other);
            } else if !journey.cased.has(other) {
                self.annexes.entry(slot).or_default().revoked.add(other);
                self.send_back(slot, other);
            }
        }
        CLOSED
    }

    /// The answer of a close reaches the gateway.
    #[cold]
    pub(super) fn close_hears(&mut self, slot: u32, k: u8, n: u8, what: u32) {
        if self.is_paid(slot, k) {
            return;
        }
        match what {
            CLOSED => {
                let cause = self.cause_of_silence(slot, k);
                self.end_order(slot, k, Answer::Refused(cause).into());
            }
            PAID => self.learn_paid(slot, k),
            _ => self.close_again(slot, k, n),
        }
    }

    /// The next close, if there is one left; without, nobody knows what becomes of the order.
    pub(super) fn close_again(&mut self, slot: u32, k: u8, n: u8) {
        let Some(close) = &self.plan.gateway.close else { return };
        if n + 1 < close.closes_max {
            self.plan_step(slot, self.now + close.every, Step::CloseStart, k, n + 1, 0);
        } else {
            let (lane, why) = (Lane::Gateway, Why::Closes);
            self.tell(slot, Moment::GaveUp { lane, attempt: k + 1, why });
            self.end_order(slot, k, Answer::Unknown.into());
        }
    }

    /// Whether the order of an attempt has been closed, at whichever provider.
    #[inline]
    pub(super) fn is_closed(&self, slot: u32, k: u8) -> bool {
        self.plan.gateway.close.is_some() && !self.closed(slot, k).is_empty()
    }

    /// Whether a provider has closed the order of an attempt.
    #[inline]
    pub(super) fn is_closed_at(&self, slot: u32, k: u8, provider: u8) -> bool {
        self.plan.gateway.close.is_some()
            && self.closed(slot, k).iter().any(|other| self.provider_of(slot, other) == provider)
    }

    /// The attempts of the order of `k` under which it was closed.
    fn closed(&self, slot: u32, k: u8) -> Attempts {
        let closed = self.annexes.get(&slot).map_or(Attempts::default(), |annex| annex.closed);
        self.journeys[slot].of_order(self.plan.client.key, closed, k)
    }

    /// What is said of an attempt with the number of a closed order.
    pub(super) fn closed_answer(&self, slot: u32) -> Answer {
        Answer::Refused(self.journeys[slot].last_cause.unwrap_or(Cause::PlatformTechFault))
    }

    /// Whether a capture comes on top of another one that stands. After a revoked one it does not.
    pub(super) fn is_extra(&mut self, slot: u32) -> bool {
        let captured = self.journeys[slot].captured;
        if captured.is_empty() {
            return false;
        }
        let Some(annex) = self.annexes.get_mut(&slot) else { return true };
        let stands = captured.0 & !annex.revoked.0 != 0;
        annex.spared += u8::from(!stands);
        stands
    }
}

/// The answer of a close, as a story tells it.
fn told(what: u32) -> Closing {
    match what {
        CLOSED => Closing::Closed,
        PAID => Closing::Paid,
        _ => Closing::TooEarly,
    }
}
