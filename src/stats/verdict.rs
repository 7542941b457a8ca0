//! Whether a target is met: yes, no, or not known yet.

use serde::{Deserialize, Serialize};

use super::{Estimate, clopper_pearson};

/// What a target asks of a value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Bound {
    /// The value, or more.
    AtLeast(f64),
    /// The value, or less.
    AtMost(f64),
}

/// What an estimate says about a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// The whole interval keeps the bound.
    Met,
    /// The whole interval breaks the bound.
    Missed,
    /// The interval holds the bound, or there is no interval.
    Uncertain {
        /// About how many more replications would decide; None where no number would, as far as
        /// can be seen.
        replications_needed: Option<u64>,
    },
}

impl Verdict {
    /// The worse of two: missed, then uncertain with the more replications still needed.
    pub fn worse(self, other: Self) -> Self {
        match (self, other) {
            (Self::Missed, _) | (_, Self::Missed) => Self::Missed,
            (Self::Met, other) | (other, Self::Met) => other,
            (
                Self::Uncertain { replications_needed: a },
                Self::Uncertain { replications_needed: b },
            ) => {
                // None means that no number of replications would do.
                Self::Uncertain { replications_needed: a.zip(b).map(|(a, b)| a.max(b)) }
            }
        }
    }

    /// The word of it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Uncertain { .. } => "uncertain",
        }
    }
}

/// Beyond this many replications the answer is "as good as never".
const NEVER: u64 = 1_000_000_000;

/// Whether at least this share of replications keeps a bound, of which `kept` among `seen` did: by
/// Clopper and Pearson's interval, which is exact, since replications are independent.
///
/// The replications still needed are the fewest that would decide if the same share of them kept
/// the bound.
pub fn judge_share(kept: u64, seen: u64, share: f64, confidence: f64) -> Verdict {
    if let Some(decided) = decided(kept, seen, share, confidence) {
        return decided;
    }
    let observed = if seen == 0 { 1.0 } else { kept as f64 / seen as f64 };
    let decides = |n: u64| {
        let kept = ((observed * n as f64).round() as u64).min(n);
        decided(kept, n, share, confidence).is_some()
    };
    let mut enough = seen.max(1);
    while !decides(enough) {
        enough *= 2;
        if enough > NEVER {
            return Verdict::Uncertain { replications_needed: None };
        }
    }
    let mut short = seen.max(enough / 2);
    while enough - short > 1 {
        let middle = short + (enough - short) / 2;
        if decides(middle) {
            enough = middle;
        } else {
            short = middle;
        }
    }
    Verdict::Uncertain { replications_needed: Some(enough - seen) }
}

fn decided(kept: u64, seen: u64, share: f64, confidence: f64) -> Option<Verdict> {
    let interval = clopper_pearson(kept, seen, confidence);
    if interval.low >= share {
        return Some(Verdict::Met);
    }
    (interval.high < share).then_some(Verdict::Missed)
}

/// Holds an estimate against a bound.
///
/// The replications still needed follow from a half-width that shrinks with 1/√n while the value
/// stays where it is: a guess that is good to a factor of about two.
pub fn judge(estimate: &Estimate, bound: Bound) -> Verdict {
    let Some(interval) = estimate.interval else {
        return Verdict::Uncertain { replications_needed: None };
    };
    let (is_met, is_missed, at) = match bound {
        Bound::AtLeast(least) => (interval.low >= least, interval.high < least, least),
        Bound::AtMost(most) => (interval.high <= most, interval.low > most, most),
    };
    if is_met {
        return Verdict::Met;
    }
    if is_missed {
        return Verdict::Missed;
    }
    let end_beyond = if estimate.value > at { interval.low } else { interval.high };
    let reach = (estimate.value - end_beyond).abs();
    Verdict::Uncertain { replications_needed: still_needed(estimate, reach, at) }
}

/// Replications beyond those in `estimate` until `reach` is shorter than the way to the bound.
fn still_needed(estimate: &Estimate, reach: f64, at: f64) -> Option<u64> {
    let shrink = reach / (estimate.value - at).abs();
    let total = (estimate.n as f64 * shrink * shrink).ceil();
    (total < NEVER as f64).then(|| (total as u64).saturating_sub(estimate.n).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Interval, Method};

    fn estimate(low: f64, value: f64, high: f64) -> Estimate {
        Estimate { value, interval: Some(Interval { low, high, method: Method::T }), n: 30 }
    }

    #[test]
    fn a_target_is_met_only_by_the_whole_interval() {
        let ninety = Bound::AtLeast(0.9);
        assert_eq!(judge(&estimate(0.9, 0.92, 0.94), ninety), Verdict::Met);
        assert_eq!(judge(&estimate(0.86, 0.88, 0.8999), ninety), Verdict::Missed);
        let five = Bound::AtMost(5.0);
        assert_eq!(judge(&estimate(1.0, 3.0, 5.0), five), Verdict::Met);
        assert_eq!(judge(&estimate(5.1, 6.0, 7.0), five), Verdict::Missed);
    }

    #[test]
    fn an_uncertain_target_says_how_many_more_replications_would_decide() {
        let needed = |low, value, high, bound| match judge(&estimate(low, value, high), bound) {
            Verdict::Uncertain { replications_needed } => replications_needed,
            sure => panic!("{sure:?} is sure"),
        };
        // Twice as far as the bound is: four times the replications, 30 of which we have.
        assert_eq!(needed(0.88, 0.92, 0.96, Bound::AtLeast(0.9)), Some(90));
        assert_eq!(needed(0.84, 0.88, 0.92, Bound::AtLeast(0.9)), Some(90));
        assert_eq!(needed(2.0, 4.0, 6.0, Bound::AtMost(5.0)), Some(90));
        assert_eq!(needed(0.88, 0.9, 0.92, Bound::AtLeast(0.9)), None);
    }

    #[test]
    fn a_share_of_replications_is_met_from_the_exact_number_on() {
        // With none broken: the least n with 0.025^(1/n) >= 0.99 is 368.
        let needed = |n| Verdict::Uncertain { replications_needed: Some(n) };
        assert_eq!(judge_share(368, 368, 0.99, 0.95), Verdict::Met);
        assert_eq!(judge_share(367, 367, 0.99, 0.95), needed(1));
        assert_eq!(judge_share(30, 30, 0.99, 0.95), needed(338));
        assert_eq!(judge_share(0, 0, 0.99, 0.95), needed(368));
        assert_eq!(judge_share(80, 100, 0.99, 0.95), Verdict::Missed);
        let never = Verdict::Uncertain { replications_needed: None };
        assert_eq!(judge_share(99, 100, 0.99, 0.95), never);
    }

    #[test]
    fn the_replications_still_needed_would_decide() {
        for (kept, seen) in [(29, 30), (95, 100), (199, 200), (290, 300)] {
            let verdict = judge_share(kept, seen, 0.98, 0.95);
            let Verdict::Uncertain { replications_needed: Some(more) } = verdict else {
                panic!("{kept} of {seen}: {verdict:?}");
            };
            let n = seen + more;
            let then = (kept as f64 / seen as f64 * n as f64).round() as u64;
            assert!(decided(then, n, 0.98, 0.95).is_some(), "{kept} of {seen}: {more}");
        }
    }

    #[test]
    fn without_an_interval_nothing_is_certain() {
        let single = Estimate { value: 1.0, interval: None, n: 1 };
        let unsure = Verdict::Uncertain { replications_needed: None };
        assert_eq!(judge(&single, Bound::AtLeast(0.5)), unsure);
    }
}
