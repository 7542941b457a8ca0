//! Claims about the ranking of causes on the screen: what is claimed, and what the model says.

use comfy_table::{Table, presets};

use super::answer::Answer;
use crate::cli::grid::lines_of;
use crate::cli::terminal::{BAD, BOLD, DIM, GOOD, UNSURE, painted, plain, wrapped};
use crate::report::number::{self, Quantity};
use crate::scenario::By;
use crate::study::{Ranked, Verdict};

const UNDER_CLAIMS: &str = "ranks from all replications, with the best and the worst that luck \
                            allows; rankings.csv has the words of the sources";

/// The section of the screen.
pub(super) fn section(answer: &Answer, columns: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for ranked in &answer.rankings {
        let name = plain(&ranked.ranking.name);
        let claim = ranked.ranking.claim.words();
        table.add_row([ranked.words(), &name, &claim, &rank(ranked), &share(ranked)]);
    }
    let lines = lines_of(&table);
    let rows = answer.rankings.iter().zip(lines.lines()).map(|(ranked, line)| {
        let style = match ranked.verdict {
            Verdict::Met => GOOD,
            Verdict::Missed => BAD,
            Verdict::Uncertain { .. } => UNSURE,
        };
        let word = ranked.words();
        format!("{}{}\n", painted(style, word), line.strip_prefix(word).unwrap_or(line))
    });
    let title = painted(BOLD, "Rankings of causes that documents claim");
    let mut text = format!("{title}\n{}", rows.collect::<String>());
    for line in wrapped(UNDER_CLAIMS, columns) {
        text += &format!("{}\n", painted(DIM, &line));
    }
    text
}

/// `rank 2 (1 to 3)`.
fn rank(ranked: &Ranked) -> String {
    match (ranked.rank, ranked.range) {
        (None, _) => "never struck".to_owned(),
        (Some(rank), Some((best, worst))) if best < worst => {
            format!("rank {rank} ({best} to {worst})")
        }
        (Some(rank), _) => format!("rank {rank}"),
    }
}

/// `12.1 % ± 0.4 of first failures, 9.8 % needed`.
fn share(ranked: &Ranked) -> String {
    let counted = match ranked.ranking.by {
        By::First => "first failures",
        By::Struck => "failed attempts",
        By::Lost => "lost top-ups",
    };
    let Some(share) = &ranked.share else { return "nothing to count".to_owned() };
    let share = number::estimate(share, Quantity::Share);
    match ranked.needed {
        Some(needed) => {
            let needed = number::number(needed, Quantity::Share);
            format!("{share} of {counted}, {needed} would do")
        }
        None => format!("{share} of {counted}"),
    }
}
