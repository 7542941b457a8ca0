//! How a guard is written: a table, or `"none"`, which takes that of a preset away.

use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};

/// A table that may be written as `"none"`.
pub trait OfGuard {
    /// The name of either form in the schema.
    const NAME: &'static str;
    /// What it is, in a sentence.
    const WHAT: &'static str;
    /// How its table may look.
    const EXAMPLE: &'static str;
}

/// Either form.
#[derive(Clone, Debug, PartialEq)]
pub enum OrNone<T> {
    /// `"none"`: no guard, also where the policy has one.
    None,
    /// A guard.
    Some(T),
}

impl<T> OrNone<T> {
    /// The table, if it is one.
    pub fn table(&self) -> Option<&T> {
        match self {
            Self::None => None,
            Self::Some(table) => Some(table),
        }
    }
}

impl<T: Serialize> Serialize for OrNone<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str("none"),
            Self::Some(table) => table.serialize(serializer),
        }
    }
}

impl<'de, T: OfGuard + Deserialize<'de>> Deserialize<'de> for OrNone<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either(PhantomData))
    }
}

struct Either<T>(PhantomData<T>);

impl<'de, T: OfGuard + Deserialize<'de>> Visitor<'de> for Either<T> {
    type Value = OrNone<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"none\", or a table such as {}", T::EXAMPLE)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match text {
            "none" => Ok(OrNone::None),
            _ => Err(E::custom(format!(
                "unknown {} {text:?}: expected \"none\", or a table such as {}",
                T::WHAT,
                T::EXAMPLE
            ))),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(OrNone::Some)
    }
}

impl<T: OfGuard + JsonSchema> JsonSchema for OrNone<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [{ "const": "none" }, table] })
    }
}
