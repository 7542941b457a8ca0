//! Primitives on the page: text, lines, areas and marks in nominal pixels.

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBColor, TextStyle};

use super::grey::{self, Mark};
use super::look::{Look, Palette};
use super::theme;

/// Everything is drawn at this many units a pixel: the library rounds coordinates to whole units,
/// so this gives quarter-pixel accuracy under a `viewBox`.
pub(super) const UNITS: i32 = 4;

const ROOM: &str = "a drawing in memory has nothing that could fail";

/// How a text looks and which of its points stands at the place given.
#[derive(Clone, Copy)]
pub(super) struct Ink {
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) color: RGBColor,
    pub(super) across: HPos,
    pub(super) down: VPos,
}

impl Ink {
    /// Regular text that begins at the place and is centred on its height.
    pub(super) const fn plain(size: f64, color: RGBColor) -> Self {
        Ink { size, bold: false, color, across: HPos::Left, down: VPos::Center }
    }

    /// The same in semibold.
    pub(super) const fn bold(size: f64, color: RGBColor) -> Self {
        Ink { bold: true, ..Ink::plain(size, color) }
    }

    pub(super) const fn centered(self) -> Self {
        Ink { across: HPos::Center, ..self }
    }

    pub(super) const fn right(self) -> Self {
        Ink { across: HPos::Right, ..self }
    }

    pub(super) const fn below(self) -> Self {
        Ink { down: VPos::Top, ..self }
    }

    fn font(self) -> FontDesc<'static> {
        let style = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        // The library takes a size 1.24 times what it writes into the SVG.
        let size = self.size * 1.24 * f64::from(UNITS);
        FontDesc::new(FontFamily::Name(theme::FAMILY), size, style)
    }

    /// The width of a text in pixels, in the embedded font.
    pub(super) fn width_of(self, text: &str) -> f64 {
        // a page's height is measured before any page is there, by several charts at once
        theme::register_fonts();
        let (width, _) = self.font().box_size(text).expect("the embedded font measures texts");
        f64::from(width) / f64::from(UNITS)
    }

    /// The text, cut off with an ellipsis where it is wider than `width`.
    pub(super) fn fit(self, text: &str, width: f64) -> String {
        if self.width_of(text) <= width {
            return text.to_owned();
        }
        let mut letters: Vec<char> = text.chars().collect();
        while letters.pop().is_some() {
            let cut: String = letters.iter().chain(&['…']).collect();
            if self.width_of(&cut) <= width {
                return cut;
            }
        }
        String::new()
    }

    /// The same with the ellipsis in the middle: names that begin alike differ at their ends.
    pub(super) fn fit_ends(self, text: &str, width: f64) -> String {
        if self.width_of(text) <= width {
            return text.to_owned();
        }
        let letters: Vec<char> = text.chars().collect();
        let cut = |kept: usize| -> String {
            let (head, tail) = (kept.div_ceil(2), kept / 2);
            let ends = [&letters[..head], &['…'], &letters[letters.len() - tail..]];
            ends.concat().into_iter().collect()
        };
        let fits = |kept: &usize| self.width_of(&cut(*kept)) <= width;
        (0..letters.len()).rev().find(fits).map(cut).unwrap_or_default()
    }

    /// The text in lines of at most `width`, broken at spaces but not between a number and its
    /// unit; the last one is cut off.
    pub(super) fn wrap(self, text: &str, width: f64, lines_max: usize) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match words.last_mut().filter(|before| UNITS_OF.contains(&word) && is_number(before)) {
                Some(number) => *number += &format!(" {word}"),
                None => words.push(word.to_owned()),
            }
        }
        let mut lines: Vec<String> = Vec::new();
        for word in words {
            let longer = lines.last().map(|line| format!("{line} {word}"));
            match longer.filter(|line| lines.len() == lines_max || self.width_of(line) <= width) {
                Some(line) => *lines.last_mut().expect("a longer line has a shorter one") = line,
                None => lines.push(word),
            }
        }
        lines.iter().map(|line| self.fit(line, width)).collect()
    }
}

/// Units that a line break must not part from their number.
const UNITS_OF: [&str; 8] = ["%", "µs", "ms", "s", "min", "h", "d", "points"];

fn is_number(word: &str) -> bool {
    word.ends_with(|letter: char| letter.is_ascii_digit())
}

/// A page of a size in pixels, drawn as SVG.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) look: Look,
}

/// Pages below this width, in pixels, have small margins and small titles.
const NARROW: f64 = 600.0;

/// Whether a page of a width is that narrow.
pub(super) fn is_narrow(width: f64) -> bool {
    width < NARROW
}

/// The letter, or a space where XML forbids it.
pub(super) fn drawable(letter: char) -> char {
    let is_none = letter.is_control() || ('\u{FFFE}'..='\u{FFFF}').contains(&letter);
    if is_none { ' ' } else { letter }
}

impl<'a> Canvas<'a> {
    /// An empty page that writes to `svg` when it is dropped.
    pub(super) fn new(svg: &'a mut String, (width, height): (u32, u32), look: Look) -> Self {
        theme::register_fonts();
        let units = UNITS.unsigned_abs();
        let area = SVGBackend::with_string(svg, (width * units, height * units));
        let area = area.into_drawing_area();
        area.fill(&theme::PAGE).expect(ROOM);
        Canvas { area, width: f64::from(width), height: f64::from(height), look }
    }

    /// `wide`, or `narrow` on a narrow page.
    pub(super) fn or_narrow(&self, wide: f64, narrow: f64) -> f64 {
        if is_narrow(self.width) { narrow } else { wide }
    }

    /// The most room that words beside a plot take: as asked, but not most of a narrow page.
    pub(super) fn room(&self, most: f64) -> f64 {
        most.min(self.or_narrow(0.36, 0.4) * self.width)
    }

    fn is_grey(&self) -> bool {
        self.look.palette == Palette::Grey
    }

    /// Writes a text with its numbers in the page's language. Control characters, which XML
    /// forbids, become spaces.
    pub(super) fn text(&self, (x, y): (f64, f64), text: &str, ink: Ink) {
        let text = self.look.numerals.written(text);
        let text: String = text.chars().map(drawable).collect();
        let ink = if self.is_grey() { Ink { color: grey::text(ink.color), ..ink } } else { ink };
        // The SVG centres on half the x-height; digits and capitals stand a little higher.
        let y = if matches!(ink.down, VPos::Center) { y + 0.09 * ink.size } else { y };
        let style =
            TextStyle::from(ink.font()).color(&ink.color).pos(Pos::new(ink.across, ink.down));
        self.area.draw(&Text::new(text, units((x, y)), style)).expect(ROOM);
    }

    /// A line through points, dashed by its series where greys alone would tell series apart. A
    /// line from one point to another is no series.
    pub(super) fn line(&self, points: &[(f64, f64)], color: RGBColor, width: f64) {
        if !self.is_grey() {
            return self.stroke(points, color, width);
        }
        let (own, dashes) = grey::line(color);
        if points.len() < 3 || dashes.is_empty() {
            let own = if points.len() < 3 { grey::firm(color) } else { own };
            return self.stroke(points, own, width);
        }
        let color = own;
        dashed(points, dashes).iter().for_each(|dash| self.stroke(dash, color, width));
    }

    fn stroke(&self, points: &[(f64, f64)], color: RGBColor, width: f64) {
        let style = color.stroke_width(stroke(width));
        let points: Vec<_> = points.iter().copied().map(units).collect();
        self.area.draw(&PathElement::new(points, style)).expect(ROOM);
    }

    /// A straight line of short dashes, for what is no series.
    pub(super) fn dashes(&self, from: (f64, f64), to: (f64, f64), color: RGBColor) {
        let color = if self.is_grey() { grey::line(color).0 } else { color };
        let dashes = dashed(&[from, to], &[5.0, 3.5]);
        dashes.iter().for_each(|dash| self.stroke(dash, color, 1.0));
    }

    pub(super) fn area(&self, outline: &[(f64, f64)], color: RGBColor, alpha: f64) {
        let (color, alpha) = if self.is_grey() { grey::area(color, alpha) } else { (color, alpha) };
        let outline: Vec<_> = outline.iter().copied().map(units).collect();
        self.area.draw(&Polygon::new(outline, color.mix(alpha))).expect(ROOM);
    }

    pub(super) fn rect(&self, from: (f64, f64), to: (f64, f64), color: RGBColor, alpha: f64) {
        let (color, alpha) = if self.is_grey() { grey::area(color, alpha) } else { (color, alpha) };
        let corners = [units(from), units(to)];
        self.area.draw(&Rectangle::new(corners, color.mix(alpha).filled())).expect(ROOM);
    }

    /// A dot; among greys the mark of its series, filled.
    pub(super) fn dot(&self, at: (f64, f64), radius: f64, color: RGBColor) {
        if !self.is_grey() {
            return self.disc(at, radius, color);
        }
        let ink = grey::firm(color);
        match shape(grey::mark(color), at, radius) {
            Some(outline) => {
                let outline: Vec<_> = outline.into_iter().map(units).collect();
                self.area.draw(&Polygon::new(outline, ink)).expect(ROOM);
            }
            None => self.disc(at, radius, ink),
        }
    }

    fn disc(&self, at: (f64, f64), radius: f64, color: RGBColor) {
        let radius = (radius * f64::from(UNITS)).round() as i32;
        self.area.draw(&Circle::new(units(at), radius, color.filled())).expect(ROOM);
    }

    /// A dot with a hole of the page's colour; among greys the mark of its series.
    pub(super) fn ring(&self, at: (f64, f64), radius: f64, color: RGBColor) {
        if self.is_grey()
            && let Some(mut outline) = shape(grey::mark(color), at, radius)
        {
            let inner: Vec<_> = outline.iter().copied().map(units).collect();
            self.area.draw(&Polygon::new(inner, theme::PAGE)).expect(ROOM);
            outline.extend_from_within(..2);
            return self.stroke(&outline, grey::line(color).0, 1.75);
        }
        let color = if self.is_grey() { grey::line(color).0 } else { color };
        self.disc(at, radius, theme::PAGE);
        let radius = (radius * f64::from(UNITS)).round() as i32;
        self.area
            .draw(&Circle::new(units(at), radius, color.stroke_width(stroke(2.0))))
            .expect(ROOM);
    }
}

/// Two crossed bars.
const CROSS: [(f64, f64); 12] = [
    (0.0, -0.45),
    (0.85, -1.3),
    (1.3, -0.85),
    (0.45, 0.0),
    (1.3, 0.85),
    (0.85, 1.3),
    (0.0, 0.45),
    (-0.85, 1.3),
    (-1.3, 0.85),
    (-0.45, 0.0),
    (-1.3, -0.85),
    (-0.85, -1.3),
];

/// The corners of a mark as large as a disc of a radius; None for the disc itself.
fn shape(mark: Mark, (x, y): (f64, f64), radius: f64) -> Option<Vec<(f64, f64)>> {
    let corners: &[(f64, f64)] = match mark {
        Mark::Ring => return None,
        Mark::Square => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        Mark::Diamond => &[(0.0, -1.35), (1.35, 0.0), (0.0, 1.35), (-1.35, 0.0)],
        Mark::Triangle => &[(0.0, -1.3), (1.2, 0.8), (-1.2, 0.8)],
        Mark::Cross => &CROSS,
    };
    Some(corners.iter().map(|(right, down)| (x + radius * right, y + radius * down)).collect())
}

/// The pieces of a line that dashes cover; `pattern` is dash, gap, dash, gap ... in pixels.
fn dashed(points: &[(f64, f64)], pattern: &[f64]) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    let (mut part, mut left) = (0, pattern[0]);
    let mut piece = vec![points[0]];
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let (run, rise) = (x1 - x0, y1 - y0);
        let length = (run * run + rise * rise).sqrt();
        let at = |along: f64| (x0 + run * (along / length), y0 + rise * (along / length));
        let mut along = 0.0;
        while length - along > left {
            along += left;
            if part % 2 == 0 {
                piece.push(at(along));
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![at(along)];
            }
            part = (part + 1) % pattern.len();
            left = pattern[part];
        }
        left -= length - along;
        if part % 2 == 0 {
            piece.push((x1, y1));
        }
    }
    if piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

impl Drop for Canvas<'_> {
    fn drop(&mut self) {
        self.area.present().expect(ROOM);
    }
}

/// The most units a coordinate may have: what is outside is cut off at the page anyway.
const FAR: f64 = 1e6;

fn units((x, y): (f64, f64)) -> (i32, i32) {
    let unit = |pixels: f64| (pixels * f64::from(UNITS)).clamp(-FAR, FAR).round() as i32;
    (unit(x), unit(y))
}

fn stroke(width: f64) -> u32 {
    (width * f64::from(UNITS)).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_both_ends() {
        let ink = Ink::plain(12.0, theme::TEXT);
        assert_eq!(ink.fit_ends("short", 100.0), "short");
        let cut = ink.fit_ends("fixed pause=1s attempts_max=2", 100.0);
        assert!(cut.starts_with("fixed") && cut.ends_with("max=2") && cut.contains('…'), "{cut}");
        assert_eq!(ink.fit_ends("anything", 1.0), "");
    }

    #[test]
    fn dashes_go_round_corners() {
        let corner = [(0.0, 0.0), (4.0, 0.0), (4.0, 10.0)];
        let pieces = dashed(&corner, &[6.0, 3.0]);
        let expected = [vec![(0.0, 0.0), (4.0, 0.0), (4.0, 2.0)], vec![(4.0, 5.0), (4.0, 10.0)]];
        assert_eq!(pieces, expected);
    }

    #[test]
    fn a_number_stays_with_its_unit() {
        let ink = Ink::plain(12.0, theme::TEXT);
        let text = "these make 94.4 % of all";
        let narrow = ink.width_of("these make 94.4") + 1.0;
        assert_eq!(ink.wrap(text, narrow, 3), ["these make", "94.4 % of all"]);
    }
}
