//! What a breaker or a throttle holds back, and hedges: attempts beside open ones.

use super::Simulation;
use super::answer::{Answer, Failed};
use super::journey::{Phase, attempts_max};
use super::step::Step;
use crate::model::cause::Cause;
use crate::model::facts::{Fact, Observer};
use crate::model::guard::{How, Pass};
use crate::model::retry::Seen;
use crate::model::story::{Lane, Moment};

/// What the user is told of an attempt that the app does not send: system busy, try again later.
const BY_APP: Cause = Cause::SystemBusy;
/// What the app is told of a call that the gateway does not make, as of a provider that takes no
/// more.
const BY_GATEWAY: Cause = Cause::PlatformTechFault;

impl<O: Observer> Simulation<'_, O> {
    /// A new call of the app begins: nothing of it has been held back or hedged.
    #[inline]
    pub(super) fn call_is_new(&mut self, slot: u32) {
        let client = &self.plan.client;
        if !client.is_guarded() && client.hedge.is_none() {
            return;
        }
        if let Some(annex) = self.annexes.get_mut(&slot) {
            (annex.refused_of_call, annex.hedges_of_call) = (0, 0);
        }
    }

    /// The next attempt is not sent: the policy decides as after a refusal.
    #[cold]
    pub(super) fn client_held_back(&mut self, slot: u32) {
        let next = self.journeys[slot].attempts;
        self.note_held_back(slot, Lane::App, next);
        let annex = self.annexes.entry(slot).or_default();
        annex.refused_of_call += 1;
        let refused = annex.refused;
        self.struck(slot, BY_APP);
        self.client_not_sent(slot, next);
        let failed = Failed::of(Answer::Refused(BY_APP));
        self.client_tries_again(slot, (next, refused), failed);
    }

    /// Tells of an attempt or a call that is not sent, with its number from 0.
    pub(super) fn note_held_back(&mut self, slot: u32, lane: Lane, k: u8) {
        if lane == Lane::App {
            let annex = self.annexes.entry(slot).or_default();
            annex.refused = annex.refused.wrapping_add(1) % OF_APP;
        }
        let (at, in_cohort) = (self.now, self.in_cohort(slot));
        self.tell(slot, Moment::HeldBack { lane, attempt: k + 1 });
        self.note(Fact::HeldBack { at, gateway: lane == Lane::Gateway, in_cohort });
    }

    /// Attempts of the present call that were not sent, though the schedule wanted them.
    #[inline]
    pub(super) fn held_back_of_call(&self, slot: u32) -> u32 {
        if !self.plan.client.is_guarded() {
            return 0;
        }
        self.annexes.get(&slot).map_or(0, |annex| u32::from(annex.refused_of_call))
    }

    /// Call `n` of the gateway is not made: its policy decides as after a refusal.
    #[cold]
    pub(super) fn gateway_held_back(&mut self, slot: u32, k: u8, n: u8) {
        self.note_held_back(slot, Lane::Gateway, k);
        self.remember_route(slot, k, How::Refused(BY_GATEWAY));
        self.gateway_not_sent(slot, k);
        self.gateway_refused(slot, k, n, Answer::Refused(BY_GATEWAY));
    }

    // ---- hedges

    /// Attempts of the present call, hedges among them.
    pub(super) fn sent_of_call(&self, slot: u32) -> u32 {
        let hedges = match self.plan.client.hedge {
            Some(_) => self.annexes.get(&slot).map_or(0, |annex| annex.hedges_of_call),
            None => 0,
        };
        u32::from(self.journeys[slot].tries) + u32::from(hedges)
    }

    /// The policy has sent an attempt: a try begins, and a hedge may follow.
    #[inline]
    pub(super) fn hedge_from_here(&mut self, slot: u32) {
        if self.plan.client.hedge.is_some() {
            self.annexes.entry(slot).or_default().sent_of_try = 1;
            self.hedge_later(slot);
        }
    }

    /// The next hedge of the present try, if there is one left.
    fn hedge_later(&mut self, slot: u32) {
        let Some(hedge) = self.plan.client.hedge else { return };
        if self.may_hedge(slot) {
            let entry = self.journeys[slot].entries - 1;
            let after = self.hedges_after(slot, hedge);
            self.plan_step(slot, self.now + after, Step::Hedge, entry, 0, 0);
        }
    }

    /// Whether the present try has room for another attempt.
    fn may_hedge(&self, slot: u32) -> bool {
        let Some(hedge) = self.plan.client.hedge else { return false };
        let sent = self.annexes.get(&slot).map_or(0, |annex| annex.sent_of_try);
        sent < hedge.attempts_max && self.journeys[slot].attempts < attempts_max(self.plan)
    }

    /// It is time for a hedge: the app still waits.
    #[cold]
    pub(super) fn hedge(&mut self, slot: u32, entry: u8) {
        let journey = &self.journeys[slot];
        let waits = journey.phase == Phase::Calling && !journey.open.is_empty();
        assert!(waits && journey.entries == entry + 1, "who waits no longer sends no hedge");
        self.send_hedge(slot);
    }

    /// After an attempt that failed in a way that the policy tries again on the next hedge goes at
    /// once; after any other failure there is none. False: nothing was sent.
    #[inline]
    pub(super) fn hedges_at_once(&mut self, slot: u32, failed: Failed) -> bool {
        let Some(hedge) = self.plan.client.hedge else { return false };
        let entry = self.journeys[slot].entries - 1;
        self.cancel(slot, Step::Hedge, entry);
        let declined = matches!(failed.answer, Answer::Declined(_));
        if !self.plan.client.retry.tries_again_on(failed.seen, declined) {
            self.annexes.entry(slot).or_default().sent_of_try = hedge.attempts_max;
        }
        self.send_hedge(slot)
    }

    /// Sends a hedge, if there is one left, and neither the budget nor a guard is against it.
    fn send_hedge(&mut self, slot: u32) -> bool {
        let next = self.journeys[slot].attempts;
        // to a budget a hedge is what silence is: nothing has come so far
        if !self.may_hedge(slot) || !self.client_may_retry(slot, next, Seen::TimeOut) {
            return false;
        }
        if self.client_may_send(slot, 0) != Pass::Now {
            self.client_not_sent(slot, next);
            self.note_held_back(slot, Lane::App, next);
            return false;
        }
        self.tell(slot, Moment::Hedges { attempt: next + 1 });
        self.submit(slot);
        // a hedge belongs to the try that is under way
        self.journeys[slot].tries -= 1;
        let annex = self.annexes.entry(slot).or_default();
        annex.sent_of_try += 1;
        annex.hedges_of_call += 1;
        self.hedge_later(slot);
        true
    }
}

/// Sub-numbers of the app's luck with a throttle; those of the gateway come after.
const OF_APP: u8 = 32;
