//! A file with those it extends and what the command line sets, laid over each other as one tree.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::diagnostic::{Diagnostics, Place, printable};
use super::document::{self, BYTES_MAX, Content, Node};
use super::folder::Folder;
use super::variants::{self, Variant, Variants};
use super::{ReadOptions, SCHEMA_VERSION, Source, incident_sets};

/// Files that extend each other at most.
const CHAIN_MAX: usize = 8;

/// A scenario as written, before anything is known of its meaning.
#[derive(Debug)]
pub(super) struct Written {
    /// All tables, merged.
    pub(super) tree: Node,
    /// What data files are relative to.
    pub(super) folder: Folder,
    /// The stem of the file's name.
    pub(super) stem: String,
    /// Its variants, which are no part of the tree.
    pub(super) variants: Vec<Variant>,
}

/// Reads source and options into one tree; faults are noted.
pub(super) fn read(
    source: Source,
    options: &ReadOptions,
    diagnostics: &mut Diagnostics,
) -> Option<Written> {
    let (name, text, folder) = opened(source, diagnostics)?;
    let stem = Path::new(&name).file_stem().and_then(|s| s.to_str()).unwrap_or_default().to_owned();
    if text.len() > BYTES_MAX {
        too_long(&name, text, diagnostics);
        return None;
    }
    let mut chain = Chain { folder: &folder, names: vec![file_name(&name)], diagnostics };
    let read = chain.read(&name, text);
    let mut sound = read.is_some();
    let mut tree = read.unwrap_or_else(empty);
    let variants = Variants::take(&mut tree, diagnostics);
    let variants = variants.unwrap_or_else(|| {
        sound = false;
        Variants::default()
    });
    sound &= lay_over(&mut tree, &variants, options, diagnostics).is_some();
    sound.then_some(Written { tree, folder, stem, variants: variants.list })
}

/// The name of a source in messages, its text, and what the files that it names are relative to.
fn opened(source: Source, diagnostics: &mut Diagnostics) -> Option<(String, String, Folder)> {
    let (name, bytes, folder) = match source {
        Source::Text { name, text, folder } => return Some((name, text, Folder::Disk(folder))),
        Source::File(path) => {
            let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
            let bytes = read_up_to(&path, BYTES_MAX + 1);
            (path.display().to_string(), bytes, Folder::Disk(folder))
        }
        Source::Packed { name, files } => {
            let folder = Folder::Packed(files);
            let bytes = folder.bytes(&name, BYTES_MAX);
            (name, bytes, folder)
        }
    };
    match bytes {
        Ok(bytes) => {
            let text = whole_text(&name, bytes, diagnostics)?;
            Some((name, text, folder))
        }
        Err(why) => {
            diagnostics.add_placeless(format!("{name} {why}"), None);
            None
        }
    }
}

/// Lays what the options say over a tree: a variant, then values by key, then incidents.
fn lay_over(
    tree: &mut Node,
    variants: &Variants,
    options: &ReadOptions,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let mut sound = true;
    if let Some(name) = &options.variant {
        sound = variants.lay(name, tree, diagnostics).is_some();
    }
    for set in options.sets.iter().chain(&flags(options)) {
        let over = parse_set("--set", set, diagnostics);
        match over.filter(|over| check_version(over, diagnostics).is_some()) {
            Some(over) => tree.merge(over),
            None => sound = false,
        }
    }
    for varied in &options.varied {
        let over = parse_set("--vary", varied, diagnostics);
        match over.filter(|over| may_vary(over, diagnostics)) {
            Some(over) => tree.merge(over),
            None => sound = false,
        }
    }
    if let Some(name) = &options.across {
        incident_sets::lay(name, tree);
    }
    sound.then_some(())
}

/// Whether arms may differ in the key of a `--vary`.
fn may_vary(over: &Node, diagnostics: &mut Diagnostics) -> bool {
    let Some(key) = variants::shared(over) else { return true };
    let place = over.nearest(&[key.to_owned()]).key.clone();
    let legal = "all arms share it, so that they meet the same users over the same time";
    diagnostics.add(place, format!("{key} cannot vary"), legal, None);
    false
}

/// A newer language may say things that would only look wrong here.
fn check_version(tree: &Node, diagnostics: &mut Diagnostics) -> Option<()> {
    let Some(version) = tree.at(&["schema_version"]) else { return Some(()) };
    let Content::Integer(n) = version.content else { return Some(()) };
    if n == i64::from(SCHEMA_VERSION) {
        return Some(());
    }
    let title = if n > i64::from(SCHEMA_VERSION) {
        format!("schema_version: the scenario is written for a newer version ({n})")
    } else {
        format!("schema_version: there is no version {n}")
    };
    let label = format!("this program reads version {SCHEMA_VERSION}");
    diagnostics.add(version.place.clone(), title, label, None);
    None
}

/// The flags that are short for a `--set`.
fn flags(options: &ReadOptions) -> Vec<String> {
    let seed = options.seed.map(|seed| format!("seed={seed}"));
    let replications = options.replications.map(|n| format!("replications={n}"));
    seed.into_iter().chain(replications).collect()
}

fn empty() -> Node {
    let place = Place { source: 0, span: 0..0 };
    Node {
        content: Content::Table(Default::default()),
        place: place.clone(),
        key: place,
        inline: false,
    }
}

fn file_name(path: &str) -> String {
    Path::new(path)
        .file_name()
        .map_or_else(|| path.to_owned(), |n| n.to_string_lossy().into_owned())
}

/// Refuses a text that is too long, with the place that the first byte too many has.
fn too_long(name: &str, mut text: String, diagnostics: &mut Diagnostics) {
    let at = text.floor_char_boundary(BYTES_MAX);
    let end = text.ceil_char_boundary(BYTES_MAX + 1);
    // what follows is not shown, and may be long
    text.truncate(end);
    let source = diagnostics.source(name, text);
    let title = format!("the scenario is longer than {BYTES_MAX} bytes, the most it may have");
    diagnostics.add(Place { source, span: at..end }, title, "", None);
}

/// The bytes as text; where they are none, the place is shown.
fn whole_text(name: &str, bytes: Vec<u8>, diagnostics: &mut Diagnostics) -> Option<String> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Some(text),
        Err(error) => error,
    };
    let at = error.utf8_error().valid_up_to();
    if at + 4 > BYTES_MAX && error.as_bytes().len() > BYTES_MAX {
        // a character that reading was cut off within
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        too_long(name, text, diagnostics);
        return None;
    }
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    let source = diagnostics.source(name, text);
    let mark = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
    diagnostics.add(Place { source, span: mark }, "the scenario is no UTF-8 text", "", None);
    None
}

/// The text of a regular file, or why not, as a clause that follows its name.
pub(super) fn read_text(path: &Path, bytes_max: usize) -> Result<String, String> {
    read_bytes(path, bytes_max).and_then(as_text)
}

/// Bytes as text, or where they are none, as a clause that follows the name of the file.
fn as_text(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let before = &e.as_bytes()[..at];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        format!("is no UTF-8 text: see line {line}")
    })
}

/// The bytes of a regular file, or why not, as a clause that follows its name.
pub(super) fn read_bytes(path: &Path, bytes_max: usize) -> Result<Vec<u8>, String> {
    let bytes = read_up_to(path, bytes_max + 1)?;
    if bytes.len() > bytes_max {
        return Err(format!("is longer than {bytes_max} bytes, the most it may have"));
    }
    Ok(bytes)
}

/// The first bytes of a regular file, or why not, as a clause that follows its name.
fn read_up_to(path: &Path, bytes_max: usize) -> Result<Vec<u8>, String> {
    let found = std::fs::metadata(path).map_err(|e| unreadable(&e))?;
    if found.is_dir() {
        return Err("is a folder, not a file".to_owned());
    }
    if !found.is_file() {
        return Err("is no regular file".to_owned());
    }
    let file = File::open(path).map_err(|e| unreadable(&e))?;
    let mut bytes = Vec::new();
    file.take(bytes_max as u64).read_to_end(&mut bytes).map_err(|e| unreadable(&e))?;
    Ok(bytes)
}

fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "is not there".to_owned(),
        std::io::ErrorKind::PermissionDenied => "may not be read: permission denied".to_owned(),
        kind => format!("cannot be read: {kind}"),
    }
}

/// Files that extend each other, the first of which is what was asked for.
struct Chain<'a> {
    folder: &'a Folder,
    names: Vec<String>,
    diagnostics: &'a mut Diagnostics,
}

impl Chain<'_> {
    fn read(&mut self, name: &str, text: String) -> Option<Node> {
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        let source = self.diagnostics.source(name, text);
        let mut tree = document::parse(source, self.diagnostics)?;
        check_version(&tree, self.diagnostics)?;
        let Some(extends) = tree.at(&["extends"]).cloned() else { return Some(tree) };
        tree.remove(&["extends".to_owned()]);
        let mut base = self.read_base(&extends)?;
        // a name belongs to one file
        base.remove(&["name".to_owned()]);
        base.merge(tree);
        Some(base)
    }

    fn read_base(&mut self, extends: &Node) -> Option<Node> {
        let place = extends.place.clone();
        let legal = "the name of another scenario in the same folder, such as \"base.toml\"";
        let mut refuse = |what: String| {
            self.diagnostics.add(place.clone(), format!("extends {what}"), legal, None);
            None
        };
        let Some(name) = extends.text() else { return refuse("is no text".to_owned()) };
        let plain = !name.is_empty()
            && !name.contains(['/', '\\', ':', '\0'])
            && name != "."
            && name != "..";
        if !plain {
            return refuse(format!("names {name:?}, which is no file name of the same folder"));
        }
        let shown = format!("{} -> {name}", self.names.join(" -> "));
        if self.names.iter().any(|n| n == name) {
            return refuse(format!("goes in a circle: {shown}"));
        }
        if self.names.len() > CHAIN_MAX {
            return refuse(format!("goes over more than {CHAIN_MAX} files: {shown}"));
        }
        let text = match self.folder.bytes(name, BYTES_MAX).and_then(as_text) {
            Ok(text) => text,
            Err(why) => return refuse(format!("names {name:?}, which {why}: {shown}")),
        };
        self.names.push(name.to_owned());
        self.read(&self.folder.shown(name), text)
    }
}

/// Reads `a.b.c=value` of a flag; what does not parse as TOML is taken as a text.
fn parse_set(flag: &str, set: &str, diagnostics: &mut Diagnostics) -> Option<Node> {
    let place = |source| Place { source, span: 0..set.len() };
    let name = format!("{flag} {}", printable(set));
    let Some(equals) = unquoted_equals(set).filter(|_| !set.contains(['\n', '\r'])) else {
        let source = diagnostics.source(flag, set.to_owned());
        let label = "expected KEY=VALUE, such as gateway.workers=40";
        diagnostics.add(place(source), format!("{name} sets nothing"), label, None);
        return None;
    };
    let source = diagnostics.source(flag, set.to_owned());
    let value = set[equals + 1..].trim();
    let is_toml = !value.is_empty() && toml::de::DeTable::parse(set).is_ok();
    if is_toml {
        return document::parse(source, diagnostics);
    }
    // the key alone must read; its value is the text behind the sign
    let key = format!("{}=0", &set[..equals]);
    let mut scratch = Diagnostics::default();
    let number = scratch.source(flag, key);
    let Some(mut tree) = document::parse(number, &mut scratch) else {
        let label =
            "expected a key such as gateway.workers or incidents.\"weekly maintenance\".lasts";
        diagnostics.add(place(source), format!("{name} has no key that can be read"), label, None);
        return None;
    };
    replace_leaf(&mut tree, source, value, equals + 1..set.len());
    Some(tree)
}

/// The sign between key and value: the first outside quotes.
fn unquoted_equals(set: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in set.char_indices() {
        match (quote, c) {
            (None, '=') => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

fn replace_leaf(node: &mut Node, source: usize, value: &str, span: std::ops::Range<usize>) {
    node.key.source = source;
    match &mut node.content {
        Content::Table(table) => {
            node.place.source = source;
            for child in table.values_mut() {
                replace_leaf(child, source, value, span.clone());
            }
        }
        content => {
            *content = Content::Text(value.to_owned());
            node.place = Place { source, span };
        }
    }
}
