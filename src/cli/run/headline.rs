//! The metrics of the screen, in its order, with the words that explain them.

use crate::record::registry::Unit;
use crate::report::number::{self, Quantity};
use crate::study::{Estimate, MetricEstimate};

/// A metric of the screen.
pub(super) struct Headline {
    /// Its name in the registry.
    pub(super) metric: &'static str,
    /// What it is, in a few words.
    pub(super) words: &'static str,
    /// Whether it is left out when it is 0.
    pub(super) only_if_any: bool,
}

/// The metrics of the screen.
pub(super) const HEADLINES: [Headline; 14] = [
    always("success_share", "credited in time"),
    always("first_attempt_success_share", "credited in time by the first attempt"),
    always("attempts_per_top_up", "attempts that the app sent"),
    always("duplicate_charges_per_million", "charged more than once"),
    always("charged_shown_failed_per_million", "charged, and the app said it failed"),
    always("orphan_charges_per_million", "charged, not credited after all repair"),
    always("credit_latency_p50_s", "to the credit: half are quicker"),
    always("credit_latency_p95_s", "to the credit: 95 of 100 are quicker"),
    always("credit_latency_p99_s", "to the credit: 99 of 100 are quicker"),
    always("gateway_utilisation", "of the gateway's workers busy"),
    always("gateway_wait_mean_s", "mean wait for a gateway worker"),
    if_any("shed_share", "turned away at the gateway's door"),
    if_any("abandon_share", "left the gateway's queue unserved"),
    always("refund_within_24h_share", "of refunds came within 24 hours"),
];

const fn always(metric: &'static str, words: &'static str) -> Headline {
    Headline { metric, words, only_if_any: false }
}

const fn if_any(metric: &'static str, words: &'static str) -> Headline {
    Headline { metric, words, only_if_any: true }
}

/// The headline metrics that have a value, in the order of the screen.
pub(super) fn rows(
    estimates: &[MetricEstimate],
) -> impl Iterator<Item = (&'static Headline, &MetricEstimate, Estimate)> {
    HEADLINES.iter().filter_map(|headline| {
        let found = of_all(estimates, headline.metric)?;
        let estimate = found.estimate?;
        let is_shown = !headline.only_if_any || estimate.value > 0.0;
        is_shown.then_some((headline, found, estimate))
    })
}

/// The estimate of a metric over all top-ups.
pub(super) fn of_all<'a>(
    estimates: &'a [MetricEstimate],
    metric: &str,
) -> Option<&'a MetricEstimate> {
    let mut rows = estimates.iter();
    rows.find(|row| {
        let is_whole = row.group == "all" && row.window == "all";
        row.metric == metric && is_whole && row.statistic == "mean"
    })
}

/// A value with its interval and unit, for people.
pub(super) fn shown(estimate: &Estimate, unit: Unit, currency: &str) -> String {
    if unit == Unit::Seconds && estimate.value == 0.0 {
        return "0 s".to_owned();
    }
    let text = number::estimate(estimate, Quantity::of(unit));
    match unit {
        Unit::Money => format!("{text} {currency}"),
        Unit::MoneyPerThousand => format!("{text} {currency} per 1,000 top-ups"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::METRICS;

    #[test]
    fn every_headline_is_a_metric_of_the_registry() {
        for headline in &HEADLINES {
            assert!(METRICS.iter().any(|row| row.name == headline.metric), "{}", headline.metric);
        }
    }
}
