//! `topup-sim run`: simulate a scenario, write its folder, show one screen.

pub(super) mod answer;
mod assumptions;
mod claims;
mod costs;
mod facts;
mod headline;
mod machine;
mod precision;
mod recoveries;
pub(super) mod screen;

use std::path::PathBuf;
use std::time::Instant;

use self::answer::Answer;
use self::precision::{Aim, Aimed};
use super::ending::{Ending, Outcome};
use super::overrides::{Overrides, Unread};
use super::progress::Bar;
use super::resuming::{Resuming, how_to_go_on};
use super::signals::Interrupt;
use super::terminal::Terminal;
use super::working::Working;
use crate::report::{self, Beside, number};
use crate::scenario::Scenario;
use crate::store::JournalFile;
use crate::study::{self, Arm, Crew, RunInputs, RunResult, SAMPLE_MAX, Sample};

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

    #[command(flatten)]
    aim: Aim,

    #[command(flatten)]
    resuming: Resuming,

    /// Add journeys.csv, a sample of at most N raw top-ups over all replications
    #[arg(long, value_name = "N", value_parser = journeys, conflicts_with = "resume")]
    journeys: Option<u32>,

    /// Run a variant of the scenario
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,

    /// End with exit code 4 when a target is neither surely met nor surely missed
    #[arg(long)]
    strict: bool,
}

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        let variant = self.variant.as_deref();
        let read = self.overrides.read_variant(&self.scenario, variant, terminal);
        let mut scenario = match read {
            Ok(scenario) => scenario,
            Err(Unread::Shown) => return Ok(Ending::Invalid),
            Err(Unread::Failed(failure)) => return Err(failure),
        };
        self.working.refuse_more_events(scenario.size.events)?;
        let aimed = self.aim.at(&scenario, self.journeys.is_some())?;
        if let Some(aimed) = &aimed {
            scenario = aimed.planned(scenario);
        }
        scenario.warnings.iter().for_each(|warning| terminal.warning(warning));
        // Before the work: a folder that cannot be had should not cost a run.
        let name = report::folder_name(&scenario);
        let (folder, journal) = self.resuming.open(&self.working, &name, terminal)?;
        let interrupt = Interrupt::watched()?;
        let (result, sample) =
            self.simulate(&scenario, aimed.as_ref(), &journal, &interrupt, terminal);
        journal.trouble().iter().for_each(|trouble| terminal.warning(trouble));
        if result.partial && !journal.is_empty() {
            let asked = scenario.replications.into();
            terminal.talk(&how_to_go_on(journal.len(), Some(asked), &folder));
        }
        drop(journal);
        if result.numbers.is_empty() {
            terminal.talk("interrupted before a replication was complete: there are no results");
            return Ok(Ending::Interrupted(interrupt.signal()));
        }
        let precise = aimed.map(|aimed| aimed.reached(&mut scenario, &result));
        let beside = Beside { sample: sample.as_ref(), precise: precise.as_ref() };
        let written = report::write(folder, &scenario, &result, self.working.charts(), beside)?;
        written.warnings.iter().for_each(|warning| terminal.warning(warning));
        let answer = Answer { precise, ..Answer::new(&scenario, &result, written.folder) };
        let summary = || report::tables(&scenario, &result).summary;
        let text = answer.text(self.working.format, terminal.columns(), summary);
        terminal.result(&self.working.written(text))?;
        Ok(self.ending(&answer, &interrupt))
    }

    fn simulate(
        &self,
        scenario: &Scenario,
        aimed: Option<&Aimed>,
        journal: &JournalFile,
        interrupt: &Interrupt,
        terminal: &Terminal,
    ) -> (RunResult, Option<Sample>) {
        let threads = self.working.threads();
        let begun = Instant::now();
        let bar = Bar::new(scenario.size.top_ups, scenario.replications, terminal.is_watched());
        let crew = Crew { threads, progress: &bar, cancel: interrupt.wish(), journal };
        let arm = || Arm::of(&scenario.name, scenario);
        let (result, sample) = match (aimed, self.journeys) {
            (Some(aimed), _) => (aimed.run(&arm(), &crew), None),
            (None, None) => (study::run_arm(arm(), &crew), None),
            // a sample is not kept: these replications are run as a whole
            (None, Some(most)) => {
                let inputs = RunInputs::of(scenario);
                let ran = study::run_sampled(&inputs, most, threads, &bar, interrupt.wish());
                (ran.0, Some(ran.1))
            }
        };
        bar.clear();
        terminal.talk(&pace(result.pooled.run.journeys, begun.elapsed().as_secs_f64(), threads));
        (result, sample)
    }

    fn ending(&self, answer: &Answer, interrupt: &Interrupt) -> Ending {
        if answer.about.is_partial {
            return Ending::Interrupted(interrupt.signal());
        }
        match (answer.is_missed(), answer.is_unsure() && self.strict) {
            (true, _) => Ending::TargetMissed,
            (false, true) => Ending::TargetUncertain,
            (false, false) => Ending::Fine,
        }
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
pub(super) fn pace(top_ups: u64, seconds: f64, threads: usize) -> String {
    let threads = if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
    let each = number::fixed(top_ups as f64 / seconds.max(1e-9), 0);
    format!(
        "simulated {} top-ups in {} ({each} a second) with {threads}",
        number::count(top_ups),
        number::span(seconds),
    )
}
