//! The AWS SDKs' retry quota: a retry costs tokens by what failed, and a success pays them back.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::Seen;
use super::Who;
use crate::model::fault::{Faults, KeyPath};

/// `budget.quota`: tokens that do not come back with time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Tokens at most, and at the start.
    pub tokens: u32,
    /// Tokens of a retry.
    pub cost: u32,
    /// Tokens of a retry after a time-out or a lost connection; `cost` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_time_out: Option<u32>,
    /// Tokens of a retry after a limit; `cost` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_throttled: Option<u32>,
    /// Tokens that a success of a first attempt brings; one of a retry brings what that cost.
    pub refund: u32,
}

impl Quota {
    pub(super) fn check(&self, path: &KeyPath, faults: &mut Faults) {
        if !(1..=1_000_000_000).contains(&self.tokens) {
            faults.add_with_help(path.key("tokens"), "is out of range", "1 to 1000000000");
        }
        if self.dearest() > self.tokens {
            faults.add(path.key("tokens"), "is less than a retry costs");
        }
    }

    /// Retries that a full quota pays for, whatever fails.
    pub(super) fn retries(&self) -> u32 {
        self.tokens.checked_div(self.dearest()).unwrap_or(u32::MAX)
    }

    fn dearest(&self) -> u32 {
        [Seen::Refused, Seen::TimeOut, Seen::Throttled]
            .map(|seen| self.cost_of(seen))
            .into_iter()
            .max()
            .unwrap_or(0)
    }

    fn cost_of(&self, seen: Seen) -> u32 {
        let own = match seen {
            Seen::TimeOut | Seen::ConnectionLost => self.cost_time_out,
            Seen::Throttled => self.cost_throttled,
            _ => None,
        };
        own.unwrap_or(self.cost)
    }

    pub(super) fn build(&self) -> QuotaBudget {
        QuotaBudget { spec: self.clone(), tokens: self.tokens, costs: BTreeMap::new() }
    }
}

/// The state of `budget.quota`.
#[derive(Clone, Debug)]
pub(super) struct QuotaBudget {
    spec: Quota,
    tokens: u32,
    /// What the retries under way have cost.
    costs: BTreeMap<Who, u32>,
}

impl QuotaBudget {
    pub(super) fn grants(&mut self, who: Who, seen: Seen) -> bool {
        let cost = self.spec.cost_of(seen);
        let Some(left) = self.tokens.checked_sub(cost) else { return false };
        self.tokens = left;
        self.costs.insert(who, cost);
        true
    }

    /// An attempt ended, with success or without.
    pub(super) fn ended(&mut self, who: Who, seen: Option<Seen>) {
        let cost = self.costs.remove(&who);
        if seen.is_none() {
            let back = cost.unwrap_or(self.spec.refund);
            self.tokens = (self.tokens + back).min(self.spec.tokens);
        }
    }

    pub(super) fn forgets(&mut self, who: Who) {
        self.costs.remove(&who);
    }
}
