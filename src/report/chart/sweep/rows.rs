//! One key whose values are words: a row each, with its interval.

use super::super::canvas::{Canvas, Ink, is_narrow};
use super::super::look::{Look, Page};
use super::super::panel::{LABEL, Panel, Place};
use super::super::theme;
use super::{Drawn, Layout, axes, lines};
use crate::report::sweep::{shown, told};

/// Room above the plot for the name of the target.
const NAME_OF_TARGET: f64 = 14.0;
const ROW: f64 = 34.0;
const ROW_NARROW: f64 = 24.0;
const HEIGHT_MOST: f64 = 1_900.0;

pub(super) struct Rows<'s> {
    pub(super) drawn: Drawn<'s>,
}

impl Layout for Rows<'_> {
    fn drawn(&self) -> &Drawn<'_> {
        &self.drawn
    }

    fn note(&self, _: Look) -> String {
        let key = &self.drawn.axes[0].key;
        format!("{}, by {key}", self.drawn.note(", line: 95 % interval"))
    }

    fn plot_height(&self, page: &Page) -> Option<f64> {
        let rows = self.drawn.report.design.points.len() as f64;
        let row = if page.width.is_some_and(is_narrow) { ROW_NARROW } else { ROW };
        Some((rows * row + 54.0 + NAME_OF_TARGET).min(HEIGHT_MOST))
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let points = &self.drawn.report.design.points;
        let ink = Ink::plain(LABEL, theme::TEXT).right();
        let most = canvas.room(260.0);
        let names: Vec<String> =
            points.iter().map(|point| ink.fit(&told(&point.settings[0].text), most)).collect();
        let widest = names.iter().map(|name| ink.width_of(name)).fold(40.0, f64::max);
        let place = Place {
            left: widest + canvas.or_narrow(36.0, 18.0),
            top: top + if self.drawn.bounds().is_empty() { 0.0 } else { NAME_OF_TARGET },
            right: canvas.width - canvas.or_narrow(150.0, 84.0),
            bottom: canvas.height - 40.0,
        };
        let x = axes::of_metric(&self.drawn);
        let panel = Panel { canvas, place, x, y: lines::steps(points.len()) };
        panel.columns();
        panel.bottom_labels();
        for (bound, words) in self.drawn.bounds() {
            panel.mark_x(bound, &words);
        }
        for (row, name) in names.iter().enumerate() {
            let y = panel.at_y(points.len() as f64 - row as f64 - 0.5);
            canvas.text((place.left - 12.0, y), name, ink);
            let Some(estimate) = self.drawn.estimate(row) else { continue };
            let color = theme::series(0);
            if let Some(interval) = estimate.interval {
                let (low, high) = (panel.at_x(interval.low), panel.at_x(interval.high));
                canvas.line(&[(low, y), (high, y)], color, 2.0);
                for end in [low, high] {
                    canvas.line(&[(end, y - 4.0), (end, y + 4.0)], color, 2.0);
                }
            }
            canvas.dot((panel.at_x(estimate.value), y), 4.0, color);
            let text = shown(self.drawn.metric, estimate.value);
            canvas.text((place.right + 14.0, y), &text, Ink::bold(LABEL, color));
        }
    }
}
