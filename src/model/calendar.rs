//! Local days: midnights, hours, business days and working time, in nanoseconds from the start.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::{Faults, KeyPath};

const HOUR: u64 = 3_600_000_000_000;

/// One local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Midnight, in nanoseconds from the start; negative for the day of a start after midnight.
    pub starts: i64,
    /// Year, month and day of the month.
    pub date: (i16, u8, u8),
    /// 0 = Monday to 6 = Sunday.
    pub weekday: u8,
    /// Whether banks and staff rest although the week says otherwise.
    pub holiday: bool,
    /// Whether banks and staff work although the week says otherwise (调休).
    pub workday: bool,
}

/// Consecutive local days from the day of the start on; it covers the run, its refunds and a margin.
#[derive(Clone, Debug)]
pub struct Calendar {
    days: Vec<Day>,
}

impl Calendar {
    /// A calendar over consecutive days, the first of which holds the start.
    pub fn new(days: Vec<Day>) -> Self {
        assert!(!days.is_empty() && days[0].starts <= 0, "the first day holds the start");
        Self { days }
    }

    /// The last instant the calendar knows.
    pub fn end(&self) -> u64 {
        let last = self.days.last().expect("a calendar has days");
        (last.starts + 24 * HOUR as i64) as u64
    }

    /// The days.
    pub fn days(&self) -> &[Day] {
        &self.days
    }

    /// The index of the day of instant `t`; the last day for anything later.
    #[inline]
    pub fn day_of(&self, t: u64) -> usize {
        self.days.partition_point(|d| d.starts <= t as i64) - 1
    }

    /// Midnight after instant `t`.
    pub fn next_midnight(&self, t: u64) -> u64 {
        match self.days.get(self.day_of(t) + 1) {
            Some(day) => day.starts as u64,
            None => self.end(),
        }
    }

    /// Hour of the local day, 0 to 23.
    pub fn hour_of_day(&self, t: u64) -> usize {
        let day = self.days[self.day_of(t)];
        (((t as i64 - day.starts) as u64) / HOUR).min(23) as usize
    }

    /// Every full local hour before `until`.
    pub fn hour_starts(&self, until: u64) -> Vec<u64> {
        let hours = self.days.iter().flat_map(|d| (0..24).map(move |h| d.starts + h * HOUR as i64));
        hours.filter(|&t| t >= 0 && t < until as i64).map(|t| t as u64).collect()
    }

    /// Whether banks and staff work on a day.
    pub fn is_business_day(&self, day: usize) -> bool {
        let d = self.days[day];
        d.workday || (d.weekday < 5 && !d.holiday)
    }

    /// The instant `whole` business days and a fraction (of 2^32) of one after `from`.
    ///
    /// Days that do not count pass without progress; time of day is kept.
    pub fn after_business_days(&self, from: u64, days_q32: u64) -> u64 {
        let mut day = self.day_of(from);
        let into = (from as i64 - self.days[day].starts) as u64;
        let mut left = days_q32;
        while left >= 1 << 32 && day + 1 < self.days.len() {
            day += 1;
            if self.is_business_day(day) {
                left -= 1 << 32;
            }
        }
        let part = ((u128::from(left.min(u64::from(u32::MAX))) * u128::from(24 * HOUR)) >> 32) as u64;
        (self.days[day].starts + (into + part) as i64).max(from as i64) as u64
    }

    /// The instant of a time of day on a day, if that is not before the start.
    pub fn instant(&self, day: usize, at: TimeOfDay) -> Option<u64> {
        u64::try_from(self.days[day].starts + at.0 as i64).ok()
    }
}

/// A time of day such as "23:30".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(
    /// Nanoseconds since midnight.
    pub u64,
);

impl TimeOfDay {
    /// Reads "HH:MM" from 00:00 to 24:00.
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        if hours.len() != 2 || minutes.len() != 2 {
            return None;
        }
        let (hours, minutes): (u64, u64) = (hours.parse().ok()?, minutes.parse().ok()?);
        let total = hours * 60 + minutes;
        (minutes < 60 && total <= 24 * 60).then_some(Self(total * HOUR / 60))
    }
}

/// Working hours of staff: from and to on business days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoursSpec {
    /// Begin, such as "09:00".
    pub from: String,
    /// End, such as "18:00".
    pub to: String,
}

impl HoursSpec {
    /// The working spells over the whole calendar, in order.
    pub fn build(&self, path: &KeyPath, calendar: &Calendar, faults: &mut Faults) -> OpenHours {
        let read = |key: &str, text: &str, faults: &mut Faults| {
            let time = TimeOfDay::parse(text);
            if time.is_none() {
                faults.add_with_help(path.key(key), format!("is {text:?}"), "a time \"HH:MM\"");
            }
            time
        };
        let (from, to) = (read("from", &self.from, faults), read("to", &self.to, faults));
        let (Some(from), Some(to)) = (from, to) else { return OpenHours::always() };
        if from >= to {
            faults.add(path.key("from"), "is not before `to`");
            return OpenHours::always();
        }
        let days = (0..calendar.days().len()).filter(|&d| calendar.is_business_day(d));
        let spells = days.filter_map(|day| {
            let ends = calendar.instant(day, to)?;
            Some((calendar.instant(day, from).unwrap_or(0), ends))
        });
        OpenHours { spells: spells.collect() }
    }
}

/// When staff work.
#[derive(Clone, Debug, Default)]
pub struct OpenHours {
    /// Begin and end of each spell, in order; empty means always.
    spells: Vec<(u64, u64)>,
}

impl OpenHours {
    /// Around the clock.
    pub fn always() -> Self {
        Self::default()
    }

    /// The instant at which `work` nanoseconds of open time have passed since `from`.
    pub fn after_work(&self, from: u64, work: u64) -> u64 {
        if self.spells.is_empty() {
            return from + work;
        }
        let mut left = work;
        let first = self.spells.partition_point(|&(_, ends)| ends <= from);
        for &(begins, ends) in &self.spells[first..] {
            let begins = begins.max(from);
            if ends - begins >= left {
                return begins + left;
            }
            left -= ends - begins;
        }
        self.spells.last().map_or(from, |s| s.1.max(from)) + left
    }
}
