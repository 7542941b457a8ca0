//! Intervals for proportions and quantiles, each naming the method that made it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::share::exact;
use super::special::{binomial_cdf, normal_quantile};
use super::{Estimate, rank};

/// The confidence of every interval that topup-sim reports, unless a study asks for another.
pub const CONFIDENCE: f64 = 0.95;

/// How an interval was made. Shows as the name used in `summary.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// No interval: too few observations.
    None,
    /// Student's t over replications.
    T,
    /// Wilson's score interval for a proportion (Wilson 1927).
    Wilson,
    /// The exact interval for a proportion (Clopper and Pearson 1934).
    ClopperPearson,
    /// The same over the pooled trials of all replications, taken for independent: too narrow where
    /// they share a queue or an outage.
    ClopperPearsonPooled,
    /// The same with as many trials as replications show to be independent (Korn, Graubard 1998).
    KornGraubard,
    /// Exact intervals of two arms at half of what the confidence leaves, laid against each other.
    ClopperPearsonPair,
    /// Two order statistics around a quantile; needs no distribution.
    OrderStatistics,
    /// Of a Kaplan-Meier curve at a time: on the log-log scale, with Greenwood's variance.
    LogLog,
    /// Of the median of a Kaplan-Meier curve (Brookmeyer and Crowley 1982), on the log-log scale.
    BrookmeyerCrowley,
    /// Of the area under a Kaplan-Meier curve: Student's t on the variance of Greenwood's kind.
    RestrictedMean,
    /// Of a rank correlation, on Fisher's scale (Bonett and Wright 2000).
    FisherRank,
    /// Of a variance, by the chi-square law.
    ChiSquare,
    /// Of the distance of two laws (Massart 1990).
    Massart,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::None,
        Self::T,
        Self::Wilson,
        Self::ClopperPearson,
        Self::ClopperPearsonPooled,
        Self::KornGraubard,
        Self::ClopperPearsonPair,
        Self::OrderStatistics,
        Self::LogLog,
        Self::BrookmeyerCrowley,
        Self::RestrictedMean,
        Self::FisherRank,
        Self::ChiSquare,
        Self::Massart,
    ];

    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Method::None => "none",
            Method::T => "t",
            Method::Wilson => "wilson",
            Method::ClopperPearson => "clopper_pearson",
            Method::ClopperPearsonPooled => "clopper_pearson_pooled",
            Method::KornGraubard => "korn_graubard",
            Method::ClopperPearsonPair => "clopper_pearson_pair",
            Method::OrderStatistics => "order_statistics",
            Method::LogLog => "log_log",
            Method::BrookmeyerCrowley => "brookmeyer_crowley",
            Method::RestrictedMean => "restricted_mean",
            Method::FisherRank => "fisher_rank",
            Method::ChiSquare => "chi_square",
            Method::Massart => "massart",
        }
    }

    /// The method of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A two-sided confidence interval, in the unit of its estimate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end, not below `low`.
    pub high: f64,
    /// How it was made.
    pub method: Method,
}

/// Wilson's score interval for `events` among `trials` independent trials.
///
/// For display; its coverage dips below the confidence near 0 and 1, where [`clopper_pearson`]
/// belongs. Without trials it is 0 to 1.
pub fn wilson(events: u64, trials: u64, confidence: f64) -> Interval {
    assert_counts(events, trials, confidence);
    let method = Method::Wilson;
    if trials == 0 {
        return Interval { low: 0.0, high: 1.0, method };
    }
    let n = trials as f64;
    let share = events as f64 / n;
    let z = normal_quantile(0.5 + confidence / 2.0);
    let centre = share + z * z / (2.0 * n);
    let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    // At the ends the formula is exact but its rounding is not.
    let low = if events == 0 { 0.0 } else { (centre - half) / scale };
    let high = if events == trials { 1.0 } else { (centre + half) / scale };
    Interval { low, high, method }
}

/// The Clopper-Pearson interval for `events` among `trials` independent trials.
///
/// It covers at least as often as it says, also near 0: with no events the lower end is 0 and the
/// upper end is what can still be true. Without trials it is 0 to 1.
pub fn clopper_pearson(events: u64, trials: u64, confidence: f64) -> Interval {
    assert_counts(events, trials, confidence);
    exact(events as f64, trials as f64, confidence)
}

/// The `p`-quantile of independent values sorted upwards, with its distribution-free interval.
///
/// None below [`least_n`] values: then no two order statistics enclose the quantile with that
/// confidence. The quantile is the smallest value that at least a share `p` does not exceed.
pub fn quantile_interval(sorted: &[f64], p: f64, confidence: f64) -> Option<Estimate> {
    assert!(sorted.is_sorted(), "order statistics are read from sorted values");
    let n = sorted.len() as u64;
    let (low, high) = enclosing_ranks(n, p, confidence)?;
    let value_at = |rank: u64| sorted[rank as usize - 1];
    let method = Method::OrderStatistics;
    let interval = Interval { low: value_at(low), high: value_at(high), method };
    Some(Estimate { value: value_at(rank(p, n)), interval: Some(interval), n })
}

/// The least number of values from which [`quantile_interval`] can enclose the `p`-quantile.
pub fn least_n(p: f64, confidence: f64) -> u64 {
    assert!(p > 0.0 && p < 1.0, "only a quantile strictly between 0 and 1 has an interval");
    let tail = (1.0 - confidence) / 2.0;
    // All n values lie on one side of the quantile with probability p^n or (1 - p)^n.
    (libm::log(tail) / libm::log(p.max(1.0 - p))).ceil() as u64
}

/// The ranks l and u (from 1) whose values enclose the `p`-quantile, each tail at most half of what
/// the confidence leaves: P(X <= l - 1) <= tail, P(X <= u - 1) >= 1 - tail, X ~ Bin(n, p).
fn enclosing_ranks(n: u64, p: f64, confidence: f64) -> Option<(u64, u64)> {
    if n < least_n(p, confidence) {
        return None;
    }
    let tail = (1.0 - confidence) / 2.0;
    let low = first(n, |k| binomial_cdf(k, n, p) > tail);
    let high = first(n, |k| binomial_cdf(k, n, p) >= 1.0 - tail) + 1;
    (1 <= low && high <= n).then_some((low, high))
}

/// The least k in 0..=n for which a condition that stays true once it is true holds.
fn first(n: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

fn assert_counts(events: u64, trials: u64, confidence: f64) {
    assert!(events <= trials, "no more events than trials");
    assert!(confidence > 0.0 && confidence < 1.0, "a confidence lies strictly between 0 and 1");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_interval(interval: Interval, low: f64, high: f64) {
        let Interval { low: l, high: h, .. } = interval;
        assert!((l - low).abs() < 5e-9 && (h - high).abs() < 5e-9, "{interval:?}");
    }

    #[test]
    fn proportions_have_the_published_intervals() {
        assert_interval(wilson(0, 1_000, 0.95), 0.0, 0.003_826_76);
        assert_interval(clopper_pearson(0, 1_000, 0.95), 0.0, 0.003_682_08);
        assert_interval(wilson(10, 1_000, 0.95), 0.005_440_75, 0.018_309_47);
        assert_interval(clopper_pearson(10, 1_000, 0.95), 0.004_805_51, 0.018_313_24);
        for interval in [wilson(5, 5, 0.95), clopper_pearson(5, 5, 0.95)] {
            assert_interval(Interval { low: 1.0, ..interval }, 1.0, 1.0);
        }
        for interval in [wilson(0, 0, 0.95), clopper_pearson(0, 0, 0.95)] {
            assert_interval(interval, 0.0, 1.0);
        }
    }

    /// The exact coverage at `p`: the binomial weight of all counts whose interval holds `p`.
    fn coverage(n: u64, p: f64, interval: impl Fn(u64) -> (f64, f64)) -> f64 {
        let weight =
            |k: u64| binomial_cdf(k, n, p) - if k == 0 { 0.0 } else { binomial_cdf(k - 1, n, p) };
        let covers = |k: &u64| {
            let (low, high) = interval(*k);
            (low..=high).contains(&p)
        };
        (0..=n).filter(|&k| weight(k) > 1e-9).filter(covers).map(weight).sum()
    }

    #[test]
    fn proportions_are_covered_as_often_as_theory_says() {
        for (p, wilson_share, exact_share) in [
            (0.001, 0.920, 0.981),
            (0.005, 0.962, 0.980),
            (0.01, 0.964, 0.976),
            (0.05, 0.950, 0.958),
            (0.5, 0.946, 0.954),
        ] {
            let ends = |interval: Interval| (interval.low, interval.high);
            let of_wilson = coverage(1_000, p, |k| ends(wilson(k, 1_000, 0.95)));
            let of_exact = coverage(1_000, p, |k| ends(clopper_pearson(k, 1_000, 0.95)));
            assert!((of_wilson - wilson_share).abs() < 6e-4, "wilson at {p}: {of_wilson}");
            assert!((of_exact - exact_share).abs() < 6e-4, "clopper-pearson at {p}: {of_exact}");
        }
    }

    #[test]
    fn the_coverage_check_would_catch_the_textbook_interval() {
        let wald = |k: u64| {
            let share = k as f64 / 1_000.0;
            let half = 1.96 * (share * (1.0 - share) / 1_000.0).sqrt();
            (share - half, share + half)
        };
        assert!((coverage(1_000, 0.001, wald) - 0.632).abs() < 6e-4);
    }

    #[test]
    fn order_statistics_have_the_published_ranks() {
        for (n, p, low, high, coverage) in [
            (100, 0.5, 40, 61, 0.9648),
            (1_000, 0.5, 469, 532, 0.9537),
            (1_000, 0.95, 936, 964, 0.9581),
            (1_000, 0.99, 983, 997, 0.9761),
            (10_000, 0.99, 9_880, 9_920, 0.9557),
            (10_000, 0.999, 9_983, 9_997, 0.9755),
        ] {
            assert_eq!(enclosing_ranks(n, p, 0.95), Some((low, high)), "{n}, {p}");
            let exact = binomial_cdf(high - 1, n, p) - binomial_cdf(low - 1, n, p);
            assert!((exact - coverage).abs() < 6e-5, "{n}, {p}: {exact}");
        }
    }

    #[test]
    fn a_quantile_is_not_shown_below_its_least_n() {
        for (p, least) in [(0.9, 36), (0.95, 72), (0.05, 72), (0.99, 368), (0.999, 3_688)] {
            assert_eq!(least_n(p, 0.95), least);
            let values: Vec<f64> = (1..=least).map(|value| value as f64).collect();
            assert!(quantile_interval(&values, p, 0.95).is_some(), "{p}");
            assert_eq!(quantile_interval(&values[1..], p, 0.95), None, "{p}");
        }
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        let median = quantile_interval(&values, 0.5, 0.95).expect("100 values do for a median");
        assert_eq!(median.method(), Method::OrderStatistics);
        assert_interval(median.interval.expect("it has one"), 40.0, 61.0);
        assert_eq!((median.value, median.n), (50.0, 100));
    }
}
