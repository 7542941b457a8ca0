//! Incidents: something wrong for a while, as an outside function of time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::law::Law;
use crate::units::{Factor, Probability, Span};

/// `[incidents.NAME]`: when, where, and what it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentSpec {
    /// `gateway`, `network`, `network:NAME`, `provider:NAME`, `banks`, `bank:NAME` or `tag:NAME`.
    pub target: String,
    /// Once: an offset from the start ("8h30m"), or a local time ("2026-11-24T02:00").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Weekly ("Tue 02:00") or daily ("day 23:30").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// At random: times between and lengths are drawn anew in each replication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal: Option<RenewalSpec>,
    /// How long it lasts (not with `renewal`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Span>,
    /// Whether users are told beforehand; those who heed the notice come back afterwards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub announced: bool,
    /// Share of users whom it reaches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reach: Option<Probability>,
    /// What it does.
    pub effect: EffectSpec,
    /// Where the values come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A random incident: up and down in turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalSpec {
    /// Time between the end of one and the begin of the next.
    pub up: Law,
    /// How long one lasts.
    pub down: Law,
}

/// What an incident does; at least one effect.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EffectSpec {
    /// Everything is refused at once, with this cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refuse: Option<String>,
    /// Work stands still and goes on afterwards (gateway).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pause: bool,
    /// Work in service is lost without an answer, and nothing is accepted (gateway).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub crash: bool,
    /// Latency of the target is multiplied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Factor>,
    /// This share fails with `cause`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail: Option<Probability>,
    /// The cause of `fail`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// This share of answers (of messages on a network) is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lose: Option<Probability>,
    /// This share of the workers is left (gateway).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Probability>,
}
