//! Results for programs: JSON and CSV with stable keys.

use serde_json::{Value, json};

use super::answer::{Answer, Cost, Judged};
use crate::report::csv::csv_of;
use crate::report::tables::Summary;
use crate::study::{Held, MetricEstimate, Ranked, Verdict};

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
        "published": answer.facts.iter().map(fact).collect::<Vec<_>>(),
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
        "currency" => answer.currency(),
        name => name,
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

fn target(judged: &Judged) -> Value {
    let (verdict, needed) = match judged.verdict {
        Verdict::Met => ("met", None),
        Verdict::Missed => ("missed", None),
        Verdict::Uncertain { replications_needed } => ("uncertain", replications_needed),
    };
    json!({
        "metric": judged.metric,
        "target": judged.text,
        "verdict": verdict,
        "replications_needed": needed,
    })
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

fn cause(cost: &Cost) -> Value {
    json!({
        "cause": if cost.code.is_empty() { Value::Null } else { cost.code.clone().into() },
        "label": cost.label,
        "lost": cost.lost,
        "share_of_lost": cost.share,
    })
}
