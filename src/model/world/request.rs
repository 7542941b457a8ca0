//! Refunds on request: a user with a credit changes his mind, and the rule decides.

use super::Simulation;
use super::repair::{REQUEST, Staff};
use super::step::Step;
use crate::model::facts::{Fact, Observer};
use crate::model::purpose::Purpose;
use crate::model::request::{Request, Ruling};
use crate::model::story::Moment;

/// Which draw of a request says whether it is for a part.
const PART: u8 = 1;
/// Which draw says whether some of the money is spent.
const SPENT: u8 = 2;

impl<O: Observer> Simulation<'_, O> {
    /// Whether and when the user of a first credit will ask for the money back.
    #[inline]
    pub(super) fn request_later(&mut self, slot: u32, k: u8) {
        let Some(users) = &self.plan.refunds.on_request else { return };
        let draw = self.journeys[slot].stream.draw(Purpose::Request, u16::from(k), 0);
        let at = self.now.saturating_add(users.after.at(draw.quantile()));
        if draw.hits(users.asks) && self.is_followed(at) {
            self.plan_step(slot, at, Step::Request, k, 0, 0);
        }
    }

    /// The user asks for the money of a credit back. Who has a case about it says no more.
    #[cold]
    pub(super) fn request(&mut self, slot: u32, k: u8) {
        let plan = self.plan;
        let (Some(users), false) = (&plan.refunds.on_request, self.journeys[slot].cased.has(k))
        else {
            return;
        };
        let draw = |sub| self.journeys[slot].stream.draw(Purpose::Request, u16::from(k), sub);
        let request = Request {
            credited_at: self.now - users.after.at(draw(0).quantile()),
            at: self.now,
            part: draw(PART).hits(users.part),
            spent: draw(SPENT).hits(users.spent),
        };
        let ruling = users.rule(request, &plan.calendar);
        let (in_cohort, amount) = (self.in_cohort(slot), self.asked_back(slot, k));
        self.tell(slot, Moment::RefundRequested { attempt: k + 1, amount, ruling });
        self.note(Fact::Requested { at: self.now, ruling, in_cohort });
        if ruling == Ruling::Accepted {
            // from here on it is a case, and nobody opens another one about this capture
            self.journeys[slot].cased.add(k);
            self.requests.insert(slot, self.now);
            self.case_received(slot, k, true);
            self.plan_step(slot, self.now, Step::Review, k, 0, REQUEST);
        }
    }

    /// What the user of a credit asks for, minor units.
    pub(super) fn asked_back(&self, slot: u32, k: u8) -> i64 {
        let (_, whole) = self.money(slot, k);
        let Some(users) = &self.plan.refunds.on_request else { return whole };
        let part = self.journeys[slot].stream.draw(Purpose::Request, u16::from(k), PART);
        users.amount(whole, part.hits(users.part))
    }

    /// The desk has seen to an accepted request: the credit is taken back, the money sets out.
    pub(super) fn send_requested(&mut self, slot: u32, k: u8, from: u64) {
        let (channel, _) = self.money(slot, k);
        let amount = self.asked_back(slot, k);
        self.ledger.reverse_credit(channel, amount);
        self.ledger.refund_start(channel, amount);
        self.tell_at(slot, from, Moment::RefundSent { attempt: k + 1, amount, taken_back: true });
        self.case_sent(slot, k, from, Staff::Reviewed);
        self.pay_back(slot, k, from, REQUEST);
    }

    /// The money of a request arrives.
    pub(super) fn requested_refund(&mut self, slot: u32, k: u8) {
        let (channel, _) = self.money(slot, k);
        let (amount, in_cohort) = (self.asked_back(slot, k), self.in_cohort(slot));
        let asked_at = self.requests.remove(&slot).expect("an accepted request has its time");
        let latency_ns = self.now - asked_at;
        self.ledger.refund_done(channel, amount);
        self.journeys[slot].refunded.add(k);
        self.tell(slot, Moment::RequestRefunded { attempt: k + 1, amount, latency_ns });
        self.case_arrived(slot, k);
        self.note(Fact::RequestRefunded { at: self.now, latency: latency_ns, amount, in_cohort });
    }
}
