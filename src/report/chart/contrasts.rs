//! How does each arm differ from the baseline? A column a metric, or a set of incidents.

use plotters::style::RGBColor;

use super::canvas::{Canvas, Ink, is_narrow};
use super::look::{Look, Page, Palette};
use super::panel::{Key, Panel, Place, SMALL, Sample, bottom_of, top_of};
use super::scale::Scale;
use super::{Chart, grey, theme};
use crate::report::number::{self, Quantity, words};
use crate::report::tables::{Compared, DifferenceRow};
use crate::study::compare::{Contrast, Way};

pub(super) fn of(tables: &Compared) -> Box<dyn Chart + '_> {
    Box::new(Contrasts { tables })
}

struct Contrasts<'t> {
    tables: &'t Compared,
}

/// One column: what it is about, and a row an arm.
struct Column<'t> {
    title: String,
    metric: &'t str,
    rows: Vec<&'t DifferenceRow>,
}

/// Columns side by side, and on narrow paper.
const COLUMNS: usize = 3;
const COLUMNS_NARROW: usize = 1;
/// The colour of what is better: that of the third series.
const BETTER: RGBColor = theme::SERIES[2];
/// Height of a row, of a column's title, and of the axis below.
const ROW: f64 = 27.0;
const TITLE: f64 = 30.0;
const AXIS: f64 = 44.0;
const WIDTH: f64 = 900.0;
/// Points are written short where there is little room.
const POINTS: (&str, &str) = (" points", " pt");
/// Room for the number right of a whisker.
const NUMBER: f64 = 86.0;

impl<'t> Contrasts<'t> {
    fn is_across(&self) -> bool {
        self.tables.timeline.sets.len() > 1
    }

    /// A column a metric; where there are several sets of incidents, one a set in the first metric.
    fn columns(&self) -> Vec<Column<'t>> {
        let asked = &self.tables.asked;
        let rows = |metric: &'static str, incidents: &str| -> Vec<&'t DifferenceRow> {
            let rows = self.tables.differences.of(metric, &asked.window);
            rows.filter(|row| row.arm.incidents == incidents).collect()
        };
        let sets = &self.tables.timeline.sets;
        let all: Vec<Column> = if self.is_across() {
            let metric = asked.metrics[0].name;
            let column = |set: &'t crate::report::tables::SetTimeline| Column {
                title: set.incidents.clone(),
                metric,
                rows: rows(metric, &set.incidents),
            };
            sets.iter().map(column).collect()
        } else {
            let set = sets.first().map_or("", |set| &set.incidents);
            let column = |metric: &&'static crate::record::registry::Metric| Column {
                title: words(metric.name),
                metric: metric.name,
                rows: rows(metric.name, set),
            };
            asked.metrics.iter().map(column).collect()
        };
        all.into_iter().filter(|column| !column.rows.is_empty()).collect()
    }

    /// The arms that a column shows, in the order of the table.
    fn arms(&self) -> Vec<&'t str> {
        let columns = self.columns();
        let mut arms: Vec<&str> = Vec::new();
        for row in columns.iter().flat_map(|column| column.rows.iter()) {
            if !arms.contains(&row.arm.variant.as_str()) {
                arms.push(&row.arm.variant);
            }
        }
        arms
    }

    fn smallest(&self, metric: &str) -> Option<f64> {
        self.tables.asked.smallest.of(metric)
    }
}

/// Columns side by side on a page of a width.
fn columns_on(width: f64) -> usize {
    if is_narrow(width) { COLUMNS_NARROW } else { COLUMNS }
}

/// Green for better, red for worse, blue for what has no better way, grey for what is not clear.
fn color_of(row: &DifferenceRow) -> RGBColor {
    match row.contrast.way() {
        Some(Way::Better) => BETTER,
        Some(Way::Worse) => theme::BAD,
        Some(Way::Higher | Way::Lower) => theme::series(0),
        None => theme::MUTED,
    }
}

impl Chart for Contrasts<'_> {
    fn name(&self) -> &'static str {
        "differences"
    }

    fn question(&self) -> &'static str {
        "How does each arm differ from the baseline?"
    }

    fn finding(&self) -> String {
        let metric = self.tables.asked.metrics[0].name;
        self.tables.finding.trim_end_matches('.').replace(metric, &words(metric))
    }

    fn key(&self) -> Key {
        let entries = [("better", BETTER), ("worse", theme::BAD), ("not clear", theme::MUTED)];
        let entries = entries.map(|(word, color)| (word.to_owned(), color)).into();
        Key { sample: Sample::Mark, entries }
    }

    fn note(&self, look: Look) -> String {
        let about = match self.is_across() {
            true => format!(
                "{}: difference from {} by set of incidents",
                words(self.tables.asked.metrics[0].name),
                self.tables.differences.baseline
            ),
            false => format!("Difference from {}", self.tables.differences.baseline),
        };
        let (better, worse, unclear) = match look.palette {
            Palette::Colour => ("green", "red", "grey"),
            Palette::Grey => (grey::mark_word(BETTER), grey::mark_word(theme::BAD), "paler"),
        };
        let band = match self.tables.asked.smallest.0.is_empty() {
            true => "",
            false => "; shaded: too small to be worth showing",
        };
        format!(
            "{about}; lines: intervals that hold for all arms together with 95 %; {better} is \
             better, {worse} is worse, {unclear} is not clear{band}"
        )
    }

    fn is_empty(&self) -> bool {
        self.columns().is_empty()
    }

    fn size(&self, page: &Page) -> (u32, u32) {
        let across = columns_on(page.width_or(WIDTH));
        let bands = self.columns().len().div_ceil(across).max(1) as f64;
        let band = TITLE + ROW * self.arms().len().max(2) as f64 + AXIS;
        page.high(WIDTH, self.head(page, WIDTH as u32) + bands * band)
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let (columns, arms) = (self.columns(), self.arms());
        let ink = Ink::plain(12.0, theme::TEXT).right();
        let widest = arms.iter().map(|arm| ink.width_of(arm)).fold(60.0, f64::max);
        let names = widest.min(canvas.room(190.0));
        let left = canvas.or_narrow(20.0, 8.0) + names + 12.0;
        let most = columns_on(canvas.width);
        let band = TITLE + ROW * arms.len().max(2) as f64 + AXIS;
        let across = columns.len().clamp(1, most) as f64;
        let width = (canvas.width - left - 14.0) / across;
        if columns.is_empty() {
            let place = Place { left, top, right: canvas.width - 40.0, bottom: top + 80.0 };
            let (x, y) = (Scale::blank(), Scale::blank());
            return Panel { canvas, place, x, y }.nothing("nothing to compare has a value");
        }
        for (at, column) in columns.iter().enumerate() {
            let from = left + width * (at % most) as f64;
            let top = top + band * (at / most) as f64;
            let place = Place {
                left: from,
                top: top + TITLE,
                right: from + width - NUMBER - 16.0,
                bottom: top + TITLE + ROW * arms.len().max(2) as f64,
            };
            let heading = Ink::bold(12.0, theme::TEXT);
            let title = heading.fit(&column.title, width - 18.0);
            canvas.text((from, top + 10.0), &title, heading);
            if at % most == 0 {
                for (row, arm) in arms.iter().enumerate() {
                    let y = place.top + ROW * (row as f64 + 0.5);
                    canvas.text((left - 12.0, y), &ink.fit_ends(arm, names), ink);
                }
            }
            self.column(canvas, place, column, &arms);
        }
    }
}

impl Contrasts<'_> {
    fn column(&self, canvas: &Canvas, place: Place, column: &Column, arms: &[&str]) {
        let ends = column.rows.iter().flat_map(|row| {
            [bottom_of(&row.difference), row.difference.value, top_of(&row.difference)]
        });
        let ends: Vec<f64> = ends.chain([0.0]).filter(|end| end.is_finite()).collect();
        let least = ends.iter().copied().fold(0.0, f64::min);
        let most = ends.iter().copied().fold(0.0, f64::max);
        let quantity = column.rows.first().map_or(Quantity::Plain, |row| row.quantity);
        let (factor, unit) = number::difference_unit(most.max(-least), quantity);
        let unit = unit.replace(POINTS.0, POINTS.1);
        let x = Scale::signed(least, most, (factor, &unit));
        let y = Scale::blank();
        let panel = Panel { canvas, place, x, y };
        if let Some(smallest) = self.smallest(column.metric) {
            let (from, to) = (panel.at_x(-smallest), panel.at_x(smallest));
            canvas.rect((from, place.top), (to, place.bottom), theme::OTHER, 0.16);
        }
        panel.columns();
        panel.bottom_labels();
        let zero = panel.at_x(0.0);
        canvas.line(&[(zero, place.top), (zero, place.bottom)], theme::MUTED, 1.0);
        for row in &column.rows {
            let at = arms.iter().position(|arm| *arm == row.arm.variant).unwrap_or(0);
            let y = place.top + ROW * (at as f64 + 0.5);
            whisker(&panel, y, row);
        }
    }
}

/// A bar from 0 to the difference, its interval, and the number in the room on the right.
fn whisker(panel: &Panel, y: f64, row: &DifferenceRow) {
    let (canvas, color) = (panel.canvas, color_of(row));
    let value = row.difference.value;
    if !value.is_finite() {
        return;
    }
    let (zero, x) = (panel.at_x(0.0), panel.at_x(value));
    canvas.rect((zero.min(x), y - 7.5), (zero.max(x), y + 7.5), theme::tint(color, 0.26), 1.0);
    if let Some(interval) = row.difference.interval.filter(|i| i.low < i.high) {
        let (low, high) = (panel.at_x(interval.low), panel.at_x(interval.high));
        canvas.line(&[(low, y), (high, y)], color, 2.0);
        if high - low >= 12.0 {
            for x in [low, high] {
                canvas.line(&[(x, y - 4.0), (x, y + 4.0)], color, 2.0);
            }
        }
    }
    canvas.dot((x, y), 3.5, color);
    let text = match row.contrast {
        Contrast::Same => "the same".to_owned(),
        _ => {
            // the digits that the interval deserves, without the interval: that is drawn
            let text = number::difference(&row.difference, row.quantity);
            let value = text.split(" ±").next().and_then(|text| text.split(" (").next());
            value.unwrap_or_default().replace(POINTS.0, POINTS.1)
        }
    };
    let ink = Ink::bold(SMALL + 0.5, color);
    canvas.text((panel.place.right + 8.0, y), &ink.fit(&text, NUMBER), ink);
}
