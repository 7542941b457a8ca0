//! `topup-sim run`: simulate a scenario, write its folder, show one screen.

mod answer;
mod claims;
mod facts;
mod headline;
mod machine;
mod progress;
mod screen;
mod signals;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Instant;

use self::answer::Answer;
use self::progress::Bar;
use self::signals::Interrupt;
use super::ending::{Ending, Failure, Outcome};
use super::grid::Format;
use super::look::LookArgs;
use super::overrides::{Overrides, Unread};
use super::terminal::Terminal;
use crate::report::{self, Charts, Folder, number};
use crate::scenario::Scenario;
use crate::study::{self, RunInputs, RunResult, SAMPLE_MAX, Sample};

/// Simulate a scenario: CSV files, charts, and one screen of results
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  topup-sim run scenarios/amazon-cn-balance.toml
  topup-sim run scenarios/kameng-promo.toml --set gateway.workers=40 --replications 10
  topup-sim run mine.toml --format json | jq '.metrics[] | select(.metric == \"success_share\")'")]
pub(super) struct Args {
    /// Scenario file; `-` is standard input
    scenario: PathBuf,

    #[command(flatten)]
    overrides: Overrides,

    /// Threads; results are the same for any number [default: all cores]
    #[arg(long, short = 'j', value_name = "N", value_parser = threads)]
    threads: Option<NonZeroUsize>,

    /// Folder in which the run gets a folder of its own
    #[arg(long, short, value_name = "DIR", default_value = "output")]
    out: PathBuf,

    /// Replace files in the run's folder that are not from topup-sim
    #[arg(long)]
    force: bool,

    /// Write no charts
    #[arg(long)]
    no_charts: bool,

    /// Add journeys.csv, a sample of at most N raw top-ups over all replications
    #[arg(long, value_name = "N", value_parser = journeys)]
    journeys: Option<u32>,

    /// How to print the results
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// End with exit code 4 when a target is neither surely met nor surely missed
    #[arg(long)]
    strict: bool,

    /// Refuse a run that would take more events than this, by its estimate
    #[arg(long, value_name = "N")]
    max_events: Option<u64>,

    #[command(flatten)]
    look: LookArgs,

    /// Draw values from their ranges, once a replication
    #[arg(long, hide = true)]
    uncertainty: bool,
}

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        self.refuse_uncertainty()?;
        let scenario = match self.overrides.read(&self.scenario, terminal) {
            Ok(scenario) => scenario,
            Err(Unread::Shown) => return Ok(Ending::Invalid),
            Err(Unread::Failed(failure)) => return Err(failure),
        };
        self.refuse_more_events(&scenario)?;
        scenario.warnings.iter().for_each(|warning| terminal.warning(warning));
        // Before the work: a folder that cannot be had should not cost a run.
        let folder = Folder::open(&self.out, &report::folder_name(&scenario), self.force)?;
        let interrupt = Interrupt::watched()?;
        let (result, sample) = self.simulate(&scenario, &interrupt, terminal);
        if result.numbers.is_empty() {
            terminal.talk("interrupted before a replication was complete: there are no results");
            return Ok(Ending::Interrupted(interrupt.signal()));
        }
        let written = report::write(folder, &scenario, &result, self.charts(), sample.as_ref())?;
        written.warnings.iter().for_each(|warning| terminal.warning(warning));
        let answer = Answer::new(&scenario, &result, written.folder);
        let text = answer.text(self.format, terminal.columns());
        terminal.result(&self.look.written(text, self.format))?;
        Ok(self.ending(&answer, &interrupt))
    }

    fn simulate(
        &self,
        scenario: &Scenario,
        interrupt: &Interrupt,
        terminal: &Terminal,
    ) -> (RunResult, Option<Sample>) {
        let inputs = RunInputs {
            plan: scenario.plan.clone(),
            seed: scenario.seed,
            replications: scenario.replications,
        };
        let threads = self.threads.or_else(|| std::thread::available_parallelism().ok());
        let threads = threads.map_or(1, NonZeroUsize::get);
        let begun = Instant::now();
        let bar = Bar::new(scenario, terminal.is_watched());
        let (result, sample) = match self.journeys {
            None => (study::run(&inputs, threads, &bar, interrupt.wish()), None),
            Some(most) => {
                let ran = study::run_sampled(&inputs, most, threads, &bar, interrupt.wish());
                (ran.0, Some(ran.1))
            }
        };
        bar.clear();
        terminal.talk(&pace(&result, begun.elapsed().as_secs_f64(), threads));
        (result, sample)
    }

    fn charts(&self) -> Charts {
        if self.no_charts { Charts::LeftOut } else { Charts::Drawn(self.look.look()) }
    }

    fn ending(&self, answer: &Answer, interrupt: &Interrupt) -> Ending {
        if answer.is_partial() {
            return Ending::Interrupted(interrupt.signal());
        }
        match (answer.is_missed(), answer.is_uncertain() && self.strict) {
            (true, _) => Ending::TargetMissed,
            (false, true) => Ending::TargetUncertain,
            (false, false) => Ending::Fine,
        }
    }

    fn refuse_uncertainty(&self) -> Result<(), Failure> {
        let refused = "--uncertainty is not there yet: the ranges of values are checked and \
             recorded in manifest.json, and will be drawn by the policy laboratory";
        if self.uncertainty { Err(Failure::Invalid(refused.to_owned())) } else { Ok(()) }
    }

    fn refuse_more_events(&self, scenario: &Scenario) -> Result<(), Failure> {
        let events = scenario.size.events;
        match self.max_events {
            Some(most) if events > most as f64 => Err(Failure::Invalid(format!(
                "the run would take about {} events, and --max-events allows {}",
                number::fixed(events, 0),
                number::count(most),
            ))),
            _ => Ok(()),
        }
    }
}

fn threads(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "a whole number from 1 on is needed")
}

/// None at all is what a run does anyway.
fn journeys(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (1..=SAMPLE_MAX).contains(number));
    number.ok_or_else(|| {
        format!("a whole number from 1 to {} is needed", number::count(SAMPLE_MAX.into()))
    })
}

/// What was done in which time: talk, since it differs from run to run.
fn pace(result: &RunResult, seconds: f64, threads: usize) -> String {
    let top_ups = result.pooled.run.journeys;
    let threads = if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
    let each = number::fixed(top_ups as f64 / seconds.max(1e-9), 0);
    format!(
        "simulated {} top-ups in {} ({each} a second) with {threads}",
        number::count(top_ups),
        number::span(seconds),
    )
}
