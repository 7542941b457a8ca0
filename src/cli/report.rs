//! `topup-sim report`: new pictures, and the screen again, from the folder of a finished run.

use std::path::PathBuf;

use serde_json::Value;

use super::ending::{Ending, Failure, Outcome};
use super::grid::Format;
use super::look::LookArgs;
use super::run::answer::{About, Answer, Cost, Said, with_recoveries};
use super::terminal::Terminal;
use crate::record::METRICS;
use crate::report::finished::BesideTables;
use crate::report::tables::{CauseRow, Flow, SummaryRow, Tables};
use crate::report::{Finished, NotFinished, chart, precision_of, write_pictures};
use crate::study::MetricEstimate;

/// Draw the charts of a finished run again, and show its results, without simulating
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  topup-sim report output/amazon-cn-balance-1a2b3c4d
  topup-sim report output/amazon-cn-balance-1a2b3c4d --size 3.5in --greyscale --pdf --out figures
  topup-sim report output/amazon-cn-balance-1a2b3c4d --numbers de --format md")]
pub(super) struct Args {
    /// The folder of a finished run
    folder: PathBuf,

    /// Write the pictures here and leave the folder as it is [default: its charts/]
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Draw nothing: the results only
    #[arg(long)]
    no_charts: bool,

    /// How to print the results
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    #[command(flatten)]
    look: LookArgs,
}

type Redraw = fn(&Args, Finished, &Terminal) -> Outcome;

/// What can be in a folder, and how it is shown again. A new kind of study adds a line.
const KINDS: [(&str, Redraw); 1] = [("run", Args::run)];

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        let finished = Finished::open(&self.folder)?;
        match KINDS.iter().find(|(kind, _)| *kind == finished.kind()) {
            Some((_, redraw)) => redraw(self, finished, terminal),
            None => {
                let (path, kind) = (self.folder.clone(), finished.kind().to_owned());
                Err(NotFinished::Kind { path, kind }.into())
            }
        }
    }

    fn run(&self, mut finished: Finished, terminal: &Terminal) -> Outcome {
        let (tables, notes) = finished.tables()?;
        notes.iter().for_each(|note| terminal.warning(note));
        let answer = answer(&finished, &tables);
        if !self.no_charts {
            self.draw(&mut finished, &tables, terminal)?;
        }
        let text = answer.text(self.format, terminal.columns(), || tables.summary.clone());
        terminal.result(&self.look.written(text, self.format))?;
        Ok(Ending::Fine)
    }

    fn draw(
        &self,
        finished: &mut Finished,
        tables: &Tables,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        let look = self.look.look();
        let pictures = chart::draw_all(tables, look);
        for warning in pictures.iter().flat_map(|picture| &picture.warnings) {
            terminal.warning(warning);
        }
        match &self.out {
            Some(folder) => {
                write_pictures(folder, &pictures, |_, _| {})?;
                let many = pictures.len();
                terminal.talk(&format!("{many} charts written to {}", folder.display()));
            }
            None => finished.replace_pictures(&pictures, look)?,
        }
        Ok(())
    }
}

impl From<NotFinished> for Failure {
    fn from(not: NotFinished) -> Self {
        match not {
            NotFinished::Io(error) => error.into(),
            other => Failure::Invalid(other.to_string()),
        }
    }
}

/// What the folder says, as the run said it.
fn answer(finished: &Finished, tables: &Tables) -> Answer {
    let about = about(finished, tables);
    let told = finished.targets().into_iter();
    let finding = finished.beside().map_or(String::new(), |beside| beside.finding);
    let estimates: Vec<_> = tables.summary.rows.iter().filter_map(estimate).collect();
    Answer {
        finding: with_recoveries(finding, &tables.recovery.rows),
        targets: told.map(|told| Said::of(told, &about.currency)).collect(),
        precise: finished.precision().and_then(|entry| precision_of(entry, &estimates)),
        recoveries: tables.recovery.rows.clone(),
        moves: tables.tornado.rows.iter().map(|(row, _)| row.clone()).collect(),
        estimates,
        facts: tables.facts.rows.iter().map(|(held, _)| held.clone()).collect(),
        rankings: tables.rankings.rows.clone(),
        causes: costs(tables, about.lost),
        folder: finished.path().to_owned(),
        about,
    }
}

fn about(finished: &Finished, tables: &Tables) -> About {
    let manifest = finished.manifest();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let beside: Option<BesideTables> = finished.beside();
    let complete = manifest["replications_complete"].as_u64().unwrap_or_default();
    let lost = || tables.causes.rows.iter().map(|row| row.lost).sum();
    About {
        name: text(&manifest["scenario"]),
        title: text(&manifest["title"]),
        question: manifest["stress_des"]["objectives"]["question"].as_str().map(str::to_owned),
        plan_hash: text(&manifest["plan_hash"]),
        seed: manifest["seed"].as_u64().unwrap_or_default(),
        currency: text(&manifest["stress_des"]["data"]["currency"]),
        replications: manifest["replications"].as_u64().unwrap_or_default(),
        complete: usize::try_from(complete).unwrap_or(usize::MAX),
        is_partial: false,
        top_ups: beside.as_ref().map_or_else(|| top_ups(tables), |beside| beside.top_ups),
        lost: beside.map_or_else(lost, |beside| beside.lost),
        drawn_inputs: finished.drawn_inputs(),
    }
}

/// All top-ups arrive on some link of the flow.
fn top_ups(tables: &Tables) -> u64 {
    let links = tables.flow.links.iter().filter(|link| link.from == Flow::ARRIVED);
    links.map(|link| link.top_ups).sum()
}

/// The estimate of a row whose metric this version knows; quantiles have rows of their own.
fn estimate(row: &SummaryRow) -> Option<MetricEstimate> {
    let metric = METRICS.iter().find(|metric| metric.name == row.metric)?;
    (row.statistic == MEAN).then(|| MetricEstimate {
        metric: metric.name,
        group: row.group.clone(),
        window: row.window.clone(),
        statistic: MEAN,
        unit: metric.unit,
        better: metric.better,
        estimate: row.estimate,
        replications: row.replications,
        events: row.events,
    })
}

const MEAN: &str = "mean";

fn costs(tables: &Tables, lost: u64) -> Vec<Cost> {
    let rows = tables.causes.rows.iter().filter(|row| row.lost > 0);
    let cost = |row: &CauseRow| Cost {
        code: if row.cause == Flow::NONE { String::new() } else { row.cause.clone() },
        label: row.label.clone(),
        lost: row.lost,
        share: row.lost as f64 / lost as f64,
    };
    rows.map(cost).collect()
}
