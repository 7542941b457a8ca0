//! Quantiles of the normal, Student t and beta distributions, from the incomplete beta function,
//! and the chi-square law.
//!
//! Own code rather than a crate's, because those call the platform's `ln` and `exp`, whose last bit
//! differs between platforms; the tests take `statrs` as their oracle. Each inverse is a bisection
//! down to neighbouring floats: a few microseconds, and an interval needs one or two.

use std::cell::RefCell;
use std::collections::BTreeMap;

use libm::{erfc, exp, lgamma, log, log1p};

/// The `p`-quantile of the standard normal distribution.
pub(super) fn normal_quantile(p: f64) -> f64 {
    invert(-40.0, 40.0, |z| 0.5 * erfc(-z / std::f64::consts::SQRT_2) < p)
}

thread_local! {
    /// Factors found before: a study asks for a few of them, once for each of thousands of rows.
    static T_FACTORS: RefCell<BTreeMap<(u64, u64), f64>> = const { RefCell::new(BTreeMap::new()) };
}

/// The factor t with P(|T| <= t) = `confidence`, for Student's T with that many degrees of freedom.
pub(super) fn student_t_factor(degrees: u64, confidence: f64) -> f64 {
    let key = (degrees, confidence.to_bits());
    if let Some(known) = T_FACTORS.with_borrow(|factors| factors.get(&key).copied()) {
        return known;
    }
    let factor = sought_t_factor(degrees as f64, confidence);
    T_FACTORS.with_borrow_mut(|factors| factors.insert(key, factor));
    factor
}

fn sought_t_factor(degrees: f64, confidence: f64) -> f64 {
    // T^2 / (T^2 + df) is Beta(1/2, df/2) distributed.
    let y = beta_quantile(0.5, degrees / 2.0, confidence);
    (degrees * y / (1.0 - y)).sqrt()
}

/// P(|T| > |t|) for Student's T with that many degrees of freedom.
pub(super) fn student_t_tails(degrees: f64, t: f64) -> f64 {
    beta_regularised(degrees / 2.0, 0.5, degrees / (degrees + t * t))
}

/// The `p`-quantile of the beta distribution with parameters `a`, `b` above 0.
pub(super) fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    invert(0.0, 1.0, |x| beta_regularised(a, b, x) < p)
}

/// P(X <= x) for X chi-square with that many degrees of freedom.
pub(super) fn chi_square_cdf(degrees: f64, x: f64) -> f64 {
    1.0 - chi_square_tail(degrees, x)
}

/// P(X > x) for X chi-square with that many degrees of freedom.
pub(super) fn chi_square_tail(degrees: f64, x: f64) -> f64 {
    gamma_tail(degrees / 2.0, x / 2.0)
}

/// The `p`-quantile of the chi-square distribution with that many degrees of freedom.
pub(super) fn chi_square_quantile(degrees: f64, p: f64) -> f64 {
    let most = degrees + 40.0 * (2.0 * degrees).sqrt() + 1_600.0;
    invert(0.0, most, |x| chi_square_cdf(degrees, x) < p)
}

/// P(X <= k) for X binomial with `n` trials of probability `p`.
pub(super) fn binomial_cdf(k: u64, n: u64, p: f64) -> f64 {
    if k >= n {
        return 1.0;
    }
    beta_regularised((n - k) as f64, k as f64 + 1.0, 1.0 - p)
}

/// The place in [`low`, `high`] where `is_below` turns from true to false.
fn invert(mut low: f64, mut high: f64, is_below: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// The upper regularised incomplete gamma function Q(a, x): by the series below a + 1, by the
/// continued fraction above it, which is where each converges.
fn gamma_tail(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let front = exp(a * log(x) - x - lgamma(a));
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        while term > sum * f64::EPSILON {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        return 1.0 - front * sum;
    }
    front * gamma_fraction(a, x)
}

/// The continued fraction of Q(a, x), after Lentz.
fn gamma_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = f64::MAX;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for i in 1..100_000 {
        let i = f64::from(i);
        let step = -i * (i - a);
        b += 2.0;
        d = 1.0 / (step * d + b);
        c = b + step / c;
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

/// The regularised incomplete beta function I_x(a, b).
fn beta_regularised(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = exp(a * log(x) + b * log1p(-x) - ln_beta(a, b));
    // The fraction converges fast only below the mean; beyond it the mirror image does.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, 1.0 - x) / b
    }
}

/// The continued fraction of the incomplete beta function by Lentz's method
/// (Press et al., Numerical Recipes, 3rd edition, section 6.4).
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    /// Stands in for a zero denominator.
    const TINY: f64 = 1e-300;
    /// Enough for a and b up to 1e9: the count grows with their square root.
    const TERMS_MAX: u32 = 200_000;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for term in 1..TERMS_MAX {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for coefficient in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + coefficient * d);
            c = away_from_zero(1.0 + coefficient / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    fraction
}

/// ln B(a, b), without the cancellation that three log-gammas suffer when a parameter is large.
fn ln_beta(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    let sum = small + large;
    if large < 10.0 {
        return lgamma(small) + lgamma(large) - lgamma(sum);
    }
    // lgamma(large) - lgamma(sum), both by Stirling, their big terms cancelled by hand.
    let ratio = (large - 0.5) * log1p(-small / sum) + stirling_rest(large) - stirling_rest(sum);
    if small < 10.0 {
        return lgamma(small) + ratio - small * log(sum) + small;
    }
    let half_ln_tau = 0.5 * log(std::f64::consts::TAU);
    small * log(small / sum) - 0.5 * log(small) + half_ln_tau + stirling_rest(small) + ratio
}

/// What lgamma(x) exceeds Stirling's (x - 1/2) ln x - x + ln(2 pi)/2 by; x from 10, error < 1e-12.
fn stirling_rest(x: f64) -> f64 {
    let square = x * x;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / (1680.0 * square)) / square) / square) / x
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{
        Beta, Binomial, ChiSquared, ContinuousCDF, DiscreteCDF, Normal, StudentsT,
    };

    use super::*;

    fn assert_close(ours: f64, theirs: f64, relative: f64, what: &str) {
        assert!((ours - theirs).abs() <= relative * theirs.abs(), "{what}: {ours} v {theirs}");
    }

    #[test]
    fn t_factors_are_those_of_the_tables() {
        for (degrees, factor) in [
            (1, 12.706_205),
            (4, 2.776_445),
            (9, 2.262_157),
            (19, 2.093_024),
            (29, 2.045_230),
            (1_000_000, 1.959_966),
        ] {
            let ours = student_t_factor(degrees, 0.95);
            assert!((ours - factor).abs() < 5e-7, "df {degrees}: {ours}");
        }
    }

    #[test]
    fn the_crate_statrs_agrees_on_every_cumulative_share() {
        let normal = Normal::new(0.0, 1.0).expect("a standard normal is legal");
        for p in [1e-9, 0.025, 0.3, 0.5, 0.975, 0.999] {
            assert_close(normal.cdf(normal_quantile(p)), p, 1e-9, "normal");
        }
        for degrees in [1, 2, 4, 29, 300] {
            let t = StudentsT::new(0.0, 1.0, degrees as f64).expect("a t is legal");
            let factor = student_t_factor(degrees, 0.95);
            assert_close(t.cdf(factor), 0.975, 1e-9, "student t");
        }
        for (a, b) in [(0.5, 0.5), (1.0, 1000.0), (11.0, 990.0), (500.0, 501.0), (20.0, 1e7)] {
            let beta = Beta::new(a, b).expect("a beta is legal");
            for p in [0.001, 0.025, 0.5, 0.975] {
                assert_close(beta.cdf(beta_quantile(a, b, p)), p, 1e-7, "beta");
            }
        }
    }

    #[test]
    fn the_crate_statrs_agrees_on_binomial_sums() {
        for (n, p) in [(10, 0.5), (100, 0.01), (10_000, 0.999)] {
            let binomial = Binomial::new(p, n).expect("a binomial is legal");
            for k in [0, 1, n / 2, n - 3, n] {
                let (ours, theirs) = (binomial_cdf(k, n, p), binomial.cdf(k));
                assert!((ours - theirs).abs() < 1e-10, "{k} of {n} at {p}: {ours} v {theirs}");
            }
        }
    }

    #[test]
    fn the_crate_statrs_agrees_on_chi_square() {
        for degrees in [1.0, 2.0, 9.0, 40.0, 399.0, 39_999.0_f64] {
            let theirs = ChiSquared::new(degrees).expect("a chi-square is legal");
            for z in [-5.0, -2.0, 0.0, 2.0, 6.0] {
                let x = degrees + z * (2.0 * degrees).sqrt();
                if x > 0.0 {
                    let what = format!("{degrees} degrees, {x}");
                    assert_close(chi_square_tail(degrees, x), theirs.sf(x), 1e-7, &what);
                    assert_close(chi_square_cdf(degrees, x), theirs.cdf(x), 1e-7, &what);
                }
            }
        }
        // the 97.5 % of the tables
        for (degrees, quantile) in [(1.0, 5.023_886), (10.0, 20.483_177), (100.0, 129.561_197)] {
            assert_close(chi_square_quantile(degrees, 0.975), quantile, 1e-7, "a quantile");
        }
    }

    #[test]
    fn a_billion_trials_lose_no_digits() {
        // With no event, P(X <= 0) = (1 - p)^n has a closed form.
        let n = 1_000_000_000;
        let closed = exp(n as f64 * log1p(-3e-9));
        assert_close(binomial_cdf(0, n, 3e-9), closed, 1e-7, "no event");
        // With so many trials, a billion times Beta(21, 1e9) is Gamma(21), median 20.6676.
        let median = beta_quantile(21.0, 1e9, 0.5);
        assert_close(median, 20.667_6e-9, 2e-6, "the median of a near-gamma");
    }
}
