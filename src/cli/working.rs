//! What every command that simulates can be told: threads, folder, charts, format.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::ending::Failure;
use super::grid::Format;
use super::look::LookArgs;
use crate::report::{Charts, number};

/// How work is done and shown.
#[derive(clap::Args)]
pub(super) struct Working {
    /// Threads; results are the same for any number [default: all cores]
    #[arg(long, short = 'j', value_name = "N", value_parser = threads)]
    threads: Option<NonZeroUsize>,

    /// Folder in which the results get a folder of their own
    #[arg(long, short, value_name = "DIR", default_value = "output")]
    pub(super) out: PathBuf,

    /// Replace what is in the way: files of that folder that are not from topup-sim, and results of
    /// an interrupted study
    #[arg(long)]
    pub(super) force: bool,

    /// Write no charts
    #[arg(long)]
    no_charts: bool,

    /// How to print the results
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,

    /// Refuse work that would take more events than this, by its estimate
    #[arg(long, value_name = "N")]
    max_events: Option<u64>,

    #[command(flatten)]
    look: LookArgs,
}

impl Working {
    /// Threads to work on.
    pub(super) fn threads(&self) -> usize {
        let threads = self.threads.or_else(|| std::thread::available_parallelism().ok());
        threads.map_or(1, NonZeroUsize::get)
    }

    /// A result in its format, with its numbers in the language asked for.
    pub(super) fn written(&self, text: String) -> String {
        self.look.written(text, self.format)
    }

    /// Whether charts are wanted, and how they look.
    pub(super) fn charts(&self) -> Charts {
        if self.no_charts { Charts::LeftOut } else { Charts::Drawn(self.look.look()) }
    }

    /// Refuses what would take too many events by its estimate.
    ///
    /// # Errors
    /// When it would.
    pub(super) fn refuse_more_events(&self, events: f64) -> Result<(), Failure> {
        match self.max_events {
            Some(most) if events > most as f64 => Err(Failure::Invalid(format!(
                "the run would take about {} events, and --max-events allows {}",
                number::fixed(events, 0),
                number::count(most),
            ))),
            _ => Ok(()),
        }
    }
}

pub(super) fn threads(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "a whole number from 1 on is needed")
}
