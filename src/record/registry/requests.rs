//! The rows of what users ask the desk: their money back after a success, and word of a refund.

use super::super::observe::{self, Pair};
use super::super::shape::Group;
use super::super::shape::GroupKind::{self, All};
use super::super::summary::Summary;
use super::Better::{Down, Neither};
use super::Estimator::{self, Events, Mean, Sum};
use super::Metric;
use super::Observe::{Quantile, Ratio};
use super::Unit::{Money, PerMillion, Seconds, Share};

const ALL: &[GroupKind] = &[All];

/// They come after those of `rows.rs`.
pub(super) const ROWS: &[Metric] = &[
    Metric {
        name: "refund_contacts_per_million",
        unit: PerMillion,
        better: Down,
        estimator: Mean,
        groups: ALL,
        definition: "times that users without word of a refund asked customer service",
        denominator: "top-ups of the cohort",
        observe: Ratio(observe::contacts),
    },
    Metric {
        name: "requested_refunds_per_million",
        unit: PerMillion,
        better: Neither,
        estimator: Events,
        groups: ALL,
        definition: "users who asked for their money back after a success; such refunds count in \
            no metric of refunds but those of requests",
        denominator: "top-ups of the cohort",
        observe: Ratio(observe::requests),
    },
    of_requests(
        "requested_refunds_accepted_share",
        "requests that the rule accepted: in time, unspent, and the whole order",
        observe::requests_accepted,
    ),
    of_requests(
        "requested_refunds_too_late_share",
        "requests after the last business day of the rule",
        observe::requests_too_late,
    ),
    of_requests(
        "requested_refunds_spent_share",
        "requests in time for money of which some was spent",
        observe::requests_spent,
    ),
    of_requests(
        "requested_refunds_partial_share",
        "requests in time for a part of an unspent order, where only the whole is refunded",
        observe::requests_partial,
    ),
    Metric {
        name: "requested_refund_latency_p50_s",
        unit: Seconds,
        better: Down,
        estimator: Estimator::Quantile,
        groups: ALL,
        definition: "from an accepted request to the money back with the user, median",
        denominator: "refunds on request of the cohort",
        observe: Quantile(0.5, observe::requested_latency),
    },
    Metric {
        name: "requested_refunded",
        unit: Money,
        better: Neither,
        estimator: Sum,
        groups: ALL,
        definition: "sum of the refunds on request of the cohort; their credits are taken back",
        denominator: "one replication",
        observe: Ratio(observe::requested_refunded),
    },
];

/// A share of the requests for money back after a success.
const fn of_requests(
    name: &'static str,
    definition: &'static str,
    observe: fn(&Summary, Group) -> Pair,
) -> Metric {
    Metric {
        name,
        unit: Share,
        better: Neither,
        estimator: Events,
        groups: ALL,
        definition,
        denominator: "requests of the cohort",
        observe: Ratio(observe),
    }
}
