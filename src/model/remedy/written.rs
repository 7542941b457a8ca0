//! `[remedies]` as written: which share of users does what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::calendar::HoursSpec;
use crate::model::data::FileRef;
use crate::model::fault::KeyPath;
use crate::model::law::Law;
use crate::model::share_or::{OfShare, ShareOr};
use crate::units::Probability;

/// `[remedies.NAME]`: the share of users who do it when it fits, or a table with more.
pub type RemedySpec = ShareOr<RemedyTable>;

/// The written form of a remedy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemedyTable {
    /// Share of users who do it when it fits.
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
    /// How long it takes, where no station does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub takes: Option<Law>,
    /// From the help of staff until it has its effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<Law>,
    /// Share of those who do it whom it helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helps: Option<Probability>,
    /// What remains of slips (`check_entries`), or of a time (habits of a case).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remains: Option<Probability>,
    /// The network or the channel that is taken instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The busy hours of every day that `avoid_peak` avoids; 20:00 to 23:00 without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub between: Option<HoursSpec>,
}

impl OfShare for RemedyTable {
    const NAME: &'static str = "Remedy";
    const EXPECTED: &'static str = "a share such as \"40%\", or a table with `value`";

    fn of_share(value: Probability) -> Self {
        Self { value, ..Self::default() }
    }
}

impl RemedyTable {
    /// The files that the remedy reads.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        for (key, law) in [("takes", &self.takes), ("then", &self.then)] {
            if let Some(law) = law {
                law.files(&path.key(key), out);
            }
        }
    }
}
