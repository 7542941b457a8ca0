//! The palette of print: a grey, a dash and a mark for each colour of the screen.

use plotters::style::RGBColor;

use super::theme;

/// Greys of lines, dark enough on white, neighbours far apart.
const LINES: [u8; 6] = [0, 112, 60, 140, 30, 90];
/// Greys of areas; layers that lie on each other are far apart.
const AREAS: [u8; 7] = [200, 64, 230, 120, 156, 32, 180];
/// What remains, under the named layers.
const OTHER: u8 = 218;
/// Text is never lighter than this.
const TEXT_MOST: u8 = 72;

/// Dashes and gaps in pixels, by series.
const DASHES: [&[f64]; 6] = [
    &[],
    &[6.0, 3.0],
    &[1.5, 2.5],
    &[8.0, 3.0, 1.5, 3.0],
    &[12.0, 4.0],
    &[4.0, 2.0, 1.5, 2.0, 1.5, 2.0],
];

/// The shape of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Ring,
    Square,
    Diamond,
    Triangle,
    Cross,
}

const MARKS: [(Mark, &str); 5] = [
    (Mark::Ring, "circle"),
    (Mark::Square, "square"),
    (Mark::Diamond, "diamond"),
    (Mark::Triangle, "triangle"),
    // of what is bad; series have the others
    (Mark::Cross, "cross"),
];

/// What stands for a colour of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A series, mixed with the page so far, in hundredths.
    Series(usize, u8),
    Bad,
    Other,
    Neutral,
}

fn role_of(color: RGBColor) -> Role {
    match color {
        theme::BAD => return Role::Bad,
        theme::OTHER => return Role::Other,
        theme::PAGE | theme::TEXT | theme::MUTED | theme::GRID => return Role::Neutral,
        _ => {}
    }
    let tints = (0..theme::SERIES.len()).flat_map(|index| (1..=100).rev().map(move |s| (index, s)));
    let mut found = tints.filter(|&(index, strength)| {
        theme::tint(theme::series(index), f64::from(strength) / 100.0) == color
    });
    found.next().map_or(Role::Neutral, |(index, strength)| Role::Series(index, strength))
}

const fn grey(level: u8) -> RGBColor {
    RGBColor(level, level, level)
}

/// The grey as light as a colour (ITU-R BT.601).
fn luminance(RGBColor(r, g, b): RGBColor) -> u8 {
    ((299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b)) / 1_000) as u8
}

/// The grey of a line or a mark, and its dashes.
pub(super) fn line(color: RGBColor) -> (RGBColor, &'static [f64]) {
    match role_of(color) {
        Role::Series(index, _) => (grey(LINES[index % LINES.len()]), DASHES[index % DASHES.len()]),
        Role::Bad => (grey(0), DASHES[1]),
        Role::Other | Role::Neutral => (grey(luminance(color)), &[]),
    }
}

/// The grey of what is told by its shape, or by its place: dark, unless it is as faint as a grid.
pub(super) fn firm(color: RGBColor) -> RGBColor {
    match role_of(color) {
        Role::Neutral => grey(luminance(color)),
        Role::Series(..) | Role::Bad | Role::Other => grey(20),
    }
}

/// The grey of an area that lets the page shine through, and how much of it covers.
pub(super) fn area(color: RGBColor, alpha: f64) -> (RGBColor, f64) {
    // faint things are told from each other by how faint they are
    if alpha < 0.2 {
        let is_surge = color == theme::SURGE;
        return (grey(0), if is_surge { alpha * 0.6 } else { alpha * 1.2 });
    }
    // greys need more of a difference than colours
    let firm = |share: f64| share.sqrt();
    match role_of(color) {
        Role::Series(index, strength) => {
            let own = grey(AREAS[index % AREAS.len()]);
            let tint = theme::tint(own, firm(f64::from(strength) / 100.0));
            (tint, if alpha < 1.0 { firm(alpha) } else { 1.0 })
        }
        Role::Bad => (grey(0), if alpha < 1.0 { firm(alpha) } else { 1.0 }),
        Role::Other => (grey(OTHER), alpha.max(0.6)),
        Role::Neutral => (grey(luminance(color)), alpha),
    }
}

/// The grey of text: what is white stays white, all else is dark.
pub(super) fn text(color: RGBColor) -> RGBColor {
    let level = luminance(color);
    grey(if level > 240 { level } else { level.min(TEXT_MOST) })
}

/// The mark of a colour.
pub(super) fn mark(color: RGBColor) -> Mark {
    MARKS[mark_index(color)].0
}

/// The mark of a colour in a word.
pub(super) fn mark_word(color: RGBColor) -> &'static str {
    MARKS[mark_index(color)].1
}

fn mark_index(color: RGBColor) -> usize {
    match role_of(color) {
        // the fifth series would have the mark of the first
        Role::Series(4, _) => 3,
        Role::Series(index, _) => index % (MARKS.len() - 1),
        Role::Bad => MARKS.len() - 1,
        Role::Other | Role::Neutral => 0,
    }
}

/// The lightness of an area of a colour in words.
pub(super) fn area_word(color: RGBColor) -> &'static str {
    match luminance(area(color, 1.0).0) {
        0..=20 => "black",
        21..=100 => "dark grey",
        101..=175 => "grey",
        _ => "light grey",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_series_differ_in_lightness_and_dashes() {
        for index in 0..13 {
            let [(a, a_dash), (b, b_dash)] =
                [index, index + 1].map(|index| line(theme::series(index)));
            assert!(luminance(a).abs_diff(luminance(b)) >= 30, "lines {index}");
            assert_ne!(a_dash, b_dash, "dashes {index}");
            let [a, b] =
                [index, index + 1].map(|index| area(theme::tint(theme::series(index), 0.82), 1.0));
            assert!(luminance(a.0).abs_diff(luminance(b.0)) >= 18, "areas {index}");
        }
    }

    #[test]
    fn nothing_is_coloured_and_text_is_dark() {
        let colors = theme::SERIES.into_iter().chain([theme::BAD, theme::SURGE, theme::MUTED]);
        for color in colors {
            for RGBColor(r, g, b) in [line(color).0, area(color, 0.3).0, text(color)] {
                assert!(r == g && g == b);
            }
            assert!(luminance(text(color)) <= TEXT_MOST);
            assert!(luminance(line(color).0) <= 148, "3:1 on white");
        }
        assert_eq!(text(theme::PAGE), theme::PAGE);
    }
}
