//! Tidy CSV: one file a table, the same bytes for the same table, safe to open in a spreadsheet.

use std::borrow::Cow;

/// A table that becomes a CSV file.
pub trait Table {
    /// The name of the file.
    const FILE: &'static str;
    /// The columns, in snake_case, the unit last.
    const COLUMNS: &'static [&'static str];
    /// How the rows are sorted, in words.
    const ORDER: &'static str;

    /// Writes the rows, each with as many cells as there are columns.
    fn write(&self, rows: &mut Rows);
}

/// What spreadsheets take for a formula where it begins a cell; the wide forms are those of Chinese
/// and Japanese keyboards.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The mark before a text that would be taken for a formula, and before one that has it already.
const MARK: char = '\'';

fn is_formula(text: &str) -> bool {
    text.trim_start_matches(MARK).starts_with(FORMULA)
}

/// The text of a cell without the mark that keeps spreadsheets from taking it for a formula.
pub(super) fn unmarked(cell: &str) -> &str {
    cell.strip_prefix(MARK).filter(|_| is_formula(cell)).unwrap_or(cell)
}

/// What stands in one cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Words; never taken for a formula.
    Text(String),
    /// The shortest decimal that reads back as the same number; empty unless finite.
    Number(f64),
    /// A whole number.
    Count(u64),
    /// A sum of money in minor units.
    Amount(u128),
    /// Nothing.
    Empty,
}

impl Cell {
    /// Words.
    pub fn text(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }

    /// A number, or an empty cell.
    pub fn number(value: Option<f64>) -> Self {
        value.map_or(Cell::Empty, Cell::Number)
    }

    /// A whole number, or an empty cell.
    pub fn count(value: Option<u64>) -> Self {
        value.map_or(Cell::Empty, Cell::Count)
    }

    fn written(&self) -> Cow<'_, str> {
        match self {
            Cell::Text(text) if is_formula(text) => Cow::Owned(format!("{MARK}{text}")),
            Cell::Text(text) => Cow::Borrowed(text),
            Cell::Number(value) if !value.is_finite() => Cow::Borrowed(""),
            // Adding 0 turns -0 into 0.
            Cell::Number(value) => Cow::Owned((value + 0.0).to_string()),
            Cell::Count(value) => Cow::Owned(value.to_string()),
            Cell::Amount(value) => Cow::Owned(value.to_string()),
            Cell::Empty => Cow::Borrowed(""),
        }
    }
}

/// Takes the rows of one table.
pub struct Rows {
    writer: csv::Writer<Vec<u8>>,
}

impl Rows {
    /// Adds a row. Panics unless it has as many cells as the table has columns.
    pub fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        self.record(cells.iter().map(Cell::written));
    }

    /// Adds a row of a table whose columns are known only when it runs. Panics unless it has as
    /// many cells as there are columns.
    pub fn cells(&mut self, cells: &[Cell]) {
        self.record(cells.iter().map(Cell::written));
    }

    fn record<'t>(&mut self, cells: impl Iterator<Item = Cow<'t, str>>) {
        let record = self.writer.write_record(cells.map(|cell| cell.into_owned().into_bytes()));
        record.expect("rows of a table have the same number of cells and memory takes them all");
    }
}

/// The CSV file of a table: RFC 4180 with `\n` between lines and a header line.
pub fn csv_of<T: Table>(table: &T) -> Vec<u8> {
    csv_with(T::COLUMNS, |rows| table.write(rows))
}

/// The same for columns that are known only when the program runs.
pub fn csv_with<C: AsRef<str>>(columns: &[C], write: impl FnOnce(&mut Rows)) -> Vec<u8> {
    let writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    let mut rows = Rows { writer };
    rows.record(columns.iter().map(|column| Cow::Borrowed(column.as_ref())));
    write(&mut rows);
    rows.writer.into_inner().expect("memory takes what is left")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sample(Vec<[Cell; 2]>);

    impl Table for Sample {
        const FILE: &'static str = "sample.csv";
        const COLUMNS: &'static [&'static str] = &["name", "value"];
        const ORDER: &'static str = "as given";

        fn write(&self, rows: &mut Rows) {
            self.0.iter().for_each(|row| rows.row(row.clone()));
        }
    }

    fn written(cells: [Cell; 2]) -> String {
        String::from_utf8(csv_of(&Sample(vec![cells]))).unwrap()
    }

    #[test]
    fn a_table_without_rows_has_its_header() {
        assert_eq!(csv_of(&Sample(Vec::new())), b"name,value\n");
    }

    #[test]
    fn no_text_is_taken_for_a_formula() {
        for text in ["=1+1", "+1", "-1", "@sum", "\tx", "\r=1", "\n=1", "＝1", "'=1", "''@a"] {
            let line = written([Cell::text(text), Cell::Empty]);
            assert!(line.contains(&format!("'{text}")), "{line}");
            assert_eq!(unmarked(&format!("'{text}")), text);
        }
        for text in ["", "'", "'tis", "a=b", "1"] {
            let line = written([Cell::text(text), Cell::Empty]);
            assert!(line.starts_with(&format!("name,value\n{text},")), "{line}");
            assert_eq!(unmarked(text), text);
        }
        assert_eq!(written([Cell::text("a=b"), Cell::Number(-1.0)]), "name,value\na=b,-1\n");
    }

    #[test]
    fn cells_are_quoted_as_the_standard_says() {
        let line = written([Cell::text("a,\"b\"\nc"), Cell::Count(3)]);
        assert_eq!(line, "name,value\n\"a,\"\"b\"\"\nc\",3\n");
    }

    #[test]
    fn numbers_read_back_as_themselves() {
        for value in [0.1 + 0.2, 1e-9, 583_000.0, f64::MIN_POSITIVE, 1.0 / 3.0] {
            let line = written([Cell::Empty, Cell::Number(value)]);
            let cell = line.trim_end().rsplit(',').next().unwrap().to_owned();
            assert_eq!(cell.parse::<f64>().unwrap().to_bits(), value.to_bits(), "{cell}");
        }
        assert_eq!(written([Cell::Empty, Cell::Number(-0.0)]), "name,value\n,0\n");
        assert_eq!(written([Cell::Empty, Cell::Number(f64::NAN)]), "name,value\n,\n");
    }
}
