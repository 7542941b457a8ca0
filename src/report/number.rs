//! How numbers are written for people: digits follow the interval, units follow the size.

use crate::record::registry::Unit;
use crate::stats::Estimate;

/// What a number measures; it decides the unit and the words around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// A share of 1, written in per cent.
    Share,
    /// Seconds, written in the unit that fits from microseconds to days.
    Seconds,
    /// Events in a million top-ups.
    PerMillion,
    /// Events a second.
    PerSecond,
    /// A whole number of things, grouped by thousands.
    Count,
    /// A bare ratio or mean.
    Plain,
}

impl Quantity {
    /// What a metric's unit measures.
    pub fn of(unit: Unit) -> Self {
        match unit {
            Unit::Share => Self::Share,
            Unit::PerMillion => Self::PerMillion,
            Unit::PerSecond => Self::PerSecond,
            Unit::Seconds => Self::Seconds,
            Unit::TopUps => Self::Count,
            Unit::PerTopUp
            | Unit::PerFailedAttempt
            | Unit::Captures
            | Unit::Openings
            | Unit::Money
            | Unit::MoneyPerThousand => Self::Plain,
        }
    }
}

/// A factor on the stored value and the words behind the number.
#[derive(Clone, Copy)]
struct Form {
    factor: f64,
    suffix: &'static str,
}

/// A number alone, to three significant digits (shares near 1 to two digits of what is missing).
pub fn number(value: f64, quantity: Quantity) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let form = form_of(value, quantity);
    let shown = value * form.factor;
    let decimals = match quantity {
        Quantity::Share => share_decimals(value),
        Quantity::Count => 0,
        Quantity::Plain | Quantity::PerMillion if value == 0.0 => 0,
        _ => significant_decimals(shown, 3),
    };
    format!("{}{}", fixed(shown, decimals), form.suffix)
}

/// An estimate with its interval: `97.24 % ± 0.05`, `41 (33 to 50) per million`,
/// `0 seen, at most 0.7 per million`; the value alone where there is no interval.
pub fn estimate(estimate: &Estimate, quantity: Quantity) -> String {
    let Some(interval) = estimate.interval else {
        return number(estimate.value, quantity);
    };
    let (value, low, high) = (estimate.value, interval.low, interval.high);
    if ![value, low, high].iter().all(|number| number.is_finite()) || low >= high {
        return number(value, quantity);
    }
    let form = form_of(if value == 0.0 { high } else { value }, quantity);
    let (value, low, high) = (value * form.factor, low * form.factor, high * form.factor);
    if value == 0.0 {
        return format!("0 seen, at most {}{}", bound(high), form.suffix);
    }
    let half = (high - low) / 2.0;
    let decimals = interval_decimals(half);
    // A lopsided interval is given by its ends: ± would put the truth where it is not.
    let lopsided = ((high - value) - (value - low)).abs() > 0.2 * (high - low);
    let text = fixed(value, decimals);
    if lopsided {
        let (low, high) = (fixed(low, decimals), fixed(high, decimals));
        return format!("{text}{} ({low} to {high})", form.suffix);
    }
    format!("{text}{} ± {}", form.suffix, fixed(half, decimals))
}

/// The difference of two values with its interval: `+0.42 points ± 0.03`, `−29 (−41 to −12)`.
///
/// Shares differ by points; what is counted of a million or a second keeps its unit to its metric.
pub fn difference(estimate: &Estimate, quantity: Quantity) -> String {
    let value = estimate.value;
    if !value.is_finite() {
        return "–".to_owned();
    }
    let reach = estimate.interval.map_or(0.0, |i| i.high.abs().max(i.low.abs())).max(value.abs());
    let form = difference_form(reach, quantity);
    let shown = value * form.factor;
    let ends = estimate.interval.map(|i| (i.low * form.factor, i.high * form.factor));
    // where all replications agree, rounding leaves a width that says nothing
    let has_width = |(low, high): &(f64, f64)| low.is_finite() && high - low > 1e-6 * shown.abs();
    let Some((low, high)) = ends.filter(has_width) else {
        let decimals = if value == 0.0 { 0 } else { significant_decimals(shown, 2) };
        return format!("{}{}", signed(shown, decimals), form.suffix);
    };
    let half = (high - low) / 2.0;
    let decimals = interval_decimals(half);
    let text = signed(shown, decimals);
    if ((high - shown) - (shown - low)).abs() > 0.2 * (high - low) {
        let (low, high) = (signed(low, decimals), signed(high, decimals));
        return format!("{text}{} ({low} to {high})", form.suffix);
    }
    format!("{text}{} ± {}", form.suffix, fixed(half, decimals))
}

/// The factor and the unit in which differences as large as `reach` are told.
pub fn difference_unit(reach: f64, quantity: Quantity) -> (f64, &'static str) {
    let form = difference_form(reach, quantity);
    (form.factor, form.suffix)
}

fn difference_form(reach: f64, quantity: Quantity) -> Form {
    match quantity {
        Quantity::Share => Form { factor: 100.0, suffix: " points" },
        Quantity::PerMillion => Form { factor: 1.0, suffix: "" },
        quantity => form_of(reach, quantity),
    }
}

/// A number with its sign, also where it is above 0.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if value > 0.0 && !is_zero { format!("+{text}") } else { text }
}

/// An upper bound to two significant digits.
pub fn bound(high: f64) -> String {
    fixed(high, significant_decimals(high, 2))
}

/// The value of an estimate with the digits that its interval deserves, without unit or interval.
pub fn plain(estimate: &Estimate) -> String {
    let half = estimate.interval.map_or(0.0, |interval| (interval.high - interval.low) / 2.0);
    if half.is_finite() && half > 0.0 && estimate.value.is_finite() {
        return fixed(estimate.value, interval_decimals(half));
    }
    number(estimate.value, Quantity::Plain)
}

/// A span in the unit that fits, to about three digits: `340 ms`, `3.1 s`, `12.4 min`, `5.2 h`.
pub fn span(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "–".to_owned();
    }
    // Whole minutes and hours are said as such: nobody calls an hour 60 min.
    let form = match seconds {
        s if (3_600.0..172_800.0).contains(&s) && s % 3_600.0 == 0.0 => span_form(7_200.0),
        s if (60.0..7_200.0).contains(&s) && s % 60.0 == 0.0 => span_form(120.0),
        _ => form_of(seconds, Quantity::Seconds),
    };
    let shown = seconds * form.factor;
    let is_long = matches!(form.suffix, " min" | " h" | " d");
    let decimals = usize::from(shown.abs() < 10.0 || is_long);
    let text = fixed(shown, decimals);
    format!("{}{}", trimmed(&text), form.suffix)
}

/// Decimal text without zeros at the end of its fraction.
fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// A rate as somebody set it: `40/s`, `2.5/s`.
pub fn set_rate(per_second: f64) -> String {
    let decimals = significant_decimals(per_second, 3);
    format!("{}/s", trimmed(&fixed(per_second, decimals)))
}

/// A whole number with commas between thousands.
pub fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// `value` with `decimals` digits, a real minus sign and commas between thousands.
pub fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_zero = text.bytes().all(|byte| byte == b'0' || byte == b'.');
    let sign = if value < 0.0 && !is_zero { "−" } else { "" };
    let whole = grouped(whole);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The name of a metric, cause or rail as words: underscores become spaces.
pub fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// An English list: `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn form_of(value: f64, quantity: Quantity) -> Form {
    let (factor, suffix) = match quantity {
        Quantity::Share => (100.0, " %"),
        Quantity::Seconds => return span_form(value.abs()),
        Quantity::PerMillion => (1.0, " per million"),
        Quantity::PerSecond => (1.0, "/s"),
        Quantity::Count | Quantity::Plain => (1.0, ""),
    };
    Form { factor, suffix }
}

/// A unit is used up to about two of the next one, so that 90 s stay 90 s.
/// The factor and the suffix with which values of about this size are shown on an axis.
pub fn axis_unit(size: f64, quantity: Quantity) -> (f64, &'static str) {
    let form = form_of(size, quantity);
    (form.factor, form.suffix)
}

fn span_form(seconds: f64) -> Form {
    let (factor, suffix) = match seconds {
        s if s < 1e-3 && s > 0.0 => (1e6, " µs"),
        s if s < 1.0 && s > 0.0 => (1e3, " ms"),
        s if s < 120.0 => (1.0, " s"),
        s if s < 7_200.0 => (1.0 / 60.0, " min"),
        s if s < 172_800.0 => (1.0 / 3_600.0, " h"),
        _ => (1.0 / 86_400.0, " d"),
    };
    Form { factor, suffix }
}

/// The power of ten of the leading digit; 0 for 0.
fn magnitude(value: f64) -> i32 {
    let value = value.abs();
    if value > 0.0 && value.is_finite() { libm::floor(libm::log10(value)) as i32 } else { 0 }
}

fn significant_decimals(value: f64, digits: i32) -> usize {
    (digits - 1 - magnitude(value)).clamp(0, 9) as usize
}

/// One digit of the half-width, two where it begins with 1: 0.05 keeps two decimals, 0.012 three.
fn interval_decimals(half: f64) -> usize {
    let magnitude = magnitude(half);
    let leading = half / libm::pow(10.0, f64::from(magnitude));
    let digits = if leading < 1.95 { 1 } else { 0 };
    (digits - magnitude).clamp(0, 9) as usize
}

/// One decimal of per cent, more where the share or what it lacks of 1 is small.
fn share_decimals(share: f64) -> usize {
    let small = share.abs().min((1.0 - share).abs()) * 100.0;
    if small <= 0.0 || small >= 1.0 { 1 } else { significant_decimals(small, 2).min(5) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Interval, Method};

    fn with(value: f64, low: f64, high: f64) -> Estimate {
        Estimate { value, interval: Some(Interval { low, high, method: Method::T }), n: 30 }
    }

    #[test]
    fn digits_follow_the_interval() {
        let share = |value, low, high| estimate(&with(value, low, high), Quantity::Share);
        assert_eq!(share(0.972_412, 0.971_9, 0.972_9), "97.24 % ± 0.05");
        assert_eq!(share(0.972_412, 0.962_4, 0.982_4), "97.2 % ± 1.0");
        let per_million =
            |value, low, high| estimate(&with(value, low, high), Quantity::PerMillion);
        assert_eq!(per_million(12_345.6, 12_300.0, 12_391.0), "12,346 per million ± 46");
        assert_eq!(per_million(4.1, 2.0, 9.3), "4 per million (2 to 9)");
    }

    #[test]
    fn nothing_seen_has_an_upper_bound_in_words() {
        let none = estimate(&with(0.0, 0.0, 0.683), Quantity::PerMillion);
        assert_eq!(none, "0 seen, at most 0.68 per million");
    }

    #[test]
    fn a_value_without_interval_stands_alone() {
        let alone = |value, quantity| estimate(&Estimate { value, interval: None, n: 1 }, quantity);
        assert_eq!(alone(0.97, Quantity::Share), "97.0 %");
        assert_eq!(alone(f64::NAN, Quantity::Share), "–");
        assert_eq!(estimate(&with(2.0, 2.0, 2.0), Quantity::Plain), "2.00");
    }

    #[test]
    fn a_difference_has_its_sign_and_shares_differ_by_points() {
        let of = |value, low, high, quantity| difference(&with(value, low, high), quantity);
        assert_eq!(of(0.004_2, 0.003_9, 0.004_5, Quantity::Share), "+0.42 points ± 0.03");
        assert_eq!(of(-29.0, -61.0, -12.0, Quantity::PerMillion), "−29 (−61 to −12)");
        assert_eq!(of(0.0, 0.0, 0.0, Quantity::Share), "0 points");
        assert_eq!(of(-0.2, -0.25, -0.15, Quantity::Seconds), "−200 ms ± 50");
        assert_eq!(of(0.03, 0.02, 0.04, Quantity::Plain), "+0.030 ± 0.010");
        let (low, high) = (-4.294_967_296_000_2, -4.294_967_295_999_8);
        assert_eq!(of(-4.294_967_296, low, high, Quantity::Seconds), "−4.3 s", "all agree");
    }

    #[test]
    fn a_share_near_one_is_not_rounded_to_it() {
        assert_eq!(number(0.99997, Quantity::Share), "99.9970 %");
        assert_eq!(number(1.0, Quantity::Share), "100.0 %");
        assert_eq!(number(0.0, Quantity::Share), "0.0 %");
        assert_eq!(number(0.0042, Quantity::Share), "0.42 %");
    }

    #[test]
    fn spans_take_the_unit_that_fits() {
        let spans = [0.000_012, 0.34, 3.12, 90.0, 744.0, 18_720.0, 259_200.0, 0.0];
        let texts = spans.map(span);
        assert_eq!(texts, ["12 µs", "340 ms", "3.1 s", "90 s", "12.4 min", "5.2 h", "3 d", "0 s"]);
        assert_eq!([60.0, 3_600.0, 86_400.0].map(span), ["1 min", "1 h", "24 h"]);
    }

    #[test]
    fn thousands_are_grouped_and_minus_is_a_minus() {
        assert_eq!(count(36_412_003), "36,412,003");
        assert_eq!(fixed(-1_234_567.891, 1), "−1,234,567.9");
        assert_eq!(fixed(-0.04, 1), "0.0");
        assert_eq!(fixed(999.0, 0), "999");
    }

    #[test]
    fn a_list_reads_as_english() {
        let items = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(list(&items), "a, b and c");
        assert_eq!(list(&items[..1]), "a");
    }
}
