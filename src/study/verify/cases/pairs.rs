//! Common random numbers: two policies under one seed meet the same users with the same luck.

use libm::exp;

use super::super::case::{Case, Check, Control, Kind, OFTEN, Size};
use super::{S, owned};
use crate::model::outcome::Marks;
use crate::record::Summary;

pub(super) fn cases() -> Vec<Case> {
    vec![two_time_outs(), same_policy(), later_policy()]
}

fn another_seed() -> Control {
    Control { what: "another seed for one of them".to_owned(), sets: Vec::new() }
}

const HUNDRED: Size = Size { warmup: 0.0, measured: S, replications: 400, thorough: OFTEN };

/// Calls of Exp(1 s), and clients that wait for 2 s or 2.5 s: with the same users the difference of
/// the shares that run out of time has the variance D (1 - D), 3.816 times less than with others.
fn two_time_outs() -> Case {
    let difference = exp(-2.0) - exp(-2.5);
    let late = |seen: &Summary| {
        vec![seen.all.marked(Marks::UNKNOWN_OUTCOME) as f64, seen.all.top_ups as f64]
    };
    let both = move |short: &[f64], long: &[f64]| {
        let n = short[1];
        (short[0] - long[0] - n * difference) / (n * difference * (1.0 - difference)).sqrt()
    };
    let who = |seen: &Summary| vec![seen.all.top_ups as f64, seen.all.amount as f64];
    Case {
        name: "Two time-outs under one seed".to_owned(),
        source: "STATISTICS 2.2",
        kind: Kind::Pair(owned(["client.timeout=\"2500ms\""])),
        sets: owned([
            "arrivals.rate=\"1000/s\"",
            "gateway.service={ exponential = \"1s\" }",
            "client.timeout=\"2s\"",
        ]),
        control: another_seed(),
        size: HUNDRED,
        checks: vec![
            Check::squares_of_pairs("variance of the difference", late, both),
            Check::equal("share of runs with others", who),
        ],
    }
}

/// Everything that a summary of few top-ups says in numbers.
fn all(seen: &Summary) -> Vec<f64> {
    let all = &seen.all;
    let outcomes = all.outcomes.iter().chain(&all.marks);
    let sums = [all.top_ups, all.attempts, all.captures, all.credits];
    let mut numbers: Vec<f64> = outcomes.chain(&sums).map(|count| *count as f64).collect();
    let waits = seen.pools.iter().map(|pool| pool.top_ups().waiting_ns + pool.busy_ns);
    let times = waits.chain([seen.call_latency.sum()]).map(|ns| ns as f64);
    numbers.extend(times);
    numbers
}

/// Losses, declines, a queue, and retries with pauses.
fn busy() -> Vec<String> {
    owned([
        "arrivals.rate=\"90/s\"",
        "network.wire.loss=\"5%\"",
        "network.wire.latency={ exponential = \"50ms\" }",
        "causes.system_error=\"5%\"",
        "gateway.workers=1",
        "gateway.service={ exponential = \"10ms\" }",
        "client.timeout=\"1s\"",
        "client.retry_on=[\"time_out\", \"refused\"]",
    ])
}

/// A preset by its name, and its schedule written out.
fn same_policy() -> Case {
    let written = "client.retry={ fixed = { pause = \"500ms\", attempts_max = 3 } }";
    Case {
        name: "One policy written in two ways".to_owned(),
        source: "STATISTICS 2.2: identical policies differ by exactly 0",
        kind: Kind::Pair(owned([written])),
        sets: [busy(), owned(["client.retry=\"resilience4j\""])].concat(),
        control: another_seed(),
        size: HUNDRED,
        checks: vec![Check::equal("share of runs that differ", all)],
    }
}

/// First and second attempts, and those who got what they wanted from the first.
fn first_two(seen: &Summary) -> Vec<f64> {
    let sent = |number: usize| {
        let buckets = seen.timeline.buckets.iter().map(|bucket| bucket.attempts[number]);
        buckets.sum::<u64>() as f64
    };
    let first = seen.all.outcome(crate::model::outcome::Outcome::CreditedFirst);
    vec![seen.all.top_ups as f64, sent(0), sent(1), first as f64]
}

/// Two attempts or four, where top-ups do not meet.
fn later_policy() -> Case {
    let attempts = |n: u32| {
        vec![format!("client.retry={{ fixed = {{ pause = \"500ms\", attempts_max = {n} }} }}")]
    };
    let alone = owned([
        "arrivals.rate=\"300/s\"",
        "network.wire.loss=\"10%\"",
        "network.wire.latency={ exponential = \"50ms\" }",
        "causes.system_error=\"5%\"",
        "client.timeout=\"1s\"",
    ]);
    Case {
        name: "Policies that differ after the second attempt".to_owned(),
        source: "STATISTICS 2.2",
        kind: Kind::Pair(attempts(4)),
        sets: [alone, attempts(2)].concat(),
        control: another_seed(),
        size: HUNDRED,
        checks: vec![Check::equal("share of runs whose beginnings differ", first_two)],
    }
}
