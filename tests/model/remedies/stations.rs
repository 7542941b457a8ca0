//! Stations: people who are asked for help, against the theory of queues.

use super::run::{STAY, credit_s, done, replications, stay};
use topup_sim::model::remedy::Remedy;
use topup_sim::record::Summary;

/// Everybody's account is limited, and everybody asks.
const ASK: &[&str] = &[
    "causes.account_limited=\"100%\"",
    "remedies.contact_service={ value = \"100%\", helps = \"100%\" }",
];

/// Mean wait in an M/M/s queue in units of the mean service (Erlang's C formula).
fn erlang_wait(servers: u32, load: f64) -> f64 {
    let term = |n: u32| (1..=n).fold(1.0, |product, i| product * load / f64::from(i));
    let last = term(servers) / (1.0 - load / f64::from(servers));
    let waits = last / ((0..servers).map(term).sum::<f64>() + last);
    waits / (f64::from(servers) - load)
}

/// Mean and standard deviation of a value of each replication, and the number of them.
fn moments(seen: &[Summary], of: impl Fn(&Summary) -> f64) -> (f64, f64, f64) {
    let values: Vec<f64> = seen.iter().map(of).collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, variance.sqrt(), n)
}

/// Catches: a queue that is not first come, first served by so many people; a wait measured wrong.
#[test]
fn the_wait_for_people_is_that_of_the_theory() {
    let station = "stations.phone={ for = \"service\", staff = 3, handling = { exponential = \
                   \"240ms\" } }";
    let long = ["length=\"420s\"", "warmup=\"20s\"", "arrivals.rate=\"10/s\""];
    let seen = replications(&[STAY, ASK, &[station], &long].concat(), 16);
    let wait = |summary: &Summary| {
        summary.stations[0].top_ups().wait.mean().expect("somebody is helped") / 1e9
    };
    let (mean, sd, n) = moments(&seen, wait);
    let score = |servers: u32| (mean - 0.24 * erlang_wait(servers, 2.4)) / (sd / n.sqrt());
    assert!(score(3).abs() < 6.0, "{mean} s, {} standard errors off", score(3));
    assert!(score(4) > 6.0, "control: a fourth person would show");
    let busy = |summary: &Summary| {
        let (busy, there) = summary.stations[0].utilisation().expect("three people");
        busy as f64 / there as f64
    };
    let (mean, sd, n) = moments(&seen, busy);
    assert!((mean - 0.8).abs() < 6.0 * sd / n.sqrt(), "utilisation {mean}");
}

/// Catches: people who work at night, and users who are forgotten until the morning.
#[test]
fn people_help_in_their_hours() {
    let phone = "stations.phone={ for = \"service\", handling = \"1h\", hours = { from = \
                 \"09:00\", to = \"18:00\" } }";
    let start = "start=\"2026-11-23T17:30:00+08:00[Asia/Shanghai]\"";
    let seen = stay(&[ASK, &[phone, start]].concat());
    assert_eq!(seen.all.successes(), seen.all.top_ups);
    // half an hour today, half an hour from nine tomorrow
    assert!((credit_s(&seen) / 3600.0 - 16.0).abs() < 0.01, "{} h", credit_s(&seen) / 3600.0);
}

/// Catches: users of one station at the other, and users who choose anew each time.
#[test]
fn users_choose_among_stations_by_their_shares() {
    let seen = stay(
        &[
            ASK,
            &[
                "length=\"60s\"",
                "stations.chat={ for = \"service\", share = \"25%\", handling = \"1s\" }",
                "stations.phone={ for = \"service\", share = \"75%\", handling = \"1s\" }",
            ],
        ]
        .concat(),
    );
    let arrived = |i: usize| seen.stations[i].top_ups().arrived;
    super::run::assert_near(arrived(0), seen.all.top_ups, 0.25);
    assert_eq!(arrived(0) + arrived(1), seen.all.top_ups);
}

/// Catches: users who are helped and do not come back; who wait for ever; who come back too late.
#[test]
fn who_is_helped_after_the_patience_has_gone() {
    let phone = "stations.phone={ for = \"service\", staff = 1, handling = \"1m\" }";
    let seen = stay(&[ASK, &[phone, "users.goal_patience=\"1h\""]].concat());
    let n = seen.all.top_ups;
    // one after the other, a minute each: 60 of them within the hour
    let helped = done(&seen, Remedy::ContactService).helped;
    assert!((58..=60).contains(&helped) && n > 200, "{helped} of {n}");
    assert_eq!(seen.all.successes(), helped);
    // the rest of the way of what people do
    let then = "remedies.contact_service.then=\"30m\"";
    let later = stay(&[ASK, &[phone, "users.goal_patience=\"1h\"", then]].concat());
    let helped = done(&later, Remedy::ContactService).helped;
    assert!((28..=30).contains(&helped), "{helped}");
}
