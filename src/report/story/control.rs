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
