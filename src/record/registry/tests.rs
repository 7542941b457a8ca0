//! What holds for every row of the registry.

use super::Observe::Quantile;
use super::Unit::{
    Captures, Money, MoneyPerThousand, Openings, PerFailedAttempt, PerMillion, PerSecond, PerTopUp,
    Seconds, Share, TopUps,
};
use super::*;

/// The names of `summary.csv` that readers rely on.
const CONTRACT: &[&str] = &[
    "success_share",
    "success_value_share",
    "first_attempt_success_share",
    "attempts_per_top_up",
    "peak_attempts_per_s",
    "goodput_per_s",
    "queries_per_top_up",
    "unknown_outcome_share",
    "duplicate_charges_per_million",
    "duplicate_amount",
    "charged_shown_failed_per_million",
    "orphan_charges_per_million",
    "double_credits_per_million",
    "call_latency_p50_s",
    "call_latency_p95_s",
    "call_latency_p99_s",
    "credit_latency_p50_s",
    "credit_latency_p95_s",
    "credit_latency_p99_s",
    "gateway_wait_mean_s",
    "gateway_utilisation",
    "shed_share",
    "abandon_share",
    "refunds_per_million",
    "refund_latency_p50_s",
    "refund_latency_p95_s",
    "refund_latency_p99_s",
    "refund_within_24h_share",
    "unresolved_after_24h_per_million",
    "captured",
    "credited",
    "refunded",
];

#[test]
fn every_name_of_the_contract_is_there_once() {
    for name in CONTRACT {
        let rows = METRICS.iter().filter(|metric| metric.name == *name).count();
        assert_eq!(rows, 1, "{name}");
    }
}

#[test]
fn a_name_ends_with_its_unit() {
    for metric in METRICS {
        let end = match metric.unit {
            Share if metric.name.ends_with("utilisation") => "utilisation",
            Share => "_share",
            PerMillion => "_per_million",
            PerTopUp => "_per_top_up",
            PerFailedAttempt => "_per_failed_attempt",
            PerSecond => "_per_s",
            Seconds => "_s",
            MoneyPerThousand => "_per_1000",
            Money | TopUps | Captures | Openings => "",
        };
        assert!(metric.name.ends_with(end), "{}", metric.name);
    }
}

#[test]
fn a_quantile_is_estimated_as_one() {
    for metric in METRICS {
        let is_read = matches!(metric.observe, Quantile(..));
        assert_eq!(is_read, metric.estimator == Estimator::Quantile, "{}", metric.name);
    }
}
