//! CSV files of this program read back into their tables, each by the columns of its writer.

use csv::StringRecord;

use super::csv::{Table, unmarked};
use crate::record::Metric;
use crate::stats::{Estimate, Interval, Method, Verdict};

/// A table that can be read from its file. What is written again is the same bytes.
pub trait ReadBack: Table + Sized {
    /// The table of these lines.
    ///
    /// # Errors
    /// If a cell is not what the column holds.
    fn read(lines: &[Line]) -> Result<Self, Unreadable>;
}

/// Why a file is not the table that its name says. Shows as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A column is missing.
    #[error("{file} has no column `{column}`: another version wrote it")]
    Column {
        /// The file.
        file: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A cell holds something else.
    #[error("{file}, line {line}: `{column}` is {text:?}, which is no {wanted}")]
    Cell {
        /// The file.
        file: &'static str,
        /// The line of the file, from 1.
        line: u64,
        /// The column.
        column: &'static str,
        /// What stands there.
        text: String,
        /// What belongs there.
        wanted: &'static str,
    },
    /// A line has more or fewer cells than the table has columns.
    #[error("{file}, line {line}: {found} cells, where the table has {wanted}")]
    Ragged {
        /// The file.
        file: &'static str,
        /// The line of the file, from 1.
        line: u64,
        /// Cells that stand there.
        found: u64,
        /// Cells that belong there.
        wanted: u64,
    },
    /// It has no line.
    #[error("{file} has no line under its header")]
    Empty {
        /// The file.
        file: &'static str,
    },
    /// Rows are missing at its end.
    #[error("{file}, line {line}: the file ends here, where {wanted} rows belong")]
    Short {
        /// The file.
        file: &'static str,
        /// Its last line, from 1.
        line: usize,
        /// Rows that belong there.
        wanted: usize,
    },
    /// It is not even a table.
    #[error("{file} is no CSV file: {why}")]
    NoCsv {
        /// The file.
        file: &'static str,
        /// What the reader says.
        why: String,
    },
}

/// What a run of at most 2e10 events cannot pass; sums over the lines of a file still fit.
const COUNT_MAX: u64 = 1_000_000_000_000;
/// What a count must be.
const COUNT: &str = "whole number up to 10^12";
/// The same for money: 2e10 times the largest amount is below.
const AMOUNT_MAX: u128 = 10u128.pow(30);
/// Beyond what any amount or time can come to; charts can take the difference of two of these.
const NUMBER_MAX: f64 = 1e33;

/// A line of a file.
#[derive(Debug, Clone)]
pub struct Line {
    file: &'static str,
    number: u64,
    cells: StringRecord,
    /// Where the columns of the table stand in this file.
    places: std::sync::Arc<[(&'static str, usize)]>,
}

/// The table in the bytes of its file. Columns that it does not know are passed over.
///
/// # Errors
/// If the bytes are not that table.
pub fn read_back<T: ReadBack>(bytes: &[u8]) -> Result<T, Unreadable> {
    T::read(&lines_of(T::FILE, T::COLUMNS, bytes)?)
}

/// The lines of a file that has at least these columns.
///
/// # Errors
/// If the bytes are no such table.
pub fn lines_of(
    file: &'static str,
    columns: &[&'static str],
    bytes: &[u8],
) -> Result<Vec<Line>, Unreadable> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|error| no_csv(file, &error))?.clone();
    let place = |&column: &&'static str| {
        let place = header.iter().position(|own| own == column);
        place.map(|place| (column, place)).ok_or(Unreadable::Column { file, column })
    };
    let places: Vec<_> = columns.iter().map(place).collect::<Result<_, _>>()?;
    let places: std::sync::Arc<[_]> = places.into();
    let line = |record: Result<StringRecord, csv::Error>| {
        let cells = record.map_err(|error| no_csv(file, &error))?;
        // a cell may hold line breaks, so lines are not counted by records
        let number = cells.position().map_or(0, csv::Position::line);
        Ok(Line { file, number, cells, places: places.clone() })
    };
    reader.records().map(line).collect()
}

fn no_csv(file: &'static str, error: &csv::Error) -> Unreadable {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos: Some(place), expected_len, len } => {
            Unreadable::Ragged { file, line: place.line(), found: *len, wanted: *expected_len }
        }
        _ => Unreadable::NoCsv { file, why: error.to_string() },
    }
}

impl Line {
    fn cell(&self, column: &'static str) -> &str {
        let place = self.places.iter().find(|(own, _)| *own == column);
        let place = place.expect("a table reads the columns that it writes").1;
        &self.cells[place]
    }

    /// What to say of a cell that is something else.
    pub(super) fn fault(&self, column: &'static str, wanted: &'static str) -> Unreadable {
        let (file, line, text) = (self.file, self.number, self.cell(column).to_owned());
        Unreadable::Cell { file, line, column, text, wanted }
    }

    /// Words, without the mark that keeps spreadsheets from taking them for a formula.
    pub(super) fn text(&self, column: &'static str) -> String {
        unmarked(self.cell(column)).to_owned()
    }

    /// A metric by its name in the registry.
    pub(super) fn metric(&self, column: &'static str) -> Result<&'static Metric, Unreadable> {
        let metric = Metric::by_name(self.cell(column));
        metric.ok_or_else(|| self.fault(column, "metric that this version knows"))
    }

    /// A number, or none in an empty cell.
    pub(super) fn number(&self, column: &'static str) -> Result<Option<f64>, Unreadable> {
        let text = self.cell(column);
        let number = text.parse().ok().filter(|number: &f64| number.abs() <= NUMBER_MAX);
        let number = || number.ok_or_else(|| self.fault(column, "number of a table"));
        (!text.is_empty()).then(number).transpose()
    }

    /// A number that must be there.
    pub(super) fn known(&self, column: &'static str) -> Result<f64, Unreadable> {
        self.number(column)?.ok_or_else(|| self.fault(column, "number"))
    }

    /// A number, or none at all in an empty cell: what is not finite is written so.
    pub(super) fn known_or_nan(&self, column: &'static str) -> Result<f64, Unreadable> {
        Ok(self.number(column)?.unwrap_or(f64::NAN))
    }

    /// A whole number, or none in an empty cell.
    pub(super) fn whole(&self, column: &'static str) -> Result<Option<u64>, Unreadable> {
        let text = self.cell(column);
        let number = text.parse().ok().filter(|number| *number <= COUNT_MAX);
        let number = || number.ok_or_else(|| self.fault(column, COUNT));
        (!text.is_empty()).then(number).transpose()
    }

    /// A whole number that must be there.
    pub(super) fn count(&self, column: &'static str) -> Result<u64, Unreadable> {
        self.whole(column)?.ok_or_else(|| self.fault(column, COUNT))
    }

    /// A draw: a whole number of 64 bits.
    pub(super) fn draw(&self, column: &'static str) -> Result<u64, Unreadable> {
        self.cell(column).parse().map_err(|_| self.fault(column, "whole number"))
    }

    /// A sum of money in minor units.
    pub(super) fn amount(&self, column: &'static str) -> Result<u128, Unreadable> {
        let amount = self.cell(column).parse().ok().filter(|amount| *amount <= AMOUNT_MAX);
        amount.ok_or_else(|| self.fault(column, "sum of money in minor units"))
    }

    /// An estimate of `n` observations from the columns of its value, ends and method.
    pub(super) fn estimate(
        &self,
        [value, low, high, method]: [&'static str; 4],
        n: u64,
    ) -> Result<Option<Estimate>, Unreadable> {
        let made_by = match self.cell(method) {
            "" => Method::None,
            name => Method::named(name).ok_or_else(|| self.fault(method, "kind of interval"))?,
        };
        let ends = self.number(low)?.zip(self.number(high)?);
        let interval = ends.map(|(low, high)| Interval { low, high, method: made_by });
        Ok(self.number(value)?.map(|value| Estimate { value, interval, n }))
    }

    /// A verdict by the word that the table has for it.
    pub(super) fn verdict(
        &self,
        column: &'static str,
        (met, missed): (&str, &str),
    ) -> Result<Verdict, Unreadable> {
        match self.cell(column) {
            word if word == met => Ok(Verdict::Met),
            word if word == missed => Ok(Verdict::Missed),
            "uncertain" => Ok(Verdict::Uncertain { replications_needed: None }),
            _ => Err(self.fault(column, "verdict")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::csv::csv_of;
    use crate::report::tables::{
        Causes, Flow, Latency, Queues, Refunds, Remedies, Replications, Rescues, Summary, Tables,
        Timeline, sample,
    };

    fn again<T: ReadBack>(table: &T) -> T {
        read_back(&csv_of(table)).unwrap()
    }

    /// The table read back writes the same bytes.
    fn holds<T: ReadBack>(table: &T) {
        assert!(csv_of(&again(table)) == csv_of(table), "{}", T::FILE);
    }

    fn hold(tables: &Tables) {
        holds::<Summary>(&tables.summary);
        holds::<Replications>(&tables.replications);
        let timeline = Timeline { start: tables.timeline.start.clone(), ..again(&tables.timeline) };
        assert!(csv_of(&timeline) == csv_of(&tables.timeline), "timeline.csv");
        holds::<Causes>(&tables.causes);
        holds::<Rescues>(&tables.rescues);
        holds::<Flow>(&tables.flow);
        holds::<Latency>(&tables.latency);
        holds::<Refunds>(&tables.refunds);
        holds::<Queues>(&tables.queues);
        holds::<Remedies>(&tables.remedies);
    }

    #[test]
    fn tables_read_back_write_the_same_bytes() {
        [sample::week(), sample::evening(), sample::surge(), Tables::default()]
            .iter()
            .for_each(hold);
    }

    #[test]
    fn what_a_table_holds_is_read_back() {
        let tables = sample::week();
        assert_eq!(again(&tables.summary), tables.summary);
        assert_eq!(again(&tables.flow).links, tables.flow.links);
        assert_eq!(again(&tables.latency).curves, tables.latency.curves);
        assert_eq!(again(&tables.refunds).curves, tables.refunds.curves);
        assert_eq!(again(&tables.queues).rows, tables.queues.rows);
    }

    #[test]
    fn what_is_no_such_table_is_told_with_its_place() {
        let told = |text: &str| read_back::<Rescues>(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(
            told("cause,top_ups\n"),
            "rescues.csv has no column `by`: another version wrote it"
        );
        assert_eq!(
            told("cause,by,top_ups\na,retry,1\nb,retry,many\n"),
            "rescues.csv, line 3: `top_ups` is \"many\", which is no whole number up to 10^12"
        );
        assert_eq!(
            told("cause,by,top_ups\n\"a\nb\",retry,1\na,b\n"),
            "rescues.csv, line 4: 2 cells, where the table has 3"
        );
        assert!(told("cause,by,top_ups\n\"a\nb\",retry,x\n").contains("line 2: `top_ups`"));
        let torn = read_back::<Rescues>(b"cause,by,top_ups\na,\xff,1\n").unwrap_err().to_string();
        assert!(torn.contains("is no CSV file") && torn.contains("line 2"), "{torn}");
    }

    #[test]
    fn marks_against_formulas_are_taken_away_and_new_columns_passed_over() {
        let text = "cause,new,by,top_ups\n'=1+1,x,'tis,1\n";
        let read: Rescues = read_back(text.as_bytes()).unwrap();
        assert_eq!((read.rows[0].cause.as_str(), read.rows[0].by.as_str()), ("=1+1", "'tis"));
    }
}
