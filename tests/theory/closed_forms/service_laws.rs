//! One worker under any law of service: Pollaczek and Khinchine.

use topup_sim::record::Summary;
use topup_sim::scenario::Scenario;
use topup_sim::study::verify::theory::wait_by_moments;

use super::cases::{Case, Family, Seen};
use super::checks::{Check, catch, each, hold};
use super::identity::{replications, room, scenario};

/// The cases MD1 and MH2-1.
pub(crate) const FAMILY: Family = Family { theory, run, check, also: &[] };

/// One worker; `rate` a millisecond; `seconds` measured in each of 40 replications.
fn single(rate: f64, service: &str, seconds: u32) -> Scenario {
    scenario(&[
        "replications=40".to_owned(),
        "warmup=\"2s\"".to_owned(),
        format!("length=\"{}s\"", seconds + 2),
        format!("arrivals.rate=\"{}/s\"", rate * 1000.0),
        "gateway.workers=1".to_owned(),
        format!("gateway.service={service}"),
        "client.timeout=\"1h\"".to_owned(),
    ])
}

/// The mean wait, ms, by the moments of a scenario's table.
fn wait_by_table(scenario: &Scenario, rate: f64) -> f64 {
    let service = &scenario.plan.gateway.service;
    wait_by_moments(rate, service.mean() / 1e6, service.second_moment() / 1e12)
}

/// Holds one worker against its mean wait in ms.
pub(crate) fn checks(seen: &[Summary], rate: f64, wait: f64) -> Vec<Check> {
    let waiting = |s: &Summary| room(s).waiting_ns as f64 / s.measured_ns as f64;
    vec![
        each("Wq", seen, |s| room(s).wait.mean().unwrap_or(0.0) / 1e6, wait),
        each("Lq", seen, waiting, rate * wait),
    ]
}

/// The service of a case: its law, its first two moments in ms, and seconds to measure.
fn service_of(case: &Case) -> (&'static str, f64, f64, u32) {
    match case.given("S") {
        Some(constant) => {
            assert!((constant - 1.0).abs() < 1e-12, "a service takes a unit");
            ("{ constant = \"1ms\" }", 1.0, 1.0, 25)
        }
        // exponential of mean 0.4 or of mean 1.6: half of each
        None => (
            "{ mixture = [{ share = \"50%\", law = { exponential = \"400us\" } }, \
             { share = \"50%\", law = { exponential = \"1600us\" } }] }",
            0.5 * 0.4 + 0.5 * 1.6,
            0.5 * (2.0 * 0.4 * 0.4) + 0.5 * (2.0 * 1.6 * 1.6),
            40,
        ),
    }
}

fn theory(case: &Case, metric: &str) -> Option<f64> {
    let rate = case.param("lambda");
    let (_, first, second, _) = service_of(case);
    let wait = wait_by_moments(rate, first, second);
    Some(match metric {
        "Wq" => wait,
        "Lq" => rate * wait,
        "rho" => rate * first,
        _ => return None,
    })
}

fn scenario_of(case: &Case, times: u32) -> Scenario {
    let (service, _, _, seconds) = service_of(case);
    single(case.param("lambda"), service, seconds * times)
}

fn run(case: &Case, times: u32) -> Vec<Summary> {
    replications(&scenario_of(case, times))
}

fn check(case: &Case, Seen { runs: seen, .. }: &Seen, metric: &str) -> Option<Check> {
    let rate = case.param("lambda");
    let wait = near(&scenario_of(case, 1), rate, theory(case, "Wq")?);
    let all = checks(seen, rate, wait);
    Some(match metric {
        "Wq" | "Lq" => Check::named(&all, metric),
        "rho" => {
            let busy = |s: &Summary| s.pools[0].busy_ns as f64 / s.measured_ns as f64;
            each(metric, seen, busy, theory(case, metric)?)
        }
        _ => return None,
    })
}

/// The wait of a table's own moments, which must be within 0.05 % of theory.
fn near(scenario: &Scenario, rate: f64, expected: f64) -> f64 {
    let wait = wait_by_table(scenario, rate);
    assert!((wait / expected - 1.0).abs() < 5e-4, "the table's wait is {wait} for {expected}");
    wait
}

/// Catches: a lognormal law by its mean instead of its median, a service drawn twice (the wait then
/// sees a second moment that the worker does not), tables that lose the tail's weight. STATISTICS
/// D; the waits of the tables' own moments are within 0.05 % of theory.
pub(crate) fn laws(times: u32) {
    const LOGNORMAL: &str = "{ lognormal = { median = \"447213ns\", sigma = 1.268636217 } }";
    for (service, seconds, expected) in [
        ("{ constant = \"1ms\" }", 25, 7.0 / 6.0),
        ("{ exponential = \"1ms\" }", 25, 7.0 / 3.0),
        (LOGNORMAL, 60, 35.0 / 6.0),
    ] {
        let scenario = single(0.7, service, seconds * times);
        let wait = near(&scenario, 0.7, expected);
        hold(&checks(&replications(&scenario), 0.7, wait));
    }
}

#[test]
fn waits_follow_the_second_moment_of_service() {
    laws(1);
}

/// Control of this family: a load 2 % higher under constant service (a wait 7 % longer: 10 standard
/// errors).
#[test]
fn a_load_two_per_cent_off_is_caught() {
    let off = single(0.714, "{ constant = \"1ms\" }", 25);
    catch(&checks(&replications(&off), 0.7, 7.0 / 6.0), "Wq");
}
