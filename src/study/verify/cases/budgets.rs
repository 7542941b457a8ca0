//! What keeps retries down: quotas, budgets, breakers, hedges and throttles of published libraries,
//! in an outage that lasts; and how many attempts a share of failures makes.

use super::super::case::{Case, Check, Expected, Kind, OFTEN, Size};
use super::{S, control, forty, owned};
use crate::record::Summary;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        quota("aws-standard-2026", "500 tokens, 14 each", 35, REFUSED, quota_of(15)),
        quota("aws-standard-pre2026", "500 tokens, 5 each", 100, REFUSED, quota_of(6)),
        quota("aws-standard-pre2026", "500 tokens, 10 a time-out", 50, LOST, quota_of(11)),
        quota("aws-standard-2026", "500 tokens, 5 a throttle", 100, THROTTLED, throttled_of(6)),
        quota("grpc-retry", "10 tokens, down to 5", 4, BUSY, throttling_of(12)),
        reserve(),
        breaker(),
        hedges(),
        throttle(1000, 200.0, ("2.5 times for twice", "2.5x")),
        throttle(150, 150.0, ("1.2 times for twice", "1.2x")),
    ];
    cases.extend([5, 50, 500].map(window));
    cases.extend([(10, 4), (50, 4), (90, 4), (100, 4), (10, 16), (50, 16)].map(amplified));
    cases
}

/// Every attempt is refused, and another try may pass.
const REFUSED: [&str; 2] = ["causes.system_error=\"100%\"", "client.timeout=\"1s\""];
/// No request arrives.
const LOST: [&str; 2] = ["network.wire.loss=\"100%\"", "client.timeout=\"100ms\""];
/// The gateway is too busy for anything.
const BUSY: [&str; 2] = [
    "incidents.busy={ target = \"gateway\", at = \"0s\", lasts = \"1h\", effect = { refuse = \
     \"system_busy\" } }",
    "client.timeout=\"1s\"",
];

/// A limit that lets the first one by.
const THROTTLED: [&str; 2] =
    ["gateway.rate={ limit = \"0.001/s\", burst = 1 }", "client.timeout=\"1s\""];

/// One process of the app, so that all share what it remembers.
const SHARED: &str = "client.instances=1";

fn retry(preset: &str) -> String {
    format!("client.retry=\"{preset}\"")
}

fn each(seen: &Summary) -> f64 {
    seen.all.attempts as f64 / seen.all.top_ups as f64
}

fn quota_of(cost: u32) -> (String, String) {
    let budget =
        format!("client.budget={{ quota = {{ tokens = 500, cost = {cost}, refund = 1 }} }}");
    (format!("{cost} each"), budget)
}

fn throttled_of(cost: u32) -> (String, String) {
    let quota = "tokens = 500, cost = 14, refund = 1";
    let budget = format!("client.budget={{ quota = {{ {quota}, cost_throttled = {cost} }} }}");
    (format!("{cost} a throttle"), budget)
}

fn throttling_of(tokens: u32) -> (String, String) {
    let budget = format!(
        "client.budget={{ retry_throttling = {{ tokens_max = {tokens}, ratio = \"10%\" }} }}"
    );
    (format!("{tokens} tokens"), budget)
}

/// How many retries a budget pays for that nothing fills again.
fn quota(
    preset: &str,
    words: &str,
    retries: u32,
    trouble: [&str; 2],
    (what, wrong): (String, String),
) -> Case {
    let all = |seen: &Summary| (seen.all.attempts - seen.all.top_ups) as f64;
    Case {
        name: format!("Budget of {preset} in an outage: {words}"),
        source: "retry_cases.csv: botocore, grpc/proposal A6",
        kind: Kind::Single,
        sets: [
            owned(trouble),
            vec!["arrivals.rate=\"50/s\"".to_owned(), SHARED.to_owned(), retry(preset)],
        ]
        .concat(),
        control: control(&what, [wrong]),
        size: forty(S, 0.0, 20.0),
        checks: vec![Check::mean("retries in all", f64::from(retries), all)],
    }
}

/// A window of ten seconds pays for a fifth of the first attempts and ten retries a second: 1.2 and
/// 10 / λ attempts a call, once the first window is over.
fn window(rate: u32) -> Case {
    let budget = |percent: u32| {
        format!(
            "client.budget={{ window = {{ ttl = \"10s\", min = \"10/s\", ratio = \"{percent}%\" }} \
             }}"
        )
    };
    let expected = 1.2 + 10.0 / f64::from(rate);
    Case {
        name: format!("Budget of finagle in an outage, {rate} calls/s"),
        source: "retry_cases.csv: RetryBudget.scala, tps_budget.rs",
        kind: Kind::Single,
        sets: [
            owned(REFUSED),
            vec![
                format!("arrivals.rate=\"{rate}/s\""),
                SHARED.to_owned(),
                retry("finagle"),
                "client.retry_on=[\"refused\"]".to_owned(),
                budget(20),
            ],
        ]
        .concat(),
        control: control("30 % for a fifth", [budget(30)]),
        // the table holds it to one in a hundred: tokens are whole, and calls come by luck
        size: Size {
            warmup: 20.0 * S,
            measured: 10_000.0 / f64::from(rate).clamp(10.0, 250.0) * S,
            replications: if rate < 10 { 40 } else { 16 },
            thorough: OFTEN,
        },
        checks: vec![Check {
            expected: Expected::Between(expected * 0.99, expected * 1.01),
            ..Check::mean("attempts of a call", expected, each)
        }],
    }
}

/// A hundred calls until it opens, a minute of rest, ten probes.
fn breaker() -> Case {
    Case {
        name: "Breaker of resilience4j in an outage".to_owned(),
        source: "retry_cases.csv: CircuitBreakerConfig.java",
        kind: Kind::Single,
        sets: [
            owned(REFUSED),
            owned(["arrivals.rate=\"20/s\"", SHARED, "client.retry=\"resilience4j\""]),
        ]
        .concat(),
        control: control("hystrix", [retry("hystrix")]),
        size: Size { warmup: 0.0, measured: 100.0 * S, replications: 40, thorough: OFTEN },
        checks: vec![
            Check::mean("attempts in 100 s", 110.0, |seen| seen.all.attempts as f64),
            Check::mean("openings in 100 s", 2.0, |seen| seen.guards.openings as f64),
        ],
    }
}

/// A provider that answers after 1.2 s, and a hedge every half second.
fn hedges() -> Case {
    let answers = |after: &str| format!("providers.direct.latency=\"{after}\"");
    Case {
        name: "Hedges of grpc-hedging, answers after 1.2 s".to_owned(),
        source: "retry_cases.csv: grpc/proposal A6",
        kind: Kind::Single,
        sets: vec!["arrivals.rate=\"50/s\"".to_owned(), retry("grpc-hedging"), answers("1200ms")],
        control: control("after 1.6 s", [answers("1600ms")]),
        size: forty(S, 0.0, 10.0),
        checks: vec![Check::mean("attempts of a call", 3.0, each)],
    }
}

/// From its first call on, a window has ten retries a second for all its ten seconds, whatever was
/// before, and a fifth of the calls.
fn reserve() -> Case {
    let budget = |rate: u32| {
        format!(
            "client.budget={{ window = {{ ttl = \"10s\", min = \"{rate}/s\", ratio = \"20%\" }} }}"
        )
    };
    // tokens are whole: less than one of them is left
    let spare = |seen: &Summary| {
        let calls = seen.all.top_ups as f64;
        seen.all.attempts as f64 - calls - 0.2 * calls
    };
    let expected = Expected::Between(99.0, 100.0);
    Case {
        name: "Budget of finagle, an outage from the first call on".to_owned(),
        source: "retry_cases.csv: reserve = 10/s x 10 s",
        kind: Kind::Single,
        sets: [
            owned(REFUSED),
            owned([
                "arrivals.rate=\"50/s\"",
                SHARED,
                "client.retry=\"finagle\"",
                "client.retry_on=[\"refused\"]",
            ]),
        ]
        .concat(),
        control: control("9 a second for 10", [budget(9)]),
        // within one window
        size: Size { warmup: 0.0, measured: 9.0 * S, replications: 40, thorough: OFTEN },
        checks: vec![Check { expected, ..Check::mean("retries beyond a fifth", 100.0, spare) }],
    }
}

/// A limit of 100/s, and a client that sends twice what is taken.
fn throttle(calls: u32, expected: f64, (what, wrong): (&str, &str)) -> Case {
    let factor = |factor: &str| {
        format!("client.throttle={{ sre = {{ factor = \"{factor}\", window = \"10s\" }} }}")
    };
    let sent = |seen: &Summary| seen.loads.attempts as f64 / (seen.measured_ns as f64 / S);
    Case {
        name: format!("Adaptive throttling, {calls}/s for a limit of 100/s"),
        source: "retry_cases.csv: the SRE book, chapter 21",
        kind: Kind::Single,
        sets: vec![
            format!("arrivals.rate=\"{calls}/s\""),
            SHARED.to_owned(),
            "gateway.rate={ limit = \"100/s\", burst = 100 }".to_owned(),
            factor("2x"),
        ],
        control: control(what, [factor(wrong)]),
        size: Size { warmup: 15.0 * S, measured: 15.0 * S, replications: 20, thorough: OFTEN },
        checks: vec![Check {
            // the table holds it to one in a hundred: it is a limit for long windows
            expected: Expected::Between(0.99 * expected, 1.01 * expected),
            ..Check::mean("attempts/s", expected, sent)
        }],
    }
}

/// Attempts of a call, so many at most, of which each fails with the same probability. Beyond
/// sixteen there is next to nothing: what tries for ever makes 1 / (1 - p).
fn amplified((percent, most): (u32, i32)) -> Case {
    let p = f64::from(percent) / 100.0;
    let fails = |percent: u32| format!("causes.system_error=\"{percent}%\"");
    let wrong = if percent == 100 { 90 } else { percent + percent / 10 };
    let attempts = format!("{{ fixed = {{ pause = \"0s\", attempts_max = {most} }} }}");
    let expected: f64 = (0..most).map(|failed| p.powi(failed)).sum();
    Case {
        name: format!("{most} attempts, {percent} % of them fail"),
        source: "retry_cases.csv: (1 - p^n) / (1 - p)",
        kind: Kind::Single,
        sets: vec![
            "arrivals.rate=\"500/s\"".to_owned(),
            format!("client.retry={attempts}"),
            fails(percent),
        ],
        control: control(&format!("{wrong} % of them"), [fails(wrong)]),
        size: forty(S, 0.0, 10.0),
        checks: vec![Check::mean("attempts of a call", expected, each)],
    }
}
