//! Refunds in two stages: the user notices, and the money goes back.

use topup_sim::model::facts::{Fact, Observer};
use topup_sim::study::verify::theory::two_stages_longer;

use super::checks::{Check, catch, distance, hold, mean};
use super::identity::{listened, scenario};

/// Notes how long refunds take, in hours from the capture.
#[derive(Default)]
struct Refunds(Vec<f64>);

impl Observer for Refunds {
    fn note(&mut self, fact: Fact) {
        if let Fact::Refunded { latency, .. } = fact {
            self.0.push(latency as f64 / 3600e9);
        }
    }
}

/// Every answer of the provider is lost, so that each of `times` 200,000 captures becomes a case:
/// noticed after Exp(2 h), and back after Exp(`rail`). Reconciliation comes too late for any.
fn refunds(rail: &str, times: u32) -> Vec<f64> {
    let scenario = scenario(&[
        "replications=1",
        "length=\"1000s\"",
        &format!("arrivals.rate=\"{}/s\"", 200 * times),
        "providers.direct.line.loss_down=\"100%\"",
        "gateway.timeout=\"1ns\"",
        "reconciliation.days_later=30",
        "refunds.notice={ exponential = \"2h\" }",
        &format!("refunds.rail={{ exponential = \"{rail}\" }}"),
        "targets.success_share=\">= 0%\"",
    ]);
    let mut hours = listened(&scenario, 0, Refunds::default()).0;
    hours.sort_by(f64::total_cmp);
    hours
}

fn checks(hours: &[f64]) -> Vec<Check> {
    let n = hours.len() as f64;
    let (notice, rail) = (2.0f64, 24.0);
    let later = |t: f64| two_stages_longer(notice, rail, t);
    // the published quantiles
    for (share, hours) in [(0.5, 18.723_430), (0.95, 73.985_848), (0.99, 112.612_358)] {
        assert!((1.0 - later(hours) - share).abs() < 1e-7, "{share} within {hours} h");
    }
    let sd = notice.hypot(rail);
    vec![
        mean("hours", hours.iter().sum::<f64>() / n, 26.0, sd, n),
        distance("law", hours, |t| 1.0 - later(t)),
    ]
}

/// Catches: a refund clock that starts at the notice instead of the capture, stages that share a
/// draw (the law then is not that of a sum), a stage left out. STATISTICS F.
pub(crate) fn two_stages(times: u32) {
    let hours = refunds("24h", times);
    assert!(hours.len() as f64 > 199_000.0 * f64::from(times), "every capture is refunded");
    hold(&checks(&hours));
}

/// Control: a rail of 24 h 40 min for 24 h (12.4 standard errors of the mean).
#[test]
fn two_stages_add_up() {
    two_stages(1);
    catch(&checks(&refunds("24h 40m", 1)), "hours");
}
