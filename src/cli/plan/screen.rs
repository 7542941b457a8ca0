//! What a plan says: the answer in a sentence, every value that was tried, and where the files are.

use std::path::Path;

use comfy_table::{Table, presets};
use serde_json::json;

use super::{assumptions, costs};
use crate::cli::grid::{Format, lines_of};
use crate::cli::terminal::{BAD, BOLD, DIM, GOOD, UNSURE, painted, plain, wrapped};
use crate::report::csv::csv_of;
use crate::report::finished::BesidePlanned;
use crate::report::number::{self, Quantity};
use crate::report::tables::{PlannedAssumptions, PlannedRow, PlannedTables};
use crate::study::Verdict;

/// A plan and its results, ready to be printed.
pub(in crate::cli) struct Said<'a> {
    pub(in crate::cli) about: About,
    pub(in crate::cli) beside: &'a BesidePlanned,
    pub(in crate::cli) tables: &'a PlannedTables,
}

/// What the screen says of a plan beside its results.
#[derive(Clone)]
pub(in crate::cli) struct About {
    pub(in crate::cli) name: String,
    pub(in crate::cli) title: String,
    pub(in crate::cli) hash: String,
    pub(in crate::cli) seed: u64,
    pub(in crate::cli) partial: bool,
}

impl Said<'_> {
    /// The results in a format.
    pub(in crate::cli) fn text(&self, format: Format, columns: usize, folder: &Path) -> String {
        match format {
            Format::Table => self.screen(columns, folder),
            Format::Json => self.json(folder),
            Format::Csv => {
                String::from_utf8(csv_of(&self.tables.curve)).expect("a table is written as text")
            }
            Format::Md => self.markdown(),
        }
    }

    fn screen(&self, columns: usize, folder: &Path) -> String {
        let replications =
            self.values().filter_map(<[_]>::first).map(|row| row.target.replications);
        let about = format!(
            "{} of {} values of {} tried, {} replications, seed {}",
            self.values().count(),
            number::count(self.beside.values),
            self.tables.curve.key,
            number::count(replications.sum()),
            self.about.seed,
        );
        let mut text = format!(
            "{}  {}\n\n",
            painted(BOLD, &plain(&self.about.title)),
            painted(DIM, &plain(&about))
        );
        for line in wrapped(&plain(&self.beside.finding), columns) {
            text += &format!("{}\n", painted(BOLD, &line));
        }
        let others = self.tables.costs.as_ref().map(costs::sentences).unwrap_or_default();
        let others =
            others.into_iter().chain(self.tables.assumed.as_ref().map(PlannedAssumptions::finding));
        for line in others.flat_map(|other| wrapped(&plain(&other), columns)) {
            text += &format!("{}\n", painted(BOLD, &line));
        }
        let knee = self
            .tables
            .curve
            .knee
            .map(|at| format!("the curve bends most at {}", self.tables.curve.text_of(at)));
        for line in self.beside.headroom.clone().into_iter().chain(knee) {
            text += &format!("{}\n", plain(&line));
        }
        text += &format!("\n{}", self.points(columns));
        let confidence = number::number(self.tables.curve.confidence, Quantity::Share);
        let under = format!(
            "each look has a confidence of {confidence}, so that with 95 % all verdicts hold \
             together; all values meet the same users (common random numbers)"
        );
        for line in wrapped(&under, columns) {
            text += &format!("{}\n", painted(DIM, &line));
        }
        if let Some(assumed) = &self.tables.assumed {
            text += &format!("\n{}", assumptions::section(assumed, columns));
        }
        let shown = plain(&folder.display().to_string());
        text + &format!("\n{}  {shown}\n", painted(BOLD, "Files"))
    }

    /// The targets that are judged: one column each.
    fn targets(&self) -> Vec<String> {
        let rows = self.values().next().unwrap_or_default().iter();
        rows.map(|row| plain(&format!("{} {}", row.target.of[0], row.target.text))).collect()
    }

    /// The rows of each value, in the order of values.
    fn values(&self) -> impl Iterator<Item = &[PlannedRow]> {
        self.tables.curve.rows.chunk_by(|a, b| a.number.total_cmp(&b.number).is_eq())
    }

    /// The values that were tried; where targets are too long for heads of columns, each has a
    /// letter, which is told below.
    fn points(&self, columns: usize) -> String {
        let targets = self.targets();
        let table = self.table(&targets);
        let is_narrow = |line: &str| line.chars().count() <= columns;
        if targets.len() < 2 || lines_of(&table).lines().all(is_narrow) {
            return self.coloured(&table);
        }
        let letters: Vec<String> =
            ('A'..='Z').cycle().take(targets.len()).map(String::from).collect();
        let told: String = letters
            .iter()
            .zip(&targets)
            .map(|(letter, target)| format!("{}  {target}\n", painted(BOLD, letter)))
            .collect();
        format!("{}\n{told}", self.coloured(&self.table(&letters)))
    }

    /// One row a value, with these heads above its targets.
    fn table(&self, targets: &[String]) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let heads = ["verdict".to_owned(), self.tables.curve.key.clone()].into_iter();
        let heads = heads.chain(targets.iter().cloned()).chain(self.cost_head());
        table.set_header(heads.chain(["replications".to_owned()]));
        for rows in self.values() {
            let first = &rows[0];
            let is_answer =
                self.tables.curve.answer.is_some_and(|at| at.total_cmp(&first.number).is_eq());
            let value =
                if is_answer { format!("{} ◀", first.value) } else { first.value.clone() };
            let cells = [first.point.word().to_owned(), value].into_iter();
            let replications = number::count(first.target.replications);
            let measured = rows.iter().map(measured).chain(self.cost_of(first));
            table.add_row(cells.chain(measured).chain([replications]));
        }
        table
    }

    /// The table with its verdicts in their colours.
    fn coloured(&self, table: &Table) -> String {
        let style = |rows: &[PlannedRow]| match rows[0].point {
            Verdict::Met => GOOD,
            Verdict::Missed => BAD,
            Verdict::Uncertain { .. } => UNSURE,
        };
        let lines = lines_of(table);
        let mut lines = lines.lines();
        let head = painted(DIM, lines.next().unwrap_or_default());
        let rows = self.values().zip(lines).map(|(rows, line)| {
            let word = rows[0].point.word();
            format!("{}{}\n", painted(style(rows), word), line.strip_prefix(word).unwrap_or(line))
        });
        format!("{head}\n{}", rows.collect::<String>())
    }

    /// The head of the column of costs, where there is one.
    fn cost_head(&self) -> Option<String> {
        self.tables.costs.as_ref().map(|costs| format!("{} per 1,000", costs.currency))
    }

    /// What a value costs; what cannot be told apart from the cheapest is marked.
    fn cost_of(&self, row: &PlannedRow) -> Option<String> {
        let cost = self.tables.costs.as_ref()?.total_at(row.number)?;
        let mark = match cost.more {
            None => " cheapest",
            Some(_) if cost.is_costlier() => "",
            Some(_) => " ~",
        };
        Some(format!("{}{mark}", number::estimate(&cost.cost, Quantity::Plain)))
    }

    fn markdown(&self) -> String {
        let mut table = Table::new();
        let heads = [self.tables.curve.key.clone(), "verdict".to_owned()].into_iter();
        let heads = heads.chain(self.targets()).chain(self.cost_head());
        let heads = heads.chain(["replications".to_owned()]);
        table.load_style(presets::ASCII_MARKDOWN).set_header(heads);
        for rows in self.values() {
            let cells = [rows[0].value.clone(), rows[0].point.word().to_owned()].into_iter();
            let replications = number::count(rows[0].target.replications);
            let measured = rows.iter().map(measured).chain(self.cost_of(&rows[0]));
            table.add_row(cells.chain(measured).chain([replications]));
        }
        let others = self.tables.costs.as_ref().map(costs::sentences).unwrap_or_default();
        let others =
            others.into_iter().chain(self.tables.assumed.as_ref().map(PlannedAssumptions::finding));
        let others: String = others.map(|other| format!("\n\n{}", plain(&other))).collect();
        format!("{}{others}\n\n{table}\n", plain(&self.beside.finding))
    }

    fn json(&self, folder: &Path) -> String {
        let (about, beside, table) = (&self.about, self.beside, &self.tables.curve);
        let text = |number: Option<f64>| number.map(|number| table.text_of(number).to_owned());
        let points = self.values().map(|rows| {
            let targets = rows.iter().map(|row| {
                let interval = row.target.estimate.and_then(|estimate| estimate.interval);
                json!({
                    "metric": row.target.of[0],
                    "group": row.target.of[1],
                    "window": row.target.of[2],
                    "target": row.target.text,
                    "verdict": row.target.verdict.word(),
                    "value": row.target.estimate.map(|estimate| estimate.value),
                    "ci_low": interval.map(|interval| interval.low),
                    "ci_high": interval.map(|interval| interval.high),
                })
            });
            json!({
                "value": rows[0].value,
                "number": rows[0].number,
                "verdict": rows[0].point.word(),
                "replications": rows[0].target.replications,
                "targets": targets.collect::<Vec<_>>(),
            })
        });
        let mut value = json!({
            "scenario": about.name,
            "title": about.title,
            "version": env!("CARGO_PKG_VERSION"),
            "plan_hash": about.hash,
            "seed": about.seed,
            "partial": about.partial,
            "folder": folder.display().to_string(),
            "finding": beside.finding,
            "key": table.key,
            "wanted": if table.largest { "largest" } else { "smallest" },
            "answer": text(table.answer),
            "missed_beside": text(table.missed),
            "uncertain": beside.uncertain,
            "replications_needed": beside.replications_needed,
            "knee": text(table.knee),
            "own_value": table.own,
            "confidence_of_a_look": table.confidence,
            "points": points.collect::<Vec<_>>(),
        });
        if let Some(costs) = &self.tables.costs {
            value["cost"] = costs::json(costs);
        }
        if let Some(assumed) = &self.tables.assumed {
            value["assumptions"] = assumptions::json(assumed);
        }
        format!("{value:#}\n")
    }
}

/// The estimate of a target in words.
fn measured(row: &PlannedRow) -> String {
    let quantity = Quantity::of(row.target.unit);
    row.target.estimate.map_or("too little seen".to_owned(), |e| number::estimate(&e, quantity))
}
