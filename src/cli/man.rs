//! `topup-sim man`: manual pages.

use std::path::PathBuf;

use anyhow::Context;

use super::ending::{Ending, Outcome};
use super::terminal::{Terminal, plain};

/// Print the manual page, or write a page for every subcommand into a folder
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  topup-sim man | man -l -
  topup-sim man --out-dir ~/.local/share/man/man1")]
pub(super) struct Args {
    /// Write one page a subcommand into this folder
    #[arg(long, value_name = "DIR")]
    out_dir: Option<PathBuf>,
}

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        let Some(folder) = &self.out_dir else {
            let mut page = Vec::new();
            clap_mangen::Man::new(super::command()).render(&mut page)?;
            terminal.result(&String::from_utf8_lossy(&page))?;
            return Ok(Ending::Fine);
        };
        let shown = plain(&folder.display().to_string());
        std::fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(super::command(), folder))
            .with_context(|| format!("cannot write manual pages into {shown}"))?;
        terminal.talk(&format!("wrote the manual pages into {shown}"));
        Ok(Ending::Fine)
    }
}
