//! Money in minor units: what ledgers add up, and what scenarios write.

use std::fmt;
use std::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::text::{Quantity, QuantityError, number_and_unit, quantity_as_text, refused};

/// A sum of money in minor units (hundredths), negative where something is owed.
///
/// The currency is one per scenario and lives there. Sums are exact; overflow breaks a law.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);

    /// That many minor units.
    pub const fn from_minor(minor: i64) -> Self {
        Money(minor)
    }

    /// Minor units.
    pub const fn minor(self) -> i64 {
        self.0
    }
}

impl Add for Money {
    type Output = Money;

    #[inline]
    fn add(self, other: Money) -> Money {
        Money(self.0.checked_add(other.0).expect("a sum of money fits 63 bits of minor units"))
    }
}

impl AddAssign for Money {
    #[inline]
    fn add_assign(&mut self, other: Money) {
        *self = *self + other;
    }
}

impl Sub for Money {
    type Output = Money;

    #[inline]
    fn sub(self, other: Money) -> Money {
        Money(self.0.checked_sub(other.0).expect("a sum of money fits 63 bits of minor units"))
    }
}

impl SubAssign for Money {
    #[inline]
    fn sub_assign(&mut self, other: Money) {
        *self = *self - other;
    }
}

impl Neg for Money {
    type Output = Money;

    #[inline]
    fn neg(self) -> Money {
        Money::ZERO - self
    }
}

impl Mul<i64> for Money {
    type Output = Money;

    #[inline]
    fn mul(self, times: i64) -> Money {
        Money(self.0.checked_mul(times).expect("a sum of money fits 63 bits of minor units"))
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Money>>(sums: I) -> Money {
        sums.fold(Money::ZERO, Add::add)
    }
}

/// Shows major units: `100`, `99.50`, `-0.01`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (major, minor) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        match minor {
            0 => f.pad(&format!("{sign}{major}")),
            _ => f.pad(&format!("{sign}{major}.{minor:02}")),
        }
    }
}

/// The three upper-case letters of an ISO 4217 currency code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The yuan renminbi.
    pub const CNY: Currency = Currency(*b"CNY");

    /// The code, as in `CNY`.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a currency code is three ASCII letters")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.code())
    }
}

impl FromStr for Currency {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        match <[u8; 3]>::try_from(text.trim().as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_uppercase) => Ok(Currency(code)),
            _ => Err(refused::<Currency>(text)),
        }
    }
}

impl Quantity for Currency {
    const NAME: &'static str = "Currency";
    const EXPECTED: &'static str = "a currency of three capital letters such as \"CNY\"";
    const PATTERN: &'static str = r"^\s*[A-Z]{3}\s*$";
    const EXAMPLES: &'static [&'static str] = &["CNY", "EUR", "USD"];

    fn guess(_: f64) -> Option<String> {
        None
    }
}

quantity_as_text!(Currency);

/// An amount as a scenario writes it: `"100 CNY"`, `"0.01 CNY"` or, without currency, `"99.50"`.
///
/// Never negative, two decimals at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// Minor units, not negative.
    pub minor: i64,
    /// The currency, where the text names one.
    pub currency: Option<Currency>,
}

impl Amount {
    /// The amount as money of the scenario's currency.
    pub const fn money(self) -> Money {
        Money(self.minor)
    }
}

/// Amounts compare only within one currency.
impl PartialOrd for Amount {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (self.currency == other.currency).then(|| self.minor.cmp(&other.minor))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.currency {
            Some(currency) => f.pad(&format!("{} {currency}", self.money())),
            None => self.money().fmt(f),
        }
    }
}

impl FromStr for Amount {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let text = text.trim();
        let is_number = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
        if !text.is_empty() && text.as_bytes().iter().all(is_number) {
            return Ok(Amount { minor: minor_units(text, text)?, currency: None });
        }
        let (number, unit) = number_and_unit::<Amount>(text)?;
        let currency = unit.parse().map_err(|_| refused::<Amount>(text))?;
        Ok(Amount { minor: minor_units(text, number)?, currency: Some(currency) })
    }
}

/// Reads `99.50` as 9950.
fn minor_units(text: &str, number: &str) -> Result<i64, QuantityError> {
    let (major, minor) = number.split_once('.').unwrap_or((number, "00"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(major) || !is_digits(minor) {
        return Err(refused::<Amount>(text));
    }
    if minor.len() > 2 {
        return Err(QuantityError::new(format!(
            "\"{text}\" has more than two decimals: an amount ends at the minor unit, as in \
             \"99.50 CNY\""
        )));
    }
    let minor = if minor.len() == 1 { format!("{minor}0") } else { minor.to_owned() };
    format!("{major}{minor}").parse().map_err(|_| {
        QuantityError::new(format!("\"{text}\" is more money than 63 bits of minor units hold"))
    })
}

impl Quantity for Amount {
    const NAME: &'static str = "Amount";
    const EXPECTED: &'static str = "an amount of money such as \"100 CNY\" or \"99.50\"";
    const PATTERN: &'static str = r"^\s*\d+(\.\d{1,2})?(\s*[A-Z]{3})?\s*$";
    const EXAMPLES: &'static [&'static str] = &["100 CNY", "0.01 CNY", "99.50"];

    fn guess(number: f64) -> Option<String> {
        (number >= 0.0 && number.is_finite()).then(|| format!("{number} CNY"))
    }
}

quantity_as_text!(Amount);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_reads_to_the_minor_unit() {
        for (text, minor, currency) in [
            ("100 CNY", 10_000, Some(Currency::CNY)),
            ("0.01 CNY", 1, Some(Currency::CNY)),
            ("99.5EUR", 9_950, "EUR".parse().ok()),
            ("99.50", 9_950, None),
            ("0", 0, None),
        ] {
            assert_eq!(text.parse(), Ok(Amount { minor, currency }), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_earns_its_own_sentence() {
        for (text, part) in [
            ("-1 CNY", "is negative"),
            ("0.001 CNY", "more than two decimals"),
            ("1e3 CNY", "cannot be read"),
            ("100 cny", "cannot be read"),
            ("CNY 100", "cannot be read"),
            ("1.2.3", "cannot be read"),
            ("1.", "cannot be read"),
            ("", "cannot be read"),
            ("99999999999999999999 CNY", "more money"),
        ] {
            let sentence = text.parse::<Amount>().expect_err(text).to_string();
            assert!(sentence.contains(part), "{text}: {sentence}");
        }
        let error = serde_json::from_str::<Amount>("100").expect_err("it has no unit");
        assert!(error.to_string().contains("did you mean \"100 CNY\"?"), "{error}");
    }

    #[test]
    fn money_adds_up_and_shows_major_units() {
        let sum: Money = [9_950, -10_000, 49].into_iter().map(Money::from_minor).sum();
        assert_eq!(sum, Money::from_minor(-1));
        assert_eq!(sum.to_string(), "-0.01");
        assert_eq!((-sum * 100).to_string(), "1");
    }

    #[test]
    #[should_panic(expected = "a sum of money fits 63 bits")]
    fn a_sum_that_overflows_breaks_a_law() {
        let _ = Money::from_minor(i64::MAX) + Money::from_minor(1);
    }

    #[test]
    fn amounts_of_two_currencies_do_not_compare() {
        let amount = |text: &str| text.parse::<Amount>().expect("it is legal");
        assert!(amount("1 CNY") < amount("2 CNY"));
        assert_eq!(amount("1 CNY").partial_cmp(&amount("2 EUR")), None);
    }

    proptest! {
        #[test]
        fn an_amount_reads_back_from_what_it_shows(minor in 0..=i64::MAX, named: bool) {
            let amount = Amount { minor, currency: named.then_some(Currency::CNY) };
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            let _ = (text.parse::<Amount>(), text.parse::<Currency>());
        }
    }
}
