//! Recent success: which provider of a channel has lately answered best.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::How;
use super::rolling::Rolling;
use crate::model::fault::{Faults, KeyPath};
use crate::units::{Probability, Span};

/// Buckets of the window.
const BUCKETS: usize = 60;
const MILLION: u64 = 1_000_000;

/// `channels.NAME.choose`: the gateway leaves the route of a top-up for another whose provider has
/// lately answered better.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChooseSpec {
    /// How far back calls count.
    pub window: Span,
    /// A provider that was called less often in the window counts as one that always succeeds.
    pub calls_min: u32,
    /// By how much the other must be better.
    pub margin: Probability,
    /// Share of top-ups that keep their route whatever happens, so that a provider that has
    /// recovered is noticed.
    pub explore: Probability,
}

impl Default for ChooseSpec {
    fn default() -> Self {
        let share = |value| Probability::new(value).expect("it is a share");
        Self {
            window: Span::from_secs(60),
            calls_min: 10,
            margin: share(0.05),
            explore: share(0.05),
        }
    }
}

/// Checked choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choose {
    /// ns.
    window: u64,
    calls_min: u32,
    /// Of a million.
    margin: u64,
    /// Threshold of keeping the route.
    pub explore: u64,
}

impl ChooseSpec {
    /// Checks the choice.
    pub fn build(&self, path: &KeyPath, faults: &mut Faults) -> Choose {
        if self.window < Span::from_millis(100) {
            faults.add_with_help(path.key("window"), "is too short", "at least 100ms");
        }
        Choose {
            window: self.window.ns(),
            calls_min: self.calls_min,
            margin: (self.margin.value() * MILLION as f64 + 0.5) as u64,
            explore: self.explore.threshold(),
        }
    }
}

/// What a process has lately heard over one route.
#[derive(Clone, Debug)]
pub struct Recent {
    choose: Choose,
    /// Calls, and those that brought the money.
    seen: Rolling<2>,
}

impl Choose {
    /// Nothing heard yet.
    pub fn recent(self) -> Recent {
        Recent { choose: self, seen: Rolling::new(self.window, BUCKETS) }
    }

    /// Whether a route with the second share of successes is worth leaving one with the first.
    pub fn prefers(&self, other: u64, own: u64) -> bool {
        other > own + self.margin
    }
}

impl Recent {
    /// A call ended. A decline says nothing of the provider.
    pub fn ended(&mut self, now: u64, how: How) {
        match how {
            How::Paid => self.seen.add(now, [1, 1]),
            How::Refused(_) | How::Silence => self.seen.add(now, [1, 0]),
            How::Declined => return,
        };
    }

    /// The share of calls that brought the money, of a million.
    pub fn success(&mut self, now: u64) -> u64 {
        let [calls, paid] = self.seen.at(now);
        if calls < self.choose.calls_min.max(1) {
            return MILLION;
        }
        u64::from(paid) * MILLION / u64::from(calls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    /// Catches: a provider judged by one call, one that is never forgiven, a margin that is none.
    #[test]
    fn who_fails_often_is_left_until_it_is_forgotten() {
        let choose = ChooseSpec::default().build(&KeyPath::root(), &mut Faults::default());
        let mut recent = choose.recent();
        (0..9).for_each(|_| recent.ended(SECOND, How::Silence));
        assert_eq!(recent.success(SECOND), MILLION, "too few calls to judge");
        recent.ended(SECOND, How::Declined);
        recent.ended(SECOND, How::Paid);
        assert_eq!(recent.success(SECOND), MILLION / 10);
        assert!(choose.prefers(MILLION, MILLION / 10));
        assert!(!choose.prefers(MILLION, 950_000) && choose.prefers(MILLION, 949_999));
        assert_eq!(recent.success(62 * SECOND), MILLION, "a minute later nobody remembers");
    }
}
