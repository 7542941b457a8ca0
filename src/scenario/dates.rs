//! Instants and dates as a scenario writes them, and the local days of a run.

use std::fmt;
use std::str::FromStr;

use jiff::{ToSpan, Zoned};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::calendar::{Calendar, ClockChange, Day};

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
                "{text:?} cannot be read, or its zone has another offset then: expected a time \
                 with its zone such as \"2026-11-22T00:00:00+08:00[Asia/Shanghai]\""
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
    let mut days: Vec<Day> = Vec::new();
    let mut date = start.date();
    let mut midnight = midnight_of(date, start);
    loop {
        let since = midnight.timestamp().as_nanosecond() - start.timestamp().as_nanosecond();
        let starts = i64::try_from(since).expect("a run and its refunds last less than 290 years");
        let next = date.checked_add(1.day()).expect("the next day is within jiff's range");
        let ends = midnight_of(next, start);
        // a zone that goes over the date line skips a whole day
        if ends > midnight {
            days.push(Day {
                starts,
                date: (date.year(), date.month() as u8, date.day() as u8),
                weekday: date.weekday().to_monday_zero_offset() as u8,
                holiday: holidays.contains(&Date(date)),
                workday: workdays.contains(&Date(date)),
                change: change_between(&midnight, &ends),
            });
        }
        if since > i128::from(until) {
            return Calendar::new(days);
        }
        (date, midnight) = (next, ends);
    }
}

/// The first instant of a date: where a clock change skips midnight, that after it.
fn midnight_of(date: jiff::civil::Date, start: &Zoned) -> Zoned {
    let midnight = date.to_zoned(start.time_zone().clone()).and_then(|z| z.start_of_day());
    midnight.expect("years up to 2200 and a run's length are within jiff's range")
}

/// The change of the clock on a day, if there is one.
fn change_between(midnight: &Zoned, ends: &Zoned) -> Option<ClockChange> {
    let zone = midnight.time_zone();
    let before = midnight.timestamp().checked_sub(1.nanosecond()).ok()?;
    let change = zone.following(before).next()?.timestamp();
    if change >= ends.timestamp() {
        return None;
    }
    let seconds = |offset: jiff::tz::Offset| i64::from(offset.seconds());
    let just_before = change.checked_sub(1.nanosecond()).ok()?;
    let forward = seconds(zone.to_offset(change)) - seconds(zone.to_offset(just_before));
    let after = change.as_nanosecond() - midnight.timestamp().as_nanosecond();
    let after = u64::try_from(after).expect("what follows comes later");
    (forward != 0).then_some(ClockChange { after, forward: forward * 1_000_000_000 })
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
    fn clocks_change_where_the_zone_says() {
        let changes = |start: &str, days: i64| {
            let start: Start = start.parse().unwrap();
            let calendar = calendar(&start.0, (days * 24 * HOUR) as u64, &[], &[]);
            let days = calendar.days().iter();
            let changed = days.filter_map(|day| {
                let change = day.change?;
                Some((day.date, change.after as i64 / (HOUR / 2), change.forward / (HOUR / 2)))
            });
            changed.collect::<Vec<_>>()
        };
        let berlin = changes("2026-03-01T00:00:00+01:00[Europe/Berlin]", 300);
        assert_eq!(berlin, [((2026, 3, 29), 4, 2), ((2026, 10, 25), 6, -2)]);
        let lord_howe = changes("2026-04-01T00:00:00+11:00[Australia/Lord_Howe]", 10);
        assert_eq!(lord_howe, [((2026, 4, 5), 4, -1)]);
        let cairo = changes("2026-04-01T00:00:00+02:00[Africa/Cairo]", 60);
        assert_eq!(cairo, [((2026, 4, 24), 0, 2)]);
        assert_eq!(changes("2026-01-01T00:00:00+08:00[Asia/Shanghai]", 400), []);
    }

    #[test]
    fn a_date_that_a_zone_skips_is_no_day() {
        let start: Start = "2011-12-28T12:00:00-10:00[Pacific/Apia]".parse().unwrap();
        let calendar = calendar(&start.0, 72 * HOUR as u64, &[], &[]);
        let dates: Vec<u8> = calendar.days().iter().map(|day| day.date.2).collect();
        assert_eq!(dates[..4], [28, 29, 31, 1]);
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
