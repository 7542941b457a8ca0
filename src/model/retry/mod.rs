//! Retry policies: each layer asks its policy before an attempt and after every outcome.

mod budget;
mod exponential;
mod fixed;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

pub use budget::{Budget, BudgetSpec};
pub use exponential::{Exponential, Jitter};
pub use fixed::Fixed;

use super::fault::{Faults, KeyPath};
use crate::engine::draw::Draw;

/// What a policy decides after an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Another attempt after this many nanoseconds.
    Retry(u64),
    /// No further attempt.
    GiveUp,
}

/// A family of schedules; budgets and breakers stand beside it.
pub trait Schedule {
    /// After attempt number `attempt` (1 = first) failed; `draw` is the policy's own luck.
    fn decide(&self, attempt: u32, draw: Draw) -> Decision;
    /// What is wrong with the parameters.
    fn check(&self, path: &KeyPath, faults: &mut Faults);
}

/// The policy of a layer: `"never"`, or a table with one family.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RetrySpec {
    /// One attempt.
    #[default]
    Never,
    /// The same pause every time.
    Fixed(Fixed),
    /// Growing pauses.
    Exponential(Exponential),
}

/// The written form: exactly one family.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RetryTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<Fixed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exponential: Option<Exponential>,
}

impl RetrySpec {
    /// Attempts of one call at most.
    pub fn attempts_max(&self) -> u32 {
        match self {
            Self::Never => 1,
            Self::Fixed(fixed) => fixed.attempts_max,
            Self::Exponential(exponential) => exponential.attempts_max,
        }
    }
}

impl Schedule for RetrySpec {
    #[inline]
    fn decide(&self, attempt: u32, draw: Draw) -> Decision {
        match self {
            Self::Never => Decision::GiveUp,
            Self::Fixed(fixed) => fixed.decide(attempt, draw),
            Self::Exponential(exponential) => exponential.decide(attempt, draw),
        }
    }

    fn check(&self, path: &KeyPath, faults: &mut Faults) {
        match self {
            Self::Never => {}
            Self::Fixed(fixed) => fixed.check(&path.key("fixed"), faults),
            Self::Exponential(exponential) => exponential.check(&path.key("exponential"), faults),
        }
    }
}

/// Attempts of a call lie in 1..=16.
fn check_attempts(attempts_max: u32, path: &KeyPath, faults: &mut Faults) {
    if !(1..=16).contains(&attempts_max) {
        faults.add_with_help(
            path.key("attempts_max"),
            format!("is {attempts_max}"),
            "a whole number from 1 to 16 (the first attempt included)",
        );
    }
}

impl Serialize for RetrySpec {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Never => serializer.serialize_str("never"),
            Self::Fixed(fixed) => {
                RetryTable { fixed: Some(fixed.clone()), ..RetryTable::default() }
                    .serialize(serializer)
            }
            Self::Exponential(exponential) => {
                RetryTable { exponential: Some(exponential.clone()), ..RetryTable::default() }
                    .serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for RetrySpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = RetrySpec;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("\"never\", or a table with one family: fixed or exponential")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<RetrySpec, E> {
                match text {
                    "never" => Ok(RetrySpec::Never),
                    other => Err(E::custom(format!(
                        "unknown policy {other:?}; by name there is \"never\", as tables `fixed` \
                         and `exponential`"
                    ))),
                }
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                map: A,
            ) -> Result<RetrySpec, A::Error> {
                let access = serde::de::value::MapAccessDeserializer::new(map);
                match RetryTable::deserialize(access)? {
                    RetryTable { fixed: Some(f), exponential: None } => Ok(RetrySpec::Fixed(f)),
                    RetryTable { fixed: None, exponential: Some(e) } => {
                        Ok(RetrySpec::Exponential(e))
                    }
                    _ => Err(serde::de::Error::custom(
                        "needs exactly one family: fixed or exponential",
                    )),
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for RetrySpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Retry".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let table = generator.subschema_for::<RetryTable>();
        schemars::json_schema!({ "anyOf": [{ "const": "never" }, table] })
    }
}
