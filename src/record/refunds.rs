//! Money of the cohort by channel, refund cases, and how long the way back took.

use serde::{Deserialize, Serialize};

use super::tally::merge_each;
use crate::model::request::Ruling;
use crate::stats::Histogram;

/// Money of the cohort that moved over one channel, minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoneyRecord {
    /// Captures.
    pub captures: u64,
    /// Sum of the captures.
    pub captured: u128,
    /// Credits.
    pub credits: u64,
    /// Sum of the credits.
    pub credited: u128,
    /// Refunds.
    pub refunds: u64,
    /// Sum of the refunds.
    pub refunded: u128,
}

impl MoneyRecord {
    /// Adds the record of another channel or replication.
    pub fn merge(&mut self, other: &Self) {
        self.captures += other.captures;
        self.captured += other.captured;
        self.credits += other.credits;
        self.credited += other.credited;
        self.refunds += other.refunds;
        self.refunded += other.refunded;
    }
}

/// Refund cases of the cohort.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRecord {
    /// Cases that reconciliation opened.
    pub cases_automatic: u64,
    /// Cases that users opened.
    pub cases_by_user: u64,
    /// Applications of users that staff refused.
    pub refused: u64,
    /// Captures that a user's bank took into dispute.
    pub disputed: u64,
    /// Calls that the rules of a card scheme forbid.
    pub scheme_fees: u64,
    /// Paid by the platform for credits that it could not take back, minor units.
    pub lost: u128,
    /// Compensation paid with refunds, minor units.
    pub compensated: u128,
    /// From capture to money back, ns, by rail.
    pub rails: Vec<RailRecord>,
    /// Refunds that users asked for after a success.
    pub requests: RequestRecord,
    /// Times that users without word of a refund asked the desk.
    pub contacts: u64,
}

/// Refunds that users of the cohort asked for after a success.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// Requests that the rule accepted.
    pub accepted: u64,
    /// Requests after the last day.
    pub too_late: u64,
    /// Requests for money of which some was spent.
    pub spent: u64,
    /// Requests for a part of an order.
    pub part: u64,
    /// Sum of the money that came back, minor units.
    pub refunded: u128,
    /// From the request to the money back, ns.
    pub latency: Histogram,
}

impl RequestRecord {
    /// Adds the record of another replication.
    pub fn merge(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.too_late += other.too_late;
        self.spent += other.spent;
        self.part += other.part;
        self.refunded += other.refunded;
        self.latency.merge(&other.latency);
    }

    /// All requests.
    pub fn all(&self) -> u64 {
        self.accepted + self.too_late + self.spent + self.part
    }

    pub(super) fn note(&mut self, ruling: Ruling) {
        let counted = match ruling {
            Ruling::Accepted => &mut self.accepted,
            Ruling::TooLate => &mut self.too_late,
            Ruling::Spent => &mut self.spent,
            Ruling::Part => &mut self.part,
        };
        *counted += 1;
    }
}

/// Refunds on one rail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RailRecord {
    /// From capture to money back, ns.
    pub latency: Histogram,
    /// Refunds within 24 hours of the capture.
    pub within_24h: u64,
    /// Refunds within the time that the platform promises.
    pub within_promise: u64,
    /// Sum of the refunds, minor units.
    pub amount: u128,
}

impl RefundRecord {
    /// Adds the record of another replication.
    pub fn merge(&mut self, other: &Self) {
        self.cases_automatic += other.cases_automatic;
        self.cases_by_user += other.cases_by_user;
        self.refused += other.refused;
        self.disputed += other.disputed;
        self.lost += other.lost;
        self.compensated += other.compensated;
        self.scheme_fees += other.scheme_fees;
        merge_each(&mut self.rails, &other.rails, RailRecord::merge);
        self.requests.merge(&other.requests);
        self.contacts += other.contacts;
    }

    /// Cases opened.
    pub fn cases(&self) -> u64 {
        self.cases_automatic + self.cases_by_user
    }

    /// All rails together.
    pub fn all_rails(&self) -> RailRecord {
        let mut all = RailRecord::default();
        self.rails.iter().for_each(|rail| all.merge(rail));
        all
    }
}

impl RailRecord {
    /// Adds the record of another rail or replication.
    pub fn merge(&mut self, other: &Self) {
        self.latency.merge(&other.latency);
        self.within_24h += other.within_24h;
        self.within_promise += other.within_promise;
        self.amount += other.amount;
    }
}
