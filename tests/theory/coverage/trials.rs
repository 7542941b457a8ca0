//! The count of intervals that hold the truth, and what it must be.

use std::io::Write as _;

use topup_sim::stats::{Estimate, Interval};

use super::luck::Luck;

/// What became of the intervals of repeated experiments.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Coverage {
    /// Experiments whose interval holds the truth.
    pub(crate) held: u32,
    /// The truth lies below the interval.
    pub(crate) below: u32,
    /// The truth lies above the interval.
    pub(crate) above: u32,
    /// Experiments without an interval.
    pub(crate) without: u32,
}

impl Coverage {
    /// Counts one more interval.
    pub(crate) fn add(&mut self, interval: Option<Interval>, truth: f64) {
        match interval {
            None => self.without += 1,
            Some(interval) if truth < interval.low => self.below += 1,
            Some(interval) if truth > interval.high => self.above += 1,
            Some(_) => self.held += 1,
        }
    }

    /// Repeats an experiment; `kind` names its luck.
    pub(crate) fn of(
        kind: &str,
        trials: u32,
        truth: f64,
        mut interval: impl FnMut(&mut Luck) -> Option<Interval>,
    ) -> Self {
        let mut coverage = Self::default();
        for experiment in 0..trials {
            coverage.add(interval(&mut Luck::of(kind, experiment)), truth);
        }
        coverage
    }

    /// The experiments with an interval.
    pub(crate) fn trials(&self) -> u32 {
        self.held + self.below + self.above
    }

    /// The share of the intervals that hold the truth.
    pub(crate) fn share(&self) -> f64 {
        f64::from(self.held) / f64::from(self.trials())
    }

    /// The interval holds the truth in 95 % of the experiments, neither less nor more.
    #[track_caller]
    pub(crate) fn is_exact(self, what: &str) {
        self.tell(what);
        let (least, most) = bounds(self.trials());
        let share = self.share();
        assert!((least..=most).contains(&share), "{what}: {share}, {self:?}");
    }

    /// The interval holds the truth in 95 % of the experiments at least: a careful one.
    #[track_caller]
    pub(crate) fn is_careful(self, what: &str) {
        self.tell(what);
        let least = bounds(self.trials()).0;
        assert!(self.share() >= least, "{what}: {}, {self:?}", self.share());
    }

    /// Of all experiments, those without an interval among them, at most one in twenty is wrong.
    #[track_caller]
    pub(crate) fn errs_seldom(self, what: &str) {
        self.tell(what);
        let all = self.trials() + self.without;
        let wrong = f64::from(self.below + self.above) / f64::from(all);
        assert!(wrong <= 1.0 - bounds(all).0, "{what}: {wrong}, {self:?}");
    }

    /// The coverage is what theory says it is where it cannot be 95 %.
    #[track_caller]
    pub(crate) fn is_about(self, what: &str, expected: f64) {
        self.tell(what);
        let error = (expected * (1.0 - expected) / f64::from(self.trials())).sqrt();
        // 99.99 % both ways, and the three digits of the published numbers
        let room = 3.891 * error + 0.001;
        let share = self.share();
        assert!((share - expected).abs() <= room, "{what}: {share} for {expected}, {self:?}");
    }

    /// The same, and what it covers is what is promised of every interval: 93 to 97 %.
    #[track_caller]
    pub(crate) fn is_promised(self, what: &str, expected: f64) {
        let share = self.share();
        assert!((0.93..=0.97).contains(&share), "{what}: {share}, {self:?}");
        self.is_about(what, expected);
    }

    /// The control: the check would see that this one does not cover.
    #[track_caller]
    pub(crate) fn is_caught(self, what: &str) {
        self.tell(&format!("control: {what}"));
        assert!(self.share() < bounds(self.trials()).0, "{what} passes: {}", self.share());
    }

    /// Tells it on stderr when `TOPUP_SIM_SCORES` is set: what `docs/validation.md` shows.
    fn tell(&self, what: &str) {
        let Self { below, above, without, .. } = *self;
        let share = self.share();
        let trials = self.trials();
        tell(&format!(
            "{what}: {share:.4} of {trials} (below {below}, above {above}, none {without})"
        ));
    }
}

/// Tells a line on stderr when `TOPUP_SIM_SCORES` is set.
pub(crate) fn tell(line: &str) {
    if std::env::var_os("TOPUP_SIM_SCORES").is_some() {
        let line = format!("{line}\n");
        std::io::stderr().write_all(line.as_bytes()).expect("stderr takes text");
    }
}

/// Between which shares the coverage of a true 95 % interval lies: 93 to 97 % of about a thousand
/// experiments, the exact 99.99 % bounds of 2,000 and of 10,000 (STATISTICS section 2.1).
fn bounds(trials: u32) -> (f64, f64) {
    match trials {
        10_000.. => (0.9413, 0.9583),
        2_000.. => (0.930, 0.968),
        800.. => (0.93, 0.97),
        few => panic!("{few} experiments are too few to tell"),
    }
}

/// The interval of an estimate.
pub(crate) fn interval(estimate: Option<Estimate>) -> Option<Interval> {
    estimate.and_then(|estimate| estimate.interval)
}

/// Experiments of a kind in the quick set and in the large one.
pub(crate) const QUICK: u32 = 2_000;

/// See [`QUICK`].
pub(crate) const LARGE: u32 = 10_000;
