//! A share, or a table that gives the share as its `value` and says more.

use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};

use super::fault::{Faults, KeyPath};
use crate::units::Probability;

/// A table that may be written as a bare share.
pub trait OfShare: Sized {
    /// The name of either form in the schema.
    const NAME: &'static str;
    /// What stands for it in a sentence on what was expected.
    const EXPECTED: &'static str;

    /// The table that says nothing but the share.
    fn of_share(value: Probability) -> Self;
}

/// Checks that a range has both ends, and that the value lies between them.
pub fn check_range(
    value: Probability,
    (low, high): (Option<Probability>, Option<Probability>),
    path: &KeyPath,
    faults: &mut Faults,
) {
    match (low, high) {
        (Some(low), Some(high)) => {
            if !(low.value() <= value.value() && value.value() <= high.value()) {
                faults.add(path.key("value"), "does not lie between `low` and `high`");
            }
        }
        (None, None) => {}
        _ => faults.add(path.clone(), "gives one end of a range: `low` and `high` go together"),
    }
}

/// Either form, as the table.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareOr<T>(pub T);

impl<T: Serialize> Serialize for ShareOr<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: OfShare + Deserialize<'de>> Deserialize<'de> for ShareOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either(PhantomData))
    }
}

struct Either<T>(PhantomData<T>);

impl<'de, T: OfShare + Deserialize<'de>> Visitor<'de> for Either<T> {
    type Value = ShareOr<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        text.parse().map(|share| ShareOr(T::of_share(share))).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(ShareOr)
    }
}

impl<T: OfShare + JsonSchema> JsonSchema for ShareOr<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let share = generator.subschema_for::<Probability>();
        let table = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [share, table] })
    }
}
