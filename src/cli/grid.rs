//! Small tables in the formats that a reader can choose.

use clap::ValueEnum;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Map, Value};

use super::terminal::plain;
use crate::report::csv::{Cell, csv_with};

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    // Plain comments: one line a format in every help text would be more than it is worth.
    #[default]
    Table,
    // Keys stay as they are from version to version.
    Json,
    Csv,
    // A table in Markdown.
    Md,
}

/// Named columns of values.
pub(super) struct Grid {
    columns: Vec<&'static str>,
    rows: Vec<Vec<Value>>,
}

impl Grid {
    /// A table without rows.
    pub(super) fn new(columns: &[&'static str]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row with as many values as there are columns.
    pub(super) fn push<const N: usize>(&mut self, row: [Value; N]) {
        assert_eq!(N, self.columns.len(), "a row has a value for every column");
        self.rows.push(row.into());
    }

    /// The table as text that ends with a newline.
    pub(super) fn text(&self, format: Format, columns: usize) -> String {
        match format {
            Format::Table => self.aligned(columns),
            Format::Json => self.json(),
            Format::Csv => self.csv(),
            Format::Md => self.markdown(),
        }
    }

    fn aligned(&self, columns: usize) -> String {
        let mut table = self.table();
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(columns.try_into().unwrap_or(u16::MAX));
        lines_of(&table)
    }

    fn markdown(&self) -> String {
        let mut table = self.table();
        table.load_style(presets::ASCII_MARKDOWN);
        for row in 0..self.rows.len() {
            let cells = self.rows[row].iter().map(|value| on_a_line(value).replace('|', "\\|"));
            *table.row_mut(row).expect("there is a table row for every row") =
                comfy_table::Row::from(cells.collect::<Vec<_>>());
        }
        table.to_string() + "\n"
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(self.columns.clone());
        table.add_rows(self.rows.iter().map(|row| row.iter().map(on_a_line)));
        table
    }

    fn json(&self) -> String {
        let rows = self.rows.iter().map(|row| {
            let named = self.columns.iter().zip(row);
            Value::Object(
                named.map(|(key, value)| (key.to_string(), value.clone())).collect::<Map<_, _>>(),
            )
        });
        format!("{:#}\n", Value::Array(rows.collect()))
    }

    fn csv(&self) -> String {
        let cell = |value: &Value| match value {
            Value::String(text) => Cell::text(text),
            other => Cell::text(&shown(other)),
        };
        let bytes = csv_with(&self.columns, |rows| {
            self.rows.iter().for_each(|row| rows.cells(&row.iter().map(cell).collect::<Vec<_>>()));
        });
        String::from_utf8(bytes).expect("all cells are text")
    }
}

/// The lines of a table without the blanks around them.
pub(super) fn lines_of(table: &Table) -> String {
    let lines = table.lines();
    lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(&line).trim_end())).collect()
}

/// The same on one line, with what a terminal would obey escaped.
fn on_a_line(value: &Value) -> String {
    plain(&shown(value)).replace('\n', " ")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        let mut grid = Grid::new(&["name", "count"]);
        grid.push(["a|b".into(), 3.into()]);
        grid.push(["c".into(), Value::Null]);
        grid
    }

    #[test]
    fn a_grid_says_the_same_in_every_format() {
        let grid = grid();
        assert_eq!(grid.text(Format::Table, 40), "name  count\na|b   3\nc\n");
        assert_eq!(grid.text(Format::Csv, 40), "name,count\na|b,3\nc,\n");
        let json: Value = serde_json::from_str(&grid.text(Format::Json, 40)).unwrap();
        assert_eq!(
            json,
            serde_json::json!([{"name": "a|b", "count": 3}, {"name": "c", "count": null}])
        );
        assert!(grid.text(Format::Md, 40).contains("a\\|b"));
    }

    #[test]
    fn what_files_say_of_themselves_neither_calculates_nor_steers() {
        let mut grid = Grid::new(&["name", "count"]);
        grid.push(["=1+1".into(), "a\u{1b}[2J\nb".into()]);
        assert!(grid.text(Format::Csv, 40).contains("'=1+1"));
        for format in [Format::Table, Format::Md] {
            let text = grid.text(format, 80);
            assert!(text.contains("a\\u{1b}[2J b"), "{text}");
        }
    }
}
