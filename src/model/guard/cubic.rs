//! Adaptive rate limiting of the AWS SDKs: the send rate follows CUBIC from the first throttle on.
//!
//! Read in botocore at 0e6e240 (`retries/throttling.py`, `bucket.py`, `adaptive.py`). There,
//! whoever finds no token sleeps and competes for the next one; here they take their place in
//! line, and their time is fixed when they come.

use super::{Ended, Pass};

/// By how much a throttle cuts the rate.
const BETA: f64 = 0.7;
/// How fast the rate grows, per s^3.
const SCALE: f64 = 0.4;
/// The rate is at most so many times the measured one.
const ABOVE_MEASURED: f64 = 2.0;
/// The rate is at least so much per second.
const RATE_MIN: f64 = 0.5;
/// The rate is measured over parts of a second, smoothed.
const BUCKET_S: f64 = 0.5;
const SMOOTHING: f64 = 0.8;
const SECOND: f64 = 1e9;

/// The rate limiter of one process.
#[derive(Clone, Debug)]
pub struct Cubic {
    /// Nothing is limited before the first throttle.
    enabled: bool,
    curve: Curve,
    clock: RateClock,
    /// Tokens a second, at hand, at most, and up to when they were paid (s).
    rate: f64,
    level: f64,
    cap: f64,
    paid: f64,
}

impl Default for Cubic {
    fn default() -> Self {
        let curve = Curve::new(0.0, 0.0);
        let clock = RateClock::default();
        Self { enabled: false, curve, clock, rate: 1.0, level: 0.0, cap: 1.0, paid: 0.0 }
    }
}

impl Cubic {
    /// Whether a request may be sent at `now`, after a wait of `wait_max` at most (ns).
    pub fn passes(&mut self, now: u64, wait_max: u64) -> Pass {
        if !self.enabled {
            return Pass::Now;
        }
        self.refill(seconds(now));
        let missing = 1.0 - self.level;
        let wait = if missing <= 0.0 { 0 } else { (missing / self.rate * SECOND) as u64 + 1 };
        if wait > wait_max {
            return Pass::Refused;
        }
        self.level -= 1.0;
        if wait == 0 { Pass::Now } else { Pass::After(wait) }
    }

    /// A request has ended: whatever it is but a throttle, the rate follows its curve.
    pub fn ended(&mut self, now: u64, ended: Ended) {
        let now = seconds(now);
        let measured = self.clock.record(now);
        let wanted = if ended.how.is_throttling() {
            let rate = if self.enabled { measured.min(self.rate) } else { measured };
            self.curve = Curve::new(rate, now);
            self.enabled = true;
            rate * BETA
        } else {
            self.curve.rate(now)
        };
        self.set_rate(wanted.min(ABOVE_MEASURED * measured), now);
    }

    fn refill(&mut self, now: f64) {
        self.level = (self.level + (now - self.paid) * self.rate).min(self.cap);
        self.paid = now;
    }

    fn set_rate(&mut self, rate: f64, now: f64) {
        self.refill(now);
        self.rate = rate.max(RATE_MIN);
        self.cap = rate.max(1.0);
        self.level = self.level.min(self.cap);
    }
}

/// CUBIC: rate(t) = 0.4 (t - K)^3 + w, t from the last throttle, K = (0.3 w / 0.4)^(1/3).
#[derive(Clone, Copy, Debug)]
struct Curve {
    /// The rate at the last throttle, per second.
    at_throttle: f64,
    /// When the curve is back there, s from the throttle.
    back: f64,
    throttled: f64,
}

impl Curve {
    fn new(rate: f64, now: f64) -> Self {
        let back = libm::cbrt(rate * (1.0 - BETA) / SCALE);
        Self { at_throttle: rate, back, throttled: now }
    }

    fn rate(&self, now: f64) -> f64 {
        let from_back = now - self.throttled - self.back;
        SCALE * (from_back * from_back * from_back) + self.at_throttle
    }
}

/// How many requests end per second.
#[derive(Clone, Copy, Debug, Default)]
struct RateClock {
    count: f64,
    /// Where the bucket under way begins, s.
    bucket: f64,
    rate: f64,
}

impl RateClock {
    /// A request ended; the rate now.
    fn record(&mut self, now: f64) -> f64 {
        let bucket = libm::floor(now / BUCKET_S) * BUCKET_S;
        self.count += 1.0;
        if bucket > self.bucket {
            let rate = self.count / (bucket - self.bucket);
            self.rate = rate * SMOOTHING + self.rate * (1.0 - SMOOTHING);
            (self.count, self.bucket) = (0.0, bucket);
        }
        self.rate
    }
}

fn seconds(ns: u64) -> f64 {
    ns as f64 / SECOND
}

#[cfg(test)]
mod tests {
    use super::super::How;
    use super::*;
    use crate::model::cause::Cause;

    const MS: u64 = 1_000_000;

    /// Catches: a wrong constant, a curve that begins at the rate of the throttle.
    #[test]
    fn a_throttle_at_100_a_second_cuts_to_70_and_is_forgotten_after_4_2_s() {
        let curve = Curve::new(100.0, 3.0);
        for (after, rate) in [(0.0, 70.0), (4.217_163, 100.0), (10.0, 177.353_999)] {
            let got = curve.rate(3.0 + after);
            assert!((got - rate).abs() < 1e-6, "{got} after {after} s");
        }
    }

    /// Catches: a bucket of another width, a rate that is not smoothed.
    #[test]
    fn the_measured_rate_is_smoothed_over_half_seconds() {
        let mut clock = RateClock::default();
        let measured: Vec<f64> =
            (0..=15).map(|i| clock.record(f64::from(i) * 0.1)).step_by(5).collect();
        // the first of the next bucket still counts in the one before: 6 and then 5 of each
        let first = 6.0 / 0.5 * 0.8;
        let second = 5.0 / 0.5 * 0.8 + first * 0.2;
        let third = 5.0 / 0.5 * 0.8 + second * 0.2;
        for (got, want) in measured.iter().zip([0.0, first, second, third]) {
            assert!((got - want).abs() < 1e-9, "{measured:?}");
        }
    }

    /// Catches: a limit before the first throttle, a wait that is not a token's time, a token
    /// taken by who would not wait.
    #[test]
    fn nothing_is_limited_before_the_first_throttle() {
        let mut cubic = Cubic::default();
        let ended = |how| Ended { how, latency: MS, retry: false };
        for request in 0..100 {
            assert_eq!(cubic.passes(request * 10 * MS, 0), Pass::Now);
            cubic.ended(request * 10 * MS, ended(How::Paid));
        }
        let now = 1_000 * MS;
        let measured = cubic.clock.clone().record(seconds(now));
        cubic.ended(now, ended(How::Refused(Cause::ServerOverload)));
        assert!((cubic.rate / measured - BETA).abs() < 1e-9, "{} of {measured}", cubic.rate);
        let Pass::After(first) = (0..1_000)
            .map(|_| cubic.passes(now, u64::MAX))
            .find(|pass| *pass != Pass::Now)
            .expect("the bucket is empty some time")
        else {
            panic!("who would wait for ever is not refused")
        };
        assert_eq!(cubic.passes(now, 0), Pass::Refused);
        let Pass::After(second) = cubic.passes(now, u64::MAX) else { panic!("it waits") };
        let gap = (SECOND / cubic.rate) as u64;
        assert!((second - first).abs_diff(gap) <= 1, "{first} {second} {gap}");
    }
}
