//! Breakers, throttles and hedges: random mechanisms, and what they do when nothing else happens.

use topup_sim::model::facts::TopUp;
use topup_sim::model::outcome::{Marks, Outcome};

use super::Seen;
use super::model::{played, with};
use super::recipe::{Dice, Mechanism, Part};

/// More of what a scenario may have.
pub(crate) const GUARDS: &[Part] = &[
    ("client breaker", 30, client_breaker),
    ("client throttle", 30, client_throttle),
    ("hedges", 35, hedges),
    ("gateway breaker", 35, gateway_breaker),
    ("gateway throttle", 30, gateway_throttle),
    ("gateway by a preset", 25, gateway_preset),
    ("route by recent success", 30, recent_success),
];

fn client_breaker(dice: &mut Dice) -> Mechanism {
    vec![format!("client.breaker={}", breaker(dice)), processes("client", dice)]
}

fn gateway_breaker(dice: &mut Dice) -> Mechanism {
    vec![format!("gateway.breaker={}", breaker(dice)), processes("gateway", dice)]
}

fn client_throttle(dice: &mut Dice) -> Mechanism {
    vec![format!("client.throttle={}", throttle(dice)), processes("client", dice)]
}

fn gateway_throttle(dice: &mut Dice) -> Mechanism {
    vec![format!("gateway.throttle={}", throttle(dice)), processes("gateway", dice)]
}

/// A policy by name that brings a guard of its own, whose values are too large for much to happen.
fn gateway_preset(dice: &mut Dice) -> Mechanism {
    let preset = ["resilience4j", "hystrix", "google-sre", "aws-adaptive"][dice.below(4) as usize];
    vec![format!("gateway.retry=\"{preset}\""), processes("gateway", dice)]
}

fn processes(layer: &str, dice: &mut Dice) -> String {
    format!("{layer}.instances={}", dice.of(&[1, 1, 2, 40]))
}

/// A breaker that opens and closes often within a short run.
fn breaker(dice: &mut Dice) -> String {
    let window = match dice.below(3) {
        0 => format!("like = \"resilience4j\", calls = {}", 2 + dice.below(9)),
        1 => format!("like = \"hystrix\", within = {}, buckets = 4", dice.ms(&[400, 2000])),
        _ => format!("like = \"polly-v8\", within = {}", dice.ms(&[400, 2000])),
    };
    format!(
        "{{ {window}, calls_min = {}, failures = \"{}%\", \
         slow = {{ after = {}, share = \"60%\" }}, open_for = {}, probes = {} }}",
        1 + dice.below(4),
        dice.of(&[10, 30, 60]),
        dice.ms(&[50, 300, 2000]),
        dice.ms(&[100, 500, 2000]),
        1 + dice.below(4)
    )
}

fn throttle(dice: &mut Dice) -> String {
    match dice.below(2) {
        0 => format!("{{ sre = {{ factor = \"1.5x\", window = {} }} }}", dice.ms(&[500, 3000])),
        _ => "{ cubic = {} }".to_owned(),
    }
}

/// A second provider, which is chosen when the first has done worse for a while.
fn recent_success(dice: &mut Dice) -> Mechanism {
    vec![
        format!(
            "providers.spare={{ latency = {}, deduplicates = {}, \
             line = {{ loss_down = \"10%\" }} }}",
            dice.law(80),
            dice.in_hundred(70)
        ),
        "channels.direct.routes=[{ provider = \"direct\", share = \"80%\" }, \
         { provider = \"spare\", share = \"20%\" }]"
            .to_owned(),
        format!(
            "channels.direct.choose={{ window = {}, calls_min = {}, margin = \"2%\", \
             explore = \"{}%\" }}",
            dice.ms(&[500, 2000, 8000]),
            1 + dice.below(4),
            dice.of(&[0, 10])
        ),
        processes("gateway", dice),
    ]
}

fn hedges(dice: &mut Dice) -> Mechanism {
    let measured = dice.in_hundred(40);
    let quantile = if measured { "quantile = \"80%\", " } else { "" };
    let mut sets = vec![
        "client.timeout=\"700ms\"".to_owned(),
        format!(
            "client.hedge={{ after = {}, {quantile}attempts_max = {} }}",
            dice.ms(&[0, 50, 150, 400]),
            2 + dice.below(4)
        ),
    ];
    if measured {
        sets.push(processes("client", dice));
    }
    sets
}

/// A provider that answers after exactly 1.2 s, and an app that would wait for 30 s.
const SLOW: [&str; 4] = [
    "length=\"20s\"",
    "arrivals.rate=\"5/s\"",
    "providers.direct.latency=\"1.2s\"",
    "gateway.service=\"0s\"",
];
const HEDGED: &str = "client.hedge={ after = \"500ms\", attempts_max = 4 }";

fn each(top_ups: &[TopUp], is: impl Fn(&TopUp) -> bool) -> bool {
    !top_ups.is_empty() && top_ups.iter().all(is)
}

/// Catches: a hedge that waits from the first attempt on, one more after the answer, an answer that
/// ends nothing. gRPC's A6 with a delay of 0.5 s, at most 4 and a latency of 1.2 s: at 0, 0.5 and
/// 1.0 s, and the answer of the first comes before the fourth.
#[test]
fn hedges_every_half_second_make_three_calls_and_without_keys_three_charges() {
    let bare = ["client.key=\"none\"", "providers.direct.deduplicates=false"];
    let (_, top_ups) = with(&SLOW, &[&[HEDGED], &bare[..]].concat());
    assert!(each(&top_ups, |t| (t.attempts, t.captures) == (3, 3)), "{:?}", top_ups.first());
    assert!(each(&top_ups, |t| t.marks.has(Marks::DUPLICATE_CHARGE)));
    let (_, once) = with(&SLOW, &[HEDGED]);
    assert!(each(&once, |t| (t.attempts, t.captures) == (3, 1)), "the order store knows them");
    let (_, never) = with(&SLOW, &bare);
    assert!(each(&never, |t| (t.attempts, t.captures) == (1, 1)), "control: no hedges");
}

/// Catches: a hedge that waits for its time although nobody is left to wait for, and one that
/// follows a decline.
#[test]
fn after_a_refusal_the_next_hedge_goes_at_once_and_after_a_decline_none() {
    let fails = "incidents.off={ target = \"gateway\", at = \"0s\", lasts = \"25s\", \
                 effect = { refuse = \"platform_maintenance\" } }";
    let (seen, top_ups) = with(&SLOW, &[HEDGED, fails]);
    assert!(each(&top_ups, |t| t.attempts == 4 && t.outcome == Outcome::GaveUp));
    assert!(seen.summary.call_latency.max() < Some(100_000_000), "nobody waits for half a second");
    let declines = "banks.named.bank={ weight = 1, business = \"100%\" }";
    let (_, top_ups) = with(&["length=\"20s\"", "arrivals.rate=\"5/s\""], &[HEDGED, declines]);
    assert!(each(&top_ups, |t| t.attempts == 1 && t.outcome == Outcome::Declined));
}

/// A provider that refuses from 5 s to 10 s of 20.
const OUTAGE: [&str; 3] = [
    "length=\"20s\"",
    "arrivals.rate=\"100/s\"",
    "incidents.off={ target = \"provider:direct\", at = \"5s\", lasts = \"5s\", \
     effect = { refuse = \"channel_maintenance\" } }",
];

fn guarded(seen: &Seen) -> (u64, u64, u64) {
    let guards = &seen.summary.guards;
    (guards.attempts, guards.calls, guards.openings)
}

/// Catches: a breaker that no failure reaches, one that holds back what it lets pass, an attempt
/// that counts although it was not sent.
#[test]
fn a_breaker_holds_back_what_would_fail() {
    let breaker = "{ like = \"polly-v8\", within = \"1s\", calls_min = 10, open_for = \"1s\" }";
    let of_app = format!("client.breaker={breaker}");
    let of_app = [&of_app, "client.instances=1"];
    let (seen, top_ups) = played(&[&OUTAGE[..], &of_app].concat());
    let (attempts, calls, openings) = guarded(&seen);
    assert!((480..=520).contains(&attempts), "5 s at 100/s, less a few: {attempts}");
    assert_eq!((calls, openings), (0, 5), "at 5 s, and after each probe");
    let unsent = top_ups.iter().filter(|t| t.outcome == Outcome::NeverSubmitted);
    assert!(unsent.clone().all(|t| t.attempts == 0));
    assert_eq!(unsent.count() as u64, attempts);
    let of_gateway = format!("gateway.breaker={breaker}");
    let (seen, top_ups) = played(&[&OUTAGE[..], &[&of_gateway]].concat());
    let (attempts, calls, openings) = guarded(&seen);
    assert!((480..=520).contains(&calls), "{calls}");
    assert_eq!((attempts, openings), (0, 5));
    assert!(each(&top_ups, |t| t.attempts == 1), "the app has sent them");
    let (seen, _) = with(&OUTAGE, &[]);
    assert_eq!(guarded(&seen), (0, 0, 0));
}

/// Catches: a breaker that all providers share, and a call held back that does not fail over.
#[test]
fn a_breaker_of_the_gateway_is_one_providers_and_turns_to_the_other() {
    let pair = [
        "providers.backup={ latency = \"0s\" }",
        "channels.direct.routes=[{ provider = \"direct\", share = \"100%\" }, \
         { provider = \"backup\", share = \"0%\" }]",
        "channels.direct.failover.refusal=true",
        "gateway.breaker={ like = \"polly-v8\", within = \"1s\", calls_min = 10 }",
    ];
    let (seen, top_ups) = with(&OUTAGE, &pair);
    assert!(each(&top_ups, |t| t.outcome == Outcome::CreditedFirst));
    assert!(guarded(&seen).1 > 400, "{:?}", guarded(&seen));
}

/// Catches: a throttle that refuses nothing in an outage or goes on after it.
#[test]
fn a_throttle_lets_pass_what_the_other_side_takes() {
    let sre = "client.throttle.sre={ window = \"2s\" }";
    let (seen, top_ups) = with(&OUTAGE, &[sre, "client.instances=1"]);
    let (attempts, ..) = guarded(&seen);
    assert!((450..900).contains(&attempts), "5 s of 100/s, and a while to trust it: {attempts}");
    let later = |t: &&TopUp| t.born > 16_000_000_000;
    assert!(top_ups.iter().filter(later).all(|t| t.outcome == Outcome::CreditedFirst));
    // a provider that takes 20 of 100 a second: by CUBIC the app comes to send about that
    let capacity = "providers.direct.capacity={ rate = \"20/s\", burst = 1 }";
    let rate = ["length=\"60s\"", "arrivals.rate=\"100/s\"", "client.instances=1"];
    let sent = |more: &[&'static str]| {
        let (seen, _) = with(&rate, &[&[capacity], more].concat());
        seen.summary.loads.attempts
    };
    let (free, limited) = (sent(&[]), sent(&["client.throttle.cubic={}"]));
    assert!(limited < free / 2, "{limited} of {free}");
}

/// Catches: a choice that nobody makes, one that a retry makes anew, a provider that is never
/// tried again. The provider of four fifths refuses from 5 s to 10 s.
#[test]
fn a_route_is_left_for_one_that_has_lately_done_better() {
    let pair = [
        "providers.spare={ latency = \"0s\" }",
        "channels.direct.routes=[{ provider = \"direct\", share = \"80%\" }, \
         { provider = \"spare\", share = \"20%\" }]",
    ];
    let choose = "channels.direct.choose={ window = \"2s\", explore = \"10%\" }";
    let failed = |more: &[&'static str]| {
        let (seen, top_ups) = with(&OUTAGE, &[&pair, more].concat());
        let failed = top_ups.iter().filter(|t| !t.outcome.is_success()).count();
        let tallies = &seen.summary.providers;
        (failed, tallies[0].top_ups as f64 / seen.summary.all.top_ups as f64)
    };
    let (drawn, share) = failed(&[]);
    assert!((360..440).contains(&drawn) && (0.77..0.83).contains(&share), "{drawn} {share}");
    let (chosen, share) = failed(&[choose]);
    // a tenth of four fifths goes on to explore, for 5 s: about 40, and who came too early
    assert!((30..110).contains(&chosen), "{chosen}");
    // it is left from 5 s to 12 s: 80 % of 13 s and 8 % of 7 s
    assert!((0.53..0.57).contains(&share), "54.8 % expected: {share}");
}
