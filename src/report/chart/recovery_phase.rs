//! Where does the system go after a trigger: back, or to another state in which it stays?

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::Chart;
use super::canvas::{Canvas, Ink};
use super::look::{Look, Page};
use super::panel::{EndLabel, Panel, Place, SMALL, label_room, left_edge};
use super::scale::Scale;
use super::theme;
use crate::report::number::{Quantity, count, number, span};
use crate::report::tables::Tables;
use crate::study::RecoveryEstimate;
use crate::study::recovery::{Point, Way};

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
        let trigger = &row.recovery.trigger;
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
        ways.iter().for_each(|way| self.mark(&panel, row, way));
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

    /// Dots where the trigger begins and ends, and where what was watched ends.
    fn mark(&self, panel: &Panel, row: &RecoveryEstimate, way: &Way) {
        let recovery = &row.recovery;
        let at = |time: u64| way.points.iter().rfind(|point| point.to <= time);
        let place = |point: &Point| panel.at((self.across(point), point.queue));
        let mark = |point: Option<&Point>, text: &str| {
            let Some((x, y)) = point.map(place) else { return };
            panel.canvas.ring((x, y), 4.0, color_of(way));
            let ink = Ink::plain(SMALL, theme::TEXT);
            let wide = ink.width_of(text) + 9.0;
            let (x, ink) = match x + wide > panel.place.right {
                true => (x - 8.0, ink.right()),
                false => (x + 8.0, ink),
            };
            let left = if matches!(ink.across, HPos::Right) { x - wide + 7.0 } else { x - 2.0 };
            let (from, to) = ((left, y - 16.0), (left + wide - 5.0, y - 3.0));
            panel.canvas.rect(from, to, theme::PAGE, 0.8);
            panel.canvas.text((x, y - 9.0), text, ink);
        };
        let is_alone = self.ways.len() == 1 || !way.recovered;
        if is_alone {
            mark(at(recovery.before.1), "trigger begins");
            mark(at(recovery.from), "trigger ends");
        }
        mark(way.points.last(), &format!("{} later", span(recovery.watched_s() as f64)));
    }
}

fn color_of(way: &Way) -> RGBColor {
    if way.recovered { theme::series(0) } else { theme::BAD }
}

fn named(way: &Way) -> String {
    let kind = if way.recovered { "recovered" } else { "collapsed" };
    format!("{kind} ({})", count(way.replications))
}
