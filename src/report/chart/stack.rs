//! Layers that add up over time, drawn one on top of the other.

use plotters::style::RGBColor;

use super::canvas::Canvas;
use super::clock::time_axis;
use super::panel::{EndLabel, Panel, Place, SWATCH, label_room, left_edge};
use super::scale::Scale;
use super::theme;
use super::windows::WINDOW_NAMES;
use crate::report::tables::Timeline;
use crate::stats::Estimate;

/// One layer: its name, the colours of its area and of its name, and a value a bucket.
pub(super) struct Layer {
    pub(super) name: String,
    pub(super) color: RGBColor,
    pub(super) ink: RGBColor,
    pub(super) values: Vec<f64>,
}

/// The values of a series; nothing and what is no number count as 0.
pub(super) fn values_of(points: &[Option<Estimate>]) -> Vec<f64> {
    let value = |point: &Option<Estimate>| {
        point.map_or(0.0, |point| if point.value.is_finite() { point.value.max(0.0) } else { 0.0 })
    };
    points.iter().map(value).collect()
}

/// The sum of all layers, bucket by bucket.
pub(super) fn totals(layers: &[Layer]) -> Vec<f64> {
    let count = layers.iter().map(|layer| layer.values.len()).max().unwrap_or(0);
    let at = |bucket: usize| {
        layers.iter().map(|layer| layer.values.get(bucket).copied().unwrap_or(0.0)).sum()
    };
    (0..count).map(at).collect()
}

/// The empty panel of a stack: axes, shaded windows, and room for the names of layers.
pub(super) fn panel<'p, 'c>(
    canvas: &'p Canvas<'c>,
    top: f64,
    timeline: &Timeline,
    layers: &[Layer],
    (y, name_room): (Scale, f64),
) -> Panel<'p, 'c> {
    let windows = &timeline.windows;
    let names = layers.iter().map(|layer| layer.name.as_str());
    let place = Place {
        left: left_edge(canvas, &y),
        top: top + if windows.is_empty() { 0.0 } else { WINDOW_NAMES },
        right: canvas.width - label_room(canvas, names, name_room) - SWATCH,
        bottom: canvas.height - 42.0,
    };
    let x = time_axis(timeline.start.as_ref(), timeline.length_s, place.width());
    let panel = Panel { canvas, place, x, y };
    panel.windows(windows);
    panel.window_names(windows);
    panel.rows();
    panel.bottom_labels();
    panel
}

/// Draws layers over buckets from `edges[i]` to `edges[i + 1]`, the first layer lowest.
///
/// Each layer is drawn from the axis up to its top, the highest first, so that no seam shows.
pub(super) fn draw(panel: &Panel, edges: &[f64], layers: &[Layer]) {
    let mut tops: Vec<Vec<f64>> = Vec::with_capacity(layers.len());
    for layer in layers {
        let below = tops.last();
        let top = layer.values.iter().enumerate().map(|(bucket, value)| {
            value + below.and_then(|below| below.get(bucket)).copied().unwrap_or(0.0)
        });
        tops.push(top.collect());
    }
    for (layer, top) in layers.iter().zip(&tops).rev() {
        let outline = outline(panel, edges, top);
        if outline.len() > 2 {
            panel.canvas.area(&outline, layer.color, 1.0);
            // Between many narrow buckets a seam would hide thin layers.
            if top.len() < 150 {
                panel.canvas.line(&outline[1..outline.len() - 1], theme::PAGE, 0.75);
            }
        }
    }
    panel.end_labels(labels(panel, layers, &tops));
}

/// Along the tops through the middles of the buckets, closed along the axis.
fn outline(panel: &Panel, edges: &[f64], top: &[f64]) -> Vec<(f64, f64)> {
    let (Some((&first, &last)), Some((&start, &end))) =
        (edges.first().zip(edges.last()), top.first().zip(top.last()))
    else {
        return Vec::new();
    };
    let middles = edges.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0);
    let inner = middles.zip(top.iter().copied());
    let along = [(first, start)].into_iter().chain(inner).chain([(last, end)]);
    let along: Vec<_> = along.map(|point| panel.at(point)).collect();
    let floor = |x: f64| (panel.at_x(x), panel.place.bottom);
    [floor(first)].into_iter().chain(along).chain([floor(last)]).collect()
}

/// Names beside the last tenth of each layer, the highest first.
fn labels(panel: &Panel, layers: &[Layer], tops: &[Vec<f64>]) -> Vec<EndLabel> {
    let end_of = |top: &[f64]| {
        let tail = &top[top.len() - (top.len() / 10).clamp(1, top.len().max(1)).min(top.len())..];
        tail.iter().sum::<f64>() / tail.len().max(1) as f64
    };
    let mut labels = Vec::new();
    for (index, layer) in layers.iter().enumerate().rev() {
        let below = index.checked_sub(1).map_or(0.0, |below| end_of(&tops[below]));
        let y = panel.at_y((below + end_of(&tops[index])) / 2.0);
        let text = layer.name.clone();
        labels.push(EndLabel { y, text, color: layer.ink, swatch: Some(layer.color) });
    }
    labels
}
