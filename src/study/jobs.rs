//! Studies of several arms: each replication of each arm is a job, and jobs run in parallel.

use std::sync::atomic::{AtomicBool, Ordering};

use super::run::{Progress, RunInputs, RunResult, Watched, in_parallel, or_fault, replication};
use crate::record::{Shape, Summary};
use crate::scenario::Scenario;

/// One arm of a study: a scenario under values of its own.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Names the arm in tables; one of a kind within its study.
    pub name: String,
    /// What single replications of the arm depend on, as a hash: two arms with the same key have
    /// the same replications.
    pub key: String,
    /// What is to be run.
    pub inputs: RunInputs,
}

impl Arm {
    /// The arm of a scenario.
    pub fn of(name: &str, scenario: &Scenario) -> Self {
        let key = scenario.replication_key.clone();
        Self { name: name.to_owned(), key, inputs: RunInputs::of(scenario) }
    }
}

/// One replication of one arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Job {
    /// Place of the arm in its study.
    pub arm: usize,
    /// Number of the replication.
    pub replication: u32,
}

impl Job {
    /// The first replications of every arm, as many as each asks for: replication by replication,
    /// so that an interrupted study has about as many of each arm.
    pub fn all(arms: &[Arm]) -> Vec<Self> {
        let most = arms.iter().map(|arm| arm.inputs.replications).max().unwrap_or(0);
        let of = |replication| {
            let wanted = move |(_, arm): &(usize, &Arm)| replication < arm.inputs.replications;
            arms.iter().enumerate().filter(wanted).map(move |(arm, _)| Job { arm, replication })
        };
        (0..most).flat_map(of).collect()
    }
}

/// Where results of single replications are kept, so that an interrupted study can go on.
pub trait Journal: Sync {
    /// The result of a replication under a key of [`Arm::key`], if it is kept.
    fn find(&self, key: &str, replication: u32) -> Option<Summary>;

    /// Keeps the result of a replication. What is kept survives a process that is killed.
    fn keep(&self, key: &str, replication: u32, summary: &Summary);
}

/// Keeps nothing.
pub struct NoJournal;

impl Journal for NoJournal {
    fn find(&self, _: &str, _: u32) -> Option<Summary> {
        None
    }

    fn keep(&self, _: &str, _: u32, _: &Summary) {}
}

/// Who works on a study, who watches, and where results are kept.
pub struct Crew<'a> {
    /// Threads; results are the same for any number.
    pub threads: usize,
    /// Is told of jobs by their places.
    pub progress: &'a dyn Progress,
    /// Set once somebody wishes to stop: jobs under way are given up.
    pub cancel: &'a AtomicBool,
    /// Where results of single replications are kept.
    pub journal: &'a dyn Journal,
}

/// What has been done of a list of jobs.
#[derive(Clone, Debug, PartialEq)]
pub struct Done<T> {
    /// The complete jobs in the order of the list.
    pub complete: Vec<(Job, T)>,
    /// Whether jobs are missing because somebody wished to stop.
    pub partial: bool,
}

/// Runs jobs and condenses the result of each as soon as it is there, so that a large study holds
/// no more than it needs.
///
/// # Panics
/// When a law does not hold in a replication: the message names arm, number and seed.
pub fn run_jobs<T: Send>(
    arms: &[Arm],
    jobs: &[Job],
    crew: &Crew,
    condense: impl Fn(Job, Summary) -> T + Sync,
) -> Done<T> {
    run_from(0, arms, jobs, crew, condense)
}

/// The same, where so many pieces of the work that is watched were done before.
fn run_from<T: Send>(
    first: u32,
    arms: &[Arm],
    jobs: &[Job],
    crew: &Crew,
    condense: impl Fn(Job, Summary) -> T + Sync,
) -> Done<T> {
    let count = u32::try_from(jobs.len()).expect("a study has fewer than 2^32 jobs");
    let (complete, partial) = in_parallel(crew.threads, count, |piece| {
        let job = jobs[piece as usize];
        let arm = &arms[job.arm];
        let run =
            || summary_of(arm, job.replication, first + piece, crew).map(|s| condense(job, s));
        or_fault(&arm.inputs, job.replication, run)
            .map_err(|fault| format!("{}: {fault}", arm.name))
    });
    let complete = complete.into_iter().map(|(piece, result)| (jobs[piece as usize], result));
    Done { complete: complete.collect(), partial }
}

/// Runs every replication of one arm, as [`run`](super::run()) does, but for those that the journal
/// holds.
///
/// # Panics
/// When a law does not hold in a replication: the message names arm, number and seed.
pub fn run_arm(arm: Arm, crew: &Crew) -> RunResult {
    let shape = Shape::of(&arm.inputs.plan);
    let arms = [arm];
    let done = run_jobs(&arms, &Job::all(&arms), crew, |job, summary| (job.replication, summary));
    let complete = done.complete.into_iter().map(|(_, numbered)| numbered).collect();
    RunResult { partial: done.partial, ..RunResult::of(complete, &shape) }
}

/// Runs replications of one arm up to the first of the planned looks at which there are enough of
/// them, or to the last look; what the journal holds is not run again. The result is that of a run
/// of so many replications.
///
/// # Panics
/// When a law does not hold in a replication: the message names arm, number and seed.
pub fn run_looking(
    arm: &Arm,
    looks: &[u32],
    crew: &Crew,
    mut enough: impl FnMut(&[Summary]) -> bool,
) -> RunResult {
    let (mut numbers, mut summaries, mut partial) = (Vec::new(), Vec::new(), false);
    for &look in looks {
        let first = numbers.len() as u32;
        let jobs: Vec<Job> = (first..look).map(|replication| Job { arm: 0, replication }).collect();
        let done = run_from(first, std::slice::from_ref(arm), &jobs, crew, |_, summary| summary);
        for (job, summary) in done.complete {
            numbers.push(job.replication);
            summaries.push(summary);
        }
        partial = done.partial;
        if partial || enough(&summaries) {
            break;
        }
    }
    let complete = numbers.into_iter().zip(summaries).collect();
    RunResult { partial, ..RunResult::of(complete, &Shape::of(&arm.inputs.plan)) }
}

/// The summary of a replication, from the journal if that has it.
fn summary_of(arm: &Arm, number: u32, piece: u32, crew: &Crew) -> Option<Summary> {
    // before anything is set up for it: there may be a hundred thousand jobs left
    if crew.cancel.load(Ordering::Relaxed) {
        return None;
    }
    if let Some(kept) = crew.journal.find(&arm.key, number) {
        crew.progress.finished(piece);
        return Some(kept);
    }
    let watch = Watched { progress: crew.progress, piece, cancel: crew.cancel };
    let summary = replication(&arm.inputs, number, &watch)?;
    crew.journal.keep(&arm.key, number, &summary);
    crew.progress.finished(piece);
    Some(summary)
}
