//! What servers say about another try, and broken connections: inside the simulator, by hand.

use super::world::{OUTAGE, attempts_each, call_latency, exactly, summary};

/// Refuses everything for the whole run.
fn refuses(target: &str, cause: &str) -> String {
    format!(
        "incidents.off={{ target = \"{target}\", at = \"0s\", lasts = \"1h\", effect = {{ refuse = \
         \"{cause}\" }} }}"
    )
}

/// The gateway lets one attempt by in a thousand seconds.
const LIMITED: &str = "gateway.rate={ limit = \"0.001/s\" }";
const THRICE: &str = "client.retry={ fixed = { pause = \"1s\", attempts_max = 3 } }";
const SLOWLY: &str = "arrivals.rate=\"5/s\"";

fn near(got: f64, want: f64) {
    assert!((got - want).abs() <= 0.01 * want, "{got}, not {want}");
}

/// Catches: a Retry-After of a provider that its caller does not hear, does not pass on, or obeys
/// though it should not.
#[test]
fn a_provider_tells_gateway_and_app_when_to_come_back() {
    let off = refuses("provider:direct", "channel_maintenance");
    let of = |more: &[&str]| call_latency(&[&[off.as_str(), SLOWLY], more].concat());
    let says = "providers.direct.retry_after=\"7s\"";
    let calls = "gateway.retry={ fixed = { pause = \"1s\", attempts_max = 3 } }";
    near(of(&[calls, says]), 2.0);
    near(of(&[calls, says, "gateway.on_retry_after=\"obey\""]), 14.0);
    near(of(&[calls, "gateway.on_retry_after=\"obey\""]), 2.0);
    let obeys = "client.on_retry_after=\"obey\"";
    near(of(&[THRICE, says]), 2.0);
    near(of(&[THRICE, says, obeys]), 14.0);
    near(of(&[THRICE, obeys]), 2.0);
    // a limit of the provider, and a technical refusal, which says nothing
    let limit = "providers.direct.capacity={ rate = \"0.001/s\", burst = 1 }";
    let limited = [limit, SLOWLY, "length=\"60s\"", THRICE, says, obeys];
    near(call_latency(&limited), 14.0);
    let fails = refuses("provider:direct", "platform_tech_fault");
    near(call_latency(&[&fails, SLOWLY, THRICE, says, obeys]), 2.0);
}

/// Catches: an end of maintenance that is told too early, too late, or of another place.
#[test]
fn a_provider_tells_the_end_of_its_maintenance_and_of_a_banks() {
    for (target, cause) in
        [("provider:direct", "channel_maintenance"), ("bank:bank", "bank_maintenance")]
    {
        let night = format!(
            "incidents.night={{ target = \"{target}\", at = \"0s\", lasts = \"30500ms\", effect = \
             {{ refuse = \"{cause}\" }} }}"
        );
        let twice = "client.retry={ fixed = { pause = \"1s\", attempts_max = 2 } }";
        let all = |more: &[&str]| {
            let sets = [&[night.as_str(), twice, "client.on_retry_after=\"obey\""], more].concat();
            summary(&sets).all
        };
        let told = all(&["providers.direct.tells_end=true"]);
        assert_eq!((told.attempts, told.captures), (2 * told.top_ups, told.top_ups), "{target}");
        let blind = all(&[]);
        assert_eq!((blind.attempts, blind.captures), (2 * blind.top_ups, 0), "{target}");
    }
}

/// Catches: a pushback that is no pause, is added to the back-off, goes by the list of statuses,
/// or is obeyed by who does not know it.
#[test]
fn grpc_obeys_a_pushback_and_others_do_not() {
    let busy = refuses("gateway", "system_busy");
    let of = |more: &[&str]| {
        let sets = [&[busy.as_str(), SLOWLY], more].concat();
        (attempts_each(&sets), call_latency(&sets))
    };
    let (grpc, hedging) = ("client.retry=\"grpc-retry\"", "client.retry=\"grpc-hedging\"");
    let (later, stop) = ("gateway.pushback=\"3s\"", "gateway.pushback=\"stop\"");
    // attempts at 0, 3, 6 and 9 s, as retries and as hedges; at once without
    for preset in [grpc, hedging] {
        let (attempts, latency) = of(&[preset, later]);
        exactly(attempts, 4.0);
        exactly(latency, 9.0);
        exactly(of(&[preset, stop]).0, 1.0);
        exactly(of(&[preset]).0, 4.0);
        assert!(of(&[preset]).1 < 1.0);
        exactly(of(&[preset, stop, "client.on_pushback=\"ignore\""]).0, 4.0);
    }
    exactly(of(&[THRICE, stop]).0, 3.0);
    exactly(of(&[THRICE, later]).1, 2.0);
    exactly(of(&[THRICE, later, "client.on_pushback=\"obey\""]).1, 6.0);
    // RESOURCE_EXHAUSTED is not tried again unless the server says so
    let limited = |more: &[&str]| attempts_each(&[&[LIMITED, SLOWLY, grpc], more].concat());
    exactly(limited(&[]), 1.0);
    assert!(limited(&[later]) > 3.9);
}

/// Catches: a hedge that does not wait for the end of a pushback, or those after it that do.
#[test]
fn a_pushback_delays_one_hedge_and_the_next_come_at_their_distance() {
    // the first attempt is turned away, those at 3.0 s and every half second later are not answered
    let sets = [
        "incidents.busy={ target = \"gateway\", at = \"0s\", lasts = \"1s\", effect = { refuse = \
         \"system_busy\" } }",
        "client.retry=\"grpc-hedging\"",
        "gateway.pushback=\"3s\"",
        "arrivals.rate=\"100/s\"",
        "length=\"500ms\"",
        "providers.direct.latency=\"700ms\"",
    ];
    let seen = summary(&sets);
    // 0, 3.0 and 3.5 s; the second answers after 3.7 s
    exactly(seen.all.attempts as f64 / seen.all.top_ups as f64, 3.0);
    near(seen.call_latency.mean().expect("there are calls") / 1e9, 3.7);
}

/// Catches: a word that does not win over the status, or is heeded by who does not know it.
#[test]
fn stripe_should_retry_wins_over_the_status() {
    let of = |trouble: &str, more: &[&str]| attempts_each(&[&[trouble, SLOWLY], more].concat());
    let stripe = "client.retry=\"stripe-sdk\"";
    let (no, yes) = ("gateway.should_retry.refused=false", "gateway.should_retry.throttled=true");
    exactly(of(OUTAGE, &[stripe]), 3.0);
    exactly(of(OUTAGE, &[stripe, no]), 1.0);
    exactly(of(OUTAGE, &[stripe, yes]), 3.0);
    exactly(of(OUTAGE, &[stripe, no, "client.on_should_retry=\"ignore\""]), 3.0);
    exactly(of(OUTAGE, &[THRICE, no]), 3.0);
    exactly(of(LIMITED, &[stripe]), 1.0);
    assert!(of(LIMITED, &[stripe, yes]) > 2.9);
    let frozen = "causes.account_frozen=\"100%\"";
    exactly(of(frozen, &[stripe]), 1.0);
    exactly(of(frozen, &[stripe, "gateway.should_retry.declined=true"]), 3.0);
    // the word of a provider reaches the app, and the gateway's policy
    let off = refuses("provider:direct", "platform_tech_fault");
    let word = "providers.direct.should_retry.refused=false";
    exactly(of(&off, &[stripe]), 3.0);
    exactly(of(&off, &[stripe, word]), 1.0);
    let calls = |more: &[&str]| {
        call_latency(&[&[off.as_str(), SLOWLY, "gateway.retry=\"stripe-sdk\""], more].concat())
    };
    assert!(calls(&[]) > 1.0);
    exactly(calls(&[word]), 0.0);
}

/// Round trips of 100 ms.
const WIRE: [&str; 2] = ["network.wire.latency=\"100ms\"", SLOWLY];

/// Catches: a break that is seen too early, too late, or by who should not see it; a time-out that
/// still looks like one though those that show have shown.
#[test]
fn a_lost_request_is_seen_after_a_round_trip() {
    let of = |more: &[&str]| {
        let sets = [&WIRE[..], &["network.wire.loss={ up = \"100%\" }"], more].concat();
        (attempts_each(&sets), call_latency(&sets))
    };
    let okhttp = "client.retry=\"okhttp\"";
    let seen = "network.wire.resets=\"100%\"";
    let (attempts, latency) = of(&[okhttp, seen]);
    exactly(attempts, 2.0);
    exactly(latency, 0.2);
    exactly(of(&[okhttp, seen, "network.wire.resets_after=\"1s\""]).1, 2.0);
    for blind in [&[okhttp][..], &[okhttp, "network.wire.resets=\"0%\""]] {
        let (attempts, latency) = of(blind);
        exactly(attempts, 1.0);
        exactly(latency, 30.0);
    }
    // who waits for a time-out does not try again on what it sees
    let waits = "client.retry_on=[\"time_out\"]";
    exactly(of(&[THRICE, waits, seen]).0, 1.0);
    // an incident's share holds while it lasts
    let jam = "incidents.jam={ target = \"network\", at = \"0s\", lasts = \"1h\", effect = { \
               lose = \"1%\", resets = \"100%\" } }";
    exactly(of(&[okhttp, jam]).1, 0.2);
    // half of them: one draw an attempt, by hand 1 + 1/2 attempts
    let half = of(&[okhttp, "network.wire.resets=\"50%\"", "length=\"200s\""]).0;
    assert!((half - 1.5).abs() < 0.06, "{half}");
}

/// Catches: a lost answer that is not seen, or a break that settles what became of the attempt.
#[test]
fn a_lost_answer_is_seen_and_is_ambiguous() {
    let bare = ["client.key=\"none\"", "providers.direct.deduplicates=false"];
    let sets = [
        &WIRE[..],
        &bare,
        &["network.wire.loss={ down = \"100%\" }", "client.retry=\"okhttp\""],
        &["network.wire.resets=\"100%\""],
    ]
    .concat();
    let seen = summary(&sets);
    // 50 ms there, and 100 ms until it shows, twice
    near(seen.call_latency.mean().expect("there are calls") / 1e9, 0.3);
    assert_eq!(
        (seen.all.attempts, seen.all.captures),
        (2 * seen.all.top_ups, 2 * seen.all.top_ups)
    );
}

/// Catches: a crash that nobody sees, one that is seen before it happens, or a connection that
/// breaks though it had been answered.
#[test]
fn a_crash_cuts_the_connections_it_finds() {
    let of = |resets: &str, more: &[&str]| {
        let crash = format!(
            "incidents.crash={{ target = \"gateway\", at = \"5s\", lasts = \"1s\", effect = {{ \
             crash = true{resets} }} }}"
        );
        let sets = ["length=\"4s\"", "client.retry=\"okhttp\"", "gateway.service=\"10s\"", &crash];
        summary(&[&WIRE[..], &sets, more].concat())
    };
    let each =
        |seen: &topup_sim::record::Summary| seen.all.attempts as f64 / seen.all.top_ups as f64;
    let max_s = |seen: &topup_sim::record::Summary| {
        seen.call_latency.max().expect("there are calls") as f64 / 1e9
    };
    let seen = of(", resets = \"100%\"", &[]);
    // seen 100 ms after 5 s; the second attempt is refused 100 ms later
    exactly(each(&seen), 2.0);
    assert!(max_s(&seen) < 5.2 + 0.1 && max_s(&seen) > 4.0, "{}", max_s(&seen));
    let by_hand = of("", &[]);
    exactly(each(&by_hand), 2.0);
    assert!(max_s(&by_hand) > 30.0, "it shows at the time-out only");
    exactly(each(&of(", resets = \"0%\"", &[])), 1.0);
    // what was answered before is nobody's loss
    let quick = of(", resets = \"100%\"", &["gateway.service=\"1s\"", "length=\"3s\""]);
    exactly(each(&quick), 1.0);
    assert_eq!(quick.all.captures, quick.all.top_ups);
}
