//! The verdicts of a comparison on the targets of its arms, for people.

use comfy_table::{Table, presets};

use super::Answer;
use crate::cli::grid::lines_of;
use crate::cli::run::answer::Said;
use crate::cli::run::screen::{still_needed, verdict};
use crate::cli::terminal::{BOLD, DIM, painted, plain};
use crate::report::number::list;
use crate::report::tables::ArmTarget;
use crate::study::Verdict;

impl Answer<'_> {
    /// Each target with the arms under it; empty without targets.
    pub(super) fn targets(&self) -> String {
        let mut text = String::new();
        for (target, rows) in self.by_target() {
            let mut table = Table::new();
            table.load_style(presets::NOTHING);
            let arms = self.by_arm(&rows);
            for (worst, arm, rows) in &arms {
                let words = self.words(rows);
                table.add_row([vec![worst.word().to_owned(), plain(arm)], words].concat());
            }
            text += &format!("{}\n", painted(DIM, &target));
            for ((worst, ..), line) in arms.iter().zip(lines_of(&table).lines()) {
                let (style, word) = verdict(*worst);
                let rest = line.strip_prefix(word).unwrap_or(line);
                text += &format!("{}{rest}\n", painted(style, word));
            }
        }
        if text.is_empty() { text } else { format!("\n{}\n{text}", painted(BOLD, "Targets")) }
    }

    /// The same in Markdown.
    pub(super) fn targets_in_markdown(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN);
        table.set_header(["target", "variant", "verdict", "value", ""]);
        for (target, rows) in self.by_target() {
            for (worst, arm, rows) in self.by_arm(&rows) {
                let words = self.words(&rows);
                let [value, needed] = [0, 1].map(|at| words.get(at).cloned().unwrap_or_default());
                let word = worst.word().to_owned();
                table.add_row([target.clone(), plain(arm), word, value, needed]);
            }
        }
        if self.tables.targets.rows.is_empty() { String::new() } else { format!("\n{table}\n") }
    }

    /// The rows of each target, in the order in which targets first come.
    fn by_target(&self) -> Vec<(String, Vec<&ArmTarget>)> {
        let mut targets: Vec<(String, Vec<&ArmTarget>)> = Vec::new();
        for row in &self.tables.targets.rows {
            let name = plain(&format!("{} {}", row.told.metric.name, row.told.text));
            match targets.iter_mut().find(|(known, _)| *known == name) {
                Some((_, rows)) => rows.push(row),
                None => targets.push((name, vec![row])),
            }
        }
        targets
    }

    /// The rows of each arm with the worst of their verdicts, in the order of the arms.
    fn by_arm<'r>(&self, rows: &[&'r ArmTarget]) -> Vec<(Verdict, &str, Vec<&'r ArmTarget>)> {
        let arms = self.arms().map(|arm| {
            let own = rows.iter().filter(|row| row.arm.variant == arm).copied();
            let own: Vec<&ArmTarget> = own.collect();
            let worst = own.iter().map(|row| row.told.verdict).fold(Verdict::Met, Verdict::worse);
            (worst, arm, own)
        });
        arms.filter(|(_, _, own)| !own.is_empty()).collect()
    }

    /// What was seen and what would tell; over several sets of incidents, how it stands in which.
    fn words(&self, rows: &[&ArmTarget]) -> Vec<String> {
        let replications = self.fewest() as usize;
        if let ([row], false) = (rows, self.is_across()) {
            let currency = &self.beside.currency;
            let said = Said::of(row.told.clone(), currency);
            return vec![said.measured, still_needed(said.verdict, replications)];
        }
        let of = |word: &str| {
            let own: Vec<&&ArmTarget> =
                rows.iter().filter(|row| row.told.verdict.word() == word).collect();
            let sets: Vec<String> = own.iter().map(|row| row.arm.incidents.clone()).collect();
            let worst = own.iter().map(|row| row.told.verdict).reduce(Verdict::worse)?;
            let needed = Some(still_needed(worst, replications)).filter(|text| !text.is_empty());
            let needed = needed.map_or(String::new(), |text| format!(" ({text})"));
            Some(format!("{word} in {}{needed}", list(&sets)))
        };
        let words = ["missed", "uncertain", "met"];
        let told: Vec<String> = words.into_iter().filter_map(of).collect();
        match &told[..] {
            // the worst verdict stands before it, and there is no other
            [one] => vec![one.split_once(' ').map_or("", |(_, rest)| rest).to_owned()],
            all => vec![all.join("; ")],
        }
    }
}
