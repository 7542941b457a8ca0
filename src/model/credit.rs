//! From the capture to the balance: the delay of the credit, and the daily reconciliation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, TimeOfDay};
use super::data::{FileRef, Files};
use super::fault::{Faults, KeyPath};
use super::law::Law;
use crate::engine::table::QuantileTable;
use crate::units::Span;

/// `[credit]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CreditSpec {
    /// From knowing of the capture to the balance update.
    pub delay: Law,
}

impl Default for CreditSpec {
    fn default() -> Self {
        Self { delay: Law::constant(Span::ZERO) }
    }
}

impl CreditSpec {
    /// The files that the credit reads.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        self.delay.files(&path.key("delay"), out);
    }

    /// Checks the credit.
    pub fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> QuantileTable {
        self.delay.build(&path.key("delay"), files, faults)
    }
}

/// `[reconciliation]`: the provider's statement is held against the ledger once a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReconciliationSpec {
    /// Time of day of the comparison.
    pub at: String,
    /// A capture is on the statement of this many days later (T+1).
    pub days_later: u32,
    /// What becomes of a capture that was never credited.
    pub uncredited: Uncredited,
}

impl Default for ReconciliationSpec {
    fn default() -> Self {
        Self { at: "02:00".to_owned(), days_later: 1, uncredited: Uncredited::Credit }
    }
}

/// What reconciliation does with a capture that was never credited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Uncredited {
    /// The balance is credited late.
    #[default]
    Credit,
    /// The money goes back.
    Refund,
}

/// Checked reconciliation.
#[derive(Clone, Copy, Debug)]
pub struct Reconciliation {
    at: TimeOfDay,
    days_later: usize,
    /// What becomes of a capture that was never credited.
    pub uncredited: Uncredited,
}

impl ReconciliationSpec {
    /// Checks the reconciliation.
    pub fn build(&self, path: &KeyPath, faults: &mut Faults) -> Reconciliation {
        let at = TimeOfDay::parse(&self.at);
        if at.is_none() {
            faults.add_with_help(path.key("at"), format!("is {:?}", self.at), "a time \"HH:MM\"");
        }
        if self.days_later > 30 {
            faults.add_with_help(path.key("days_later"), "is out of range", "0 to 30");
        }
        Reconciliation {
            at: at.unwrap_or(TimeOfDay(0)),
            days_later: self.days_later.min(30) as usize,
            uncredited: self.uncredited,
        }
    }
}

impl Reconciliation {
    /// When a capture at `captured` is compared, not before `now`.
    pub fn next(&self, calendar: &Calendar, captured: u64, now: u64) -> u64 {
        let mut day = calendar.day_of(captured) + self.days_later;
        while day < calendar.days().len() {
            match calendar.instant(day, self.at) {
                Some(at) if at >= captured && at >= now => return at,
                _ => day += 1,
            }
        }
        now
    }
}
