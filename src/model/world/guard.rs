//! What a breaker or a throttle holds back, and hedges: attempts beside open ones.

use super::Simulation;
use super::answer::{Answer, Failed, Said};
use super::journey::{Phase, attempts_max};
use super::step::Step;
use crate::model::advice::Pushback;
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
        self.gateway_refused(slot, k, n, Failed::of(Answer::Refused(BY_GATEWAY)));
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

    /// It is time for a hedge: the app still waits for an answer, or for the end of the pushback
    /// (`payload`) of attempt `k`.
    #[cold]
    pub(super) fn hedge(&mut self, slot: u32, entry: u8, (k, payload): (u8, u32)) {
        let journey = &self.journeys[slot];
        let (open, pushed) = (!journey.open.is_empty(), payload != 0);
        let waits = journey.phase == Phase::Calling && (open || pushed);
        assert!(waits && journey.entries == entry + 1, "who waits no longer sends no hedge");
        if !self.send_hedge(slot) && !open {
            self.client_decides(slot, k, Failed::heard(payload));
        }
    }

    /// After an attempt that failed in a way that the policy tries again on the next hedge goes at
    /// once; after any other failure there is none. False: nothing was sent.
    #[inline]
    pub(super) fn hedges_at_once(&mut self, slot: u32, k: u8, failed: Failed) -> bool {
        let Some(hedge) = self.plan.client.hedge else { return false };
        let entry = self.journeys[slot].entries - 1;
        self.cancel(slot, Step::Hedge, entry);
        let (policy, advice) = (&self.plan.client.retry, failed.told.advice());
        if let Some(Pushback::After(pause)) = policy.pushback(&advice) {
            return self.hedge_is_pushed_back(slot, k, failed, pause);
        }
        if !policy.tries_again(failed.seen, failed.is_declined(), &advice) {
            self.annexes.entry(slot).or_default().sent_of_try = hedge.attempts_max;
        }
        self.send_hedge(slot)
    }

    /// The next hedge goes when the server said so in its answer to attempt `k`, and those after it
    /// at their usual distance. False: there is none.
    fn hedge_is_pushed_back(&mut self, slot: u32, k: u8, failed: Failed, pause_ns: u64) -> bool {
        let at = self.now + pause_ns;
        if !self.may_hedge(slot) || self.client_is_too_late(slot, at).is_some() {
            return false;
        }
        let (entry, attempt) = (self.journeys[slot].entries - 1, self.journeys[slot].attempts + 1);
        self.tell(slot, Moment::Retries { lane: Lane::App, attempt, pause_ns });
        if self.journeys[slot].open.is_empty() {
            self.note(Fact::BacksOff { from: self.now, until: at });
        }
        self.plan_step(slot, at, Step::Hedge, entry, k, Said::from(failed).pack());
        true
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
