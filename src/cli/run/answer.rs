//! What a run says: estimates, verdicts on targets and the causes that cost most.

use std::path::PathBuf;

use super::{headline, machine, screen};
use crate::cli::grid::Format;
use crate::record::Shape;
use crate::report::number;
use crate::scenario::{Of, Scenario, Target};
use crate::study::estimate::{causes, estimates};
use crate::study::recovery::sentence;
use crate::study::{
    CauseEstimate, Held, Judged, MetricEstimate, Moves, Precise, Ranked, RecoveryEstimate,
    RunResult, Verdict, finding, held, judged, moves, ranked, recoveries,
};

/// The results of a run, ready to be printed.
pub(super) struct Answer<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) result: &'a RunResult,
    /// The main result in a sentence.
    pub(super) finding: String,
    /// Every metric of every group.
    pub(super) estimates: Vec<MetricEstimate>,
    /// The targets in the order of the scenario.
    pub(super) targets: Vec<Said<'a>>,
    /// Published facts against what was simulated.
    pub(super) facts: Vec<Held>,
    /// Claims about the ranking of causes.
    pub(super) rankings: Vec<Ranked>,
    /// How the run came to its number of replications, where a precision was asked for.
    pub(super) precise: Option<Precise>,
    /// Whether goodput came back after triggers.
    pub(super) recoveries: Vec<RecoveryEstimate>,
    /// Which drawn values move the result; empty where none is drawn.
    pub(super) moves: Vec<Moves>,
    /// The causes of lost top-ups, the dearest first.
    pub(super) causes: Vec<Cost>,
    /// Where the files are.
    pub(super) folder: PathBuf,
}

/// A target and what the run says about it.
pub(super) struct Said<'a> {
    pub(super) target: &'a Target,
    pub(super) judged: Judged,
    /// The estimate with its interval in words.
    pub(super) measured: String,
}

/// What a cause cost.
pub(super) struct Cost {
    /// Its name in tables; empty for top-ups lost without a cause of their own.
    pub(super) code: &'static str,
    /// What it is.
    pub(super) label: &'static str,
    /// Lost top-ups of which it was the last cause.
    pub(super) lost: u64,
    /// Their share of all lost top-ups.
    pub(super) share: f64,
}

impl<'a> Answer<'a> {
    /// What the result says about the scenario.
    pub(super) fn new(scenario: &'a Scenario, result: &'a RunResult, folder: PathBuf) -> Self {
        let estimates = estimates(result, &scenario.plan);
        let shape = Shape::of(&scenario.plan);
        let judge = |target| {
            let judged = judged(target, &result.replications, &shape);
            let measured = measured(target, &judged, scenario.currency.code());
            Said { target, judged, measured }
        };
        let recoveries = recoveries(result, &scenario.plan);
        let sentences = recoveries.iter().map(|row| format!(" {}", sentence(row)));
        Self {
            targets: scenario.targets.iter().map(judge).collect(),
            finding: finding(result, &estimates) + &sentences.collect::<String>(),
            recoveries,
            moves: moves(scenario, result),
            rankings: ranked(&scenario.rankings, result),
            facts: held(&scenario.published, &estimates),
            precise: None,
            causes: costs(result, &causes(result)),
            scenario,
            result,
            estimates,
            folder,
        }
    }

    /// The results in a format.
    pub(super) fn text(&self, format: Format, columns: usize) -> String {
        match format {
            Format::Table => screen::screen(self, columns),
            Format::Json => machine::json(self),
            Format::Csv => machine::csv(self),
            Format::Md => screen::markdown(self),
        }
    }

    /// The code of the scenario's currency.
    pub(super) fn currency(&self) -> &str {
        self.scenario.currency.code()
    }

    /// Top-ups of the cohort that were not credited in time.
    pub(super) fn lost(&self) -> u64 {
        lost(self.result)
    }

    /// Whether replications are missing.
    pub(super) fn is_partial(&self) -> bool {
        self.result.partial
    }

    /// Whether a target was surely missed.
    pub(super) fn is_missed(&self) -> bool {
        self.targets.iter().any(|said| said.judged.verdict == Verdict::Missed)
    }

    /// Whether a target is neither surely met nor surely missed, or a precision is not reached.
    pub(super) fn is_unsure(&self) -> bool {
        let is_uncertain = |verdict| matches!(verdict, Verdict::Uncertain { .. });
        self.precise.as_ref().is_some_and(|precise| !precise.is_reached())
            || self.targets.iter().any(|said| is_uncertain(said.judged.verdict))
    }
}

/// The estimate of what a target binds, in words.
fn measured(target: &Target, judged: &Judged, currency: &str) -> String {
    let Some(estimate) = &judged.estimate else { return "too little seen".to_owned() };
    let shown = headline::shown(estimate, judged.unit, currency);
    match &target.of {
        Of::Mean => shown,
        Of::Quantile { name, .. } => format!("{name} {shown}"),
        Of::Share(_) => {
            let kept = number::count(judged.kept.unwrap_or_default());
            format!("kept in {kept} of {}: {shown}", number::count(judged.replications))
        }
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
            Cost {
                code: row.map_or("", |row| row.code),
                label: row.map_or("credited too late, without a failure", |row| row.label),
                lost: estimate.counts.lost,
                share: estimate.counts.lost as f64 / all_lost as f64,
            }
        })
        .collect()
}
