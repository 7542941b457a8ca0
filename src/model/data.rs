//! Measured data as the model sees it: tables of text that somebody else has read.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::{Faults, KeyPath};

/// The path of a data file, relative to the scenario's folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct FileRef(pub String);

/// A CSV file's header and rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataTable {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows of as many cells as there are columns.
    pub rows: Vec<Vec<String>>,
}

/// The data files of a scenario by the path it writes.
pub type Files = BTreeMap<FileRef, DataTable>;

impl DataTable {
    /// The index of a column, or a fault at `path` that names the columns there are.
    pub fn column(&self, name: &str, path: &KeyPath, faults: &mut Faults) -> Option<usize> {
        let found = self.columns.iter().position(|c| c == name);
        if found.is_none() {
            faults.add_with_help(
                path.clone(),
                format!("names a file without a column `{name}`"),
                format!("its columns are {}", self.columns.join(", ")),
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
        let text = self.rows[row][column].trim();
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Some(value),
            _ => {
                faults.add(
                    path.clone(),
                    format!(
                        "names a file whose line {}, column `{}`, holds {text:?} instead of a \
                         number",
                        row + 2,
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
        let found = self.rows.iter().position(|r| r[column] == key);
        if found.is_none() {
            let mut names: Vec<&str> = self.rows.iter().map(|r| r[column].as_str()).collect();
            names.dedup();
            faults.add_with_help(
                path.clone(),
                format!("names no row {key:?} of the file"),
                format!("its rows are {}", names.join(", ")),
            );
        }
        found
    }
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
