//! The same pause before every retry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Decision, Failure, Schedule, check_attempts};
use crate::model::fault::{Faults, KeyPath};
use crate::units::Span;

/// `retry.fixed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fixed {
    /// Pause before every retry; zero retries at once.
    pub pause: Span,
    /// Attempts at most, the first included.
    pub attempts_max: u32,
}

impl Schedule for Fixed {
    fn decide(&self, failure: &Failure) -> Decision {
        if failure.attempt < self.attempts_max {
            Decision::Retry(self.pause.ns())
        } else {
            Decision::GiveUp
        }
    }
}

impl Fixed {
    /// What is wrong with the parameters.
    pub fn check(&self, path: &KeyPath, faults: &mut Faults) {
        check_attempts(self.attempts_max, path, faults);
    }
}
