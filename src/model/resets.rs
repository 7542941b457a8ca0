//! How much of what a network loses the app sees before its time-out, and when.

use super::fault::{Faults, KeyPath};
use crate::units::{Probability, Sourced, Span};

/// Checked: what shows of losses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resets {
    /// Threshold of losses that show; none where the scenario does not say.
    pub share: Option<u64>,
    /// How long after the loss, ns; a round trip if not given.
    pub after: Option<u64>,
}

impl Resets {
    /// Checks `resets` and `resets_after` of a network.
    pub fn build(
        share: Option<&Sourced<Probability>>,
        after: Option<Span>,
        path: &KeyPath,
        faults: &mut Faults,
    ) -> Self {
        if after.is_some() && share.is_none() {
            let help = "give `resets` as well (\"0%\" where only incidents break connections)";
            faults.add_with_help(path.key("resets_after"), "comes without `resets`", help);
        }
        Self { share: share.map(|share| share.value.threshold()), after: after.map(Span::ns) }
    }
}
