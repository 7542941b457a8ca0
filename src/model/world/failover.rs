//! Failover: the gateway turns to the provider of the channel's next route, once an attempt.
//!
//! The call of attempt k to a second provider has the number k + 8, and with it bits and luck of
//! its own; it belongs to the entry and the order of attempt k, and its answer is that attempt's.

use super::Simulation;
use super::app::ADMITTED;
use super::journey::BEFORE_FAILOVER;
use super::overload::Left;
use super::step::Step;
use crate::model::channel::Silence;
use crate::model::facts::Observer;
use crate::model::gateway::Hold;
use crate::model::story::Moment;

/// Why the gateway turns to another provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trigger {
    /// The first one refused.
    Refusal,
    /// The first one kept silent until the time-out.
    Silence,
    /// A status query to the first one learned that nothing was captured.
    Query,
}

impl<O: Observer> Simulation<'_, O> {
    /// Whether the gateway calls another provider for attempt `k` now.
    #[inline]
    pub(super) fn fails_over(&self, slot: u32, k: u8, why: Trigger) -> bool {
        self.plan.fails_over && self.may_fail_over(slot, k, why)
    }

    fn may_fail_over(&self, slot: u32, k: u8, why: Trigger) -> bool {
        let journey = &self.journeys[slot];
        let failover = self.plan.channels[self.channel_of(slot, k) as usize].failover;
        let wanted = match why {
            Trigger::Refusal => failover.refusal,
            Trigger::Silence => failover.silence == Silence::AtOnce,
            Trigger::Query => failover.silence == Silence::AfterQuery,
        };
        wanted && !journey.has_failed_over(k) && !self.is_paid(slot, k)
    }

    /// Calls the provider of the next route. A synchronous worker goes on waiting.
    pub(super) fn fail_over(&mut self, slot: u32, k: u8, why: Trigger) {
        let second = k + BEFORE_FAILOVER;
        self.journeys[slot].listening.remove(k);
        self.journeys[slot].in_flight.remove(k);
        self.cancel(slot, Step::ProviderTimeout, k);
        let (attempt, call) = (k + 1, second + 1);
        let (provider, silence) = (self.provider_of(slot, second), why != Trigger::Refusal);
        self.tell(slot, Moment::FailsOver { attempt, call, provider, silence });
        self.call_provider(slot, second, 0);
    }

    /// The gateway calls a provider again after a pause, or when a call's turn has come, unless a
    /// notice has come meanwhile.
    #[cold]
    pub(super) fn provider_again(&mut self, slot: u32, k: u8, n: u8, admitted: u32) {
        if self.plan.fails_over && self.is_paid(slot, k) {
            self.gateway_forgets(slot, k);
            if self.plan.gateway.hold == Hold::Sync {
                self.release_attempt(slot, k, Left::Served);
            }
            return;
        }
        if admitted == u32::from(ADMITTED) {
            return self.place_call(slot, k, n);
        }
        self.call_provider(slot, k, n);
    }

    /// Whether the gateway knows that an attempt is paid, at whichever provider it tried.
    #[inline]
    pub(super) fn is_paid(&self, slot: u32, k: u8) -> bool {
        let paid = self.journeys[slot].paid;
        paid.has(k) || (self.plan.fails_over && paid.has(k ^ BEFORE_FAILOVER))
    }

    /// Whether the gateway still tries an attempt at the other provider.
    #[inline]
    pub(super) fn is_tried(&self, slot: u32, k: u8) -> bool {
        self.plan.fails_over && self.journeys[slot].in_flight.has(k ^ BEFORE_FAILOVER)
    }

    /// Whether a bank still works on an attempt, for whichever provider.
    pub(super) fn is_with_bank(&self, slot: u32, k: u8) -> bool {
        self.is_at_bank(slot, k)
            || (self.plan.fails_over && self.is_at_bank(slot, k ^ BEFORE_FAILOVER))
    }

    /// The order is paid at one provider: the gateway waits for the other one no longer.
    #[inline]
    pub(super) fn forget_second(&mut self, slot: u32, k: u8) {
        if !self.plan.fails_over {
            return;
        }
        let other = k ^ BEFORE_FAILOVER;
        self.journeys[slot].in_flight.remove(other);
        if self.journeys[slot].listening.has(other) {
            self.gateway_forgets(slot, other);
            self.stop_listening(slot, other);
        }
    }

    /// The gateway gives up an attempt that failed over: nobody looks for a capture of the first
    /// provider either.
    pub(super) fn give_up_first(&mut self, slot: u32, k: u8) {
        if !self.plan.fails_over || !self.journeys[slot].has_failed_over(k) {
            return;
        }
        let first = k ^ BEFORE_FAILOVER;
        if self.journeys[slot].captured.has(first) {
            self.orphan(slot, first);
        }
    }
}
