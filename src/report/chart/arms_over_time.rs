//! How do the arms come through time and incidents? All on one axis, a panel a set of incidents.

use plotters::style::RGBColor;

use super::canvas::{Canvas, Ink, is_narrow};
use super::clock::time_axis;
use super::look::{Look, Page, Palette};
use super::panel::{EndLabel, LABEL, Panel, Place, label_room, left_edge};
use super::scale::Scale;
use super::windows::{WINDOW_NAMES, shaded};
use super::{Chart, mean_of, theme};
use crate::report::number::{Quantity, number, span};
use crate::report::tables::{ArmTimeline, Compared, SetTimeline};
use crate::stats::Estimate;

pub(super) fn of(tables: &Compared) -> Box<dyn Chart + '_> {
    Box::new(ArmsOverTime { timeline: &tables.timeline })
}

struct ArmsOverTime<'t> {
    timeline: &'t ArmTimeline,
}

/// Arms whose bands are drawn at most: more of them would cover each other.
const BANDS_MAX: usize = 4;
/// The same among greys, which only add up.
const BANDS_MAX_GREY: usize = 2;
/// Height of a panel alone and among others, with its axis.
const ALONE: f64 = 330.0;
const AMONG: f64 = 200.0;
/// The same on narrow paper.
const NARROW: [f64; 2] = [200.0, 120.0];
const AXIS: f64 = 36.0;
/// Room for the name of a set above its panel.
const SET_NAME: f64 = 16.0;
const WIDTH: f64 = 900.0;

/// A set with its arms that keep the most and the least in their worst stretch.
type Extremes<'t> = (&'t SetTimeline, (&'t str, f64), (&'t str, f64));

/// Values of a series that are numbers.
fn values(points: &[Option<Estimate>]) -> impl Iterator<Item = f64> + '_ {
    points.iter().flatten().map(|point| point.value).filter(|value| value.is_finite())
}

/// The least share of an arm in any bucket.
fn least(points: &[Option<Estimate>]) -> Option<f64> {
    values(points).reduce(f64::min)
}

impl ArmsOverTime<'_> {
    fn has_bands(&self, look: Look) -> bool {
        let most = if look.palette == Palette::Grey { BANDS_MAX_GREY } else { BANDS_MAX };
        self.timeline.sets.first().is_some_and(|set| set.arms.len() <= most)
    }

    /// The arm with the highest and the one with the lowest least share, in the set in which these
    /// are furthest apart.
    fn extremes(&self) -> Option<Extremes<'_>> {
        let of = |set: &'_ SetTimeline| -> Option<(usize, usize)> {
            let least = |at: usize| least(&set.arms[at].1);
            let with: Vec<(usize, f64)> =
                (0..set.arms.len()).filter_map(|at| Some((at, least(at)?))).collect();
            let best = with.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1))?;
            let worst = with.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
            Some((best.0, worst.0))
        };
        let mut widest: Option<Extremes> = None;
        for set in &self.timeline.sets {
            let Some((best, worst)) = of(set) else { continue };
            let named =
                |at: usize| (set.arms[at].0.as_str(), least(&set.arms[at].1).unwrap_or(0.0));
            let (best, worst) = (named(best), named(worst));
            let gap = |best: f64, worst: f64| best - worst;
            let before = widest.map_or(-1.0, |(_, best, worst)| gap(best.1, worst.1));
            if gap(best.1, worst.1) > before {
                widest = Some((set, best, worst));
            }
        }
        widest
    }

    /// The height of a panel on a page of a width.
    fn each(&self, width: f64) -> f64 {
        let [alone, among] = if is_narrow(width) { NARROW } else { [ALONE, AMONG] };
        if self.timeline.sets.len() > 1 { among } else { alone }
    }

    fn panel(&self, canvas: &Canvas, set: &SetTimeline, (top, bottom): (f64, f64)) {
        let lows = set.arms.iter().filter_map(|(_, points)| least(points));
        let y = Scale::shares(lows.fold(0.995, f64::min));
        let names = set.arms.iter().map(|(name, _)| name.as_str());
        let place = Place {
            left: left_edge(canvas, &y),
            top,
            right: canvas.width - label_room(canvas, names, 210.0),
            bottom,
        };
        let x = time_axis(self.timeline.start.as_ref(), self.timeline.length_s, place.width());
        let panel = Panel { canvas, place, x, y };
        panel.windows(&set.windows);
        panel.window_names(&set.windows);
        panel.rows();
        panel.bottom_labels();
        let mut labels = Vec::new();
        // the first arm is drawn last, so that it stays in sight where others do the same
        for (at, (name, points)) in set.arms.iter().enumerate().rev() {
            let color = color_of(at);
            let middle = |bucket: usize| {
                let (from, to) = self.timeline.span_s(bucket);
                (from + to) / 2.0
            };
            let middles: Vec<f64> = (0..points.len()).map(middle).collect();
            let bare = |point: &Option<Estimate>| point.map(|p| Estimate { interval: None, ..p });
            let points: Vec<_> = match self.has_bands(canvas.look) {
                true => points.clone(),
                false => points.iter().map(bare).collect(),
            };
            panel.estimates(&middles, &points, color);
            let last = values(&points).last();
            let y = panel.at_y(last.unwrap_or(0.0));
            let text = Ink::bold(LABEL, color).fit_ends(name, canvas.width - place.right - 18.0);
            labels.push(EndLabel { y, text, color, swatch: None });
        }
        panel.end_labels(labels);
    }
}

/// The colour of an arm: the first one, as a rule the baseline, is calm.
pub(super) fn color_of(arm: usize) -> RGBColor {
    if arm == 0 { RGBColor(72, 84, 104) } else { theme::series(arm - 1) }
}

impl Chart for ArmsOverTime<'_> {
    fn name(&self) -> &'static str {
        "success_over_time"
    }

    fn question(&self) -> &'static str {
        "How do the arms come through time and incidents?"
    }

    fn finding(&self) -> String {
        let every = span(self.timeline.bucket_s);
        let Some((set, best, worst)) = self.extremes() else {
            return "No top-up arrived in the time that was simulated".to_owned();
        };
        let within = match set.incidents.as_str() {
            "" => String::new(),
            name => format!(" of {name}"),
        };
        let share = |value: f64| number(value, Quantity::Share);
        if best.1 - worst.1 < 0.000_5 {
            return format!("In its worst {every}{within} no arm does better than another");
        }
        format!(
            "In its worst {every}{within}, {} keeps {} of top-ups and {} {}",
            best.0,
            share(best.1),
            worst.0,
            share(worst.1)
        )
    }

    fn note(&self, look: Look) -> String {
        let every = span(self.timeline.bucket_s);
        let windows: Vec<_> = self.timeline.sets.iter().flat_map(|s| s.windows.clone()).collect();
        let spoken = (self.timeline.replications, self.timeline.uncertain_inputs);
        let mean = mean_of(spoken, self.has_bands(look));
        format!(
            "Share of the top-ups arriving in each {every} that succeed; {mean}{}",
            shaded(&windows, look)
        )
    }

    fn is_empty(&self) -> bool {
        let mut arms = self.timeline.sets.iter().flat_map(|set| set.arms.iter());
        arms.all(|(_, points)| values(points).next().is_none())
    }

    fn size(&self, page: &Page) -> (u32, u32) {
        let sets = self.timeline.sets.len().max(1) as f64;
        let each = self.each(page.width_or(WIDTH));
        page.high(WIDTH, self.head(page, WIDTH as u32) + sets * (each + WINDOW_NAMES + AXIS))
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        if self.is_empty() {
            let place = Place { left: 60.0, top, right: canvas.width - 60.0, bottom: top + 120.0 };
            let (x, y) = (Scale::blank(), Scale::blank());
            return Panel { canvas, place, x, y }.nothing("no top-up arrived");
        }
        let each = self.each(canvas.width);
        for (at, set) in self.timeline.sets.iter().enumerate() {
            let top = top + at as f64 * (each + WINDOW_NAMES + AXIS);
            let mut from = top + WINDOW_NAMES;
            if !set.incidents.is_empty() {
                canvas.text(
                    (canvas.or_narrow(20.0, 8.0), top),
                    &set.incidents,
                    Ink::bold(13.0, theme::TEXT),
                );
                from += SET_NAME;
            }
            self.panel(canvas, set, (from, top + WINDOW_NAMES + each - 14.0));
        }
    }
}
