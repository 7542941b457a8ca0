//! `topup-sim plan`: the smallest capacity, or the largest load, that meets a scenario's targets.

mod assumptions;
mod costs;
mod grid;
mod screen;
mod words;
mod work;

use std::path::PathBuf;

use serde_json::json;

use self::grid::Grid;
pub(super) use self::screen::{About, Said};
use self::work::{Planning, Stopped};
use super::ending::{Ending, Failure, Outcome};
use super::overrides::{self, Overrides, Unread};
use super::progress::SearchBar;
use super::resuming::{Resuming, how_to_go_on};
use super::signals::Interrupt;
use super::terminal::Terminal;
use super::working::Working;
use crate::report::chart::planned_pictures;
use crate::report::finished::BesidePlanned;
use crate::report::tables::PlannedTables;
use crate::report::{
    Charts, Folder, StudyAbout, StudyFiles, TableFile, study_folder_name, study_hash, write_study,
};
use crate::scenario::{Scenario, Source};
use crate::store::JournalFile;
use crate::study::plan::{Asking, Effect, QUARTERS, asked_max, looked_max, runs};
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
        let name = study_folder_name(&scenario, KIND, &hash);
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
        Asking::of(looks, self.points(scenario), scenario.targets.len())
    }

    /// Values that are tried at most.
    fn points(&self, scenario: &Scenario) -> u32 {
        let last = self.over.last;
        let looked = if scenario.plan.prices.is_some() { looked_max(last) } else { 0 };
        asked_max(last) + QUARTERS + looked
    }

    fn refuse_more_events(&self, scenario: &Scenario, asking: &Asking) -> Result<(), Failure> {
        let points = f64::from(self.points(scenario) + runs(scenario));
        let first = f64::from(asking.looks.first().copied().unwrap_or(LOOK_FIRST));
        let of_one = scenario.size.events / f64::from(scenario.replications);
        self.working.refuse_more_events(of_one * first * points)
    }

    fn hash(&self, scenario: &Scenario, asking: &Asking) -> String {
        let about = format!("{:?} {} {asking:?}", self.over, self.largest);
        study_hash(KIND, [scenario.plan_hash.as_str(), &about])
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
            assumed: None,
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
        let tables = planning.tables(scenario);
        let complete = planning.replications();
        let is_partial = planning.found.is_none();
        let said = (planning.finding(&tables.curve), planning.headroom(&tables.curve, scenario));
        let unsure = (planning.is_unsure(), planning.needed());
        let beside = BesidePlanned::of(&tables, self.over.last as u64 + 1, said, unsure);
        let about = StudyAbout {
            kind: KIND,
            hash: hash.clone(),
            replications: complete + u64::from(is_partial),
            complete,
            details: details(&self.over, planning, &tables),
            beside: json!(beside),
        };
        let mut files = StudyFiles {
            tables: vec![TableFile::of(&tables.curve)],
            texts: vec![("scenario.toml".to_owned(), scenario.effective.clone())],
            ..StudyFiles::default()
        };
        files.tables.extend(tables.costs.as_ref().map(TableFile::of));
        files.tables.extend(tables.assumed.as_ref().map(TableFile::of));
        if let Charts::Drawn(look) = self.working.charts() {
            (files.pictures, files.look) = (planned_pictures(&tables, look), look);
        }
        let written = write_study(folder, scenario, &about, &files)?;
        let warnings = written.warnings.iter().cloned().chain(planning.warning());
        warnings.for_each(|warning| terminal.warning(&warning));
        let about = About {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            hash,
            seed: scenario.seed,
            partial: is_partial,
        };
        let said = Said { about, beside: &beside, tables: &tables };
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

pub(super) const KIND: &str = "plan";

/// What the manifest says of the plan.
fn details(over: &Grid, planning: &Planning, tables: &PlannedTables) -> serde_json::Value {
    let table = &tables.curve;
    let mut details = json!({
        "key": over.key,
        "from": over.text(0),
        "to": over.text(over.last),
        "values": over.last + 1,
        "wanted": if table.largest { "largest" } else { "smallest" },
        "looks": planning.asking.looks,
        "confidence_of_a_look": planning.asking.confidence,
        "confidence_of_the_search": CONFIDENCE,
        "answer": table.answer.map(|at| table.text_of(at).to_owned()),
        "missed_beside": table.missed.map(|at| table.text_of(at).to_owned()),
        "knee": table.knee.map(|at| table.text_of(at).to_owned()),
        "own_value": table.own,
    });
    if let Some(costs) = &tables.costs {
        details["cheapest"] = costs.text_of(costs.cheapest).into();
    }
    if let Some(assumed) = &tables.assumed {
        details["flipped_by"] = json!(assumed.with_effect(Effect::Flips));
    }
    details
}

fn most(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (LOOK_FIRST..=100_000).contains(number));
    number.ok_or_else(|| format!("a whole number from {LOOK_FIRST} to 100000 is needed"))
}
