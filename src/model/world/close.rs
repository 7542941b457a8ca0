//! The end of a journey: the one outcome, its marks, and the fact that carries them.

use super::Simulation;
use super::journey::{Journey, Shown};
use crate::model::cause::Cause;
use crate::model::facts::{Fact, Groups, Observer, Through, TopUp};
use crate::model::outcome::{Marks, Outcome};
use crate::model::story::Moment;

impl<O: Observer> Simulation<'_, O> {
    /// Nothing more can happen to a journey.
    pub(super) fn close(&mut self, slot: u32) {
        let deeds = self.deeds.remove(&slot).unwrap_or_default();
        let route = self.plan.routes[self.journeys[slot].routes[0] as usize];
        let bank = self.first_bank(slot);
        let spared = self.annexes.remove(&slot).map_or(0, |annex| annex.spared);
        let journey = &self.journeys[slot];
        let outcome = self.outcome(journey);
        let mut marks = journey.marks;
        if !journey.captured.is_empty() && matches!(journey.shown, Shown::Failed | Shown::Declined)
        {
            marks.set(Marks::CHARGED_SHOWN_FAILED);
        }
        if matches!(outcome, Outcome::ChargedUnresolved) {
            marks.set(Marks::UNRESOLVED_AFTER_24H);
        }
        if journey.captured.is_empty() {
            if marks.has(Marks::UNKNOWN_OUTCOME) {
                marks.set(Marks::INTERRUPTED);
            }
        } else if journey.credited.is_empty() {
            marks.set(Marks::NOT_ARRIVED);
        }
        if marks.has(Marks::HARMS) || outcome == Outcome::Defrauded {
            marks.set(Marks::USER_HARM);
        }
        let top_up = TopUp {
            born: journey.born,
            in_cohort: self.plan.horizon.in_cohort(journey.born),
            groups: Groups {
                channel: route.channel,
                provider: route.provider,
                access: deeds.first_access.unwrap_or(journey.access),
                bank,
            },
            outcome,
            marks,
            attempts: u16::from(journey.attempts),
            queries: u16::from(journey.queries),
            captures: journey.captured.count(),
            spared,
            credits: journey.credited.count(),
            amount: self.amount(journey.id(), journey.stream),
            entries: journey.entries,
            through: through(journey),
            first_cause: journey.first_cause,
            last_cause: journey.last_cause,
            remedy: deeds.last,
        };
        self.tell(slot, Moment::Ended(top_up));
        self.journeys.remove(slot);
        self.note(Fact::TopUp(top_up));
    }

    /// The bank behind the first entry, whether or not anything was sent over it.
    fn first_bank(&self, slot: u32) -> u8 {
        let journey = &self.journeys[slot];
        let channel = self.plan.routes[journey.routes[0] as usize].channel;
        self.bank_behind(journey.stream, channel)
    }

    fn outcome(&self, journey: &Journey) -> Outcome {
        if journey.first_cause == Some(Cause::PhishingSite) {
            return Outcome::Defrauded;
        }
        if !journey.credited.is_empty() {
            return if journey.marks.has(Marks::CREDITED_LATE) {
                Outcome::CreditedLate
            } else if journey.attempts > 1 {
                Outcome::CreditedAfterRetry
            } else {
                Outcome::CreditedFirst
            };
        }
        if !journey.captured.is_empty() {
            return if journey.refunded == journey.captured {
                Outcome::ChargedRefunded
            } else {
                Outcome::ChargedUnresolved
            };
        }
        match journey.shown {
            _ if journey.attempts == 0 => Outcome::NeverSubmitted,
            Shown::Declined => Outcome::Declined,
            Shown::Nothing | Shown::Success | Shown::Failed => Outcome::GaveUp,
        }
    }
}

/// The try that brought the credit. An entry that sent nothing shares its first attempt's number
/// with the next one, so the number of an attempt alone does not say which entry it is of.
fn through(journey: &Journey) -> Option<Through> {
    let attempt = journey.credited.iter().next()?;
    Some(match (journey.entry_of(attempt), attempt) {
        (0, 0) => Through::FirstAttempt,
        (0, _) => Through::Retry,
        _ => Through::Entry,
    })
}
