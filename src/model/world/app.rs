//! The app: sends attempts, waits, and asks its policy after every outcome.

use super::Simulation;
use super::answer::Answer;
use super::journey::{Phase, attempts_max};
use super::step::Step;
use crate::model::cause::Cause;
use crate::model::client::Key;
use crate::model::facts::{Fact, NO_BANK, Observer};
use crate::model::network::{Leg, Message};
use crate::model::purpose::Purpose;
use crate::model::retry::{Decision, Schedule};
use crate::model::story::{Lane, Moment, Why, Word};

impl<O: Observer> Simulation<'_, O> {
    /// Sends the next attempt.
    pub(super) fn send(&mut self, slot: u32) {
        let plan = self.plan;
        let now = self.now;
        let journey = &mut self.journeys[slot];
        if journey.phase != Phase::Calling {
            return;
        }
        let k = journey.attempts;
        journey.attempts += 1;
        journey.open.add(k);
        let first_of_call = journey.tries == 0;
        journey.tries += 1;
        self.note(Fact::Attempt { at: now, number: u16::from(k) + 1 });
        if first_of_call && plan.client.budget.is_some() && plan.client.instances > 0 {
            let instance = self.client_instance(slot);
            self.shared.client_budgets[instance].deposit(now);
        }
        self.plan_step(slot, now + plan.client.timeout, Step::ClientTimeout, k, 0, 0);
        let leg = self.over_network(slot, true, k, 0, plan.client.timeout);
        self.tell_leg(slot, true, Word::Attempt, (k, 0), leg);
        match leg {
            Leg::Arrives(after) => self.plan_step(slot, now + after, Step::GatewayArrive, k, 0, 0),
            Leg::Lost(why) => {
                self.journeys[slot].lost.add(k);
                if why != Cause::NetUnstable {
                    self.journeys[slot].silence(k, why);
                }
            }
        }
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

    /// The process that holds the app's policy state.
    pub(super) fn client_instance(&self, slot: u32) -> usize {
        let instances = self.plan.client.instances;
        if instances <= 1 {
            return 0;
        }
        let draw = self.journeys[slot].stream.draw(Purpose::Instance, 0, 0);
        draw.below(u64::from(instances)) as usize
    }

    /// The answer of an attempt goes back to the app, if that still listens.
    #[inline]
    pub(super) fn answer(&mut self, slot: u32, k: u8, answer: Answer) {
        if !self.journeys[slot].open.has(k) {
            return self.tell(slot, Moment::Unheard { lane: Lane::App, attempt: k + 1 });
        }
        let leg = self.over_network(slot, false, k, 0, self.plan.client.timeout);
        self.tell_leg(slot, false, Word::Answer(answer.told()), (k, 0), leg);
        match leg {
            Leg::Arrives(after) => {
                let at = self.now + after;
                self.plan_step(slot, at, Step::ClientHears, k, 0, answer.pack());
            }
            Leg::Lost(_) => self.journeys[slot].silence(k, Cause::NetResponseLost),
        }
    }

    /// An answer reaches the app.
    pub(super) fn client_hears(&mut self, slot: u32, k: u8, payload: u32) {
        let journey = &mut self.journeys[slot];
        if !journey.open.has(k) {
            return self.tell(slot, Moment::Unheard { lane: Lane::App, attempt: k + 1 });
        }
        journey.open.remove(k);
        self.cancel(slot, Step::ClientTimeout, k);
        let answer = Answer::unpack(payload);
        match answer {
            Answer::Paid => self.client_succeeds(slot),
            Answer::Declined(cause) | Answer::Refused(cause) => {
                self.struck(slot, cause);
                if self.journeys[slot].open.is_empty() {
                    self.client_decides(slot, k, answer);
                }
            }
            Answer::Unknown => self.client_left_in_the_dark(slot, k),
        }
    }

    /// The app stops waiting for an attempt.
    pub(super) fn client_timeout(&mut self, slot: u32, k: u8) {
        let journey = &mut self.journeys[slot];
        if !journey.open.has(k) {
            return;
        }
        journey.open.remove(k);
        if O::FOLLOWS {
            let cause = Some(self.cause_of_silence(slot, k));
            let after_ns = self.plan.client.timeout;
            self.tell(slot, Moment::TimedOut { lane: Lane::App, attempt: k + 1, after_ns, cause });
        }
        self.client_left_in_the_dark(slot, k);
    }

    /// An attempt ended without a word that settles it.
    fn client_left_in_the_dark(&mut self, slot: u32, k: u8) {
        let cause = self.cause_of_silence(slot, k);
        let journey = &self.journeys[slot];
        let others_open = !journey.open.is_empty();
        self.struck(slot, cause);
        if others_open {
            return;
        }
        match &self.plan.client.query_first {
            Some(query) => {
                self.journeys[slot].phase = Phase::Querying;
                self.plan_step(slot, self.now + query.after, Step::QuerySend, k, 0, 0);
            }
            None => self.client_decides(slot, k, Answer::Unknown),
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
            self.cancel(slot, Step::ClientTimeout, k);
        }
        self.journeys[slot].open = super::journey::Attempts::default();
        let entry = self.journeys[slot].entries.saturating_sub(1);
        self.cancel(slot, Step::Resubmit, entry);
        self.call_over(slot, Answer::Paid);
    }

    /// The policy decides after a failed attempt.
    pub(super) fn client_decides(&mut self, slot: u32, k: u8, answer: Answer) {
        let plan = self.plan;
        let now = self.now;
        let journey = &mut self.journeys[slot];
        journey.phase = Phase::Calling;
        if matches!(answer, Answer::Declined(_)) || journey.attempts >= attempts_max(plan) {
            let is_declined = matches!(answer, Answer::Declined(_));
            let why = if is_declined { Why::Declined } else { Why::Attempts };
            return self.client_gives_up(slot, k, answer, why);
        }
        let same_number = plan.client.key.kind != Key::PerAttempt;
        if same_number && matches!(answer, Answer::Refused(_)) && self.is_closed(slot, k) {
            return self.client_gives_up(slot, k, answer, Why::Closed);
        }
        let journey = &self.journeys[slot];
        let luck = journey.stream.draw(Purpose::ClientBackoff, u16::from(k), 0);
        let decision = plan.client.retry.decide(u32::from(journey.tries), luck);
        let Decision::Retry(pause) = decision else {
            return self.client_gives_up(slot, k, answer, Why::Policy);
        };
        let too_long = now + pause - journey.call_began > plan.users.screen_patience;
        let next = journey.attempts;
        if too_long || !self.client_may_retry(slot) {
            let why = if too_long { Why::Patience } else { Why::Budget };
            return self.client_gives_up(slot, k, answer, why);
        }
        let attempt = next + 1;
        self.tell(slot, Moment::Retries { lane: Lane::App, attempt, pause_ns: pause });
        self.plan_step(slot, now + pause, Step::Send, next, 0, 0);
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

    fn client_may_retry(&mut self, slot: u32) -> bool {
        if self.plan.client.budget.is_none() {
            return true;
        }
        if self.plan.client.instances == 0 {
            // a budget of the journey's own: it holds what its first attempt and the cap allow
            let max = self.plan.client.budget.as_ref().map_or(0, |b| b.retries_max);
            return u32::from(self.journeys[slot].tries) <= max;
        }
        let instance = self.client_instance(slot);
        self.shared.client_budgets[instance].withdraw(self.now)
    }
}
