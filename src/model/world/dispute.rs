//! Refusals of staff, what users do about them, and what the platform loses.

use super::Simulation;
use super::repair::WON;
use super::step::Step;
use crate::model::facts::{Fact, Observer};
use crate::model::purpose::Purpose;
use crate::model::story::Moment;

impl<O: Observer> Simulation<'_, O> {
    /// Staff refuse an application, as of `from`. Some users take it to their bank.
    pub(super) fn refuse(&mut self, slot: u32, k: u8, from: u64) {
        let in_cohort = self.in_cohort(slot);
        self.tell_at(slot, from, Moment::CaseRefused { attempt: k + 1 });
        self.note(Fact::CaseRefused { at: from, in_cohort });
        self.case_refused(slot, k, from);
        let refunds = &self.plan.refunds;
        let draw = self.journeys[slot].stream.draw(Purpose::Decision, u16::from(k), 1);
        let at = from.saturating_add(refunds.dispute_delay.at(draw.quantile()));
        if draw.hits(refunds.disputed) && self.is_followed(at) {
            self.plan_step(slot, at, Step::Dispute, k, 0, 0);
        }
    }

    /// The user's bank takes the capture into dispute: the money is nobody's until the verdict.
    #[cold]
    pub(super) fn dispute(&mut self, slot: u32, k: u8) {
        let (channel, amount) = self.money(slot, k);
        let in_cohort = self.in_cohort(slot);
        if self.is_spent(slot, k) {
            self.ledger.dispute_start_at_a_loss(channel, amount);
        } else {
            self.take_back(slot, k);
            self.ledger.dispute_start(channel, amount);
        }
        self.tell(slot, Moment::Disputed { attempt: k + 1, amount });
        self.note(Fact::Disputed { at: self.now, in_cohort });
        let draw = self.journeys[slot].stream.draw(Purpose::Decision, u16::from(k), 2);
        let at = self.now.saturating_add(self.plan.refunds.dispute_takes.at(draw.quantile()));
        if self.is_followed(at) {
            self.plan_step(slot, at, Step::Verdict, k, 0, 0);
        }
    }

    /// The dispute is decided: the user is paid back, or all is as it was before.
    #[cold]
    pub(super) fn verdict(&mut self, slot: u32, k: u8) {
        let (channel, amount) = self.money(slot, k);
        let draw = self.journeys[slot].stream.draw(Purpose::Decision, u16::from(k), 2);
        let spent = self.is_spent(slot, k);
        let won = draw.hits(self.plan.refunds.won);
        self.tell(slot, Moment::Verdict { attempt: k + 1, won });
        if won {
            if spent {
                self.lose(slot, channel, amount);
            }
            self.ledger.dispute_won(channel, amount);
            return self.pay_back(slot, k, self.now, WON);
        }
        if spent {
            return self.ledger.dispute_lost_at_a_loss(channel, amount);
        }
        self.ledger.dispute_lost(channel, amount);
        let journey = &self.journeys[slot];
        if journey.misposted.has(k) {
            self.ledger.mispost(channel, amount);
        } else if journey.credited.has(k) {
            self.ledger.credit(channel, amount);
        }
    }

    /// Whether the credit of a capture has been spent, so that nobody can take it back.
    pub(super) fn is_spent(&self, slot: u32, k: u8) -> bool {
        let journey = &self.journeys[slot];
        let posted = journey.credited.has(k) || journey.misposted.has(k);
        let draw = journey.stream.draw(Purpose::Spent, u16::from(k), 0);
        posted && draw.hits(self.plan.refunds.spent)
    }

    /// Takes the credit of a capture, if it has one, back from the account that it reached.
    pub(super) fn take_back(&mut self, slot: u32, k: u8) {
        let (channel, amount) = self.money(slot, k);
        if self.journeys[slot].misposted.has(k) {
            self.ledger.reverse_mispost(channel, amount);
        } else if self.journeys[slot].credited.has(k) {
            self.ledger.reverse_credit(channel, amount);
        }
    }

    /// The platform pays what it cannot take back.
    pub(super) fn lose(&mut self, slot: u32, channel: u8, amount: i64) {
        let in_cohort = self.in_cohort(slot);
        self.tell(slot, Moment::Lost { amount });
        self.note(Fact::Lost { at: self.now, amount, channel, in_cohort });
    }
}
