//! Planned looks: after how many replications an estimate is looked at, and when it is precise.
//!
//! Whoever stops at the first narrow interval stops too early too often: with few observations the
//! spread is sometimes guessed far too small, and a share of which nothing was seen has, by the
//! textbook, no spread at all. So no look comes before [`LOOK_FIRST`] replications, looks are few
//! and fixed in advance, and a share needs [`RARE_EVENTS`] events.

use super::{Estimate, RARE_EVENTS};

/// Replications before the first look.
pub const LOOK_FIRST: u32 = 30;

/// The planned looks: after `first` replications (30 at least), then half as many more each time,
/// and at last after `most`.
pub fn looks(first: u32, most: u32) -> Vec<u32> {
    let mut looks = vec![first.max(LOOK_FIRST).min(most)];
    while let Some(&last) = looks.last()
        && last < most
    {
        looks.push(last.saturating_add(last.div_ceil(2)).min(most));
    }
    looks
}

/// Whether half the interval of an estimate is at most `half`. Of what is counted in events there
/// must be enough; without an interval nothing is precise.
pub fn is_narrow(estimate: &Estimate, events: Option<u64>, half: f64) -> bool {
    let is_seen = events.is_none_or(|events| events >= RARE_EVENTS);
    estimate.interval.is_some_and(|interval| is_seen && interval.high - interval.low <= 2.0 * half)
}

#[cfg(test)]
mod tests {
    use super::super::draws::Draws;
    use super::super::{FEW_EVENTS, Interval, Method, mean_t, pooled_share};
    use super::*;

    #[test]
    fn looks_grow_by_half_and_end_with_the_most() {
        assert_eq!(looks(10, 200), [30, 45, 68, 102, 153, 200]);
        assert_eq!(looks(100, 200), [100, 150, 200]);
        assert_eq!(looks(500, 200), [200]);
    }

    /// How often the interval at which a rule stops holds the truth, and the mean number of
    /// observations then.
    fn coverage(
        trials: u32,
        looks: &[u32],
        truth: f64,
        seed: u64,
        mut draw: impl FnMut(&mut Draws) -> f64,
        look: impl Fn(&[f64]) -> (Estimate, bool),
    ) -> (f64, f64) {
        let mut draws = Draws(seed);
        let (mut covered, mut taken) = (0.0, 0.0);
        for _ in 0..trials {
            let mut values = Vec::new();
            let mut stopped = None;
            for &n in looks {
                while values.len() < n as usize {
                    values.push(draw(&mut draws));
                }
                let (estimate, is_enough) = look(&values);
                stopped = estimate.interval;
                if is_enough {
                    break;
                }
            }
            let Interval { low, high, .. } = stopped.expect("there was a look");
            covered += f64::from((low..=high).contains(&truth));
            taken += values.len() as f64;
        }
        (covered / f64::from(trials), taken / f64::from(trials))
    }

    #[test]
    fn stopping_at_a_planned_look_keeps_the_confidence_of_the_mean() {
        let exponential = |draws: &mut Draws| -libm::log(1.0 - draws.uniform());
        let relative = |values: &[f64]| {
            let estimate = mean_t(values, 0.95).expect("there are values");
            (estimate, is_narrow(&estimate, None, 0.1 * estimate.value))
        };
        let planned = looks(30, 2_000);
        let (covered, taken) = coverage(2_000, &planned, 1.0, 1, exponential, relative);
        // Bounds for 2000 trials of 0.95 at a false alarm of one in a million; the law is skew.
        assert!((0.9245..=0.972).contains(&covered), "{covered}");
        // The width needs about 384 observations; the looks are at 345 and 518.
        assert!((384.0..=520.0).contains(&taken), "{taken}");
        // A look after each of few: what the rule must not do.
        let early: Vec<u32> = (3..2_000).collect();
        let eager = |values: &[f64]| {
            let estimate = mean_t(values, 0.95).expect("there are values");
            (estimate, is_narrow(&estimate, None, 0.5 * estimate.value))
        };
        let (covered, _) = coverage(2_000, &early, 1.0, 1, exponential, eager);
        assert!(covered < 0.9245, "looking always would be as good: {covered}");
    }

    #[test]
    fn a_rare_share_is_not_precise_before_it_was_seen() {
        let few = |draws: &mut Draws| (0..10).filter(|_| draws.uniform() < 0.01).count() as f64;
        let pairs = |values: &[f64]| -> Vec<(u64, u64)> {
            values.iter().map(|&events| (events as u64, 10)).collect()
        };
        let planned = looks(30, 3_000);
        let ours = |values: &[f64]| {
            let events = values.iter().sum::<f64>() as u64;
            let shares: Vec<f64> = values.iter().map(|events| events / 10.0).collect();
            let mut estimate = mean_t(&shares, 0.95).expect("there are values");
            if events < FEW_EVENTS {
                estimate.interval = Some(pooled_share(&pairs(values), 0.95));
            }
            (estimate, is_narrow(&estimate, Some(events), 0.2 * estimate.value))
        };
        let (covered, _) = coverage(1_000, &planned, 0.01, 2, few, ours);
        assert!((0.913..=0.980).contains(&covered), "{covered}");
        let wald = |values: &[f64]| {
            let n = 10.0 * values.len() as f64;
            let share = values.iter().sum::<f64>() / n;
            let half = 1.959_964 * (share * (1.0 - share) / n).sqrt();
            let (low, high) = (share - half, share + half);
            let interval = Some(Interval { low, high, method: Method::T });
            (Estimate { value: share, interval, n: values.len() as u64 }, half <= 0.2 * share)
        };
        let (covered, _) = coverage(1_000, &planned, 0.01, 2, few, wald);
        assert!(covered < 0.913, "the textbook interval would do as well: {covered}");
    }
}
