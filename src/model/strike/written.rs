//! `[causes]` as written: a bare share, or a table with more.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::model::data::FileRef;
use crate::model::fault::KeyPath;
use crate::model::law::Law;
use crate::units::{Probability, Sourced};

/// `[causes]`: the share of a cause, or a table with more.
///
/// At the bank the value of a condition is its share of the bank's business declines; elsewhere it
/// is the share of users (conditions), entries (slips) or attempts (chances).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CauseSpec {
    #[serde(flatten)]
    pub(super) inner: CauseTable,
}

/// The written form of a cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
}

impl CauseSpec {
    /// The files that the cause reads.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        if let Some(law) = &self.inner.lifts_after {
            law.files(&path.key("lifts_after"), out);
        }
    }

    /// The share with its provenance.
    pub fn share(&self) -> Sourced<Probability> {
        let range = self.inner.low.zip(self.inner.high);
        Sourced { value: self.inner.value, source: self.inner.source.clone(), range }
    }
}

impl<'de> Deserialize<'de> for CauseSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = CauseSpec;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a share such as \"0.4%\", or a table with `value`")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<CauseSpec, E> {
                let value: Probability = text.parse().map_err(E::custom)?;
                let inner = CauseTable {
                    value,
                    source: None,
                    low: None,
                    high: None,
                    lifts_after: None,
                    passes_on_retry: None,
                    misposted: None,
                };
                Ok(CauseSpec { inner })
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                map: A,
            ) -> Result<CauseSpec, A::Error> {
                let access = serde::de::value::MapAccessDeserializer::new(map);
                CauseTable::deserialize(access).map(|inner| CauseSpec { inner })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for CauseSpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cause".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let share = generator.subschema_for::<Probability>();
        let table = generator.subschema_for::<CauseTable>();
        schemars::json_schema!({ "anyOf": [share, table] })
    }
}
