//! Repair: reconciliation, what the user notices, refund cases, and the way of the money back.

use super::Simulation;
use super::journey::Attempts;
use super::remedy::habit_draw;
use super::shared::{Job, JobKind};
use super::step::Step;
use crate::engine::{Admission, PoolClass};
use crate::model::credit::Uncredited;
use crate::model::facts::{Fact, Observer};
use crate::model::outcome::Marks;
use crate::model::prevention::{Prevention, adoption};
use crate::model::purpose::Purpose;
use crate::model::remedy::Remedy;
use crate::model::story::{Found, Moment};

/// 24 hours, ns.
pub(super) const DAY: u64 = 86_400_000_000_000;
/// Cases are followed for 60 days after the end of the run; what is open then is unresolved.
const CASE_DAYS: u64 = 60;

/// A case that a user applied for, as a payload; others come from reconciliation.
const APPLICATION: u32 = 1;
/// A case that a user asked for after a success, as a payload of the case and of its refund.
pub(super) const REQUEST: u32 = 2;
/// A refund that the user's bank decided, as a payload.
pub(super) const WON: u32 = 1;
/// A refund of an order that its provider revoked, as a payload.
const REVOKED: u32 = 3;

/// What staff had to do with a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Staff {
    /// They reviewed the case.
    Reviewed,
    /// It went past them.
    Passed,
}

impl<O: Observer> Simulation<'_, O> {
    /// The gateway gave up on a capture it does not know of.
    pub(super) fn orphan(&mut self, slot: u32, k: u8) {
        let journey = &self.journeys[slot];
        if !journey.of_order(self.plan.client.key, journey.paid, k).is_empty() {
            return;
        }
        if self.plan.gateway.close.is_some() && journey.cased.has(k) {
            // revoked: the money is on its way back
            return;
        }
        let captured_at = self.captured_at(slot, k);
        self.journeys[slot].marks.set(Marks::ORDER_ABNORMAL);
        self.find_later(slot, k, captured_at);
        self.notice_later(slot, k);
    }

    /// Reconciliation will come to a capture.
    pub(super) fn find_later(&mut self, slot: u32, k: u8, captured_at: u64) {
        let at = self.plan.reconciliation.next(&self.plan.calendar, captured_at, self.now);
        self.plan_step(slot, at, Step::Reconcile, k, 0, 0);
    }

    /// The user will notice that money is missing.
    pub(super) fn notice_later(&mut self, slot: u32, k: u8) {
        let draw = self.journeys[slot].stream.draw(Purpose::Notice, u16::from(k), 0);
        if draw.hits(self.plan.refunds.applies) {
            let after = self.notices_after(slot, self.plan.refunds.notice.at(draw.quantile()));
            self.plan_step(slot, self.now + after, Step::Notice, k, 0, 0);
        }
    }

    /// How long it takes a user to notice, who may look earlier than others.
    fn notices_after(&self, slot: u32, time: u64) -> u64 {
        let preventions = &self.plan.preventions;
        let journey = &self.journeys[slot];
        let by = |prevention| move || adoption(journey.stream, prevention);
        let time = preventions.notices_earlier.of(time, by(Prevention::ContactEarly));
        if journey.captured.count() < 2 {
            return time;
        }
        preventions.notices_duplicates.of(time, by(Prevention::ReviewTransactions))
    }

    /// When an attempt was captured: exact for the first and the last capture of a journey.
    pub(super) fn captured_at(&self, slot: u32, k: u8) -> u64 {
        let journey = &self.journeys[slot];
        if journey.captured.count() > 1 && k == journey.last_captured {
            journey.first_captured + (u64::from(journey.last_captured_after) << 20)
        } else {
            journey.first_captured
        }
    }

    /// The user notices: a capture without credit, a second charge, or money gone astray.
    #[cold]
    pub(super) fn notice(&mut self, slot: u32, k: u8) {
        let journey = &self.journeys[slot];
        if journey.cased.has(k) {
            return;
        }
        let key = self.plan.client.key;
        let is_settled = journey.settled(key, k).is_some();
        // a second order credited, or a second capture of an order that has its credit
        let charged_twice =
            is_settled && (journey.settled(key, k) != Some(k) || journey.credited.count() > 1);
        if is_settled && !charged_twice && !journey.misposted.has(k) {
            return;
        }
        if !is_settled {
            // the case ends automatic repair, which has not credited the order
            self.journeys[slot].marks.set(Marks::ORPHAN);
        }
        self.open_case(slot, k, false);
    }

    /// The provider's statement is held against the ledger: of the captures of an order, one may
    /// stay, and that one must be credited.
    #[cold]
    pub(super) fn reconcile(&mut self, slot: u32, k: u8) {
        let journey = &self.journeys[slot];
        if journey.cased.has(k) {
            return;
        }
        let key = self.plan.client.key;
        let free = journey.of_order(key, Attempts(journey.captured.0 & !journey.cased.0), k);
        let stays = journey.settled(key, k).or(free.iter().next());
        let attempt = k + 1;
        if stays != Some(k) {
            self.tell(slot, Moment::Reconciled { attempt, found: Found::Excess });
            return self.open_case(slot, k, true);
        }
        if journey.settled(key, k).is_some() || journey.paid.has(k) {
            return self.tell(slot, Moment::Reconciled { attempt, found: Found::Settled });
        }
        let is_known = !journey.of_order(key, journey.paid, k).is_empty();
        self.tell(slot, Moment::Reconciled { attempt, found: Found::Uncredited });
        if self.plan.reconciliation.uncredited == Uncredited::Refund && !self.plan.refunds.automatic
        {
            // found, and still somebody has to decide
            self.journeys[slot].marks.set(Marks::ORPHAN);
        }
        match self.plan.reconciliation.uncredited {
            Uncredited::Credit if is_known => self.credit_later(slot, k),
            Uncredited::Credit => self.learn_paid(slot, k),
            Uncredited::Refund => self.open_case(slot, k, true),
        }
    }

    /// A refund case is opened, by the user's application or by reconciliation.
    fn open_case(&mut self, slot: u32, k: u8, automatic: bool) {
        let in_cohort = self.in_cohort(slot);
        self.journeys[slot].cased.add(k);
        self.note(Fact::CaseOpened { at: self.now, automatic, in_cohort });
        let refunds = &self.plan.refunds;
        if automatic && refunds.automatic {
            self.tell(slot, Moment::CaseOpened { attempt: k + 1, automatic, papers_ns: 0 });
            self.case_received(slot, k, !automatic);
            return self.send_refund(slot, k, self.now, (Staff::Passed, 0));
        }
        let draw = self.journeys[slot].stream.draw(Purpose::Papers, u16::from(k), 0);
        let papers =
            if draw.hits(refunds.papers) { refunds.papers_delay.at(draw.quantile()) } else { 0 };
        let stream = self.journeys[slot].stream;
        let habits = &self.plan.remedies;
        let papers = habits.stay_reachable.of(papers, || habit_draw(stream, Remedy::StayReachable));
        let by = if automatic { 0 } else { APPLICATION };
        self.tell(slot, Moment::CaseOpened { attempt: k + 1, automatic, papers_ns: papers });
        self.case_received(slot, k, !automatic);
        let corrected = if automatic { 0 } else { self.correction(slot, k) };
        self.plan_step(slot, self.now + papers + corrected, Step::Review, k, 0, by);
    }

    /// How long it takes until an application with a mistake has come again without it, ns.
    fn correction(&mut self, slot: u32, k: u8) -> u64 {
        let Some(errors) = &self.plan.refunds.form_errors else { return 0 };
        let draw = self.journeys[slot].stream.draw(Purpose::Correction, u16::from(k), 0);
        if !draw.hits(errors.share) {
            return 0;
        }
        let delay_ns = errors.delay.at(draw.quantile());
        self.tell(slot, Moment::FormReturned { attempt: k + 1, delay_ns });
        delay_ns
    }

    /// The provider revokes an order that was paid: the money goes back without anybody's asking.
    pub(super) fn send_back(&mut self, slot: u32, k: u8) {
        let in_cohort = self.in_cohort(slot);
        self.journeys[slot].cased.add(k);
        self.note(Fact::CaseOpened { at: self.now, automatic: true, in_cohort });
        self.tell(slot, Moment::CaseOpened { attempt: k + 1, automatic: true, papers_ns: 0 });
        self.send_refund(slot, k, self.now, (Staff::Passed, REVOKED));
    }

    /// A case reaches the desk.
    #[cold]
    pub(super) fn review(&mut self, slot: u32, k: u8, by: u32) {
        let now = self.now;
        let job = Job { slot, attempt: k, sub: by as u8, kind: JobKind::Attempt };
        let Some(desk) = &mut self.shared.desk else { return self.begin_review(job) };
        self.shared.desk_touched = now;
        match desk.arrive(now, PoolClass::TopUp, job) {
            Admission::Served => self.begin_review(job),
            Admission::Waits(_) => {
                self.tell(slot, Moment::DeskWaits { attempt: k + 1 });
                self.journeys[slot].blocked += 1;
            }
            Admission::Refused => unreachable!("the desk's waiting room has no bound"),
        }
    }

    /// Staff work on a case in their hours.
    fn begin_review(&mut self, job: Job) {
        self.tell(job.slot, Moment::ReviewBegins { attempt: job.attempt + 1 });
        let refunds = &self.plan.refunds;
        let stream = self.journeys[job.slot].stream;
        let draw = stream.draw(Purpose::Review, u16::from(job.attempt), 0);
        let [kept, chosen] = self.plan.preventions.reviewed_faster;
        let by = |prevention| move || adoption(stream, prevention);
        let work = kept.of(refunds.review.at(draw.quantile()), by(Prevention::KeepRecords));
        let work = chosen.of(work, by(Prevention::GoodAfterSales));
        let done = refunds.hours.after_work(self.now, work);
        self.plan_step(job.slot, done, Step::Reviewed, job.attempt, 0, u32::from(job.sub));
    }

    /// Staff have reviewed a case; the next one begins.
    #[cold]
    pub(super) fn reviewed(&mut self, slot: u32, k: u8, by: u32) {
        let now = self.now;
        self.desk_release();
        let draw = self.journeys[slot].stream.draw(Purpose::Review, u16::from(k), 1);
        let decided = self.plan.refunds.reviewed_at(now, draw, &self.plan.calendar);
        let decision = self.journeys[slot].stream.draw(Purpose::Decision, u16::from(k), 0);
        if by == APPLICATION && decision.hits(self.plan.refunds.refused) {
            return self.refuse(slot, k, decided);
        }
        if by == REQUEST {
            return self.send_requested(slot, k, decided);
        }
        self.send_refund(slot, k, decided, (Staff::Reviewed, 0));
    }

    /// One of the staff is free: the next who waits, a case or a user who asks, is taken up.
    pub(super) fn desk_release(&mut self) {
        let now = self.now;
        self.shared.desk_touched = now;
        let Some(granted) = self.shared.desk.as_mut().and_then(|desk| desk.release(now)) else {
            return;
        };
        let job = granted.job;
        self.journeys[job.slot].blocked -= 1;
        self.woken.push(job.slot);
        match job.kind {
            JobKind::Contact => self.begin_contact(job),
            _ => self.begin_review(job),
        }
    }

    /// The money is sent back at `from`, past staff or by them and as the step's payload says; a
    /// credit is taken back first, where it is still there.
    fn send_refund(&mut self, slot: u32, k: u8, from: u64, (staff, by): (Staff, u32)) {
        let (channel, amount) = self.money(slot, k);
        if O::FOLLOWS {
            let journey = &self.journeys[slot];
            let posted = journey.credited.has(k) || journey.misposted.has(k);
            let taken_back = posted && !self.is_spent(slot, k);
            let sent = Moment::RefundSent { attempt: k + 1, amount, taken_back };
            self.tell_at(slot, from, sent);
        }
        if self.is_spent(slot, k) {
            self.ledger.refund_start_at_a_loss(channel, amount);
            self.lose(slot, channel, amount);
        } else {
            self.take_back(slot, k);
            self.ledger.refund_start(channel, amount);
        }
        self.case_sent(slot, k, from, staff);
        self.pay_back(slot, k, from, by);
    }

    /// Channel and amount of an attempt.
    pub(super) fn money(&self, slot: u32, k: u8) -> (u8, i64) {
        let journey = &self.journeys[slot];
        (self.channel_of(slot, k), self.amount(journey.id(), journey.stream))
    }

    /// The money goes back, at `from`, by the rail of its channel; `by` is the step's payload.
    pub(super) fn pay_back(&mut self, slot: u32, k: u8, from: u64, by: u32) {
        let channel = self.channel_of(slot, k);
        let refunds = &self.plan.refunds;
        let stream = self.journeys[slot].stream;
        let rail = self.plan.channels[channel as usize].rail;
        let draw = stream.draw(Purpose::Rail, u16::from(k), 0);
        let mut at = refunds.arrives_at(rail, from, draw, &self.plan.calendar);
        let problem = stream.draw(Purpose::RefundProblem, u16::from(k), 0);
        if problem.hits(refunds.problem) {
            let delay_ns = refunds.problem_delay.at(problem.quantile());
            let habits = &self.plan.remedies;
            let delay_ns =
                habits.check_refund.of(delay_ns, || habit_draw(stream, Remedy::CheckRefund));
            at += delay_ns;
            self.tell_at(slot, from, Moment::RefundDelayed { attempt: k + 1, delay_ns });
            if by != REQUEST {
                self.journeys[slot].marks.set(Marks::REFUND_PROBLEM);
            }
        }
        if self.is_followed(at) {
            self.plan_step(slot, at, Step::Refund, k, 0, by);
        } else if by == REQUEST {
            self.requests.remove(&slot);
        }
    }

    /// Whether a case is still followed at an instant.
    pub(super) fn is_followed(&self, at: u64) -> bool {
        at <= self.plan.horizon.length + CASE_DAYS * DAY
    }

    /// The refund arrives.
    #[cold]
    pub(super) fn refund(&mut self, slot: u32, k: u8, by: u32) {
        if by == REQUEST {
            return self.requested_refund(slot, k);
        }
        let now = self.now;
        let in_cohort = self.in_cohort(slot);
        let channel = self.channel_of(slot, k);
        let amount = self.amount(self.journeys[slot].id(), self.journeys[slot].stream);
        let latency = now - self.captured_at(slot, k);
        let journey = &mut self.journeys[slot];
        journey.refunded.add(k);
        if latency > self.plan.refunds.promise {
            journey.marks.set(Marks::REFUND_DELAYED);
        }
        if latency > DAY && journey.credited.is_empty() {
            journey.marks.set(Marks::UNRESOLVED_AFTER_24H);
        }
        self.ledger.refund_done(channel, amount);
        // the platform is sorry for what it found, not for what a bank took from it
        let compensation = if by == 0 { self.plan.refunds.compensation } else { 0 };
        if compensation > 0 {
            self.ledger.compensate(channel, compensation);
        }
        let rail = self.plan.channels[channel as usize].rail;
        let (attempt, latency_ns) = (k + 1, latency);
        self.tell(slot, Moment::Refunded { attempt, amount, latency_ns, compensation });
        self.case_arrived(slot, k);
        let at = now;
        self.note(Fact::Refunded { at, latency, amount, compensation, rail, channel, in_cohort });
    }
}
