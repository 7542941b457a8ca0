//! The story of a top-up on the terminal: a line a moment, with its time and how far it has come.

use anstyle::Style;

use crate::cli::terminal::{BAD, BOLD, DIM, GOOD, painted, plain, wrapped};
use crate::report::story::{self, Told, Tone};
use crate::scenario::Scenario;
use crate::study::Story;

/// Columns of the clock, the offset, and the gaps behind them.
const CLOCK: usize = 12;
const OFFSET: usize = 13;
const BEFORE: usize = CLOCK + OFFSET + 2;

/// The page, for a terminal of this many columns.
pub(super) fn page(scenario: &Scenario, story: &Story, columns: usize) -> String {
    let mut text = String::new();
    for line in wrapped(&plain(&capital(&story::finding(story))), columns) {
        text += &format!("{}\n", painted(BOLD, &line));
    }
    for line in wrapped(&plain(&story::note(scenario, story)), columns) {
        text += &format!("{}\n", painted(DIM, &line));
    }
    let mut day = None;
    for told in story::told(scenario, story) {
        let date = told.local.date();
        if day.replace(date) != Some(date) {
            let date = told.local.strftime("%a %-d %b %Y").to_string();
            text += &format!("\n{}\n", painted(BOLD, &date));
        }
        text += &moment(&told, columns);
    }
    text + "\n" + &end(story)
}

fn moment(told: &Told, columns: usize) -> String {
    let clock = told.local.strftime("%H:%M:%S%.3f").to_string();
    let since = format!("{:>OFFSET$}", story::offset(told.since));
    let lines = wrapped(&plain(&told.sentence), columns - BEFORE);
    let mut text = format!("{clock:<CLOCK$}{}  ", painted(DIM, &since));
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            text += &" ".repeat(BEFORE);
        }
        text += &format!("{}\n", style(told.tone).map_or(line.clone(), |s| painted(s, line)));
    }
    text
}

fn style(tone: Tone) -> Option<Style> {
    match tone {
        Tone::Plain => None,
        Tone::Good => Some(GOOD),
        Tone::Money => Some(GOOD.bold()),
        Tone::Bad => Some(BAD),
    }
}

/// How it ended, in the words of the tables.
fn end(story: &Story) -> String {
    let top_up = &story.top_up;
    let counts = [
        story::times("attempt", top_up.attempts),
        story::times("query", top_up.queries),
        story::times("capture", top_up.captures.into()),
        story::times("credit", top_up.credits.into()),
    ];
    let marks: Vec<&str> = top_up.marks.names().collect();
    let mut rows = vec![("outcome", top_up.outcome.name().to_owned())];
    if !marks.is_empty() {
        rows.push(("marks", marks.join(", ")));
    }
    for (name, cause) in [("first cause", top_up.first_cause), ("last cause", top_up.last_cause)] {
        rows.extend(cause.map(|cause| (name, cause.row().code.to_owned())));
    }
    rows.push(("counts", counts.join(", ")));
    rows.iter()
        .map(|(name, value)| format!("{}{value}\n", painted(DIM, &format!("{name:<13}"))))
        .collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
