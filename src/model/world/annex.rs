//! What few journeys need beside their record: closed orders, and declines that a scheme counts.

use super::idempotency::Execution;
use super::journey::Attempts;
use crate::model::scheme::Decline;

/// Kept in a side table from the first need to the end of the journey.
#[derive(Clone, Debug, Default)]
pub(super) struct Annex {
    /// Attempts whose order is closed at their provider.
    pub(super) closed: Attempts,
    /// Captures that were sent back when their order was revoked.
    pub(super) revoked: Attempts,
    /// Captures that came when all before them had been revoked.
    pub(super) spared: u8,
    /// Attempts that the gateway waited for in vain, with the times of their calls.
    pub(super) called: Vec<(u8, u64)>,
    /// Calls that providers began to work on, in order, where their stores know times or failures.
    pub(super) executions: Vec<Execution>,
    /// Declines of cards, with their channels, where the channel's scheme counts them.
    pub(super) declines: Vec<(u8, Decline)>,
}
