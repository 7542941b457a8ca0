//! `topup-sim schema`: the JSON Schema of scenario files, for editors.

use super::ending::{Ending, Outcome};
use super::terminal::Terminal;
use crate::scenario;

/// Print the JSON Schema of scenario files, for completion and checks in an editor
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  topup-sim schema > scenario.schema.json

An editor with TOML support reads it where a scenario begins with
  #:schema scenario.schema.json")]
pub(super) struct Args {}

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        terminal.result(&scenario::schema())?;
        Ok(Ending::Fine)
    }
}
