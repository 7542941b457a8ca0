//! Channels: the method as the user sees it, and the routes to providers behind it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::choice::Choice;
use crate::units::{Probability, Sourced};

/// `[channels.NAME]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelSpec {
    /// Share of users who choose it first.
    pub share: Sourced<Probability>,
    /// Providers behind it, each with its share.
    pub routes: Vec<RouteSpec>,
    /// Whether the money comes from a bank of `[banks]`; a wallet's own balance does not.
    #[serde(default = "yes")]
    pub banked: bool,
    /// Row of the refund file that says how long money takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_rail: Option<String>,
}

/// One provider behind a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteSpec {
    /// A name of `[providers]`.
    pub provider: String,
    /// Share of the channel's top-ups.
    pub share: Probability,
}

fn yes() -> bool {
    true
}

/// A checked pair of channel and provider; routes are numbered over all channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Index of the channel.
    pub channel: u8,
    /// Index of the provider.
    pub provider: u8,
}

/// A checked channel.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Name in the scenario.
    pub name: String,
    /// From the name: conditions, the bank and the luck of choosing it belong to this key.
    pub key: u64,
    /// Which of its routes a top-up takes.
    pub choice: Choice,
    /// Numbers of its routes.
    pub routes: Vec<u8>,
    /// Whether the money comes from a bank.
    pub banked: bool,
    /// Index of the refund rail.
    pub rail: u8,
}
