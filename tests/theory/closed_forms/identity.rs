//! The identity scenario with one stage switched on, and runs of it.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use topup_sim::model::facts::Observer;
use topup_sim::model::world::{Pace, Progress, Simulation};
use topup_sim::record::{Room, Summary};
use topup_sim::scenario::{ReadOptions, Scenario, Source, read};
use topup_sim::study::run::Unwatched;
use topup_sim::study::{RunInputs, run};

/// The identity scenario with these settings (`key=value`, a later one wins) laid over it.
pub(crate) fn scenario<S: AsRef<str>>(sets: &[S]) -> Scenario {
    let identity = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios/identity.toml");
    let sets = sets.iter().map(|set| set.as_ref().to_owned()).collect();
    let options = ReadOptions { sets, ..ReadOptions::default() };
    read(Source::File(identity), &options).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The summaries of its replications, one by one. The tests themselves are what runs in parallel.
pub(crate) fn replications(scenario: &Scenario) -> Vec<Summary> {
    run(&RunInputs::of(scenario), 1, &Unwatched, &AtomicBool::new(false)).replications
}

/// Top-ups at the only pool.
pub(crate) fn room(summary: &Summary) -> &Room {
    summary.pools[0].top_ups()
}

/// One replication with a listener of the test's own.
pub(crate) fn listened<O: Observer>(scenario: &Scenario, number: u64, listener: O) -> O {
    let (plan, pace) = (&scenario.plan, Pace::RunAhead);
    let mut simulation = Simulation::new(plan, scenario.seed, number, pace, None, listener);
    while simulation.advance(100_000) != Progress::Finished {}
    simulation.finish().1
}
