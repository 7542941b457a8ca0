//! `topup-sim plan`: the smallest capacity, or the largest load, that meets a scenario's targets.

mod grid;
mod screen;
mod work;

use std::path::PathBuf;

use serde_json::json;

use self::grid::Grid;
use self::work::{Planning, Stopped};
use super::ending::{Ending, Failure, Outcome};
use super::overrides::{self, Overrides, Unread};
use super::progress::SearchBar;
use super::resuming::{Resuming, how_to_go_on};
use super::signals::Interrupt;
use super::terminal::Terminal;
use super::working::Working;
use crate::report::chart::draw_planned;
use crate::report::{
    Charts, Folder, StudyAbout, StudyFiles, TableFile, study_folder_name, study_hash, write_study,
};
use crate::scenario::{Scenario, Source};
use crate::store::JournalFile;
use crate::study::plan::{Asking, QUARTERS, asked_max};
use crate::study::{CONFIDENCE, LOOK_FIRST, looks};

/// Find the smallest capacity (or the largest load) that meets the targets
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  topup-sim plan scenarios/kameng-promo.toml --over gateway.workers=2..40
  topup-sim plan scenarios/kameng-promo.toml --over arrivals.rate=5/s..50/s --largest
  topup-sim plan mine.toml --over gateway.workers=10..400 step 10 --max-replications 500

Exit codes:
  0  a value was found    3  no value of the range meets the targets
                          4  values beside the answer are uncertain (with --strict)")]
pub(super) struct Args {
    /// Scenario file; `-` is standard input
    scenario: PathBuf,

    /// The key to choose, and its range: `gateway.workers=10..400`, with ` step STEP` if need be
    #[arg(long, value_name = "KEY=LOW..HIGH", value_parser = Grid::parse)]
    over: Grid,

    /// Find the largest value that meets the targets, not the smallest
    #[arg(long)]
    largest: bool,

    #[command(flatten)]
    overrides: Overrides,

    #[command(flatten)]
    working: Working,

    #[command(flatten)]
    resuming: Resuming,

    /// Replications at most at one value
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = most)]
    max_replications: u32,

    /// End with exit code 4 when values beside the answer are uncertain
    #[arg(long)]
    strict: bool,
}

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        let source = overrides::source(&self.scenario)?;
        let scenario = match self.overrides.read_from(source.clone(), &[], terminal) {
            Ok(scenario) => scenario,
            Err(Unread::Shown) => return Ok(Ending::Invalid),
            Err(Unread::Failed(failure)) => return Err(failure),
        };
        if scenario.targets.is_empty() {
            let refused = "the scenario has no [targets]: a plan needs something to meet";
            return Err(Failure::Invalid(refused.to_owned()));
        }
        let asking = self.asking(&scenario);
        self.refuse_more_events(&scenario, &asking)?;
        scenario.warnings.iter().for_each(|warning| terminal.warning(warning));
        let hash = self.hash(&scenario, &asking);
        let name = study_folder_name(&scenario, "plan", &hash);
        let (folder, journal) = self.resuming.open(&self.working, &name, terminal)?;
        let interrupt = Interrupt::watched()?;
        let planning = match self.search((&source, &asking), &journal, &interrupt, terminal)? {
            Some(planning) => planning,
            None => return Ok(Ending::Invalid),
        };
        journal.trouble().iter().for_each(|trouble| terminal.warning(trouble));
        if planning.found.is_none() && !journal.is_empty() {
            terminal.talk(&how_to_go_on(journal.len(), None, &folder));
        }
        if planning.probes.is_empty() {
            terminal.talk("interrupted before a value was tried: there are no results");
            return Ok(Ending::Interrupted(interrupt.signal()));
        }
        self.conclude(&scenario, &planning, (folder, hash), &interrupt, terminal)
    }

    /// What is asked at each value: at most so many are tried.
    fn asking(&self, scenario: &Scenario) -> Asking {
        let looks = looks(scenario.replications.min(self.max_replications), self.max_replications);
        Asking::of(looks, asked_max(self.over.last) + QUARTERS, scenario.targets.len())
    }

    fn refuse_more_events(&self, scenario: &Scenario, asking: &Asking) -> Result<(), Failure> {
        let points = f64::from(asked_max(self.over.last) + QUARTERS);
        let first = f64::from(asking.looks.first().copied().unwrap_or(LOOK_FIRST));
        let of_one = scenario.size.events / f64::from(scenario.replications);
        self.working.refuse_more_events(of_one * first * points)
    }

    fn hash(&self, scenario: &Scenario, asking: &Asking) -> String {
        let about = format!("{:?} {} {asking:?}", self.over, self.largest);
        study_hash("plan", [scenario.plan_hash.as_str(), &about])
    }

    /// Searches; none where a value of the range is refused, which has been shown then.
    fn search<'a>(
        &'a self,
        (source, asking): (&'a Source, &'a Asking),
        journal: &'a JournalFile,
        interrupt: &'a Interrupt,
        terminal: &'a Terminal,
    ) -> Result<Option<Planning<'a>>, Failure> {
        let mut planning = Planning {
            grid: &self.over,
            largest: self.largest,
            source,
            overrides: &self.overrides,
            asking,
            threads: self.working.threads(),
            journal,
            interrupt,
            terminal,
            bar: SearchBar::new(terminal.is_watched()),
            probes: Default::default(),
            found: None,
            stopped: None,
        };
        planning.search();
        planning.bar.clear();
        match planning.stopped.take() {
            Some(Stopped::Refused(Unread::Shown)) => Ok(None),
            Some(Stopped::Refused(Unread::Failed(failure))) => Err(failure),
            Some(Stopped::Interrupted) | None => Ok(Some(planning)),
        }
    }

    fn conclude(
        &self,
        scenario: &Scenario,
        planning: &Planning,
        (folder, hash): (Folder, String),
        interrupt: &Interrupt,
        terminal: &Terminal,
    ) -> Outcome {
        let table = planning.table(scenario);
        let complete = planning.replications();
        let is_partial = planning.found.is_none();
        let details = json!({
            "key": self.over.key,
            "from": self.over.text(0),
            "to": self.over.text(self.over.last),
            "values": self.over.last + 1,
            "wanted": if self.largest { "largest" } else { "smallest" },
            "looks": planning.asking.looks,
            "confidence_of_a_look": planning.asking.confidence,
            "confidence_of_the_search": CONFIDENCE,
            "answer": table.answer.map(|at| table.text_of(at).to_owned()),
            "missed_beside": table.missed.map(|at| table.text_of(at).to_owned()),
            "knee": table.knee.map(|at| table.text_of(at).to_owned()),
            "own_value": table.own,
        });
        let about = StudyAbout {
            kind: "plan",
            hash: hash.clone(),
            replications: complete + u64::from(is_partial),
            complete,
            details,
        };
        let mut files = StudyFiles {
            tables: vec![TableFile::of(&table)],
            texts: vec![("scenario.toml".to_owned(), scenario.effective.clone())],
            ..StudyFiles::default()
        };
        if let Charts::Drawn(look) = self.working.charts() {
            (files.pictures, files.look) = (vec![draw_planned(&table, look)], look);
        }
        let written = write_study(folder, scenario, &about, &files)?;
        let warnings = written.warnings.iter().cloned().chain(planning.warning());
        warnings.for_each(|warning| terminal.warning(&warning));
        let said = screen::Said { scenario, planning, table: &table, hash: &hash };
        let text = said.text(self.working.format, terminal.columns(), &written.folder);
        terminal.result(&self.working.written(text))?;
        Ok(match planning.found {
            None => Ending::Interrupted(interrupt.signal()),
            Some(_) if planning.is_none_met() => Ending::TargetMissed,
            Some(_) if self.strict && planning.is_unsure() => Ending::TargetUncertain,
            Some(_) => Ending::Fine,
        })
    }
}

fn most(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (LOOK_FIRST..=100_000).contains(number));
    number.ok_or_else(|| format!("a whole number from {LOOK_FIRST} to 100000 is needed"))
}
