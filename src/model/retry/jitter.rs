//! How a pause is spread, so that clients that failed together do not come back together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::draw::Draw;
use crate::units::Probability;

/// How a pause is spread around what a schedule says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Jitter {
    /// Uniform from 0 to the pause (Brooker 2015).
    #[default]
    Full,
    /// The pause itself.
    None,
    /// Uniform from half of the pause to all of it (Brooker 2015).
    Equal,
    /// Uniform from the first pause to three times the pause before (Brooker 2015).
    Decorrelated,
    /// Uniform within this share of the pause on both sides.
    Proportional(Probability),
    /// The pause, and uniform up to this share of it besides.
    Additive(Probability),
}

impl Jitter {
    /// The pause of a draw around `pause`, ns. A decorrelated pause is made by its schedule.
    pub(super) fn spread(self, pause: u64, draw: Draw) -> u64 {
        let share =
            |of: Probability| ((u128::from(pause) * u128::from(of.threshold())) >> 32) as u64;
        let up_to = |n: u64| draw.below(n.saturating_add(1));
        match self {
            Self::None | Self::Decorrelated => pause,
            Self::Full => up_to(pause),
            Self::Equal => pause - pause / 2 + up_to(pause / 2),
            Self::Proportional(of) => pause - share(of) + up_to(2 * share(of)),
            Self::Additive(of) => pause + up_to(share(of)),
        }
    }
}
