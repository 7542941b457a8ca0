//! Why do attempts fail, and when?

use super::attempts::edges;
use super::canvas::Canvas;
use super::clock::moment;
use super::look::Look;
use super::scale::Scale;
use super::stack::{self, Layer};
use super::windows::shaded;
use super::{Chart, theme};
use crate::report::number::{Quantity, number, span, words};
use crate::report::tables::{Causes, Tables, Timeline};

/// Causes with a layer of their own; the rest share one.
const NAMED: usize = 6;

pub(super) fn of(tables: &Tables) -> Box<dyn Chart + '_> {
    Box::new(CausesOverTime { timeline: &tables.timeline, causes: &tables.causes })
}

struct CausesOverTime<'t> {
    timeline: &'t Timeline,
    causes: &'t Causes,
}

impl CausesOverTime<'_> {
    fn label_of(&self, code: &str) -> String {
        let row = self.causes.rows.iter().find(|row| row.cause == code);
        row.map_or_else(|| words(code), |row| row.label.clone())
    }

    /// The causes that strike most or have the highest peaks, the most frequent first, and the sum
    /// of the others.
    fn layers(&self) -> Vec<Layer> {
        let series = self.timeline.of(Timeline::STRUCK).into_iter();
        let mut all: Vec<(f64, String, Vec<f64>)> = series
            .map(|series| {
                let values = stack::values_of(&series.points);
                (values.iter().sum(), self.label_of(series.group_value()), values)
            })
            .filter(|(sum, ..)| *sum > 0.0)
            .collect();
        // A cause that is rare but has a high peak deserves a name as much as one that is frequent.
        let peak = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
        let sums: f64 = all.iter().map(|(sum, ..)| sum).sum();
        let highest = all.iter().map(|(.., values)| peak(values)).fold(0.0, f64::max);
        let weight =
            |(sum, _, values): &(f64, String, Vec<f64>)| sum / sums + peak(values) / highest;
        all.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then(a.1.cmp(&b.1)));
        // A single other one may as well be named.
        let named = if all.len() == NAMED + 1 { NAMED + 1 } else { all.len().min(NAMED) };
        let others = all.split_off(named);
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let named = all.into_iter().enumerate();
        let mut layers: Vec<Layer> = named
            .map(|(index, (_, name, values))| {
                let ink = theme::series(index);
                Layer { name, color: theme::tint(ink, 0.82), ink, values }
            })
            .collect();
        if !others.is_empty() {
            let name = format!("{} others", others.len());
            let rest: Vec<Layer> = others
                .into_iter()
                .map(|(_, name, values)| Layer {
                    name,
                    color: theme::OTHER,
                    ink: theme::MUTED,
                    values,
                })
                .collect();
            let values = stack::totals(&rest);
            layers.push(Layer { name, color: theme::OTHER, ink: theme::MUTED, values });
        }
        layers
    }
}

impl Chart for CausesOverTime<'_> {
    fn name(&self) -> &'static str {
        "causes_over_time"
    }

    fn question(&self) -> &'static str {
        "Why do attempts fail, and when?"
    }

    fn finding(&self) -> String {
        let layers = self.layers();
        let totals = stack::totals(&layers);
        let sum: f64 = totals.iter().sum();
        let Some(first) = layers.first().filter(|_| sum > 0.0) else {
            return "No attempt failed by a cause".to_owned();
        };
        let share = number(first.values.iter().sum::<f64>() / sum, Quantity::Share);
        let mean = sum / totals.len() as f64;
        let finding = format!("{share} of failed attempts come from {}", first.name);
        let peak = totals.iter().copied().enumerate().rev().max_by(|a, b| a.1.total_cmp(&b.1));
        match peak.filter(|&(_, peak)| peak > 3.0 * mean) {
            Some((bucket, peak)) => {
                let Timeline { start, length_s, .. } = self.timeline;
                let when = moment(start.as_ref(), *length_s, self.timeline.span_s(bucket).0);
                let peak = number(peak, Quantity::PerSecond);
                format!("{finding}; failures peak at {peak} ({when})")
            }
            None => finding,
        }
    }

    fn note(&self, look: Look) -> String {
        let every = span(self.timeline.bucket_s);
        let shaded = shaded(&self.timeline.windows, look);
        format!("Attempts a second that a cause struck, stacked, mean of each {every}{shaded}")
    }

    fn is_empty(&self) -> bool {
        self.layers().is_empty()
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let layers = self.layers();
        let most = stack::totals(&layers).into_iter().fold(0.0, f64::max);
        let y = if self.is_empty() { Scale::blank() } else { Scale::from_zero(most, 5) };
        let panel = stack::panel(canvas, top, self.timeline, &layers, (y, 230.0));
        match layers.first() {
            Some(first) => {
                stack::draw(&panel, &edges(self.timeline, first.values.len()), &layers);
            }
            None => panel.nothing("no attempt failed by a cause"),
        }
    }
}
