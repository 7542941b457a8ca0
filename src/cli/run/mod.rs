//! `topup-sim run`: simulate a scenario, write its folder, show one screen.

pub(super) mod answer;
mod claims;
mod facts;
mod headline;
mod machine;
mod screen;

use std::path::PathBuf;
use std::time::Instant;

use self::answer::Answer;
use super::ending::{Ending, Failure, Outcome};
use super::overrides::{Overrides, Unread};
use super::progress::Bar;
use super::signals::Interrupt;
use super::terminal::Terminal;
use super::working::Working;
use crate::report::{self, Folder, number};
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

    #[command(flatten)]
    working: Working,

    /// Add journeys.csv, a sample of at most N raw top-ups over all replications
    #[arg(long, value_name = "N", value_parser = journeys)]
    journeys: Option<u32>,

    /// End with exit code 4 when a target is neither surely met nor surely missed
    #[arg(long)]
    strict: bool,

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
        self.working.refuse_more_events(scenario.size.events)?;
        scenario.warnings.iter().for_each(|warning| terminal.warning(warning));
        // Before the work: a folder that cannot be had should not cost a run.
        let name = report::folder_name(&scenario);
        let folder = Folder::open(&self.working.out, &name, self.working.force)?;
        let interrupt = Interrupt::watched()?;
        let (result, sample) = self.simulate(&scenario, &interrupt, terminal);
        if result.numbers.is_empty() {
            terminal.talk("interrupted before a replication was complete: there are no results");
            return Ok(Ending::Interrupted(interrupt.signal()));
        }
        let written =
            report::write(folder, &scenario, &result, self.working.charts(), sample.as_ref())?;
        written.warnings.iter().for_each(|warning| terminal.warning(warning));
        let answer = Answer::new(&scenario, &result, written.folder);
        let summary = || report::tables(&scenario, &result).summary;
        let text = answer.text(self.working.format, terminal.columns(), summary);
        terminal.result(&self.working.written(text))?;
        Ok(self.ending(&answer, &interrupt))
    }

    fn simulate(
        &self,
        scenario: &Scenario,
        interrupt: &Interrupt,
        terminal: &Terminal,
    ) -> (RunResult, Option<Sample>) {
        let inputs = RunInputs::of(scenario);
        let threads = self.working.threads();
        let begun = Instant::now();
        let bar = Bar::new(scenario.size.top_ups, scenario.replications, terminal.is_watched());
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

    fn ending(&self, answer: &Answer, interrupt: &Interrupt) -> Ending {
        if answer.about.is_partial {
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
