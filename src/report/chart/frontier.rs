//! What does success cost in double charges and in load?

use super::arms_over_time::color_of;
use super::canvas::{Canvas, Ink, is_narrow};
use super::look::{Look, Page};
use super::panel::{Panel, Place, left_edge};
use super::scale::Scale;
use super::{Chart, theme};
use crate::report::number::list;
use crate::report::tables::Compared;

const SUCCESS: &str = "success_share";
const LOAD: &str = "attempts_per_top_up";
const HARM: &str = "duplicate_charges_per_million";

pub(super) fn of(tables: &Compared) -> Box<dyn Chart + '_> {
    let arms = tables
        .timeline
        .sets
        .first()
        .map_or(Vec::new(), |set| set.arms.iter().map(|(name, _)| name.as_str()).collect());
    let sets: Vec<&str> = tables.timeline.sets.iter().map(|set| set.incidents.as_str()).collect();
    let mark = |(at, name): (usize, &&'_ str)| -> Option<Mark> {
        let worst = |metric: &str, worse: fn(f64, f64) -> f64| {
            let value = |set: &&str| {
                let variant =
                    if set.is_empty() { (*name).to_owned() } else { format!("{name}@{set}") };
                let mut rows = tables.summary.rows.iter();
                let row = rows.find(|row| {
                    row.variant == variant
                        && row.metric == metric
                        && row.group == "all"
                        && row.window == tables.asked.window
                })?;
                row.estimate.map(|estimate| estimate.value)
            };
            let values: Option<Vec<f64>> = sets.iter().map(value).collect();
            values?.into_iter().reduce(worse)
        };
        Some(Mark {
            arm: at,
            name: (*name).to_owned(),
            first: (*name).to_owned(),
            alike: 0,
            success: worst(SUCCESS, f64::min)?,
            harm: worst(HARM, f64::max)?,
            load: worst(LOAD, f64::max)?,
        })
    };
    let mut marks: Vec<Mark> = Vec::new();
    for mark in arms.iter().enumerate().filter_map(mark) {
        match marks.iter_mut().find(|other| other.stands_at(&mark)) {
            Some(other) => {
                other.name += &format!(" = {}", mark.name);
                other.alike += 1;
            }
            None => marks.push(mark),
        }
    }
    Box::new(Frontier { marks, is_across: sets.len() > 1 })
}

/// An arm by what it brings and what it costs.
struct Mark {
    arm: usize,
    name: String,
    /// The first of the arms that stand here, and how many others do.
    first: String,
    alike: usize,
    success: f64,
    harm: f64,
    load: f64,
}

impl Mark {
    /// Its name in a sentence: arms that cannot be told apart are counted where they are many.
    fn told(&self) -> String {
        match self.alike {
            0 | 1 => self.name.clone(),
            others => format!("{} (and {others} arms like it)", self.first),
        }
    }

    fn stands_at(&self, other: &Self) -> bool {
        let place = |mark: &Self| [mark.success, mark.harm, mark.load].map(f64::to_bits);
        place(self) == place(other)
    }
}

struct Frontier {
    marks: Vec<Mark>,
    is_across: bool,
}

/// A text that stands on the page: left, top, right, bottom.
type Taken = (f64, f64, f64, f64);

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 330.0;
/// Of each of two panels on top of each other, on narrow paper.
const HEIGHT_NARROW: f64 = 240.0;

impl Frontier {
    /// Whether no other arm is at least as good in all three and better in one.
    fn is_ahead(&self, one: &Mark) -> bool {
        !self.marks.iter().any(|other| {
            let is_as_good =
                other.success >= one.success && other.harm <= one.harm && other.load <= one.load;
            let is_better =
                other.success > one.success || other.harm < one.harm || other.load < one.load;
            is_as_good && is_better
        })
    }

    fn panel(
        &self,
        canvas: &Canvas,
        (left, right, top, height): (f64, f64, f64, f64),
        (title, cost): (&str, fn(&Mark) -> f64),
    ) {
        let ends = |of: fn(&Mark) -> f64| {
            let values = || self.marks.iter().map(of).filter(|value| value.is_finite());
            (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max))
        };
        let (low, high) = ends(|mark| mark.success);
        let y = Scale::around(low, high, (100.0, " %"));
        let (least, most) = ends(cost);
        let x = Scale::around(least.min(most), most, (1.0, ""));
        let place = Place {
            left: left + left_edge(canvas, &y),
            top: top + 8.0,
            right,
            bottom: top + height - 62.0,
        };
        let panel = Panel { canvas, place, x, y };
        panel.rows();
        panel.columns();
        panel.bottom_labels();
        let ink = Ink::plain(12.0, theme::MUTED).centered();
        let middle = (place.left + place.right) / 2.0;
        canvas.text((middle, place.bottom + 38.0), title, ink);
        self.steps(&panel, cost);
        let mut taken: Vec<Taken> = Vec::new();
        for mark in &self.marks {
            let at = panel.at((cost(mark), mark.success));
            taken.push((at.0 - 6.0, at.1 - 6.0, at.0 + 6.0, at.1 + 6.0));
        }
        for mark in &self.marks {
            let at = panel.at((cost(mark), mark.success));
            let color = color_of(mark.arm);
            match self.is_ahead(mark) {
                true => canvas.dot(at, 5.0, color),
                false => canvas.ring(at, 4.0, color),
            }
            let ink = Ink::bold(11.5, color);
            let name = ink.fit_ends(&mark.name, 170.0);
            let width = ink.width_of(&name);
            let spot = free_spot(at, width, &place, &taken);
            taken.push((spot.0, spot.1 - 7.0, spot.0 + width, spot.1 + 7.0));
            // a name stays readable where it crosses the stairs
            let (from, to) = ((spot.0 - 1.0, spot.1 - 6.5), (spot.0 + width + 1.0, spot.1 + 6.5));
            canvas.rect(from, to, theme::PAGE, 0.94);
            canvas.text(spot, &name, ink);
        }
    }

    /// The stairs along which more success costs more of this one thing.
    fn steps(&self, panel: &Panel, cost: fn(&Mark) -> f64) {
        let mut order: Vec<&Mark> = self.marks.iter().collect();
        order.sort_by(|a, b| cost(a).total_cmp(&cost(b)).then(b.success.total_cmp(&a.success)));
        let mut stairs: Vec<(f64, f64)> = Vec::new();
        let mut best = f64::NEG_INFINITY;
        for mark in order.into_iter().filter(|mark| mark.success.is_finite()) {
            if mark.success > best {
                if best.is_finite() {
                    stairs.push(panel.at((cost(mark), best)));
                }
                stairs.push(panel.at((cost(mark), mark.success)));
                best = mark.success;
            }
        }
        if let Some(last) = stairs.last().copied() {
            stairs.push((panel.place.right, last.1));
            panel.canvas.line(&stairs, theme::OTHER, 1.5);
        }
    }
}

/// Where a name of this width stands beside its mark without touching what is there.
fn free_spot(at: (f64, f64), width: f64, place: &Place, taken: &[Taken]) -> (f64, f64) {
    let steps = [0.0, -13.0, 13.0, -26.0, 26.0, -39.0, 39.0, -52.0, 52.0];
    let spots = steps
        .into_iter()
        .flat_map(|step| [(at.0 + 10.0, at.1 + step), (at.0 - 10.0 - width, at.1 + step)]);
    let is_free = |&(x, y): &(f64, f64)| {
        let is_inside = x >= place.left - 2.0
            && x + width <= place.right + 4.0
            && y - 7.0 >= place.top - 6.0
            && y + 7.0 <= place.bottom + 2.0;
        let touches = |other: &Taken| {
            x < other.2 && x + width > other.0 && y - 6.5 < other.3 && y + 6.5 > other.1
        };
        is_inside && !taken.iter().any(touches)
    };
    spots.into_iter().find(is_free).unwrap_or((at.0 + 10.0, at.1))
}

impl Chart for Frontier {
    fn name(&self) -> &'static str {
        "frontier"
    }

    fn question(&self) -> &'static str {
        "What does success cost in double charges and in load?"
    }

    fn finding(&self) -> String {
        let ahead: Vec<String> =
            self.marks.iter().filter(|mark| self.is_ahead(mark)).map(Mark::told).collect();
        match (ahead.len(), self.marks.len()) {
            (_, 0) => "No arm has a value of success, double charges and attempts".to_owned(),
            (ahead, all) if ahead == all => {
                "No arm is beaten by another in all three: success, double charges, attempts".into()
            }
            (1, _) => format!("{} beats all others: more success for less", ahead[0]),
            (2..=5, _) => format!("{} are ahead: no other has more for less", list(&ahead)),
            (n, all) => format!("{n} of {all} arms are ahead: no other has more for less"),
        }
    }

    fn note(&self, _: Look) -> String {
        let worst = match self.is_across {
            true => "the worst over all sets of incidents; ",
            false => "",
        };
        format!(
            "Success against what it costs, {worst}filled: ahead in success, double charges and \
             attempts together; stairs: the most success for so much of one cost"
        )
    }

    fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    fn size(&self, page: &Page) -> (u32, u32) {
        let height = match (self.is_empty(), is_narrow(page.width_or(WIDTH))) {
            (true, _) => 120.0,
            (false, true) => 2.0 * HEIGHT_NARROW,
            (false, false) => HEIGHT,
        };
        page.high(WIDTH, self.head(page, WIDTH as u32) + height)
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        if self.is_empty() {
            let place = Place { left: 60.0, top, right: canvas.width - 60.0, bottom: top + 90.0 };
            let (x, y) = (Scale::blank(), Scale::blank());
            return Panel { canvas, place, x, y }.nothing("nothing to show");
        }
        let half = canvas.width / 2.0;
        let harm: (&str, fn(&Mark) -> f64) =
            ("charged more than once, per million", |mark| mark.harm);
        let load: (&str, fn(&Mark) -> f64) = ("attempts per top-up", |mark| mark.load);
        if is_narrow(canvas.width) {
            let (right, high) = (canvas.width - 14.0, HEIGHT_NARROW);
            self.panel(canvas, (0.0, right, top, high), harm);
            return self.panel(canvas, (0.0, right, top + high, high), load);
        }
        self.panel(canvas, (0.0, half - 14.0, top, HEIGHT), harm);
        self.panel(canvas, (half, canvas.width - 22.0, top, HEIGHT), load);
    }
}
