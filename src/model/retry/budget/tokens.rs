//! A bucket of tokens: first attempts earn retries, so that retries stay a share of the load.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::limiter::TokenBudget;
use crate::model::fault::{Faults, KeyPath};
use crate::units::{Probability, Rate};

/// Retries a second that are earned besides at most.
const RESERVE_MAX: f64 = 1e6;

/// `budget = { ratio, reserve, retries_max }`: what is not used stays, up to a cap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    /// Retries earned by each first attempt.
    pub ratio: Probability,
    /// Retries earned per second besides.
    #[serde(default)]
    pub reserve: Rate,
    /// Retries the budget holds at most, and at the start.
    pub retries_max: u32,
}

impl Tokens {
    pub(super) fn check(&self, path: &KeyPath, faults: &mut Faults) {
        if self.retries_max == 0 || self.retries_max > 1_000_000_000 {
            faults.add_with_help(path.key("retries_max"), "is out of range", "1 to 1000000000");
        }
        let (ratio, reserve) = (self.ratio.value(), self.reserve.per_second());
        if ratio > 0.0 && in_thousandths(ratio) == 0 {
            faults.add_with_help(path.key("ratio"), "is out of range", "0%, or at least 0.1%");
        }
        if reserve > RESERVE_MAX || (reserve > 0.0 && in_thousandths(reserve) == 0) {
            let legal = "0/s, or 0.001/s to 1000000/s";
            faults.add_with_help(path.key("reserve"), "is out of range", legal);
        }
    }

    /// A full bucket.
    pub(super) fn build(&self) -> TokenBudget {
        let ratio = in_thousandths(self.ratio.value());
        let reserve = in_thousandths(self.reserve.per_second());
        let cap = u64::from(self.retries_max) * 1000;
        TokenBudget::new(ratio, reserve, cap).filled(cap)
    }
}

/// Thousandths of a retry, in which the bucket counts; what is finer falls away.
fn in_thousandths(retries: f64) -> u32 {
    (retries * 1000.0) as u32
}
