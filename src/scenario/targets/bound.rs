//! A bound of a target or a published fact: a limit with its unit, and how close is close enough.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::record::registry::Unit;
use crate::units::{Probability, Span};

/// A limit with its unit, or a bare number.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// Such as `90%` or `15m`.
    Text(String),
    /// For metrics that are counts, and those whose name carries the unit.
    Number(f64),
}

/// How narrow the interval of an estimate shall be: half its width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Precision {
    /// At most this part of the value.
    Relative(f64),
    /// At most this, in the metric's unit.
    Absolute(f64),
}

impl Bound {
    /// The bound in a metric's unit.
    ///
    /// # Errors
    /// What would be legal, where its own unit does not fit.
    pub fn value(&self, unit: Unit) -> Result<f64, String> {
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

    /// The bound read as a precision for a metric: relative where it is in per cent, otherwise in
    /// the metric's unit, in points where that is a share; or what would be legal.
    pub(super) fn precision(&self, unit: Unit) -> Result<Precision, String> {
        let legal = || match unit {
            Unit::Share => "\"1%\" of the value, or points, such as \"0.1 points\"".to_owned(),
            Unit::Seconds => "\"1%\" of the value, or a duration, such as \"5ms\"".to_owned(),
            unit => format!("\"1%\" of the value, or a number ({})", of(unit)),
        };
        let precision = match self {
            Self::Text(text) if text.ends_with('%') => Precision::relative(text)?,
            Self::Text(text) if unit == Unit::Share => {
                let points = text.trim_end_matches("points").trim_end_matches("point");
                let points = (points != text).then(|| number(points)).flatten();
                Precision::Absolute(points.ok_or_else(legal)? / 100.0)
            }
            Self::Number(_) if unit == Unit::Share => return Err(legal()),
            bound => Precision::Absolute(bound.value(unit).map_err(|_| legal())?),
        };
        match precision {
            Precision::Relative(half) | Precision::Absolute(half) if half > 0.0 => Ok(precision),
            _ => Err(legal()),
        }
    }
}

impl Precision {
    /// A precision as a part of the value, such as `1%`.
    ///
    /// # Errors
    /// What would be legal.
    pub fn relative(text: &str) -> Result<Self, String> {
        let share: Result<Probability, _> = text.trim().parse();
        let share = share.map(Probability::value).ok().filter(|share| (1e-6..1.0).contains(share));
        let legal = || "a part of the value above 0 % and below 100 %, such as \"1%\"".to_owned();
        share.map(Self::Relative).ok_or_else(legal)
    }
}

/// A finite number.
fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|x: &f64| x.is_finite())
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
        Unit::MoneyPerThousand => "major units of the currency for a thousand top-ups",
        Unit::TopUps => "top-ups",
        Unit::Captures => "captures",
        Unit::Openings => "openings",
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(x) => write!(f, "{x}"),
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

impl JsonSchema for Bound {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bound".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "number"], "examples": ["90%", 5] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn precision(text: &str, unit: Unit) -> Result<Precision, String> {
        Bound::Text(text.to_owned()).precision(unit)
    }

    #[test]
    fn a_precision_in_per_cent_is_a_part_of_the_value_and_all_else_has_the_unit() {
        assert_eq!(precision("1%", Unit::Share), Ok(Precision::Relative(0.01)));
        assert_eq!(precision("5%", Unit::Seconds), Ok(Precision::Relative(0.05)));
        assert_eq!(precision("0.1 points", Unit::Share), Ok(Precision::Absolute(0.001)));
        assert_eq!(precision("5ms", Unit::Seconds), Ok(Precision::Absolute(0.005)));
        assert_eq!(precision("2", Unit::PerMillion), Ok(Precision::Absolute(2.0)));
        for (text, unit) in [("0.1", Unit::Share), ("0%", Unit::Share), ("x", Unit::Seconds)] {
            assert!(precision(text, unit).is_err(), "{text}");
        }
        assert!(precision("-1", Unit::PerMillion).is_err() && Precision::relative("100%").is_err());
    }
}
