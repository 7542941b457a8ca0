//! A finished run as `report` shows it.

use serde_json::Value;

use super::Shown;
use crate::cli::ending::Failure;
use crate::cli::run::answer::{About, Answer, Cost, Said, with_recoveries};
use crate::record::METRICS;
use crate::report::finished::BesideTables;
use crate::report::tables::{CauseRow, Flow, SummaryRow, Tables};
use crate::report::{Finished, chart, precision_of};
use crate::study::MetricEstimate;

/// A run: its charts, and what it said.
pub(super) fn run(finished: &Finished) -> Result<Shown, Failure> {
    let (tables, notes) = finished.tables()?;
    let answer = answer(finished, &tables);
    let drawn = tables.clone();
    Ok(Shown {
        notes,
        pictures: Box::new(move |look| chart::draw_all(&drawn, look)),
        text: Box::new(move |format, columns| {
            answer.text(format, columns, || tables.summary.clone())
        }),
    })
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
        question: manifest["question"].as_str().map(str::to_owned),
        plan_hash: text(&manifest["plan_hash"]),
        seed: manifest["seed"].as_u64().unwrap_or_default(),
        currency: text(&manifest["currency"]),
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
    (row.statistic == MetricEstimate::MEAN).then(|| MetricEstimate {
        metric: metric.name,
        group: row.group.clone(),
        window: row.window.clone(),
        statistic: MetricEstimate::MEAN,
        unit: metric.unit,
        better: metric.better,
        estimate: row.estimate,
        replications: row.replications,
        events: row.events,
    })
}

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
