//! What the fuzz targets share: folders to work in, seeds to begin with, what a refusal must be.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tempfile::TempDir;
use topup_sim::scenario::{Diagnostics, obeyed};

/// The folder of the project.
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder with the shipped scenarios and their data, to write into.
pub static SCENARIOS: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = in_memory();
    fs::create_dir(folder.path().join("data")).expect("the folder is new");
    for (from, to) in [("scenarios", ""), ("scenarios/data", "data/")] {
        for path in files_in(&project().join(from)) {
            let name = path.file_name().expect("a file has a name").to_string_lossy();
            fs::copy(&path, folder.path().join(format!("{to}{name}"))).expect("it can be copied");
        }
    }
    folder
});

/// A new folder, on a disk in memory where there is one.
pub fn in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    folder.expect("a folder can be made")
}

/// The files straight in a folder, sorted.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let mut files: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// Writes an input to begin with into the corpus of a target.
pub fn seed(target: &str, name: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder).expect("the corpus can be made");
    fs::write(folder.join(name), bytes).expect("a seed can be written");
}

/// Holds that a refusal has a place, is short, and says nothing that a terminal obeys.
pub fn assert_told(faults: &Diagnostics) {
    let shown = faults.render(false);
    let place = |line: &str| {
        let mut parts = line.trim_start().strip_prefix("--> ")?.rsplit(':');
        let number = |part: Option<&str>| part?.parse::<u32>().ok().filter(|n| *n > 0);
        number(parts.next()).zip(number(parts.next()))
    };
    assert!(shown.lines().any(|line| place(line).is_some()), "no place:\n{shown}");
    assert!(shown.len() < 20_000, "{} bytes", shown.len());
    assert!(!shown.contains(|c| c != '\n' && obeyed(c)), "{shown:?}");
}
