//! The rows of what breakers and throttles do.

use super::super::observe;
use super::super::shape::GroupKind::{self, All};
use super::Better::Neither;
use super::Estimator::{Mean, Sum};
use super::Metric;
use super::Observe::Ratio;
use super::Unit::{Openings, PerTopUp};

const ALL: &[GroupKind] = &[All];

/// They come after those of `requests.rs`.
pub(super) const ROWS: &[Metric] = &[
    Metric {
        name: "attempts_held_back_per_top_up",
        unit: PerTopUp,
        better: Neither,
        estimator: Mean,
        groups: ALL,
        definition: "attempts that the app did not send because of its breaker or throttle; they \
            count in no metric of attempts",
        denominator: "top-ups of the cohort",
        observe: Ratio(observe::attempts_held_back),
    },
    Metric {
        name: "calls_held_back_per_top_up",
        unit: PerTopUp,
        better: Neither,
        estimator: Mean,
        groups: ALL,
        definition: "calls of a provider that the gateway did not make because of its breaker or \
            throttle",
        denominator: "top-ups of the cohort",
        observe: Ratio(observe::calls_held_back),
    },
    Metric {
        name: "breaker_openings",
        unit: Openings,
        better: Neither,
        estimator: Sum,
        groups: ALL,
        definition: "times that a breaker opened, of the app and of the gateway, over all their \
            processes; one that opens again after its probes counts again",
        denominator: "one replication",
        observe: Ratio(observe::breaker_openings),
    },
];
