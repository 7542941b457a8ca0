//! Core traffic goes first: two classes at one worker, without interruption (Cobham).

use topup_sim::record::Summary;
use topup_sim::study::verify::theory::times_with_priority;

use super::cases::{Case, Family, Seen};
use super::checks::{Check, each};
use super::identity::{replications, scenario};

/// The case Prio-NP.
pub(crate) const FAMILY: Family = Family { theory, run, check, also: &[] };

/// Core traffic before top-ups, services of a millisecond for both; rates a millisecond.
fn two_classes(core: f64, top_ups: f64, seconds: u32) -> Vec<Summary> {
    replications(&scenario(&[
        "replications=40".to_owned(),
        "warmup=\"2s\"".to_owned(),
        format!("length=\"{}s\"", seconds + 2),
        format!("arrivals.rate=\"{}/s\"", top_ups * 1000.0),
        "gateway.workers=1".to_owned(),
        "gateway.service={ exponential = \"1ms\" }".to_owned(),
        format!(
            "gateway.core_traffic={{ rate = \"{}/s\", service = {{ exponential = \"1ms\" }} }}",
            core * 1000.0
        ),
        "client.timeout=\"1h\"".to_owned(),
    ]))
}

fn theory(case: &Case, metric: &str) -> Option<f64> {
    assert!((case.param("mu") - 1.0).abs() < 1e-12, "services take a unit");
    let [first, behind] = times_with_priority(case.param("lambda_hi"), case.param("lambda_lo"));
    match metric {
        "W_hi" => Some(first),
        "W_lo" => Some(behind),
        _ => None,
    }
}

fn run(case: &Case, times: u32) -> Vec<Summary> {
    two_classes(case.param("lambda_hi"), case.param("lambda_lo"), 60 * times)
}

fn check(case: &Case, seen: &Seen, metric: &str) -> Option<Check> {
    let class = usize::from(metric == "W_lo");
    let sojourn = |s: &Summary| s.pools[0].classes[class].sojourn.mean().unwrap_or(0.0) / 1e6;
    Some(each(metric, &seen.runs, sojourn, theory(case, metric)?))
}

/// Control: a tenth more core traffic (15 standard errors).
#[test]
fn a_tenth_more_core_traffic_is_caught() {
    let case = Case::of("Prio-NP");
    case.catches(&FAMILY, two_classes(0.22, 0.6, 60), "W_lo");
}
