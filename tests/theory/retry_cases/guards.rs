//! What presets bring besides a schedule: breakers, throttles and hedges, inside the simulator.

use super::world::{OUTAGE, exactly, summary};
use topup_sim::record::Summary;

/// The gateway is too busy for anything, at 50 top-ups a second.
const BUSY: &str = "incidents.busy={ target = \"gateway\", at = \"0s\", lasts = \"1h\", \
                    effect = { refuse = \"system_busy\" } }";
const SHARED: &str = "client.instances=1";

fn with_preset(preset: &str, more: &[&str]) -> Summary {
    let retry = format!("client.retry=\"{preset}\"");
    summary(&[&[retry.as_str()], more].concat())
}

fn attempts_each(summary: &Summary) -> f64 {
    summary.all.attempts as f64 / summary.all.top_ups as f64
}

/// Catches: a preset without its guard, one that brings another's constants, a written guard that
/// does not stand in for it. Control: without any it goes otherwise.
#[test]
fn a_preset_does_what_its_guard_says_where_it_is_written() {
    for (preset, guard, trouble) in [
        ("resilience4j", "breaker={ like = \"resilience4j\" }", OUTAGE),
        ("hystrix", "breaker={ like = \"hystrix\" }", OUTAGE),
        ("google-sre", "throttle={ sre = { factor = \"2x\", window = \"2m\" } }", OUTAGE),
        ("aws-adaptive", "throttle={ cubic = {} }", BUSY),
        ("grpc-hedging", "hedge={ after = \"500ms\", attempts_max = 4 }", SLOW),
    ] {
        let (key, _) = guard.split_once('=').expect("a key and a value");
        let told = |more: &[&str]| {
            let sets = [&[trouble, SHARED, "length=\"10s\""], more].concat();
            format!("{:?}", with_preset(preset, &sets))
        };
        let by_name = told(&[]);
        assert!(by_name == told(&[&format!("client.{guard}")]), "{preset}: not {guard}");
        assert!(by_name != told(&[&format!("client.{key}=\"none\"")]), "{preset}: none the same");
    }
}

/// Catches: a window of another length, another time of rest, more or fewer probes.
#[test]
fn resilience4j_sends_a_hundred_and_ten_more_a_minute_later() {
    let sets = [OUTAGE, SHARED, "length=\"100s\"", "arrivals.rate=\"20/s\""];
    let guarded = with_preset("resilience4j", &sets);
    assert_eq!((guarded.all.attempts, guarded.guards.openings), (110, 2));
    let free = with_preset("resilience4j", &[&sets[..], &["client.breaker=\"none\""]].concat());
    exactly(attempts_each(&free), 3.0);
    assert_eq!(free.guards.attempts, 0);
}

/// Catches: a retry of Hystrix, a breaker that waits for more than 20 calls or sleeps longer.
#[test]
fn hystrix_opens_at_once_and_probes_every_five_seconds() {
    let guarded = with_preset("hystrix", &[OUTAGE, SHARED]);
    assert_eq!(guarded.guards.openings, 4, "within a second, and after each of three probes");
    assert!((23..=70).contains(&guarded.all.attempts), "{}", guarded.all.attempts);
    let free = with_preset("hystrix", &[OUTAGE, SHARED, "client.breaker=\"none\""]);
    exactly(attempts_each(&free), 1.0);
}

/// Catches: a K below 2, which would hold back where most is taken.
#[test]
fn the_sre_client_holds_back_what_fails_and_nothing_where_most_is_taken() {
    let held = |more: &[&str]| {
        let all = with_preset("google-sre", &[&[SHARED], more].concat());
        all.guards.attempts as f64 / (all.guards.attempts + all.all.attempts) as f64
    };
    assert!(held(&[OUTAGE]) > 0.95, "{}", held(&[OUTAGE]));
    // from an unlucky beginning it takes the client a while to see how much is taken
    let most = held(&["causes.system_error=\"30%\"", "length=\"2m\"", "warmup=\"1m\""]);
    assert!(most < 0.01, "{most}");
    exactly(held(&[OUTAGE, "client.throttle=\"none\""]), 0.0);
}

/// Catches: a rate that no refusal cuts.
#[test]
fn the_adaptive_client_slows_down_when_it_is_told_to() {
    // the line of who waits for a token is as long as users stay: 5 tokens at 0.5/s
    let patience = "users.screen_patience=\"10s\"";
    let attempts = |more: &[&str]| {
        with_preset("aws-adaptive", &[&[BUSY, SHARED, patience], more].concat()).all.attempts
    };
    let (free, slowed) = (attempts(&["client.throttle=\"none\""]), attempts(&[]));
    assert!(slowed < free / 20, "{slowed} of {free}");
}

/// A provider that answers after exactly 1.2 s.
const SLOW: &str = "providers.direct.latency=\"1.2s\"";

/// Catches: hedges beside retries (16 attempts), another pause, a fifth attempt.
#[test]
fn grpc_hedges_every_half_second_and_never_more_than_three_times() {
    let each = |more: &[&str]| attempts_each(&with_preset("grpc-hedging", more));
    exactly(each(&[SLOW]), 3.0);
    exactly(each(&["providers.direct.latency=\"5s\""]), 4.0);
    exactly(each(&[SLOW, "client.hedge=\"none\""]), 1.0);
    exactly(each(&[OUTAGE]), 4.0);
    // one budget for all: the first call leaves 6 of 10 tokens, the second none to spare
    let all = with_preset("grpc-hedging", &[OUTAGE, SHARED]).all;
    assert_eq!(all.attempts - all.top_ups, 3);
}

/// Catches: a hedge at once after a failure that the list leaves out, which is fatal in gRPC.
#[test]
fn only_failures_of_the_list_send_the_next_hedge_at_once() {
    let each = |on: &str| {
        let hedge = "client.hedge={ after = \"500ms\", attempts_max = 4 }";
        attempts_each(&summary(&[OUTAGE, hedge, on]))
    };
    exactly(each("client.retry_on=[\"refused\"]"), 4.0);
    exactly(each("client.retry_on=[\"overloaded\"]"), 1.0);
}

/// Catches: a preset that cannot be named by an app whose journeys are each their own, or a guard
/// that it has there.
#[test]
fn a_lone_phone_has_the_schedule_of_a_preset_without_its_guard() {
    let lone = with_preset("resilience4j", &[OUTAGE]);
    exactly(attempts_each(&lone), 3.0);
    assert_eq!((lone.guards.attempts, lone.guards.openings), (0, 0));
    assert_eq!(with_preset("aws-adaptive", &[BUSY]).guards.attempts, 0);
    assert_eq!(with_preset("google-sre", &[OUTAGE]).guards.attempts, 0);
}

/// Catches: a preset of the gateway whose breaker is not built, or not taken away.
#[test]
fn a_preset_of_the_gateway_guards_its_calls() {
    let off = "incidents.off={ target = \"provider:direct\", at = \"0s\", lasts = \"1h\", \
               effect = { refuse = \"channel_maintenance\" } }";
    let held = |more: &[&str]| {
        let sets = [&[off, "gateway.retry=\"hystrix\""], more].concat();
        let guards = summary(&sets).guards;
        (guards.calls, guards.openings)
    };
    let (calls, openings) = held(&[]);
    assert!(calls > 800 && openings == 4, "{calls} held back, {openings} openings");
    assert_eq!(held(&["gateway.breaker=\"none\""]), (0, 0));
}
