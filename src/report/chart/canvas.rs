//! Primitives on the page: text, lines, areas and marks in nominal pixels.

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBColor, TextStyle};

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
}

impl<'a> Canvas<'a> {
    /// An empty page that writes to `svg` when it is dropped.
    pub(super) fn new(svg: &'a mut String, width: u32, height: u32) -> Self {
        theme::register_fonts();
        let units = UNITS.unsigned_abs();
        let area = SVGBackend::with_string(svg, (width * units, height * units));
        let area = area.into_drawing_area();
        area.fill(&theme::PAGE).expect(ROOM);
        Canvas { area, width: f64::from(width), height: f64::from(height) }
    }

    /// Writes a text. Control characters, which XML forbids, become spaces.
    pub(super) fn text(&self, (x, y): (f64, f64), text: &str, ink: Ink) {
        let text: String =
            text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        // The SVG centres on half the x-height; digits and capitals stand a little higher.
        let y = if matches!(ink.down, VPos::Center) { y + 0.09 * ink.size } else { y };
        let style =
            TextStyle::from(ink.font()).color(&ink.color).pos(Pos::new(ink.across, ink.down));
        self.area.draw(&Text::new(text, units((x, y)), style)).expect(ROOM);
    }

    pub(super) fn line(&self, points: &[(f64, f64)], color: RGBColor, width: f64) {
        let style = color.stroke_width(stroke(width));
        let points: Vec<_> = points.iter().copied().map(units).collect();
        self.area.draw(&PathElement::new(points, style)).expect(ROOM);
    }

    /// A straight line of dashes.
    pub(super) fn dashes(&self, from: (f64, f64), to: (f64, f64), color: RGBColor) {
        const DASH: f64 = 5.0;
        const PITCH: f64 = 8.5;
        let (run, rise) = (to.0 - from.0, to.1 - from.1);
        let length = (run * run + rise * rise).sqrt();
        let at = |along: f64| {
            let part = (along / length).min(1.0);
            (from.0 + run * part, from.1 + rise * part)
        };
        let dashes =
            (0..).map(|index| f64::from(index) * PITCH).take_while(|&along| along < length);
        for along in dashes {
            self.line(&[at(along), at(along + DASH)], color, 1.0);
        }
    }

    pub(super) fn area(&self, outline: &[(f64, f64)], color: RGBColor, alpha: f64) {
        let outline: Vec<_> = outline.iter().copied().map(units).collect();
        self.area.draw(&Polygon::new(outline, color.mix(alpha))).expect(ROOM);
    }

    pub(super) fn rect(&self, from: (f64, f64), to: (f64, f64), color: RGBColor, alpha: f64) {
        let corners = [units(from), units(to)];
        self.area.draw(&Rectangle::new(corners, color.mix(alpha).filled())).expect(ROOM);
    }

    pub(super) fn dot(&self, at: (f64, f64), radius: f64, color: RGBColor) {
        let radius = (radius * f64::from(UNITS)).round() as i32;
        self.area.draw(&Circle::new(units(at), radius, color.filled())).expect(ROOM);
    }

    /// A dot with a hole of the page's colour.
    pub(super) fn ring(&self, at: (f64, f64), radius: f64, color: RGBColor) {
        self.dot(at, radius, theme::PAGE);
        let radius = (radius * f64::from(UNITS)).round() as i32;
        self.area
            .draw(&Circle::new(units(at), radius, color.stroke_width(stroke(2.0))))
            .expect(ROOM);
    }
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
    fn a_number_stays_with_its_unit() {
        let ink = Ink::plain(12.0, theme::TEXT);
        let text = "these make 94.4 % of all";
        let narrow = ink.width_of("these make 94.4") + 1.0;
        assert_eq!(ink.wrap(text, narrow, 3), ["these make", "94.4 % of all"]);
    }
}
