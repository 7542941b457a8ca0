//! Golden output of the shipped scenarios: the same plan gives the same bytes.
//!
//! `TOPUP_SIM_GOLDEN=write cargo test --test house golden::` writes the files anew after a change
//! on purpose. Where CSV files change and the scenario did not, it refuses until
//! `scenario::RESULTS_VERSION` is raised (`results_log.rs`). `.ci/golden-release` holds the release
//! build to the same files.

use std::path::{Path, PathBuf};
use std::process::Command;

use rayon::prelude::*;
use topup_sim::scenario::RESULTS_VERSION;

use crate::results_log::{Line, Log};

/// A shipped scenario and how it is shortened; `tests/golden/cases.txt` has the same for the CI.
const CASES: &str = include_str!("../golden/cases.txt");

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Runs a case and gives back the folder it wrote.
fn run(case: &str, threads: &str, out: &Path) -> PathBuf {
    let mut words = case.split_whitespace();
    let name = words.next().expect("a case begins with a scenario's name");
    let status = Command::new(env!("CARGO_BIN_EXE_topup-sim"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["run", &format!("scenarios/{name}.toml"), "--quiet", "--threads", threads])
        .args(words)
        .arg("--out")
        .arg(out)
        .output()
        .expect("the program starts");
    // a shortened scenario may miss its targets (3): its bytes are what counts here
    assert!(
        matches!(status.status.code(), Some(0 | 3)),
        "{case} ended with {:?}: {}",
        status.status.code(),
        String::from_utf8_lossy(&status.stderr)
    );
    let mut written = std::fs::read_dir(out).expect("the output folder is there");
    written.next().expect("a run leaves a folder").expect("the folder can be read").path()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The files that are kept of each case.
const KEPT: [&str; 2] = ["summary.csv", "manifest.json"];

/// Holds what a case wrote; one after the other, since the log is appended to.
fn hold(case: &str, written: &Path) {
    let name = case.split_whitespace().next().expect("a case has a name");
    let now = Line::of(&read(&written.join("manifest.json")));
    if std::env::var("TOPUP_SIM_GOLDEN").as_deref() == Ok("write") {
        Log::append(&now).unwrap_or_else(|refusal| panic!("{refusal}"));
        for file in KEPT {
            std::fs::copy(written.join(file), folder().join(format!("{name}.{file}")))
                .expect("the golden file can be written");
        }
    }
    let known = Log::load().has(&now, RESULTS_VERSION).unwrap_or_else(|other| panic!("{other}"));
    assert!(known, "{name}: a plan that the log does not know; see the head of golden.rs");
    for file in KEPT {
        let golden = folder().join(format!("{name}.{file}"));
        assert!(
            read(&written.join(file)) == read(&golden),
            "{name}: {file} is no longer {}; if that is meant, see the head of golden.rs",
            golden.display()
        );
    }
}

#[test]
fn shipped_scenarios_give_their_golden_bytes() {
    let cases: Vec<&str> = CASES.lines().filter(|line| !line.trim().is_empty()).collect();
    let folders: Vec<_> = cases
        .par_iter()
        .map(|case| {
            let out = tempfile::tempdir().expect("a folder for the run");
            (run(case, "2", out.path()), out)
        })
        .collect();
    for (case, (written, _)) in cases.iter().zip(&folders) {
        hold(case, written);
    }
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let case = CASES.lines().find(|line| line.starts_with("kameng-promo")).expect("a case");
    let (one, two) =
        (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let (a, b) = (run(case, "1", one.path()), run(case, "2", two.path()));
    assert_eq!(read(&a.join("manifest.json")), read(&b.join("manifest.json")));
}
