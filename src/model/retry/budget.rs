//! A retry budget: first attempts earn retries, so that retries stay a share of the load.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::limiter::TokenBudget;
use crate::model::fault::{Faults, KeyPath};
use crate::units::{Probability, Rate};

/// `budget`: shared by all calls of one instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetSpec {
    /// Retries earned by each first attempt.
    pub ratio: Probability,
    /// Retries earned per second besides.
    #[serde(default)]
    pub reserve: Rate,
    /// Retries the budget holds at most, and at the start.
    pub retries_max: u32,
}

/// The budget of one instance.
#[derive(Clone, Debug)]
pub struct Budget(TokenBudget);

impl BudgetSpec {
    /// What is wrong with the parameters.
    pub fn check(&self, path: &KeyPath, faults: &mut Faults) {
        if self.retries_max == 0 || self.retries_max > 1_000_000_000 {
            faults.add_with_help(path.key("retries_max"), "is out of range", "1 to 1000000000");
        }
    }

    /// A full budget.
    pub fn build(&self) -> Budget {
        let ratio = (self.ratio.value() * 1000.0) as u32;
        let reserve = (self.reserve.per_second() * 1000.0).min(4e9) as u32;
        let cap = u64::from(self.retries_max) * 1000;
        Budget(TokenBudget::new(ratio, reserve, cap).filled(cap))
    }
}

impl Budget {
    /// A first attempt is sent.
    pub fn deposit(&mut self, now: u64) {
        self.0.deposit(now);
    }

    /// Whether a retry is granted.
    pub fn withdraw(&mut self, now: u64) -> bool {
        self.0.withdraw(now)
    }
}
