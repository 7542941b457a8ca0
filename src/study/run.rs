//! Runs replications in parallel and folds them in the order of their numbers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::sample::{Sample, Sampler, Watch};
use super::uncertain::drawn;
use crate::model::facts::Observer;
use crate::model::plan::Plan;
use crate::model::world::{self, Pace, Simulation, Totals};
use crate::record::{Recorder, Shape, Summary};
use crate::scenario::{Scenario, Uncertain};

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
    /// Values that are drawn once a replication, if any are.
    pub uncertain: Option<Arc<Uncertain>>,
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

/// Who is told how work goes on; called from several threads, in no particular order. A piece of
/// work is a replication: of a run by its number, of a study by its place among the jobs.
pub trait Progress: Sync {
    /// A piece has come this far, 0 to 1.
    fn advanced(&self, piece: u32, fraction: f64);

    /// A piece is complete, and kept where results are kept: a process that is killed now does not
    /// lose it.
    fn finished(&self, piece: u32);
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
    let (complete, partial) = in_parallel(threads, inputs.replications, |number| {
        let watch = Watched { progress, piece: number, cancel };
        or_fault(inputs, number, || {
            let summary = match sample {
                None => replication(inputs, number, &watch),
                Some(sample) => replication_sampled(inputs, number, &watch, sample),
            }?;
            progress.finished(number);
            Some(summary)
        })
    });
    RunResult { partial, ..RunResult::of(complete, &Shape::of(&inputs.plan)) }
}

/// How a piece of work ended: complete, given up, or with a broken law in words.
pub(super) type Ended<T> = Result<Option<T>, String>;

/// Works on the pieces 0 to `count` on so many threads: those that are complete, upwards, and
/// whether any was given up. Pieces begin in their order, so that all but the last few that have
/// begun are complete at any time.
///
/// # Panics
/// With the words of the lowest piece that broke a law, whichever thread came to its fault first.
pub(super) fn in_parallel<T: Send>(
    threads: usize,
    count: u32,
    work: impl Fn(u32) -> Ended<T> + Sync,
) -> (Vec<(u32, T)>, bool) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1));
    let pool = pool.build().expect("the system has a thread to give");
    let mut ended: Vec<(u32, Ended<T>)> =
        pool.install(|| (0..count).par_bridge().map(|piece| (piece, work(piece))).collect());
    ended.sort_unstable_by_key(|&(piece, _)| piece);
    let mut complete = Vec::new();
    let mut partial = false;
    for (piece, ended) in ended {
        match ended.unwrap_or_else(|fault| panic!("{fault}")) {
            Some(result) => complete.push((piece, result)),
            None => partial = true,
        }
    }
    (complete, partial)
}

/// Who watches a piece of work, and may wish it to stop.
pub(super) struct Watched<'a> {
    pub(super) progress: &'a dyn Progress,
    pub(super) piece: u32,
    pub(super) cancel: &'a AtomicBool,
}

impl RunInputs {
    /// What a scenario asks for.
    pub fn of(scenario: &Scenario) -> Self {
        let (seed, replications) = (scenario.seed, scenario.replications);
        let uncertain = scenario.uncertain.clone();
        Self { plan: scenario.plan.clone(), seed, replications, uncertain }
    }

    /// The plan of a replication: that of all, or one with values of its own.
    ///
    /// # Panics
    /// When no draw of all values together can run.
    pub fn plan_of(&self, number: u32) -> Arc<Plan> {
        match &self.uncertain {
            None => self.plan.clone(),
            Some(uncertain) => Arc::new(drawn(uncertain, self.seed, number).1),
        }
    }
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

/// Runs a replication; a law that it breaks becomes words.
pub(super) fn or_fault<T>(
    inputs: &RunInputs,
    number: u32,
    run: impl FnOnce() -> Option<T>,
) -> Ended<T> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        let text = text.unwrap_or("a panic without words");
        format!("replication {number} of seed {}: {text}", inputs.seed)
    })
}

/// One replication; none if somebody wished to stop.
pub(super) fn replication(inputs: &RunInputs, number: u32, watch: &Watched) -> Option<Summary> {
    let plan = inputs.plan_of(number);
    let recorder = Recorder::new(&plan);
    let buckets = recorder.buckets();
    let (totals, recorder) = driven((&plan, inputs.seed), number, recorder, buckets, watch)?;
    Some(recorder.finish(&totals))
}

fn replication_sampled(
    inputs: &RunInputs,
    number: u32,
    watch: &Watched,
    sample: &Mutex<Sample>,
) -> Option<Summary> {
    let plan = inputs.plan_of(number);
    let recorder = Recorder::new(&plan);
    let buckets = recorder.buckets();
    let most = sample.lock().unwrap_or_else(PoisonError::into_inner).most();
    let observer = Watch { recorder, sampler: Sampler::new(most, inputs.seed, number) };
    let (totals, observer) = driven((&plan, inputs.seed), number, observer, buckets, watch)?;
    let summary = observer.recorder.finish(&totals);
    // in whatever order replications end: the smallest hashes of all are the same
    sample.lock().unwrap_or_else(PoisonError::into_inner).merge(observer.sampler);
    Some(summary)
}

/// Drives a replication to its end, unless somebody wishes to stop.
fn driven<O: Observer>(
    (plan, seed): (&Plan, u64),
    number: u32,
    observer: O,
    buckets: (u64, usize),
    watch: &Watched,
) -> Option<(Totals, O)> {
    let until = plan.horizon.last_arrival().max(1) as f64;
    let pace = Pace::RunAhead;
    let mut simulation = Simulation::new(plan, seed, number.into(), pace, Some(buckets), observer);
    loop {
        if watch.cancel.load(Ordering::Relaxed) {
            return None;
        }
        match simulation.advance(SLICE) {
            world::Progress::Running { now } => {
                watch.progress.advanced(watch.piece, (now as f64 / until).min(1.0));
            }
            world::Progress::Finished => return Some(simulation.finish()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn pieces_come_in_the_order_of_their_numbers_whenever_they_end() {
        // the earlier a piece, the longer it takes
        let slow = |piece: u32| {
            std::thread::sleep(Duration::from_millis(u64::from(8 - piece)));
            Ok(Some(10 * piece))
        };
        let expected: Vec<(u32, u32)> = (0..8).map(|piece| (piece, 10 * piece)).collect();
        assert_eq!(in_parallel(4, 8, slow), (expected, false));
    }
}
