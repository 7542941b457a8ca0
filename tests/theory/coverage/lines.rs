//! What assumptions move: slopes of the tornado, and rank correlations.

use topup_sim::stats::{CONFIDENCE, Line, rank_correlation};

use super::luck::Luck;
use super::trials::{Coverage, LARGE, QUICK, interval};

/// Pairs of an input that is drawn evenly and a metric that it moves by 3, with the luck of a
/// replication: skew in one tail, as near a bound of a share.
fn pairs(luck: &mut Luck, n: u32, skew: bool) -> Vec<(f64, f64)> {
    let one = |_| {
        let x = luck.uniform();
        let rest = if skew { luck.exponential() - 1.0 } else { luck.normal() };
        (x, 3.0 * x + rest)
    };
    (0..n).map(one).collect()
}

fn slope(trials: u32, n: u32, truth: f64, skew: bool) -> Coverage {
    Coverage::of("slope", trials, truth, |luck| {
        Line::through(&pairs(luck, n, skew), CONFIDENCE)?.slope.interval
    })
}

/// Spearman's correlation of a normal pair of correlation r is 6/π asin(r/2).
fn correlation(trials: u32, n: u32, r: f64, truth: f64) -> Coverage {
    Coverage::of("ranks", trials, truth, |luck| {
        let one = |_| {
            let x = luck.normal();
            (x, r * x + (1.0 - r * r).sqrt() * luck.normal())
        };
        let pairs: Vec<(f64, f64)> = (0..n).map(one).collect();
        interval(rank_correlation(&pairs, CONFIDENCE))
    })
}

fn of_normal(r: f64) -> f64 {
    6.0 / std::f64::consts::PI * (r / 2.0).asin()
}

fn all(trials: u32) {
    for n in [5, 10, 30] {
        slope(trials, n, 3.0, false).is_exact(&format!("slope, n = {n}"));
        slope(trials, n, 3.0, true).is_exact(&format!("slope, skew, n = {n}"));
    }
    for n in [10, 30, 100] {
        for r in [0.0, 0.5, 0.9] {
            let what = format!("rank correlation of {r}, n = {n}");
            correlation(trials, n, r, of_normal(r)).is_careful(&what);
        }
    }
}

/// Catches: n for n - 2 degrees of freedom, Pearson's variance for that of ranks. Controls: a slope
/// a third off, the correlation of values for that of ranks.
#[test]
fn what_moves_a_result_is_covered_as_often_as_it_says() {
    all(QUICK);
    slope(QUICK, 30, 4.2, false).is_caught("a slope a third off");
    correlation(QUICK, 1_000, 0.5, 0.53).is_caught("a correlation off by 0.05");
}

#[test]
#[ignore = "larger: cargo test --test theory coverage:: -- --ignored"]
fn what_moves_a_result_larger() {
    all(LARGE);
}
