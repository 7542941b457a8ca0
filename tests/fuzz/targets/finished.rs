//! Any bytes as a file of a finished folder: told with its name, or read, and now and then drawn.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use topup_sim::report::chart::{
    Look, Picture, compared_pictures, draw_all, draw_sweep, planned_pictures,
};
use topup_sim::report::{Finished, NotFinished};
use topup_sim_fuzz::{files_in, in_memory, project, seed};

#[path = "../../studies/kinds.rs"]
mod kinds;

use kinds::KINDS;

/// A folder of each kind that is read again.
static FOLDERS: LazyLock<Vec<(TempDir, PathBuf, Vec<PathBuf>)>> = LazyLock::new(|| {
    KINDS.iter().map(|study| folder_of(study)).collect()
});

fn folder_of(study: &[&str]) -> (TempDir, PathBuf, Vec<PathBuf>) {
    let program = std::env::var_os("TOPUP_SIM").expect("TOPUP_SIM names the program");
    let parent = in_memory();
    let mut command = Command::new(program);
    command.arg(study[0]).arg(project().join("scenarios/identity.toml")).args(&study[1..]);
    command.args(["--set", "length=5s", "--replications", "3", "-q", "--no-charts"]);
    command.args(["--set", "targets.success_share={ at_least = '50%' }", "--out"]);
    let done = command.arg(parent.path()).output().expect("the program can be run");
    assert!(done.status.success(), "{study:?}: {}", String::from_utf8_lossy(&done.stderr));
    let mut inside = fs::read_dir(parent.path()).expect("it has made a folder");
    let path = inside.next().expect("it has made one").expect("it can be read").path();
    let is_read = |path: &PathBuf| path.extension().is_some_and(|e| e == "csv" || e == "json");
    let files = files_in(&path).into_iter().filter(is_read).collect();
    (parent, path, files)
}

fuzz_target!(
    init: {
        for (study, (_, _, files)) in FOLDERS.iter().enumerate() {
            for (number, path) in files.iter().enumerate() {
                let bytes = fs::read(path).expect("a table can be read");
                let head = [study as u8, number as u8, u8::from(number % 2 == 0)];
                seed("finished", &format!("{study}-{number}"), &[&head, bytes.as_slice()].concat());
            }
        }
    },
    |bytes: &[u8]| {
        let [study, which, draws, bytes @ ..] = bytes else { return };
        let (_, folder, files) = &FOLDERS[usize::from(*study) % FOLDERS.len()];
        let path = &files[usize::from(*which) % files.len()];
        let kept = fs::read(path).expect("a table can be read");
        fs::write(path, bytes).expect("a table can be written");
        let read = again(folder);
        fs::write(path, kept).expect("a table can be written");
        match read {
            Ok(pictures) if draws % 8 == 1 => drop(pictures()),
            Ok(_) => {}
            Err(refusal) => {
                let told = refusal.to_string();
                assert!(told.starts_with(&*folder.to_string_lossy()), "{told}");
            }
        }
    }
);

/// The pictures of a folder, not drawn yet.
type Pictures = Box<dyn Fn() -> Vec<Picture>>;

fn again(folder: &PathBuf) -> Result<Pictures, NotFinished> {
    let finished = Finished::open(folder)?;
    finished.targets();
    let look = Look::default();
    Ok(match finished.kind() {
        "compare" => {
            let tables = finished.compared()?.0;
            Box::new(move || compared_pictures(&tables, look))
        }
        "sweep" => {
            let swept = finished.swept()?.0;
            Box::new(move || draw_sweep(&swept.report(), &swept.metrics, look))
        }
        "plan" => {
            let tables = finished.planned()?.0;
            Box::new(move || planned_pictures(&tables, look))
        }
        _ => {
            let tables = finished.tables()?.0;
            Box::new(move || draw_all(&tables, look))
        }
    })
}
