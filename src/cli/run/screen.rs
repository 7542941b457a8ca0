//! One screen for people: the finding, the numbers, the targets, the causes, the files.

use std::path::Path;

use anstyle::Style;
use comfy_table::{CellAlignment, Table, presets};

use super::answer::{Answer, Said};
use super::{assumptions, claims, costs, facts, headline, precision, recoveries};
use crate::cli::grid::lines_of;
use crate::cli::terminal::{BAD, BOLD, DIM, GOOD, UNSURE, painted, plain, wrapped};
use crate::report::number;
use crate::study::Verdict;

/// Causes shown.
const CAUSES: usize = 5;
/// Letters of the longest bar.
const BAR: f64 = 20.0;
/// Fewer columns than this have no room for words beside the numbers.
const ROOM_FOR_WORDS: usize = 96;
const UNDER_NUMBERS: &str = "95 % intervals over replications; they carry sampling error only";
/// Fewer replications than this leave the skew of a law in the mean: Student's t over five
/// exponential values holds the truth in 88 % of the cases, over ten in 90 % (docs/validation.md).
const FEW: usize = 10;
const UNDER_FEW: &str = "95 % intervals over few replications: of values that are skew (worst \
                         stretches, rare sums) they hold the truth less often; 10 or more are \
                         better; they carry sampling error only";
const UNDER_ONE: &str = "one replication: no intervals but those of rare events, for which \
                         top-ups count as independent";

/// The screen, for a terminal of this many columns.
pub(super) fn screen(answer: &Answer, columns: usize) -> String {
    let mut text = format!("{}\n", heading(answer));
    for line in wrapped(&plain(answer.about.question.as_deref().unwrap_or("")), columns) {
        text += &format!("{}\n", painted(DIM, &line));
    }
    text += "\n";
    for line in wrapped(&plain(&answer.finding), columns) {
        text += &format!("{}\n", painted(BOLD, &line));
    }
    text += &format!("\n{}", numbers(answer, columns));
    for line in wrapped(&under_numbers(answer), columns) {
        text += &format!("{}\n", painted(DIM, &line));
    }
    if !answer.targets.is_empty() {
        text += &format!("\n{}", targets(&answer.targets, answer.about.complete));
    }
    if let Some(precise) = &answer.precise {
        text += &format!("\n{}", precision::section(precise, answer.currency()));
    }
    if let Some(costs) = costs::section(answer) {
        text += &format!("\n{costs}");
    }
    if !answer.moves.is_empty() {
        text += &format!("\n{}", assumptions::section(answer, columns));
    }
    if !answer.recoveries.is_empty() {
        text += &format!("\n{}", recoveries::section(answer, columns));
    }
    if !answer.facts.is_empty() {
        text += &format!("\n{}", facts::section(answer, columns));
    }
    if !answer.rankings.is_empty() {
        text += &format!("\n{}", claims::section(answer, columns));
    }
    if !answer.causes.is_empty() {
        text += &format!("\n{}", causes(answer));
    }
    text + &format!("\n{}", files(&answer.folder))
}

/// What the intervals of the numbers say.
fn under_numbers(answer: &Answer) -> String {
    match (answer.about.complete, answer.about.drawn_inputs) {
        (1, _) => UNDER_ONE.to_owned(),
        (2..FEW, 0) => UNDER_FEW.to_owned(),
        (_, 0) => UNDER_NUMBERS.to_owned(),
        (_, drawn) => format!(
            "95 % intervals of the mean over replications, in each of which {drawn} values were \
             drawn from their ranges: they cover luck and these ranges, and no other doubt",
        ),
    }
}

/// The headline metrics as a table in Markdown.
pub(super) fn markdown(answer: &Answer) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(["metric", "value", "what"]);
    for (headline, row, estimate) in headline::rows(&answer.estimates) {
        let shown = headline::shown(&estimate, row.unit, answer.currency());
        table.add_row([&format!("`{}`", headline.metric), &shown, headline.words]);
    }
    format!("{table}\n")
}

/// `Amazon.cn balance top-up: 30 replications of 7d, seed 1`.
fn heading(answer: &Answer) -> String {
    let (about, done) = (&answer.about, answer.about.complete);
    let replications = match about.replications {
        1 => "1 replication".to_owned(),
        n if about.is_partial => format!("interrupted after {done} of {n} replications"),
        n => format!("{n} replications"),
    };
    let top_ups = number::count(about.top_ups);
    let title = painted(BOLD, &plain(&about.title));
    let rest = format!("{replications}, {top_ups} top-ups, seed {}", about.seed);
    format!("{title}  {}", painted(if about.is_partial { BAD } else { DIM }, &rest))
}

fn numbers(answer: &Answer, columns: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for (headline, row, estimate) in headline::rows(&answer.estimates) {
        let mut cells = vec![
            headline.metric.to_owned(),
            headline::shown(&estimate, row.unit, answer.currency()),
        ];
        if columns >= ROOM_FOR_WORDS {
            cells.push(headline.words.to_owned());
        }
        table.add_row(cells);
    }
    lines_of(&table)
}

fn targets(targets: &[Said], replications: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for said in targets {
        let (_, word) = verdict(said.verdict);
        let target = plain(&format!("{} {}", said.metric, said.text));
        table.add_row([word, &target, &said.measured, &still_needed(said.verdict, replications)]);
    }
    let rows = lines_of(&table);
    let painted_rows = targets.iter().zip(rows.lines()).map(|(said, line)| {
        let (style, word) = verdict(said.verdict);
        format!("{}{}\n", painted(style, word), line.strip_prefix(word).unwrap_or(line))
    });
    format!("{}\n{}", painted(BOLD, "Targets"), painted_rows.collect::<String>())
}

/// How a verdict looks, and its word.
pub(in crate::cli) fn verdict(verdict: Verdict) -> (Style, &'static str) {
    let style = match verdict {
        Verdict::Met => GOOD,
        Verdict::Missed => BAD,
        Verdict::Uncertain { .. } => UNSURE,
    };
    (style, verdict.word())
}

/// What would make an uncertain verdict sure.
pub(in crate::cli) fn still_needed(verdict: Verdict, replications: usize) -> String {
    match verdict {
        Verdict::Uncertain { replications_needed: Some(needed) } => {
            let noun = if needed == 1 { "replication" } else { "replications" };
            format!("about {} more {noun} would tell", number::count(needed))
        }
        Verdict::Uncertain { replications_needed: None } if replications == 1 => {
            "one replication alone cannot tell".to_owned()
        }
        _ => String::new(),
    }
}

fn causes(answer: &Answer) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let dearest = answer.causes.first().map_or(1.0, |cost| cost.share);
    for cost in answer.causes.iter().take(CAUSES) {
        let bar = "▇".repeat(((cost.share / dearest * BAR) as usize).max(1));
        table.add_row([&cost.label, &share(cost.share), &bar]);
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let title = format!("What {} lost top-ups failed of", number::count(answer.about.lost));
    format!("{}\n{}", painted(BOLD, &title), lines_of(&table))
}

/// A share to one decimal, so that all stand in line.
fn share(share: f64) -> String {
    if share < 0.000_5 { "< 0.1 %".to_owned() } else { number::fixed(100.0 * share, 1) + " %" }
}

/// Where the files are, and how many.
fn files(folder: &Path) -> String {
    let tables = count(folder, "csv");
    let charts = match count(&folder.join("charts"), "svg") {
        0 => String::new(),
        charts => format!(", charts/ with {charts} charts as SVG and PNG"),
    };
    let shown = plain(&folder.display().to_string());
    format!(
        "{}  {shown}\n{}\n",
        painted(BOLD, "Files"),
        painted(DIM, &format!("{tables} tables as CSV, manifest.json, scenario.toml{charts}")),
    )
}

/// Files in a folder with this ending.
fn count(folder: &Path, ending: &str) -> usize {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    entries.filter(|entry| entry.path().extension().is_some_and(|found| found == ending)).count()
}
