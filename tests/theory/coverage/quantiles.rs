//! Quantiles: over replications by order statistics, and of the observations of each replication.

use topup_sim::stats::{CONFIDENCE, quantile_interval};

use super::luck::Luck;
use super::made_up::MadeUp;
use super::trials::{Coverage, LARGE, QUICK, interval};

/// Quantiles of exponential values, which are known (STATISTICS section 2.5).
fn order_statistics(trials: u32, n: u32, p: f64, shift: f64) -> Coverage {
    let truth = -(1.0 - p).ln() + shift;
    Coverage::of(&format!("order {n} {p}"), trials, truth, |luck| {
        let mut values: Vec<f64> = (0..n).map(|_| luck.exponential()).collect();
        values.sort_by(f64::total_cmp);
        interval(quantile_interval(&values, p, CONFIDENCE))
    })
}

/// Catches: ranks that are one off where few values stand. Control: the quantile shifted by a tenth
/// of the law's mean.
#[test]
fn a_quantile_over_replications_is_covered_as_exactly_as_ranks_can() {
    for (n, p, exact) in [(100, 0.5, 0.9648), (1_000, 0.95, 0.9581), (1_000, 0.99, 0.9761)] {
        let coverage = order_statistics(QUICK / 2, n, p, 0.0);
        coverage.is_about(&format!("order statistics, n = {n}, p = {p}"), exact);
    }
    for (n, p) in [(36, 0.1), (72, 0.05), (40, 0.9)] {
        order_statistics(QUICK, n, p, 0.0).is_careful(&format!("order statistics, {n}, {p}"));
    }
    order_statistics(QUICK, 1_000, 0.5, 0.1).is_caught("a median off by a tenth");
}

#[test]
#[ignore = "larger: cargo test --test theory coverage:: -- --ignored"]
fn a_quantile_over_replications_larger() {
    let rows = [(100, 0.5, 0.9648), (1_000, 0.5, 0.9537), (1_000, 0.95, 0.9581)];
    for (n, p, exact) in rows.into_iter().chain([(1_000, 0.99, 0.9761)]) {
        let coverage = order_statistics(LARGE, n, p, 0.0);
        coverage.is_about(&format!("order statistics, n = {n}, p = {p}"), exact);
    }
}

/// A latency in ns: exponential with a mean of a second.
fn latency(luck: &mut Luck) -> u64 {
    (1e9 * luck.exponential()) as u64
}

/// Quantiles of the latencies of each replication.
fn of_each(trials: u32, metric: &str, replications: usize, n: u32, truth: f64) -> Coverage {
    let mut made_up = MadeUp::of(replications);
    Coverage::of(metric, trials, truth, |luck| {
        for summary in &mut made_up.summaries {
            summary.call_latency = Default::default();
            (0..n).for_each(|_| summary.call_latency.record(latency(luck)));
        }
        interval(made_up.estimate(metric))
    })
}

/// The mean of the k-th smallest of n exponential values: what replications' quantiles estimate.
fn order_mean(k: u32, n: u32) -> f64 {
    (n - k + 1..=n).map(|i| 1.0 / f64::from(i)).sum()
}

/// Catches: quantiles of the wrong rank, an interval from single observations. The estimate is of
/// the mean of the replications' quantiles, which differs from that of the law by O(1/n).
#[test]
fn a_mean_of_quantiles_is_covered() {
    for (metric, k, n) in [("call_latency_p50_s", 50, 100), ("call_latency_p95_s", 190, 200)] {
        for replications in [5, 10] {
            let coverage = of_each(QUICK, metric, replications, n, order_mean(k, n));
            coverage.is_exact(&format!("{metric} of {n}, n = {replications}"));
        }
    }
    let off = of_each(QUICK, "call_latency_p50_s", 10, 100, 1.15 * order_mean(50, 100));
    off.is_caught("a median off by 15 %");
}

#[test]
#[ignore = "larger: cargo test --test theory coverage:: -- --ignored"]
fn a_mean_of_quantiles_larger() {
    for (metric, k, n) in [
        ("call_latency_p50_s", 50, 100),
        ("call_latency_p95_s", 190, 200),
        ("call_latency_p99_s", 396, 400),
    ] {
        for replications in [5, 10, 30] {
            let coverage = of_each(1_000, metric, replications, n, order_mean(k, n));
            coverage.is_exact(&format!("{metric} of {n}, n = {replications}"));
        }
    }
}
