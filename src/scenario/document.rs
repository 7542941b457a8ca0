//! TOML text to a tree in which every key and value knows its place.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostics, Place};

/// Bytes of a scenario at most.
pub(super) const BYTES_MAX: usize = 1 << 20;
/// Keys of a scenario at most.
const KEYS_MAX: usize = 20_000;
/// Brackets or dotted keys inside each other at most.
const NESTING_MAX: usize = 64;

/// A table's entries.
pub(super) type Table = BTreeMap<String, Node>;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// What is written.
    pub(super) content: Content,
    /// The value's place; a table's header.
    pub(super) place: Place,
    /// The key's place.
    pub(super) key: Place,
    /// Whether it is a table in braces, which replaces another as a value does.
    pub(super) inline: bool,
}

/// What is written.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    Array(Vec<Node>),
    Table(Table),
    /// An element that was taken out; those behind it keep their numbers.
    Gone,
}

impl Node {
    /// The entries, if it is a table.
    pub(super) fn table(&self) -> Option<&Table> {
        match &self.content {
            Content::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The child of that name or number.
    pub(super) fn child(&self, item: &str) -> Option<&Node> {
        match &self.content {
            Content::Table(table) => table.get(item),
            Content::Array(items) => items.get(item.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// The node at `path`, or the nearest one above it that is written.
    pub(super) fn nearest(&self, path: &[String]) -> &Node {
        path.iter().try_fold(self, |at, item| at.child(item).ok_or(at)).unwrap_or_else(|at| at)
    }

    /// The node at `path`.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |at, item| at.child(item))
    }

    /// Puts a node into a table, in place of one of the same key.
    pub(super) fn insert(&mut self, key: &str, node: Node) {
        if let Content::Table(table) = &mut self.content {
            table.insert(key.to_owned(), node);
        }
    }

    /// Takes out what stands at `path`.
    pub(super) fn remove(&mut self, path: &[String]) {
        let Some((first, rest)) = path.split_first() else { return };
        let index = first.parse::<usize>();
        match &mut self.content {
            Content::Table(table) if rest.is_empty() => drop(table.remove(first)),
            Content::Table(table) => {
                if let Some(child) = table.get_mut(first) {
                    child.remove(rest);
                }
            }
            Content::Array(items) => {
                let Some(item) = index.ok().and_then(|i| items.get_mut(i)) else { return };
                if rest.is_empty() { item.content = Content::Gone } else { item.remove(rest) }
            }
            _ => {}
        }
    }

    /// Lays `over` upon this: tables merge key by key; a value, an array or an inline table
    /// replaces.
    /// What was merged is shown where it was written last.
    pub(super) fn merge(&mut self, over: Node) {
        match (&mut self.content, over.content) {
            (Content::Table(mine), Content::Table(theirs)) if !over.inline => {
                (self.place, self.key) = (over.place, over.key);
                for (key, value) in theirs {
                    match mine.get_mut(&key) {
                        Some(node) => node.merge(value),
                        None => drop(mine.insert(key, value)),
                    }
                }
            }
            (_, content) => {
                let (place, key, inline) = (over.place, over.key, over.inline);
                *self = Node { content, place, key, inline };
            }
        }
    }
}

/// Reads a text that `diagnostics` knows as source number `source`; faults are noted there.
pub(super) fn parse(source: usize, diagnostics: &mut Diagnostics) -> Option<Node> {
    let text = diagnostics.text(source).to_owned();
    let place = |span: Range<usize>| Place { source, span };
    if let Some(at) = too_deep(&text) {
        let legal = format!("at most {NESTING_MAX} brackets or dotted keys inside each other");
        diagnostics.add(place(at..at + 1), "the scenario is nested too deeply", legal, None);
        return None;
    }
    let (root, errors) = DeTable::parse_recoverable(&text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let (title, label) = syntax(error.message(), &text, &span);
        let first = error.message().contains("duplicate key").then(|| {
            let key = first_of(&root, &title).filter(|first| first.start < span.start);
            key.or_else(|| same_line_above(&text, &span))
        });
        diagnostics.add_syntax(place(span), title, label, first.flatten().map(place));
    }
    if !errors.is_empty() {
        return None;
    }
    let mut reader = Reader { source, text: &text, diagnostics, keys: 0, sound: true };
    let whole = place(0..0);
    let content = Content::Table(reader.table(root.get_ref(), &mut Vec::new()));
    let (keys, sound) = (reader.keys, reader.sound);
    if keys > KEYS_MAX {
        let title = format!("the scenario has {keys} keys");
        diagnostics.add(whole.clone(), title, format!("at most {KEYS_MAX} keys"), None);
        return None;
    }
    sound.then_some(Node { content, place: whole.clone(), key: whole, inline: false })
}

/// Where brackets or dotted keys go too deep, found without recursion.
fn too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut dots, mut at) = (0usize, 0usize, 0usize);
    while at < bytes.len() {
        match bytes[at] {
            b'#' => at += bytes[at..].iter().take_while(|b| **b != b'\n').count().max(1) - 1,
            quote @ (b'"' | b'\'') => at = end_of_text(bytes, at, quote),
            b'[' | b'{' => (depth, dots) = (depth + 1, 0),
            b']' | b'}' => (depth, dots) = (depth.saturating_sub(1), 0),
            b'.' => dots += 1,
            b'\n' | b',' | b'=' => dots = 0,
            _ => {}
        }
        if depth > NESTING_MAX || dots >= NESTING_MAX {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// The last byte of the quoted text that opens at `at`; an unclosed one ends with its line.
fn end_of_text(bytes: &[u8], at: usize, quote: u8) -> usize {
    let long = bytes[at..].starts_with(&[quote; 3]);
    let mut end = at + if long { 3 } else { 1 };
    while end < bytes.len() {
        match bytes[end] {
            b'\\' if quote == b'"' => end += 1,
            b'\n' if !long => return end - 1,
            b if b == quote && !long => return end,
            b if b == quote && bytes[end..].starts_with(&[quote; 3]) => return end + 2,
            _ => {}
        }
        end += 1;
    }
    bytes.len()
}

/// Title and label of toml's message; a duplicate key is named with its path.
fn syntax(message: &str, text: &str, span: &Range<usize>) -> (String, String) {
    let message = message.lines().next().unwrap_or("cannot be read");
    if message.contains("duplicate key") {
        return (format!("{} is given twice", written_path(text, span)), "again here".to_owned());
    }
    match message.split_once(", expected ") {
        Some((what, legal)) => (format!("this is no TOML: {what}"), format!("expected {legal}")),
        None => ("this is no TOML".to_owned(), message.to_owned()),
    }
}

/// The key path of a place: the header above it and the key on its line.
fn written_path(text: &str, span: &Range<usize>) -> String {
    let start = text[..span.start].rfind('\n').map_or(0, |n| n + 1);
    let line = text[start..].lines().next().unwrap_or_default().trim();
    let inner = |header: &str| {
        let header = header.split_once('#').map_or(header, |h| h.0).trim();
        header.trim_matches(|c| c == '[' || c == ']').trim().to_owned()
    };
    if line.starts_with('[') {
        return inner(line);
    }
    let key = text.get(span.clone()).unwrap_or_default().trim();
    let header = text[..start].lines().rev().find(|l| l.trim_start().starts_with('['));
    match header {
        Some(header) => format!("{}.{key}", inner(header)),
        None => key.to_owned(),
    }
}

/// Where the first of two equal keys stands, if it can be found by the path in `title`.
fn first_of(root: &Spanned<DeTable<'_>>, title: &str) -> Option<Range<usize>> {
    let path = title.strip_suffix(" is given twice")?;
    let mut table = root.get_ref();
    let mut items = path.split('.').peekable();
    loop {
        let item = items.next()?;
        let (key, value) = table.iter().find(|(key, _)| key.get_ref().as_ref() == item)?;
        if items.peek().is_none() {
            return Some(key.span());
        }
        table = value.get_ref().as_table()?;
    }
}

/// The line above that reads as the line of `span` does: the first of two equal headers.
fn same_line_above(text: &str, span: &Range<usize>) -> Option<Range<usize>> {
    let start = text[..span.start].rfind('\n').map_or(0, |n| n + 1);
    let line = text[start..].lines().next()?;
    let above = text[..start].lines().find(|above| above.trim() == line.trim())?;
    let at = above.as_ptr() as usize - text.as_ptr() as usize;
    Some(at..at + above.len())
}

struct Reader<'a> {
    source: usize,
    text: &'a str,
    diagnostics: &'a mut Diagnostics,
    keys: usize,
    sound: bool,
}

impl Reader<'_> {
    fn table(&mut self, table: &DeTable<'_>, path: &mut Vec<String>) -> Table {
        let mut entries = Table::new();
        for (key, value) in table {
            self.keys += 1;
            path.push(key.get_ref().to_string());
            let node = self.node(value, key.span(), path);
            path.pop();
            entries.insert(key.get_ref().to_string(), node);
        }
        entries
    }

    fn node(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        key: Range<usize>,
        path: &mut Vec<String>,
    ) -> Node {
        let span = value.span();
        let content = match value.get_ref() {
            DeValue::String(text) => Content::Text(text.to_string()),
            DeValue::Boolean(value) => Content::Bool(*value),
            DeValue::Datetime(date) => Content::Text(date.to_string()),
            DeValue::Integer(n) => match i64::from_str_radix(n.as_str(), n.radix()) {
                Ok(n) => Content::Integer(n),
                Err(_) => {
                    self.refuse(&span, path, "is too large", "a whole number below 2^63");
                    Content::Integer(0)
                }
            },
            DeValue::Float(x) => match x.as_str().parse::<f64>() {
                Ok(x) if x.is_finite() => Content::Float(x),
                _ => {
                    self.refuse(&span, path, "is not finite", "a finite number");
                    Content::Float(0.0)
                }
            },
            DeValue::Array(items) => {
                let mut nodes = Vec::with_capacity(items.len());
                for (i, item) in items.iter().enumerate() {
                    self.keys += 1;
                    path.push(i.to_string());
                    nodes.push(self.node(item, item.span(), path));
                    path.pop();
                }
                Content::Array(nodes)
            }
            DeValue::Table(table) => Content::Table(self.table(table, path)),
        };
        let inline = value.get_ref().is_table() && self.text[span.start..].starts_with('{');
        let place = |span| Place { source: self.source, span };
        let table = matches!(content, Content::Table(_)) && !inline;
        let shown = if table { key.clone() } else { span };
        Node { content, place: place(shown), key: place(key), inline }
    }

    fn refuse(&mut self, span: &Range<usize>, path: &[String], what: &str, legal: &str) {
        let place = Place { source: self.source, span: span.clone() };
        let path = crate::model::fault::KeyPath(path.to_vec());
        self.diagnostics.add(place, format!("{path} {what}"), legal.to_owned(), None);
        self.sound = false;
    }
}
