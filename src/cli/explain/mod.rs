//! `topup-sim explain`: one top-up from its arrival to its end.

mod page;

use std::path::PathBuf;

use clap::ValueEnum;

use super::ending::{Ending, Failure, Outcome};
use super::overrides::{Overrides, Unread};
use super::terminal::Terminal;
use crate::report::{self, number, story};
use crate::scenario::{self, Scenario};
use crate::study::{self, Kind, NotThere, RunInputs, Story, Wanted};

/// Tell what became of one top-up: who told whom what, when, and where the money went
#[derive(clap::Args)]
#[command(
    group(clap::ArgGroup::new("which").required(true)),
    after_help = "\
Examples:
  topup-sim explain scenarios/amazon-cn-balance.toml --top-up 4711
  topup-sim explain scenarios/amazon-cn-balance.toml --mark duplicate_charge --svg twice.svg
  topup-sim explain scenarios/kameng-promo.toml --cause server_overload --format json

The first of a kind is the one that came first in the replication, warm-up included. Exit code 5
says that there is none."
)]
pub(super) struct Args {
    /// Scenario file; `-` is standard input
    scenario: PathBuf,

    /// The top-up of this number: the arrivals of a replication, counted from 0
    #[arg(long, value_name = "N", group = "which")]
    top_up: Option<u64>,

    /// The first top-up of which this cause struck an attempt, such as `net_response_lost`
    #[arg(long, value_name = "CODE", group = "which")]
    cause: Option<String>,

    /// The first top-up that ended so, such as `charged_refunded`
    #[arg(long, value_name = "NAME", group = "which")]
    outcome: Option<String>,

    /// The first top-up that bears this mark, such as `duplicate_charge`
    #[arg(long, value_name = "NAME", group = "which")]
    mark: Option<String>,

    /// The replication to look into, counted from 0
    #[arg(long, short = 'r', value_name = "N", default_value_t = 0)]
    replication: u32,

    #[command(flatten)]
    overrides: Overrides,

    /// How to print the story
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Draw a sequence diagram into this file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// How a story is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    // Sentences with their times.
    #[default]
    Table,
    // Every field; keys stay as they are from version to version.
    Json,
}

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        let wanted = self.wanted()?;
        let scenario = match self.overrides.read(&self.scenario, terminal) {
            Ok(scenario) => scenario,
            Err(Unread::Shown) => return Ok(Ending::Invalid),
            Err(Unread::Failed(failure)) => return Err(failure),
        };
        self.refuse_missing_replication(&scenario)?;
        let plan = RunInputs::of(&scenario).plan_of(self.replication);
        let found = study::explain(&plan, scenario.seed, self.replication, wanted);
        let story = match found {
            Ok(story) => story,
            Err(none) => {
                terminal.fault(&self.nothing(none));
                return Ok(Ending::NothingFound);
            }
        };
        let text = match self.format {
            Format::Table => page::page(&scenario, &story, terminal.columns()),
            Format::Json => story::json(&scenario, &story),
        };
        self.draw(&scenario, &story, terminal)?;
        terminal.result(&text)?;
        Ok(Ending::Fine)
    }

    fn wanted(&self) -> Result<Wanted, Failure> {
        let kind = match (&self.top_up, &self.cause, &self.outcome, &self.mark) {
            (Some(number), ..) => return Ok(Wanted::Number(*number)),
            (_, Some(code), ..) => known("cause", code, Kind::of_cause(code), &Kind::causes()),
            (.., Some(name), None) => {
                known("outcome", name, Kind::of_outcome(name), &Kind::outcomes())
            }
            (.., name) => {
                let name = name.as_deref().unwrap_or_default();
                known("mark", name, Kind::of_mark(name), &Kind::marks())
            }
        };
        kind.map(Wanted::First)
    }

    fn refuse_missing_replication(&self, scenario: &Scenario) -> Result<(), Failure> {
        let last = scenario.replications - 1;
        if self.replication <= last {
            return Ok(());
        }
        Err(Failure::Invalid(format!(
            "there is no replication {}: the scenario has those from 0 to {last}",
            self.replication
        )))
    }

    /// Why there is nothing to tell.
    fn nothing(&self, none: NotThere) -> String {
        let of = format!("replication {}", self.replication);
        let top_ups = number::count(none.top_ups);
        match (self.top_up, &self.cause, &self.outcome, &self.mark) {
            (Some(_), ..) if none.top_ups == 0 => format!("{of} has no top-up at all"),
            (Some(number), ..) => {
                let last = none.top_ups - 1;
                format!("there is no top-up {number}: those of {of} have the numbers 0 to {last}")
            }
            (_, Some(code), ..) => format!("none of {top_ups} top-ups of {of} met {code}"),
            (_, _, Some(name), _) => format!("none of {top_ups} top-ups of {of} ended as {name}"),
            (.., name) => {
                let name = name.as_deref().unwrap_or_default();
                format!("none of {top_ups} top-ups of {of} bears the mark {name}")
            }
        }
    }

    fn draw(&self, scenario: &Scenario, story: &Story, terminal: &Terminal) -> Result<(), Failure> {
        let Some(path) = &self.svg else { return Ok(()) };
        let picture = story::picture(scenario, story);
        picture.warnings.iter().for_each(|warning| terminal.warning(warning));
        report::replace_file(path, picture.svg.as_bytes())?;
        terminal.talk(&format!("wrote {}", path.display()));
        Ok(())
    }
}

/// The kind, or a sentence with the name that is near, or all.
fn known(what: &str, name: &str, kind: Option<Kind>, names: &[&str]) -> Result<Kind, Failure> {
    kind.ok_or_else(|| {
        let near = scenario::near(name, names.iter().copied());
        let help = near.unwrap_or_else(|| format!("one of {}", names.join(", ")));
        Failure::Invalid(format!("{name} is no {what}; {help}"))
    })
}
