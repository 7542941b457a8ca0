//! Budgets against the numbers of their sources.

use topup_sim::model::retry::{Budget, BudgetSpec, Preset, Seen, SeenSet};

use super::Case;

const SECOND: u64 = 1_000_000_000;

/// The budget of a preset.
fn of_preset(name: &str) -> Budget {
    let preset = Preset::by_name(name).expect("it is a preset");
    let budget = preset.budget.expect("it has a budget")();
    budget.build(preset.retry_on).expect("it is a budget")
}

/// Retries that a budget grants one after the other while everything fails like this.
fn granted(budget: &mut Budget, seen: Seen) -> u32 {
    let mut n = 0;
    loop {
        budget.ended(n, Some(seen));
        if n >= 10_000 || !budget.grants(0, n + 1, seen) {
            return n as u32;
        }
        n += 1;
    }
}

fn whole(case: &Case) -> u32 {
    let digits: String = case.expected.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().expect("it is a number")
}

pub(super) fn quota(case: &Case) -> Result<(), String> {
    let (preset, seen) = match &case.name {
        name if name.contains("non-timeout") => ("aws-standard-pre2026", Seen::Refused),
        name if name.contains("all timeouts") => ("aws-standard-pre2026", Seen::TimeOut),
        name if name.contains("non-throttling") => ("aws-standard-2026", Seen::TimeOut),
        name if name.contains("2026, throttling") => ("aws-standard-2026", Seen::Throttled),
        name => panic!("nobody knows the quota {name}"),
    };
    let n = granted(&mut of_preset(preset), seen);
    if n == whole(case) { Ok(()) } else { Err(format!("{n} retries")) }
}

pub(super) fn throttling(case: &Case) -> Result<(), String> {
    if case.metric.starts_with("retries permitted") {
        let n = granted(&mut of_preset("grpc-retry"), Seen::Overloaded);
        return if n == whole(case) { Ok(()) } else { Err(format!("{n} retries")) };
    }
    // the share of failures at which the tokens stand still: r / (1 + r)
    let share: f64 = case.expected.parse().expect("it is a number");
    let still = |failing: f64| tokens_after(failing);
    let (below, above) = (still(share - 0.002), still(share + 0.002));
    if below && !above { Ok(()) } else { Err(format!("grants below {below}, above {above}")) }
}

/// Whether a throttle still grants retries after many attempts of which this share failed.
fn tokens_after(failing: f64) -> bool {
    let mut budget = of_preset("grpc-retry");
    let mut owed = 0.0;
    for n in 0..100_000 {
        owed += failing;
        let fails = owed >= 1.0;
        owed -= f64::from(u8::from(fails));
        budget.ended(n, fails.then_some(Seen::Overloaded));
    }
    budget.grants(0, 0, Seen::Overloaded)
}

pub(super) fn window(case: &Case) -> Result<(), String> {
    if case.metric.starts_with("immediate retries") {
        let n = granted(&mut of_preset("finagle"), Seen::ConnectionLost);
        return if n == whole(case) { Ok(()) } else { Err(format!("{n} retries")) };
    }
    let rate = case.params.strip_prefix("lambda=").and_then(|rest| rest.strip_suffix("/s"));
    let rate: u64 = rate.and_then(|rate| rate.parse().ok()).expect("there is a rate");
    let expected: f64 = case.expected.parse().expect("it is a number");
    for preset in ["finagle", "linkerd", "tower"] {
        let got = amplification(&mut of_preset(preset), rate);
        if (got - expected).abs() > 0.01 * expected {
            return Err(format!("{preset}: {got}"));
        }
    }
    Ok(())
}

/// Attempts per call in a lasting outage, from 20 s on, each call taking all retries it can get.
fn amplification(budget: &mut Budget, rate: u64) -> f64 {
    let (from, to) = (20 * rate, 220 * rate);
    let (mut calls, mut attempts) = (0, 0);
    for n in 0..to {
        let now = n * SECOND / rate;
        budget.begins(now, n);
        let mut retries = 0;
        while budget.grants(now, n, Seen::ConnectionLost) {
            retries += 1;
        }
        if n >= from {
            calls += 1;
            attempts += 1 + retries;
        }
    }
    f64::from(attempts) / f64::from(calls)
}

fn spec(text: &str) -> BudgetSpec {
    #[derive(serde::Deserialize)]
    struct Written {
        budget: BudgetSpec,
    }
    toml::from_str::<Written>(text).expect("it can be read").budget
}

fn budget(text: &str) -> Budget {
    spec(text).build(SeenSet::of(&[Seen::Refused])).expect("it is a budget")
}

/// Catches: deposits that never expire, and withdrawals that do not.
#[test]
fn what_is_deposited_counts_for_one_window() {
    let mut b = budget("budget = { window = { ttl = \"10s\", min = \"0/s\", ratio = \"50%\" } }");
    b.begins(0, 0);
    b.begins(0, 1);
    assert!(b.grants(8 * SECOND, 2, Seen::Refused), "two deposits are a retry");
    b.begins(0, 3);
    b.begins(0, 4);
    assert!(!b.grants(30 * SECOND, 5, Seen::Refused), "they have expired");
}

/// Catches: a refund that forgets what the retry had cost.
#[test]
fn a_success_pays_the_quota_back() {
    let mut b = budget("budget = { quota = { tokens = 28, cost = 14, refund = 1 } }");
    assert!(b.grants(0, 1, Seen::Refused) && b.grants(0, 2, Seen::Refused));
    assert!(!b.grants(0, 3, Seen::Refused));
    b.ended(9, None);
    assert!(!b.grants(0, 3, Seen::Refused), "a first attempt brings one token");
    b.ended(1, None);
    assert!(b.grants(0, 3, Seen::Refused), "a retry brings back what it cost");
    b.ended(2, Some(Seen::Refused));
    assert!(!b.grants(0, 4, Seen::Refused), "a retry that failed brings nothing");
}

/// Catches: retries that count after they ended, or a share of nothing.
#[test]
fn retries_under_way_are_a_share_of_all_attempts_under_way() {
    let mut b = budget("budget = { concurrent = { share = \"20%\", at_least = 3 } }");
    let grants = |b: &mut Budget, from: u64| {
        (from..from + 100).take_while(|&who| b.grants(0, who, Seen::Refused)).count()
    };
    assert_eq!(grants(&mut b, 1_000), 3, "three in any case");
    for who in 0..97 {
        b.begins(0, who);
    }
    // 97 + 3 under way, and each grant is one more: up to 24 of 121
    assert_eq!(grants(&mut b, 2_000), 21);
    b.ended(1_000, Some(Seen::Refused));
    assert_eq!(grants(&mut b, 3_000), 1);
}

/// Catches: an own budget of a call that is not what a fresh one of an instance grants.
#[test]
fn a_budget_alone_grants_what_a_fresh_one_does() {
    for text in [
        "{ ratio = \"20%\", retries_max = 7 }",
        "{ window = { ttl = \"2s\", min = \"3/s\", ratio = \"0%\" } }",
        "{ retry_throttling = { tokens_max = 10, ratio = \"10%\" } }",
        "{ retry_throttling = { tokens_max = 5, ratio = \"10%\" } }",
        "{ quota = { tokens = 500, cost = 14, refund = 1 } }",
    ] {
        let spec = spec(&format!("budget = {text}"));
        let mut fresh = spec.build(SeenSet::of(&[Seen::Refused])).expect("it is a budget");
        assert_eq!(granted(&mut fresh, Seen::Refused), spec.alone(), "{text}");
    }
}
