//! How often something happens a second, and by how much something is multiplied.

use std::fmt;
use std::str::FromStr;

use super::text::{Quantity, QuantityError, number_and_unit, quantity_as_text, refused, shortest};

/// The legal units: text behind the number, seconds.
const PER: [(&str, f64); 5] =
    [("/s", 1.0), ("/min", 60.0), ("/m", 60.0), ("/h", 3_600.0), ("/d", 86_400.0)];

/// Events per second, finite and not negative, written `"2/s"`, `"30/min"`, `"5/h"` or `"10/d"`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Rate(f64);

impl Rate {
    /// Nothing ever happens.
    pub const ZERO: Rate = Rate(0.0);

    /// The rate of that many events per second, if it is finite and not negative.
    pub fn new(per_second: f64) -> Option<Self> {
        // Adding zero turns -0.0 into 0.0.
        (per_second.is_finite() && per_second >= 0.0).then_some(Rate(per_second + 0.0))
    }

    /// Events per second.
    pub const fn per_second(self) -> f64 {
        self.0
    }
}

/// Takes the unit with the shortest text, so that 5/3600 per second shows as `5/h`.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let shown = PER.iter().filter(|&&(unit, _)| unit != "/m").filter_map(|&(unit, seconds)| {
            let text = format!("{}{unit}", shortest(self.0 * seconds, 0));
            (text.parse() == Ok(*self)).then_some(text)
        });
        // Per second always reads back, so there is a shortest one; the first of equals is it.
        let shortest = shown.min_by_key(String::len).expect("a rate per second reads back");
        f.pad(&shortest)
    }
}

impl FromStr for Rate {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let (number, unit) = number_and_unit::<Rate>(text)?;
        let unit: String = unit.split_whitespace().collect();
        let Some((_, seconds)) = PER.iter().find(|&&(name, _)| name == unit) else {
            return Err(refused::<Rate>(text));
        };
        let events: f64 = number.parse().map_err(|_| refused::<Rate>(text))?;
        Rate::new(events / seconds)
            .ok_or_else(|| QuantityError::new(format!("\"{text}\" is too large for a rate")))
    }
}

impl Quantity for Rate {
    const NAME: &'static str = "Rate";
    const EXPECTED: &'static str = "a rate such as \"2/s\", \"30/min\", \"5/h\" or \"10/d\"";
    const PATTERN: &'static str = r"^\s*\d+(\.\d+)?([eE][+-]?\d+)?\s*/\s*(s|min|m|h|d)\s*$";
    const EXAMPLES: &'static [&'static str] = &["2/s", "30/min", "5/h", "10/d"];

    fn guess(number: f64) -> Option<String> {
        Rate::new(number).map(|_| format!("{}/s", shortest(number, 0)))
    }
}

quantity_as_text!(Rate);

/// A multiplier, finite and above 0, written `"3x"` or `"0.5x"`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Factor(f64);

impl Factor {
    /// Changes nothing.
    pub const ONE: Factor = Factor(1.0);

    /// The factor of that value, if it is finite and above 0.
    pub fn new(value: f64) -> Option<Self> {
        (value.is_finite() && value > 0.0).then_some(Factor(value))
    }

    /// The number to multiply by.
    pub const fn value(self) -> f64 {
        self.0
    }
}

impl Default for Factor {
    fn default() -> Self {
        Factor::ONE
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(&format!("{}x", shortest(self.0, 0)))
    }
}

impl FromStr for Factor {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let (number, unit) = number_and_unit::<Factor>(text)?;
        if !matches!(unit, "x" | "×") {
            return Err(refused::<Factor>(text));
        }
        let value: f64 = number.parse().map_err(|_| refused::<Factor>(text))?;
        Factor::new(value).ok_or_else(|| {
            QuantityError::new(format!("\"{text}\" is not a factor above 0 and below infinity"))
        })
    }
}

impl Quantity for Factor {
    const NAME: &'static str = "Factor";
    const EXPECTED: &'static str = "a factor such as \"3x\" or \"0.5x\"";
    const PATTERN: &'static str = r"^\s*\d+(\.\d+)?([eE][+-]?\d+)?\s*[x×]\s*$";
    const EXAMPLES: &'static [&'static str] = &["3x", "0.5x"];

    fn guess(number: f64) -> Option<String> {
        Factor::new(number).map(|factor| factor.to_string())
    }
}

quantity_as_text!(Factor);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rate(text: &str) -> Result<f64, String> {
        text.parse::<Rate>().map(Rate::per_second).map_err(|e| e.to_string())
    }

    #[test]
    fn a_rate_reads_per_second_minute_hour_and_day() {
        for (text, per_second) in [
            ("2/s", 2.0),
            ("30/min", 0.5),
            ("30/m", 0.5),
            ("5/h", 5.0 / 3_600.0),
            ("10 / d", 10.0 / 86_400.0),
            ("583000/s", 583_000.0),
            ("1e6/s", 1e6),
            ("0/s", 0.0),
        ] {
            assert_eq!(rate(text), Ok(per_second), "{text}");
        }
    }

    #[test]
    fn what_is_no_rate_earns_its_own_sentence() {
        for (text, part) in [
            ("20", "did you mean \"20/s\"?"),
            ("-2/s", "is negative"),
            ("2/week", "cannot be read"),
            ("2s", "cannot be read"),
            ("inf/s", "cannot be read"),
            ("1e999/s", "too large"),
        ] {
            let sentence = rate(text).expect_err(text);
            assert!(sentence.contains(part), "{text}: {sentence}");
        }
    }

    #[test]
    fn a_rate_shows_in_the_unit_that_suits_it() {
        for text in ["2/s", "30/min", "5/h", "10/d", "583000/s", "0/s", "0.5x", "3x"] {
            let again = match text.strip_suffix('x') {
                Some(_) => text.parse::<Factor>().map(|factor| factor.to_string()),
                None => text.parse::<Rate>().map(|rate| rate.to_string()),
            };
            let expected = if text == "30/min" { "0.5/s" } else { text };
            assert_eq!(again.as_deref(), Ok(expected));
        }
    }

    #[test]
    fn a_factor_is_above_zero() {
        assert_eq!("3×".parse::<Factor>().map(Factor::value), Ok(3.0));
        for (text, part) in [
            ("0x", "above 0"),
            ("1e999x", "below infinity"),
            ("-1x", "is negative"),
            ("3", "did you mean \"3x\"?"),
            ("x3", "cannot be read"),
        ] {
            let sentence = text.parse::<Factor>().expect_err(text).to_string();
            assert!(sentence.contains(part), "{text}: {sentence}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(value in 0.0..1e9_f64, down in 0..40_i32) {
            let value = value * 10_f64.powi(-down);
            let rate = Rate::new(value).expect("it is finite and not negative");
            prop_assert_eq!(rate.to_string().parse(), Ok(rate));
            if let Some(factor) = Factor::new(value) {
                prop_assert_eq!(factor.to_string().parse(), Ok(factor));
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            let _ = (text.parse::<Rate>(), text.parse::<Factor>());
        }
    }
}
