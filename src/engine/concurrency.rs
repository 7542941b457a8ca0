//! Limits on work in progress that follow its latency: Gradient2, Vegas and AIMD.
//!
//! The algorithms of Netflix's concurrency-limits, in fixed point: limits in 2^-16 of a job.
//! Samples are gathered in windows of a second; one with fewer than ten changes nothing. A window
//! comes down to the mean latency, the most jobs in progress that a sample met, and whether one was
//! dropped.

use super::{Ns, Stream};

/// One unit of a limit.
const ONE: u64 = 1 << 16;
/// Width of a window.
const WINDOW: Ns = 1_000_000_000;
/// Samples that a window needs to count.
const SAMPLES_MIN: u64 = 10;
/// Latencies below this are no samples.
const LATENCY_MIN: Ns = 100_000;
/// Samples of which the long average of Gradient2 is the plain mean.
const WARM_UP: u64 = 10;
/// The long average of Gradient2 has the weight of so many windows: each new one counts 2 / 601.
const LONG_WINDOW: i128 = 600;

/// A job that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// From its admission to its end.
    pub latency: Ns,
    /// Jobs in progress when it was admitted, itself included.
    pub in_progress: u32,
    /// Whether it was given up unserved.
    pub dropped: bool,
}

/// How many jobs may be in progress at once.
#[derive(Clone, Debug)]
pub struct Limit {
    rule: Rule,
    /// In 2^-16 of a job.
    limit: u64,
    window: Window,
    window_ends: Ns,
}

#[derive(Clone, Debug)]
enum Rule {
    Gradient2(Gradient2, LongAverage),
    Vegas(Vegas, Probe),
    Aimd(Aimd),
}

/// The limit shrinks as the latency of a window grows beyond 1.5 times its long average.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gradient2 {
    /// At the start.
    pub initial: u32,
    /// At least.
    pub min: u32,
    /// At most.
    pub max: u32,
    /// Jobs by which it may grow in a window, before smoothing.
    pub queue: u32,
}

/// The limit keeps the estimated queue, limit x (1 - least latency / latency), between two bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vegas {
    /// At the start.
    pub initial: u32,
    /// At most.
    pub max: u32,
}

/// One more in a window without a drop, a share of the limit after one with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aimd {
    /// At the start.
    pub initial: u32,
    /// At least.
    pub min: u32,
    /// At most.
    pub max: u32,
    /// What is left of the limit after a drop, of 10,000.
    pub backoff: u32,
    /// A mean latency above this counts as a drop.
    pub timeout: Ns,
}

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    samples: u64,
    latencies: u128,
    in_progress: u32,
    dropped: bool,
}

/// The average latency over many windows, in 2^-16 ns.
#[derive(Clone, Copy, Debug, Default)]
struct LongAverage {
    windows: u64,
    sum: u128,
    value: u128,
}

/// When Vegas measures the least latency anew.
#[derive(Clone, Debug)]
struct Probe {
    luck: Stream,
    purpose: u8,
    probes: u16,
    /// From 1/2 to 1, of 2^16.
    jitter: u64,
    windows: u64,
    least: Ns,
}

impl Limit {
    /// By the rule of Gradient2.
    pub fn gradient2(rule: Gradient2) -> Self {
        Self::new(rule.initial, Rule::Gradient2(rule, LongAverage::default()))
    }

    /// By the rule of Vegas; the times of its probes are drawn for `purpose`.
    pub fn vegas(rule: Vegas, luck: Stream, purpose: u8) -> Self {
        let mut probe = Probe { luck, purpose, probes: 0, jitter: 0, windows: 0, least: 0 };
        probe.draw();
        Self::new(rule.initial, Rule::Vegas(rule, probe))
    }

    /// By the rule of AIMD.
    pub fn aimd(rule: Aimd) -> Self {
        Self::new(rule.initial, Rule::Aimd(rule))
    }

    fn new(initial: u32, rule: Rule) -> Self {
        let limit = u64::from(initial) * ONE;
        Limit { rule, limit, window: Window::default(), window_ends: 0 }
    }

    /// Whether one more may begin while so many are in progress.
    #[inline]
    pub fn admits(&self, in_progress: u32) -> bool {
        in_progress < self.jobs()
    }

    /// Jobs that may be in progress, rounded down.
    #[inline]
    pub fn jobs(&self) -> u32 {
        (self.limit / ONE) as u32
    }

    /// A job has ended at `now`.
    pub fn sample(&mut self, now: Ns, sample: Sample) {
        if sample.latency < LATENCY_MIN {
            return;
        }
        self.window.add(sample);
        if now <= self.window_ends {
            return;
        }
        self.window_ends = now + WINDOW;
        let window = std::mem::take(&mut self.window);
        if window.samples >= SAMPLES_MIN {
            self.limit = match &mut self.rule {
                Rule::Gradient2(rule, long) => rule.next(self.limit, window, long),
                Rule::Vegas(rule, probe) => rule.next(self.limit, window, probe),
                Rule::Aimd(rule) => rule.next(self.limit, window),
            };
        }
    }
}

impl Window {
    fn add(&mut self, sample: Sample) {
        self.samples += 1;
        self.latencies += u128::from(sample.latency);
        self.in_progress = self.in_progress.max(sample.in_progress);
        self.dropped |= sample.dropped;
    }

    /// Mean latency.
    fn latency(&self) -> Ns {
        (self.latencies / u128::from(self.samples)) as Ns
    }

    /// Whether fewer than half of the jobs that the limit allows were in progress: then it says
    /// nothing.
    fn is_idle(&self, limit: u64) -> bool {
        2 * u64::from(self.in_progress) * ONE < limit
    }
}

impl Gradient2 {
    fn next(&self, limit: u64, window: Window, long: &mut LongAverage) -> u64 {
        let short = u128::from(window.latency());
        let average = long.add(window.latency());
        if average > 2 * short * u128::from(ONE) {
            // back from a long overload: the average follows faster
            long.value = long.value * 95 / 100;
        }
        if window.is_idle(limit) {
            return limit;
        }
        let gradient = (3 * average / (2 * short)) as u64;
        let gradient = gradient.clamp(ONE / 2, ONE);
        let wanted =
            ((u128::from(limit) * u128::from(gradient)) >> 16) as u64 + u64::from(self.queue) * ONE;
        // a fifth of the way
        let next = (4 * limit + wanted) / 5;
        next.clamp(u64::from(self.min) * ONE, u64::from(self.max) * ONE)
    }
}

impl LongAverage {
    /// The average with one more window.
    fn add(&mut self, latency: Ns) -> u128 {
        let latency = u128::from(latency) * u128::from(ONE);
        if self.windows < WARM_UP {
            self.windows += 1;
            self.sum += latency;
            self.value = self.sum / u128::from(self.windows);
        } else {
            let gap = latency as i128 - self.value as i128;
            self.value = (self.value as i128 + gap * 2 / (LONG_WINDOW + 1)) as u128;
        }
        self.value
    }
}

impl Vegas {
    fn next(&self, limit: u64, window: Window, probe: &mut Probe) -> u64 {
        let latency = window.latency();
        if probe.is_least(latency, limit) {
            return limit;
        }
        let step = u64::from((limit / ONE).max(1).ilog10().max(1)) * ONE;
        let longer = u128::from(latency - probe.least);
        let queue = (u128::from(limit) * longer).div_ceil(u128::from(latency) * u128::from(ONE));
        let queue = queue as u64 * ONE;
        let next = if window.dropped {
            limit.saturating_sub(step)
        } else if window.is_idle(limit) {
            return limit;
        } else if queue <= step {
            limit + 6 * step
        } else if queue < 3 * step {
            limit + step
        } else if queue > 6 * step {
            limit.saturating_sub(step)
        } else {
            return limit;
        };
        next.clamp(ONE, u64::from(self.max) * ONE)
    }
}

impl Probe {
    /// Whether this window's latency is taken as the least one: it is, or it is time to measure it
    /// anew, after 30 x limit x jitter windows.
    fn is_least(&mut self, latency: Ns, limit: u64) -> bool {
        self.windows += 1;
        let due = (u128::from(limit) * u128::from(self.jitter) * 30) >> 32;
        if u128::from(self.windows) >= due {
            self.draw();
            self.windows = 0;
            self.least = latency;
            return true;
        }
        if self.least == 0 || latency < self.least {
            self.least = latency;
            return true;
        }
        false
    }

    fn draw(&mut self) {
        self.jitter = ONE / 2 + self.luck.draw(self.purpose, self.probes, 0).below(ONE / 2);
        self.probes = self.probes.wrapping_add(1);
    }
}

impl Aimd {
    fn next(&self, limit: u64, window: Window) -> u64 {
        let jobs = limit / ONE;
        let next = if window.dropped || window.latency() > self.timeout {
            jobs * u64::from(self.backoff) / 10_000
        } else if window.is_idle(limit) {
            jobs
        } else {
            jobs + 1
        };
        next.clamp(u64::from(self.min), u64::from(self.max)) * ONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Class, Seed};

    const MS: Ns = 1_000_000;

    /// The limits after each of these windows: mean latency (ms), most in progress, a drop.
    fn after(limit: &mut Limit, windows: &[(Ns, u32, bool)]) -> Vec<f64> {
        let mut now = limit.window_ends;
        let mut limits = Vec::new();
        for &(ms, in_progress, dropped) in windows {
            let sample = Sample { latency: ms * MS, in_progress, dropped };
            for _ in 0..9 {
                limit.sample(now, sample);
            }
            now += WINDOW + 1;
            limit.sample(now, sample);
            limits.push(limit.limit as f64 / ONE as f64);
        }
        limits
    }

    fn gradient2() -> Limit {
        Limit::gradient2(Gradient2 { initial: 20, min: 20, max: 200, queue: 4 })
    }

    fn vegas() -> Limit {
        let luck = Seed::new(1, 0).stream(Class::Instance, 0);
        Limit::vegas(Vegas { initial: 20, max: 1000 }, luck, 0)
    }

    fn close(got: &[f64], want: &[f64]) {
        assert_eq!(got.len(), want.len());
        let near = got.iter().zip(want).all(|(g, w)| (g - w).abs() < 2e-3);
        assert!(near, "{got:?} for {want:?}");
    }

    #[test]
    fn gradient2_follows_its_formula_in_floating_point() {
        let windows: Vec<(Ns, u32, bool)> = (0..400u32)
            .map(|i| (10 + u64::from(i * 37 % 91), if i % 17 == 0 { 3 } else { 190 }, false))
            .collect();
        let (mut limit, mut sum, mut long) = (20.0f64, 0.0, 0.0);
        let mut want = Vec::new();
        for (i, &(ms, in_progress, _)) in windows.iter().enumerate() {
            let short = ms as f64;
            if i < 10 {
                sum += short;
                long = sum / (i + 1) as f64;
            } else {
                long = long * (1.0 - 2.0 / 601.0) + short * 2.0 / 601.0;
            }
            let average = long;
            if average / short > 2.0 {
                long *= 0.95;
            }
            if f64::from(in_progress) >= limit / 2.0 {
                let gradient = (1.5 * average / short).clamp(0.5, 1.0);
                limit = (0.8 * limit + 0.2 * (limit * gradient + 4.0)).clamp(20.0, 200.0);
            }
            want.push(limit);
        }
        close(&after(&mut gradient2(), &windows), &want);
        assert!(want.iter().any(|&l| l > 35.0) && want[399] < 22.0, "it moves both ways");
    }

    #[test]
    fn vegas_grows_without_a_queue_and_shrinks_with_one() {
        let mut limit = vegas();
        // the first window sets the least latency; then no queue at all: + 6
        close(&after(&mut limit, &[(10, 20, false), (10, 20, false)]), &[20.0, 26.0]);
        // queue = ceil(26 x 1/11) = 3 = 3 log10: stays; ceil(26 x 3/13) = 6 stays; 11/21: -1
        close(&after(&mut limit, &[(11, 26, false), (13, 26, false)]), &[26.0, 26.0]);
        close(&after(&mut limit, &[(21, 26, false), (10, 26, true)]), &[25.0, 24.0]);
        // nobody near the limit: stays
        close(&after(&mut limit, &[(10, 11, false)]), &[24.0]);
    }

    #[test]
    fn vegas_measures_the_least_latency_anew_now_and_then() {
        let mut limit = vegas();
        after(&mut limit, &[(10, 20, false)]);
        // latency has doubled for good: the limit shrinks to 1, until the longer one is the least
        let slow = vec![(20, 1000, false); 2000];
        let limits = after(&mut limit, &slow);
        assert!(limits[..15].windows(2).all(|w| w[1] <= w[0]) && limits[14] < 20.0);
        assert!(limits[1999] > 100.0, "{}", limits[1999]);
    }

    #[test]
    fn aimd_adds_one_and_takes_a_share() {
        let rule = Aimd { initial: 20, min: 20, max: 200, backoff: 9_000, timeout: 5_000 * MS };
        let mut limit = Limit::aimd(rule);
        let grow = vec![(10, 150, false); 30];
        assert!((after(&mut limit, &grow)[29] - 50.0).abs() < 1e-9);
        close(&after(&mut limit, &[(10, 50, true), (6_000, 50, false)]), &[45.0, 40.0]);
        close(&after(&mut limit, &[(10, 19, false), (10, 20, false)]), &[40.0, 41.0]);
    }

    #[test]
    fn a_window_with_few_samples_says_nothing() {
        let mut limit = vegas();
        for second in 1..200 {
            let sample = Sample { latency: 10 * MS, in_progress: 20, dropped: true };
            limit.sample(second * 3 * WINDOW, sample);
        }
        assert_eq!(limit.jobs(), 20);
    }
}
