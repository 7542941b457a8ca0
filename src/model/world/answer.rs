//! What one layer tells another, packed into a step's payload.

use crate::model::cause::Cause;
use crate::model::retry::Seen;
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
    /// The same, because more comes than a provider or a bank takes.
    Limited(Cause),
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
            Self::Limited(cause) => 4 | (cause as u32) << 8,
        }
    }

    /// Whether it is a refusal that another try may change.
    #[inline]
    pub(super) fn may_pass(self) -> bool {
        matches!(self, Self::Refused(_) | Self::Limited(_))
    }

    /// The answer as a story tells it.
    pub(super) fn told(self) -> Reply {
        match self {
            Self::Paid => Reply::Paid,
            Self::Declined(cause) => Reply::Declined(cause),
            Self::Refused(cause) | Self::Limited(cause) => Reply::Refused(cause),
            Self::Unknown => Reply::Unknown,
        }
    }

    /// The answer of a payload.
    #[inline]
    pub(super) fn unpack(payload: u32) -> Self {
        let cause = || Cause::ALL[(payload >> 8 & 0xff) as usize];
        match payload & 0xff {
            0 => Self::Paid,
            1 => Self::Declined(cause()),
            2 => Self::Refused(cause()),
            4 => Self::Limited(cause()),
            _ => Self::Unknown,
        }
    }
}

/// An attempt that failed, as its policy learns of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    /// What ended it; silence is unknown.
    pub(super) answer: Answer,
    /// What it looks like.
    pub(super) seen: Seen,
    /// When the answer said to come back, ns from now.
    pub(super) retry_after: Option<u64>,
}

impl Failed {
    /// With an answer that was heard.
    pub(super) fn of(answer: Answer) -> Self {
        let seen = match answer {
            Answer::Declined(cause) => Seen::in_decline(cause),
            Answer::Refused(cause) => Seen::in_refusal(cause),
            Answer::Limited(_) => Seen::Throttled,
            Answer::Paid | Answer::Unknown => Seen::Unknown,
        };
        Self { answer, seen, retry_after: None }
    }

    /// With the answer of a payload, and what it told of coming back: whole seconds above the
    /// answer.
    pub(super) fn heard(payload: u32) -> Self {
        let seconds = u64::from(payload >> TOLD_SHIFT);
        let retry_after = (seconds > 0).then_some(seconds * 1_000_000_000);
        Self { retry_after, ..Self::of(Answer::unpack(payload)) }
    }

    /// In silence, for a cause that the model knows.
    pub(super) fn in_silence(cause: Cause) -> Self {
        Self { seen: Seen::in_silence(cause), ..Self::of(Answer::Unknown) }
    }

    /// The cause that the answer names.
    pub(super) fn cause(&self) -> Option<Cause> {
        match self.answer {
            Answer::Declined(cause) | Answer::Refused(cause) | Answer::Limited(cause) => {
                Some(cause)
            }
            Answer::Paid | Answer::Unknown => None,
        }
    }

    /// Whether the answer says that another try will not change it by itself.
    pub(super) fn is_declined(&self) -> bool {
        matches!(self.answer, Answer::Declined(_))
    }
}

/// An answer takes the low bits of a payload, what it tells of coming back those above.
pub(super) const TOLD_SHIFT: u32 = 16;
