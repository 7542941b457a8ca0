//! How a top-up ends: exactly one outcome, and marks that may overlap.

/// The end of a top-up; exactly one holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Outcome {
    /// Credited before the deadline after one attempt.
    CreditedFirst = 0,
    /// Credited before the deadline after more than one attempt.
    CreditedAfterRetry = 1,
    /// Credited after the deadline.
    CreditedLate = 2,
    /// Nothing captured; the last word was a decline.
    Declined = 3,
    /// Nothing captured; the app or the user gave up.
    GaveUp = 4,
    /// Left before anything was sent.
    NeverSubmitted = 5,
    /// Captured, never credited, all of it refunded.
    ChargedRefunded = 6,
    /// Captured, neither credited nor refunded by the end.
    ChargedUnresolved = 7,
    /// The money went to a fraudster.
    Defrauded = 8,
}

impl Outcome {
    /// All outcomes, in the order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::CreditedFirst,
        Self::CreditedAfterRetry,
        Self::CreditedLate,
        Self::Declined,
        Self::GaveUp,
        Self::NeverSubmitted,
        Self::ChargedRefunded,
        Self::ChargedUnresolved,
        Self::Defrauded,
    ];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreditedFirst => "credited_first",
            Self::CreditedAfterRetry => "credited_after_retry",
            Self::CreditedLate => "credited_late",
            Self::Declined => "declined",
            Self::GaveUp => "gave_up",
            Self::NeverSubmitted => "never_submitted",
            Self::ChargedRefunded => "charged_refunded",
            Self::ChargedUnresolved => "charged_unresolved",
            Self::Defrauded => "defrauded",
        }
    }

    /// Credited to the right account before the deadline.
    #[inline]
    pub fn is_success(self) -> bool {
        matches!(self, Self::CreditedFirst | Self::CreditedAfterRetry)
    }
}

/// Marks of a top-up: a set of bits derived from facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks(pub u16);

impl Marks {
    /// Captured, and the app last told the user that it failed.
    pub const CHARGED_SHOWN_FAILED: Self = Self(1);
    /// More than one capture.
    pub const DUPLICATE_CHARGE: Self = Self(2);
    /// Captured, and neither credited nor sent back by automatic repair (answers, notices, status
    /// queries, reconciliation): a person had to find it or to decide.
    pub const ORPHAN: Self = Self(4);
    /// Credited more than once.
    pub const DOUBLE_CREDIT: Self = Self(8);
    /// Credited to a wrong account.
    pub const MISPOSTED: Self = Self(16);
    /// The app could not say what became of it.
    pub const UNKNOWN_OUTCOME: Self = Self(32);
    /// First credited when the user had left the screen (later than `screen_patience`).
    pub const CREDIT_DELAYED: Self = Self(64);
    /// A refund met a problem.
    pub const REFUND_PROBLEM: Self = Self(128);
    /// A card check of amount zero.
    pub const CARD_CHECK: Self = Self(256);
    /// Not settled 24 hours after the first capture.
    pub const UNRESOLVED_AFTER_24H: Self = Self(512);
    /// The first credit came after the deadline.
    pub const CREDITED_LATE: Self = Self(1024);
    /// The gateway gave up an order whose money was captured, or was captured afterwards.
    pub const ORDER_ABNORMAL: Self = Self(2048);
    /// Captured, and never credited to the right account.
    pub const NOT_ARRIVED: Self = Self(4096);
    /// The app could not say what became of it, and nothing was captured.
    pub const INTERRUPTED: Self = Self(8192);
    /// A refund came later than promised.
    pub const REFUND_DELAYED: Self = Self(16384);
    /// The user was harmed: any of defrauded, charged and shown failed, charged twice, not arrived,
    /// arrived when the user had left, misposted, refund with a problem or late.
    pub const USER_HARM: Self = Self(32768);

    /// What harms a user.
    pub const HARMS: Self = Self(
        Self::CHARGED_SHOWN_FAILED.0
            | Self::DUPLICATE_CHARGE.0
            | Self::ORPHAN.0
            | Self::MISPOSTED.0
            | Self::CREDIT_DELAYED.0
            | Self::NOT_ARRIVED.0
            | Self::REFUND_PROBLEM.0
            | Self::REFUND_DELAYED.0,
    );

    /// All marks with their names in tables, in the order of their bits.
    pub const ALL: [(Self, &'static str); 16] = [
        (Self::CHARGED_SHOWN_FAILED, "charged_shown_failed"),
        (Self::DUPLICATE_CHARGE, "duplicate_charge"),
        (Self::ORPHAN, "orphan"),
        (Self::DOUBLE_CREDIT, "double_credit"),
        (Self::MISPOSTED, "misposted"),
        (Self::UNKNOWN_OUTCOME, "unknown_outcome"),
        (Self::CREDIT_DELAYED, "credit_delayed"),
        (Self::REFUND_PROBLEM, "refund_problem"),
        (Self::CARD_CHECK, "card_check"),
        (Self::UNRESOLVED_AFTER_24H, "unresolved_after_24h"),
        (Self::CREDITED_LATE, "credited_late"),
        (Self::ORDER_ABNORMAL, "order_abnormal"),
        (Self::NOT_ARRIVED, "not_arrived"),
        (Self::INTERRUPTED, "interrupted"),
        (Self::REFUND_DELAYED, "refund_delayed"),
        (Self::USER_HARM, "user_harm"),
    ];

    /// The names of the marks that are there, in the order of [`Marks::ALL`].
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().filter(move |(mark, _)| self.has(*mark)).map(|(_, name)| name)
    }

    /// Adds a mark.
    #[inline]
    pub fn set(&mut self, mark: Self) {
        self.0 |= mark.0;
    }

    /// Takes a mark away.
    #[inline]
    pub fn clear(&mut self, mark: Self) {
        self.0 &= !mark.0;
    }

    /// Whether the mark is there.
    #[inline]
    pub fn has(self, mark: Self) -> bool {
        self.0 & mark.0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_has_a_bit_and_a_name_of_its_own() {
        let mut all = Marks::default();
        for (at, (mark, name)) in Marks::ALL.into_iter().enumerate() {
            assert_eq!(mark.0, 1 << at, "{name}");
            assert_eq!(mark.names().collect::<Vec<_>>(), [name]);
            all.set(mark);
        }
        assert_eq!(all.names().count(), Marks::ALL.len());
    }
}
