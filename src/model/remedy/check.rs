//! Checks of `[remedies]`: what a remedy may be given, and whether it can do anything.

use super::around::Around;
use super::checked::{Busy, Candidate};
use super::station::Counters;
use super::{Carried, Remedy, RemedyTable, Takes, Verb};
use crate::engine::table::QuantileTable;
use crate::model::client::Key;
use crate::model::fault::{Faults, KeyPath};
use crate::model::law::Law;
use crate::model::share_or::check_range;
use crate::units::{Probability, Span};

impl RemedyTable {
    /// Keys that mean something for this remedy, and values that go together.
    pub(super) fn check(
        &self,
        remedy: Remedy,
        path: &KeyPath,
        around: &Around<'_>,
        faults: &mut Faults,
    ) {
        let (row, spec) = (remedy.row(), self);
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
        if let Some((why, help)) = idle(remedy, around) {
            faults.add_with_help(path.clone(), format!("does nothing: {why}"), help);
        }
        check_range(spec.value, (spec.low, spec.high), path, faults);
    }

    /// The checked form of a remedy that users apply.
    pub(super) fn candidate(
        &self,
        remedy: Remedy,
        path: &KeyPath,
        around: &Around<'_>,
        faults: &mut Faults,
    ) -> Candidate {
        let (row, spec) = (remedy.row(), self);
        let mut law = |key: &str, law: &Law| law.build(&path.key(key), around.files, faults);
        let takes = spec.takes.as_ref().map(|takes| law("takes", takes));
        let then = spec.then.as_ref().map(|then| law("then", then));
        let helps = spec.helps.or(spec.remains).map(Probability::threshold);
        let helped = matches!(row.carried, Carried::Helped(_));
        let counters = match row.carried {
            Carried::Helped(kind) => Counters::build(
                kind,
                &around.parts.stations,
                &KeyPath::root().key("stations"),
                faults,
            ),
            _ => None,
        };
        if counters.is_some() && spec.takes.is_some() {
            let message = "stands beside a station, which has its own `handling`";
            faults.add(path.key("takes"), message);
        }
        if counters.is_none() && helped && spec.then.is_some() {
            faults.add(path.key("then"), "follows the help of a station, and there is none");
        }
        Candidate {
            remedy,
            share: spec.value.threshold(),
            takes: takes.unwrap_or_else(|| row.takes.table()),
            then: then.unwrap_or_else(|| QuantileTable::constant(0)),
            helps: helps.unwrap_or((u64::from(row.percent) << 32) / 100),
            to: self.to(remedy, path, around, faults),
            between: (remedy == Remedy::AvoidPeak)
                .then(|| Busy::build(spec.between.as_ref(), path, faults)),
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
        let names: Vec<&str> = match remedy.row().verb {
            Verb::Repath => around.networks.iter().map(|network| network.name.as_str()).collect(),
            Verb::Reroute => around.channels.iter().map(String::as_str).collect(),
            _ => return None,
        };
        let kind = if remedy.row().verb == Verb::Repath { "network" } else { "channel" };
        let Some(name) = &self.to else {
            if matches!(remedy, Remedy::UseWifi | Remedy::RecommendedMethod) {
                let help = format!("set `to`: one of {}", names.join(", "));
                faults.add_with_help(path.clone(), format!("says to no {kind}"), help);
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

/// Why a remedy can do nothing in a scenario, and what would change that.
fn idle(remedy: Remedy, around: &Around<'_>) -> Option<(String, &'static str)> {
    let parts = around.parts;
    if remedy.row().verb == Verb::Habit {
        return idle_habit(remedy, around);
    }
    if parts.users.entries_max < 2 {
        return Some(("nobody enters again".into(), "set `entries_max` of [users] to 2 or more"));
    }
    let (channels, networks) = (around.channels.len(), around.networks.len());
    let all_told = parts.users.reason_shown.value.value() >= 1.0;
    match (remedy, remedy.row().verb) {
        (Remedy::QueryFirst, _) if !parts.gateway.order_store => {
            return Some(("the gateway remembers no orders".into(), "`order_store = true`"));
        }
        (Remedy::QueryFirst, _) if parts.client.key == Key::None => {
            return Some(("orders have no number".into(), "another `key` of [client]"));
        }
        (Remedy::QueryFirst, _) => return None,
        (Remedy::ReadNotices, _) if !parts.incidents.values().any(|i| i.announced) => {
            return Some(("no incident is announced".into(), "`announced = true`"));
        }
        (Remedy::UseWifi, _) if networks < 2 => {
            return Some(("there is no other network".into(), "a second [network]"));
        }
        (_, Verb::Reroute) if channels < 2 => {
            return Some(("there is no other channel".into(), "a second one of [channels]"));
        }
        (_, Verb::Reveal) if all_told => {
            let help = "set `reason_shown` of [users] below 100%";
            return Some(("every user is told why an entry failed".into(), help));
        }
        _ => {}
    }
    // who is not told why an entry failed does what is of no use, too, and that takes time
    let none_strikes = !remedy.row().clears.iter().any(|&cause| around.possible.has(cause));
    (all_told && none_strikes).then(|| {
        let codes: Vec<&str> = remedy.row().clears.iter().map(|cause| cause.row().code).collect();
        let why = format!("no cause that it is good for can strike here ({})", codes.join(", "));
        (why, "let one of them strike")
    })
}

/// The same for habits.
fn idle_habit(remedy: Remedy, around: &Around<'_>) -> Option<(String, &'static str)> {
    let parts = around.parts;
    let (idle, why, help) = match remedy {
        Remedy::SubmitOnce => {
            let idle = parts.users.double_submit.is_none();
            (idle, "nobody submits twice", "set `double_submit` of [users]")
        }
        Remedy::GiveDetails => {
            let idle = parts.stations.is_empty();
            (idle, "no staff are asked for help", "a table in [stations]")
        }
        Remedy::StayReachable => {
            let idle = parts.refunds.papers.value.value() <= 0.0;
            (idle, "nobody asks for papers", "set `papers` of [refunds]")
        }
        Remedy::CheckRefund => {
            let idle = parts.refunds.problem.value.value() <= 0.0;
            (idle, "no refund meets a problem", "set `problem` of [refunds]")
        }
        // its check stands beside its networks
        _ => return None,
    };
    idle.then(|| (why.to_owned(), help))
}

impl Takes {
    /// The law in ns.
    pub(super) fn table(self) -> QuantileTable {
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
