//! Which causes cost most top-ups?

use plotters::style::RGBColor;

use super::bars::{self, Axis, Bar};
use super::canvas::Canvas;
use super::look::{Look, Page, Palette};
use super::panel::{Key, Sample};
use super::{Chart, grey, theme};
use crate::report::number::{Quantity, estimate, list, number, words};
use crate::report::tables::{CauseRow, Causes, Tables};

/// Causes with a bar; the rest stand in `causes.csv`.
const SHOWN: usize = 12;

pub(super) fn of(tables: &Tables) -> Box<dyn Chart + '_> {
    Box::new(CausesRanked { causes: &tables.causes })
}

struct CausesRanked<'t> {
    causes: &'t Causes,
}

impl CausesRanked<'_> {
    fn rows(&self) -> Vec<&CauseRow> {
        let lost = self.causes.rows.iter().filter(|row| row.lost > 0);
        let mut rows: Vec<&CauseRow> = lost.filter(|row| row.lost_per_million.is_some()).collect();
        rows.sort_by(|a, b| b.lost.cmp(&a.lost).then(a.cause.cmp(&b.cause)));
        rows
    }

    fn shows(&self, class: &str) -> bool {
        self.rows().iter().take(SHOWN).any(|row| row.class == class)
    }

    fn bars(&self) -> Vec<Bar> {
        let rows = self.rows().into_iter().take(SHOWN);
        let bar = |row: &CauseRow| {
            let value = row.lost_per_million?;
            let text = estimate(&value, Quantity::Plain);
            Some(Bar {
                name: row.label.clone(),
                estimate: value,
                text,
                color: color_of(&row.class),
            })
        };
        rows.filter_map(bar).collect()
    }
}

/// Classes, the names of their colours and the colours: what can be done about a cause.
pub(super) fn classes() -> [(&'static str, &'static str, RGBColor); 4] {
    [
        ("transient", "blue", theme::series(0)),
        ("user_action", "orange", theme::series(1)),
        ("permanent", "red", theme::BAD),
        ("ambiguous", "purple", theme::series(4)),
    ]
}

/// What the colours of classes stand for, as the end of a note; `word_of` names a colour in greys.
pub(super) fn colors_of(
    present: impl Fn(&str) -> bool,
    look: Look,
    word_of: impl Fn(RGBColor) -> &'static str,
) -> String {
    let shown = classes().into_iter().filter(|(class, ..)| present(class));
    let said = shown.map(|(class, name, color)| {
        let name = if look.palette == Palette::Grey { word_of(color) } else { name };
        format!("; {name}: {}", words(class))
    });
    said.collect()
}

/// The same for a line of samples.
pub(super) fn key_of(present: impl Fn(&str) -> bool, sample: Sample) -> Key {
    let shown = classes().into_iter().filter(|(class, ..)| present(class));
    Key { sample, entries: shown.map(|(class, _, color)| (words(class), color)).collect() }
}

pub(super) fn color_of(class: &str) -> RGBColor {
    let found = classes().into_iter().find(|(name, ..)| *name == class);
    found.map_or(theme::MUTED, |(.., color)| color)
}

impl Chart for CausesRanked<'_> {
    fn name(&self) -> &'static str {
        "causes_ranked"
    }

    fn question(&self) -> &'static str {
        "Which causes cost most top-ups?"
    }

    fn finding(&self) -> String {
        let rows = self.rows();
        let all: u64 = rows.iter().map(|row| row.lost).sum();
        if all == 0 {
            return "No top-up was lost".to_owned();
        }
        let top: Vec<&CauseRow> =
            rows.into_iter().filter(|row| row.cause != "none").take(3).collect();
        if top.is_empty() {
            return "Every lost top-up was too late, without a failed attempt".to_owned();
        }
        // One cause of more than half says it all; otherwise the three greatest are named.
        let named = if top[0].lost * 2 > all { &top[..1] } else { &top[..] };
        let lost: u64 = named.iter().map(|row| row.lost).sum();
        let names: Vec<String> = named.iter().map(|row| row.label.clone()).collect();
        let share = number(lost as f64 / all as f64, Quantity::Share);
        format!("{}: {share} of lost top-ups", capital(&list(&names)))
    }

    fn note(&self, look: Look) -> String {
        let colors = colors_of(|class| self.shows(class), look, grey::mark_word);
        format!("Top-ups lost in a million, by their last cause; lines: 95 % intervals{colors}")
    }

    fn key(&self) -> Key {
        key_of(|class| self.shows(class), Sample::Mark)
    }

    fn size(&self, page: &Page) -> (u32, u32) {
        bars::size(page, self, self.bars().len())
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        bars::draw(canvas, top, &self.bars(), Axis::Straight);
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
