//! The folder of a finished run or study, read again: its tables, and new pictures of them.

mod compared;
mod planned;
mod run;
mod swept;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Zoned;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::chart::{Look, Picture};
use super::folder::{CHARTS, FolderError, MANIFEST, io_error, replace_file, sha256};
use super::manifest::TOOL;
use super::reading::{Line, ReadBack, Unreadable, lines_of, read_back};
use crate::scenario::RESULTS_VERSION;

pub use compared::BesideCompared;
pub use planned::BesidePlanned;
pub use run::{BesideTables, ToldTarget};
pub use swept::{BesideSwept, HYPERCUBE, SweptAgain};

/// Why a folder cannot be reported on. Shows as a sentence.
#[derive(Debug, thiserror::Error)]
pub enum NotFinished {
    /// It has no manifest of this program.
    #[error("{} is no folder of topup-sim: it has no manifest.json that says so", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// The run was interrupted.
    #[error(
        "{} holds {complete} of {asked} replications: run the scenario to its end", path.display()
    )]
    Partial {
        /// The folder.
        path: PathBuf,
        /// Replications that are complete.
        complete: u64,
        /// Replications asked for.
        asked: u64,
    },
    /// Its manifest cannot be read.
    #[error("{}: manifest.json, line {line}: {why}", path.display())]
    Manifest {
        /// The folder.
        path: PathBuf,
        /// The line of the file, from 1.
        line: usize,
        /// What is wrong there.
        why: String,
    },
    /// A version of the model wrote it whose numbers are not those of this one.
    #[error(
        "{}: manifest.json, line {line}: the results are of version {found}, and this program \
         reads version {own}: draw them with the program that made them, or make them again",
        path.display()
    )]
    Version {
        /// The folder.
        path: PathBuf,
        /// The line of the file, from 1.
        line: usize,
        /// The version of its results.
        found: String,
        /// The version of this program's results.
        own: u32,
    },
    /// It lacks a table.
    #[error("{} has no {file}, which its charts are drawn from: make it again", path.display())]
    Lacks {
        /// The folder.
        path: PathBuf,
        /// The file.
        file: &'static str,
    },
    /// Its manifest does not say what charts need beside the tables.
    #[error(
        "{}: manifest.json does not say what charts need beside the tables, or not as this \
         version says it ({why}): make the folder again", path.display()
    )]
    Beside {
        /// The folder.
        path: PathBuf,
        /// What is missing, in the words of the reader.
        why: String,
    },
    /// It holds a study of a kind that this version does not know.
    #[error("{} holds a {kind:?}, which this version does not know", path.display())]
    Kind {
        /// The folder.
        path: PathBuf,
        /// The kind.
        kind: String,
    },
    /// A file is not what it should be.
    #[error("{}: {fault}", path.display())]
    Table {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        fault: Unreadable,
    },
    /// The system refused.
    #[error("{0}")]
    Io(FolderError),
}

/// The folder of a finished run or study.
#[derive(Debug)]
pub struct Finished {
    path: PathBuf,
    manifest: Value,
}

impl Finished {
    /// The folder at a path.
    ///
    /// # Errors
    /// If it is not the folder of a finished run or study, or of other results than this version's.
    pub fn open(path: &Path) -> Result<Self, NotFinished> {
        let foreign = || NotFinished::Foreign { path: path.to_owned() };
        let text = fs::read_to_string(path.join(MANIFEST)).map_err(|_| foreign())?;
        let manifest: Value =
            serde_json::from_str(&text).map_err(|error| NotFinished::Manifest {
                path: path.to_owned(),
                line: error.line(),
                why: error.to_string(),
            })?;
        if manifest["tool"] != TOOL || !manifest["files"].is_object() {
            return Err(foreign());
        }
        let version = &manifest[RESULTS];
        if *version != RESULTS_VERSION {
            return Err(NotFinished::Version {
                path: path.to_owned(),
                line: line_of(&text, RESULTS),
                found: version.to_string(),
                own: RESULTS_VERSION,
            });
        }
        let number = |key: &str| manifest[key].as_u64().unwrap_or_default();
        if manifest["partial"] == true {
            let (complete, asked) = (number("replications_complete"), number("replications"));
            return Err(NotFinished::Partial { path: path.to_owned(), complete, asked });
        }
        Ok(Finished { path: path.to_owned(), manifest })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the folder holds: `run`, or the kind of a study.
    pub fn kind(&self) -> &str {
        self.manifest["study"]["kind"].as_str().unwrap_or("run")
    }

    /// The manifest.
    pub fn manifest(&self) -> &Value {
        &self.manifest
    }

    /// What the manifest says beside the tables, in the form of this kind.
    fn said_beside<B: DeserializeOwned>(&self) -> Result<B, NotFinished> {
        let beside = serde_json::from_value(self.manifest["beside"].clone());
        beside.map_err(|error| NotFinished::Beside {
            path: self.path.clone(),
            why: error.to_string(),
        })
    }

    /// Local time at the start of the run.
    fn starts(&self) -> Option<Zoned> {
        let starts = self.manifest["starts"].as_str();
        starts.and_then(|starts| starts.parse().ok())
    }

    /// A table that the folder must have.
    fn table<T: ReadBack>(&self, notes: &mut Vec<String>) -> Result<T, NotFinished> {
        let bytes = self.bytes(T::FILE, notes)?;
        read_back(&bytes).map_err(|fault| self.unreadable(fault))
    }

    /// A table; an empty one where the folder was made without it.
    fn table_if_any<T: ReadBack + Default>(
        &self,
        notes: &mut Vec<String>,
    ) -> Result<T, NotFinished> {
        let is_recorded = self.manifest["files"][T::FILE].is_string();
        match self.table(notes) {
            Err(NotFinished::Lacks { .. }) if !is_recorded => Ok(T::default()),
            other => other,
        }
    }

    /// The lines of a file that the folder must have.
    fn lines(
        &self,
        file: &'static str,
        columns: &[&'static str],
        notes: &mut Vec<String>,
    ) -> Result<Vec<Line>, NotFinished> {
        let bytes = self.bytes(file, notes)?;
        lines_of(file, columns, &bytes).map_err(|fault| self.unreadable(fault))
    }

    fn unreadable(&self, fault: Unreadable) -> NotFinished {
        NotFinished::Table { path: self.path.clone(), fault }
    }

    fn bytes(&self, file: &'static str, notes: &mut Vec<String>) -> Result<Vec<u8>, NotFinished> {
        let path = self.path.join(file);
        let bytes = fs::read(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => NotFinished::Lacks { path: self.path.clone(), file },
            _ => NotFinished::Io(io_error("read", &path)(source)),
        })?;
        if self.manifest["files"][file].as_str() != Some(sha256(&bytes).as_str()) {
            notes.push(format!(
                "{file} was changed since it was made: pictures and numbers show what it says now",
            ));
        }
        Ok(bytes)
    }

    /// Puts pictures of a look in place of those of the folder, and into its manifest.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn replace_pictures(
        &mut self,
        pictures: &[Picture],
        look: Look,
    ) -> Result<(), FolderError> {
        self.manifest["look"] = look.told().unwrap_or_default();
        let files = self.manifest["files"].as_object_mut().expect("open has looked");
        let old: Vec<String> = files.keys().filter(|name| is_picture(name)).cloned().collect();
        files.retain(|name, _| !is_picture(name));
        write_pictures(&self.path.join(CHARTS), pictures, |name, bytes| {
            files.insert(format!("{CHARTS}/{name}"), json!(sha256(bytes)));
        })?;
        for name in old.iter().filter(|name| !files.contains_key(*name)) {
            let path = self.path.join(name);
            if path.exists() {
                fs::remove_file(&path).map_err(io_error("remove", &path))?;
            }
        }
        if self.manifest["look"].is_null() {
            self.manifest.as_object_mut().expect("open has looked").remove("look");
        }
        let text = serde_json::to_string_pretty(&self.manifest).expect("it was read as JSON");
        replace_file(&self.path.join(MANIFEST), (text + "\n").as_bytes())
    }
}

/// Writes pictures into a folder, each file whole or not at all, and tells of each.
///
/// # Errors
/// If the system refuses.
pub fn write_pictures(
    folder: &Path,
    pictures: &[Picture],
    mut tell: impl FnMut(&str, &[u8]),
) -> Result<(), FolderError> {
    fs::create_dir_all(folder).map_err(io_error("create the folder", folder))?;
    for (name, bytes) in pictures.iter().flat_map(Picture::files) {
        replace_file(&folder.join(&name), bytes)?;
        tell(&name, bytes);
    }
    Ok(())
}

/// The key of the version of results in a manifest.
const RESULTS: &str = "results_version";

/// Whether an entry of a manifest is a picture: a file straight in the folder of charts. A manifest
/// may come from anybody, and what it lists is removed.
fn is_picture(name: &str) -> bool {
    let file = name.strip_prefix(CHARTS).and_then(|rest| rest.strip_prefix('/'));
    file.is_some_and(|file| !file.contains(['/', '\\']) && ![".", "..", ""].contains(&file))
}

/// The line of a text, from 1, on which a key stands first.
fn line_of(text: &str, key: &str) -> usize {
    let before = text.lines().take_while(|line| !line.contains(&format!("\"{key}\""))).count();
    if before < text.lines().count() { before + 1 } else { 1 }
}
