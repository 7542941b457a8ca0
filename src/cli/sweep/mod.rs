//! `topup-sim sweep`: one scenario at many points, in a folder of its own.

mod branches;
mod points;
mod screen;

use std::path::PathBuf;
use std::time::Instant;

use serde_json::{Value, json};

use self::branches::Branches;
use self::points::Points;
pub(super) use self::screen::Screen;
use super::ending::{Ending, Failure, Outcome};
use super::overrides::{Overrides, Unread, source};
use super::progress::Bar;
use super::resuming::{Resuming, how_to_go_on};
use super::signals::Interrupt;
use super::terminal::Terminal;
use super::working::Working;
use crate::record::METRICS;
use crate::record::registry::Metric;
use crate::report::chart::draw_sweep;
use crate::report::finished::{BesideSwept, HYPERCUBE};
use crate::report::sweep::{SweepReport, SweptScenario};
use crate::report::{self, Charts, Folder, StudyAbout, StudyFiles, Written, number};
use crate::scenario::{Scenario, near};
use crate::store::JournalFile;
use crate::study::Crew;
use crate::study::sweep::{Design, Dimension, RangeFault, Swept, sweep};

/// Run a scenario at many points: ranges of its values, a table, curves and heat maps
#[derive(clap::Args)]
#[command(after_help = "\
Ranges:
  KEY=10..400 step 10             every tenth number, with the unit of the key: 0%..20% step 2%
  KEY=0%..20% points 11           so many, both ends included
  KEY=10/s..1000/s log points 9   each a multiple of the one before
  KEY=5s,10s,30s                  these; words too: client.retry=never,fixed
  KEY=0%..20%                     all between, with --samples
Several ranges make a grid of all combinations; --samples spreads points over them instead.

Examples:
  topup-sim sweep scenarios/kameng-promo.toml 'gateway.workers=10..400 step 10'
  topup-sim sweep mine.toml 'network.mobile.loss=0%..20% points 11' client.timeout=5s,10s,30s
  topup-sim sweep mine.toml 'arrivals.rate=10/s..1000/s log' 'client.timeout=2s..60s log' \\
      --samples 200 --metric success_share
  topup-sim sweep scenarios/retry-storm.toml 'arrivals.rate=10/s..120/s step 10' --hysteresis")]
pub(super) struct Args {
    /// Scenario file; `-` is standard input
    scenario: PathBuf,

    /// Keys and the values that they take
    #[arg(required = true, value_name = "KEY=RANGE")]
    ranges: Vec<String>,

    /// Spread so many points over all ranges (a Latin hypercube) in place of a grid
    #[arg(long, value_name = "N", value_parser = samples)]
    samples: Option<u32>,

    /// Show and draw this metric; may be repeated [default: those with a target and the headline]
    #[arg(long = "metric", value_name = "NAME", value_parser = metric)]
    metrics: Vec<&'static Metric>,

    /// Run every point with the trigger of a recovery and without it, and say where goodput falls
    /// by itself and where it comes back; RECOVERY where the scenario has several
    #[arg(
        long,
        value_name = "RECOVERY",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        conflicts_with = "samples"
    )]
    hysteresis: Option<String>,

    #[command(flatten)]
    resuming: Resuming,

    #[command(flatten)]
    overrides: Overrides,

    #[command(flatten)]
    working: Working,
}

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        let Some(dimensions) = self.dimensions(terminal) else { return Ok(Ending::Invalid) };
        let source = source(&self.scenario)?;
        let scenario = match self.overrides.read_from(source.clone(), &[], terminal) {
            Ok(scenario) => scenario,
            Err(Unread::Shown) => return Ok(Ending::Invalid),
            Err(Unread::Failed(failure)) => return Err(failure),
        };
        let design = Design::new(dimensions, self.samples, scenario.seed)?;
        let branches = self.hysteresis.as_ref();
        let branches = branches.map(|name| Branches::of(name, &scenario, &design)).transpose()?;
        let sets = branches.as_ref().map_or_else(|| vec![Vec::new()], Branches::sets);
        let Some(points) = Points::read(&design, &sets, &source, &self.overrides, terminal)? else {
            return Ok(Ending::Invalid);
        };
        self.working.refuse_more_events(points.events)?;
        let few = branches.as_ref().and_then(|_| Branches::warning(&scenario));
        points.warnings.iter().chain(&few).for_each(|warning| terminal.warning(warning));
        terminal.talk(&points.estimate());
        let hash = self.hash(&design, &points);
        let name = report::study_folder_name(&scenario, KIND, &hash);
        let (folder, journal) = self.resuming.open(&self.working, &name, terminal)?;
        let interrupt = Interrupt::watched()?;
        let swept = self.simulate(&points, &journal, &interrupt, terminal);
        let complete = swept.points.iter().map(|point| u64::from(point.replications)).sum();
        let (swept, both) = match &branches {
            Some(branches) => branches.apart(swept),
            None => (swept, None),
        };
        let kept = journal.len();
        journal.trouble().iter().for_each(|trouble| terminal.warning(trouble));
        drop(journal);
        let about = SweptScenario::of(&scenario);
        let report = SweepReport {
            scenario: &about,
            design: &design,
            swept: &swept,
            plan_hashes: &points.plan_hashes_written(),
            branches: both.as_ref(),
        };
        if swept.partial && kept > 0 {
            terminal.talk(&how_to_go_on(kept, Some(points.replications), &folder));
        }
        if complete == 0 {
            terminal.talk("no replication was complete: there are no results");
            return Ok(Ending::Interrupted(interrupt.signal()));
        }
        let counted = (complete, points.replications);
        let written = self.write((folder, hash), &scenario, &report, counted)?;
        written.warnings.iter().for_each(|warning| terminal.warning(warning));
        let metrics = self.metrics_of(&report);
        let shown = Screen { report: &report, metrics, folder: written.folder };
        let text = shown.text(self.working.format, terminal.columns());
        terminal.result(&self.working.written(text))?;
        Ok(if swept.partial { Ending::Interrupted(interrupt.signal()) } else { Ending::Fine })
    }

    /// The ranges; all that is wrong with them is shown together.
    fn dimensions(&self, terminal: &Terminal) -> Option<Vec<Dimension>> {
        let read: Vec<_> = self.ranges.iter().map(|text| Dimension::read(text)).collect();
        for fault in read.iter().filter_map(|read| read.as_ref().err()) {
            terminal.fault(&fault.to_string());
        }
        read.into_iter().collect::<Result<_, _>>().ok()
    }

    /// A hash over all that the results depend on, the names of the points included.
    fn hash(&self, design: &Design, points: &Points) -> String {
        let names: Vec<String> = design.points.iter().map(|point| design.name(point)).collect();
        let parts = names.iter().chain(&points.plan_hashes).map(String::as_str);
        report::study_hash(KIND, parts)
    }

    fn simulate(
        &self,
        points: &Points,
        journal: &JournalFile,
        interrupt: &Interrupt,
        terminal: &Terminal,
    ) -> Swept {
        let begun = Instant::now();
        let threads = self.working.threads();
        let bar = Bar::new(points.top_ups_each(), points.pieces(), terminal.is_watched());
        let crew = Crew { threads, progress: &bar, cancel: interrupt.wish(), journal };
        let swept = sweep(&points.arms, &crew);
        bar.clear();
        let spent = number::span(begun.elapsed().as_secs_f64());
        terminal.talk(&format!("{} top-ups in {spent}", number::count(swept.top_ups)));
        swept
    }

    fn metrics_of(&self, report: &SweepReport) -> Vec<&'static Metric> {
        if self.metrics.is_empty() { report.metrics() } else { self.metrics.clone() }
    }

    fn write(
        &self,
        (folder, hash): (Folder, String),
        scenario: &Scenario,
        report: &SweepReport,
        (complete, replications): (u64, u64),
    ) -> Result<Written, Failure> {
        let metrics = self.metrics_of(report);
        let details = details(report);
        let beside = json!(BesideSwept::of(report, &metrics));
        let about = StudyAbout { kind: KIND, hash, replications, complete, details, beside };
        let text = ("scenario.toml".to_owned(), scenario.effective.clone());
        let (tables, texts) = (report.tables(), vec![text]);
        let mut files = StudyFiles { tables, texts, ..StudyFiles::default() };
        if let Charts::Drawn(look) = self.working.charts() {
            files.pictures = draw_sweep(report, &metrics, look);
            files.look = look;
        }
        Ok(report::write_study(folder, scenario, &about, &files)?)
    }
}

pub(super) const KIND: &str = "sweep";

/// What a manifest says of a sweep; its points are in `points.csv`.
fn details(report: &SweepReport) -> Value {
    let design = report.design;
    let range =
        |dimension: &Dimension| json!({ "key": dimension.key, "values": dimension.written });
    let mut details = json!({
        "ranges": design.dimensions.iter().map(range).collect::<Vec<_>>(),
        "design": if design.samples.is_some() { HYPERCUBE } else { "grid" },
        "points": design.points.len(),
        "common_random_numbers": "every point meets the same users",
    });
    if let Some(table) = report.hysteresis() {
        details["hysteresis"] = json!({
            "recovery": table.found.rule.recovery,
            "finding": table.finding(),
            "rule": table.rule(),
        });
    }
    details
}

impl From<RangeFault> for Failure {
    fn from(fault: RangeFault) -> Self {
        Self::Invalid(fault.to_string())
    }
}

fn samples(text: &str) -> Result<u32, &'static str> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or("a whole number from 1 on is needed")
}

fn metric(text: &str) -> Result<&'static Metric, String> {
    Metric::by_name(text).ok_or_else(|| {
        let guess = near(text, METRICS.iter().map(|metric| metric.name));
        let guess = guess.map_or(String::new(), |guess| format!("; {guess}"));
        format!("there is no such metric{guess} (docs/metrics.md lists them)")
    })
}
