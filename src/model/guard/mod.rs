//! What guards calls: state of a layer's processes that learns from how calls end.

use super::cause::Cause;

/// How an attempt of the app, or a call of the gateway, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// With the money.
    Paid,
    /// Declined: another try would not change it, and whoever answered works.
    Declined,
    /// Refused: another try may pass.
    Refused(Cause),
    /// Without a word, or with the word that nobody knows.
    Silence,
}

/// The end of an attempt or a call, as the state of a policy learns of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub how: How,
    /// Since it was sent, ns.
    pub latency: u64,
    /// Whether it was a retry, rather than the first of its call.
    pub retry: bool,
}
