//! A bucket of tokens: first attempts earn retries, so that retries stay a share of the load.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::limiter::TokenBudget;
use crate::model::fault::{Faults, KeyPath};
use crate::units::{Probability, Rate};

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
    }

    /// A full bucket.
    pub(super) fn build(&self) -> TokenBudget {
        let ratio = (self.ratio.value() * 1000.0) as u32;
        let reserve = (self.reserve.per_second() * 1000.0).min(4e9) as u32;
        let cap = u64::from(self.retries_max) * 1000;
        TokenBudget::new(ratio, reserve, cap).filled(cap)
    }
}
