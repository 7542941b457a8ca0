//! The checked remedies of a scenario: who does what, where, and how long it takes.

use std::collections::BTreeMap;

use super::around::Around;
use super::station::{Counters, check_stations};
use super::{Carried, Remedy, RemedySpec, RemedyTable, Station};
use crate::engine::table::QuantileTable;
use crate::engine::{Draw, Stream};
use crate::model::calendar::{Calendar, HoursSpec, TimeOfDay};
use crate::model::choice::Choice;
use crate::model::fault::{Faults, KeyPath};
use crate::model::purpose::Purpose;
use crate::model::share_or::ShareOr;
use crate::units::Probability;

/// The checked remedies of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Remedies {
    /// What users do after a failure, in the order of diagnosis.
    pub after_failure: Vec<Candidate>,
    /// Looks the top-up up first when nobody knows what became of it.
    pub query_first: Option<Candidate>,
    /// Threshold of users who press once and wait.
    pub submit_once: u64,
    /// Users who do not pay over insecure networks, and where they go instead.
    pub avoid_public_networks: Option<Elsewhere>,
    /// Gives staff the details: what remains of their time.
    pub give_details: Sooner,
    /// Answers at once when papers are asked for: what remains of the delay.
    pub stay_reachable: Sooner,
    /// Asks when a refund does not come: what remains of its delay.
    pub check_refund: Sooner,
    /// The stations, in the order of their names.
    pub stations: Vec<Station>,
}

/// One remedy that a share of users applies.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Which.
    pub remedy: Remedy,
    /// Threshold of doing it.
    pub share: u64,
    /// How long it takes, ns.
    pub takes: QuantileTable,
    /// From the help of staff until it has its effect, ns.
    pub then: QuantileTable,
    /// Threshold of helping; of careful entries what remains of slips.
    pub helps: u64,
    /// Index of the network or the channel that is taken instead.
    pub to: Option<u8>,
    /// The busy hours that it avoids.
    pub between: Option<Busy>,
    /// The stations that do it, if any.
    pub counters: Option<Counters>,
}

/// A habit that shortens a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sooner {
    /// Threshold of having it.
    pub share: u64,
    /// What remains of the time, of 2^32.
    pub remains: u64,
}

impl Sooner {
    /// A time as it is with the habit, if `luck` gives it.
    #[inline]
    pub fn of(self, time: u64, luck: impl FnOnce() -> Draw) -> u64 {
        if self.share == 0 || !luck().hits(self.share) {
            return time;
        }
        ((u128::from(time) * u128::from(self.remains)) >> 32) as u64
    }
}

/// Another network than an insecure one, by the shares of the secure ones.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// Threshold of going there.
    pub share: u64,
    choice: Choice,
    numbers: Vec<u8>,
}

impl Elsewhere {
    fn build(
        share: Probability,
        path: &KeyPath,
        around: &Around<'_>,
        faults: &mut Faults,
    ) -> Option<Self> {
        let networks = || around.networks.iter().enumerate();
        if networks().all(|(_, network)| !network.insecure) {
            let help = "set `insecure` of a network";
            faults.add_with_help(path.clone(), "does nothing: no network is insecure", help);
            return None;
        }
        let (numbers, shares): (Vec<u8>, Vec<(String, f64)>) = networks()
            .filter(|(_, network)| !network.insecure)
            .map(|(i, network)| (i as u8, (network.name.clone(), network.share)))
            .unzip();
        if numbers.is_empty() {
            let help = "a [network] without `insecure`";
            faults.add_with_help(path.clone(), "leads nowhere: every network is insecure", help);
            return None;
        }
        let choice = Choice::new("network", &shares);
        Some(Self { share: share.threshold(), choice, numbers })
    }

    /// The network of a user of this kind whose own one would be `access`.
    pub fn of(&self, stream: Stream, access: u8) -> u8 {
        if self.numbers.contains(&access) {
            return access;
        }
        // entries that a remedy helps are numbered from 1
        self.numbers[usize::from(self.choice.of(stream, Purpose::Helps, 0))]
    }
}

/// Busy hours of every day.
#[derive(Clone, Copy, Debug)]
pub struct Busy {
    from: TimeOfDay,
    to: TimeOfDay,
}

impl Busy {
    /// Checks the busy hours; 20:00 to 23:00 are assumed where none are given.
    pub fn build(between: Option<&HoursSpec>, path: &KeyPath, faults: &mut Faults) -> Self {
        let Some(between) = between else {
            let evening = ["20:00", "23:00"].map(|t| TimeOfDay::parse(t).expect("is a time"));
            return Self { from: evening[0], to: evening[1] };
        };
        let at = path.key("between");
        let mut read = |key: &str, text: &str| {
            let time = TimeOfDay::parse(text);
            if time.is_none() {
                faults.add_with_help(at.key(key), format!("is {text:?}"), "a time \"HH:MM\"");
            }
            time
        };
        let hours = read("from", &between.from).zip(read("to", &between.to));
        let Some((from, to)) = hours else { return Self { from: TimeOfDay(0), to: TimeOfDay(0) } };
        if from >= to {
            faults.add(at.key("from"), "is not before `to`");
        }
        Self { from, to }
    }

    /// The end of the busy hours in which `now` lies, if it does.
    pub fn ends(self, calendar: &Calendar, now: u64) -> Option<u64> {
        let day = calendar.day_of(now);
        let from = calendar.instant(day, self.from).unwrap_or(0);
        let to = calendar.instant(day, self.to)?;
        (from <= now && now < to).then_some(to)
    }
}

impl Remedies {
    /// Checks the remedies of a scenario and its stations.
    pub fn build(
        remedies: &BTreeMap<String, RemedySpec>,
        around: &Around<'_>,
        faults: &mut Faults,
    ) -> Self {
        let path = KeyPath::root().key("remedies");
        let mut built = Self::default();
        for (name, spec) in &around.parts.stations {
            let at = KeyPath::root().key("stations").key(name);
            built.stations.push(spec.build(name, &at, around.calendar, around.files, faults));
        }
        for (code, ShareOr(spec)) in remedies {
            let at = path.key(code);
            let Some(remedy) = known(code, &at, faults) else { continue };
            spec.check(remedy, &at, around, faults);
            built.add(remedy, spec, &at, around, faults);
        }
        built.after_failure.sort_by_key(|c| (c.remedy.row().check, c.remedy));
        check_stations(&around.parts.stations, remedies, faults);
        built
    }

    fn add(
        &mut self,
        remedy: Remedy,
        spec: &RemedyTable,
        path: &KeyPath,
        around: &Around<'_>,
        faults: &mut Faults,
    ) {
        let share = spec.value.threshold();
        let percent = (u64::from(remedy.row().percent) << 32) / 100;
        let remains = spec.remains.map_or(percent, Probability::threshold);
        let sooner = Sooner { share, remains };
        match remedy {
            Remedy::SubmitOnce => self.submit_once = share,
            Remedy::AvoidPublicNetworks => {
                let value = spec.value;
                self.avoid_public_networks = Elsewhere::build(value, path, around, faults);
            }
            Remedy::GiveDetails => self.give_details = sooner,
            Remedy::StayReachable => self.stay_reachable = sooner,
            Remedy::CheckRefund => self.check_refund = sooner,
            Remedy::QueryFirst => {
                self.query_first = Some(spec.candidate(remedy, path, around, faults));
            }
            _ => self.after_failure.push(spec.candidate(remedy, path, around, faults)),
        }
    }

    /// A remedy of those that users apply after a failure.
    pub fn of(&self, remedy: Remedy) -> Option<&Candidate> {
        self.after_failure.iter().find(|candidate| candidate.remedy == remedy)
    }

    /// What users may do about a failure, in the order of the rows.
    pub fn applied(&self) -> Vec<Remedy> {
        let candidates = self.query_first.iter().chain(&self.after_failure);
        let mut applied: Vec<Remedy> = candidates.map(|candidate| candidate.remedy).collect();
        applied.sort_unstable();
        applied
    }

    /// Names of the stations and their people, 0 where they are unlimited.
    pub fn people(&self) -> Vec<(String, u32)> {
        self.stations.iter().map(|s| (s.name.clone(), s.staff.unwrap_or(0))).collect()
    }

    /// Whether users do anything after a failure beside their habits.
    #[inline]
    pub fn are_applied(&self) -> bool {
        !self.after_failure.is_empty() || self.query_first.is_some()
    }
}

/// The remedy of a code that takes a share.
fn known(code: &str, path: &KeyPath, faults: &mut Faults) -> Option<Remedy> {
    let Some(remedy) = Remedy::by_code(code) else {
        let codes: Vec<&str> = Remedy::ALL
            .iter()
            .map(|r| r.row())
            .filter(|row| matches!(row.carried, Carried::Share | Carried::Helped(_)))
            .map(|row| row.code)
            .collect();
        let help = format!("one of {}", codes.join(", "));
        faults.add_with_help(path.clone(), "is no remedy", help);
        return None;
    };
    match remedy.row().carried {
        Carried::Share | Carried::Helped(_) => Some(remedy),
        Carried::Key(key) => {
            faults.add_with_help(path.clone(), "takes no share", format!("set `{key}`"));
            None
        }
        Carried::Always => {
            faults.add(path.clone(), "takes no share: everybody does it, always");
            None
        }
        Carried::Told => {
            faults.add(path.clone(), "takes no share: it changes no result");
            None
        }
    }
}
