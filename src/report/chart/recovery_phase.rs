//! Where does the system go after a trigger: back, or to another state in which it stays?

use plotters::style::RGBColor;

use super::Chart;
use super::canvas::{Canvas, Ink};
use super::look::{Look, Page};
use super::panel::{EndLabel, Panel, Place, SMALL, label_room, left_edge};
use super::scale::Scale;
use super::theme;
use crate::report::number::{Quantity, count, number, span};
use crate::report::tables::Tables;
use crate::study::RecoveryEstimate;
use crate::study::recovery::{Point, Way, quoted};

pub(super) fn of(tables: &Tables) -> Box<dyn Chart + '_> {
    // a picture has room for one: the one that is away most often
    let rows = tables.recovery.rows.iter().rev().filter(|row| !row.ways.is_empty());
    let share = |row: &RecoveryEstimate| row.collapsed as f64 / row.watched as f64;
    let row = rows.max_by(|a, b| share(a).total_cmp(&share(b)));
    let ways = row.map_or(Vec::new(), |row| {
        let every = row.recovery.hold_s * 1_000_000_000 / STRETCHES;
        row.ways
            .iter()
            .map(|way| Way { points: calmed(&way.points, every), ..way.clone() })
            .collect()
    });
    Box::new(RecoveryPhase { row, ways })
}

/// Stretches within the time for which goodput must hold: finer ones would only show noise.
const STRETCHES: u64 = 3;

/// An axis up to so much is straight, beyond it is logarithmic.
const STRAIGHT: f64 = 100.0;

struct RecoveryPhase<'t> {
    row: Option<&'t RecoveryEstimate>,
    /// Its ways with the noise of single buckets taken out.
    ways: Vec<Way>,
}

/// Means of stretches of neighbours that together last at least `every` ns.
fn calmed(points: &[Point], every: u64) -> Vec<Point> {
    let width = points.first().map_or(1, |point| (point.to - point.from).max(1));
    let together = every.div_ceil(width).max(1) as usize;
    let mean = |stretch: &[Point]| {
        let of = |value: fn(&Point) -> f64| {
            stretch.iter().map(value).sum::<f64>() / stretch.len() as f64
        };
        Point {
            from: stretch[0].from,
            to: stretch[stretch.len() - 1].to,
            backing_off: of(|point| point.backing_off),
            retries_per_s: of(|point| point.retries_per_s),
            queue: of(|point| point.queue),
        }
    };
    points.chunks(together).map(mean).collect()
}

/// From 0, or from 1 on a logarithmic axis where much is to be shown.
fn scale(most: f64) -> Scale {
    if most > STRAIGHT { Scale::powers(1.0, most * 1.15) } else { Scale::from_zero(most, 5) }
}

impl RecoveryPhase<'_> {
    fn points(&self) -> impl Iterator<Item = &Point> {
        self.ways.iter().flat_map(|way| &way.points)
    }

    /// Whether anybody waits between attempts; otherwise retries a second tell as much.
    fn waits(&self) -> bool {
        self.points().any(|point| point.backing_off > 0.0)
    }

    fn across(&self, point: &Point) -> f64 {
        if self.waits() { point.backing_off } else { point.retries_per_s }
    }

    /// The last point of each way, where it stays.
    fn end(&self, way: &Way) -> Option<(f64, f64)> {
        way.points.last().map(|point| (self.across(point), point.queue))
    }
}

impl Chart for RecoveryPhase<'_> {
    fn name(&self) -> &'static str {
        "recovery_phase"
    }

    fn question(&self) -> &'static str {
        "Where does the system go after a trigger: back, or to a state in which it stays?"
    }

    fn finding(&self) -> String {
        let Some(row) = self.row else {
            return "There was no goodput that could come back".to_owned();
        };
        let trigger = quoted(&row.recovery.trigger);
        let end = |recovered: bool| {
            let way = row.ways.iter().find(|way| way.recovered == recovered)?;
            let queue = number(way.points.last()?.queue, Quantity::Count);
            Some((count(way.replications), queue))
        };
        match (end(true), end(false)) {
            (_, Some((times, queue))) => format!(
                "After {trigger}, goodput stays away in {times} of {} replications: {queue} wait \
                 in the queue at the end",
                count(row.watched)
            ),
            (Some((_, queue)), None) => format!(
                "After {trigger}, goodput comes back in all {} replications: {queue} wait in the \
                 queue at the end",
                count(row.watched)
            ),
            (None, None) => "There was no goodput that could come back".to_owned(),
        }
    }

    fn note(&self, _: Look) -> String {
        let across = match self.waits() {
            true => "clients in back-off (waiting to send again)",
            false => "retries a second (nobody waits between attempts)",
        };
        let width = self.points().next().map_or(0.0, |point| (point.to - point.from) as f64 / 1e9);
        format!(
            "Across: {across}; up: requests in the gateway's queues; medians over replications, \
             mean of each {}; scales beyond {STRAIGHT} are logarithmic from 1",
            span(width)
        )
    }

    fn size(&self, page: &Page) -> (u32, u32) {
        let own = if self.is_empty() { (900, 200) } else { (900, 520) };
        page.size(own, self.head(page, own.0), if self.is_empty() { 0.0 } else { 290.0 })
    }

    fn is_empty(&self) -> bool {
        self.points().next().is_none()
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let most = |of: &dyn Fn(&Point) -> f64| self.points().map(of).fold(4.0, f64::max);
        let x = scale(most(&|point| self.across(point)));
        let y = scale(most(&|point| point.queue));
        let ways = &self.ways;
        let texts: Vec<String> = ways.iter().map(named).collect();
        let place = Place {
            left: left_edge(canvas, &y),
            top: top + 16.0,
            right: canvas.width - label_room(canvas, texts.iter().map(String::as_str), 260.0),
            bottom: canvas.height - 58.0,
        };
        let panel = Panel { canvas, place, x, y };
        panel.rows();
        panel.columns();
        panel.bottom_labels();
        let Some(row) = self.row.filter(|_| !self.is_empty()) else {
            return panel.nothing("no goodput before a trigger");
        };
        self.name_axes(&panel);
        for way in ways {
            let line: Vec<(f64, f64)> = way
                .points
                .iter()
                .map(|point| panel.at((self.across(point), point.queue)))
                .collect();
            canvas.line(&line, color_of(way), 1.5);
        }
        let mut names = Vec::new();
        ways.iter().for_each(|way| self.mark(&panel, row, way, &mut names));
        names.iter().for_each(|name| name.draw(canvas));
        let label = |(way, text): (&Way, String)| EndLabel {
            y: self.end(way).map_or(panel.place.top, |end| panel.at_y(end.1)),
            text,
            color: color_of(way),
            swatch: None,
        };
        panel.end_labels(ways.iter().zip(texts).map(label).collect());
    }
}

impl RecoveryPhase<'_> {
    fn name_axes(&self, panel: &Panel) {
        let ink = Ink::plain(SMALL, theme::MUTED);
        let across = if self.waits() { "clients in back-off" } else { "retries a second" };
        let at = (panel.place.right, panel.place.bottom + 38.0);
        panel.canvas.text(at, across, ink.right());
        panel.canvas.text((panel.place.left, panel.place.top - 12.0), "in the queue", ink);
    }

    /// Rings where the trigger begins and ends, and where what was watched ends, with their names.
    fn mark(&self, panel: &Panel, row: &RecoveryEstimate, way: &Way, taken: &mut Vec<Label>) {
        let recovery = &row.recovery;
        let at = |time: u64| way.points.iter().rfind(|point| point.to <= time);
        let place = |point: &Point| panel.at((self.across(point), point.queue));
        let is_alone = self.ways.len() == 1 || !way.recovered;
        let begin = at(recovery.before.1).filter(|_| is_alone);
        let end = at(recovery.from).filter(|_| is_alone);
        let later = format!("{} later", span(recovery.watched_s() as f64));
        let marks =
            [(begin, "trigger begins"), (end, "trigger ends"), (way.points.last(), later.as_str())];
        for (point, text) in marks {
            let Some(at) = point.map(place) else { continue };
            panel.canvas.ring(at, 4.0, color_of(way));
            let label = Label::beside(at, text, panel, taken);
            taken.push(label);
        }
    }
}

/// A name beside a ring.
struct Label {
    text: String,
    /// Its left end, and the middle of its height.
    at: (f64, f64),
    width: f64,
}

impl Label {
    const INK: Ink = Ink::plain(SMALL, theme::TEXT);
    /// From a ring to its name, across and up.
    const APART: (f64, f64) = (8.0, 9.0);
    /// What a name takes of the height.
    const HIGH: f64 = 14.0;

    /// The first place beside a ring that lies in the plot and meets no other name.
    fn beside(ring: (f64, f64), text: &str, panel: &Panel, taken: &[Self]) -> Self {
        let width = Self::INK.width_of(text);
        let (across, up) = Self::APART;
        let (right, left) = (ring.0 + across, ring.0 - across - width);
        let rows = [-1.0, 1.0, -2.6, 2.6, -4.2, 4.2].map(|rows| ring.1 + rows * up);
        let places = rows.into_iter().flat_map(|y| [(right, y), (left, y)]);
        let labels: Vec<Self> =
            places.map(|at| Self { text: text.to_owned(), at, width }).collect();
        let is_free = |label: &&Self| {
            label.is_inside(&panel.place) && !taken.iter().any(|other| other.meets(label))
        };
        let free = labels.iter().position(|label| is_free(&label));
        let inside = || labels.iter().position(|label| label.is_inside(&panel.place));
        let chosen = free.or_else(inside).unwrap_or(0);
        labels.into_iter().nth(chosen).expect("there are places beside a ring")
    }

    fn is_inside(&self, place: &Place) -> bool {
        let (left, y) = self.at;
        let across = left >= place.left && left + self.width <= place.right;
        across && y - Self::HIGH / 2.0 >= place.top && y + Self::HIGH / 2.0 <= place.bottom
    }

    fn meets(&self, other: &Self) -> bool {
        let apart = |a: f64, wide: f64, b: f64, other: f64| a + wide < b || b + other < a;
        let across = apart(self.at.0, self.width + 4.0, other.at.0, other.width + 4.0);
        !across && (self.at.1 - other.at.1).abs() < Self::HIGH
    }

    fn draw(&self, canvas: &Canvas) {
        let (left, y) = self.at;
        let half = Self::HIGH / 2.0 - 0.5;
        let corners = ((left - 2.0, y - half), (left + self.width + 2.0, y + half));
        canvas.rect(corners.0, corners.1, theme::PAGE, 0.8);
        canvas.text(self.at, &self.text, Self::INK);
    }
}

fn color_of(way: &Way) -> RGBColor {
    if way.recovered { theme::series(0) } else { theme::BAD }
}

fn named(way: &Way) -> String {
    let kind = if way.recovered { "recovered" } else { "collapsed" };
    format!("{kind} ({})", count(way.replications))
}

#[cfg(test)]
mod tests {
    use super::super::canvas::Canvas;
    use super::*;

    #[test]
    fn names_of_rings_at_one_place_lie_apart_and_within_the_plot() {
        let mut svg = String::new();
        let canvas = Canvas::new(&mut svg, (900, 520), Look::default());
        let place = Place { left: 60.0, top: 80.0, right: 700.0, bottom: 460.0 };
        let blank = Scale::blank;
        let panel = Panel { canvas: &canvas, place, x: blank(), y: blank() };
        for corner in [(62.0, 82.0), (698.0, 458.0), (62.0, 458.0), (698.0, 82.0), (300.0, 300.0)] {
            let mut names: Vec<Label> = Vec::new();
            for text in ["trigger begins", "trigger ends", "10 min later"] {
                let label = Label::beside(corner, text, &panel, &names);
                assert!(label.is_inside(&panel.place), "{text} at {corner:?}");
                assert!(names.iter().all(|other| !other.meets(&label)), "{text} at {corner:?}");
                names.push(label);
            }
        }
    }
}
