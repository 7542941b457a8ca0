//! What a run says: estimates, verdicts on targets and the causes that cost most.

use std::path::PathBuf;

use serde_json::Value;

use super::{headline, machine, screen};
use crate::cli::grid::Format;
use crate::report::finished::ToldTarget;
use crate::report::tables::Summary;
use crate::report::{self, SHARE_KEPT, number};
use crate::scenario::Scenario;
use crate::study::estimate::{causes, estimates};
use crate::study::recovery::sentence;
use crate::study::{
    CauseEstimate, Held, MetricEstimate, Moves, Precise, Ranked, RecoveryEstimate, RunResult,
    Verdict, finding, held, moves, ranked, recoveries,
};

/// The results of a run, ready to be printed, whether it has just ended or is read from its folder.
pub(in crate::cli) struct Answer {
    pub(in crate::cli) about: About,
    /// The main result in a sentence.
    pub(in crate::cli) finding: String,
    /// Every metric of every group.
    pub(in crate::cli) estimates: Vec<MetricEstimate>,
    /// The targets in the order of the scenario.
    pub(in crate::cli) targets: Vec<Said>,
    /// Published facts against what was simulated.
    pub(in crate::cli) facts: Vec<Held>,
    /// Claims about the ranking of causes.
    pub(in crate::cli) rankings: Vec<Ranked>,
    /// How the run came to its number of replications, where a precision was asked for.
    pub(in crate::cli) precise: Option<Precise>,
    /// Whether goodput came back after triggers.
    pub(in crate::cli) recoveries: Vec<RecoveryEstimate>,
    /// Which drawn values move the result; empty where none is drawn.
    pub(in crate::cli) moves: Vec<Moves>,
    /// The causes of lost top-ups, the dearest first.
    pub(in crate::cli) causes: Vec<Cost>,
    /// Where the files are.
    pub(in crate::cli) folder: PathBuf,
}

/// Which run it was.
pub(in crate::cli) struct About {
    pub(in crate::cli) name: String,
    pub(in crate::cli) title: String,
    pub(in crate::cli) question: Option<String>,
    pub(in crate::cli) plan_hash: String,
    pub(in crate::cli) seed: u64,
    /// The code of its currency.
    pub(in crate::cli) currency: String,
    /// Replications that it asks for, and those that are complete.
    pub(in crate::cli) replications: u64,
    pub(in crate::cli) complete: usize,
    /// Whether replications are missing.
    pub(in crate::cli) is_partial: bool,
    /// Top-ups of the cohort in all replications, and those not credited in time.
    pub(in crate::cli) top_ups: u64,
    pub(in crate::cli) lost: u64,
    /// How many values were drawn once a replication.
    pub(in crate::cli) drawn_inputs: usize,
}

/// A target and what the run says about it.
pub(in crate::cli) struct Said {
    pub(in crate::cli) metric: &'static str,
    /// The target as written.
    pub(in crate::cli) text: String,
    pub(in crate::cli) verdict: Verdict,
    /// The estimate with its interval in words.
    pub(in crate::cli) measured: String,
    /// The same for programs.
    pub(in crate::cli) entry: Value,
}

/// What a cause cost.
pub(in crate::cli) struct Cost {
    /// Its name in tables; empty for top-ups lost without a cause of their own.
    pub(in crate::cli) code: String,
    /// What it is.
    pub(in crate::cli) label: String,
    /// Lost top-ups of which it was the last cause.
    pub(in crate::cli) lost: u64,
    /// Their share of all lost top-ups.
    pub(in crate::cli) share: f64,
}

impl Answer {
    /// What the result says about the scenario.
    pub(super) fn new(scenario: &Scenario, result: &RunResult, folder: PathBuf) -> Self {
        let estimates = estimates(result, &scenario.plan);
        let recoveries = recoveries(result, &scenario.plan);
        let about = About::of(scenario, result);
        let verdicts = report::verdicts(scenario, result);
        let told = verdicts.iter().filter_map(ToldTarget::read);
        Self {
            targets: told.map(|told| Said::of(told, &about.currency)).collect(),
            finding: with_recoveries(finding(result, &estimates), &recoveries),
            recoveries,
            moves: moves(scenario, result),
            rankings: ranked(&scenario.rankings, result),
            facts: held(&scenario.published, &estimates),
            precise: None,
            causes: costs(result, &causes(result)),
            about,
            estimates,
            folder,
        }
    }

    /// The results in a format; `summary` is asked for where the table itself is wanted.
    pub(in crate::cli) fn text(
        &self,
        format: Format,
        columns: usize,
        summary: impl FnOnce() -> Summary,
    ) -> String {
        match format {
            Format::Table => screen::screen(self, columns),
            Format::Json => machine::json(self),
            Format::Csv => machine::csv(&summary()),
            Format::Md => screen::markdown(self),
        }
    }

    /// The code of the scenario's currency.
    pub(super) fn currency(&self) -> &str {
        &self.about.currency
    }

    /// Whether a target was surely missed.
    pub(super) fn is_missed(&self) -> bool {
        self.targets.iter().any(|said| said.verdict == Verdict::Missed)
    }

    /// Whether a target is neither surely met nor surely missed, or a precision is not reached.
    pub(super) fn is_unsure(&self) -> bool {
        let is_uncertain = |verdict| matches!(verdict, Verdict::Uncertain { .. });
        self.precise.as_ref().is_some_and(|precise| !precise.is_reached())
            || self.targets.iter().any(|said| is_uncertain(said.verdict))
    }
}

impl About {
    fn of(scenario: &Scenario, result: &RunResult) -> Self {
        About {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            question: scenario.question.clone(),
            plan_hash: scenario.plan_hash.clone(),
            seed: scenario.seed,
            currency: scenario.currency.code().to_owned(),
            replications: scenario.replications.into(),
            complete: result.numbers.len(),
            is_partial: result.partial,
            top_ups: result.pooled.all.top_ups,
            lost: lost(result),
            drawn_inputs: scenario.uncertain.as_ref().map_or(0, |own| own.inputs.len()),
        }
    }
}

impl Said {
    /// What a run said about a target.
    pub(in crate::cli) fn of(told: ToldTarget, currency: &str) -> Self {
        Said {
            measured: measured(&told, currency),
            metric: told.metric.name,
            text: told.text,
            verdict: told.verdict,
            entry: told.entry,
        }
    }
}

/// The main result, and after it a sentence for each trigger.
pub(in crate::cli) fn with_recoveries(finding: String, recoveries: &[RecoveryEstimate]) -> String {
    let sentences = recoveries.iter().map(|row| format!(" {}", sentence(row)));
    finding + &sentences.collect::<String>()
}

/// The estimate of what a target binds, in words.
fn measured(told: &ToldTarget, currency: &str) -> String {
    let Some(estimate) = &told.estimate else { return "too little seen".to_owned() };
    let shown = headline::shown(estimate, told.unit(), currency);
    match told.statistic.as_str() {
        "mean" => shown,
        SHARE_KEPT => {
            let kept = number::count(told.kept.unwrap_or_default());
            format!("kept in {kept} of {}: {shown}", number::count(told.replications))
        }
        quantile => format!("{quantile} {shown}"),
    }
}

fn lost(result: &RunResult) -> u64 {
    result.pooled.all.top_ups - result.pooled.all.successes()
}

fn costs(result: &RunResult, causes: &[CauseEstimate]) -> Vec<Cost> {
    let all_lost = lost(result);
    let costly = causes.iter().filter(|cause| cause.counts.lost > 0);
    costly
        .map(|estimate| {
            let row = estimate.cause.map(|cause| cause.row());
            let label = row.map_or("credited too late, without a failure", |row| row.label);
            Cost {
                code: row.map_or(String::new(), |row| row.code.to_owned()),
                label: label.to_owned(),
                lost: estimate.counts.lost,
                share: estimate.counts.lost as f64 / all_lost as f64,
            }
        })
        .collect()
}
