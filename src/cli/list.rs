//! `topup-sim list`: which scenarios are there, and what do they ask?

use std::path::PathBuf;

use anyhow::Context;
use serde_json::Value;

use super::ending::{Ending, Outcome};
use super::grid::{Format, Grid};
use super::terminal::{BOLD, DIM, Terminal, painted, plain, wrapped};
use crate::scenario::{self, Listed};

/// List the scenarios of a folder with the question that each asks
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  topup-sim list
  topup-sim list my-scenarios --format json")]
pub(super) struct Args {
    /// The folder to look into
    #[arg(default_value = "scenarios")]
    folder: PathBuf,

    /// How to print the list
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        let folder = self.folder.display();
        let found = scenario::list(&self.folder)
            .with_context(|| format!("cannot read the folder {folder}"))?;
        if found.is_empty() {
            terminal.talk(&plain(&format!("{folder} has no scenario; `topup-sim new` writes one")));
        }
        let text = match self.format {
            Format::Table => page(&found, terminal.columns()),
            format => grid(&found).text(format, terminal.columns()),
        };
        terminal.result(&text)?;
        Ok(Ending::Fine)
    }
}

fn page(found: &[Listed], columns: usize) -> String {
    let mut text = String::new();
    for listed in found {
        let title = listed.title.as_deref().unwrap_or("(not readable: see topup-sim validate)");
        let path = plain(&listed.path.display().to_string());
        text += &format!("{}  {}\n", painted(BOLD, &path), plain(title));
        let question = listed.question.as_deref().map(plain).unwrap_or_default();
        for line in wrapped(&question, columns - 4).iter().filter(|line| !line.is_empty()) {
            text += &format!("    {}\n", painted(DIM, line));
        }
    }
    text
}

fn grid(found: &[Listed]) -> Grid {
    let mut grid = Grid::new(&["name", "path", "title", "question"]);
    for listed in found {
        let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::from);
        grid.push([
            listed.name.clone().into(),
            listed.path.display().to_string().into(),
            text(&listed.title),
            text(&listed.question),
        ]);
    }
    grid
}
