//! Quantile functions of the laws that tables are built from, with floats from `libm` only.

/// A probability known from both ends, so that the far tail keeps its digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tail {
    pub(super) below: f64,
    pub(super) above: f64,
}

impl Tail {
    pub(super) fn from_above(above: f64) -> Self {
        Tail { below: 1.0 - above, above }
    }
}

/// Nodes and weights of Gauss-Legendre quadrature with 5 points on 0..1.
const GAUSS: [(f64, f64); 5] = [
    (0.046_910_077_030_668, 0.118_463_442_528_095),
    (0.230_765_344_947_158, 0.239_314_335_249_683),
    (0.5, 0.284_444_444_444_444),
    (0.769_234_655_052_842, 0.239_314_335_249_683),
    (0.953_089_922_969_332, 0.118_463_442_528_095),
];

/// The mean of a quantile function between two probabilities.
pub(super) fn cell_mean(quantile: &impl Fn(Tail) -> f64, from: Tail, to: Tail) -> f64 {
    if to.above > 0.0 {
        return span_mean(quantile, from.above, to.above);
    }
    // Up to probability 1 the function may rise without bound: halve the rest 64 times.
    let (mut sum, mut share, mut above) = (0.0, 1.0, from.above);
    for _ in 0..64 {
        share /= 2.0;
        sum += share * span_mean(quantile, above, above / 2.0);
        above /= 2.0;
    }
    sum + share * quantile(Tail::from_above(above))
}

fn span_mean(quantile: &impl Fn(Tail) -> f64, above_from: f64, above_to: f64) -> f64 {
    let width = above_from - above_to;
    GAUSS.iter().map(|&(x, w)| w * quantile(Tail::from_above(above_from - width * x))).sum()
}

/// The standard normal quantile: Acklam's rational approximation and one step of Halley's method on
/// libm's `erfc`, about 1e-15 relative.
pub(super) fn normal_quantile(tail: Tail) -> f64 {
    if tail.below > tail.above {
        return -normal_quantile(Tail { below: tail.above, above: tail.below });
    }
    let p = tail.below.max(1e-300);
    let x = acklam(p);
    let miss = 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2) - p;
    let step = miss * (2.0 * std::f64::consts::PI).sqrt() * libm::exp(x * x / 2.0);
    x - step / (1.0 + x * step / 2.0)
}

/// Acklam's approximation for p <= 1/2, 1.15e-9 relative (P. J. Acklam, "An algorithm for computing
/// the inverse normal cumulative distribution function").
fn acklam(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969683028665376e+01,
        2.209460984245205e+02,
        -2.759285104469687e+02,
        1.383_577_518_672_69e2,
        -3.066479806614716e+01,
        2.506628277459239e+00,
    ];
    const B: [f64; 6] = [
        -5.447609879822406e+01,
        1.615858368580409e+02,
        -1.556989798598866e+02,
        6.680131188771972e+01,
        -1.328068155288572e+01,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784894002430293e-03,
        -3.223964580411365e-01,
        -2.400758277161838e+00,
        -2.549732539343734e+00,
        4.374664141464968e+00,
        2.938163982698783e+00,
    ];
    const D: [f64; 5] = [
        7.784695709041462e-03,
        3.224671290700398e-01,
        2.445134137142996e+00,
        3.754408661907416e+00,
        1.0,
    ];
    if p < 0.02425 {
        let q = (-2.0 * libm::log(p)).sqrt();
        horner(&C, q) / horner(&D, q)
    } else {
        let q = p - 0.5;
        q * horner(&A, q * q) / horner(&B, q * q)
    }
}

fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, c| sum * x + c)
}

/// The quantile of the gamma law with this shape and scale 1: Newton's method on the logarithm of
/// the value, kept inside a bracket that shrinks.
pub(super) fn gamma_quantile(shape: f64, tail: Tail) -> f64 {
    let log_gamma = libm::lgamma(shape);
    let use_lower = tail.below < tail.above;
    let target = if use_lower { tail.below } else { tail.above };
    if target <= 0.0 {
        return if use_lower { 0.0 } else { f64::INFINITY };
    }
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut y = gamma_guess(shape, tail, log_gamma);
    for _ in 0..100 {
        let x = libm::exp(y);
        let (lower, upper) = gamma_tails(shape, x, log_gamma);
        // In logarithms both tails are nearly straight where they are small.
        let (got, sign) = if use_lower { (lower, 1.0) } else { (upper, -1.0) };
        let miss = libm::log(got.max(1e-300) / target) * sign;
        if miss > 0.0 {
            high = high.min(y)
        } else {
            low = low.max(y)
        }
        let slope = libm::exp(shape * y - x - log_gamma) / got.max(1e-300);
        let step = miss / slope.max(1e-300);
        if step.abs() < 1e-12 {
            return libm::exp(y - step);
        }
        let next = y - step;
        y = if next > low && next < high {
            next
        } else if low.is_finite() && high.is_finite() {
            (low + high) / 2.0
        } else {
            y - miss.signum()
        };
    }
    libm::exp(y)
}

/// The logarithm of a first guess: the power law near 0 for small shapes, else Wilson and Hilferty.
fn gamma_guess(shape: f64, tail: Tail, log_gamma: f64) -> f64 {
    let near_zero = (libm::log(tail.below.max(1e-300)) + libm::log(shape) + log_gamma) / shape;
    let k = 1.0 / (9.0 * shape);
    let cube = 1.0 - k + normal_quantile(tail) * k.sqrt();
    if near_zero < -1.0 || cube < 0.1 {
        near_zero.min(libm::log(shape) + 1.0)
    } else {
        libm::log(shape) + 3.0 * libm::log(cube)
    }
}

/// (Lower, upper) regularised incomplete gamma function: the series below `shape` + 1, Lentz's
/// continued fraction above (Numerical Recipes 6.2).
fn gamma_tails(shape: f64, x: f64, log_gamma: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    let front = libm::exp(shape * libm::log(x) - x - log_gamma);
    if x < shape + 1.0 {
        let (mut term, mut sum, mut a) = (1.0 / shape, 1.0 / shape, shape);
        while term > sum * 1e-17 {
            a += 1.0;
            term *= x / a;
            sum += term;
        }
        let lower = (front * sum).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let mut b = x + 1.0 - shape;
        let (mut c, mut d) = (1e300, 1.0 / b);
        let mut h = d;
        for i in 1..10_000 {
            let i = i as f64;
            let a = -i * (i - shape);
            b += 2.0;
            d = 1.0 / nonzero(a * d + b);
            c = nonzero(b + a / c);
            h *= d * c;
            if (d * c - 1.0).abs() < 1e-16 {
                break;
            }
        }
        let upper = (front * h).min(1.0);
        (1.0 - upper, upper)
    }
}

fn nonzero(x: f64) -> f64 {
    if x.abs() < 1e-300 { 1e-300 } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: f64, want: f64, tolerance: f64) {
        assert!((got / want - 1.0).abs() < tolerance, "{got} for {want}");
    }

    #[test]
    fn normal_quantiles_match_published_digits() {
        // Abramowitz and Stegun table 26.1 and R's qnorm.
        near(normal_quantile(Tail::from_above(0.025)), 1.959_963_984_540_054, 1e-14);
        near(normal_quantile(Tail::from_above(1e-9)), 5.997_807_015_007_687, 1e-13);
        near(normal_quantile(Tail { below: 1e-9, above: 1.0 }), -5.997_807_015_007_687, 1e-13);
        assert!(normal_quantile(Tail::from_above(0.5)).abs() < 1e-15);
    }

    #[test]
    fn gamma_quantiles_match_closed_forms() {
        for above in [0.999, 0.5, 0.1, 1e-6, 1e-15, 1e-30] {
            near(gamma_quantile(1.0, Tail::from_above(above)), -libm::log(above), 1e-10);
        }
        // Chi-square with 1 degree of freedom is gamma(1/2) with scale 2: the square of a normal.
        for above in [0.9, 0.05, 1e-8] {
            let z = normal_quantile(Tail::from_above(above / 2.0));
            near(2.0 * gamma_quantile(0.5, Tail::from_above(above)), z * z, 1e-9);
        }
        for shape in [0.05, 0.3, 2.0, 10.0, 250.0] {
            for below in [1e-6, 0.01, 0.4, 0.9, 0.999_999] {
                let tail = Tail { below, above: 1.0 - below };
                let x = gamma_quantile(shape, tail);
                let (lower, _) = gamma_tails(shape, x, libm::lgamma(shape));
                near(lower, below, 1e-9);
            }
        }
    }
}
