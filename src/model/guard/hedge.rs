//! Hedging: a further attempt is sent while earlier ones are still open.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OfGuard;
use crate::model::fault::{Faults, KeyPath};
use crate::units::{Probability, Span};

/// Attempts of one hedged try at most: gRPC A6 has 5, and a top-up has room for 16 in all.
const ATTEMPTS_MAX: u32 = 8;

/// `client.hedge`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HedgeSpec {
    /// From one attempt to the next, while none has been answered. After one that failed in a way
    /// that the policy tries again on, the next is sent at once.
    pub after: Span,
    /// Instead of `after`, as soon as a process knows enough of them: the latency that this share
    /// of its last 500 to 1,000 attempts did not exceed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantile: Option<Probability>,
    /// Attempts of one try at most, the first included.
    pub attempts_max: u32,
}

impl OfGuard for HedgeSpec {
    const NAME: &'static str = "Hedge";
    const WHAT: &'static str = "hedge";
    const EXAMPLE: &'static str = "{ after = \"500ms\", attempts_max = 4 }";
}

/// Checked hedging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hedge {
    /// From one attempt to the next, ns.
    pub after: u64,
    /// Share (of 2^32) of measured latencies that is waited for instead.
    pub quantile: Option<u64>,
    /// Attempts of one try at most, the first included.
    pub attempts_max: u8,
}

impl HedgeSpec {
    /// Checks the hedging of an app of so many processes that waits for `timeout`.
    pub fn build(
        &self,
        (timeout, instances): (Span, u32),
        path: &KeyPath,
        faults: &mut Faults,
    ) -> Hedge {
        if !(2..=ATTEMPTS_MAX).contains(&self.attempts_max) {
            let legal = format!("2 to {ATTEMPTS_MAX} (the first attempt included)");
            let message = format!("is {}", self.attempts_max);
            faults.add_with_help(path.key("attempts_max"), message, legal);
        }
        if self.after >= timeout {
            let fault = "is not before `client.timeout`: no attempt is open by then";
            faults.add_with_help(path.key("after"), fault, "a pause, as in [client.retry]");
        }
        if let Some(quantile) = self.quantile {
            if !(0.5..=0.999).contains(&quantile.value()) {
                faults.add_with_help(path.key("quantile"), "is out of range", "50% to 99.9%");
            }
            if instances == 0 {
                let fault = "is measured by nobody where each journey is its own (`instances = 0`)";
                faults.add_with_help(path.key("quantile"), fault, "give `client.instances`");
            }
        }
        Hedge {
            after: self.after.ns(),
            quantile: self.quantile.map(|share| share.threshold()),
            attempts_max: self.attempts_max.min(ATTEMPTS_MAX) as u8,
        }
    }
}
