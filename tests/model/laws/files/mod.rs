//! The laws again, from the CSV files of finished folders alone: a reader that knows nothing of the
//! program but the names of columns.

mod compared;
mod controls;
mod ends;
mod numbers;
mod over_time;
mod sheet;
mod stations;

use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;

use super::recipe::recipe;
use numbers::Numbers;
use sheet::{Book, Broken};

/// Shipped scenarios, shortened.
const CASES: [&str; 10] = [
    "identity --set length=60s --replications 2",
    "card-trace --replications 3",
    "amazon-cn-balance --set length=3h --replications 3",
    "kameng-promo --set length=50m --replications 2",
    "psp-failover --set length=20m --replications 2",
    "retry-storm --set length=4m --set windows={} --replications 2",
    "brownout-hedging --set length=20m --replications 2",
    "upi-query-storm-2025 --set length=42m --replications 2",
    "taobao-2025-12-04 --set length=12m --replications 2",
    "double-11-every-cause --set length=300ms --replications 2",
];

/// The files of a study of a scenario.
fn files(study: &str, scenario: &Path, flags: &[&str]) -> Book {
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new(cargo_bin!("topup-sim"));
    command.arg(study).arg(scenario).args(["--quiet", "--no-charts", "--out"]).arg(out.path());
    let said = command.args(flags).output().unwrap();
    // a missed target says nothing of the files
    assert!(matches!(said.status.code(), Some(0 | 3)), "{scenario:?} {flags:?}: {said:?}");
    let folders = out.path().read_dir().unwrap().map(|entry| entry.unwrap().path());
    let folders: Vec<PathBuf> = folders.collect();
    let [folder] = &folders[..] else { panic!("{folders:?}") };
    sheet::book(folder)
}

/// The same of a shipped scenario.
fn shipped(study: &str, case: &str) -> Book {
    let (name, flags) = case.split_once(' ').unwrap();
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let flags: Vec<&str> = flags.split(' ').collect();
    files(study, &scenarios.join(name).with_extension("toml"), &flags)
}

/// Laws that the files of a run do not keep.
fn broken(book: &Book) -> Vec<String> {
    let (numbers, mut broken) = (Numbers::of(book), Broken::default());
    numbers::groups(&numbers, &mut broken);
    numbers::windows(&numbers, &mut broken);
    numbers::money(&numbers, &mut broken);
    numbers::attempts(&numbers, &mut broken);
    numbers::summary(book, &numbers, &mut broken);
    ends::flow(book, &numbers, &mut broken);
    ends::causes(book, &numbers, &mut broken);
    ends::remedies(book, &numbers, &mut broken);
    over_time::timeline(book, &numbers, &mut broken);
    over_time::recoveries(book, &mut broken);
    stations::queues(book, &mut broken);
    stations::turned_away(book, &mut broken);
    stations::latencies(book, &mut broken);
    stations::costs(book, &numbers, &mut broken);
    stations::published(book, &mut broken);
    broken.0
}

#[test]
fn the_files_of_a_run_keep_the_laws() {
    for case in CASES {
        let broken = broken(&shipped("run", case));
        assert!(broken.is_empty(), "{case}:\n{}", broken.join("\n"));
    }
}

#[test]
fn the_files_of_random_scenarios_keep_the_laws() {
    let folder = super::folder();
    let identity = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/identity.toml");
    let scenario = folder.path().join("identity.toml");
    std::fs::copy(identity, &scenario).unwrap();
    for number in 0..20 {
        let sets = recipe(number).concat();
        let mut flags = vec!["--replications", "2"];
        flags.extend(sets.iter().flat_map(|set| ["--set", set.as_str()]));
        let broken = broken(&files("run", &scenario, &flags));
        assert!(broken.is_empty(), "scenario {number}, {sets:#?}:\n{}", broken.join("\n"));
    }
}

#[test]
fn a_queue_keeps_littles_law_in_its_file() {
    let busy = "kameng-promo --set length=50m --replications 2";
    let day = "card-trace --replications 3";
    // the replications' measured seconds together
    for (case, seconds) in [(busy, 2.0 * 35.0 * 60.0), (day, 3.0 * 1_530.0)] {
        let mut broken = Broken::default();
        stations::little(&shipped("run", case), ("gateway", seconds), &mut broken);
        assert!(broken.0.is_empty(), "{case}:\n{}", broken.0.join("\n"));
    }
}

#[test]
fn the_files_of_a_comparison_keep_the_laws() {
    let case =
        "kameng-promo --set length=25m --replications 3 --vary client.retry=never,stripe-sdk";
    let broken = compared::broken(&shipped("compare", case));
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
