//! Does the pipeline hold over time, and what do incidents cost?

use super::canvas::Canvas;
use super::clock::{moment, time_axis, weekday};
use super::look::Look;
use super::panel::{Panel, Place, bottom_of, left_edge};
use super::scale::Scale;
use super::windows::{WINDOW_NAMES, shaded};
use super::{Chart, mean_of, theme};
use crate::report::number::{Quantity, fixed, number, span};
use crate::report::tables::{Series, Tables, Timeline, Window};
use crate::stats::Estimate;

/// A difference from which on an incident is worth naming: half a point.
const NOTABLE: f64 = 0.005;

pub(super) fn of(tables: &Tables) -> Box<dyn Chart + '_> {
    let timeline = &tables.timeline;
    let series = timeline.of(Timeline::SUCCESS).into_iter().next();
    Box::new(SuccessOverTime { timeline, series, total: tables.summary.estimate("success_share") })
}

struct SuccessOverTime<'t> {
    timeline: &'t Timeline,
    series: Option<&'t Series>,
    total: Option<Estimate>,
}

impl SuccessOverTime<'_> {
    /// Buckets with a value: middle in seconds and share.
    fn values(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let points = self.series.into_iter().flat_map(|series| series.points.iter().enumerate());
        points.filter_map(|(bucket, point)| {
            let value = point.filter(|point| point.value.is_finite())?.value;
            Some((self.timeline.middle_s(bucket), value))
        })
    }

    fn mean_where(&self, is_wanted: impl Fn(f64) -> bool) -> Option<f64> {
        let wanted = self.values().filter(|&(at, _)| is_wanted(at));
        let (sum, count) = wanted.fold((0.0, 0.0), |(sum, n), (_, value)| (sum + value, n + 1.0));
        (count > 0.0).then(|| sum / count)
    }

    /// The incident in whose windows success falls most against the time without any.
    fn costliest(&self) -> Option<(&Window, f64)> {
        let windows = &self.timeline.windows;
        let holds = |window: &Window, at: f64| (window.from_s..window.to_s).contains(&at);
        let calm = self.mean_where(|at| !windows.iter().any(|window| holds(window, at)))?;
        let mut worst: Option<(&Window, f64)> = None;
        for window in windows {
            let same = |other: &&Window| other.name == window.name;
            let during =
                self.mean_where(|at| windows.iter().filter(same).any(|other| holds(other, at)));
            let cost = during.map_or(0.0, |during| calm - during);
            if cost > worst.map_or(NOTABLE, |(_, cost)| cost) {
                worst = Some((window, cost));
            }
        }
        worst
    }

    fn second_half(&self, total: f64) -> String {
        if let Some((window, cost)) = self.costliest() {
            let Timeline { start, length_s, windows, .. } = self.timeline;
            let is_alone = windows.iter().filter(|other| other.name == window.name).count() == 1;
            let day = weekday(start.as_ref(), *length_s, window.from_s).filter(|_| is_alone);
            let day = day.map_or(String::new(), |day| format!(" ({day})"));
            let points = fixed(cost * 100.0, 1);
            return format!("{}{day} costs {points} points while it lasts", window.name);
        }
        let every = span(self.timeline.bucket_s);
        let Some((bucket, value)) = self.worst_below(total) else {
            return format!("no {every} stretch is clearly worse");
        };
        let Timeline { start, length_s, .. } = self.timeline;
        let when = moment(start.as_ref(), *length_s, self.timeline.span_s(bucket).0);
        let value = number(value, Quantity::Share);
        format!("the worst {every} stretch ({when}) has {value}")
    }

    /// The bucket with the least success among those that three times their interval keeps notably
    /// below the total: the least of hundreds of noisy values would always look bad.
    fn worst_below(&self, total: f64) -> Option<(usize, f64)> {
        let points = self.series?.points.iter().enumerate();
        let sure = points.filter_map(|(bucket, point)| {
            let point = point.as_ref()?;
            let reach = 3.0 * (point.interval?.high - point.value);
            (point.value + reach < total - NOTABLE).then_some((bucket, point.value))
        });
        sure.min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Where the axis may begin: below every value and nine of ten bands.
    fn least(&self) -> f64 {
        let points = self.series.map_or(&[][..], |series| &series.points).iter().flatten();
        let mut lows: Vec<f64> = points.map(bottom_of).filter(|low| low.is_finite()).collect();
        lows.sort_by(f64::total_cmp);
        let most_bands = lows.get(lows.len() / 10).copied().unwrap_or(1.0);
        self.values().map(|(_, value)| value).fold(most_bands, f64::min)
    }
}

impl Chart for SuccessOverTime<'_> {
    fn name(&self) -> &'static str {
        "success_over_time"
    }

    fn question(&self) -> &'static str {
        "Does the pipeline hold over time, and what do incidents cost?"
    }

    fn finding(&self) -> String {
        let total = self.total.map(|total| total.value).or_else(|| self.mean_where(|_| true));
        let Some(total) = total.filter(|total| total.is_finite()) else {
            return "No top-up arrived in the time that was simulated".to_owned();
        };
        let second = self.second_half(total);
        let first = format!("{} of top-ups succeed", number(total, Quantity::Share));
        format!("{first}; {second}")
    }

    fn note(&self, look: Look) -> String {
        let every = span(self.timeline.bucket_s);
        let shaded = shaded(&self.timeline.windows, look);
        let mean = mean_of(self.timeline.spoken(), true);
        format!("Share of the top-ups arriving in each {every} that succeed; {mean}{shaded}")
    }

    fn is_empty(&self) -> bool {
        self.values().next().is_none()
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let points = self.series.map_or(&[][..], |series| &series.points);
        let y = match self.is_empty() {
            true => Scale::blank(),
            false => Scale::shares(self.least().min(0.995)),
        };
        let named = if self.timeline.windows.is_empty() { 0.0 } else { WINDOW_NAMES };
        let place = Place {
            left: left_edge(canvas, &y),
            top: top + named,
            right: canvas.width - canvas.or_narrow(48.0, 22.0),
            bottom: canvas.height - 42.0,
        };
        let x = time_axis(self.timeline.start.as_ref(), self.timeline.length_s, place.width());
        let panel = Panel { canvas, place, x, y };
        panel.windows(&self.timeline.windows);
        panel.window_names(&self.timeline.windows);
        panel.rows();
        panel.bottom_labels();
        if self.is_empty() {
            return panel.nothing("no top-up arrived");
        }
        let middles: Vec<f64> =
            (0..points.len()).map(|bucket| self.timeline.middle_s(bucket)).collect();
        panel.estimates(&middles, points, theme::series(0));
    }
}
