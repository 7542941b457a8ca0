//! The flow on narrow paper: three columns, each place with its label above it, fewer of them.

use super::layout::{Bands, Column, Layout};
use super::{BAR, FlowChart, HEADING, LABEL, NUMBER, between};
use crate::report::chart::canvas::{Canvas, Ink};
use crate::report::chart::theme;

/// Causes and tries with a place of their own.
pub(super) const NAMED: usize = 5;
/// The height of all bands together.
const BANDS: f64 = 190.0;
/// Room above a place for its number and its name.
const GAP: f64 = 33.0;
/// The least height of a place.
const LEAST: f64 = 3.0;
const MARGIN: f64 = 8.0;
/// A line of words.
const LINE: f64 = 14.0;
/// Lines of the sentence on top at most, and what the headings take below it.
const SENTENCE: usize = 3;
const HEAD: f64 = 28.0;
const FOOT: f64 = 10.0;

/// The height that the flow takes below its words on a page of a width.
pub(super) fn height(chart: &FlowChart, width: f64) -> f64 {
    let (layout, scale) = (chart.layout(NAMED), scale(chart));
    head(chart, width) + GAP + tallest(&layout, scale) + FOOT
}

fn scale(chart: &FlowChart) -> f64 {
    BANDS / chart.struck() as f64
}

fn tallest(layout: &Layout, scale: f64) -> f64 {
    let columns = [&layout.causes, &layout.tried, &layout.outcomes];
    columns.map(|column| column.tops(scale, GAP, LEAST).1).into_iter().fold(0.0, f64::max)
}

/// Draws the flow from `top` on.
pub(super) fn draw(chart: &FlowChart, canvas: &Canvas, top: f64) {
    let (layout, scale) = (chart.layout(NAMED), scale(chart));
    for (at, line) in sentence(chart, canvas.width).iter().enumerate() {
        canvas.text((MARGIN, top + 4.0 + LINE * at as f64), line, LABEL);
    }
    let head = head(chart, canvas.width);
    headings(canvas, top + head - 14.0);
    let (from, most) = (top + head + GAP, tallest(&layout, scale));
    let tops = |column: &Column| -> Vec<f64> {
        let (tops, own) = column.tops(scale, GAP, LEAST);
        tops.into_iter().map(|y| from + (most - own) / 2.0 + y).collect()
    };
    let columns = [&layout.causes, &layout.tried, &layout.outcomes];
    let tops = columns.map(tops);
    let edges = edges(canvas.width);
    let band =
        |bands: &Bands, at: usize, color: &dyn Fn(usize, usize) -> plotters::style::RGBColor| {
            let ends = (edges[at] + BAR, edges[at + 1]);
            between(canvas, (bands, scale), ends, (&tops[at], &tops[at + 1]), color);
        };
    band(&layout.to_tried, 0, &|from, _| layout.causes.places[from].color);
    band(&layout.to_outcomes, 1, &|_, to| layout.outcomes.places[to].color);
    for (at, (column, tops)) in columns.into_iter().zip(&tops).enumerate() {
        for (place, &y) in column.places.iter().zip(tops) {
            let height = (scale * place.top_ups as f64).max(1.0);
            canvas.rect((edges[at], y), (edges[at] + BAR, y + height), place.color, 1.0);
            let number = chart.per_million(place.top_ups);
            label(canvas, at, y, (&number, &place.label));
        }
    }
}

/// Left edges of the three columns of places.
fn edges(width: f64) -> [f64; 3] {
    [MARGIN, (width - BAR) / 2.0, width - MARGIN - BAR]
}

/// Where the words of a column stand, and the ink that reaches the right way from there.
fn anchor(width: f64, column: usize, ink: Ink) -> (f64, Ink) {
    match column {
        0 => (MARGIN, ink),
        1 => (width / 2.0, ink.centered()),
        _ => (width - MARGIN, ink.right()),
    }
}

/// How many had no failure, so that the numbers below have their whole.
fn sentence(chart: &FlowChart, width: f64) -> Vec<String> {
    let others = chart.per_million(chart.all() - chart.struck());
    let struck = chart.per_million(chart.struck());
    let text = format!("Of a million top-ups {others} had no failure and {struck} had one:");
    LABEL.wrap(&text, width - 2.0 * MARGIN, SENTENCE)
}

fn head(chart: &FlowChart, width: f64) -> f64 {
    sentence(chart, width).len() as f64 * LINE + HEAD
}

fn headings(canvas: &Canvas, y: f64) {
    for (column, text) in ["First failure", "Tried", "How it ended"].into_iter().enumerate() {
        let (x, ink) = anchor(canvas.width, column, HEADING);
        canvas.text((x, y), text, ink);
    }
}

/// Number and name above a place, on a ground of their own where bands run below.
fn label(canvas: &Canvas, column: usize, y: f64, (number, name): (&str, &str)) {
    let room = (canvas.width - 2.0 * MARGIN) / 3.0 - 6.0;
    let name = LABEL.fit(name, room);
    let (x, ink) = anchor(canvas.width, column, LABEL);
    let width = LABEL.width_of(&name).max(NUMBER.width_of(number)) + 4.0;
    let left = match column {
        0 => x - 2.0,
        1 => x - width / 2.0,
        _ => x - width + 2.0,
    };
    let (first, second) = (y - 10.0 - LINE, y - 9.0);
    canvas.rect((left, first - 7.0), (left + width, second + 7.0), theme::PAGE, 0.8);
    canvas.text((x, first), number, anchor(canvas.width, column, NUMBER).1);
    canvas.text((x, second), &name, ink);
}
