//! How two quantities go together over replications: rank correlation, and a straight line.

use libm::{atanh, tanh};

use super::special::{normal_quantile, student_t_factor};
use super::{Estimate, Interval, Method};

/// Pairs below which a rank correlation has no interval.
const PAIRS_MIN: usize = 10;

/// Spearman's rank correlation of pairs, equal values sharing their ranks, with the interval on
/// Fisher's scale of Bonett and Wright (2000): variance (1 + r²/2) / (n - 3).
///
/// None where a quantity does not vary, no interval below ten pairs.
pub fn rank_correlation(pairs: &[(f64, f64)], confidence: f64) -> Option<Estimate> {
    let (xs, ys): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let ranked: Vec<(f64, f64)> = ranks(&xs).into_iter().zip(ranks(&ys)).collect();
    let Sums { xx, yy, xy, .. } = Sums::of(&ranked)?;
    if xx <= 0.0 || yy <= 0.0 {
        return None;
    }
    let value = (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0);
    let n = pairs.len();
    let is_enough = n >= PAIRS_MIN && value.abs() < 1.0;
    let interval = is_enough.then(|| {
        let z = normal_quantile(0.5 + confidence / 2.0);
        let half = z * ((1.0 + value * value / 2.0) / (n as f64 - 3.0)).sqrt();
        let (low, high) = (tanh(atanh(value) - half), tanh(atanh(value) + half));
        Interval { low, high, method: Method::FisherRank }
    });
    Some(Estimate { value, interval, n: n as u64 })
}

/// A straight line by least squares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Change of y with x, with Student's t interval (n - 2 degrees of freedom).
    pub slope: Estimate,
    /// Mean of x.
    pub x: f64,
    /// Mean of y.
    pub y: f64,
}

impl Line {
    /// The line through pairs (x, y); none where x does not vary, no interval below three pairs.
    pub fn through(pairs: &[(f64, f64)], confidence: f64) -> Option<Self> {
        let Sums { x, y, xx, yy, xy } = Sums::of(pairs)?;
        if xx <= 0.0 {
            return None;
        }
        let n = pairs.len();
        let value = xy / xx;
        let interval = (n > 2).then(|| {
            let rest = (yy - value * xy).max(0.0) / (n - 2) as f64;
            let half = student_t_factor(n as u64 - 2, confidence) * (rest / xx).sqrt();
            Interval { low: value - half, high: value + half, method: Method::T }
        });
        Some(Self { slope: Estimate { value, interval, n: n as u64 }, x, y })
    }

    /// Where the line stands at x.
    pub fn at(&self, x: f64) -> f64 {
        self.y + self.slope.value * (x - self.x)
    }
}

/// Means, and sums of squares and products around them.
struct Sums {
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Sums {
    fn of(pairs: &[(f64, f64)]) -> Option<Self> {
        let n = pairs.len() as f64;
        let (x0, y0) = *pairs.first()?;
        // taken from the first value on, so that equal values have no rounding error
        let x = x0 + pairs.iter().map(|pair| pair.0 - x0).sum::<f64>() / n;
        let y = y0 + pairs.iter().map(|pair| pair.1 - y0).sum::<f64>() / n;
        let sum = |of: &dyn Fn(f64, f64) -> f64| {
            pairs.iter().map(|pair| of(pair.0 - x, pair.1 - y)).sum::<f64>()
        };
        Some(Self { x, y, xx: sum(&|a, _| a * a), yy: sum(&|_, b| b * b), xy: sum(&|a, b| a * b) })
    }
}

/// Ranks from 1, equal values sharing the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|&a, &b| values[a].total_cmp(&values[b]).is_eq()) {
        let shared = before as f64 + (equal.len() as f64 + 1.0) / 2.0;
        equal.iter().for_each(|&at| ranks[at] = shared);
        before += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::super::CONFIDENCE;
    use super::super::draws::Draws;
    use super::*;

    #[test]
    fn ranks_correlate_as_in_the_textbook() {
        // IQ and hours of television, the example of most introductions: rho = -29/165
        let iq = [106.0, 100.0, 86.0, 101.0, 99.0, 103.0, 97.0, 113.0, 112.0, 110.0];
        let hours = [7.0, 27.0, 2.0, 50.0, 28.0, 29.0, 20.0, 12.0, 6.0, 17.0];
        let pairs: Vec<(f64, f64)> = iq.into_iter().zip(hours).collect();
        let estimate = rank_correlation(&pairs, CONFIDENCE).expect("both vary");
        assert!((estimate.value + 29.0 / 165.0).abs() < 1e-12, "{estimate:?}");
        let interval = estimate.interval.expect("there are ten");
        assert!(interval.low < -0.7 && interval.high > 0.5, "{interval:?}");
    }

    #[test]
    fn equal_values_share_their_ranks() {
        assert_eq!(ranks(&[5.0, 1.0, 5.0, 7.0]), [2.5, 1.0, 2.5, 4.0]);
        let flat = [(1.0, 2.0), (1.0, 3.0), (1.0, 4.0)];
        assert_eq!(rank_correlation(&flat, CONFIDENCE), None);
        assert_eq!(Line::through(&flat, CONFIDENCE), None);
        assert_eq!(rank_correlation(&[], CONFIDENCE), None);
    }

    #[test]
    fn a_line_by_hand() {
        // slope 0.9, residuals 0.3, -0.6, 0.3: s² = 0.54, over a sum of squares of 2
        let pairs = [(1.0, 2.2), (2.0, 2.2), (3.0, 4.0)];
        let line = Line::through(&pairs, CONFIDENCE).expect("x varies");
        assert!((line.slope.value - 0.9).abs() < 1e-12 && (line.at(3.0) - 3.7).abs() < 1e-12);
        let interval = line.slope.interval.expect("there are three");
        let half = 12.706_205 * (0.54_f64 / 2.0).sqrt();
        assert!((interval.high - 0.9 - half).abs() < 1e-5, "{interval:?}");
    }

    #[test]
    fn a_slope_is_covered_as_often_as_it_says() {
        let mut draws = Draws(5);
        let covers = |truth: f64, draws: &mut Draws| {
            let pairs: Vec<(f64, f64)> = (0..20)
                .map(|_| {
                    let x = draws.uniform();
                    (x, 3.0 * x + draws.normal())
                })
                .collect();
            let line = Line::through(&pairs, CONFIDENCE).expect("x varies");
            line.slope.interval.is_some_and(|i| (i.low..=i.high).contains(&truth))
        };
        let share = |truth, draws: &mut Draws| {
            (0..1_000).filter(|_| covers(truth, draws)).count() as f64 / 1_000.0
        };
        let covered = share(3.0, &mut draws);
        assert!((0.913..=0.980).contains(&covered), "{covered}");
        assert!(share(4.5, &mut draws) < 0.913, "the check would not catch a bias");
    }
}
