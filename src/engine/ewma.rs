//! A level that forgets: the exponentially weighted average over time of a value that changes in
//! steps.

use super::{Decay, Ns};

/// The average of a step function of time with weight exp(-age / tau), in integers. It starts at 0.
#[derive(Clone, Debug)]
pub struct Ewma {
    decay: Decay,
    updated: Ns,
    /// What the value has been since `updated`.
    value: u32,
    level: u32,
}

impl Ewma {
    /// With time constant `tau`: a value that jumps is followed to 63 % after it.
    pub fn new(tau: Ns) -> Self {
        Ewma { decay: Decay::new(tau), updated: 0, value: 0, level: 0 }
    }

    /// From `now` on the followed thing has this value. Times do not fall (an earlier `now` counts
    /// as none).
    #[inline]
    pub fn update(&mut self, now: Ns, value: u32) {
        self.level = self.level_at(now);
        self.updated = self.updated.max(now);
        self.value = value;
    }

    /// The level at the last update.
    #[inline]
    pub fn level(&self) -> u32 {
        self.level
    }

    /// The level at `now`, without an update.
    #[inline]
    pub fn level_at(&self, now: Ns) -> u32 {
        let dt = now.saturating_sub(self.updated);
        if dt == 0 {
            return self.level;
        }
        let left = self.decay.at(dt) as i64;
        let gap = self.level as i64 - self.value as i64;
        // Towards the value from either side: the gap shrinks in magnitude, so it never oversteps.
        let gap = (gap as i128 * left as i128 / (1 << 32)) as i64;
        (self.value as i64 + gap) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_followed_exponentially() {
        let mut ewma = Ewma::new(1_000_000);
        ewma.update(500, 1_000_000_000);
        let share = ewma.level_at(500 + 1_000_000) as f64 / 1e9;
        assert!((share - (1.0 - (-1f64).exp())).abs() < 1e-8, "{share}");
        ewma.update(50_000_000, 0);
        assert_eq!(ewma.level(), 1_000_000_000);
        ewma.update(52_000_000, u32::MAX);
        assert!((ewma.level() as f64 / 1e9 - (-2f64).exp()).abs() < 1e-8);
    }

    #[test]
    fn more_updates_of_the_same_value_change_little() {
        let (mut once, mut often) = (Ewma::new(1_000_000), Ewma::new(1_000_000));
        once.update(0, 1 << 30);
        (0..1_000).for_each(|i| often.update(i * 1_000, 1 << 30));
        let (a, b) = (once.level_at(999_000) as f64, often.level_at(999_000) as f64);
        assert!((a / b - 1.0).abs() < 1e-6, "{a} {b}");
    }
}
