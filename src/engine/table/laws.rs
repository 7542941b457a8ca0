//! The laws a table can be built from: closed forms, measured quantiles, samples, mixtures.

use super::pieces::{Piece, Pieces};
use super::quantile::{gamma_quantile, normal_quantile};
use super::{Law, QuantileTable};
use crate::engine::Ns;

impl QuantileTable {
    /// From a quantile function of the probability; it must be finite and not fall over 0 < p < 1.
    pub fn from_quantile(quantile: impl Fn(f64) -> f64) -> Self {
        Self::from_tails(|tail| quantile(tail.below.min(1.0 - f64::EPSILON / 2.0)))
    }

    /// Always `value`.
    pub fn constant(value: u64) -> Self {
        QuantileTable(Law::Steps(Box::new([(1 << 32, value)])))
    }

    /// Exponential with this mean.
    pub fn exponential(mean: Ns) -> Self {
        let mean = mean as f64;
        Self::from_tails(|tail| -mean * libm::log(tail.above))
    }

    /// Lognormal: `median` times exp(`sigma` Z).
    pub fn lognormal(median: Ns, sigma: f64) -> Self {
        let median = median as f64;
        Self::from_tails(|tail| median * libm::exp(sigma * normal_quantile(tail)))
    }

    /// Lognormal by its mean and coefficient of variation (standard deviation / mean).
    pub fn lognormal_mean_cv(mean: Ns, cv: f64) -> Self {
        let variance = libm::log(1.0 + cv * cv);
        let median = mean as f64 * libm::exp(-variance / 2.0);
        let sigma = variance.sqrt();
        Self::from_tails(|tail| median * libm::exp(sigma * normal_quantile(tail)))
    }

    /// Uniform from `low` to `high`.
    pub fn uniform(low: u64, high: u64) -> Self {
        assert!(low <= high, "a uniform law runs upwards: {low} to {high}");
        Self::from_pieces(Pieces::line(0.0, low as f64, 1.0, high as f64))
    }

    /// The sum of `k` exponential stages with this mean in all.
    pub fn erlang(k: u32, mean: Ns) -> Self {
        assert!(k > 0, "an Erlang law has at least one stage");
        Self::gamma(k as f64, mean)
    }

    /// Gamma with this shape and mean; its coefficient of variation is 1 / sqrt(`shape`).
    pub fn gamma(shape: f64, mean: Ns) -> Self {
        assert!(shape > 0.0, "a gamma law has a positive shape");
        let scale = mean as f64 / shape;
        Self::from_tails(|tail| scale * gamma_quantile(shape, tail))
    }

    /// `a` with probability `p_a`, else `b`.
    pub fn two_point(a: u64, p_a: f64, b: u64) -> Self {
        Self::discrete(&[(p_a, a), (1.0 - p_a, b)])
    }

    /// Values with weights (any positive scale), exact for up to 64 of them.
    pub fn discrete(values: &[(f64, u64)]) -> Self {
        let mut values = values.to_vec();
        values.sort_by_key(|&(_, value)| value);
        let total: f64 = values.iter().map(|&(weight, _)| weight).sum();
        assert!(total > 0.0, "a discrete law has weights that add to more than 0");
        let mut pieces = Vec::with_capacity(values.len());
        let mut below = 0.0;
        for (weight, value) in values {
            assert!(weight >= 0.0, "a weight is not negative");
            let above = below + weight / total;
            pieces.push(Piece { p0: below, v0: value as f64, p1: above, v1: value as f64 });
            below = above;
        }
        Self::from_pieces(Pieces::new(pieces))
    }

    /// Each part with its weight (any positive scale). The mixed law is inverted exactly.
    pub fn mixture(parts: Vec<(f64, QuantileTable)>) -> Self {
        let parts: Vec<(f64, Pieces)> =
            parts.into_iter().map(|(weight, part)| (weight, part.pieces())).collect();
        Self::from_pieces(Pieces::mixture(&parts))
    }

    /// Triangular from `low` to `high` with its mode between them.
    pub fn triangular(low: u64, mode: u64, high: u64) -> Self {
        assert!(low <= mode && mode <= high, "a triangle has its mode inside: {low} {mode} {high}");
        if low == high {
            return Self::constant(low);
        }
        let (low, mode, high) = (low as f64, mode as f64, high as f64);
        let width = high - low;
        let turn = (mode - low) / width;
        Self::from_tails(|tail| {
            if tail.below < turn {
                low + (tail.below * width * (mode - low)).sqrt()
            } else {
                high - (tail.above * width * (high - mode)).sqrt()
            }
        })
    }

    /// Measured quantiles (probability, value), both ascending, joined by straight lines. Below the
    /// first and above the last probability the end value holds.
    pub fn from_points(points: &[(f64, u64)]) -> Self {
        assert!(!points.is_empty(), "a measured law has at least one point");
        assert!(
            points.windows(2).all(|w| w[0].0 <= w[1].0 && w[0].1 <= w[1].1),
            "measured quantiles ascend in probability and value"
        );
        let (first, last) = (points[0].1 as f64, points[points.len() - 1].1 as f64);
        let mut known: Vec<(f64, f64)> = vec![(0.0, first)];
        known.extend(points.iter().map(|&(p, value)| (p.clamp(0.0, 1.0), value as f64)));
        known.push((1.0, last));
        let lines =
            known.windows(2).map(|w| Piece { p0: w[0].0, v0: w[0].1, p1: w[1].0, v1: w[1].1 });
        Self::from_pieces(Pieces::new(lines.collect()))
    }

    /// The empirical law of a sample: each value with weight 1 / n.
    pub fn from_samples(samples: &[u64]) -> Self {
        assert!(!samples.is_empty(), "an empirical law has at least one sample");
        let weighted: Vec<(f64, u64)> = samples.iter().map(|&value| (1.0, value)).collect();
        Self::discrete(&weighted)
    }
}

#[cfg(test)]
mod tests {
    use super::super::TWO_32;
    use super::*;
    use crate::engine::{Class, Seed};
    use rand_distr::Distribution;

    const S: u64 = 1_000_000_000;

    fn close(name: &str, got: f64, want: f64, tolerance: f64) {
        assert!((got / want - 1.0).abs() < tolerance, "{name}: {got} for {want}");
    }

    /// Every law of the module with its mean and second moment, in units of 1e9.
    fn laws() -> Vec<(&'static str, QuantileTable, f64, f64)> {
        let lognormal = |sigma: f64| {
            let v = sigma * sigma;
            (QuantileTable::lognormal(S, sigma), (v / 2.0).exp(), (2.0 * v).exp())
        };
        let mut laws = vec![
            ("constant", QuantileTable::constant(3 * S), 3.0, 9.0),
            ("exponential", QuantileTable::exponential(S), 1.0, 2.0),
            ("lognormal CV 2", QuantileTable::lognormal_mean_cv(S, 2.0), 1.0, 5.0),
            ("uniform", QuantileTable::uniform(S, 3 * S), 2.0, 13.0 / 3.0),
            ("erlang 2", QuantileTable::erlang(2, S), 1.0, 1.5),
            ("erlang 9", QuantileTable::erlang(9, S), 1.0, 1.0 + 1.0 / 9.0),
            ("gamma 1/4", QuantileTable::gamma(0.25, S), 1.0, 5.0),
            ("two-point", QuantileTable::two_point(0, 0.8, 5 * S), 1.0, 5.0),
            ("triangular", QuantileTable::triangular(0, S, 2 * S), 1.0, 1.0 + 1.0 / 6.0),
            ("scaled", QuantileTable::exponential(S).scaled(2.5), 2.5, 12.5),
        ];
        for (name, sigma) in [("lognormal 0.5", 0.5), ("lognormal 1", 1.0), ("lognormal 1.4", 1.4)]
        {
            let (table, mean, second) = lognormal(sigma);
            laws.push((name, table, mean, second));
        }
        let parts = vec![
            (0.7, QuantileTable::exponential(S)),
            (0.2, QuantileTable::lognormal_mean_cv(4 * S, 1.0)),
            (0.1, QuantileTable::constant(10 * S)),
        ];
        laws.push(("mixture", QuantileTable::mixture(parts), 2.5, 0.7 * 2.0 + 0.2 * 32.0 + 10.0));
        laws
    }

    #[test]
    fn means_and_second_moments_are_those_of_the_law() {
        for (name, table, mean, second) in laws() {
            close(name, table.mean() / S as f64, mean, 1e-4);
            close(name, table.second_moment() / (S as f64 * S as f64), second, 2e-3);
        }
    }

    #[test]
    fn a_larger_draw_never_gives_a_smaller_value() {
        for (name, table, ..) in laws() {
            let mut last = 0;
            let coarse = (0..1_000_000u64).map(|i| (i * 4294) as u32);
            let fine = (0..1_000_000u64).map(|i| (0xff80_0000 + i * 8) as u32);
            let tail = (0..=0x3fffu32).map(|i| 0xffff_c000 + i);
            let mut draws: Vec<u32> = coarse.chain(fine).chain(tail).collect();
            draws.sort_unstable();
            for u in draws {
                let value = table.at(u);
                assert!(value >= last, "{name}: {last} before {value} at draw {u}");
                last = value;
            }
        }
    }

    #[test]
    fn extreme_draws_are_finite() {
        for (name, table, mean, _) in laws() {
            assert!(table.at(0) as f64 <= mean * 3.0 * S as f64, "{name}");
            assert!(table.at(u32::MAX) < 1 << 50, "{name}: {}", table.at(u32::MAX));
        }
        let wild = QuantileTable::lognormal(u64::MAX, 30.0);
        assert!(wild.at(u32::MAX) <= 1 << 62 && wild.at(0) <= wild.at(u32::MAX));
        assert_eq!(QuantileTable::exponential(0).at(u32::MAX), 0);
    }

    /// Largest distance between the distribution functions of a table and of a sampler.
    fn distance(table: &QuantileTable, law: impl Distribution<f64>, n: usize) -> f64 {
        let stream = Seed::new(11, 0).stream(Class::Core, 1);
        let (mut ours, mut oracle) = (stream.rng(0u8, 0, 0), stream.rng(1u8, 0, 0));
        let mut a: Vec<f64> =
            (0..n).map(|_| table.at(rand::Rng::next_u32(&mut ours)) as f64 / S as f64).collect();
        let mut b: Vec<f64> = (0..n).map(|_| law.sample(&mut oracle)).collect();
        a.sort_by(f64::total_cmp);
        b.sort_by(f64::total_cmp);
        let (mut i, mut d) = (0, 0.0f64);
        for (j, x) in b.iter().enumerate() {
            while i < n && a[i] <= *x {
                i += 1;
            }
            d = d.max((i as f64 - j as f64).abs() / n as f64);
        }
        d
    }

    #[test]
    fn samples_follow_the_same_law_as_independent_samplers() {
        // Two samples of n: D sqrt(n / 2) > 3 has probability 2 exp(-18) = 3e-8.
        let n = 200_000;
        let limit = 3.0 * (2.0 / n as f64).sqrt();
        let sigma = 5f64.ln().sqrt();
        let tests = [
            ("exponential", distance(&QuantileTable::exponential(S), rand_distr::Exp1, n)),
            (
                "lognormal CV 2",
                distance(
                    &QuantileTable::lognormal_mean_cv(S, 2.0),
                    rand_distr::LogNormal::new(-sigma * sigma / 2.0, sigma).unwrap(),
                    n,
                ),
            ),
            (
                "erlang 3",
                distance(
                    &QuantileTable::erlang(3, S),
                    rand_distr::Gamma::new(3.0, 1.0 / 3.0).unwrap(),
                    n,
                ),
            ),
            (
                "gamma 0.3",
                distance(
                    &QuantileTable::gamma(0.3, S),
                    rand_distr::Gamma::new(0.3, 1.0 / 0.3).unwrap(),
                    n,
                ),
            ),
            (
                "triangular",
                distance(
                    &QuantileTable::triangular(S, 2 * S, 5 * S),
                    rand_distr::Triangular::new(1.0, 5.0, 2.0).unwrap(),
                    n,
                ),
            ),
        ];
        for (name, d) in tests {
            assert!(d < limit, "{name}: D = {d}");
        }
        let wrong =
            distance(&QuantileTable::exponential(S), rand_distr::Exp::new(0.98).unwrap(), n);
        assert!(wrong > limit / 2.0, "a rate 2 % off is seen: D = {wrong}");
    }

    #[test]
    fn measured_quantiles_come_back_at_their_probabilities() {
        let points = [(0.5, 100_000), (0.9, 300_000), (0.99, 2_000_000)];
        let table = QuantileTable::from_points(&points);
        for (p, value) in points {
            let got = table.at((p * TWO_32) as u32) as f64;
            close("point", got, value as f64, 0.01);
        }
        assert_eq!((table.at(0), table.at(u32::MAX)), (100_000, 2_000_000));
        let mean = 0.5 * 100_000.0 + 0.4 * 200_000.0 + 0.09 * 1_150_000.0 + 0.01 * 2_000_000.0;
        close("mean", table.mean(), mean, 1e-6);
    }

    #[test]
    fn a_sample_keeps_its_mean_and_a_small_one_its_values() {
        let large: Vec<u64> = (0..10_000u64).map(|i| (i * i * 7919) % 1_000_003).collect();
        let mean = large.iter().sum::<u64>() as f64 / large.len() as f64;
        close("mean", QuantileTable::from_samples(&large).mean(), mean, 1e-6);
        let small = QuantileTable::from_samples(&[30, 10, 30, 20]);
        let got = [0, 0x3fff_ffff, 0x4000_0000, 0x8000_0000, u32::MAX].map(|u| small.at(u));
        assert_eq!(got, [10, 10, 20, 30, 30]);
    }

    #[test]
    fn a_discrete_law_gives_its_values_only() {
        let table = QuantileTable::two_point(7, 0.95, 1_000);
        let sevens = (0..100_000u64).filter(|&i| table.at((i * 42_949) as u32) == 7).count();
        assert!((94_990..=95_010).contains(&sevens), "{sevens}");
        assert_eq!(table.at(u32::MAX), 1_000);
        assert_eq!(QuantileTable::constant(5).at(0), 5);
        assert_eq!(QuantileTable::uniform(5, 5), QuantileTable::constant(5));
    }

    #[test]
    fn a_table_from_a_plain_quantile_function_is_the_same_table() {
        let plain = QuantileTable::from_quantile(|p| -(S as f64) * libm::log(1.0 - p));
        close("mean", plain.mean(), S as f64, 1e-6);
        close("median", plain.at(1 << 31) as f64, S as f64 * 2f64.ln(), 1e-3);
    }
}
