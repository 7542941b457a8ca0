//! `topup-sim new`: a commented scenario to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::ending::{Ending, Failure, Outcome};
use super::terminal::{Terminal, plain};
use crate::scenario;

/// Write a commented scenario to start from
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  topup-sim new mine.toml
  topup-sim new - | less")]
pub(super) struct Args {
    /// The file to write; `-` is standard output
    #[arg(default_value = "scenario.toml", value_name = "FILE")]
    path: PathBuf,

    /// Overwrite the file if it is there
    #[arg(long)]
    force: bool,
}

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        if self.path.as_os_str() == "-" {
            terminal.result(scenario::starter())?;
            return Ok(Ending::Fine);
        }
        let shown = plain(&self.path.display().to_string());
        if self.path.is_dir() {
            return Err(Failure::Invalid(format!("{shown} is a folder, not a file")));
        }
        match write(&self.path, self.force) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(Failure::Invalid(format!(
                    "{shown} is there already; --force overwrites it"
                )));
            }
            written => written.with_context(|| format!("cannot write {shown}"))?,
        }
        terminal.talk(&format!("wrote {shown}; now: topup-sim run {shown}"));
        Ok(Ending::Fine)
    }
}

fn write(path: &Path, force: bool) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).create_new(!force);
    options.open(path)?.write_all(scenario::starter().as_bytes())
}
