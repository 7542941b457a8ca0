//! Closing an order that is not paid before a new number is used: what the gateway does, and what
//! each provider allows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::client::Key;
use super::data::{FileRef, Files};
use super::fault::{Faults, KeyPath};
use super::law::Law;
use super::provider::ProviderSpec;
use crate::engine::table::QuantileTable;
use crate::units::Span;

/// `[gateway.close]`: instead of giving an order up, the gateway closes it at its provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseSpec {
    /// From the moment at which the gateway would give the order up to the first close.
    #[serde(default)]
    pub after: Span,
    /// From one close to the next, where it was lost or came too early.
    pub every: Span,
    /// Closes of one attempt at most, 1 to 15.
    pub closes_max: u32,
    /// Service time of a close on the gateway's pool.
    pub service: Law,
}

/// `[providers.NAME.close]`: what a provider does with an order that is to be closed (撤销, 关单).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderCloseSpec {
    /// It refuses to close sooner after the gateway's call.
    #[serde(default)]
    pub not_before: Span,
    /// What becomes of an order that has been paid.
    pub paid: PaidOrder,
}

/// What a provider does when a paid order is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaidOrder {
    /// It sends the money back at once, by the rail of the channel: the order is revoked.
    SentBack,
    /// It leaves the order paid, and says so.
    Kept,
}

/// Checked closing of orders.
#[derive(Clone, Debug)]
pub struct Close {
    /// From giving up to the first close, ns.
    pub after: u64,
    /// Between closes, ns.
    pub every: u64,
    /// Closes at most.
    pub closes_max: u8,
    /// Service time of a close.
    pub service: QuantileTable,
}

impl CloseSpec {
    /// The files that the law of its service reads.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        self.service.files(&path.key("service"), out);
    }

    /// Checks the closing of orders.
    pub fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> Close {
        if !(1..=15).contains(&self.closes_max) {
            faults.add_with_help(path.key("closes_max"), "is out of range", "1 to 15");
        }
        Close {
            after: self.after.ns(),
            every: self.every.ns(),
            closes_max: self.closes_max.min(15) as u8,
            service: self.service.build(&path.key("service"), files, faults),
        }
    }

    /// Checks it against the app's order numbers and the providers.
    pub(super) fn check_together<'a>(
        key: Key,
        mut providers: impl Iterator<Item = &'a ProviderSpec>,
        path: &KeyPath,
        faults: &mut Faults,
    ) {
        let help = "`client.key` as \"per_entry\" or \"per_attempt\"";
        match key {
            Key::PerTopUp | Key::PayloadHash => {
                let fault = "closes numbers that the app uses for the whole top-up";
                faults.add_with_help(path.clone(), fault, help);
            }
            Key::None => faults.add_with_help(path.clone(), "closes orders without a number", help),
            Key::PerEntry | Key::PerAttempt => {}
        }
        if providers.all(|provider| provider.close.is_none()) {
            let help = "give `providers.NAME.close`";
            faults.add_with_help(path.clone(), "finds no provider that closes orders", help);
        }
    }
}
