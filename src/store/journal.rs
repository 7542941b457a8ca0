//! The journal: results of single replications in one file, to which each is added as it ends.
//!
//! Each result is handed to the system at once and whole, before anybody is told that it is done.
//! A process that is killed loses at most the replications under way: what it was writing is a
//! torn end, which the next one cuts off. Anything else that is not as it was written is refused.
//! The system is not waited for to bring each result to the disk, so that a machine that loses its
//! power may leave a journal that is refused; then the study starts anew.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::frame::{Found, HEAD, framed, read_next};
use crate::record::{Summary, layout};
use crate::study::Journal;

/// Opens every journal; the number is that of the format.
const MAGIC: &[u8; 20] = b"topup-sim journal 2\n";

/// Why a journal cannot be used. Shows as a sentence with the path.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Something else lies there.
    #[error(
        "{} is no journal of topup-sim: move it away, or start anew with --force", path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Another version of this program wrote it.
    #[error(
        "{} was written by topup-sim {version}, whose results this one cannot read: finish the \
         study with that one, or start anew with --force", path.display()
    )]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// The version that wrote it.
        version: String,
    },
    /// It holds results of something else.
    #[error(
        "{} holds results of another study, {study}: move it away, or start anew with --force",
        path.display()
    )]
    OtherStudy {
        /// The file.
        path: PathBuf,
        /// The study that it is of.
        study: String,
    },
    /// Its bytes are not those that were written.
    #[error(
        "{} is damaged: after {results} whole results, a checksum is wrong at byte {at}; start \
         anew with --force", path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where the first damaged result begins.
        at: u64,
        /// Results before it.
        results: usize,
    },
    /// The system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What stands before the results.
#[derive(Serialize, Deserialize)]
struct Header {
    /// Version of the program that writes.
    version: String,
    /// What summaries are made of: bytes of another layout mean something else.
    layout: String,
    /// The name of the study that it is of.
    study: String,
}

/// A journal on disk. One process at a time may have it open.
#[derive(Debug)]
pub struct JournalFile {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    /// Where the next result goes.
    end: u64,
    /// Where each body begins, and its length, by key and number of the replication.
    kept: BTreeMap<(String, u32), (u64, usize)>,
    /// The first refusal of the system to write; nothing is kept after it.
    trouble: Option<io::Error>,
}

impl JournalFile {
    /// Opens the journal of a study, with all that it holds; where there is none, begins one.
    ///
    /// # Errors
    /// When it is not one of this program, version and study, when it is damaged, or when the
    /// system refuses. Then nothing has been changed.
    pub fn open(path: &Path, study: &str) -> Result<Self, JournalError> {
        let io = |action| {
            let path = path.to_owned();
            move |source| JournalError::Io { action, path, source }
        };
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).map_err(io("open"))?;
        let opening = opening(study);
        let mut found = Vec::with_capacity(opening.len());
        let most = opening.len() as u64;
        (&mut file).take(most).read_to_end(&mut found).map_err(io("read"))?;
        let (end, kept) = if found.len() < opening.len() && opening.starts_with(&found) {
            // new, or of a process that was killed at its very beginning
            file.seek(SeekFrom::Start(0)).map_err(io("write"))?;
            file.write_all(&opening).map_err(io("write"))?;
            (most, BTreeMap::new())
        } else {
            file.seek(SeekFrom::Start(0)).map_err(io("read"))?;
            read(BufReader::new(&mut file), path, study)?
        };
        file.set_len(end).map_err(io("write"))?;
        let state = Mutex::new(State { file, end, kept, trouble: None });
        Ok(Self { path: path.to_owned(), state })
    }

    /// How many results it holds.
    pub fn len(&self) -> usize {
        self.state().kept.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it holds the result of a replication.
    pub fn holds(&self, key: &str, replication: u32) -> bool {
        self.state().kept.contains_key(&(key.to_owned(), replication))
    }

    /// Why results are kept no more, as a sentence; none while all goes well.
    pub fn trouble(&self) -> Option<String> {
        let state = self.state();
        let source = state.trouble.as_ref()?;
        let path = self.path.display();
        Some(format!("cannot write {path}: {source}; what is missing there has to be run again"))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for JournalFile {
    fn find(&self, key: &str, replication: u32) -> Option<Summary> {
        let body = self.state().body(&(key.to_owned(), replication)).ok()??;
        let ((_, _, summary), _) = postcard::take_from_bytes::<(&str, u32, Summary)>(&body).ok()?;
        Some(summary)
    }

    fn keep(&self, key: &str, replication: u32, summary: &Summary) {
        let body = postcard::to_allocvec(&(key, replication, summary));
        let body = body.expect("a summary is plain data, and memory takes it");
        let frame = framed(&body);
        self.state().add((key.to_owned(), replication), &frame, body.len());
    }
}

impl State {
    /// The bytes of a result, if it is there.
    fn body(&mut self, key: &(String, u32)) -> io::Result<Option<Vec<u8>>> {
        let Some(&(at, length)) = self.kept.get(key) else { return Ok(None) };
        let mut body = vec![0; length];
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut body)?;
        Ok(Some(body))
    }

    fn add(&mut self, key: (String, u32), frame: &[u8], length: usize) {
        if self.trouble.is_some() {
            return;
        }
        let written = self.file.seek(SeekFrom::Start(self.end));
        match written.and_then(|_| self.file.write_all(frame)) {
            Ok(()) => {
                self.kept.insert(key, (self.end + HEAD as u64, length));
                self.end += frame.len() as u64;
            }
            // what was written of it is a torn end, which whoever opens it next cuts off
            Err(error) => self.trouble = Some(error),
        }
    }
}

/// The bytes with which a journal of this program and study begins.
fn opening(study: &str) -> Vec<u8> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let header = Header { version, layout: layout(), study: study.to_owned() };
    let body = postcard::to_allocvec(&header).expect("three texts can be written");
    [&MAGIC[..], &framed(&body)].concat()
}

/// Where the whole results end, and where each of them lies.
type Contents = (u64, BTreeMap<(String, u32), (u64, usize)>);

/// Looks through a journal.
fn read(mut from: impl Read, path: &Path, study: &str) -> Result<Contents, JournalError> {
    let io = |source| JournalError::Io { action: "read", path: path.to_owned(), source };
    let foreign = || JournalError::Foreign { path: path.to_owned() };
    let mut magic = [0; MAGIC.len()];
    from.read_exact(&mut magic).map_err(|_| foreign())?;
    if magic != *MAGIC {
        return Err(foreign());
    }
    let mut body = Vec::new();
    let header = read_next(&mut from, &mut body).map_err(io)?;
    check_header(&header, &body, path, study)?;
    let mut at = (MAGIC.len() + HEAD + body.len()) as u64;
    let mut kept = BTreeMap::new();
    loop {
        let damaged = JournalError::Damaged { path: path.to_owned(), at, results: kept.len() };
        match read_next(&mut from, &mut body).map_err(io)? {
            Found::End | Found::Torn => return Ok((at, kept)),
            Found::Damaged => return Err(damaged),
            Found::Whole => {}
        }
        let Ok((key, _)) = postcard::take_from_bytes::<(String, u32)>(&body) else {
            return Err(damaged);
        };
        kept.insert(key, (at + HEAD as u64, body.len()));
        at += (HEAD + body.len()) as u64;
    }
}

/// Refuses what another version has written, or of another study.
fn check_header(found: &Found, body: &[u8], path: &Path, study: &str) -> Result<(), JournalError> {
    let path = path.to_owned();
    if *found != Found::Whole {
        return Err(JournalError::Damaged { path, at: MAGIC.len() as u64, results: 0 });
    }
    match postcard::from_bytes::<Header>(body) {
        Ok(header) if header.layout != layout() => {
            Err(JournalError::OtherVersion { path, version: header.version })
        }
        Ok(header) if header.study != study => {
            Err(JournalError::OtherStudy { path, study: header.study })
        }
        Ok(_) => Ok(()),
        Err(_) => Err(JournalError::Foreign { path }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::record::fake::{self, ODDS, small};

    fn summary(seed: u64) -> Summary {
        fake::summary(&small(), seed, 40, ODDS)
    }

    /// A journal of three results.
    fn three(folder: &TempDir) -> PathBuf {
        let path = folder.path().join("journal");
        let journal = JournalFile::open(&path, "study-1234abcd").unwrap();
        for number in 0..3 {
            journal.keep("a", number, &summary(number.into()));
        }
        assert_eq!((journal.len(), journal.trouble()), (3, None));
        path
    }

    #[test]
    fn what_is_kept_is_found_as_it_was_and_after_a_restart() {
        let folder = TempDir::new().unwrap();
        let path = three(&folder);
        let journal = JournalFile::open(&path, "study-1234abcd").unwrap();
        journal.keep("b", 0, &summary(9));
        for number in 0..3 {
            assert_eq!(journal.find("a", number), Some(summary(number.into())));
        }
        assert_eq!(journal.find("b", 0), Some(summary(9)));
        assert_eq!((journal.find("b", 1), journal.find("c", 0)), (None, None));
        assert!(journal.holds("b", 0) && !journal.holds("b", 1));
    }

    #[test]
    fn wherever_the_writer_was_killed_all_whole_results_are_there() {
        let folder = TempDir::new().unwrap();
        let whole = fs::read(three(&folder)).unwrap();
        let path = folder.path().join("torn");
        let (last, mut held) = (summary(7), Vec::new());
        for length in (0..=whole.len()).rev().step_by(whole.len() / 40) {
            fs::write(&path, &whole[..length]).unwrap();
            let journal = JournalFile::open(&path, "study-1234abcd").unwrap();
            held.push(journal.len());
            journal.keep("z", 7, &last);
            drop(journal);
            let again = JournalFile::open(&path, "study-1234abcd").unwrap();
            assert_eq!(again.find("z", 7).as_ref(), Some(&last), "cut at {length}");
        }
        assert!(held.is_sorted_by(|a, b| a >= b), "{held:?}");
        assert_eq!((held[0], held[held.len() - 1]), (3, 0));
    }

    #[test]
    fn a_damaged_journal_is_refused_and_left_alone() {
        let folder = TempDir::new().unwrap();
        let path = three(&folder);
        let whole = fs::read(&path).unwrap();
        for at in (0..60).chain((60..whole.len()).step_by(whole.len() / 40)) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            fs::write(&path, &damaged).unwrap();
            let refusal = JournalFile::open(&path, "study-1234abcd").unwrap_err().to_string();
            assert!(refusal.contains("--force"), "byte {at}: {refusal}");
            assert_eq!(fs::read(&path).unwrap(), damaged);
        }
    }

    #[test]
    fn what_others_wrote_is_refused() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("diary");
        fs::write(&path, "a diary of mine, longer than what opens a journal").unwrap();
        let refusal = JournalFile::open(&path, "study-1234abcd").unwrap_err();
        assert!(matches!(refusal, JournalError::Foreign { .. }), "{refusal}");
        let header = Header {
            version: "9.9.9".to_owned(),
            layout: "other".repeat(13),
            study: String::new(),
        };
        let body = postcard::to_allocvec(&header).unwrap();
        fs::write(&path, [&MAGIC[..], &framed(&body)].concat()).unwrap();
        let refusal = JournalFile::open(&path, "study-1234abcd").unwrap_err().to_string();
        assert!(refusal.contains("topup-sim 9.9.9"), "{refusal}");
        let path = three(&folder);
        let refusal = JournalFile::open(&path, "study-5678abcd").unwrap_err().to_string();
        assert!(refusal.contains("another study, study-1234abcd"), "{refusal}");
    }
}
