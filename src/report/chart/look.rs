//! How pictures are to look: size on paper, words above, palette, language of numbers, formats.

use std::str::FromStr;

use serde_json::{Value, json};

use crate::report::numerals::Numerals;

/// What all charts get. The default is the look on a screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// The size on paper; without one each chart has its own.
    pub size: Option<PaperSize>,
    /// Whether the finding and the note stand above the plot. A paper has them in its caption.
    pub has_title: bool,
    /// Colours or greys.
    pub palette: Palette,
    /// How numbers are written.
    pub numerals: Numerals,
    /// Whether a PDF is made beside SVG and PNG.
    pub pdf: bool,
}

impl Default for Look {
    fn default() -> Self {
        Look {
            size: None,
            has_title: true,
            palette: Palette::Colour,
            numerals: Numerals::En,
            pdf: false,
        }
    }
}

impl Look {
    /// The look for a manifest; None for that of a screen.
    pub(crate) fn told(self) -> Option<Value> {
        let size =
            self.size.map(|size| json!({ "width_px": size.width, "height_px": size.height }));
        let told = json!({
            "size": size,
            "title": self.has_title,
            "greyscale": self.palette == Palette::Grey,
            "numbers": self.numerals.name(),
            "pdf": self.pdf,
        });
        (self != Look::default()).then_some(told)
    }
}

/// How series are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Palette {
    /// By colour and by a name at the end of each line.
    Colour,
    /// By lightness, dashes and marks: safe in print and for every eye.
    Grey,
}

/// Width, and height where it was asked for, in pixels of 1/96 inch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PaperSize {
    pub(super) width: f64,
    pub(super) height: Option<f64>,
}

/// The least and the greatest side, in pixels: 2 and 40 inches.
const SIDES: (f64, f64) = (192.0, 3_840.0);
/// Heights may be smaller: 1 inch.
const HEIGHT_LEAST: f64 = 96.0;

/// Pixels of a unit.
const UNITS: [(&str, f64); 5] =
    [("in", 96.0), ("cm", 96.0 / 2.54), ("mm", 96.0 / 25.4), ("pt", 96.0 / 72.0), ("px", 1.0)];

impl FromStr for PaperSize {
    type Err = String;

    /// `3.5in`, `89mm`, `3.5in x 2.2in`, `8.9x5.6cm`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (width, height) = match text.split_once(['x', '×']) {
            // the x of px is none between two sides
            Some((before, _)) if before.ends_with('p') => match text.split_once("px") {
                Some((number, rest)) => match rest.trim_start().strip_prefix(['x', '×']) {
                    Some(height) => (format!("{number}px"), Some(height)),
                    None => (text.to_owned(), None),
                },
                None => (text.to_owned(), None),
            },
            Some((width, height)) => (width.to_owned(), Some(height)),
            None => (text.to_owned(), None),
        };
        let unit_of_height = height.and_then(unit_of).map_or("", |(name, _)| name);
        let width = match unit_of(&width) {
            Some(_) => side(&width, SIDES.0)?,
            None => side(&format!("{}{unit_of_height}", width.trim()), SIDES.0)?,
        };
        let height = height.map(|height| side(height, HEIGHT_LEAST)).transpose()?;
        Ok(PaperSize { width, height })
    }
}

fn unit_of(text: &str) -> Option<(&'static str, f64)> {
    UNITS.into_iter().find(|(name, _)| text.trim_end().ends_with(name))
}

/// One side in pixels.
fn side(text: &str, least: f64) -> Result<f64, String> {
    let text = text.trim();
    let (name, pixels) = unit_of(text)
        .ok_or_else(|| format!("{text:?} has no unit: 3.5in, 89mm, 8.9cm, 252pt or 336px"))?;
    let number = text.strip_suffix(name).unwrap_or(text).trim();
    let number: f64 = number
        .parse()
        .map_err(|_| format!("{number:?} is no number: a size is 3.5in or 3.5in x 2.2in"))?;
    let side = number * pixels;
    if !(least..=SIDES.1).contains(&side) {
        let inches = |pixels: f64| pixels / 96.0;
        let (least, most) = (inches(least), inches(SIDES.1));
        return Err(format!("{text} is out of range: {least} to {most} inches can be drawn"));
    }
    Ok(side)
}

/// Up to this width, in pixels, text is at its smallest share of its size on a screen, and from
/// there on at its full size. A label of 11 pixels, 8.25 points, so has 6.6 points on a page of
/// 3.5 inches: what journals ask for at least is 5 to 7.
const NARROW: (f64, f64) = (336.0, 0.8);
const WIDE: f64 = 700.0;

/// The page that a chart is to fill: its size in the pixels in which it is laid out, if one was
/// asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) look: Look,
    pub(super) width: Option<f64>,
    pub(super) height: Option<f64>,
    /// Pixels on paper for one of the layout.
    pub(super) scale: f64,
}

impl Page {
    /// The page of a chart that can be laid out in `least` pixels of width or more.
    pub(super) fn of(look: Look, least: f64) -> Self {
        let Some(size) = look.size else {
            return Page { look, width: None, height: None, scale: 1.0 };
        };
        let share = ((size.width - NARROW.0) / (WIDE - NARROW.0)).clamp(0.0, 1.0);
        let scale = NARROW.1 + (1.0 - NARROW.1) * share;
        let width = (size.width / scale).round().max(least);
        let scale = (size.width / width).max(NARROW.1);
        Page { look, width: Some(width), height: size.height.map(|height| height / scale), scale }
    }

    /// The width in which a chart with a width of its own is laid out.
    pub(super) fn width_or(&self, own: f64) -> f64 {
        self.width.unwrap_or(own)
    }

    /// The size of a chart that has `own` on a screen and can fill any page: on paper the words
    /// above it take `head`, and the plot keeps its shape but is never lower than `least`.
    pub(super) fn size(&self, own: (u32, u32), head: f64, least: f64) -> (u32, u32) {
        let Some(width) = self.width else { return own };
        let shape = (f64::from(own.1) - OWN_HEAD) / f64::from(own.0);
        let height = self.height.unwrap_or(head + (shape * width).max(least));
        (width as u32, height.max(head + FLATTEST).round() as u32)
    }

    /// The size of a chart that needs `height` for what it shows on a page as wide as this one.
    pub(super) fn high(&self, own: f64, height: f64) -> (u32, u32) {
        let Some(width) = self.width else { return (own as u32, height as u32) };
        (width as u32, self.height.unwrap_or(height).max(height).round() as u32)
    }
}

/// What the words above a plot take of a chart's own size, about.
const OWN_HEAD: f64 = 80.0;
/// The lowest plot that can be read, with the labels below it.
const FLATTEST: f64 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn size(text: &str) -> Result<(f64, Option<f64>), String> {
        let tenths = |pixels: f64| (pixels * 10.0).round() / 10.0;
        text.parse::<PaperSize>().map(|size| (tenths(size.width), size.height.map(tenths)))
    }

    #[test]
    fn sizes_are_read_in_every_unit() {
        assert_eq!(size("3.5in"), Ok((336.0, None)));
        assert_eq!(size("3.5in x 2.2in"), Ok((336.0, Some(211.2))));
        assert_eq!(size("3.5x2.2in"), Ok((336.0, Some(211.2))));
        assert_eq!(size("89mm×56 mm"), Ok((336.4, Some(211.7))));
        assert_eq!(size("8.9cm"), Ok((336.4, None)));
        assert_eq!(size("252pt"), Ok((336.0, None)));
        assert_eq!(size("400px"), Ok((400.0, None)));
        assert_eq!(size("400px x 300px"), Ok((400.0, Some(300.0))));
        assert_eq!(size("400x300px"), Ok((400.0, Some(300.0))));
    }

    #[test]
    fn a_bad_size_is_told_in_a_sentence() {
        for (text, part) in [
            ("3.5", "has no unit"),
            ("wide", "has no unit"),
            ("3,5in", "is no number"),
            ("1in", "2 to 40 inches"),
            ("3in x 0.5in", "1 to 40 inches"),
            ("NaNin", "out of range"),
            ("-3in", "out of range"),
            ("1e9px", "out of range"),
            ("", "has no unit"),
        ] {
            let told = size(text).expect_err(text);
            assert!(told.contains(part), "{text}: {told}");
        }
    }

    #[test]
    fn text_on_paper_is_never_smaller_than_can_be_read() {
        for (width, least) in [("2in", 0.0), ("3.5in", 0.0), ("5in", 0.0), ("3.5in", 820.0)] {
            let look = Look { size: Some(width.parse().unwrap()), ..Look::default() };
            let page = Page::of(look, least);
            assert!(page.scale >= 0.8 && page.scale <= 1.0, "{width}: {page:?}");
            assert!(page.width >= Some(least));
        }
    }
}
