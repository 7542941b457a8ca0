//! Every remedy is good for its causes, takes its time, and is good for nothing else.

mod effects;
mod habits;
mod order;
mod query_first;
mod run;
mod stations;
mod times;

use crate::causes::fragments::FRAGMENTS;
use run::{STAY, summary};
use topup_sim::model::cause::{Cause, Stage};
use topup_sim::model::remedy::{Carried, Remedy, Verb};

/// What a remedy needs beside a share, and beside the fragment of the cause that it is for.
fn needs(remedy: Remedy) -> &'static [&'static str] {
    match remedy {
        Remedy::UseWifi => {
            &["network.wifi={ share = \"0%\", latency = \"0s\" }", "remedies.use_wifi.to=\"wifi\""]
        }
        Remedy::RecommendedMethod => &[WALLET, "remedies.recommended_method.to=\"wallet\""],
        Remedy::OtherMethod | Remedy::ConfirmMethod => &[WALLET],
        Remedy::AvoidPeak => &["remedies.avoid_peak.between={ from = \"00:00\", to = \"00:01\" }"],
        _ => &[],
    }
}

/// A second method, which nobody takes at first.
pub(crate) const WALLET: &str = "channels.wallet={ share = \"0%\", banked = true, routes = \
     [{ provider = \"direct\", share = \"100%\" }] }";

/// The incident of a fragment is announced.
fn announced(cause: Cause) -> Option<&'static str> {
    match cause {
        Cause::ChannelMaintenance | Cause::BankMaintenance => Some("incidents.shut.announced=true"),
        _ => None,
    }
}

fn of_failures() -> impl Iterator<Item = Remedy> {
    Remedy::ALL.iter().copied().filter(|remedy| {
        let row = remedy.row();
        matches!(row.carried, Carried::Share | Carried::Helped(_))
            && !matches!(row.verb, Verb::Habit | Verb::Query)
    })
}

/// Catches: a remedy that is never applied to one of its causes, or is of no use against it.
#[test]
fn every_remedy_is_applied_to_each_of_its_causes_and_to_no_other() {
    let mut idle = Vec::new();
    for remedy in of_failures() {
        let row = remedy.row();
        let share = format!("remedies.{}={{ value = \"100%\" }}", row.code);
        let sure = format!("remedies.{}.helps=\"100%\"", row.code);
        for &cause in row.clears {
            let fragment = FRAGMENTS.iter().find(|f| f.0 == cause.row().code).expect("a fragment");
            let mut sets = STAY.to_vec();
            if cause.row().stage == Stage::Network {
                // what is credited in the meantime is not entered again
                sets.push("credit.delay=\"300d\"");
            }
            sets.extend(fragment.1.iter().chain([&share.as_str()]).chain(needs(remedy)));
            match row.verb {
                Verb::Clear => sets.push(&sure),
                Verb::Reveal => sets.push("users.reason_shown=\"0%\""),
                _ => {}
            }
            if remedy == Remedy::ReadNotices {
                sets.extend(announced(cause));
            }
            let seen = summary(&sets);
            let tally = seen.remedies[remedy as usize];
            let others: u64 = seen.remedies.iter().map(|tally| tally.applied).sum();
            assert_eq!(others, tally.applied, "{}: nothing else is done", row.code);
            if tally.applied == 0 {
                idle.push(format!("{} against {}", row.code, cause.row().code));
            } else if row.verb != Verb::Reveal {
                assert_eq!(tally.helped, tally.applied, "{}: {}", row.code, cause.row().code);
            } else {
                assert!(tally.helped > 0, "{}: {}", row.code, cause.row().code);
            }
        }
    }
    assert!(idle.is_empty(), "never applied: {idle:#?}");
}
