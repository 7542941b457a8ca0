//! Targets as a scenario writes them: a text, a table, or several on one metric.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::bound::Bound;
use crate::units::Probability;

/// The targets on one metric: one, or an array of several.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetsSpec(pub(super) Vec<TargetSpec>);

/// A target as written: `">= 90%"`, `"<= 5"`, or a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetSpec {
    /// The value must not be below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at_least: Option<Bound>,
    /// The value must not be above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at_most: Option<Bound>,
    /// `all`, a window of `[windows]`, or the worst stretch of the measured time, such as
    /// `worst_1min`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) during: Option<String>,
    /// `all`, or a group such as `channel=alipay`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
    /// The bound must hold in this share of replications, such as `99% of replications`; without
    /// it, for the mean.
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    pub(super) share: Option<ShareOfReplications>,
    /// `mean`, or a quantile of the replications' values such as `p05`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) statistic: Option<String>,
    /// Replications are added until half the interval is at most this: a part of the value in per
    /// cent, or in the metric's unit (`0.1 points` for a share).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) precision: Option<Bound>,
}

/// A share of replications, as `99% of replications`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShareOfReplications(pub(super) Probability);

impl TargetSpec {
    /// The target as a text, such as `>= 97% during worst_1min in 99% of replications`.
    pub(super) fn text(&self) -> String {
        let side = |sign: &str, bound: &Option<Bound>| {
            bound.as_ref().map(|bound| format!("{sign} {bound}"))
        };
        let sides = [side(">=", &self.at_least), side("<=", &self.at_most)];
        let mut text = sides.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let with = |text: &mut String, word: &str, part: &str| {
            if !part.is_empty() {
                *text += &format!(" {word} {part}");
            }
        };
        let part = |part: &Option<String>| {
            part.clone().filter(|part| part != "all" && part != "mean").unwrap_or_default()
        };
        with(&mut text, "as", &part(&self.statistic));
        with(&mut text, "of", &part(&self.group));
        with(&mut text, "during", &part(&self.during));
        with(&mut text, "in", &self.share.map_or(String::new(), |share| share.to_string()));
        text
    }

    /// The only bound, where nothing else is said.
    fn bare(&self) -> Option<String> {
        let rest = Self { at_least: None, at_most: None, ..self.clone() };
        let has_one = self.at_least.is_some() != self.at_most.is_some();
        (has_one && rest == Self::default()).then(|| self.text())
    }
}

impl fmt::Display for ShareOfReplications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of replications", self.0)
    }
}

impl Serialize for ShareOfReplications {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ShareOfReplications {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let share = text.trim().strip_suffix("of replications");
        let share = share.and_then(|share| share.trim().parse::<Probability>().ok());
        let legal = share.filter(|share| share.value() > 0.0 && share.value() < 1.0);
        legal.map(Self).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "{text:?} can never be sure, or is no share: expected a share below 100 %, such \
                 as \"99% of replications\""
            ))
        })
    }
}

impl JsonSchema for ShareOfReplications {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ShareOfReplications".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "pattern": "% of replications$", "examples": ["99% of replications"],
        })
    }
}

/// A target in one of its forms.
struct Form(TargetSpec);

impl<'de> Deserialize<'de> for Form {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(FormVisitor).map(Form)
    }
}

/// Reads one target.
struct FormVisitor;

impl<'de> serde::de::Visitor<'de> for FormVisitor {
    type Value = TargetSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bound such as \">= 90%\" or { at_most = 5 }")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<TargetSpec, E> {
        let bound = |rest: &str| Some(Bound::Text(rest.trim().to_owned()));
        let text = text.trim();
        if let Some(rest) = text.strip_prefix(">=") {
            Ok(TargetSpec { at_least: bound(rest), ..TargetSpec::default() })
        } else if let Some(rest) = text.strip_prefix("<=") {
            Ok(TargetSpec { at_most: bound(rest), ..TargetSpec::default() })
        } else {
            Err(E::custom(format!(
                "{text:?} has no direction: expected a bound such as \">= 90%\" or \"<= 5\""
            )))
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TargetSpec, A::Error> {
        let target = TargetSpec::deserialize(MapAccessDeserializer::new(map))?;
        if target.at_least.is_none() && target.at_most.is_none() {
            let nothing = "bounds nothing: expected at_least, at_most or both";
            return Err(serde::de::Error::custom(nothing));
        }
        Ok(target)
    }
}

impl<'de> Deserialize<'de> for TargetsSpec {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = TargetsSpec;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                FormVisitor.expecting(f)
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<TargetsSpec, E> {
                FormVisitor.visit_str(text).map(|target| TargetsSpec(vec![target]))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TargetsSpec, A::Error> {
                FormVisitor.visit_map(map).map(|target| TargetsSpec(vec![target]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<TargetsSpec, A::Error> {
                let forms = Vec::<Form>::deserialize(SeqAccessDeserializer::new(seq))?;
                Ok(TargetsSpec(forms.into_iter().map(|form| form.0).collect()))
            }
        }
        from.deserialize_any(Visitor)
    }
}

impl Serialize for TargetsSpec {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        /// One target as briefly as it can be written.
        struct Brief<'a>(&'a TargetSpec);
        impl Serialize for Brief<'_> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                match self.0.bare() {
                    Some(text) => to.serialize_str(&text),
                    None => self.0.serialize(to),
                }
            }
        }
        match &self.0[..] {
            [one] => Brief(one).serialize(to),
            several => to.collect_seq(several.iter().map(Brief)),
        }
    }
}

impl JsonSchema for TargetsSpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Targets".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let table = generator.subschema_for::<TargetSpec>();
        let one = schemars::json_schema!({
            "anyOf": [
                { "type": "string", "pattern": "^\\s*(>=|<=)", "examples": [">= 90%", "<= 5"] },
                table,
            ],
        });
        schemars::json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}
