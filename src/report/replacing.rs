//! How a whole folder takes its place: safe on the disk first, then where the old one was.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::folder::{FolderError, MANIFEST, io_error};

/// Waits until a folder and everything in it but some files has reached the disk.
///
/// # Errors
/// If the system refuses, such as for a disk that is full after all.
pub(super) fn settle(folder: &Path, but: &[&str]) -> Result<(), FolderError> {
    for entry in fs::read_dir(folder).map_err(io_error("look into", folder))? {
        let entry = entry.map_err(io_error("look into", folder))?;
        let path = entry.path();
        if but.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if path.is_dir() {
            settle(&path, but)?;
        } else {
            let file = File::options().write(true).open(&path);
            let settled = file.and_then(|file| file.sync_all());
            settled.map_err(io_error("bring to the disk", &path))?;
        }
    }
    settle_names(folder);
    Ok(())
}

/// The same for the names in a folder. Not every system can; then it does so by itself, later.
fn settle_names(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// Puts a folder where another one may be, which goes then.
///
/// # Errors
/// If the system refuses; the other one is then still whole.
pub(super) fn put_in_place(new: &Path, target: &Path) -> Result<(), FolderError> {
    let aside = aside(target);
    let is_there = target.exists();
    if is_there {
        fs::rename(target, &aside).map_err(io_error("replace", target))?;
    }
    if let Err(source) = fs::rename(new, target) {
        if is_there {
            fs::rename(&aside, target).map_err(io_error("put back", target))?;
        }
        return Err(io_error("put in its place", target)(source));
    }
    target.parent().into_iter().for_each(settle_names);
    if is_there { remove_aside(&aside) } else { Ok(()) }
}

/// Completes what a run that died while it replaced a folder has left; whether an old folder is
/// back in its place.
///
/// # Errors
/// If the system refuses.
pub(super) fn restore(target: &Path) -> Result<bool, FolderError> {
    let aside = aside(target);
    if !aside.join(MANIFEST).is_file() {
        // a folder of that name with anything else in it is not ours, and stays
        let _ = fs::remove_dir(&aside);
        return Ok(false);
    }
    if target.exists() {
        remove_aside(&aside)?;
        return Ok(false);
    }
    fs::rename(&aside, target).map_err(io_error("put back", target))?;
    Ok(true)
}

/// Where a replaced folder waits for the moment in which the new one takes its place.
pub(super) fn aside(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".replaced");
    target.with_file_name(name)
}

/// Removes a replaced folder, the manifest last: while it is there, the next run finds it.
fn remove_aside(aside: &Path) -> Result<(), FolderError> {
    for entry in fs::read_dir(aside).map_err(io_error("look into", aside))? {
        let path = entry.map_err(io_error("look into", aside))?.path();
        if path.file_name().is_some_and(|name| name == MANIFEST) {
            continue;
        }
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { remove_file(&path) };
        removed.map_err(io_error("remove", &path))?;
    }
    remove_file(&aside.join(MANIFEST)).map_err(io_error("remove", aside))?;
    fs::remove_dir(aside).map_err(io_error("remove", aside))
}

/// Removes a file that may not be there.
pub(super) fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn folder(path: &Path, text: &str) {
        fs::create_dir_all(path).unwrap();
        fs::write(path.join("summary.csv"), text).unwrap();
        fs::write(path.join(MANIFEST), "{}").unwrap();
    }

    #[test]
    fn wherever_replacing_was_cut_off_the_next_run_finds_one_whole_folder() {
        let parent = TempDir::new().unwrap();
        let target = parent.path().join("run-1234abcd");
        let aside = aside(&target);
        // the old one is aside, the new one not yet in its place
        folder(&aside, "old");
        assert!(restore(&target).unwrap());
        assert_eq!(fs::read_to_string(target.join("summary.csv")).unwrap(), "old");
        // the new one is in its place, and of the old one less and less is left
        folder(&aside, "older");
        assert!(!restore(&target).unwrap());
        assert!(target.is_dir() && !aside.exists());
        folder(&aside, "older");
        fs::remove_file(aside.join("summary.csv")).unwrap();
        assert!(!restore(&target).unwrap());
        assert!(!aside.exists());
        fs::create_dir(&aside).unwrap();
        assert!(!restore(&target).unwrap());
        assert!(target.is_dir() && !aside.exists());
    }

    #[test]
    fn a_folder_of_somebody_else_is_not_taken_for_a_replaced_one() {
        let parent = TempDir::new().unwrap();
        let target = parent.path().join("run-1234abcd");
        fs::create_dir(aside(&target)).unwrap();
        fs::write(aside(&target).join("thesis.tex"), "years of work").unwrap();
        assert!(!restore(&target).unwrap());
        assert!(aside(&target).join("thesis.tex").is_file());
    }
}
