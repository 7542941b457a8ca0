//! `[causes]` as written: a bare share, or a table with more.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::data::FileRef;
use crate::model::fault::KeyPath;
use crate::model::law::Law;
use crate::model::share_or::{OfShare, ShareOr};
use crate::units::{Probability, Sourced, Span};

/// `[causes]`: the share of a cause, or a table with more.
///
/// At the bank the value is its share of the bank's business declines, whatever the mechanism;
/// elsewhere it is the share of users (conditions), entries (slips) or attempts (chances).
pub type CauseSpec = ShareOr<CauseTable>;

/// The written form of a cause.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CauseTable {
    /// The share.
    pub value: Probability,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Least plausible share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<Probability>,
    /// Greatest plausible share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<Probability>,
    /// Time after which the condition lifts by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifts_after: Option<Law>,
    /// Chance of a later attempt to pass in spite of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passes_on_retry: Option<Probability>,
    /// Share of slips that pass validation and are credited to a wrong account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub misposted: Option<Probability>,
    /// The channels on which it strikes; all of them without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<String>>,
    /// The condition came with a release, and decays as people update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decays: Option<DecaysSpec>,
    /// Wrong tries that lock, in place of what the row of the cause says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locks: Option<LocksSpec>,
}

impl OfShare for CauseTable {
    const NAME: &'static str = "Cause";
    const EXPECTED: &'static str = "a share such as \"0.4%\", or a table with `value`";

    fn of_share(value: Probability) -> Self {
        Self { value, ..Self::default() }
    }
}

/// A condition that came with a release: its share is `value` x exp(-age of the release / over),
/// and nothing before the release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecaysSpec {
    /// Mean time until a struck user has updated.
    pub over: Span,
    /// The release came this long before the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ago: Option<Span>,
    /// The release comes at an offset from the start ("8h30m"), or at a local time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// Wrong tries that lock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LocksSpec {
    /// Tries that lock.
    pub tries: u32,
    /// The cause that refuses what comes while it is locked: a condition of the same stage.
    pub into: String,
    /// How long it stays locked, from the last try; for the whole top-up without.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Law>,
}

impl CauseTable {
    /// The files that the cause reads.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        if let Some(law) = &self.lifts_after {
            law.files(&path.key("lifts_after"), out);
        }
        if let Some(law) = self.locks.as_ref().and_then(|locks| locks.lasts.as_ref()) {
            law.files(&path.key("locks").key("for"), out);
        }
    }

    /// The share with its provenance.
    pub fn share(&self) -> Sourced<Probability> {
        let range = self.low.zip(self.high);
        Sourced { value: self.value, source: self.source.clone(), range }
    }
}
