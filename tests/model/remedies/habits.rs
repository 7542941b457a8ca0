//! Habits: what users do differently from the start, or while others work for them.

use super::run::{STAY, assert_near, stay, strikes, summary};
use topup_sim::model::cause::Cause;

const TWICE: &[&str] = &[
    "providers.direct.latency=\"9s\"",
    "users.double_submit={ share = \"100%\", after = \"1s\", mean = \"1s\", extra_max = 1, \
     same_order = \"50%\" }",
];

/// Catches: users who press again although they submit once.
#[test]
fn who_submits_once_does_not_press_again() {
    let with = |share: &str| {
        let set = format!("remedies.submit_once=\"{share}\"");
        let seen = summary(&[TWICE, &[&set]].concat());
        (strikes(&seen, Cause::DuplicateSubmit), seen.all.top_ups)
    };
    let (all, n) = with("0%");
    assert_eq!(with("100%").0, 0);
    assert!(all > n * 9 / 10);
    assert_near(with("70%").0, all, 0.3);
}

/// Catches: users who stay on an insecure network, and users of secure ones who move.
#[test]
fn who_avoids_public_networks_takes_a_secure_one() {
    let cafe = [
        "network.wire.share=\"30%\"",
        "network.home={ share = \"20%\", latency = \"0s\" }",
        "network.cafe={ share = \"50%\", latency = \"0s\", insecure = \"5x\" }",
        "causes.account_stolen=\"5%\"",
        "length=\"60s\"",
    ];
    let with = |share: &str| {
        let set = format!("remedies.avoid_public_networks=\"{share}\"");
        let seen = summary(&[&cafe[..], &[&set]].concat());
        let users: Vec<u64> = seen.access.iter().map(|network| network.top_ups).collect();
        (users, strikes(&seen, Cause::NetPublicInsecure), seen.all.top_ups)
    };
    let (none, struck, n) = with("0%");
    assert!(struck > 50 && none[0] > n / 3, "{none:?}");
    let (all, struck, _) = with("100%");
    assert_eq!((all[0], struck), (0, 0));
    assert!(all[1] > none[1] && all[2] > none[2], "{none:?} {all:?}");
    // by the shares of the secure networks, home before wire
    assert_near(all[2], n, 0.6);
    assert_near(with("40%").0[0], none[0], 0.6);
}

/// Catches: details that do not shorten the work, or shorten the wait.
#[test]
fn who_gives_the_details_is_helped_sooner() {
    let sets = [
        "causes.account_limited=\"100%\"",
        "remedies.contact_service=\"100%\"",
        "stations.phone={ for = \"service\", handling = \"100s\" }",
    ];
    let seconds = |more: &[&str]| {
        let seen = stay(&[&sets[..], &["length=\"200s\"", "arrivals.rate=\"2/s\""], more].concat());
        seen.stations[0].top_ups().sojourn.mean().expect("some are helped") / 1e9
    };
    assert!((seconds(&[]) - 100.0).abs() < 0.1);
    assert!((seconds(&["remedies.give_details=\"100%\""]) - 60.0).abs() < 0.1);
    let third = "remedies.give_details={ value = \"100%\", remains = \"30%\" }";
    assert!((seconds(&[third]) - 30.0).abs() < 0.1);
}

/// Catches: papers that come no sooner, and a problem that lasts as long.
#[test]
fn who_stays_reachable_and_checks_the_refund_has_the_money_sooner() {
    let sets = [
        "client.key=\"per_attempt\"",
        "client.timeout=\"1s\"",
        "client.retry={ fixed = { pause = \"0s\", attempts_max = 2 } }",
        "network.wire.loss={ down = \"100%\" }",
        "refunds.applies=\"100%\"",
        "refunds.notice=\"0s\"",
        "refunds.rail=\"0s\"",
        "refunds.review=\"0s\"",
        "refunds.papers=\"100%\"",
        "refunds.papers_delay=\"10h\"",
        "refunds.problem=\"100%\"",
        "refunds.problem_delay=\"4d\"",
    ];
    let hours = |more: &[&str]| {
        let seen = summary(&[STAY, &sets, more].concat());
        let latency = seen.refunds.all_rails().latency;
        assert!(latency.count() > 100);
        latency.mean().expect("some are refunded") / 3.6e12
    };
    let slow = hours(&[]);
    let reachable = hours(&["remedies.stay_reachable=\"100%\""]);
    assert!((slow - reachable - 5.0).abs() < 1e-3, "half of ten hours: {slow} {reachable}");
    let checked = hours(&["remedies.check_refund=\"100%\""]);
    assert!((slow - checked - 48.0).abs() < 1e-3, "half of four days: {slow} {checked}");
}
