//! Runs a scenario with a retry policy that is written in Rust, beside the one that it names.
//!
//! `cargo run --release --example own_policy -- scenarios/psp-failover.toml length=10m`

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, anyhow};
use topup_sim::model::outcome::{Marks, Outcome};
use topup_sim::model::plan::Plan;
use topup_sim::model::retry::{Decision, Failure, Schedule, Seen};
use topup_sim::scenario::{self, ReadOptions, Source};
use topup_sim::study::{RunInputs, run, run::Unwatched};

/// Waits longer the more certain it is that the other side is in trouble, and never less than it
/// was told to. All that it knows comes from the failure: a schedule keeps nothing between calls.
#[derive(Debug)]
struct Considerate;

const SECOND: u64 = 1_000_000_000;

impl Schedule for Considerate {
    fn decide(&self, failure: &Failure) -> Decision {
        let first = match failure.seen {
            Seen::Overloaded | Seen::Throttled => 5 * SECOND,
            Seen::TimeOut | Seen::ConnectionLost | Seen::Unknown => 2 * SECOND,
            Seen::Refused => SECOND / 2,
            Seen::Conflict | Seen::Declined => return Decision::GiveUp,
        };
        if failure.attempt >= 4 || failure.elapsed > 60 * SECOND {
            return Decision::GiveUp;
        }
        let ceiling = first << (failure.attempt - 1);
        // the draw belongs to this attempt of this journey: the same in every run of the seed
        let pause = ceiling / 2 + failure.luck.draw().below(ceiling / 2);
        Decision::Retry(pause.max(failure.advice.retry_after.unwrap_or(0)))
    }
}

#[expect(clippy::print_stdout, reason = "an example of a few lines that talks to its developer")]
fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().context("the first argument is a scenario file")?;
    let options = ReadOptions { sets: arguments.collect(), ..ReadOptions::default() };
    let scenario = scenario::read(Source::File(PathBuf::from(path)), &options)
        .map_err(|faults| anyhow!(faults.render(false)))?;
    let mut own = Plan::clone(&scenario.plan);
    own.client.retry = own.client.retry.with_schedule(Arc::new(Considerate));
    for (name, plan) in [("as the file has it", scenario.plan.clone()), ("own", Arc::new(own))] {
        let inputs = RunInputs { plan, replications: 1, ..RunInputs::of(&scenario) };
        let result = run(&inputs, 1, &Unwatched, &AtomicBool::new(false));
        let all = &result.pooled.all;
        let successes = Outcome::ALL.iter().zip(&all.outcomes).filter(|(o, _)| o.is_success());
        let of_all = |n: u64| n as f64 / all.top_ups as f64;
        println!(
            "{name}: {:.2} % of {} top-ups succeed, {:.3} attempts each, {} charged twice",
            100.0 * of_all(successes.map(|(_, n)| n).sum()),
            all.top_ups,
            of_all(all.attempts),
            all.marked(Marks::DUPLICATE_CHARGE),
        );
    }
    Ok(())
}
