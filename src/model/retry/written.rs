//! How `retry` is written: a word, or a table with exactly one family.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{DelayTable, Exponential, Fixed, Polly, Preset, RetrySpec};

/// The written form of a table: exactly one family.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RetryTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<Fixed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exponential: Option<Exponential>,
    #[serde(skip_serializing_if = "Option::is_none")]
    polly: Option<Polly>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<DelayTable>,
}

impl RetryTable {
    fn read(self) -> Option<RetrySpec> {
        let mut families = [
            self.fixed.map(RetrySpec::Fixed),
            self.exponential.map(RetrySpec::Exponential),
            self.polly.map(RetrySpec::Polly),
            self.table.map(RetrySpec::Table),
        ]
        .into_iter()
        .flatten();
        families.next().filter(|_| families.next().is_none())
    }
}

/// "; did you mean ...?", if one of the names is near.
pub(super) fn near(name: &str, legal: impl Iterator<Item = &'static str>) -> String {
    let score = |other: &str| strsim::jaro_winkler(&name.to_lowercase(), other);
    let scored = legal.map(|other| (score(other), other)).filter(|(score, _)| *score > 0.8);
    // of equally near names the first stays
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, other)| format!("; did you mean \"{other}\"?")).unwrap_or_default()
}

fn by_name<E: serde::de::Error>(name: &str) -> Result<RetrySpec, E> {
    if name == "never" {
        return Ok(RetrySpec::Never);
    }
    Preset::by_name(name).map(RetrySpec::Preset).ok_or_else(|| {
        let names = Preset::all().iter().map(|preset| preset.name);
        let families = ["fixed", "exponential", "polly", "table"];
        let hint = match families.contains(&name) {
            true => format!("; did you mean a table: retry.{name} = {{ ... }}?"),
            false => near(name, names.chain(["never"])),
        };
        E::custom(format!(
            "unknown policy {name:?}: expected \"never\", the name of a preset (`topup-sim list \
             --presets`), or a table with `fixed`, `exponential`, `polly` or `table`{hint}"
        ))
    })
}

impl Serialize for RetrySpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = RetryTable::default();
        match self.clone() {
            Self::Never => return serializer.serialize_str("never"),
            Self::Preset(preset) => return serializer.serialize_str(preset.name),
            Self::Fixed(fixed) => table.fixed = Some(fixed),
            Self::Exponential(exponential) => table.exponential = Some(exponential),
            Self::Polly(polly) => table.polly = Some(polly),
            Self::Table(rows) => table.table = Some(rows),
        }
        table.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RetrySpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = RetrySpec;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(
                    "\"never\", the name of a preset, or a table with one family: fixed, \
                     exponential, polly or table",
                )
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<RetrySpec, E> {
                by_name(text)
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                map: A,
            ) -> Result<RetrySpec, A::Error> {
                let access = serde::de::value::MapAccessDeserializer::new(map);
                RetryTable::deserialize(access)?.read().ok_or_else(|| {
                    serde::de::Error::custom(
                        "needs exactly one family: fixed, exponential, polly or table",
                    )
                })
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
        let names: Vec<&str> =
            ["never"].into_iter().chain(Preset::all().iter().map(|preset| preset.name)).collect();
        schemars::json_schema!({ "anyOf": [{ "enum": names }, table] })
    }
}
