//! `--over KEY=LOW..HIGH`: the values that a plan may choose from, in exact decimal steps.

/// Values of a key in equal steps, all in one unit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    /// The key, as `--set` takes it.
    pub(super) key: String,
    /// The unit behind every number, such as `/s`.
    unit: String,
    /// The lowest value, in steps of 10^-decimals.
    low: i64,
    /// The step, the same.
    step: i64,
    decimals: u32,
    /// The last index.
    pub(super) last: usize,
}

const LEGAL: &str = "expected KEY=LOW..HIGH, with ` step STEP` if need be, such as \
                     gateway.workers=10..400 or arrivals.rate=2/s..20/s step 0.5/s";
/// Steps that a range has at least where none is given, unless it is of whole numbers.
const STEPS_MIN: i64 = 50;
/// Steps at most.
const STEPS_MAX: i64 = 1_000_000;
/// Digits before and after the point that are exact.
const DIGITS: usize = 9;

impl Grid {
    /// Reads a range; both ends are values of it.
    ///
    /// # Errors
    /// A sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let refused = |why: &str| format!("{text:?} {why}: {LEGAL}");
        let (key, range) = text.split_once('=').ok_or_else(|| refused("names no key"))?;
        let (range, step) = match range.split_once(" step ") {
            Some((range, step)) => (range, Some(step)),
            None => (range, None),
        };
        let (low, high) = range.split_once("..").ok_or_else(|| refused("is no range"))?;
        let read = |part: &str| decimal(part).ok_or_else(|| refused("holds no number"));
        let (low, high) = (read(low)?, read(high)?);
        let step = step.map(read).transpose()?;
        let unit = high.unit.clone();
        let has_other = |part: &Decimal| part.unit != unit;
        if !low.unit.is_empty() && has_other(&low) || step.as_ref().is_some_and(has_other) {
            return Err(refused("is in several units"));
        }
        let whole = unit.is_empty() && low.decimals == 0 && high.decimals == 0;
        let stepped = step.as_ref().map_or(0, |step| step.decimals);
        let mut decimals = low.decimals.max(high.decimals).max(stepped);
        let width = |decimals: u32| high.at(decimals) - low.at(decimals);
        if width(decimals) <= 0 {
            return Err(refused("is empty"));
        }
        while step.is_none() && !whole && width(decimals) < STEPS_MIN {
            decimals += 1;
        }
        let step = step.map_or(1, |step| step.at(decimals));
        let width = width(decimals);
        if step <= 0 || width % step != 0 || width / step > STEPS_MAX {
            return Err(refused("does not come from one end to the other in whole steps"));
        }
        let (key, last) = (key.trim().to_owned(), (width / step) as usize);
        Ok(Self { key, unit, low: low.at(decimals), step, decimals, last })
    }

    /// The value at an index as a scenario writes it.
    pub(super) fn text(&self, index: usize) -> String {
        let value = self.low + self.step * index as i64;
        let (sign, value) = (if value < 0 { "-" } else { "" }, value.abs());
        let one = 10_i64.pow(self.decimals);
        let (whole, part) = (value / one, value % one);
        let part = format!("{part:0width$}", width = self.decimals as usize);
        let part = part.trim_end_matches('0');
        let point =
            if self.decimals == 0 || part.is_empty() { String::new() } else { format!(".{part}") };
        format!("{sign}{whole}{point}{}", self.unit)
    }

    /// The number of the value at an index, without its unit.
    pub(super) fn number(&self, index: usize) -> f64 {
        let value = self.low + self.step * index as i64;
        value as f64 / 10_f64.powi(self.decimals as i32)
    }

    /// The number of a value as somebody wrote it, if it is in the unit of the range.
    pub(super) fn number_of(&self, text: &str) -> Option<f64> {
        let value = decimal(text).filter(|value| value.unit == self.unit)?;
        Some(value.digits as f64 / 10_f64.powi(value.decimals as i32))
    }

    /// `KEY=VALUE`, as `--set` takes it.
    pub(super) fn set(&self, index: usize) -> String {
        format!("{}={}", self.key, self.text(index))
    }
}

/// A decimal number and what stands behind it.
struct Decimal {
    digits: i64,
    decimals: u32,
    unit: String,
}

impl Decimal {
    /// The number in steps of 10^-decimals, of which there are no fewer than it has.
    fn at(&self, decimals: u32) -> i64 {
        self.digits * 10_i64.pow(decimals - self.decimals)
    }
}

fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() > DIGITS || part.len() > DIGITS / 2 {
        return None;
    }
    let digits = format!("{whole}{part}").parse().ok()?;
    Some(Decimal { digits, decimals: part.len() as u32, unit: unit.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(text: &str) -> (String, String, usize) {
        let grid = Grid::parse(text).unwrap();
        (grid.text(0), grid.text(grid.last), grid.last)
    }

    #[test]
    fn a_range_holds_both_ends_in_steps_that_somebody_would_choose() {
        let of = |low: &str, high: &str, last| (low.to_owned(), high.to_owned(), last);
        assert_eq!(ends("gateway.workers=10..400"), of("10", "400", 390));
        assert_eq!(ends("gateway.workers=1..4"), of("1", "4", 3));
        assert_eq!(ends("gateway.workers=10..400 step 10"), of("10", "400", 39));
        assert_eq!(ends("arrivals.rate=2/s..20/s step 0.5/s"), of("2/s", "20/s", 36));
        assert_eq!(ends("arrivals.rate=2..20/s"), of("2/s", "20/s", 180));
        assert_eq!(ends("client.timeout=1.5s..3s"), of("1.5s", "3s", 150));
        let grid = Grid::parse("a=0.5..2 step 0.25").unwrap();
        assert_eq!(
            (grid.text(1), grid.number(1), grid.set(6)),
            ("0.75".into(), 0.75, "a=2".into())
        );
        assert_eq!((grid.number_of("1.5"), grid.number_of("1.5s")), (Some(1.5), None));
    }

    #[test]
    fn what_is_no_range_earns_a_sentence() {
        for text in [
            "gateway.workers",
            "gateway.workers=10",
            "gateway.workers=a..b",
            "gateway.workers=10..10",
            "gateway.workers=40..10",
            "gateway.workers=10..25 step 10",
            "gateway.workers=10..20 step 0",
            "client.timeout=1s..3m",
            "gateway.workers=0..99999999",
        ] {
            assert!(Grid::parse(text).unwrap_err().contains("KEY=LOW..HIGH"), "{text}");
        }
    }
}
