//! Adaptive throttling of Google's SRE book: send what the other side has lately taken, times K.

use super::rolling::Rolling;

/// Buckets of the window.
const BUCKETS: usize = 60;
/// K in thousandths.
const THOUSAND: u64 = 1_000;

/// Requests and accepts of one process over a window.
///
/// A request is refused with probability p = max(0, (requests - K accepts) / (requests + 1)). A
/// request counts when it is wanted, refused or not; an accept when its answer comes (*Site
/// Reliability Engineering*, 2016, chapter 21: K = 2, two minutes).
#[derive(Clone, Debug)]
pub struct Sre {
    /// K in thousandths.
    factor: u64,
    seen: Rolling<2>,
}

impl Sre {
    /// With K in thousandths and a window in ns.
    pub fn new(factor: u64, window: u64) -> Self {
        Self { factor, seen: Rolling::new(window, BUCKETS) }
    }

    /// A request is wanted at `now`: the threshold, of 2^32, below which a draw refuses it.
    pub fn refuses_below(&mut self, now: u64) -> u64 {
        let [requests, accepts] = self.seen.at(now);
        let wanted = u64::from(requests) * THOUSAND;
        let above = wanted.saturating_sub(u64::from(accepts) * self.factor);
        let share = (u128::from(above) << 32) / u128::from(wanted + THOUSAND);
        self.seen.add(now, [1, 0]);
        share as u64
    }

    /// A request that was sent was accepted.
    pub fn accepted(&mut self, now: u64) {
        self.seen.add(now, [0, 1]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Class, Seed};
    use crate::model::purpose::Purpose;

    const MS: u64 = 1_000_000;

    /// Requests sent and accepted per second under `rate`, where `capacity` a second are accepted,
    /// in slots of 100 ms: over ten minutes after three.
    fn steady(rate: u64, capacity: u64, factor: u64) -> (f64, f64) {
        let mut throttle = Sre::new(factor, 120_000 * MS);
        let luck = Seed::new(7, 0).stream(Class::Journey, 1);
        let (mut sent, mut accepted, mut slot, mut in_slot) = (0, 0, 0, 0);
        for request in 0..rate * 780 {
            let now = request * 1_000 * MS / rate;
            if now / (100 * MS) != slot {
                (slot, in_slot) = (now / (100 * MS), 0);
            }
            let below = throttle.refuses_below(now);
            let draw = luck.about(request).draw(Purpose::Throttle, 0, 0);
            if draw.hits(below) {
                continue;
            }
            let measured = now >= 180_000 * MS;
            sent += u64::from(measured);
            if in_slot < capacity / 10 {
                in_slot += 1;
                accepted += u64::from(measured);
                throttle.accepted(now);
            }
        }
        (sent as f64 / 600.0, accepted as f64 / 600.0)
    }

    /// Catches: accepts counted as requests, refused requests that do not count, a K of one.
    /// A fluid gives min(R, K C) = 200; a simulation elsewhere found 200.58 sent and 99.93
    /// accepted.
    #[test]
    fn what_is_sent_is_k_times_what_is_taken() {
        let (sent, accepted) = steady(1_000, 100, 2_000);
        assert!((sent - 200.58).abs() < 2.0, "{sent} sent a second");
        assert!((accepted - 99.93).abs() < 0.5, "{accepted} accepted a second");
        let (sent, _) = steady(150, 100, 2_000);
        assert!((sent - 150.0).abs() < 0.2, "{sent} sent a second");
    }
}
