//! The same pause before every retry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Decision, Schedule, check_attempts};
use crate::engine::draw::Draw;
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
    fn decide(&self, attempt: u32, _draw: Draw) -> Decision {
        if attempt < self.attempts_max {
            Decision::Retry(self.pause.ns())
        } else {
            Decision::GiveUp
        }
    }

    fn check(&self, path: &KeyPath, faults: &mut Faults) {
        check_attempts(self.attempts_max, path, faults);
    }
}
