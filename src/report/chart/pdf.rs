//! A picture as PDF: vectors and text with the letters used of the embedded fonts, no date, no
//! number that varies.
//!
//! It is drawn from the same tree as the PNG. (The crate svg2pdf would bring a second copy of the
//! whole SVG stack, 27 crates; our pictures hold paths and text only.)

use std::collections::{BTreeMap, BTreeSet};

use pdf_writer::types::{CidFontType, FontFlags, LineJoinStyle, SystemInfo, UnicodeCmap};
use pdf_writer::writers::Resources;
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use resvg::tiny_skia::{self, Transform};
use resvg::usvg::{self, Node, Paint, fontdb};
use subsetter::GlyphRemapper;

/// Points for one pixel of SVG.
const POINTS: f32 = 0.75;

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const CONTENT: Ref = Ref::new(4);
const INFO: Ref = Ref::new(5);
/// Each font takes five numbers from here on.
const FONTS_FROM: i32 = 10;
/// Opacities in per mille are numbered from here on.
const OPACITIES_FROM: i32 = 1_000;

const SYSTEM: SystemInfo =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The PDF of a tree, on a page of its size.
pub(super) fn pdf(tree: &usvg::Tree, title: &str) -> Vec<u8> {
    let (fonts, opacities) = (BTreeMap::new(), BTreeSet::new());
    let mut drawing = Drawing { content: Content::new(), fonts, opacities };
    drawing.collect(tree.root());
    let size = tree.size();
    let (width, height) = (size.width() * POINTS, size.height() * POINTS);
    drawing.content.transform([POINTS, 0.0, 0.0, -POINTS, 0.0, height]);
    drawing.group(tree.root(), 1.0);
    let mut pdf = Pdf::new();
    pdf.catalog(CATALOG).pages(PAGES).lang(TextStr("en"));
    pdf.pages(PAGES).kids([PAGE]).count(1);
    pdf.document_info(INFO).title(TextStr(title)).producer(TextStr("topup-sim"));
    let mut page = pdf.page(PAGE);
    page.media_box(Rect::new(0.0, 0.0, width, height)).parent(PAGES).contents(CONTENT);
    drawing.name_resources(&mut page.resources());
    page.finish();
    for &opacity in &drawing.opacities {
        let share = f32::from(opacity) / 1_000.0;
        pdf.ext_graphics(state_ref(opacity)).non_stroking_alpha(share).stroking_alpha(share);
    }
    for (id, font) in &drawing.fonts {
        let write = |data: &[u8], index| font.write(&mut pdf, data, index);
        let written = tree.fontdb().with_face_data(*id, write);
        written.expect("a glyph was laid out in a font that is there");
    }
    let stream = deflated(&drawing.content.finish());
    pdf.stream(CONTENT, &stream).filter(Filter::FlateDecode);
    pdf.finish()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, 8)
}

fn state_name(opacity: u16) -> String {
    format!("o{opacity}")
}

fn state_ref(opacity: u16) -> Ref {
    Ref::new(OPACITIES_FROM + i32::from(opacity))
}

/// The page's content, and what it needs.
struct Drawing {
    content: Content,
    fonts: BTreeMap<fontdb::ID, Font>,
    opacities: BTreeSet<u16>,
}

/// Letters of a font that the picture holds.
struct Font {
    name: String,
    first: i32,
    glyphs: GlyphRemapper,
    /// What each glyph stands for.
    texts: BTreeMap<u16, String>,
}

impl Drawing {
    /// Finds all glyphs: their numbers in the file follow from all of them.
    fn collect(&mut self, group: &usvg::Group) {
        for node in group.children() {
            match node {
                Node::Group(inner) => self.collect(inner),
                Node::Text(text) => {
                    let spans = text.layouted().iter();
                    spans.flat_map(|span| &span.positioned_glyphs).for_each(|glyph| {
                        let count = self.fonts.len();
                        let font = self.fonts.entry(glyph.font).or_insert_with(|| Font::new(count));
                        font.glyphs.remap(number_of(glyph));
                        font.texts.entry(number_of(glyph)).or_insert_with(|| glyph.text.clone());
                    });
                }
                Node::Path(_) | Node::Image(_) => {}
            }
        }
    }

    /// Names the fonts and opacities that the content uses.
    fn name_resources(&self, resources: &mut Resources) {
        let mut fonts = resources.fonts();
        for font in self.fonts.values() {
            fonts.pair(Name(font.name.as_bytes()), font.at(0));
        }
        fonts.finish();
        let mut states = resources.ext_g_states();
        for &opacity in &self.opacities {
            states.pair(Name(state_name(opacity).as_bytes()), state_ref(opacity));
        }
    }

    fn group(&mut self, group: &usvg::Group, opacity: f32) {
        let opacity = opacity * group.opacity().get();
        for node in group.children() {
            match node {
                Node::Group(inner) => self.group(inner, opacity),
                Node::Path(path) if path.is_visible() => self.path(path, opacity),
                Node::Text(text) => self.text(text, opacity),
                Node::Path(_) | Node::Image(_) => {}
            }
        }
    }

    fn path(&mut self, path: &usvg::Path, opacity: f32) {
        let to_page = path.abs_transform();
        let Some(data) = path.data().clone().transform(to_page) else { return };
        if let Some(fill) = path.fill() {
            self.content.save_state();
            self.fill(fill, opacity);
            outline(&mut self.content, &data);
            match fill.rule() {
                usvg::FillRule::NonZero => self.content.fill_nonzero(),
                usvg::FillRule::EvenOdd => self.content.fill_even_odd(),
            };
            self.content.restore_state();
        }
        if let Some(stroke) = path.stroke() {
            self.content.save_state();
            self.opacity(opacity * stroke.opacity().get());
            match color_of(stroke.paint()) {
                [r, g, b] if r == g && g == b => self.content.set_stroke_gray(share(r)),
                [r, g, b] => self.content.set_stroke_rgb(share(r), share(g), share(b)),
            };
            self.content.set_line_width(stroke.width().get() * to_page.sx);
            self.content.set_line_join(LineJoinStyle::RoundJoin);
            outline(&mut self.content, &data);
            self.content.stroke();
            self.content.restore_state();
        }
    }

    fn text(&mut self, text: &usvg::Text, opacity: f32) {
        for span in text.layouted().iter().filter(|span| span.visible) {
            let Some(fill) = &span.fill else { continue };
            self.content.save_state();
            self.fill(fill, opacity);
            self.content.begin_text();
            for glyph in &span.positioned_glyphs {
                let font = &self.fonts[&glyph.font];
                let number = font.glyphs.get(number_of(glyph)).expect("all glyphs were collected");
                // the size is in the matrix: a unit of text is an em
                let em = EM_UNITS * glyph.font_size() / span.font_size.get();
                let place =
                    text.abs_transform().pre_concat(glyph.outline_transform()).pre_scale(em, em);
                self.content.set_font(Name(font.name.as_bytes()), 1.0);
                self.content.set_text_matrix(matrix(place));
                self.content.show(Str(&number.to_be_bytes()));
            }
            self.content.end_text();
            self.content.restore_state();
        }
    }

    fn fill(&mut self, fill: &usvg::Fill, opacity: f32) {
        self.opacity(opacity * fill.opacity().get());
        match color_of(fill.paint()) {
            [r, g, b] if r == g && g == b => self.content.set_fill_gray(share(r)),
            [r, g, b] => self.content.set_fill_rgb(share(r), share(g), share(b)),
        };
    }

    fn opacity(&mut self, opacity: f32) {
        let per_mille = (opacity * 1_000.0).round() as u16;
        if per_mille < 1_000 {
            self.opacities.insert(per_mille);
            self.content.set_parameters(Name(state_name(per_mille).as_bytes()));
        }
    }
}

/// The number of a glyph in its font.
fn number_of(glyph: &usvg::layout::PositionedGlyph) -> u16 {
    u16::try_from(glyph.id.0).expect("a TrueType font has at most 65,536 glyphs")
}

/// Units of an em in the embedded fonts; a test holds it.
const EM_UNITS: f32 = 2_048.0;

/// Red, green and blue; our pictures have no gradients.
fn color_of(paint: &Paint) -> [u8; 3] {
    match paint {
        Paint::Color(color) => [color.red, color.green, color.blue],
        _ => [0, 0, 0],
    }
}

fn share(level: u8) -> f32 {
    // three decimals tell all 256 levels apart
    (f32::from(level) / 255.0 * 1_000.0).round() / 1_000.0
}

fn matrix(t: Transform) -> [f32; 6] {
    [t.sx, t.ky, t.kx, t.sy, t.tx, t.ty]
}

fn outline(content: &mut Content, path: &tiny_skia::Path) {
    use tiny_skia::PathSegment::{Close, CubicTo, LineTo, MoveTo, QuadTo};
    let mut last = tiny_skia::Point::default();
    for segment in path.segments() {
        match segment {
            MoveTo(to) => {
                content.move_to(to.x, to.y);
                last = to;
            }
            LineTo(to) => {
                content.line_to(to.x, to.y);
                last = to;
            }
            QuadTo(by, to) => {
                let third = |from: f32, by: f32| from + (by - from) * 2.0 / 3.0;
                let (x1, y1) = (third(last.x, by.x), third(last.y, by.y));
                content.cubic_to(x1, y1, third(to.x, by.x), third(to.y, by.y), to.x, to.y);
                last = to;
            }
            CubicTo(a, b, to) => {
                content.cubic_to(a.x, a.y, b.x, b.y, to.x, to.y);
                last = to;
            }
            Close => {
                content.close_path();
            }
        }
    }
}

impl Font {
    fn new(count: usize) -> Self {
        let number = i32::try_from(count).expect("a picture has two fonts");
        Font {
            name: format!("F{number}"),
            first: FONTS_FROM + 5 * number,
            glyphs: GlyphRemapper::new(),
            texts: BTreeMap::new(),
        }
    }

    /// The reference of one of its five objects.
    fn at(&self, part: i32) -> Ref {
        Ref::new(self.first + part)
    }

    /// Writes the font with the letters used.
    fn write(&self, pdf: &mut Pdf, data: &[u8], index: u32) {
        let face = ttf_parser::Face::parse(data, index).expect(WHOLE);
        let weight = if face.weight().to_number() >= 600 { "SemiBold" } else { "Regular" };
        // six capitals before the name say that letters are missing
        let name = format!("TOPUPS+Inter-{weight}");
        let [cid, descriptor, unicode, file] = [1, 2, 3, 4].map(|part| self.at(part));
        pdf.type0_font(self.at(0))
            .base_font(Name(name.as_bytes()))
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(unicode);
        let advances = self.glyphs.remapped_gids().map(|old| {
            let advance = face.glyph_hor_advance(ttf_parser::GlyphId(old)).unwrap_or(0);
            per_mille(&face, f32::from(advance))
        });
        let mut font = pdf.cid_font(cid);
        font.subtype(CidFontType::Type2).base_font(Name(name.as_bytes())).system_info(SYSTEM);
        font.font_descriptor(descriptor).default_width(0.0);
        font.cid_to_gid_map_predefined(Name(b"Identity"));
        font.widths().consecutive(0, advances);
        font.finish();
        describe(pdf, &face, &name, (descriptor, file));
        pdf.cmap(unicode, &self.unicode().finish());
        let subset = subsetter::subset(data, index, &self.glyphs).expect(WHOLE);
        let packed = deflated(&subset);
        let mut stream = pdf.stream(file, &packed);
        stream.filter(Filter::FlateDecode);
        let length = i32::try_from(subset.len()).expect("a font fits into memory");
        stream.pair(Name(b"Length1"), length);
    }

    /// Which letters the glyphs stand for, so that text can be searched and copied.
    fn unicode(&self) -> UnicodeCmap {
        let mut map = UnicodeCmap::new(Name(b"Custom"), SYSTEM);
        for (old, text) in self.texts.iter().filter(|(_, text)| !text.is_empty()) {
            let number = self.glyphs.get(*old).expect("all glyphs were collected");
            map.pair_with_multiple(number, text.chars());
        }
        map
    }
}

const WHOLE: &str = "the embedded font is a whole font";

/// A length of a font in thousandths of an em.
fn per_mille(face: &ttf_parser::Face, units: f32) -> f32 {
    (units * 1_000.0 / f32::from(face.units_per_em())).round()
}

/// Writes the measures of a font.
fn describe(pdf: &mut Pdf, face: &ttf_parser::Face, name: &str, (own, file): (Ref, Ref)) {
    let length = |units: i16| per_mille(face, f32::from(units));
    let bounds = face.global_bounding_box();
    let [left, bottom, right, top] =
        [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(length);
    pdf.font_descriptor(own)
        .name(Name(name.as_bytes()))
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(left, bottom, right, top))
        .italic_angle(0.0)
        .ascent(length(face.ascender()))
        .descent(length(face.descender()))
        .cap_height(length(face.capital_height().unwrap_or(face.ascender())))
        // the width of upright strokes, as the weight lets one guess (10 + 0.244 (weight - 50))
        .stem_v(10.0 + 0.244 * (f32::from(face.weight().to_number()) - 50.0))
        .font_file2(file);
}

#[cfg(test)]
mod tests {
    use super::super::theme::{REGULAR, SEMIBOLD};
    use super::*;

    #[test]
    fn an_em_of_the_embedded_fonts_has_as_many_units_as_stated() {
        for font in [REGULAR, SEMIBOLD] {
            let face = ttf_parser::Face::parse(font, 0).unwrap();
            assert!((f32::from(face.units_per_em()) - EM_UNITS).abs() < 0.5);
        }
    }
}
