//! Pauses that grow by a factor up to a cap, with jitter.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Decision, Failure, Jitter, Luck, Schedule, check_attempts};
use crate::model::fault::{Faults, KeyPath};
use crate::units::{Factor, Span};

/// Factors are millionths: 1.5 is exact, and no float makes a pause.
const WHOLE: u128 = 1_000_000;
/// Grows by a factor up to this.
const FACTOR_MAX: f64 = 1e3;

/// `retry.exponential`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exponential {
    /// Pause before the first retry that grows, before jitter.
    pub pause_min: Span,
    /// Cap on the pause, before jitter.
    pub pause_max: Span,
    /// Attempts at most, the first included.
    pub attempts_max: u32,
    /// How the pause is spread.
    #[serde(default)]
    pub jitter: Jitter,
    /// From one pause to the next; 2 if not given, 3 with decorrelated jitter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<Factor>,
    /// Pause before the first retry, without jitter; pauses grow from the second on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_pause: Option<Span>,
    /// Least pause, after jitter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Span>,
    /// Longest pause, after jitter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Span>,
    /// No retry begins later than this after the first attempt of its call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Span>,
}

impl Schedule for Exponential {
    fn decide(&self, failure: &Failure) -> Decision {
        if failure.attempt >= self.attempts_max {
            return Decision::GiveUp;
        }
        let pause = self.pause(failure.attempt, &failure.luck);
        let too_late = |until: Span| failure.elapsed.saturating_add(pause) > until.ns();
        if self.until.is_some_and(too_late) { Decision::GiveUp } else { Decision::Retry(pause) }
    }
}

impl Exponential {
    /// The plain family: doubling, capped, with full jitter.
    pub fn doubling(pause_min: Span, pause_max: Span, attempts_max: u32) -> Self {
        Self {
            pause_min,
            pause_max,
            attempts_max,
            jitter: Jitter::Full,
            factor: None,
            first_pause: None,
            at_least: None,
            at_most: None,
            until: None,
        }
    }

    /// The pause before retry `retry` (1 = the first), ns.
    fn pause(&self, retry: u32, luck: &Luck) -> u64 {
        let grown = match (self.first_pause, retry) {
            (Some(first), 1) => return first.ns(),
            (Some(_), _) => retry - 1,
            (None, _) => retry,
        };
        let pause = match self.jitter {
            Jitter::Decorrelated => self.decorrelated(grown, retry, luck),
            jitter => jitter.spread(self.ceiling(grown), luck.draw()),
        };
        let floor = self.at_least.map_or(0, Span::ns);
        pause.max(floor).min(self.at_most.map_or(u64::MAX, Span::ns))
    }

    /// min(cap, first × factor^(n − 1)), ns.
    fn ceiling(&self, n: u32) -> u64 {
        let cap = self.pause_max.ns();
        let factor = self.factor_millionths(2.0);
        let mut pause = self.pause_min.ns().min(cap);
        for _ in 1..n {
            if pause == cap {
                break;
            }
            pause = (u128::from(pause) * factor / WHOLE).min(u128::from(cap)) as u64;
        }
        pause
    }

    /// sleep(n) = min(cap, U(base, factor × sleep(n − 1))), sleep(0) = base; the chain is drawn
    /// anew from its keys. `retry` is the number of the n-th of them.
    fn decorrelated(&self, n: u32, retry: u32, luck: &Luck) -> u64 {
        let (base, cap) = (self.pause_min.ns(), self.pause_max.ns());
        let factor = self.factor_millionths(3.0);
        (1..=n).fold(base, |before, i| {
            let most = (u128::from(before) * factor / WHOLE).min(u128::from(u64::MAX - 1)) as u64;
            let span = most.saturating_sub(base);
            (base + luck.of_retry(retry - n + i).below(span + 1)).min(cap)
        })
    }

    fn factor_millionths(&self, or: f64) -> u128 {
        (self.factor.map_or(or, Factor::value) * WHOLE as f64).round() as u128
    }

    /// What is wrong with the parameters.
    pub fn check(&self, path: &KeyPath, faults: &mut Faults) {
        check_attempts(self.attempts_max, path, faults);
        if self.pause_min > self.pause_max {
            faults.add(path.key("pause_min"), "is above `pause_max`");
        }
        if self.factor.is_some_and(|f| !(1.0..=FACTOR_MAX).contains(&f.value())) {
            faults.add_with_help(path.key("factor"), "is out of range", "\"1x\" to \"1000x\"");
        }
        if let (Some(least), Some(most)) = (self.at_least, self.at_most)
            && least > most
        {
            faults.add(path.key("at_least"), "is above `at_most`");
        }
    }
}
