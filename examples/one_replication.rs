//! Runs one replication of a scenario on one thread, for instruction counts and profiles.
//!
//! `cargo run --release --example one_replication -- scenarios/double-11.toml length=10s`

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use topup_sim::scenario::{self, ReadOptions, Source};
use topup_sim::study::{RunInputs, run, run::Unwatched};

#[expect(clippy::print_stdout, reason = "an example of a few lines that talks to its developer")]
fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().context("the first argument is a scenario file")?;
    let options =
        ReadOptions { sets: arguments.collect(), replications: Some(1), ..ReadOptions::default() };
    let scenario = scenario::read(Source::File(PathBuf::from(path)), &options)
        .map_err(|faults| anyhow!(faults.render(false)))?;
    let inputs = RunInputs { replications: 1, ..RunInputs::of(&scenario) };
    let begun = Instant::now();
    let result = run(&inputs, 1, &Unwatched, &AtomicBool::new(false));
    let seconds = begun.elapsed().as_secs_f64();
    let summary = &result.pooled.run;
    println!(
        "{} top-ups in {seconds:.2} s: {:.3} million a second; {} events, {} live records of {} \
         bytes at most",
        summary.journeys,
        summary.journeys as f64 / seconds / 1e6,
        summary.events,
        summary.peak_live,
        topup_sim::model::world::RECORD_BYTES,
    );
    Ok(())
}
