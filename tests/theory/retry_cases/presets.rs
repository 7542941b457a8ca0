//! Every preset's pauses, attempts and outcomes, as its source gives them.

use topup_sim::model::retry::{Decision, Known, Preset, RetrySpec, Schedule, Seen};
use topup_sim::study::verify::published::{Pause, Published, published};

use super::pauses::{failure, mean_is, pauses, support_is};

/// What the source of a preset says.
fn of(name: &str) -> Published {
    published(name).unwrap_or_else(|| panic!("nobody knows what {name} does"))
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
        let Published { attempts, pauses: expected } = of(preset.name);
        let schedule = (preset.schedule)();
        assert_eq!(schedule.attempts_max(), attempts, "{}", preset.name);
        let seen = some_outcome(preset);
        for (retry, &Pause { ends, mean }) in (1..).zip(&expected) {
            let sample = pauses(&schedule, retry, seen);
            let fills = ends.map_or(Ok(()), |(low, high)| support_is(&sample, low, high));
            let met = fills.and_then(|()| mean_is(&sample, mean));
            met.unwrap_or_else(|fault| panic!("{}, retry {retry}: {fault}", preset.name));
        }
        let last = schedule.decide(&failure(0, attempts, seen));
        assert_eq!(last, Decision::GiveUp, "{} after {attempts} attempts", preset.name);
    }
}

/// Catches: supports and means that would pass with a neighbouring constant.
#[test]
fn a_neighbouring_constant_is_noticed() {
    for (name, retry, (low, high, mean)) in [
        ("envoy", 1, (0.0, 0.026, 0.013)),
        ("grpc-retry", 2, (0.158, 0.242, 0.2)),
        ("tower", 1, (0.0, 0.05, 0.025)),
    ] {
        let preset = Preset::by_name(name).expect("it is a preset");
        let sample = pauses(&(preset.schedule)(), retry, some_outcome(preset));
        let met = support_is(&sample, low, high).and_then(|()| mean_is(&sample, mean));
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
