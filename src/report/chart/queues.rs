//! Where do top-ups queue, and how busy are the workers?

use super::canvas::{Canvas, Ink};
use super::clock::{moment, time_axis};
use super::ecdf::draw_nothing;
use super::look::{Look, Page};
use super::panel::{EndLabel, LABEL, Panel, Place, label_room, left_edge, top_of};
use super::scale::Scale;
use super::windows::{WINDOW_NAMES, shaded};
use super::{Chart, mean_of, theme};
use crate::report::number::{Quantity, number, span, words};
use crate::report::tables::{Series, Tables, Timeline};
use crate::stats::Estimate;

pub(super) fn of(tables: &Tables) -> Box<dyn Chart + '_> {
    Box::new(QueuesOverTime { timeline: &tables.timeline })
}

struct QueuesOverTime<'t> {
    timeline: &'t Timeline,
}

/// Room for the title of a panel, and between the two.
const TITLE_ROOM: f64 = 18.0;
const BETWEEN: f64 = 44.0;

/// Pools whose bands are drawn at most.
const BANDS_MAX: usize = 4;

/// The greatest finite value of a series with its bucket.
fn peak(series: &Series) -> Option<(usize, f64)> {
    let values = series.points.iter().enumerate();
    let values = values.filter_map(|(bucket, point)| Some((bucket, point.as_ref()?.value)));
    values.rev().filter(|(_, value)| value.is_finite()).max_by(|a, b| a.1.total_cmp(&b.1))
}

fn top(series: &[&Series]) -> f64 {
    let points = series.iter().flat_map(|series| series.points.iter().flatten());
    points.map(top_of).filter(|top| top.is_finite()).fold(0.0, f64::max)
}

/// The name of a pool as words; that of a channel where each has a pool of its own.
fn pool_words(pool: &str) -> String {
    words(pool.strip_prefix("gateway:").unwrap_or(pool))
}

/// The values of a series without their intervals.
fn bare(series: &Series) -> Vec<Option<Estimate>> {
    let points = series.points.iter();
    points.map(|point| point.map(|point| Estimate { interval: None, ..point })).collect()
}

impl QueuesOverTime<'_> {
    /// Whether bands are drawn: there are any, and not so many lines that they would cover all.
    fn has_bands(&self) -> bool {
        let (waiting, busy) =
            (self.timeline.of(Timeline::WAITING), self.timeline.of(Timeline::UTILISATION));
        let is_clear = waiting.len() <= BANDS_MAX;
        let mut points = waiting.iter().chain(&busy).flat_map(|series| series.points.iter());
        is_clear && points.any(|point| point.is_some_and(|point| point.interval.is_some()))
    }

    /// The greatest peak of a metric: pool, bucket, value.
    fn worst(&self, metric: &str) -> Option<(&str, usize, f64)> {
        let all = self.timeline.of(metric);
        let peaks = all.into_iter().filter_map(|series| {
            peak(series).map(|(bucket, value)| (series.group_value(), bucket, value))
        });
        peaks.max_by(|a, b| a.2.total_cmp(&b.2))
    }

    fn panel_of<'p, 'c>(
        &self,
        canvas: &'p Canvas<'c>,
        place: Place,
        metric: &str,
        y: Scale,
    ) -> Panel<'p, 'c> {
        let x = time_axis(self.timeline.start.as_ref(), self.timeline.length_s, place.width());
        let panel = Panel { canvas, place, x, y };
        let series = self.timeline.of(metric);
        panel.windows(&self.timeline.windows);
        panel.rows();
        if series.iter().all(|series| peak(series).is_none()) {
            panel.nothing("nothing to measure: the workers are unlimited");
            return panel;
        }
        let mut labels = Vec::new();
        for (index, series) in series.iter().enumerate() {
            let middles: Vec<f64> =
                (0..series.points.len()).map(|bucket| self.timeline.middle_s(bucket)).collect();
            let points = if self.has_bands() { series.points.clone() } else { bare(series) };
            panel.estimates(&middles, &points, theme::series(index));
            let last = series.points.iter().rev().flatten().find(|point| point.value.is_finite());
            let text = pool_words(series.group_value());
            let y = panel.at_y(last.map_or(0.0, |point| point.value));
            labels.push(EndLabel { y, text, color: theme::series(index), swatch: None });
        }
        panel.end_labels(labels);
        panel
    }
}

impl Chart for QueuesOverTime<'_> {
    fn name(&self) -> &'static str {
        "queues_over_time"
    }

    fn question(&self) -> &'static str {
        "Where do top-ups queue, and how busy are the workers?"
    }

    fn finding(&self) -> String {
        let Timeline { start, length_s, .. } = self.timeline;
        let when = |bucket| moment(start.as_ref(), *length_s, self.timeline.span_s(bucket).0);
        let busy = self.worst(Timeline::UTILISATION);
        let queue = self.worst(Timeline::WAITING).filter(|(.., value)| *value >= 0.05);
        match (busy, queue) {
            (None, None) => "The workers are unlimited, so nothing queues".to_owned(),
            (Some((pool, bucket, value)), None) => {
                let (pool, value) = (pool_words(pool), number(value, Quantity::Share));
                let whose = match pool.as_str() {
                    "gateway" => "the gateway's workers".to_owned(),
                    pool => format!("the workers of {pool}"),
                };
                format!("Nothing queues; {whose} are at most {value} busy ({})", when(bucket))
            }
            (busy, Some((pool, bucket, value))) => {
                let value = number(value, Quantity::Plain);
                let queue = match pool {
                    "gateway" => "The gateway's queue".to_owned(),
                    pool => format!("The queue of {}", pool_words(pool)),
                };
                let first = format!("{queue} peaks at {value} waiting ({})", when(bucket));
                match busy {
                    Some((_, _, busy)) => {
                        let busy = number(busy, Quantity::Share);
                        format!("{first}; workers are at most {busy} busy")
                    }
                    None => first,
                }
            }
        }
    }

    fn note(&self, look: Look) -> String {
        let every = span(self.timeline.bucket_s);
        let shaded = shaded(&self.timeline.windows, look);
        format!(
            "Averages over each {every}, {}{shaded}",
            mean_of(self.timeline.spoken(), self.has_bands())
        )
    }

    fn size(&self, page: &Page) -> (u32, u32) {
        let own = if self.is_empty() { (900, 200) } else { (900, 520) };
        page.size(own, self.head(page, own.0), if self.is_empty() { 0.0 } else { 290.0 })
    }

    fn is_empty(&self) -> bool {
        let waiting = self.worst(Timeline::WAITING).is_some_and(|(.., value)| value > 0.0);
        self.worst(Timeline::UTILISATION).is_none() && !waiting
    }

    fn draw(&self, canvas: &Canvas, top_y: f64) {
        if self.is_empty() {
            let why = "no worker can be busy and no request waits: the workers are unlimited";
            return draw_nothing(canvas, top_y, why);
        }
        let (waiting, busy) =
            (self.timeline.of(Timeline::WAITING), self.timeline.of(Timeline::UTILISATION));
        // Less than one waiting request on average is next to none, and shall look so.
        let queue = Scale::from_zero(top(&waiting).max(1.0), 3);
        let share = if top(&busy) > 0.2 {
            Scale::straight(0.0, 1.0, Scale::shares(0.0).ticks)
        } else {
            Scale::shares_from_zero(top(&busy))
        };
        let names: Vec<String> =
            waiting.iter().map(|series| pool_words(series.group_value())).collect();
        let left = left_edge(canvas, &queue).max(left_edge(canvas, &share));
        let right = canvas.width - label_room(canvas, names.iter().map(String::as_str), 170.0);
        let named = if self.timeline.windows.is_empty() { 0.0 } else { WINDOW_NAMES };
        let above = top_y + TITLE_ROOM + named;
        let height = (canvas.height - 42.0 - above - BETWEEN) / 2.0;
        let first = Place { left, top: above, right, bottom: above + height };
        let second = Place { top: first.bottom + BETWEEN, bottom: canvas.height - 42.0, ..first };
        let ink = Ink::bold(LABEL, theme::MUTED);
        canvas.text(
            (canvas.or_narrow(20.0, 8.0), first.top - named - 16.0),
            "requests waiting",
            ink,
        );
        canvas.text(
            (canvas.or_narrow(20.0, 8.0), second.top - 18.0),
            "busy share of the workers",
            ink,
        );
        let named = self.panel_of(canvas, first, Timeline::WAITING, queue);
        named.window_names(&self.timeline.windows);
        self.panel_of(canvas, second, Timeline::UTILISATION, share).bottom_labels();
    }
}
