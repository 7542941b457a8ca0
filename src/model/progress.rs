//! Progress notices of a refund, users without word who ask again, and applications with a mistake.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::data::{FileRef, Files};
use super::fault::{Faults, KeyPath};
use super::law::Law;
use crate::engine::table::QuantileTable;
use crate::units::{Probability, Sourced, Span};

/// Contacts without new word at most.
const CONTACTS_MAX: u32 = 8;

/// `[refunds.notices]`: mails or messages about the progress of a refund; each may be lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticesSpec {
    /// Share of notices that are lost.
    #[serde(default = "none")]
    pub loss: Sourced<Probability>,
    /// How long a user waits whose application nobody confirmed.
    #[serde(default = "a_day")]
    pub unconfirmed: Law,
    /// How long a user waits after the last word.
    #[serde(default = "five_days")]
    pub patience: Law,
    /// Working time of staff for one who asks.
    #[serde(default = "no_time")]
    pub contact: Law,
    /// How often one asks at most until there is new word, 1 to 8.
    #[serde(default = "thrice")]
    pub contacts_max: u32,
}

fn none() -> Sourced<Probability> {
    Sourced::from(Probability::ZERO)
}

fn a_day() -> Law {
    Law::constant(Span::from_secs(86_400))
}

fn five_days() -> Law {
    Law::constant(Span::from_secs(5 * 86_400))
}

fn no_time() -> Law {
    Law::constant(Span::ZERO)
}

fn thrice() -> u32 {
    3
}

/// `[refunds.form_errors]`: applications that come back to the user because of a mistake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormErrorsSpec {
    /// Share of users' applications with a mistake.
    pub share: Sourced<Probability>,
    /// Until the application comes again without it.
    pub delay: Law,
}

/// How a refund stands, as a notice says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Standing {
    /// The case is opened.
    Received = 0,
    /// Staff have reviewed it.
    Reviewed = 1,
    /// The money is on its way.
    Sent = 2,
    /// The money has arrived.
    Arrived = 3,
}

/// Checked progress notices.
#[derive(Clone, Debug)]
pub struct Notices {
    /// Threshold of losing one.
    pub loss: u64,
    /// How long a user waits whose application nobody confirmed, ns.
    pub unconfirmed: QuantileTable,
    /// How long a user waits after the last word, ns.
    pub patience: QuantileTable,
    /// Working time of staff for one who asks, ns.
    pub contact: QuantileTable,
    /// How often one asks at most until there is new word.
    pub contacts_max: u8,
}

/// Checked mistakes in applications.
#[derive(Clone, Debug)]
pub struct FormErrors {
    /// Threshold of a mistake.
    pub share: u64,
    /// Until the application comes again, ns.
    pub delay: QuantileTable,
}

impl NoticesSpec {
    /// The files that the notices read.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        self.unconfirmed.files(&path.key("unconfirmed"), out);
        self.patience.files(&path.key("patience"), out);
        self.contact.files(&path.key("contact"), out);
    }

    /// Checks the notices.
    pub fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> Notices {
        if !(1..=CONTACTS_MAX).contains(&self.contacts_max) {
            let (at, legal) = (path.key("contacts_max"), format!("1 to {CONTACTS_MAX}"));
            faults.add_with_help(at, format!("is {}", self.contacts_max), legal);
        }
        let mut law = |key: &str, law: &Law| law.build(&path.key(key), files, faults);
        Notices {
            loss: self.loss.value.threshold(),
            unconfirmed: law("unconfirmed", &self.unconfirmed),
            patience: law("patience", &self.patience),
            contact: law("contact", &self.contact),
            contacts_max: self.contacts_max.min(CONTACTS_MAX) as u8,
        }
    }
}

impl FormErrorsSpec {
    /// The files that the mistakes read.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        self.delay.files(&path.key("delay"), out);
    }

    /// Checks the mistakes.
    pub fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> FormErrors {
        FormErrors {
            share: self.share.value.threshold(),
            delay: self.delay.build(&path.key("delay"), files, faults),
        }
    }
}
