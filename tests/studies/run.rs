//! Replications through the public door: the same on any threads, whole or not at all.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use topup_sim::record::{Shape, Summary};
use topup_sim::scenario::{ReadOptions, Scenario, Source, read};
use topup_sim::study::estimate::{self, estimates};
use topup_sim::study::run::Unwatched;
use topup_sim::study::timeline::timeline;
use topup_sim::study::{
    Arm, Crew, Job, Journal, NoJournal, Progress, RunInputs, RunResult, run, run_jobs,
};

/// A shipped scenario with some values of its own.
fn scenario(name: &str, sets: &[&str]) -> Scenario {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let sets = sets.iter().map(|&set| set.to_owned()).collect();
    let options = ReadOptions { sets, ..ReadOptions::default() };
    let scenario = read(Source::File(folder.join(name).with_extension("toml")), &options);
    scenario.unwrap_or_else(|faults| panic!("{name}:\n{faults}"))
}

fn inputs(name: &str, replications: u32, sets: &[&str]) -> RunInputs {
    RunInputs { replications, ..RunInputs::of(&scenario(name, sets)) }
}

fn run_all(inputs: &RunInputs, threads: usize) -> RunResult {
    run(inputs, threads, &Unwatched, &AtomicBool::new(false))
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let inputs = inputs("kameng-promo", 4, &["length=80m"]);
    let one = run_all(&inputs, 1);
    let two = run_all(&inputs, 2);
    assert_eq!(one, two);
    assert_eq!(one.numbers, [0, 1, 2, 3]);
    assert_eq!(estimates(&one, &inputs.plan), estimates(&two, &inputs.plan));
    assert_ne!(one.replications[0], one.replications[1], "replications differ");
}

#[test]
fn a_run_is_the_sum_of_its_replications() {
    let inputs = inputs("identity", 3, &["length=10m"]);
    let result = run_all(&inputs, 2);
    let again = result.numbers.iter().copied().zip(result.replications.iter().cloned());
    let mut again: Vec<_> = again.collect();
    again.reverse();
    assert_eq!(RunResult::of(again, &Shape::of(&inputs.plan)), result);
    let fewer = run_all(&RunInputs { replications: 2, ..inputs }, 1);
    assert_eq!(fewer.replications, result.replications[..2], "a replication is by itself");
}

#[test]
fn the_identity_loses_nothing() {
    let inputs = inputs("identity", 4, &[]);
    let result = run_all(&inputs, 2);
    let all = &result.pooled.all;
    assert!(all.top_ups > 140_000, "10/s for an hour, four times");
    assert_eq!(
        (all.successes(), all.attempts, all.captures),
        (all.top_ups, all.top_ups, all.top_ups)
    );
    assert_eq!(all.amount, 10_000 * u128::from(all.top_ups));
    assert_eq!(result.pooled.ledger.credited, result.pooled.ledger.captured);
    assert!(estimate::causes(&result).is_empty());
    let arrivals: u64 = result.pooled.timeline.buckets.iter().map(|b| b.arrivals).sum();
    assert_eq!(arrivals, all.top_ups, "without warm-up the timeline holds the cohort");
    let series = timeline(&result, &inputs.plan).series;
    assert_eq!(series[0].metric, "success_share");
}

/// Share of successes of one replication of a scenario with these values.
fn success(name: &str, sets: &[&str]) -> f64 {
    let result = run_all(&inputs(name, 1, sets), 1);
    result.pooled.all.successes() as f64 / result.pooled.all.top_ups as f64
}

#[test]
fn a_storm_of_queries_needs_queries() {
    let storm = ["length=70m", "warmup=40m"];
    let at_once = ["incidents.\"queries turned away\".at=0s"];
    let with = success("upi-query-storm-2025", &storm);
    let without = success("upi-query-storm-2025", &[&storm[..], &at_once].concat());
    assert!(with < 0.6 && without > 0.9, "{with} with queries, {without} without");
}

#[test]
fn what_loses_the_answers_of_a_provider_loses_its_notices() {
    let lost = ["length=60m"];
    let found = ["incidents.\"order state\".effect.lose=0%"];
    let cards = ["incidents.\"order state (cards)\".effect.lose=0%"];
    let with = success("taobao-2025-12-04", &lost);
    let without = success("taobao-2025-12-04", &[&lost[..], &found, &cards].concat());
    assert!(with < 0.3 && without > 0.95, "{with} with losses, {without} without");
}

/// Notes what it is told, and wishes to stop after some replications.
struct Watch<'c> {
    finished: Mutex<Vec<u32>>,
    last: Mutex<f64>,
    stop_after: usize,
    cancel: &'c AtomicBool,
}

impl Progress for Watch<'_> {
    fn advanced(&self, _: u32, fraction: f64) {
        assert!((0.0..=1.0).contains(&fraction));
        *self.last.lock().unwrap() = fraction;
    }

    fn finished(&self, replication: u32) {
        let mut finished = self.finished.lock().unwrap();
        finished.push(replication);
        self.cancel.store(finished.len() >= self.stop_after, Ordering::Relaxed);
    }
}

#[test]
fn whoever_stops_a_run_keeps_what_is_complete() {
    let inputs = inputs("kameng-promo", 6, &["length=80m"]);
    let cancel = AtomicBool::new(false);
    let finished = Mutex::new(Vec::new());
    let watch = Watch { finished, last: Mutex::new(0.0), stop_after: 2, cancel: &cancel };
    let stopped = run(&inputs, 1, &watch, &cancel);
    assert!(stopped.partial);
    let mut finished = watch.finished.into_inner().unwrap();
    finished.sort_unstable();
    assert_eq!(stopped.numbers, finished);
    assert_eq!(stopped.pooled.replications, 2);
    assert!(*watch.last.lock().unwrap() > 0.0, "progress was told");
    let whole = run_all(&inputs, 2);
    assert!(!whole.partial);
    for (number, summary) in stopped.numbers.iter().zip(&stopped.replications) {
        assert_eq!(*summary, whole.replications[*number as usize]);
    }
}

/// Keeps results in memory, and counts how many were found.
#[derive(Default)]
struct Memory {
    kept: Mutex<BTreeMap<(String, u32), Summary>>,
    found: Mutex<u32>,
}

impl Journal for Memory {
    fn find(&self, key: &str, replication: u32) -> Option<Summary> {
        let found = self.kept.lock().unwrap().get(&(key.to_owned(), replication)).cloned();
        *self.found.lock().unwrap() += u32::from(found.is_some());
        found
    }

    fn keep(&self, key: &str, replication: u32, summary: &Summary) {
        self.kept.lock().unwrap().insert((key.to_owned(), replication), summary.clone());
    }
}

/// Two arms of a study, of three and of two replications.
fn two_arms() -> [Arm; 2] {
    let arm = |name: &str, sets: &[&str]| Arm::of(name, &scenario("identity", sets));
    let length = "length=10m";
    [
        arm("as it is", &[length, "replications=3"]),
        arm("slow", &[length, "replications=2", "gateway.service=500ms"]),
    ]
}

fn done(arms: &[Arm], threads: usize, journal: &dyn Journal) -> Vec<(Job, Summary)> {
    let cancel = AtomicBool::new(false);
    let crew = Crew { threads, progress: &Unwatched, cancel: &cancel, journal };
    let done = run_jobs(arms, &Job::all(arms), &crew, |_, summary| summary);
    assert!(!done.partial);
    done.complete
}

#[test]
fn the_jobs_of_a_study_are_the_replications_of_its_arms() {
    let arms = two_arms();
    let complete = done(&arms, 2, &NoJournal);
    let order: Vec<_> = complete.iter().map(|(job, _)| (job.arm, job.replication)).collect();
    assert_eq!(order, [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)]);
    assert_eq!(complete, done(&arms, 1, &NoJournal), "threads change nothing");
    for (at, arm) in arms.iter().enumerate() {
        let own = complete.iter().filter(|(job, _)| job.arm == at).map(|(_, summary)| summary);
        assert!(own.eq(&run_all(&arm.inputs, 1).replications), "{}", arm.name);
    }
}

#[test]
fn a_study_finds_in_its_journal_what_it_has_done_before() {
    let (arms, memory) = (two_arms(), Memory::default());
    let first = done(&arms, 2, &memory);
    assert_eq!(*memory.found.lock().unwrap(), 0);
    assert_eq!(done(&arms, 2, &memory), first);
    assert_eq!(*memory.found.lock().unwrap(), 5);
    assert_ne!(arms[0].key, arms[1].key, "what differs in a value has results of its own");
    let renamed = scenario("identity", &["length=10m", "replications=9", "title=Another"]);
    assert_eq!(Arm::of("x", &renamed).key, arms[0].key, "names and numbers change no replication");
}
