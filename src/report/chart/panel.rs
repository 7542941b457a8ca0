//! A plot on the page: grid, axes, lines with bands, and labels at line ends.

use plotters::style::RGBColor;

use super::canvas::{Canvas, Ink, is_narrow};
use super::look::Look;
use super::scale::Scale;
use super::theme;
use crate::stats::Estimate;

/// Where a plot stands on the page, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Place {
    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }
}

/// A plot with its two axes.
pub(super) struct Panel<'p, 'c> {
    pub(super) canvas: &'p Canvas<'c>,
    pub(super) place: Place,
    pub(super) x: Scale,
    pub(super) y: Scale,
}

/// A text beside the end of a line.
pub(super) struct EndLabel {
    /// The height it belongs to, in pixels.
    pub(super) y: f64,
    pub(super) text: String,
    pub(super) color: RGBColor,
    /// The fill of the area it names, shown as a small square.
    pub(super) swatch: Option<RGBColor>,
}

/// The size of axis labels and of labels in the plot.
pub(super) const SMALL: f64 = 11.0;
/// The size of labels beside the plot.
pub(super) const LABEL: f64 = 12.0;

const LABEL_GAP: f64 = 17.0;

/// Room that a small square before a label takes.
pub(super) const SWATCH: f64 = 15.0;

/// How the words above a plot are set.
struct Header {
    margin: f64,
    title: Ink,
    title_line: f64,
    note: Ink,
    note_line: f64,
    /// Lines that the title and the note may each take.
    lines: usize,
}

const WIDE: Header = Header {
    margin: 20.0,
    title: Ink::bold(17.0, theme::TEXT).below(),
    title_line: 23.0,
    note: Ink::plain(12.0, theme::MUTED).below(),
    note_line: 17.0,
    lines: 2,
};

const NARROW: Header = Header {
    margin: 8.0,
    title: Ink::bold(14.0, theme::TEXT).below(),
    title_line: 18.0,
    note: Ink::plain(11.0, theme::MUTED).below(),
    note_line: 15.0,
    lines: 6,
};

/// Above a plot that has no words above it.
const BARE: f64 = 10.0;
/// What a line of marks takes.
const KEY: f64 = 20.0;

impl Header {
    fn on(width: f64) -> &'static Self {
        if is_narrow(width) { &NARROW } else { &WIDE }
    }

    fn wrapped(&self, ink: Ink, text: &str, width: f64) -> Vec<String> {
        ink.wrap(text, width - 2.0 * self.margin, self.lines)
    }
}

/// What stands above a plot.
pub(super) struct Words<'w> {
    pub(super) title: &'w str,
    pub(super) note: &'w str,
    /// What colours stand for. The note says so; where there is none, a line of samples does.
    pub(super) key: &'w Key,
}

/// What colours stand for: words, and how what they name is drawn.
#[derive(Default)]
pub(super) struct Key {
    pub(super) sample: Sample,
    pub(super) entries: Vec<(String, RGBColor)>,
}

/// How the colours of a key are shown.
#[derive(Default)]
pub(super) enum Sample {
    #[default]
    Mark,
    Area,
}

/// Writes title and subtitle, or the key alone where the page has no title; the answer is the
/// height from which the plot may begin.
pub(super) fn header(canvas: &Canvas, words: &Words) -> f64 {
    let Words { title, note, key } = words;
    if !canvas.look.has_title {
        draw_key(canvas, key);
        return bare(key);
    }
    let set = Header::on(canvas.width);
    let mut y = 16.0;
    for line in set.wrapped(set.title, title, canvas.width) {
        canvas.text((set.margin, y), &line, set.title);
        y += set.title_line;
    }
    y += 1.0;
    for line in set.wrapped(set.note, note, canvas.width) {
        canvas.text((set.margin, y), &line, set.note);
        y += set.note_line;
    }
    y + 13.0
}

fn bare(key: &Key) -> f64 {
    if key.entries.is_empty() { BARE } else { BARE + KEY }
}

fn draw_key(canvas: &Canvas, key: &Key) {
    let ink = Ink::plain(LABEL, theme::TEXT);
    let mut x = Header::on(canvas.width).margin + 5.0;
    for (word, color) in &key.entries {
        let (y, half) = (BARE + 3.0, 4.5);
        match key.sample {
            Sample::Mark => canvas.dot((x, y), 4.0, *color),
            Sample::Area => canvas.rect((x - half, y - half), (x + half, y + half), *color, 1.0),
        }
        canvas.text((x + 9.0, BARE + 3.0), word, ink);
        x += 9.0 + ink.width_of(word) + canvas.or_narrow(22.0, 12.0);
    }
}

/// The height that [`header`] answers on a page of a width.
pub(super) fn header_height(width: f64, words: &Words, look: Look) -> f64 {
    let Words { title, note, key } = words;
    if !look.has_title {
        return bare(key);
    }
    let set = Header::on(width);
    let lines = |ink: Ink, text: &str| set.wrapped(ink, text, width).len() as f64;
    30.0 + set.title_line * lines(set.title, title) + set.note_line * lines(set.note, note)
}

/// The left edge of a plot whose axis has these labels.
pub(super) fn left_edge(canvas: &Canvas, y: &Scale) -> f64 {
    let ink = Ink::plain(SMALL, theme::MUTED);
    let widths = y.ticks.iter().map(|tick| ink.width_of(&tick.label));
    widths.fold(24.0, f64::max) + canvas.or_narrow(30.0, 15.0)
}

/// The room that labels beside the plot take, at most `most` pixels.
pub(super) fn label_room<'t>(
    canvas: &Canvas,
    texts: impl IntoIterator<Item = &'t str>,
    most: f64,
) -> f64 {
    let ink = Ink::bold(LABEL, theme::TEXT);
    let widest = texts.into_iter().map(|text| ink.width_of(text)).fold(0.0, f64::max);
    (widest + canvas.or_narrow(28.0, 14.0)).clamp(28.0, canvas.room(most))
}

impl Panel<'_, '_> {
    pub(super) fn at_x(&self, value: f64) -> f64 {
        self.place.left + self.x.place(value) * self.place.width()
    }

    pub(super) fn at_y(&self, value: f64) -> f64 {
        self.place.bottom - self.y.place(value) * (self.place.bottom - self.place.top)
    }

    pub(super) fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.at_x(x), self.at_y(y))
    }

    /// Lines across at the ticks of the upright axis, with their labels.
    pub(super) fn rows(&self) {
        let ink = Ink::plain(SMALL, theme::MUTED).right();
        for tick in &self.y.ticks {
            let y = self.at_y(tick.at);
            let ends = [(self.place.left, y), (self.place.right, y)];
            self.canvas.line(&ends, theme::GRID, 1.0);
            self.canvas.text((self.place.left - 9.0, y), &tick.label, ink);
        }
    }

    /// Upright lines at the ticks of the lower axis.
    pub(super) fn columns(&self) {
        for tick in &self.x.ticks {
            let x = self.at_x(tick.at);
            let ends = [(x, self.place.top), (x, self.place.bottom)];
            self.canvas.line(&ends, theme::GRID, 1.0);
        }
    }

    /// The labels under the plot, those left out that would touch the one before.
    pub(super) fn bottom_labels(&self) {
        let ink = Ink::plain(SMALL, theme::MUTED).centered().below();
        let mut last = f64::NEG_INFINITY;
        for tick in &self.x.ticks {
            let x = self.at_x(tick.at);
            let half = ink.width_of(&tick.label) / 2.0;
            if x - half < last + 8.0 {
                continue;
            }
            self.canvas.text((x, self.place.bottom + 10.0), &tick.label, ink);
            last = x + half;
        }
    }

    /// A line through the estimates at these places, broken where there is none, over its band.
    pub(super) fn estimates(&self, xs: &[f64], points: &[Option<Estimate>], color: RGBColor) {
        for run in runs(xs, points) {
            let upper = run.iter().map(|&(x, point)| self.at((x, top_of(&point))));
            let lower = run.iter().rev().map(|&(x, point)| self.at((x, bottom_of(&point))));
            let outline: Vec<_> = upper.chain(lower).collect();
            if run.iter().any(|(_, point)| point.interval.is_some()) && run.len() > 1 {
                self.canvas.area(&outline, color, theme::BAND_ALPHA);
            }
        }
        for run in runs(xs, points) {
            let line: Vec<_> = run.iter().map(|&(x, point)| self.at((x, point.value))).collect();
            match line[..] {
                [alone] => self.canvas.dot(alone, 2.5, color),
                _ => self.canvas.line(&line, color, if line.len() > 300 { 1.5 } else { 2.0 }),
            }
        }
    }

    /// Writes labels right of the plot, pushed apart so that none covers another.
    ///
    /// Labels of equal height keep the order given, first on top.
    pub(super) fn end_labels(&self, mut labels: Vec<EndLabel>) {
        labels.sort_by(|a, b| a.y.total_cmp(&b.y));
        let room = self.place.bottom - 1.0 - self.place.top;
        let gap = LABEL_GAP.min(room / labels.len().max(1) as f64);
        let mut least = self.place.top - 4.0;
        for label in &mut labels {
            label.y = label.y.max(least);
            least = label.y + gap;
        }
        let mut most = self.place.bottom - 5.0;
        for label in labels.iter_mut().rev() {
            label.y = label.y.min(most);
            most = label.y - gap;
        }
        for label in labels {
            let ink = Ink::bold(LABEL, label.color);
            let mut x = self.place.right + 8.0;
            if let Some(color) = label.swatch {
                let corners = ((x, label.y - 4.5), (x + 9.0, label.y + 4.5));
                self.canvas.rect(corners.0, corners.1, color, 1.0);
                x += SWATCH;
            }
            let text =
                ink.fit(&label.text, self.canvas.width - x - self.canvas.or_narrow(8.0, 4.0));
            self.canvas.text((x, label.y), &text, ink);
        }
    }

    /// A dashed upright line with its name above the plot.
    pub(super) fn mark_x(&self, value: f64, name: &str) {
        if !value.is_finite() || value < self.x.from() || value > self.x.to() {
            return;
        }
        let x = self.at_x(value);
        self.canvas.dashes((x, self.place.top), (x, self.place.bottom), theme::TEXT);
        let ink = Ink::plain(SMALL, theme::TEXT).centered();
        let half = ink.width_of(name) / 2.0;
        let middle = x.min(self.place.right - half).max(self.place.left + half);
        self.canvas.text((middle, self.place.top - 9.0), name, ink);
    }

    /// Says calmly in the middle of the plot that there is nothing to show.
    pub(super) fn nothing(&self, why: &str) {
        let middle = (
            (self.place.left + self.place.right) / 2.0,
            (self.place.top + self.place.bottom) / 2.0,
        );
        let ink = Ink::plain(13.0, theme::MUTED).centered();
        let lines = ink.wrap(why, self.canvas.width - 40.0, 3);
        let widest = lines.iter().map(|line| ink.width_of(line)).fold(0.0, f64::max);
        let (half, high) = (widest / 2.0 + 10.0, 6.0 * lines.len() as f64);
        let (from, to) = ((-half, -6.0 - high), (half, 6.0 + high));
        let corner = |(x, y): (f64, f64)| (middle.0 + x, middle.1 + y);
        self.canvas.rect(corner(from), corner(to), theme::PAGE, 1.0);
        for (index, line) in lines.iter().enumerate() {
            let y = middle.1 - high + 12.0 * (index as f64 + 0.5);
            self.canvas.text((middle.0, y), line, ink);
        }
    }
}

/// The colour of a window and of its name.
/// The upper end of what an estimate may be.
pub(super) fn top_of(point: &Estimate) -> f64 {
    point.interval.map_or(point.value, |interval| interval.high)
}

/// The lower end of what an estimate may be.
pub(super) fn bottom_of(point: &Estimate) -> f64 {
    point.interval.map_or(point.value, |interval| interval.low)
}

/// Stretches of neighbouring estimates that are numbers.
fn runs(xs: &[f64], points: &[Option<Estimate>]) -> Vec<Vec<(f64, Estimate)>> {
    let mut runs: Vec<Vec<(f64, Estimate)>> = vec![Vec::new()];
    for (&x, point) in xs.iter().zip(points) {
        let is_number = |point: &Estimate| {
            [point.value, top_of(point), bottom_of(point)].iter().all(|value| value.is_finite())
        };
        match point.filter(is_number) {
            Some(point) => runs.last_mut().expect("there is a first run").push((x, point)),
            None => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}
