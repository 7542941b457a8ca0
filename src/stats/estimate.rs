//! Estimates from replications: a value, how sure we are of it, and how many spoke for it.

use serde::{Deserialize, Serialize};

use super::special::student_t_factor;
use super::{Interval, Method};

/// Below this many events all told, nothing is precise, a rate over time has no interval, and a
/// difference rests on the pooled counts of both arms.
pub const RARE_EVENTS: u64 = 20;

/// A value with its interval, if there were enough observations for one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The best guess.
    pub value: f64,
    /// Where the truth lies with the confidence asked for; carries sampling error only.
    pub interval: Option<Interval>,
    /// How many observations were used, as a rule replications.
    pub n: u64,
}

impl Estimate {
    /// How the interval was made, [`Method::None`] without one.
    pub fn method(&self) -> Method {
        self.interval.map_or(Method::None, |interval| interval.method)
    }

    /// The estimate in a unit that is `factor` (above 0) times smaller, as in `times(1e6)` for a
    /// share shown per million.
    pub fn times(self, factor: f64) -> Self {
        assert!(factor > 0.0, "a change of unit multiplies by more than 0");
        let scale = |interval: Interval| Interval {
            low: interval.low * factor,
            high: interval.high * factor,
            ..interval
        };
        Estimate { value: self.value * factor, interval: self.interval.map(scale), ..self }
    }
}

/// The mean of independent values with Student's t interval: mean ± t s/√n.
///
/// None without values, no interval below two. Equal values give an interval of no width.
pub fn mean_t(values: &[f64], confidence: f64) -> Option<Estimate> {
    let n = values.len() as u64;
    let mean = mean(values)?;
    let Some(error) = standard_error(values) else {
        return Some(Estimate { value: mean, interval: None, n });
    };
    let half = student_t_factor(n - 1, confidence) * error;
    let interval = Interval { low: mean - half, high: mean + half, method: Method::T };
    Some(Estimate { value: mean, interval: Some(interval), n })
}

/// The standard error of the mean of independent values, s/√n; None below two.
pub fn standard_error(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() >= 2)?;
    let n = values.len() as u64;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    Some((squares / (n - 1) as f64 / n as f64).sqrt())
}

fn mean(values: &[f64]) -> Option<f64> {
    // Taken from the first value on, so that equal values have no rounding error.
    let first = *values.first()?;
    Some(first + values.iter().map(|value| value - first).sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::draws::Draws;
    use super::*;

    #[test]
    fn a_mean_has_the_interval_of_the_textbook() {
        let estimate = mean_t(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95).expect("there are values");
        let Interval { low, high, method } = estimate.interval.expect("there are five");
        let half = 2.776_445 * (2.5_f64 / 5.0).sqrt();
        assert!((low - (3.0 - half)).abs() < 1e-6 && (high - (3.0 + half)).abs() < 1e-6);
        assert_eq!((estimate.value, estimate.n, method), (3.0, 5, Method::T));
    }

    #[test]
    fn few_values_have_no_interval_and_equal_ones_no_width() {
        assert_eq!(mean_t(&[], 0.95), None);
        assert_eq!(mean_t(&[7.0], 0.95), Some(Estimate { value: 7.0, interval: None, n: 1 }));
        assert_eq!(mean_t(&[7.0], 0.95).map(|e| e.method()), Some(Method::None));
        let same = mean_t(&[0.1; 3], 0.95).expect("there are values");
        assert_eq!(same.interval, Some(Interval { low: 0.1, high: 0.1, method: Method::T }));
    }

    /// How often the interval mean ± `factor` s/√5 holds 0, for 1000 times five normal values.
    fn coverage(interval: impl Fn(&[f64]) -> Interval) -> f64 {
        let mut draws = Draws(1);
        let covered = (0..1_000).filter(|_| {
            let values: Vec<f64> = (0..5).map(|_| draws.normal()).collect();
            let Interval { low, high, .. } = interval(&values);
            (low..=high).contains(&0.0)
        });
        covered.count() as f64 / 1_000.0
    }

    #[test]
    fn a_t_interval_covers_as_often_as_it_says() {
        let of_t = |values: &[f64]| {
            mean_t(values, 0.95).and_then(|estimate| estimate.interval).expect("there are five")
        };
        // Bounds for 1000 trials of 0.95 at a false alarm of one in a million.
        assert!((0.913..=0.980).contains(&coverage(of_t)), "{}", coverage(of_t));
        let of_z = |values: &[f64]| {
            let Interval { low, high, method } = of_t(values);
            let (middle, half) = ((low + high) / 2.0, (high - low) / 2.0 * 1.959_964 / 2.776_445);
            Interval { low: middle - half, high: middle + half, method }
        };
        assert!(coverage(of_z) < 0.913, "the check would not catch z for t: {}", coverage(of_z));
    }
}
