//! Instants of the simulation, in nanoseconds since the run's start.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

use super::Span;

/// An instant: nanoseconds since the run's start. Reaches 584 years.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct SimTime(u64);

impl SimTime {
    /// The run's start.
    pub const ZERO: SimTime = SimTime(0);
    /// The last instant there is; stands for "never".
    pub const MAX: SimTime = SimTime(u64::MAX);

    /// The instant `ns` nanoseconds after the run's start.
    pub const fn from_ns(ns: u64) -> Self {
        SimTime(ns)
    }

    /// Nanoseconds since the run's start.
    pub const fn ns(self) -> u64 {
        self.0
    }

    /// Seconds since the run's start, for display.
    pub fn secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The span since the run's start.
    pub const fn since_start(self) -> Span {
        Span::from_ns(self.0)
    }

    /// This instant plus `span`, at most [`SimTime::MAX`].
    pub const fn saturating_add(self, span: Span) -> Self {
        SimTime(self.0.saturating_add(span.ns()))
    }

    /// This instant minus `span`, at least [`SimTime::ZERO`].
    pub const fn saturating_sub(self, span: Span) -> Self {
        SimTime(self.0.saturating_sub(span.ns()))
    }

    /// The span since `earlier`, zero when that one is in fact later.
    pub const fn saturating_since(self, earlier: SimTime) -> Span {
        Span::from_ns(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Span> for SimTime {
    type Output = SimTime;

    #[inline]
    fn add(self, span: Span) -> SimTime {
        SimTime(
            self.0.checked_add(span.ns()).expect("an instant lies within 584 years of the start"),
        )
    }
}

impl AddAssign<Span> for SimTime {
    #[inline]
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub<Span> for SimTime {
    type Output = SimTime;

    #[inline]
    fn sub(self, span: Span) -> SimTime {
        SimTime(self.0.checked_sub(span.ns()).expect("no instant lies before the run's start"))
    }
}

impl Sub for SimTime {
    type Output = Span;

    #[inline]
    fn sub(self, earlier: SimTime) -> Span {
        let ns = self.0.checked_sub(earlier.0);
        Span::from_ns(ns.expect("a span runs from the earlier to the later"))
    }
}

/// Shows the instant as the span since the run's start, as in `2h 30m`.
impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.since_start().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "a span runs from the earlier to the later")]
    fn a_negative_difference_of_instants_breaks_a_law() {
        let _ = SimTime::ZERO - SimTime::from_ns(1);
    }

    #[test]
    fn instants_and_spans_add_up() {
        let noon = SimTime::ZERO + Span::HOUR * 12;
        assert_eq!(noon - SimTime::ZERO, Span::DAY / 2);
        assert_eq!(noon - Span::HOUR, SimTime::ZERO + Span::HOUR * 11);
        assert_eq!(SimTime::MAX.saturating_add(Span::NANO), SimTime::MAX);
        assert_eq!(SimTime::ZERO.saturating_since(noon), Span::ZERO);
        assert_eq!([Span::SECOND, Span::MILLI].into_iter().sum::<Span>().ns(), 1_001_000_000);
    }
}
