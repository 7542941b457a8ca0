//! Rails: the way of money back, and how long it takes by the rows of a file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, TimeOfDay};
use super::data::{FileRef, Files, table};
use super::fault::{Faults, KeyPath};
use crate::engine::draw::Draw;
use crate::engine::table::QuantileTable;

/// A day of business in the unit of its laws: 2^-32 days.
pub(super) const DAY_Q32: f64 = 4_294_967_296.0;

/// No review and no rail takes more days than this.
pub(super) const DAYS_MAX: f64 = 3_650.0;

/// The way of money back to where it came from.
#[derive(Clone, Debug)]
pub struct Rail {
    /// The row of the refund file, or "other".
    pub name: String,
    pub(super) time: RailTime,
    pub(super) closed: Option<Closed>,
}

/// Times of day in which rails send nothing: what would be sent then is sent at their end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosedSpec {
    /// Begin, such as "00:00".
    pub from: String,
    /// End, such as "01:30".
    pub to: String,
    /// Rows of the file of rails that it holds for; none given means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rails: Vec<String>,
    /// Where the values come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A checked daily closure, the same day from begin to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Closed {
    from: TimeOfDay,
    to: TimeOfDay,
}

impl ClosedSpec {
    /// Checks the times, and closes the rails it names.
    pub(super) fn close(&self, rails: &mut [Rail], path: &KeyPath, faults: &mut Faults) {
        let mut read = |key: &str, text: &str| {
            let time = TimeOfDay::parse(text);
            if time.is_none() {
                faults.add_with_help(path.key(key), format!("is {text:?}"), "a time \"HH:MM\"");
            }
            time
        };
        let (from, to) = (read("from", &self.from), read("to", &self.to));
        let (Some(from), Some(to)) = (from, to) else { return };
        if from >= to {
            faults.add(path.key("from"), "is not before `to`");
        }
        for (i, name) in self.rails.iter().enumerate() {
            if !rails.iter().any(|rail| rail.name == *name) {
                let legal: Vec<&str> = rails.iter().map(|rail| rail.name.as_str()).collect();
                let message = format!("is no rail that a channel uses: {name:?}");
                let help = format!("one of {}", legal.join(", "));
                faults.add_with_help(path.key("rails").index(i), message, help);
            }
        }
        let closes = |rail: &&mut Rail| self.rails.is_empty() || self.rails.contains(&rail.name);
        rails.iter_mut().filter(closes).for_each(|rail| rail.closed = Some(Closed { from, to }));
    }
}

impl Rail {
    /// When money sent at `sent` arrives.
    pub(super) fn arrives_at(&self, sent: u64, draw: Draw, calendar: &Calendar) -> u64 {
        let sent = self.closed.map_or(sent, |closed| closed.opens(sent, calendar));
        self.time.arrives_at(sent, draw, calendar)
    }
}

impl Closed {
    /// The first instant from `t` on at which the rail sends.
    fn opens(self, t: u64, calendar: &Calendar) -> u64 {
        let day = calendar.days()[calendar.day_of(t)];
        let [from, to] = [self.from, self.to].map(|at| day.starts + day.passed_at(at) as i64);
        if (from..to).contains(&(t as i64)) { to as u64 } else { t }
    }
}

/// How long a rail takes.
#[derive(Clone, Debug)]
pub(super) enum RailTime {
    /// Nanoseconds.
    Elapsed(QuantileTable),
    /// Business days, in units of 2^-32.
    Business(QuantileTable),
}

impl RailTime {
    /// When money sent at `sent` arrives.
    pub(super) fn arrives_at(&self, sent: u64, draw: Draw, calendar: &Calendar) -> u64 {
        match self {
            Self::Elapsed(law) => sent.saturating_add(law.at(draw.quantile())),
            Self::Business(law) => calendar.after_business_days(sent, law.at(draw.quantile())),
        }
    }

    /// The time of the row `name`, which `asks` names: uniform from `low` to `high` in its unit.
    pub(super) fn of_row(
        name: &str,
        asks: &KeyPath,
        (file, path): (Option<&FileRef>, &KeyPath),
        files: &Files,
        faults: &mut Faults,
    ) -> Option<Self> {
        let Some(file) = file else {
            faults.add_with_help(
                asks.clone(),
                format!("names the row {name:?}, but no file of rails is given"),
                format!("{path} = \"data/refund_times.csv\""),
            );
            return None;
        };
        let data = table(files, file, path, faults)?;
        let method = data.column("method", path, faults)?;
        let unit = data.column("unit", path, faults)?;
        let row = data.row_named(method, name, asks, faults)?;
        let mut cell = |column: &str| {
            let column = data.column(column, path, faults)?;
            data.number(row, column, path, faults)
        };
        let (low, high) = (cell("low")?, cell("high")?);
        let line = data.line(row);
        let (scale, is_business) = match data.cell(row, unit).trim() {
            "minutes" => (60e9, false),
            "hours" => (3_600e9, false),
            "days" => (86_400e9, false),
            "business_days" => (DAY_Q32, true),
            other => {
                let message = format!("names a file whose line {line} has the unit {other:?}");
                let legal = "minutes, hours, days or business_days";
                faults.add_with_help(path.clone(), message, legal);
                return None;
            }
        };
        let day = if is_business { DAY_Q32 } else { 86_400e9 };
        if !(0.0 <= low && low <= high && high * scale <= DAYS_MAX * day) {
            let message = format!("names a file whose line {line} runs from {low} to {high}");
            faults.add_with_help(path.clone(), message, "0 <= low <= high <= ten years");
            return None;
        }
        let law = QuantileTable::uniform((low * scale) as u64, (high * scale) as u64);
        Some(if is_business { Self::Business(law) } else { Self::Elapsed(law) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::draw::{Class, Seed};
    use crate::model::calendar::tests::calendar;

    const HOUR: u64 = 3_600_000_000_000;

    fn rails() -> Vec<Rail> {
        let rail = |name: &str| {
            let time = RailTime::Elapsed(QuantileTable::constant(HOUR));
            Rail { name: name.to_owned(), time, closed: None }
        };
        vec![rail("wallet"), rail("card")]
    }

    fn close(from: &str, to: &str, names: &[&str]) -> (Vec<Rail>, Vec<String>) {
        let [from, to] = [from, to].map(str::to_owned);
        let named = names.iter().map(|&name| name.to_owned()).collect();
        let (mut rails, mut faults) = (rails(), Faults::default());
        let path = KeyPath::root().key("closed");
        ClosedSpec { from, to, rails: named, source: None }.close(&mut rails, &path, &mut faults);
        (rails, faults.into_vec().iter().map(|fault| fault.path.to_string()).collect())
    }

    #[test]
    fn what_is_sent_to_a_closed_rail_goes_when_it_opens() {
        let (rails, faults) = close("00:00", "01:30", &["wallet"]);
        assert!(faults.is_empty());
        // the run begins at 23:00, so the rail is closed from 1 h to 2 h 30 min
        let days = calendar(20, 23 * HOUR);
        let draw = Seed::new(1, 0).stream(Class::Journey, 1).draw(1u8, 0, 0);
        let arrives = |rail: usize, sent: u64| rails[rail].arrives_at(sent, draw, &days);
        let at = [HOUR - 1, HOUR, 2 * HOUR, 5 * HOUR / 2 - 1, 5 * HOUR / 2];
        let opens = [HOUR - 1, 5 * HOUR / 2, 5 * HOUR / 2, 5 * HOUR / 2, 5 * HOUR / 2];
        assert_eq!(at.map(|sent| arrives(0, sent)), opens.map(|sent| sent + HOUR));
        assert_eq!(at.map(|sent| arrives(1, sent)), at.map(|sent| sent + HOUR), "never closed");
        assert_eq!(arrives(0, 25 * HOUR), 53 * HOUR / 2 + HOUR, "the next night as well");
    }

    #[test]
    fn a_closure_names_times_of_one_day_and_rails_in_use() {
        assert_eq!(close("01:30", "00:00", &[]).1, ["closed.from"]);
        assert_eq!(close("0:00", "25:00", &[]).1, ["closed.from", "closed.to"]);
        assert_eq!(close("00:00", "01:30", &["walet"]).1, ["closed.rails.0"]);
    }
}
