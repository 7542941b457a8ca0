//! Intervals for shares of events that cluster within replications, however few events there are.

use super::special::{beta_quantile, normal_quantile, student_t_factor};
use super::{Interval, Method};

/// Below this many events all told, or this many that failed to happen, a share rests on the pooled
/// counts and not on a t interval: a t interval on few or clustered events is too narrow.
pub const FEW_EVENTS: u64 = 100;

/// The interval of pooled events / pooled trials, a pair for each replication.
///
/// Korn and Graubard (Survey Methodology 24, 1998): the exact interval of Clopper and Pearson, not
/// of the trials that there were but of as many independent ones as would make the share as unsure
/// as it is over replications; fewer still, since few replications guess that badly. Never more
/// than there were. Where replications cannot tell how events cluster (there is none of them, or
/// one replication only), trials are taken for independent, and the method says so.
///
/// # Panics
/// If there are more events than trials, or no trials.
pub fn pooled_share(replications: &[(u64, u64)], confidence: f64) -> Interval {
    let total = |of: fn(&(u64, u64)) -> u64| replications.iter().map(of).sum::<u64>();
    let (events, trials) = (total(|pair| pair.0), total(|pair| pair.1));
    assert!(trials > 0 && events <= trials, "a share is of trials");
    let (x, n) = (events as f64, trials as f64);
    let Some(factor) = effective(replications, confidence) else {
        return Interval { method: Method::ClopperPearsonPooled, ..exact(x, n, confidence) };
    };
    Interval { method: Method::KornGraubard, ..exact(x * factor, n * factor, confidence) }
}

/// Clopper and Pearson's interval; the numbers need not be whole.
pub(super) fn exact(events: f64, trials: f64, confidence: f64) -> Interval {
    let tail = (1.0 - confidence) / 2.0;
    let misses = trials - events;
    let low = if events <= 0.0 { 0.0 } else { beta_quantile(events, misses + 1.0, tail) };
    let high = if misses <= 0.0 { 1.0 } else { beta_quantile(events + 1.0, misses, 1.0 - tail) };
    Interval { low, high, method: Method::ClopperPearson }
}

/// Independent trials that a trial is worth, at most 1; none where nothing tells.
fn effective(replications: &[(u64, u64)], confidence: f64) -> Option<f64> {
    let with_trials = || replications.iter().filter(|pair| pair.1 > 0);
    let sum = |of: fn(&(u64, u64)) -> u64| with_trials().map(of).sum::<u64>() as f64;
    let (events, trials, count) =
        (sum(|pair| pair.0), sum(|pair| pair.1), with_trials().count() as u64);
    if count < 2 || events <= 0.0 || events >= trials {
        return None;
    }
    let share = events / trials;
    let rest = |&(events, trials): &(u64, u64)| (events as f64 - share * trials as f64).powi(2);
    let squares: f64 = with_trials().map(rest).sum();
    // of a ratio, linearised; n / (n - 1) as in a variance
    let variance = squares * count as f64 / (count - 1) as f64 / (trials * trials);
    let alike = share * (1.0 - share) / variance / trials;
    let z = normal_quantile(0.5 + confidence / 2.0);
    let shrink = (z / student_t_factor(count - 1, confidence)).powi(2);
    // replications that are all alike have a variance of 0
    Some(if alike.is_finite() { (alike * shrink).min(1.0) } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::super::clopper_pearson;
    use super::super::draws::Draws;
    use super::*;

    fn ends(interval: Interval) -> [f64; 2] {
        [interval.low, interval.high]
    }

    fn near(one: [f64; 2], other: [f64; 2]) -> bool {
        one.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-9)
    }

    #[test]
    fn events_all_in_one_replication_count_as_one() {
        let mut replications = [(0, 1_000); 30];
        replications[7].0 = 18;
        let interval = pooled_share(&replications, 0.95);
        // the variance is 18 times that of independent trials (29/30 · 30/29), t(29) = 2.045230
        let factor = (1.959_964_f64 / 2.045_230).powi(2) / 18.0;
        let by_hand = exact(18.0 * factor, 30_000.0 * factor, 0.95);
        assert!((interval.low - by_hand.low).abs() < 1e-7, "{interval:?} v {by_hand:?}");
        assert!((interval.high - by_hand.high).abs() / by_hand.high < 1e-2, "{interval:?}");
        assert!(interval.high > 3.0 * clopper_pearson(18, 30_000, 0.95).high, "{interval:?}");
        assert_eq!(interval.method, Method::KornGraubard);
    }

    #[test]
    fn it_is_never_narrower_than_that_of_independent_trials() {
        let alike = pooled_share(&[(3, 500); 10], 0.95);
        assert!(near(ends(alike), ends(clopper_pearson(30, 5_000, 0.95))), "{alike:?}");
        let mut draws = Draws(1);
        for _ in 0..50 {
            let mut one = || ((0..200).filter(|_| draws.uniform() < 0.02).count() as u64, 200);
            let replications: Vec<(u64, u64)> = (0..6).map(|_| one()).collect();
            let events = replications.iter().map(|pair| pair.0).sum();
            let [low, high] = ends(clopper_pearson(events, 1_200, 0.95));
            let ours = pooled_share(&replications, 0.95);
            assert!(ours.low <= low + 1e-12 && ours.high >= high - 1e-12, "{ours:?}");
        }
    }

    #[test]
    fn what_never_or_always_happened_rests_on_the_trials() {
        for replications in [&[(0, 400), (0, 0), (0, 600)][..], &[(0, 1_000)]] {
            let interval = pooled_share(replications, 0.95);
            assert_eq!((interval.low, interval.method), (0.0, Method::ClopperPearsonPooled));
            assert!((interval.high - 0.003_682_08).abs() < 5e-9, "{interval:?}");
        }
        let always = pooled_share(&[(400, 400), (600, 600)], 0.95);
        assert!((always.low - 0.996_317_92).abs() < 5e-9 && always.high >= 1.0, "{always:?}");
        let single = pooled_share(&[(10, 1_000)], 0.95);
        assert!(near(ends(single), ends(clopper_pearson(10, 1_000, 0.95))));
        assert_eq!(single.method, Method::ClopperPearsonPooled);
    }
}
