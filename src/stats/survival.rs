//! Times that may be cut off before the end is seen: Kaplan-Meier, its median, restricted mean.
//!
//! A replication that has not recovered by the horizon has a time of recovery all the same; only
//! that it is longer than the horizon is known. Leaving it out, or taking the horizon for its time,
//! would make a system that collapses look quick.

use libm::{exp, log};

use super::special::{normal_quantile, student_t_factor};
use super::{Estimate, Interval, Method};

/// A time to an event, or to the end of looking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Censored {
    /// The time, not below 0.
    pub time: f64,
    /// Whether the event happened then; otherwise it happens later, or never.
    pub happened: bool,
}

/// The Kaplan-Meier estimate after one time at which something happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The time.
    pub time: f64,
    /// Cases that were still without the event just before.
    pub at_risk: u64,
    /// Events at this time.
    pub events: u64,
    /// Estimated share of cases that are still without the event after it.
    pub share: f64,
    /// Its interval on the log-log scale with Greenwood's variance; none where all cases have had
    /// the event.
    pub interval: Option<Interval>,
}

/// The Kaplan-Meier estimate of how long cases stay without an event (Kaplan and Meier 1958).
#[derive(Debug, Clone, PartialEq)]
pub struct Survival {
    /// How many cases there are.
    pub cases: u64,
    /// How many of them had the event.
    pub events: u64,
    /// One step for each time at which something happened, in the order of time.
    pub steps: Vec<Step>,
}

impl Survival {
    /// The estimate from cases in any order. A case that is cut off at the time of an event counts
    /// as at risk there.
    ///
    /// # Panics
    /// If a time is no number from 0 on.
    pub fn of(cases: &[Censored], confidence: f64) -> Self {
        assert!(cases.iter().all(|case| case.time.is_finite() && case.time >= 0.0), "times from 0");
        let mut sorted = cases.to_vec();
        sorted.sort_by(|a, b| a.time.total_cmp(&b.time));
        let z = normal_quantile(0.5 + confidence / 2.0);
        let mut steps: Vec<Step> = Vec::new();
        let (mut share, mut greenwood, mut seen) = (1.0, 0.0, 0);
        for together in sorted.chunk_by(|a, b| a.time.total_cmp(&b.time).is_eq()) {
            let at_risk = cases.len() - seen;
            let events = together.iter().filter(|case| case.happened).count();
            seen += together.len();
            if events == 0 {
                continue;
            }
            let (n, d) = (at_risk as f64, events as f64);
            share *= (n - d) / n;
            greenwood += d / (n * (n - d));
            let interval = (at_risk > events).then(|| log_log(share, greenwood, z));
            let time = together[0].time;
            let (at_risk, events) = (at_risk as u64, events as u64);
            steps.push(Step { time, at_risk, events, share, interval });
        }
        let events = steps.iter().map(|step| step.events).sum();
        Self { cases: cases.len() as u64, events, steps }
    }

    /// The median with its interval by Brookmeyer and Crowley (1982) on the log-log scale.
    ///
    /// None while half of the cases are without the event: the median lies beyond what was looked
    /// at. There is no interval where no upper end can be told; its lower end stands in
    /// [`Survival::median_low`] all the same.
    pub fn median(&self) -> Option<Estimate> {
        let value = self.steps.iter().find(|step| step.share <= HALF)?.time;
        let high = |step: &&Step| step.interval.is_some_and(|interval| interval.high <= HALF);
        let high = self.steps.iter().find(high).map(|step| step.time);
        let interval = self.median_low().zip(high).map(|(low, high)| Interval {
            low,
            high,
            method: Method::BrookmeyerCrowley,
        });
        Some(Estimate { value, interval, n: self.cases })
    }

    /// The least time that the median may have; none where nothing tells it.
    pub fn median_low(&self) -> Option<f64> {
        let low = |step: &&Step| step.interval.is_none_or(|interval| interval.low <= HALF);
        self.steps.iter().find(low).map(|step| step.time)
    }

    /// The mean of the times cut off at `until`, which is the area under the curve, with Student's
    /// t interval on the variance of Greenwood's kind, corrected by n / (n - 1): where no case is
    /// cut off before `until` it is that of the plain mean of the times cut off there.
    ///
    /// None without cases, no interval below two.
    pub fn restricted_mean(&self, until: f64, confidence: f64) -> Option<Estimate> {
        if self.cases == 0 {
            return None;
        }
        let (mut area, mut variance) = (0.0, 0.0);
        let mut end = until;
        for (at, step) in self.steps.iter().enumerate().rev() {
            if step.time >= until {
                continue;
            }
            area += (end - step.time) * step.share;
            end = step.time;
            let (n, d) = (step.at_risk as f64, step.events as f64);
            // after the last event of all nothing is left that could vary
            if step.at_risk > step.events {
                variance += area * area * d / (n * (n - d));
            }
            debug_assert!(at == 0 || self.steps[at - 1].time < step.time, "steps go up");
        }
        let value = area + end;
        let n = self.cases;
        if n < 2 {
            return Some(Estimate { value, interval: None, n });
        }
        let corrected = variance * n as f64 / (n - 1) as f64;
        let half = student_t_factor(n - 1, confidence) * corrected.sqrt();
        let (low, high) = ((value - half).max(0.0), (value + half).min(until));
        let interval = Some(Interval { low, high, method: Method::RestrictedMean });
        Some(Estimate { value, interval, n })
    }
}

/// A half, a hair up: products of shares such as 2/3 · 3/4 are not exact.
const HALF: f64 = 0.5 + 1e-12;

/// The interval of a share strictly between 0 and 1: ± z on the scale of log(-log share).
fn log_log(share: f64, greenwood: f64, z: f64) -> Interval {
    let spread = z * greenwood.sqrt() / -log(share);
    let raised = |by: f64| exp(log(share) * exp(by));
    Interval { low: raised(spread), high: raised(-spread), method: Method::LogLog }
}

#[cfg(test)]
mod tests {
    use super::super::CONFIDENCE;
    use super::super::draws::Draws;
    use super::super::mean_t;
    use super::*;

    fn at(time: f64) -> Censored {
        Censored { time, happened: true }
    }

    fn beyond(time: f64) -> Censored {
        Censored { time, happened: false }
    }

    /// Weeks of remission under 6-mercaptopurine (Freireich et al. 1963), the example of most
    /// textbooks.
    fn remissions() -> Survival {
        let ended = [6.0, 6.0, 6.0, 7.0, 10.0, 13.0, 16.0, 22.0, 23.0];
        let cut_off = [6.0, 9.0, 10.0, 11.0, 17.0, 19.0, 20.0, 25.0, 32.0, 32.0, 34.0, 35.0];
        let cases: Vec<Censored> = ended.map(at).into_iter().chain(cut_off.map(beyond)).collect();
        Survival::of(&cases, CONFIDENCE)
    }

    #[test]
    fn the_curve_and_its_band_are_those_of_the_textbook() {
        // Kleinbaum and Klein, Survival Analysis: share and its interval on the log-log scale
        let printed = [
            (6.0, 21, 3, 0.8571, 0.6197, 0.9516),
            (7.0, 17, 1, 0.8067, 0.5631, 0.9228),
            (10.0, 15, 1, 0.7529, 0.5032, 0.8894),
            (13.0, 12, 1, 0.6902, 0.4316, 0.8491),
            (16.0, 11, 1, 0.6275, 0.3675, 0.8049),
            (22.0, 7, 1, 0.5378, 0.2678, 0.7468),
            (23.0, 6, 1, 0.4482, 0.1881, 0.6801),
        ];
        let survival = remissions();
        assert_eq!((survival.cases, survival.events, survival.steps.len()), (21, 9, 7));
        for (step, (time, at_risk, events, share, low, high)) in survival.steps.iter().zip(printed)
        {
            assert_eq!((step.time, step.at_risk, step.events), (time, at_risk, events));
            let interval = step.interval.expect("some are left");
            for (ours, theirs) in [(step.share, share), (interval.low, low), (interval.high, high)]
            {
                assert!((ours - theirs).abs() < 6e-5, "{time}: {ours} v {theirs}");
            }
        }
    }

    #[test]
    fn a_median_without_an_upper_end_has_a_lower_one() {
        let survival = remissions();
        let median = survival.median().expect("more than half ended");
        assert_eq!((median.value, median.interval), (23.0, None));
        assert_eq!(survival.median_low(), Some(13.0), "where the lower end of the band is a half");
    }

    #[test]
    fn a_curve_by_hand() {
        // 1, 2+, 3, 4: shares 3/4, then 3/4 · 1/2 = 3/8, then 0
        let survival = Survival::of(&[at(4.0), beyond(2.0), at(1.0), at(3.0)], CONFIDENCE);
        let shares: Vec<f64> = survival.steps.iter().map(|step| step.share).collect();
        assert_eq!(shares, [0.75, 0.375, 0.0]);
        assert_eq!(survival.steps[2].interval, None);
        assert_eq!(survival.median().map(|median| median.value), Some(3.0));
        // 1 + 2 · 3/4 + 1 · 3/8, and up to 2 only 1 + 3/4
        let mean = |until| survival.restricted_mean(until, CONFIDENCE).expect("there are cases");
        assert!((mean(9.0).value - 2.875).abs() < 1e-12);
        assert!((mean(2.0).value - 1.75).abs() < 1e-12);
        // Greenwood's kind: areas beyond 1 and 3 are 15/8 and 3/8; (15/8)²/12 + (3/8)²/2, times 4/3
        let variance = (1.875_f64.powi(2) / 12.0 + 0.375_f64.powi(2) / 2.0) * 4.0 / 3.0;
        let half = 3.182_446 * variance.sqrt();
        let interval = mean(9.0).interval.expect("there are four");
        assert!((interval.high - (2.875 + half)).abs() < 1e-5, "{interval:?}");
        assert!((interval.low - (2.875 - half)).abs() < 1e-5, "{interval:?}");
    }

    #[test]
    fn without_cutting_off_the_mean_is_the_plain_one() {
        let times = [3.0, 8.0, 8.0, 11.0, 20.0];
        let survival = Survival::of(&times.map(at), CONFIDENCE);
        let ours = survival.restricted_mean(1e3, CONFIDENCE).expect("there are cases");
        let plain = mean_t(&times, CONFIDENCE).expect("there are values");
        let ends = |estimate: Estimate| estimate.interval.map(|i| [i.low, i.high]);
        assert!((ours.value - plain.value).abs() < 1e-12);
        for (a, b) in ends(ours).into_iter().flatten().zip(ends(plain).into_iter().flatten()) {
            assert!((a - b).abs() < 1e-9, "{a} v {b}");
        }
    }

    #[test]
    fn nobody_and_never_say_no_more_than_they_know() {
        let nobody = Survival::of(&[], CONFIDENCE);
        assert_eq!((nobody.median(), nobody.restricted_mean(9.0, CONFIDENCE)), (None, None));
        let never = Survival::of(&[beyond(9.0); 4], CONFIDENCE);
        assert_eq!((never.median(), never.median_low(), never.events), (None, None, 0));
        assert_eq!(never.restricted_mean(9.0, CONFIDENCE).map(|mean| mean.value), Some(9.0));
        let once = Survival::of(&[at(2.0)], CONFIDENCE);
        let median = once.median().expect("it ended");
        assert_eq!((median.value, median.interval), (2.0, None), "one case has no interval");
        let mean = once.restricted_mean(9.0, CONFIDENCE).expect("there is a case");
        assert_eq!((mean.value, mean.interval), (2.0, None));
    }

    /// How often intervals hold the truth over 1000 times thirty exponential times of mean 100,
    /// cut off at 150: of the median, and of the mean up to 150.
    fn coverage(shift: f64) -> [f64; 2] {
        let (mean, until) = (100.0, 150.0);
        let truths = [mean * 2.0_f64.ln() + shift, mean * (1.0 - (-until / mean).exp()) + shift];
        let mut draws = Draws(3);
        let mut covered = [0, 0];
        for _ in 0..1_000 {
            let one = |time: f64| if time < until { at(time) } else { beyond(until) };
            let cases: Vec<Censored> = (0..30).map(|_| one(-mean * draws.uniform().ln())).collect();
            let survival = Survival::of(&cases, CONFIDENCE);
            let low = survival.median_low().unwrap_or(0.0);
            let high = survival.median().and_then(|median| median.interval);
            let median = low..=high.map_or(f64::INFINITY, |interval| interval.high);
            let of_mean = survival.restricted_mean(until, CONFIDENCE);
            let of_mean = of_mean.and_then(|mean| mean.interval).expect("there are thirty");
            covered[0] += u32::from(median.contains(&truths[0]));
            covered[1] += u32::from((of_mean.low..=of_mean.high).contains(&truths[1]));
        }
        covered.map(|count| f64::from(count) / 1_000.0)
    }

    #[test]
    fn intervals_cover_as_often_as_they_say() {
        // Bounds for 1000 trials of 0.95 at a false alarm of one in a million.
        for covered in coverage(0.0) {
            assert!((0.913..=0.980).contains(&covered), "{covered}");
        }
        for covered in coverage(25.0) {
            assert!(covered < 0.913, "the check would not catch a shift: {covered}");
        }
    }
}
