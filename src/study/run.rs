//! Runs replications in parallel and folds them in the order of their numbers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::sample::{Sample, Sampler, Watch};
use crate::model::facts::Observer;
use crate::model::plan::Plan;
use crate::model::world::{self, Pace, Simulation, Totals};
use crate::record::{Recorder, Shape, Summary};

/// Events between two looks at progress and at the wish to stop.
const SLICE: u64 = 200_000;

/// What is to be run.
#[derive(Clone, Debug)]
pub struct RunInputs {
    /// The checked model.
    pub plan: Arc<Plan>,
    /// The seed of all replications.
    pub seed: u64,
    /// How many replications, numbered from 0.
    pub replications: u32,
}

/// What has been run. The same for any number of threads.
#[derive(Clone, Debug, PartialEq)]
pub struct RunResult {
    /// Numbers of the complete replications, upwards: a gap is possible in a partial result only.
    pub numbers: Vec<u32>,
    /// Their summaries, in the same order.
    pub replications: Vec<Summary>,
    /// All of them merged.
    pub pooled: Summary,
    /// Whether replications are missing because somebody wished to stop.
    pub partial: bool,
}

/// Who is told how a run goes on; called from several threads, in no particular order.
pub trait Progress: Sync {
    /// A replication has come this far, 0 to 1.
    fn advanced(&self, replication: u32, fraction: f64);

    /// A replication is complete.
    fn finished(&self, replication: u32);
}

/// Tells nobody.
pub struct Unwatched;

impl Progress for Unwatched {
    fn advanced(&self, _: u32, _: f64) {}

    fn finished(&self, _: u32) {}
}

/// Runs all replications on this many threads. Once `cancel` is set, replications under way are
/// given up, and what is complete makes a partial result.
///
/// # Panics
/// When a law does not hold in a replication: the message names its number and the seed.
pub fn run(
    inputs: &RunInputs,
    threads: usize,
    progress: &dyn Progress,
    cancel: &AtomicBool,
) -> RunResult {
    run_noting(inputs, threads, progress, cancel, None)
}

/// The same with a sample of at most `most` journeys of the complete replications, which changes no
/// result.
///
/// # Panics
/// When a law does not hold in a replication: the message names its number and the seed.
pub fn run_sampled(
    inputs: &RunInputs,
    most: u32,
    threads: usize,
    progress: &dyn Progress,
    cancel: &AtomicBool,
) -> (RunResult, Sample) {
    let sample = Mutex::new(Sample::new(most));
    let result = run_noting(inputs, threads, progress, cancel, Some(&sample));
    (result, sample.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn run_noting(
    inputs: &RunInputs,
    threads: usize,
    progress: &dyn Progress,
    cancel: &AtomicBool,
    sample: Option<&Mutex<Sample>>,
) -> RunResult {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1));
    let pool = pool.build().expect("the system has a thread to give");
    let ended: Vec<Ended> = pool.install(|| {
        let numbers = (0..inputs.replications).into_par_iter().with_max_len(1);
        let ended = |number| replication_or_fault(inputs, number, progress, cancel, sample);
        numbers.map(ended).collect()
    });
    fold(ended, &Shape::of(&inputs.plan))
}

/// How a replication ended: complete, given up, or with a broken law in words.
type Ended = Result<Option<Summary>, String>;

fn fold(ended: Vec<Ended>, shape: &Shape) -> RunResult {
    let mut complete = Vec::new();
    let mut partial = false;
    for (number, ended) in (0..).zip(ended) {
        // The lowest broken number speaks, whichever thread came to its fault first.
        match ended.unwrap_or_else(|fault| panic!("{fault}")) {
            Some(summary) => complete.push((number, summary)),
            None => partial = true,
        }
    }
    RunResult { partial, ..RunResult::of(complete, shape) }
}

impl RunResult {
    /// The result of replications that were run before, with their numbers; they fold in the order
    /// of these.
    pub fn of(mut complete: Vec<(u32, Summary)>, shape: &Shape) -> Self {
        complete.sort_by_key(|&(number, _)| number);
        let mut pooled = Summary::empty(shape);
        complete.iter().for_each(|(_, summary)| pooled.merge(summary));
        let (numbers, replications) = complete.into_iter().unzip();
        Self { numbers, replications, pooled, partial: false }
    }
}

fn replication_or_fault(
    inputs: &RunInputs,
    number: u32,
    progress: &dyn Progress,
    cancel: &AtomicBool,
    sample: Option<&Mutex<Sample>>,
) -> Ended {
    let run = || match sample {
        None => replication(inputs, number, progress, cancel),
        Some(sample) => replication_sampled(inputs, number, progress, cancel, sample),
    };
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        let text = text.unwrap_or("a panic without words");
        format!("replication {number} of seed {}: {text}", inputs.seed)
    })
}

fn replication(
    inputs: &RunInputs,
    number: u32,
    progress: &dyn Progress,
    cancel: &AtomicBool,
) -> Option<Summary> {
    let recorder = Recorder::new(&inputs.plan);
    let buckets = recorder.buckets();
    let (totals, recorder) = driven(inputs, number, recorder, buckets, progress, cancel)?;
    let summary = recorder.finish(&totals);
    progress.finished(number);
    Some(summary)
}

fn replication_sampled(
    inputs: &RunInputs,
    number: u32,
    progress: &dyn Progress,
    cancel: &AtomicBool,
    sample: &Mutex<Sample>,
) -> Option<Summary> {
    let recorder = Recorder::new(&inputs.plan);
    let buckets = recorder.buckets();
    let most = sample.lock().unwrap_or_else(PoisonError::into_inner).most();
    let watch = Watch { recorder, sampler: Sampler::new(most, inputs.seed, number) };
    let (totals, watch) = driven(inputs, number, watch, buckets, progress, cancel)?;
    let summary = watch.recorder.finish(&totals);
    // in whatever order replications end: the smallest hashes of all are the same
    sample.lock().unwrap_or_else(PoisonError::into_inner).merge(watch.sampler);
    progress.finished(number);
    Some(summary)
}

/// Drives a replication to its end, unless somebody wishes to stop.
fn driven<O: Observer>(
    inputs: &RunInputs,
    number: u32,
    observer: O,
    buckets: (u64, usize),
    progress: &dyn Progress,
    cancel: &AtomicBool,
) -> Option<(Totals, O)> {
    let plan = &*inputs.plan;
    let until = plan.horizon.last_arrival().max(1) as f64;
    let (seed, pace) = (inputs.seed, Pace::RunAhead);
    let mut simulation = Simulation::new(plan, seed, number.into(), pace, Some(buckets), observer);
    loop {
        if cancel.load(Ordering::Relaxed) {
            return None;
        }
        match simulation.advance(SLICE) {
            world::Progress::Running { now } => {
                progress.advanced(number, (now as f64 / until).min(1.0));
            }
            world::Progress::Finished => return Some(simulation.finish()),
        }
    }
}
