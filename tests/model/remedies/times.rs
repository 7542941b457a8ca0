//! How long remedies take, and what waiting waits for.

use super::run::{credit_s, done, stay, strikes};
use topup_sim::model::cause::{Cause, Stage};
use topup_sim::model::remedy::{Remedy, Takes, Verb};

/// Mean of a law, s.
fn mean_s(takes: Takes) -> f64 {
    match takes {
        Takes::Nothing => 0.0,
        Takes::Constant(s) | Takes::Exponential(s) => f64::from(s),
        Takes::Uniform(low, high) => f64::from(low + high) / 2.0,
        Takes::Lognormal(median, sigma) => {
            let sigma = f64::from(sigma) / 100.0;
            f64::from(median) * (sigma * sigma / 2.0).exp()
        }
    }
}

/// Catches: a remedy that takes no time, another time, or its time twice.
#[test]
fn a_remedy_takes_the_time_of_its_row_or_of_its_scenario() {
    for &remedy in Remedy::ALL {
        let row = remedy.row();
        if !matches!(row.verb, Verb::Clear | Verb::Retype) {
            continue;
        }
        let cause = row.clears[0].row();
        let certain = format!("causes.{}=\"100%\"", cause.code);
        let business = "banks.named.bank.business=\"100%\"";
        let of = |takes: &str| {
            let key = if row.verb == Verb::Clear { "helps = \"100%\"" } else { "remains = \"0%\"" };
            let set = format!("remedies.{}={{ value = \"100%\", {key}{takes} }}", row.code);
            let mut sets = vec![certain.as_str(), &set, "length=\"60s\""];
            if cause.stage == Stage::Bank {
                sets.push(business);
            }
            let seen = stay(&sets);
            assert_eq!(done(&seen, remedy).helped, seen.all.top_ups, "{}", row.code);
            credit_s(&seen)
        };
        let constant = of(", takes = \"100s\"");
        assert!((constant - 100.0).abs() < 0.1, "{}: {constant} s", row.code);
        let (drawn, expected) = (of(""), mean_s(row.takes));
        assert!((drawn / expected - 1.0).abs() < 0.15, "{}: {drawn} for {expected}", row.code);
    }
}

/// Catches: users who come back before the end of the window that they have read of.
#[test]
fn who_reads_the_notices_comes_back_after_the_window() {
    for (target, cause) in [
        ("gateway", "platform_maintenance"),
        ("provider:direct", "channel_maintenance"),
        ("banks", "bank_maintenance"),
    ] {
        let shut = format!(
            "incidents.shut={{ target = \"{target}\", at = \"0s\", lasts = \"1m\", \
             announced = true, effect = {{ refuse = \"{cause}\" }} }}"
        );
        let seen = stay(&[&shut, "remedies.read_notices={ value = \"100%\", takes = \"9s\" }"]);
        let cause = Cause::by_code(cause).expect("a cause");
        let n = seen.all.top_ups;
        assert_eq!((strikes(&seen, cause), seen.all.successes()), (n, n), "{target}: none early");
        // arrivals of 20 s, on average 10 s after the begin: 60 s less, and 9 s more
        assert!((credit_s(&seen) - 59.0).abs() < 2.0, "{target}: {} s", credit_s(&seen));
        let other = "incidents.other={ target = \"gateway\", at = \"2m\", lasts = \"1s\", \
                     announced = true, effect = { refuse = \"platform_maintenance\" } }";
        let silent = shut.replace("announced = true", "announced = false");
        let seen = stay(&[&silent, other, "remedies.read_notices=\"100%\""]);
        assert_eq!(done(&seen, Remedy::ReadNotices).applied, 0, "nothing was said of this one");
    }
}

/// Catches: users who come back within the busy hours, and users who wait for them off-peak.
#[test]
fn who_avoids_the_peak_comes_back_after_it() {
    let jam = "incidents.evening={ target = \"network\", at = \"0s\", lasts = \"8s\", \
               effect = { lose = \"100%\", cause = \"net_peak_hours\" } }";
    let remedy = "remedies.avoid_peak={ value = \"100%\", takes = \"5s\" }";
    let at = |start: &str| {
        let start = format!("start=\"2026-11-23T{start}+08:00[Asia/Shanghai]\"");
        stay(&[&start, jam, remedy, "client.timeout=\"1s\""])
    };
    let evening = at("22:59:50");
    let struck = strikes(&evening, Cause::NetPeakHours);
    assert!(struck > 100);
    assert_eq!(evening.all.successes(), evening.all.top_ups, "they come back at 23:00:05");
    assert_eq!(done(&evening, Remedy::AvoidPeak).helped, struck);
    let noon = at("12:00:00");
    assert_eq!(done(&noon, Remedy::AvoidPeak).applied, 0, "noon is no peak");
}

/// Catches: a good network that is seen as a bad one, and the other way round.
#[test]
fn who_checks_the_network_tries_again_when_it_is_good() {
    let spells = "network.wire.loss={ spells = { good_for = \"900s\", bad_for = \"900s\", \
                  good = \"0%\", bad = \"100%\" } }";
    let checked = stay(&[spells, "remedies.check_network={ value = \"100%\", takes = \"1s\" }"]);
    let n = checked.all.top_ups;
    assert!(strikes(&checked, Cause::NetUnstable) > n / 3);
    assert_eq!(checked.all.successes(), n, "all of them, one second later");
    let habit = "users.after_failure={ same_method = \"100%\", pause = \"1s\" }";
    let again = stay(&[spells, habit]);
    assert!(again.all.successes() < n * 2 / 3, "the same a second later is as bad");
}

/// Catches: patience that is not asked before a remedy begins.
#[test]
fn nobody_begins_what_takes_longer_than_the_goal_is_worth() {
    let sets = |takes: &str| {
        let set = format!("remedies.check_profile={{ value = \"100%\", takes = \"{takes}\" }}");
        let seen =
            stay(&["causes.account_info_mismatch=\"100%\"", "users.goal_patience=\"24h\"", &set]);
        done(&seen, Remedy::CheckProfile).applied
    };
    assert!(sets("24h") > 100);
    assert_eq!(sets("25h"), 0);
}
