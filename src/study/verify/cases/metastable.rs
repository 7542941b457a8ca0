//! The published table of the storm: goodput, load, and when it is back.

use super::super::case::{Case, Check, Control, Expected, Kind, OFTEN, Size};
use super::super::metastable::{AGREES, Class, Numbers, Row, rows};
use super::super::storm::STORM;
use super::{S, owned};
use crate::record::Summary;

/// A run of the table: frozen from 60 to 70 s, judged from 340 to 400 s.
pub(super) const SIZE: Size =
    Size { warmup: 0.0, measured: 400.0 * S, replications: 12, thorough: OFTEN };
/// When the worker goes on, s.
const THAWED: f64 = 70.0;
/// The last seconds, in which goodput and attempts are counted.
const JUDGED: usize = 60;

/// What is watched, each in its place: ten seconds in which all but one in twenty of those who come
/// succeed, and the last minute.
pub(super) const WATCHED: [&str; 2] = [
    "recovery.back={ trigger = \"frozen\", hold = \"10s\" }",
    "recovery.end={ trigger = \"frozen\", hold = \"60s\" }",
];
const BACK: usize = 0;
pub(super) const END: usize = 1;

pub(super) fn cases() -> Vec<Case> {
    rows().iter().map(of_row).collect()
}

fn of_row(row: &Row) -> Case {
    let rate = |rate: f64| vec![format!("arrivals.rate=\"{rate}/s\"")];
    let (what, other, sets) = &row.control;
    Case {
        name: format!("Published storm, {}/s: {}", row.rate, row.name),
        source: "retry_cases.csv: M2, measured by another simulator",
        kind: Kind::Single,
        sets: [owned(STORM), owned(WATCHED), rate(row.rate), row.sets.clone()].concat(),
        control: Control { what: (*what).to_owned(), sets: [rate(*other), sets.clone()].concat() },
        size: SIZE,
        checks: checks(row),
    }
}

fn checks(row: &Row) -> Vec<Check> {
    let seeds = row.published();
    let load = |expected| ranged("attempts/s in the last minute", expected, sent);
    let goodput = |expected| ranged("goodput/s in the last minute", expected, good);
    match row.class {
        // 1.2 x 80 of 100: nothing is sure but the range
        Class::Marginal => vec![load(around(&seeds, |seed| seed.attempts))],
        Class::Never => vec![
            goodput(near(&seeds, |seed| seed.goodput)),
            load(near(&seeds, |seed| seed.attempts)),
            Check::share("share of runs that are back", 0.0, |seen| {
                let record = &seen.recoveries.records[BACK];
                (record.recovered, record.watched)
            }),
        ],
        Class::Recovers => vec![
            goodput(near(&seeds, |seed| seed.goodput)),
            load(near(&seeds, |seed| seed.attempts)),
            ranged("back at (s)", back(&seeds), |seen| {
                THAWED + seen.recoveries.records[BACK].restricted_ns as f64 / S
            }),
        ],
    }
}

fn ranged(metric: &str, (low, high): (f64, f64), of: fn(&Summary) -> f64) -> Check {
    Check { expected: Expected::Between(low, high), ..Check::mean(metric, low, of) }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean of the seeds of the table, to the share to which it holds; nothing is nothing, whatever
/// is left in the queue.
fn near(seeds: &[Numbers], of: fn(&Numbers) -> f64) -> (f64, f64) {
    let mean = mean(&seeds.iter().map(of).collect::<Vec<f64>>());
    let off = AGREES * mean.max(1.0);
    ((mean - off).max(0.0), mean + off)
}

/// From the least to the greatest of the seeds.
fn around(seeds: &[Numbers], of: fn(&Numbers) -> f64) -> (f64, f64) {
    let all = || seeds.iter().map(of);
    let (low, high) = (all().fold(f64::MAX, f64::min), all().fold(0.0, f64::max));
    (low * (1.0 - AGREES), high * (1.0 + AGREES))
}

/// When it is back varies with the luck of arrivals and services: the mean of the seeds, to three
/// of its standard errors, and to three seconds.
fn back(seeds: &[Numbers]) -> (f64, f64) {
    let times: Vec<f64> = seeds.iter().filter_map(|seed| seed.back).collect();
    assert_eq!(times.len(), seeds.len(), "every seed of the table is back");
    let mean = mean(&times);
    let squares: f64 = times.iter().map(|time| (time - mean).powi(2)).sum();
    let n = times.len() as f64;
    let off = 3.0 + 3.0 * (squares / (n - 1.0) / n).sqrt();
    (mean - off, mean + off)
}

/// Attempts a second: buckets of such a run are seconds.
fn sent(seen: &Summary) -> f64 {
    assert_eq!(seen.timeline.width, S as u64, "a bucket is a second");
    let last = seen.timeline.buckets.iter().rev().take(JUDGED);
    let attempts: u64 = last.map(|bucket| bucket.attempts.iter().sum::<u64>()).sum();
    attempts as f64 / JUDGED as f64
}

fn good(seen: &Summary) -> f64 {
    seen.recoveries.records[END].after.good as f64 / JUDGED as f64
}
