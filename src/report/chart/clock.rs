//! The time axis: the local clock for long runs, seconds since the start for short ones.

use jiff::civil::DateTime;
use jiff::{Span, Zoned};

use super::scale::{Scale, Tick};
use crate::report::number::span;

/// Runs shorter than this many seconds are labelled with seconds since their start.
const SHORT: f64 = 600.0;

/// Steps between ticks in seconds, each a divisor of the next greater unit of the clock.
const STEPS: [i64; 20] = [
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1_800,
    3_600,
    7_200,
    10_800,
    21_600,
    43_200,
    DAY,
    2 * DAY,
    7 * DAY,
];

const DAY: i64 = 86_400;

/// Room for a label such as "06:00" and one such as "Sun 22 Nov", in pixels.
const ROOM: f64 = 62.0;
const DATE_ROOM: f64 = 84.0;

/// The axis of a run of `length_s` seconds drawn `width` pixels wide.
pub(super) fn time_axis(start: Option<&Zoned>, length_s: f64, width: f64) -> Scale {
    let length_s = if length_s.is_finite() && length_s > 0.0 { length_s } else { 1.0 };
    let ticks = match start.filter(|_| length_s >= SHORT) {
        Some(start) => clock_ticks(start, length_s, width),
        None => elapsed_ticks(length_s, width),
    };
    Scale::straight(0.0, length_s, ticks)
}

/// A moment of the run for titles: "Tue 24 Nov 02:00" or "12 s".
pub(super) fn moment(start: Option<&Zoned>, length_s: f64, at_s: f64) -> String {
    match start.filter(|_| length_s >= SHORT).and_then(|start| after(start, at_s)) {
        Some(time) if length_s > DAY as f64 => time.strftime("%a %-d %b %H:%M").to_string(),
        Some(time) => time.strftime("%H:%M").to_string(),
        None => span(at_s),
    }
}

/// The day of the week of a moment, "Tue"; None without a clock or in runs within a day.
pub(super) fn weekday(start: Option<&Zoned>, length_s: f64, at_s: f64) -> Option<String> {
    let start = start.filter(|_| length_s > DAY as f64)?;
    Some(after(start, at_s)?.strftime("%a").to_string())
}

fn after(start: &Zoned, seconds: f64) -> Option<Zoned> {
    start.checked_add(Span::new().milliseconds((seconds * 1e3).round() as i64)).ok()
}

fn elapsed_ticks(length_s: f64, width: f64) -> Vec<Tick> {
    let count = (width / ROOM).max(1.0);
    if length_s < 5.0 {
        let mut scale = Scale::from_zero(length_s, 5);
        scale.ticks.retain(|tick| tick.at <= length_s);
        let relabel = |tick: Tick| Tick { label: format!("{} s", tick.label), ..tick };
        return scale.ticks.into_iter().map(relabel).collect();
    }
    let fits = |step: &i64| length_s / *step as f64 <= count;
    // Past the table whole weeks are counted together.
    let weeks = (length_s / count / (7 * DAY) as f64).ceil() as i64 * 7 * DAY;
    let step = STEPS.into_iter().find(fits).unwrap_or(weeks);
    let whole = (length_s / step as f64 + 1e-9) as i64;
    let tick = |index: i64| Tick { at: (index * step) as f64, label: elapsed(index * step, step) };
    (0..=whole).map(tick).collect()
}

/// Seconds since the start in the greatest unit that the step divides into.
fn elapsed(seconds: i64, step: i64) -> String {
    let (unit, name) = match step {
        step if step % DAY == 0 => (DAY, "d"),
        step if step % 3_600 == 0 => (3_600, "h"),
        step if step % 60 == 0 => (60, "min"),
        _ => (1, "s"),
    };
    format!("{} {name}", seconds / unit)
}

fn clock_ticks(start: &Zoned, length_s: f64, width: f64) -> Vec<Tick> {
    let room = |step: i64| if step < DAY { ROOM } else { DATE_ROOM };
    let fits = |step: &i64| length_s / *step as f64 * room(*step) <= width;
    let weeks = (length_s * DATE_ROOM / width / (7 * DAY) as f64).ceil() as i64 * 7 * DAY;
    let step = STEPS.into_iter().find(fits).unwrap_or(weeks);
    let midnight = start.datetime().date().to_datetime(jiff::civil::Time::midnight());
    let count = (length_s / step as f64) as i64 + DAY.div_euclid(step).max(1) + 1;
    let civil = |index: i64| midnight.checked_add(Span::new().seconds(index * step)).ok();
    let tick = |time: DateTime| {
        // Wall clock times skipped by a change to summer time fall where the clock goes on.
        let zoned = time.to_zoned(start.time_zone().clone()).ok()?;
        let at = zoned.timestamp().duration_since(start.timestamp()).as_secs_f64();
        let is_inside = (-1e-6..=length_s + 1e-6).contains(&at);
        is_inside.then(|| Tick { at, label: clock_label(time, step, length_s) })
    };
    (0..=count).filter_map(civil).filter_map(tick).collect()
}

fn clock_label(time: DateTime, step: i64, length_s: f64) -> String {
    let is_midnight = time.hour() == 0 && time.minute() == 0;
    let form = match step {
        step if step >= 7 * DAY => "%-d %b",
        step if step >= DAY => "%a %-d %b",
        _ if is_midnight && length_s > DAY as f64 => "%a %-d %b",
        step if step < 60 => "%H:%M:%S",
        _ => "%H:%M",
    };
    time.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(start: Option<&str>, length_s: f64) -> Vec<String> {
        let start = start.map(|start| start.parse::<Zoned>().unwrap());
        let scale = time_axis(start.as_ref(), length_s, 700.0);
        scale.ticks.into_iter().map(|tick| tick.label).collect()
    }

    const SUNDAY: Option<&str> = Some("2026-11-22T00:00:00+08:00[Asia/Shanghai]");

    #[test]
    fn a_week_is_labelled_with_its_days() {
        let labels = labels(SUNDAY, 7.0 * 86_400.0);
        assert_eq!(labels.len(), 8);
        assert_eq!([&labels[0], &labels[2]], ["Sun 22 Nov", "Tue 24 Nov"]);
    }

    #[test]
    fn hours_stand_on_round_times_of_the_local_clock() {
        let start = Some("2026-11-22T19:50:00+08:00[Asia/Shanghai]");
        let labels = labels(start, 3.0 * 3_600.0);
        assert_eq!(labels.first().map(String::as_str), Some("20:00"));
        assert!(labels.contains(&"22:30".to_owned()), "{labels:?}");
    }

    #[test]
    fn short_runs_count_seconds() {
        let labels = labels(SUNDAY, 40.0);
        assert_eq!([&labels[0], &labels[1], &labels[8]], ["0 s", "5 s", "40 s"]);
    }

    #[test]
    fn any_length_has_a_few_ticks_and_not_many() {
        for start in [None, SUNDAY] {
            for length_s in [0.05, 3.0, 59.0, 599.0, 600.0, 86_400.0, 1e6, 3e7, 3e8] {
                let count = labels(start, length_s).len();
                assert!((1..=16).contains(&count), "{length_s} s: {count} ticks");
            }
        }
    }

    #[test]
    fn an_hour_that_summer_time_skips_does_no_harm() {
        let start = Some("2026-03-29T00:00:00+01:00[Europe/Berlin]");
        let labels = labels(start, 86_400.0);
        assert!(labels.len() > 5, "{labels:?}");
    }
}
