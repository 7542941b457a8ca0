//! Provider and bank: risk, limits, challenge, capacity, declines, and the capture.

use super::Simulation;
use super::answer::Answer;
use super::gate::refusal;
use super::journey::Attempts;
use super::step::Step;
use crate::engine::Stream;
use crate::model::cause::{Cause, Stage};
use crate::model::client::Key;
use crate::model::facts::{NO_BANK, Observer};
use crate::model::incident::State;
use crate::model::network::either;
use crate::model::provider::Provider;
use crate::model::purpose::Purpose;
use crate::model::story::{Lane, Moment, Word};
use crate::model::strike::Visit;

impl<O: Observer> Simulation<'_, O> {
    /// The gateway calls the provider, the `n`-th time again, and waits for the time-out at most.
    pub(super) fn call_provider(&mut self, slot: u32, k: u8, n: u8) {
        let plan = self.plan;
        let now = self.now;
        let journey = &mut self.journeys[slot];
        journey.in_flight.add(k);
        journey.listening.add(k);
        let stream = journey.stream;
        let provider = self.provider_of(slot, k);
        self.wait_for_provider(slot, k, now + plan.gateway.timeout);
        let provider = &plan.providers[provider as usize];
        let draw = stream.draw(Purpose::ProviderUp, u16::from(k), n);
        let takes = (!draw.hits(provider.loss_up)).then(|| provider.line.at(draw.quantile()));
        self.tell_line(slot, (Lane::Gateway, Lane::Provider), Word::Call, (k, n), (now, takes));
        match takes {
            Some(after) => self.plan_step(slot, now + after, Step::ProviderArrive, k, n, 0),
            None => self.journeys[slot].silence(k, Cause::PlatformTechFault),
        }
    }

    #[inline]
    pub(super) fn provider_of(&self, slot: u32, k: u8) -> u8 {
        self.plan.routes[self.journeys[slot].route_of(k) as usize].provider
    }

    /// The bank behind an attempt.
    #[inline]
    pub(super) fn bank_of(&self, slot: u32, k: u8) -> u8 {
        self.bank_behind(self.journeys[slot].stream, self.channel_of(slot, k))
    }

    /// The bank of a user behind a channel: always the same.
    #[inline]
    pub(super) fn bank_behind(&self, stream: Stream, channel: u8) -> u8 {
        if !self.plan.channels[channel as usize].banked {
            return NO_BANK;
        }
        let key = self.plan.channels[channel as usize].key;
        self.plan.banks.choice.of(stream.about(key), Purpose::Bank, 0)
    }

    /// A call reaches the provider, which decides at once and answers when it is done.
    pub(super) fn provider_arrive(&mut self, slot: u32, k: u8, n: u8) {
        let plan = self.plan;
        let now = self.now;
        let lane = Lane::Provider;
        let index = self.provider_of(slot, k);
        let provider = &plan.providers[index as usize];
        let stream = self.journeys[slot].stream;
        let draw = stream.draw(Purpose::Provider, u16::from(k), n);
        let mut takes = provider.latency.at(draw.quantile());
        if !self.timelines.providers[index as usize].is_quiet() {
            let state = self.timelines.providers[index as usize].state(now);
            takes = ((u128::from(takes) * u128::from(state.latency)) >> 16) as u64;
            if let Some(cause) = incident_cause(state, stream, (k, n), AT_PROVIDER) {
                self.tell_stop(slot, Lane::Provider, k, now, cause);
                return self.provider_answers(slot, (k, n), now, Answer::Refused(cause), NO_BANK);
            }
        }
        if let Some(limiter) = &mut self.shared.providers[index as usize]
            && !limiter.admit(now)
        {
            let refused = Answer::Refused(Cause::PlatformTechFault);
            self.tell_stop(slot, Lane::Provider, k, now, Cause::PlatformTechFault);
            return self.provider_answers(slot, (k, n), now, refused, NO_BANK);
        }
        if provider.deduplicates && self.known_to_provider(slot, k, index) {
            self.tell(slot, Moment::Recognised { lane, attempt: k + 1, paid: true });
            return self.provider_answers(slot, (k, n), now + takes, Answer::Paid, NO_BANK);
        }
        if provider.deduplicates && self.in_process_elsewhere(slot, k) {
            self.tell(slot, Moment::Recognised { lane, attempt: k + 1, paid: false });
            return self.provider_answers(slot, (k, n), now + takes, Answer::Unknown, NO_BANK);
        }
        match self.provider_checks(slot, k, provider, draw.bits() as u32) {
            Ok(challenge) => self.bank_arrive(slot, k, n, now + takes + challenge),
            Err(cause) => {
                self.tell_stop(slot, lane, k, now + takes, cause);
                self.provider_answers(slot, (k, n), now + takes, refusal(cause), NO_BANK);
            }
        }
    }

    /// Whether the provider has captured this order before.
    fn known_to_provider(&self, slot: u32, k: u8, provider: u8) -> bool {
        let journey = &self.journeys[slot];
        if journey.captured.is_empty() || self.plan.client.key == Key::None {
            return false;
        }
        let same = journey.of_order(self.plan.client.key, journey.captured, k);
        same.iter().any(|other| self.provider_of(slot, other) == provider)
    }

    /// Whether the bank still works on another attempt of the same order.
    fn in_process_elsewhere(&self, slot: u32, k: u8) -> bool {
        let journey = &self.journeys[slot];
        if journey.at_bank.is_empty() || self.plan.client.key == Key::None {
            return false;
        }
        let same = journey.of_order(self.plan.client.key, journey.at_bank, k);
        same.iter().any(|other| self.is_at_bank(slot, other))
    }

    /// What the provider checks by itself: the time a challenge takes, or why it refuses.
    fn provider_checks(
        &mut self,
        slot: u32,
        k: u8,
        provider: &Provider,
        luck: u32,
    ) -> Result<u64, Cause> {
        let plan = self.plan;
        let journey = &self.journeys[slot];
        let (id, stream) = (journey.id(), journey.stream);
        let visit = self.visit(slot, k, Attempts((1 << k) - 1));
        let risk = provider.risk.0 + provider.risk.1 * u64::from(k);
        if risk > 0 && u64::from(luck) < risk {
            return Err(Cause::RiskControlBlock);
        }
        if let Some(cause) = plan.strikes.at(Stage::Channel, stream, visit) {
            return Err(cause);
        }
        if provider.limit_single != i64::MAX || provider.limit_daily != i64::MAX {
            let amount = self.amount(id, stream);
            if amount > provider.limit_single {
                return Err(Cause::LimitSingle);
            }
            if self.used_today(slot, provider) + amount > provider.limit_daily {
                return Err(Cause::LimitDaily);
            }
        }
        let Some((asked, passed, time)) = &provider.challenge else { return Ok(0) };
        let challenge = stream.draw(Purpose::Challenge, u16::from(k), 0);
        if !challenge.hits(*asked) {
            return Ok(0);
        }
        let outcome = stream.draw(Purpose::Challenge, u16::from(k), 1);
        let passed = outcome.hits(*passed);
        let takes = time.at(outcome.quantile());
        let takes_ns = if passed { takes } else { 0 };
        self.tell(slot, Moment::Challenged { attempt: k + 1, passed, takes_ns });
        if passed { Ok(takes) } else { Err(Cause::BankExtraVerification) }
    }

    /// What the user spent on this method earlier today; nothing after midnight.
    fn used_today(&self, slot: u32, provider: &Provider) -> i64 {
        let journey = &self.journeys[slot];
        if provider.used_today.0 == 0 || self.now >= self.plan.calendar.next_midnight(journey.born)
        {
            return 0;
        }
        let draw = journey.stream.draw(Purpose::UsedToday, 0, 0);
        if !draw.hits(provider.used_today.0) {
            return 0;
        }
        provider.used_today.1.at(draw.quantile()).min(i64::MAX as u64 / 2) as i64
    }

    /// A visit with attempt `k`, where the attempts of `before` have been.
    fn visit(&self, slot: u32, k: u8, before: Attempts) -> Visit {
        let journey = &self.journeys[slot];
        let channel = self.channel_of(slot, k);
        Visit {
            instrument: self.plan.channels[channel as usize].key,
            entry: journey.entry_of(k),
            attempt: k,
            age: self.now - journey.born,
            repeat: before.iter().any(|other| self.channel_of(slot, other) == channel),
        }
    }

    /// The bank decides at `at` and answers after its delay; a success is captured then.
    fn bank_arrive(&mut self, slot: u32, k: u8, n: u8, at: u64) {
        let visit = self.visit(slot, k, self.journeys[slot].at_bank);
        let bank = self.bank_of(slot, k);
        self.journeys[slot].at_bank.add(k);
        if bank == NO_BANK {
            return self.plan_step(slot, at, Step::BankDone, k, n, 0);
        }
        let debit = (Lane::Provider, Lane::Bank);
        self.tell_line(slot, debit, Word::Debit, (k, n), (at, Some(0)));
        let plan = self.plan;
        let stream = self.journeys[slot].stream;
        let delay = stream.draw(Purpose::BankDelay, u16::from(k), n);
        let mut takes = plan.banks.delay.at(delay.quantile());
        if takes > plan.banks.slow_after {
            self.journeys[slot].silence(k, Cause::BankProcessingDelay);
        }
        let timeline = &self.timelines.banks[bank as usize];
        if !timeline.is_quiet() {
            let state = timeline.state(at);
            takes = ((u128::from(takes) * u128::from(state.latency)) >> 16) as u64;
            if let Some(cause) = incident_cause(state, stream, (k, n), AT_BANK) {
                self.tell_stop(slot, Lane::Bank, k, at, cause);
                return self.provider_answers(slot, (k, n), at, Answer::Refused(cause), bank);
            }
        }
        if let Some(limiter) = &mut self.shared.banks[bank as usize]
            && !limiter.admit(self.now)
        {
            let refused = Answer::Refused(Cause::BankTechnicalDecline);
            self.tell_stop(slot, Lane::Bank, k, at, Cause::BankTechnicalDecline);
            return self.provider_answers(slot, (k, n), at, refused, bank);
        }
        let row = &plan.banks.banks[bank as usize];
        if stream.draw(Purpose::Decline, u16::from(k), n).hits(row.technical) {
            let refused = Answer::Refused(Cause::BankTechnicalDecline);
            self.tell_stop(slot, Lane::Bank, k, at + takes, Cause::BankTechnicalDecline);
            return self.provider_answers(slot, (k, n), at + takes, refused, bank);
        }
        if let Some(cause) = plan.strikes.at_bank(row.business, stream, visit) {
            let declined = Answer::Declined(cause);
            self.tell_stop(slot, Lane::Bank, k, at + takes, cause);
            return self.provider_answers(slot, (k, n), at + takes, declined, bank);
        }
        self.plan_step(slot, at + takes, Step::BankDone, k, n, 0);
    }

    /// The provider's answer to a call goes to the gateway at `at`; a lost one is its fault. The
    /// answer came from `bank`, where this call got so far.
    fn provider_answers(&mut self, slot: u32, (k, n): (u8, u8), at: u64, answer: Answer, bank: u8) {
        let arrives = self.answer_arrives(slot, (k, n), at, bank);
        self.tell_provider_answer(slot, (k, n), at, answer, (bank, arrives));
        match arrives {
            Some(arrives) => {
                self.plan_step(slot, arrives, Step::GatewayHears, k, n, answer.pack());
            }
            None => self.journeys[slot].silence(k, Cause::PlatformTechFault),
        }
    }

    /// Tells of the answer of a bank, or of the provider itself, on its way to the gateway.
    #[inline]
    pub(super) fn tell_provider_answer(
        &mut self,
        slot: u32,
        (k, n): (u8, u8),
        at: u64,
        answer: Answer,
        (bank, arrives): (u8, Option<u64>),
    ) {
        let from = if bank == NO_BANK { Lane::Provider } else { Lane::Bank };
        let takes = arrives.map(|arrives| arrives - at);
        let word = Word::CallAnswer(answer.told());
        self.tell_line(slot, (from, Lane::Gateway), word, (k, n), (at, takes));
    }

    /// Tells of a message behind the gateway: number `n` from 0, when it leaves, and what it takes
    /// if it is not lost.
    #[inline]
    pub(super) fn tell_line(
        &mut self,
        slot: u32,
        (from, to): (Lane, Lane),
        word: Word,
        (k, n): (u8, u8),
        (at, takes_ns): (u64, Option<u64>),
    ) {
        let (attempt, number) = (k + 1, n.saturating_add(1));
        self.tell_at(slot, at, Moment::Message { from, to, word, attempt, number, takes_ns });
    }

    /// When an answer sent at `at` reaches the gateway; none if it is lost, be it on the way from
    /// `bank` or from the provider.
    pub(super) fn answer_arrives(
        &self,
        slot: u32,
        (k, n): (u8, u8),
        at: u64,
        bank: u8,
    ) -> Option<u64> {
        let index = self.provider_of(slot, k);
        let provider = &self.plan.providers[index as usize];
        let stream = self.journeys[slot].stream;
        let draw = stream.draw(Purpose::ProviderDown, u16::from(k), n);
        let mut loss = provider.loss_down;
        let timeline = &self.timelines.providers[index as usize];
        if !timeline.is_quiet() {
            loss = either(loss, timeline.state(at).lose);
        }
        if bank != NO_BANK && !self.timelines.banks[bank as usize].is_quiet() {
            loss = either(loss, self.timelines.banks[bank as usize].state(at).lose);
        }
        (!draw.hits(loss)).then(|| at + provider.line.at(draw.quantile()))
    }
}

/// Sub-numbers of the draws for incidents, one for each place.
pub(super) const AT_GATEWAY: u8 = 2;
const AT_PROVIDER: u8 = 3;
const AT_BANK: u8 = 4;

/// The cause with which an incident refuses or fails call `n` of attempt `k`, if it does.
pub(super) fn incident_cause(
    state: &State,
    stream: Stream,
    (k, n): (u8, u8),
    place: u8,
) -> Option<Cause> {
    if let Some(cause) = refusal_of(state, stream) {
        return Some(cause);
    }
    let sub = place << 4 | n;
    let fails =
        state.fail > 0 && stream.draw(Purpose::Incident, u16::from(k), sub).hits(state.fail);
    fails.then_some(state.fail_cause)
}

/// The cause with which an incident refuses everything of this user, if it reaches the user.
pub(super) fn refusal_of(state: &State, stream: Stream) -> Option<Cause> {
    let refusal = state.refuse?;
    let reached = stream.draw(Purpose::Incident, refusal.incident, 1).hits(refusal.reach);
    reached.then_some(refusal.cause)
}
