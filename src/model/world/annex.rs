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
    /// Attempts of the app that were not sent: in all, and of the present call.
    pub(super) refused: u8,
    pub(super) refused_of_call: u8,
    /// Attempts of the present try, hedges and all; hedges of the present call.
    pub(super) sent_of_try: u8,
    pub(super) hedges_of_call: u8,
    /// Entries whose route is settled, where the channel chooses: a bit for each.
    pub(super) settled: u8,
    /// Calls to providers under way (attempt, number, time), where the gateway's policy has state.
    pub(super) calls: Vec<(u8, u8, u64)>,
    /// Declines of cards, with their channels, where the channel's scheme counts them.
    pub(super) declines: Vec<(u8, Decline)>,
}
