//! A range as it is written on the command line: `gateway.workers=10..400 step 10`.

use super::values::{Ends, Range, Setting};
use crate::units::{Measure, MeasureUnit};

/// A key and the values that it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimension {
    /// Its path in the scenario.
    pub key: String,
    /// As written behind the key.
    pub written: String,
    /// The values.
    pub range: Range,
}

/// Why a range cannot be swept over, as a sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RangeFault(pub(super) String);

/// Values of a range at most, also where samples take a few of them only: all are held at once.
const VALUES_MAX: u128 = 100_000;

const EXAMPLE: &str = "such as gateway.workers=10..400 step 10, \
                       network.mobile.loss=0%..20% points 11 or client.timeout=5s,10s,30s";

impl Dimension {
    /// Reads `KEY=FROM..TO step S`, `KEY=FROM..TO points N`, `KEY=FROM..TO log points N`,
    /// `KEY=FROM..TO` (for samples), or `KEY=A,B,C`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, RangeFault> {
        let fault = |what: &str| RangeFault(format!("{text:?} {what}"));
        let Some(equals) = outside(text, "=") else {
            return Err(fault(&format!("is no range: expected KEY=RANGE, {EXAMPLE}")));
        };
        let (key, written) = (text[..equals].trim(), text[equals + 1..].trim());
        if key.is_empty() || written.is_empty() {
            return Err(fault(&format!("is no range: expected KEY=RANGE, {EXAMPLE}")));
        }
        let range = match outside(written, "..") {
            Some(dots) => between(&written[..dots], &written[dots + 2..]),
            None => list(written),
        };
        let range = range.and_then(not_too_many);
        let range = range.map_err(|why| RangeFault(format!("{key}={written} {why}")))?;
        Ok(Self { key: key.to_owned(), written: written.to_owned(), range })
    }
}

fn not_too_many(range: Range) -> Result<Range, String> {
    let values = match &range {
        // before those that round to the same are taken together
        Range::Points { count, .. } => u128::from(*count),
        other => other.count().unwrap_or(1),
    };
    match values {
        0..=VALUES_MAX => Ok(range),
        _ => Err(format!("has {values} values, and a range has at most {VALUES_MAX}")),
    }
}

/// Where a sign stands first outside quotes and brackets.
fn outside(text: &str, sign: &str) -> Option<usize> {
    let (mut quote, mut depth) = (None, 0_usize);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (None, _) if depth == 0 && text[at..].starts_with(sign) => return Some(at),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn list(written: &str) -> Result<Range, String> {
    let mut settings = Vec::new();
    let mut rest = written;
    loop {
        let comma = outside(rest, ",");
        let text = rest[..comma.unwrap_or(rest.len())].trim();
        if text.is_empty() {
            return Err("has an empty place in its list".to_owned());
        }
        settings.push(Setting { text: text.to_owned(), measure: text.parse().ok() });
        match comma {
            Some(at) => rest = &rest[at + 1..],
            None => break,
        }
    }
    for (at, setting) in settings.iter().enumerate() {
        if settings[..at].iter().any(|other| other.text == setting.text) {
            return Err(format!("names {} twice", setting.text));
        }
    }
    Ok(Range::List(settings))
}

/// What stands behind the upper end.
struct Options<'t> {
    is_log: bool,
    step: Option<String>,
    points: Option<&'t str>,
}

fn between(from: &str, rest: &str) -> Result<Range, String> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let is_option = |word: &&str| matches!(*word, "log" | "step" | "points");
    let at = words.iter().position(is_option).unwrap_or(words.len());
    let ends = ends(from.trim(), &words[..at].join(" "))?;
    let options = options(&words[at..])?;
    let ends = Ends { is_log: options.is_log, ..ends };
    if ends.is_log && ends.from.steps <= 0 {
        return Err(format!("begins at {}: a log range begins above 0", ends.from));
    }
    match (options.step, options.points) {
        (Some(_), Some(_)) => Err("has both a step and points: give one of them".to_owned()),
        (Some(_), None) if ends.is_log => {
            Err("is a log range with a step: give it points, such as log points 9".to_owned())
        }
        (Some(step), None) => steps(ends, &step),
        (None, Some(points)) => counted(ends, points),
        (None, None) => Ok(Range::Between(ends)),
    }
}

fn options<'t>(words: &[&'t str]) -> Result<Options<'t>, String> {
    let mut options = Options { is_log: false, step: None, points: None };
    let mut rest = words;
    if let ["log", behind @ ..] = rest {
        (options.is_log, rest) = (true, behind);
    }
    match rest {
        [] => {}
        ["step", value @ ..] if !value.is_empty() => options.step = Some(value.join(" ")),
        ["points", count] => options.points = Some(count),
        _ => {
            return Err(format!(
                "ends with {:?}: expected step and a value, or points and a number, or log points \
                 and a number",
                words.join(" ")
            ));
        }
    }
    Ok(options)
}

fn ends(from: &str, to: &str) -> Result<Ends, String> {
    let read = |text: &str| {
        let measure = text.parse::<Measure>();
        measure.map_err(|_| match text {
            "" => "lacks an end: both are needed, as in 10..400 step 10".to_owned(),
            _ => format!(
                "has the end {text:?}, which is no number: a range goes over numbers with their \
                 units; words make a list, such as never,fixed"
            ),
        })
    };
    let (from, to) = (read(from)?, read(to)?);
    let (from, to) = of_one_unit(from, to).ok_or_else(|| {
        let guess = match (from.unit, to.unit) {
            (MeasureUnit::Whole, MeasureUnit::Percent) => format!("; did you mean {from}%..{to}?"),
            (MeasureUnit::Whole, MeasureUnit::Factor) => format!("; did you mean {from}x..{to}?"),
            (MeasureUnit::Whole, MeasureUnit::Rate(unit, _)) => {
                format!("; did you mean {from}{unit}..{to}?")
            }
            _ => String::new(),
        };
        format!("goes from {from} to {to}: both ends need the same unit{guess}")
    })?;
    if from.steps > to.steps {
        return Err(format!("contains no point: it goes from {from} down to {to}"));
    }
    Ok(Ends { from, to, is_log: false })
}

/// Two measures in the same unit and decimals, where they have them.
fn of_one_unit(a: Measure, b: Measure) -> Option<(Measure, Measure)> {
    let unit = match (a.unit, b.unit) {
        (a, b) if a == b => a,
        (MeasureUnit::Whole, MeasureUnit::Bare) | (MeasureUnit::Bare, MeasureUnit::Whole) => {
            MeasureUnit::Bare
        }
        (MeasureUnit::Money(a), MeasureUnit::Money(b)) if a.is_none() || b.is_none() => {
            MeasureUnit::Money(a.or(b))
        }
        // 0 is 0 in every unit of time
        (MeasureUnit::Whole, MeasureUnit::Span) if a.steps == 0 => MeasureUnit::Span,
        // an amount may leave out its currency
        (MeasureUnit::Whole | MeasureUnit::Bare, MeasureUnit::Money(_)) => {
            return of_one_unit(as_money(a)?, b);
        }
        (MeasureUnit::Money(_), MeasureUnit::Whole | MeasureUnit::Bare) => {
            return of_one_unit(a, as_money(b)?);
        }
        _ => return None,
    };
    let decimals = a.decimals.max(b.decimals);
    let fit = |measure: Measure| Measure { unit, ..measure }.with_decimals(decimals);
    Some((fit(a)?, fit(b)?))
}

/// A bare number as an amount in minor units.
fn as_money(bare: Measure) -> Option<Measure> {
    let minor = Measure { unit: MeasureUnit::Money(None), ..bare }.with_decimals(2)?;
    Some(Measure { decimals: 0, ..minor })
}

fn steps(ends: Ends, step: &str) -> Result<Range, String> {
    let unlike = || format!("has the step {step:?}, which is not in the unit of its ends");
    let measure = step.parse::<Measure>().map_err(|_| unlike())?;
    let (from, step) = of_one_unit(ends.from, measure).ok_or_else(unlike)?;
    let to = ends.to.with_decimals(step.decimals).ok_or_else(unlike)?;
    if step.steps <= 0 {
        return Err("has a step that is not above 0".to_owned());
    }
    let unit = from.unit;
    let ends = Ends { from, to: Measure { unit, ..to }, is_log: false };
    Ok(Range::Steps { ends, step: step.steps })
}

fn counted(ends: Ends, points: &str) -> Result<Range, String> {
    let count = points.parse::<u64>();
    let count = count.map_err(|_| format!("asks for {points:?} points: a number is needed"))?;
    match count {
        0 => Err("contains no point: it asks for 0 points".to_owned()),
        1 if ends.from != ends.to => {
            Err("asks for one point, and has two ends: 2 points are the least".to_owned())
        }
        _ if ends.from == ends.to => Ok(Range::Points { ends, count: 1 }),
        _ => Ok(Range::Points { ends, count }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::sweep::Spread;

    fn texts(text: &str) -> Vec<String> {
        let dimension = Dimension::read(text).unwrap();
        let settings = dimension.range.settings();
        assert!(settings.len() as u128 <= dimension.range.count().unwrap_or(2), "{text}");
        settings.into_iter().map(|setting| setting.text).collect()
    }

    #[test]
    fn values_are_written_exactly_and_keep_their_unit() {
        for (text, values) in [
            ("gateway.workers=10..40 step 10", "10 20 30 40"),
            ("gateway.workers=10..45 step 10", "10 20 30 40"),
            ("a=0%..30% step 10%", "0% 10% 20% 30%"),
            ("a=0.1..0.5 step 0.1", "0.1 0.2 0.3 0.4 0.5"),
            ("a=0%..1% points 11", "0% 0.1% 0.2% 0.3% 0.4% 0.5% 0.6% 0.7% 0.8% 0.9% 1%"),
            ("a=0%..20% points 4", "0% 6.667% 13.333% 20%"),
            ("a=5s..30s points 4", "5s 13.333s 21.667s 30s"),
            ("a=1s..3s step 500ms", "1s 1.5s 2s 2.5s 3s"),
            ("a=0..2s step 1s", "0s 1s 2s"),
            ("a=10/s..1000/s log points 5", "10/s 31.6/s 100/s 316/s 1000/s"),
            ("a=1..1000 log points 4", "1 10 100 1000"),
            ("a=1..5 log points 9", "1 2 3 4 5"),
            ("a=10 CNY..11 step 0.50", "10 CNY 10.50 CNY 11 CNY"),
            ("a=1x..2x points 3", "1x 1.5x 2x"),
            ("a=7..7 points 3", "7"),
        ] {
            let made = texts(text);
            let made: Vec<String> =
                made.iter().map(|value| value.replace(" CNY", "_CNY")).collect();
            assert_eq!(made.join(" ").replace("_CNY", " CNY"), values, "{text}");
        }
    }

    #[test]
    fn a_list_splits_outside_of_quotes_and_brackets() {
        let list = "client.retry=never, {fixed = {pause = \"1s\", attempts_max = 3}},\"a,b\"";
        let values = texts(list);
        assert_eq!(values[1], "{fixed = {pause = \"1s\", attempts_max = 3}}");
        assert_eq!((values.len(), values[2].as_str()), (3, "\"a,b\""));
        let dimension = Dimension::read("incidents.\"a=b..c\".lasts=5m,10m").unwrap();
        assert_eq!(dimension.key, "incidents.\"a=b..c\".lasts");
        assert_eq!(dimension.range.spread(), Spread::Straight);
        assert_eq!(Dimension::read("a=1s,60s").unwrap().range.spread(), Spread::Log);
        assert_eq!(Dimension::read("a=1s,5%").unwrap().range.spread(), Spread::Words);
    }

    #[test]
    fn what_is_no_range_earns_its_own_sentence() {
        for (text, part) in [
            ("gateway.workers", "expected KEY=RANGE"),
            ("=1..2 step 1", "expected KEY=RANGE"),
            ("a=", "expected KEY=RANGE"),
            ("a=40..10 step 10", "contains no point: it goes from 40 down to 10"),
            ("a=1..2 points 0", "contains no point"),
            ("a=1..2 points 1", "2 points are the least"),
            ("a=1..2 points 1000000000", "at most 100000"),
            ("a=1..1000000000 step 1", "has 1000000000 values"),
            ("a=1..2 points many", "a number is needed"),
            ("a=1..2 step 0", "not above 0"),
            ("a=1..2 step -1", "not above 0"),
            ("a=1s..2s step 5%", "not in the unit"),
            ("a=1s..20% points 3", "the same unit"),
            ("a=0..20% points 3", "did you mean 0%..20%?"),
            ("a=never..fixed points 3", "which is no number"),
            ("a=..5 points 3", "lacks an end"),
            ("a=0/s..5/s log points 3", "begins above 0"),
            ("a=1/s..5/s log step 1/s", "give it points"),
            ("a=1..5 every 2", "which is no number"),
            ("a=1..5 step", "ends with"),
            ("a=1,,2", "an empty place"),
            ("a=1,2,1", "names 1 twice"),
        ] {
            let sentence = Dimension::read(text).unwrap_err().to_string();
            assert!(sentence.contains(part), "{text}: {sentence}");
        }
    }

    proptest::proptest! {
        #[test]
        fn values_ascend_from_one_end_to_the_other(
            from in 1..5_000_u32,
            width in 1..5_000_u32,
            points in 2..60_u64,
            log: bool,
            at in 0..5_usize,
        ) {
            let unit = ["%", "ms", "/min", "x", " CNY"][at];
            let (from, to) = (f64::from(from) / 100.0, f64::from(from + width) / 100.0);
            let kind = if log { "log points" } else { "points" };
            let text = format!("a={from}{unit}..{to}{unit} {kind} {points}");
            let settings = Dimension::read(&text).unwrap().range.settings();
            let values: Vec<f64> = settings.iter().map(|s| s.measure.unwrap().value()).collect();
            proptest::prop_assert!(values.is_sorted_by(|a, b| a < b), "{text}: {values:?}");
            // money ends at the minor unit, so some of its points are the same
            proptest::prop_assert!(at == 4 || values.len() as u64 == points, "{text}: {values:?}");
            let value = |text: &str| text.parse::<Measure>().map(Measure::value);
            let last = &settings[settings.len() - 1].text;
            proptest::prop_assert_eq!(value(&settings[0].text), value(&format!("{from}{unit}")));
            proptest::prop_assert_eq!(value(last), value(&format!("{to}{unit}")));
        }
    }

    #[test]
    fn a_huge_range_is_refused_and_not_made() {
        let refused = Dimension::read("a=1..1000000000000 step 1").unwrap_err().to_string();
        assert!(refused.contains("1000000000000 values, and a range has at most"), "{refused}");
    }
}
