//! What a run says: estimates, verdicts on targets and the causes that cost most.

use std::path::PathBuf;

use super::{headline, machine, screen};
use crate::cli::grid::Format;
use crate::record::registry::Unit;
use crate::report::tables::Summary;
use crate::scenario::{Scenario, Target};
use crate::study::estimate::{causes, estimates};
use crate::study::{
    CauseEstimate, Estimate, Held, MetricEstimate, Ranked, RunResult, Verdict, finding, held,
    ranked, verdict,
};

/// The results of a run, ready to be printed, whether it has just ended or is read from its folder.
pub(in crate::cli) struct Answer {
    pub(in crate::cli) about: About,
    /// The main result in a sentence.
    pub(in crate::cli) finding: String,
    /// Every metric of every group.
    pub(in crate::cli) estimates: Vec<MetricEstimate>,
    /// The targets in the order of the scenario.
    pub(in crate::cli) targets: Vec<Judged>,
    /// Published facts against what was simulated.
    pub(in crate::cli) facts: Vec<Held>,
    /// Claims about the ranking of causes.
    pub(in crate::cli) rankings: Vec<Ranked>,
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
}

/// A target and what the run says about it.
pub(in crate::cli) struct Judged {
    pub(in crate::cli) metric: String,
    /// The target as written.
    pub(in crate::cli) text: String,
    pub(in crate::cli) verdict: Verdict,
    /// The estimate with its interval in words.
    pub(in crate::cli) measured: String,
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
        let judge = |target| judged(target, &estimates, scenario.currency.code());
        Self {
            targets: scenario.targets.iter().map(judge).collect(),
            finding: finding(result, &estimates),
            rankings: ranked(&scenario.rankings, result),
            facts: held(&scenario.published, &estimates),
            causes: costs(result, &causes(result)),
            about: About::of(scenario, result),
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
        self.targets.iter().any(|target| target.verdict == Verdict::Missed)
    }

    /// Whether a target is neither surely met nor surely missed.
    pub(super) fn is_uncertain(&self) -> bool {
        let is_uncertain = |verdict| matches!(verdict, Verdict::Uncertain { .. });
        self.targets.iter().any(|target| is_uncertain(target.verdict))
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
        }
    }
}

fn judged(target: &Target, estimates: &[MetricEstimate], currency: &str) -> Judged {
    let (metric, text) = (target.metric.clone(), target.text.clone());
    let Some(row) = headline::of_all(estimates, &target.metric) else {
        let verdict = Verdict::Uncertain { replications_needed: None };
        return Judged { metric, text, verdict, measured: String::new() };
    };
    let measured = measured(row.estimate.as_ref(), row.unit, currency);
    Judged { metric, text, verdict: verdict(row, target.at_least, target.at_most), measured }
}

/// The estimate of what a target binds, in words.
pub(in crate::cli) fn measured(estimate: Option<&Estimate>, unit: Unit, currency: &str) -> String {
    let shown = estimate.map(|estimate| headline::shown(estimate, unit, currency));
    shown.unwrap_or_else(|| "too little seen".to_owned())
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
