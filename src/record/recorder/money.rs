//! Facts about money: captures, credits, refunds, and what users ask the desk.

use super::{DAY, Recorder};
use crate::model::cause::Cause;
use crate::model::facts::Fact;
use crate::model::recovery::Goodput;

impl Recorder {
    /// `of_cohort`: the channel, where the top-up belongs to the cohort.
    #[inline]
    pub(super) fn note_capture(&mut self, at: u64, amount: i64, of_cohort: Option<u8>) {
        if let Some(bucket) = self.bucket(at) {
            bucket.captures += 1;
        }
        if let Some(channel) = of_cohort {
            let money = &mut self.summary.money[usize::from(channel)];
            money.captures += 1;
            money.captured += minor(amount);
        }
    }

    #[inline]
    pub(super) fn note_credit(&mut self, at: u64, latency: u64, credit: Credit) {
        let Credit { amount, channel, first, first_cause, in_cohort } = credit;
        let in_time = first && latency <= self.horizon.deadline;
        if in_time {
            self.watches.good(at, Goodput::Credited);
            self.summary.loads.goodput += u64::from(self.is_measured(at));
        }
        if let Some(cause) = first_cause.filter(|_| in_time && in_cohort) {
            let tally = &mut self.summary.causes[cause as usize];
            tally.waited += 1;
            tally.waited_ns += u128::from(latency);
        }
        if in_cohort {
            let money = &mut self.summary.money[channel];
            money.credits += 1;
            money.credited += minor(amount);
            if first {
                self.summary.credit_latency[channel].record(latency);
            }
        }
    }

    #[cold]
    pub(super) fn note_refund(&mut self, at: u64, latency: u64, refund: Refund) {
        let Refund { amount, compensation, rail, channel, in_cohort } = refund;
        self.seen.refund(amount);
        if let Some(bucket) = self.bucket(at) {
            bucket.refunds += 1;
        }
        if in_cohort {
            let money = &mut self.summary.money[channel];
            money.refunds += 1;
            money.refunded += minor(amount);
            self.summary.refunds.compensated += minor(compensation);
            let rail = &mut self.summary.refunds.rails[rail];
            rail.latency.record(latency);
            rail.within_24h += u64::from(latency <= DAY);
            rail.within_promise += u64::from(latency <= self.promise);
            rail.amount += minor(amount);
        }
    }

    /// What is seldom: cases and disputes, and what users ask the desk.
    #[cold]
    pub(super) fn note_case(&mut self, fact: Fact) {
        let refunds = &mut self.summary.refunds;
        match fact {
            Fact::CaseOpened { automatic, in_cohort, .. } => {
                refunds.cases_automatic += u64::from(automatic && in_cohort);
                refunds.cases_by_user += u64::from(!automatic && in_cohort);
            }
            Fact::CaseRefused { in_cohort, .. } => refunds.refused += u64::from(in_cohort),
            Fact::Disputed { in_cohort, .. } => refunds.disputed += u64::from(in_cohort),
            Fact::SchemeFee { in_cohort, .. } => refunds.scheme_fees += u64::from(in_cohort),
            Fact::Lost { amount, in_cohort, .. } => {
                self.seen.lose(amount);
                refunds.lost += if in_cohort { minor(amount) } else { 0 };
            }
            Fact::Requested { ruling, in_cohort: true, .. } => refunds.requests.note(ruling),
            Fact::AskedAgain { in_cohort, .. } => refunds.contacts += u64::from(in_cohort),
            Fact::RequestRefunded { latency, amount, in_cohort, .. } => {
                self.seen.refund(amount);
                if in_cohort {
                    refunds.requests.refunded += minor(amount);
                    refunds.requests.latency.record(latency);
                }
            }
            _ => {}
        }
    }
}

/// A sum of money that moves from one place to another is never below 0.
#[inline]
fn minor(amount: i64) -> u128 {
    debug_assert!(amount >= 0, "facts tell sums of money that are not negative");
    u128::from(amount.unsigned_abs())
}

#[derive(Clone, Copy)]
pub(super) struct Credit {
    pub(super) amount: i64,
    pub(super) channel: usize,
    pub(super) first: bool,
    pub(super) first_cause: Option<Cause>,
    pub(super) in_cohort: bool,
}

#[derive(Clone, Copy)]
pub(super) struct Refund {
    pub(super) amount: i64,
    pub(super) compensation: i64,
    pub(super) rail: usize,
    pub(super) channel: usize,
    pub(super) in_cohort: bool,
}
