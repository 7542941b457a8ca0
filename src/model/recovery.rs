//! Does goodput come back after a trigger? What is watched, checked against the run.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arrivals::SurgeSpec;
use super::fault::{Faults, KeyPath};
use super::incident::{IncidentSpec, Window};
use super::parts::Parts;
use super::plan::Horizon;
use crate::units::{Probability, Span};

/// Recoveries at most: each costs every top-up a few comparisons.
pub const RECOVERIES_MAX: usize = 8;

/// A second, ns: goodput is counted by the second.
const SECOND: u64 = 1_000_000_000;
/// The longest time that is watched after a trigger: counts are kept for each second.
const WATCHED_MAX: Span = Span::from_secs(7 * 86_400);

/// What counts as good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Goodput {
    /// A call of the app that ends with the word that it is paid, when the app hears it. Work that
    /// the gateway goes on with after the app has given up is not good.
    #[default]
    Answered,
    /// The first credit of a top-up before its deadline, when it is credited.
    Credited,
}

impl Goodput {
    /// The name in scenarios and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Credited => "credited",
        }
    }
}

/// `[recovery.NAME]`: whether goodput comes back after an incident or a surge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecoverySpec {
    /// The incident or the surge after which goodput should come back.
    pub trigger: String,
    /// What counts as good: `answered` or `credited`.
    #[serde(default)]
    pub goodput: Goodput,
    /// Goodput is back at this share of what it was before, both in proportion to arrivals.
    #[serde(default = "nearly_all")]
    pub share: Probability,
    /// It must hold on the average of so long, in whole seconds.
    #[serde(default = "half_a_minute")]
    pub hold: Span,
    /// It must begin within this time of the trigger's end, in whole seconds; by default as late as
    /// the run, or the next spell of the trigger, allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizon: Option<Span>,
    /// Leaves the trigger out of the run, and watches all the same: what would be without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_trigger: bool,
}

fn nearly_all() -> Probability {
    Probability::new(0.95).expect("it lies between 0 and 1")
}

fn half_a_minute() -> Span {
    Span::from_secs(30)
}

/// A checked recovery: where and what to count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Its name in tables.
    pub name: String,
    /// Name of the incident or surge.
    pub trigger: String,
    /// What counts as good.
    pub goodput: Goodput,
    /// Share of before at which goodput is back, of 2^32.
    pub share: u64,
    /// The time before the trigger with which is compared, ns.
    pub before: (u64, u64),
    /// End of the trigger, ns: time to recover counts from here.
    pub from: u64,
    /// It must hold for so many seconds.
    pub hold_s: u64,
    /// It must begin within so many seconds of `from`.
    pub horizon_s: u64,
}

impl Recovery {
    /// Checks the recoveries of a scenario; `windows` are the spells of its incidents.
    pub(super) fn of_parts(
        parts: &Parts,
        windows: &[Window],
        horizon: Horizon,
        faults: &mut Faults,
    ) -> Vec<Self> {
        let (incidents, surges) = (&parts.incidents, &parts.arrivals.surges);
        build(&parts.recovery, &Around { incidents, windows, surges, horizon }, faults)
    }

    /// The triggers that a scenario leaves out.
    pub(super) fn left_out(specs: &BTreeMap<String, RecoverySpec>) -> BTreeSet<&str> {
        specs.values().filter(|spec| spec.without_trigger).map(|s| s.trigger.as_str()).collect()
    }

    /// Seconds after the trigger's end that are counted.
    pub fn watched_s(&self) -> u64 {
        self.horizon_s + self.hold_s
    }
}

/// A trigger's spells within the run: begin and end, ns, in the order of time.
type Spells = Vec<(u64, u64)>;

/// What a recovery is checked against.
struct Around<'a> {
    /// Incidents as written, to tell those at random.
    incidents: &'a BTreeMap<String, IncidentSpec>,
    /// Spells of incidents with a schedule, in the order of time.
    windows: &'a [Window],
    /// Surges of arrivals.
    surges: &'a BTreeMap<String, SurgeSpec>,
    /// Times of the run.
    horizon: Horizon,
}

/// Checks recoveries, in the order of their names.
fn build(
    specs: &BTreeMap<String, RecoverySpec>,
    around: &Around,
    faults: &mut Faults,
) -> Vec<Recovery> {
    let path = KeyPath::root().key("recovery");
    if specs.len() > RECOVERIES_MAX {
        let message = format!("has {} entries", specs.len());
        faults.add_with_help(path.clone(), message, format!("at most {RECOVERIES_MAX} tables"));
    }
    let one =
        |(name, spec): (&String, &RecoverySpec)| spec.check(name, &path.key(name), around, faults);
    specs.iter().filter_map(one).collect()
}

impl RecoverySpec {
    fn check(
        &self,
        name: &str,
        path: &KeyPath,
        around: &Around,
        faults: &mut Faults,
    ) -> Option<Recovery> {
        if self.share.value() == 0.0 {
            faults.add(path.key("share"), "is zero: then goodput is always back");
        }
        let hold_s = whole_seconds(self.hold, &path.key("hold"), faults)?;
        let spells = around.spells(&self.trigger, &path.key("trigger"), faults)?;
        let (begin, from) = self.spell(&spells, hold_s, path, around, faults)?;
        let horizon_s = self.horizon_s(&spells, (hold_s, from), path, around, faults)?;
        Some(Recovery {
            name: name.to_owned(),
            trigger: self.trigger.clone(),
            goodput: self.goodput,
            share: self.share.threshold(),
            before: (around.horizon.warmup, begin),
            from,
            hold_s,
            horizon_s,
        })
    }

    /// The spell that is watched: the first, with enough of the run before it.
    fn spell(
        &self,
        spells: &Spells,
        hold_s: u64,
        path: &KeyPath,
        around: &Around,
        faults: &mut Faults,
    ) -> Option<(u64, u64)> {
        let Horizon { warmup, length, .. } = around.horizon;
        let at = path.key("trigger");
        let Some(&(begin, end)) = spells.first() else {
            let message = format!("does not begin within the run: {:?}", self.trigger);
            faults.add_with_help(at, message, "one that begins before `length`");
            return None;
        };
        if begin < warmup + hold_s * SECOND {
            let message = "leaves too little before it to compare with";
            let legal = format!("one that begins at least {} after the warm-up", self.hold);
            faults.add_with_help(at, message, legal);
            return None;
        }
        if end.saturating_add(hold_s * SECOND) > length {
            let message = format!("ends too late to see goodput for {} after it", self.hold);
            faults.add_with_help(at, message, "a longer `length`, or an earlier trigger");
            return None;
        }
        Some((begin, end))
    }

    fn horizon_s(
        &self,
        spells: &Spells,
        (hold_s, from): (u64, u64),
        path: &KeyPath,
        around: &Around,
        faults: &mut Faults,
    ) -> Option<u64> {
        let next = spells.get(1).map_or(u64::MAX, |spell| spell.0);
        let until = around.horizon.length.min(next);
        let most = (until.saturating_sub(from) / SECOND).saturating_sub(hold_s);
        let at = path.key("horizon");
        let Some(asked) = self.horizon else {
            return Some(most.min((WATCHED_MAX.ns() / SECOND).saturating_sub(hold_s)));
        };
        let asked_s = whole_seconds(asked, &at, faults)?;
        if asked.saturating_add(self.hold) > WATCHED_MAX {
            let legal = format!("at most {WATCHED_MAX} with `hold`");
            faults.add_with_help(at, format!("is {asked}"), legal);
            return None;
        }
        if asked_s > most {
            let what = if until == next { "the next spell of the trigger" } else { "the end" };
            let message = format!("is {asked}, and with `hold` reaches beyond {what}");
            let legal = format!("at most {}", Span::from_secs(most));
            faults.add_with_help(at, message, legal);
            return None;
        }
        Some(asked_s)
    }
}

impl Around<'_> {
    /// The spells of an incident or surge that begin within the run; none if there is no such
    /// trigger.
    fn spells(&self, trigger: &str, path: &KeyPath, faults: &mut Faults) -> Option<Spells> {
        let length = self.horizon.length;
        let surge = self.surges.get(trigger).map(|surge| {
            let from = surge.at.ns();
            vec![(from, from.saturating_add(surge.lasts.ns()))]
        });
        let incident = self.incidents.get(trigger);
        if surge.is_some() && incident.is_some() {
            let message = format!("names an incident and a surge: {trigger:?}");
            faults.add_with_help(path.clone(), message, "give one of them another name");
            return None;
        }
        if incident.is_some_and(|incident| incident.renewal.is_some()) {
            let message = format!("comes at random: {trigger:?}");
            faults.add_with_help(path.clone(), message, "an incident with `at` or `every`");
            return None;
        }
        let spells: Option<Spells> = surge.or_else(|| {
            incident?;
            let own = self.windows.iter().filter(|window| window.name == trigger);
            Some(own.map(|window| (window.from, window.to)).collect())
        });
        if spells.as_ref().is_some_and(Vec::is_empty) && !faults.is_empty() {
            // an incident with faults of its own has no spells
            return None;
        }
        let Some(mut spells) = spells else {
            let names: Vec<&str> =
                self.incidents.keys().chain(self.surges.keys()).map(String::as_str).collect();
            let message = format!("names no incident and no surge: {trigger:?}");
            let legal = match names.is_empty() {
                true => "a scenario with [incidents] or [arrivals.surges]".to_owned(),
                false => format!("one of {}", names.join(", ")),
            };
            faults.add_with_help(path.clone(), message, legal);
            return None;
        };
        spells.retain(|spell| spell.0 < length);
        Some(spells)
    }
}

/// A span of whole seconds, at least one.
fn whole_seconds(span: Span, path: &KeyPath, faults: &mut Faults) -> Option<u64> {
    let seconds = span.ns() / SECOND;
    if seconds == 0 || !span.ns().is_multiple_of(SECOND) {
        faults.add_with_help(path.clone(), format!("is {span}"), "whole seconds, at least 1s");
        return None;
    }
    Some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HORIZON: Horizon =
        Horizon { warmup: 10 * SECOND, length: 400 * SECOND, drain: 0, deadline: 900 * SECOND };

    fn checked(keys: &str, spells: &[(u64, u64)]) -> Result<Recovery, String> {
        let spec: RecoverySpec =
            toml::from_str(&format!("trigger = \"freeze\"\n{keys}")).expect("the keys are known");
        let incident: IncidentSpec = toml::from_str(
            "target = \"gateway\"\nat = \"60s\"\nlasts = \"10s\"\neffect = { pause = true }",
        )
        .expect("the keys are known");
        let window = |&(from, to): &(u64, u64)| Window {
            name: "freeze".to_owned(),
            from: from * SECOND,
            to: to * SECOND,
        };
        let windows: Vec<_> = spells.iter().map(window).collect();
        let around = Around {
            incidents: &BTreeMap::from([("freeze".to_owned(), incident)]),
            windows: &windows,
            surges: &BTreeMap::new(),
            horizon: HORIZON,
        };
        let mut faults = Faults::default();
        let specs = BTreeMap::from([("x".to_owned(), spec)]);
        let built = build(&specs, &around, &mut faults);
        let said = |fault: &super::super::fault::Fault| format!("{} {}", fault.path, fault.message);
        let faults: Vec<String> = faults.into_vec().iter().map(said).collect();
        built.into_iter().next().filter(|_| faults.is_empty()).ok_or_else(|| faults.join("; "))
    }

    #[test]
    fn what_is_not_said_is_half_a_minute_at_nearly_all_as_long_as_the_run_allows() {
        let recovery = checked("", &[(60, 70)]).expect("it is legal");
        assert_eq!((recovery.hold_s, recovery.horizon_s), (30, 300));
        assert_eq!((recovery.before, recovery.from), ((10 * SECOND, 60 * SECOND), 70 * SECOND));
        assert_eq!(recovery.goodput, Goodput::Answered);
        let again = checked("", &[(60, 70), (200, 210)]).expect("it is legal");
        assert_eq!(again.horizon_s, 100, "the next spell ends what can be seen");
    }

    #[test]
    fn a_horizon_lies_within_what_can_be_seen() {
        assert_eq!(checked("horizon = \"5m\"", &[(60, 70)]).map(|r| r.horizon_s), Ok(300));
        let beyond = checked("horizon = \"301s\"", &[(60, 70)]).expect_err("the run is too short");
        assert!(beyond.contains("reaches beyond the end"), "{beyond}");
        let next = checked("horizon = \"101s\"", &[(60, 70), (200, 210)]).expect_err("too long");
        assert!(next.contains("the next spell of the trigger"), "{next}");
    }

    #[test]
    fn a_trigger_has_a_before_and_an_after() {
        for (spells, part) in [
            (&[(39, 50)], "too little before it"),
            (&[(60, 371)], "ends too late"),
            (&[(400, 410)], "does not begin within the run"),
        ] {
            let fault = checked("", spells).expect_err(part);
            assert!(fault.contains(part), "{fault}");
        }
        assert!(checked("", &[(40, 50)]).is_ok() && checked("", &[(60, 370)]).is_ok());
    }
}
