//! Assumptions that would overturn the answer of a plan: each ranged value at its ends.

use comfy_table::{Table, presets};
use serde_json::{Value, json};

use super::work::{Planning, Stopped};
use crate::cli::grid::lines_of;
use crate::cli::progress::Bar;
use crate::cli::terminal::{BOLD, DIM, painted, plain, wrapped};
use crate::report::number::{self, Quantity};
use crate::report::tables::{AssumedRow, JudgedTarget, PlannedAssumptions};
use crate::scenario::Scenario;
use crate::study::Crew;
use crate::study::plan::{Assumptions, Effect, Probe, margin, runs};
use crate::study::tornado::Ranged;

impl Planning<'_> {
    /// Runs the answer with each ranged value at its ends, where ranges are drawn and there is an
    /// answer; none if somebody wished to stop.
    pub(super) fn assume(&mut self, position: Option<usize>) -> Option<()> {
        let Some(scenario) = position.and_then(|at| Some(&self.probes.get(&at)?.0)) else {
            return Some(());
        };
        if scenario.uncertain.is_none() {
            return Some(());
        }
        self.terminal.talk("now the answer with each ranged value at its ends, one at a time");
        let most = runs(scenario) * self.asking.looks.last().copied().unwrap_or_default();
        let bar = Bar::new(scenario.size.top_ups, most, self.terminal.is_watched());
        let crew = Crew {
            threads: self.threads,
            progress: &bar,
            cancel: self.interrupt.wish(),
            journal: self.journal,
        };
        let assumed = Assumptions::of(scenario, &self.asking.looks, &crew);
        bar.clear();
        if assumed.is_none() {
            self.stopped = Some(Stopped::Interrupted);
        }
        self.assumed = assumed;
        self.assumed.as_ref().map(|_| ())
    }

    /// The table of what was assumed; none where no range was drawn or there is no answer.
    pub(super) fn assumptions_table(&self, scenario: &Scenario) -> Option<PlannedAssumptions> {
        let (assumed, answer) = (self.assumed.as_ref()?, self.found?.met?);
        let mut rows = rows(scenario, (None, "best"), &assumed.best, assumed);
        for own in &assumed.inputs {
            for (end, probe) in ["low", "high"].into_iter().zip(&own.ends) {
                rows.extend(self::rows(scenario, (Some(&own.input), end), probe, assumed));
            }
        }
        Some(PlannedAssumptions {
            scenario: scenario.name.clone(),
            key: self.grid.key.clone(),
            answer: self.grid.text(self.index(answer)),
            confidence: assumed.confidence,
            rows,
        })
    }
}

/// The targets with one value at one end of its range.
fn rows(
    scenario: &Scenario,
    (input, end): (Option<&Ranged>, &'static str),
    probe: &Probe,
    assumed: &Assumptions,
) -> Vec<AssumedRow> {
    let row = |(target, judged): (&crate::scenario::Target, &crate::study::Judged)| AssumedRow {
        input: input.cloned(),
        end,
        effect: assumed.effect_of(probe.verdict),
        target: JudgedTarget::new(scenario, target, judged, probe.replications),
        margin: margin(target, judged.estimate),
    };
    scenario.targets.iter().zip(&probe.judged).map(row).collect()
}

/// Values shown on the screen.
const SHOWN: usize = 10;
const UNDER: &str = "margin of the target nearest to being missed: below 0 it is missed; one value \
                     at an end of its range, the others at their best guesses, all with the same \
                     luck; plan_assumptions.csv has all of them";

/// The section of the screen: what would overturn the answer first.
pub(super) fn section(assumed: &PlannedAssumptions, columns: usize) -> String {
    let binding = assumed.binding();
    let inputs: Vec<&AssumedRow> = binding.iter().copied().filter(|r| r.input.is_some()).collect();
    let mut pairs: Vec<&[&AssumedRow]> = inputs.chunks(2).collect();
    let effect = |pair: &[&AssumedRow]| pair.iter().map(|row| row.effect).max();
    pairs.sort_by_key(|pair| std::cmp::Reverse(effect(pair)));
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for pair in pairs.into_iter().take(SHOWN) {
        let Some(input) = pair.first().and_then(|row| row.input.as_ref()) else { continue };
        let ends = pair.iter().map(|row| format!("{} at {}", margin_of(row), value_of(row)));
        let word = match effect(pair) {
            Some(Effect::Flips) => "flips",
            Some(Effect::Unsure) => "uncertain",
            Some(Effect::MissedAnyway) => "missed",
            _ => "",
        };
        table.add_row([plain(&input.path)].into_iter().chain(ends).chain([word.to_owned()]));
    }
    let target = binding.first().map_or(String::new(), |row| {
        plain(&format!(", by how far {} is {}", row.target.of[0], row.target.text))
    });
    let title = painted(BOLD, &format!("Assumptions at {} {}", assumed.key, assumed.answer));
    let mut text = format!("{title}{target}\n{}", lines_of(&table));
    for line in wrapped(UNDER, columns) {
        text += &format!("{}\n", painted(DIM, &line));
    }
    text
}

fn margin_of(row: &AssumedRow) -> String {
    let quantity = Quantity::of(row.target.unit);
    row.margin.map_or("–".to_owned(), |margin| number::difference(&margin, quantity))
}

fn value_of(row: &AssumedRow) -> &str {
    let Some(input) = &row.input else { return "" };
    if row.end == "low" { &input.low } else { &input.high }
}

/// The same for programs.
pub(super) fn json(assumed: &PlannedAssumptions) -> Value {
    let rows = assumed.rows.iter().map(|row| {
        let (estimate, margin) = (row.target.estimate, row.margin);
        json!({
            "input": row.input.as_ref().map(|input| &input.path),
            "end": row.end,
            "value": row.input.as_ref().map(|_| value_of(row)),
            "metric": row.target.of[0], "group": row.target.of[1], "window": row.target.of[2],
            "target": row.target.text,
            "verdict": row.target.verdict.word(),
            "estimate": estimate.map(|estimate| estimate.value),
            "margin": margin.map(|margin| margin.value),
            "margin_ci_low": margin.and_then(|m| m.interval).map(|interval| interval.low),
            "margin_ci_high": margin.and_then(|m| m.interval).map(|interval| interval.high),
            "replications": row.target.replications,
        })
    });
    json!({
        "finding": assumed.finding(),
        "flips": assumed.with_effect(Effect::Flips),
        "uncertain": assumed.with_effect(Effect::Unsure),
        "missed_with_best_guesses": assumed.is_missed_anyway(),
        "confidence_of_a_look": assumed.confidence,
        "ends": rows.collect::<Vec<_>>(),
    })
}
