//! What all quantities share: reading a number with its unit, and refusing the rest in a sentence.

use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{self, Deserializer, Visitor};

/// Why a text is not the quantity that was expected: one sentence, ready for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct QuantityError(String);

impl QuantityError {
    /// Takes the sentence as it shall be shown, without a full stop.
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        QuantityError(sentence.into())
    }
}

/// A value that is written as a text with its unit.
pub(super) trait Quantity: FromStr<Err = QuantityError> + Display {
    /// Name in the JSON Schema.
    const NAME: &'static str;
    /// With article and example, to follow the word "expected".
    const EXPECTED: &'static str;
    /// Regular expression (ECMA 262) of the legal texts.
    const PATTERN: &'static str;
    /// Legal texts.
    const EXAMPLES: &'static [&'static str];

    /// The text that the writer of a bare number most likely meant.
    fn guess(number: f64) -> Option<String>;
}

/// The sentence for a number that came without a unit; `shown` is how it was written.
pub(super) fn bare_number<Q: Quantity>(shown: &str, number: f64) -> QuantityError {
    let mut sentence = format!("{shown} has no unit: expected {}", Q::EXPECTED);
    if let Some(guess) = Q::guess(number) {
        sentence.push_str(&format!("; did you mean \"{guess}\"?"));
    }
    QuantityError::new(sentence)
}

/// Splits `text` into an unsigned decimal number and the trimmed unit behind it.
///
/// The number is digits, perhaps a fraction, perhaps an exponent; nothing else (no sign, no `inf`).
/// An empty unit is an error of its own, since it is the commonest slip.
pub(super) fn number_and_unit<Q: Quantity>(text: &str) -> Result<(&str, &str), QuantityError> {
    let text = text.trim();
    if text.starts_with('-') {
        let expected = Q::EXPECTED;
        return Err(QuantityError::new(format!("\"{text}\" is negative: expected {expected}")));
    }
    let (number, unit) = text.split_at(number_length(text));
    if number.is_empty() {
        return Err(refused::<Q>(text));
    }
    if unit.is_empty() {
        let value = number.parse().unwrap_or(f64::INFINITY);
        return Err(bare_number::<Q>(&format!("\"{text}\""), value));
    }
    Ok((number, unit.trim_start()))
}

/// The sentence for a text that has no reading at all.
pub(super) fn refused<Q: Quantity>(text: &str) -> QuantityError {
    QuantityError::new(format!("\"{text}\" cannot be read: expected {}", Q::EXPECTED))
}

/// Length in bytes of the unsigned decimal number that `text` begins with; 0 if there is none.
pub(super) fn number_length(text: &str) -> usize {
    let digits = |from: usize| {
        text.as_bytes()[from..].iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut length = digits(0);
    if length == 0 {
        return 0;
    }
    if text[length..].starts_with('.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if text[length..].starts_with(['e', 'E']) {
        let sign = usize::from(text[length + 1..].starts_with(['+', '-']));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}

/// The shortest decimal text of `value * 10^shift` that reads back exactly, without an exponent
/// unless the value is far from 1.
///
/// It moves the point in the text, not in the number, so no rounding can creep in.
pub(super) fn shortest(value: f64, shift: i32) -> String {
    let scientific = format!("{value:e}");
    let (mantissa, exponent) =
        scientific.split_once('e').expect("Rust writes {:e} with an exponent");
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let exponent: i32 = exponent.parse().expect("Rust writes the exponent as an integer");
    if digits == "0" {
        return digits;
    }
    let point = exponent + shift + 1;
    match point {
        -5..=0 => format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
        1..=16 if digits.len() <= point as usize => {
            format!("{digits}{}", "0".repeat(point as usize - digits.len()))
        }
        1..=16 => format!("{}.{}", &digits[..point as usize], &digits[point as usize..]),
        _ => format!("{mantissa}e{}", exponent + shift),
    }
}

/// Deserialises a quantity from its text and answers numbers with the hint they need.
pub(super) fn deserialize<'de, Q: Quantity, D: Deserializer<'de>>(from: D) -> Result<Q, D::Error> {
    from.deserialize_any(QuantityVisitor(PhantomData))
}

struct QuantityVisitor<Q>(PhantomData<Q>);

impl<Q: Quantity> Visitor<'_> for QuantityVisitor<Q> {
    type Value = Q;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(Q::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Q, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Q, E> {
        Err(E::custom(bare_number::<Q>(&number.to_string(), number as f64)))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Q, E> {
        Err(E::custom(bare_number::<Q>(&number.to_string(), number as f64)))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Q, E> {
        Err(E::custom(bare_number::<Q>(&number.to_string(), number)))
    }
}

/// Writes the serde and schema impls of a [`Quantity`].
macro_rules! quantity_as_text {
    ($quantity:ty) => {
        impl serde::Serialize for $quantity {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $quantity {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                crate::units::text::deserialize(from)
            }
        }

        impl schemars::JsonSchema for $quantity {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                <Self as crate::units::text::Quantity>::NAME.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                use crate::units::text::Quantity;
                schemars::json_schema!({
                    "type": "string",
                    "description": <Self as Quantity>::EXPECTED,
                    "pattern": <Self as Quantity>::PATTERN,
                    "examples": <Self as Quantity>::EXAMPLES,
                })
            }
        }
    };
}
pub(super) use quantity_as_text;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_ends_where_its_unit_begins() {
        for (text, length) in [
            ("5/h", 1),
            ("2.5%", 3),
            ("1e-7%", 4),
            ("3x", 1),
            ("1.s", 1),
            ("1e", 1),
            ("5 em", 1),
            ("inf", 0),
            (".5%", 0),
            ("", 0),
        ] {
            assert_eq!(number_length(text), length, "{text}");
        }
    }

    #[test]
    fn the_shortest_text_moves_the_point_without_rounding() {
        assert_eq!(shortest(0.025, 2), "2.5");
        assert_eq!(shortest(0.07, 2), "7");
        assert_eq!(shortest(1.0, 2), "100");
        assert_eq!(shortest(0.0, 2), "0");
        assert_eq!(shortest(583_000.0, 0), "583000");
        assert_eq!(shortest(1.5e-9, 2), "1.5e-7");
        assert_eq!(shortest(0.000_02, 2), "0.002");
        assert_eq!(shortest(1e300, 0), "1e300");
    }
}
