//! What single replications say about a metric, in whole numbers: all that estimates are made of.

use crate::record::registry::{Metric, Observe};
use crate::record::{Group, GroupKind, Summary};
use crate::stats::{CONFIDENCE, least_n};

/// What an estimate needs to know of one replication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Numerator and denominator in whole numbers.
    Ratio(u128, u128),
    /// Observations, and their quantile in ns.
    Quantile(u64, Option<u64>),
}

impl Seen {
    /// What one replication says about a metric of a group.
    pub(super) fn of(metric: &Metric, group: Group, summary: &Summary) -> Self {
        match metric.observe {
            Observe::Ratio(observe) => {
                let (numerator, denominator) = pair(metric, observe, group, summary);
                Self::Ratio(numerator, denominator)
            }
            Observe::Quantile(q, observe) => {
                let seen = observe(summary, group);
                Self::Quantile(seen.count(), seen.quantile(q))
            }
        }
    }

    /// The value of the replication, if it has one.
    pub(super) fn value(self, metric: &Metric) -> Option<f64> {
        match (self, metric.observe) {
            (Self::Ratio(numerator, denominator), _) => {
                (denominator > 0).then(|| metric.unit.ratio(numerator, denominator))
            }
            (Self::Quantile(count, ns), Observe::Quantile(q, _)) => {
                let ns = ns.filter(|_| count >= least_n(q, CONFIDENCE));
                ns.map(|ns| metric.unit.value(ns as f64))
            }
            (Self::Quantile(..), Observe::Ratio(_)) => None,
        }
    }
}

/// Numerators and denominators.
pub(super) fn pairs(seen: &[Seen]) -> Vec<(u128, u128)> {
    let pair = |seen: &Seen| match *seen {
        Seen::Ratio(numerator, denominator) => (numerator, denominator),
        Seen::Quantile(..) => (0, 0),
    };
    seen.iter().map(pair).collect()
}

/// Observations and their quantile, where there are any.
pub(super) fn filled(seen: &Seen) -> Option<(u64, u64)> {
    match *seen {
        Seen::Quantile(count, ns) => ns.map(|ns| (count, ns)),
        Seen::Ratio(..) => None,
    }
}

/// Numerator and denominator of a metric, also where its group is counted aside.
fn pair(
    metric: &Metric,
    observe: fn(&Summary, Group) -> (u128, u128),
    group: Group,
    summary: &Summary,
) -> (u128, u128) {
    match group.kind {
        GroupKind::Aside => summary.asides[group.index].pair(metric),
        _ => observe(summary, group),
    }
}
