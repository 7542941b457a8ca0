//! Core traffic goes first: two classes at one worker, without interruption (Cobham).

use topup_sim::record::Summary;

use crate::checks::{Check, catch, hold, over_replications};
use crate::identity::{replications, scenario};

/// Core traffic of `core` a second before 600 top-ups a second, service 1 ms for both.
fn two_classes(core: u32) -> Vec<Summary> {
    replications(&scenario(&[
        "replications=40".to_owned(),
        "warmup=\"2s\"".to_owned(),
        "length=\"62s\"".to_owned(),
        "arrivals.rate=\"600/s\"".to_owned(),
        "gateway.workers=1".to_owned(),
        "gateway.service={ exponential = \"1ms\" }".to_owned(),
        format!(
            "gateway.core_traffic={{ rate = \"{core}/s\", service = {{ exponential = \"1ms\" }} }}"
        ),
        "client.timeout=\"1h\"".to_owned(),
    ]))
}

fn checks(seen: &[Summary]) -> Vec<Check> {
    let sojourn = |class: usize| {
        let of = |s: &Summary| s.pools[0].classes[class].sojourn.mean().unwrap_or(0.0) / 1e6;
        seen.iter().map(of).collect::<Vec<f64>>()
    };
    vec![
        over_replications("core traffic", &sojourn(0), 2.0),
        over_replications("top-ups", &sojourn(1), 6.0),
    ]
}

/// Catches: one queue for both classes, a core request that interrupts, core arrivals or services
/// that are not independent of each other. Row Prio-NP. Control: a tenth more core traffic (15
/// standard errors).
#[test]
fn core_traffic_goes_first() {
    hold(&checks(&two_classes(200)));
    catch(&checks(&two_classes(220)), "top-ups");
}
