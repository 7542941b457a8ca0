//! The folder of a study of several arms: its name, its manifest, its tables and charts.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::chart::{Look, Picture};
use super::csv::{Rows, Table, csv_of, csv_with};
use super::folder::{Folder, FolderError, hex};
use super::manifest::{Manifest, described};
use super::{Written, chart_files};
use crate::scenario::Scenario;

/// What a study is, beside the scenario that it starts from.
#[derive(Clone, Debug, PartialEq)]
pub struct StudyAbout {
    /// `compare`, `sweep` or `plan`.
    pub kind: &'static str,
    /// A hash over everything that its results depend on; see [`study_hash`].
    pub hash: String,
    /// Replications of all arms together that it asks for.
    pub replications: u64,
    /// Those that are complete.
    pub complete: u64,
    /// What the manifest says of it: its arms with their values and plan hashes, and its options.
    pub details: Value,
    /// What its pictures and its screen say that no table holds.
    pub beside: Value,
}

/// One CSV file of a study, as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct TableFile {
    pub(super) name: String,
    bytes: Vec<u8>,
    pub(super) described: Value,
}

impl TableFile {
    /// The file of a table.
    pub fn of<T: Table>(table: &T) -> Self {
        let (name, described) = described::<T>();
        Self { name, bytes: csv_of(table), described }
    }

    /// A file whose columns are known only when the program runs, and how its rows are sorted.
    pub fn with(
        name: &str,
        columns: &[String],
        order: &str,
        write: impl FnOnce(&mut Rows),
    ) -> Self {
        let described = json!({ "columns": columns, "sorted_by": order });
        Self { name: name.to_owned(), bytes: csv_with(columns, write), described }
    }

    /// The file as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Everything that a study writes beside its manifest.
#[derive(Clone, Debug, Default)]
pub struct StudyFiles {
    /// Its tables.
    pub tables: Vec<TableFile>,
    /// Other texts by their file names, such as the scenario of each arm.
    pub texts: Vec<(String, String)>,
    /// Its charts; none where they are left out.
    pub pictures: Vec<Picture>,
    /// How they look.
    pub look: Look,
}

/// The hash of a study: over its kind and everything that its results depend on, such as the plan
/// hashes of its arms, in order.
pub fn study_hash<'a>(kind: &str, parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        // each part begins with its length, so that no two studies run together to the same bytes
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    add(kind);
    parts.into_iter().for_each(add);
    hex(&hash.finalize())
}

/// The name of the folder of a study: the scenario's, the kind, and the first digits of its hash.
pub fn study_folder_name(scenario: &Scenario, kind: &str, hash: &str) -> String {
    let digits: String = hash.chars().take(8).collect();
    format!("{}-{kind}-{digits}", scenario.name)
}

/// Writes everything about a study into its folder, which [`Folder::open`] has claimed. One with
/// replications missing stays in the partial folder and never replaces a whole one.
///
/// # Errors
/// If the system refuses; an earlier folder of the same name is then still whole.
pub fn write_study(
    mut folder: Folder,
    scenario: &Scenario,
    about: &StudyAbout,
    files: &StudyFiles,
) -> Result<Written, FolderError> {
    for table in &files.tables {
        folder.write(&table.name, &table.bytes)?;
    }
    for (name, text) in &files.texts {
        folder.write(name, text.as_bytes())?;
    }
    let warnings = chart_files(&mut folder, &files.pictures)?;
    let tables = files.tables.iter().map(|table| (table.name.clone(), table.described.clone()));
    let manifest = Manifest::of_study(scenario, about, tables.collect()).with_look(files.look);
    let is_partial = manifest.is_partial();
    let folder = if is_partial { folder.leave(&manifest) } else { folder.finish(&manifest) }?;
    Ok(Written { folder, warnings })
}

/// The entry of a study in a manifest.
pub(super) fn entry(about: &StudyAbout) -> Value {
    json!({ "kind": about.kind, "details": about.details })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::report::manifest::tests::scenario;
    use crate::report::tables::Queues;

    fn about(complete: u64) -> StudyAbout {
        StudyAbout {
            kind: "compare",
            hash: study_hash("compare", ["a", "b"]),
            replications: 4,
            complete,
            details: json!({ "arms": ["a", "b"] }),
            beside: Value::Null,
        }
    }

    fn written(parent: &TempDir, complete: u64) -> Written {
        let (scenario, about) = (scenario(), about(complete));
        let name = study_folder_name(&scenario, about.kind, &about.hash);
        let folder = Folder::open(parent.path(), &name, false).unwrap();
        let files = StudyFiles {
            tables: vec![TableFile::of(&Queues::default())],
            texts: vec![("arms/a.toml".to_owned(), "x = 1\n".to_owned())],
            ..StudyFiles::default()
        };
        write_study(folder, &scenario, &about, &files).unwrap()
    }

    #[test]
    fn a_whole_study_says_what_it_was_and_can_be_written_again() {
        let parent = TempDir::new().unwrap();
        let first = written(&parent, 4);
        let text = fs::read_to_string(first.folder.join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(manifest["study"]["kind"], "compare");
        assert_eq!(manifest["plan_hash"], about(4).hash.as_str());
        assert!(manifest["tables"]["queues.csv"]["columns"].is_array());
        assert_eq!(written(&parent, 4).folder, first.folder);
    }

    #[test]
    fn a_study_with_replications_missing_stays_partial() {
        let parent = TempDir::new().unwrap();
        let left = written(&parent, 3).folder;
        assert!(left.to_string_lossy().ends_with(".partial"), "{left:?}");
        assert_eq!(written(&parent, 4).folder.with_extension("partial"), left);
    }

    #[test]
    fn parts_of_a_hash_do_not_run_together() {
        assert_ne!(study_hash("sweep", ["ab", "c"]), study_hash("sweep", ["a", "bc"]));
        assert_ne!(study_hash("sweep", ["a"]), study_hash("plan", ["a"]));
    }
}
