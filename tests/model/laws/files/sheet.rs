//! CSV files as whoever opens them sees them: names of columns, and text in cells.

use std::collections::BTreeMap;
use std::path::Path;

/// A file of a folder.
#[derive(Clone)]
pub(crate) struct Sheet {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

/// A row with the names of its columns.
#[derive(Clone, Copy)]
pub(crate) struct Line<'s> {
    columns: &'s [String],
    row: &'s [String],
}

/// The files of a folder by name, without `.csv`.
pub(crate) type Book = BTreeMap<String, Sheet>;

/// Reads every CSV file of a folder.
pub(crate) fn book(folder: &Path) -> Book {
    let files = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let sheets = files.filter(|path| path.extension().is_some_and(|end| end == "csv"));
    let named = |path: std::path::PathBuf| {
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), Sheet::read(&path))
    };
    sheets.map(named).collect()
}

impl Sheet {
    fn read(path: &Path) -> Self {
        let mut reader = csv::Reader::from_path(path).unwrap();
        let columns = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let cells = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
        let rows = reader.records().map(|record| cells(record.unwrap())).collect();
        Sheet { columns, rows }
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.rows.iter().map(|row| Line { columns: &self.columns, row })
    }
}

impl<'s> Line<'s> {
    pub(crate) fn text(self, column: &str) -> &'s str {
        let at = self.columns.iter().position(|name| name == column);
        &self.row[at.unwrap_or_else(|| panic!("no column {column} in {:?}", self.columns))]
    }

    /// None where the cell is empty.
    pub(crate) fn number(self, column: &str) -> Option<f64> {
        let text = self.text(column);
        let number = || text.parse().unwrap_or_else(|e| panic!("{column} is {text:?}: {e}"));
        (!text.is_empty()).then(number)
    }

    /// A whole number; 0 where the cell is empty.
    pub(crate) fn count(self, column: &str) -> u64 {
        let number = self.number(column).unwrap_or(0.0);
        assert!(number >= 0.0 && number.fract() == 0.0, "{column} is no count: {number}");
        number as u64
    }
}

/// What does not hold, one sentence each.
#[derive(Default)]
pub(crate) struct Broken(pub(crate) Vec<String>);

impl Broken {
    /// Notes the law with what was found, unless it holds.
    pub(crate) fn unless(&mut self, holds: bool, law: &str, found: impl std::fmt::Debug) {
        if !holds {
            self.0.push(format!("{law}: {found:?}"));
        }
    }

    /// Holds that an interval contains its value, in the middle where it is Student's and not cut
    /// at the end of what can be.
    pub(crate) fn unless_inside(&mut self, line: Line, [value, low, high]: [&str; 3]) {
        let ends = [low, value, high].map(|column| line.number(column));
        let [Some(least), Some(value), Some(most)] = ends else { return };
        let inside = (least..=most).contains(&value);
        self.unless(inside, "an interval contains its value", (line.row, least, value, most));
        let method = low.replace("ci_low", "interval");
        let is_t = line.columns.contains(&method) && line.text(&method) == "t";
        let is_cut = least == 0.0 || [1.0, 1e6].contains(&most);
        let middle = near(value - least, most - value, 1e-6) || same(value - least, most - value);
        let law = "an interval of Student's has its value in the middle";
        self.unless(!is_t || is_cut || middle, law, (line.row, least, value, most));
    }

    /// Holds that an interval contains what the counts of its line say: the value itself is the
    /// mean of the replications, which need not have the same top-ups.
    pub(crate) fn unless_around(&mut self, line: Line, counted: f64, [low, high]: [&str; 2]) {
        if let [Some(low), Some(high)] = [low, high].map(|column| line.number(column)) {
            let inside = low <= counted && counted <= high;
            let law = "an interval contains what its counts say";
            self.unless(inside, law, (line.row, low, counted, high));
        }
    }
}

/// Equal but for the last digits of sums of floating-point numbers.
pub(crate) fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

/// Within a part of the larger.
pub(crate) fn near(a: f64, b: f64, part: f64) -> bool {
    (a - b).abs() <= part * a.abs().max(b.abs())
}
