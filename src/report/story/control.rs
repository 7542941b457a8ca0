//! What the gateway's overload controls are called in a story.

use crate::study::explain::Control;

/// Why the gateway does not serve something, as a clause.
pub(super) fn why(by: Control) -> &'static str {
    match by {
        Control::Full => "its queue is full",
        Control::Shed => "it sheds load",
        Control::Limit => "too many attempts are in progress",
        Control::Rate => "they come faster than its rate limit",
        Control::CoDel => "its queue has been too long for too long",
        Control::Abandoned => "the app waits for it no longer, or not long enough",
    }
}

/// What the gateway does, as a label.
pub(super) fn label(by: Control) -> &'static str {
    match by {
        Control::Full => "queue full",
        Control::Shed => "sheds load",
        Control::Limit => "limit reached",
        Control::Rate => "over the rate",
        Control::CoDel => "dropped by CoDel",
        Control::Abandoned => "dropped: too late",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_control_has_a_reason_and_a_label_of_its_own() {
        use Control::{Abandoned, CoDel, Full, Limit, Rate, Shed};
        let all = [Full, Shed, Limit, Rate, CoDel, Abandoned];
        assert_eq!(all.map(why).into_iter().collect::<BTreeSet<_>>().len(), all.len());
        assert_eq!(all.map(label).into_iter().collect::<BTreeSet<_>>().len(), all.len());
    }
}
