//! `topup-sim compare`: arms of one scenario under common random numbers.

mod arms;
mod machine;
mod question;
mod screen;
mod targets;

use std::path::PathBuf;
use std::time::Instant;

use serde_json::json;

use self::arms::{Choice, Named};
use self::question::Question;
use super::ending::{Ending, Failure, Outcome};
use super::overrides::{self, Overrides, Unread};
use super::progress::Bar;
use super::resuming::{Resuming, how_to_go_on};
use super::run::pace;
use super::signals::Interrupt;
use super::terminal::Terminal;
use super::working::Working;
use crate::report::chart::compared_pictures;
use crate::report::compared::compared;
use crate::report::finished::BesideCompared;
use crate::report::tables::Compared;
use crate::report::{
    Charts, Folder, StudyAbout, StudyFiles, TableFile, Written, study_folder_name, study_hash,
    write_study,
};
use crate::scenario::{self, Overlay, Scenario};
use crate::store::JournalFile;
use crate::study::compare::{Asked, Recommendation, Standing, recommend};
use crate::study::{Arm, Comparison, Crew, Lineup, Verdict, compare};

/// Compare variants of a scenario that meet the same users and the same luck
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  topup-sim compare mine.toml                           its [variants] against the scenario itself
  topup-sim compare mine.toml --vary client.timeout=5s,10s,30s
  topup-sim compare mine.toml --vary client.retry=never --vary client.timeout=5s,10s --across all \\
      --prefer 'attempts_per_top_up <= 1.3, then max success_share'
  topup-sim compare mine.toml --smallest success_share=0.1% --format md")]
pub(super) struct Args {
    /// Scenario file; `-` is standard input
    scenario: PathBuf,

    #[command(flatten)]
    overrides: Overrides,

    #[command(flatten)]
    choice: Choice,

    #[command(flatten)]
    question: Question,

    #[command(flatten)]
    working: Working,

    #[command(flatten)]
    resuming: Resuming,

    /// End with exit code 4 when the arm that --prefer chooses is not sure; without --prefer, when
    /// no arm surely meets all targets
    #[arg(long)]
    strict: bool,
}

/// A comparison that is ready to run.
struct Prepared {
    base: Scenario,
    arms: Vec<Named>,
    lineup: Lineup,
    /// Those of the cells: set by set, the arms in their order.
    scenarios: Vec<Scenario>,
    asked: Asked,
    hash: String,
}

/// A comparison and what it says.
pub(super) struct Answer<'a> {
    pub(super) about: About,
    pub(super) beside: &'a BesideCompared,
    pub(super) tables: &'a Compared,
}

/// What the screen says of a comparison beside its results.
#[derive(Clone)]
pub(super) struct About {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) question: Option<String>,
    pub(super) hash: String,
    pub(super) seed: u64,
    pub(super) partial: bool,
    /// Replications that each arm asks for.
    pub(super) asked: u64,
    /// Set by set, the arms in their order.
    pub(super) cells: Vec<AboutCell>,
}

/// An arm in a set of incidents.
#[derive(Clone)]
pub(super) struct AboutCell {
    /// What the arm is, in the words of the scenario.
    pub(super) says: Option<String>,
    pub(super) plan_hash: String,
    /// Replications that are complete.
    pub(super) replications: u64,
}

impl Prepared {
    /// Replications of all arms together.
    fn replications(&self) -> u64 {
        self.scenarios.iter().map(|arm| u64::from(arm.replications)).sum()
    }
}

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        let prepared = match self.prepare(terminal) {
            Ok(prepared) => prepared,
            Err(Unread::Shown) => return Ok(Ending::Invalid),
            Err(Unread::Failed(failure)) => return Err(failure),
        };
        let events = prepared.scenarios.iter().map(|arm| arm.size.events).sum();
        self.working.refuse_more_events(events)?;
        warn(&prepared, terminal);
        // Before the work: a folder that cannot be had should not cost a study.
        let name = study_folder_name(&prepared.base, KIND, &prepared.hash);
        let (folder, journal) = self.resuming.open(&self.working, &name, terminal)?;
        let interrupt = Interrupt::watched()?;
        let comparison = self.run(&prepared, &journal, &interrupt, terminal);
        journal.trouble().iter().for_each(|trouble| terminal.warning(trouble));
        if comparison.partial && !journal.is_empty() {
            terminal.talk(&how_to_go_on(journal.len(), Some(prepared.replications()), &folder));
        }
        drop(journal);
        if comparison.fewest() == 0 {
            terminal.talk("no replication was complete in every arm: there are no results");
            return Ok(Ending::Interrupted(interrupt.signal()));
        }
        let recommendation = recommend(&comparison, &prepared.asked.rule, &prepared.asked.window);
        let tables = compared(&comparison, &prepared.scenarios, &prepared.asked, &recommendation);
        let beside = self.beside(&prepared, &comparison, &recommendation, &tables);
        let written = self.write(folder, &prepared, &comparison, (&tables, &beside))?;
        written.warnings.iter().for_each(|warning| terminal.warning(warning));
        let about = about(&prepared, &comparison);
        let answer = Answer { about, beside: &beside, tables: &tables };
        let text = answer.text(self.working.format, terminal.columns(), &written.folder);
        terminal.result(&self.working.written(text))?;
        Ok(self.ending(&answer, &recommendation, &interrupt))
    }

    fn prepare(&self, terminal: &Terminal) -> Result<Prepared, Unread> {
        let (source, options) = (overrides::source(&self.scenario)?, self.overrides.options(&[]));
        let base = overrides::shown(scenario::read(source.clone(), &options), terminal)?;
        let arms = self.choice.arms(&base)?;
        let baseline = self.choice.baseline(&arms)?;
        let sets = self.choice.sets();
        let within = |set: &String| -> Vec<Overlay> {
            let across = Some(set.clone()).filter(|set| !set.is_empty());
            let within = |arm: &Named| Overlay { across: across.clone(), ..arm.overlay.clone() };
            arms.iter().map(within).collect()
        };
        let overlays: Vec<Overlay> = sets.iter().flat_map(within).collect();
        let read = scenario::read_arms(&source, &options, &overlays);
        let scenarios = overrides::shown(read, terminal)?;
        let asked = self.question.asked(&scenarios)?;
        let names = arms.iter().map(|arm| arm.name.clone()).collect();
        let lineup = Lineup { arms: names, sets, baseline };
        let hash = hash(&lineup, &scenarios, &asked);
        Ok(Prepared { base, arms, lineup, scenarios, asked, hash })
    }

    fn run(
        &self,
        prepared: &Prepared,
        journal: &JournalFile,
        interrupt: &Interrupt,
        terminal: &Terminal,
    ) -> Comparison {
        let Prepared { lineup, scenarios, .. } = prepared;
        let runs: Vec<Arm> = (0..lineup.sets.len())
            .flat_map(|set| (0..lineup.arms.len()).map(move |arm| (set, arm)))
            .zip(scenarios)
            .map(|((set, arm), scenario)| Arm::of(&lineup.name(set, arm), scenario))
            .collect();
        let jobs: u32 = scenarios.iter().map(|arm| arm.replications).sum();
        let top_ups: f64 = scenarios.iter().map(|arm| arm.size.top_ups).sum();
        let bar = Bar::new(top_ups / scenarios.len() as f64, jobs, terminal.is_watched());
        let crew = Crew {
            threads: self.working.threads(),
            progress: &bar,
            cancel: interrupt.wish(),
            journal,
        };
        let begun = Instant::now();
        let comparison = compare(lineup.clone(), &runs, &crew);
        bar.clear();
        let top_ups = comparison.cells.iter().map(|cell| cell.pooled.run.journeys).sum();
        terminal.talk(&pace(top_ups, begun.elapsed().as_secs_f64(), crew.threads));
        comparison
    }

    fn beside(
        &self,
        prepared: &Prepared,
        comparison: &Comparison,
        recommendation: &Recommendation,
        tables: &Compared,
    ) -> BesideCompared {
        let name = |arm: &usize| prepared.lineup.arms[*arm].clone();
        let chosen = recommendation.arm.as_ref().map(name);
        let tied = recommendation.ties.iter().map(name).collect();
        let top_ups = comparison.cells.iter().map(|cell| cell.pooled.all.top_ups).sum();
        let confidence = prepared.lineup.confidence();
        let currency = prepared.base.currency.code().to_owned();
        let tables = (tables, currency);
        BesideCompared::of(tables, (top_ups, confidence), (self.question.has_rule(), chosen, tied))
    }

    fn write(
        &self,
        folder: Folder,
        prepared: &Prepared,
        comparison: &Comparison,
        (tables, beside): (&Compared, &BesideCompared),
    ) -> Result<Written, Failure> {
        let mut files = StudyFiles {
            tables: vec![
                TableFile::of(&tables.summary),
                TableFile::of(&tables.differences),
                TableFile::of(&tables.replications),
                TableFile::of(&tables.timeline),
                TableFile::of(&tables.matrix),
                TableFile::of(&tables.regrets),
            ],
            texts: texts(prepared),
            ..StudyFiles::default()
        };
        if !tables.targets.rows.is_empty() {
            files.tables.push(TableFile::of(&tables.targets));
        }
        if let Charts::Drawn(look) = self.working.charts() {
            (files.pictures, files.look) = (compared_pictures(tables, look), look);
        }
        let about = StudyAbout {
            kind: KIND,
            hash: prepared.hash.clone(),
            replications: prepared.replications(),
            complete: comparison.complete(),
            details: details(prepared, comparison, tables),
            beside: json!(beside),
        };
        Ok(write_study(folder, &prepared.base, &about, &files)?)
    }

    /// With a rule, whether it chose and how sure that is. Without one, and without sets of
    /// incidents that no target was made for: whether some arm meets all its targets, as in a plan.
    /// That one arm of several misses a target is what a comparison finds, no failure.
    fn ending(
        &self,
        answer: &Answer,
        recommendation: &Recommendation,
        interrupt: &Interrupt,
    ) -> Ending {
        let has_rule = answer.beside.has_rule;
        let is_sure = |arm: usize| {
            let standings = &recommendation.standings[arm];
            recommendation.ties.is_empty() && standings.iter().all(|s| *s == Standing::Keeps)
        };
        let is_left = match recommendation.arm {
            _ if answer.about.partial => return Ending::Interrupted(interrupt.signal()),
            _ if !has_rule && answer.is_across() => return Ending::Fine,
            _ if !has_rule => answer.tables.targets.best(),
            None => Verdict::Missed,
            Some(arm) if is_sure(arm) => Verdict::Met,
            Some(_) => Verdict::Uncertain { replications_needed: None },
        };
        match is_left {
            Verdict::Met => Ending::Fine,
            Verdict::Missed => Ending::TargetMissed,
            Verdict::Uncertain { .. } if self.strict => Ending::TargetUncertain,
            Verdict::Uncertain { .. } => Ending::Fine,
        }
    }
}

pub(super) const KIND: &str = "compare";

fn about(prepared: &Prepared, comparison: &Comparison) -> About {
    let Prepared { base, lineup, .. } = prepared;
    let cell = |place: usize| AboutCell {
        says: prepared.arms[place % lineup.arms.len()].says.clone(),
        plan_hash: prepared.scenarios[place].plan_hash.clone(),
        replications: comparison.cells[place].numbers().count() as u64,
    };
    About {
        name: base.name.clone(),
        title: base.title.clone(),
        question: base.question.clone(),
        hash: prepared.hash.clone(),
        seed: base.seed,
        partial: comparison.partial,
        asked: base.replications.into(),
        cells: (0..comparison.cells.len()).map(cell).collect(),
    }
}

/// A hash over everything that the files depend on.
fn hash(lineup: &Lineup, scenarios: &[Scenario], asked: &Asked) -> String {
    let smallest = asked.smallest.0.iter().map(|(metric, value)| format!("{metric}={value}"));
    let metrics = asked.metrics.iter().map(|metric| metric.name.to_owned());
    let lengths = [lineup.arms.len(), lineup.sets.len(), lineup.baseline, asked.metrics.len()];
    let parts: Vec<String> = lengths
        .map(|length| length.to_string())
        .into_iter()
        .chain(lineup.arms.iter().cloned())
        .chain(lineup.sets.iter().cloned())
        .chain(scenarios.iter().map(|arm| arm.plan_hash.clone()))
        .chain(metrics)
        .chain([asked.window.clone(), asked.rule.to_string()])
        .chain(smallest)
        .collect();
    study_hash(KIND, parts.iter().map(String::as_str))
}

/// The scenario, and that of each arm in each set, as they ran.
fn texts(prepared: &Prepared) -> Vec<(String, String)> {
    let lineup = &prepared.lineup;
    let mut texts = vec![("scenario.toml".to_owned(), prepared.base.effective.clone())];
    for set in 0..lineup.sets.len() {
        for arm in 0..lineup.arms.len() {
            let place = lineup.place(set, arm);
            let stem = scenario::file_stem(&lineup.name(set, arm), "._-=@");
            let mut name = format!("arms/{stem}.toml");
            // names that differ in case alone are one file on some systems
            let is_taken =
                texts.iter().any(|(other, _)| other.to_lowercase() == name.to_lowercase());
            if is_taken || stem.is_empty() {
                name = format!("arms/{stem}.{place}.toml");
            }
            texts.push((name, prepared.scenarios[place].effective.clone()));
        }
    }
    texts
}

/// What the manifest says of the study.
fn details(prepared: &Prepared, comparison: &Comparison, tables: &Compared) -> serde_json::Value {
    let Prepared { lineup, asked, .. } = prepared;
    let cells = (0..lineup.sets.len()).flat_map(|set| {
        prepared.arms.iter().enumerate().map(move |(arm, named)| {
            json!({
                "variant": named.name,
                "says": named.says,
                "incidents": lineup.sets[set],
                "varied": named.overlay.varied,
                "plan_hash": prepared.scenarios[lineup.place(set, arm)].plan_hash,
                "replications": comparison.cell(set, arm).numbers().count(),
            })
        })
    });
    json!({
        "arms": cells.collect::<Vec<_>>(),
        "replications_asked": prepared.base.replications,
        "baseline": lineup.arms[lineup.baseline],
        "metrics": asked.metrics.iter().map(|metric| metric.name).collect::<Vec<_>>(),
        "window": asked.window,
        "smallest": asked.smallest.0,
        "rule": asked.rule.to_string(),
        "targets_finding": tables.targets.finding(),
        "targets": tables.targets.entries(),
        "pairing": "replications of the same number meet the same users and luck",
        "confidence": lineup.confidence(),
        "multiplicity": "differences of one metric in one set of incidents hold together with \
                         95 % (Bonferroni over the arms); metrics and sets are not corrected for",
    })
}

/// Warnings, each once, whatever arms they are of.
fn warn(prepared: &Prepared, terminal: &Terminal) {
    let mut said: Vec<&String> = Vec::new();
    for warning in prepared.scenarios.iter().flat_map(|arm| &arm.warnings) {
        if !said.contains(&warning) {
            terminal.warning(warning);
            said.push(warning);
        }
    }
}
