//! How much of a thing do the targets need?

use plotters::style::RGBColor;

use super::canvas::{Canvas, Ink};
use super::look::{Look, Palette};
use super::panel::{Key, Panel, Place, SMALL, Sample, bottom_of, left_edge, top_of};
use super::scale::Scale;
use super::{Chart, grey, theme};
use crate::report::number::{self, Quantity};
use crate::report::tables::{Planned, PlannedRow};
use crate::stats::{Estimate, Verdict};

const MET: RGBColor = RGBColor(15, 140, 107);
pub(super) const UNSURE: RGBColor = RGBColor(168, 128, 12);

/// The colour of a value by the verdict on its targets.
pub(super) fn color_of(verdict: Verdict) -> RGBColor {
    match verdict {
        Verdict::Met => MET,
        Verdict::Missed => theme::BAD,
        Verdict::Uncertain { .. } => UNSURE,
    }
}

/// The key of these colours, with a word for what is met.
pub(super) fn key_of(met: &str) -> Key {
    let entries = [(met, MET), ("missed", theme::BAD), ("uncertain", UNSURE)];
    let entries = entries.map(|(word, color)| (word.to_owned(), color)).into();
    Key { sample: Sample::Mark, entries }
}

/// The same in a sentence.
pub(super) fn key_in_words(look: Look) -> String {
    let word = |name, color| match look.palette {
        Palette::Colour => name,
        Palette::Grey => grey::mark_word(color),
    };
    let (met, missed) = (word("green", MET), word("red", theme::BAD));
    format!("{met} met, {missed} missed, {} uncertain", word("yellow", UNSURE))
}

/// The curve of the target on which the answer turns.
pub(super) struct Curve<'t> {
    planned: &'t Planned,
    shown: Vec<(&'t PlannedRow, Estimate)>,
}

impl<'t> Curve<'t> {
    pub(super) fn of(planned: &'t Planned) -> Self {
        let with_value = |row: &'t PlannedRow| {
            Some((row, row.target.estimate.filter(|estimate| estimate.value.is_finite())?))
        };
        let shown = planned.binding().into_iter().filter_map(with_value).collect();
        Self { planned, shown }
    }

    fn scales(&self) -> (Scale, Scale) {
        let numbers = || self.shown.iter().map(|(row, _)| row.number);
        let least = numbers().fold(f64::INFINITY, f64::min);
        let most = numbers().fold(f64::NEG_INFINITY, f64::max);
        let bounds = self.shown.iter().flat_map(|(row, _)| row.target.bounds).flatten();
        let ends = self.shown.iter().flat_map(|(_, point)| [top_of(point), bottom_of(point)]);
        let (low, high) = bounds
            .chain(ends)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), y| (a.min(y), b.max(y)));
        let quantity =
            self.shown.first().map_or(Quantity::Plain, |(row, _)| Quantity::of(row.target.unit));
        let unit = number::axis_unit(high, quantity);
        (Scale::around(least, most, (1.0, "")), Scale::around(low, high, unit))
    }

    fn line_of_target(&self, panel: &Panel, row: &PlannedRow) {
        for bound in row.target.bounds.into_iter().flatten() {
            let y = panel.at_y(bound);
            panel.canvas.dashes((panel.place.left, y), (panel.place.right, y), theme::BAD);
        }
    }

    /// A ring around the knee, with its name below the curve: inside of a bend there is room.
    fn knee(&self, panel: &Panel) {
        let is_knee = |row: &PlannedRow| {
            self.planned.knee.is_some_and(|at| row.number.total_cmp(&at).is_eq())
        };
        let Some((row, point)) = self.shown.iter().find(|(row, _)| is_knee(row)) else { return };
        let (x, y) = panel.at((row.number, point.value));
        panel.canvas.ring((x, y), 6.0, theme::TEXT);
        let ink = Ink::plain(SMALL, theme::TEXT);
        let is_right = x < (panel.place.left + panel.place.right) / 2.0;
        let text = format!("knee {}", row.value);
        let answer = self.planned.answer.map(|at| panel.at_x(at));
        let reach = x..x + 18.0 + ink.width_of(&text);
        let is_crossed = answer.is_some_and(|line| reach.contains(&line) && line > x);
        let (x, y, ink) = match is_right && !is_crossed {
            true => (x + 12.0, y + 14.0, ink),
            // beyond the curve there is room too, as long as the answer is on the other side
            false if is_crossed => (x - 12.0, y - 12.0, ink.right()),
            false => (x - 12.0, y + 14.0, ink.right()),
        };
        let y = y.clamp(panel.place.top + 8.0, panel.place.bottom - 8.0);
        panel.canvas.text((x, y), &text, ink);
    }

    fn points(&self, panel: &Panel) {
        let line: Vec<(f64, f64)> =
            self.shown.iter().map(|(row, point)| panel.at((row.number, point.value))).collect();
        panel.canvas.line(&line, theme::OTHER, 1.5);
        for (row, point) in &self.shown {
            let color = color_of(row.target.verdict);
            let (x, y) = panel.at((row.number, point.value));
            let whisker = [(x, panel.at_y(top_of(point))), (x, panel.at_y(bottom_of(point)))];
            panel.canvas.line(&whisker, color, 1.5);
            panel.canvas.dot((x, y), 3.5, color);
        }
    }
}

impl Chart for Curve<'_> {
    fn name(&self) -> &'static str {
        "plan"
    }

    fn question(&self) -> &'static str {
        "How much do the targets need?"
    }

    fn finding(&self) -> String {
        let planned = self.planned;
        let (key, most) = (&planned.key, if planned.largest { "most" } else { "least" });
        match planned.answer {
            Some(at) => {
                format!("{} is the {most} {key} that surely meets the targets", planned.text_of(at))
            }
            None => format!("No {key} in the range surely meets the targets"),
        }
    }

    fn key(&self) -> Key {
        key_of("met")
    }

    fn note(&self, look: Look) -> String {
        let Some((row, _)) = self.shown.first() else { return self.planned.key.clone() };
        let confidence = number::number(self.planned.confidence, Quantity::Share);
        format!(
            "{} by {}; target {} dashed; intervals at {confidence}, so that all looks together are \
             95 % sure; {}",
            row.target.of[0],
            self.planned.key,
            row.target.text,
            key_in_words(look)
        )
    }

    fn is_empty(&self) -> bool {
        self.shown.len() < 2
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let bottom = canvas.height - 46.0;
        if self.is_empty() {
            let place = Place { left: 20.0, top, right: canvas.width - 20.0, bottom };
            let panel = Panel { canvas, place, x: Scale::blank(), y: Scale::blank() };
            return panel.nothing("too little was tried to draw a curve");
        }
        let (x, y) = self.scales();
        let right = canvas.width - 28.0;
        let place = Place { left: left_edge(canvas, &y), top: top + 20.0, right, bottom };
        let panel = Panel { canvas, place, x, y };
        panel.rows();
        panel.columns();
        panel.bottom_labels();
        self.line_of_target(&panel, self.shown[0].0);
        if let Some(at) = self.planned.answer {
            panel.mark_x(at, &format!("answer {}", self.planned.text_of(at)));
        }
        self.knee(&panel);
        self.points(&panel);
        let ink = Ink::plain(SMALL, theme::MUTED).right().below();
        canvas.text((place.right, bottom + 26.0), &self.planned.key, ink);
    }
}
