//! Which assumptions would overturn the answer of a plan?

use plotters::style::RGBColor;

use super::canvas::{Canvas, Ink, is_narrow};
use super::look::{Look, Page, Palette};
use super::panel::{Key, LABEL, Panel, Place, SMALL, Sample, bottom_of, top_of};
use super::planned::UNSURE;
use super::scale::Scale;
use super::{Chart, grey, theme};
use crate::report::number::{self, Quantity};
use crate::report::tables::{AssumedRow, PlannedAssumptions};
use crate::stats::Estimate;
use crate::study::plan::Effect;

/// Values shown at most.
const SHOWN: usize = 12;

/// Height of a row.
const ROW: f64 = 36.0;
const ROW_NARROW: f64 = 30.0;

/// The target nearest to being missed, with each value at the ends of its range.
pub(super) struct Flips<'t> {
    planned: &'t PlannedAssumptions,
    best: Option<&'t AssumedRow>,
    bars: Vec<Bar<'t>>,
}

/// One value at both ends of its range.
struct Bar<'t> {
    path: &'t str,
    effect: Effect,
    ends: [End<'t>; 2],
}

struct End<'t> {
    value: &'t str,
    estimate: Estimate,
}

impl Bar<'_> {
    fn swing(&self) -> f64 {
        (self.ends[0].estimate.value - self.ends[1].estimate.value).abs()
    }
}

impl<'t> Flips<'t> {
    pub(super) fn of(planned: &'t PlannedAssumptions) -> Self {
        let rows = planned.binding();
        let best = rows.iter().find(|row| row.input.is_none()).copied();
        let own: Vec<&AssumedRow> = rows.into_iter().filter(|row| row.input.is_some()).collect();
        let mut bars: Vec<Bar> = own.chunks(2).filter_map(bar).collect();
        // what may overturn the answer first, then what moves the target most
        bars.sort_by(|a, b| b.effect.cmp(&a.effect).then(b.swing().total_cmp(&a.swing())));
        bars.truncate(SHOWN);
        Self { planned, best, bars }
    }

    fn quantity(&self) -> Quantity {
        self.best.map_or(Quantity::Plain, |row| Quantity::of(row.target.unit))
    }

    fn scale(&self) -> Scale {
        let bounds = self.best.iter().flat_map(|row| row.target.bounds).flatten();
        let best = self.best.and_then(|row| row.target.estimate).map(|estimate| estimate.value);
        let ends = self.bars.iter().flat_map(|bar| &bar.ends);
        let ends = ends.flat_map(|end| [top_of(&end.estimate), bottom_of(&end.estimate)]);
        let all = bounds.chain(best).chain(ends);
        let (low, high) =
            all.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        Scale::around(low, high, number::axis_unit(high, self.quantity()))
    }

    fn bar(&self, panel: &Panel, bar: &Bar, y: f64) {
        let canvas = panel.canvas;
        let at = |end: &End| panel.at_x(end.estimate.value);
        let (low, high) = (at(&bar.ends[0]), at(&bar.ends[1]));
        canvas.rect((low.min(high), y - 4.0), (low.max(high), y + 4.0), theme::OTHER, 0.35);
        for (side, end) in bar.ends.iter().enumerate() {
            let color = theme::series(side);
            let whisker = [bottom_of(&end.estimate), top_of(&end.estimate)];
            let whisker = whisker.map(|x| (panel.at_x(x), y));
            canvas.line(&whisker, color, 1.5);
            canvas.dot((at(end), y), 4.0, color);
            let is_left = at(end) < at(&bar.ends[1 - side])
                || at(end) <= at(&bar.ends[1 - side]) && side == 0;
            let ink = Ink::plain(SMALL, theme::TEXT);
            let (left, right) = (whisker[0].0.min(at(end)), whisker[1].0.max(at(end)));
            let wide = ink.width_of(end.value);
            let from = if is_left { left - 8.0 - wide } else { right + 8.0 };
            // lines of targets would run through the words
            canvas.rect((from - 2.0, y - 8.0), (from + wide + 2.0, y + 8.0), theme::PAGE, 1.0);
            canvas.text((from, y), end.value, ink);
        }
    }
}

/// Both ends of a value; none where too little was seen.
fn bar<'t>(ends: &[&'t AssumedRow]) -> Option<Bar<'t>> {
    let [low, high] = ends else { return None };
    let input = low.input.as_ref()?;
    let end =
        |row: &AssumedRow, value: &'t str| Some(End { value, estimate: row.target.estimate? });
    let ends = [end(low, &input.low)?, end(high, &input.high)?];
    Some(Bar { path: &input.path, effect: low.effect.max(high.effect), ends })
}

/// The word and the colour of an effect.
fn worded(effect: Effect) -> (&'static str, RGBColor) {
    match effect {
        Effect::Holds => ("holds", theme::MUTED),
        Effect::Unsure => ("uncertain", UNSURE),
        Effect::Flips => ("flips", theme::BAD),
        Effect::MissedAnyway => ("missed", theme::BAD),
    }
}

impl Chart for Flips<'_> {
    fn name(&self) -> &'static str {
        "plan_assumptions"
    }

    fn question(&self) -> &'static str {
        "Which assumptions would overturn the answer?"
    }

    fn finding(&self) -> String {
        self.planned.finding()
    }

    fn note(&self, look: Look) -> String {
        let word = |side: usize, color| match look.palette {
            Palette::Colour => color,
            Palette::Grey => grey::mark_word(theme::series(side)),
        };
        let (low, high) = (word(0, "blue"), word(1, "orange"));
        let Some(row) = self.best else { return self.planned.key.clone() };
        let confidence = number::number(self.planned.confidence, Quantity::Share);
        format!(
            "{} at {} {}, one value at the low ({low}) or high ({high}) end of its range and the \
             others at their best guesses; target {} dashed; intervals at {confidence}, so that \
             all together are 95 % sure",
            row.target.of[0], self.planned.key, self.planned.answer, row.target.text
        )
    }

    fn key(&self) -> Key {
        let entries = [("low end", theme::series(0)), ("high end", theme::series(1))];
        let entries = entries.map(|(word, color)| (word.to_owned(), color)).into();
        Key { sample: Sample::Mark, entries }
    }

    fn size(&self, page: &Page) -> (u32, u32) {
        let row = if page.width.is_some_and(is_narrow) { ROW_NARROW } else { ROW };
        page.high(900.0, self.head(page, 900) + row * self.bars.len().max(2) as f64 + 76.0)
    }

    fn is_empty(&self) -> bool {
        self.bars.is_empty()
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let ink = Ink::plain(LABEL, theme::TEXT).right();
        let widest = self.bars.iter().map(|bar| ink.width_of(bar.path)).fold(60.0, f64::max);
        let room = widest.min(canvas.room(260.0));
        let (edge, row_high) = (canvas.or_narrow(20.0, 8.0), canvas.or_narrow(ROW, ROW_NARROW));
        let place = Place {
            left: edge + room + canvas.or_narrow(64.0, 44.0),
            top: top + 30.0,
            right: canvas.width - canvas.or_narrow(140.0, 96.0),
            bottom: top + 30.0 + row_high * self.bars.len().max(2) as f64,
        };
        let panel = Panel { canvas, place, x: self.scale(), y: Scale::blank() };
        if self.is_empty() {
            return panel.nothing("too little was seen to draw the ends of ranges");
        }
        panel.columns();
        panel.bottom_labels();
        for bound in self.best.iter().flat_map(|row| row.target.bounds).flatten() {
            let x = panel.at_x(bound);
            canvas.dashes((x, place.top), (x, place.bottom), theme::BAD);
            let ink = Ink::plain(SMALL, theme::BAD).centered();
            canvas.text((x, place.top - 9.0), "target", ink);
        }
        if let Some(best) = self.best.and_then(|row| row.target.estimate) {
            let x = panel.at_x(best.value);
            canvas.line(&[(x, place.top), (x, place.bottom)], theme::MUTED, 1.0);
        }
        for (index, bar) in self.bars.iter().enumerate() {
            let y = place.top + row_high * (index as f64 + 0.5);
            canvas.text((edge + room, y), &ink.fit_ends(bar.path, room), ink);
            self.bar(&panel, bar, y);
            let (word, color) = worded(bar.effect);
            let at = canvas.width - canvas.or_narrow(16.0, 6.0);
            canvas.text((at, y), word, Ink::bold(LABEL, color).right());
        }
    }
}
