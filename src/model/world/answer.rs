//! What one layer tells another, packed into a step's payload.

use crate::model::cause::Cause;
use crate::model::story::Reply;

/// The result of an attempt as an answer carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The money was captured.
    Paid,
    /// A refusal that another try will not change by itself.
    Declined(Cause),
    /// A refusal that another try may change.
    Refused(Cause),
    /// Nobody knows.
    Unknown,
}

impl Answer {
    /// The answer as a payload.
    #[inline]
    pub(super) fn pack(self) -> u32 {
        match self {
            Self::Paid => 0,
            Self::Declined(cause) => 1 | (cause as u32) << 8,
            Self::Refused(cause) => 2 | (cause as u32) << 8,
            Self::Unknown => 3,
        }
    }

    /// The answer as a story tells it.
    pub(super) fn told(self) -> Reply {
        match self {
            Self::Paid => Reply::Paid,
            Self::Declined(cause) => Reply::Declined(cause),
            Self::Refused(cause) => Reply::Refused(cause),
            Self::Unknown => Reply::Unknown,
        }
    }

    /// The answer of a payload.
    #[inline]
    pub(super) fn unpack(payload: u32) -> Self {
        let cause = || Cause::ALL[(payload >> 8) as usize];
        match payload & 0xff {
            0 => Self::Paid,
            1 => Self::Declined(cause()),
            2 => Self::Refused(cause()),
            _ => Self::Unknown,
        }
    }
}
