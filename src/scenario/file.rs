//! What a scenario file can say: the root of the language, over the written parts of the model.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dates::{Date, Start};
use super::published::PublishedSpec;
use super::rankings::RankingSpec;
use super::targets::TargetsSpec;
use super::variants::VariantsSpec;
use crate::model::amount::AmountsSpec;
use crate::model::arrivals::ArrivalsSpec;
use crate::model::bank::BanksSpec;
use crate::model::channel::ChannelSpec;
use crate::model::client::ClientSpec;
use crate::model::cost::CostSpec;
use crate::model::credit::{CreditSpec, ReconciliationSpec};
use crate::model::gateway::GatewaySpec;
use crate::model::incident::IncidentSpec;
use crate::model::network::AccessSpec;
use crate::model::parts::Parts;
use crate::model::prevention::PreventionSpec;
use crate::model::provider::ProviderSpec;
use crate::model::recovery::RecoverySpec;
use crate::model::refund::RefundsSpec;
use crate::model::remedy::{RemedySpec, StationSpec};
use crate::model::strike::CauseSpec;
use crate::model::user::UsersSpec;
use crate::model::window::WindowSpec;
use crate::units::{Currency, Span};

/// A scenario of topup-sim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioFile {
    /// Version of this language; 1.
    pub schema_version: u32,
    /// Another scenario of the same folder, whose tables this one overrides key by key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// Name in tables and folders; the file's stem, if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Title of reports and charts; the name, if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The question that the scenario asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// When the run begins, with time zone.
    pub start: Start,
    /// How long the run lasts, its warm-up included.
    pub length: Span,
    /// Top-ups that arrive before this time from the start are not counted.
    #[serde(default)]
    pub warmup: Span,
    /// Arrivals go on after the end, uncounted, for this long; by default the smaller of 10 minutes
    /// and a tenth of the length, and nothing for a trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drain: Option<Span>,
    /// A success is credited within this time of its arrival.
    #[serde(default = "a_quarter_of_an_hour")]
    pub deadline: Span,
    /// Currency of all amounts.
    #[serde(default = "yuan")]
    pub currency: Currency,
    /// How often the run is repeated with other luck, 1 to 100000.
    #[serde(default = "ten")]
    pub replications: u32,
    /// Seed of all randomness, 0 to 2^63 - 1.
    #[serde(default = "one")]
    pub seed: u64,
    /// Days on which banks and staff rest although the week says otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Date>,
    /// Days on which banks and staff work although the week says otherwise (调休).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workdays: Vec<Date>,
    /// Who comes, and when.
    #[serde(default)]
    pub arrivals: ArrivalsSpec,
    /// How much is topped up.
    #[serde(default)]
    pub amounts: AmountsSpec,
    /// Habits and patience.
    #[serde(default)]
    pub users: UsersSpec,
    /// Access networks by name.
    #[serde(default)]
    pub network: BTreeMap<String, AccessSpec>,
    /// The app's policy.
    #[serde(default)]
    pub client: ClientSpec,
    /// The platform's gateway.
    #[serde(default)]
    pub gateway: GatewaySpec,
    /// Payment methods by name.
    #[serde(default)]
    pub channels: BTreeMap<String, ChannelSpec>,
    /// The companies behind the channels by name.
    #[serde(default)]
    pub providers: BTreeMap<String, ProviderSpec>,
    /// Banks.
    #[serde(default)]
    pub banks: BanksSpec,
    /// Shares of causes by code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub causes: BTreeMap<String, CauseSpec>,
    /// What users do about failures, by name of the remedy.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub remedies: BTreeMap<String, RemedySpec>,
    /// What keeps top-ups from failing, by name of the prevention.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub preventions: BTreeMap<String, PreventionSpec>,
    /// People who are asked for help, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stations: BTreeMap<String, StationSpec>,
    /// Maintenance, faults and peaks by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub incidents: BTreeMap<String, IncidentSpec>,
    /// From the capture to the balance.
    #[serde(default)]
    pub credit: CreditSpec,
    /// The daily comparison with the providers' statements.
    #[serde(default)]
    pub reconciliation: ReconciliationSpec,
    /// Refund cases.
    #[serde(default)]
    pub refunds: RefundsSpec,
    /// What the run is charged for: prices of hours, attempts, fees, cases and losses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostSpec>,
    /// Bounds on metrics, such as `success_share = ">= 90%"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub targets: BTreeMap<String, TargetsSpec>,
    /// Parts of the run whose top-ups are counted by themselves as well, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub windows: BTreeMap<String, WindowSpec>,
    /// Incidents and surges after which goodput should come back, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub recovery: BTreeMap<String, RecoverySpec>,
    /// Published facts that the run is held against, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub published: BTreeMap<String, PublishedSpec>,
    /// Claims about the ranking of causes that the run is held against, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rankings: BTreeMap<String, RankingSpec>,
    /// Tables of overrides that a comparison lays over the scenario, by name; a run leaves them
    /// alone.
    #[serde(default, skip_serializing)]
    pub variants: VariantsSpec,
}

fn a_quarter_of_an_hour() -> Span {
    // S1: "up to 15 minutes" until a balance shows
    Span::from_secs(900)
}

fn yuan() -> Currency {
    Currency::CNY
}

fn ten() -> u32 {
    10
}

fn one() -> u64 {
    1
}

impl ScenarioFile {
    /// The parts that the model reads.
    pub(super) fn parts(&self) -> Parts {
        Parts {
            arrivals: self.arrivals.clone(),
            amounts: self.amounts.clone(),
            users: self.users.clone(),
            network: self.network.clone(),
            client: self.client.clone(),
            gateway: self.gateway.clone(),
            channels: self.channels.clone(),
            providers: self.providers.clone(),
            banks: self.banks.clone(),
            causes: self.causes.clone(),
            remedies: self.remedies.clone(),
            preventions: self.preventions.clone(),
            stations: self.stations.clone(),
            incidents: self.incidents.clone(),
            credit: self.credit.clone(),
            reconciliation: self.reconciliation.clone(),
            refunds: self.refunds.clone(),
            windows: self.windows.clone(),
            recovery: self.recovery.clone(),
            cost: self.cost.clone(),
        }
    }

    /// The drain as given, or its default.
    pub(super) fn drain(&self) -> Span {
        let default = || match self.arrivals.trace {
            Some(_) => Span::ZERO,
            None => (self.length / 10).min(Span::MINUTE * 10),
        };
        self.drain.unwrap_or_else(default)
    }
}
