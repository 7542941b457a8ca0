//! exp(-dt / tau) in integers: for chains in continuous time and for averages that forget.

use super::Ns;

/// Cells of the table of 2^-f over 0 <= f < 1.
const CELLS: usize = 256;
/// ln 2 times 2^32.
const LN_2: u64 = 2_977_044_472;

/// exp(-dt / tau) as a share of 2^32, monotone in dt; the error is below 1e-8 (of 1), small
/// even against dt / tau, so that many short steps decay like one long one.
#[derive(Clone, Debug, PartialEq)]
pub struct Decay {
    /// log2(e) / tau as `step` / 2^`shift`: 62 bits of `step` are in use whatever tau is.
    step: u64,
    shift: u32,
    /// 2^32 * 2^(-i / 256).
    halving: Box<[u64; CELLS + 1]>,
}

impl Decay {
    /// With time constant `tau`, at least 1 ns.
    pub fn new(tau: Ns) -> Self {
        let tau = tau.max(1);
        let shift = 61 + tau.ilog2();
        let step = libm::scalbn(std::f64::consts::LOG2_E / tau as f64, shift as i32) as u64;
        let halving = std::array::from_fn(|i| {
            (4_294_967_296.0 * libm::exp2(-(i as f64) / CELLS as f64) + 0.5) as u64
        });
        Decay { step, shift, halving: Box::new(halving) }
    }

    /// What is left after `dt`, as a share of 2^32. Nothing decayed (2^32) is given as `u32::MAX`.
    #[inline]
    pub fn at(&self, dt: Ns) -> u32 {
        // dt / tau / ln 2, in 2^-32.
        let halvings = (dt as u128 * self.step as u128) >> (self.shift - 32);
        let whole = halvings >> 32;
        if whole > 32 {
            return 0;
        }
        let fraction = halvings as u64 & 0xffff_ffff;
        let (cell, along) = ((fraction >> 24) as usize, fraction & 0xff_ffff);
        // exp(-r) = 1 - r + r^2 / 2 within a cell, where r < 0.0028. The next cell bounds it:
        // rounding must not break the order.
        let r = (along * LN_2) >> 32;
        let drop = r - ((r * r) >> 33);
        let (upper, lower) = (self.halving[cell], self.halving[cell + 1]);
        let left = (upper - ((upper * drop) >> 32)).max(lower) >> whole;
        left.min(u32::MAX as u64) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_the_exponential() {
        for tau in [1, 7, 1_000, 4_500_000_000, 86_400_000_000_000, 1 << 61] {
            let decay = Decay::new(tau);
            for i in 0..4_000u64 {
                let dt = (tau as u128 * i as u128 / 100).min(u64::MAX as u128) as u64;
                let want = (-(dt as f64) / tau as f64).exp();
                let got = decay.at(dt) as f64 / 4_294_967_296.0;
                assert!((got - want).abs() < 1e-8, "tau {tau}, dt {dt}: {got} for {want}");
            }
            assert_eq!(decay.at(0), u32::MAX);
        }
        assert_eq!(Decay::new(1_000_000).at(u64::MAX), 0);
    }

    #[test]
    fn more_time_never_leaves_more() {
        let decay = Decay::new(1_000_003);
        let mut last = u32::MAX;
        for dt in 0..3_000_000 {
            let left = decay.at(dt * 11);
            assert!(left <= last, "dt {dt}");
            last = left;
        }
    }
}
