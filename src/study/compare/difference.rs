//! The difference of two arms in one metric, over replications that met the same luck.

use super::contrast::Contrast;
use crate::record::registry::{Estimator, Metric, Observe};
use crate::stats::{Estimate, Interval, Paired, RARE_EVENTS, paired_t, rare_difference};
use crate::study::estimate::{counts, is_rare};
use crate::study::seen::{Seen, pairs};

/// How an arm differs from the baseline in a metric of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Place of the set of incidents.
    pub set: usize,
    /// Place of the arm.
    pub arm: usize,
    /// What differs.
    pub metric: &'static Metric,
    /// `all`, or a group such as `channel=alipay`.
    pub group: String,
    /// `all`, or the name of a window.
    pub window: String,
    /// The baseline's value.
    pub base: f64,
    /// The arm's value.
    pub other: f64,
    /// The difference with what pairing says about it.
    pub paired: Paired,
    /// Replications that both arms have.
    pub pairs: u64,
    /// The confidence of the interval of the difference.
    pub confidence: f64,
    /// What that says, in words.
    pub contrast: Contrast,
}

/// The difference of two arms from what each replication says about both; `values` are the
/// estimates of base and other.
///
/// Shares of which fewer than 20 events in both arms speak, or fewer than 20 non-events, get the
/// interval of the pooled counts; everything else Student's t on the paired differences.
/// Where a replication has too few observations for a quantile there is no interval.
pub(super) fn paired(
    metric: &Metric,
    both: &[(Seen, Seen)],
    values: (f64, f64),
    confidence: f64,
) -> Paired {
    let of = |(base, other): &(Seen, Seen)| Some((base.value(metric)?, other.value(metric)?));
    let with_value: Vec<(f64, f64)> = both.iter().filter_map(of).collect();
    let (base, other): (Vec<f64>, Vec<f64>) = with_value.iter().copied().unzip();
    let bare = Paired {
        difference: Estimate { value: values.1 - values.0, interval: None, n: base.len() as u64 },
        relative: None,
        correlation: None,
        variance_ratio: None,
    };
    let has_gaps = matches!(metric.observe, Observe::Quantile(..)) && base.len() < both.len();
    let Some(paired) = paired_t(&base, &other, confidence).filter(|_| !has_gaps) else {
        return bare;
    };
    match rare(metric, both, confidence) {
        Some(difference) => Paired { difference, relative: None, ..paired },
        None => paired,
    }
}

/// The difference of pooled shares, where few events speak.
fn rare(metric: &Metric, both: &[(Seen, Seen)], confidence: f64) -> Option<Estimate> {
    if metric.estimator != Estimator::Events {
        return None;
    }
    let (base, other): (Vec<Seen>, Vec<Seen>) = both.iter().copied().unzip();
    let (base, other) = (pairs(&base), pairs(&other));
    let has_trials = |pairs: &[(u128, u128)]| pairs.iter().any(|pair| pair.1 > 0);
    let is_told = has_trials(&base) && has_trials(&other);
    if !is_told || !is_rare(&[&base[..], &other[..]].concat(), RARE_EVENTS) {
        return None;
    }
    let estimate = rare_difference(&counts(&base), &counts(&other), confidence);
    let unit = |value: f64| metric.unit.value(value);
    let interval = estimate.interval.map(|interval| Interval {
        low: unit(interval.low),
        high: unit(interval.high),
        ..interval
    });
    Some(Estimate { value: unit(estimate.value), interval, ..estimate })
}
