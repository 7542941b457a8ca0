//! Measured data as the model sees it: tables of text that somebody else has read.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::{Faults, KeyPath};

/// The path of a data file, relative to the scenario's folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct FileRef(pub String);

/// A CSV file's header and rows. The text of all cells is one, so that a table takes little more
/// memory than its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataTable {
    columns: Vec<String>,
    /// The cells, one after the other.
    text: String,
    /// Where each cell ends in the text.
    ends: Vec<u32>,
    /// The line of the file, from 1, on which each row begins.
    lines: Vec<u32>,
}

/// The data files of a scenario by the path it writes.
pub type Files = BTreeMap<FileRef, DataTable>;

impl DataTable {
    /// A table without rows.
    pub fn new(columns: Vec<String>) -> Self {
        Self { columns, ..Self::default() }
    }

    /// A table as tests write it.
    #[cfg(test)]
    pub(crate) fn of<const N: usize>(columns: [&str; N], rows: &[[&str; N]]) -> Self {
        let mut table = Self::new(columns.map(str::to_owned).into());
        rows.iter().zip(2..).for_each(|(row, line)| table.push(line, *row));
        table
    }

    /// Adds a row of as many cells as there are columns, which begins on a line of its file.
    pub fn push<'a>(&mut self, line: u32, cells: impl IntoIterator<Item = &'a str>) {
        for cell in cells {
            self.text.push_str(cell);
            let end = u32::try_from(self.text.len()).expect("a data file is 64 MiB at most");
            self.ends.push(end);
        }
        self.lines.push(line);
        debug_assert_eq!(self.ends.len(), self.lines.len() * self.columns.len());
    }

    /// Column names.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The text of a cell.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        let number = row * self.columns.len() + column;
        let from = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[from as usize..self.ends[number] as usize]
    }

    /// The line of the file, from 1, on which a row begins.
    pub fn line(&self, row: usize) -> u32 {
        self.lines[row]
    }

    /// The index of a column, or a fault at `path` that names the columns there are.
    pub fn column(&self, name: &str, path: &KeyPath, faults: &mut Faults) -> Option<usize> {
        let found = self.columns.iter().position(|c| c == name);
        if found.is_none() {
            faults.add_with_help(
                path.clone(),
                format!("names a file without a column `{name}`"),
                format!("its columns are {}", first_of(self.columns.iter().map(String::as_str))),
            );
        }
        found
    }

    /// The finite number in a cell, or a fault that names the line.
    pub fn number(
        &self,
        row: usize,
        column: usize,
        path: &KeyPath,
        faults: &mut Faults,
    ) -> Option<f64> {
        let text = self.cell(row, column).trim();
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Some(value),
            _ => {
                faults.add(
                    path.clone(),
                    format!(
                        "names a file whose line {}, column `{}`, holds {text:?} instead of a \
                         number",
                        self.line(row),
                        self.columns[column]
                    ),
                );
                None
            }
        }
    }

    /// The first row whose cell in `column` is `key`.
    pub fn row_named(
        &self,
        column: usize,
        key: &str,
        path: &KeyPath,
        faults: &mut Faults,
    ) -> Option<usize> {
        let found = (0..self.len()).find(|&row| self.cell(row, column) == key);
        if found.is_none() {
            let mut names: Vec<&str> = (0..self.len()).map(|r| self.cell(r, column)).collect();
            names.dedup();
            faults.add_with_help(
                path.clone(),
                format!("names no row {key:?} of the file"),
                format!("its rows are {}", first_of(names.into_iter())),
            );
        }
        found
    }
}

/// Names that a sentence lists at most.
const NAMES_MAX: usize = 40;

/// The first of some names, and how many there are besides.
fn first_of<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(NAMES_MAX);
    let shown = names.take(NAMES_MAX).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// The table behind a reference; the door of `scenario` has loaded every one.
pub fn table<'a>(
    files: &'a Files,
    file: &FileRef,
    path: &KeyPath,
    faults: &mut Faults,
) -> Option<&'a DataTable> {
    let found = files.get(file);
    if found.is_none() {
        faults.add(path.clone(), format!("names the file {:?}, which is not there", file.0));
    }
    found
}
