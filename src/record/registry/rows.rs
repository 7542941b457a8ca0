//! The rows of the registry, in the order of the tables.

use super::super::observe::{self, Pair};
use super::super::shape::Group;
use super::super::shape::GroupKind::{self, Access, All, Bank, Channel, Provider, Window};
use super::super::summary::Summary;
use super::Better::{Down, Neither, Up};
use super::Estimator::{self, Events, Mean, Sum, TimeAverage};
use super::Metric;
use super::Observe::{Quantile, Ratio};
use super::Unit::{
    Captures, Money, PerFailedAttempt, PerMillion, PerSecond, PerTopUp, Seconds, Share, TopUps,
};
use super::{recoveries, requests};

const ALL: &[GroupKind] = &[All];
const CHANNELS: &[GroupKind] = &[All, Channel];
const EVERY: &[GroupKind] = &[All, Channel, Provider, Access, Bank, Window];

/// All metrics. Names are a contract: one may come, none may change or go.
pub const METRICS: &[Metric] =
    &joined::<{ ROWS.len() + requests::ROWS.len() + recoveries::ROWS.len() }>();

/// The rows of all files, these first.
const fn joined<const N: usize>() -> [Metric; N] {
    let parts = [ROWS, requests::ROWS, recoveries::ROWS];
    let mut all = [ROWS[0]; N];
    let (mut at, mut part) = (0, 0);
    while part < parts.len() {
        let mut row = 0;
        while row < parts[part].len() {
            all[at] = parts[part][row];
            at += 1;
            row += 1;
        }
        part += 1;
    }
    all
}

const ROWS: &[Metric] = &[
    Metric {
        name: "top_ups",
        unit: TopUps,
        better: Neither,
        estimator: Sum,
        groups: EVERY,
        definition: "top-ups of the cohort: those that arrive between the end of the warm-up and \
            the end of the run",
        denominator: "one replication",
        observe: Ratio(observe::top_ups),
    },
    Metric {
        name: "success_share",
        unit: Share,
        better: Up,
        estimator: Events,
        groups: EVERY,
        definition: "top-ups credited to the right account before their deadline, after one \
            attempt or several",
        denominator: "top-ups of the cohort",
        observe: Ratio(observe::success),
    },
    Metric {
        name: "success_value_share",
        unit: Share,
        better: Up,
        estimator: Mean,
        groups: EVERY,
        definition: "amount of the top-ups credited to the right account before their deadline",
        denominator: "amount of all top-ups of the cohort",
        observe: Ratio(observe::success_value),
    },
    Metric {
        name: "first_attempt_success_share",
        unit: Share,
        better: Up,
        estimator: Events,
        groups: EVERY,
        definition: "top-ups credited to the right account before their deadline after one attempt",
        denominator: "top-ups of the cohort",
        observe: Ratio(observe::first_attempt_success),
    },
    Metric {
        name: "attempts_per_top_up",
        unit: PerTopUp,
        better: Down,
        estimator: Mean,
        groups: EVERY,
        definition: "attempts that the app sent",
        denominator: "top-ups of the cohort",
        observe: Ratio(observe::attempts),
    },
    Metric {
        name: "failed_attempt_share",
        unit: Share,
        better: Down,
        estimator: Events,
        groups: EVERY,
        definition: "attempts that brought no credit: all of a top-up that was never credited to \
            the right account, all but one of a top-up that was",
        denominator: "attempts of the cohort",
        observe: Ratio(observe::failed_attempts),
    },
    Metric {
        name: "lost_top_ups_per_failed_attempt",
        unit: PerFailedAttempt,
        better: Down,
        estimator: Mean,
        groups: EVERY,
        definition: "top-ups never credited to the right account: below 1 where people try again \
            and get through",
        denominator: "attempts of the cohort that brought no credit",
        observe: Ratio(observe::lost_per_failed_attempt),
    },
    Metric {
        name: "peak_attempts_per_s",
        unit: PerSecond,
        better: Down,
        estimator: Mean,
        groups: ALL,
        definition: "attempts that the app sent in the busiest full second of the measured time",
        denominator: "one second",
        observe: Ratio(observe::peak_attempts),
    },
    Metric {
        name: "goodput_per_s",
        unit: PerSecond,
        better: Up,
        estimator: TimeAverage,
        groups: ALL,
        definition: "first credits that came before the deadline of their top-up, by the time of \
            the credit",
        denominator: "measured time",
        observe: Ratio(observe::goodput),
    },
    Metric {
        name: "queries_per_top_up",
        unit: PerTopUp,
        better: Down,
        estimator: Mean,
        groups: EVERY,
        definition: "status queries that the app and the gateway sent",
        denominator: "top-ups of the cohort",
        observe: Ratio(observe::queries),
    },
    Metric {
        name: "unknown_outcome_share",
        unit: Share,
        better: Down,
        estimator: Events,
        groups: EVERY,
        definition: "top-ups of which the app could not say what became of them",
        denominator: "top-ups of the cohort",
        observe: Ratio(observe::unknown_outcome),
    },
    per_million(
        "duplicate_charges_per_million",
        "top-ups with at least one capture beyond the first",
        observe::duplicates,
    ),
    Metric {
        name: "captures_max",
        unit: Captures,
        better: Down,
        estimator: Sum,
        groups: EVERY,
        definition: "most captures of one top-up: how often the unluckiest user was charged",
        denominator: "one replication",
        observe: Ratio(observe::captures_max),
    },
    Metric {
        name: "duplicate_amount",
        unit: Money,
        better: Down,
        estimator: Sum,
        groups: EVERY,
        definition: "sum of every capture beyond the first of its top-up",
        denominator: "one replication",
        observe: Ratio(observe::duplicate_amount),
    },
    per_million(
        "charged_shown_failed_per_million",
        "top-ups captured of which the app's last word was a failure, a decline or \
            \"unknown\"",
        observe::charged_shown_failed,
    ),
    per_million(
        "orphan_charges_per_million",
        "top-ups with a capture that automatic repair (answers, notices, status \
            queries, reconciliation) neither credited nor sent back: a person had to",
        observe::orphans,
    ),
    per_million(
        "double_credits_per_million",
        "top-ups credited more than once",
        observe::double_credits,
    ),
    Metric {
        name: "call_latency_p50_s",
        unit: Seconds,
        better: Down,
        estimator: Estimator::Quantile,
        groups: ALL,
        definition: "from the app's first attempt to its last word (success, failure or giving \
            up), median",
        denominator: "calls of the cohort",
        observe: Quantile(0.5, observe::call_latency),
    },
    Metric {
        name: "call_latency_p95_s",
        unit: Seconds,
        better: Down,
        estimator: Estimator::Quantile,
        groups: ALL,
        definition: "from the app's first attempt to its last word, 95 of 100 are not longer",
        denominator: "calls of the cohort",
        observe: Quantile(0.95, observe::call_latency),
    },
    Metric {
        name: "call_latency_p99_s",
        unit: Seconds,
        better: Down,
        estimator: Estimator::Quantile,
        groups: ALL,
        definition: "from the app's first attempt to its last word, 99 of 100 are not longer",
        denominator: "calls of the cohort",
        observe: Quantile(0.99, observe::call_latency),
    },
    Metric {
        name: "credit_latency_p50_s",
        unit: Seconds,
        better: Down,
        estimator: Estimator::Quantile,
        groups: CHANNELS,
        definition: "from the arrival to the first credit, however late, median",
        denominator: "credited top-ups of the cohort",
        observe: Quantile(0.5, observe::credit_latency),
    },
    Metric {
        name: "credit_latency_p95_s",
        unit: Seconds,
        better: Down,
        estimator: Estimator::Quantile,
        groups: CHANNELS,
        definition: "from the arrival to the first credit, 95 of 100 are not longer",
        denominator: "credited top-ups of the cohort",
        observe: Quantile(0.95, observe::credit_latency),
    },
    Metric {
        name: "credit_latency_p99_s",
        unit: Seconds,
        better: Down,
        estimator: Estimator::Quantile,
        groups: CHANNELS,
        definition: "from the arrival to the first credit, 99 of 100 are not longer",
        denominator: "credited top-ups of the cohort",
        observe: Quantile(0.99, observe::credit_latency),
    },
    Metric {
        name: "credit_delayed_share",
        unit: Share,
        better: Down,
        estimator: Events,
        groups: EVERY,
        definition: "top-ups first credited later than `users.screen_patience` after their \
            arrival: the user had left the screen",
        denominator: "top-ups of the cohort",
        observe: Ratio(observe::credit_delayed),
    },
    Metric {
        name: "gateway_wait_mean_s",
        unit: Seconds,
        better: Down,
        estimator: Mean,
        groups: ALL,
        definition: "time in the queues of the gateway of requests of top-ups, 0 for those served \
            at once",
        denominator: "requests of top-ups granted a worker in the measured time",
        observe: Ratio(observe::gateway_wait),
    },
    Metric {
        name: "gateway_utilisation",
        unit: Share,
        better: Neither,
        estimator: TimeAverage,
        groups: ALL,
        definition: "workers of the gateway at work, over time; empty where workers are unlimited",
        denominator: "workers there were, over the measured time",
        observe: Ratio(observe::gateway_utilisation),
    },
    Metric {
        name: "shed_share",
        unit: Share,
        better: Down,
        estimator: Events,
        groups: ALL,
        definition: "requests of top-ups turned away by admission control",
        denominator: "requests of top-ups that asked for a worker in the measured time",
        observe: Ratio(observe::shed),
    },
    Metric {
        name: "abandon_share",
        unit: Share,
        better: Down,
        estimator: Events,
        groups: ALL,
        definition: "requests of top-ups that left a queue of the gateway unserved",
        denominator: "requests of top-ups that asked for a worker in the measured time",
        observe: Ratio(observe::abandoned),
    },
    Metric {
        name: "refunds_per_million",
        unit: PerMillion,
        better: Down,
        estimator: Events,
        groups: CHANNELS,
        definition: "refunds that reached the user",
        denominator: "top-ups of the cohort",
        observe: Ratio(observe::refunds),
    },
    Metric {
        name: "refund_latency_p50_s",
        unit: Seconds,
        better: Down,
        estimator: Estimator::Quantile,
        groups: ALL,
        definition: "from the capture to the money back with the user, median",
        denominator: "refunds of the cohort",
        observe: Quantile(0.5, observe::refund_latency),
    },
    Metric {
        name: "refund_latency_p95_s",
        unit: Seconds,
        better: Down,
        estimator: Estimator::Quantile,
        groups: ALL,
        definition: "from the capture to the money back, 95 of 100 are not longer",
        denominator: "refunds of the cohort",
        observe: Quantile(0.95, observe::refund_latency),
    },
    Metric {
        name: "refund_latency_p99_s",
        unit: Seconds,
        better: Down,
        estimator: Estimator::Quantile,
        groups: ALL,
        definition: "from the capture to the money back, 99 of 100 are not longer",
        denominator: "refunds of the cohort",
        observe: Quantile(0.99, observe::refund_latency),
    },
    Metric {
        name: "refund_within_24h_share",
        unit: Share,
        better: Up,
        estimator: Events,
        groups: ALL,
        definition: "refunds that reached the user within 24 hours of the capture",
        denominator: "refunds of the cohort",
        observe: Ratio(observe::refund_within_24h),
    },
    Metric {
        name: "refusals_per_million",
        unit: PerMillion,
        better: Down,
        estimator: Events,
        groups: ALL,
        definition: "users' applications for a refund that staff refused",
        denominator: "top-ups of the cohort",
        observe: Ratio(observe::refusals),
    },
    Metric {
        name: "disputes_per_million",
        unit: PerMillion,
        better: Down,
        estimator: Events,
        groups: ALL,
        definition: "captures that the user's bank took into dispute after a refusal",
        denominator: "top-ups of the cohort",
        observe: Ratio(observe::disputes),
    },
    Metric {
        name: "platform_loss",
        unit: Money,
        better: Down,
        estimator: Sum,
        groups: ALL,
        definition: "paid by the platform for credits that it could not take back, since they had \
            been spent",
        denominator: "one replication",
        observe: Ratio(observe::platform_loss),
    },
    per_million(
        "unresolved_after_24h_per_million",
        "top-ups captured and neither credited nor refunded 24 hours after the first \
            capture",
        observe::unresolved_after_24h,
    ),
    Metric {
        name: "captured",
        unit: Money,
        better: Neither,
        estimator: Sum,
        groups: CHANNELS,
        definition: "sum of the captures of the cohort",
        denominator: "one replication",
        observe: Ratio(observe::captured),
    },
    Metric {
        name: "credited",
        unit: Money,
        better: Up,
        estimator: Sum,
        groups: CHANNELS,
        definition: "sum of the credits of the cohort, later reversals not taken off",
        denominator: "one replication",
        observe: Ratio(observe::credited),
    },
    Metric {
        name: "refunded",
        unit: Money,
        better: Down,
        estimator: Sum,
        groups: CHANNELS,
        definition: "sum of the refunds of the cohort",
        denominator: "one replication",
        observe: Ratio(observe::refunded),
    },
    Metric {
        name: "card_checks",
        unit: TopUps,
        better: Neither,
        estimator: Sum,
        groups: EVERY,
        definition: "top-ups of amount zero, which check a card and count as top-ups",
        denominator: "one replication",
        observe: Ratio(observe::card_checks),
    },
    per_million(
        "abnormal_orders_per_million",
        "top-ups with an order that the gateway gave up although its money \
            was, or came to be, captured",
        observe::order_abnormal,
    ),
    per_million(
        "not_arrived_per_million",
        "top-ups captured and never credited to the right account",
        observe::not_arrived,
    ),
    per_million(
        "misposted_per_million",
        "top-ups with a credit to a wrong account",
        observe::misposted,
    ),
    Metric {
        name: "interrupted_share",
        unit: Share,
        better: Down,
        estimator: Events,
        groups: EVERY,
        definition: "top-ups of which the app could not say what became of them, and of \
            which nothing was captured",
        denominator: "top-ups of the cohort",
        observe: Ratio(observe::interrupted),
    },
    per_million(
        "refund_problems_per_million",
        "top-ups with a refund that met a problem on its way",
        observe::refund_problems,
    ),
    per_million(
        "refunds_delayed_per_million",
        "top-ups with a refund later than `refunds.promise` after the capture",
        observe::refunds_delayed,
    ),
    per_million(
        "user_harm_per_million",
        "top-ups that harmed their user: defrauded, charged and shown failed, charged \
            twice, not arrived, misposted, credited when the user had left, refunded late or \
            with a problem",
        observe::user_harm,
    ),
];

/// A rare harm among the top-ups of the cohort.
const fn per_million(
    name: &'static str,
    definition: &'static str,
    observe: fn(&Summary, Group) -> Pair,
) -> Metric {
    Metric {
        name,
        unit: PerMillion,
        better: Down,
        estimator: Events,
        groups: EVERY,
        definition,
        denominator: "top-ups of the cohort",
        observe: Ratio(observe),
    }
}
