//! When things arrive: Poisson arrivals with any rate curve, over-dispersed if asked, ahead of time
//! in blocks.
//!
//! Arrival times come from the time change of a unit Poisson process: the n-th gap is an Exp(1)
//! draw keyed by n, used up along the curve's cumulative rate. Only + - * / and square roots touch
//! the times, so they are the same on every platform.

use std::sync::LazyLock;

use super::draw::{KeyedRng, Stream};
use super::{Ns, QuantileTable};

/// One stretch of a curve: the rate goes in a straight line from `rate0` at `t0` to `rate1` at
/// `t1`. Times in ns, rates in arrivals per ns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// Start.
    pub t0: f64,
    /// Rate at the start.
    pub rate0: f64,
    /// End.
    pub t1: f64,
    /// Rate at the end.
    pub rate1: f64,
}

/// A segment with its slope, which each arrival would have to divide for.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stretch {
    t0: f64,
    t1: f64,
    rate0: f64,
    rate1: f64,
    slope: f64,
}

impl Stretch {
    fn new(s: Segment) -> Self {
        let slope = (s.rate1 - s.rate0) / (s.t1 - s.t0);
        Stretch { t0: s.t0, t1: s.t1, rate0: s.rate0, rate1: s.rate1, slope }
    }

    #[inline]
    fn rate(&self, t: f64) -> f64 {
        if t >= self.t1 { self.rate1 } else { self.rate0 + (t - self.t0) * self.slope }
    }

    /// Expected arrivals between `from` and `to`, both inside.
    #[inline]
    fn expected(&self, from: f64, to: f64) -> f64 {
        (to - from) * (self.rate(from) + self.rate(to)) / 2.0
    }

    /// When `need` expected arrivals have passed after `from`, knowing that they do so inside.
    #[inline]
    fn invert(&self, from: f64, need: f64) -> f64 {
        // need = r d + s d^2 / 2, solved in the form that is exact for s = 0 and stable for s < 0.
        let rate = self.rate(from);
        let root = (rate * rate + 2.0 * self.slope * need).max(0.0).sqrt();
        if rate + root > 0.0 { (from + 2.0 * need / (rate + root)).min(self.t1) } else { self.t1 }
    }
}

/// A rate over time, in straight pieces. Before, between and after its segments the rate is 0.
#[derive(Clone, Debug, PartialEq)]
pub struct RateCurve {
    segments: Vec<Stretch>,
}

impl RateCurve {
    /// From segments in order of time that do not overlap; rates are finite and not negative.
    pub fn new(mut segments: Vec<Segment>) -> Self {
        segments.retain(|s| s.t1 > s.t0);
        for s in &segments {
            let legal = |rate: f64| rate >= 0.0 && rate.is_finite();
            assert!(legal(s.rate0) && legal(s.rate1), "a rate is finite and not negative: {s:?}");
            assert!(
                s.t0 >= 0.0 && s.t1.is_finite(),
                "a curve lies in finite time from 0 on: {s:?}"
            );
        }
        let ordered = segments.windows(2).all(|w| w[0].t1 <= w[1].t0);
        assert!(ordered, "segments of a curve come in order and do not overlap");
        RateCurve { segments: segments.into_iter().map(Stretch::new).collect() }
    }

    /// The same rate (per ns) from 0 to `until`.
    pub fn constant(rate: f64, until: Ns) -> Self {
        Self::new(vec![Segment { t0: 0.0, rate0: rate, t1: until as f64, rate1: rate }])
    }

    /// The curve with its rates between `from` and `to` times `factor` (a peak, a lull).
    pub fn multiplied(&self, from: Ns, to: Ns, factor: f64) -> Self {
        let (from, to) = (from as f64, to as f64);
        let mut segments = Vec::with_capacity(self.segments.len() + 2);
        for s in &self.segments {
            let cuts = [s.t0, from.clamp(s.t0, s.t1), to.clamp(s.t0, s.t1), s.t1];
            for (part, w) in cuts.windows(2).enumerate() {
                let factor = if part == 1 { factor } else { 1.0 };
                let (rate0, rate1) = (s.rate(w[0]) * factor, s.rate(w[1]) * factor);
                segments.push(Segment { t0: w[0], rate0, t1: w[1], rate1 });
            }
        }
        Self::new(segments)
    }

    /// The rate at `t`, per ns; where two segments meet, that of the later.
    pub fn rate(&self, t: f64) -> f64 {
        let next = self.segments.partition_point(|s| s.t1 <= t);
        self.segments.get(next).map_or(0.0, |s| if t >= s.t0 { s.rate(t) } else { 0.0 })
    }

    /// Expected arrivals between two times.
    pub fn expected(&self, from: f64, to: f64) -> f64 {
        let first = self.segments.partition_point(|s| s.t1 <= from);
        let inside = self.segments[first..].iter().take_while(|s| s.t0 < to);
        inside.map(|s| s.expected(s.t0.max(from), s.t1.min(to))).sum()
    }

    /// The highest rate, per ns.
    pub fn peak(&self) -> f64 {
        self.segments.iter().fold(0.0, |peak, s| peak.max(s.rate0).max(s.rate1))
    }

    /// When the last segment ends, in ns.
    pub fn end(&self) -> f64 {
        self.segments.last().map_or(0.0, |s| s.t1)
    }

    /// The time at which `need` expected arrivals have passed since `t`. None: there are not so
    /// many.
    pub fn next(&self, t: f64, need: f64) -> Option<f64> {
        let mut cursor = Cursor { t, segment: self.segments.partition_point(|s| s.t1 <= t) };
        let mut need = need;
        cursor.walk(self, &mut need, 1.0, f64::INFINITY).then_some(cursor.t)
    }
}

/// A place on a curve that moves forward only, so that thousands of segments cost nothing.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    t: f64,
    segment: usize,
}

impl Cursor {
    /// Walks until `need` is used up at `factor` times the curve's rate (true: the cursor is there)
    /// or `until` is reached (false: `need` holds what is left).
    #[inline]
    fn walk(&mut self, curve: &RateCurve, need: &mut f64, factor: f64, until: f64) -> bool {
        while let Some(segment) = curve.segments.get(self.segment) {
            let from = self.t.max(segment.t0);
            let to = segment.t1.min(until);
            if from < to {
                let here = segment.expected(from, to) * factor;
                if *need < here {
                    self.t = segment.invert(from, *need / factor).min(to);
                    return true;
                }
                *need -= here;
            }
            if segment.t1 > until {
                break;
            }
            self.segment += 1;
        }
        self.t = self.t.max(until);
        false
    }
}

/// More variance than Poisson: over each window of `window` ns the rate is multiplied by a gamma
/// factor of mean 1 and this variance. Counts of a window with mean m then have variance m +
/// `variance` m^2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OverDispersion {
    /// Width of a window.
    pub window: Ns,
    /// Variance of the factor.
    pub variance: f64,
}

/// The unit of the tables of Exp(1) and of gamma factors: 2^40 is 1.
const ONE: u64 = 1 << 40;

/// Exp(1) in units of 1 / [`ONE`]: the same for every source.
static GAP: LazyLock<QuantileTable> = LazyLock::new(|| QuantileTable::exponential(ONE));

/// What the draws of an arrival source are for; their numbers are part of every result.
const GAPS: u8 = 0;
const FACTORS: u8 = 1;

/// Generates the arrivals of one source, in order.
#[derive(Clone, Debug)]
pub struct Arrivals {
    curve: RateCurve,
    cursor: Cursor,
    gap: &'static QuantileTable,
    gaps: KeyedRng,
    /// How many have been generated.
    number: u64,
    windows: Option<Windows>,
}

impl Arrivals {
    /// The arrivals of `source` (a stream of [`Class::Arrival`](super::Class::Arrival)) along
    /// `curve`.
    pub fn new(curve: RateCurve, source: Stream, over: Option<OverDispersion>) -> Self {
        Arrivals {
            curve,
            cursor: Cursor { t: 0.0, segment: 0 },
            gap: &GAP,
            gaps: source.rng(GAPS, 0, 0),
            number: 0,
            windows: over.filter(|o| o.variance > 0.0).map(|o| Windows::new(o, source)),
        }
    }

    /// How many have been generated: the number of the next.
    pub fn generated(&self) -> u64 {
        self.number
    }

    /// Appends up to `count` arrival times (ns, not falling) to `block`. Fewer: the curve has
    /// ended.
    pub fn fill(&mut self, block: &mut Vec<Ns>, count: usize) {
        block.extend(std::iter::from_fn(|| self.next()).take(count));
    }

    /// Walks to the next arrival; `need` is its gap in expected arrivals.
    #[inline]
    fn walk(&mut self, mut need: f64) -> bool {
        let Some(windows) = &mut self.windows else {
            return self.cursor.walk(&self.curve, &mut need, 1.0, f64::INFINITY);
        };
        loop {
            if self.cursor.walk(&self.curve, &mut need, windows.factor, windows.end()) {
                return true;
            }
            if self.cursor.segment >= self.curve.segments.len() {
                return false;
            }
            windows.enter(windows.number + 1);
        }
    }
}

impl Iterator for Arrivals {
    type Item = Ns;

    #[inline]
    fn next(&mut self) -> Option<Ns> {
        let need = self.gap.at(self.gaps.at(self.number).quantile()) as f64 / ONE as f64;
        if !self.walk(need) {
            return None;
        }
        self.number += 1;
        Some(self.cursor.t as Ns)
    }
}

/// The windows of over-dispersion and the factor of the current one, keyed by its number.
#[derive(Clone, Debug)]
struct Windows {
    width: f64,
    number: u64,
    factor: f64,
    law: QuantileTable,
    draws: KeyedRng,
}

impl Windows {
    fn new(over: OverDispersion, source: Stream) -> Self {
        assert!(over.window > 0, "a window of over-dispersion has a width");
        let law = QuantileTable::gamma(1.0 / over.variance, ONE);
        let draws = source.rng(FACTORS, 0, 0);
        let mut windows = Windows { width: over.window as f64, number: 0, factor: 1.0, law, draws };
        windows.enter(0);
        windows
    }

    fn enter(&mut self, number: u64) {
        self.number = number;
        self.factor = self.law.at(self.draws.at(number).quantile()) as f64 / ONE as f64;
    }

    #[inline]
    fn end(&self) -> f64 {
        (self.number + 1) as f64 * self.width
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Class, Seed};
    use super::*;

    const S: f64 = 1e9;
    const HOUR: Ns = 3_600_000_000_000;

    fn source(seed: u64) -> Stream {
        Seed::new(seed, 0).named(Class::Arrival, "users")
    }

    /// Case E of the acceptance tests: 10/s all day, three times as many from 18:00 to 20:00.
    fn evening_peak() -> RateCurve {
        RateCurve::constant(10.0 / S, 24 * HOUR).multiplied(18 * HOUR, 20 * HOUR, 3.0)
    }

    fn saw() -> RateCurve {
        let teeth = (0..2_000).map(|i| {
            let t0 = i as f64 * S;
            let (low, high) = if i % 3 == 0 { (0.0, 0.0) } else { (0.0, 40.0 / S) };
            let (rate0, rate1) = if i % 2 == 0 { (low, high) } else { (high, low) };
            Segment { t0, rate0, t1: t0 + S, rate1 }
        });
        RateCurve::new(teeth.collect())
    }

    /// Largest distance of sorted shares from the uniform law, times sqrt(n).
    fn ks(shares: &[f64]) -> f64 {
        let n = shares.len() as f64;
        let far = |(i, u): (usize, &f64)| ((i + 1) as f64 / n - u).max(u - i as f64 / n);
        shares.iter().enumerate().map(far).fold(0.0, f64::max) * n.sqrt()
    }

    #[test]
    fn the_expected_number_is_the_area_under_the_curve() {
        let curve = evening_peak();
        assert!((curve.expected(0.0, curve.end()) - 1_008_000.0).abs() < 1e-6);
        let (from, to) = (18.5 * 3600.0 * S, 19.0 * 3600.0 * S);
        assert!((curve.expected(from, to) - 54_000.0).abs() < 1e-6);
        assert!((curve.peak() * S - 30.0).abs() < 1e-12);
        assert!((curve.rate(from) * S - 30.0).abs() < 1e-12 && curve.rate(1e18) <= 0.0);
    }

    #[test]
    fn the_next_time_inverts_the_expected_number() {
        for curve in [evening_peak(), saw()] {
            let whole = curve.expected(0.0, curve.end());
            for i in 0..2_000 {
                let from = curve.end() * (i as f64 / 2_100.0);
                let need = 1e-3 * 1.003f64.powi(i);
                match curve.next(from, need) {
                    Some(t) => {
                        let passed = curve.expected(from, t);
                        assert!((passed / need - 1.0).abs() < 1e-6, "{passed} for {need}");
                    }
                    None => assert!(curve.expected(from, curve.end()) <= need * (1.0 + 1e-9)),
                }
            }
            assert_eq!(curve.next(0.0, whole * 1.001), None);
        }
        assert_eq!(RateCurve::constant(0.0, HOUR).next(0.0, 1e-9), None);
        assert_eq!(RateCurve::new(Vec::new()).next(5.0, 1e-9), None);
    }

    #[test]
    fn arrivals_follow_the_curve() {
        for curve in [evening_peak(), saw()] {
            let whole = curve.expected(0.0, curve.end());
            let mut times = Vec::new();
            let mut arrivals = Arrivals::new(curve.clone(), source(1), None);
            while arrivals.generated() == times.len() as u64 && times.len() < 1_100_000 {
                let before = times.len();
                arrivals.fill(&mut times, 64);
                if times.len() < before + 64 {
                    break;
                }
            }
            assert!(times.is_sorted());
            let z = (times.len() as f64 - whole) / whole.sqrt();
            assert!(z.abs() < 6.0, "{} arrivals for {whole}", times.len());
            let mut passed = 0.0;
            let mut last = 0.0;
            let shares: Vec<f64> = times
                .iter()
                .map(|&t| {
                    passed += curve.expected(last, t as f64);
                    last = t as f64;
                    passed / whole
                })
                .collect();
            let d = ks(&shares);
            assert!(d < 3.0, "D sqrt(n) = {d}");
        }
    }

    /// Mean and variance of the number of arrivals in 4000 windows of 1 s.
    fn counts(over: Option<OverDispersion>) -> (f64, f64) {
        let windows = 4_000;
        let curve = RateCurve::constant(50.0 / S, windows * 1_000_000_000);
        let mut counts = vec![0.0; windows as usize];
        for t in Arrivals::new(curve, source(2), over) {
            counts[(t / 1_000_000_000) as usize] += 1.0;
        }
        let n = counts.len() as f64;
        let mean = counts.iter().sum::<f64>() / n;
        (mean, counts.iter().map(|c| (c - mean) * (c - mean)).sum::<f64>() / (n - 1.0))
    }

    #[test]
    fn counts_vary_as_poisson_and_more_when_asked() {
        // The variance-to-mean ratio of n Poisson counts has standard deviation sqrt(2 / n) =
        // 0.022.
        let (mean, variance) = counts(None);
        assert!((variance / mean - 1.0).abs() < 6.0 * 0.0224, "{variance} {mean}");
        // Variance m + v m^2 = 50 + 0.04 * 2500 = 150. The gamma mixture's fourth moment gives its
        // standard deviation: about 150 sqrt((2 + 0.24) / 4000) = 3.6. The mean's: sqrt(150 / 4000)
        // = 0.19.
        let over = OverDispersion { window: 1_000_000_000, variance: 0.04 };
        let (mean, variance) = counts(Some(over));
        assert!((mean - 50.0).abs() < 6.0 * 0.19, "{mean}");
        assert!((variance - 150.0).abs() < 6.0 * 3.6, "{variance}");
    }

    #[test]
    fn the_size_of_blocks_does_not_matter() {
        let all: Vec<Ns> = Arrivals::new(saw(), source(3), None).collect();
        let mut blocks = Vec::new();
        let mut arrivals = Arrivals::new(saw(), source(3), None);
        (1..400).for_each(|size| arrivals.fill(&mut blocks, size));
        assert_eq!(all, blocks);
        let other: Vec<Ns> = Arrivals::new(saw(), source(4), None).collect();
        assert_ne!(all, other);
    }
}
