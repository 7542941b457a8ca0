//! Refund cases: notice, application, review by staff, papers, and the way of the money back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::HoursSpec;
use super::data::FileRef;
use super::law::Law;
use crate::units::{Amount, Probability, Sourced, Span};

/// `[refunds]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RefundsSpec {
    /// From the failure to the user's notice that money is missing.
    pub notice: Law,
    /// Share of users who then apply for a refund.
    pub applies: Sourced<Probability>,
    /// Staff who review cases; none given means that no case waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff: Option<u32>,
    /// Working time of one review.
    pub review: Law,
    /// Working hours of staff on business days; none given means around the clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<HoursSpec>,
    /// Business days that a case spends in review besides (triangular).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_days: Option<DaysSpec>,
    /// Share of cases in which more papers are asked for.
    pub papers: Sourced<Probability>,
    /// How long the papers take.
    pub papers_delay: Law,
    /// Whether cases found by reconciliation skip the review.
    pub automatic: bool,
    /// Time of the rail when the channel names no row of the file.
    pub rail: Law,
    /// CSV with columns `method`, `low`, `high`, `unit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rails: Option<FileRef>,
    /// Share of refunds that meet a problem on the rail.
    pub problem: Sourced<Probability>,
    /// How much longer they take.
    pub problem_delay: Law,
    /// The promise that is reported: a refund within this time of its capture.
    pub promise: Span,
    /// Paid to the user with every refund.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compensation: Option<Amount>,
}

impl Default for RefundsSpec {
    fn default() -> Self {
        let none = || Sourced::from(Probability::ZERO);
        Self {
            notice: Law::constant(Span::from_secs(1200)),
            applies: Sourced::from(Probability::ONE),
            staff: None,
            review: Law::constant(Span::ZERO),
            hours: None,
            review_days: None,
            papers: none(),
            papers_delay: Law::constant(Span::ZERO),
            automatic: true,
            rail: Law::constant(Span::ZERO),
            rails: None,
            problem: none(),
            problem_delay: Law::constant(Span::ZERO),
            promise: Span::from_secs(86_400),
            compensation: None,
        }
    }
}

/// Business days, triangular.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DaysSpec {
    /// Least number of business days.
    pub low: f64,
    /// Most likely number.
    pub mode: f64,
    /// Greatest number.
    pub high: f64,
}
