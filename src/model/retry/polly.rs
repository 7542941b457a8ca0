//! Polly's exponential back-off with jitter (`DecorrelatedJitterBackoffV2`): pauses that add up to
//! a smooth curve.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Decision, Failure, Luck, Schedule, check_attempts};
use crate::model::fault::{Faults, KeyPath};
use crate::units::Span;

/// Under the root, as in Polly.
const P_FACTOR: f64 = 4.0;
/// The median of the first pause comes near the base (Polly's 1/1.4).
const SCALING: f64 = 1.0 / 1.4;

/// `retry.polly`: with f(t) = 2^t × tanh(√(4t)) and t = retry − 1 + U(0,1), a pause is
/// (f(t) − f(t of the retry before)) / 1.4 × base (read in Polly at 173d6d1, `RetryHelper.cs`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Polly {
    /// Median of the first pause, roughly.
    pub base: Span,
    /// Longest pause; none given means without bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Span>,
    /// Attempts at most, the first included.
    pub attempts_max: u32,
}

impl Schedule for Polly {
    fn decide(&self, failure: &Failure) -> Decision {
        if failure.attempt >= self.attempts_max {
            return Decision::GiveUp;
        }
        let pause = pause(self.base.ns(), failure.attempt, |i| unit(&failure.luck, i));
        Decision::Retry(pause.min(self.at_most.map_or(u64::MAX, Span::ns)))
    }
}

/// The pause before retry `retry`, where `luck(i)` is the random number of the i-th one. Only
/// `libm` and exact operations make it: the same bits everywhere, and then whole nanoseconds.
fn pause(base: u64, retry: u32, luck: impl Fn(u32) -> f64) -> u64 {
    let at = |i: u32| curve(f64::from(i - 1) + luck(i));
    let before = if retry > 1 { at(retry - 1) } else { 0.0 };
    let pause = (at(retry) - before) * SCALING * base as f64;
    libm::round(pause.max(0.0)) as u64
}

fn curve(t: f64) -> f64 {
    libm::exp2(t) * libm::tanh(libm::sqrt(P_FACTOR * t))
}

/// Uniform in [0, 1), of 53 bits.
fn unit(luck: &Luck, retry: u32) -> f64 {
    (luck.of_retry(retry).bits() >> 11) as f64 / (1u64 << 53) as f64
}

impl Polly {
    /// What is wrong with the parameters.
    pub fn check(&self, path: &KeyPath, faults: &mut Faults) {
        check_attempts(self.attempts_max, path, faults);
        if self.base.is_zero() {
            faults.add(path.key("base"), "is zero: `fixed` with a pause of 0 says that");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_every_number_a_half_the_pauses_are_pollys() {
        // retry_cases.csv: randomizer fixed at .5, base 1 s
        for (retry, expected) in
            [0.897_405, 1.093_004, 2.035_748, 4.045_979, 8.083_632].into_iter().enumerate()
        {
            let got = pause(1_000_000_000, retry as u32 + 1, |_| 0.5) as f64 / 1e9;
            assert!((got - expected).abs() < 1e-6, "retry {}: {got}", retry + 1);
        }
        // a neighbour of the number is far off: the test could fail
        assert!((pause(1_000_000_000, 1, |_| 0.51) as f64 / 1e9 - 0.897_405).abs() > 1e-3);
    }

    #[test]
    fn a_chain_adds_up_to_the_curve() {
        let luck = |i: u32| f64::from(i * 37 % 10) / 10.0;
        let sum: u64 = (1..=6).map(|retry| pause(2_000_000_000, retry, luck)).sum();
        let end = curve(5.0 + luck(6)) * SCALING * 2e9;
        assert!((sum as f64 - end).abs() < 10.0, "{sum} {end}");
    }
}
