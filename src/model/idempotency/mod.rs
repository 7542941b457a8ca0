//! Idempotency stores: what a provider remembers of an order number, for how long, and what it
//! answers when the number comes again.

mod rows;

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

pub use rows::{ROWS, Row};

use super::fault::{Faults, KeyPath};
use crate::units::Span;

/// `providers.NAME.deduplicates`: whether and how an order number used again is recognised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DeduplicationSpec {
    /// Not at all: every call is new.
    Never,
    /// For ever, by the plain store.
    Always,
    /// As a real provider does.
    Preset(&'static Row),
    /// As written.
    Written(StoreSpec),
}

/// A store of order numbers, as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSpec {
    /// A number is known for this long after its first call; for ever without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<Span>,
    /// Which results are kept under a number.
    pub keeps: Keeps,
    /// What a call hears while another one of its number is in process.
    pub in_process: InProcess,
    /// What a call hears whose number stands for another payment.
    pub mismatch: Mismatch,
}

/// Which results are kept under a number and told again; what is not kept is tried anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Keeps {
    /// Captures only.
    #[default]
    Success,
    /// Captures and declines; a technical failure is tried anew.
    Outcome,
    /// Whatever came first, technical failures included.
    Everything,
}

/// What a call hears while another one of its number is in process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InProcess {
    /// That it is in process: nobody knows yet.
    #[default]
    Unknown,
    /// A refusal (HTTP 409): try again later.
    Conflict,
}

/// What a call hears whose number stands for another payment: another channel, as when a user
/// changes the method and the app keeps the number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mismatch {
    /// Nobody compares: the result of the first payment.
    #[default]
    Ignored,
    /// A decline.
    Error,
}

/// A checked store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Store {
    /// A number is known for this long after its first call, ns.
    pub retention: u64,
    /// Which results are kept.
    pub keeps: Keeps,
    /// What a call hears while another one of its number is in process.
    pub in_process: InProcess,
    /// What a call hears whose number stands for another payment.
    pub mismatch: Mismatch,
}

impl StoreSpec {
    fn store(self) -> Store {
        Store {
            retention: self.retention.map_or(u64::MAX, Span::ns),
            keeps: self.keeps,
            in_process: self.in_process,
            mismatch: self.mismatch,
        }
    }
}

impl Store {
    /// Whether captures and what a bank works on are all that matters: no times, no failures.
    pub fn is_plain(&self) -> bool {
        *self == StoreSpec::default().store()
    }
}

impl DeduplicationSpec {
    /// Checks the store.
    pub fn build(self, path: &KeyPath, faults: &mut Faults) -> Option<Store> {
        let spec = match self {
            Self::Never => return None,
            Self::Always => StoreSpec::default(),
            Self::Preset(row) => row.store,
            Self::Written(spec) => spec,
        };
        if spec.retention == Some(Span::ZERO) {
            let help = "a positive duration such as \"24h\", or `deduplicates = false`";
            faults.add_with_help(path.key("retention"), "is zero: no number is ever known", help);
        }
        Some(spec.store())
    }
}

impl Serialize for DeduplicationSpec {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Never => to.serialize_bool(false),
            Self::Always => to.serialize_bool(true),
            Self::Preset(row) => to.serialize_str(row.code),
            Self::Written(spec) => spec.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for DeduplicationSpec {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Written)
    }
}

struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = DeduplicationSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false, the name of a store such as \"stripe\", or a table of one")
    }

    fn visit_bool<E: de::Error>(self, does: bool) -> Result<Self::Value, E> {
        Ok(if does { DeduplicationSpec::Always } else { DeduplicationSpec::Never })
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        let row = ROWS.iter().find(|row| row.code == name);
        row.map(DeduplicationSpec::Preset).ok_or_else(|| E::unknown_variant(name, rows::NAMES))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        StoreSpec::deserialize(MapAccessDeserializer::new(map)).map(DeduplicationSpec::Written)
    }
}

impl JsonSchema for DeduplicationSpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Deduplication".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let table = generator.subschema_for::<StoreSpec>();
        schemars::json_schema!({
            "anyOf": [{ "type": "boolean" }, { "enum": rows::NAMES }, table],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<DeduplicationSpec, String> {
        #[derive(Deserialize)]
        struct Holder {
            it: DeduplicationSpec,
        }
        let holder: Result<Holder, _> = toml::from_str(&format!("it = {text}"));
        holder.map(|holder| holder.it).map_err(|error| error.to_string())
    }

    fn store(text: &str) -> Option<Store> {
        let mut faults = Faults::default();
        let store = read(text).unwrap().build(&KeyPath::root(), &mut faults);
        assert_eq!(faults.len(), 0, "{text}");
        store
    }

    #[test]
    fn a_yes_is_the_plain_store_and_a_no_is_none() {
        assert_eq!(store("false"), None);
        assert!(store("true").is_some_and(|store| store.is_plain()));
        assert!(store("{}").is_some_and(|store| store.is_plain()));
        assert!(!store("{ retention = '24h' }").is_some_and(|store| store.is_plain()));
    }

    #[test]
    fn a_store_is_named_after_its_provider_and_written_back_by_name() {
        for row in ROWS {
            let spec = read(&format!("'{}'", row.code)).unwrap();
            assert_eq!(spec, DeduplicationSpec::Preset(row));
            assert_eq!(serde_json::to_value(spec).unwrap(), row.code);
        }
        assert!(read("'strpie'").unwrap_err().contains("stripe"));
    }

    #[test]
    fn a_number_that_is_never_known_is_refused() {
        let mut faults = Faults::default();
        read("{ retention = '0s' }").unwrap().build(&KeyPath::root(), &mut faults);
        assert_eq!(faults.len(), 1);
    }
}
