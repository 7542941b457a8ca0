//! What does each value of a plan cost, and which is the cheapest?

use plotters::style::RGBColor;

use super::canvas::{Canvas, Ink};
use super::look::Look;
use super::panel::{EndLabel, Key, Panel, Place, SMALL};
use super::panel::{bottom_of, label_room, left_edge, top_of};
use super::planned::{color_of, key_in_words, key_of};
use super::scale::Scale;
use super::{Chart, theme};
use crate::report::number::words;
use crate::report::tables::{PlannedCost, PlannedCosts, TOTAL};

/// Parts drawn at most: the largest.
const PARTS: usize = 4;

/// The total by value, over the parts that it is made of.
pub(super) struct CostCurve<'t> {
    costs: &'t PlannedCosts,
    totals: Vec<&'t PlannedCost>,
    parts: Vec<Part<'t>>,
}

/// One part over the values.
struct Part<'t> {
    name: String,
    color: RGBColor,
    rows: Vec<&'t PlannedCost>,
}

impl<'t> CostCurve<'t> {
    pub(super) fn of(costs: &'t PlannedCosts) -> Self {
        let totals: Vec<&PlannedCost> = costs.totals().collect();
        Self { costs, totals, parts: parts(costs) }
    }

    fn scales(&self, place_right: f64) -> (Scale, Scale) {
        let numbers = || self.totals.iter().map(|row| row.number);
        let least = numbers().fold(f64::INFINITY, f64::min);
        let most = numbers().fold(f64::NEG_INFINITY, f64::max);
        let highest = self.totals.iter().map(|row| top_of(&row.cost)).fold(0.0, f64::max);
        let ticks = if place_right < 500.0 { 4 } else { 5 };
        (Scale::around(least, most, (1.0, "")), Scale::from_zero(highest, ticks))
    }

    /// The values that cannot be told apart from the cheapest.
    fn alike(&self, panel: &Panel) {
        let (from, to) = self.costs.alike;
        if from < to {
            let (left, right) = (panel.at_x(from), panel.at_x(to));
            let corners = ((left, panel.place.top), (right, panel.place.bottom));
            panel.canvas.rect(corners.0, corners.1, theme::series(0), theme::WINDOW_ALPHA);
        }
    }

    /// Marks of the cheapest value and of the answer, one above the other.
    fn marks(&self, panel: &Panel) {
        let costs = self.costs;
        let cheapest = format!("cheapest {}", costs.text_of(costs.cheapest));
        let is_both = costs.answer.is_some_and(|at| at.total_cmp(&costs.cheapest).is_eq());
        let name = if is_both { format!("{cheapest}, the answer too") } else { cheapest };
        panel.mark_x(costs.cheapest, &name);
        if let Some(at) = costs.answer.filter(|_| !is_both) {
            let place = Place { top: panel.place.top - 15.0, ..panel.place };
            let above =
                Panel { canvas: panel.canvas, place, x: panel.x.clone(), y: Scale::blank() };
            above.mark_x(at, &format!("answer {}", costs.text_of(at)));
        }
    }

    fn parts(&self, panel: &Panel) {
        let mut labels = Vec::new();
        for part in &self.parts {
            let at = |row: &&PlannedCost| panel.at((row.number, row.cost.value));
            let line: Vec<(f64, f64)> = part.rows.iter().map(at).collect();
            panel.canvas.line(&line, part.color, 1.5);
            let y = line.last().map_or(panel.place.bottom, |end| end.1);
            labels.push(EndLabel { y, text: part.name.clone(), color: part.color, swatch: None });
        }
        let end = self.totals.last().map_or(panel.place.top, |row| panel.at_y(row.cost.value));
        let text = "total".to_owned();
        labels.push(EndLabel { y: end, text, color: theme::TEXT, swatch: None });
        panel.end_labels(labels);
    }

    fn total(&self, panel: &Panel) {
        let at = |row: &&PlannedCost| panel.at((row.number, row.cost.value));
        let line: Vec<(f64, f64)> = self.totals.iter().map(at).collect();
        panel.canvas.line(&line, theme::OTHER, 2.0);
        for row in &self.totals {
            let color = color_of(row.point);
            let (x, y) = panel.at((row.number, row.cost.value));
            let whisker =
                [(x, panel.at_y(top_of(&row.cost))), (x, panel.at_y(bottom_of(&row.cost)))];
            panel.canvas.line(&whisker, color, 1.5);
            panel.canvas.dot((x, y), 3.5, color);
        }
        let (x, y) = at(&self.costs.at_cheapest());
        panel.canvas.ring((x, y), 6.0, theme::TEXT);
    }
}

/// The largest parts, the largest first.
fn parts(costs: &PlannedCosts) -> Vec<Part<'_>> {
    let mut names: Vec<&str> = Vec::new();
    for row in costs.rows.iter().filter(|row| row.part != TOTAL) {
        if !names.contains(&row.part.as_str()) {
            names.push(&row.part);
        }
    }
    let of = |name: &str| costs.rows.iter().filter(|row| row.part == name).collect::<Vec<_>>();
    let most = |rows: &[&PlannedCost]| rows.iter().map(|row| row.cost.value).fold(0.0, f64::max);
    let mut parts: Vec<(&str, Vec<&PlannedCost>)> =
        names.into_iter().map(|name| (name, of(name))).collect();
    parts.sort_by(|a, b| most(&b.1).total_cmp(&most(&a.1)));
    parts.retain(|(_, rows)| most(rows) > 0.0);
    parts.truncate(PARTS);
    let part = |(index, (name, rows)): (usize, (&str, Vec<_>))| Part {
        name: words(name),
        color: theme::series([0, 1, 3, 4][index % 4]),
        rows,
    };
    parts.into_iter().enumerate().map(part).collect()
}

impl Chart for CostCurve<'_> {
    fn name(&self) -> &'static str {
        "plan_cost"
    }

    fn question(&self) -> &'static str {
        "What does each value cost, and which is the cheapest?"
    }

    fn finding(&self) -> String {
        self.costs.finding()
    }

    fn key(&self) -> Key {
        key_of("targets met")
    }

    fn note(&self, look: Look) -> String {
        let (from, to) = self.costs.alike;
        let shaded =
            if from < to { "; shaded: cannot be told apart from the cheapest" } else { "" };
        format!(
            "{} for 1,000 top-ups by {}, with its largest parts; 95 % intervals; targets \
             {}{shaded}",
            self.costs.currency,
            self.costs.key,
            key_in_words(look)
        )
    }

    fn is_empty(&self) -> bool {
        self.totals.len() < 2
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let bottom = canvas.height - 42.0;
        if self.is_empty() {
            let place = Place { left: 20.0, top, right: canvas.width - 20.0, bottom };
            let panel = Panel { canvas, place, x: Scale::blank(), y: Scale::blank() };
            return panel.nothing("too little was tried to draw a curve");
        }
        let (x, y) = self.scales(canvas.width);
        let names = self.parts.iter().map(|part| part.name.as_str()).chain(["total"]);
        let right = canvas.width - label_room(canvas, names, 150.0);
        let place = Place { left: left_edge(canvas, &y), top: top + 36.0, right, bottom };
        let panel = Panel { canvas, place, x, y };
        self.alike(&panel);
        panel.rows();
        panel.columns();
        panel.bottom_labels();
        self.marks(&panel);
        self.parts(&panel);
        self.total(&panel);
        let ink = Ink::plain(SMALL, theme::MUTED).right().below();
        canvas.text((place.right, bottom + 22.0), &self.costs.key, ink);
    }
}
