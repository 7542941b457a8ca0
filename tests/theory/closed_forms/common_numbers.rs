//! Common random numbers: two policies meet the same users, so that their difference varies less.

use topup_sim::model::facts::{Fact, Observer};
use topup_sim::model::outcome::Marks;

use super::checks::{Check, catch, hold, mean};
use super::identity::{listened, replications, scenario};

/// Notes of each top-up when it arrived and whether its time ran out.
#[derive(Default)]
struct Late(Vec<(u64, bool)>);

impl Observer for Late {
    fn note(&mut self, fact: Fact) {
        if let Fact::TopUp(top_up) = fact {
            self.0.push((top_up.born, top_up.marks.has(Marks::UNKNOWN_OUTCOME)));
        }
    }
}

/// `times` a million top-ups that are served within Exp(1 s), and a client that waits `timeout`.
fn late(timeout: &str, seed: u64, times: u32) -> Vec<(u64, bool)> {
    let scenario = scenario(&[
        "replications=1".to_owned(),
        format!("seed={seed}"),
        "length=\"1000s\"".to_owned(),
        format!("arrivals.rate=\"{}/s\"", 1000 * times),
        "gateway.service={ exponential = \"1s\" }".to_owned(),
        format!("client.timeout=\"{timeout}\""),
        "targets.success_share=\">= 0%\"".to_owned(),
    ]);
    let mut late = listened(&scenario, 0, Late::default()).0;
    late.sort_unstable();
    late
}

/// The share of one time-out less the share of the other, and the variance of that by pairs.
fn of_pairs(short: &[(u64, bool)], long: &[(u64, bool)]) -> [Check; 2] {
    let (two, two_and_a_half) = ((-2.0f64).exp(), (-2.5f64).exp());
    let difference = two - two_and_a_half;
    let variance = difference * (1.0 - difference);
    let apart = two * (1.0 - two) + two_and_a_half * (1.0 - two_and_a_half);
    assert!((apart / variance - 3.815_687).abs() < 1e-6, "the published ratio");
    let pairs: Vec<f64> =
        short.iter().zip(long).map(|(s, l)| f64::from(s.1) - f64::from(l.1)).collect();
    let n = pairs.len() as f64;
    let average = pairs.iter().sum::<f64>() / n;
    let seen = pairs.iter().map(|d| (d - average).powi(2)).sum::<f64>() / n;
    // the variance of (d - D)^2 for a difference that is 0 or 1
    let sd = (1.0 - 2.0 * difference) * variance.sqrt();
    [
        mean("difference", average, difference, variance.sqrt(), n),
        mean("variance", seen, variance, sd, n),
    ]
}

/// Catches: luck that depends on the order of events or on the policy. One of two clients waits
/// 2 s, the other 2.5 s: with the same users the difference of the shares that run out of time has
/// the variance D (1 - D), 3.816 times less than with others.
pub(crate) fn two_time_outs(times: u32) {
    let (short, long) = (late("2s", 1, times), late("2500ms", 1, times));
    assert!(short.iter().map(|s| s.0).eq(long.iter().map(|l| l.0)), "the same users come");
    assert!(short.iter().zip(&long).all(|(s, l)| s.1 || !l.1), "who has longer is late less often");
    hold(&of_pairs(&short, &long));
}

/// Control: other users for one of them.
#[test]
fn two_time_outs_meet_the_same_users() {
    two_time_outs(1);
    catch(&of_pairs(&late("2s", 1, 1), &late("2500ms", 2, 1)), "variance");
}

/// Catches: arrivals or services that differ between policies at a queue. 1000 customers find a
/// worker of rate 1 or one of 1.1: their mean waits, over 400 replications, go together (0.948 by
/// Monte Carlo), and their difference varies 3.5 times less than that of separate runs.
#[test]
fn two_workers_meet_the_same_customers() {
    let waits = |service: &str, seed: u64| -> Vec<f64> {
        let seen = replications(&scenario(&[
            "replications=400".to_owned(),
            format!("seed={seed}"),
            "length=\"1250ms\"".to_owned(),
            "arrivals.rate=\"800/s\"".to_owned(),
            "gateway.workers=1".to_owned(),
            format!("gateway.service={{ exponential = \"{service}\" }}"),
        ]));
        seen.iter().map(|s| s.pools[0].top_ups().wait.mean().unwrap_or(0.0)).collect()
    };
    let (slow, quick) = (waits("1ms", 1), waits("909091ns", 1));
    let apart = variance(&slow) + variance(&quick);
    let difference =
        |other: &[f64]| -> Vec<f64> { slow.iter().zip(other).map(|(a, b)| a - b).collect() };
    assert!(apart / variance(&difference(&quick)) > 2.0, "pairing spares half of the work");
    // control: other customers for one of them
    let others = waits("909091ns", 2);
    let ratio = (variance(&slow) + variance(&others)) / variance(&difference(&others));
    assert!(ratio < 2.0, "separate runs spare nothing, but {ratio}");
}

fn variance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)
}
