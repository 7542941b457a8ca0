//! What a plan says: the answer in a sentence, every value that was tried, and where the files are.

use std::path::Path;

use comfy_table::{Table, presets};
use serde_json::json;

use super::work::Planning;
use super::{assumptions, costs};
use crate::cli::grid::{Format, lines_of};
use crate::cli::terminal::{BAD, BOLD, DIM, GOOD, UNSURE, painted, plain, wrapped};
use crate::report::csv::csv_of;
use crate::report::number::{self, Quantity};
use crate::report::tables::{Planned, PlannedAssumptions, PlannedCosts, PlannedRow};
use crate::scenario::Scenario;
use crate::study::Verdict;

/// A plan and its results, ready to be printed.
pub(super) struct Said<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) planning: &'a Planning<'a>,
    pub(super) table: &'a Planned,
    /// What each value costs, where something has a price.
    pub(super) costs: Option<&'a PlannedCosts>,
    /// What would overturn the answer, where ranges are drawn.
    pub(super) assumed: Option<&'a PlannedAssumptions>,
    pub(super) hash: &'a str,
}

impl Said<'_> {
    /// The results in a format.
    pub(super) fn text(&self, format: Format, columns: usize, folder: &Path) -> String {
        match format {
            Format::Table => self.screen(columns, folder),
            Format::Json => self.json(folder),
            Format::Csv => {
                String::from_utf8(csv_of(self.table)).expect("a table is written as text")
            }
            Format::Md => self.markdown(),
        }
    }

    /// The answer in a sentence.
    fn finding(&self) -> String {
        let (planning, table) = (self.planning, self.table);
        let (key, range) = (&table.key, planning.unsure());
        let most = if table.largest { "largest" } else { "smallest" };
        let Some(found) = planning.found else {
            return format!("Interrupted: {} values of {key} were tried", planning.probes.len());
        };
        let between = match range.len() {
            0 => String::new(),
            n => format!(
                "; {} {} uncertain{}",
                self.span(range.clone()),
                if n == 1 { "is" } else { "are" },
                self.needed(),
            ),
        };
        match (found.met, found.missed) {
            (Some(0), _) => format!("Every {key} from {} on meets the targets", self.at(0)),
            (Some(met), missed) => {
                let beside = missed.map_or(String::new(), |missed| {
                    format!("; {} surely misses them", self.at(missed))
                });
                format!(
                    "{} is the {most} {key} that surely meets the targets{between}{beside}",
                    self.at(met)
                )
            }
            (None, Some(missed)) if missed == planning.grid.last => {
                format!(
                    "No {key} in the range meets the targets: even {} misses them",
                    self.at(missed)
                )
            }
            (None, _) => format!("No {key} in the range surely meets the targets{between}"),
        }
    }

    fn needed(&self) -> String {
        self.planning.needed().map_or(String::new(), |needed| {
            format!(": about {} more replications there would tell", number::count(needed))
        })
    }

    fn at(&self, position: usize) -> String {
        self.planning.grid.text(self.planning.index(position))
    }

    /// Positions as values: `30`, or `28 to 30`.
    fn span(&self, range: std::ops::Range<usize>) -> String {
        let (first, last) = (self.at(range.start), self.at(range.end - 1));
        if first == last { first } else { format!("{first} to {last}") }
    }

    /// How far the scenario's own value is from the answer.
    fn headroom(&self) -> Option<String> {
        let (own, answer) = (self.table.own?, self.table.answer?);
        let gap = if self.table.largest { answer - own } else { own - answer };
        let own_text = self.scenario.value(&self.table.key)?;
        let part = number::number((gap / answer).abs(), Quantity::Share);
        Some(match gap {
            gap if gap > 0.0 => format!("the scenario has {own_text}: {part} of headroom"),
            gap if gap < 0.0 => {
                format!("the scenario has {own_text}: {part} beyond what meets them")
            }
            _ => format!("the scenario has {own_text}: just enough"),
        })
    }

    fn screen(&self, columns: usize, folder: &Path) -> String {
        let scenario = self.scenario;
        let (tried, all) = (self.planning.probes.len(), self.planning.grid.last + 1);
        let about = format!(
            "{tried} of {} values of {} tried, {} replications, seed {}",
            number::count(all as u64),
            self.table.key,
            number::count(self.planning.replications()),
            scenario.seed,
        );
        let mut text = format!(
            "{}  {}\n\n",
            painted(BOLD, &plain(&scenario.title)),
            painted(DIM, &plain(&about))
        );
        for line in wrapped(&plain(&self.finding()), columns) {
            text += &format!("{}\n", painted(BOLD, &line));
        }
        let others = self.costs.map(costs::sentences).unwrap_or_default();
        let others = others.into_iter().chain(self.assumed.map(PlannedAssumptions::finding));
        for line in others.flat_map(|other| wrapped(&plain(&other), columns)) {
            text += &format!("{}\n", painted(BOLD, &line));
        }
        let knee =
            self.table.knee.map(|at| format!("the curve bends most at {}", self.table.text_of(at)));
        for line in self.headroom().into_iter().chain(knee) {
            text += &format!("{}\n", plain(&line));
        }
        text += &format!("\n{}", self.points());
        let confidence = number::number(self.table.confidence, Quantity::Share);
        let under = format!(
            "each look has a confidence of {confidence}, so that with 95 % all verdicts hold \
             together; all values meet the same users (common random numbers)"
        );
        for line in wrapped(&under, columns) {
            text += &format!("{}\n", painted(DIM, &line));
        }
        if let Some(assumed) = self.assumed {
            text += &format!("\n{}", assumptions::section(assumed, columns));
        }
        let shown = plain(&folder.display().to_string());
        text + &format!("\n{}  {shown}\n", painted(BOLD, "Files"))
    }

    /// The targets that are judged: one column each.
    fn targets(&self) -> Vec<String> {
        let targets = self.scenario.targets.iter();
        targets.map(|target| plain(&format!("{} {}", target.metric, target.text))).collect()
    }

    /// The rows of each value, in the order of values.
    fn values(&self) -> impl Iterator<Item = &[PlannedRow]> {
        self.table.rows.chunks(self.scenario.targets.len())
    }

    fn points(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let heads = ["verdict".to_owned(), self.table.key.clone()].into_iter();
        let heads = heads.chain(self.targets()).chain(self.cost_head());
        table.set_header(heads.chain(["replications".to_owned()]));
        let mut styles = Vec::new();
        for rows in self.values() {
            let first = &rows[0];
            let is_answer = self.table.answer.is_some_and(|at| at.total_cmp(&first.number).is_eq());
            let value =
                if is_answer { format!("{} ◀", first.value) } else { first.value.clone() };
            let cells = [first.point.word().to_owned(), value].into_iter();
            let replications = number::count(first.replications);
            let measured = rows.iter().map(measured).chain(self.cost_of(first));
            table.add_row(cells.chain(measured).chain([replications]));
            styles.push(match first.point {
                Verdict::Met => GOOD,
                Verdict::Missed => BAD,
                Verdict::Uncertain { .. } => UNSURE,
            });
        }
        let lines = lines_of(&table);
        let mut lines = lines.lines();
        let head = painted(DIM, lines.next().unwrap_or_default());
        let rows = self.values().zip(styles).zip(lines).map(|((rows, style), line)| {
            let word = rows[0].point.word();
            format!("{}{}\n", painted(style, word), line.strip_prefix(word).unwrap_or(line))
        });
        format!("{head}\n{}", rows.collect::<String>())
    }

    /// The head of the column of costs, where there is one.
    fn cost_head(&self) -> Option<String> {
        self.costs.map(|costs| format!("{} per 1,000", costs.currency))
    }

    /// What a value costs; what cannot be told apart from the cheapest is marked.
    fn cost_of(&self, row: &PlannedRow) -> Option<String> {
        let cost = self.costs?.total_at(row.number)?;
        let mark = match cost.more {
            None => " cheapest",
            Some(_) if cost.is_costlier() => "",
            Some(_) => " ~",
        };
        Some(format!("{}{mark}", number::estimate(&cost.cost, Quantity::Plain)))
    }

    fn markdown(&self) -> String {
        let mut table = Table::new();
        let heads = [self.table.key.clone(), "verdict".to_owned()].into_iter();
        let heads = heads.chain(self.targets()).chain(self.cost_head());
        let heads = heads.chain(["replications".to_owned()]);
        table.load_style(presets::ASCII_MARKDOWN).set_header(heads);
        for rows in self.values() {
            let cells = [rows[0].value.clone(), rows[0].point.word().to_owned()].into_iter();
            let replications = number::count(rows[0].replications);
            let measured = rows.iter().map(measured).chain(self.cost_of(&rows[0]));
            table.add_row(cells.chain(measured).chain([replications]));
        }
        let others = self.costs.map(costs::sentences).unwrap_or_default();
        let others = others.into_iter().chain(self.assumed.map(PlannedAssumptions::finding));
        let others: String = others.map(|other| format!("\n\n{other}")).collect();
        format!("{}{others}\n\n{table}\n", self.finding())
    }

    fn json(&self, folder: &Path) -> String {
        let (planning, table) = (self.planning, self.table);
        let text = |number: Option<f64>| number.map(|number| table.text_of(number).to_owned());
        let points = self.values().map(|rows| {
            let targets = rows.iter().map(|row| {
                let interval = row.estimate.and_then(|estimate| estimate.interval);
                json!({
                    "metric": row.of[0], "group": row.of[1], "window": row.of[2],
                    "target": row.target,
                    "verdict": row.verdict.word(),
                    "value": row.estimate.map(|estimate| estimate.value),
                    "ci_low": interval.map(|interval| interval.low),
                    "ci_high": interval.map(|interval| interval.high),
                })
            });
            json!({
                "value": rows[0].value,
                "number": rows[0].number,
                "verdict": rows[0].point.word(),
                "replications": rows[0].replications,
                "targets": targets.collect::<Vec<_>>(),
            })
        });
        let mut value = json!({
            "scenario": self.scenario.name,
            "title": self.scenario.title,
            "version": env!("CARGO_PKG_VERSION"),
            "plan_hash": self.hash,
            "seed": self.scenario.seed,
            "partial": planning.found.is_none(),
            "folder": folder.display().to_string(),
            "finding": self.finding(),
            "key": table.key,
            "wanted": if table.largest { "largest" } else { "smallest" },
            "answer": text(table.answer),
            "missed_beside": text(table.missed),
            "uncertain": planning.is_unsure(),
            "replications_needed": planning.needed(),
            "knee": text(table.knee),
            "own_value": table.own,
            "confidence_of_a_look": table.confidence,
            "points": points.collect::<Vec<_>>(),
        });
        if let Some(costs) = self.costs {
            value["cost"] = costs::json(costs);
        }
        if let Some(assumed) = self.assumed {
            value["assumptions"] = assumptions::json(assumed);
        }
        format!("{value:#}\n")
    }
}

/// The estimate of a target in words.
fn measured(row: &PlannedRow) -> String {
    let quantity = Quantity::of(row.unit);
    row.estimate.map_or("too little seen".to_owned(), |e| number::estimate(&e, quantity))
}
