//! Charts of a sweep: lines over one key, cells over two, dots over many.

mod axes;
mod cells;
mod dots;
mod hysteresis;
mod lines;
mod rows;

use rayon::prelude::*;

use super::canvas::Canvas;
use super::look::Page;
use super::picture::Picture;
use super::{Chart, Look, picture_of, usual_size};
use crate::record::registry::Metric;
use crate::report::number::Quantity;
use crate::report::sweep::{Axis, SweepReport, metric_words, shown_bound};
use crate::report::tables::Hysteresis;
use crate::study::Estimate;
use crate::study::sweep::Spread;

/// So many values of one key make lines of their own; more are cells.
const LINES_MAX: usize = 6;

/// One metric over the points of a sweep.
struct Drawn<'s> {
    report: &'s SweepReport<'s>,
    metric: &'static Metric,
    axes: Vec<Axis>,
}

/// Draws what both branches of a sweep say, where it has them, and its metrics, each by itself.
/// The same tables and look give the same bytes.
pub fn draw_sweep(report: &SweepReport, metrics: &[&'static Metric], look: Look) -> Vec<Picture> {
    let drawn = metrics.par_iter().map(|metric| {
        let drawn = Drawn { report, metric, axes: report.axes() };
        picture_of(&*drawn.chart(), look)
    });
    let both = report.hysteresis().zip(report.axes().into_iter().next());
    let both = both.map(|(table, axis)| draw_hysteresis(&table, &axis, look));
    both.into_iter().chain(drawn.collect::<Vec<_>>()).collect()
}

/// Draws both branches of a sweep over its key. The same table and look give the same bytes.
pub fn draw_hysteresis(table: &Hysteresis, axis: &Axis, look: Look) -> Picture {
    picture_of(&hysteresis::Loop { table, axis }, look)
}

impl<'s> Drawn<'s> {
    /// The chart that suits the keys that change.
    fn chart(self) -> Box<dyn Chart + 's> {
        let is_grid = self.report.design.samples.is_none();
        let is_number = |axis: &Axis| axis.spread != Spread::Words;
        match (&self.axes[..], is_grid) {
            ([x], true) if is_number(x) => Box::new(lines::Lines::new(self, 0)),
            ([_], true) => Box::new(rows::Rows { drawn: self }),
            ([a, b], true) => match (is_number(a), is_number(b)) {
                (true, false) if self.values(1).len() <= LINES_MAX => {
                    Box::new(lines::Lines::new(self, 0))
                }
                (false, true) if self.values(0).len() <= LINES_MAX => {
                    Box::new(lines::Lines::new(self, 1))
                }
                _ => Box::new(cells::Cells { drawn: self }),
            },
            _ => Box::new(dots::Dots { drawn: self }),
        }
    }

    /// The values of a key, upwards where they are numbers: text and number.
    fn values(&self, axis: usize) -> Vec<(String, Option<f64>)> {
        let mut values: Vec<(String, Option<f64>)> = Vec::new();
        for point in 0..self.report.design.points.len() {
            let value = self.value(axis, point);
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let of = |value: &(String, Option<f64>)| value.1.unwrap_or(0.0);
        values.sort_by(|a, b| of(a).total_cmp(&of(b)));
        values
    }

    fn value(&self, axis: usize, point: usize) -> (String, Option<f64>) {
        let setting = &self.report.design.points[point].settings[axis];
        (setting.text.clone(), crate::report::sweep::value(&self.axes[axis], setting))
    }

    fn estimate(&self, point: usize) -> Option<Estimate> {
        let estimate = self.report.swept.points[point].estimate(self.metric.name);
        estimate.filter(|estimate| estimate.value.is_finite())
    }

    fn quantity(&self) -> Quantity {
        Quantity::of(self.metric.unit)
    }

    /// The bounds of the target, with its words.
    fn bounds(&self) -> Vec<(f64, String)> {
        let target = self.report.target(self.metric.name);
        let sides = target
            .into_iter()
            .flat_map(|target| [(target.at_least, "at least"), (target.at_most, "at most")]);
        let bounds = sides.filter_map(|(bound, words)| Some((bound?, words)));
        let named = bounds.map(|(bound, words)| {
            (bound, format!("target: {words} {}", shown_bound(self.metric, bound)))
        });
        named.collect()
    }

    /// What is drawn, and how many replications speak.
    fn note(&self, bands: &str) -> String {
        let name = metric_words(self.metric);
        let replications = self.report.scenario.replications;
        let mean = match replications {
            1 => "one replication a point, so without intervals".to_owned(),
            n => format!("mean of {n} replications a point{bands}"),
        };
        let scale = if axes::is_log(self) { " (log scale)" } else { "" };
        let name = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        format!("{name}{scale}; {mean}; all points meet the same users")
    }
}

/// How a metric is laid out over the points: all such charts ask the same and answer alike.
trait Layout {
    /// The metric and its points.
    fn drawn(&self) -> &Drawn<'_>;

    /// What is drawn: quantity, unit, what bands and marks mean.
    fn note(&self, look: Look) -> String;

    /// The height below the words that it needs; none where any will do.
    fn plot_height(&self, _: &Page) -> Option<f64> {
        None
    }

    /// The least width in pixels in which it can be laid out.
    fn least_width(&self) -> f64 {
        0.0
    }

    /// Draws everything below title and note, from `top` on.
    fn draw(&self, canvas: &Canvas, top: f64);
}

impl<L: Layout> Chart for L {
    fn name(&self) -> &'static str {
        self.drawn().metric.name
    }

    fn question(&self) -> &'static str {
        "What does the metric do over the values of the keys that change?"
    }

    fn finding(&self) -> String {
        let drawn = self.drawn();
        drawn.report.finding(drawn.metric)
    }

    fn note(&self, look: Look) -> String {
        Layout::note(self, look)
    }

    fn size(&self, page: &Page) -> (u32, u32) {
        match self.plot_height(page) {
            Some(height) => page.high(900.0, self.head(page, 900) + height),
            None => usual_size(self, page),
        }
    }

    fn least_width(&self) -> f64 {
        Layout::least_width(self)
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        Layout::draw(self, canvas, top);
    }
}
