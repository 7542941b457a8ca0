//! A budget on the retries under way at one time: Envoy's `retry_budget` and `max_retries`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Who;
use crate::model::fault::{Faults, KeyPath};
use crate::units::Probability;

/// A share of everything.
const MILLION: u64 = 1_000_000;

/// `budget.concurrent`: retries under way are at most a share of all attempts under way, but this
/// many in any case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Concurrent {
    /// Share of the attempts under way.
    #[serde(default)]
    pub share: Probability,
    /// Retries under way that are always allowed.
    pub at_least: u32,
}

impl Concurrent {
    pub(super) fn check(&self, path: &KeyPath, faults: &mut Faults) {
        if self.at_least == 0 && self.share.value() == 0.0 {
            faults.add(path.key("at_least"), "is zero, and so is `share`: no retry is possible");
        }
    }

    pub(super) fn build(&self) -> ConcurrentBudget {
        ConcurrentBudget {
            share: (self.share.value() * MILLION as f64).round() as u64,
            at_least: u64::from(self.at_least),
            active: BTreeSet::new(),
            retries: BTreeSet::new(),
        }
    }
}

/// The state of `budget.concurrent`. A retry counts from its grant, over its pause, until it ends.
#[derive(Clone, Debug)]
pub(super) struct ConcurrentBudget {
    /// In millionths: 20 % of 120 is 24.
    share: u64,
    at_least: u64,
    active: BTreeSet<Who>,
    retries: BTreeSet<Who>,
}

impl ConcurrentBudget {
    pub(super) fn begins(&mut self, who: Who) {
        self.active.insert(who);
    }

    pub(super) fn grants(&mut self, who: Who) -> bool {
        let shared = self.share * self.active.len() as u64 / MILLION;
        let granted = (self.retries.len() as u64) < self.at_least.max(shared);
        if granted {
            self.retries.insert(who);
            self.active.insert(who);
        }
        granted
    }

    pub(super) fn ended(&mut self, who: Who) {
        self.active.remove(&who);
        self.retries.remove(&who);
    }
}
