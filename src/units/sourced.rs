//! A value that may say where it comes from and how far it may be off.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{BoolDeserializer, F64Deserializer, StrDeserializer};
use serde::de::value::{I64Deserializer, U64Deserializer};
use serde::de::{self, Deserialize, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

const FIELDS: &[&str] = &["value", "source", "low", "high"];

/// A value, perhaps with its source and with a range that it is believed to lie in.
///
/// In TOML either the bare value (`"8%"`) or a table
/// `{ value = "8%", source = "assumed", low = "4%", high = "12%" }`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sourced<T> {
    /// The best guess, used unless ranges are drawn.
    pub value: T,
    /// Where it comes from, in the writer's words.
    pub source: Option<String>,
    /// The lowest and the highest value thought possible; `value` lies between.
    pub range: Option<(T, T)>,
}

impl<T> Sourced<T> {
    /// The value itself.
    pub const fn get(&self) -> &T {
        &self.value
    }
}

impl<T> From<T> for Sourced<T> {
    fn from(value: T) -> Self {
        Sourced { value, source: None, range: None }
    }
}

/// Shows the value only.
impl<T: fmt::Display> fmt::Display for Sourced<T> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: Serialize> Serialize for Sourced<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.source.is_none() && self.range.is_none() {
            return self.value.serialize(to);
        }
        let mut table = to.serialize_map(None)?;
        table.serialize_entry("value", &self.value)?;
        if let Some(source) = &self.source {
            table.serialize_entry("source", source)?;
        }
        if let Some((low, high)) = &self.range {
            table.serialize_entry("low", low)?;
            table.serialize_entry("high", high)?;
        }
        table.end()
    }
}

impl<'de, T: Deserialize<'de> + PartialOrd> Deserialize<'de> for Sourced<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(SourcedVisitor(PhantomData))
    }
}

/// Hands a bare value on to `T`, so that the reader sees the message of `T` and not of a union.
struct SourcedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + PartialOrd> Visitor<'de> for SourcedVisitor<T> {
    type Value = Sourced<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value, or a table of value, source, low and high")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Sourced<T>, E> {
        let inner: StrDeserializer<E> = text.into_deserializer();
        T::deserialize(inner).map(Sourced::from)
    }

    fn visit_bool<E: de::Error>(self, bare: bool) -> Result<Sourced<T>, E> {
        let inner: BoolDeserializer<E> = bare.into_deserializer();
        T::deserialize(inner).map(Sourced::from)
    }

    fn visit_i64<E: de::Error>(self, bare: i64) -> Result<Sourced<T>, E> {
        let inner: I64Deserializer<E> = bare.into_deserializer();
        T::deserialize(inner).map(Sourced::from)
    }

    fn visit_u64<E: de::Error>(self, bare: u64) -> Result<Sourced<T>, E> {
        let inner: U64Deserializer<E> = bare.into_deserializer();
        T::deserialize(inner).map(Sourced::from)
    }

    fn visit_f64<E: de::Error>(self, bare: f64) -> Result<Sourced<T>, E> {
        let inner: F64Deserializer<E> = bare.into_deserializer();
        T::deserialize(inner).map(Sourced::from)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Sourced<T>, A::Error> {
        let (mut value, mut source, mut low, mut high) = (None, None, None, None);
        while let Some(key) = table.next_key::<String>()? {
            match key.as_str() {
                "value" => value = Some(table.next_value()?),
                "source" => source = Some(table.next_value()?),
                "low" => low = Some(table.next_value()?),
                "high" => high = Some(table.next_value()?),
                _ => return Err(de::Error::unknown_field(&key, FIELDS)),
            }
        }
        let value = value.ok_or_else(|| de::Error::missing_field("value"))?;
        let range = checked_range(&value, low, high).map_err(de::Error::custom)?;
        Ok(Sourced { value, source, range })
    }
}

/// Both ends or neither, and the value between them.
fn checked_range<T: PartialOrd>(
    value: &T,
    low: Option<T>,
    high: Option<T>,
) -> Result<Option<(T, T)>, &'static str> {
    match (low, high) {
        (None, None) => Ok(None),
        (Some(low), Some(high)) if low <= *value && *value <= high => Ok(Some((low, high))),
        (Some(_), Some(_)) => Err("value does not lie between low and high"),
        (Some(_), None) => Err("low stands alone: a range needs low and high"),
        (None, Some(_)) => Err("high stands alone: a range needs low and high"),
    }
}

impl<T: JsonSchema> JsonSchema for Sourced<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Sourced{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        json_schema!({
            "anyOf": [
                value,
                {
                    "type": "object",
                    "properties": {
                        "value": value,
                        "source": { "type": "string" },
                        "low": value,
                        "high": value,
                    },
                    "required": ["value"],
                    "dependentRequired": { "low": ["high"], "high": ["low"] },
                    "additionalProperties": false,
                },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;
    use crate::units::{Probability, Span};

    #[derive(Debug, Deserialize, serde::Serialize, PartialEq)]
    struct Table {
        share: Sourced<Probability>,
    }

    fn read(share: &str) -> Result<Sourced<Probability>, String> {
        let table: Result<Table, _> = toml::from_str(&format!("share = {share}"));
        table.map(|table| table.share).map_err(|e| e.message().to_owned())
    }

    #[test]
    fn a_value_reads_bare_or_with_its_source() {
        let share = Probability::new(0.08).expect("it lies in 0..=1");
        assert_eq!(read("\"8%\""), Ok(share.into()));
        let full = read(r#"{ value = "8%", source = "assumed", low = "4%", high = "12%" }"#);
        let full = full.expect("it is legal");
        assert_eq!(full.get(), &share);
        assert_eq!(full.source.as_deref(), Some("assumed"));
        assert_eq!(full.range.map(|(low, high)| (low.value(), high.value())), Some((0.04, 0.12)));
    }

    #[test]
    fn the_message_is_the_one_of_the_value_inside() {
        for (share, part) in [
            ("0.08", "did you mean \"8%\"?"),
            ("8", "did you mean \"8%\"?"),
            ("\"8\"", "did you mean \"8%\"?"),
            ("true", "expected a probability in per cent"),
            ("[1]", "expected a value, or a table of value, source, low and high"),
            ("{ value = 0.08 }", "did you mean \"8%\"?"),
            ("{ value = \"8%\", low = 0.05, high = \"9%\" }", "did you mean \"5%\"?"),
            ("{ value = \"8%\", low = \"4%\" }", "low stands alone"),
            ("{ value = \"8%\", high = \"9%\" }", "high stands alone"),
            ("{ value = \"8%\", low = \"9%\", high = \"10%\" }", "does not lie between"),
            ("{ source = \"assumed\" }", "missing field `value`"),
            ("{ value = \"8%\", sauce = \"assumed\" }", "unknown field `sauce`"),
        ] {
            let message = read(share).expect_err(share);
            assert!(message.contains(part), "{share}: {message}");
        }
    }

    #[test]
    fn a_number_that_needs_no_unit_may_be_sourced_too() {
        #[derive(Deserialize)]
        struct Counts {
            servers: Sourced<u32>,
        }
        for text in ["servers = 5", "servers = { value = 5, source = \"measured\" }"] {
            assert_eq!(toml::from_str::<Counts>(text).expect("it is legal").servers.value, 5);
        }
    }

    #[test]
    fn the_schema_offers_both_forms() {
        let schema = schemars::schema_for!(Sourced<Span>).to_value().to_string();
        for part in ["anyOf", "additionalProperties", "2h 30m", "pattern", "dependentRequired"] {
            assert!(schema.contains(part), "{part} is missing in {schema}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            parts in prop::array::uniform3(0.0..=1.0_f64), sourced: bool, ranged: bool
        ) {
            let mut parts = parts.map(|part| Probability::new(part).expect("it lies in 0..=1"));
            parts.sort_by(|a, b| a.value().total_cmp(&b.value()));
            let [low, value, high] = parts;
            let source = sourced.then(|| "assumed".to_owned());
            let range = ranged.then_some((low, high));
            let table = Table { share: Sourced { value, source, range } };
            let text = toml::to_string(&table).expect("a table of texts is legal TOML");
            prop_assert_eq!(toml::from_str::<Table>(&text).expect("it was just written"), table);
        }
    }
}
