//! Results for programs: JSON and CSV with stable keys.

use serde_json::{Value, json};

use super::answer::{Answer, Cost, Said};
use crate::report;
use crate::report::csv::csv_of;
use crate::report::tables::Summary;
use crate::study::{Estimate, Held, MetricEstimate, Moves, Ranked, RecoveryEstimate};

/// Everything on the screen and every metric, as indented JSON.
pub(super) fn json(answer: &Answer) -> String {
    let about = &answer.about;
    let value = json!({
        "scenario": about.name,
        "title": about.title,
        "question": about.question,
        "version": env!("CARGO_PKG_VERSION"),
        "plan_hash": about.plan_hash,
        "seed": about.seed,
        "replications": about.complete,
        "partial": about.is_partial,
        "folder": answer.folder.display().to_string(),
        "finding": answer.finding,
        "metrics": answer.estimates.iter().map(|row| metric(row, answer)).collect::<Vec<_>>(),
        "targets": answer.targets.iter().map(target).collect::<Vec<_>>(),
        "precision": answer.precise.as_ref().map(report::precision_entry),
        "published": answer.facts.iter().map(fact).collect::<Vec<_>>(),
        "recoveries": answer.recoveries.iter().map(recovery).collect::<Vec<_>>(),
        "drawn_inputs": answer.about.drawn_inputs,
        "assumptions": answer.moves.iter().map(assumption).collect::<Vec<_>>(),
        "rankings": answer.rankings.iter().map(ranking).collect::<Vec<_>>(),
        "causes": answer.causes.iter().map(cause).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

/// The text of `summary.csv`.
pub(super) fn csv(summary: &Summary) -> String {
    String::from_utf8(csv_of(summary)).expect("a table is written as text")
}

fn metric(row: &MetricEstimate, answer: &Answer) -> Value {
    let interval = row.estimate.and_then(|estimate| estimate.interval);
    let unit = match row.unit.name() {
        "currency" => answer.currency().to_owned(),
        "currency_per_1000" => format!("{}_per_1000", answer.currency()),
        name => name.to_owned(),
    };
    json!({
        "metric": row.metric,
        "group": row.group,
        "window": row.window,
        "statistic": row.statistic,
        "unit": unit,
        "value": row.estimate.map(|estimate| estimate.value),
        "ci_low": interval.map(|interval| interval.low),
        "ci_high": interval.map(|interval| interval.high),
        "interval": row.estimate.map(|estimate| estimate.method().to_string()),
        "replications": row.replications,
        "events": row.events,
    })
}

fn target(said: &Said) -> Value {
    said.entry.clone()
}

fn fact(held: &Held) -> Value {
    let (fact, interval) = (&held.fact, held.simulated.and_then(|estimate| estimate.interval));
    json!({
        "fact": fact.name,
        "kind": fact.kind.name(),
        "metric": fact.metric,
        "group": fact.group,
        "window": fact.window,
        "published": fact.value,
        "published_low": fact.at_least,
        "published_high": fact.at_most,
        "simulated": held.simulated.map(|estimate| estimate.value),
        "ci_low": interval.map(|interval| interval.low),
        "ci_high": interval.map(|interval| interval.high),
        "verdict": held.words(),
        "source": fact.source,
    })
}

fn ranking(ranked: &Ranked) -> Value {
    let (ranking, interval) = (&ranked.ranking, ranked.share.and_then(|share| share.interval));
    json!({
        "ranking": ranking.name,
        "claimed": ranking.claimed.name,
        "of": ranking.of,
        "by": ranking.by.name(),
        "says": ranking.says,
        "claim": ranking.claim.words(),
        "rank": ranked.rank,
        "rank_best": ranked.range.map(|range| range.0),
        "rank_worst": ranked.range.map(|range| range.1),
        "strongest_other": ranked.strongest,
        "share": ranked.share.map(|share| share.value),
        "ci_low": interval.map(|interval| interval.low),
        "ci_high": interval.map(|interval| interval.high),
        "needed_share": ranked.needed,
        "verdict": ranked.words(),
        "source": ranking.source,
    })
}

fn assumption(row: &Moves) -> Value {
    let (of_r, of_swing) = (row.correlation.and_then(|r| r.interval), row.swing.interval);
    json!({
        "metric": row.metric,
        "input": row.input.path,
        "value": row.input.value,
        "low": row.input.low,
        "high": row.input.high,
        "rank_correlation": row.correlation.map(|r| r.value),
        "rank_correlation_ci_low": of_r.map(|interval| interval.low),
        "rank_correlation_ci_high": of_r.map(|interval| interval.high),
        "swing": row.swing.value,
        "swing_ci_low": of_swing.map(|interval| interval.low),
        "swing_ci_high": of_swing.map(|interval| interval.high),
        "at_low": row.ends.0,
        "at_high": row.ends.1,
        "replications_p05": row.spread.map(|spread| spread.0),
        "replications_p95": row.spread.map(|spread| spread.1),
        "target": row.target.as_ref().map(|target| &target.0),
        "flips": row.flips(),
    })
}

fn recovery(row: &RecoveryEstimate) -> Value {
    let estimate = |estimate: Option<Estimate>| {
        let interval = estimate.and_then(|estimate| estimate.interval);
        json!({
            "value": estimate.map(|estimate| estimate.value),
            "ci_low": interval.map(|interval| interval.low),
            "ci_high": interval.map(|interval| interval.high),
            "interval": estimate.map(|estimate| estimate.method().to_string()),
        })
    };
    json!({
        "recovery": row.recovery.name,
        "trigger": row.recovery.trigger,
        "goodput": row.recovery.goodput.name(),
        "hold_s": row.recovery.hold_s,
        "horizon_s": row.recovery.horizon_s,
        "replications": row.watched,
        "collapsed": row.collapsed,
        "collapse_share": estimate(row.collapse_share),
        "time_median_s": estimate(row.curve.median()),
        "time_median_at_least_s": row.curve.median_low(),
        "time_restricted_mean_s": estimate(row.mean_s),
        "goodput_before_per_top_up": estimate(row.before),
        "goodput_after_per_top_up": estimate(row.after),
    })
}

fn cause(cost: &Cost) -> Value {
    json!({
        "cause": if cost.code.is_empty() { Value::Null } else { cost.code.clone().into() },
        "label": cost.label,
        "lost": cost.lost,
        "share_of_lost": cost.share,
    })
}
