//! What a command line says beside the scenario file, and how a scenario is read with it.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::ending::Failure;
use super::terminal::Terminal;
use crate::scenario::{self, Diagnostics, ReadOptions, Scenario, Source};

/// Bytes of standard input that are read at most: more than any scenario may have.
const STDIN_MAX: u64 = 2 << 20;

/// Values in place of those in the file.
#[derive(clap::Args)]
pub(super) struct Overrides {
    /// Replace a value of the scenario, such as `client.timeout=10s`; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,

    /// Seed of all randomness, in place of the scenario's
    #[arg(long, value_name = "N", value_parser = seed)]
    seed: Option<u64>,

    /// Number of replications, in place of the scenario's
    #[arg(long, short = 'n', value_name = "N", value_parser = replications)]
    replications: Option<u32>,

    /// Draw every value that has a range anew in each replication
    #[arg(long)]
    uncertainty: bool,
}

impl Overrides {
    /// Reads and checks a scenario from a file, or from standard input for `-`.
    ///
    /// # Errors
    /// When it is not there, cannot be read, or has faults; these have been shown then.
    pub(super) fn read(&self, path: &Path, terminal: &Terminal) -> Result<Scenario, Unread> {
        self.read_variant(path, None, terminal)
    }

    /// The same under a variant of the scenario's.
    ///
    /// # Errors
    /// The same, and when it has no such variant.
    pub(super) fn read_variant(
        &self,
        path: &Path,
        variant: Option<&str>,
        terminal: &Terminal,
    ) -> Result<Scenario, Unread> {
        let variant = variant.map(str::to_owned);
        let options = ReadOptions { variant, ..self.options(&[]) };
        shown(scenario::read(source(path)?, &options), terminal)
    }

    /// The same for a source that somebody has found, with more values on top.
    ///
    /// # Errors
    /// When it cannot be read or has faults; these have been shown then.
    pub(super) fn read_from(
        &self,
        source: Source,
        more: &[String],
        terminal: &Terminal,
    ) -> Result<Scenario, Unread> {
        shown(scenario::read(source, &self.options(more)), terminal)
    }

    /// These values, with more of them on top.
    pub(super) fn options(&self, more: &[String]) -> ReadOptions {
        let sets = [&self.sets[..], more].concat();
        let (seed, replications, uncertainty) = (self.seed, self.replications, self.uncertainty);
        ReadOptions { sets, seed, replications, uncertainty, ..ReadOptions::default() }
    }
}

/// What was read; faults are shown.
pub(super) fn shown<T>(read: Result<T, Diagnostics>, terminal: &Terminal) -> Result<T, Unread> {
    read.map_err(|faults| {
        terminal.laid_out_faults(&faults.render(true));
        Unread::Shown
    })
}

/// Why there is no scenario.
pub(super) enum Unread {
    /// Its faults have been shown.
    Shown,
    /// It could not be read at all.
    Failed(Failure),
}

impl From<Failure> for Unread {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

pub(super) fn seed(text: &str) -> Result<u64, &'static str> {
    text.parse().map_err(|_| "a whole number from 0 on is needed")
}

/// How many at most, the scenario says.
fn replications(text: &str) -> Result<u32, &'static str> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or("a whole number from 1 on is needed")
}

/// Where a scenario is read from: a file, or standard input for `-`, which is read once.
pub(super) fn source(path: &Path) -> Result<Source, Failure> {
    if path.as_os_str() != "-" {
        return match guess(path) {
            Some(guess) => Err(Failure::Invalid(format!(
                "{} is not there; did you mean {}?",
                path.display(),
                guess.display()
            ))),
            None => Ok(Source::File(path.to_owned())),
        };
    }
    let mut bytes = Vec::new();
    std::io::stdin().take(STDIN_MAX).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::Invalid("standard input is not UTF-8 text".to_owned()))?;
    Ok(Source::Text { name: "<stdin>".to_owned(), text, folder: PathBuf::from(".") })
}

/// A scenario whose name is near, where the file is not there.
fn guess(path: &Path) -> Option<PathBuf> {
    if path.exists() {
        return None;
    }
    let wanted = path.file_stem()?.to_string_lossy().into_owned();
    let own = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folders = [own.unwrap_or(Path::new(".")), Path::new("scenarios")];
    let listed = folders.iter().filter_map(|folder| scenario::list(folder).ok()).flatten();
    let near = listed.map(|found| (strsim::jaro_winkler(&found.name, &wanted), found.path));
    let near = near.filter(|(likeness, _)| *likeness > 0.85);
    let nearest = near.max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(nearest.1.strip_prefix(".").map_or(nearest.1.clone(), Path::to_path_buf))
}
