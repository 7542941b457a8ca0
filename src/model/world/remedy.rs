//! What users do about a failure: they look the top-up up, diagnose, act, and enter again.

use super::Simulation;
use super::journey::{ENTRIES_MAX, Phase};
use super::queries::USERS_QUERY;
use super::step::Step;
use super::user::other_channel;
use crate::model::cause::{Cause, CauseSet, Mechanism, Stage};
use crate::model::facts::{Fact, Observer};
use crate::model::network::SpellMemory;
use crate::model::purpose::Purpose;
use crate::model::remedy::{Candidate, Remedy, Verb};
use crate::model::story::{Moment, Screen};
use crate::model::strike::Care;

/// What a user has done so far about the failures of one top-up: beside the records, since few
/// users do anything.
#[derive(Clone, Debug, Default)]
pub(super) struct Deeds {
    /// Remedies applied, as bits.
    applied: u64,
    /// Causes ended, each with the channel of its instrument, or for the account.
    ended: Vec<(Cause, Option<u8>)>,
    /// The first entry made with care.
    careful_from: Option<u8>,
    /// Causes that the user has found out.
    revealed: CauseSet,
    /// By entry: when the one before it failed, ns, where a remedy came between.
    failed: [Option<u64>; ENTRIES_MAX],
    /// Whether the user stands in line at a station.
    in_line: bool,
    /// The remedy that was applied last.
    pub(super) last: Option<Remedy>,
    /// The network of the first entry, where another one is in use now.
    pub(super) first_access: Option<u8>,
}

/// Whether a cause belongs to the instrument, rather than to the account.
fn is_of_instrument(cause: Cause) -> bool {
    let row = cause.row();
    row.stage >= Stage::Channel || row.mechanism == Mechanism::OfMethod
}

impl<O: Observer> Simulation<'_, O> {
    /// What has been done about causes, for a visit with a channel.
    #[inline]
    pub(super) fn care(&self, slot: u32, channel: u8) -> Care {
        if self.deeds.is_empty() || self.journeys[slot].entries < 2 {
            return Care::NONE;
        }
        self.care_of_deeds(slot, channel)
    }

    #[cold]
    fn care_of_deeds(&self, slot: u32, channel: u8) -> Care {
        let Some(deeds) = self.deeds.get(&slot) else { return Care::NONE };
        let mut ended = CauseSet::EMPTY;
        for &(cause, of) in &deeds.ended {
            if of.is_none_or(|of| of == channel) {
                ended.add(cause);
            }
        }
        let remains =
            self.plan.remedies.of(Remedy::CheckEntries).map_or(0, |careful| careful.helps);
        Care { ended, careful_from: deeds.careful_from.unwrap_or(u8::MAX), remains }
    }

    /// Whether a cause has been ended for a channel.
    #[inline]
    pub(super) fn is_ended(&self, slot: u32, channel: u8, cause: Cause) -> bool {
        self.care(slot, channel).ended.has(cause)
    }

    /// After a failed entry: look it up, if nobody knows what became of it; else diagnose and act,
    /// or follow the habits.
    pub(super) fn user_decides(&mut self, slot: u32, screen: Screen) {
        self.journeys[slot].phase = Phase::Away;
        if self.is_scheduled(slot) {
            return self.schedule_again(slot);
        }
        let is_over = self.journeys[slot].entries >= self.plan.users.entries_max;
        if is_over
            || !self.plan.remedies.are_applied()
            || self.plan.strikes.is_automatic(self.journeys[slot].stream)
        {
            return self.user_follows_habit(slot, screen == Screen::Declined, 0);
        }
        if screen != Screen::Unknown || !self.user_asks(slot) {
            self.user_acts(slot, screen == Screen::Declined);
        }
    }

    /// The user looks the top-up up first, after a while. False: no.
    fn user_asks(&mut self, slot: u32) -> bool {
        let plan = self.plan;
        let Some(query) = &plan.remedies.query_first else { return false };
        let journey = &self.journeys[slot];
        let luck = remedy_draw(journey.stream, journey.entries, Remedy::QueryFirst);
        if !luck.hits(query.share) {
            return false;
        }
        let (k, after_ns) = (journey.attempts - 1, query.takes.at(luck.quantile()));
        self.journeys[slot].phase = Phase::Looking;
        self.begins(slot, Remedy::QueryFirst);
        self.tell(slot, Moment::Remedy { remedy: Remedy::QueryFirst, takes_ns: after_ns });
        self.plan_step(slot, self.now + after_ns, Step::QuerySend, k, USERS_QUERY, 0);
        true
    }

    /// What the user makes of a top-up that nobody knows to be paid, after looking it up.
    pub(super) fn user_has_looked(&mut self, slot: u32) {
        self.journeys[slot].phase = Phase::Away;
        self.user_acts(slot, false);
    }

    /// The user finds a remedy and applies it, or follows the habits. Who knows the cause takes
    /// what is good for that; who does not goes through all remedies, one an entry, in the order of
    /// diagnosis.
    fn user_acts(&mut self, slot: u32, declined: bool) {
        let (plan, journey) = (self.plan, &self.journeys[slot]);
        let (stream, entry, cause) = (journey.stream, journey.entries, journey.last_cause);
        let reason = stream.draw(Purpose::Reason, u16::from(entry), 0);
        let told = reason.hits(plan.users.reason_shown);
        let mut known = cause.filter(|&cause| told || self.has_found_out(slot, cause));
        let mut spent = 0;
        for candidate in &plan.remedies.after_failure {
            let remedy = candidate.remedy;
            let luck = remedy_draw(stream, entry, remedy);
            if known.is_some_and(|cause| !remedy.helps(cause))
                || !self.is_applicable(slot, remedy, known.is_some())
                || !luck.hits(candidate.share)
            {
                continue;
            }
            let takes = candidate.takes.at(luck.quantile());
            if remedy.row().verb == Verb::Reveal {
                if known.is_none() {
                    known = cause.filter(|&cause| remedy.helps(cause));
                    self.reveals(slot, (remedy, spent, takes), known);
                    spent += takes;
                }
                continue;
            }
            if self.act(slot, candidate, spent, takes) {
                return;
            }
        }
        self.user_follows_habit(slot, declined, spent);
    }

    /// Waiting and careful entries are repeated against a cause that the user knows; all else is
    /// done once a top-up.
    fn is_applicable(&self, slot: u32, remedy: Remedy, known: bool) -> bool {
        let repeated = known && matches!(remedy.row().verb, Verb::Wait | Verb::Retype);
        let applied = self.deeds.get(&slot).map_or(0, |deeds| deeds.applied);
        repeated || applied >> remedy as u8 & 1 == 0
    }

    fn has_found_out(&self, slot: u32, cause: Cause) -> bool {
        self.deeds.get(&slot).is_some_and(|deeds| deeds.revealed.has(cause))
    }

    /// When the entry before entry `entry` failed, where a remedy came between, ns.
    pub(super) fn failed_before(&self, slot: u32, entry: u8) -> Option<u64> {
        self.deeds.get(&slot)?.failed[usize::from(entry)]
    }

    /// The user joins the line at a station, or comes to its head.
    pub(super) fn stands_in_line(&mut self, slot: u32, in_line: bool) {
        self.deeds.entry(slot).or_default().in_line = in_line;
    }

    /// Whether the user stands in line at a station.
    pub(super) fn waits_for_help(&self, slot: u32) -> bool {
        self.deeds.get(&slot).is_some_and(|deeds| deeds.in_line)
    }

    fn begins(&mut self, slot: u32, remedy: Remedy) {
        let (entry, now) = (self.journeys[slot].entries, self.now);
        let deeds = self.deeds.entry(slot).or_default();
        deeds.applied |= 1 << remedy as u8;
        deeds.last = Some(remedy);
        deeds.failed[usize::from(entry)].get_or_insert(now);
    }

    /// The user looks into the account after a time `spent`, and may find out why it failed.
    fn reveals(
        &mut self,
        slot: u32,
        (remedy, spent, takes): (Remedy, u64, u64),
        found: Option<Cause>,
    ) {
        self.begins(slot, remedy);
        if let (Some(cause), Some(deeds)) = (found, self.deeds.get_mut(&slot)) {
            deeds.revealed.add(cause);
        }
        let done = self.now + spent + takes;
        self.tell_at(slot, self.now + spent, Moment::Remedy { remedy, takes_ns: takes });
        self.note_remedy(slot, done, remedy, found.is_some());
    }

    /// Begins a remedy that leads to another entry. False: it does not fit, or takes too long.
    fn act(&mut self, slot: u32, candidate: &Candidate, spent: u64, takes: u64) -> bool {
        let (remedy, now) = (candidate.remedy, self.now + spent);
        let journey = &self.journeys[slot];
        let (entry, born) = (journey.entries, journey.born);
        if let Some(counters) = &candidate.counters {
            let station = counters.of(journey.stream, entry);
            let before = self.channel_before(slot);
            self.journeys[slot].routes[entry as usize] = self.route_of_channel(slot, before);
            self.begins(slot, remedy);
            self.tell_at(slot, now, Moment::AsksHelp { station, remedy });
            self.plan_step(slot, now, Step::Seek, entry, station, 0);
            return true;
        }
        let Some(at) = self.returns_at(slot, candidate, now, takes) else { return false };
        if at - born > self.plan.users.goal_patience {
            return false;
        }
        let before = self.channel_before(slot);
        let channel = match (remedy.row().verb, candidate.to) {
            (Verb::Reroute, Some(to)) => to,
            (Verb::Reroute, None) => {
                other_channel(&self.plan.channels, journey.stream, entry, before)
            }
            (Verb::Repath, Some(to)) if to == journey.access => return false,
            _ => before,
        };
        if remedy.row().verb == Verb::Reroute && channel == before {
            return false;
        }
        self.journeys[slot].routes[entry as usize] = self.route_of_channel(slot, channel);
        self.begins(slot, remedy);
        self.tell_at(slot, now, Moment::Remedy { remedy, takes_ns: at - now });
        self.plan_step(slot, at, Step::Enter, entry, 0, remedy as u32 + 1);
        true
    }

    fn route_of_channel(&self, slot: u32, channel: u8) -> u8 {
        let journey = &self.journeys[slot];
        self.route(journey.stream, channel, journey.entries)
    }

    /// The channel of the entry that failed.
    pub(super) fn channel_before(&self, slot: u32) -> u8 {
        let journey = &self.journeys[slot];
        self.plan.routes[journey.routes[journey.entries as usize - 1] as usize].channel
    }

    /// When the next entry comes; none where there is nothing to wait for.
    fn returns_at(&self, slot: u32, candidate: &Candidate, now: u64, takes: u64) -> Option<u64> {
        match candidate.remedy {
            Remedy::ReadNotices => self.announced_until(slot, now).map(|end| end + takes),
            Remedy::AvoidPeak => {
                let busy = candidate.between?;
                busy.ends(&self.plan.calendar, now).map(|end| end + takes)
            }
            _ => Some(now + takes),
        }
    }

    /// When the maintenance ends that was announced where the last failure came from.
    fn announced_until(&self, slot: u32, now: u64) -> Option<u64> {
        let stage = self.journeys[slot].last_cause?.row().stage;
        let channel = self.channel_before(slot);
        let journey = &self.journeys[slot];
        let timeline = match stage {
            Stage::Channel => {
                let route = journey.routes[journey.entries as usize - 1];
                &self.timelines.providers[self.plan.routes[route as usize].provider as usize]
            }
            Stage::Bank => {
                let bank = self.bank_behind(journey.stream, channel);
                self.timelines.banks.get(bank as usize)?
            }
            _ => &self.timelines.gateway,
        };
        timeline.announced_until(now)
    }

    /// The effect of a remedy, as the next entry begins.
    pub(super) fn remedied(&mut self, slot: u32, entry: u8, remedy: Remedy) {
        let Some(candidate) = self.plan.remedies.of(remedy) else { return };
        let (helps, to) = (candidate.helps, candidate.to);
        let (now, stream) = (self.now, self.journeys[slot].stream);
        let cause = self.journeys[slot].last_cause.filter(|&cause| remedy.helps(cause));
        let luck = stream.draw(Purpose::Helps, u16::from(entry), remedy as u8);
        let mut helped = cause.is_some();
        match remedy.row().verb {
            Verb::Clear => {
                helped &= luck.hits(helps);
                if let Some(cause) = cause.filter(|_| helped) {
                    self.end_cause(slot, cause);
                }
            }
            Verb::Reroute => {
                if let Some(cause) = cause.filter(|&cause| !is_of_instrument(cause)) {
                    self.end_cause(slot, cause);
                }
            }
            Verb::Retype => {
                self.deeds.entry(slot).or_default().careful_from.get_or_insert(entry);
            }
            Verb::Repath => self.change_network(slot, entry, to),
            Verb::Wait if matches!(remedy, Remedy::CheckNetwork | Remedy::CallOperator) => {
                self.journeys[slot].memory = SpellMemory::good(now);
            }
            Verb::Wait | Verb::Reveal | Verb::Query | Verb::Claim | Verb::Habit => {}
        }
        self.note_remedy(slot, now, remedy, helped);
    }

    /// Ends a cause for the account, or for the instrument of the entry that failed.
    fn end_cause(&mut self, slot: u32, cause: Cause) {
        let of = is_of_instrument(cause).then(|| {
            let journey = &self.journeys[slot];
            let failed = journey.entries.saturating_sub(1);
            self.plan.routes[journey.routes[failed as usize] as usize].channel
        });
        self.deeds.entry(slot).or_default().ended.push((cause, of));
    }

    fn change_network(&mut self, slot: u32, entry: u8, to: Option<u8>) {
        let journey = &mut self.journeys[slot];
        let before = journey.access;
        let luck = |access: &u8| {
            journey.stream.draw(Purpose::Helps, u16::from(entry), 64 + *access).bits()
        };
        let others = (0..self.plan.access.len() as u8).filter(|&access| access != before);
        journey.access = to.or(others.min_by_key(luck)).unwrap_or(before);
        journey.memory = SpellMemory::default();
        self.deeds.entry(slot).or_default().first_access.get_or_insert(before);
    }

    /// Notes that a remedy was applied, and whether it was good for anything.
    pub(super) fn note_remedy(&mut self, slot: u32, at: u64, remedy: Remedy, helped: bool) {
        let in_cohort = self.in_cohort(slot);
        self.tell_at(slot, at, Moment::Remedied { remedy, helped });
        self.note(Fact::Remedied { at, remedy, helped, in_cohort });
    }
}

/// Whether a user has a habit.
pub(super) fn habit_draw(stream: crate::engine::Stream, habit: Remedy) -> crate::engine::Draw {
    remedy_draw(stream, 0, habit)
}

/// Whether the user applies a remedy with an entry, and how long it takes.
fn remedy_draw(stream: crate::engine::Stream, entry: u8, remedy: Remedy) -> crate::engine::Draw {
    stream.draw(Purpose::Remedy, u16::from(entry), remedy as u8)
}
