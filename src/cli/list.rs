//! `topup-sim list`: which scenarios are there, and what do they ask? Which policies have names?

use std::path::PathBuf;

use anyhow::Context;
use serde_json::Value;

use super::ending::{Ending, Outcome};
use super::grid::{Format, Grid};
use super::terminal::{BOLD, DIM, Terminal, painted, plain, wrapped};
use crate::scenario::{self, Listed, ListedPreset};

/// List the scenarios of a folder with their questions, or retry policies by name
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  topup-sim list
  topup-sim list my-scenarios --format json
  topup-sim list --presets")]
pub(super) struct Args {
    /// The folder to look into
    #[arg(default_value = "scenarios")]
    folder: PathBuf,

    /// List the published retry policies that `client.retry` and `gateway.retry` can name
    #[arg(long, conflicts_with = "folder")]
    presets: bool,

    /// How to print the list
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        let text = if self.presets { self.policies(terminal) } else { self.scenarios(terminal)? };
        terminal.result(&text)?;
        Ok(Ending::Fine)
    }

    fn policies(&self, terminal: &Terminal) -> String {
        let presets = scenario::presets();
        match self.format {
            Format::Table => policies(&presets, terminal.columns()),
            format => grid_of_policies(&presets).text(format, terminal.columns()),
        }
    }

    fn scenarios(&self, terminal: &Terminal) -> anyhow::Result<String> {
        let folder = self.folder.display();
        let found = scenario::list(&self.folder)
            .with_context(|| format!("cannot read the folder {folder}"))?;
        if found.is_empty() {
            terminal.talk(&format!("{folder} has no scenario; `topup-sim new` writes one"));
        }
        Ok(match self.format {
            Format::Table => page(&found, terminal.columns()),
            format => grid(&found).text(format, terminal.columns()),
        })
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

fn policies(presets: &[ListedPreset], columns: usize) -> String {
    let mut text = String::new();
    for (i, preset) in presets.iter().enumerate() {
        let gap = if i == 0 { "" } else { "\n" };
        text += &format!("{gap}{}  {}\n", painted(BOLD, preset.name), preset.label);
        for (what, said) in preset.says() {
            text += &lines(&format!("{what}: {said}"), columns);
        }
    }
    text
}

/// An entry with a hanging indent.
pub(super) fn lines(text: &str, columns: usize) -> String {
    let indented = |(i, line): (usize, &String)| {
        format!("{}{}\n", if i == 0 { "    " } else { "      " }, painted(DIM, line))
    };
    wrapped(text, columns - 6).iter().enumerate().map(indented).collect()
}

fn grid_of_policies(presets: &[ListedPreset]) -> Grid {
    let mut grid = Grid::new(&[
        "name", "label", "attempts", "pauses", "retry_on", "budget", "breaker", "throttle",
        "hedge", "heeds", "source", "known", "note",
    ]);
    for preset in presets {
        grid.push([
            preset.name.into(),
            preset.label.into(),
            preset.attempts.as_str().into(),
            preset.pauses.as_str().into(),
            preset.retry_on.as_str().into(),
            preset.budget.as_str().into(),
            preset.breaker.as_str().into(),
            preset.throttle.as_str().into(),
            preset.hedge.as_str().into(),
            preset.heeds.into(),
            preset.source.into(),
            preset.known.into(),
            preset.note.into(),
        ]);
    }
    grid
}
