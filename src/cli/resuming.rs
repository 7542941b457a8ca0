//! What becomes of the results that an interrupted study has left.

use super::ending::Failure;
use super::terminal::Terminal;
use super::working::Working;
use crate::report::folder::JOURNAL;
use crate::report::{Folder, number};
use crate::store::{JournalError, JournalFile};

/// Whether to go on with an interrupted study.
#[derive(clap::Args)]
pub(super) struct Resuming {
    /// Go on where the same command was interrupted; the results are those of a whole run
    #[arg(long)]
    resume: bool,
}

impl Resuming {
    /// Claims the folder of a study and opens its journal.
    ///
    /// Results of an interrupted study are never thrown away unasked: without `--resume` they are a
    /// refusal, which `--force` overrules.
    ///
    /// # Errors
    /// When they are there and nobody said what to do with them, when the journal cannot be used,
    /// or when the folder cannot be had.
    pub(super) fn open(
        &self,
        working: &Working,
        name: &str,
        terminal: &Terminal,
    ) -> Result<(Folder, JournalFile), Failure> {
        if !self.resume && working.force {
            let folder = Folder::open(&working.out, name, working.force)?;
            let journal = JournalFile::open(&folder.partial().join(JOURNAL), name)?;
            return Ok((folder, journal));
        }
        let folder = Folder::resume(&working.out, name, working.force)?;
        let journal = JournalFile::open(&folder.partial().join(JOURNAL), name)?;
        let results = match journal.len() {
            1 => "1 result".to_owned(),
            results => format!("{} results", number::count(results as u64)),
        };
        match (self.resume, journal.is_empty()) {
            (false, false) => {
                return Err(Failure::Invalid(format!(
                    "{} holds {results} of an interrupted run of this command: go on with \
                     --resume, or start anew with --force",
                    folder.partial().display()
                )));
            }
            (true, true) => terminal.talk("nothing was interrupted here: starting anew"),
            (true, false) => terminal.talk(&format!("going on with {results}")),
            (false, true) => {}
        }
        folder.clear_all_but_journal()?;
        Ok((folder, journal))
    }
}

/// What to tell whoever interrupted a study of so many replications, where that is known.
pub(super) fn how_to_go_on(kept: usize, of: Option<u64>, folder: &Folder) -> String {
    let kept = number::count(kept as u64);
    let kept = match of {
        Some(of) => format!("{kept} of {} replications are kept", number::count(of)),
        None if kept == "1" => "1 replication is kept".to_owned(),
        None => format!("{kept} replications are kept"),
    };
    let folder = folder.partial().display();
    format!("interrupted: {kept} in {folder}; the same command with --resume goes on")
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        match error {
            // Its sentence names the cause already; with a source it would say it twice.
            JournalError::Io { .. } => Self::Broken(anyhow::anyhow!("{error}")),
            refused => Self::Invalid(refused.to_string()),
        }
    }
}
