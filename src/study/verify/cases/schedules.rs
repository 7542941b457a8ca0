//! Schedules of retry presets as they are published: a call of which every attempt fails at once.

use super::super::case::{Case, Check, Kind, LONG, Size, cells};
use super::super::published::{Pause, Published, published};
use super::{S, control, forty, owned};
use crate::model::retry::{Preset, Seen};
use crate::record::Summary;

pub(super) fn cases() -> Vec<Case> {
    // hedges are no pauses
    let named = Preset::all().iter().filter(|preset| preset.hedge.is_none());
    let named: Vec<(&Preset, Published)> =
        named.filter_map(|preset| Some((preset, published(preset.name)?))).collect();
    let mut cases: Vec<Case> = named.iter().map(|one| of_preset(one, &named)).collect();
    cases.extend(written());
    cases
}

/// Users who wait for as long as it takes.
fn patient() -> Vec<String> {
    owned([
        "arrivals.rate=\"50/s\"",
        "users.screen_patience=\"50d\"",
        "users.goal_patience=\"50d\"",
        "client.timeout=\"1s\"",
    ])
}

/// Something that a preset tries again on, and how long an attempt takes until it shows, s: a
/// broken connection shows after a microsecond at least.
fn trouble(preset: &Preset) -> (Vec<String>, f64) {
    if preset.retry_on.has(Seen::Refused) || preset.retry_on.iter().next().is_none() {
        return (owned(["causes.system_error=\"100%\""]), 0.0);
    }
    if preset.retry_on.has(Seen::ConnectionLost) {
        let lost = ["network.wire.loss={ up = \"100%\" }", "network.wire.resets=\"100%\""];
        return (owned(lost), 1e-6);
    }
    let busy = owned(["incidents.busy={ target = \"gateway\", at = \"0s\", lasts = \"1h\", \
            effect = { refuse = \"system_busy\" } }"]);
    (busy, 0.0)
}

fn retry(name: &str) -> String {
    format!("client.retry=\"{name}\"")
}

fn of_preset(one: &(&Preset, Published), all: &[(&Preset, Published)]) -> Case {
    let (preset, published) = one;
    let other = nearest(one, all);
    let (trouble, takes) = trouble(preset);
    let lasts_in_all = published.lasts() + f64::from(published.attempts) * takes;
    let mut checks = vec![attempts(published.attempts), lasts(lasts_in_all)];
    checks.extend(uniform(published));
    Case {
        name: format!("Preset {}: {}", preset.name, preset.label),
        source: preset.source,
        kind: Kind::Single,
        sets: [patient(), trouble, vec![retry(preset.name)]].concat(),
        control: control(other.name, [retry(other.name)]),
        size: Size { thorough: LONG, ..forty(S, 0.0, 4.0) },
        checks,
    }
}

/// The preset that is easiest taken for another one: it makes another number of attempts, and what
/// takes longest is nearest.
fn nearest<'a>(
    (preset, published): &(&Preset, Published),
    all: &[(&'a Preset, Published)],
) -> &'a Preset {
    let ours = published.lasts();
    let apart = |other: &Published| {
        let theirs = other.lasts();
        (theirs - ours).abs() / (theirs + ours).max(1e-9)
    };
    let others =
        all.iter().filter(|(_, other)| other.attempts != published.attempts && apart(other) > 0.03);
    let found = others.min_by(|a, b| apart(&a.1).total_cmp(&apart(&b.1)));
    found.unwrap_or_else(|| panic!("{} differs from another preset", preset.name)).0
}

fn attempts(expected: u32) -> Check {
    let each = |seen: &Summary| seen.all.attempts as f64 / seen.all.top_ups as f64;
    Check::mean("attempts of a call", f64::from(expected), each)
}

fn lasts(seconds: f64) -> Check {
    // to the nanosecond
    let expected = (seconds * S).round() / S;
    let mean = |seen: &Summary| seen.call_latency.mean().unwrap_or(f64::NAN) / S;
    Check::mean("time of a call (s)", expected, mean)
}

/// Where a single pause of a schedule is drawn, and uniform, so is what a call takes.
fn uniform(published: &Published) -> Option<Check> {
    let is_drawn = |pause: &Pause| pause.ends.is_none_or(|(low, high)| low < high);
    let mut drawn = published.all().filter(is_drawn);
    let (low, high) = drawn.next()?.ends.filter(|_| drawn.next().is_none())?;
    let others: f64 =
        published.all().filter(|pause| !is_drawn(pause)).map(|pause| pause.mean).sum();
    let law = move |ns: f64| ((ns / S - others - low) / (high - low)).clamp(0.0, 1.0);
    Some(Check::law("distance of its law", |seen| cells(&seen.call_latency), law))
}

/// Schedules with more retries than a preset makes, and Brooker's, written out.
fn written() -> Vec<Case> {
    let brooker = |base: &str, jitter: &str| {
        format!(
            "client.retry={{ exponential = {{ pause_min = \"{base}\", pause_max = \"2s\", \
             attempts_max = 6, jitter = \"{jitter}\" }} }}"
        )
    };
    let stripe = |first: &str| {
        format!(
            "client.retry={{ exponential = {{ pause_min = \"{first}\", pause_max = \"5s\", \
             attempts_max = 7, jitter = \"equal\", at_least = \"500ms\" }} }}"
        )
    };
    let rows = [
        (
            "Decorrelated jitter from 5 ms, five retries",
            "aws-arch-backoff-simulator@66cb169",
            brooker("5ms", "decorrelated"),
            ("from 5.5 ms", brooker("5500us", "decorrelated")),
            // each is 2.5 ms and one and a half times the one before, from 5 ms on
            &[0.010, 0.0175, 0.02875, 0.045_625, 0.070_937_5][..],
        ),
        (
            "Full jitter up to 10 ms and twice that each time, five retries",
            "aws-arch-backoff-simulator@66cb169",
            brooker("10ms", "full"),
            ("up to 11 ms", brooker("11ms", "full")),
            &[0.005, 0.010, 0.020, 0.040, 0.080],
        ),
        (
            "Stripe's schedule, six retries",
            "stripe-python@6c6e3736",
            stripe("500ms"),
            ("from 550 ms", stripe("550ms")),
            &[0.5, 0.75, 1.5, 3.0, 3.75, 3.75],
        ),
    ];
    let case = |(name, source, right, (what, wrong), pauses): (
        &str,
        &'static str,
        String,
        (&str, String),
        &[f64],
    )| Case {
        name: name.to_owned(),
        source,
        kind: Kind::Single,
        sets: [patient(), owned(["causes.system_error=\"100%\""]), vec![right]].concat(),
        control: control(what, [wrong]),
        size: forty(S, 0.0, 10.0),
        checks: vec![lasts(pauses.iter().sum())],
    };
    rows.into_iter().map(case).collect()
}
