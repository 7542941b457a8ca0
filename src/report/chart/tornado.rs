//! Which assumption moves the result most?

use super::canvas::{Canvas, Ink, is_narrow};
use super::look::{Look, Page, Palette};
use super::panel::{Key, LABEL, Panel, Place, SMALL, Sample};
use super::scale::Scale;
use super::{Chart, grey, theme};
use crate::record::registry::Unit;
use crate::report::number::{Quantity, number, words};
use crate::report::tables::Tables;
use crate::study::Moves;

/// Inputs shown at most.
const SHOWN: usize = 12;

/// Height of a row.
const ROW: f64 = 34.0;
const ROW_NARROW: f64 = 26.0;

pub(super) fn of(tables: &Tables) -> Box<dyn Chart + '_> {
    let all = || tables.tornado.rows.iter().map(|(row, _)| row);
    // what somebody wants to reach, or else what everybody looks at first
    let asked = all().find(|row| row.target.is_some()).or(all().next());
    let metric = asked.map_or("", |row| row.metric);
    let rows = all().filter(|row| row.metric == metric).take(SHOWN).collect();
    Box::new(Tornado { metric, rows, replications: asked.map_or(0, |row| row.swing.n) })
}

struct Tornado<'t> {
    metric: &'static str,
    rows: Vec<&'t Moves>,
    replications: u64,
}

impl Tornado<'_> {
    fn quantity(&self) -> Quantity {
        match self.rows.first().map(|row| row.unit) {
            Some(Unit::Share) => Quantity::Share,
            Some(Unit::PerMillion) => Quantity::PerMillion,
            Some(Unit::PerSecond) => Quantity::PerSecond,
            Some(Unit::Seconds) => Quantity::Seconds,
            _ => Quantity::Plain,
        }
    }

    /// The least and the greatest value that any bar reaches.
    fn ends(&self) -> (f64, f64) {
        let ends = || self.rows.iter().flat_map(|row| [row.ends.0, row.ends.1]);
        let ends = || ends().filter(|end| end.is_finite());
        (ends().fold(f64::INFINITY, f64::min), ends().fold(f64::NEG_INFINITY, f64::max))
    }
}

impl Chart for Tornado<'_> {
    fn name(&self) -> &'static str {
        "tornado"
    }

    fn question(&self) -> &'static str {
        "Which assumption moves the result most?"
    }

    fn finding(&self) -> String {
        let Some(first) = self.rows.first() else {
            return "No value was drawn from a range".to_owned();
        };
        let metric = words(self.metric);
        let flips: Vec<&str> =
            self.rows.iter().filter(|row| row.flips()).map(|row| row.input.path.as_str()).collect();
        let (low, high) = first.ends;
        let from_to = format!(
            "from {} at {} to {} at {}",
            number(low, self.quantity()),
            first.input.low,
            number(high, self.quantity()),
            first.input.high
        );
        if !first.is_clear() {
            return format!("No drawn value clearly moves {metric} in these replications");
        }
        let moves = format!("{} moves {metric} most: {from_to}", first.input.path);
        match flips[..] {
            [] => moves,
            [one] => format!("{moves}; within its range {one} flips the target"),
            _ => format!("{moves}; {} assumptions flip the target", flips.len()),
        }
    }

    fn note(&self, look: Look) -> String {
        let word = |side: usize, color| match look.palette {
            Palette::Colour => color,
            Palette::Grey => grey::area_word(theme::series(side)),
        };
        let (low, high) = (word(0, "blue"), word(1, "orange"));
        format!(
            "{} at the low ({low}) and the high ({high}) end of each range, others as drawn: a \
             straight line through {} replications; pale: luck alone could do it (95 %)",
            words(self.metric),
            self.replications
        )
    }

    fn key(&self) -> Key {
        let entries = [("low end", theme::series(0)), ("high end", theme::series(1))];
        let entries = entries.map(|(word, color)| (word.to_owned(), color)).into();
        Key { sample: Sample::Area, entries }
    }

    fn size(&self, page: &Page) -> (u32, u32) {
        let row = if page.width.is_some_and(is_narrow) { ROW_NARROW } else { ROW };
        page.high(900.0, self.head(page, 900) + row * self.rows.len().max(2) as f64 + 60.0)
    }

    fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let ink = Ink::plain(LABEL, theme::TEXT).right();
        let widest = self.rows.iter().map(|row| ink.width_of(&row.input.path)).fold(60.0, f64::max);
        let room = widest.min(canvas.room(300.0));
        let (edge, row_high) = (canvas.or_narrow(20.0, 8.0), canvas.or_narrow(ROW, ROW_NARROW));
        let place = Place {
            left: edge + room + canvas.or_narrow(80.0, 56.0),
            top: top + 16.0,
            right: canvas.width - canvas.or_narrow(90.0, 56.0),
            bottom: top + 16.0 + row_high * self.rows.len().max(2) as f64,
        };
        let (from, to) = self.ends();
        let panel =
            Panel { canvas, place, x: Scale::straight(from, to, Vec::new()), y: Scale::blank() };
        if self.is_empty() || from >= to {
            return panel.nothing("no drawn value moves it");
        }
        let middle = (self.rows[0].ends.0 + self.rows[0].ends.1) / 2.0;
        let mean = self.rows.first().map_or(middle, |row| row.mean);
        let x = panel.at_x(mean);
        for (index, row) in self.rows.iter().enumerate() {
            let y = place.top + row_high * (index as f64 + 0.5);
            let strength = if row.is_clear() { 1.0 } else { 0.35 };
            canvas.text((edge + room, y), &ink.fit_ends(&row.input.path, room), ink);
            let sides = [(row.ends.0, &row.input.low, 0), (row.ends.1, &row.input.high, 1)];
            for (end, text, side) in sides {
                let at = panel.at_x(end);
                let color = theme::tint(theme::series(side), strength);
                let corners = ((x.min(at), y - 9.0), (x.max(at), y + 9.0));
                canvas.rect(corners.0, corners.1, color, 0.8);
                let ink = Ink::plain(SMALL, theme::TEXT);
                match at < x || at <= x && side == 0 {
                    true => canvas.text((at - 7.0, y), text, ink.right()),
                    false => canvas.text((at + 7.0, y), text, ink),
                }
            }
        }
        canvas.line(&[(x, place.top), (x, place.bottom)], theme::MUTED, 1.0);
        let ink = Ink::plain(SMALL, theme::MUTED).centered().below();
        let below = place.bottom + 8.0;
        // the title names the unit; three numbers with it would not fit on narrow paper
        let text = |value| number(value, self.quantity()).replace(" per million", "");
        let half = |text: &str| ink.width_of(text) / 2.0;
        let middle = text(mean);
        canvas.text((x, below), &middle, ink);
        for (at, text) in [from, to].map(|value| (panel.at_x(value), text(value))) {
            if (at - x).abs() > half(&text) + half(&middle) + 8.0 {
                canvas.text((at, below), &text, ink);
            }
        }
    }
}
