//! Rails: the way of money back, and how long it takes by the rows of a file.

use super::calendar::Calendar;
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
        let line = row + 2;
        let (scale, is_business) = match data.rows[row][unit].trim() {
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
