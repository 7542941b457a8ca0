//! Whether a target is met: yes, no, or not known yet.

use serde::{Deserialize, Serialize};

use super::Estimate;

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
    /// Beyond this the answer is "as good as never".
    const NEVER: f64 = 1e9;
    let shrink = reach / (estimate.value - at).abs();
    let total = (estimate.n as f64 * shrink * shrink).ceil();
    (total < NEVER).then(|| (total as u64).saturating_sub(estimate.n).max(1))
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
    fn without_an_interval_nothing_is_certain() {
        let single = Estimate { value: 1.0, interval: None, n: 1 };
        let unsure = Verdict::Uncertain { replications_needed: None };
        assert_eq!(judge(&single, Bound::AtLeast(0.5)), unsure);
    }
}
