//! Those who wait leave: M/M/1 with a constant patience in the queue.
//!
//! The queue's patience is one constant for all, so that the rows of Erlang-A with exponential
//! patience (ErlA-a) have no scenario; they are left out.

use topup_sim::record::Summary;

use crate::checks::{Check, catch, hold, over_replications};
use crate::identity::{replications, scenario};

const RATE: f64 = 0.9;
const PATIENCE: f64 = 3.0;

fn impatient(patience: &str) -> Vec<Summary> {
    replications(&scenario(&[
        "replications=40".to_owned(),
        "warmup=\"200ms\"".to_owned(),
        "length=\"25200ms\"".to_owned(),
        "arrivals.rate=\"900/s\"".to_owned(),
        "gateway.workers=1".to_owned(),
        "gateway.service={ exponential = \"1ms\" }".to_owned(),
        format!("gateway.queue.patience=\"{patience}\""),
    ]))
}

/// P(idle) of M/M/1+D by the law of the virtual wait: density rate P(idle) e^{-(1 - rate) v} up to
/// the patience d, and beyond it e^{-(v - d)} of what it was there.
fn idle() -> f64 {
    let gap = 1.0 - RATE;
    let at_patience = (-gap * PATIENCE).exp();
    1.0 / (1.0 + RATE * ((1.0 - at_patience) / gap + at_patience))
}

fn checks(seen: &[Summary]) -> Vec<Check> {
    let each = |of: &dyn Fn(&Summary) -> f64| seen.iter().map(of).collect::<Vec<f64>>();
    let room = |s: &Summary| s.pools[0].top_ups().clone();
    let abandoned = RATE * idle() * (-(1.0 - RATE) * PATIENCE).exp();
    assert!((abandoned - 0.166_710_256).abs() < 1e-8, "the published number of the row");
    vec![
        over_replications(
            "abandoned",
            &each(&|s| room(s).abandoned as f64 / room(s).arrived as f64),
            abandoned,
        ),
        over_replications(
            "served at once",
            &each(&|s| room(s).served_at_once as f64 / room(s).arrived as f64),
            idle(),
        ),
        over_replications(
            "busy",
            &each(&|s| s.pools[0].busy_ns as f64 / s.measured_ns as f64),
            RATE * (1.0 - abandoned),
        ),
    ]
}

/// Catches: patience that goes on in service, a place in the queue kept by somebody who left, a
/// worker granted to nobody. Row MM1+D. Control: a patience of 3.2 for 3 (12
/// standard errors).
#[test]
fn those_who_wait_three_services_leave() {
    hold(&checks(&impatient("3ms")));
    catch(&checks(&impatient("3200us")), "abandoned");
}
