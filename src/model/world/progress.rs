//! Word of a refund: notices that may be lost, and users who ask the desk because none came.

use super::Simulation;
use super::repair::Staff;
use super::shared::{Job, JobKind};
use super::step::Step;
use crate::engine::{Admission, PoolClass};
use crate::model::facts::{Fact, Observer};
use crate::model::progress::Standing;
use crate::model::purpose::Purpose;
use crate::model::story::Moment;

/// Draws of the purpose `Progress` from here on: how long a user waits; below: losses of notices.
const WAIT: u8 = 16;
/// Draws from here on: how long staff talk.
const CONTACT: u8 = 32;

impl<O: Observer> Simulation<'_, O> {
    /// A case is opened. Who applied waits for word; who did not, learns of it by the notice.
    pub(super) fn case_received(&mut self, slot: u32, k: u8, applied: bool) {
        let Some(notices) = &self.plan.refunds.notices else { return };
        let told = self.notify_user(slot, k, Standing::Received, self.now);
        if told || applied {
            let law = if told { &notices.patience } else { &notices.unconfirmed };
            let draw = self.journeys[slot].stream.draw(Purpose::Progress, u16::from(k), WAIT);
            self.ask_later(slot, k, 0, law.at(draw.quantile()));
        }
    }

    /// The user is told at `at` how the case stands, if the notice is not lost.
    fn notify_user(&mut self, slot: u32, k: u8, word: Standing, at: u64) -> bool {
        let Some(notices) = &self.plan.refunds.notices else { return false };
        let draw = self.journeys[slot].stream.draw(Purpose::Progress, u16::from(k), word as u8);
        let lost = draw.hits(notices.loss);
        self.tell_at(slot, at, Moment::Progress { attempt: k + 1, word, lost });
        !lost
    }

    /// A case is decided and the money sets out at `at`: two notices.
    pub(super) fn case_sent(&mut self, slot: u32, k: u8, at: u64, staff: Staff) {
        if self.plan.refunds.notices.is_none() {
            return;
        }
        let reviewed = staff == Staff::Reviewed;
        let mut told = reviewed && self.notify_user(slot, k, Standing::Reviewed, at);
        told |= self.notify_user(slot, k, Standing::Sent, at);
        if told {
            self.plan_step(slot, at, Step::Word, k, 0, 0);
        }
    }

    /// Staff refuse at `at`, and say so themselves: nobody is left without word.
    pub(super) fn case_refused(&mut self, slot: u32, k: u8, at: u64) {
        if self.plan.refunds.notices.is_some() {
            self.plan_step(slot, at, Step::Word, k, 0, LAST);
        }
    }

    /// The money has arrived. Who misses the notice asks once more, if somebody was to ask.
    pub(super) fn case_arrived(&mut self, slot: u32, k: u8) {
        if self.notify_user(slot, k, Standing::Arrived, self.now) {
            self.cancel(slot, Step::AskAgain, k);
        }
    }

    /// The user hears how the case stands, and waits anew.
    #[cold]
    pub(super) fn word(&mut self, slot: u32, k: u8, last: u32) {
        let Some(notices) = &self.plan.refunds.notices else { return };
        self.cancel(slot, Step::AskAgain, k);
        if last == LAST || self.journeys[slot].refunded.has(k) {
            return;
        }
        let draw = self.journeys[slot].stream.draw(Purpose::Progress, u16::from(k), WAIT + 15);
        self.ask_later(slot, k, 0, notices.patience.at(draw.quantile()));
    }

    /// The user will ask, for the `n`-th time (from 0) since the last word, if none comes before.
    fn ask_later(&mut self, slot: u32, k: u8, n: u8, wait: u64) {
        let at = self.now.saturating_add(wait);
        if self.is_followed(at) {
            self.plan_step(slot, at, Step::AskAgain, k, n, 0);
        }
    }

    /// A user without word asks: staff have one more to talk to.
    #[cold]
    pub(super) fn ask_again(&mut self, slot: u32, k: u8, n: u8) {
        let (now, in_cohort) = (self.now, self.in_cohort(slot));
        self.tell(slot, Moment::AsksAgain { attempt: k + 1, number: n + 1 });
        self.note(Fact::AskedAgain { at: now, in_cohort });
        let job = Job { slot, attempt: k, sub: n, kind: JobKind::Contact };
        let Some(desk) = &mut self.shared.desk else { return self.begin_contact(job) };
        self.shared.desk_touched = now;
        match desk.arrive(now, PoolClass::TopUp, job) {
            Admission::Served => self.begin_contact(job),
            Admission::Waits(_) => {
                self.tell(slot, Moment::DeskWaits { attempt: k + 1 });
                self.journeys[slot].blocked += 1;
            }
            Admission::Refused => unreachable!("the desk's waiting room has no bound"),
        }
    }

    /// Staff talk to a user, in their hours.
    pub(super) fn begin_contact(&mut self, job: Job) {
        let Some(notices) = &self.plan.refunds.notices else { return };
        let stream = self.journeys[job.slot].stream;
        let draw = stream.draw(Purpose::Progress, u16::from(job.attempt), CONTACT + job.sub);
        let work = notices.contact.at(draw.quantile());
        let done = self.plan.refunds.hours.after_work(self.now, work);
        self.plan_step(job.slot, done, Step::Contacted, job.attempt, job.sub, 0);
    }

    /// The user knows how the case stands, and waits anew while it is open.
    #[cold]
    pub(super) fn contacted(&mut self, slot: u32, k: u8, n: u8) {
        self.desk_release();
        self.tell(slot, Moment::Contacted { attempt: k + 1 });
        let Some(notices) = &self.plan.refunds.notices else { return };
        if n + 1 >= notices.contacts_max || !self.is_open(slot, k) {
            return;
        }
        // word that came while the user was talking has set the next time already
        if self.pending_step(slot, Step::AskAgain, k).is_none() {
            let sub = WAIT + n + 1;
            let draw = self.journeys[slot].stream.draw(Purpose::Progress, u16::from(k), sub);
            self.ask_later(slot, k, n + 1, notices.patience.at(draw.quantile()));
        }
    }

    /// Whether something is still to happen to a case, as far as its user has to wait for it.
    fn is_open(&self, slot: u32, k: u8) -> bool {
        let ahead = [Step::Review, Step::Reviewed, Step::Refund, Step::Word];
        let journey = &self.journeys[slot];
        let pending = |step| self.pending_step(slot, step, k).is_some();
        !journey.refunded.has(k) && (journey.blocked > 0 || ahead.into_iter().any(pending))
    }
}

/// After this word nobody asks any more, as a payload.
const LAST: u32 = 1;
