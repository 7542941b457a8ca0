//! All text to the terminal passes here: results to stdout, talk and faults to stderr.
//!
//! Colours are taken away where nobody sees them (a file, a pipe, NO_COLOR). A closed pipe is a
//! clean end: whoever reads has seen enough.

use std::io::{self, ErrorKind, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

use super::ending::Failure;
use crate::scenario::obeyed;

/// Columns used where nobody says how many there are.
const COLUMNS: usize = 100;
/// Fewer columns than this are not worth obeying, and more are hard to read.
const COLUMNS_LEAST: usize = 60;
/// More columns than this are hard to read.
const COLUMNS_MOST: usize = 120;

/// Headings.
pub(super) const BOLD: Style = Style::new().bold();
/// What explains, and may be passed over.
pub(super) const DIM: Style = Style::new().dimmed();
/// What is as it should be.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// What is not known.
pub(super) const UNSURE: Style = AnsiColor::Yellow.on_default();
/// What is not as it should be.
pub(super) const BAD: Style = AnsiColor::Red.on_default();

/// The two streams of this process.
pub(super) struct Terminal {
    quiet: bool,
}

impl Terminal {
    /// With `quiet`, only results and faults are printed.
    pub(super) fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// Prints a result to stdout.
    ///
    /// # Errors
    /// When stdout takes no more for another reason than being closed.
    pub(super) fn result(&self, text: &str) -> Result<(), Failure> {
        let mut out = anstream::stdout().lock();
        unless_closed(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
            .map_err(|error| anyhow::Error::new(error).context("cannot write to stdout").into())
    }

    /// Prints a line of talk to stderr, unless quiet.
    pub(super) fn talk(&self, line: &str) {
        if !self.quiet {
            to_stderr(&format!("{}\n", plain(line)));
        }
    }

    /// Prints a line with what may not be meant to stderr, unless quiet.
    pub(super) fn warning(&self, line: &str) {
        if !self.quiet {
            to_stderr(&format!("{}: {}\n", painted(UNSURE, "warning"), plain(line)));
        }
    }

    /// Prints a fault in one sentence to stderr.
    pub(super) fn fault(&self, text: &str) {
        to_stderr(&format!("{}: {}\n", painted(BAD.bold(), "error"), plain(text)));
    }

    /// Prints faults that are laid out already to stderr.
    pub(super) fn laid_out_faults(&self, text: &str) {
        to_stderr(text);
    }

    /// Whether somebody watches progress on stderr.
    pub(super) fn is_watched(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Columns of stdout.
    pub(super) fn columns(&self) -> usize {
        let size = terminal_size::terminal_size_of(io::stdout());
        let columns = size.map_or(COLUMNS, |(width, _)| usize::from(width.0));
        columns.clamp(COLUMNS_LEAST, COLUMNS_MOST)
    }
}

/// The text in a style, which `Terminal` takes away where it does not show.
pub(super) fn painted(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// The text with what a terminal would obey escaped; lines stay lines.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => out.push('\n'),
            letter if obeyed(letter) => out.extend(letter.escape_unicode()),
            letter => out.push(letter),
        }
    }
    out
}

/// The text in lines of at most `columns` letters, broken between words.
pub(super) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        let columns_then = line.chars().count() + 1 + word.chars().count();
        if line.is_empty() {
            line.push_str(word);
        } else if columns_then <= columns {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

fn to_stderr(text: &str) {
    // Without stderr there is nobody to tell.
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_from_a_file_steers_the_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\u{202e}c\td"), "a\\u{1b}[31mb\\u{202e}c\\u{9}d");
        assert_eq!(plain("two\nlines, 充值 and ±"), "two\nlines, 充值 and ±");
    }

    #[test]
    fn lines_break_between_words_only() {
        assert_eq!(wrapped("aa bb  cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrapped("aaaaaaa bb", 5), ["aaaaaaa", "bb"]);
        assert_eq!(wrapped("", 5), [""]);
    }

    #[test]
    fn a_closed_pipe_is_a_clean_end() {
        assert!(unless_closed(Err(ErrorKind::BrokenPipe.into())).is_ok());
        assert!(unless_closed(Err(ErrorKind::StorageFull.into())).is_err());
    }
}
