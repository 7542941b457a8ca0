//! When an incident happens: once, every week, every day, or at random.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::IncidentSpec;
use crate::engine::draw::Stream;
use crate::engine::table::QuantileTable;
use crate::model::calendar::{Calendar, TimeOfDay};
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

/// The begin of an incident that happens once: an offset, or a local time.
fn begin_once(text: &str, path: &KeyPath, calendar: &Calendar, faults: &mut Faults) -> Option<u64> {
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
    if parts.next().is_some() || year.len() != 4 || month.len() != 2 || day.len() != 2 {
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
        let before = (1..=7u8)
            .rev()
            .map(|back| (first.starts - i64::from(back) * DAY, (first.weekday + 7 - back) % 7));
        let days = calendar.days().iter().map(|day| (day.starts, day.weekday));
        before
            .chain(days)
            .filter_map(|(midnight, weekday)| {
                let begin = midnight + self.falls_on(weekday)?.0 as i64;
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
