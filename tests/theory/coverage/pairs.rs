//! Differences of two arms: paired, relative, and of events that are rare in both.

use topup_sim::stats::{CONFIDENCE, Interval, Paired, mean_t, paired_t, rare_difference};

use super::luck::Luck;
use super::trials::{Coverage, LARGE, QUICK, interval};

/// Two arms that meet the same luck, the other 20 % above the base of 2; both as skew as a gamma
/// law of shape 4.
fn arms(luck: &mut Luck, n: u32) -> (Vec<f64>, Vec<f64>) {
    let gamma = |luck: &mut Luck| (0..4).map(|_| luck.exponential()).sum::<f64>() / 4.0;
    let pair = |_| {
        let common = gamma(luck);
        (1.0 + 0.5 * common + 0.5 * gamma(luck), 1.2 + 0.6 * common + 0.6 * gamma(luck))
    };
    (0..n).map(pair).unzip()
}

fn of_arms(trials: u32, n: u32, truth: f64, read: impl Fn(Paired) -> Option<Interval>) -> Coverage {
    Coverage::of("arms", trials, truth, |luck| {
        let (base, other) = arms(luck, n);
        read(paired_t(&base, &other, CONFIDENCE)?)
    })
}

fn difference(paired: Paired) -> Option<Interval> {
    paired.difference.interval
}

fn relative(paired: Paired) -> Option<Interval> {
    interval(paired.relative)
}

fn paired(trials: u32) {
    for n in [5, 10, 30] {
        of_arms(trials, n, 0.4, difference).is_exact(&format!("paired difference, n = {n}"));
        of_arms(trials, n, 0.2, relative).is_exact(&format!("relative difference, n = {n}"));
    }
}

/// Catches: arms taken for independent, the ratio of arms by its numerator alone. Control: the
/// difference of the ends of the arms' own intervals.
#[test]
fn a_paired_difference_is_covered_as_often_as_it_says() {
    paired(QUICK);
    let ends = Coverage::of("arms", QUICK, 0.4, |luck| {
        let (base, other) = arms(luck, 10);
        let of = |values: &[f64]| interval(mean_t(values, CONFIDENCE));
        let (base, other) = (of(&base)?, of(&other)?);
        let (low, high) = (other.low - base.low, other.high - base.high);
        Some(Interval { low: low.min(high), high: low.max(high), ..base })
    });
    ends.is_caught("ends against ends");
}

#[test]
#[ignore = "larger: cargo test --test theory coverage:: -- --ignored"]
fn a_paired_difference_larger() {
    paired(LARGE);
}

/// Rare events of two arms, which cluster by outage in replications that both arms share.
fn rare(trials: u32, replications: u32, (base, other): (f64, f64), varies: bool) -> Coverage {
    let top_ups = 2_000_u64;
    let truth = (other - base) / top_ups as f64;
    Coverage::of("rare", trials, truth, |luck| {
        let pair = |_| {
            let rate = if varies { luck.exponential() } else { 1.0 };
            let counts = [base, other].map(|mean| luck.poisson(rate * mean));
            ((counts[0], top_ups), (counts[1], top_ups))
        };
        let (base, other): (Vec<_>, Vec<_>) = (0..replications).map(pair).unzip();
        rare_difference(&base, &other, CONFIDENCE).interval
    })
}

/// Catches: an interval of the difference that forgets an arm, or that takes clusters for nothing.
/// It is a careful one. Control: a truth three times as large.
#[test]
fn a_difference_of_rare_shares_is_covered_at_least_as_often_as_it_says() {
    for replications in [5, 10, 30] {
        let per = |events: f64| events / f64::from(replications);
        for (base, other) in [(2.0, 2.0), (3.0, 9.0), (0.5, 12.0)] {
            let both = (per(base), per(other));
            let what = format!("rare difference, {base} and {other} events, n = {replications}");
            rare(1_000, replications, both, false).is_careful(&what);
            rare(1_000, replications, both, true).is_careful(&format!("{what}, varying"));
        }
    }
    let threefold = Coverage::of("rare", 1_000, 3.0 * 11.5 / 60_000.0, |luck| {
        let pair = |_| ((luck.poisson(0.5 / 30.0), 2_000), (luck.poisson(12.0 / 30.0), 2_000));
        let (base, other): (Vec<_>, Vec<_>) = (0..30).map(pair).unzip();
        rare_difference(&base, &other, CONFIDENCE).interval
    });
    threefold.is_caught("a difference of rare shares that is threefold");
}

/// Catches: a paired t interval on shares of too few events. From 20 events of both arms together
/// on `compare` takes it.
#[test]
fn a_paired_difference_of_some_events_is_covered() {
    for (replications, events) in [(5, 40.0), (10, 40.0), (30, 40.0), (30, 100.0)] {
        let mean = events / f64::from(replications) / 2.0;
        let coverage = Coverage::of("some", QUICK, 0.5 * mean, |luck| {
            let pair = |_| {
                let (both, own) = (luck.poisson(0.8 * mean), luck.poisson(0.2 * mean));
                (((both + own) as f64), (both + luck.poisson(0.7 * mean)) as f64)
            };
            let (base, other): (Vec<f64>, Vec<f64>) = (0..replications).map(pair).unzip();
            difference(paired_t(&base, &other, CONFIDENCE)?)
        });
        coverage.is_exact(&format!("paired counts, {events} events, n = {replications}"));
    }
}
