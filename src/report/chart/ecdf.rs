//! Curves of the share done by a time, on a logarithmic axis; dots mark p50, p95 and p99.

use super::canvas::{Canvas, Ink};
use super::panel::{EndLabel, LABEL, Panel, Place, label_room, left_edge};
use super::scale::Scale;
use super::theme;
use crate::report::number::{span, words};
use crate::report::tables::Ecdf;

/// The quantiles that dots mark.
pub(super) const MARKED: [f64; 3] = [0.5, 0.95, 0.99];

/// Shares of the cases that the axis may leave out on the left and on the right.
const LEFT_OUT: (f64, f64) = (0.002, 0.999);

/// The widest labels beside the curves.
const LABELS_MOST: f64 = 260.0;

/// A dashed line that says by when things should be done.
pub(super) struct Limit<'a> {
    pub(super) at_s: f64,
    pub(super) name: &'a str,
}

/// Says calmly why there is no curve.
pub(super) fn draw_nothing(canvas: &Canvas, top: f64, why: &str) {
    let place = Place { left: 20.0, top, right: canvas.width - 20.0, bottom: canvas.height - 42.0 };
    Panel { canvas, place, x: Scale::blank(), y: Scale::blank() }.nothing(why);
}

/// Draws the curves that hold cases; there is at least one.
pub(super) fn draw(canvas: &Canvas, top: f64, curves: &[&Ecdf], limit: Option<Limit>) {
    let y = Scale::straight(0.0, 1.0, Scale::shares(0.0).ticks);
    let texts: Vec<String> = curves.iter().map(|curve| label_of(canvas, curve)).collect();
    let place = Place {
        left: left_edge(canvas, &y),
        top: top + if limit.is_some() { 18.0 } else { 4.0 },
        right: canvas.width - label_room(canvas, texts.iter().map(String::as_str), LABELS_MOST),
        bottom: canvas.height - 42.0,
    };
    let (least, most) = ends(curves, limit.as_ref());
    let x = Scale::spans(least, most, place.width());
    let panel = Panel { canvas, place, x, y };
    panel.rows();
    panel.columns();
    panel.bottom_labels();
    if let Some(limit) = &limit {
        panel.mark_x(limit.at_s, limit.name);
    }
    for (index, curve) in curves.iter().enumerate() {
        panel.canvas.line(&steps(&panel, curve), theme::series(index), 2.0);
    }
    for (index, curve) in curves.iter().enumerate() {
        for q in MARKED {
            if let Some(time) = curve.quantile(q) {
                panel.canvas.ring(panel.at((time, q)), 3.5, theme::series(index));
            }
        }
    }
    let label = |(index, text): (usize, String)| EndLabel {
        y: panel.place.top,
        text,
        color: theme::series(index),
        swatch: None,
    };
    panel.end_labels(texts.into_iter().enumerate().map(label).collect());
}

/// The name and the greatest quantile that enough cases tell.
fn label_of(canvas: &Canvas, curve: &Ecdf) -> String {
    let told = [(0.99, "p99"), (0.95, "p95"), (0.5, "p50")];
    let told = told.into_iter().find_map(|(q, name)| Some((curve.quantile(q)?, name)));
    let told = told.map_or(String::new(), |(time, q)| format!(", {q} {}", span(time)));
    // The name is cut rather than the number behind it.
    let ink = Ink::bold(LABEL, theme::TEXT);
    let left = canvas.room(LABELS_MOST) - ink.width_of(&told) - 18.0;
    let name = ink.fit(&words(curve.group_value()), canvas.or_narrow(160.0, left));
    name + &told
}

/// The ends of the axis: nearly all cases, and the limit.
fn ends(curves: &[&Ecdf], limit: Option<&Limit>) -> (f64, f64) {
    let times = |share: f64| {
        let reached = move |curve: &&Ecdf| {
            let point = curve.points.iter().find(|point| point.1 >= share);
            point.or(curve.points.last()).map(|point| point.0)
        };
        curves.iter().filter_map(reached).filter(|time| *time > 0.0)
    };
    let least = times(LEFT_OUT.0).fold(f64::INFINITY, f64::min);
    let most = times(LEFT_OUT.1).fold(0.0, f64::max);
    let most = most.max(limit.map_or(0.0, |limit| limit.at_s * 1.3));
    let least = least.min(limit.map_or(f64::INFINITY, |limit| limit.at_s));
    (least / 1.3, most * 1.1)
}

/// The corners of the curve; points within a pixel of the last one are left out.
fn steps(panel: &Panel, curve: &Ecdf) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = Vec::new();
    let mut height = panel.at_y(0.0);
    for &(time, share) in &curve.points {
        let (x, y) = panel.at((time, share));
        let is_near = corners.last().is_some_and(|last| x - last.0 + last.1 - y < 1.0);
        if is_near || share * panel.place.width() < 0.25 {
            continue;
        }
        corners.push((x, height));
        corners.push((x, y));
        height = y;
    }
    if !corners.is_empty() {
        corners.push((panel.place.right, height));
    }
    corners
}
