//! Which results belong to which plan: a log that is only appended to, so that none changes unseen.
//!
//! A plan hash stands for one set of results, for ever: it covers scenario, data, seed,
//! replications and `scenario::RESULTS_VERSION`. Results are the CSV files of a folder; pictures
//! and words are none. So other results need another plan, or a higher version.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};
use topup_sim::scenario::RESULTS_VERSION;

const HEAD: &str = "results_version scenario plan_hash results_sha256";

/// What a folder says of its plan and its results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    version: u32,
    scenario: String,
    plan: String,
    /// SHA-256 over names and checksums of the CSV files.
    results: String,
}

impl Line {
    /// From a manifest.
    pub(crate) fn of(manifest: &str) -> Self {
        let manifest: Value = serde_json::from_str(manifest).expect("a manifest is JSON");
        let text = |key: &str| manifest[key].as_str().expect("a manifest has it").to_owned();
        let mut hash = Sha256::new();
        for (name, sum) in tables(&manifest) {
            hash.update(format!("{name} {sum}\n"));
        }
        Line {
            version: manifest["results_version"].as_u64().expect("a version") as u32,
            scenario: text("scenario"),
            plan: text("plan_hash"),
            results: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }

    fn read(line: &str) -> Self {
        let cells: Vec<&str> = line.split(' ').collect();
        let [version, scenario, plan, results] = cells[..] else {
            panic!("a line of the log has four words: {line:?}")
        };
        let version = version.parse().expect("a line begins with its version");
        let [scenario, plan, results] = [scenario, plan, results].map(str::to_owned);
        Line { version, scenario, plan, results }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {} {} {}", self.version, self.scenario, self.plan, self.results)
    }
}

/// The CSV files of a manifest with their checksums.
fn tables(manifest: &Value) -> impl Iterator<Item = (&str, &str)> {
    let files = manifest["files"].as_object().expect("a manifest lists its files");
    files
        .iter()
        .filter(|(name, _)| name.ends_with(".csv"))
        .map(|(name, sum)| (name.as_str(), sum.as_str().expect("a checksum")))
}

/// The log in the tree.
pub(crate) struct Log {
    lines: Vec<Line>,
}

impl Log {
    pub(crate) fn path() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/results.log")
    }

    pub(crate) fn load() -> Self {
        let text = std::fs::read_to_string(Self::path()).expect("the log of results is there");
        Self::read(&text)
    }

    fn read(text: &str) -> Self {
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some(HEAD), "the first line of the log says what stands in it");
        Log { lines: lines.map(Line::read).collect() }
    }

    /// Whether the log has these results already.
    ///
    /// # Errors
    /// What to do where they are others than the plan had, or of another version than the program.
    pub(crate) fn has(&self, now: &Line, own: u32) -> Result<bool, String> {
        if now.version != own {
            return Err(format!(
                "{}: results of version {} in a program of version {own}; write the golden files \
                 anew (see the head of golden.rs)",
                now.scenario, now.version
            ));
        }
        match self.lines.iter().find(|line| line.plan == now.plan) {
            Some(line) if line.results == now.results => Ok(true),
            None => Ok(false),
            Some(line) => Err(format!(
                "{}: its CSV files are others than results version {} had for the same plan. If \
                 that is not meant, find what changed them. If it is, raise RESULTS_VERSION in \
                 src/scenario/mod.rs to {}, say in CHANGELOG.md what changes, and write the golden \
                 files anew (see the head of golden.rs)",
                now.scenario,
                line.version,
                own + 1
            )),
        }
    }

    /// Adds a line at the end of the file, unless it is there.
    ///
    /// # Errors
    /// Those of [`Log::has`]; nothing is written then.
    pub(crate) fn append(now: &Line) -> Result<(), String> {
        let log = Self::load();
        if !log.has(now, RESULTS_VERSION)? {
            let mut text = std::fs::read_to_string(Self::path()).map_err(|e| e.to_string())?;
            text += &format!("{now}\n");
            std::fs::write(Self::path(), text).map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    /// What is wrong with the log itself.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for pair in self.lines.windows(2) {
            if pair[0].version > pair[1].version {
                faults.push(format!("a version comes after a later one: {}", pair[1]));
            }
        }
        for (at, line) in self.lines.iter().enumerate() {
            if self.lines[..at].iter().any(|before| before.plan == line.plan) {
                faults.push(format!("a plan has results twice: {line}"));
            }
        }
        faults
    }
}

#[test]
fn the_golden_files_are_those_of_the_log() {
    let log = Log::load();
    assert_eq!(log.faults(), Vec::<String>::new());
    let folder = Log::path().with_file_name("");
    let files = folder.read_dir().expect("the golden folder").map(|entry| entry.unwrap().path());
    let mut manifests = 0;
    for path in files.filter(|path| path.to_string_lossy().ends_with(".manifest.json")) {
        let manifest = std::fs::read_to_string(&path).unwrap();
        let known = log.has(&Line::of(&manifest), RESULTS_VERSION);
        assert_eq!(known, Ok(true), "{}", path.display());
        let summary = path.to_string_lossy().replace(".manifest.json", ".summary.csv");
        let sum = Sha256::digest(std::fs::read(&summary).unwrap());
        let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["files"]["summary.csv"], sum.as_str(), "{summary}");
        manifests += 1;
    }
    assert!(manifests > 20, "only {manifests} golden manifests");
}

/// A manifest with these results.
fn manifest(version: u32, plan: &str, causes: &str, chart: &str) -> Line {
    Line::of(
        &serde_json::json!({
            "results_version": version, "scenario": "x", "plan_hash": plan,
            "files": { "causes.csv": causes, "charts/flow.svg": chart },
        })
        .to_string(),
    )
}

#[test]
fn other_results_need_a_higher_version() {
    let first = manifest(1, "p1", "a", "drawn");
    let log = Log::read(&format!("{HEAD}\n{first}\n"));
    assert_eq!(log.has(&first, 1), Ok(true));
    assert_eq!(log.has(&manifest(1, "p1", "a", "drawn better"), 1), Ok(true), "pictures are none");
    assert_eq!(log.has(&manifest(1, "p2", "b", "drawn"), 1), Ok(false), "another plan is new");
    let refused = log.has(&manifest(1, "p1", "b", "drawn"), 1).unwrap_err();
    assert!(refused.contains("raise RESULTS_VERSION in src/scenario/mod.rs to 2"), "{refused}");
    // the version is part of every plan hash
    assert_eq!(log.has(&manifest(2, "p3", "b", "drawn"), 2), Ok(false));
    let stale = log.has(&first, 2).unwrap_err();
    assert!(stale.contains("results of version 1 in a program of version 2"), "{stale}");
}

#[test]
fn a_log_that_was_tampered_with_is_seen() {
    let (first, second) = (manifest(1, "p1", "a", ""), manifest(2, "p2", "b", ""));
    let faults = |lines: &[&Line]| {
        let lines: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
        Log::read(&format!("{HEAD}\n{}", lines.concat())).faults().len()
    };
    assert_eq!(faults(&[&first, &second]), 0);
    assert_eq!(faults(&[&second, &first]), 1);
    assert_eq!(faults(&[&first, &manifest(1, "p1", "c", "")]), 1);
}
