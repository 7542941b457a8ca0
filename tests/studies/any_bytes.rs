//! Holds that no bytes make a reader panic: of scenarios, of the journal, of a finished folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use assert_cmd::cargo::cargo_bin;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tempfile::TempDir;
use topup_sim::record::Summary;
use topup_sim::report::Finished;
use topup_sim::scenario::{Diagnostics, ReadOptions, Source, read};
use topup_sim::store::JournalFile;
use topup_sim::study::Journal;

use super::kinds::KINDS;

/// One change of a file.
#[derive(Debug, Clone)]
enum Slip {
    /// Another byte.
    Byte(Index, u8),
    /// A byte more.
    More(Index, u8),
    /// A stretch that is missing.
    Without(Index, usize),
    /// A stretch that stands there twice.
    Twice(Index, usize),
    /// The end is missing.
    Cut(Index),
    /// Words or a number in place of those that stand there.
    Word(Index, &'static str),
}

/// What stands in no sound file, or at another place of it.
const WORDS: [&str; 22] = [
    "",
    "0",
    "-1",
    "inf",
    "nan",
    "1e308",
    "-1e308",
    "5e-324",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    "340282366920938463463374607431768211455",
    "\"\"",
    "\"0s\"",
    "\"600000d\"",
    "\"101%\"",
    "\"\\u0000\"",
    "[]",
    "{}",
    "=1+1",
    "\u{202e}",
    "\u{1b}[31m",
];

impl Slip {
    fn make(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let stretch = |at: &Index, length: usize| {
            let at = at.index(bytes.len());
            at..(at + length).min(bytes.len())
        };
        match self {
            Slip::Byte(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Slip::More(at, byte) => bytes.insert(at.index(bytes.len()), *byte),
            Slip::Without(at, length) => drop(bytes.drain(stretch(at, *length))),
            Slip::Twice(at, length) => {
                let span = stretch(at, *length);
                let copy = bytes[span.clone()].to_vec();
                bytes.splice(span.start..span.start, copy);
            }
            Slip::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Slip::Word(at, word) => {
                let span = word_at(bytes, at.index(bytes.len()));
                bytes.splice(span, word.bytes());
            }
        }
    }
}

/// The stretch around a place up to what parts words in TOML, CSV and JSON.
fn word_at(bytes: &[u8], at: usize) -> std::ops::Range<usize> {
    let parts = |byte: &u8| b" ,=[]{}\n".contains(byte);
    let from = bytes[..at].iter().rposition(parts).map_or(0, |before| before + 1);
    let to = bytes[at..].iter().position(parts).map_or(bytes.len(), |length| at + length);
    from..to
}

fn slips() -> impl Strategy<Value = Vec<Slip>> {
    let at = any::<Index>;
    let slip = prop_oneof![
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Slip::Byte(at, byte)),
        1 => (at(), any::<u8>()).prop_map(|(at, byte)| Slip::More(at, byte)),
        1 => (at(), 1..80usize).prop_map(|(at, length)| Slip::Without(at, length)),
        1 => (at(), 1..80usize).prop_map(|(at, length)| Slip::Twice(at, length)),
        1 => at().prop_map(Slip::Cut),
        6 => (at(), select(&WORDS[..])).prop_map(|(at, word)| Slip::Word(at, word)),
    ];
    vec(slip, 1..4)
}

fn slipped(bytes: &[u8], slips: &[Slip]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    slips.iter().for_each(|slip| slip.make(&mut bytes));
    bytes
}

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// A folder with all shipped scenarios and their data, and their names.
static SCENARIOS: LazyLock<(TempDir, Vec<String>)> = LazyLock::new(copy_of_the_shipped);

/// Another one, whose data change.
static DATA: LazyLock<TempDir> = LazyLock::new(|| copy_of_the_shipped().0);

/// Each kind of data, and a scenario that names it.
const DATA_FILES: [(&str, &str); 6] = [
    ("card-trace.toml", "data/ulb_card_arrivals_contiguous.csv"),
    ("amazon-cn-balance.toml", "data/ulb_card_hourly_rate.csv"),
    ("apple-pay.toml", "data/mobile_rtt_quantiles.csv"),
    ("alipay.toml", "data/notify_schedules.csv"),
    ("alipay.toml", "data/refund_times.csv"),
    ("upi-query-storm-2025.toml", "data/upi_bank_declines_2025_07.csv"),
];

fn copy_of_the_shipped() -> (TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let mut names = Vec::new();
    for (from, to) in [(shipped(), ""), (shipped().join("data"), "data/")] {
        for path in from.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_file() {
                std::fs::copy(&path, folder.path().join(format!("{to}{name}"))).unwrap();
            }
            if name.ends_with(".toml") {
                names.push(name.to_owned());
            }
        }
    }
    names.sort();
    assert!(names.len() > 20, "{names:?}");
    (folder, names)
}

/// Whether a refusal can be read: with a place, short, and without what a terminal obeys.
fn is_told(faults: &Diagnostics) -> Result<(), TestCaseError> {
    let shown = faults.render(false);
    let place = |line: &str| {
        let mut parts = line.trim_start().strip_prefix("--> ")?.rsplit(':');
        let number = |part: Option<&str>| part?.parse::<u32>().ok().filter(|n| *n > 0);
        number(parts.next()).zip(number(parts.next()))
    };
    prop_assert!(shown.lines().any(|line| place(line).is_some()), "no place:\n{shown}");
    prop_assert!(shown.len() < 6_000, "{} bytes", shown.len());
    let obeyed = |c: char| c != '\n' && topup_sim::scenario::obeyed(c);
    prop_assert!(!shown.contains(obeyed), "{shown:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn any_slip_in_a_scenario_is_accepted_or_told_with_its_place(
        which in any::<Index>(),
        slips in slips(),
    ) {
        let (folder, names) = &*SCENARIOS;
        let bytes = std::fs::read(shipped().join(which.get(names))).unwrap();
        let path = folder.path().join("_slipped.toml");
        std::fs::write(&path, slipped(&bytes, &slips)).unwrap();
        if let Err(faults) = read(Source::File(path), &ReadOptions::default()) {
            is_told(&faults)?;
        }
    }

    #[test]
    fn any_slip_in_a_data_file_is_accepted_or_told_with_its_place(
        which in select(&DATA_FILES[..]),
        slips in slips(),
    ) {
        let (scenario, file) = which;
        let bytes = std::fs::read(shipped().join(file)).unwrap();
        let first = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(60);
        let first = &bytes[..first.map_or(bytes.len(), |(at, _)| at)];
        let path = DATA.path().join(file);
        std::fs::write(&path, slipped(first, &slips)).unwrap();
        let read = read(Source::File(DATA.path().join(scenario)), &ReadOptions::default());
        std::fs::write(&path, &bytes).unwrap();
        if let Err(faults) = read {
            is_told(&faults)?;
        }
    }

    #[test]
    fn any_slip_in_a_journal_is_told_or_costs_what_was_torn(slips in slips()) {
        let (bytes, summary) = &*JOURNAL;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        std::fs::write(&path, slipped(bytes, &slips)).unwrap();
        match JournalFile::open(&path, "study") {
            Err(refusal) => prop_assert!(refusal.to_string().contains("--force"), "{refusal}"),
            Ok(journal) => for number in 0..3 {
                let found = journal.find("key", number);
                prop_assert!(found.is_none_or(|found| found == *summary), "another summary");
            },
        }
    }

    #[test]
    fn a_result_that_only_its_checksum_vouches_for_is_read_or_run_again(slips in slips()) {
        let (bytes, _) = &*JOURNAL;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        std::fs::write(&path, sealed(bytes, &slips)).unwrap();
        if let Ok(journal) = JournalFile::open(&path, "study") {
            let _ = journal.find("key", 0);
        }
    }

    #[test]
    fn any_slip_in_a_finished_folder_is_drawn_over_or_told(
        study in any::<Index>(),
        which in any::<Index>(),
        slips in slips(),
    ) {
        let folder = study.get(&FINISHED);
        let path = which.get(&folder.files);
        let bytes = std::fs::read(path).unwrap();
        std::fs::write(path, slipped(&bytes, &slips)).unwrap();
        let read = again(folder);
        std::fs::write(path, bytes).unwrap();
        if let Err(refusal) = read {
            prop_assert!(refusal.starts_with(folder.path.to_str().unwrap()), "{refusal}");
            prop_assert!(refusal.contains(path.file_name().unwrap().to_str().unwrap())
                || refusal.contains("manifest.json"), "{refusal}");
        }
    }
}

/// A journal of three equal results, and the result.
static JOURNAL: LazyLock<(Vec<u8>, Summary)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = JournalFile::open(&path, "study").unwrap();
    let summary = crate::journal::summary_of_a_tiny_run();
    (0..3).for_each(|number| journal.keep("key", number, &summary));
    drop(journal);
    assert_eq!(JournalFile::open(&path, "study").unwrap().find("key", 2).unwrap(), summary);
    (std::fs::read(path).unwrap(), summary)
});

/// The journal with slips in its first result alone, whose checksums are made anew.
fn sealed(bytes: &[u8], slips: &[Slip]) -> Vec<u8> {
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let header = 20;
    let first = header + 12 + number(header);
    let body = slipped(&bytes[first + 12..first + 12 + number(first)], slips);
    let mut sealed = bytes[..first].to_vec();
    let mut head = (body.len() as u32).to_le_bytes().to_vec();
    head.extend(crc32fast::hash(&body).to_le_bytes());
    head.extend(crc32fast::hash(&head).to_le_bytes());
    sealed.extend(head);
    sealed.extend(body);
    sealed
}

/// The folder of a run or a study.
struct Folder {
    _parent: TempDir,
    path: PathBuf,
    /// Its tables and its manifest.
    files: Vec<PathBuf>,
}

/// A folder of each kind that `report` reads.
static FINISHED: LazyLock<Vec<Folder>> =
    LazyLock::new(|| KINDS.iter().map(|study| folder_of(study)).collect());

fn folder_of(study: &[&str]) -> Folder {
    let parent = tempfile::tempdir().unwrap();
    let mut command = Command::new(cargo_bin!("topup-sim"));
    command.arg(study[0]).arg(shipped().join("identity.toml")).args(&study[1..]);
    command.args(["--set", "length=5s", "--replications", "3", "-q", "--no-charts"]);
    command.args(["--set", "targets.success_share={ at_least = '50%' }", "--out"]);
    let done = command.arg(parent.path()).output().unwrap();
    assert!(done.status.success(), "{study:?}: {}", String::from_utf8_lossy(&done.stderr));
    let path = parent.path().read_dir().unwrap().next().unwrap().unwrap().path();
    let is_read = |path: &PathBuf| path.extension().is_some_and(|e| e == "csv" || e == "json");
    let entries = path.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(is_read).collect();
    files.sort();
    let folder = Folder { _parent: parent, path, files };
    assert_eq!(again(&folder), Ok(()), "{study:?}");
    folder
}

/// Reads all that `report` reads of a folder.
fn again(folder: &Folder) -> Result<(), String> {
    let finished = Finished::open(&folder.path).map_err(|not| not.to_string())?;
    let read = match finished.kind() {
        "compare" => finished.compared().map(drop),
        "sweep" => finished.swept().map(drop),
        "plan" => finished.planned().map(drop),
        _ => finished.tables().map(drop),
    };
    finished.targets();
    read.map_err(|not| not.to_string())
}
