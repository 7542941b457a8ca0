//! Any bytes as a scenario: accepted, or refused with a place; what is small enough runs.

#![no_main]

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use libfuzzer_sys::fuzz_target;
use topup_sim::scenario::{ReadOptions, Scenario, Source, read};
use topup_sim::study::run::Unwatched;
use topup_sim::study::{Arm, Crew, Job, NoJournal, run_jobs};
use topup_sim_fuzz::{SCENARIOS, assert_told, files_in, project, seed};

/// Events of a run that is worth its time.
const EVENTS_MAX: f64 = 3_000.0;

fuzz_target!(
    init: {
        for path in files_in(&project().join("scenarios")) {
            let name = path.file_name().expect("a file has a name").to_string_lossy();
            let bytes = fs::read(&path).expect("a scenario can be read");
            seed("scenario", &name, &bytes);
        }
        for path in files_in(&project().join("tests/bad")) {
            let name = path.file_name().expect("a file has a name").to_string_lossy();
            if name.ends_with(".toml") {
                let bytes = fs::read(&path).expect("a scenario can be read");
                seed("scenario", &format!("bad-{name}"), &bytes);
            }
        }
    },
    |bytes: &[u8]| {
        let path = SCENARIOS.path().join("_any.toml");
        fs::write(&path, bytes).expect("a scenario can be written");
        match scenario(&path, None) {
            Err(faults) => assert_told(&faults),
            Ok(whole) => run_a_little(&path, &whole),
        }
    }
);

fn scenario(
    path: &Path,
    length: Option<&str>,
) -> Result<Scenario, topup_sim::scenario::Diagnostics> {
    let sets = length.map(|length| format!("length={length}")).into_iter().collect();
    let options = ReadOptions { sets, replications: length.map(|_| 1), ..ReadOptions::default() };
    read(Source::File(path.to_owned()), &options)
}

/// Runs one replication of a scenario, cut down where it is long.
fn run_a_little(path: &Path, whole: &Scenario) {
    let lengths = [None, Some("1h"), Some("60s"), Some("2s"), Some("50ms")];
    let each = |of: &Scenario| of.size.events / f64::from(of.replications.max(1));
    let small = lengths.iter().find_map(|length| match length {
        None if each(whole) <= EVENTS_MAX => Some(scenario(path, Some(&whole_length(whole)))),
        None => None,
        Some(length) => {
            let cut = scenario(path, Some(length));
            cut.as_ref().is_ok_and(|cut| each(cut) <= EVENTS_MAX).then_some(cut)
        }
    });
    let Some(Ok(small)) = small else { return };
    let arms = [Arm::of("any", &small)];
    let (progress, cancel) = (&Unwatched, &AtomicBool::new(false));
    let crew = Crew { threads: 1, progress, cancel, journal: &NoJournal };
    run_jobs(&arms, &Job::all(&arms), &crew, |_, summary| summary);
}

fn whole_length(scenario: &Scenario) -> String {
    format!("{}ns", scenario.plan.horizon.length)
}
