//! Pauses that double up to a cap, with full jitter or none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Decision, Schedule, check_attempts};
use crate::engine::draw::Draw;
use crate::model::fault::{Faults, KeyPath};
use crate::units::Span;

/// `retry.exponential`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exponential {
    /// Ceiling of the pause before the first retry.
    pub pause_min: Span,
    /// Cap on the ceiling.
    pub pause_max: Span,
    /// Attempts at most, the first included.
    pub attempts_max: u32,
    /// Full jitter draws the pause uniformly from 0 to the ceiling.
    #[serde(default)]
    pub jitter: Jitter,
}

/// How a pause is spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Jitter {
    /// Uniform from 0 to the ceiling (Brooker 2015).
    #[default]
    Full,
    /// The ceiling itself.
    None,
}

impl Schedule for Exponential {
    fn decide(&self, attempt: u32, draw: Draw) -> Decision {
        if attempt >= self.attempts_max {
            return Decision::GiveUp;
        }
        let doubled = u128::from(self.pause_min.ns()) << (attempt - 1).min(40);
        let ceiling = doubled.min(u128::from(self.pause_max.ns())) as u64;
        Decision::Retry(match self.jitter {
            Jitter::None => ceiling,
            Jitter::Full => draw.below(ceiling + 1),
        })
    }

    fn check(&self, path: &KeyPath, faults: &mut Faults) {
        check_attempts(self.attempts_max, path, faults);
        if self.pause_min > self.pause_max {
            faults.add(path.key("pause_min"), "is above `pause_max`");
        }
    }
}
