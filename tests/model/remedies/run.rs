//! Runs of the identity scenario with settings laid over it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use topup_sim::model::cause::Cause;
use topup_sim::model::facts::{Fact, Observer, TopUp};
use topup_sim::model::remedy::Remedy;
use topup_sim::model::world::{Pace, Progress, Simulation};
use topup_sim::record::{RemedyTally, Summary};
use topup_sim::scenario::{ReadOptions, Scenario, Source, read};
use topup_sim::study::run::Unwatched;
use topup_sim::study::{RunInputs, run};

/// Users who enter again after a remedy only.
pub(crate) const STAY: &[&str] =
    &["users.entries_max=4", "users.goal_patience=\"365d\"", "deadline=\"365d\""];

/// The scenario: 20 s with 16 top-ups a second, unless `sets` says otherwise.
pub(crate) fn scenario(sets: &[&str], replications: u32) -> Result<Scenario, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let text = fs::read_to_string(folder.join("identity.toml")).expect("the scenario is there");
    let text = text.replace("success_share = \">= 99.9%\"", "");
    let source = Source::Text { name: "remedy.toml".into(), text, folder: PathBuf::from(&folder) };
    let brief = ["length=\"20s\"", "arrivals.rate=\"16/s\""];
    let sets = brief.iter().chain(sets).map(|set| (*set).to_owned()).collect();
    let options = ReadOptions { sets, replications: Some(replications), ..ReadOptions::default() };
    read(source, &options).map_err(|faults| faults.to_string())
}

/// So many replications of it.
pub(crate) fn replications(sets: &[&str], number: u32) -> Vec<Summary> {
    let scenario = scenario(sets, number).unwrap_or_else(|faults| panic!("{faults}"));
    let inputs = RunInputs { seed: 1, replications: number, ..RunInputs::of(&scenario) };
    run(&inputs, 1, &Unwatched, &AtomicBool::new(false)).replications
}

/// One replication of it.
pub(crate) fn summary(sets: &[&str]) -> Summary {
    replications(sets, 1).remove(0)
}

/// One replication with users who stay.
pub(crate) fn stay(sets: &[&str]) -> Summary {
    summary(&[STAY, sets].concat())
}

/// How often a cause struck.
pub(crate) fn strikes(summary: &Summary, cause: Cause) -> u64 {
    summary.causes[cause as usize].strikes
}

/// What was done by a remedy.
pub(crate) fn done(summary: &Summary, remedy: Remedy) -> RemedyTally {
    summary.remedies[remedy as usize]
}

/// Mean time from arrival to credit, s.
pub(crate) fn credit_s(summary: &Summary) -> f64 {
    let latency = summary.credit_latency_of_all();
    latency.mean().expect("somebody is credited") / 1e9
}

/// A share within five standard errors of what is expected.
pub(crate) fn assert_near(got: u64, n: u64, share: f64) {
    let expected = n as f64 * share;
    let error = (expected * (1.0 - share)).sqrt().max(1.0);
    assert!((got as f64 - expected).abs() < 5.0 * error, "{got} of {n}, expected {expected}");
}

/// All top-ups and all remedies of a replication.
#[derive(Default)]
pub(crate) struct Notes {
    /// In the order of arrival.
    pub(crate) top_ups: Vec<TopUp>,
    /// When which remedy was done, ns.
    pub(crate) remedied: Vec<(u64, Remedy)>,
}

impl Observer for Notes {
    fn note(&mut self, fact: Fact) {
        match fact {
            Fact::TopUp(top_up) => self.top_ups.push(top_up),
            Fact::Remedied { at, remedy, .. } => self.remedied.push((at, remedy)),
            _ => {}
        }
    }
}

/// What one replication notes.
pub(crate) fn notes(sets: &[&str]) -> Notes {
    let scenario = scenario(sets, 1).unwrap_or_else(|faults| panic!("{faults}"));
    let mut simulation =
        Simulation::new(&scenario.plan, 1, 0, Pace::RunAhead, None, Notes::default());
    while simulation.advance(1000) != Progress::Finished {}
    let mut notes = simulation.finish().1;
    notes.top_ups.sort_by_key(|top_up| top_up.born);
    notes
}
