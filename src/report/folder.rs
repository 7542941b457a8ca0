//! The output folder: built beside its place, locked while it is built, and renamed when whole.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::manifest::Manifest;
use super::replacing::{put_in_place, remove_file, restore, settle};

/// The name of the manifest in every output folder.
pub const MANIFEST: &str = "manifest.json";

/// Marks a folder under construction as ours, and is the lock of the run that builds it.
const MARKER: &str = ".topup-sim-partial";

/// The folder of charts within an output folder.
pub(super) const CHARTS: &str = "charts";

/// The folder of the arms' scenarios within the folder of a study.
pub const ARMS: &str = "arms";

/// The results of single replications, in a folder under construction only.
pub const JOURNAL: &str = "journal";

/// What this program writes besides tables.
const OWN_FILES: [&str; 6] = [MANIFEST, MARKER, CHARTS, ARMS, JOURNAL, "scenario.toml"];

/// Why a folder could not be written. Shows as a sentence with the path.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another run holds the folder.
    #[error("another run is writing {}: wait for it, or choose another --out", path.display())]
    Busy {
        /// The folder under construction.
        path: PathBuf,
    },
    /// The folder holds something that this program did not write.
    #[error(
        "{} holds {entry:?}, which topup-sim did not write: move it away, or replace the folder \
         with --force", path.display()
    )]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// The first such entry.
        entry: String,
    },
    /// A file stands where the folder belongs.
    #[error("{} is not a folder: move it away, or choose another --out", path.display())]
    NotAFolder {
        /// What stands there.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

pub(super) fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    move |source| FolderError::Io { action, path: path.to_owned(), source }
}

/// An output folder under construction. Dropped without [`Folder::finish`], it stays as it is under
/// its partial name and never replaces a whole one.
#[derive(Debug)]
pub struct Folder {
    target: PathBuf,
    partial: PathBuf,
    /// Held open: the system frees the lock when the process ends, however it ends.
    _lock: File,
    sums: BTreeMap<String, String>,
}

impl Folder {
    /// Claims `<parent>/<name>` and clears what an earlier run left of it under construction.
    ///
    /// # Errors
    /// If another run holds it, if something there is not ours and `force` is off, or if the system
    /// refuses. Then nothing has been changed.
    pub fn open(parent: &Path, name: &str, force: bool) -> Result<Self, FolderError> {
        let folder = Self::resume(parent, name, force)?;
        clear(&folder.partial, &[MARKER])?;
        Ok(folder)
    }

    /// The same, but what an earlier run left stays, for who looks at its journal before deciding.
    ///
    /// # Errors
    /// As [`Folder::open`].
    pub fn resume(parent: &Path, name: &str, force: bool) -> Result<Self, FolderError> {
        if parent.metadata().is_ok_and(|about| !about.is_dir()) {
            return Err(FolderError::NotAFolder { path: parent.to_owned() });
        }
        let target = parent.join(name);
        let partial = parent.join(format!("{name}.partial"));
        check_target(&target, force)?;
        check_partial(&partial, force)?;
        let lock = lock(&partial)?;
        // under the lock: another run may just be replacing the folder
        if restore(&target)? {
            check_target(&target, force)?;
        }
        Ok(Folder { target, partial, _lock: lock, sums: BTreeMap::new() })
    }

    /// Removes what an earlier run left, but for its journal.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn clear_all_but_journal(&self) -> Result<(), FolderError> {
        clear(&self.partial, &[MARKER, JOURNAL])
    }

    /// Where the files are while the folder is under construction.
    pub fn partial(&self) -> &Path {
        &self.partial
    }

    /// Writes a file; `name` may lie in a subfolder (`charts/x.svg`).
    ///
    /// # Errors
    /// If the system refuses.
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let path = self.partial.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(io_error("create the folder", folder))?;
        }
        fs::write(&path, bytes).map_err(io_error("write", &path))?;
        self.sums.insert(name.to_owned(), sha256(bytes));
        Ok(())
    }

    /// Writes the manifest and puts the folder in its place, where it replaces an earlier one.
    ///
    /// # Errors
    /// If the system refuses; an earlier folder is then still whole.
    pub fn finish(mut self, manifest: &Manifest) -> Result<PathBuf, FolderError> {
        self.write_manifest(manifest)?;
        settle(&self.partial, &[JOURNAL, MARKER])?;
        let journal = self.partial.join(JOURNAL);
        remove_file(&journal).map_err(io_error("remove", &journal))?;
        put_in_place(&self.partial, &self.target)?;
        // the lock goes last: until the folder is in its place nobody else may build beside it
        let marker = self.target.join(MARKER);
        remove_file(&marker).map_err(io_error("remove", &marker))?;
        Ok(self.target)
    }

    /// Writes the manifest and leaves the folder under its partial name: an interrupted run.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn leave(mut self, manifest: &Manifest) -> Result<PathBuf, FolderError> {
        self.write_manifest(manifest)?;
        settle(&self.partial, &[])?;
        Ok(self.partial)
    }

    fn write_manifest(&mut self, manifest: &Manifest) -> Result<(), FolderError> {
        let path = self.partial.join(MANIFEST);
        let text = manifest.json(&self.sums);
        fs::write(&path, text).map_err(io_error("write", &path))
    }
}

/// Writes a file beside its place and renames it when whole: nobody finds half of it.
///
/// # Errors
/// If the system refuses; a file that was there before is then still whole.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = path.with_file_name(name);
    let written = fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, path));
    written.map_err(|source| {
        // what could not be put in its place is of no use to anybody
        let _ = fs::remove_file(&partial);
        io_error("write", path)(source)
    })
}

/// A whole folder is ours if its manifest says so and names every file in it.
fn check_target(target: &Path, force: bool) -> Result<(), FolderError> {
    let Some(entries) = entries(target)? else { return Ok(()) };
    if force || entries.is_empty() {
        return Ok(());
    }
    let foreign =
        |entry: &String| FolderError::Foreign { path: target.to_owned(), entry: entry.clone() };
    let text = fs::read_to_string(target.join(MANIFEST)).unwrap_or_default();
    let Some(listed) = Manifest::files_listed(&text) else {
        return Err(foreign(&entries[0]));
    };
    // the marker is what a run that died at its very end has left
    let is_own = |entry: &String| [MANIFEST, MARKER].contains(&&**entry) || listed.contains(entry);
    let strange = entries.iter().find(|entry| !is_own(entry));
    strange.map_or(Ok(()), |entry| Err(foreign(entry)))
}

/// A folder under construction is ours if it is marked and holds what this program writes.
fn check_partial(partial: &Path, force: bool) -> Result<(), FolderError> {
    let Some(entries) = entries(partial)? else { return Ok(()) };
    let is_marked = partial.join(MARKER).is_file();
    let is_own = |entry: &String| {
        let top = entry.split('/').next().unwrap_or_default();
        is_marked && (OWN_FILES.contains(&top) || entry.ends_with(".csv"))
    };
    match entries.iter().find(|entry| !is_own(entry)) {
        Some(entry) if !force => {
            Err(FolderError::Foreign { path: partial.to_owned(), entry: entry.clone() })
        }
        _ => Ok(()),
    }
}

/// What is in a folder, sorted, subfolders as `folder/file`; None if there is no such folder.
fn entries(folder: &Path) -> Result<Option<Vec<String>>, FolderError> {
    match fs::symlink_metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error("look into", folder)(error)),
        Ok(about) if !about.is_dir() => {
            return Err(FolderError::NotAFolder { path: folder.to_owned() });
        }
        Ok(_) => {}
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(io_error("look into", folder))? {
        let entry = entry.map_err(io_error("look into", folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        match entries(&entry.path()) {
            Ok(Some(inner)) if !inner.is_empty() => {
                names.extend(inner.into_iter().map(|file| format!("{name}/{file}")));
            }
            Ok(_) | Err(FolderError::NotAFolder { .. }) => names.push(name),
            Err(error) => return Err(error),
        }
    }
    names.sort();
    Ok(Some(names))
}

/// Takes the lock of a folder under construction.
///
/// The run before may have renamed the folder between our opening the marker and its letting go: we
/// would hold a lock on a file that is nowhere. So what we write through the handle must be found
/// under the path; if it is not, we try again.
fn lock(partial: &Path) -> Result<File, FolderError> {
    let path = partial.join(MARKER);
    for _ in 0..10 {
        fs::create_dir_all(partial).map_err(io_error("create the folder", partial))?;
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(io_error("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(FolderError::Busy { path: partial.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(io_error("lock", &path)(error)),
        }
        if is_still_there(&mut file, &path).map_err(io_error("lock", &path))? {
            return Ok(file);
        }
    }
    Err(FolderError::Busy { path: partial.to_owned() })
}

fn is_still_there(file: &mut File, path: &Path) -> io::Result<bool> {
    let token = format!("topup-sim is writing here, process {}\n", std::process::id());
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(token.as_bytes())?;
    let mut found = String::new();
    match File::open(path).and_then(|mut file| file.read_to_string(&mut found)) {
        Ok(_) => Ok(found == token),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes everything in a folder under construction but its lock and what else is kept.
fn clear(partial: &Path, kept: &[&str]) -> Result<(), FolderError> {
    for entry in fs::read_dir(partial).map_err(io_error("look into", partial))? {
        let entry = entry.map_err(io_error("look into", partial))?;
        if kept.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(io_error("remove", &path))?;
    }
    Ok(())
}

/// The SHA-256 of bytes in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::report::manifest::tests::manifest;
    use crate::report::replacing;

    /// Builds a whole folder with one file.
    fn built(parent: &Path, text: &str) -> PathBuf {
        let mut folder = Folder::open(parent, "run-1234abcd", false).unwrap();
        folder.write("summary.csv", text.as_bytes()).unwrap();
        folder.write("charts/a.svg", b"<svg/>").unwrap();
        folder.finish(&manifest(2)).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        entries(folder).unwrap().unwrap_or_default()
    }

    #[test]
    fn a_folder_is_there_when_it_is_whole_and_not_before() {
        let parent = TempDir::new().unwrap();
        let mut folder = Folder::open(parent.path(), "run-1234abcd", false).unwrap();
        folder.write("summary.csv", b"a\n").unwrap();
        assert!(!parent.path().join("run-1234abcd").exists());
        let path = folder.finish(&manifest(2)).unwrap();
        assert_eq!(names(&path), ["manifest.json", "summary.csv"]);
        assert_eq!(names(parent.path()).len(), 2, "nothing else is left");
    }

    #[test]
    fn the_same_run_replaces_its_folder() {
        let parent = TempDir::new().unwrap();
        built(parent.path(), "old");
        let path = built(parent.path(), "new");
        assert_eq!(fs::read_to_string(path.join("summary.csv")).unwrap(), "new");
        assert!(fs::read_dir(parent.path()).unwrap().count() == 1);
    }

    #[test]
    fn what_others_wrote_is_replaced_only_by_force() {
        let parent = TempDir::new().unwrap();
        let path = built(parent.path(), "old");
        fs::write(path.join("charts/notes.txt"), "mine").unwrap();
        let error = Folder::open(parent.path(), "run-1234abcd", false).unwrap_err();
        assert!(error.to_string().contains("charts/notes.txt"), "{error}");
        assert!(path.join("charts/notes.txt").is_file());
        let folder = Folder::open(parent.path(), "run-1234abcd", true).unwrap();
        folder.finish(&manifest(2)).unwrap();
        assert_eq!(names(&path), ["manifest.json"]);
    }

    #[test]
    fn a_folder_without_our_manifest_is_foreign() {
        let parent = TempDir::new().unwrap();
        for manifest in [None, Some("{}"), Some("no JSON"), Some("{\"tool\":\"other\"}")] {
            let path = parent.path().join("run-1234abcd");
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join("thesis.tex"), "years of work").unwrap();
            if let Some(text) = manifest {
                fs::write(path.join(MANIFEST), text).unwrap();
            }
            let opened = Folder::open(parent.path(), "run-1234abcd", false);
            assert!(matches!(opened, Err(FolderError::Foreign { .. })), "{manifest:?}");
        }
    }

    #[test]
    fn a_second_run_to_one_folder_is_told() {
        let parent = TempDir::new().unwrap();
        let first = Folder::open(parent.path(), "run-1234abcd", false).unwrap();
        let second = Folder::open(parent.path(), "run-1234abcd", true);
        assert!(matches!(second, Err(FolderError::Busy { .. })));
        drop(first);
        assert!(Folder::open(parent.path(), "run-1234abcd", false).is_ok());
    }

    #[test]
    fn what_a_stopped_run_left_is_cleared_and_what_others_left_is_not() {
        let parent = TempDir::new().unwrap();
        let mut folder = Folder::open(parent.path(), "run-1234abcd", false).unwrap();
        folder.write("charts/a.svg", b"<svg/>").unwrap();
        let partial = folder.leave(&manifest(1)).unwrap();
        assert!(partial.join(MANIFEST).is_file());
        let again = Folder::open(parent.path(), "run-1234abcd", false).unwrap();
        assert_eq!(names(again.partial()), [MARKER]);
        drop(again);
        fs::write(partial.join("notes.txt"), "mine").unwrap();
        let error = Folder::open(parent.path(), "run-1234abcd", false).unwrap_err();
        assert!(error.to_string().contains("notes.txt"), "{error}");
    }

    #[test]
    fn a_journal_stays_for_who_resumes_and_is_gone_when_the_folder_is_whole() {
        let parent = TempDir::new().unwrap();
        let folder = Folder::open(parent.path(), "run-1234abcd", false).unwrap();
        fs::write(folder.partial().join(JOURNAL), "results").unwrap();
        let partial = folder.leave(&manifest(1)).unwrap();
        let folder = Folder::resume(parent.path(), "run-1234abcd", false).unwrap();
        folder.clear_all_but_journal().unwrap();
        assert_eq!(names(&partial), [MARKER, JOURNAL]);
        assert_eq!(names(&folder.finish(&manifest(2)).unwrap()), [MANIFEST]);
        let folder = Folder::open(parent.path(), "run-1234abcd", false).unwrap();
        fs::write(folder.partial().join(JOURNAL), "results").unwrap();
        drop(folder);
        drop(Folder::open(parent.path(), "run-1234abcd", false).unwrap());
        assert_eq!(names(&partial), [MARKER]);
    }

    #[test]
    fn a_run_that_died_while_replacing_loses_nothing() {
        let parent = TempDir::new().unwrap();
        let path = built(parent.path(), "old");
        fs::rename(&path, replacing::aside(&path)).unwrap();
        drop(Folder::open(parent.path(), "run-1234abcd", false).unwrap());
        assert_eq!(fs::read_to_string(path.join("summary.csv")).unwrap(), "old");
    }

    #[test]
    fn a_run_that_died_before_it_gave_up_its_lock_left_a_whole_folder() {
        let parent = TempDir::new().unwrap();
        let path = built(parent.path(), "old");
        fs::write(path.join(MARKER), "topup-sim is writing here").unwrap();
        assert!(built(parent.path(), "new") == path && !path.join(MARKER).exists());
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let parent = TempDir::new().unwrap();
        fs::write(parent.path().join("run-1234abcd"), "a file").unwrap();
        let error = Folder::open(parent.path(), "run-1234abcd", true).unwrap_err();
        assert!(error.to_string().contains("run-1234abcd is not a folder"), "{error}");
        let file = parent.path().join("run-1234abcd");
        let error = Folder::open(&file, "run-1234abcd", true).unwrap_err();
        assert_eq!(error.to_string().matches("run-1234abcd").count(), 1, "{error}");
    }

    #[test]
    fn checksums_are_those_of_the_standard() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(b""), empty);
    }
}
