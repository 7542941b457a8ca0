//! Lengths of time in whole nanoseconds, written with their units.

use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Sub, SubAssign};
use std::str::FromStr;

use super::text::{Quantity, QuantityError, number_and_unit, quantity_as_text, refused};

/// The legal units, largest first: name, other spellings, nanoseconds.
const UNITS: [(&str, &[&str], u64); 7] = [
    ("d", &[], 86_400_000_000_000),
    ("h", &[], 3_600_000_000_000),
    ("m", &["min"], 60_000_000_000),
    ("s", &[], 1_000_000_000),
    ("ms", &[], 1_000_000),
    ("us", &["µs", "μs"], 1_000),
    ("ns", &[], 1),
];

/// How people write units that are not legal, with the legal one they mean.
const SLIPS: [(&str, &[&str]); 7] = [
    ("d", &["day", "days"]),
    ("h", &["hr", "hrs", "hour", "hours"]),
    ("m", &["mins", "minute", "minutes"]),
    ("s", &["sec", "secs", "second", "seconds"]),
    ("ms", &["msec", "millis", "millisecond", "milliseconds"]),
    ("us", &["usec", "micros", "microsecond", "microseconds"]),
    ("ns", &["nsec", "nanos", "nanosecond", "nanoseconds"]),
];

/// A length of time in nanoseconds, written `"150ms"`, `"1.5s"`, `"2h 30m"`, `"7d"`.
///
/// Units are ns, us, ms, s, m, h and d; a sum goes from the larger to the smaller unit. A fraction
/// is legal where it is a whole number of nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(u64);

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);
    /// The longest span; stands for "without end".
    pub const MAX: Span = Span(u64::MAX);
    /// One nanosecond.
    pub const NANO: Span = Span(1);
    /// One microsecond.
    pub const MICRO: Span = Span(1_000);
    /// One millisecond.
    pub const MILLI: Span = Span(1_000_000);
    /// One second.
    pub const SECOND: Span = Span(1_000_000_000);
    /// One minute.
    pub const MINUTE: Span = Span(60_000_000_000);
    /// One hour.
    pub const HOUR: Span = Span(3_600_000_000_000);
    /// One day of 24 hours.
    pub const DAY: Span = Span(86_400_000_000_000);

    /// A span of `ns` nanoseconds.
    pub const fn from_ns(ns: u64) -> Self {
        Span(ns)
    }

    /// A span of `ms` milliseconds. Panics beyond 584 years.
    pub const fn from_millis(ms: u64) -> Self {
        Span(ms.checked_mul(1_000_000).expect("a span is at most 584 years"))
    }

    /// A span of `secs` seconds. Panics beyond 584 years.
    pub const fn from_secs(secs: u64) -> Self {
        Span(secs.checked_mul(1_000_000_000).expect("a span is at most 584 years"))
    }

    /// Nanoseconds.
    pub const fn ns(self) -> u64 {
        self.0
    }

    /// Seconds, for display and for building tables.
    pub fn secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, at most [`Span::MAX`].
    pub const fn saturating_add(self, other: Span) -> Self {
        Span(self.0.saturating_add(other.0))
    }

    /// The difference, at least [`Span::ZERO`].
    pub const fn saturating_sub(self, other: Span) -> Self {
        Span(self.0.saturating_sub(other.0))
    }

    /// The product, at most [`Span::MAX`].
    pub const fn saturating_mul(self, times: u64) -> Self {
        Span(self.0.saturating_mul(times))
    }
}

impl Add for Span {
    type Output = Span;

    #[inline]
    fn add(self, other: Span) -> Span {
        Span(self.0.checked_add(other.0).expect("a span is at most 584 years"))
    }
}

impl AddAssign for Span {
    #[inline]
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}

impl Sub for Span {
    type Output = Span;

    #[inline]
    fn sub(self, other: Span) -> Span {
        Span(self.0.checked_sub(other.0).expect("a span is never negative"))
    }
}

impl SubAssign for Span {
    #[inline]
    fn sub_assign(&mut self, other: Span) {
        *self = *self - other;
    }
}

impl Mul<u64> for Span {
    type Output = Span;

    #[inline]
    fn mul(self, times: u64) -> Span {
        Span(self.0.checked_mul(times).expect("a span is at most 584 years"))
    }
}

/// Rounds down to whole nanoseconds.
impl Div<u64> for Span {
    type Output = Span;

    #[inline]
    fn div(self, parts: u64) -> Span {
        Span(self.0 / parts)
    }
}

impl std::iter::Sum for Span {
    fn sum<I: Iterator<Item = Span>>(spans: I) -> Span {
        spans.fold(Span::ZERO, Add::add)
    }
}

/// From a minute on a sum of units (`2h 30m`), below it one decimal number (`1.5s`, `150ms`).
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0 == 0 {
            return f.pad("0s");
        }
        let mut terms = Vec::new();
        let mut left = self.0;
        for (unit, _, size) in UNITS {
            let whole = left / size;
            if whole == 0 {
                continue;
            }
            if size <= Span::SECOND.0 {
                terms.push(decimal(left, unit, size));
                break;
            }
            terms.push(format!("{whole}{unit}"));
            left %= size;
        }
        f.pad(&terms.join(" "))
    }
}

/// `ns` as a decimal number of `unit`, which is at most a second, so nine digits always do.
fn decimal(ns: u64, unit: &str, size: u64) -> String {
    let fraction = (ns % size) * (Span::SECOND.0 / size);
    let fraction = format!("{fraction:09}");
    let text = format!("{}.{}", ns / size, fraction.trim_end_matches('0'));
    format!("{}{unit}", text.trim_end_matches('.'))
}

/// Longest span that a scenario can give, ns: 100 years of 365 days. Sums of some of them, and of
/// times in the run, are below 2^64.
const WRITTEN_MAX: u64 = 36_500 * 86_400_000_000_000;

impl FromStr for Span {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let mut rest = text.trim();
        let mut total = 0_u64;
        let mut smallest = u64::MAX;
        loop {
            let (number, behind) = number_and_unit::<Span>(rest)?;
            let unit = &behind[..behind.find(|c: char| !c.is_alphabetic()).unwrap_or(behind.len())];
            let size = unit_size(unit).ok_or_else(|| unknown_unit(text, unit))?;
            if size >= smallest {
                return Err(QuantityError::new(format!(
                    "\"{text}\" names its units out of order: write each once, the largest first, \
                     as in \"2h 30m\""
                )));
            }
            smallest = size;
            total = total.checked_add(term(text, number, size)?).ok_or_else(|| too_long(text))?;
            rest = behind[unit.len()..].trim_start();
            if rest.is_empty() {
                return if total <= WRITTEN_MAX { Ok(Span(total)) } else { Err(too_long(text)) };
            }
        }
    }
}

/// Nanoseconds in the unit of that name.
fn unit_size(unit: &str) -> Option<u64> {
    let is_it =
        |&&(name, others, _): &&(&str, &[&str], u64)| name == unit || others.contains(&unit);
    UNITS.iter().find(is_it).map(|&(_, _, size)| size)
}

fn unknown_unit(text: &str, unit: &str) -> QuantityError {
    let legal = "the units of time are ns, us, ms, s, m, h and d";
    if unit.is_empty() {
        return refused::<Span>(text);
    }
    let lower = unit.to_lowercase();
    let means = |&&(name, slips): &&(&str, &[&str])| name == lower || slips.contains(&&*lower);
    let near = SLIPS.iter().find(means).map(|&(name, _)| name);
    match near {
        Some(near) => QuantityError::new(format!(
            "\"{unit}\" in \"{text}\" is no unit of time, did you mean \"{near}\"? ({legal})"
        )),
        None => QuantityError::new(format!("\"{unit}\" in \"{text}\" is no unit of time: {legal}")),
    }
}

/// `number` times `size`, exact or refused.
fn term(text: &str, number: &str, size: u64) -> Result<u64, QuantityError> {
    if number.contains(['e', 'E']) {
        return Err(refused::<Span>(text));
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let whole: u64 = whole.parse().map_err(|_| too_long(text))?;
    let part = fraction_of(fraction, size).ok_or_else(|| {
        QuantityError::new(format!("\"{text}\" is finer than 1 ns, the resolution of time"))
    })?;
    whole.checked_mul(size).and_then(|ns| ns.checked_add(part)).ok_or_else(|| too_long(text))
}

/// `0.digits` times `size`, where that is a whole number.
fn fraction_of(digits: &str, size: u64) -> Option<u64> {
    if digits.is_empty() {
        return Some(0);
    }
    let scale = 10_u128.checked_pow(u32::try_from(digits.len()).ok()?)?;
    let scaled = digits.parse::<u128>().ok()?.checked_mul(u128::from(size))?;
    if scaled % scale != 0 {
        return None;
    }
    u64::try_from(scaled / scale).ok()
}

fn too_long(text: &str) -> QuantityError {
    QuantityError::new(format!(
        "\"{text}\" is longer than 100 years, the longest span that can be written"
    ))
}

impl Quantity for Span {
    const NAME: &'static str = "Span";
    const EXPECTED: &'static str = "a span of time such as \"150ms\", \"1.5s\" or \"2h 30m\"";
    const PATTERN: &'static str = concat!(
        r"^\s*\d+(\.\d+)?\s*(ns|us|µs|μs|ms|s|m|min|h|d)",
        r"(\s*\d+(\.\d+)?\s*(ns|us|µs|μs|ms|s|m|min|h|d))*\s*$",
    );
    const EXAMPLES: &'static [&'static str] = &["150ms", "1.5s", "2h 30m", "7d"];

    fn guess(number: f64) -> Option<String> {
        (number >= 0.0 && number.is_finite()).then(|| format!("{number}s"))
    }
}

quantity_as_text!(Span);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(text: &str) -> Result<u64, String> {
        text.parse::<Span>().map(Span::ns).map_err(|e| e.to_string())
    }

    #[test]
    fn a_span_reads_in_every_unit_and_as_a_sum() {
        for (text, ns) in [
            ("150ms", 150_000_000),
            ("1.5s", 1_500_000_000),
            ("0.15 s", 150_000_000),
            ("90s", 90_000_000_000),
            ("2h 30m", 9_000_000_000_000),
            ("2h30min", 9_000_000_000_000),
            ("7d", 604_800_000_000_000),
            ("3us", 3_000),
            ("3µs", 3_000),
            ("3μs", 3_000),
            ("12ns", 12),
            ("0s", 0),
            ("1.50m", 90_000_000_000),
            ("0.000000001s", 1),
            ("36500d", WRITTEN_MAX),
        ] {
            assert_eq!(span(text), Ok(ns), "{text}");
        }
    }

    #[test]
    fn what_is_no_span_earns_its_own_sentence() {
        for (text, part) in [
            ("-5s", "is negative"),
            ("5", "did you mean \"5s\"?"),
            ("", "cannot be read"),
            ("soon", "cannot be read"),
            ("1e3s", "cannot be read"),
            ("5 %", "cannot be read"),
            ("30m 2h", "out of order"),
            ("1s 1s", "out of order"),
            ("5M", "did you mean \"m\"?"),
            ("5sec", "did you mean \"s\"?"),
            ("5 hours", "did you mean \"h\"?"),
            ("2 days", "did you mean \"d\"?"),
            ("5 milliseconds", "did you mean \"ms\"?"),
            ("5 months", "is no unit of time: the units"),
            ("5 fortnights", "the units of time are ns, us, ms, s, m, h and d"),
            ("0.5ns", "finer than 1 ns"),
            ("0.33333333333s", "finer than 1 ns"),
            ("36501d", "longer than 100 years"),
            ("36500d 1ns", "longer than 100 years"),
            ("213503d 24h", "longer than 100 years"),
            ("18446744073709551616ns", "longer than 100 years"),
            ("99999999999999999999s", "longer than 100 years"),
            ("2h 30", "has no unit"),
        ] {
            let sentence = span(text).expect_err(text);
            assert!(sentence.contains(part), "{text}: {sentence}");
        }
    }

    #[test]
    fn a_span_shows_the_way_people_say_it() {
        for (ns, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_500, "1.5us"),
            (150_000_000, "150ms"),
            (1_500_000_000, "1.5s"),
            (90_000_000_000, "1m 30s"),
            (61_500_000_000, "1m 1.5s"),
            (60_000_000_001, "1m 1ns"),
            (9_000_000_000_000, "2h 30m"),
            (604_800_000_000_000, "7d"),
            (u64::MAX, "213503d 23h 34m 33.709551615s"),
        ] {
            assert_eq!(Span::from_ns(ns).to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn a_span_reads_back_from_what_it_shows(ns in 0..=WRITTEN_MAX, shift in 0_u32..64) {
            let span = Span::from_ns(ns >> shift);
            prop_assert_eq!(span.to_string().parse::<Span>(), Ok(span));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            let _ = text.parse::<Span>();
        }
    }
}
