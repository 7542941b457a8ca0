//! The classic picture: calls and time until all clients are done, against their number.

use anyhow::{Result, anyhow};
use plotters::prelude::*;
use plotters::style::register_font;

use super::Policy;

/// One number of clients under one policy.
pub(crate) struct Point {
    pub(crate) clients: u32,
    pub(crate) policy: Policy,
    pub(crate) time_ms: f64,
    pub(crate) calls: f64,
}

const FONT: &str = "Inter, Arial, sans-serif";
const COLORS: [RGBColor; 5] = [
    RGBColor(72, 84, 104),
    RGBColor(217, 108, 22),
    RGBColor(15, 140, 107),
    RGBColor(37, 99, 205),
    RGBColor(184, 55, 122),
];

/// The picture as SVG: calls on the left, time on the right.
pub(crate) fn drawn(points: &[Point]) -> Result<String> {
    let font = include_bytes!("../../src/report/fonts/Inter-400Regular-subset.ttf");
    register_font(FONT, FontStyle::Normal, font).map_err(|_| anyhow!("the font is broken"))?;
    let mut svg = String::new();
    {
        let page = SVGBackend::with_string(&mut svg, (1_000, 420)).into_drawing_area();
        page.fill(&WHITE).map_err(|fault| anyhow!("{fault}"))?;
        let (left, right) = page.split_horizontally(500);
        half(&page, &left, "Writes until all are done", points, |point| point.calls)?;
        half(&page, &right, "Time until all are done, s", points, |point| point.time_ms / 1e3)?;
        page.present().map_err(|fault| anyhow!("{fault}"))?;
    }
    Ok(svg)
}

type Page<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

fn half(
    page: &Page,
    part: &Page,
    title: &str,
    points: &[Point],
    of: fn(&Point) -> f64,
) -> Result<()> {
    let fault = |fault: DrawingAreaErrorKind<_>| anyhow!("{fault}");
    let most = points.iter().map(of).fold(1.0, f64::max);
    let last = points.iter().map(|point| point.clients).max().unwrap_or(1);
    let mut chart = ChartBuilder::on(part)
        .caption(title, (FONT, 20))
        .margin(12)
        .margin_right(110)
        .x_label_area_size(36)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..f64::from(last), 0.0..most * 1.05)
        .map_err(fault)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("clients")
        .x_label_formatter(&|clients| format!("{clients:.0}"))
        .y_label_formatter(&|value| format!("{value:.0}"))
        .label_style((FONT, 13))
        .draw()
        .map_err(fault)?;
    let mut least = f64::NEG_INFINITY;
    let mut ends: Vec<(f64, Policy, RGBColor)> = Vec::new();
    for (policy, color) in Policy::ALL.into_iter().zip(COLORS) {
        let own: Vec<(f64, f64)> = points
            .iter()
            .filter(|point| point.policy == policy)
            .map(|point| (f64::from(point.clients), of(point)))
            .collect();
        ends.extend(own.last().map(|end| (end.1, policy, color)));
        chart.draw_series(LineSeries::new(own, color.stroke_width(2))).map_err(fault)?;
    }
    // Names stand at the ends of their lines, pushed apart where these are close.
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (end, policy, color) in ends {
        let at = end.max(least + most * 0.055);
        least = at;
        let (x, y) = chart.backend_coord(&(f64::from(last), at));
        let style = TextStyle::from((FONT, 14)).color(&color);
        let name = Text::new(policy.name(), (x + 8, y - 7), style);
        page.draw(&name).map_err(fault)?;
    }
    Ok(())
}
