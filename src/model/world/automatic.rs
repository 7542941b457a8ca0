//! Automatic top-ups: the platform tries again by a schedule of days, whatever the answer was.

use super::Simulation;
use super::journey::{Phase, attempts_max};
use super::step::Step;
use crate::model::facts::Observer;
use crate::model::story::{Moment, Why};

impl<O: Observer> Simulation<'_, O> {
    /// Whether the platform's schedule takes a failed top-up over from its user, who then leaves
    /// it to the platform.
    pub(super) fn is_scheduled(&self, slot: u32) -> bool {
        !self.plan.users.automatic_retries.is_empty()
            && self.plan.strikes.is_automatic(self.journeys[slot].stream)
    }

    /// The next try by the schedule, which counts from the first one. A time that passed during
    /// the last try is left out.
    pub(super) fn schedule_again(&mut self, slot: u32) {
        let retries = &self.plan.users.automatic_retries;
        let journey = &mut self.journeys[slot];
        let age = self.now - journey.born;
        let Some(&after) = retries.iter().find(|&&after| after > age) else {
            journey.phase = Phase::Gone;
            return self.tell(slot, Moment::Left { why: Why::Policy });
        };
        journey.phase = Phase::Away;
        let (at, entry) = (journey.born + after, journey.entries - 1);
        self.tell(slot, Moment::Scheduled { pause_ns: at - self.now });
        self.plan_step(slot, at, Step::Again, entry, 0, 0);
    }

    /// The platform tries again: a new call of the same entry.
    #[cold]
    pub(super) fn again(&mut self, slot: u32, entry: u8) {
        let journey = &mut self.journeys[slot];
        let why = match () {
            () if !journey.credited.is_empty() => Why::Credited,
            () if journey.attempts >= attempts_max(self.plan) => Why::Attempts,
            () => return self.call(slot, entry, true),
        };
        journey.phase = Phase::Gone;
        self.tell(slot, Moment::Left { why });
    }
}
