//! A number of any unit as a whole number of small steps: exact arithmetic for ranges of values.

use std::fmt;
use std::str::FromStr;

use super::text::number_length;
use super::{Amount, Currency, Money, Span};

/// Digits of a number at most, so that ranges of them cannot overflow.
const DIGITS_MAX: usize = 24;

/// What a measure is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasureUnit {
    /// A whole number of things.
    Whole,
    /// A bare number.
    Bare,
    /// Per cent.
    Percent,
    /// A factor, `x`.
    Factor,
    /// Events a second, minute, hour or day: how it is written, and its seconds.
    Rate(&'static str, u32),
    /// Time, in steps of 1 ns.
    Span,
    /// Money, in steps of the minor unit.
    Money(Option<Currency>),
}

/// A number with its unit: `steps / 10^decimals` of it. Reads and writes what scenarios say, such
/// as `2.5%`, `30/min`, `1m 30s`, `99.50 CNY`, `3x` or `40`, without any rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// How many steps.
    pub steps: i128,
    /// A step is a unit divided by ten so many times.
    pub decimals: u32,
    /// The unit; [`MeasureUnit::Span`] and [`MeasureUnit::Money`] have steps of their own, and no
    /// decimals.
    pub unit: MeasureUnit,
}

/// How rates are written.
const RATES: [(&str, &str, u32); 5] = [
    ("/s", "/s", 1),
    ("/min", "/min", 60),
    ("/m", "/min", 60),
    ("/h", "/h", 3_600),
    ("/d", "/d", 86_400),
];

impl Measure {
    /// The same number in finer steps; none where they would be too many.
    pub fn with_decimals(self, decimals: u32) -> Option<Self> {
        let more = decimals.checked_sub(self.decimals)?;
        let steps = self.steps.checked_mul(10_i128.checked_pow(more)?)?;
        Some(Self { steps, decimals, ..self })
    }

    /// The number in the unit of tables: a share for per cent, seconds, events a second, major
    /// units of money, and otherwise as it stands.
    pub fn value(self) -> f64 {
        let number = |decimals: i32| {
            let text = format!("{}e{}", self.steps, -decimals);
            text.parse::<f64>().expect("digits and an exponent are a number")
        };
        let decimals = self.decimals as i32;
        match self.unit {
            MeasureUnit::Whole | MeasureUnit::Bare | MeasureUnit::Factor => number(decimals),
            MeasureUnit::Percent => number(decimals + 2),
            MeasureUnit::Rate(_, seconds) => number(decimals) / f64::from(seconds),
            MeasureUnit::Span => self.steps as f64 / 1e9,
            MeasureUnit::Money(_) => self.steps as f64 / 100.0,
        }
    }

    fn number(steps: &str, exponent: i64, unit: MeasureUnit) -> Option<Self> {
        let (sign, digits) = steps.strip_prefix('-').map_or((1, steps), |digits| (-1, digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut digits = format!("{whole}{fraction}");
        let mut decimals = i64::try_from(fraction.len()).ok()? - exponent;
        while decimals < 0 && digits.len() <= DIGITS_MAX {
            digits.push('0');
            decimals += 1;
        }
        if digits.len() > DIGITS_MAX || decimals > DIGITS_MAX as i64 {
            return None;
        }
        let steps = sign * digits.parse::<i128>().ok()?;
        Some(Self { steps, decimals: u32::try_from(decimals).ok()?, unit })
    }
}

/// The text is no number with a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoMeasure;

impl FromStr for Measure {
    type Err = NoMeasure;

    fn from_str(text: &str) -> Result<Self, NoMeasure> {
        let text = text.trim();
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let length = number_length(unsigned);
        if length == 0 {
            return Err(NoMeasure);
        }
        let length = length + (text.len() - unsigned.len());
        let (number, unit) = (&text[..length], text[length..].trim_start());
        let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
        let exponent: i64 = exponent.parse().map_err(|_| NoMeasure)?;
        let of = |unit| Self::number(mantissa, exponent, unit).ok_or(NoMeasure);
        let squeezed: String = unit.split_whitespace().collect();
        let rate = RATES.iter().find(|(name, ..)| *name == squeezed);
        match (unit, rate) {
            ("", _) if mantissa.contains('.') || number != mantissa => of(MeasureUnit::Bare),
            ("", _) => of(MeasureUnit::Whole),
            ("%", _) => of(MeasureUnit::Percent),
            ("x" | "×", _) => of(MeasureUnit::Factor),
            (_, Some(&(_, shown, seconds))) => of(MeasureUnit::Rate(shown, seconds)),
            _ => span_or_money(text).ok_or(NoMeasure),
        }
    }
}

fn span_or_money(text: &str) -> Option<Measure> {
    if let Ok(span) = text.parse::<Span>() {
        return Some(Measure { steps: span.ns().into(), decimals: 0, unit: MeasureUnit::Span });
    }
    let amount = text.parse::<Amount>().ok()?;
    let unit = MeasureUnit::Money(amount.currency);
    Some(Measure { steps: amount.minor.into(), decimals: 0, unit })
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let unit = match self.unit {
            MeasureUnit::Span => {
                return Span::from_ns(u64::try_from(self.steps).unwrap_or(u64::MAX)).fmt(f);
            }
            MeasureUnit::Money(currency) => {
                let money = Money::from_minor(i64::try_from(self.steps).unwrap_or(i64::MAX));
                let currency = currency.map_or(String::new(), |currency| format!(" {currency}"));
                return f.pad(&format!("{money}{currency}"));
            }
            MeasureUnit::Whole | MeasureUnit::Bare => "",
            MeasureUnit::Percent => "%",
            MeasureUnit::Factor => "x",
            MeasureUnit::Rate(shown, _) => shown,
        };
        let sign = if self.steps < 0 { "-" } else { "" };
        let places = self.decimals as usize;
        let digits = format!("{:0>width$}", self.steps.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let fraction = fraction.trim_end_matches('0');
        match (fraction, self.unit) {
            // a bare number keeps its point, so that it is read as one again
            ("", MeasureUnit::Bare) => f.pad(&format!("{sign}{whole}.0")),
            ("", _) => f.pad(&format!("{sign}{whole}{unit}")),
            _ => f.pad(&format!("{sign}{whole}.{fraction}{unit}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::units::{Factor, Probability, Rate};

    fn measure(text: &str) -> Measure {
        text.parse().unwrap_or_else(|_| panic!("{text} is a measure"))
    }

    #[test]
    fn a_measure_is_written_as_it_was_read_and_exactly() {
        for (text, shown, value) in [
            ("0.3", "0.3", 0.3),
            ("1.0", "1.0", 1.0),
            ("40", "40", 40.0),
            ("-3", "-3", -3.0),
            ("2.50 %", "2.5%", 0.025),
            ("1e-4%", "0.0001%", 1e-6),
            ("3x", "3x", 3.0),
            ("30 / m", "30/min", 0.5),
            ("1.5s", "1.5s", 1.5),
            ("90s", "1m 30s", 90.0),
            ("99.50 CNY", "99.50 CNY", 99.5),
        ] {
            let measure = measure(text);
            assert_eq!((measure.to_string().as_str(), measure.value()), (shown, value), "{text}");
        }
    }

    #[test]
    fn what_has_no_number_is_no_measure() {
        for text in ["", "never", "5 fortnights", "%", "1..2", "five", "1e99%", "0.5ns"] {
            assert_eq!(text.parse::<Measure>(), Err(NoMeasure), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_units_read_the_same_number(steps in 0..1_000_000_i128, decimals in 0..6_u32) {
            let of = |unit| Measure { steps, decimals, unit };
            let share = of(MeasureUnit::Percent);
            if let Ok(read) = share.to_string().parse::<Probability>() {
                prop_assert_eq!(read.value().to_bits(), share.value().to_bits());
            }
            let rate = of(MeasureUnit::Rate("/min", 60));
            let read: Rate = rate.to_string().parse().unwrap();
            prop_assert_eq!(read.per_second().to_bits(), rate.value().to_bits());
            if steps > 0 {
                let factor = of(MeasureUnit::Factor);
                let read: Factor = factor.to_string().parse().unwrap();
                prop_assert_eq!(read.value().to_bits(), factor.value().to_bits());
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            if let Ok(measure) = text.parse::<Measure>() {
                let _ = (measure.to_string(), measure.value());
            }
        }
    }
}
