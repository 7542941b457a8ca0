//! The app: sends attempts, waits, and asks its policy after every outcome.

use super::Simulation;
use super::answer::{Answer, Failed, Said};
use super::breaks::Break;
use super::journey::{Phase, attempts_max};
use super::step::Step;
use crate::model::cause::Cause;
use crate::model::client::Key;
use crate::model::facts::{Fact, NO_BANK, Observer};
use crate::model::guard::Pass;
use crate::model::network::{Leg, Message};
use crate::model::retry::{Decision, Failure, Luck};
use crate::model::story::{Lane, Moment, Why, Word};

/// What has waited for its turn, as a number or a payload.
pub(super) const ADMITTED: u8 = 1;

impl<O: Observer> Simulation<'_, O> {
    /// Sends the next attempt, unless something holds it back; with `n` = [`ADMITTED`] it has
    /// waited for its turn.
    pub(super) fn send(&mut self, slot: u32, n: u8) {
        let journey = &self.journeys[slot];
        if journey.phase != Phase::Calling {
            return;
        }
        let patience = self.plan.users.screen_patience;
        let most = self.plan.client.deadline.map_or(patience, |deadline| deadline.min(patience));
        let leaves = journey.call_began + most;
        let k = journey.attempts;
        let pass = match n {
            ADMITTED => Pass::Now,
            _ => self.client_may_send(slot, leaves.saturating_sub(self.now)),
        };
        match pass {
            Pass::Now => {
                self.submit(slot);
                self.hedge_from_here(slot);
            }
            Pass::After(wait_ns) => {
                self.tell(slot, Moment::WaitsForTurn { lane: Lane::App, attempt: k + 1, wait_ns });
                self.plan_step(slot, self.now + wait_ns, Step::Send, k, ADMITTED, 0);
            }
            Pass::Refused => self.client_held_back(slot),
        }
    }

    /// An attempt leaves.
    pub(super) fn submit(&mut self, slot: u32) {
        let now = self.now;
        let journey = &mut self.journeys[slot];
        let k = journey.attempts;
        journey.attempts += 1;
        journey.open.add(k);
        let first_of_call = journey.tries == 0;
        journey.tries += 1;
        self.note(Fact::Attempt { at: now, number: u16::from(k) + 1 });
        if first_of_call {
            self.client_call_begins(slot, k);
        }
        let (timeout, cut) = self.client_waits(slot);
        self.plan_step(slot, now + timeout, Step::ClientTimeout, k, 0, cut);
        let leg = self.over_network(slot, true, k, 0, timeout);
        self.tell_leg(slot, true, Word::Attempt, (k, 0), leg);
        match leg {
            Leg::Arrives(after) => {
                self.plan_step(slot, now + after, Step::GatewayArrive, k, 0, 0);
                self.breaks_in_a_crash(slot, k, timeout);
            }
            Leg::Lost(why) => {
                self.journeys[slot].lost.add(k);
                if why != Cause::NetUnstable {
                    self.journeys[slot].silence(k, why);
                }
                self.breaks(slot, k, Break::Request);
            }
        }
    }

    /// How long an attempt that is sent now waits, ns; and in steps (`cut_step`), where the
    /// deadline of the call cuts it short: up to the next whole one, so that its time-out still
    /// tells when it was sent.
    #[inline]
    fn client_waits(&self, slot: u32) -> (u64, u32) {
        let client = &self.plan.client;
        let Some(deadline) = client.deadline else { return (client.timeout, 0) };
        let left = (self.journeys[slot].call_began + deadline).saturating_sub(self.now);
        let steps = left.div_ceil(client.cut_step).max(1);
        let cut = u32::try_from(steps).expect("a deadline is an hour at most");
        let waits = self.client_waited(cut);
        if waits < client.timeout { (waits, cut) } else { (client.timeout, 0) }
    }

    /// How long an attempt waits, or has waited, whose time-out carries this payload, ns.
    #[inline]
    pub(super) fn client_waited(&self, cut: u32) -> u64 {
        let client = &self.plan.client;
        if cut == 0 { client.timeout } else { u64::from(cut) * client.cut_step }
    }

    /// Whether a call may still do something at `at`.
    pub(super) fn is_before_deadline(&self, slot: u32, at: u64) -> bool {
        let began = self.journeys[slot].call_began;
        self.plan.client.deadline.is_none_or(|deadline| at < began + deadline)
    }

    /// Carries a message over the user's network.
    #[inline]
    pub(super) fn over_network(
        &mut self,
        slot: u32,
        up: bool,
        k: u8,
        sub: u8,
        give_up: u64,
    ) -> Leg {
        let journey = &mut self.journeys[slot];
        let incidents = &self.timelines.networks[journey.access as usize];
        let (extra_loss, slower, named) = if incidents.is_quiet() {
            (0, 1 << 16, None)
        } else {
            let state = incidents.state(self.now);
            (state.lose, state.latency, state.path_cause)
        };
        let attempt = u16::from(k);
        let message =
            Message { sent: self.now, up, attempt, sub, give_up, extra_loss, slower, named };
        let access = &self.plan.access[journey.access as usize];
        let leg = access.send(journey.stream, &mut journey.memory, message);
        if let (Leg::Arrives(takes), Some(named), true) = (leg, named, up && sub == 0) {
            // both legs take alike: the incident alone may make the answer late
            let calm = (u128::from(2 * takes) << 16) / u128::from(slower.max(1));
            if 2 * takes > give_up && calm <= u128::from(give_up) {
                journey.silence(k, named);
            }
        }
        leg
    }

    /// The answer of an attempt goes back to the app, if that still listens.
    #[inline]
    pub(super) fn answer(&mut self, slot: u32, k: u8, said: Said) {
        if !self.journeys[slot].open.has(k) {
            return self.tell(slot, Moment::Unheard { lane: Lane::App, attempt: k + 1 });
        }
        let leg = self.over_network(slot, false, k, 0, self.plan.client.timeout);
        self.tell_leg(slot, false, Word::Answer(said.answer.told()), (k, 0), leg);
        match leg {
            Leg::Arrives(after) => {
                let at = self.now + after;
                let said = self.gateway_says(slot, k, said);
                self.plan_step(slot, at, Step::ClientHears, k, 0, said.pack());
            }
            Leg::Lost(_) => {
                self.journeys[slot].silence(k, Cause::NetResponseLost);
                self.breaks(slot, k, Break::Answer);
            }
        }
    }

    /// An answer reaches the app.
    pub(super) fn client_hears(&mut self, slot: u32, k: u8, payload: u32) {
        let journey = &mut self.journeys[slot];
        if !journey.open.has(k) {
            return self.tell(slot, Moment::Unheard { lane: Lane::App, attempt: k + 1 });
        }
        journey.open.remove(k);
        let heard = Failed::heard(payload);
        self.client_ended(slot, k, heard, None);
        self.cancel(slot, Step::ClientTimeout, k);
        match heard.answer {
            Answer::Paid => self.client_succeeds(slot),
            Answer::Declined(cause) | Answer::Refused(cause) | Answer::Limited(cause) => {
                self.struck(slot, cause);
                if !self.hedges_at_once(slot, k, heard) && self.journeys[slot].open.is_empty() {
                    self.client_decides(slot, k, heard);
                }
            }
            Answer::Unknown => {
                let cause = self.cause_of_silence(slot, k);
                self.client_left_in_the_dark(slot, k, cause, heard);
            }
        }
    }

    /// The app stops waiting for an attempt: at its time-out, after `cut` steps because the
    /// deadline of the call says so, or then because it sees that the connection broke (`how`).
    pub(super) fn client_timeout(&mut self, slot: u32, k: u8, (how, cut): (u8, u32)) {
        let journey = &mut self.journeys[slot];
        if !journey.open.has(k) {
            return;
        }
        journey.open.remove(k);
        let (cause, silence) = self.ends_in_silence(slot, k, how);
        self.client_ended(slot, k, silence, Some(cut));
        if O::FOLLOWS {
            let (lane, attempt, after_ns) = (Lane::App, k + 1, self.client_waited(cut));
            self.tell(
                slot,
                match how {
                    0 => Moment::TimedOut { lane, attempt, after_ns, cause: Some(cause) },
                    _ => Moment::ConnectionLost { attempt, after_ns, cause },
                },
            );
        }
        self.client_left_in_the_dark(slot, k, cause, silence);
    }

    /// An attempt ended without a word that settles it.
    fn client_left_in_the_dark(&mut self, slot: u32, k: u8, cause: Cause, failed: Failed) {
        self.struck(slot, cause);
        if self.hedges_at_once(slot, k, failed) || !self.journeys[slot].open.is_empty() {
            return;
        }
        match &self.plan.client.query_first {
            Some(query) if self.is_before_deadline(slot, self.now + query.after) => {
                self.journeys[slot].phase = Phase::Querying;
                self.plan_step(slot, self.now + query.after, Step::QuerySend, k, 0, 0);
            }
            _ => self.client_decides(slot, k, failed),
        }
    }

    /// Why an attempt ended without a word: known, or by where the attempt still is.
    pub(super) fn cause_of_silence(&self, slot: u32, k: u8) -> Cause {
        let journey = &self.journeys[slot];
        let k = journey.root_of(k);
        match journey.why {
            Some(why) if journey.why_of == k => why,
            _ if journey.lost.has(k) => Cause::NetUnstable,
            _ if journey.blocked > u8::from(self.waits_for_help(slot)) => Cause::ServerOverload,
            _ if self.is_with_bank(slot, k) && self.bank_of(slot, k) != NO_BANK => {
                Cause::BankProcessingDelay
            }
            _ if journey.in_flight.has(k) || self.is_tried(slot, k) => Cause::PlatformTechFault,
            _ if self.plan.access[journey.access as usize].slow => Cause::NetSlow,
            _ => Cause::NetLatencyHigh,
        }
    }

    /// The money was captured: nothing else of this call matters.
    pub(super) fn client_succeeds(&mut self, slot: u32) {
        let open = self.journeys[slot].open;
        for k in open.iter() {
            self.client_forgets(slot, k);
            self.cancel(slot, Step::ClientTimeout, k);
        }
        self.journeys[slot].open = super::journey::Attempts::default();
        let entry = self.journeys[slot].entries.saturating_sub(1);
        self.cancel(slot, Step::Resubmit, entry);
        if self.plan.client.hedge.is_some() {
            self.cancel(slot, Step::Hedge, entry);
        }
        self.call_over(slot, Answer::Paid);
    }

    /// The policy decides after a failed attempt.
    pub(super) fn client_decides(&mut self, slot: u32, k: u8, failed: Failed) {
        let plan = self.plan;
        let answer = failed.answer;
        let journey = &mut self.journeys[slot];
        journey.phase = Phase::Calling;
        let declined = failed.is_declined();
        let advice = failed.told.advice();
        let again = plan.client.retry.tries_again(failed.seen, declined, &advice);
        if !again || journey.attempts >= attempts_max(plan) {
            let why = match again {
                true => Why::Attempts,
                false if declined => Why::Declined,
                false => Why::Policy,
            };
            return self.client_gives_up(slot, k, answer, why);
        }
        let same_number = plan.client.key.kind != Key::PerAttempt;
        if same_number && answer.may_pass() && self.is_closed(slot, k) {
            return self.client_gives_up(slot, k, answer, Why::Closed);
        }
        self.client_tries_again(slot, (k, 0), failed);
    }

    /// The schedule, the user's patience and the budget decide about a further attempt after
    /// attempt `k`; `refused`: how often attempts were held back so far.
    pub(super) fn client_tries_again(&mut self, slot: u32, (k, refused): (u8, u8), failed: Failed) {
        let plan = self.plan;
        let (now, answer, advice) = (self.now, failed.answer, failed.told.advice());
        if !plan.client.retry.tries_again(failed.seen, failed.is_declined(), &advice) {
            return self.client_gives_up(slot, k, answer, Why::Policy);
        }
        let journey = &self.journeys[slot];
        let tried = u32::from(journey.tries) + self.held_back_of_call(slot);
        let failure = Failure {
            attempt: tried,
            seen: failed.seen,
            cause: failed.cause(),
            elapsed: now - journey.call_began,
            advice,
            luck: Luck::of_client(journey.stream, (k, refused), journey.call_began),
        };
        let Decision::Retry(pause) = plan.client.retry.decide(&failure) else {
            return self.client_gives_up(slot, k, answer, Why::Policy);
        };
        let (next, at) = (self.journeys[slot].attempts, now.saturating_add(pause));
        if let Some(why) = self.client_is_too_late(slot, at) {
            return self.client_gives_up(slot, k, answer, why);
        }
        if !self.client_may_retry(slot, next, failed.seen) {
            return self.client_gives_up(slot, k, answer, Why::Budget);
        }
        let attempt = next + 1;
        self.tell(slot, Moment::Retries { lane: Lane::App, attempt, pause_ns: pause });
        if pause > 0 {
            self.note(Fact::BacksOff { from: now, until: at });
        }
        self.plan_step(slot, at, Step::Send, next, 0, 0);
    }

    /// Why a retry at `at` would come too late, if it would.
    pub(super) fn client_is_too_late(&self, slot: u32, at: u64) -> Option<Why> {
        if at - self.journeys[slot].call_began > self.plan.users.screen_patience {
            return Some(Why::Patience);
        }
        (!self.is_before_deadline(slot, at)).then_some(Why::Deadline)
    }

    /// The call ends without another attempt.
    fn client_gives_up(&mut self, slot: u32, k: u8, answer: Answer, why: Why) {
        self.tell(slot, Moment::GaveUp { lane: Lane::App, attempt: k + 1, why });
        self.call_over(slot, answer);
    }

    /// Tells of a message between app and gateway; `n` counts queries of an attempt from 0.
    #[inline]
    pub(super) fn tell_leg(&mut self, slot: u32, up: bool, word: Word, (k, n): (u8, u8), leg: Leg) {
        let (from, to) = if up { (Lane::App, Lane::Gateway) } else { (Lane::Gateway, Lane::App) };
        let takes_ns = match leg {
            Leg::Arrives(after) => Some(after),
            Leg::Lost(_) => None,
        };
        let (attempt, number) = (k + 1, n + 1);
        self.tell(slot, Moment::Message { from, to, word, attempt, number, takes_ns });
    }
}
