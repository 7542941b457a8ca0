//! Many keys at once: the metric over each of them, a dot a point and the mean of neighbours.

use super::super::canvas::{Canvas, Ink, is_narrow};
use super::super::look::{Look, Page, Palette};
use super::super::panel::{LABEL, Panel, Place, SMALL, left_edge};
use super::super::scale::{Scale, Tick};
use super::super::theme;
use super::{Drawn, Layout, axes};
use crate::report::sweep::told;
use crate::study::sweep::Spread;

/// Panels beside each other.
const ACROSS: usize = 3;
/// The height of a row of panels.
const HEIGHT: f64 = 250.0;
const HEIGHT_NARROW: f64 = 190.0;
/// A panel is not narrower than this.
const WIDTH_LEAST: f64 = 200.0;
/// Neighbours along a key have a mean in so many groups.
const GROUPS: usize = 8;
/// Fewer points than this have no mean of neighbours.
const POINTS_LEAST: usize = 24;

pub(super) struct Dots<'s> {
    pub(super) drawn: Drawn<'s>,
}

impl Dots<'_> {
    fn count(&self) -> usize {
        self.drawn.axes.len()
    }

    /// The axis of a key; words stand side by side.
    fn scale(&self, axis: usize) -> Scale {
        if self.drawn.axes[axis].spread != Spread::Words {
            let scale = axes::of_key(&self.drawn, axis);
            return thinned(scale);
        }
        let values = self.drawn.values(axis);
        let tick = |(at, (text, _)): (usize, &(String, Option<f64>))| Tick {
            at: at as f64 + 0.5,
            label: Ink::plain(SMALL, theme::MUTED).fit(&told(text), 110.0),
        };
        let ticks = values.iter().enumerate().map(tick).collect();
        Scale::straight(0.0, values.len().max(1) as f64, ticks)
    }

    /// Places of the points along a key, with their values.
    fn points(&self, axis: usize) -> Vec<(f64, f64)> {
        let values = self.drawn.values(axis);
        let place = |point: usize| {
            let value = self.drawn.value(axis, point);
            let among = || values.iter().position(|other| *other == value);
            let x = value.1.or_else(|| Some(among()? as f64 + 0.5))?;
            Some((x, self.drawn.estimate(point)?.value))
        };
        let mut points: Vec<_> =
            (0..self.drawn.report.design.points.len()).filter_map(place).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        points
    }

    /// The mean of neighbours along a key.
    fn means(&self, axis: usize, points: &[(f64, f64)]) -> Vec<(f64, f64)> {
        let distinct = self.drawn.values(axis).len();
        let mean = |group: &[(f64, f64)]| {
            let n = group.len() as f64;
            let sum = group.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
            (sum.0 / n, sum.1 / n)
        };
        if distinct <= GROUPS {
            return points.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()).map(mean).collect();
        }
        points.chunks(points.len().div_ceil(GROUPS).max(1)).map(mean).collect()
    }

    fn panel(&self, canvas: &Canvas, axis: usize, place: Place) {
        let panel = Panel { canvas, place, x: self.scale(axis), y: axes::of_metric(&self.drawn) };
        panel.rows();
        panel.bottom_labels();
        for (bound, _) in self.drawn.bounds() {
            let y = panel.at_y(bound);
            if bound < panel.y.from() || bound > panel.y.to() {
                continue;
            }
            canvas.dashes((place.left, y), (place.right, y), theme::TEXT);
        }
        let points = self.points(axis);
        let pale = theme::tint(theme::series(0), 0.45);
        points.iter().for_each(|&point| canvas.dot(panel.at(point), 2.25, pale));
        if points.len() >= POINTS_LEAST {
            let means = self.means(axis, &points);
            let line: Vec<_> = means.iter().map(|&mean| panel.at(mean)).collect();
            // words have no order that a line could follow
            if self.drawn.axes[axis].spread != Spread::Words {
                canvas.line(&line, theme::series(1), 2.0);
            }
            line.iter().for_each(|&at| canvas.dot(at, 3.0, theme::series(1)));
        }
        let ink = Ink::bold(LABEL, theme::TEXT);
        let key = ink.fit(&self.drawn.axes[axis].key, place.width());
        canvas.text((place.left, place.top - 12.0), &key, ink);
    }
}

/// Panels beside each other on a page of a width.
fn across(width: f64) -> usize {
    ((width / WIDTH_LEAST) as usize).clamp(1, ACROSS)
}

/// The height of a row of panels on a page of a width.
fn height(width: f64) -> f64 {
    if is_narrow(width) { HEIGHT_NARROW } else { HEIGHT }
}

/// Half of the ticks, where there are many for a narrow panel.
fn thinned(mut scale: Scale) -> Scale {
    while scale.ticks.len() > 5 {
        let kept = scale.ticks.into_iter().enumerate().filter(|(at, _)| at % 2 == 0);
        scale.ticks = kept.map(|(_, tick)| tick).collect();
    }
    scale
}

impl Layout for Dots<'_> {
    fn drawn(&self) -> &Drawn<'_> {
        &self.drawn
    }

    fn note(&self, look: Look) -> String {
        let (points, means) = match look.palette {
            Palette::Colour => ("blue", "orange"),
            Palette::Grey => ("circles", "squares"),
        };
        let mean = match self.drawn.report.design.points.len() {
            n if n >= POINTS_LEAST => format!("; {means}: mean of neighbours along the key"),
            _ => String::new(),
        };
        let bound = match self.drawn.bounds().first() {
            Some((_, words)) => format!("; dashed: {}", words.replace("target:", "target")),
            None => String::new(),
        };
        format!("{}; {points}: points{mean}{bound}", self.drawn.note(""))
    }

    fn plot_height(&self, page: &Page) -> Option<f64> {
        let width = page.width_or(900.0);
        let rows = self.count().div_ceil(across(width)) as f64;
        Some(rows * height(width) + 4.0)
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let across = self.count().min(across(canvas.width));
        let height = height(canvas.width);
        let left = left_edge(canvas, &axes::of_metric(&self.drawn));
        let width = (canvas.width - 14.0) / across as f64;
        for axis in 0..self.count() {
            let (column, row) = ((axis % across) as f64, (axis / across) as f64);
            let place = Place {
                left: column * width + left,
                top: top + row * height + 20.0,
                right: (column + 1.0) * width - 12.0,
                bottom: top + (row + 1.0) * height - 44.0,
            };
            self.panel(canvas, axis, place);
        }
    }
}
