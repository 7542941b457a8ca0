//! How much load do retries add, and does the gateway stand it?

use super::canvas::{Canvas, Ink};
use super::clock::moment;
use super::look::Look;
use super::panel::SMALL;
use super::scale::Scale;
use super::stack::{self, Layer};
use super::windows::shaded;
use super::{Chart, theme};
use crate::report::number::{Quantity, fixed, number, set_rate, span};
use crate::report::tables::{Tables, Timeline};

pub(super) fn of(tables: &Tables) -> Box<dyn Chart + '_> {
    let capacity = tables.queues.capacity_per_s.filter(|c| c.is_finite() && *c > 0.0);
    Box::new(AttemptsByNumber { timeline: &tables.timeline, capacity })
}

struct AttemptsByNumber<'t> {
    timeline: &'t Timeline,
    capacity: Option<f64>,
}

impl AttemptsByNumber<'_> {
    fn layers(&self) -> Vec<Layer> {
        // First attempts are the demand, in blue; what retries add grows redder.
        let blue = theme::series(0);
        let orange = theme::series(1);
        let colors = [
            theme::tint(blue, 0.75),
            theme::tint(orange, 0.45),
            theme::tint(orange, 0.72),
            theme::tint(orange, 1.0),
        ];
        let series = self.timeline.of(Timeline::ATTEMPTS).into_iter().enumerate();
        let layer = |(index, series): (usize, &crate::report::tables::Series)| Layer {
            name: ordinal(series.group_value()),
            color: colors[index.min(colors.len() - 1)],
            ink: if index == 0 { blue } else { orange },
            values: stack::values_of(&series.points),
        };
        let layers = series.map(layer);
        // A number that no attempt reached is not worth a name beside the plot.
        layers.filter(|layer| layer.values.iter().any(|value| *value > 0.0)).collect()
    }

    fn most(&self) -> f64 {
        stack::totals(&self.layers()).into_iter().fold(0.0, f64::max)
    }

    /// The capacity, unless it lies so far above the load that it would press the load flat.
    fn shown(&self) -> Option<f64> {
        self.capacity.filter(|&capacity| capacity <= self.most() * 2.5)
    }

    /// The bucket with most attempts a second, and how many.
    fn peak(totals: &[f64]) -> Option<(usize, f64)> {
        let peak = totals.iter().copied().enumerate().rev().max_by(|a, b| a.1.total_cmp(&b.1));
        peak.filter(|&(_, value)| value > 0.0)
    }
}

/// `1st attempt`, `2nd`, `3rd`, `4th and more`.
fn ordinal(group: &str) -> String {
    match group {
        "1" => "1st attempt".to_owned(),
        "2" => "2nd".to_owned(),
        "3" => "3rd".to_owned(),
        "4+" => "4th and more".to_owned(),
        other => format!("{other}th"),
    }
}

impl Chart for AttemptsByNumber<'_> {
    fn name(&self) -> &'static str {
        "attempts_by_number"
    }

    fn question(&self) -> &'static str {
        "How much load do retries add, and does the gateway stand it?"
    }

    fn finding(&self) -> String {
        let layers = self.layers();
        let totals = stack::totals(&layers);
        let Some((bucket, peak)) = Self::peak(&totals) else {
            return "No attempt was sent in the time that was simulated".to_owned();
        };
        let first: f64 = layers.first().map_or(0.0, |layer| layer.values.iter().sum());
        let added = if first > 0.0 { totals.iter().sum::<f64>() / first - 1.0 } else { 0.0 };
        let retries = match added {
            added if added < 0.000_5 => "Retries add almost no load".to_owned(),
            added => format!("Retries add {} to the load", number(added, Quantity::Share)),
        };
        let Timeline { start, length_s, .. } = self.timeline;
        let at = self.timeline.span_s(bucket).0;
        let when = moment(start.as_ref(), *length_s, at);
        let peak_text = number(peak, Quantity::PerSecond);
        match self.capacity {
            Some(capacity) if peak > capacity => {
                let times = fixed(peak / capacity, 1);
                format!("{retries}; the peak of {peak_text} ({when}) is {times} times the capacity")
            }
            Some(capacity) => {
                let part = number(peak / capacity, Quantity::Share);
                format!("{retries}; the peak of {peak_text} ({when}) takes {part} of the capacity")
            }
            None => format!("{retries}; the peak is {peak_text} ({when})"),
        }
    }

    fn note(&self, look: Look) -> String {
        let every = span(self.timeline.bucket_s);
        let dashed = match self.capacity {
            Some(_) if self.shown().is_some() => {
                "; dashed: what the gateway's workers can serve at the service times measured"
                    .to_owned()
            }
            Some(capacity) => format!("; the gateway's workers can serve {}", set_rate(capacity)),
            None if self.timeline.of(Timeline::UTILISATION).is_empty() => {
                "; the gateway's workers are unlimited".to_owned()
            }
            None => String::new(),
        };
        let shaded = shaded(&self.timeline.windows, look);
        format!("Attempts a second by their number, stacked, mean of each {every}{dashed}{shaded}")
    }

    fn is_empty(&self) -> bool {
        self.most() <= 0.0
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let layers = self.layers();
        let (most, shown) = (self.most(), self.shown());
        let y = if self.is_empty() {
            Scale::blank()
        } else {
            Scale::from_zero(most.max(shown.unwrap_or(0.0) * 1.06), 5)
        };
        let panel = stack::panel(canvas, top, self.timeline, &layers, (y, 150.0));
        if self.is_empty() {
            return panel.nothing("no attempt was sent");
        }
        stack::draw(&panel, &edges(self.timeline, layers[0].values.len()), &layers);
        if let Some(capacity) = shown {
            let (left, right) = (panel.place.left, panel.place.right);
            let y = panel.at_y(capacity);
            canvas.dashes((left, y), (right, y), theme::TEXT);
            let text = format!("capacity {}", set_rate(capacity));
            canvas.text((left + 6.0, y - 9.0), &text, Ink::plain(SMALL, theme::TEXT));
        }
    }
}

/// Where buckets begin and the last one ends, in seconds since the start.
pub(super) fn edges(timeline: &Timeline, buckets: usize) -> Vec<f64> {
    let starts = (0..buckets).map(|bucket| timeline.span_s(bucket).0);
    let end = buckets.checked_sub(1).map(|last| timeline.span_s(last).1);
    starts.chain(end).collect()
}
