//! A finished picture: accessible, self-contained SVG, and the PNG made from it.

use std::sync::{Arc, OnceLock};

use resvg::{tiny_skia, usvg};

use super::canvas::{UNITS, drawable};
use super::glyphs;
use super::look::Page;
use super::pdf;
use super::theme;

/// A drawn chart. The bytes depend on the table only.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The file stem, such as `success_over_time`.
    pub name: &'static str,
    /// The finding in words.
    pub title: String,
    /// The SVG document.
    pub svg: String,
    /// The same at twice the size in pixels, or at 300 dots an inch where a size on paper was asked
    /// for; empty for a page of any length.
    pub png: Vec<u8>,
    /// The same as PDF, where that was asked for.
    pub pdf: Option<Vec<u8>>,
    /// What a reader may stumble over, in sentences.
    pub warnings: Vec<String>,
}

impl Picture {
    /// Its files with their names.
    pub fn files(&self) -> impl Iterator<Item = (String, &[u8])> {
        let (svg, png) = (("svg", self.svg.as_bytes()), ("png", self.png.as_slice()));
        let pdf = self.pdf.as_ref().map(|pdf| ("pdf", pdf.as_slice()));
        let all = [Some(svg), Some(png), pdf].into_iter().flatten();
        all.map(|(ending, bytes)| (format!("{}.{ending}", self.name), bytes))
    }
}

/// An SVG that would grow past this names its font only and does not carry it.
const EMBED_BYTES_MAX: usize = 120 * 1024;

/// Pixels of the PNG for one of the SVG, on a screen and on paper.
const PNG_SCALE: f32 = 2.0;
const PAPER_SCALE: f32 = 300.0 / 96.0;

/// What a picture says besides what it shows.
pub(super) struct Caption<'a> {
    pub(super) name: &'static str,
    pub(super) title: &'a str,
    pub(super) description: &'a str,
}

/// Completes a drawing at [`UNITS`] a pixel for a page.
pub(super) fn finish(drawing: &str, size: (u32, u32), caption: &Caption, page: &Page) -> Picture {
    let svg = accessible(drawing, (size, page.scale), caption, EMBED_BYTES_MAX);
    Picture { warnings: warnings(drawing, caption), ..rendered(svg, caption, page) }
}

/// The same with an SVG that names its fonts only, for one of many on a page.
pub(super) fn finish_without_fonts(
    drawing: &str,
    size: (u32, u32),
    caption: &Caption,
    page: &Page,
) -> Picture {
    let svg = accessible(drawing, (size, page.scale), caption, 0);
    Picture { warnings: warnings(drawing, caption), ..rendered(svg, caption, page) }
}

fn rendered(svg: String, caption: &Caption, page: &Page) -> Picture {
    let options = usvg::Options {
        font_family: "Inter".to_owned(),
        fontdb: fonts(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(&svg, &options).expect("the drawing is well-formed SVG");
    let png = png(&tree, if page.width.is_some() { PAPER_SCALE } else { PNG_SCALE });
    let pdf = page.look.pdf.then(|| pdf::pdf(&tree, caption.title));
    let title = caption.title.to_owned();
    Picture { name: caption.name, title, svg, png, pdf, warnings: Vec::new() }
}

/// The same without PNG, for a page of any length that always carries its fonts.
pub(super) fn finish_long(drawing: &str, size: (u32, u32), caption: &Caption) -> Picture {
    let svg = accessible(drawing, (size, 1.0), caption, usize::MAX);
    let (title, warnings) = (caption.title.to_owned(), warnings(drawing, caption));
    Picture { name: caption.name, title, svg, png: Vec::new(), pdf: None, warnings }
}

fn warnings(drawing: &str, caption: &Caption) -> Vec<String> {
    // Both fonts cover the same letters, and those of the markup are among them.
    let missing = glyphs::missing(theme::SEMIBOLD, drawing);
    let missing: Vec<String> = missing.iter().map(|letter| format!("‘{letter}’")).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let missing = crate::report::number::list(&missing);
    vec![format!("chart {}: the font has no glyph for {missing}", caption.name)]
}

fn accessible(
    drawing: &str,
    ((width, height), scale): ((u32, u32), f64),
    caption: &Caption,
    embed_max: usize,
) -> String {
    let units = UNITS.unsigned_abs();
    let drawn_size = format!("width=\"{}\" height=\"{}\"", width * units, height * units);
    // to a thousandth of a pixel, and whole ones without a fraction
    let shown = |side: u32| (f64::from(side) * scale * 1_000.0).round() / 1_000.0;
    let size = format!("width=\"{}\" height=\"{}\"", shown(width), shown(height));
    let sized = drawing.replacen(&drawn_size, &size, 1);
    let (open, rest) = sized.split_once('>').expect("an SVG document opens with its tag");
    let (title, description) = (escaped(caption.title), escaped(caption.description));
    let head = format!(
        "{open} role=\"img\" stroke-linejoin=\"round\"><title>{title}</title>\
         <desc>{description}</desc>"
    );
    let face = font_face();
    let whole = head.len() + face.len() + rest.len();
    let carried = if whole < embed_max { face } else { "" };
    format!("{head}{carried}{rest}")
}

/// The style sheet that carries both fonts, encoded once a process.
fn font_face() -> &'static str {
    static FACE: OnceLock<String> = OnceLock::new();
    FACE.get_or_init(|| {
        let face = |weight: u32, bytes: &[u8]| {
            let data = base64(bytes);
            format!(
                "@font-face{{font-family:Inter;font-weight:{weight};\
                 src:url(data:font/woff2;base64,{data})format('woff2')}}"
            )
        };
        // The drawing library writes semibold as "bold", which is 700.
        let regular = face(400, theme::REGULAR_WOFF2);
        let bold = face(700, theme::SEMIBOLD_WOFF2);
        format!("<style>{regular}{bold}</style>")
    })
}

/// Text for XML: markup escaped, control characters (forbidden there) as spaces.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().map(drawable) {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            letter => out.push(letter),
        }
    }
    out
}

/// RFC 4648 base64.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4_usize {
            let value = bits >> (18 - 6 * digit) & 63;
            out.push(if digit <= chunk.len() { DIGITS[value as usize].into() } else { '=' });
        }
    }
    out
}

/// The embedded fonts and no others, so that a picture does not depend on the machine.
fn fonts() -> Arc<usvg::fontdb::Database> {
    static FONTS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    let load = || {
        let mut fonts = usvg::fontdb::Database::new();
        fonts.load_font_data(theme::REGULAR.to_vec());
        fonts.load_font_data(theme::SEMIBOLD.to_vec());
        fonts.set_sans_serif_family("Inter");
        Arc::new(fonts)
    };
    FONTS.get_or_init(load).clone()
}

fn png(tree: &usvg::Tree, scale: f32) -> Vec<u8> {
    let side = |pixels: f32| (pixels * scale).round() as u32;
    let (width, height) = (side(tree.size().width()), side(tree.size().height()));
    let mut pixels = tiny_skia::Pixmap::new(width, height).expect("a page has a size");
    // the last row of a page of broken size is drawn in part only
    pixels.fill(tiny_skia::Color::WHITE);
    let scale = tiny_skia::Transform::from_scale(scale, scale);
    resvg::render(tree, scale, &mut pixels.as_mut());
    pixels.encode_png().expect("pixels in memory always make a PNG")
}

#[cfg(test)]
mod tests {
    use super::super::canvas::{Canvas, Ink};
    use super::super::look::Look;
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        let words = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        let encoded = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        assert_eq!(words.map(|word| base64(word.as_bytes())), encoded);
    }

    #[test]
    fn texts_cannot_break_out_of_a_drawing() {
        let text = "</text><script>&\"'\u{1}\u{1b}[2J\u{FFFE}";
        let mut drawing = String::new();
        let look = Look::default();
        {
            let canvas = Canvas::new(&mut drawing, (200, 100), look);
            canvas.text((10.0, 10.0), text, Ink::plain(12.0, theme::TEXT));
        }
        let caption = Caption { name: "x", title: text, description: text };
        let picture = finish(&drawing, (200, 100), &caption, &Page::of(look, 0.0));
        let svg = &picture.svg;
        let is_bad = |letter: char| letter != '\n' && drawable(letter) != letter;
        assert!(!svg.contains("<script") && !svg.contains(is_bad), "{svg}");
        assert_eq!(svg.matches("&lt;script&gt;").count(), 3, "{svg}");
    }

    #[test]
    fn a_title_cannot_break_out_of_the_document() {
        assert_eq!(escaped("</title><script>&\u{7}"), "&lt;/title&gt;&lt;script&gt;&amp; ");
    }
}
