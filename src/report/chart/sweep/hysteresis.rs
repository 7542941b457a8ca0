//! Goodput on both branches of a sweep: where the past decides which one it is.

use super::super::canvas::{Canvas, Ink};
use super::super::look::Look;
use super::super::panel::{
    EndLabel, Panel, Place, SMALL, bottom_of, label_room, left_edge, top_of,
};
use super::super::scale::Scale;
use super::super::{Chart, theme};
use super::{axes, lines};
use crate::report::sweep::Axis;
use crate::report::tables::Hysteresis;
use crate::stats::Estimate;
use crate::study::sweep::{Branch, Edge, Edges};

/// How dark the values are shaded at which the past decides, and those between sure points.
const SURE: f64 = 0.15;
const BETWEEN: f64 = 0.06;
/// What a row of names above the plot takes.
const ROW: f64 = 16.0;

const WITHOUT: &str = "without trigger";
const WITH: &str = "with trigger";
const ARRIVE: &str = "arrive";

pub(super) struct Loop<'t> {
    pub(super) table: &'t Hysteresis,
    pub(super) axis: &'t Axis,
}

/// A name above the plot, in the middle of what it names.
struct Name {
    text: String,
    middle: f64,
    half: f64,
}

impl Name {
    fn meets(&self, other: &Self) -> bool {
        (self.middle - other.middle).abs() < self.half + other.half + 10.0
    }
}

impl Loop<'_> {
    fn xs(&self) -> Vec<f64> {
        self.table.settings.iter().map(|setting| setting.1).collect()
    }

    /// One value of a branch at every point, without what is no number.
    fn points(&self, of: fn(&[Branch; 2]) -> Option<Estimate>) -> Vec<Option<Estimate>> {
        let both = self.table.found.points.iter().map(|pair| [pair.without, pair.with]);
        let is_number =
            |e: &Estimate| e.value.is_finite() && bottom_of(e).is_finite() && top_of(e).is_finite();
        both.map(|both| of(&both).filter(is_number)).collect()
    }

    fn without(&self) -> Vec<Option<Estimate>> {
        self.points(|both| both[0].goodput_per_s)
    }

    fn with(&self) -> Vec<Option<Estimate>> {
        self.points(|both| both[1].goodput_per_s)
    }

    fn arrivals(&self) -> Vec<Option<Estimate>> {
        self.points(|both| both[0].arrivals_per_s)
    }

    fn replications(&self) -> u64 {
        let seen = self.without().into_iter().chain(self.with()).flatten();
        seen.map(|estimate| estimate.n).max().unwrap_or(0)
    }

    fn upright(&self) -> Scale {
        let all = [self.without(), self.with(), self.arrivals()].concat();
        let most = all.into_iter().flatten().map(|estimate| top_of(&estimate)).fold(0.0, f64::max);
        if most > 0.0 { Scale::rounded(0.0, most, 1.0, "/s") } else { Scale::from_zero(1.0, 4) }
    }

    /// The values between two points, from left to right.
    fn between(&self, panel: &Panel, a: usize, b: usize) -> (f64, f64) {
        let ends = [a, b].map(|at| panel.at_x(self.table.settings[at].1));
        (ends[0].min(ends[1]), ends[0].max(ends[1]))
    }

    fn shade(&self, panel: &Panel, edges: &Edges) {
        let rect = |(from, to): (f64, f64), alpha| {
            let corners = ((from, panel.place.top), (to, panel.place.bottom));
            panel.canvas.rect(corners.0, corners.1, theme::BAD, alpha);
        };
        if let Some((first, last)) = edges.vulnerable {
            rect(self.between(panel, first, last), SURE);
        }
        let shared = edges.back == edges.falls;
        let apart = edges.falls.filter(|_| !shared);
        for edge in edges.back.into_iter().chain(apart) {
            rect(self.between(panel, edge.inner, edge.outer), BETWEEN);
        }
    }

    /// The names of the edges, each kept within the plot.
    fn names(&self, panel: &Panel, edges: &Edges) -> Vec<Name> {
        let texts = self.table.edge_names(edges);
        let name = |(text, edge): (Option<String>, Option<Edge>)| {
            let (text, edge) = (text?, edge?);
            let ink = Ink::plain(SMALL, theme::TEXT);
            let half = ink.width_of(&text) / 2.0;
            let (from, to) = self.between(panel, edge.inner, edge.outer);
            let (least, most) = (panel.place.left + half, panel.canvas.width - half - 4.0);
            Some(Name { text, middle: ((from + to) / 2.0).min(most).max(least), half })
        };
        texts.into_iter().zip([edges.back, edges.falls]).filter_map(name).collect()
    }

    fn draw_lines(&self, panel: &Panel) {
        let xs = self.xs();
        let arrivals = xs.iter().zip(self.arrivals());
        let arrivals: Vec<(f64, f64)> =
            arrivals.filter_map(|(x, point)| Some(panel.at((*x, point?.value)))).collect();
        for ends in arrivals.windows(2) {
            panel.canvas.dashes(ends[0], ends[1], theme::MUTED);
        }
        let lines = [(self.with(), theme::BAD), (self.without(), theme::series(0))];
        for (points, color) in &lines {
            panel.estimates(&xs, points, *color);
        }
        // where both are alike a ring shows behind a dot
        for ((points, color), is_ring) in lines.iter().zip([true, false]) {
            let seen = xs.iter().zip(points).filter_map(|(x, point)| Some((*x, (*point)?.value)));
            for at in seen.map(|place| panel.at(place)) {
                match is_ring {
                    true => panel.canvas.ring(at, 5.0, *color),
                    false => panel.canvas.dot(at, 2.75, *color),
                }
            }
        }
    }

    fn end_labels(&self, panel: &Panel) {
        let lines = [
            (self.arrivals(), ARRIVE, theme::MUTED),
            (self.without(), WITHOUT, theme::series(0)),
            (self.with(), WITH, theme::BAD),
        ];
        let label = |(points, text, color): (Vec<Option<Estimate>>, &str, _)| {
            let last = points.iter().rev().flatten().next()?;
            let y = panel.at_y(last.value);
            Some(EndLabel { y, text: text.to_owned(), color, swatch: None })
        };
        panel.end_labels(lines.into_iter().filter_map(label).collect());
    }
}

impl Chart for Loop<'_> {
    fn name(&self) -> &'static str {
        "hysteresis"
    }

    fn question(&self) -> &'static str {
        "Where does goodput fall by itself, and where does it come back once it is down?"
    }

    fn finding(&self) -> String {
        self.table.finding()
    }

    fn note(&self, _: Look) -> String {
        let means = match self.replications() {
            1 => "one replication a branch".to_owned(),
            n => format!("means of {n} replications a branch, band: 95 % interval"),
        };
        format!(
            "Goodput a second over {}; {means}; {}; shaded: down with the trigger, up without \
             (darker), between sure points (lighter)",
            self.table.key,
            self.table.rule()
        )
    }

    fn is_empty(&self) -> bool {
        self.without().into_iter().chain(self.with()).flatten().next().is_none()
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let y = self.upright();
        let x = axes::of_values(&self.table.settings, self.axis);
        let place = Place {
            left: left_edge(canvas, &y),
            top: top + 4.0,
            right: canvas.width - label_room(canvas, [WITHOUT, WITH, ARRIVE], 220.0),
            bottom: canvas.height - 62.0,
        };
        let mut panel = Panel { canvas, place, x, y };
        let edges = self.table.found.edges();
        let names = edges.as_ref().map_or(Vec::new(), |edges| self.names(&panel, edges));
        let are_stacked = matches!(&names[..], [a, b] if a.meets(b));
        let rows = if are_stacked { 2.0 } else { f64::from(u8::from(!names.is_empty())) };
        panel.place.top += ROW * rows;
        panel.rows();
        panel.bottom_labels();
        lines::key_name(&panel, &self.table.key);
        if self.is_empty() {
            return panel.nothing("no replication is complete");
        }
        if let Some(edges) = &edges {
            self.shade(&panel, edges);
        }
        let ink = Ink::plain(SMALL, theme::TEXT).centered();
        for (row, name) in names.iter().rev().enumerate() {
            let above = if are_stacked { ROW * row as f64 } else { 0.0 };
            canvas.text((name.middle, panel.place.top - 9.0 - above), &name.text, ink);
        }
        self.draw_lines(&panel);
        self.end_labels(&panel);
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw_hysteresis;
    use super::*;
    use crate::report::chart::Palette;
    use crate::report::number::Quantity;
    use crate::report::tables::sample_hysteresis::loads;
    use crate::study::sweep::Spread;

    fn svg(up: &[(f64, u64, u64)], look: Look) -> String {
        let axis = Axis {
            key: "arrivals.rate".to_owned(),
            column: String::new(),
            spread: Spread::Straight,
            quantity: Quantity::PerSecond,
        };
        draw_hysteresis(&loads(up), &axis, look).svg
    }

    #[test]
    fn both_edges_are_named_on_the_picture_on_any_page() {
        let up = [(20.0, 10, 10), (30.0, 10, 0), (90.0, 10, 0), (100.0, 0, 0)];
        let narrow = Look { size: Some("3.5in".parse().unwrap()), ..Look::default() };
        let grey = Look { palette: Palette::Grey, ..Look::default() };
        for look in [Look::default(), narrow, grey] {
            let svg = svg(&up, look);
            for text in ["back below 20/s to 30/s", "falls above 90/s to 100/s", WITH, WITHOUT] {
                assert!(svg.contains(text), "{text} on {look:?}");
            }
            assert!(!svg.contains("NaN"), "{look:?}");
        }
    }

    #[test]
    fn odd_tables_are_drawn_too() {
        for up in [&[][..], &[(20.0, 0, 0)], &[(20.0, 5, 5), (30.0, 4, 6)]] {
            let svg = svg(up, Look::default());
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{up:?}");
        }
    }
}
