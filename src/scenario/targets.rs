//! Bounds that a scenario sets on metrics, and their check against the registry's names and units.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::fault::{Faults, KeyPath};
use crate::record::METRICS;
use crate::record::registry::Unit;
use crate::units::{Probability, Span};

/// A bound as written: `">= 90%"`, `"<= 5"`, or `{ at_least = .., at_most = .. }`.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetSpec {
    at_least: Option<Bound>,
    at_most: Option<Bound>,
}

/// A limit with its unit, or a bare number.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// Such as `90%` or `15m`.
    Text(String),
    /// For metrics that are counts, and those whose name carries the unit.
    Number(f64),
}

/// A checked bound on the mean of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Name of the metric.
    pub metric: String,
    /// The mean must not be below, in the metric's unit.
    pub at_least: Option<f64>,
    /// The mean must not be above, in the metric's unit.
    pub at_most: Option<f64>,
    /// As written, such as `>= 90%`.
    pub text: String,
}

impl TargetSpec {
    /// The bound as a text.
    fn text(&self) -> String {
        let side = |sign: &str, bound: &Option<Bound>| {
            bound.as_ref().map(|b| match b {
                Bound::Text(text) => format!("{sign} {text}"),
                Bound::Number(x) => format!("{sign} {x}"),
            })
        };
        let sides = [side(">=", &self.at_least), side("<=", &self.at_most)];
        sides.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// Checks targets against the registry of metrics.
pub(super) fn check(targets: &BTreeMap<String, TargetSpec>, faults: &mut Faults) -> Vec<Target> {
    let root = KeyPath::root().key("targets");
    let mut checked = Vec::new();
    for (metric, spec) in targets {
        let path = root.key(metric);
        let Some(unit) = METRICS.iter().find(|m| m.name == metric).map(|m| m.unit) else {
            let names: Vec<&str> = METRICS.iter().map(|m| m.name).collect();
            faults.add_with_help(path, "is no metric", format!("one of {}", names.join(", ")));
            continue;
        };
        let mut read = |bound: &Option<Bound>| {
            let value = bound.as_ref().map(|b| b.value(unit));
            value.transpose().unwrap_or_else(|legal| {
                faults.add_with_help(path.clone(), "has a bound in a wrong unit", legal);
                None
            })
        };
        let (at_least, at_most) = (read(&spec.at_least), read(&spec.at_most));
        if let (Some(low), Some(high)) = (at_least, at_most)
            && low > high
        {
            faults.add(path.clone(), "has `at_least` above `at_most`: nothing can meet it");
        }
        checked.push(Target { metric: metric.clone(), at_least, at_most, text: spec.text() });
    }
    checked
}

impl Bound {
    /// The bound in a metric's unit, or what would be legal.
    pub(super) fn value(&self, unit: Unit) -> Result<f64, String> {
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|x| x.is_finite());
        match (self, unit) {
            (Self::Text(text), Unit::Share) => {
                let share: Result<Probability, _> = text.parse();
                share.map(Probability::value).map_err(|e| e.to_string())
            }
            (Self::Number(x), Unit::Share) => Err(match Probability::new(*x) {
                Some(share) => format!("a share with its unit, such as \"{share}\""),
                None => "a share with its unit, such as \"90%\"".to_owned(),
            }),
            (Self::Text(text), Unit::Seconds) => match (number(text), text.parse::<Span>()) {
                (Some(seconds), _) => Ok(seconds),
                (None, Ok(span)) => Ok(span.secs_f64()),
                (None, Err(e)) => Err(e.to_string()),
            },
            (Self::Text(text), Unit::PerSecond) => {
                let bare = text.trim_end().trim_end_matches("/s");
                number(bare).ok_or_else(|| "a rate, such as \"500/s\"".to_owned())
            }
            (Self::Text(text), _) => {
                number(text).ok_or_else(|| format!("a number, such as \"5\" ({})", of(unit)))
            }
            (Self::Number(x), _) => Ok(*x),
        }
    }
}

/// A unit in words.
fn of(unit: Unit) -> &'static str {
    match unit {
        Unit::Share => "a share",
        Unit::PerMillion => "of a million",
        Unit::PerTopUp => "of one top-up",
        Unit::PerFailedAttempt => "of one failed attempt",
        Unit::PerSecond => "a second",
        Unit::Seconds => "seconds",
        Unit::Money => "major units of the currency",
        Unit::TopUps => "top-ups",
        Unit::Captures => "captures",
        Unit::Openings => "openings",
    }
}

impl Serialize for TargetSpec {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match (&self.at_least, &self.at_most) {
            (Some(_), None) | (None, Some(_)) => to.serialize_str(&self.text()),
            _ => Written { at_least: self.at_least.clone(), at_most: self.at_most.clone() }
                .serialize(to),
        }
    }
}

impl Serialize for Bound {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => to.serialize_str(text),
            Self::Number(x) => to.serialize_f64(*x),
        }
    }
}

/// The table form of a target.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The mean must not be below.
    #[serde(skip_serializing_if = "Option::is_none")]
    at_least: Option<Bound>,
    /// The mean must not be above.
    #[serde(skip_serializing_if = "Option::is_none")]
    at_most: Option<Bound>,
}

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Bound;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a bound such as \"90%\" or 5")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Bound, E> {
                Ok(Bound::Text(text.trim().to_owned()))
            }
            fn visit_i64<E: serde::de::Error>(self, x: i64) -> Result<Bound, E> {
                Ok(Bound::Number(x as f64))
            }
            fn visit_f64<E: serde::de::Error>(self, x: f64) -> Result<Bound, E> {
                Ok(Bound::Number(x))
            }
        }
        from.deserialize_any(Visitor)
    }
}

impl<'de> Deserialize<'de> for TargetSpec {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = TargetSpec;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a bound such as \">= 90%\" or { at_most = 5 }")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<TargetSpec, E> {
                let bound = |rest: &str| Some(Bound::Text(rest.trim().to_owned()));
                let text = text.trim();
                if let Some(rest) = text.strip_prefix(">=") {
                    Ok(TargetSpec { at_least: bound(rest), at_most: None })
                } else if let Some(rest) = text.strip_prefix("<=") {
                    Ok(TargetSpec { at_least: None, at_most: bound(rest) })
                } else {
                    Err(E::custom(format!(
                        "{text:?} has no direction: expected a bound such as \">= 90%\" or \"<= 5\""
                    )))
                }
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<TargetSpec, A::Error> {
                let mut target = TargetSpec { at_least: None, at_most: None };
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "at_least" => target.at_least = Some(map.next_value()?),
                        "at_most" => target.at_most = Some(map.next_value()?),
                        "in" | "during" | "group" | "statistic" => {
                            return Err(serde::de::Error::custom(format!(
                                "`{key}` comes with the policy laboratory: expected bounds on \
                                 the mean, at_least and at_most"
                            )));
                        }
                        _ => {
                            let legal = &["at_least", "at_most"];
                            return Err(serde::de::Error::unknown_field(&key, legal));
                        }
                    }
                }
                match (&target.at_least, &target.at_most) {
                    (None, None) => Err(serde::de::Error::custom(
                        "bounds nothing: expected at_least, at_most or both",
                    )),
                    _ => Ok(target),
                }
            }
        }
        from.deserialize_any(Visitor)
    }
}

impl JsonSchema for Bound {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bound".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "number"], "examples": ["90%", 5] })
    }
}

impl JsonSchema for TargetSpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Target".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let table = generator.subschema_for::<Written>();
        schemars::json_schema!({
            "anyOf": [
                { "type": "string", "pattern": "^\\s*(>=|<=)", "examples": [">= 90%", "<= 5"] },
                table,
            ],
        })
    }
}
