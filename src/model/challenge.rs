//! Challenges: a question to the user that some are asked, some pass, and that takes time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::data::{FileRef, Files};
use super::fault::{Faults, KeyPath};
use super::law::Law;
use crate::engine::draw::Draw;
use crate::engine::table::QuantileTable;
use crate::units::{Probability, Sourced, Span};

/// A question to the user (验证).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeSpec {
    /// Share who are asked: of attempts; for `identity` of users.
    pub asked: Sourced<Probability>,
    /// Share of challenges that are passed, each try anew.
    pub passed: Sourced<Probability>,
    /// Time that it takes to pass.
    pub time: Law,
    /// Time after which a challenge that is not passed is given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Span>,
}

/// A checked challenge.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// Threshold of being asked.
    pub asked: u64,
    /// Threshold of passing.
    pub passed: u64,
    /// Time to pass.
    pub time: QuantileTable,
    /// Time until one that is not passed is over, ns.
    pub expires: u64,
}

impl ChallengeSpec {
    /// The files that the law of its time reads.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        self.time.files(&path.key("time"), out);
    }

    /// Checks the challenge.
    pub fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> Challenge {
        Challenge {
            asked: self.asked.value.threshold(),
            passed: self.passed.value.threshold(),
            time: self.time.build(&path.key("time"), files, faults),
            expires: self.expires.map_or(0, Span::ns),
        }
    }
}

impl Challenge {
    /// What it comes to: the time of whoever passes or is not asked, or the time lost in failing.
    ///
    /// # Errors
    /// The time after which it fails, ns.
    pub fn put(&self, asked: Draw, outcome: impl FnOnce() -> Draw) -> Result<u64, u64> {
        if !asked.hits(self.asked) {
            return Ok(0);
        }
        let outcome = outcome();
        if outcome.hits(self.passed) {
            Ok(self.time.at(outcome.quantile()))
        } else {
            Err(self.expires)
        }
    }
}
