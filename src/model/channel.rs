//! Channels: the method as the user sees it, and the routes to providers behind it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::choice::Choice;
use super::fault::{Faults, KeyPath};
use super::gateway::{GatewaySpec, Hold};
use super::guard::recent::{Choose, ChooseSpec};
use super::scheme::{Scheme, SchemeSpec};
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
    /// Whether the gateway turns to the next of the routes when the provider of one fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failover: Option<FailoverSpec>,
    /// Whether the gateway takes another of the routes when its provider has lately done better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choose: Option<ChooseSpec>,
    /// What the card scheme behind it says about trying a declined card again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<SchemeSpec>,
}

/// When the gateway calls the provider of the next route, once an attempt. Keys end at a provider's
/// edge: the next one knows nothing of the order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FailoverSpec {
    /// After a refusal that another try may change, when the gateway's own retries are over.
    pub refusal: bool,
    /// After the gateway's time-out.
    pub silence: Silence,
}

/// What the gateway does about a provider that keeps silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    /// It does not turn to another.
    #[default]
    Never,
    /// It calls the next at once; what the first one does with the order, it learns by chance.
    AtOnce,
    /// It asks first (`gateway.status_query`), and calls the next when nothing was captured.
    AfterQuery,
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
    /// The provider of the channel's next route, its own where there is no other.
    pub next: u8,
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
    /// When the gateway turns to the next route.
    pub failover: FailoverSpec,
    /// When the gateway takes another route from the start.
    pub choose: Option<Choose>,
    /// The rules of its card scheme.
    pub scheme: Option<Scheme>,
}

impl FailoverSpec {
    /// Whether it ever does.
    pub fn is_on(self) -> bool {
        self.refusal || self.silence != Silence::Never
    }
}

impl ChannelSpec {
    /// How the gateway chooses among the routes, if it does.
    pub(super) fn build_choose(&self, path: &KeyPath, faults: &mut Faults) -> Option<Choose> {
        let choose = self.choose?;
        let at = path.key("choose");
        if self.routes.len() < 2 {
            let help = "a second route; its share may be \"0%\"";
            faults.add_with_help(at.clone(), "has no other route to choose", help);
        }
        Some(choose.build(&at, faults))
    }

    /// Whether the gateway may turn to another provider of this channel, and what is wrong with it.
    pub(super) fn check_failover(
        &self,
        gateway: &GatewaySpec,
        path: &KeyPath,
        faults: &mut Faults,
    ) {
        let Some(failover) = self.failover else { return };
        let at = path.key("failover");
        if self.routes.len() < 2 {
            let help = "a second route; its share may be \"0%\"";
            faults.add_with_help(at.clone(), "has no other route to turn to", help);
        }
        if failover.silence == Silence::AfterQuery {
            if gateway.status_query.is_none() {
                let help = "give `gateway.status_query`";
                faults.add_with_help(at.key("silence"), "asks no provider", help);
            }
            if gateway.hold == Hold::Sync {
                let help = "`gateway.hold = \"async\"`, or `silence = \"at_once\"`";
                let fault = "finds no worker that would wait for another provider";
                faults.add_with_help(at.key("silence"), fault, help);
            }
        }
    }
}
