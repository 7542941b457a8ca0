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
    /// When clocks are put forward or back on it.
    pub change: Option<ClockChange>,
}

/// A change of the clock, such as that to summer time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockChange {
    /// Time that has passed since midnight, ns.
    pub after: u64,
    /// By how much clocks are put forward, ns; less than zero for back.
    pub forward: i64,
}

impl Day {
    /// Time that has passed since midnight when clocks show `at`, ns: for what they show twice, the
    /// first time; for what they skip, the first instant after it.
    pub fn passed_at(&self, at: TimeOfDay) -> u64 {
        match self.change {
            Some(ClockChange { after, forward }) if at.0 >= after => {
                after.max(at.0.saturating_add_signed(-forward))
            }
            _ => at.0,
        }
    }

    /// What clocks show when so much time has passed since midnight, ns.
    fn shown_after(&self, passed: u64) -> u64 {
        match self.change {
            Some(change) if passed >= change.after => passed.saturating_add_signed(change.forward),
            _ => passed,
        }
    }
}

/// Consecutive local days from the day of the start on; they cover the run, its refunds and more.
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
        let t = t.min(i64::MAX as u64) as i64;
        self.days.partition_point(|d| d.starts <= t) - 1
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
        (day.shown_after((t as i64 - day.starts) as u64) / HOUR).min(23) as usize
    }

    /// Every full local hour before `until`, and every change of the clock.
    pub fn hour_starts(&self, until: u64) -> Vec<u64> {
        let hours = self.days.iter().flat_map(|day| {
            let hours = (0..24).map(|h| day.passed_at(TimeOfDay(h * HOUR)));
            let all = hours.chain(day.change.map(|change| change.after));
            all.map(|passed| day.starts + passed as i64)
        });
        hours.filter(|&t| t >= 0 && t < until as i64).map(|t| t as u64).collect()
    }

    /// Whether banks and staff work on a day.
    pub fn is_business_day(&self, day: usize) -> bool {
        let d = self.days[day];
        d.workday || (d.weekday < 5 && !d.holiday)
    }

    /// The instant `days_q32` business days (in units of 2^-32) after `from`.
    ///
    /// Other days pass without progress: from one of them the count begins at the midnight that
    /// opens the next business day. Whole days from a business day keep the time of day. Beyond
    /// the calendar every day counts.
    pub fn after_business_days(&self, from: u64, days_q32: u64) -> u64 {
        let work = ((u128::from(days_q32) * u128::from(24 * HOUR)) >> 32) as u64;
        if work == 0 {
            return from;
        }
        let today = self.day_of(from);
        let into = (from as i64 - self.days[today].starts) as u64;
        let total = if self.is_business_day(today) { into + work } else { work };
        let mut business = (today..self.days.len()).filter(|&day| self.is_business_day(day));
        match business.nth((total / (24 * HOUR)) as usize) {
            Some(day) => (self.days[day].starts + (total % (24 * HOUR)) as i64) as u64,
            None => self.end().max(from.saturating_add(work)),
        }
    }

    /// The midnight that ends the `count`-th business day (from 1) after the day of `from`. Beyond
    /// the calendar every day counts.
    pub fn end_of_business_day(&self, from: u64, count: u32) -> u64 {
        let later = self.day_of(from) + 1..self.days.len();
        let mut business = later.filter(|&day| self.is_business_day(day));
        match business.nth(count.max(1) as usize - 1) {
            Some(day) => self.days.get(day + 1).map_or_else(|| self.end(), |d| d.starts as u64),
            None => self.end().max(from.saturating_add(u64::from(count) * 24 * HOUR)),
        }
    }

    /// The instant of a time of day on a day, if that is not before the start.
    pub fn instant(&self, day: usize, at: TimeOfDay) -> Option<u64> {
        let day = self.days[day];
        u64::try_from(day.starts + day.passed_at(at) as i64).ok()
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
        let two_digits = |t: &str| t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit());
        if !two_digits(hours) || !two_digits(minutes) {
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
        let spells: Vec<(u64, u64)> = spells.collect();
        if spells.is_empty() {
            faults.add(path.clone(), "never come: the run has no business day");
        }
        OpenHours { spells }
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
            return from.saturating_add(work);
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

    /// The open time between two instants, ns.
    pub fn open_within(&self, (from, to): (u64, u64)) -> u64 {
        if self.spells.is_empty() {
            return to.saturating_sub(from);
        }
        let cut = |&(begins, ends): &(u64, u64)| ends.min(to).saturating_sub(begins.max(from));
        self.spells.iter().map(cut).sum()
    }
}

#[cfg(test)]
pub(in crate::model) mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: u64 = 24 * HOUR;

    /// `count` days from Sunday, 2026-11-22, on; the run starts `into` nanoseconds after midnight.
    pub(in crate::model) fn calendar(count: usize, into: u64) -> Calendar {
        let lengths = [30u8, 31, 31, 28, 31];
        let mut date = (2026i16, 11u8, 22u8);
        let mut days = Vec::new();
        for i in 0..count {
            let starts = (i as u64 * DAY) as i64 - into as i64;
            let weekday = ((6 + i) % 7) as u8;
            let (holiday, workday, change) = (false, false, None);
            days.push(Day { starts, date, weekday, holiday, workday, change });
            date.2 += 1;
            if date.2 > lengths[(usize::from(date.1) + 1) % 12] {
                date = if date.1 == 12 { (date.0 + 1, 1, 1) } else { (date.0, date.1 + 1, 1) };
            }
        }
        Calendar::new(days)
    }

    fn hours(text: (&str, &str), calendar: &Calendar) -> (OpenHours, Vec<String>) {
        let spec = HoursSpec { from: text.0.to_owned(), to: text.1.to_owned() };
        let mut faults = Faults::default();
        let open = spec.build(&KeyPath::root().key("hours"), calendar, &mut faults);
        (open, faults.into_vec().iter().map(|f| f.path.to_string()).collect())
    }

    /// Days and hours of the test calendar, as an instant.
    fn at(day: u64, hour: u64) -> u64 {
        day * DAY + hour * HOUR
    }

    #[test]
    fn days_begin_at_their_midnights() {
        let c = calendar(90, 10 * HOUR);
        assert_eq!(c.days()[41].date, (2027, 1, 2));
        assert_eq!((c.day_of(0), c.day_of(14 * HOUR - 1), c.day_of(14 * HOUR)), (0, 0, 1));
        assert_eq!(c.next_midnight(0), 14 * HOUR);
        assert_eq!(
            (c.hour_of_day(0), c.hour_of_day(13 * HOUR), c.hour_of_day(14 * HOUR)),
            (10, 23, 0)
        );
        assert_eq!(c.hour_starts(3 * HOUR), [0, HOUR, 2 * HOUR]);
        assert_eq!(c.day_of(u64::MAX), 89);
        assert_eq!(c.instant(0, TimeOfDay(9 * HOUR)), None);
        assert_eq!(c.instant(1, TimeOfDay(9 * HOUR)), Some(23 * HOUR));
    }

    #[test]
    fn clocks_that_change_show_what_they_show() {
        let day = |hours, forward: i64| {
            let change = Some(ClockChange { after: hours * HOUR, forward: forward * HOUR as i64 });
            Day { change, ..calendar(1, 0).days()[0] }
        };
        // in half hours
        let passed = |day: &Day, hours: [u64; 5]| {
            hours.map(|h| day.passed_at(TimeOfDay(h * HOUR / 2)) / (HOUR / 2))
        };
        // 2:00 is 3:00, and the day has 23 hours
        let spring = day(2, 1);
        assert_eq!(passed(&spring, [3, 4, 5, 6, 48]), [3, 4, 4, 4, 46]);
        // 3:00 is 2:00 again, and the day has 25 hours
        let autumn = day(3, -1);
        assert_eq!(passed(&autumn, [4, 5, 6, 7, 48]), [4, 5, 8, 9, 50]);
        let hour = |day: Day, passed| Calendar::new(vec![day]).hour_of_day(passed * HOUR);
        assert_eq!([1, 2, 22].map(|passed| hour(spring, passed)), [1, 3, 23]);
        assert_eq!([2, 3, 4, 24].map(|passed| hour(autumn, passed)), [2, 2, 3, 23]);
        assert!(Calendar::new(vec![autumn]).hour_starts(25 * HOUR).contains(&(3 * HOUR)));
        // where midnight itself is skipped, the day begins with the change
        assert_eq!(passed(&day(0, 1), [0, 1, 2, 3, 48]), [0, 0, 0, 1, 46]);
    }

    #[test]
    fn a_holiday_rests_and_a_swapped_weekend_works() {
        let mut days = calendar(14, 0).days().to_vec();
        days[1].holiday = true;
        days[6].workday = true;
        let c = Calendar::new(days);
        let business: Vec<usize> = (0..8).filter(|&d| c.is_business_day(d)).collect();
        assert_eq!(business, [2, 3, 4, 5, 6]);
        assert_eq!(c.after_business_days(at(0, 12), 1 << 31), at(2, 12));
    }

    #[test]
    fn business_days_leave_the_weekend_out() {
        let c = calendar(30, 0);
        let after = |from, halves: u64| c.after_business_days(from, halves << 31);
        // day 5 is Friday, day 8 Monday
        assert_eq!(after(at(5, 18), 2), at(8, 18), "whole days keep the time of day");
        assert_eq!(after(at(5, 0), 2), at(8, 0));
        assert_eq!(after(at(5, 18), 1), at(8, 6), "half a day does not end on Saturday");
        assert_eq!(after(at(5, 10), 1), at(5, 22));
        assert_eq!(after(at(6, 10), 1), at(8, 12), "a Saturday passes without progress");
        assert_eq!(after(at(6, 10), 0), at(6, 10));
        assert_eq!(after(at(1, 3), 10), at(8, 3));
        assert!(after(at(29, 3), 400) >= c.end());
    }

    proptest! {
        #[test]
        fn more_business_days_never_end_earlier(
            from in 0..20 * DAY, more in 0..10 * DAY, days in 0u64..5 << 32, extra in 0u64..5 << 32,
        ) {
            let c = calendar(60, 7 * HOUR);
            let end = c.after_business_days(from, days);
            prop_assert!(end >= from);
            prop_assert!(c.after_business_days(from, days + extra) >= end);
            prop_assert!(c.after_business_days(from + more, days.max(1 << 20)) >= end);
        }

        #[test]
        fn working_time_counts_open_hours_alone(from in 0..20 * DAY, work in 0..40 * HOUR) {
            let c = calendar(60, 7 * HOUR);
            let (open, _) = hours(("09:00", "18:00"), &c);
            let done = open.after_work(from, work);
            let inside = |t: u64| open.spells.iter().map(|s| t.clamp(s.0, s.1) - s.0).sum::<u64>();
            prop_assert_eq!(inside(done) - inside(from), work);
        }
    }

    #[test]
    fn staff_work_on_business_days() {
        let c = calendar(30, 0);
        let (open, faults) = hours(("09:00", "18:00"), &c);
        assert!(faults.is_empty());
        assert_eq!(open.after_work(at(0, 12), HOUR), at(1, 10));
        assert_eq!(open.after_work(at(5, 17), 2 * HOUR), at(8, 10));
        assert_eq!(open.after_work(at(2, 10), HOUR), at(2, 11));
        assert_eq!(OpenHours::always().after_work(at(0, 3), HOUR), at(0, 4));
        assert_eq!(hours(("9:00", "24:30"), &c).1, ["hours.from", "hours.to"]);
        assert_eq!(hours(("18:00", "09:00"), &c).1, ["hours.from"]);
        assert_eq!(hours(("09:00", "18:00"), &calendar(1, 0)).1, ["hours"]);
    }

    #[test]
    fn times_of_day_have_two_digits_twice() {
        assert_eq!(TimeOfDay::parse("23:30"), Some(TimeOfDay(23 * HOUR + HOUR / 2)));
        assert_eq!(TimeOfDay::parse("24:00"), Some(TimeOfDay(DAY)));
        for wrong in ["24:01", "12:60", "9:00", "+9:00", "0900", "", "09:00:00", "－1:00"] {
            assert_eq!(TimeOfDay::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn open_time_is_what_lies_within_the_spells() {
        // Monday is the second day
        let (open, _) = hours(("09:00", "18:00"), &calendar(4, 0));
        assert_eq!(open.open_within((0, DAY)), 0, "Sunday");
        assert_eq!(open.open_within((0, 3 * DAY)), 18 * HOUR);
        assert_eq!(open.open_within((DAY + 17 * HOUR, 2 * DAY + 10 * HOUR)), 2 * HOUR);
        assert_eq!(OpenHours::always().open_within((5, 25)), 20);
    }
}
