//! Every cause strikes through its own mechanism, and persists and clears as its row says.

pub(crate) mod fragments;
mod machines;
mod marks;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use fragments::FRAGMENTS;
use topup_sim::model::cause::{Cause, Mechanism, Persistence, ROWS};
use topup_sim::record::Summary;
use topup_sim::scenario::{ReadOptions, Source, read};
use topup_sim::study::run::Unwatched;
use topup_sim::study::{RunInputs, run};

/// One replication of the identity scenario with these settings laid over it.
fn summary(sets: &[&str]) -> Summary {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let text = fs::read_to_string(folder.join("identity.toml")).expect("the scenario is there");
    let text = text.replace("success_share = \">= 99.9%\"", "");
    let source = Source::Text { name: "cause.toml".into(), text, folder: PathBuf::from(&folder) };
    let brief = ["length=20s", "arrivals.rate=16/s"].map(|set| set.replacen('=', "=\"", 1) + "\"");
    let sets = brief.into_iter().chain(sets.iter().map(|set| (*set).to_owned())).collect();
    let options = ReadOptions { sets, replications: Some(1), ..ReadOptions::default() };
    let scenario = read(source, &options).unwrap_or_else(|faults| panic!("{faults}"));
    let inputs = RunInputs { replications: 1, ..RunInputs::of(&scenario) };
    run(&inputs, 1, &Unwatched, &AtomicBool::new(false)).pooled
}

/// How often a cause struck.
fn strikes(summary: &Summary, cause: Cause) -> u64 {
    summary.causes[cause as usize].strikes
}

/// A user who comes back three times, each after this pause.
fn stubborn(pause: &str) -> Vec<String> {
    let habit = format!("{{ same_method = \"100%\", pause = \"{pause}\" }}");
    vec![
        "users.entries_max=4".into(),
        "users.goal_patience=\"365d\"".into(),
        "deadline=\"365d\"".into(),
        format!("users.after_decline={habit}"),
        format!("users.after_failure={habit}"),
    ]
}

/// One replication of a fragment with such users.
fn again(fragment: &[&str], pause: &str) -> Summary {
    let stubborn = stubborn(pause);
    let sets = stubborn.iter().map(String::as_str).chain(fragment.iter().copied());
    summary(&sets.collect::<Vec<&str>>())
}

#[test]
fn every_row_has_its_fragment() {
    let codes: Vec<&str> = FRAGMENTS.iter().map(|fragment| fragment.0).collect();
    let rows: Vec<&str> = ROWS.iter().map(|row| row.code).collect();
    assert_eq!(
        codes, rows,
        "tests/model/causes/fragments.rs has an entry for each row, in its order"
    );
}

/// Catches: a cause that no scenario can bring about, and one that strikes uninvited.
#[test]
fn every_cause_strikes_in_a_scenario_of_its_own_and_in_no_empty_one() {
    let calm = summary(&[]);
    assert!(calm.all.top_ups > 100);
    let mut silent = Vec::new();
    for &(code, fragment) in FRAGMENTS {
        let cause = Cause::by_code(code).expect("every fragment is of a row");
        let seen = summary(fragment);
        if cause == Cause::PhishingSite {
            // nothing is attempted there
            assert!(seen.causes[cause as usize].last > 0, "{code}");
        } else if strikes(&seen, cause) == 0 {
            silent.push(code);
        }
        assert_eq!(strikes(&calm, cause), 0, "{code} strikes where nothing is wrong");
    }
    assert!(silent.is_empty(), "never strike: {silent:?}");
}

/// Catches: a condition that a retry heals, one that never lifts, a slip that survives retyping.
#[test]
fn conditions_slips_and_chances_persist_as_their_rows_say() {
    for (row, &(code, fragment)) in ROWS.iter().zip(FRAGMENTS) {
        let taken = row.mechanism.is_condition()
            || matches!(row.mechanism, Mechanism::Slip | Mechanism::Chance);
        // a misposted top-up is not entered again
        if !taken || code == "topup_not_service_account" || code == "post_update_incompat" {
            continue;
        }
        let cause = Cause::by_code(code).expect("every fragment is of a row") as usize;
        let soon = again(fragment, "1s").causes[cause];
        assert!(soon.first > 10, "{code}: {soon:?}");
        let late = again(fragment, "80d").causes[cause];
        match row.persistence {
            Persistence::Stays => {
                assert_eq!(soon.lost, soon.first, "{code} was healed by a retry");
                assert_eq!(late.lost, late.first, "{code} was healed by time");
            }
            Persistence::Lifts(..) => {
                assert!(20 * soon.lost > 19 * soon.first, "{code} lifts at once: {soon:?}");
                assert_eq!(late.lost, 0, "{code} never lifts");
            }
            Persistence::PassesOnRetry(_) | Persistence::Each => {
                assert!(2 * soon.lost < soon.first, "{code} stays: {soon:?}");
            }
            Persistence::UntilRetyped | Persistence::Locks { .. } => {
                assert!(2 * soon.lost < soon.first, "{code} is not retyped: {soon:?}");
            }
        }
    }
}

/// Catches: a lock that counts wrong, opens early or never, or renames what it locks.
#[test]
fn a_card_is_locked_by_the_tries_its_scenario_says_and_opened_after_its_time() {
    let all = "banks.named.bank.business=\"100%\"";
    for (tries, lasts, pause) in
        [(1, "1h", "1s"), (2, "1h", "1s"), (3, "1h", "1s"), (2, "5s", "9s")]
    {
        let cvv = format!(
            "causes.cvv_wrong={{ value = \"100%\", \
             locks = {{ tries = {tries}, into = \"card_locked\", for = \"{lasts}\" }} }}"
        );
        let seen = again(&[all, &cvv], pause);
        let users = seen.all.top_ups;
        let wrong = if lasts == "5s" { 4 } else { tries };
        assert_eq!(strikes(&seen, Cause::CvvWrong), wrong * users, "{tries} tries, {lasts}");
        assert_eq!(strikes(&seen, Cause::CardLocked), (4 - wrong) * users, "{tries}, {lasts}");
    }
}

/// Catches: a daily limit that outlasts its day, in a provider or a bank.
#[test]
fn a_daily_limit_begins_anew_at_local_midnight() {
    let limits = "={ daily = \"150 CNY\", used_today_share = \"60%\", \
                  used_today_median = \"900000 CNY\" }";
    for place in ["providers.direct.limits", "banks.limits"] {
        let limits = format!("{place}{limits}");
        let at = |start: &str| {
            let start = format!("start=\"2026-11-23T{start}+08:00[Asia/Shanghai]\"");
            again(&[&start, &limits], "20s").causes[Cause::LimitDaily as usize]
        };
        let night = at("23:59:10");
        assert!(night.first > 50, "{place}");
        assert_eq!(night.lost, 0, "{place}: who comes back after midnight passes");
        let noon = at("12:00:00");
        assert_eq!((noon.first, noon.lost), (night.first, night.first), "{place}: at noon nobody");
    }
}

/// Catches: a single limit that looks at something else than the amount.
#[test]
fn a_single_limit_of_a_bank_strikes_every_amount_above_it() {
    for (limit, share) in [("99.99 CNY", 1), ("100 CNY", 0)] {
        let seen = summary(&[&format!("banks.limits={{ single = \"{limit}\" }}")]);
        assert_eq!(strikes(&seen, Cause::LimitSingle), share * seen.all.top_ups, "{limit}");
    }
}

/// Catches: a risk score that never forgets, or forgets at once.
#[test]
fn the_risk_of_repeats_is_forgotten_after_its_time() {
    let risk = "providers.direct.risk={ base = \"0%\", per_repeat = \"100%\", within = \"10m\" }";
    let declines = "causes.pay_password_wrong=\"60%\"";
    let blocked = |pause| strikes(&again(&[risk, declines], pause), Cause::RiskControlBlock);
    assert!(blocked("9m") > 50);
    assert_eq!(blocked("11m"), 0);
}

/// Catches: names given for a reason that is none.
#[test]
fn a_network_is_blamed_only_for_what_it_did() {
    let jam = "incidents.jam={ target = \"network\", at = \"10s\", lasts = \"1h\", \
               effect = { lose = \"30%\", cause = \"net_congestion\" } }";
    let seen = summary(&[jam, "network.wire.loss={ up = \"40%\" }"]);
    let (own, jammed) = (strikes(&seen, Cause::NetUnstable), strikes(&seen, Cause::NetCongestion));
    // 40 % of all, and 30 % of the rest of half of them
    let n = seen.all.top_ups as f64;
    let near = |got: u64, share: f64| {
        let error = (n * share * (1.0 - share)).sqrt();
        assert!((got as f64 - n * share).abs() < 5.0 * error, "{got} for {}", n * share);
    };
    near(own, 0.4);
    near(jammed, 0.5 * 0.6 * 0.3);
    let slow = |more: &[&str]| {
        let sets = ["network.wire.latency=\"3s\"", "client.timeout=\"1s\""];
        summary(&[&sets, more].concat())
    };
    let peak = "incidents.evening={ target = \"network\", at = \"0s\", lasts = \"1h\", \
                effect = { latency = \"2x\", cause = \"net_peak_hours\" } }";
    assert_eq!(strikes(&slow(&[peak]), Cause::NetPeakHours), 0, "it was too slow without");
    assert!(strikes(&slow(&[]), Cause::NetLatencyHigh) > 100);
    assert_eq!(strikes(&slow(&["network.wire.slow=true"]), Cause::NetLatencyHigh), 0);
}

/// Catches: abandoned challenges that take no time.
#[test]
fn a_challenge_that_is_not_completed_takes_its_time_out() {
    let mfa = "providers.direct.mfa={ asked = \"100%\", passed = \"0%\", time = \"9s\", \
               expires = \"20s\" }";
    let seen = summary(&[mfa]);
    let n = seen.all.top_ups;
    assert_eq!(strikes(&seen, Cause::MfaIncomplete), n);
    assert_eq!(seen.call_latency.sum() / u128::from(n), 20_000_000_000);
}
