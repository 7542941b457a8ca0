//! Published facts on the screen: what was published, what was simulated, and whether they agree.

use comfy_table::{Table, presets};

use super::answer::Answer;
use super::headline;
use crate::cli::grid::lines_of;
use crate::cli::terminal::{BAD, BOLD, DIM, GOOD, UNSURE, painted, plain, wrapped};
use crate::scenario::{Kind, Published};
use crate::study::{Estimate, Held, Verdict};

const UNDER_FACTS: &str = "fitted: inputs were chosen so that it is met; held out: the model \
                           predicts it";

/// The section of the screen.
pub(super) fn section(answer: &Answer, columns: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for held in &answer.facts {
        let fact = &held.fact;
        let simulated = held.simulated.map_or("too little seen".to_owned(), |estimate| {
            headline::shown(&estimate, fact.unit, answer.currency())
        });
        let name = plain(&fact.name);
        let published = published(fact, answer.currency());
        table.add_row([held.words(), fact.kind.words(), &name, &published, &simulated]);
    }
    let lines = lines_of(&table);
    let rows = answer.facts.iter().zip(lines.lines()).map(|(held, line)| {
        let style = match held.verdict {
            Verdict::Met => GOOD,
            Verdict::Missed => BAD,
            Verdict::Uncertain { .. } => UNSURE,
        };
        let word = held.words();
        format!("{}{}\n", painted(style, word), line.strip_prefix(word).unwrap_or(line))
    });
    let title = painted(BOLD, "Published against simulated");
    let mut text = format!("{title}\n{}", rows.collect::<String>());
    for line in wrapped(&format!("{UNDER_FACTS}{}", missed(&answer.facts)), columns) {
        text += &format!("{}\n", painted(DIM, &line));
    }
    text
}

/// What was published, with the range that agrees with it.
fn published(fact: &Published, currency: &str) -> String {
    let number = |value: f64| {
        headline::shown(&Estimate { value, interval: None, n: 0 }, fact.unit, currency)
    };
    match (fact.value, fact.at_least, fact.at_most) {
        (Some(value), Some(low), Some(high)) => {
            format!("{} ({} to {})", number(value), number(low), number(high))
        }
        (_, Some(low), Some(high)) => format!("{} to {}", number(low), number(high)),
        (_, Some(low), None) => format!("at least {}", number(low)),
        (_, None, Some(high)) => format!("at most {}", number(high)),
        (_, None, None) => String::new(),
    }
}

/// How many predictions failed, if any did.
fn missed(facts: &[Held]) -> String {
    let is_missed =
        |held: &&Held| held.fact.kind == Kind::HeldOut && held.verdict == Verdict::Missed;
    match facts.iter().filter(is_missed).count() {
        0 => String::new(),
        1 => "; one held-out fact is missed".to_owned(),
        n => format!("; {n} held-out facts are missed"),
    }
}
