//! Hedging: a further attempt is sent while earlier ones are still open.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::fault::{Faults, KeyPath};
use crate::units::Span;

/// Attempts of one hedged try at most: gRPC A6 has 5, and a top-up has room for 16 in all.
const ATTEMPTS_MAX: u32 = 8;

/// `client.hedge`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HedgeSpec {
    /// From one attempt to the next, while none has been answered. After one that was refused or
    /// timed out, the next is sent at once.
    pub after: Span,
    /// Attempts of one try at most, the first included.
    pub attempts_max: u32,
}

/// Checked hedging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hedge {
    /// From one attempt to the next, ns.
    pub after: u64,
    /// Attempts of one try at most, the first included.
    pub attempts_max: u8,
}

impl HedgeSpec {
    /// Checks the hedging of an app that waits for `timeout`.
    pub fn build(&self, timeout: Span, path: &KeyPath, faults: &mut Faults) -> Hedge {
        if !(2..=ATTEMPTS_MAX).contains(&self.attempts_max) {
            let legal = format!("2 to {ATTEMPTS_MAX} (the first attempt included)");
            let message = format!("is {}", self.attempts_max);
            faults.add_with_help(path.key("attempts_max"), message, legal);
        }
        if self.after >= timeout {
            let fault = "is not before `client.timeout`: no attempt is open by then";
            faults.add_with_help(path.key("after"), fault, "a pause, as in [client.retry]");
        }
        Hedge { after: self.after.ns(), attempts_max: self.attempts_max.min(ATTEMPTS_MAX) as u8 }
    }
}
