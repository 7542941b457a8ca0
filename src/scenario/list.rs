//! The scenarios of a folder, by name, title and question.

use std::io;
use std::path::{Path, PathBuf};

use super::diagnostic::{Diagnostics, printable};
use super::document::{self, BYTES_MAX, Node};
use super::read::read_text;

/// A scenario file that was found; it has not been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The file.
    pub path: PathBuf,
    /// The file's stem.
    pub name: String,
    /// Its title, if it can be read.
    pub title: Option<String>,
    /// Its question, if it can be read.
    pub question: Option<String>,
}

/// The TOML files of a folder, sorted by name.
///
/// # Errors
/// If the folder cannot be read.
pub fn list(folder: &Path) -> io::Result<Vec<Listed>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|e| e != "toml") || !path.is_file() {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let tree = tree(&path);
        let text = |key| Some(printable(tree.as_ref()?.at(&[key])?.text()?));
        let (title, question) = (text("title"), text("question"));
        found.push(Listed { path, name, title, question });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn tree(path: &Path) -> Option<Node> {
    let mut diagnostics = Diagnostics::default();
    let text = read_text(path, BYTES_MAX).ok()?;
    let source = diagnostics.source("", text);
    document::parse(source, &mut diagnostics)
}
