//! How unlikely it is to see something this far from what theory says, and which of many to doubt.

use libm::{erfc, exp, log};

use super::special::{
    binomial_cdf, chi_square_cdf, chi_square_quantile, chi_square_tail, student_t_tails,
};
use super::{Interval, Method, standard_error};

/// The probability of a normal value beyond `z` standard deviations, either way.
pub fn normal_tails(z: f64) -> f64 {
    erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// The two-sided p-value of the mean of independent values, where theory says `expected`: Student's
/// t. None below two values.
///
/// Values without any spread agree with theory (1) or not at all (0), up to a rounding error.
pub fn mean_tails(values: &[f64], expected: f64) -> Option<f64> {
    /// Sums of floats are off by less than this share.
    const ROUNDING: f64 = 1e-12;
    let error = standard_error(values)?;
    let n = values.len() as f64;
    let off = values.iter().map(|value| value - expected).sum::<f64>() / n;
    if error <= ROUNDING * expected.abs() {
        return Some(if off.abs() <= ROUNDING * expected.abs() { 1.0 } else { 0.0 });
    }
    Some(student_t_tails(n - 1.0, off / error))
}

/// The two-sided p-value of `events` among `trials` independent trials, where theory says
/// `probability`: twice the smaller exact binomial tail.
pub fn share_tails(events: u64, trials: u64, probability: f64) -> f64 {
    assert!(events <= trials, "there are {events} events in {trials} trials");
    let below = binomial_cdf(events, trials, probability);
    // mirrored, so that a small upper tail keeps its digits
    let above = binomial_cdf(trials - events, trials, 1.0 - probability);
    (2.0 * below.min(above)).min(1.0)
}

/// The two-sided p-value of a sum of squares of so many independent standard normal values, by the
/// chi-square law.
pub fn square_tails(sum: f64, values: u64) -> f64 {
    let degrees = values as f64;
    let smaller = chi_square_cdf(degrees, sum).min(chi_square_tail(degrees, sum));
    (2.0 * smaller).min(1.0)
}

/// The variance of normal values of known mean, by the sum of their squares: its interval.
pub fn variance_interval(sum: f64, values: u64, confidence: f64) -> Interval {
    let beyond = (1.0 - confidence) / 2.0;
    let end = |p: f64| sum / chi_square_quantile(values as f64, p);
    Interval { low: end(1.0 - beyond), high: end(beyond), method: Method::ChiSquare }
}

/// How likely an empirical law of `n` independent values is to be farther than this from their true
/// law, at most: 2 exp(-2 n D²) (Dvoretzky, Kiefer and Wolfowitz 1956, with the constant of Massart
/// 1990). It holds for any law and any `n`, also where distances are taken at some places only.
pub fn law_tails(distance: f64, n: u64) -> f64 {
    (2.0 * exp(-2.0 * n as f64 * distance * distance)).min(1.0)
}

/// The distance of the true law of `n` independent values from a given one, of which they have this
/// distance: the same inequality.
pub fn distance_interval(distance: f64, n: u64, confidence: f64) -> Interval {
    let reach = (log(2.0 / (1.0 - confidence)) / (2.0 * n as f64)).sqrt();
    let (low, high) = ((distance - reach).max(0.0), (distance + reach).min(1.0));
    Interval { low, high, method: Method::Massart }
}

/// Which of these p-values are too small, at this probability that any is where all theories hold:
/// Holm's correction (Holm 1979), in the order of the values.
pub fn holm(values: &[f64], family: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut doubted = vec![false; values.len()];
    for (rank, &at) in order.iter().enumerate() {
        if values[at] > family / (values.len() - rank) as f64 {
            break;
        }
        doubted[at] = true;
    }
    doubted
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, StudentsT};

    use super::*;

    #[test]
    fn six_standard_deviations_are_two_in_a_billion() {
        assert!((normal_tails(6.0) / 1.973_175_4e-9 - 1.0).abs() < 1e-6, "{}", normal_tails(6.0));
        assert!((normal_tails(-1.959_964) - 0.05).abs() < 1e-7);
    }

    #[test]
    fn three_over_the_root_of_n_is_far_for_a_law() {
        // STATISTICS section 1, E
        let tails = law_tails(3.0 / 1e3, 1_000_000);
        assert!((tails / 3.0e-8 - 1.0).abs() < 0.02, "{tails}");
        assert!(law_tails(0.0, 10) >= 1.0 && law_tails(1.0, 1_000) < 1e-300);
        let about = distance_interval(0.01, 10_000, 0.95);
        assert!(about.low <= 0.0 && (about.high - 0.023_581).abs() < 1e-6, "{about:?}");
        assert!(distance_interval(0.02, 10_000, 0.95).low > 0.006);
    }

    #[test]
    fn squares_are_judged_at_both_ends() {
        assert!(square_tails(100.0, 100) > 0.9);
        // twice the sum of the Poisson law of mean 100 below 50, and of mean 15 from 50 on
        for (sum, twice) in [(200.0, 2.356_900_1e-8), (30.0, 1.811_225_1e-12)] {
            let tails = square_tails(sum, 100);
            // the lower end is a difference from 1
            assert!((tails - twice).abs() < 1e-6 * twice + 1e-16, "{sum}: {tails}");
        }
        let of = variance_interval(100.0, 100, 0.95);
        // 74.222 and 129.561 are the quantiles
        assert!((of.low - 0.771_836).abs() < 1e-5 && (of.high - 1.347_31).abs() < 1e-4, "{of:?}");
    }

    #[test]
    fn the_crate_statrs_agrees_on_tails() {
        let values: Vec<f64> = (0..40).map(|i| f64::from(i % 7)).collect();
        let t = StudentsT::new(0.0, 1.0, 39.0).expect("a t is legal");
        let error = standard_error(&values).expect("there are forty");
        let mean = values.iter().sum::<f64>() / 40.0;
        for off in [0.1, 1.0, 3.0, 8.0] {
            let theirs = 2.0 * t.cdf(-off);
            let ours = mean_tails(&values, mean + off * error).expect("there are forty");
            assert!((ours / theirs - 1.0).abs() < 1e-6, "{off}: {ours} v {theirs}");
        }
        let binomial = Binomial::new(0.01, 10_000).expect("a binomial is legal");
        for (events, theirs) in [(60, 2.0 * binomial.cdf(60)), (160, 2.0 * binomial.sf(159))] {
            let ours = share_tails(events, 10_000, 0.01);
            assert!((ours / theirs - 1.0).abs() < 1e-6, "{events}: {ours} v {theirs}");
        }
    }

    #[test]
    fn what_is_certain_allows_no_exception() {
        let shares = [(10, 1.0), (9, 1.0), (0, 0.0), (1, 0.0)];
        let tails = shares.map(|(events, p)| Some(share_tails(events, 10, p)));
        assert_eq!(tails, [Some(1.0), Some(0.0), Some(1.0), Some(0.0)]);
        assert_eq!(mean_tails(&[3.0; 5], 3.0), Some(1.0));
        assert_eq!(mean_tails(&[3.0; 5], 3.1), Some(0.0));
        assert_eq!(mean_tails(&[3.0], 3.0), None);
    }

    #[test]
    fn holm_steps_down_and_stops_at_the_first_that_holds() {
        // the textbook's four: 0.005 and 0.01 fall at 5 %, 0.03 and 0.04 do not
        assert_eq!(holm(&[0.01, 0.04, 0.03, 0.005], 0.05), [true, false, false, true]);
        assert_eq!(holm(&[0.02, 0.5], 0.05), [true, false]);
        // the last two are small enough only because those before them are
        assert_eq!(holm(&[0.04, 0.01, 0.02], 0.05), [true; 3]);
        assert_eq!(holm(&[0.02, 0.5, 0.5], 0.05), [false; 3]);
        assert!(holm(&[], 0.05).is_empty());
    }
}
