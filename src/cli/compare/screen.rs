//! One screen for people: what was found, the arms, their differences, what is to be preferred.

use std::path::Path;

use anstyle::Style;
use comfy_table::{CellAlignment, Table, TableStyle, presets};

use super::{Answer, machine};
use crate::cli::grid::{Format, lines_of};
use crate::cli::terminal::{BAD, BOLD, DIM, GOOD, UNSURE, painted, plain, wrapped};
use crate::record::registry::{Better, Metric};
use crate::report::compared::loss;
use crate::report::number::{self, Quantity};
use crate::report::tables::DifferenceRow;
use crate::study::Estimate;
use crate::study::compare::{Contrast, Way};

const SIGNS: &str = "▲ better  ▼ worse  ◦ clear, but small  = the same  ≈ equivalent  · no clear \
                     difference";
const UNDER: &str = "differences are paired by replication under common random numbers; their \
                     intervals hold for all arms together with 95 % (Bonferroni over the arms, not \
                     over metrics: choose the metric first), and carry sampling error only";

impl Answer<'_> {
    /// The comparison in a format.
    pub(in crate::cli) fn text(&self, format: Format, columns: usize, folder: &Path) -> String {
        match format {
            Format::Table => self.screen(columns, folder),
            Format::Json => machine::json(self, folder),
            Format::Csv => machine::csv(self),
            Format::Md => self.markdown(),
        }
    }

    fn screen(&self, columns: usize, folder: &Path) -> String {
        let mut text = format!("{}\n", self.heading());
        text += &lines(&plain(self.about.question.as_deref().unwrap_or("")), columns, DIM);
        text += &format!("\n{}", lines(&plain(&self.tables.finding), columns, BOLD));
        if self.has_advice() {
            let advice = format!("{}: {}", self.tables.regrets.rule, self.tables.advice);
            text += &lines(&plain(&advice), columns, BOLD);
        }
        text += &lines(&plain(&self.tables.targets.finding()), columns, BOLD);
        if self.is_across() {
            text += &format!("\n{}", lines_of(&self.matrix(presets::NOTHING)));
            text += &lines(&self.under_matrix(), columns, DIM);
            text += &self.limits(columns);
        } else {
            text += &format!("\n{}", self.first_metric());
            text += &format!("\n{}", self.other_metrics());
            text += &lines(SIGNS, columns, DIM);
            text += &self.limits(columns);
        }
        text += &lines(&format!("{UNDER}{}", self.luck()), columns, DIM);
        text += &self.targets();
        text += &self.sayings(columns);
        text + &format!("\n{}  {}\n", painted(BOLD, "Files"), plain(&folder.display().to_string()))
    }

    /// The tables of the screen in Markdown, with the verdicts in words.
    fn markdown(&self) -> String {
        let mut text = format!("{}\n\n", plain(&self.tables.finding));
        if self.has_advice() {
            text += &format!("{}: {}\n\n", self.tables.regrets.rule, plain(&self.tables.advice));
        }
        if self.is_across() {
            text += &format!("{}\n", self.matrix(presets::ASCII_MARKDOWN));
            return text + &self.targets_in_markdown();
        }
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN);
        table.set_header(["variant", "metric", "value", "difference", "verdict"]);
        for metric in &self.tables.asked.metrics {
            for arm in self.arms() {
                let [name, value, difference, verdict] = self.cells(arm, metric);
                table.add_row([name, format!("`{}`", metric.name), value, difference, verdict]);
            }
        }
        text + &format!("{table}\n") + &self.targets_in_markdown()
    }

    /// Names of the arms, in the order in which they were asked for.
    pub(super) fn arms(&self) -> impl Iterator<Item = &str> {
        self.tables.regrets.rows.iter().map(|row| row.variant.as_str())
    }

    /// Names of the sets of incidents; a single empty one without any.
    fn sets(&self) -> Vec<&str> {
        self.tables.timeline.sets.iter().map(|set| set.incidents.as_str()).collect()
    }

    pub(super) fn is_across(&self) -> bool {
        self.sets().iter().any(|set| !set.is_empty())
    }

    fn has_advice(&self) -> bool {
        self.beside.has_rule || self.is_across()
    }

    /// `Amazon.cn balance top-up  4 arms, 30 replications each, ...`.
    fn heading(&self) -> String {
        let about = &self.about;
        let sets = match self.sets().len() {
            1 => String::new(),
            n => format!(" in {n} sets of incidents"),
        };
        let each = self.fewest();
        let replications = match about.asked {
            1 => "1 replication".to_owned(),
            n if about.partial => format!("interrupted after {each} of {n} replications"),
            n => format!("{n} replications"),
        };
        let rest = format!(
            "{} arms{sets}, {replications} each, {} top-ups, seed {}",
            self.arms().count(),
            number::count(self.beside.top_ups),
            about.seed
        );
        let style = if about.partial { BAD } else { DIM };
        format!("{}  {}", painted(BOLD, &plain(&about.title)), painted(style, &rest))
    }

    /// Replications of the arm that has fewest.
    pub(super) fn fewest(&self) -> u64 {
        self.about.cells.iter().map(|cell| cell.replications).min().unwrap_or(0)
    }

    /// How an arm differs from the baseline in the first set of incidents.
    fn difference(&self, arm: &str, metric: &'static Metric) -> Option<&DifferenceRow> {
        let mut rows = self.tables.differences.of(metric.name, &self.tables.asked.window);
        let sets = self.sets();
        rows.find(|row| row.arm.variant == arm && sets.first() == Some(&&*row.arm.incidents))
    }

    fn value(&self, arm: &str, metric: &Metric) -> Option<Estimate> {
        let set = self.sets().first().map_or("", |set| *set).to_owned();
        let variant = if set.is_empty() { arm.to_owned() } else { format!("{arm}@{set}") };
        let mut rows = self.tables.summary.rows.iter();
        let row = rows.find(|row| {
            row.variant == variant
                && row.metric == metric.name
                && row.group == "all"
                && row.window == self.tables.asked.window
        });
        row?.estimate
    }

    /// Arm, value, difference and verdict, in words.
    fn cells(&self, arm: &str, metric: &'static Metric) -> [String; 4] {
        let quantity = Quantity::of(metric.unit);
        let value =
            self.value(arm, metric).map_or("–".to_owned(), |e| number::estimate(&e, quantity));
        let found = self.difference(arm, metric);
        let difference =
            found.map_or(String::new(), |found| number::difference(&found.difference, quantity));
        let verdict = match &found {
            Some(found) => found.contrast.words(),
            None if arm == self.tables.differences.baseline => "the baseline",
            None => "not known",
        };
        [plain(arm), value, difference, verdict.to_owned()]
    }

    /// The metric that answers the question, with differences and verdicts in words.
    fn first_metric(&self) -> String {
        let metric = self.tables.asked.metrics[0];
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let cells: Vec<[String; 4]> = self.arms().map(|arm| self.cells(arm, metric)).collect();
        table.add_rows(cells.iter().cloned());
        let lines = lines_of(&table);
        let rows = self.arms().zip(&cells).zip(lines.lines()).map(|((arm, cells), line)| {
            let verdict = &cells[3];
            let style = self.difference(arm, metric).map_or(DIM, |found| style(found.contrast));
            let rest = line.strip_suffix(verdict.as_str()).unwrap_or(line);
            format!("{rest}{}\n", painted(style, verdict))
        });
        let window = match self.tables.asked.window.as_str() {
            "all" => String::new(),
            window => format!(", in the window {window}"),
        };
        let title = format!("{}{}", metric.name, way(metric));
        format!("{}\n{}", painted(BOLD, &(title + &window)), rows.collect::<String>())
    }

    /// The other metrics, a column each: value, and a sign for the difference.
    fn other_metrics(&self) -> String {
        let metrics = &self.tables.asked.metrics[1..];
        if metrics.is_empty() {
            return String::new();
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let names = metrics.iter().map(|metric| heading_of(metric.name));
        table.set_header([String::new()].into_iter().chain(names));
        for arm in self.arms() {
            let cells = metrics.iter().map(|metric| {
                let value = self.value(arm, metric);
                let text = value.map_or("–".to_owned(), |estimate| {
                    let bare = Estimate { interval: None, ..estimate };
                    number::estimate(&bare, Quantity::of(metric.unit)).replace(" per million", "")
                });
                let sign = self.difference(arm, metric).map_or(" ", |found| sign(found.contrast));
                format!("{text} {sign}")
            });
            table.add_row([plain(arm)].into_iter().chain(cells));
        }
        for column in 1..=metrics.len() {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        lines_of(&table).lines().map(|line| format!("{}\n", coloured(line))).collect()
    }

    /// Arms against sets of incidents, with the worst regret of each arm.
    fn matrix(&self, style: TableStyle) -> Table {
        let matrix = &self.tables.matrix;
        let quantity = matrix.quantity.unwrap_or(Quantity::Plain);
        let sets = self.sets();
        let mut table = Table::new();
        table.load_style(style);
        let mut header = vec![matrix.metric.clone()];
        header.extend(sets.iter().map(|set| plain(set)));
        header.extend(["worst regret".to_owned(), String::new()]);
        table.set_header(header);
        for row in &self.tables.regrets.rows {
            let mut cells = vec![plain(&row.variant)];
            cells.extend(sets.iter().map(|set| {
                let mut spots = matrix.rows.iter();
                let spot = spots
                    .find(|spot| spot.arm.variant == row.variant && spot.arm.incidents == *set);
                let is_best = spot.is_some_and(|spot| spot.best == row.variant);
                let value = spot.and_then(|spot| spot.estimate);
                let value = value.map(|estimate| number::number(estimate.value, quantity));
                format!("{}{}", value.unwrap_or("–".to_owned()), if is_best { "*" } else { "" })
            }));
            let worst = row.worst.as_ref().map(|(worst, set)| match *worst {
                worst if worst <= 0.0 => "nothing".to_owned(),
                worst => format!("{} ({})", loss(worst, quantity), plain(set)),
            });
            cells.push(worst.unwrap_or_default());
            let limits = match row.standing.split_once(':') {
                Some(("breaks", _)) => "breaks a limit",
                Some(_) => "may break a limit",
                None => "",
            };
            cells.push([row.verdict, limits].join(" ").trim().to_owned());
            table.add_row(cells);
        }
        table
    }

    /// Who breaks, or may break, which limit.
    fn limits(&self, columns: usize) -> String {
        let rows = self.tables.regrets.rows.iter().filter(|row| row.standing.contains(": "));
        let line = |row: &crate::report::tables::RegretRow| {
            let standing = row.standing.replace(": ", " ");
            lines(&plain(&format!("{}: {standing}", row.variant)), columns, DIM)
        };
        rows.map(line).collect()
    }

    fn under_matrix(&self) -> String {
        let matrix = &self.tables.matrix;
        let more = if matrix.is_up { "more" } else { "less" };
        format!(
            "* best of the set; {more} {} is better; regret: what an arm loses to the best one of \
             the set that breaks no limit, at worst over the sets",
            matrix.metric
        )
    }

    /// What common random numbers were worth in the first metric.
    fn luck(&self) -> String {
        let metric = self.tables.asked.metrics[0].name;
        let rows = self.tables.differences.of(metric, &self.tables.asked.window);
        let mut ratios: Vec<f64> = rows.filter_map(|row| row.variance_ratio).collect();
        ratios.sort_by(f64::total_cmp);
        match ratios.get(ratios.len() / 2) {
            Some(ratio) if self.fewest() > 2 => format!(
                "; with luck of their own the differences in {metric} would have {} times the \
                 variance",
                number::number(*ratio, Quantity::Plain)
            ),
            _ => String::new(),
        }
    }

    /// What the variants say of themselves.
    fn sayings(&self, columns: usize) -> String {
        let named = self.arms().zip(&self.about.cells);
        let said = named.filter_map(|(name, cell)| Some((name, cell.says.as_ref()?)));
        let text: String = said
            .map(|(name, says)| lines(&plain(&format!("{name}: {says}")), columns, DIM))
            .collect();
        if text.is_empty() { text } else { format!("\n{text}") }
    }
}

/// The text in lines of a style.
fn lines(text: &str, columns: usize, style: Style) -> String {
    wrapped(text, columns)
        .iter()
        .filter(|line| !line.is_empty())
        .map(|line| format!("{}\n", painted(style, line)))
        .collect()
}

fn way(metric: &Metric) -> &'static str {
    match metric.better {
        Better::Up => " (more is better)",
        Better::Down => " (less is better)",
        Better::Neither => "",
    }
}

/// A metric as a heading of few letters.
fn heading_of(metric: &str) -> String {
    let short = [
        ("attempts_per_top_up", "attempts"),
        ("duplicate_charges_per_million", "duplicates /M"),
        ("charged_shown_failed_per_million", "shown failed /M"),
        ("credit_latency_p95_s", "credit p95"),
    ];
    if let Some((_, words)) = short.iter().find(|(name, _)| *name == metric) {
        return (*words).to_owned();
    }
    let metric = metric.strip_suffix("_s").unwrap_or(metric);
    metric.replace("_per_million", " /M").replace('_', " ")
}

fn sign(contrast: Contrast) -> &'static str {
    match contrast {
        Contrast::Same => "=",
        Contrast::Clear(Way::Better | Way::Higher) => "▲",
        Contrast::Clear(Way::Worse | Way::Lower) => "▼",
        Contrast::Small(_) => "◦",
        Contrast::Equivalent => "≈",
        Contrast::Unclear | Contrast::Unknown => "·",
    }
}

fn style(contrast: Contrast) -> Style {
    match contrast {
        Contrast::Clear(Way::Better) => GOOD,
        Contrast::Clear(Way::Worse) => BAD,
        Contrast::Clear(_) | Contrast::Unknown => UNSURE,
        Contrast::Same | Contrast::Small(_) | Contrast::Equivalent | Contrast::Unclear => DIM,
    }
}

/// A line with its signs in their colours.
fn coloured(line: &str) -> String {
    line.replace('▲', &painted(GOOD, "▲")).replace('▼', &painted(BAD, "▼"))
}
