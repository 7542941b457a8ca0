//! A delay table with conditions: own policies without a line of Rust.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Decision, Failure, Jitter, Schedule, SeenSet, check_attempts, written::near};
use crate::model::cause::{Cause, ROWS};
use crate::model::fault::{Faults, KeyPath};
use crate::units::Span;

/// Rows of a table at most.
const ROWS_MAX: usize = 64;

/// `retry.table`: the first row that fits a failure says the pause; if none fits, no retry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DelayTable {
    /// Attempts at most, the first included.
    pub attempts_max: u32,
    /// The rows, tried in order.
    pub rows: Vec<DelayRow>,
}

/// A row of a delay table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DelayRow {
    /// Outcomes that it fits; none given means every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<SeenSet>,
    /// Causes that it fits, as the answer names them; none given means every one, and silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causes: Option<Vec<Code>>,
    /// It fits while no more than this has passed since the first attempt of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Span>,
    /// Pauses before the first retry of the call, the second and so on; the last one stays.
    pub pauses: Vec<Span>,
    /// How the pause is spread.
    #[serde(default = "no_jitter")]
    pub jitter: Jitter,
}

fn no_jitter() -> Jitter {
    Jitter::None
}

/// A cause, written by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(pub Cause);

impl Schedule for DelayTable {
    fn decide(&self, failure: &Failure) -> Decision {
        if failure.attempt >= self.attempts_max {
            return Decision::GiveUp;
        }
        let Some(row) = self.rows.iter().find(|row| row.fits(failure)) else {
            return Decision::GiveUp;
        };
        let last = row.pauses.len() - 1;
        let pause = row.pauses[last.min(failure.attempt as usize - 1)].ns();
        Decision::Retry(row.jitter.spread(pause, failure.luck.draw()))
    }
}

impl DelayRow {
    fn fits(&self, failure: &Failure) -> bool {
        let named = |codes: &Vec<Code>| {
            failure.cause.is_some_and(|cause| codes.iter().any(|code| code.0 == cause))
        };
        self.on.is_none_or(|on| on.has(failure.seen))
            && self.causes.as_ref().is_none_or(named)
            && self.until.is_none_or(|until| failure.elapsed <= until.ns())
    }
}

impl DelayTable {
    /// What is wrong with the parameters.
    pub fn check(&self, path: &KeyPath, faults: &mut Faults) {
        check_attempts(self.attempts_max, path, faults);
        let rows = path.key("rows");
        if self.rows.is_empty() || self.rows.len() > ROWS_MAX {
            faults.add_with_help(rows.clone(), "has no row, or too many", "1 to 64 rows");
        }
        for (i, row) in self.rows.iter().enumerate() {
            let at = rows.index(i);
            if row.pauses.is_empty() {
                faults.add_with_help(at.key("pauses"), "is empty", "[\"0s\"] retries at once");
            }
            if row.jitter == Jitter::Decorrelated {
                let help = "\"none\", \"full\", \"equal\", or a share; decorrelated pauses are a \
                            family of their own: `retry.exponential`";
                faults.add_with_help(at.key("jitter"), "has no pause before to grow from", help);
            }
            let reaches = |list: Option<usize>| list == Some(0);
            if reaches(row.on.map(|on| on.iter().count())) {
                faults.add(at.key("on"), "is empty: the row fits nothing");
            }
            if reaches(row.causes.as_ref().map(Vec::len)) {
                faults.add(at.key("causes"), "is empty: the row fits nothing");
            }
        }
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.row().code)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Cause::by_code(&code).map(Self).ok_or_else(|| {
            let hint = near(&code, ROWS.iter().map(|row| row.code));
            serde::de::Error::custom(format!("{code:?} is no cause: expected a code{hint}"))
        })
    }
}

impl JsonSchema for Code {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CauseCode".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let codes: Vec<&str> = ROWS.iter().map(|row| row.code).collect();
        schemars::json_schema!({ "type": "string", "enum": codes })
    }
}
