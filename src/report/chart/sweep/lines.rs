//! Lines with bands over one key; a second key with few values gives each its line.

use super::super::canvas::{Canvas, Ink};
use super::super::look::Look;
use super::super::panel::{EndLabel, LABEL, Panel, Place, label_room, left_edge};
use super::super::scale::Scale;
use super::super::theme;
use super::{Drawn, Layout, axes};
use crate::report::sweep::{shown, told};
use crate::stats::Estimate;
use crate::study::sweep::{Knee, knee};

/// So many points of a line have a dot each.
const DOTS_MAX: usize = 30;

pub(super) struct Lines<'s> {
    drawn: Drawn<'s>,
    /// The key below.
    x: usize,
}

/// One line: its name, and its points upwards.
struct Line {
    name: String,
    xs: Vec<f64>,
    points: Vec<Option<Estimate>>,
}

impl<'s> Lines<'s> {
    pub(super) fn new(drawn: Drawn<'s>, x: usize) -> Self {
        Self { drawn, x }
    }

    fn lines(&self) -> Vec<Line> {
        let drawn = &self.drawn;
        let names: Vec<String> = match drawn.axes.len() {
            1 => vec![String::new()],
            _ => drawn.values(1 - self.x).into_iter().map(|(text, _)| text).collect(),
        };
        let line = |name: String| {
            let is_own =
                |point: &usize| drawn.axes.len() == 1 || drawn.value(1 - self.x, *point).0 == name;
            let own = (0..drawn.report.design.points.len()).filter(is_own);
            let mut points: Vec<(f64, Option<Estimate>)> =
                own.filter_map(|p| Some((drawn.value(self.x, p).1?, drawn.estimate(p)))).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (xs, points) = points.into_iter().unzip();
            Line { name, xs, points }
        };
        names.into_iter().map(line).collect()
    }

    /// What stands at the end of a line: its name, or its last value where it is the only one.
    fn end(&self, line: &Line) -> String {
        match line.name.as_str() {
            "" => last_of(line).map_or(String::new(), |value| shown(self.drawn.metric, value)),
            name => told(name),
        }
    }

    /// Dots at the points, and a ring where a single line bends.
    fn marks(&self, panel: &Panel, line: &Line, color: plotters::style::RGBColor) {
        let places = line.xs.iter().zip(&line.points);
        let places: Vec<(f64, f64)> =
            places.filter_map(|(x, point)| Some((*x, (*point)?.value))).collect();
        if places.len() <= DOTS_MAX {
            places.iter().for_each(|&place| panel.canvas.dot(panel.at(place), 2.75, color));
        }
        let values: Vec<Option<f64>> = line.points.iter().map(|p| Some((*p)?.value)).collect();
        let bend = knee(&values).filter(|_| line.name.is_empty()).map(|knee| match knee {
            Knee::FlatFrom(at) | Knee::FlatUpTo(at) => at,
        });
        let bend = bend.and_then(|at| Some((line.xs[at], values[at]?)));
        bend.iter().for_each(|&place| panel.canvas.ring(panel.at(place), 5.0, color));
    }
}

impl Layout for Lines<'_> {
    fn drawn(&self) -> &Drawn<'_> {
        &self.drawn
    }

    fn note(&self, _: Look) -> String {
        let ring = if self.drawn.axes.len() == 1 { "; ring: where the curve bends" } else { "" };
        let values = self.lines().iter().map(|line| line.points.clone()).collect::<Vec<_>>();
        let bends = values.iter().any(|points| {
            knee(&points.iter().map(|p| Some((*p)?.value)).collect::<Vec<_>>()).is_some()
        });
        let note = self.drawn.note(", band: 95 % interval");
        if bends { note + ring } else { note }
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let lines = self.lines();
        let y = axes::of_metric(&self.drawn);
        let bounds = self.drawn.bounds();
        let shown: Vec<String> = lines.iter().map(|line| self.end(line)).collect();
        let bounds = bounds.into_iter().filter(|(bound, _)| (y.from()..=y.to()).contains(bound));
        let bounds: Vec<(f64, String)> = bounds.collect();
        let names = shown.iter().chain(bounds.iter().map(|(_, words)| words)).map(String::as_str);
        let place = Place {
            left: left_edge(canvas, &y),
            top: top + 4.0,
            right: canvas.width - label_room(canvas, names, 220.0).max(48.0),
            bottom: canvas.height - 62.0,
        };
        let panel = Panel { canvas, place, x: axes::of_key(&self.drawn, self.x), y };
        panel.rows();
        panel.bottom_labels();
        key_name(&panel, &self.drawn.axes[self.x].key);
        let mut labels = Vec::new();
        for (bound, words) in bounds {
            let height = panel.at_y(bound);
            canvas.dashes((place.left, height), (place.right, height), theme::TEXT);
            labels.push(EndLabel { y: height, text: words, color: theme::TEXT, swatch: None });
        }
        for (index, (line, text)) in lines.iter().zip(shown).enumerate() {
            let color = theme::series(index);
            panel.estimates(&line.xs, &line.points, color);
            self.marks(&panel, line, color);
            if let Some(value) = last_of(line) {
                labels.push(EndLabel { y: panel.at_y(value), text, color, swatch: None });
            }
        }
        panel.end_labels(labels);
    }
}

/// The last value of a line.
fn last_of(line: &Line) -> Option<f64> {
    line.points.iter().rev().flatten().next().map(|estimate| estimate.value)
}

/// The name of the key under the axis of a panel.
pub(super) fn key_name(panel: &Panel, key: &str) {
    let ink = Ink::plain(LABEL, theme::MUTED).centered().below();
    let middle = (panel.place.left + panel.place.right) / 2.0;
    let text = ink.fit(key, panel.place.width());
    panel.canvas.text((middle, panel.place.bottom + 30.0), &text, ink);
}

/// A scale that only says how wide its plot is.
pub(super) fn steps(count: usize) -> Scale {
    Scale::straight(0.0, count.max(1) as f64, Vec::new())
}
