//! Does the engine serve a model that knows nothing of payments? The AWS study of back-off.
//!
//! `cargo run --release --example aws_backoff` runs every published case with as many replications
//! as the publisher, and says how far both means lie apart. Results do not depend on threads.
//!
//! `cargo run --release --example aws_backoff -- picture.svg` draws the classic picture as well.

mod model;
mod picture;

use std::process::ExitCode;

use anyhow::{Context, Result};
use model::{MS, Outcome, Policy, Published, Setup, replicate, waits};
use topup_sim::engine::{Seed, TimingWheel};
use topup_sim::stats::{mean_t, standard_error};

/// Differences of this many standard errors are a failure.
const BOUND: f64 = 3.0;
/// The only seed ever used; a better one was not looked for.
const SEED: u64 = 1;

/// A case with what this program came to.
struct Case {
    published: Published,
    time: (f64, f64),
    calls: (f64, f64),
}

impl Case {
    fn of(published: Published) -> Self {
        let setup = Setup::published(published.clients, published.policy);
        let outcomes = replicate::<TimingWheel<_>>(&setup, SEED, published.replications);
        let time = measured(&outcomes, |outcome| outcome.time as f64 / MS as f64);
        Case { published, time, calls: measured(&outcomes, |outcome| outcome.calls as f64) }
    }

    /// Both differences in standard errors of the difference.
    fn differences(&self) -> [f64; 2] {
        let pairs = [(self.time, self.published.time), (self.calls, self.published.calls)];
        pairs.map(|(own, published)| {
            let error = own.1.hypot(published.1);
            let difference = own.0 - published.0;
            if difference.abs() < 1e-9 { 0.0 } else { difference / error }
        })
    }

    fn is_reproduced(&self) -> bool {
        self.differences().iter().all(|difference| difference.abs() < BOUND)
    }
}

/// Mean and standard error.
fn measured(outcomes: &[Outcome], of: impl Fn(&Outcome) -> f64) -> (f64, f64) {
    let values: Vec<f64> = outcomes.iter().map(of).collect();
    let mean = mean_t(&values, 0.95).map_or(f64::NAN, |estimate| estimate.value);
    (mean, standard_error(&values).unwrap_or(f64::NAN))
}

#[expect(clippy::print_stdout, reason = "an example prints its own table")]
fn main() -> Result<ExitCode> {
    println!(
        "{:>7} {:<12} {:>6}  {:>22} {:>22} {:>6}  {:>18} {:>18} {:>6}  verdict",
        "clients",
        "policy",
        "runs",
        "time published, ms",
        "own",
        "diff",
        "calls published",
        "own",
        "diff",
    );
    let mut cases = Vec::new();
    for published in model::published() {
        let case = Case::of(published);
        println!("{}", line(&case));
        cases.push(case);
    }
    let missed = cases.iter().filter(|case| !case.is_reproduced()).count();
    println!(
        "diff: own - published, in standard errors of the difference; reproduced below {BOUND}: \
         {} of {}",
        cases.len() - missed,
        cases.len(),
    );
    Policy::ALL.into_iter().for_each(|policy| println!("{}", mean_waits(policy)));
    if let Some(path) = std::env::args_os().nth(1) {
        let svg = picture::drawn(&cases.iter().map(point).collect::<Vec<_>>())?;
        std::fs::write(&path, svg).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn line(case: &Case) -> String {
    let Published { clients, policy, replications, time, calls } = case.published;
    let [time_apart, calls_apart] = case.differences();
    let with_error = |(mean, error): (f64, f64)| format!("{mean:.2} ± {error:.2}");
    format!(
        "{clients:>7} {:<12} {replications:>6}  {:>22} {:>22} {time_apart:>6.2}  {:>18} {:>18} \
         {calls_apart:>6.2}  {}",
        policy.name(),
        with_error(time),
        with_error(case.time),
        with_error(calls),
        with_error(case.calls),
        if case.is_reproduced() { "reproduced" } else { "MISSED" },
    )
}

/// What a client waits on average after its first failures.
fn mean_waits(policy: Policy) -> String {
    const CLIENTS: u64 = 100_000;
    let setup = Setup::published(1, policy);
    let all: Vec<Vec<u64>> =
        (0..CLIENTS).map(|number| waits(&setup, Seed::new(SEED, number), 5)).collect();
    let mean = |k: usize| {
        let sum: u64 = all.iter().map(|waits| waits[k]).sum();
        format!("{:>7.2}", sum as f64 / MS as f64 / CLIENTS as f64)
    };
    let means: Vec<String> = (0..5).map(mean).collect();
    format!("mean waits of {:<12} after failures 1 to 5, ms: {}", policy.name(), means.join(" "))
}

fn point(case: &Case) -> picture::Point {
    let Published { clients, policy, .. } = case.published;
    picture::Point { clients, policy, time_ms: case.time.0, calls: case.calls.0 }
}
