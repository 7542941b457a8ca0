//! Holds that a journal gives back what every shipped scenario has left in it.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use topup_sim::record::Summary;
use topup_sim::scenario::{ReadOptions, Scenario, Source, read};
use topup_sim::store::JournalFile;
use topup_sim::study::run::Unwatched;
use topup_sim::study::{
    Arm, Crew, Job, Journal, NoJournal, Progress, run_arm, run_jobs, run_looking,
};

#[test]
fn every_shipped_scenario_reads_back_as_it_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = JournalFile::open(&path, "all").unwrap();
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut kept = Vec::new();
    for listed in topup_sim::scenario::list(&scenarios).unwrap() {
        let mut options = ReadOptions { replications: Some(1), ..ReadOptions::default() };
        options.sets = vec!["length=40s".to_owned(), "warmup=5s".to_owned()];
        // what needs its whole length, such as a trace, is not cut down
        let cut = read(Source::File(listed.path.clone()), &options);
        let Ok(scenario) = cut else { continue };
        if scenario.size.top_ups > 20_000.0 {
            continue;
        }
        let arms = [Arm::of(&listed.name, &scenario)];
        let (progress, cancel) = (&Unwatched, &AtomicBool::new(false));
        let crew = Crew { threads: 1, progress, cancel, journal: &journal };
        let done = run_jobs(&arms, &Job::all(&arms), &crew, |_, summary| summary);
        let summary = done.complete.into_iter().next().unwrap().1;
        kept.push((arms[0].key.clone(), summary));
    }
    assert!(kept.len() >= 8, "{} scenarios could be cut down", kept.len());
    drop(journal);
    let journal = JournalFile::open(&path, "all").unwrap();
    assert_eq!(journal.len(), kept.len());
    for (key, summary) in &kept {
        assert!(journal.find(key, 0).as_ref() == Some(summary), "{key}");
    }
}

/// Sees to it that whatever is told to be done has been kept.
struct Told<'a> {
    journal: &'a JournalFile,
    key: &'a str,
}

impl Progress for Told<'_> {
    fn advanced(&self, _: u32, _: f64) {}

    fn finished(&self, piece: u32) {
        assert!(self.journal.holds(self.key, piece), "{piece} is told, and not kept");
    }
}

#[test]
fn what_is_told_to_be_done_has_been_kept() {
    let folder = tempfile::tempdir().unwrap();
    let journal = JournalFile::open(&folder.path().join("journal"), "tiny").unwrap();
    let arm = Arm::of("identity", &tiny(40));
    let told = Told { journal: &journal, key: &arm.key };
    let cancel = &AtomicBool::new(false);
    let crew = Crew { threads: 2, progress: &told, cancel, journal: &journal };
    let mut looks = Vec::new();
    let ran = run_looking(&arm, &[5, 12, 40], &crew, |summaries| {
        looks.push(summaries.len());
        summaries.len() == 12
    });
    assert_eq!((looks, ran.numbers.len(), journal.len()), (vec![5, 12], 12, 12));
    let plain = Crew { threads: 1, progress: &Unwatched, cancel, journal: &NoJournal };
    assert_eq!(ran, run_arm(Arm::of("identity", &tiny(12)), &plain));
}

/// The degenerate scenario for five seconds.
fn tiny(replications: u32) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/identity.toml");
    let mut options = ReadOptions { replications: Some(replications), ..ReadOptions::default() };
    options.sets = vec!["length=5s".to_owned()];
    read(Source::File(path), &options).unwrap()
}

/// What a replication of the degenerate scenario leaves.
pub(crate) fn summary_of_a_tiny_run() -> Summary {
    let arms = [Arm::of("identity", &tiny(1))];
    let (progress, cancel) = (&Unwatched, &AtomicBool::new(false));
    let crew = Crew { threads: 1, progress, cancel, journal: &NoJournal };
    let done = run_jobs(&arms, &Job::all(&arms), &crew, |_, summary| summary);
    done.complete.into_iter().next().unwrap().1
}

/// Holds one result for every replication, and takes no other.
struct Same(Summary);

impl Journal for Same {
    fn find(&self, _: &str, _: u32) -> Option<Summary> {
        Some(self.0.clone())
    }

    fn keep(&self, key: &str, replication: u32, _: &Summary) {
        panic!("replication {replication} of {key} was run although it is there");
    }
}

#[test]
fn what_a_journal_holds_is_not_run_again() {
    let arms = [Arm::of("identity", &tiny(3))];
    let (progress, cancel) = (&Unwatched, &AtomicBool::new(false));
    let fresh = Crew { threads: 1, progress, cancel, journal: &NoJournal };
    let first = run_jobs(&arms, &Job::all(&arms)[..1], &fresh, |_, summary| summary);
    let same = Same(first.complete[0].1.clone());
    let kept = Crew { threads: 2, progress, cancel, journal: &same };
    let done = run_jobs(&arms, &Job::all(&arms), &kept, |_, summary| summary);
    assert_eq!(done.complete.len(), 3);
    assert!(done.complete.iter().all(|(_, summary)| *summary == same.0));
}
