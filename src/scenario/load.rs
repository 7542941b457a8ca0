//! Data files: only regular ones inside the scenario's folder, read as tables of text.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use super::DataFile;
use super::folder::Folder;
use crate::model::data::{DataTable, FileRef, Files};
use crate::model::fault::{Faults, KeyPath};

/// Bytes of a data file at most.
const BYTES_MAX: usize = 64 << 20;
/// Cells of a data file at most.
const CELLS_MAX: usize = 20_000_000;

/// Columns of a data file at most.
const COLUMNS_MAX: usize = 1_000;

/// The tables of a scenario, and what there is to say about their files.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// Tables by the path that the scenario writes.
    pub(super) tables: Files,
    /// The files, sorted by path.
    pub(super) files: Vec<DataFile>,
}

/// Loads every file that is named; each key that names a bad one earns its own fault.
pub(super) fn load(named: &[(KeyPath, &FileRef)], folder: &Folder, faults: &mut Faults) -> Loaded {
    let mut loaded = Loaded::default();
    let mut bad: BTreeMap<&FileRef, String> = BTreeMap::new();
    for (path, file) in named {
        if loaded.tables.contains_key(*file) {
            continue;
        }
        let read = match bad.get(file) {
            Some(why) => Err(why.clone()),
            None => folder.bytes(&file.0, BYTES_MAX).and_then(|bytes| load_one(&bytes, &file.0)),
        };
        match read {
            Ok((table, entry)) => {
                loaded.tables.insert((*file).clone(), table);
                loaded.files.push(entry);
            }
            Err(why) => {
                faults.add(path.clone(), format!("names the file {:?}, which {why}", file.0));
                bad.insert(file, why);
            }
        }
    }
    loaded.files.sort_by(|a, b| a.path.cmp(&b.path));
    loaded
}

/// Where the file is, if that is inside the folder, links followed.
pub(super) fn place(file: &str, folder: &Path) -> Result<PathBuf, String> {
    let outside = "is not inside the scenario's folder";
    let written = Path::new(file);
    let plain = written.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
    if file.is_empty() || file.contains(['\\', '\0']) || !plain {
        return Err(format!("{outside}: write a relative path without \"..\""));
    }
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let path = folder.join(written);
    let real = match (folder.canonicalize(), path.canonicalize()) {
        (Ok(folder), Ok(real)) if real.starts_with(&folder) => real,
        (Ok(_), Ok(_)) => return Err(outside.to_owned()),
        _ => return Err("is not there".to_owned()),
    };
    Ok(real)
}

fn load_one(bytes: &[u8], written: &str) -> Result<(DataTable, DataFile), String> {
    let entry = DataFile {
        path: written.to_owned(),
        sha256: hex(&Sha256::digest(bytes)),
        bytes: bytes.len() as u64,
    };
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    Ok((table(text)?, entry))
}

/// Digits of a hash.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A CSV text as a table, or what is wrong with it, with the line.
fn table(text: &[u8]) -> Result<DataTable, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let mut lines = Lines { text, at: 0, line: 1 };
    let torn = |e: &csv::Error, lines: &mut Lines| {
        let line = e.position().map_or(1, |place| lines.line_of(place.byte()));
        format!("is no UTF-8 text in line {line}")
    };
    let header = reader.headers().map_err(|e| torn(&e, &mut lines))?;
    let columns: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
    if columns.is_empty() || columns.iter().all(String::is_empty) {
        return Err("is empty".to_owned());
    }
    if columns.len() > COLUMNS_MAX {
        return Err(format!("has {} columns, and at most {COLUMNS_MAX} are read", columns.len()));
    }
    for (i, name) in columns.iter().enumerate() {
        if columns[..i].contains(name) {
            return Err(format!("has two columns named {name:?}"));
        }
    }
    let width = columns.len();
    let mut rows = DataTable::new(columns);
    let mut record = csv::StringRecord::new();
    loop {
        let more = reader.read_record(&mut record);
        if !more.map_err(|e| torn(&e, &mut lines))? {
            break;
        }
        let at = record.position().map_or(1, |place| lines.line_of(place.byte()));
        if record.len() != width {
            return Err(format!("has {} cells in line {at} under {width} columns", record.len()));
        }
        rows.push(at, &record);
        if rows.len() * width > CELLS_MAX {
            return Err(format!("has more than {CELLS_MAX} cells"));
        }
    }
    if rows.is_empty() {
        return Err("has a header and no rows".to_owned());
    }
    Ok(rows)
}

/// Lines of a text, counted as far as was asked for. The reader's own count stops at the end of the
/// record before, and so knows neither empty lines nor the second half of a Windows line end.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
}

impl Lines<'_> {
    /// The line, from 1, of the record that the reader found from this byte on; bytes only rise.
    fn line_of(&mut self, byte: u64) -> u32 {
        let from = usize::try_from(byte).unwrap_or(usize::MAX).clamp(self.at, self.text.len());
        let ends = self.text[from..].iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        let passed = &self.text[self.at..from + ends];
        self.line += passed.iter().filter(|b| **b == b'\n').count() as u32;
        self.at = from + ends;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_and_a_byte_order_mark_change_nothing() {
        let unix = table(b"a,b\n1,2\n").unwrap();
        assert_eq!(table(b"a,b\r\n1,2\r\n").unwrap(), unix);
        assert_eq!((unix.len(), unix.cell(0, 0), unix.cell(0, 1)), (1, "1", "2"));
    }

    #[test]
    fn what_is_no_table_earns_a_sentence_with_its_line() {
        let wide = (0..1_001).map(|n| n.to_string()).collect::<Vec<_>>().join(",").into_bytes();
        for (text, part) in [
            (&b""[..], "is empty"),
            (b"a,b\n", "no rows"),
            (b"a,b\n1,2\n3\n", "1 cells in line 3 under 2 columns"),
            (b"a,a\n1,2\n", "two columns named"),
            (b"a,b\n1,\xff\n", "no UTF-8 text in line 2"),
            (&wide, "has 1001 columns"),
        ] {
            let why = table(text).unwrap_err();
            assert!(why.contains(part), "{why}");
        }
    }

    #[test]
    fn a_row_knows_its_line_past_empty_lines_and_line_breaks_in_cells() {
        let read = table(b"a,b\n\n1,\"x\ny\"\n\n2,z\n").unwrap();
        assert_eq!((read.line(0), read.cell(0, 1)), (3, "x\ny"));
        assert_eq!((read.line(1), read.cell(1, 1)), (6, "z"));
    }

    #[test]
    fn a_path_cannot_leave_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("in.csv"), "a\n1\n").unwrap();
        assert!(place("in.csv", folder.path()).is_ok());
        assert!(place("./in.csv", folder.path()).is_ok());
        for out in ["../x.csv", "/etc/hostname", "a/../../x", "a\\b", "", "in.csv/../in.csv"] {
            assert!(place(out, folder.path()).is_err(), "{out}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("/etc", folder.path().join("link")).unwrap();
            let why = place("link/hostname", folder.path()).unwrap_err();
            assert!(why.contains("not inside"), "{why}");
        }
    }
}
