//! A worker that breaks down and is repaired: M/M/1 with an on-off server.

use topup_sim::model::cause::Cause;
use topup_sim::record::Summary;
use topup_sim::study::verify::theory::present_at_on_off_worker;

use super::cases::{Case, Family, Seen};
use super::checks::{Check, each};
use super::identity::{replications, scenario};

/// The case Breakdown-MM1.
pub(crate) const FAMILY: Family = Family { theory, run, check, also: &[] };

/// What the worker's breakdown does.
const PAUSES: &str = "pause = true";

/// Half an arrival a second, service 1 s; up 20 s in the mean and then down, busy or idle, which
/// has an `effect`.
fn on_off(case: &Case, down: f64, effect: &str, seconds: u32) -> Vec<Summary> {
    replications(&scenario(&[
        "replications=40".to_owned(),
        "warmup=\"1000s\"".to_owned(),
        format!("length=\"{}s\"", seconds + 1000),
        format!("arrivals.rate=\"{}/s\"", case.param("lambda")),
        "gateway.workers=1".to_owned(),
        format!("gateway.service={{ exponential = \"{}s\" }}", 1.0 / case.param("mu")),
        "client.timeout=\"1h\"".to_owned(),
        "users.goal_patience=\"1h\"".to_owned(),
        format!(
            "incidents.breakdown={{ target = \"gateway\", effect = {{ {effect} }}, renewal = \
             {{ up = {{ exponential = \"{}s\" }}, down = {{ exponential = \"{down}s\" }} }} }}",
            1.0 / case.param("fail")
        ),
    ]))
}

fn theory(case: &Case, metric: &str) -> Option<f64> {
    let [arrive, serve, fail, repair] =
        ["lambda", "mu", "fail", "repair"].map(|name| case.param(name));
    let present = present_at_on_off_worker(arrive, serve, fail, repair);
    Some(match metric {
        "L" => present,
        "W" => present / arrive,
        "availability" => repair / (fail + repair),
        _ => return None,
    })
}

fn run(case: &Case, times: u32) -> Vec<Summary> {
    on_off(case, 1.0 / case.param("repair"), PAUSES, 50_000 * times)
}

fn check(case: &Case, Seen { runs: seen, times }: &Seen, metric: &str) -> Option<Check> {
    let present = |s: &Summary| {
        let pool = &s.pools[0];
        (pool.top_ups().waiting_ns + pool.busy_ns) as f64 / s.measured_ns as f64
    };
    let within = |s: &Summary| s.call_latency.mean().unwrap_or(0.0) / 1e9;
    let expected = theory(case, metric)?;
    Some(match metric {
        "L" => each(metric, seen, present, expected),
        "W" => each(metric, seen, within, expected),
        // the same breakdowns, which turn away whom they meet: Poisson arrivals see time averages
        "availability" => {
            let refuses = "refuse = \"platform_maintenance\"";
            let seen = on_off(case, 1.0 / case.param("repair"), refuses, 50_000 * times);
            let passed = |s: &Summary| {
                1.0 - s.cause(Cause::PlatformMaintenance).strikes as f64 / s.all.top_ups as f64
            };
            each(metric, &seen, passed, expected)
        }
        _ => return None,
    })
}

/// Control: a repair that takes 2.3 s for 2 s (7 % more in the system: 12 standard errors).
#[test]
fn a_longer_repair_is_caught() {
    let case = Case::of("Breakdown-MM1");
    case.catches(&FAMILY, on_off(&case, 2.3, PAUSES, 50_000), "L");
}
