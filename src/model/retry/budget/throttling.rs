//! gRPC's `retryThrottling`: failures take tokens, successes bring a part of one back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Seen, SeenSet};
use crate::model::fault::{Faults, KeyPath};
use crate::units::Probability;

/// A token in thousandths, as in gRPC.
const TOKEN: u64 = 1000;

/// `budget.retry_throttling`: no retry while half of the tokens or fewer are left (gRFC A6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryThrottling {
    /// Tokens at most, and at the start, 1 to 1000.
    pub tokens_max: u32,
    /// Tokens that a success brings back; a failure takes one.
    pub ratio: Probability,
}

impl RetryThrottling {
    pub(super) fn check(&self, path: &KeyPath, faults: &mut Faults) {
        if !(1..=1000).contains(&self.tokens_max) {
            faults.add_with_help(path.key("tokens_max"), "is out of range", "1 to 1000");
        }
        if self.ratio.value() < 0.001 {
            faults.add_with_help(path.key("ratio"), "is below 0.1%", "\"0.1%\" to \"100%\"");
        }
    }

    /// `failing` are the outcomes that take a token: those that the policy tries again on.
    pub(super) fn build(&self, failing: SeenSet) -> ThrottlingBudget {
        let max = u64::from(self.tokens_max) * TOKEN;
        let ratio = (self.ratio.value() * TOKEN as f64).round() as u64;
        ThrottlingBudget { max, ratio, failing, tokens: max }
    }
}

/// The state of `budget.retry_throttling`.
#[derive(Clone, Debug)]
pub(super) struct ThrottlingBudget {
    max: u64,
    ratio: u64,
    failing: SeenSet,
    tokens: u64,
}

impl ThrottlingBudget {
    pub(super) fn grants(&self) -> bool {
        self.tokens > self.max / 2
    }

    /// An attempt ended; `None` is a success.
    pub(super) fn ended(&mut self, seen: Option<Seen>) {
        self.tokens = match seen {
            None => (self.tokens + self.ratio).min(self.max),
            Some(seen) if self.failing.has(seen) => self.tokens.saturating_sub(TOKEN),
            Some(_) => self.tokens,
        };
    }
}
