//! `topup-sim report`: new pictures, and the screen again, from the folder of a run or a study.

mod run;
mod studies;

use std::path::PathBuf;

use super::ending::{Ending, Failure, Outcome};
use super::grid::Format;
use super::look::LookArgs;
use super::terminal::Terminal;
use super::{compare, plan, sweep};
use crate::report::chart::Picture;
use crate::report::{Finished, Look, NotFinished, write_pictures};

/// Draw a finished run or study again, and show its results, without simulating
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  topup-sim report output/amazon-cn-balance-1a2b3c4d
  topup-sim report output/amazon-cn-balance-1a2b3c4d --size 3.5in --greyscale --pdf --out figures
  topup-sim report output/retry-storm-compare-1a2b3c4d --numbers de --format md")]
pub(super) struct Args {
    /// The folder of a finished run, compare, sweep or plan
    folder: PathBuf,

    /// Write the pictures here and leave the folder as it is [default: its charts/]
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Draw nothing: the results only
    #[arg(long)]
    no_charts: bool,

    /// How to print the results
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    #[command(flatten)]
    look: LookArgs,
}

/// What a folder shows: all of it has been read before anything is written.
struct Shown {
    /// What a reader should know of the files, in sentences.
    notes: Vec<String>,
    pictures: Box<dyn Fn(Look) -> Vec<Picture>>,
    /// The results in a format, in so many columns.
    text: Box<dyn Fn(Format, usize) -> String>,
}

type Show = fn(&Finished) -> Result<Shown, Failure>;

/// What can be in a folder, and how it is shown again. A new kind of study adds a line.
const KINDS: [(&str, Show); 4] = [
    ("run", run::run),
    (compare::KIND, studies::compare),
    (sweep::KIND, studies::sweep),
    (plan::KIND, studies::plan),
];

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        let mut finished = Finished::open(&self.folder)?;
        let Some((_, show)) = KINDS.iter().find(|(kind, _)| *kind == finished.kind()) else {
            let (path, kind) = (self.folder.clone(), finished.kind().to_owned());
            return Err(NotFinished::Kind { path, kind }.into());
        };
        let shown = show(&finished)?;
        shown.notes.iter().for_each(|note| terminal.warning(note));
        if !self.no_charts {
            self.draw(&mut finished, &shown, terminal)?;
        }
        let text = (shown.text)(self.format, terminal.columns());
        terminal.result(&self.look.written(text, self.format))?;
        Ok(Ending::Fine)
    }

    fn draw(
        &self,
        finished: &mut Finished,
        shown: &Shown,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        let look = self.look.look();
        let pictures = (shown.pictures)(look);
        for warning in pictures.iter().flat_map(|picture| &picture.warnings) {
            terminal.warning(warning);
        }
        match &self.out {
            Some(folder) => {
                write_pictures(folder, &pictures, |_, _| {})?;
                let charts = match pictures.len() {
                    1 => "1 chart".to_owned(),
                    many => format!("{many} charts"),
                };
                terminal.talk(&format!("{charts} written to {}", folder.display()));
            }
            None => finished.replace_pictures(&pictures, look)?,
        }
        Ok(())
    }
}

impl From<NotFinished> for Failure {
    fn from(not: NotFinished) -> Self {
        match not {
            NotFinished::Io(error) => error.into(),
            other => Failure::Invalid(other.to_string()),
        }
    }
}
