//! Policies inside the simulator: what the app does with its gateway, on the identity scenario.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use topup_sim::record::Summary;
use topup_sim::scenario::{ReadOptions, Scenario, Source, read};
use topup_sim::study::run::{RunResult, Unwatched};
use topup_sim::study::{RunInputs, queues, run};

/// One replication of the identity scenario with these settings laid over it.
pub(super) fn summary(sets: &[&str]) -> Summary {
    played(sets).1.pooled
}

/// The same with the scenario.
fn played(sets: &[&str]) -> (Scenario, RunResult) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let text = fs::read_to_string(folder.join("identity.toml")).expect("the scenario is there");
    let text = text.replace("success_share = \">= 99.9%\"", "");
    let source = Source::Text { name: "policies.toml".into(), text, folder };
    let brief = ["length=\"20s\"", "arrivals.rate=\"50/s\""].into_iter();
    let sets = brief.chain(sets.iter().copied()).map(str::to_owned).collect();
    let options = ReadOptions { sets, replications: Some(1), ..ReadOptions::default() };
    let scenario = read(source, &options).unwrap_or_else(|faults| panic!("{faults}"));
    let inputs = RunInputs { replications: 1, ..RunInputs::of(&scenario) };
    let result = run(&inputs, 1, &Unwatched, &AtomicBool::new(false));
    (scenario, result)
}

pub(super) fn attempts_each(sets: &[&str]) -> f64 {
    let all = summary(sets).all;
    all.attempts as f64 / all.top_ups as f64
}

/// The app's calls, mean, s.
pub(super) fn call_latency(sets: &[&str]) -> f64 {
    summary(sets).call_latency.mean().expect("there are calls") / 1e9
}

/// Every top-up has the same number of attempts.
pub(super) fn exactly(got: f64, want: f64) {
    assert!((got - want).abs() < 1e-9, "{got}, not {want}");
}

/// The gateway refuses every attempt, with an error that another try may pass.
pub(super) const OUTAGE: &str = "causes.system_error=\"100%\"";
const AT_ONCE: &str = "client.retry={ fixed = { pause = \"0s\", attempts_max = 16 } }";

/// Catches: a budget that is not asked, or one that each call has for itself.
#[test]
fn a_window_bounds_the_amplification_of_an_outage() {
    for preset in ["finagle", "linkerd"] {
        let attempts = attempts_each(&[
            OUTAGE,
            &format!("client.retry=\"{preset}\""),
            "client.retry_on=[\"refused\"]",
            "length=\"100s\"",
            "warmup=\"20s\"",
            "client.instances=1",
        ]);
        // 1.2 + 10/λ
        assert!((attempts - 1.4).abs() < 0.02, "{preset}: {attempts}");
    }
    let without = attempts_each(&[OUTAGE, AT_ONCE]);
    assert!((without - 16.0).abs() < 1e-9, "{without}");
}

/// Catches: a preset's budget that has not come with its name.
#[test]
fn the_aws_quota_pays_for_35_retries_in_a_lasting_outage() {
    let retries = |preset: &str, more: &[&str]| {
        let retry = format!("client.retry=\"{preset}\"");
        let sets = [&[OUTAGE, "client.instances=1", &retry], more].concat();
        let all = summary(&sets).all;
        all.attempts - all.top_ups
    };
    assert_eq!(retries("aws-standard-2026", &[]), 35);
    assert_eq!(retries("aws-standard-pre2026", &[]), 100);
    let lost = ["network.wire.loss=\"100%\"", "client.timeout=\"100ms\""];
    assert_eq!(retries("aws-standard-pre2026", &lost), 50);
    assert_eq!(retries("grpc-retry", &["client.retry_on=[\"refused\"]"]), 4);
    let free = retries("aws-standard-2026", &["client.budget=\"none\""]);
    assert!(free > 1_500, "without the quota: {free}");
}

/// Catches: successes that do not come to the throttle's ear. One failure in twenty is below the
/// break-even of 1/11, one in five above it.
#[test]
fn grpcs_throttle_closes_above_its_break_even() {
    let retried = |share: &str| {
        let cause = format!("causes.system_error=\"{share}\"");
        let all = summary(&[
            &cause,
            "client.instances=1",
            "client.retry={ fixed = { pause = \"0s\", attempts_max = 2 } }",
            "client.budget={ retry_throttling = { tokens_max = 10, ratio = \"10%\" } }",
            "length=\"60s\"",
        ])
        .all;
        (all.attempts - all.top_ups) as f64 / all.top_ups as f64
    };
    assert!((retried("5%") - 0.05).abs() < 0.01, "{}", retried("5%"));
    assert!(retried("20%") < 0.1, "{}", retried("20%"));
}

/// Catches: retries under way that are never over, or counted by calls.
#[test]
fn at_most_three_retries_are_under_way() {
    // a retry lasts its pause of 1 s: three a second
    let all = summary(&[
        OUTAGE,
        "client.instances=1",
        "client.retry={ fixed = { pause = \"1s\", attempts_max = 2 } }",
        "client.budget={ concurrent = { at_least = 3 } }",
        "length=\"60s\"",
    ])
    .all;
    let retries = all.attempts - all.top_ups;
    assert!((165..=180).contains(&retries), "{retries}");
}

/// Catches: an outcome that is tried again on though the list leaves it out, and the other way.
#[test]
fn a_list_of_outcomes_is_kept() {
    let attempts = |cause: &str, on: &str| {
        attempts_each(&[
            &format!("causes.{cause}=\"100%\""),
            "client.retry={ fixed = { pause = \"1s\", attempts_max = 3 } }",
            on,
        ])
    };
    exactly(attempts("system_error", "client.retry_on=[\"refused\"]"), 3.0);
    exactly(attempts("system_error", "client.retry_on=[\"time_out\", \"overloaded\"]"), 1.0);
    exactly(attempts("account_frozen", "client.retry_on=[\"refused\"]"), 1.0);
    exactly(attempts("account_frozen", "client.retry_on=[\"declined\"]"), 3.0);
}

/// Busy for the whole run, told or not.
const BUSY: [&str; 3] = [
    "incidents.busy={ target = \"gateway\", at = \"0s\", lasts = \"1h\", \
     effect = { refuse = \"system_busy\" } }",
    "client.retry={ fixed = { pause = \"1s\", attempts_max = 3 } }",
    "arrivals.rate=\"5/s\"",
];

/// Catches: a Retry-After that gets lost on the way, or is told of what is no overload.
#[test]
fn a_busy_gateway_tells_when_to_come_back() {
    let with = |more: &[&str]| call_latency(&[&BUSY, more].concat());
    let obey = "client.on_retry_after=\"obey\"";
    let near = |got: f64, want: f64| assert!((got / want - 1.0).abs() < 0.01, "{got}, not {want}");
    near(with(&[]), 2.0);
    near(with(&["gateway.retry_after=\"7s\""]), 2.0);
    near(with(&["gateway.retry_after=\"7s\"", obey]), 14.0);
    near(with(&["gateway.retry_after=\"500ms\"", obey]), 2.0);
    let refused = [OUTAGE, BUSY[1], "gateway.retry_after=\"7s\"", obey];
    near(call_latency(&refused), 2.0);
}

/// Catches: an end of maintenance that is told too late, or not at all.
#[test]
fn announced_maintenance_tells_its_end() {
    let sets = [
        "incidents.night={ target = \"gateway\", at = \"0s\", lasts = \"30s\", announced = true, \
         effect = { refuse = \"platform_maintenance\" } }",
        "client.retry={ fixed = { pause = \"1s\", attempts_max = 2 } }",
        "client.on_retry_after=\"obey\"",
        "gateway.retry_after=\"7s\"",
        "length=\"20s\"",
    ];
    let all = summary(&sets).all;
    // everyone comes back when it is over, and succeeds
    assert_eq!(all.attempts, 2 * all.top_ups);
    assert_eq!(all.captures, all.top_ups);
    let blind = summary(&[&sets[..2], &sets[3..]].concat()).all;
    assert_eq!(blind.attempts, 2 * blind.top_ups);
    assert!(blind.captures < blind.top_ups / 5, "{} of {}", blind.captures, blind.top_ups);
}

/// Catches: a deadline that lets an attempt wait on, or a retry begin.
#[test]
fn nothing_of_a_call_outlives_its_deadline() {
    let lost = |more: &[&str]| {
        let sets = [
            "network.wire.loss=\"100%\"",
            "client.timeout=\"4s\"",
            "client.retry={ fixed = { pause = \"1s\", attempts_max = 9 } }",
        ];
        let seen = summary(&[&sets, more].concat());
        let each = seen.all.attempts as f64 / seen.all.top_ups as f64;
        (each, seen.call_latency.mean().expect("there are calls") / 1e9)
    };
    let (attempts, latency) = lost(&["client.deadline=\"12s\""]);
    // 0 to 4, 5 to 9, 10 to 12
    exactly(attempts, 3.0);
    assert!((latency / 12.0 - 1.0).abs() < 0.01, "{latency}");
    let (attempts, latency) = lost(&["client.deadline=\"10s\""]);
    // a third attempt would begin at the deadline
    exactly(attempts, 2.0);
    assert!((latency / 9.0 - 1.0).abs() < 0.01, "{latency}");
    exactly(lost(&[]).0, 9.0);
    // longer than 31 bits of microseconds tell
    let hours = "client.timeout=\"2h\"";
    let (attempts, latency) = lost(&[hours, "client.deadline=\"50m\""]);
    exactly(attempts, 1.0);
    assert!((latency / 3_000.0 - 1.0).abs() < 0.01, "{latency}");
    let breaks = ["network.wire.resets=\"100%\"", "network.wire.resets_after=\"1h\""];
    let (attempts, latency) = lost(&[&breaks[..], &[hours]].concat());
    exactly(attempts, 1.0);
    assert!((latency / 3_600.0 - 1.0).abs() < 0.01, "{latency}");
}

/// Catches: a capacity that looks like a fault.
#[test]
fn a_capacity_of_a_provider_is_a_limit() {
    let attempts = |on: &str| {
        attempts_each(&[
            "providers.direct.capacity={ rate = \"1/s\", burst = 1 }",
            "client.retry={ fixed = { pause = \"1ms\", attempts_max = 3 } }",
            on,
        ])
    };
    assert!(attempts("client.retry_on=[\"throttled\"]") > 2.5);
    exactly(attempts("client.retry_on=[\"refused\"]"), 1.0);
}

/// Catches: a row that counts another class, parts that are not all, and rows of parts where all
/// work is alike.
#[test]
fn first_and_repeated_attempts_have_rows_of_their_own() {
    // one worker for 4 attempts a second at most, and 3 users, who try three times each
    let sets = [
        "gateway.workers=1",
        "gateway.service=\"250ms\"",
        "arrivals.rate=\"3/s\"",
        "client.timeout=\"400ms\"",
        "client.retry={ fixed = { pause = \"0s\", attempts_max = 3 } }",
        "gateway.order_store=false",
    ];
    let ranked = [&sets[..], &["gateway.priority=\"first_attempts\""]].concat();
    let (scenario, result) = played(&ranked);
    let rows = queues::queues(&result, &scenario.plan);
    let named: Vec<&str> = rows.iter().map(|row| row.class).collect();
    assert_eq!(named, ["top_up", "top_up_first", "top_up_repeated"]);
    let [all, first, repeated] = &rows[..] else { unreachable!("three rows") };
    assert_eq!(all.arrived, first.arrived + repeated.arrived);
    assert_eq!(first.arrived, result.pooled.all.top_ups, "each has one first attempt");
    assert!(repeated.arrived > first.arrived / 2, "{}", repeated.arrived);
    let waiting = |row: &topup_sim::study::QueueEstimate| row.waiting_mean.expect("there is time");
    assert!((waiting(all) - waiting(first) - waiting(repeated)).abs() < 1e-9, "Little's law");
    assert!(waiting(first) < waiting(repeated), "they stand behind");
    let wait = |row: &topup_sim::study::QueueEstimate| row.wait_mean_s;
    assert!(wait(first).expect("some are served") < 2.0, "{:?}", wait(first));
    let (scenario, result) = played(&sets);
    let alike = queues::queues(&result, &scenario.plan);
    assert_eq!(alike.iter().map(|row| row.class).collect::<Vec<_>>(), ["top_up"]);
}
