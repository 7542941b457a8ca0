//! A worker that breaks down and is repaired: M/M/1 with an on-off server.

use topup_sim::record::Summary;

use crate::checks::{Check, catch, hold, over_replications};
use crate::identity::{replications, scenario};

/// Half an arrival a second, service 1 s; up 20 s and down `down` ms in the mean, busy or idle.
fn on_off(down: u32) -> Vec<Summary> {
    replications(&scenario(&[
        "replications=40".to_owned(),
        "warmup=\"1000s\"".to_owned(),
        "length=\"51000s\"".to_owned(),
        "arrivals.rate=\"0.5/s\"".to_owned(),
        "gateway.workers=1".to_owned(),
        "gateway.service={ exponential = \"1s\" }".to_owned(),
        "client.timeout=\"30d\"".to_owned(),
        "deadline=\"30d\"".to_owned(),
        "users.screen_patience=\"30d\"".to_owned(),
        "users.goal_patience=\"30d\"".to_owned(),
        format!(
            "incidents.breakdown={{ target = \"gateway\", effect = {{ pause = true }}, renewal = \
             {{ up = {{ exponential = \"20s\" }}, down = {{ exponential = \"{down}ms\" }} }} }}"
        ),
    ]))
}

fn checks(seen: &[Summary]) -> Vec<Check> {
    let each = |of: &dyn Fn(&Summary) -> f64| seen.iter().map(of).collect::<Vec<f64>>();
    // lambda ((xi + eta)^2 + xi mu) / ((xi + eta) (eta mu - lambda (xi + eta)))
    let (arrive, serve, fail, repair) = (0.5, 1.0, 0.05, 0.5);
    let both: f64 = fail + repair;
    let present = arrive * (both * both + fail * serve) / (both * (repair * serve - arrive * both));
    assert!((present - 1.424_242_424_2).abs() < 1e-9, "the published number of the row");
    vec![
        over_replications(
            "in the system",
            &each(&|s| {
                let pool = &s.pools[0];
                (pool.top_ups().waiting_ns + pool.busy_ns) as f64 / s.measured_ns as f64
            }),
            present,
        ),
        over_replications(
            "time in the system, seen by the app",
            &each(&|s| s.call_latency.mean().unwrap_or(0.0) / 1e9),
            present / arrive,
        ),
    ]
}

/// Catches: work that starts again after a pause instead of going on, a pause that only newcomers
/// meet, a renewal whose down time comes out of its up time. Row Breakdown-MM1. Control: a repair
/// that takes 2.3 s for 2 s (7 % more in
/// the system: 12 standard errors).
#[test]
fn a_worker_that_breaks_down_and_resumes() {
    hold(&checks(&on_off(2000)));
    catch(&checks(&on_off(2300)), "in the system");
}
