//! The user: enters, presses twice, decides after a failure, leaves.

use super::Simulation;
use super::answer::Answer;
use super::journey::{Phase, Shown, attempts_max};
use super::remedy::habit_draw;
use super::step::Step;
use crate::engine::Stream;
use crate::model::cause::{Cause, Stage};
use crate::model::channel::Channel;
use crate::model::facts::{Fact, Observer};
use crate::model::guard::Pass;
use crate::model::network::SpellMemory;
use crate::model::outcome::Marks;
use crate::model::purpose::Purpose;
use crate::model::remedy::Remedy;
use crate::model::story::{Lane, Moment, Screen, Why};
use crate::model::strike::{Tries, Visit};

impl<O: Observer> Simulation<'_, O> {
    /// Entry number `entry`: the form is filled in and the app begins a call.
    pub(super) fn enter(&mut self, slot: u32, entry: u8, remedy: u32) {
        let plan = self.plan;
        let journey = &mut self.journeys[slot];
        if !journey.credited.is_empty() || journey.phase == Phase::Gone {
            // the balance has been updated in the meantime: there is nothing left to do
            journey.phase = Phase::Gone;
            return self.tell(slot, Moment::Left { why: Why::Credited });
        }
        if remedy > 0 {
            self.remedied(slot, entry, Remedy::ALL[remedy as usize - 1]);
        }
        let journey = &mut self.journeys[slot];
        journey.first_attempts[entry as usize] = journey.attempts;
        journey.entries = entry + 1;
        if journey.attempts >= attempts_max(plan) {
            journey.phase = Phase::Gone;
            return self.tell(slot, Moment::Left { why: Why::Attempts });
        }
        let stream = journey.stream;
        self.tell_entry(slot, entry);
        let journey = &mut self.journeys[slot];
        if entry == 0
            && plan.strikes.phishing > 0
            && stream.draw(Purpose::Phishing, 0, 0).hits(plan.strikes.phishing)
            && !plan.preventions.spare(Cause::PhishingSite, stream, 0)
        {
            journey.phase = Phase::Gone;
            journey.note_cause(Cause::PhishingSite);
            return self.tell(slot, Moment::Phished);
        }
        self.call(slot, entry, entry > 0);
    }

    /// The app begins a call for an entry, unless something stops it there; `repeat`: once more.
    pub(super) fn call(&mut self, slot: u32, entry: u8, repeat: bool) {
        let plan = self.plan;
        let journey = &mut self.journeys[slot];
        let stream = journey.stream;
        let channel = plan.routes[journey.routes[entry as usize] as usize].channel;
        let visit = self.visit_of_entry(slot, channel, (entry, repeat));
        if let Some(cause) = plan.strikes.at(Stage::App, stream, &visit) {
            self.tell(slot, Moment::Stopped { lane: Lane::App, attempt: None, cause });
            self.struck(slot, cause);
            self.journeys[slot].shown = Shown::Declined;
            return self.user_decides(slot, Screen::Declined);
        }
        let begins = self.prepares(slot, entry);
        let journey = &mut self.journeys[slot];
        journey.phase = Phase::Calling;
        journey.tries = 0;
        journey.call_began = begins;
        self.call_is_new(slot);
        let journey = &mut self.journeys[slot];
        let k = journey.attempts;
        if let Some(habit) = &plan.users.double_submit
            && stream.draw(Purpose::Resubmit, 0, 255).hits(habit.share)
            && !plan.strikes.is_automatic(stream)
            && !habit_draw(stream, Remedy::SubmitOnce).hits(plan.remedies.submit_once)
        {
            self.plan_resubmit(slot, entry, 0);
        }
        self.plan_step(slot, begins, Step::Send, k, 0, 0);
    }

    /// An entry's visit of the app; `repeat`: once more.
    fn visit_of_entry(&self, slot: u32, channel: u8, (entry, repeat): (u8, bool)) -> Visit {
        let journey = &self.journeys[slot];
        Visit {
            channel,
            instrument: self.plan.channels[channel as usize].key,
            entry,
            attempt: journey.attempts,
            now: self.now,
            age: self.now - journey.born,
            repeat,
            tries: Tries::default(),
            care: self.care(slot, channel),
        }
    }

    /// What a careful user does before the app may send; when that is done.
    fn prepares(&mut self, slot: u32, entry: u8) -> u64 {
        let (plan, now) = (self.plan, self.now);
        let stream = self.journeys[slot].stream;
        let takes_ns = match plan.preventions.second_factor(stream, entry) {
            Some(takes_ns) => {
                self.tell(slot, Moment::SecondFactor { takes_ns });
                takes_ns
            }
            None => 0,
        };
        if plan.preventions.network_checked.is_some_and(|adopted| adopted.by(stream)) {
            self.journeys[slot].memory = SpellMemory::good(now + takes_ns);
        }
        now + takes_ns
    }

    /// Tells by which way an entry goes.
    fn tell_entry(&mut self, slot: u32, entry: u8) {
        if O::FOLLOWS {
            let route = self.plan.routes[self.journeys[slot].routes[entry as usize] as usize];
            let bank = self.bank_behind(self.journeys[slot].stream, route.channel);
            let (channel, provider) = (route.channel, route.provider);
            self.tell(slot, Moment::Entered { entry: entry + 1, channel, provider, bank });
        }
    }

    fn plan_resubmit(&mut self, slot: u32, entry: u8, n: u8) {
        let Some(habit) = &self.plan.users.double_submit else { return };
        if n >= habit.extra_max {
            return;
        }
        let draw = self.journeys[slot].stream.draw(Purpose::Resubmit, u16::from(entry), n);
        let at = self.now + habit.wait.at(draw.quantile());
        self.plan_step(slot, at, Step::Resubmit, entry, n, 0);
    }

    /// The user has waited too long and presses again, while the app still waits.
    pub(super) fn resubmit(&mut self, slot: u32, entry: u8, n: u8) {
        let Some(habit) = &self.plan.users.double_submit else { return };
        let journey = &mut self.journeys[slot];
        let waiting = journey.phase == Phase::Calling && !journey.open.is_empty();
        if !waiting || journey.entries != entry + 1 || journey.attempts >= attempts_max(self.plan) {
            return;
        }
        if self.client_may_send(slot, 0) != Pass::Now {
            self.note_held_back(slot, Lane::App, self.journeys[slot].attempts);
            return self.plan_resubmit(slot, entry, n + 1);
        }
        let journey = &mut self.journeys[slot];
        let draw = journey.stream.draw(Purpose::Resubmit, u16::from(entry), n);
        if !draw.hits(habit.same_order) {
            let k = journey.attempts;
            journey.fresh_orders.add(k);
        }
        let fresh_order = journey.fresh_orders.has(journey.attempts);
        let attempt = journey.attempts + 1;
        self.tell(slot, Moment::PressedAgain { attempt, fresh_order });
        self.struck(slot, Cause::DuplicateSubmit);
        self.submit(slot);
        // the user pressed, not the app: its policy does not count this attempt
        self.journeys[slot].tries -= 1;
        self.plan_resubmit(slot, entry, n + 1);
    }

    /// After a failed entry, and a time `spent` over it: another method, the same again, or leave.
    pub(super) fn user_follows_habit(&mut self, slot: u32, declined: bool, spent: u64) {
        let plan = self.plan;
        let users = &plan.users;
        let now = self.now + spent;
        let journey = &mut self.journeys[slot];
        let entry = journey.entries;
        let habit = if declined { &users.after_decline } else { &users.after_failure };
        let draw = journey.stream.draw(Purpose::Habit, u16::from(entry), 0);
        let choice = draw.bits() as u32;
        if entry >= users.entries_max || !draw.hits(habit.same_below) {
            journey.phase = Phase::Gone;
            return self.tell(slot, Moment::Left { why: Why::Habit });
        }
        let pause = journey.stream.draw(Purpose::Pause, u16::from(entry), 0);
        let at = now + habit.pause.at(pause.quantile());
        if at - journey.born > users.goal_patience {
            journey.phase = Phase::Gone;
            return self.tell(slot, Moment::Left { why: Why::Patience });
        }
        let before = plan.routes[journey.routes[entry as usize - 1] as usize].channel;
        let mut channel = before;
        if u64::from(choice) < habit.other_below && plan.channels.len() > 1 {
            channel = other_channel(&plan.channels, journey.stream, entry, before);
        }
        let stream = journey.stream;
        let route = self.route(stream, channel, entry);
        self.journeys[slot].routes[entry as usize] = route;
        let (pause_ns, other_channel) = (at - now, channel != before);
        self.tell(slot, Moment::WillReturn { pause_ns, channel, other_channel });
        self.plan_step(slot, at, Step::Enter, entry, 0, 0);
    }

    /// The app's call is over: the user is told.
    pub(super) fn call_over(&mut self, slot: u32, answer: Answer) {
        let now = self.now;
        let in_cohort = self.in_cohort(slot);
        let journey = &mut self.journeys[slot];
        let latency = now - journey.call_began;
        journey.shown = match answer {
            Answer::Paid => Shown::Success,
            Answer::Declined(_) => Shown::Declined,
            Answer::Refused(_) | Answer::Limited(_) | Answer::Unknown => Shown::Failed,
        };
        if answer == Answer::Unknown {
            journey.marks.set(Marks::UNKNOWN_OUTCOME);
        }
        let screen = match answer {
            Answer::Paid => Screen::Success,
            Answer::Declined(_) => Screen::Declined,
            Answer::Refused(_) | Answer::Limited(_) => Screen::Failed,
            Answer::Unknown => Screen::Unknown,
        };
        self.tell(slot, Moment::Shown { screen });
        let succeeded = answer == Answer::Paid;
        self.note(Fact::CallEnded { at: now, latency, succeeded, in_cohort });
        if succeeded {
            self.journeys[slot].phase = Phase::Gone;
        } else {
            self.user_decides(slot, screen);
        }
    }

    /// Notes that an attempt fails because of `cause`.
    pub(super) fn struck(&mut self, slot: u32, cause: Cause) {
        let in_cohort = self.in_cohort(slot);
        if cause != Cause::DuplicateSubmit {
            self.journeys[slot].note_cause(cause);
        }
        self.tell(slot, Moment::Struck { cause });
        self.note(Fact::Struck { at: self.now, cause, in_cohort });
    }
}

/// Another method than the one before: any of the others alike.
pub(super) fn other_channel(channels: &[Channel], stream: Stream, entry: u8, before: u8) -> u8 {
    let others = (0..channels.len() as u8).filter(|&channel| channel != before);
    let luck = |&channel: &u8| {
        let key = channels[usize::from(channel)].key;
        stream.about(key).draw(Purpose::Habit, u16::from(entry), 1).bits()
    };
    others.min_by_key(luck).unwrap_or(before)
}
