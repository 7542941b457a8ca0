//! Are intervals honest? Experiments of several replications, and how often their intervals hold a
//! truth that theory knows.

use libm::log;

use super::super::case::{Case, Check, Expected, Kind, OFTEN, Size};
use super::super::theory::{LossyCalls, birth_death};
use super::{MS, S, busy, control, owned, rate};
use crate::model::outcome::Marks;
use crate::record::Summary;
use crate::stats::{
    CONFIDENCE, Estimate, Interval, is_narrow, looks, mean_t, pooled_share, quantile_interval,
};

pub(super) fn cases() -> Vec<Case> {
    vec![lossy(), queue(), ranks(), planned_looks()]
}

/// What a 95 % interval should cover, by more than luck.
const EXACT: Expected = Expected::Between(0.94, 0.96);
/// What one should that is made to cover at least as often as it says.
const CAREFUL: Expected = Expected::Between(0.95, 1.0);

/// Replications of an experiment.
const FEW: usize = 5;

fn holds(interval: Option<Interval>, truth: f64) -> bool {
    interval.is_some_and(|interval| (interval.low..=interval.high).contains(&truth))
}

fn of_estimate(estimate: Option<Estimate>) -> Option<Interval> {
    estimate.and_then(|estimate| estimate.interval)
}

/// Whether Student's t over five replications holds the truth.
fn covered_by_t(truth: f64) -> impl Fn(&[&[f64]]) -> Option<(usize, bool)> {
    move |left| {
        let values: Vec<f64> = left.get(..FEW)?.iter().map(|numbers| numbers[0]).collect();
        Some((FEW, holds(of_estimate(mean_t(&values, CONFIDENCE)), truth)))
    }
}

/// Two hundred top-ups a replication.
fn lossy() -> Case {
    let calls = LossyCalls { up: 0.05, down: 0.03, attempts: 3 };
    let law = calls.law();
    let loss = |down: &str| format!("network.wire.loss={{ up = \"5%\", down = \"{down}\" }}");
    let attempts = |seen: &Summary| vec![seen.all.attempts as f64 / seen.all.top_ups as f64];
    let twice = |seen: &Summary| {
        vec![seen.all.marked(Marks::DUPLICATE_CHARGE) as f64, seen.all.top_ups as f64]
    };
    let pooled = move |left: &[&[f64]]| {
        let counts = left.get(..FEW)?.iter().map(|numbers| (numbers[0] as u64, numbers[1] as u64));
        let interval = pooled_share(&counts.collect::<Vec<(u64, u64)>>(), CONFIDENCE);
        Some((FEW, holds(Some(interval), law.twice)))
    };
    Case {
        name: "Intervals of five replications: lossy retries".to_owned(),
        source: "Student 1908; Korn and Graubard 1998",
        kind: Kind::Single,
        sets: [
            owned([
                "arrivals.rate=\"200/s\"",
                "client.timeout=\"1s\"",
                "client.key=\"none\"",
                "client.retry={ fixed = { pause = \"0s\", attempts_max = 3 } }",
            ]),
            vec![loss("3%")],
        ]
        .concat(),
        control: control("6 % of answers lost for 3 %", [loss("6%")]),
        size: Size { warmup: 0.0, measured: S, replications: 5_000, thorough: OFTEN },
        checks: vec![
            Check::experiments(
                "attempts: intervals that hold",
                EXACT,
                attempts,
                covered_by_t(law.attempts.0),
            ),
            Check::experiments("charged twice: intervals that hold", CAREFUL, twice, pooled),
        ],
    }
}

/// Top-ups of a replication share a queue.
fn queue() -> Case {
    let (load, places) = (0.9, 5);
    let shares = birth_death(load, places, |n| n.min(1.0));
    // a mean over time has no bias of a ratio
    let truth = load * (1.0 - shares[places as usize]);
    Case {
        name: "Intervals of five replications: M/M/1/5".to_owned(),
        source: "Student 1908; birth and death",
        kind: Kind::Single,
        sets: [
            owned([
                "gateway.workers=1",
                "gateway.queue.max=4",
                "gateway.service={ exponential = \"1ms\" }",
            ]),
            vec![rate(load)],
        ]
        .concat(),
        control: control("load 1.1 for 0.9", [rate(1.1)]),
        size: Size {
            warmup: 30.0 * MS,
            measured: 200.0 * MS,
            replications: 5_000,
            thorough: OFTEN,
        },
        checks: vec![Check::experiments(
            "utilisation: intervals that hold",
            EXACT,
            |seen| vec![busy(seen)],
            covered_by_t(truth),
        )],
    }
}

/// Calls of a replication, in the mean: a Poisson number.
const CALLS: f64 = 20.0;

/// Independent calls of Exp(1 s), few in each of many replications.
fn few_calls(name: &str, source: &'static str, replications: u32, check: Check) -> Case {
    let service = |mean: &str| format!("gateway.service={{ exponential = \"{mean}\" }}");
    Case {
        name: name.to_owned(),
        source,
        kind: Kind::Single,
        sets: vec![
            format!("arrivals.rate=\"{}/s\"", CALLS * 10.0),
            "client.timeout=\"10m\"".to_owned(),
            service("1s"),
        ],
        control: control("calls of 1.1 s for 1 s", [service("1100ms")]),
        size: Size { warmup: 0.0, measured: S / 10.0, replications, thorough: OFTEN },
        checks: vec![check],
    }
}

/// The longest call of a replication is at most x with probability exp(-20 e^-x): the median over
/// replications lies between the 40th and the 61st of a hundred in 96.48 of 100 experiments.
fn ranks() -> Case {
    const HUNDRED: usize = 100;
    let truth = log(CALLS / std::f64::consts::LN_2);
    let longest = |seen: &Summary| vec![seen.call_latency.max().unwrap_or(0) as f64 / S];
    let one = move |left: &[&[f64]]| {
        let mut values: Vec<f64> = left.get(..HUNDRED)?.iter().map(|numbers| numbers[0]).collect();
        values.sort_by(f64::total_cmp);
        let interval = of_estimate(quantile_interval(&values, 0.5, CONFIDENCE));
        Some((HUNDRED, holds(interval, truth)))
    };
    let what = "intervals that hold";
    few_calls(
        "Interval of a median, by ranks among 100 replications",
        "STATISTICS 2.5: P(40 <= Bin(100, 1/2) <= 60)",
        20_000,
        Check::experiments(what, Expected::Value(0.964_8), longest, one),
    )
}

/// Replications until the mean is known to 5 %, at planned looks only.
fn planned_looks() -> Case {
    const MOST: u32 = 400;
    let mean = |seen: &Summary| vec![seen.call_latency.mean().unwrap_or(f64::NAN) / S];
    let planned = looks(0, MOST);
    let one = move |left: &[&[f64]]| {
        for &look in &planned {
            let values = left.get(..look as usize)?.iter().map(|numbers| numbers[0]);
            let estimate = mean_t(&values.collect::<Vec<f64>>(), CONFIDENCE)?;
            if look == MOST || is_narrow(&estimate, None, 0.05 * estimate.value) {
                return Some((look as usize, holds(estimate.interval, 1.0)));
            }
        }
        None
    };
    few_calls(
        "Replications until a mean is known to 5 %",
        "STATISTICS 2.3",
        24_000,
        Check::experiments("intervals that hold", Expected::Between(0.93, 0.97), mean, one),
    )
}
