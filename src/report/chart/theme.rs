//! The house style of charts: one font, one palette, one light page.

use std::sync::Once;

use plotters::style::{FontStyle, RGBColor, register_font};

/// The registered name doubles as a CSS list of families: text is always measured in Inter, and a
/// viewer that lacks it falls back to something sane.
pub(super) const FAMILY: &str = "Inter, 'Helvetica Neue', Arial, sans-serif";

pub(super) static REGULAR: &[u8] = include_bytes!("../fonts/Inter-400Regular-subset.ttf");
pub(super) static SEMIBOLD: &[u8] = include_bytes!("../fonts/Inter-600SemiBold-subset.ttf");
pub(super) static REGULAR_WOFF2: &[u8] = include_bytes!("../fonts/Inter-400Regular-subset.woff2");
pub(super) static SEMIBOLD_WOFF2: &[u8] = include_bytes!("../fonts/Inter-600SemiBold-subset.woff2");

pub(super) const PAGE: RGBColor = RGBColor(255, 255, 255);
pub(super) const TEXT: RGBColor = RGBColor(24, 28, 36);
pub(super) const MUTED: RGBColor = RGBColor(104, 112, 126);
pub(super) const GRID: RGBColor = RGBColor(233, 236, 241);
pub(super) const BAD: RGBColor = RGBColor(200, 50, 47);
pub(super) const OTHER: RGBColor = RGBColor(160, 167, 179);

pub(super) const SURGE: RGBColor = RGBColor(146, 104, 0);

/// How dark a shaded window and a confidence band are.
pub(super) const WINDOW_ALPHA: f64 = 0.09;
pub(super) const BAND_ALPHA: f64 = 0.16;

/// Colours of series in the order of use; told apart by readers who see colours differently.
pub(super) const SERIES: [RGBColor; 14] = [
    RGBColor(37, 99, 205),
    RGBColor(217, 108, 22),
    RGBColor(15, 140, 107),
    RGBColor(184, 55, 122),
    RGBColor(117, 84, 196),
    RGBColor(168, 128, 12),
    RGBColor(14, 134, 164),
    RGBColor(150, 78, 60),
    RGBColor(94, 122, 38),
    RGBColor(72, 84, 104),
    RGBColor(98, 158, 236),
    RGBColor(230, 156, 100),
    RGBColor(90, 184, 156),
    RGBColor(212, 132, 176),
];

/// The colour of the series of that index; they repeat after fourteen.
pub(super) fn series(index: usize) -> RGBColor {
    SERIES[index % SERIES.len()]
}

/// A colour mixed with the page: 0 gives the page, 1 the colour.
pub(super) fn tint(color: RGBColor, strength: f64) -> RGBColor {
    let mix = |own: u8, page: u8| {
        (f64::from(page) + (f64::from(own) - f64::from(page)) * strength).round() as u8
    };
    RGBColor(mix(color.0, PAGE.0), mix(color.1, PAGE.1), mix(color.2, PAGE.2))
}

/// Makes the embedded fonts known to the drawing library, once a process.
pub(super) fn register_fonts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for (style, bytes) in [(FontStyle::Normal, REGULAR), (FontStyle::Bold, SEMIBOLD)] {
            register_font(FAMILY, style, bytes).ok().expect("the embedded font is a whole font");
        }
    });
}
