//! Pauses of schedules: supports, means, and the chain of decorrelated pauses.

use topup_sim::engine::{Class, Seed};
use topup_sim::model::advice::Advice;
use topup_sim::model::retry::{
    Decision, Exponential, Failure, Jitter, Luck, RetrySpec, Schedule, Seen,
};
use topup_sim::units::Span;

use super::Case;

/// Calls drawn for a mean.
const CALLS: u64 = 40_000;

/// What an app is told after attempt `attempt` of call number `call` failed.
pub(super) fn failure(call: u64, attempt: u32, seen: Seen) -> Failure {
    let stream = Seed::new(11, 0).stream(Class::Journey, call);
    let luck = Luck::of_client(stream, (attempt as u8 - 1, 0), 0);
    Failure { attempt, seen, cause: None, elapsed: 0, advice: Advice::default(), luck }
}

/// Pauses before retry `retry`, s, over many calls.
pub(super) fn pauses(schedule: &dyn Schedule, retry: u32, seen: Seen) -> Vec<f64> {
    let pause = |call| match schedule.decide(&failure(call, retry, seen)) {
        Decision::Retry(pause) => pause as f64 / 1e9,
        Decision::GiveUp => panic!("there is no retry {retry}"),
    };
    (0..CALLS).map(pause).collect()
}

/// Whether the mean of a sample is this, within five standard errors.
pub(super) fn mean_is(sample: &[f64], expected: f64) -> Result<(), String> {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let variance = sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    let error = (variance / n).sqrt();
    let near = (mean - expected).abs() <= 5.0 * error + 1e-9 * expected;
    if near { Ok(()) } else { Err(format!("mean {mean} ± {error}, not {expected}")) }
}

/// Whether a sample fills this interval: nothing outside, and something near both ends.
pub(super) fn support_is(sample: &[f64], low: f64, high: f64) -> Result<(), String> {
    let least = sample.iter().copied().fold(f64::INFINITY, f64::min);
    let most = sample.iter().copied().fold(0.0, f64::max);
    let room = 0.002 * (high - low) + 2e-9;
    let fills =
        least >= low - 2e-9 && most <= high + 2e-9 && least <= low + room && most >= high - room;
    if fills { Ok(()) } else { Err(format!("[{least}, {most}], not [{low}, {high}]")) }
}

fn retry_of(case: &Case) -> u32 {
    case.params.strip_prefix("k=").and_then(|k| k.parse().ok()).expect("k is a number")
}

fn number(case: &Case) -> f64 {
    case.expected.parse().expect("it is a number")
}

/// base 5, cap 2000, in ms.
fn brooker(base: u64, jitter: Jitter) -> RetrySpec {
    let span = Span::from_millis;
    RetrySpec::Exponential(Exponential {
        jitter,
        ..Exponential::doubling(span(base), span(2000), 16)
    })
}

pub(super) fn decorrelated(case: &Case) -> Result<(), String> {
    let schedule = brooker(5, Jitter::Decorrelated);
    mean_is(&pauses(&schedule, retry_of(case), Seen::TimeOut), number(case) / 1e3)
}

/// His first ceiling is base × 2.
pub(super) fn full(case: &Case) -> Result<(), String> {
    let schedule = brooker(10, Jitter::Full);
    mean_is(&pauses(&schedule, retry_of(case), Seen::TimeOut), number(case) / 1e3)
}

/// The table tells of more retries than the SDK makes: the schedule with more of them.
pub(super) fn stripe(case: &Case) -> Result<(), String> {
    let preset = topup_sim::model::retry::Preset::by_name("stripe-sdk").expect("it is a preset");
    let RetrySpec::Exponential(mut schedule) = (preset.schedule)() else {
        return Err("it is no exponential".into());
    };
    schedule.attempts_max = 16;
    let sample = pauses(&schedule, retry_of(case), Seen::TimeOut);
    if !case.metric.contains("min,max") {
        return mean_is(&sample, number(case));
    }
    let ends: Vec<f64> = case
        .expected
        .trim_matches(['[', ']'])
        .split(',')
        .map(|end| end.parse().expect("it is a number"))
        .collect();
    support_is(&sample, ends[0], ends[1])
}

/// The numbers themselves are held by the unit test of the family, which can fix the luck, and the
/// means of its preset with those of all others (`presets.rs`): here, that it is this family.
pub(super) fn polly(_case: &Case) -> Result<(), String> {
    let preset =
        topup_sim::model::retry::Preset::by_name("polly-v8-jitter").expect("it is a preset");
    match (preset.schedule)() {
        RetrySpec::Polly(_) => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// Catches: a chain whose earlier pauses change when they are drawn again.
#[test]
fn a_decorrelated_pause_grows_from_the_one_before() {
    let schedule = brooker(5, Jitter::Decorrelated);
    let pause = |call, retry| match schedule.decide(&failure(call, retry, Seen::TimeOut)) {
        Decision::Retry(pause) => pause as f64 / 1e6,
        Decision::GiveUp => panic!("there is no retry {retry}"),
    };
    let mut near_the_end = 0;
    for call in 0..2_000 {
        let mut before = 5.0;
        for retry in 1..=8 {
            let now = pause(call, retry);
            let most = f64::min(2000.0, 3.0 * before);
            assert!((5.0..=most + 1e-6).contains(&now), "{now} after {before}");
            near_the_end += u32::from(now > 0.95 * most);
            before = now;
        }
    }
    assert!(near_the_end > 300, "the interval is never filled: {near_the_end}");
}

/// Catches: a cap before its jitter, or a floor that moves what lies above it.
#[test]
fn bounds_after_jitter_hold() {
    let span = Span::from_millis;
    let schedule = Exponential {
        jitter: Jitter::Proportional("50%".parse().expect("a share")),
        at_least: Some(span(80)),
        at_most: Some(span(140)),
        ..Exponential::doubling(span(100), span(100), 3)
    };
    let sample = pauses(&schedule, 1, Seen::TimeOut);
    support_is(&sample, 0.08, 0.14).unwrap();
    let at = |bound: f64| sample.iter().filter(|x| (**x - bound).abs() < 1e-9).count() as f64;
    // U(.05, .15): 30 % below .08, 10 % above .14
    assert!((at(0.08) / CALLS as f64 - 0.3).abs() < 0.01);
    assert!((at(0.14) / CALLS as f64 - 0.1).abs() < 0.01);
}

/// Catches: a bound on the time of a call that forgets the pause itself.
#[test]
fn no_retry_begins_after_until() {
    let span = Span::from_secs;
    let schedule = Exponential {
        until: Some(span(10)),
        jitter: Jitter::None,
        ..Exponential::doubling(span(4), span(4), 9)
    };
    let at = |elapsed: u64| {
        let elapsed = elapsed * 1_000_000_000;
        schedule.decide(&Failure { elapsed, ..failure(0, 2, Seen::Refused) })
    };
    assert_eq!(at(6), Decision::Retry(4_000_000_000));
    assert_eq!(at(7), Decision::GiveUp);
}
