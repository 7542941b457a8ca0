//! Any bytes as a journal, or as a result in one whose checksums are right.

#![no_main]

use std::fs;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use topup_sim::record::Summary;
use topup_sim::scenario::{ReadOptions, Source, read};
use topup_sim::store::JournalFile;
use topup_sim::study::run::Unwatched;
use topup_sim::study::{Arm, Crew, Job, Journal, NoJournal, run_jobs};
use topup_sim_fuzz::{in_memory, project, seed};

/// Before the first frame.
const OPENING: usize = 20;
/// Before the body of a frame.
const HEAD: usize = 12;

static FOLDER: LazyLock<TempDir> = LazyLock::new(in_memory);

/// What stands in a journal before its results.
static OPENED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let path = FOLDER.path().join("opened");
    JournalFile::open(&path, "study").expect("a journal can be begun");
    fs::read(path).expect("it can be read")
});

fuzz_target!(
    init: {
        for name in ["identity", "psp-failover", "kameng-promo"] {
            let path = FOLDER.path().join(name);
            let journal = JournalFile::open(&path, "study").expect("a journal can be begun");
            let summary = summary(name);
            (0..2).for_each(|number| journal.keep("key", number, &summary));
            drop(journal);
            let bytes = fs::read(&path).expect("it can be read");
            seed("journal", &format!("{name}-whole"), &[&[0], bytes.as_slice()].concat());
            let first = OPENED.len() + HEAD;
            let length = (bytes.len() - OPENED.len()) / 2 - HEAD;
            let body = [&[1], &bytes[first..first + length]].concat();
            seed("journal", &format!("{name}-body"), &body);
        }
        assert_eq!(&OPENED[..OPENING], b"topup-sim journal 2\n");
    },
    |bytes: &[u8]| {
        let Some((how, bytes)) = bytes.split_first() else { return };
        let path = FOLDER.path().join("journal");
        let whole = if how % 2 == 0 { bytes.to_vec() } else { sealed(bytes) };
        fs::write(&path, whole).expect("a journal can be written");
        if let Ok(journal) = JournalFile::open(&path, "study") {
            (0..3).for_each(|number| drop(journal.find("key", number)));
        }
    }
);

/// A journal of one result, whose checksums are right whatever it is.
fn sealed(body: &[u8]) -> Vec<u8> {
    let mut head = (body.len() as u32).to_le_bytes().to_vec();
    head.extend(crc32fast::hash(body).to_le_bytes());
    head.extend(crc32fast::hash(&head).to_le_bytes());
    [OPENED.as_slice(), &head, body].concat()
}

/// What a short replication of a shipped scenario leaves.
fn summary(name: &str) -> Summary {
    let path = project().join("scenarios").join(format!("{name}.toml"));
    let sets = vec!["length=5s".to_owned(), "warmup=0s".to_owned()];
    let options = ReadOptions { sets, replications: Some(1), ..ReadOptions::default() };
    let Ok(scenario) = read(Source::File(path), &options) else {
        panic!("{name} cannot be cut down")
    };
    let arms = [Arm::of(name, &scenario)];
    let (progress, cancel) = (&Unwatched, &AtomicBool::new(false));
    let crew = Crew { threads: 1, progress, cancel, journal: &NoJournal };
    let done = run_jobs(&arms, &Job::all(&arms), &crew, |_, summary| summary);
    done.complete.into_iter().next().expect("nobody cancels").1
}
