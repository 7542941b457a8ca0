//! Instants and dates as a scenario writes them, and the local days of a run.

use std::fmt;
use std::str::FromStr;

use jiff::{ToSpan, Zoned};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::calendar::{Calendar, Day};

/// An instant with its time zone, such as `2026-11-22T00:00:00+08:00[Asia/Shanghai]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Start(pub Zoned);

/// A date, such as `2026-10-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub jiff::civil::Date);

impl FromStr for Start {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let zoned: Zoned = text.parse().map_err(|_| {
            format!(
                "{text:?} cannot be read: expected a time with its zone such as \
                 \"2026-11-22T00:00:00+08:00[Asia/Shanghai]\""
            )
        })?;
        if !(1970..=2200).contains(&zoned.year()) {
            return Err(format!("{text:?} is out of range: expected a year from 1970 to 2200"));
        }
        Ok(Self(zoned))
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse()
            .map(Self)
            .map_err(|_| format!("{text:?} cannot be read: expected a date such as \"2026-10-01\""))
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! as_text {
    ($type:ty, $schema:tt) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }
        }
    };
}

as_text!(Start, {
    "type": "string",
    "description": "a time with its zone",
    "examples": ["2026-11-22T00:00:00+08:00[Asia/Shanghai]"],
});
as_text!(Date, {
    "type": "string",
    "format": "date",
    "examples": ["2026-10-01"],
});

/// The local days from the start's on, until `until` nanoseconds after it are covered.
pub(super) fn calendar(
    start: &Zoned,
    until: u64,
    holidays: &[Date],
    workdays: &[Date],
) -> Calendar {
    let mut days = Vec::new();
    let mut date = start.date();
    loop {
        // where a clock change skips midnight, the day starts with its first instant
        let midnight = date.to_zoned(start.time_zone().clone()).and_then(|z| z.start_of_day());
        let midnight =
            midnight.expect("years up to 2200 and a run's length are within jiff's range");
        let since = midnight.timestamp().as_nanosecond() - start.timestamp().as_nanosecond();
        let starts = i64::try_from(since).expect("a run and its refunds last less than 290 years");
        days.push(Day {
            starts,
            date: (date.year(), date.month() as u8, date.day() as u8),
            weekday: date.weekday().to_monday_zero_offset() as u8,
            holiday: holidays.contains(&Date(date)),
            workday: workdays.contains(&Date(date)),
        });
        if since > i128::from(until) {
            return Calendar::new(days);
        }
        date = date.checked_add(1.day()).expect("the next day is within jiff's range");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000_000;

    #[test]
    fn a_run_starts_in_the_years_1970_to_2200() {
        let of = |year: u32| format!("{year}-06-01T00:00:00+00:00[UTC]").parse::<Start>();
        assert!(of(1970).is_ok() && of(2200).is_ok());
        for year in [1969, 2201] {
            assert!(of(year).is_err_and(|why| why.contains("1970 to 2200")), "{year}");
        }
    }

    #[test]
    fn days_are_local_and_a_clock_change_makes_one_shorter() {
        let start: Start = "2026-03-28T12:00:00+01:00[Europe/Berlin]".parse().unwrap();
        let calendar = calendar(&start.0, 72 * HOUR as u64, &[], &[]);
        let starts: Vec<i64> = calendar.days().iter().map(|d| d.starts / HOUR).collect();
        assert_eq!(starts, [-12, 12, 35, 59, 83]);
        assert_eq!(calendar.days()[1].date, (2026, 3, 29));
        assert_eq!(calendar.days()[1].weekday, 6);
    }

    #[test]
    fn holidays_and_workdays_are_marked_on_their_days() {
        let start: Start = "2026-09-30T00:00:00+08:00[Asia/Shanghai]".parse().unwrap();
        let (holiday, workday) = ("2026-10-01".parse().unwrap(), "2026-10-10".parse().unwrap());
        let calendar = calendar(&start.0, 240 * HOUR as u64, &[holiday], &[workday]);
        let marks: Vec<(bool, bool)> =
            calendar.days().iter().map(|d| (d.holiday, d.workday)).collect();
        assert_eq!(marks[0], (false, false));
        assert_eq!(marks[1], (true, false));
        assert_eq!(marks[10], (false, true));
    }

    #[test]
    fn a_time_without_a_zone_is_refused() {
        assert!("2026-11-22T00:00:00".parse::<Start>().is_err());
        assert!("2026-11-22T00:00:00+08:00".parse::<Start>().is_err());
        assert!("2026-11-22T00:00:00+09:00[Asia/Shanghai]".parse::<Start>().is_err());
        assert!("2026-02-29".parse::<Date>().is_err());
    }
}
