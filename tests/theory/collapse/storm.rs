//! The scenario of the storm, and what is seen of a run.

use std::ops::Range;
use std::path::PathBuf;

use topup_sim::model::facts::{Fact, Observer};
use topup_sim::model::world::{Pace, Progress, Simulation};
use topup_sim::scenario::{ReadOptions, Scenario, Source, read};
use topup_sim::study::verify::metastable::Class;
use topup_sim::study::verify::storm::STORM;

/// The end of the run, s.
const END: usize = 400;
/// When the worker goes on, s.
pub(crate) const THAWED: usize = 70;
/// Where a run is judged, s.
const JUDGED: Range<usize> = 340..400;
/// Counts by second of simulated time.
#[derive(Default)]
struct Counts {
    attempts: Vec<u64>,
    successes: Vec<u64>,
}

impl Observer for Counts {
    fn note(&mut self, fact: Fact) {
        let count = |seconds: &mut Vec<u64>, at: u64| {
            let second = (at / 1_000_000_000) as usize;
            seconds.resize(seconds.len().max(second + 1), 0);
            seconds[second] += 1;
        };
        match fact {
            Fact::Attempt { at, .. } => count(&mut self.attempts, at),
            Fact::CallEnded { at, succeeded: true, .. } => count(&mut self.successes, at),
            _ => {}
        }
    }
}

/// One run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// Calls that succeed in time, per second, at the end of the run.
    pub(crate) goodput: f64,
    /// Attempts per second there.
    pub(crate) attempts: f64,
    /// The first second from the thaw on that begins ten in which all but one in twenty of those
    /// who come succeed.
    pub(crate) recovered: Option<usize>,
}

impl Run {
    fn of(counts: &Counts, lambda: f64) -> Self {
        let rate = |seconds: &[u64], span: Range<usize>| {
            let count: u64 = seconds.iter().take(span.end).skip(span.start).sum();
            count as f64 / span.len() as f64
        };
        let successes = |span| rate(&counts.successes, span);
        Self {
            goodput: successes(JUDGED),
            attempts: rate(&counts.attempts, JUDGED),
            recovered: (THAWED..END - 10).find(|&at| successes(at..at + 10) >= 0.95 * lambda),
        }
    }
}

/// The storm with `lambda` top-ups a second and these settings.
pub(crate) fn scenario<S: AsRef<str>>(lambda: f64, sets: &[S]) -> Scenario {
    let identity = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios/identity.toml");
    let rate = format!("arrivals.rate=\"{lambda}/s\"");
    let base = STORM.into_iter().chain(["length=\"400s\"", rate.as_str()]);
    let sets = base.chain(sets.iter().map(AsRef::as_ref));
    let sets = sets.map(str::to_owned).collect();
    let options = ReadOptions { sets, ..ReadOptions::default() };
    read(Source::File(identity), &options).unwrap_or_else(|f| panic!("{f}"))
}

/// Three runs of it.
pub(crate) fn storm<S: AsRef<str>>(lambda: f64, sets: &[S]) -> Vec<Run> {
    let scenario = scenario(lambda, sets);
    let run = |number| {
        let (plan, pace) = (&scenario.plan, Pace::RunAhead);
        let counts = Counts::default();
        let mut simulation = Simulation::new(plan, scenario.seed, number, pace, None, counts);
        while simulation.advance(100_000) != Progress::Finished {}
        Run::of(&simulation.finish().1, lambda)
    };
    (0..3).map(run).collect()
}

/// The class of these runs: back is who serves nine in ten of those who come, down who serves less
/// than one in ten.
pub(crate) fn class(lambda: f64, runs: &[Run]) -> Class {
    if runs.iter().all(|run| run.goodput > 0.9 * lambda) {
        Class::Recovers
    } else if runs.iter().all(|run| run.goodput < 0.1 * lambda) {
        Class::Never
    } else {
        Class::Marginal
    }
}

/// Tells what was seen, where it is asked for with `TOPUP_SIM_SCORES=1`.
#[expect(clippy::print_stderr, reason = "what was measured is for people")]
pub(crate) fn tell(name: &str, lambda: f64, runs: &[Run]) {
    if std::env::var_os("TOPUP_SIM_SCORES").is_some() {
        let back: Vec<Option<usize>> = runs.iter().map(|run| run.recovered).collect();
        let (goodput, attempts) = (mean(runs, |r| r.goodput), mean(runs, |r| r.attempts));
        let class = class(lambda, runs);
        eprintln!(
            "{name}: {class:?}, {goodput:.1} of {attempts:.1} attempts/s, back at {back:?} s"
        );
    }
}

pub(crate) fn mean(runs: &[Run], of: impl Fn(&Run) -> f64) -> f64 {
    runs.iter().map(of).sum::<f64>() / runs.len() as f64
}
