//! The program, an output folder that goes away, and what a call says.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

/// `topup-sim` in the folder of this crate, with an output folder that goes away.
pub(crate) struct Bench {
    pub(crate) out: TempDir,
}

/// What a call said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { out: tempfile::tempdir().unwrap() }
    }

    /// The program with arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo_bin!("topup-sim"));
        command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments);
        command.env_remove("RUST_BACKTRACE").stdin(Stdio::null());
        command
    }

    /// The same, with the output folder.
    pub(crate) fn study(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(arguments);
        command.arg("--out").arg(self.out.path());
        command
    }

    pub(crate) fn call(&self, arguments: &[&str]) -> Said {
        Said::from(self.command(arguments).output().unwrap())
    }

    /// A study from its beginning to its end.
    pub(crate) fn ended(&self, arguments: &[&str]) -> Said {
        Said::from(self.study(arguments).output().unwrap())
    }

    /// A study under way.
    pub(crate) fn started(&self, arguments: &[&str]) -> Child {
        let mut command = self.study(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// What lies in the output folder.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        let entries = self.out.path().read_dir().unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// The only folder there.
    pub(crate) fn folder(&self) -> PathBuf {
        let folders = self.folders();
        let [folder] = &folders[..] else { panic!("{folders:?}") };
        folder.clone()
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Every file below a folder with its bytes.
pub(crate) fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(below) = folders.pop() {
        for entry in below.read_dir().unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(folder).unwrap().to_owned();
                    files.push((name, std::fs::read(&path).unwrap()));
                }
            }
        }
    }
    files.sort();
    files
}

/// A file of a folder as text.
pub(crate) fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap()
}
