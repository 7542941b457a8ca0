//! `[remedies]` as written: which share of users does what.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::model::calendar::HoursSpec;
use crate::model::data::FileRef;
use crate::model::fault::KeyPath;
use crate::model::law::Law;
use crate::units::Probability;

/// `[remedies.NAME]`: the share of users who do it when it fits, or a table with more.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RemedySpec {
    #[serde(flatten)]
    pub(super) inner: RemedyTable,
}

/// The written form of a remedy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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

impl RemedyTable {
    fn of_share(value: Probability) -> Self {
        Self {
            value,
            source: None,
            low: None,
            high: None,
            takes: None,
            then: None,
            helps: None,
            remains: None,
            to: None,
            between: None,
        }
    }
}

impl<'de> Deserialize<'de> for RemedySpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = RemedySpec;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a share such as \"40%\", or a table with `value`")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<RemedySpec, E> {
                let value: Probability = text.parse().map_err(E::custom)?;
                Ok(RemedySpec { inner: RemedyTable::of_share(value) })
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                map: A,
            ) -> Result<RemedySpec, A::Error> {
                let access = serde::de::value::MapAccessDeserializer::new(map);
                RemedyTable::deserialize(access).map(|inner| RemedySpec { inner })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for RemedySpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Remedy".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let share = generator.subschema_for::<Probability>();
        let table = generator.subschema_for::<RemedyTable>();
        schemars::json_schema!({ "anyOf": [share, table] })
    }
}

impl RemedySpec {
    /// The files that the remedy reads.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        for (key, law) in [("takes", &self.inner.takes), ("then", &self.inner.then)] {
            if let Some(law) = law {
                law.files(&path.key(key), out);
            }
        }
    }
}
