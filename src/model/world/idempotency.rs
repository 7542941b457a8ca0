//! What a provider's store of order numbers says to a call.

use super::Simulation;
use super::answer::Answer;
use crate::model::cause::Cause;
use crate::model::client::Key;
use crate::model::facts::Observer;
use crate::model::idempotency::{InProcess, Keeps, Mismatch, Store};
use crate::model::story::{Lane, Moment};

/// A call that a provider began to work on, because its number was not known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Execution {
    /// The attempt and the gateway's call for it.
    call: (u8, u8),
    began: u64,
    /// When it was over, and how; none while it is in process.
    ended: Option<(u64, Answer)>,
}

impl<O: Observer> Simulation<'_, O> {
    /// What the store of a provider answers to a call; none where its number is not known.
    pub(super) fn store_answers(
        &self,
        slot: u32,
        k: u8,
        provider: u8,
        store: &Store,
    ) -> Option<Answer> {
        if self.plan.client.key.kind == Key::None {
            return None;
        }
        if !store.is_plain() {
            return self.remembered(slot, k, provider, store);
        }
        if self.known_to_provider(slot, k, provider) {
            return Some(Answer::Paid);
        }
        self.in_process_elsewhere(slot, k, provider).then_some(Answer::Unknown)
    }

    /// The same where times and failures matter: the last execution of the number governs, since
    /// another one began only when the number was not known any more.
    fn remembered(&self, slot: u32, k: u8, provider: u8, store: &Store) -> Option<Answer> {
        let journey = &self.journeys[slot];
        let keys = self.plan.client.key;
        let of_order = |execution: &&Execution| {
            let other = execution.call.0;
            let same = journey.same_order(keys, other, k);
            same && self.provider_of(slot, other) == provider
        };
        let executions = self.annexes.get(&slot)?.executions.iter();
        let last = executions.rev().find(of_order)?;
        if self.now >= last.began.saturating_add(store.retention) {
            return None;
        }
        let is_other = self.channel_of(slot, last.call.0) != self.channel_of(slot, k);
        if is_other && store.mismatch == Mismatch::Error {
            return Some(Answer::Declined(Cause::DuplicateSubmit));
        }
        match last.ended.filter(|(at, _)| *at <= self.now) {
            None => Some(match store.in_process {
                InProcess::Unknown => Answer::Unknown,
                InProcess::Conflict => Answer::Refused(Cause::DuplicateSubmit),
            }),
            Some((_, answer)) => match (answer, store.keeps) {
                (Answer::Paid, _) | (_, Keeps::Everything) => Some(answer),
                (Answer::Declined(_), Keeps::Outcome) => Some(answer),
                _ => None,
            },
        }
    }

    /// Tells what a provider that knows the number of an order says to a call.
    #[inline]
    pub(super) fn tell_recognised(&mut self, slot: u32, k: u8, now: u64, answer: Answer) {
        let (lane, attempt) = (Lane::Provider, k + 1);
        match answer {
            Answer::Paid | Answer::Unknown => {
                let paid = answer == Answer::Paid;
                self.tell(slot, Moment::Recognised { lane, attempt, paid });
            }
            Answer::Declined(cause) | Answer::Refused(cause) | Answer::Limited(cause) => {
                self.tell_stop(slot, lane, k, now, cause);
            }
        }
    }

    /// Whether the provider has captured this order before.
    fn known_to_provider(&self, slot: u32, k: u8, provider: u8) -> bool {
        let journey = &self.journeys[slot];
        if journey.captured.is_empty() {
            return false;
        }
        let same = journey.of_order(self.plan.client.key, journey.captured, k);
        same.iter().any(|other| self.provider_of(slot, other) == provider)
    }

    /// Whether the bank still works on another attempt of the same order that came this way: a
    /// provider knows its own part of an order only.
    fn in_process_elsewhere(&self, slot: u32, k: u8, provider: u8) -> bool {
        let journey = &self.journeys[slot];
        if journey.at_bank.is_empty() {
            return false;
        }
        let same = journey.of_order(self.plan.client.key, journey.at_bank, k);
        let is_here = |other| self.provider_of(slot, other) == provider;
        same.iter().any(|other| self.is_at_bank(slot, other) && is_here(other))
    }

    /// A provider begins to work on a call.
    #[inline]
    pub(super) fn execution_begins(&mut self, slot: u32, call: (u8, u8), store: Option<&Store>) {
        if store.is_some_and(|store| !store.is_plain()) {
            let execution = Execution { call, began: self.now, ended: None };
            self.annexes.entry(slot).or_default().executions.push(execution);
        }
    }

    /// It has come to an answer at `at`.
    #[inline]
    pub(super) fn execution_ends(&mut self, slot: u32, call: (u8, u8), at: u64, answer: Answer) {
        if !self.plan.remembers_calls {
            return;
        }
        let Some(annex) = self.annexes.get_mut(&slot) else { return };
        let open = annex.executions.iter_mut().rev().find(|e| e.call == call && e.ended.is_none());
        if let Some(execution) = open {
            execution.ended = Some((at, answer));
        }
    }
}
