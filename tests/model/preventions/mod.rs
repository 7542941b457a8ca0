//! Preventions: whoever adopts one is spared what it prevents, and nothing else.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use topup_sim::model::cause::Cause;
use topup_sim::model::prevention::{Effect, Prevention, ROWS};
use topup_sim::record::Summary;
use topup_sim::scenario::{ReadOptions, Source, read};
use topup_sim::study::run::Unwatched;
use topup_sim::study::{RunInputs, run};

/// One replication of the identity scenario with these settings laid over it.
fn summary(sets: &[&str]) -> Summary {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let text = fs::read_to_string(folder.join("identity.toml")).expect("the scenario is there");
    let text = text.replace("success_share = \">= 99.9%\"", "");
    let source = Source::Text { name: "prevention.toml".into(), text, folder };
    let brief = ["length=20s", "arrivals.rate=100/s"].map(|set| set.replacen('=', "=\"", 1) + "\"");
    let sets = brief.into_iter().chain(sets.iter().map(|set| (*set).to_owned())).collect();
    let options = ReadOptions { sets, replications: Some(1), ..ReadOptions::default() };
    let scenario = read(source, &options).unwrap_or_else(|faults| panic!("{faults}"));
    let inputs = RunInputs { replications: 1, ..RunInputs::of(&scenario) };
    run(&inputs, 1, &Unwatched, &AtomicBool::new(false)).pooled
}

/// A count of `n` trials lies within five standard deviations of what is expected.
fn near(what: &str, count: u64, n: u64, share: f64) {
    let expected = n as f64 * share;
    let deviation = (expected * (1.0 - share)).sqrt().max(0.5);
    let distance = (count as f64 - expected).abs();
    assert!(distance < 5.0 * deviation, "{what}: {count} of {n}, expected {expected}");
}

/// How often a cause struck.
type Count = fn(&Summary, Cause) -> u64;

/// What lets a cause strike 40 % of top-ups, and how many it struck.
fn cause_alone(cause: Cause) -> (Vec<String>, Count) {
    let code = cause.row().code;
    let strikes: Count = |seen, cause| seen.causes[cause as usize].strikes;
    match cause {
        Cause::PhishingSite => {
            let lost: Count = |seen, cause| seen.causes[cause as usize].last;
            (vec!["causes.phishing_site=\"40%\"".into()], lost)
        }
        Cause::NetPublicInsecure => {
            let sets = ["causes.account_stolen=\"10%\"", "network.wire.insecure=\"5x\""];
            (sets.map(str::to_owned).into(), strikes)
        }
        Cause::AutoTopupNoBalance => {
            let sets = ["users.automatic=\"100%\"", "causes.auto_topup_no_balance=\"40%\""];
            (sets.map(str::to_owned).into(), strikes)
        }
        Cause::TopupNotServiceAccount => {
            let astray: Count =
                |seen, _| seen.all.marked(topup_sim::model::outcome::Marks::MISPOSTED);
            (vec![format!("causes.{code}=\"40%\"")], astray)
        }
        _ if cause.row().stage == topup_sim::model::cause::Stage::Bank => {
            let all = "banks.named.bank.business=\"40%\"".to_owned();
            (vec![all, format!("causes.{code}=\"100%\"")], strikes)
        }
        _ => (vec![format!("causes.{code}=\"40%\"")], strikes),
    }
}

/// Catches: a prevention that spares nobody, or those who have not adopted it, or too many.
#[test]
fn adopters_are_struck_by_what_remains_and_all_others_as_before() {
    for row in ROWS.iter().filter(|r| matches!(r.effect, Effect::Fewer | Effect::FewerAndSlower)) {
        let remains = f64::from(row.percent) / 100.0;
        for &cause in row.causes {
            let (sets, count) = cause_alone(cause);
            let struck = |adopts: &str| {
                let adopted = format!("preventions.{}=\"{adopts}\"", row.code);
                // a share in [causes] for what this prevention is about in any case
                let stolen = "causes.account_stolen=\"10%\"".to_owned();
                let insecure = (cause == Cause::NetPublicInsecure).then_some(&stolen);
                let sets = sets.iter().chain(insecure).chain([&adopted]);
                count(&summary(&sets.map(String::as_str).collect::<Vec<_>>()), cause)
            };
            let (none, half, all) = (struck("0%"), struck("50%"), struck("100%"));
            let what = format!("{} and {}", row.code, cause.row().code);
            assert!(none > 300, "{what}: {none}");
            near(&what, half, none, 0.5 + 0.5 * remains);
            near(&what, all, none, remains);
        }
    }
}

/// Catches: a prevention that spares more than it is about.
#[test]
fn what_a_prevention_is_not_about_strikes_as_before() {
    let strikes = |adopts: &str| {
        let adopted = format!("preventions.check_security_settings=\"{adopts}\"");
        let sets = ["causes.account_frozen=\"20%\"", "causes.account_stolen=\"20%\"", &adopted];
        let seen = summary(&sets);
        [Cause::AccountFrozen, Cause::AccountStolen].map(|c| seen.causes[c as usize].strikes)
    };
    let ([frozen, stolen], [still_frozen, left]) = (strikes("0%"), strikes("100%"));
    assert_eq!(frozen, still_frozen);
    near("stolen", left, stolen, 0.5);
}

/// Catches: a second factor that costs nothing.
#[test]
fn a_second_factor_takes_its_time_with_every_entry() {
    let at = |takes: &str| {
        let factor = format!("preventions.two_factor={{ value = \"100%\", takes = \"{takes}\" }}");
        let seen = summary(&["causes.account_stolen=\"0.001%\"", &factor]);
        seen.credit_latency[0].sum() / u128::from(seen.credit_latency[0].count())
    };
    assert_eq!(at("7s") - at("2s"), 5_000_000_000);
}

const TWO_NETWORKS: [&str; 2] = [
    "network.wire={ share = \"50%\", latency = \"0s\" }",
    "network.air={ share = \"50%\", latency = \"0s\", loss = \"40%\" }",
];

/// Catches: adopters who stay where they were, and others who move.
#[test]
fn adopters_are_on_the_network_that_they_have_moved_to() {
    let on_air = |adopts: &str| {
        let moved = format!("preventions.use_wire={{ value = \"{adopts}\", to = \"wire\" }}");
        let seen = summary(&[&TWO_NETWORKS[..], &[&moved]].concat());
        // networks are numbered by name
        (seen.access[0].top_ups, seen.all.top_ups)
    };
    let ((none, users), (half, _), (all, _)) = (on_air("0%"), on_air("50%"), on_air("100%"));
    near("on the air", none, users, 0.5);
    near("half of them", half, none, 0.5);
    assert_eq!(all, 0);
}

/// Catches: a look at the network that changes nothing.
#[test]
fn who_checks_the_network_enters_when_it_is_good() {
    let spells = "network.wire.loss={ spells = { good_for = \"60s\", bad_for = \"30s\", \
                  good = \"0%\", bad = \"100%\" } }";
    let lost = |adopts: &str| {
        let checks = format!("preventions.check_network_first=\"{adopts}\"");
        let seen = summary(&[spells, &checks]);
        (seen.causes[Cause::NetUnstable as usize].strikes, seen.all.top_ups)
    };
    let ((none, users), (all, _)) = (lost("0%"), lost("100%"));
    near("without a look", none, users, 1.0 / 3.0);
    assert_eq!(all, 0, "attempts that leave at once find the network as it was seen");
}

/// Catches: users who come in the busy hours all the same, or who never come.
#[test]
fn who_avoids_the_busy_hours_comes_after_them() {
    let busy = ["start=\"2026-11-23T20:00:00+08:00[Asia/Shanghai]\"", "drain=\"0s\""];
    let hours = "{ from = \"19:00\", to = \"21:00\" }";
    let late = |adopts: &str| {
        let avoids =
            format!("preventions.come_off_peak={{ value = \"{adopts}\", between = {hours} }}");
        let jam = "incidents.evening={ target = \"gateway\", at = \"0s\", lasts = \"1h\", \
                   effect = { refuse = \"server_side_problem\" } }";
        let seen = summary(&[&busy[..], &[&avoids, jam]].concat());
        seen.causes[Cause::ServerSideProblem as usize].strikes
    };
    let (none, half, all) = (late("0%"), late("50%"), late("100%"));
    near("half of them", half, none, 0.5);
    assert_eq!(all, 0);
}

/// Catches: a method that is kept although its limit forbids the amount.
#[test]
fn who_minds_the_limits_takes_a_method_that_allows_the_amount() {
    let sets = [
        "channels.direct.share=\"50%\"",
        "channels.other={ share = \"50%\", banked = false, routes = [{ provider = \"other\", \
         share = \"100%\" }] }",
        "providers.other={ latency = \"0s\" }",
        "providers.direct.limits={ single = \"50 CNY\" }",
    ];
    let refused = |adopts: &str| {
        let minds = format!("preventions.higher_limits=\"{adopts}\"");
        let seen = summary(&[&sets[..], &[&minds]].concat());
        (seen.causes[Cause::LimitSingle as usize].strikes, seen.all.top_ups)
    };
    let ((none, users), (half, _), (all, _)) = (refused("0%"), refused("50%"), refused("100%"));
    near("refused", none, users, 0.5);
    near("half of them", half, none, 0.5);
    assert_eq!(all, 0);
}

/// Catches: habits of a case that shorten nothing.
#[test]
fn who_looks_earlier_and_keeps_records_has_the_money_back_earlier() {
    let lost = [
        "providers.direct.line={ loss_down = \"40%\" }",
        "reconciliation.days_later=9",
        "reconciliation.uncredited=\"refund\"",
        "refunds={ notice = \"10h\", review = \"10h\", automatic = false }",
    ];
    let back_after = |more: &[&str]| {
        let seen = summary(&[&lost[..], more].concat());
        let latency = &seen.refunds.rails[0].latency;
        assert!(latency.count() > 100, "{} refunds", latency.count());
        (latency.sum() / u128::from(latency.count())) as f64 / 3.6e12
    };
    let (plain, early) = (back_after(&[]), back_after(&["preventions.contact_early=\"100%\""]));
    let records = back_after(&["preventions.keep_records=\"100%\""]);
    let both =
        back_after(&["preventions.keep_records=\"100%\"", "preventions.good_after_sales=\"100%\""]);
    let hours = [plain - early, plain - records, plain - both];
    for (saved, expected) in hours.into_iter().zip([5.0, 3.0, 10.0 - 4.9]) {
        assert!((saved - expected).abs() < 1e-3, "saved {saved} h, expected {expected} h");
    }
}

/// Catches: a second charge that nobody notices earlier.
#[test]
fn who_reviews_the_list_of_payments_notices_a_second_charge_earlier() {
    let twice = [
        "network.wire.loss={ down = \"40%\" }",
        "client={ key = \"per_attempt\", timeout = \"1s\", \
         retry = { fixed = { pause = \"1s\", attempts_max = 2 } } }",
        "reconciliation.days_later=9",
        "refunds={ notice = \"10h\" }",
    ];
    let back_after = |adopts: &str| {
        let reviews = format!("preventions.review_transactions=\"{adopts}\"");
        let seen = summary(&[&twice[..], &[&reviews]].concat());
        let latency = &seen.refunds.rails[0].latency;
        assert!(seen.refunds.cases_by_user > 300, "{:?}", seen.refunds.cases_by_user);
        (latency.sum() / u128::from(latency.count())) as f64 / 3.6e12
    };
    let saved = back_after("0%") - back_after("100%");
    assert!((saved - 5.0).abs() < 0.01, "saved {saved} h of 10 h");
}

/// Catches: a row that takes a share and has no test here.
#[test]
fn every_prevention_with_a_share_is_tested() {
    let tested = [
        "check_network_first",
        "use_wire",
        "reliable_provider",
        "restart_router",
        "come_off_peak",
        "higher_limits",
        "contact_early",
        "keep_records",
        "good_after_sales",
        "review_transactions",
    ];
    for &prevention in Prevention::ALL {
        let row = prevention.row();
        let thins = matches!(row.effect, Effect::Fewer | Effect::FewerAndSlower);
        let none = matches!(row.effect, Effect::Key(_) | Effect::Told);
        assert!(thins || none || tested.contains(&row.code), "{}", row.code);
    }
}
