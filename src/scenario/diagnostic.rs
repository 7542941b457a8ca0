//! What is wrong with a scenario, shown with file, line, column, key path and what would be right.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};

/// Faults shown at most; the rest is counted.
const SHOWN_MAX: usize = 20;
/// Bytes of faults shown at most: a screen or two.
const BYTES_MAX: usize = 4_000;
/// Columns of a line shown at most.
const COLUMNS_MAX: usize = 160;
/// Characters of a label beside a line at most; a longer one goes below.
const LABEL_MAX: usize = 80;
/// Characters of a message at most.
const MESSAGE_MAX: usize = 1_200;

/// A place in one of the sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Number of the source.
    pub(super) source: usize,
    /// Bytes of its text.
    pub(super) span: Range<usize>,
}

/// All that is wrong with a scenario.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    sources: Vec<Text>,
    faults: Vec<Located>,
}

#[derive(Clone, Debug)]
struct Text {
    name: String,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Located {
    /// None: a fault of the file as a whole, or of the command line.
    place: Option<Place>,
    title: String,
    label: String,
    help: Option<String>,
    first: Option<Place>,
}

impl Diagnostics {
    /// How many faults there are.
    pub fn len(&self) -> usize {
        self.faults.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// Sorts the faults by file and place.
    pub(super) fn sorted(mut self) -> Self {
        let at = |fault: &Located| fault.place.as_ref().map(|p| (p.source, p.span.start));
        self.faults.sort_by_key(at);
        self
    }

    /// Takes in the faults of one arm of a study; their titles begin with its label.
    pub(super) fn absorb(&mut self, other: Self, label: &str) {
        let before = self.sources.len();
        self.sources.extend(other.sources);
        let moved = |place: Place| Place { source: place.source + before, ..place };
        for fault in other.faults {
            let title = printable(&format!("{label}: {}", fault.title));
            let (place, first) = (fault.place.map(moved), fault.first.map(moved));
            self.faults.push(Located { place, first, title, ..fault });
        }
    }

    /// The faults as text for a terminal; ANSI colours if asked for.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.term_width(COLUMNS_MAX).decor_style(DecorStyle::Ascii);
        let mut out = String::new();
        let mut shown = 0;
        let mut notes: Vec<&str> = Vec::new();
        for fault in self.faults.iter().take(SHOWN_MAX) {
            // what is legal at one place is told once
            let again = notes.contains(&fault.label.as_str());
            notes.push(&fault.label);
            let one = self.render_one(fault, again, &renderer);
            if shown > 0 && out.len() + one.len() > BYTES_MAX {
                break;
            }
            out.push_str(&one);
            out.push_str("\n\n");
            shown += 1;
        }
        match self.faults.len() - shown {
            0 => {}
            1 => out.push_str("and 1 more fault\n\n"),
            more => out.push_str(&format!("and {more} more faults\n\n")),
        }
        out.pop();
        out
    }

    /// Takes in a text and answers its number.
    pub(super) fn source(&mut self, name: &str, text: String) -> usize {
        self.sources.push(Text { name: printable(name), text });
        self.sources.len() - 1
    }

    /// The text of a source.
    pub(super) fn text(&self, source: usize) -> &str {
        &self.sources[source].text
    }

    /// Notes a fault: title with the key path, label beside the place, and a hint.
    pub(super) fn add(
        &mut self,
        place: Place,
        title: impl Into<String>,
        label: impl Into<String>,
        help: Option<String>,
    ) {
        self.push(Some(place), title.into(), label.into(), help, None);
    }

    /// Notes a fault of syntax; `first` is where a doubled key stands first.
    pub(super) fn add_syntax(
        &mut self,
        place: Place,
        title: String,
        label: String,
        first: Option<Place>,
    ) {
        self.push(Some(place), title, label, None, first);
    }

    /// Notes a fault that has no place in a text.
    pub(super) fn add_placeless(&mut self, title: impl Into<String>, help: Option<String>) {
        self.push(None, title.into(), String::new(), help, None);
    }

    fn push(
        &mut self,
        place: Option<Place>,
        title: String,
        label: String,
        help: Option<String>,
        first: Option<Place>,
    ) {
        let (title, label) = (printable(&title), printable(&label));
        let located = Located { place, title, label, help: help.map(|h| printable(&h)), first };
        if !self.faults.contains(&located) {
            self.faults.push(located);
        }
    }

    fn render_one(&self, fault: &Located, again: bool, renderer: &Renderer) -> String {
        let mut elements: Vec<Element<'_>> = Vec::new();
        let (label, note) = if fault.label.chars().count() > LABEL_MAX {
            ("", (!again).then(|| wrapped(&fault.label)))
        } else {
            (fault.label.as_str(), None)
        };
        if let Some(place) = &fault.place {
            let labelled = [(place, AnnotationKind::Primary, label)];
            let first = fault.first.as_ref();
            let first = first.map(|p| (p, AnnotationKind::Context, "first here"));
            elements.extend(self.excerpt(labelled.into_iter().chain(first).collect()));
        }
        if let Some(note) = note {
            elements.push(Level::NOTE.message(note).into());
        }
        if let Some(help) = &fault.help {
            elements.push(Level::HELP.message(help.as_str()).into());
        }
        let group = Level::ERROR.primary_title(fault.title.as_str()).elements(elements);
        renderer.render(&[group])
    }

    /// The lines around the places, all of one source; an empty text has no lines to show.
    fn excerpt<'a>(&'a self, marks: Vec<(&Place, AnnotationKind, &'a str)>) -> Vec<Element<'a>> {
        let source = &self.sources[marks[0].0.source];
        let text = source.text.as_str();
        if text.trim().is_empty() {
            return vec![Origin::path(source.name.as_str()).line(1).char_column(1).into()];
        }
        let within = |at: usize| at.min(text.len());
        let starts = marks.iter().map(|m| line_start(text, within(m.0.span.start)));
        let from = starts.min().unwrap_or(0);
        let ends = marks.iter().map(|m| line_end(text, within(m.0.span.start)));
        let until = ends.max().unwrap_or(text.len());
        let mut snippet = Snippet::source(visible(&text[from..until]))
            .line_start(text[..from].matches('\n').count() + 1)
            .path(source.name.as_str());
        for (place, kind, label) in marks {
            // a value over several lines is shown by its first
            let start = within(place.span.start);
            let end = within(place.span.end).min(line_end(text, start)).max(start);
            let mark = kind.span(start - from..end - from);
            let label = (!label.is_empty()).then_some(label);
            snippet = snippet.annotation(mark.label(label));
        }
        vec![snippet.into()]
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |n| n + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |n| at + n)
}

/// The text in lines of at most [`LABEL_MAX`] characters, cut at spaces.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > LABEL_MAX {
            out.push('\n');
            width = 0;
        } else if width > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += length;
    }
    out
}

/// The text on one line, no longer than a message may be, with what a terminal would obey escaped.
pub(super) fn printable(text: &str) -> String {
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        if i >= MESSAGE_MAX {
            out.push('…');
            break;
        }
        if obeyed(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

/// Lines of a source with what a terminal would obey made visible, each such character by one of as
/// many bytes, so that places in the lines stay. Those of one byte are pictures when rendered.
fn visible(lines: &str) -> Cow<'_, str> {
    if !lines.contains(|c: char| c.len_utf8() > 1 && obeyed(c)) {
        return Cow::Borrowed(lines);
    }
    let picture = |c: char| match c.len_utf8() {
        2 if obeyed(c) => '·',
        3 if obeyed(c) => char::REPLACEMENT_CHARACTER,
        _ => c,
    };
    Cow::Owned(lines.chars().map(picture).collect())
}

/// Control characters, and those that change the direction or the look of a line.
pub fn obeyed(c: char) -> bool {
    c.is_control()
        || ('\u{200b}'..='\u{200f}').contains(&c)
        || ('\u{2028}'..='\u{202e}').contains(&c)
        || ('\u{2060}'..='\u{2069}').contains(&c)
        || ('\u{fff9}'..='\u{fffb}').contains(&c)
        || ['\u{61c}', '\u{180e}', '\u{feff}'].contains(&c)
}
