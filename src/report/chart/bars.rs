//! Bars that lie, with intervals and numbers: a value a row.

use plotters::style::RGBColor;

use super::canvas::{Canvas, Ink, is_narrow};
use super::look::Page;
use super::panel::{LABEL, Panel, Place, bottom_of, top_of};
use super::scale::Scale;
use super::{Chart, theme};
use crate::stats::Estimate;

/// One row: a name, an estimate, and the number as words.
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) estimate: Estimate,
    pub(super) text: String,
    pub(super) color: RGBColor,
}

/// Whether a straight axis shows all values, or only powers of ten do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Straight,
    Log,
}

/// The greatest factor between values that a straight axis still shows.
const STRAIGHT_FACTOR: f64 = 60.0;

/// Height of a row on a screen, on narrow paper, and at least.
const ROW: f64 = 36.0;
const ROW_NARROW: f64 = 24.0;
const ROW_LEAST: f64 = 15.0;
/// Room for the labels below.
const FOOT: f64 = 46.0;
/// The width on a screen.
const WIDTH: u32 = 900;

/// The size of a page with so many rows under the words of a chart.
pub(super) fn size(page: &Page, chart: &dyn Chart, rows: usize) -> (u32, u32) {
    let (head, rows) = (chart.head(page, WIDTH), rows.max(2) as f64);
    let Some(width) = page.width else { return (WIDTH, (head + ROW * rows + FOOT) as u32) };
    let row = if is_narrow(width) { ROW_NARROW } else { ROW };
    let height = page.height.unwrap_or(head + row * rows + FOOT);
    (width as u32, height.max(head + ROW_LEAST * rows + FOOT).round() as u32)
}

/// The height of a row on a page of that size.
fn row_of(canvas: &Canvas, top: f64, rows: usize) -> f64 {
    let rows = rows.max(2) as f64;
    if canvas.look.size.is_none() { ROW } else { (canvas.height - top - FOOT) / rows }
}

/// The axis that suits the values.
pub(super) fn axis_for(bars: &[Bar]) -> Axis {
    let ends = bars.iter().map(|bar| bar.estimate.value.max(top_of(&bar.estimate) / 4.0));
    let ends: Vec<f64> = ends.filter(|end| end.is_finite() && *end > 0.0).collect();
    let (least, most) = (ends.iter().copied().reduce(f64::min), ends.into_iter().reduce(f64::max));
    match least.zip(most) {
        Some((least, most)) if most / least > STRAIGHT_FACTOR => Axis::Log,
        _ => Axis::Straight,
    }
}

/// Draws the rows from the top down; the lower axis counts in the unit of the estimates.
pub(super) fn draw(canvas: &Canvas, top: f64, bars: &[Bar], axis: Axis) {
    let name_ink = Ink::plain(13.0, theme::TEXT).right();
    let names = bars.iter().map(|bar| name_ink.width_of(&bar.name));
    let name_room = names.fold(60.0, f64::max).min(canvas.room(260.0));
    let texts = bars.iter().map(|bar| Ink::bold(LABEL, theme::TEXT).width_of(&bar.text));
    let text_room = texts.fold(0.0, f64::max).min(canvas.room(280.0));
    let left = canvas.or_narrow(20.0, 6.0) + name_room + 14.0;
    let right = canvas.width - text_room - canvas.or_narrow(34.0, 20.0);
    let row = row_of(canvas, top, bars.len());
    let place = Place { left, top, right, bottom: top + row * bars.len().max(2) as f64 };
    let y = Scale::straight(0.0, bars.len() as f64, Vec::new());
    let x = if bars.is_empty() { Scale::blank() } else { scale_of(bars, axis) };
    let panel = Panel { canvas, place, x, y };
    panel.columns();
    panel.bottom_labels();
    if bars.is_empty() {
        return panel.nothing("nothing to rank happened");
    }
    for (index, bar) in bars.iter().enumerate() {
        let y = top + row * (index as f64 + 0.5);
        let name = name_ink.fit(&bar.name, name_room);
        canvas.text((left - 14.0, y), &name, name_ink);
        draw_bar(&panel, (y, row), bar, axis);
    }
    if axis == Axis::Straight {
        canvas.line(&[(left, place.top), (left, place.bottom)], theme::MUTED, 1.0);
    }
}

fn scale_of(bars: &[Bar], axis: Axis) -> Scale {
    let tops = bars.iter().map(|bar| top_of(&bar.estimate)).filter(|top| top.is_finite());
    let most = tops.fold(0.0, f64::max);
    if axis == Axis::Straight {
        return Scale::from_zero(most, 5);
    }
    let lows = bars.iter().flat_map(|bar| {
        let point = &bar.estimate;
        [bottom_of(point), point.value, top_of(point)]
    });
    let least = lows.filter(|low| low.is_finite() && *low > 0.0).fold(most, f64::min);
    let whole = |value: f64, round: fn(f64) -> f64| libm::pow(10.0, round(libm::log10(value)));
    Scale::powers(whole(least, libm::floor), whole(most, libm::ceil))
}

/// A bar with its interval, or a ring with a whisker on a logarithmic axis, where a bar would lie.
fn draw_bar(panel: &Panel, (y, row): (f64, f64), bar: &Bar, axis: Axis) {
    let Estimate { value, interval, .. } = bar.estimate;
    if !value.is_finite() {
        return;
    }
    let canvas = panel.canvas;
    let x = panel.at_x(value);
    if axis == Axis::Straight {
        let half = 10.0_f64.min(row * 0.36);
        let (from, to) = ((panel.place.left, y - half), (x, y + half));
        canvas.rect(from, to, theme::tint(bar.color, 0.28), 1.0);
    }
    let mut end = x;
    if let Some(interval) = interval.filter(|interval| interval.high.is_finite()) {
        let (low, high) = (panel.at_x(interval.low), panel.at_x(interval.high));
        canvas.line(&[(low, y), (high, y)], bar.color, 2.0);
        // Caps closer than the dot is wide would make a blot; nothing caps what may be 0.
        let is_narrow = high - low < 12.0;
        for (x, is_capped) in [(low, interval.low > 0.0), (high, true)] {
            if is_capped && !is_narrow {
                canvas.line(&[(x, y - 4.5), (x, y + 4.5)], bar.color, 2.0);
            }
        }
        end = end.max(high);
    }
    if value > 0.0 {
        canvas.dot((x, y), 4.0, bar.color);
    } else if axis == Axis::Straight {
        canvas.ring((x, y), 3.5, bar.color);
    }
    let ink = Ink::bold(LABEL, bar.color);
    let text = ink.fit(&bar.text, canvas.width - end - canvas.or_narrow(16.0, 12.0));
    canvas.text((end + 10.0, y), &text, ink);
}
