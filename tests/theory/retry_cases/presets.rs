//! Every preset's pauses, attempts and outcomes, as its source gives them.

use topup_sim::model::retry::{Decision, Known, Preset, RetrySpec, Schedule, Seen};

use super::pauses::{failure, mean_is, pauses, support_is};

/// Low, high and mean of a pause, s.
type Pause = (f64, f64, f64);

/// U(0, x).
fn full(x: f64) -> Pause {
    (0.0, x, x / 2.0)
}

/// x whatever the luck.
fn just(x: f64) -> Pause {
    (x, x, x)
}

/// x × U(1 − s, 1 + s).
fn around(x: f64, s: f64) -> Pause {
    (x * (1.0 - s), x * (1.0 + s), x)
}

/// x + U(0, s × x).
fn besides(x: f64, s: f64) -> Pause {
    (x, x * (1.0 + s), x * (1.0 + s / 2.0))
}

/// Attempts, and the first pauses (the last one stays where there are more retries).
fn expected(name: &str) -> (u32, Vec<Pause>) {
    let map = |xs: &[f64], f: fn(f64) -> Pause| xs.iter().map(|&x| f(x)).collect::<Vec<Pause>>();
    match name {
        "aws-legacy" => (5, map(&[1.0, 2.0, 4.0, 8.0], full)),
        "aws-standard-pre2026" => (3, map(&[1.0, 2.0], full)),
        "aws-standard-2026" | "aws-adaptive" => (3, map(&[0.05, 0.1], full)),
        "stripe-sdk" => (3, vec![just(0.5), (0.5, 1.0, 0.75)]),
        "grpc-retry" => (4, map(&[0.1, 0.2, 0.4], |x| around(x, 0.2))),
        "envoy" => (2, map(&[0.025], full)),
        "istio" => (3, map(&[0.025, 0.05], full)),
        "linkerd" | "finagle" => (16, map(&[0.0], just)),
        "tower" => (16, map(&[0.05, 0.1, 0.2], |x| besides(x, 0.99))),
        "google-sre" => (3, map(&[0.0], just)),
        "resilience4j" => (3, map(&[0.5], just)),
        "polly-v8" => (4, map(&[2.0], just)),
        "urllib3" => (11, map(&[0.0], just)),
        "go-retryablehttp" => (5, map(&[1.0, 2.0, 4.0, 8.0], just)),
        "go-net-http" | "okhttp" | "nginx" => (2, map(&[0.0], just)),
        "backon" => (4, map(&[1.0, 2.0, 4.0], just)),
        "backoff" => (16, map(&[0.5, 0.75, 1.125, 1.6875], |x| around(x, 0.5))),
        "tokio-retry" => (16, map(&[0.01, 0.1, 1.0, 10.0], just)),
        "reqwest-retry" => (4, map(&[1.0, 2.0, 4.0], full)),
        "temporal" => (16, map(&[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 100.0, 100.0, 100.0], just)),
        "celery" => (4, map(&[180.0], just)),
        "kubernetes" => (16, map(&[0.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0, 300.0], just)),
        "kafka" => {
            let mut pauses = map(&[0.1, 0.2, 0.4, 0.8], |x| around(x, 0.2));
            // the cap holds after the jitter too: half of the pauses are 1 s
            pauses.push((0.8, 1.0, 0.95));
            pauses.push((0.8, 1.0, 0.95));
            (16, pauses)
        }
        "hystrix" | "stripe-client" | "grpc-hedging" => (1, Vec::new()),
        "polly-v8-jitter" => (4, Vec::new()),
        name => panic!("nobody knows what {name} does"),
    }
}

/// An outcome that a preset tries again on, for asking it.
fn some_outcome(preset: &Preset) -> Seen {
    let not_throttled = |seen: &Seen| *seen != Seen::Throttled;
    preset.retry_on.iter().find(not_throttled).unwrap_or(Seen::TimeOut)
}

/// Catches: a constant that is not that of the source.
#[test]
fn every_preset_pauses_as_its_source_says() {
    for preset in Preset::all() {
        let (attempts, expected) = expected(preset.name);
        let schedule = (preset.schedule)();
        assert_eq!(schedule.attempts_max(), attempts, "{}", preset.name);
        let seen = some_outcome(preset);
        for (i, &(low, high, mean)) in expected.iter().enumerate() {
            let retry = i as u32 + 1;
            let sample = pauses(&schedule, retry, seen);
            let met = support_is(&sample, low, high).and_then(|()| mean_is(&sample, mean));
            met.unwrap_or_else(|fault| panic!("{}, retry {retry}: {fault}", preset.name));
        }
        let last = schedule.decide(&failure(0, attempts, seen));
        assert_eq!(last, Decision::GiveUp, "{} after {attempts} attempts", preset.name);
    }
}

/// Catches: supports and means that would pass with a neighbouring constant.
#[test]
fn a_neighbouring_constant_is_noticed() {
    for (name, retry, off) in
        [("envoy", 1, full(0.026)), ("grpc-retry", 2, around(0.2, 0.21)), ("tower", 1, full(0.05))]
    {
        let preset = Preset::by_name(name).expect("it is a preset");
        let sample = pauses(&(preset.schedule)(), retry, some_outcome(preset));
        let met = support_is(&sample, off.0, off.1).and_then(|()| mean_is(&sample, off.2));
        assert!(met.is_err(), "{name}");
    }
}

/// Catches: a pause after throttling that is that of a transient failure.
#[test]
fn aws_waits_longer_after_throttling() {
    let schedule = (Preset::by_name("aws-standard-2026").expect("it is a preset").schedule)();
    for (retry, most) in [(1, 1.0), (2, 2.0)] {
        let sample = pauses(&schedule, retry, Seen::Throttled);
        support_is(&sample, 0.0, most).and_then(|()| mean_is(&sample, most / 2.0)).unwrap();
    }
}

/// Catches: a preset that tries again on what its library leaves alone.
#[test]
fn presets_try_again_on_what_their_libraries_do() {
    let on = |name: &str| Preset::by_name(name).expect("it is a preset").retry_on;
    let stripe = on("stripe-sdk");
    assert!(stripe.has(Seen::Conflict) && stripe.has(Seen::TimeOut));
    assert!(!stripe.has(Seen::Throttled), "429 is not tried again");
    assert!(on("aws-standard-2026").has(Seen::Throttled));
    assert!(!on("envoy").has(Seen::TimeOut), "no retry on the route's time-out");
    assert!(on("okhttp").iter().eq([Seen::ConnectionLost]));
    assert!(on("go-net-http").iter().eq([Seen::ConnectionLost]));
    let declines = Preset::all().iter().filter(|preset| preset.retry_on.has(Seen::Declined));
    assert_eq!(declines.count(), 0, "a decline is no failure of the call");
}

/// Catches: a row without a source, or one that hides what is unverified.
#[test]
fn every_row_says_where_it_comes_from() {
    for preset in Preset::all() {
        assert!(!preset.source.is_empty() && !preset.label.is_empty(), "{}", preset.name);
        assert_eq!(Preset::by_name(preset.name), Some(preset), "{} is unique", preset.name);
        assert!(!matches!((preset.schedule)(), RetrySpec::Preset(_)), "{}", preset.name);
        let pinned = preset.source.contains(['@', '.', '2']);
        assert!(preset.known != Known::Read || pinned, "{}: read, but where?", preset.name);
    }
}
