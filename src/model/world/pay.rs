//! Provider and bank: risk, limits, challenge, capacity, declines, and the capture.

use super::Simulation;
use super::answer::Answer;
use super::app::ADMITTED;
use super::gate::refusal;
use super::journey::{Attempts, Shown};
use super::step::Step;
use crate::engine::{Stream, stretched};
use crate::model::cause::{Cause, Stage};
use crate::model::facts::{NO_BANK, Observer};
use crate::model::guard::Pass;
use crate::model::incident::State;
use crate::model::limits::Limits;
use crate::model::network::either;
use crate::model::provider::Provider;
use crate::model::purpose::Purpose;
use crate::model::story::{Lane, Moment, Word};
use crate::model::strike::{Tries, Visit};

impl<O: Observer> Simulation<'_, O> {
    /// The gateway calls the provider, the `n`-th time again, unless something holds the call back.
    pub(super) fn call_provider(&mut self, slot: u32, k: u8, n: u8) {
        self.journeys[slot].in_flight.add(k);
        match self.gateway_may_call(slot, (k, n), self.plan.gateway.timeout) {
            Pass::Now => self.place_call(slot, k, n),
            Pass::After(wait_ns) => {
                let (lane, attempt) = (Lane::Gateway, k + 1);
                self.tell(slot, Moment::WaitsForTurn { lane, attempt, wait_ns });
                self.call_again(slot, (k, n), self.now + wait_ns, ADMITTED);
            }
            Pass::Refused => self.gateway_held_back(slot, k, n),
        }
    }

    /// A call to the provider leaves; the gateway waits for the time-out at most.
    pub(super) fn place_call(&mut self, slot: u32, k: u8, n: u8) {
        let plan = self.plan;
        let now = self.now;
        let journey = &mut self.journeys[slot];
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
        let journey = &self.journeys[slot];
        let route = &self.plan.routes[journey.route_of(k) as usize];
        if journey.has_failed_over(k) { route.next } else { route.provider }
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
            takes = stretched(takes, state.latency);
            if let Some(cause) = incident_cause(state, stream, (k, n), AT_PROVIDER) {
                self.tell_stop(slot, Lane::Provider, k, now, cause);
                return self.provider_answers(slot, (k, n), now, Answer::Refused(cause), NO_BANK);
            }
        }
        if let Some(limiter) = &mut self.shared.providers[index as usize]
            && !limiter.admit(now)
        {
            let refused = Answer::Limited(Cause::PlatformTechFault);
            self.tell_stop(slot, Lane::Provider, k, now, Cause::PlatformTechFault);
            return self.provider_answers(slot, (k, n), now, refused, NO_BANK);
        }
        if self.is_closed_at(slot, k, index) {
            let closed = self.closed_answer(slot);
            return self.provider_answers(slot, (k, n), now + takes, closed, NO_BANK);
        }
        let store = provider.store.as_ref();
        if let Some(answer) = store.and_then(|s| self.store_answers(slot, k, index, s)) {
            self.tell_recognised(slot, k, now, answer);
            return self.provider_answers(slot, (k, n), now + takes, answer, NO_BANK);
        }
        self.execution_begins(slot, (k, n), store);
        match self.provider_checks(slot, k, provider, draw.bits() as u32) {
            Ok(challenge) => self.bank_arrive(slot, k, n, now + takes + challenge),
            Err((cause, lost)) => {
                if lost > 0 {
                    // the app may have given up by then
                    self.journeys[slot].silence(k, cause);
                }
                let at = now + takes + lost;
                self.tell_stop(slot, lane, k, at, cause);
                self.provider_answers(slot, (k, n), at, refusal(cause), NO_BANK);
            }
        }
    }

    /// What the provider checks by itself: the time challenges take, or why it refuses and the
    /// time that was lost over it.
    fn provider_checks(
        &mut self,
        slot: u32,
        k: u8,
        provider: &Provider,
        luck: u32,
    ) -> Result<u64, (Cause, u64)> {
        let plan = self.plan;
        let (base, more) = provider.risk;
        let risk = if more == 0 {
            base
        } else {
            base + more * self.repeats(slot, k, provider.risk_within)
        };
        let channel = self.channel_of(slot, k);
        if risk > 0
            && u64::from(luck) < risk
            && !self.is_ended(slot, channel, Cause::RiskControlBlock)
        {
            return Err((Cause::RiskControlBlock, 0));
        }
        let stream = self.journeys[slot].stream;
        if plan.strikes.is_busy(Stage::Channel) {
            let visit = self.visit(slot, k, Stage::Channel);
            if let Some(cause) = plan.strikes.at(Stage::Channel, stream, &visit) {
                return Err((cause, 0));
            }
        }
        if let Some(limits) = &provider.limits
            && let Some(cause) = self.beyond(slot, limits, (stream, 0))
        {
            return Err((cause, 0));
        }
        let challenged = self.challenges(slot, k, provider);
        match challenged {
            Ok(0) => {}
            Ok(takes_ns) => {
                self.tell(slot, Moment::Challenged { attempt: k + 1, passed: true, takes_ns });
            }
            Err((_, takes_ns)) => {
                self.tell(slot, Moment::Challenged { attempt: k + 1, passed: false, takes_ns });
            }
        }
        challenged
    }

    /// Identity, security steps and extra verification, one after the other.
    fn challenges(&self, slot: u32, k: u8, provider: &Provider) -> Result<u64, (Cause, u64)> {
        let stream = self.journeys[slot].stream;
        let draw = |sub| stream.draw(Purpose::Challenge, u16::from(k), sub);
        let mut takes = 0;
        let channel = self.channel_of(slot, k);
        // who has completed a verification by a remedy is not asked for it again
        let done = self.care(slot, channel).ended;
        if let Some(identity) = &provider.identity
            && !done.has(Cause::IdentityNotVerified)
        {
            // the same users are asked again
            let about = stream.about(self.plan.channels[channel as usize].key);
            let asked = about.draw(Purpose::Challenge, 0, 4);
            let put = identity.put(asked, || draw(5));
            takes = provider.in_time(takes, put).map_err(|at| (Cause::IdentityNotVerified, at))?;
        }
        if let Some(mfa) = &provider.mfa
            && !done.has(Cause::MfaIncomplete)
        {
            let put = mfa.put(draw(2), || draw(3));
            takes = provider.in_time(takes, put).map_err(|at| (Cause::MfaIncomplete, at))?;
        }
        if let Some(challenge) = &provider.challenge
            && !done.has(Cause::BankExtraVerification)
        {
            let put = challenge.put(draw(0), || draw(1));
            takes =
                provider.in_time(takes, put).map_err(|at| (Cause::BankExtraVerification, at))?;
        }
        Ok(takes)
    }

    /// Earlier attempts that risk control remembers: those of the present entry, and those before
    /// it if the last of them ended less than `within` ago.
    fn repeats(&self, slot: u32, k: u8, within: u64) -> u64 {
        let journey = &self.journeys[slot];
        let k = journey.root_of(k);
        let of_entry = k - journey.first_attempts[journey.entry_of(k) as usize].min(k);
        if within == u64::MAX {
            return u64::from(k);
        }
        if self.is_scheduled(slot) {
            // tries of other days are forgotten, those of the present call are not
            return u64::from(k.saturating_sub(journey.attempts - journey.tries));
        }
        if self.since_entry_before(slot, k) < within {
            return u64::from(k);
        }
        u64::from(of_entry)
    }

    /// Since the entry before that of attempt `k` ended, ns: the present one began after the
    /// user's pause, which can be drawn again.
    fn since_entry_before(&self, slot: u32, k: u8) -> u64 {
        let journey = &self.journeys[slot];
        let entry = journey.entry_of(k);
        if entry + 1 != journey.entries || entry == 0 {
            return 0;
        }
        if let Some(ended) = self.failed_before(slot, entry) {
            return self.now - ended;
        }
        let users = &self.plan.users;
        let declined = journey.shown == Shown::Declined;
        let habit = if declined { &users.after_decline } else { &users.after_failure };
        let pause = journey.stream.draw(Purpose::Pause, u16::from(entry), 0);
        let ended = journey.call_began - habit.pause.at(pause.quantile()).min(journey.call_began);
        self.now - ended.min(self.now)
    }

    /// The limit that the amount breaks, if any. What `whose` user spent earlier today counts until
    /// midnight, and towards the week until it is seven days old.
    fn beyond(&self, slot: u32, limits: &Limits, whose: (Stream, u16)) -> Option<Cause> {
        let journey = &self.journeys[slot];
        let amount = self.amount(journey.id(), journey.stream);
        if amount > limits.single {
            return Some(Cause::LimitSingle);
        }
        let used = limits.used_today(whose.0.draw(Purpose::UsedToday, whose.1, 0));
        let is_today = self.now < self.plan.calendar.next_midnight(journey.born);
        let spent = if is_today { used } else { 0 };
        if spent.saturating_add(amount) > limits.daily {
            return Some(Cause::LimitDaily);
        }
        let Some(week) = &limits.week else { return None };
        let age = self.now - journey.born;
        let earlier = |sub| whose.0.draw(Purpose::UsedWeek, whose.1, sub);
        let before = week.used(age, used, (earlier(0), earlier(1)));
        (before.saturating_add(amount) > week.most).then_some(Cause::LimitDaily)
    }

    /// A visit of a stage with attempt `k`.
    #[inline]
    pub(super) fn visit(&self, slot: u32, k: u8, stage: Stage) -> Visit {
        let journey = &self.journeys[slot];
        let channel = self.channel_of(slot, k);
        let before = match stage {
            Stage::Bank => journey.at_bank,
            _ => self.before(slot, k),
        };
        let tries = match self.plan.strikes.locks_at(stage) {
            true => self.tries(slot, k, stage),
            false => Tries::default(),
        };
        Visit {
            channel,
            instrument: self.plan.channels[channel as usize].key,
            entry: journey.entry_of(k),
            attempt: k,
            now: self.now,
            age: self.now - journey.born,
            repeat: before.iter().any(|other| self.channel_of(slot, other) == channel),
            tries,
            care: self.care(slot, channel),
        }
    }

    /// The attempts of the app before a call, its own among them where it is a second provider's.
    #[inline]
    fn before(&self, slot: u32, k: u8) -> Attempts {
        let journey = &self.journeys[slot];
        let root = journey.root_of(k) + u8::from(journey.has_failed_over(k));
        Attempts((1 << root) - 1)
    }

    /// The tries of a stage before attempt `k`: of the account at the gateway, of the instrument
    /// from there on. What was not lost on the way counts as one, at the bank what came so far.
    fn tries(&self, slot: u32, k: u8, stage: Stage) -> Tries {
        let journey = &self.journeys[slot];
        let sent = Attempts(self.before(slot, k).0 & !journey.lost.0);
        let tried = match stage {
            Stage::Bank => Attempts(journey.at_bank.0 & !(1 << k)),
            _ => sent,
        };
        let mut tries = Tries::default();
        if tried.is_empty() {
            return tries;
        }
        let channel = self.channel_of(slot, k);
        for other in tried.iter() {
            if stage == Stage::Gateway || self.channel_of(slot, other) == channel {
                tries.by_entry[journey.entry_of(other) as usize] += 1;
            }
        }
        if tries.by_entry[journey.entry_of(k) as usize] == 0 {
            tries.since = self.since_entry_before(slot, k);
        }
        tries
    }

    /// The bank decides at `at` and answers after its delay; a success is captured then.
    fn bank_arrive(&mut self, slot: u32, k: u8, n: u8, at: u64) {
        let visit = self.visit(slot, k, Stage::Bank);
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
            takes = stretched(takes, state.latency);
            if let Some(cause) = incident_cause(state, stream, (k, n), AT_BANK) {
                self.tell_stop(slot, Lane::Bank, k, at, cause);
                return self.provider_answers(slot, (k, n), at, Answer::Refused(cause), bank);
            }
        }
        if let Some(limiter) = &mut self.shared.banks[bank as usize]
            && !limiter.admit(self.now)
        {
            let refused = Answer::Limited(Cause::BankTechnicalDecline);
            self.tell_stop(slot, Lane::Bank, k, at, Cause::BankTechnicalDecline);
            return self.provider_answers(slot, (k, n), at, refused, bank);
        }
        let row = &plan.banks.banks[bank as usize];
        if stream.draw(Purpose::Decline, u16::from(k), n).hits(row.technical) {
            let refused = Answer::Refused(Cause::BankTechnicalDecline);
            self.tell_stop(slot, Lane::Bank, k, at + takes, Cause::BankTechnicalDecline);
            return self.provider_answers(slot, (k, n), at + takes, refused, bank);
        }
        if let Some(limits) = &plan.banks.limits {
            let whose = (stream.about(visit.instrument), 1);
            if let Some(cause) = self.beyond(slot, limits, whose) {
                let declined = Answer::Declined(cause);
                self.tell_stop(slot, Lane::Bank, k, at + takes, cause);
                return self.provider_answers(slot, (k, n), at + takes, declined, bank);
            }
        }
        if let Some(cause) = plan.strikes.at_bank(row.business, stream, &visit) {
            let declined = Answer::Declined(cause);
            self.tell_stop(slot, Lane::Bank, k, at + takes, cause);
            return self.provider_answers(slot, (k, n), at + takes, declined, bank);
        }
        self.plan_step(slot, at + takes, Step::BankDone, k, n, 0);
    }

    /// The provider's answer to a call goes to the gateway at `at`; a lost one is its fault. The
    /// answer came from `bank`, where this call got so far.
    fn provider_answers(&mut self, slot: u32, (k, n): (u8, u8), at: u64, answer: Answer, bank: u8) {
        self.execution_ends(slot, (k, n), at, answer);
        let arrives = self.answer_arrives(slot, (k, n), at, bank);
        self.tell_provider_answer(slot, (k, n), at, answer, (bank, arrives));
        match arrives {
            Some(arrives) => {
                let said = self.provider_says(slot, k, at, answer, bank);
                self.plan_step(slot, arrives, Step::GatewayHears, k, n, said.pack());
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
