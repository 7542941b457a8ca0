//! Histograms, intervals, estimates over replications, and verdicts on targets.
//!
//! The unit of analysis is the replication: what happens within one run is correlated, so an
//! interval over single top-ups would be too narrow. Intervals carry sampling error only. Nothing
//! here reads a file or knows what is measured; the last bit of every number is the same on every
//! platform, since transcendental functions come from the `libm` crate.

mod estimate;
mod histogram;
mod interval;
mod looks;
mod paired;
mod relation;
mod share;
mod special;
mod survival;
mod tail;
mod verdict;

#[cfg(test)]
mod draws;

pub use estimate::{Estimate, RARE_EVENTS, mean_t, standard_error};
pub use histogram::Histogram;
pub use interval::{
    CONFIDENCE, Interval, Method, clopper_pearson, least_n, quantile_interval, wilson,
};
pub use looks::{LOOK_FIRST, is_narrow, looks};
pub use paired::{Paired, paired_t, rare_difference};
pub use relation::{Line, rank_correlation};
pub use share::{FEW_EVENTS, pooled_share};
pub use survival::{Censored, Step, Survival};
pub use tail::{
    distance_interval, holm, law_tails, mean_tails, normal_tails, share_tails, square_tails,
    variance_interval,
};
pub use verdict::{Bound, Verdict, judge, judge_share};

/// The rank (from 1) of the `q`-quantile of `n` values: the smallest whole number not below `q n`.
///
/// `q n` is computed a hair low, so that a rounding error (0.07 * 100 gives 7.000000000000001) does
/// not lift it over a whole number.
fn rank(q: f64, n: u64) -> u64 {
    assert!((0.0..=1.0).contains(&q), "a quantile is asked for between 0 and 1");
    let product = q * n as f64 * (1.0 - 2.0 * f64::EPSILON);
    (product.ceil() as u64).clamp(1, n.max(1))
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn a_rank_is_the_exact_one_for_every_per_mille() {
        for n in (1_u64..2_000).chain([99_999, 1_000_000, 123_456_789]) {
            for per_mille in 1..=1_000 {
                let exact = (per_mille * n).div_ceil(1_000);
                assert_eq!(rank(per_mille as f64 / 1_000.0, n), exact, "{per_mille} of {n}");
            }
        }
    }
}
