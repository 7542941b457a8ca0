//! The project's Rust files as the house rules see them: text, code, and code that ships.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders that hold Rust.
const FOLDERS: [&str; 4] = ["src", "tests", "benches", "examples"];

/// One Rust file.
pub(crate) struct Source {
    /// From the project's root, with forward slashes.
    pub(crate) path: String,
    /// As it stands.
    pub(crate) text: String,
    /// The text with comments, strings and character literals blanked; lines and columns stay.
    pub(crate) code: String,
    /// `code` with everything under `#[cfg(test)]` blanked too; empty where the whole file is.
    pub(crate) shipped: String,
}

impl Source {
    /// A file of that path and text, which need not exist.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let code = blank_comments_and_literals(text);
        let shipped = if path.starts_with("src/") { blank_tests(&code) } else { String::new() };
        Source { path: path.to_owned(), text: text.to_owned(), code, shipped }
    }

    /// The module at the crate's root that the file belongs to, as in `model`.
    pub(crate) fn floor(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        Some(inside.split(['/', '.']).next().unwrap_or(inside))
    }

    /// The folder in which the file's submodules lie.
    fn folder_of_submodules(&self) -> String {
        let path = Path::new(&self.path);
        let is_root =
            matches!(path.file_stem(), Some(s) if s == "mod" || s == "lib" || s == "main");
        let folder = if is_root { path.parent() } else { None };
        let folder = folder.map_or_else(|| path.with_extension(""), Path::to_path_buf);
        folder.to_string_lossy().into_owned()
    }
}

/// All Rust files of the project, sorted by path.
pub(crate) fn all() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    FOLDERS.iter().for_each(|folder| collect(&root.join(folder), &mut paths));
    paths.sort();
    let mut sources: Vec<Source> = paths.iter().map(|path| read(root, path)).collect();
    let test_only: BTreeSet<String> = sources.iter().flat_map(test_only_modules).collect();
    for source in &mut sources {
        let is_test = test_only.iter().any(|module| {
            let rest = source.path.strip_prefix(module);
            rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        });
        if is_test {
            source.shipped.clear();
        }
    }
    sources
}

/// Panics with all faults at once, each on a line of its own.
pub(crate) fn assert_none(faults: impl IntoIterator<Item = String>) {
    let faults: Vec<String> = faults.into_iter().collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// The line (from 1) of a byte offset.
pub(crate) fn line_of(code: &str, offset: usize) -> usize {
    code[..offset].matches('\n').count() + 1
}

/// Byte offsets at which `word` stands in `code` and does not go on an identifier.
pub(crate) fn places_of<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_free = |&(at, _): &(usize, &str)| {
        !word.starts_with(is_of_word) || !code[..at].ends_with(is_of_word)
    };
    let ends = move |&(at, _): &(usize, &str)| {
        !word.ends_with(is_of_word) || !code[at + word.len()..].starts_with(is_of_word)
    };
    code.match_indices(word).filter(is_free).filter(ends).map(|(at, _)| at)
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.map(|entry| entry.expect("the project's folders are readable").path()) {
        if entry.is_dir() {
            collect(&entry, into);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            into.push(entry);
        }
    }
}

fn read(root: &Path, path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("the project's files are readable");
    let path = path.strip_prefix(root).expect("it was found below the root");
    Source::new(&path.to_string_lossy().replace('\\', "/"), &text)
}

/// Paths without extension of the modules that a file declares under `#[cfg(test)]`.
fn test_only_modules(source: &Source) -> Vec<String> {
    let declared = source.code.split("#[cfg(test)]").skip(1).filter_map(|behind| {
        let (head, _) = behind.split_once(';')?;
        let (before, name) = head.rsplit_once("mod ")?;
        (!before.contains('{') && !name.contains('{')).then_some(name.trim())
    });
    declared.map(|name| format!("{}/{name}", source.folder_of_submodules())).collect()
}

/// Blanks each item that follows `#[cfg(test)]`, up to its `;` or its closing brace.
fn blank_tests(code: &str) -> String {
    let mut shipped = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        shipped.push_str(&rest[..at]);
        let item = &rest[at..at + item_length(&rest[at..])];
        shipped.extend(item.chars().map(blank));
        rest = &rest[at + item.len()..];
    }
    shipped + rest
}

/// Length in bytes of the item at the beginning of `code`.
fn item_length(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => (),
        }
    }
    code.len()
}

fn blank(c: char) -> char {
    if c == '\n' { c } else { ' ' }
}

fn blank_comments_and_literals(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let follows_word = code.ends_with(is_of_word);
        let skipped = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment_length(rest),
            '"' => 1 + string_rest_length(&rest[1..]),
            'r' if !follows_word || code.ends_with('b') => raw_string_length(rest),
            '\'' => char_literal_length(rest),
            _ => 0,
        };
        if skipped == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.extend(rest[..skipped].chars().map(blank));
            rest = &rest[skipped..];
        }
    }
    code
}

fn block_comment_length(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                break;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// Length of a string behind its opening quote, the closing one included.
fn string_rest_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => (),
        }
    }
    text.len()
}

/// Length of `r"..."` or `r#"..."#`; 0 if `text` begins with neither.
fn raw_string_length(text: &str) -> usize {
    let hashes = text[1..].len() - text[1..].trim_start_matches('#').len();
    let inner = 1 + hashes + 1;
    if !text[1 + hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    text[inner..].find(&end).map_or(text.len(), |at| inner + at + end.len())
}

/// Length of a character literal; 0 for a lifetime.
fn char_literal_length(text: &str) -> usize {
    let mut inside = text[1..].chars();
    match inside.next() {
        Some('\\') => text[3..].find('\'').map_or(0, |at| 3 + at + 1),
        Some(c) if inside.next() == Some('\'') => 1 + c.len_utf8() + 1,
        _ => 0,
    }
}
