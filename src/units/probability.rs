//! How likely something is: a number from 0 to 1, written in per cent.

use std::fmt;
use std::str::FromStr;

use super::text::{Quantity, QuantityError, number_and_unit, quantity_as_text, refused, shortest};

/// A finite number from 0 to 1, written `"2.5%"`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Probability(f64);

impl Probability {
    /// Never.
    pub const ZERO: Probability = Probability(0.0);
    /// Always.
    pub const ONE: Probability = Probability(1.0);

    /// The probability of that value, if it lies in 0..=1.
    pub fn new(value: f64) -> Option<Self> {
        // Adding zero turns -0.0 into 0.0, which would otherwise show as "-0%".
        (0.0..=1.0).contains(&value).then_some(Probability(value + 0.0))
    }

    /// The number from 0 to 1.
    pub const fn value(self) -> f64 {
        self.0
    }

    /// `value * 2^32`, rounded: a 32-bit draw `u` hits iff `u64::from(u) < threshold`.
    ///
    /// From 0 (never) to 2^32 (always). A probability below 2^-33 rounds to never.
    pub fn threshold(self) -> u64 {
        (self.0 * 4_294_967_296.0).round() as u64
    }

    /// The probability with that [`Probability::threshold`], with the nine digits that a threshold
    /// tells: so it is the one that was written, unless that had more.
    pub fn of_threshold(threshold: u64) -> Self {
        Probability(((threshold as f64 / 4_294_967_296.0) * 1e9).round() / 1e9)
    }

    /// The probability that it does not happen.
    pub fn complement(self) -> Self {
        Probability(1.0 - self.0)
    }
}

impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(&format!("{}%", shortest(self.0, 2)))
    }
}

impl FromStr for Probability {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let (number, unit) = number_and_unit::<Probability>(text)?;
        if unit != "%" {
            return Err(refused::<Probability>(text));
        }
        let value = from_percent(number).ok_or_else(|| refused::<Probability>(text))?;
        Probability::new(value).ok_or_else(|| {
            QuantityError::new(format!(
                "\"{text}\" is more than 100%, the most a probability can be"
            ))
        })
    }
}

/// The number of per cent as a share, with the point moved in the text: "7%" is exactly 0.07.
fn from_percent(number: &str) -> Option<f64> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    format!("{mantissa}e{}", exponent.checked_sub(2)?).parse().ok()
}

impl Quantity for Probability {
    const NAME: &'static str = "Probability";
    const EXPECTED: &'static str = "a probability in per cent such as \"2.5%\"";
    const PATTERN: &'static str = r"^\s*\d+(\.\d+)?([eE][+-]?\d+)?\s*%\s*$";
    const EXAMPLES: &'static [&'static str] = &["2.5%", "0.2%", "100%"];

    fn guess(number: f64) -> Option<String> {
        if let Some(probability) = Probability::new(number) {
            return Some(probability.to_string());
        }
        (number > 1.0 && number <= 100.0).then(|| format!("{number}%"))
    }
}

quantity_as_text!(Probability);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<f64, String> {
        text.parse::<Probability>().map(Probability::value).map_err(|e| e.to_string())
    }

    #[test]
    fn per_cent_reads_as_the_nearest_number_to_the_text() {
        for (text, value) in [
            ("2.5%", 0.025),
            ("0.2 %", 0.002),
            ("7%", 0.07),
            ("0%", 0.0),
            ("100%", 1.0),
            ("1e-4%", 1e-6),
        ] {
            assert_eq!(read(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_is_no_probability_earns_its_own_sentence() {
        for (text, part) in [
            ("0.025", "did you mean \"2.5%\"?"),
            ("0", "did you mean \"0%\"?"),
            ("1", "did you mean \"100%\"?"),
            ("5", "did you mean \"5%\"?"),
            ("1e-4", "did you mean \"0.01%\"?"),
            ("-1%", "is negative"),
            ("100.1%", "more than 100%"),
            ("1e999%", "more than 100%"),
            ("NaN%", "cannot be read"),
            ("inf%", "cannot be read"),
            ("5‰", "cannot be read"),
            ("2%%", "cannot be read"),
        ] {
            let sentence = read(text).expect_err(text);
            assert!(sentence.contains(part), "{text}: {sentence}");
        }
    }

    #[test]
    fn a_bare_number_in_a_file_is_refused_with_a_hint() {
        let error = serde_json::from_str::<Probability>("0.05").expect_err("it has no unit");
        assert!(error.to_string().contains("0.05 has no unit"), "{error}");
        assert!(error.to_string().contains("did you mean \"5%\"?"), "{error}");
        let error = serde_json::from_str::<Probability>("true").expect_err("it is no text");
        assert!(error.to_string().contains("expected a probability in per cent"), "{error}");
    }

    #[test]
    fn a_threshold_meets_its_ends_exactly() {
        assert_eq!(Probability::ZERO.threshold(), 0);
        assert_eq!(Probability::ONE.threshold(), 1 << 32);
        assert_eq!(Probability::new(0.5).map(Probability::threshold), Some(1 << 31));
        assert_eq!(Probability::new(f64::NAN), None);
        for written in [0.0, 0.07, 0.95, 0.123_456_789, 1.0] {
            let threshold = Probability(written).threshold();
            assert_eq!(Probability::of_threshold(threshold), Probability(written));
        }
        assert_eq!(Probability::new(1.0 + f64::EPSILON), None);
        assert_eq!(Probability::new(-0.0).map(|p| p.to_string()), Some("0%".into()));
    }

    proptest! {
        #[test]
        fn a_probability_reads_back_from_what_it_shows(value in 0.0..=1.0_f64, tiny in 0..300_i32) {
            for value in [value, value * 10_f64.powi(-tiny)] {
                let probability = Probability::new(value).expect("it lies in 0..=1");
                prop_assert_eq!(probability.to_string().parse(), Ok(probability));
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            let _ = text.parse::<Probability>();
        }
    }
}
