//! What a difference of two arms comes to, in words.

use std::collections::BTreeMap;

use crate::record::registry::{Better, Metric};
use crate::stats::Paired;

/// The smallest difference worth showing, by metric, in the metric's unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Smallest(pub BTreeMap<&'static str, f64>);

impl Smallest {
    /// That of a metric, if somebody said one.
    pub fn of(&self, metric: &str) -> Option<f64> {
        self.0.get(metric).copied()
    }
}

/// Which way a difference goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To what is better.
    Better,
    /// To what is worse.
    Worse,
    /// Up, where neither way is better.
    Higher,
    /// Down, where neither way is better.
    Lower,
}

/// What a difference comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contrast {
    /// Every replication gave exactly the same.
    Same,
    /// The whole interval lies on one side of 0.
    Clear(Way),
    /// So it does, and all of it is smaller than what is worth showing.
    Small(Way),
    /// The interval holds 0, and all of it is smaller than what is worth showing.
    Equivalent,
    /// The interval holds 0.
    Unclear,
    /// There is no interval.
    Unknown,
}

impl Contrast {
    /// Reads a difference off its interval; `is_same` if no replication differs by anything.
    pub(super) fn of(
        metric: &Metric,
        paired: &Paired,
        is_same: bool,
        smallest: Option<f64>,
    ) -> Self {
        if is_same {
            return Self::Same;
        }
        let Some(interval) = paired.difference.interval else { return Self::Unknown };
        let is_small = smallest.is_some_and(|most| interval.low > -most && interval.high < most);
        let way = match (interval.low > 0.0, interval.high < 0.0, metric.better) {
            (false, false, _) if is_small => return Self::Equivalent,
            (false, false, _) => return Self::Unclear,
            (true, _, Better::Up) | (_, true, Better::Down) => Way::Better,
            (true, _, Better::Down) | (_, true, Better::Up) => Way::Worse,
            (true, _, Better::Neither) => Way::Higher,
            (_, _, Better::Neither) => Way::Lower,
        };
        if is_small { Self::Small(way) } else { Self::Clear(way) }
    }

    /// The verdict in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Same => "the same",
            Self::Clear(Way::Better) => "better",
            Self::Clear(Way::Worse) => "worse",
            Self::Clear(Way::Higher) => "higher",
            Self::Clear(Way::Lower) => "lower",
            Self::Small(Way::Better) => "better, but small",
            Self::Small(Way::Worse) => "worse, but small",
            Self::Small(Way::Higher) => "higher, but small",
            Self::Small(Way::Lower) => "lower, but small",
            Self::Equivalent => "equivalent",
            Self::Unclear => "no clear difference",
            Self::Unknown => "not known",
        }
    }

    /// All of them.
    const ALL: [Self; 12] = [
        Self::Same,
        Self::Clear(Way::Better),
        Self::Clear(Way::Worse),
        Self::Clear(Way::Higher),
        Self::Clear(Way::Lower),
        Self::Small(Way::Better),
        Self::Small(Way::Worse),
        Self::Small(Way::Higher),
        Self::Small(Way::Lower),
        Self::Equivalent,
        Self::Unclear,
        Self::Unknown,
    ];

    /// The verdict of these words.
    pub fn said(words: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.words() == words)
    }

    /// Which way it clearly goes, small or not.
    pub fn way(self) -> Option<Way> {
        match self {
            Self::Clear(way) | Self::Small(way) => Some(way),
            Self::Same | Self::Equivalent | Self::Unclear | Self::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Estimate, Interval, Method};

    fn told(metric: &str, low: f64, high: f64, smallest: Option<f64>) -> &'static str {
        let interval = Some(Interval { low, high, method: Method::T });
        let difference = Estimate { value: (low + high) / 2.0, interval, n: 30 };
        let paired = Paired { difference, relative: None, correlation: None, variance_ratio: None };
        let metric = Metric::by_name(metric).unwrap();
        Contrast::of(metric, &paired, false, smallest).words()
    }

    #[test]
    fn the_whole_interval_decides() {
        assert_eq!(told("success_share", 0.001, 0.002, None), "better");
        assert_eq!(told("success_share", -0.002, -0.001, None), "worse");
        assert_eq!(told("success_share", -0.001, 0.002, None), "no clear difference");
        assert_eq!(told("duplicate_charges_per_million", 1.0, 2.0, None), "worse");
        assert_eq!(told("duplicate_charges_per_million", -2.0, -1.0, None), "better");
    }

    #[test]
    fn what_is_too_small_to_show_is_said_to_be() {
        let smallest = Some(0.003);
        assert_eq!(told("success_share", 0.001, 0.002, smallest), "better, but small");
        assert_eq!(told("success_share", -0.001, 0.002, smallest), "equivalent");
        assert_eq!(told("success_share", 0.001, 0.004, smallest), "better");
        assert_eq!(told("success_share", -0.004, 0.002, smallest), "no clear difference");
    }
}
