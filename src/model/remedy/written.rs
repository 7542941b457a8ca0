//! `[remedies]`: which share of users does what, as written and as checked.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::station::Counters;
use super::{Carried, Remedy, Station, StationSpec, Takes, Verb};
use crate::engine::table::QuantileTable;
use crate::model::calendar::{Calendar, HoursSpec, TimeOfDay};
use crate::model::data::{FileRef, Files};
use crate::model::fault::{Faults, KeyPath};
use crate::model::law::Law;
use crate::units::{Probability, Span};

/// `[remedies.NAME]`: the share of users who do it when it fits, or a table with more.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RemedySpec {
    #[serde(flatten)]
    inner: RemedyTable,
}

/// The written form of a remedy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemedyTable {
    /// Share of users who do it when it fits.
    pub value: Probability,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Least plausible share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<Probability>,
    /// Greatest plausible share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<Probability>,
    /// How long it takes, where no station does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub takes: Option<Law>,
    /// From the help of staff until it has its effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<Law>,
    /// Share of those who do it whom it helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helps: Option<Probability>,
    /// What remains of slips (`check_entries`), or of a time (habits of a case).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remains: Option<Probability>,
    /// The network or the channel that is taken instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The busy hours of every day that `avoid_peak` avoids; 20:00 to 23:00 without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub between: Option<HoursSpec>,
}

impl RemedyTable {
    fn of_share(value: Probability) -> Self {
        Self {
            value,
            source: None,
            low: None,
            high: None,
            takes: None,
            then: None,
            helps: None,
            remains: None,
            to: None,
            between: None,
        }
    }
}

impl<'de> Deserialize<'de> for RemedySpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = RemedySpec;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a share such as \"40%\", or a table with `value`")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<RemedySpec, E> {
                let value: Probability = text.parse().map_err(E::custom)?;
                Ok(RemedySpec { inner: RemedyTable::of_share(value) })
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                map: A,
            ) -> Result<RemedySpec, A::Error> {
                let access = serde::de::value::MapAccessDeserializer::new(map);
                RemedyTable::deserialize(access).map(|inner| RemedySpec { inner })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for RemedySpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Remedy".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let share = generator.subschema_for::<Probability>();
        let table = generator.subschema_for::<RemedyTable>();
        schemars::json_schema!({ "anyOf": [share, table] })
    }
}

/// What the rest of a scenario says to its remedies.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// Channels in the order of their indices.
    pub channels: &'a [String],
    /// Access networks in the order of their indices.
    pub networks: &'a [String],
    /// `[stations]`.
    pub stations: &'a BTreeMap<String, StationSpec>,
    /// Entries of one top-up at most.
    pub entries_max: u32,
    /// Local days.
    pub calendar: &'a Calendar,
    /// Data files.
    pub files: &'a Files,
}

/// The checked remedies of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Remedies {
    /// What users do after a failure, in the order of diagnosis.
    pub after_failure: Vec<Candidate>,
    /// Looks the top-up up first when nobody knows what became of it.
    pub query_first: Option<Candidate>,
    /// Threshold of users who press once and wait.
    pub submit_once: u64,
    /// Threshold of users who do not pay over insecure networks.
    pub avoid_public_networks: u64,
    /// Gives staff the details: what remains of their time.
    pub give_details: Sooner,
    /// Answers at once when papers are asked for: what remains of their time.
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
    pub fn of(self, time: u64, luck: impl FnOnce() -> crate::engine::Draw) -> u64 {
        if self.share == 0 || !luck().hits(self.share) {
            return time;
        }
        ((u128::from(time) * u128::from(self.remains)) >> 32) as u64
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
    pub fn build(
        between: Option<&HoursSpec>,
        path: &KeyPath,
        calendar: &Calendar,
        faults: &mut Faults,
    ) -> Self {
        let Some(between) = between else {
            let evening = ["20:00", "23:00"].map(|t| TimeOfDay::parse(t).expect("is a time"));
            return Self { from: evening[0], to: evening[1] };
        };
        // the same check and sentences as for the hours of staff
        between.build(&path.key("between"), calendar, faults);
        let read = |text: &str| TimeOfDay::parse(text).unwrap_or(TimeOfDay(0));
        Self { from: read(&between.from), to: read(&between.to) }
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
        let (path, at_stations) =
            (KeyPath::root().key("remedies"), KeyPath::root().key("stations"));
        let mut built = Self::default();
        for (name, spec) in around.stations {
            let at = at_stations.key(name);
            built.stations.push(spec.build(name, &at, around.calendar, around.files, faults));
        }
        for (code, spec) in remedies {
            let at = path.key(code);
            let Some(remedy) = known(code, &at, faults) else { continue };
            spec.check(remedy, &at, around, faults);
            built.add(remedy, spec, &at, around, faults);
        }
        built.after_failure.sort_by_key(|c| (c.remedy.row().check, c.remedy));
        for (name, station) in around.stations {
            let kind = station.kind.staff();
            let asked = |code: &String| {
                Remedy::by_code(code).is_some_and(|r| r.row().carried == Carried::Helped(kind))
            };
            if !remedies.keys().any(asked) {
                let message = "is asked by nobody: no remedy of [remedies] goes there";
                faults.add(at_stations.key(name), message);
            }
        }
        built
    }

    fn add(
        &mut self,
        remedy: Remedy,
        spec: &RemedySpec,
        path: &KeyPath,
        around: &Around<'_>,
        faults: &mut Faults,
    ) {
        let share = spec.inner.value.threshold();
        let percent = (u64::from(remedy.row().percent) << 32) / 100;
        let remains = spec.inner.remains.map_or(percent, Probability::threshold);
        let sooner = Sooner { share, remains };
        match remedy {
            Remedy::SubmitOnce => self.submit_once = share,
            Remedy::AvoidPublicNetworks => self.avoid_public_networks = share,
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

impl RemedySpec {
    /// The files that the remedy reads.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        for (key, law) in [("takes", &self.inner.takes), ("then", &self.inner.then)] {
            if let Some(law) = law {
                law.files(&path.key(key), out);
            }
        }
    }

    /// Keys that mean something for this remedy, and values that go together.
    fn check(&self, remedy: Remedy, path: &KeyPath, around: &Around<'_>, faults: &mut Faults) {
        let (row, spec) = (remedy.row(), &self.inner);
        let applied = row.verb != Verb::Habit;
        let helped = matches!(row.carried, Carried::Helped(_));
        let case =
            matches!(remedy, Remedy::GiveDetails | Remedy::StayReachable | Remedy::CheckRefund);
        let given = [
            ("takes", spec.takes.is_some(), applied),
            ("then", spec.then.is_some(), helped),
            ("helps", spec.helps.is_some(), row.verb == Verb::Clear),
            ("remains", spec.remains.is_some(), row.verb == Verb::Retype || case),
            ("to", spec.to.is_some(), matches!(row.verb, Verb::Repath | Verb::Reroute)),
            ("between", spec.between.is_some(), remedy == Remedy::AvoidPeak),
        ];
        for (key, _, _) in given.into_iter().filter(|&(_, given, fits)| given && !fits) {
            faults.add(path.key(key), format!("has no meaning for `{}`", row.code));
        }
        if applied && around.entries_max < 2 {
            let help = "set `entries_max` of [users] to 2 or more";
            faults.add_with_help(path.clone(), "does nothing: nobody enters again", help);
        }
        if spec.low.is_some() != spec.high.is_some() {
            faults.add(path.clone(), "gives one end of a range: `low` and `high` go together");
        }
        if let (Some(low), Some(high)) = (spec.low, spec.high)
            && !(low.value() <= spec.value.value() && spec.value.value() <= high.value())
        {
            faults.add(path.key("value"), "does not lie between `low` and `high`");
        }
    }

    fn candidate(
        &self,
        remedy: Remedy,
        path: &KeyPath,
        around: &Around<'_>,
        faults: &mut Faults,
    ) -> Candidate {
        let (row, spec) = (remedy.row(), &self.inner);
        let mut law = |key: &str, law: &Law| law.build(&path.key(key), around.files, faults);
        let takes = spec.takes.as_ref().map(|takes| law("takes", takes));
        let then = spec.then.as_ref().map(|then| law("then", then));
        let helps = spec.helps.or(spec.remains).map(Probability::threshold);
        let counters = match row.carried {
            Carried::Helped(kind) => {
                Counters::build(kind, around.stations, &KeyPath::root().key("stations"), faults)
            }
            _ => None,
        };
        if counters.is_some() && spec.takes.is_some() {
            let message = "stands beside a station, which has its own `handling`";
            faults.add(path.key("takes"), message);
        }
        Candidate {
            remedy,
            share: spec.value.threshold(),
            takes: takes.unwrap_or_else(|| row.takes.table()),
            then: then.unwrap_or_else(|| QuantileTable::constant(0)),
            helps: helps.unwrap_or((u64::from(row.percent) << 32) / 100),
            to: self.to(remedy, path, around, faults),
            between: (remedy == Remedy::AvoidPeak)
                .then(|| Busy::build(spec.between.as_ref(), path, around.calendar, faults)),
            counters,
        }
    }

    /// The network or channel that is taken instead.
    fn to(
        &self,
        remedy: Remedy,
        path: &KeyPath,
        around: &Around<'_>,
        faults: &mut Faults,
    ) -> Option<u8> {
        let (names, kind) = match remedy.row().verb {
            Verb::Repath => (around.networks, "network"),
            _ => (around.channels, "channel"),
        };
        let Some(name) = &self.inner.to else {
            if matches!(remedy, Remedy::UseWifi | Remedy::RecommendedMethod) {
                let help = format!("set `to`: one of {}", names.join(", "));
                faults.add_with_help(path.clone(), format!("says to no {kind}"), help);
            }
            let others = matches!(remedy.row().verb, Verb::Repath | Verb::Reroute);
            if others && names.len() < 2 {
                faults.add(path.clone(), format!("does nothing: there is no other {kind}"));
            }
            return None;
        };
        let found = names.iter().position(|known| known == name);
        if found.is_none() {
            let message = format!("names no {kind}: {name:?}");
            faults.add_with_help(path.key("to"), message, format!("one of {}", names.join(", ")));
        }
        found.map(|index| index as u8)
    }
}

impl Takes {
    /// The law in ns.
    fn table(self) -> QuantileTable {
        let ns = |s: u32| Span::from_secs(u64::from(s)).ns();
        match self {
            Self::Nothing => QuantileTable::constant(0),
            Self::Constant(s) => QuantileTable::constant(ns(s)),
            Self::Uniform(low, high) => QuantileTable::uniform(ns(low), ns(high)),
            Self::Exponential(mean) => QuantileTable::exponential(ns(mean)),
            Self::Lognormal(median, sigma) => {
                QuantileTable::lognormal(ns(median), f64::from(sigma) / 100.0)
            }
        }
    }
}
