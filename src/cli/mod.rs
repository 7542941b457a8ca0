//! Subcommands and all text that reaches the terminal.
