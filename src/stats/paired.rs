//! Differences between two arms that met the same luck, replication by replication.
//!
//! Arms of a study share their random numbers, so that what was luck in both cancels out of each
//! replication's difference. The interval is Student's t on these differences; comparing two
//! intervals of the arms by themselves would throw that away.

use super::{Estimate, Interval, Method, mean_t, pooled_share};

/// What paired values say about the difference of two arms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paired {
    /// Other − base: the mean of the differences, with its interval.
    pub difference: Estimate,
    /// The same as a part of the base's mean; None where that is not above 0.
    pub relative: Option<Estimate>,
    /// Correlation of the two arms over replications; None where an arm does not vary.
    pub correlation: Option<f64>,
    /// How many times the variance of the difference would be with luck of their own for both arms;
    /// None where the difference does not vary.
    pub variance_ratio: Option<f64>,
}

/// The difference of two arms from values paired by replication.
///
/// None without pairs; no interval below two. The relative difference is the mean ratio of the
/// arms less 1, with the interval of its linearisation other − ratio · base (delta method).
///
/// # Panics
/// If there are more values of one arm than of the other.
pub fn paired_t(base: &[f64], other: &[f64], confidence: f64) -> Option<Paired> {
    assert_eq!(base.len(), other.len(), "values are paired by replication");
    let less = |b: f64| base.iter().zip(other).map(|(base, other)| other - b * base).collect();
    let differences: Vec<f64> = less(1.0);
    let (at_base, at_other) = (mean(base)?, mean(other)?);
    let difference = mean_t(&differences, confidence)?;
    let ratio = at_other / at_base;
    let linear: Vec<f64> = less(ratio);
    let relative = mean_t(&linear, confidence).filter(|_| at_base > 0.0).map(|spread| Estimate {
        value: ratio - 1.0,
        interval: spread.interval.map(|interval| {
            let half = (interval.high - interval.low) / 2.0 / at_base;
            Interval { low: ratio - 1.0 - half, high: ratio - 1.0 + half, ..interval }
        }),
        n: spread.n,
    });
    let apart = covariance(base, base) + covariance(other, other);
    let together = covariance(&differences, &differences);
    let scale = (covariance(base, base) * covariance(other, other)).sqrt();
    Some(Paired {
        difference,
        relative,
        correlation: (scale > 0.0).then(|| covariance(base, other) / scale),
        variance_ratio: (together > 0.0).then(|| apart / together),
    })
}

/// The difference of two shares of which few events speak: events and trials of both arms, a pair
/// for each replication.
///
/// Each arm's interval ([`pooled_share`]) at half of what the confidence leaves; what both allow is
/// the interval of the difference. It holds however the arms depend on each other, and so it is
/// wide.
///
/// # Panics
/// If an arm has more events than trials, or no trials.
pub fn rare_difference(base: &[(u64, u64)], other: &[(u64, u64)], confidence: f64) -> Estimate {
    let each = 1.0 - (1.0 - confidence) / 2.0;
    let (of_base, of_other) = (pooled_share(base, each), pooled_share(other, each));
    let share = |pairs: &[(u64, u64)]| {
        let sum = |of: fn(&(u64, u64)) -> u64| pairs.iter().map(of).sum::<u64>() as f64;
        sum(|pair| pair.0) / sum(|pair| pair.1)
    };
    let interval = Interval {
        low: of_other.low - of_base.high,
        high: of_other.high - of_base.low,
        method: Method::ClopperPearsonPair,
    };
    let value = share(other) - share(base);
    Estimate { value, interval: Some(interval), n: other.len() as u64 }
}

fn mean(values: &[f64]) -> Option<f64> {
    let first = *values.first()?;
    Some(first + values.iter().map(|value| value - first).sum::<f64>() / values.len() as f64)
}

/// The sum of products of the deviations: a covariance but for its divisor.
fn covariance(one: &[f64], other: &[f64]) -> f64 {
    let (Some(at_one), Some(at_other)) = (mean(one), mean(other)) else { return 0.0 };
    one.iter().zip(other).map(|(a, b)| (a - at_one) * (b - at_other)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::draws::Draws;

    #[test]
    fn equal_arms_differ_by_nothing_at_all() {
        let values: Vec<f64> = (0..30).map(|i| 0.1 + f64::from(i) / 7.0).collect();
        let paired = paired_t(&values, &values, 0.95).unwrap();
        let interval = paired.difference.interval.unwrap();
        assert_eq!((interval.low, paired.difference.value, interval.high), (0.0, 0.0, 0.0));
        assert_eq!((paired.correlation, paired.variance_ratio), (Some(1.0), None));
        assert_eq!(paired.relative.unwrap().value.to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn the_interval_is_that_of_the_differences() {
        let (base, other) = ([1.0, 2.0, 3.0, 4.0], [1.5, 2.7, 3.3, 4.9]);
        let paired = paired_t(&base, &other, 0.95).unwrap();
        // differences 0.5, 0.7, 0.3, 0.9: mean 0.6, s = 0.258199, t(3) = 3.182446
        let interval = paired.difference.interval.unwrap();
        assert!((paired.difference.value - 0.6).abs() < 1e-12);
        assert!((interval.high - 0.6 - 3.182_446 * 0.258_199 / 2.0).abs() < 1e-6);
        let relative = paired.relative.unwrap();
        assert!((relative.value - (3.1 / 2.5 - 1.0)).abs() < 1e-12);
        assert!(paired.correlation.unwrap() > 0.98 && paired.variance_ratio.unwrap() > 20.0);
        assert_eq!(paired_t(&[], &[], 0.95), None);
        assert_eq!(paired_t(&[1.0], &[2.0], 0.95).unwrap().difference.interval, None);
    }

    #[test]
    fn common_random_numbers_shrink_the_variance_as_the_closed_form_says() {
        // STATISTICS.md 2.2: latency Exp(1), time-outs 2 and 2.5: ratio 3.815687, corr 0.755873
        let mut draws = Draws(1);
        let late = |latency: f64, timeout: f64| if latency > timeout { 1.0 } else { 0.0 };
        let (mut base, mut other) = (Vec::new(), Vec::new());
        for _ in 0..1_000_000 {
            let latency = -draws.uniform().ln();
            base.push(late(latency, 2.0));
            other.push(late(latency, 2.5));
        }
        let paired = paired_t(&base, &other, 0.95).unwrap();
        let ratio = paired.variance_ratio.unwrap();
        assert!((ratio / 3.815_687 - 1.0).abs() < 0.02, "{ratio}");
        let correlation = paired.correlation.unwrap();
        assert!((correlation - 0.755_873).abs() < 0.005, "{correlation}");
        // and with luck of their own it does not shrink: the control of the test above
        let own: Vec<f64> = base.iter().map(|_| late(-draws.uniform().ln(), 2.5)).collect();
        let apart = paired_t(&base, &own, 0.95).unwrap().variance_ratio.unwrap();
        assert!((apart - 1.0).abs() < 0.02, "{apart}");
    }

    /// How many of 10,000 experiments of 10 pairs cover the true difference of 0.3.
    fn covered(interval: impl Fn(&[f64], &[f64]) -> Interval) -> f64 {
        let mut draws = Draws(7);
        let experiments = 10_000;
        let hits = (0..experiments).filter(|_| {
            let (mut base, mut other) = (Vec::new(), Vec::new());
            for _ in 0..10 {
                let common = draws.normal();
                base.push(common + 0.5 * draws.normal());
                other.push(0.3 + common + 0.5 * draws.normal());
            }
            let interval = interval(&base, &other);
            (interval.low..=interval.high).contains(&0.3)
        });
        hits.count() as f64 / f64::from(experiments)
    }

    #[test]
    fn the_paired_interval_covers_as_often_as_it_says() {
        let paired = |base: &[f64], other: &[f64]| {
            paired_t(base, other, 0.95).unwrap().difference.interval.unwrap()
        };
        // 99.99 % bounds of STATISTICS.md 2.1
        let coverage = covered(paired);
        assert!((0.9413..=0.9583).contains(&coverage), "{coverage}");
        // as if the values of one arm alone spoke: the control
        let alone = |base: &[f64], other: &[f64]| {
            let of = |values| mean_t(values, 0.95).unwrap().interval.unwrap();
            let (base, other) = (of(base), of(other));
            Interval { low: other.low - base.low, high: other.high - base.high, ..base }
        };
        let apart = covered(|base, other| {
            let Interval { low, high, method } = alone(base, other);
            Interval { low: low.min(high), high: low.max(high), method }
        });
        assert!(apart < 0.9, "{apart}");
    }

    #[test]
    fn few_events_give_a_wide_interval_that_holds_both() {
        let none = rare_difference(&[(0, 1_000_000)], &[(0, 1_000_000)], 0.95);
        let interval = none.interval.unwrap();
        assert_eq!((none.value, interval.low), (0.0, -interval.high));
        // Clopper-Pearson at 97.5 %: 1 - 0.0125^(1/n) = 4.382 / n
        assert!((interval.high * 1e6 - 4.382).abs() < 1e-3, "{interval:?}");
        let some = rare_difference(&[(0, 1_000_000)], &[(15, 1_000_000)], 0.95);
        assert!((some.value * 1e6 - 15.0).abs() < 1e-9);
        assert!(some.interval.unwrap().low > 0.0, "{some:?}");
    }

    #[test]
    fn the_interval_of_rare_events_covers_at_least_as_often_as_it_says() {
        let mut draws = Draws(3);
        let (n, p, q) = (2_000_u64, 0.002, 0.005);
        let mut events = |share: f64| (0..n).filter(|_| draws.uniform() < share).count() as u64;
        let hits = (0..500).filter(|_| {
            let estimate = rare_difference(&[(events(p), n)], &[(events(q), n)], 0.95);
            let interval = estimate.interval.unwrap();
            (interval.low..=interval.high).contains(&(q - p))
        });
        assert!(hits.count() >= 475);
    }
}
