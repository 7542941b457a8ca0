//! Which letters the embedded font can draw, read from its character map.

use std::ops::RangeInclusive;

/// The letters of `text` that the font lacks, each once, in order of appearance.
pub(super) fn missing(font: &[u8], text: &str) -> Vec<char> {
    let ranges = covered(font).unwrap_or_default();
    let mut lacking: Vec<char> = Vec::new();
    for letter in text.chars() {
        // A line break is no letter.
        let is_covered =
            letter.is_control() || ranges.iter().any(|range| range.contains(&(letter as u32)));
        if !is_covered && !lacking.contains(&letter) {
            lacking.push(letter);
        }
    }
    lacking
}

/// The ranges of the font's format 4 character map (OpenType specification, table `cmap`).
///
/// None where the bytes are no such font. Letters past U+FFFF are outside the format, hence
/// missing.
fn covered(font: &[u8]) -> Option<Vec<RangeInclusive<u32>>> {
    let tables = usize::from(u16_at(font, 4)?);
    let records = (0..tables).map(|index| 12 + 16 * index);
    let record = records.into_iter().find(|&at| font.get(at..at + 4) == Some(b"cmap"))?;
    let cmap = u32_at(font, record + 8)?;
    let maps = usize::from(u16_at(font, cmap + 2)?);
    let starts = (0..maps).filter_map(|index| Some(cmap + u32_at(font, cmap + 8 + 8 * index)?));
    let map = starts.into_iter().find(|&at| u16_at(font, at) == Some(4))?;
    let segments = usize::from(u16_at(font, map + 6)? / 2);
    let segment = |index: usize| {
        let end = u16_at(font, map + 14 + 2 * index)?;
        let start = u16_at(font, map + 16 + 2 * segments + 2 * index)?;
        Some(u32::from(start)..=u32::from(end))
    };
    (0..segments).map(segment).collect()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::super::theme::{REGULAR, SEMIBOLD};
    use super::*;

    #[test]
    fn both_fonts_hold_every_sign_that_titles_are_made_of() {
        for font in [REGULAR, SEMIBOLD] {
            let signs = "ABCXYZabcxyz0123456789.,:;%/()±–−×“”’≤≥µ…→✓é";
            assert_eq!(missing(font, signs), Vec::<char>::new());
        }
    }

    #[test]
    fn letters_outside_the_font_are_named_once() {
        assert_eq!(missing(SEMIBOLD, "充值 up 充 🙂"), ['充', '值', '🙂']);
    }

    #[test]
    fn bytes_that_are_no_font_cover_nothing() {
        assert_eq!(missing(&[0; 40], "a"), ['a']);
    }
}
