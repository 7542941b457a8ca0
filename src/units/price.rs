//! What one of a thing costs: money to a millionth of its unit, since fees end below the cent.

use std::fmt;
use std::str::FromStr;

use super::Currency;
use super::text::{Quantity, QuantityError, number_and_unit, quantity_as_text, refused};

/// Decimals of a price at most.
const DECIMALS: usize = 6;
/// Digits before the point at most, so that no sum of prices can overflow.
const DIGITS: usize = 9;

/// A price as a scenario writes it: `"30 CNY"`, `"0.0195 USD"` or, without currency, `"0.5"`.
///
/// Never negative, six decimals at most, below a thousand million.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// Millionths of the currency's unit.
    pub micros: u64,
    /// The currency, where the text names one.
    pub currency: Option<Currency>,
}

impl Price {
    /// The price in the currency's unit.
    pub fn value(self) -> f64 {
        self.micros as f64 / 1e6
    }
}

/// Prices compare only within one currency.
impl PartialOrd for Price {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (self.currency == other.currency).then(|| self.micros.cmp(&other.micros))
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (whole, part) = (self.micros / 1_000_000, self.micros % 1_000_000);
        let part = format!("{part:06}");
        let part = part.trim_end_matches('0');
        let point = if part.is_empty() { "" } else { "." };
        let currency = self.currency.map_or(String::new(), |currency| format!(" {currency}"));
        f.pad(&format!("{whole}{point}{part}{currency}"))
    }
}

impl FromStr for Price {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let text = text.trim();
        let is_number = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
        if !text.is_empty() && text.as_bytes().iter().all(is_number) {
            return Ok(Price { micros: micros(text, text)?, currency: None });
        }
        let (number, unit) = number_and_unit::<Price>(text)?;
        let currency = unit.parse().map_err(|_| refused::<Price>(text))?;
        Ok(Price { micros: micros(text, number)?, currency: Some(currency) })
    }
}

/// Reads `0.0195` as 19500.
fn micros(text: &str, number: &str) -> Result<u64, QuantityError> {
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || !is_digits(part) {
        return Err(refused::<Price>(text));
    }
    if part.len() > DECIMALS {
        let sentence =
            format!("\"{text}\" has more than six decimals: a price ends at a millionth");
        return Err(QuantityError::new(sentence));
    }
    let digits = format!("{whole}{part:0<DECIMALS$}");
    match digits.parse() {
        Ok(micros) if whole.trim_start_matches('0').len() <= DIGITS => Ok(micros),
        _ => Err(QuantityError::new(format!("\"{text}\" is a thousand million or more"))),
    }
}

impl Quantity for Price {
    const NAME: &'static str = "Price";
    const EXPECTED: &'static str = "a price such as \"30 CNY\" or \"0.0195 USD\"";
    const PATTERN: &'static str = r"^\s*\d+(\.\d{1,6})?(\s*[A-Z]{3})?\s*$";
    const EXAMPLES: &'static [&'static str] = &["30 CNY", "0.0195 USD", "0.5"];

    fn guess(number: f64) -> Option<String> {
        (number >= 0.0 && number.is_finite()).then(|| format!("{number} CNY"))
    }
}

quantity_as_text!(Price);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_price_reads_to_the_millionth() {
        let usd = "USD".parse().ok();
        for (text, micros, currency, shown) in [
            ("30 CNY", 30_000_000, Some(Currency::CNY), "30 CNY"),
            ("0.0195USD", 19_500, usd, "0.0195 USD"),
            ("0.000001", 1, None, "0.000001"),
            ("007.50", 7_500_000, None, "7.5"),
        ] {
            let price = Price { micros, currency };
            assert_eq!(text.parse(), Ok(price), "{text}");
            assert_eq!(price.to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_price_earns_its_own_sentence() {
        for (text, part) in [
            ("-1 CNY", "is negative"),
            ("0.0000001 CNY", "more than six decimals"),
            ("1000000000 CNY", "a thousand million or more"),
            ("1e3 CNY", "cannot be read"),
            ("5 CNY/h", "cannot be read"),
            ("", "cannot be read"),
            ("1.2.3", "cannot be read"),
        ] {
            let sentence = text.parse::<Price>().expect_err(text).to_string();
            assert!(sentence.contains(part), "{text}: {sentence}");
        }
        let error = serde_json::from_str::<Price>("30").expect_err("it has no unit");
        assert!(error.to_string().contains("did you mean \"30 CNY\"?"), "{error}");
    }

    proptest! {
        #[test]
        fn a_price_reads_back_from_what_it_shows(micros in 0..1_000_000_000_000_000_u64) {
            let price = Price { micros, currency: Some(Currency::CNY) };
            prop_assert_eq!(price.to_string().parse(), Ok(price));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            let _ = text.parse::<Price>();
        }
    }
}
