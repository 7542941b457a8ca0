//! What one layer tells another, packed into a step's payload.

use crate::model::advice::{Advice, Pushback};
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
        match payload & KIND {
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
    /// What the answer said about another try.
    pub(super) told: Told,
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
        Self { answer, seen, told: Told::NOTHING }
    }

    /// With the answer of a payload, and what it said about another try.
    pub(super) fn heard(payload: u32) -> Self {
        Self { told: Told(payload & TOLD), ..Self::of(Answer::unpack(payload)) }
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

/// An answer with what it says about another try.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    pub(super) answer: Answer,
    pub(super) told: Told,
}

impl From<Answer> for Said {
    #[inline]
    fn from(answer: Answer) -> Self {
        Self { answer, told: Told::NOTHING }
    }
}

impl From<Failed> for Said {
    fn from(failed: Failed) -> Self {
        Self { answer: failed.answer, told: failed.told }
    }
}

impl Said {
    /// Both as a payload.
    #[inline]
    pub(super) fn pack(self) -> u32 {
        self.answer.pack() | self.told.0
    }
}

/// What an answer says about another try, in the bits of its payload that the answer leaves free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told(u32);

/// The bits of a payload that tell answers apart; the eight from bit 8 on are their cause.
const KIND: u32 = 0b111;
/// The time from bit 16 on is a pushback in ms; otherwise it is a Retry-After in s.
const PUSHBACK: u32 = 1 << 3;
/// A pushback that forbids another try.
const STOP: u32 = 1 << 4;
/// Stripe-Should-Retry.
const SHOULD: u32 = 1 << 5;
const SHOULD_NOT: u32 = 1 << 6;
const TIME_SHIFT: u32 = 16;
/// A payload has 31 bits: 15 are left for a time.
const TIME_MAX: u64 = (1 << 15) - 1;
const TOLD: u32 = PUSHBACK | STOP | SHOULD | SHOULD_NOT | (TIME_MAX as u32) << TIME_SHIFT;

impl Told {
    pub(super) const NOTHING: Self = Self(0);

    /// Advice as it travels: a Retry-After in whole seconds, at least one.
    pub(super) fn of(advice: Advice) -> Self {
        let seconds = |ns: u64| ns.div_ceil(1_000_000_000).clamp(1, TIME_MAX);
        let time = match advice.pushback {
            Some(Pushback::After(ns)) => PUSHBACK | time(ns.div_ceil(1_000_000).min(TIME_MAX)),
            Some(Pushback::Stop) => STOP,
            None => advice.retry_after.map_or(0, |ns| time(seconds(ns))),
        };
        let should = match advice.should_retry {
            Some(true) => SHOULD,
            Some(false) => SHOULD_NOT,
            None => 0,
        };
        Self(time | should)
    }

    /// The advice.
    pub(super) fn advice(self) -> Advice {
        let has = |bit: u32| self.0 & bit != 0;
        let time = u64::from(self.0 >> TIME_SHIFT);
        let pushback = match (has(STOP), has(PUSHBACK)) {
            (true, _) => Some(Pushback::Stop),
            (false, true) => Some(Pushback::After(time * 1_000_000)),
            (false, false) => None,
        };
        Advice {
            retry_after: (pushback.is_none() && time > 0).then_some(time * 1_000_000_000),
            pushback,
            should_retry: (has(SHOULD) || has(SHOULD_NOT)).then_some(has(SHOULD)),
        }
    }
}

/// A time in its place.
fn time(number: u64) -> u32 {
    (number as u32) << TIME_SHIFT
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches: bits that meet those of another part, or the mark that a calendar keeps in the
    /// last one.
    #[test]
    fn what_is_said_comes_through_a_payload() {
        let (ms, s) = (1_000_000, 1_000_000_000);
        let said = |pushback, retry_after| Advice { pushback, retry_after, should_retry: None };
        let words = [
            said(None, None),
            said(None, Some(s)),
            said(None, Some(9 * 3_600 * s)),
            said(Some(Pushback::Stop), None),
            said(Some(Pushback::After(0)), None),
            said(Some(Pushback::After(30_000 * ms)), None),
        ];
        for word in words {
            for should_retry in [None, Some(true), Some(false)] {
                let advice = Advice { should_retry, ..word };
                for &cause in Cause::ALL {
                    for answer in [Answer::Limited(cause), Answer::Declined(cause)] {
                        let payload = Said { answer, told: Told::of(advice) }.pack();
                        assert!(payload < 1 << 31, "a payload has 31 bits");
                        let heard = Failed::heard(payload);
                        assert_eq!((heard.answer, heard.told.advice()), (answer, advice));
                    }
                }
            }
        }
    }

    #[test]
    fn a_time_is_rounded_up_to_its_unit_and_ends_where_an_answer_is_full() {
        let of = |retry_after| Advice { retry_after: Some(retry_after), ..Advice::default() };
        let told = |ns| Told::of(of(ns)).advice().retry_after.map(|ns| ns / 1_000_000_000);
        assert_eq!([told(1), told(2_000_000_001), told(u64::MAX)], [1, 3, 32_767].map(Some));
    }
}
