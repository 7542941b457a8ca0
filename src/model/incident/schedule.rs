//! When an incident happens: once, every week, every day, or at random.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::IncidentSpec;
use crate::engine::draw::Stream;
use crate::engine::table::QuantileTable;
use crate::model::calendar::{Calendar, Day, TimeOfDay};
use crate::model::data::Files;
use crate::model::fault::{Faults, KeyPath};
use crate::model::law::Law;
use crate::model::purpose::Purpose;
use crate::units::Span;

const DAY: i64 = 86_400_000_000_000;
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Spells of a random incident that may be expected over the calendar at most.
const SPELLS_MAX: f64 = 1e6;

/// A random incident: up and down in turn; up at the start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalSpec {
    /// Time between the end of one and the begin of the next.
    pub up: Law,
    /// How long one lasts.
    pub down: Law,
}

/// A checked schedule.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Schedule {
    /// Begin and end of each window, ascending, within the calendar.
    Windows(Vec<(u64, u64)>),
    /// Drawn in each replication.
    Renewal { up: QuantileTable, down: QuantileTable },
}

/// A begin that comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Every {
    Week { weekday: u8, time: TimeOfDay },
    Day { time: TimeOfDay },
}

impl IncidentSpec {
    /// Checks the schedule; `None` after a fault.
    pub(super) fn schedule(
        &self,
        path: &KeyPath,
        calendar: &Calendar,
        files: &Files,
        faults: &mut Faults,
    ) -> Option<Schedule> {
        let given = [self.at.is_some(), self.every.is_some(), self.renewal.is_some()];
        if given.iter().filter(|g| **g).count() != 1 {
            faults.add_with_help(
                path.clone(),
                "must say when in exactly one way",
                "one of `at` (once), `every` (week or day) or `renewal` (at random)",
            );
            return None;
        }
        if let Some(renewal) = &self.renewal {
            if self.lasts.is_some() {
                faults.add_with_help(
                    path.key("lasts"),
                    "stands beside `renewal`",
                    "`renewal.down` says how long one lasts",
                );
            }
            return renewal.build(&path.key("renewal"), calendar, files, faults);
        }
        let lasts = self.length(path, faults);
        if let Some(text) = &self.at {
            let from = begin_once(text, &path.key("at"), calendar, faults)?;
            let to = from.saturating_add(lasts?.ns()).min(calendar.end());
            return Some(Schedule::Windows(vec![(from, to)]));
        }
        let every = Every::read(self.every.as_deref()?, &path.key("every"), faults)?;
        let lasts = lasts?;
        if lasts.ns() >= every.period() {
            faults.add_with_help(
                path.key("lasts"),
                format!("is {lasts}, as long as the time from one begin to the next"),
                format!("less than {}", Span::from_ns(every.period())),
            );
            return None;
        }
        Some(Schedule::Windows(every.windows(lasts.ns(), calendar)))
    }

    fn length(&self, path: &KeyPath, faults: &mut Faults) -> Option<Span> {
        match self.lasts {
            None => faults.add_with_help(
                path.clone(),
                "has a begin but no end",
                "say how long it lasts: `lasts = \"2h\"`",
            ),
            Some(lasts) if lasts.is_zero() => {
                faults.add_with_help(path.key("lasts"), "is zero", "a span such as \"2h\"");
            }
            Some(lasts) => return Some(lasts),
        }
        None
    }
}

/// The begin of something that happens once: an offset, or a local time.
pub(in crate::model) fn begin_once(
    text: &str,
    path: &KeyPath,
    calendar: &Calendar,
    faults: &mut Faults,
) -> Option<u64> {
    let (first, last) = (calendar.days()[0].date, calendar.days()[calendar.days().len() - 1].date);
    let shown = |(year, month, day): (i16, u8, u8)| format!("{year:04}-{month:02}-{day:02}");
    let beyond = format!("the run with its refunds is over by the end of {}", shown(last));
    if let Ok(offset) = text.parse::<Span>() {
        if offset.ns() >= calendar.end() {
            faults.add_with_help(path.clone(), format!("is {text:?}, which never comes"), beyond);
            return None;
        }
        return Some(offset.ns());
    }
    let Some((date, time)) = read_local(text) else {
        faults.add_with_help(
            path.clone(),
            format!("cannot be read: {text:?}"),
            "an offset from the start such as \"8h30m\", or a local time such as \
             \"2026-11-24T02:00\"",
        );
        return None;
    };
    let begin = calendar
        .days()
        .iter()
        .position(|day| day.date == date)
        .and_then(|day| calendar.instant(day, time));
    if begin.is_some() {
        return begin;
    }
    if date <= first {
        let help = format!("the run starts on {}", shown(first));
        faults.add_with_help(path.clone(), format!("is {text:?}, before the start"), help);
    } else if date > last {
        faults.add_with_help(path.clone(), format!("is {text:?}, which never comes"), beyond);
    } else {
        faults.add(path.clone(), format!("is {text:?}, a date that does not exist"));
    }
    None
}

/// Reads "2026-11-24T02:00", with a blank in place of the T if one likes.
fn read_local(text: &str) -> Option<((i16, u8, u8), TimeOfDay)> {
    let (date, time) = text.trim().split_once(['T', ' '])?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |t: &str, n: usize| t.len() == n && t.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    let date = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    Some((date, TimeOfDay::parse(time)?))
}

impl Every {
    fn read(text: &str, path: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let read = text.trim().split_once(' ').and_then(|(day, time)| {
            let time = TimeOfDay::parse(time.trim())?;
            if day == "day" {
                return Some(Every::Day { time });
            }
            let weekday = WEEKDAYS.iter().position(|w| *w == day)?;
            Some(Every::Week { weekday: weekday as u8, time })
        });
        if read.is_none() {
            faults.add_with_help(
                path.clone(),
                format!("cannot be read: {text:?}"),
                format!(
                    "a weekday and a time such as \"Tue 02:00\" ({}), or \"day 23:30\"",
                    WEEKDAYS.join(", ")
                ),
            );
        }
        read
    }

    fn period(self) -> u64 {
        match self {
            Every::Week { .. } => 7 * DAY as u64,
            Every::Day { .. } => DAY as u64,
        }
    }

    fn falls_on(self, weekday: u8) -> Option<TimeOfDay> {
        match self {
            Every::Week { weekday: own, time } => (own == weekday).then_some(time),
            Every::Day { time } => Some(time),
        }
    }

    /// Windows by local days; one that is on at the start, though begun before it, is clipped.
    fn windows(self, lasts: u64, calendar: &Calendar) -> Vec<(u64, u64)> {
        let first = calendar.days()[0];
        let before = (1..=7u8).rev().map(|back| Day {
            starts: first.starts - i64::from(back) * DAY,
            weekday: (first.weekday + 7 - back) % 7,
            change: None,
            ..first
        });
        before
            .chain(calendar.days().iter().copied())
            .filter_map(|day| {
                let begin = day.starts + day.passed_at(self.falls_on(day.weekday)?) as i64;
                let end = begin + lasts as i64;
                let from = begin.max(0) as u64;
                let to = (end.max(0) as u64).min(calendar.end());
                (from < to).then_some((from, to))
            })
            .collect()
    }
}

impl RenewalSpec {
    fn build(
        &self,
        path: &KeyPath,
        calendar: &Calendar,
        files: &Files,
        faults: &mut Faults,
    ) -> Option<Schedule> {
        let up = self.up.build(&path.key("up"), files, faults);
        let down = self.down.build(&path.key("down"), files, faults);
        if down.mean() <= 0.0 {
            faults.add(path.key("down"), "is always zero: nothing would ever happen");
            return None;
        }
        let spells = calendar.end() as f64 / (up.mean() + down.mean());
        if spells > SPELLS_MAX {
            faults.add_with_help(
                path.clone(),
                format!("would strike about {spells:.0} times"),
                format!("at most {SPELLS_MAX} times: lengthen `up` or `down`"),
            );
            return None;
        }
        Some(Schedule::Renewal { up, down })
    }
}

/// The spells of a random incident up to `until`: the n-th is a function of its number alone.
pub(super) fn draw_spells(
    up: &QuantileTable,
    down: &QuantileTable,
    stream: Stream,
    until: u64,
) -> Vec<(u64, u64)> {
    let mut spells: Vec<(u64, u64)> = Vec::new();
    let mut now = 0u64;
    for number in 0.. {
        let own = stream.child(number);
        let from = now.saturating_add(up.at(own.draw(Purpose::Renewal, 0, 0).quantile()));
        if from >= until {
            break;
        }
        now = from.saturating_add(down.at(own.draw(Purpose::Renewal, 0, 1).quantile())).min(until);
        if from < now {
            spells.push((from, now));
        }
    }
    spells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::draw::{Class, Seed};
    use crate::model::incident::tests::{DAY, HOUR, build, faults};

    /// The windows of a schedule if the run starts `into` after midnight.
    fn windows(schedule: &str, into: u64) -> Vec<(u64, u64)> {
        let text = format!("[x]\ntarget = 'gateway'\neffect.pause = true\n{schedule}");
        let (incidents, faults) = build(&text, into);
        assert!(faults.is_empty(), "{schedule}: {faults:?}");
        incidents.windows().iter().map(|w| (w.from, w.to)).collect()
    }

    #[test]
    fn once_is_an_offset_or_a_local_time() {
        let half = HOUR / 2;
        assert_eq!(windows("at = '8h30m'\nlasts = '1h'", 0), [(8 * HOUR + half, 9 * HOUR + half)]);
        // the run starts on the 22nd at 10:00
        let local = windows("at = '2026-11-24T02:00'\nlasts = '2h'", 10 * HOUR);
        assert_eq!(local, [(40 * HOUR, 42 * HOUR)]);
        assert_eq!(windows("at = '2026-11-24 02:00'\nlasts = '2h'", 10 * HOUR), local);
    }

    #[test]
    fn a_week_comes_back_on_its_day_and_may_span_midnight() {
        let tuesdays = windows("every = 'Tue 23:00'\nlasts = '2h'", 0);
        assert_eq!(tuesdays.len(), 9, "60 days from Sunday hold nine Tuesdays");
        assert_eq!(tuesdays[0], (2 * DAY + 23 * HOUR, 3 * DAY + HOUR));
        assert!(tuesdays.windows(2).all(|w| w[1].0 - w[0].0 == 7 * DAY));
    }

    #[test]
    fn a_day_comes_back_and_what_is_on_at_the_start_is_clipped() {
        let nights = windows("every = 'day 23:30'\nlasts = '1h'", 0);
        assert_eq!(nights[0], (0, HOUR / 2), "begun the night before");
        assert_eq!(nights[1], (23 * HOUR + HOUR / 2, 24 * HOUR + HOUR / 2));
        assert_eq!(nights.last().unwrap().1, 60 * DAY, "clipped at the calendar's end");
        assert_eq!(nights.len(), 61);
        let long = windows("every = 'Mon 12:00'\nlasts = '6d'", 10 * HOUR);
        assert_eq!(long[0], (0, 2 * HOUR), "last Monday's ends on Sunday at 12:00");
    }

    #[test]
    fn days_of_the_calendar_decide_not_every_24_hours() {
        let mut days = crate::model::calendar::tests::calendar(10, 0).days().to_vec();
        // the second day has 25 hours
        days[2..].iter_mut().for_each(|d| d.starts += HOUR as i64);
        let every = Every::Day { time: TimeOfDay(2 * HOUR) };
        let begins: Vec<u64> =
            every.windows(HOUR, &Calendar::new(days)).iter().take(4).map(|w| w.0).collect();
        assert_eq!(begins, [2 * HOUR, 26 * HOUR, 51 * HOUR, 75 * HOUR]);
    }

    #[test]
    fn faults_name_the_key() {
        let wrong = [
            ("", "x"),
            ("at = '1h'\nevery = 'day 01:00'\nlasts = '1h'", "x"),
            ("at = '1h'", "x"),
            ("every = 'day 01:00'", "x"),
            ("at = '1h'\nlasts = '0s'", "x.lasts"),
            ("at = 'soon'\nlasts = '1h'", "x.at"),
            ("at = '2026-11-21T23:00'\nlasts = '1h'", "x.at"),
            ("at = '2027-11-21T23:00'\nlasts = '1h'", "x.at"),
            ("at = '2026-11-31T23:00'\nlasts = '1h'", "x.at"),
            ("at = '2026-11-24T25:00'\nlasts = '1h'", "x.at"),
            ("at = '61d'\nlasts = '1h'", "x.at"),
            ("every = 'Tuesday 02:00'\nlasts = '1h'", "x.every"),
            ("every = 'tue 02:00'\nlasts = '1h'", "x.every"),
            ("every = 'Tue'\nlasts = '1h'", "x.every"),
            ("every = 'day 02:00'\nlasts = '24h'", "x.lasts"),
            ("every = 'Tue 02:00'\nlasts = '7d'", "x.lasts"),
            ("renewal = { up = '1h', down = '1h' }\nlasts = '1h'", "x.lasts"),
            ("renewal = { up = '1h', down = '0s' }", "x.renewal.down"),
            ("renewal = { up = '1ms', down = '1ms' }", "x.renewal"),
            ("renewal = { up = '1h', down = {} }", "x.renewal.down"),
        ];
        for (schedule, path) in wrong {
            let found = faults(&format!("target = 'gateway'\neffect.pause = true\n{schedule}"));
            assert_eq!(found[0], format!("incidents.{path}"), "{schedule}");
        }
    }

    #[test]
    fn before_the_start_is_no_begin() {
        let at = "at = '2026-11-22T09:59'\nlasts = '1h'";
        let text = format!("[x]\ntarget = 'gateway'\neffect.pause = true\n{at}");
        let (_, faults) = build(&text, 10 * HOUR);
        assert!(faults[0].message.contains("before the start"), "{}", faults[0].message);
    }

    #[test]
    fn random_spells_alternate_and_take_their_share() {
        let (up, down) = (QuantileTable::exponential(3 * HOUR), QuantileTable::exponential(HOUR));
        let (mut total, mut count) = (0, 0);
        let until = 100 * DAY;
        for replication in 0..40 {
            let stream = Seed::new(1, replication).named(Class::Incident, "x");
            let spells = draw_spells(&up, &down, stream, until);
            assert!(spells.iter().all(|s| s.0 < s.1 && s.1 <= until));
            assert!(spells.windows(2).all(|w| w[0].1 <= w[1].0));
            total += spells.iter().map(|s| s.1 - s.0).sum::<u64>();
            count += spells.len();
        }
        // 24,000 spells: 5 standard errors are below 3 % of the share, below 4 % of the count
        let share = total as f64 / (40 * until) as f64;
        assert!((share / 0.25 - 1.0).abs() < 0.03, "{share}");
        assert!((count as f64 / 24_000.0 - 1.0).abs() < 0.04, "{count}");
    }
}
