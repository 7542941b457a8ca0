//! What a run is charged for: prices of hours, attempts, fees, cases and losses, checked.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::OpenHours;
use super::fault::{Faults, KeyPath};
use super::parts::Parts;
use super::plan::Plan;
use crate::units::{Price, Probability, Sourced};

/// Nanoseconds of an hour.
const HOUR: u128 = 3_600_000_000_000;

/// `[cost]`: what a run is charged for. Every price may be left out; at least one is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CostSpec {
    /// An hour of one worker of the gateway, at work or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker_hour: Option<Sourced<Price>>,
    /// A working hour of one of the staff who review refunds (`refunds.staff`), at work or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff_hour: Option<Sourced<Price>>,
    /// A working hour of one of the people of a station, by its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub station_hour: BTreeMap<String, Sourced<Price>>,
    /// An attempt that the app sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Sourced<Price>>,
    /// A call that the rules of a card scheme forbid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme_fee: Option<Sourced<Price>>,
    /// A user who turns to the platform: for money back, for word of a refund, to its service, or
    /// with a work order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Sourced<Price>>,
    /// A refund that reaches the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund: Option<Sourced<Price>>,
    /// A capture that the user's bank takes into dispute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge_back: Option<Sourced<Price>>,
    /// A top-up that is charged more than once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_charge: Option<Sourced<Price>>,
    /// A top-up charged that automatic repair neither credits nor sends back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orphan_charge: Option<Sourced<Price>>,
    /// A top-up that is never credited to the right account: the margin that is lost with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost_top_up: Option<Sourced<Price>>,
}

/// What a cost is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CostPart {
    /// Workers of the gateway.
    Workers,
    /// Staff who review refunds.
    Staff,
    /// People of stations.
    Stations,
    /// Attempts of the app.
    Attempts,
    /// Calls that card schemes forbid.
    SchemeFees,
    /// Users who turn to the platform.
    Tickets,
    /// Refunds.
    Refunds,
    /// Compensation that users receive.
    Compensation,
    /// Credits that could not be taken back.
    PlatformLoss,
    /// Disputes.
    ChargeBacks,
    /// Top-ups charged more than once.
    Duplicates,
    /// Orphan charges.
    Orphans,
    /// Top-ups never credited.
    LostTopUps,
}

/// Parts that a cost has.
pub const COST_PARTS: usize = 13;

impl CostPart {
    /// All parts, in the order of tables.
    pub const ALL: [Self; COST_PARTS] = [
        Self::Workers,
        Self::Staff,
        Self::Stations,
        Self::Attempts,
        Self::SchemeFees,
        Self::Tickets,
        Self::Refunds,
        Self::Compensation,
        Self::PlatformLoss,
        Self::ChargeBacks,
        Self::Duplicates,
        Self::Orphans,
        Self::LostTopUps,
    ];

    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Workers => "workers",
            Self::Staff => "staff",
            Self::Stations => "stations",
            Self::Attempts => "attempts",
            Self::SchemeFees => "scheme_fees",
            Self::Tickets => "tickets",
            Self::Refunds => "refunds",
            Self::Compensation => "compensation",
            Self::PlatformLoss => "platform_loss",
            Self::ChargeBacks => "charge_backs",
            Self::Duplicates => "duplicates",
            Self::Orphans => "orphans",
            Self::LostTopUps => "lost_top_ups",
        }
    }

    /// The key of the scenario that gives it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Workers => "cost.worker_hour",
            Self::Staff => "cost.staff_hour",
            Self::Stations => "cost.station_hour",
            Self::Attempts => "cost.attempt",
            Self::SchemeFees => "cost.scheme_fee",
            Self::Tickets => "cost.ticket",
            Self::Refunds => "cost.refund",
            Self::Compensation => "refunds.compensation",
            Self::PlatformLoss => "refunds.spent",
            Self::ChargeBacks => "cost.charge_back",
            Self::Duplicates => "cost.duplicate_charge",
            Self::Orphans => "cost.orphan_charge",
            Self::LostTopUps => "cost.lost_top_up",
        }
    }
}

/// How a part is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    /// This much in each replication, whatever happens: millionths of the currency's unit.
    Standing(u128),
    /// This much for each one, in millionths of the currency's unit.
    Each(u64),
    /// What the platform pays as the model counts it.
    Paid,
}

/// The checked prices: the parts of the cost of a run, each with its charge, in the order of parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices(pub Vec<(CostPart, Charge)>);

impl CostSpec {
    /// The prices in a list, with the keys that give them.
    pub fn prices(&self) -> Vec<(KeyPath, &Sourced<Price>)> {
        let path = KeyPath::root().key("cost");
        let single = [
            ("worker_hour", &self.worker_hour),
            ("staff_hour", &self.staff_hour),
            ("attempt", &self.attempt),
            ("scheme_fee", &self.scheme_fee),
            ("ticket", &self.ticket),
            ("refund", &self.refund),
            ("charge_back", &self.charge_back),
            ("duplicate_charge", &self.duplicate_charge),
            ("orphan_charge", &self.orphan_charge),
            ("lost_top_up", &self.lost_top_up),
        ];
        let single = single.into_iter().filter_map(|(key, price)| Some((key, price.as_ref()?)));
        let single = single.map(|(key, price)| (path.key(key), price));
        let at = path.key("station_hour");
        let stations = self.station_hour.iter().map(|(name, price)| (at.key(name), price));
        single.chain(stations).collect()
    }

    /// Refuses prices of what the scenario does not have.
    pub(super) fn check(&self, parts: &Parts, faults: &mut Faults) {
        let path = KeyPath::root().key("cost");
        if self.prices().is_empty() {
            faults.add_with_help(path.clone(), "has no price", "give at least one");
        }
        let refunds = &parts.refunds;
        let has_scheme = parts.channels.values().any(|channel| channel.scheme.is_some());
        let is_disputed = refunds.disputed.value != Probability::ZERO;
        let needs = [
            (&self.worker_hour, "worker_hour", parts.gateway.workers.is_some(), WORKERS),
            (&self.staff_hour, "staff_hour", refunds.staff.is_some(), STAFF),
            (&self.scheme_fee, "scheme_fee", has_scheme, SCHEME),
            (&self.charge_back, "charge_back", is_disputed, DISPUTES),
        ];
        for (price, key, has, (what, help)) in needs {
            if price.is_some() && !has {
                faults.add_with_help(path.key(key), what, help);
            }
        }
        for name in self.station_hour.keys() {
            let at = path.key("station_hour").key(name);
            match parts.stations.get(name) {
                None => {
                    let names: Vec<&str> = parts.stations.keys().map(String::as_str).collect();
                    let help = match names[..] {
                        [] => "the scenario has no [stations]".to_owned(),
                        _ => format!("one of {}", names.join(", ")),
                    };
                    faults.add_with_help(at, "is no station", help);
                }
                Some(station) if station.staff.is_none() => {
                    let help = format!("give `stations.{name}.staff` a number");
                    faults.add_with_help(at, "is paid to people without number", help);
                }
                Some(_) => {}
            }
        }
    }

    /// The prices of a plan whose parts have been checked.
    pub(super) fn build(&self, plan: &Plan) -> Prices {
        let each = |part, price: &Option<Sourced<Price>>| {
            price.as_ref().map(|price| (part, Charge::Each(price.value.micros)))
        };
        let people = |part, hours: u128, price: &Option<Sourced<Price>>| {
            let price = price.as_ref()?;
            Some((part, Charge::Standing(hours * u128::from(price.value.micros) / HOUR)))
        };
        let workers = plan.pools().iter().map(|pool| u128::from(pool.1)).sum::<u128>();
        let measured = (plan.horizon.warmup, plan.horizon.length);
        let staffed = |staff: Option<u32>, hours: &OpenHours| {
            u128::from(staff.unwrap_or_default()) * u128::from(hours.open_within(measured))
        };
        let staff = staffed(plan.refunds.staff, &plan.refunds.hours);
        let station = |(name, price): (&String, &Sourced<Price>)| {
            let own = plan.remedies.stations.iter().find(|station| station.name == *name)?;
            Some(staffed(own.staff, &own.hours) * u128::from(price.value.micros) / HOUR)
        };
        let stations: u128 = self.station_hour.iter().filter_map(station).sum();
        let has_stations = !self.station_hour.is_empty();
        let compensates = plan.refunds.compensation > 0;
        let all = [
            people(
                CostPart::Workers,
                workers * u128::from(plan.horizon.measured()),
                &self.worker_hour,
            ),
            people(CostPart::Staff, staff, &self.staff_hour),
            has_stations.then_some((CostPart::Stations, Charge::Standing(stations))),
            each(CostPart::Attempts, &self.attempt),
            each(CostPart::SchemeFees, &self.scheme_fee),
            each(CostPart::Tickets, &self.ticket),
            each(CostPart::Refunds, &self.refund),
            compensates.then_some((CostPart::Compensation, Charge::Paid)),
            (plan.refunds.spent > 0).then_some((CostPart::PlatformLoss, Charge::Paid)),
            each(CostPart::ChargeBacks, &self.charge_back),
            each(CostPart::Duplicates, &self.duplicate_charge),
            each(CostPart::Orphans, &self.orphan_charge),
            each(CostPart::LostTopUps, &self.lost_top_up),
        ];
        Prices(all.into_iter().flatten().collect())
    }
}

/// What is wrong with a price of something that a scenario lacks, and what would be right.
type Lacks = (&'static str, &'static str);

const WORKERS: Lacks = ("is paid to workers without number", "give `gateway.workers` a number");
const STAFF: Lacks = ("is paid to staff without number", "give `refunds.staff` a number");
const SCHEME: Lacks = ("is a fee that nobody asks", "give a channel the rules of its `scheme`");
const DISPUTES: Lacks = ("is paid for disputes, and there are none", "see `refunds.disputed`");
