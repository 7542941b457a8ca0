//! A heat map over two keys, with the value in each cell and the target as an outline.

use plotters::style::RGBColor;

use super::super::canvas::{Canvas, Ink, is_narrow};
use super::super::look::{Look, Page};
use super::super::panel::{LABEL, SMALL};
use super::super::theme;
use super::{Drawn, Layout, axes};
use crate::record::registry::Better;
use crate::report::number::Quantity;
use crate::report::sweep::{Goal, metric_words, told};
use crate::study::Verdict;
use crate::study::sweep::{Outlook, outlook};

/// The stops of cividis (Nuñez, Anderton, Renslow 2018), which reads the same to all eyes and in
/// grey.
const STOPS: [(u8, u8, u8); 6] =
    [(0, 34, 78), (53, 69, 108), (102, 105, 112), (148, 142, 119), (200, 184, 102), (254, 232, 56)];

/// Pixels of a cell at least, so that its value can be read in it.
const ROOM: (f64, f64) = (30.0, 15.0);

/// The cells of a metric that is the same all over.
const PLAIN: RGBColor = RGBColor(226, 231, 239);

/// The rows of a page at most, before they get thinner.
const ROW: f64 = 34.0;
const ROW_NARROW: f64 = 24.0;
/// Room for the bar of colours.
const KEY: f64 = 96.0;
/// The narrowest cell that is seen.
const CELL_LEAST: f64 = 6.0;

pub(super) struct Cells<'s> {
    pub(super) drawn: Drawn<'s>,
}

/// From least to most, straight or by ratios.
struct Colors {
    least: f64,
    most: f64,
    is_log: bool,
    is_turned: bool,
    /// Whether the points differ by more than their intervals.
    differs: bool,
}

/// Where the cells lie.
struct Grid {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Grid {
    fn corners(&self, column: usize, row: usize) -> ((f64, f64), (f64, f64)) {
        let (left, top) =
            (self.left + column as f64 * self.width, self.top + row as f64 * self.height);
        ((left, top), (left + self.width, top + self.height))
    }
}

impl Colors {
    fn part(&self, value: f64) -> f64 {
        let part = if self.is_log {
            libm::log(value / self.least) / libm::log(self.most / self.least)
        } else {
            (value - self.least) / (self.most - self.least)
        };
        let part = if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.5 };
        if self.is_turned { 1.0 - part } else { part }
    }

    fn value(&self, part: f64) -> f64 {
        let part = if self.is_turned { 1.0 - part } else { part };
        if self.is_log {
            return self.least * libm::pow(self.most / self.least, part);
        }
        self.least + (self.most - self.least) * part
    }
}

fn color(part: f64) -> RGBColor {
    let place = part * (STOPS.len() - 1) as f64;
    let below = (place as usize).min(STOPS.len() - 2);
    let rest = place - below as f64;
    let mix = |a: u8, b: u8| libm::round(f64::from(a) + (f64::from(b) - f64::from(a)) * rest) as u8;
    let (a, b) = (STOPS[below], STOPS[below + 1]);
    RGBColor(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

impl Cells<'_> {
    fn rows(&self) -> Vec<(String, Option<f64>)> {
        let mut rows = self.drawn.values(1);
        // upwards, as on any axis
        if rows.iter().all(|row| row.1.is_some()) {
            rows.reverse();
        }
        rows
    }

    /// Points by column and row.
    fn places(&self) -> Vec<(usize, usize, usize)> {
        let (columns, rows) = (self.drawn.values(0), self.rows());
        let place = |point: usize| {
            let (x, y) = (self.drawn.value(0, point), self.drawn.value(1, point));
            let column = columns.iter().position(|value| *value == x)?;
            Some((column, rows.iter().position(|value| *value == y)?, point))
        };
        (0..self.drawn.report.design.points.len()).filter_map(place).collect()
    }

    fn found(&self) -> Option<Outlook> {
        let target = self.drawn.report.target(self.drawn.metric.name);
        outlook(&self.drawn.report.swept.points, self.drawn.metric.name, target.map(Goal::bounds))
    }

    /// The verdict at each point.
    fn verdicts(&self) -> Option<Vec<Verdict>> {
        self.found()?.verdicts
    }

    fn is_met_somewhere(&self) -> bool {
        self.verdicts().is_some_and(|verdicts| verdicts.contains(&Verdict::Met))
    }

    fn colors(&self) -> Colors {
        let found = self.found();
        let (least, most) = found.as_ref().map_or((0.0, 1.0), |f| (f.least.1, f.most.1));
        Colors {
            least,
            most,
            is_log: least > 0.0 && most > 100.0 * least,
            is_turned: self.drawn.metric.better == Better::Down,
            differs: found.is_some_and(|found| found.differs),
        }
    }

    /// Room right of the cells: for the bar of colours, where there are any.
    fn right(&self) -> f64 {
        if self.colors().differs { KEY } else { 20.0 }
    }

    fn left(&self) -> f64 {
        let ink = Ink::plain(SMALL, theme::MUTED);
        let widths =
            self.rows().into_iter().map(|(text, _)| ink.width_of(&ink.fit(&told(&text), 160.0)));
        widths.fold(24.0, f64::max) + 34.0
    }

    fn labels(&self, canvas: &Canvas, grid: &Grid) {
        let ink = Ink::plain(SMALL, theme::MUTED);
        for (row, (text, _)) in self.rows().iter().enumerate() {
            let (from, to) = grid.corners(0, row);
            let place = (grid.left - 9.0, (from.1 + to.1) / 2.0);
            canvas.text(place, &ink.fit(&told(text), 160.0), ink.right());
        }
        let columns = self.drawn.values(0);
        let bottom = grid.corners(0, self.rows().len()).0.1;
        let mut last = f64::NEG_INFINITY;
        for (column, (text, _)) in columns.iter().enumerate() {
            let (from, to) = grid.corners(column, 0);
            let text = ink.fit(&told(text), (grid.width - 6.0).max(60.0));
            let (middle, half) = ((from.0 + to.0) / 2.0, ink.width_of(&text) / 2.0);
            if middle - half > last + 6.0 {
                canvas.text((middle, bottom + 9.0), &text, ink.centered().below());
                last = middle + half;
            }
        }
        let middle = grid.left + grid.width * columns.len() as f64 / 2.0;
        let name = Ink::plain(LABEL, theme::MUTED).centered().below();
        canvas.text((middle, bottom + 28.0), &self.drawn.axes[0].key, name);
    }

    /// A value with the digits in which values of this range differ, or fewer if these do not fit.
    fn cell_text(&self, value: f64, range: f64, fits: impl Fn(&String) -> bool) -> String {
        let text = |range: f64| axes::cell(value, self.drawn.quantity(), range);
        let finest = text(range);
        let shorter = [range.max(0.002), range.max(0.02)].map(text);
        let all = [finest.clone()].into_iter().chain(shorter).chain(axes::thousands(value));
        all.into_iter().find(fits).unwrap_or(finest)
    }

    fn values(&self, canvas: &Canvas, grid: &Grid, colors: &Colors) {
        let size = if grid.width < 44.0 { 9.5 } else { SMALL };
        for (column, row, point) in self.places() {
            let (from, to) = grid.corners(column, row);
            let Some(estimate) = self.drawn.estimate(point) else {
                canvas.rect(from, to, theme::GRID, 1.0);
                continue;
            };
            // colours would make a picture of luck
            let fill = if colors.differs { color(colors.part(estimate.value)) } else { PLAIN };
            // a hair of the page between cells
            let inner = ((from.0 + 0.75, from.1 + 0.75), (to.0 - 0.75, to.1 - 0.75));
            canvas.rect(inner.0, inner.1, fill, 1.0);
            if grid.width < ROOM.0 || grid.height < ROOM.1 {
                continue;
            }
            let light =
                0.3 * f64::from(fill.0) + 0.59 * f64::from(fill.1) + 0.11 * f64::from(fill.2);
            let written = if light > 118.0 { theme::TEXT } else { theme::PAGE };
            let ink = Ink::plain(size, written).centered();
            let fits = |text: &String| ink.width_of(text) <= grid.width - 4.0;
            let text = self.cell_text(estimate.value, colors.most - colors.least, fits);
            let middle = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
            canvas.text(middle, &ink.fit(&text, grid.width - 4.0), ink);
        }
    }

    /// The outline of the cells that surely meet the target.
    fn outline(&self, canvas: &Canvas, grid: &Grid) {
        let Some(verdicts) = self.verdicts() else { return };
        let places = self.places();
        let is_met = |column: Option<usize>, row: Option<usize>| {
            let found = places.iter().find(|p| (Some(p.0), Some(p.1)) == (column, row));
            found.is_some_and(|place| verdicts[place.2] == Verdict::Met)
        };
        for &(column, row, _) in places.iter().filter(|p| is_met(Some(p.0), Some(p.1))) {
            let ((left, top), (right, bottom)) = grid.corners(column, row);
            let sides = [
                (is_met(column.checked_sub(1), Some(row)), (left, top), (left, bottom)),
                (is_met(Some(column + 1), Some(row)), (right, top), (right, bottom)),
                (is_met(Some(column), row.checked_sub(1)), (left, top), (right, top)),
                (is_met(Some(column), Some(row + 1)), (left, bottom), (right, bottom)),
            ];
            for (_, from, to) in sides.into_iter().filter(|side| !side.0) {
                canvas.line(&[from, to], theme::series(1), 2.5);
            }
        }
    }

    /// The bar beside the cells that says what colours mean.
    fn key(&self, canvas: &Canvas, grid: &Grid, colors: &Colors) {
        const PARTS: usize = 60;
        let left = grid.left + grid.width * self.drawn.values(0).len() as f64 + 22.0;
        let height = grid.height * self.rows().len() as f64;
        for part in 0..PARTS {
            let at = |part: usize| grid.top + height * (1.0 - part as f64 / PARTS as f64);
            let fill = color((part as f64 + 0.5) / PARTS as f64);
            canvas.rect((left, at(part + 1)), (left + 12.0, at(part) + 0.25), fill, 1.0);
        }
        let ink = Ink::plain(SMALL, theme::MUTED);
        let ticks = if height < 90.0 { 1 } else { 4 };
        for tick in 0..=ticks {
            let part = f64::from(tick) / f64::from(ticks);
            let y = grid.top + height * (1.0 - part);
            let value =
                axes::cell(colors.value(part), self.drawn.quantity(), colors.most - colors.least);
            let unit = if self.drawn.quantity() == Quantity::Share { " %" } else { "" };
            canvas.text((left + 18.0, y), &format!("{value}{unit}"), ink);
        }
    }
}

impl Layout for Cells<'_> {
    fn drawn(&self) -> &Drawn<'_> {
        &self.drawn
    }

    fn note(&self, _: Look) -> String {
        let unit = match self.drawn.quantity() {
            Quantity::Share => ", per cent",
            Quantity::PerSecond => ", a second",
            _ => "",
        };
        let outline = match self.drawn.bounds().first() {
            Some((_, words)) if self.is_met_somewhere() => {
                format!("; outlined: surely meets {words}")
            }
            _ => String::new(),
        };
        let brighter = match self.drawn.metric.better {
            _ if !self.colors().differs => "no colours, since no cells clearly differ",
            Better::Neither => "brighter is more",
            Better::Up | Better::Down => "brighter is better",
        };
        let name = metric_words(self.drawn.metric);
        let (x, y) = (&self.drawn.axes[0].key, &self.drawn.axes[1].key);
        let replications = self.drawn.report.scenario.replications;
        let noun = if replications == 1 { "replication" } else { "replications" };
        format!(
            "{}{}{unit}, over {x} (columns) and {y} (rows); {brighter}{outline}; {replications} \
             {noun} a cell",
            name[..1].to_uppercase(),
            &name[1..]
        )
    }

    fn plot_height(&self, page: &Page) -> Option<f64> {
        let rows = self.rows().len() as f64;
        let row = if page.width.is_some_and(is_narrow) { ROW_NARROW } else { ROW };
        Some((rows * row).clamp(80.0, 700.0) + 64.0)
    }

    /// So wide that values can be read in their cells, unless there are too many for any page.
    fn least_width(&self) -> f64 {
        let columns = self.drawn.values(0).len() as f64;
        let around = self.left() + self.right();
        let readable = around + columns * (ROOM.0 + 6.0);
        if readable <= 900.0 { readable } else { around + columns * CELL_LEAST }
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let columns = self.drawn.values(0).len() as f64;
        let rows = self.rows().len() as f64;
        let left = self.left();
        let (right, bottom) = (canvas.width - self.right(), canvas.height - 58.0);
        let grid = Grid {
            left,
            top,
            width: ((right - left) / columns).min(140.0),
            height: (bottom - top) / rows,
        };
        let colors = self.colors();
        self.labels(canvas, &grid);
        self.values(canvas, &grid, &colors);
        self.outline(canvas, &grid);
        if colors.differs {
            self.key(canvas, &grid, &colors);
        }
    }
}
