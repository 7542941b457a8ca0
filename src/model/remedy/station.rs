//! Stations: people who are asked for help, with their number, their hours and their time a case.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Carried, Remedy, RemedySpec, Staff};
use crate::engine::table::QuantileTable;
use crate::model::calendar::{Calendar, HoursSpec, OpenHours};
use crate::model::choice::Choice;
use crate::model::data::{FileRef, Files};
use crate::model::fault::{Faults, KeyPath};
use crate::model::law::Law;
use crate::model::parts::NAMES_MAX;
use crate::units::{Probability, Sourced};

/// `[stations.NAME]`: people who are asked for help.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StationSpec {
    /// Whose people they are.
    #[serde(rename = "for")]
    pub kind: Kind,
    /// Share of those who ask this kind of people that come here.
    #[serde(default = "all")]
    pub share: Sourced<Probability>,
    /// How many they are; none given means that nobody waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff: Option<u32>,
    /// Their hours on business days; none given means around the clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<HoursSpec>,
    /// Their time for one case.
    pub handling: Law,
}

fn all() -> Sourced<Probability> {
    Sourced::from(Probability::ONE)
}

/// Whose people they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The platform's customer service: `contact_service`.
    Service,
    /// The bank's hotline: `contact_bank`.
    Bank,
    /// Work orders of an open platform: `open_ticket`.
    Tickets,
}

impl Kind {
    /// As the rows of remedies name it.
    pub fn staff(self) -> Staff {
        match self {
            Self::Service => Staff::Service,
            Self::Bank => Staff::Bank,
            Self::Tickets => Staff::Tickets,
        }
    }
}

/// A checked station.
#[derive(Clone, Debug)]
pub struct Station {
    /// Name in the scenario.
    pub name: String,
    /// Whose people.
    pub kind: Staff,
    /// How many; none means that nobody waits.
    pub staff: Option<u32>,
    /// When they work.
    pub hours: OpenHours,
    /// Their time for one case, ns.
    pub handling: QuantileTable,
}

/// Stations of one kind: which of them a user comes to.
#[derive(Clone, Debug)]
pub struct Counters {
    choice: Choice,
    numbers: Vec<u8>,
}

impl Counters {
    /// The stations of a kind, if there are any; their shares must sum to 1.
    pub(super) fn build(
        kind: Staff,
        stations: &BTreeMap<String, StationSpec>,
        path: &KeyPath,
        faults: &mut Faults,
    ) -> Option<Self> {
        let of_kind = stations.iter().enumerate().filter(|(_, (_, s))| s.kind.staff() == kind);
        let (numbers, shares): (Vec<u8>, Vec<(String, f64)>) = of_kind
            .map(|(i, (name, spec))| (i as u8, (name.clone(), spec.share.value.value())))
            .unzip();
        if numbers.is_empty() {
            return None;
        }
        let sum: f64 = shares.iter().map(|share| share.1).sum();
        if (sum - 1.0).abs() > 1e-9 {
            let at = path.key(&shares[0].0).key("share");
            let message =
                format!("sums to {:.4}% with those of the others for the same", sum * 100.0);
            faults.add_with_help(at, message, "shares of a kind sum to 100%");
        }
        Some(Self { choice: Choice::new("station", &shares), numbers })
    }

    /// The number of the station that a journey comes to with its entry `entry`.
    pub fn of(&self, stream: crate::engine::Stream, entry: u8) -> u8 {
        let purpose = crate::model::purpose::Purpose::Station;
        self.numbers[usize::from(self.choice.of(stream, purpose, u16::from(entry)))]
    }
}

/// Stations in all, and whether anybody asks them.
pub(super) fn check_stations(
    stations: &BTreeMap<String, StationSpec>,
    remedies: &BTreeMap<String, RemedySpec>,
    faults: &mut Faults,
) {
    let path = KeyPath::root().key("stations");
    if stations.len() > NAMES_MAX {
        let message = format!("has {} entries", stations.len());
        faults.add_with_help(path.clone(), message, format!("at most {NAMES_MAX} tables"));
    }
    for (name, station) in stations {
        let kind = station.kind.staff();
        let helped = |code: &String| {
            Remedy::by_code(code).filter(|remedy| remedy.row().carried == Carried::Helped(kind))
        };
        if remedies.keys().filter_map(helped).next().is_none() {
            let asks = Remedy::ALL.iter().find(|r| r.row().carried == Carried::Helped(kind));
            let help = asks.map_or(String::new(), |remedy| {
                format!("give `{}` a share in [remedies]", remedy.row().code)
            });
            faults.add_with_help(path.key(name), "is asked by nobody", help);
        }
    }
}

impl StationSpec {
    /// The files that the station reads.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        self.handling.files(&path.key("handling"), out);
    }

    /// Checks the station.
    pub fn build(
        &self,
        name: &str,
        path: &KeyPath,
        calendar: &Calendar,
        files: &Files,
        faults: &mut Faults,
    ) -> Station {
        if self.staff == Some(0) {
            let help = "at least 1, or none given: then nobody waits";
            faults.add_with_help(path.key("staff"), "is 0: nobody would ever be helped", help);
        }
        let hours = match &self.hours {
            Some(hours) => hours.build(&path.key("hours"), calendar, faults),
            None => OpenHours::always(),
        };
        let handling = self.handling.build(&path.key("handling"), files, faults);
        Station {
            name: name.to_owned(),
            kind: self.kind.staff(),
            staff: self.staff,
            hours,
            handling,
        }
    }
}
