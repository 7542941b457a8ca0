//! `topup-sim completions`: what a shell needs to complete the command line.

use clap_complete::Shell;

use super::ending::{Ending, Outcome};
use super::terminal::Terminal;

/// Print a completion script for a shell
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  topup-sim completions bash > ~/.local/share/bash-completion/completions/topup-sim
  topup-sim completions zsh > ~/.zfunc/_topup-sim
  topup-sim completions fish > ~/.config/fish/completions/topup-sim.fish")]
pub(super) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::command(), "topup-sim", &mut script);
        terminal.result(&String::from_utf8_lossy(&script))?;
        Ok(Ending::Fine)
    }
}
