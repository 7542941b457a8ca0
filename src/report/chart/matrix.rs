//! Which arm comes through every set of incidents?

use plotters::style::RGBColor;

use super::canvas::{Canvas, Ink};
use super::look::{Look, Page};
use super::panel::{Panel, Place};
use super::scale::Scale;
use super::{Chart, theme};
use crate::report::number::{self, Quantity, number, words};
use crate::report::tables::{Compared, MatrixRow};
use crate::stats::Estimate;

pub(super) fn of(tables: &Compared) -> Box<dyn Chart + '_> {
    Box::new(Heat { tables })
}

struct Heat<'t> {
    tables: &'t Compared,
}

const WIDTH: f64 = 900.0;
const ROW: f64 = 31.0;
/// Room above the cells for the names of sets.
const NAMES: f64 = 30.0;
const BELOW: f64 = 20.0;
/// Room for the worst regret with its set.
const WORST: f64 = 178.0;
/// The narrowest cell in which a value can be read.
const CELL_LEAST: f64 = 56.0;
/// The names of arms.
const NAME: Ink = Ink::plain(12.5, theme::TEXT).right();

impl Heat<'_> {
    fn sets(&self) -> Vec<&str> {
        self.tables.timeline.sets.iter().map(|set| set.incidents.as_str()).collect()
    }

    fn quantity(&self) -> Quantity {
        self.tables.matrix.quantity.unwrap_or(Quantity::Plain)
    }

    /// Where the cells begin, right of the names of arms.
    fn left(&self) -> f64 {
        let arms = self.tables.regrets.rows.iter();
        let widest = arms.map(|arm| NAME.width_of(&arm.variant)).fold(60.0, f64::max);
        20.0 + widest.min(200.0) + 12.0
    }

    /// The greatest regret of all: what the darkest colour stands for.
    fn most(&self) -> f64 {
        let regrets = self.tables.matrix.rows.iter().filter_map(|row| row.regret);
        let values = regrets.map(|regret| regret.value).filter(|value| value.is_finite());
        values.fold(0.0, f64::max)
    }

    fn spot(&self, variant: &str, set: &str) -> Option<&MatrixRow> {
        let mut rows = self.tables.matrix.rows.iter();
        rows.find(|row| row.arm.variant == variant && row.arm.incidents == set)
    }

    fn cell(&self, canvas: &Canvas, (from, to): ((f64, f64), (f64, f64)), row: &MatrixRow) {
        let regret = row.regret.map(|regret| regret.value).filter(|value| value.is_finite());
        let regret = regret.unwrap_or(0.0);
        let most = self.most();
        let strength = if most > 0.0 { (regret / most).clamp(0.0, 1.0) } else { 0.0 };
        canvas.rect(from, to, shade(strength), 1.0);
        if row.best == row.arm.variant {
            let green = theme::series(2);
            let (a, b) = ((from.0 + 1.5, from.1 + 1.5), (to.0 - 1.5, to.1 - 1.5));
            canvas.line(&[a, (b.0, a.1), b, (a.0, b.1), a, (b.0, a.1)], green, 2.5);
        }
        let middle = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
        let color = if strength > 0.62 { theme::PAGE } else { theme::TEXT };
        let text = row.estimate.map_or("–".to_owned(), |e| self.value(&e));
        canvas.text(middle, &text, Ink::plain(12.0, color).centered());
    }

    /// A value; all shares with the digits that the narrowest interval deserves.
    fn value(&self, estimate: &Estimate) -> String {
        if !estimate.value.is_finite() {
            return "–".to_owned();
        }
        let bare = |estimate: &Estimate| {
            let text = number::estimate(estimate, self.quantity());
            text.split([' ', '(']).next().unwrap_or_default().to_owned()
        };
        match self.quantity() {
            Quantity::Share => {
                let all = self.tables.matrix.rows.iter().filter_map(|row| row.estimate);
                let decimals =
                    all.map(|one| bare(&one).split('.').nth(1).map_or(0, str::len)).max();
                format!("{} %", number::fixed(estimate.value * 100.0, decimals.unwrap_or(1)))
            }
            Quantity::Plain | Quantity::Count | Quantity::PerMillion => bare(estimate),
            quantity => number(estimate.value, quantity),
        }
    }
}

/// From the page's cream to a deep red brown: the darker, the more is lost.
fn shade(strength: f64) -> RGBColor {
    let stops = [
        (0.0, RGBColor(246, 248, 240)),
        (0.35, RGBColor(250, 216, 150)),
        (0.7, RGBColor(214, 110, 60)),
        (1.0, RGBColor(134, 38, 38)),
    ];
    let at = stops.windows(2).find(|pair| strength <= pair[1].0).unwrap_or(&stops[2..]);
    let part = ((strength - at[0].0) / (at[1].0 - at[0].0)).clamp(0.0, 1.0);
    let mix = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * part) as u8;
    let (from, to) = (at[0].1, at[1].1);
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

impl Chart for Heat<'_> {
    fn name(&self) -> &'static str {
        "matrix"
    }

    fn question(&self) -> &'static str {
        "Which arm comes through every set of incidents?"
    }

    fn finding(&self) -> String {
        let metric = &self.tables.matrix.metric;
        self.tables.advice.trim_end_matches('.').replace(metric, &words(metric))
    }

    fn note(&self, _: Look) -> String {
        let name = words(&self.tables.matrix.metric);
        let more = if self.tables.matrix.is_up { "more" } else { "less" };
        format!(
            "{name} ({more} is better) of each arm in each set of incidents; the darker, the more \
             is lost to the best arm of the set that breaks no limit (outlined)"
        )
    }

    fn is_empty(&self) -> bool {
        self.tables.matrix.rows.iter().all(|row| row.estimate.is_none())
    }

    fn size(&self, page: &Page) -> (u32, u32) {
        let rows = self.tables.regrets.rows.len().max(2) as f64;
        let head = self.head(page, WIDTH as u32);
        page.high(WIDTH, head + NAMES + ROW * rows + BELOW)
    }

    /// So wide that values can be read in their cells.
    fn least_width(&self) -> f64 {
        let cells = CELL_LEAST * self.sets().len() as f64;
        if self.is_empty() { 0.0 } else { (self.left() + cells + WORST + 16.0).min(WIDTH) }
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let sets = self.sets();
        let arms = &self.tables.regrets.rows;
        let left = self.left();
        let right = canvas.width - WORST - 16.0;
        if self.is_empty() {
            let place = Place { left, top, right, bottom: top + 70.0 };
            let (x, y) = (Scale::blank(), Scale::blank());
            return Panel { canvas, place, x, y }.nothing("no arm has a value");
        }
        let width = (right - left) / sets.len().max(1) as f64;
        let heading = Ink::bold(12.0, theme::TEXT).centered();
        for (at, set) in sets.iter().enumerate() {
            let x = left + width * (at as f64 + 0.5);
            canvas.text((x, top + NAMES / 2.0 - 2.0), &heading.fit(set, width - 4.0), heading);
        }
        let worst = Ink::bold(12.0, theme::TEXT);
        canvas.text((right + 14.0, top + NAMES / 2.0 - 2.0), "lost at worst", worst);
        for (row, arm) in arms.iter().enumerate() {
            let y = top + NAMES + ROW * row as f64;
            let is_out = arm.standing.starts_with("breaks");
            let (bold, color) = match (arm.verdict, is_out) {
                ("chosen", _) => (true, theme::series(2)),
                (_, true) => (false, theme::OTHER),
                _ => (false, theme::TEXT),
            };
            let ink = Ink { bold, color, ..NAME };
            let middle = y + ROW / 2.0;
            canvas.text((left - 12.0, middle), &ink.fit_ends(&arm.variant, left - 32.0), ink);
            for (at, set) in sets.iter().enumerate() {
                let x = left + width * at as f64;
                let ends = ((x + 1.0, y + 1.0), (x + width - 1.0, y + ROW - 1.0));
                if let Some(spot) = self.spot(&arm.variant, set) {
                    self.cell(canvas, ends, spot);
                }
            }
            let text = match (&arm.worst, is_out) {
                (_, true) => "breaks a limit".to_owned(),
                (Some((worst, _)), _) if *worst <= 0.0 => "nothing".to_owned(),
                (Some((worst, set)), _) => format!("{} in {set}", self.loss(*worst)),
                (None, _) => String::new(),
            };
            let ink = Ink { bold, color, ..Ink::plain(12.0, color) };
            canvas.text((right + 14.0, middle), &ink.fit(&text, WORST), ink);
        }
    }
}

impl Heat<'_> {
    fn loss(&self, worst: f64) -> String {
        let bare = Estimate { value: worst, interval: None, n: 0 };
        number::difference(&bare, self.quantity()).trim_start_matches('+').to_owned()
    }
}
