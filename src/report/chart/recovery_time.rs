//! How long does goodput stay away after a trigger?

use super::canvas::Canvas;
use super::look::Look;
use super::panel::{EndLabel, Panel, Place, label_room, left_edge};
use super::scale::{Scale, Tick};
use super::theme;
use super::{Chart, covers};
use crate::report::number::{Quantity, fixed, number};
use crate::report::tables::{Recovery, Tables};
use crate::study::RecoveryEstimate;
use crate::study::recovery::sentence;

pub(super) fn of(tables: &Tables) -> Box<dyn Chart + '_> {
    let uncertain_inputs = tables.timeline.uncertain_inputs;
    Box::new(RecoveryTime { recovery: &tables.recovery, uncertain_inputs })
}

struct RecoveryTime<'t> {
    recovery: &'t Recovery,
    uncertain_inputs: usize,
}

impl RecoveryTime<'_> {
    /// Recoveries about which something can be said.
    fn shown(&self) -> Vec<&RecoveryEstimate> {
        self.recovery.rows.iter().filter(|row| row.watched > 0).collect()
    }

    fn horizon_s(&self) -> f64 {
        let horizons = self.shown().into_iter().map(|row| row.recovery.horizon_s);
        horizons.max().unwrap_or(0).max(1) as f64
    }
}

impl Chart for RecoveryTime<'_> {
    fn name(&self) -> &'static str {
        "recovery_time"
    }

    fn question(&self) -> &'static str {
        "How long does goodput stay away after a trigger?"
    }

    fn finding(&self) -> String {
        // the one that is away most often speaks for all
        let worst = self.shown().into_iter().rev().max_by(|a, b| {
            let share = |row: &RecoveryEstimate| row.collapsed as f64 / row.watched as f64;
            share(a).total_cmp(&share(b))
        });
        worst.map_or("There was no goodput that could come back".to_owned(), |row| {
            sentence(row).trim_end_matches('.').to_owned()
        })
    }

    fn note(&self, _: Look) -> String {
        format!(
            "Share of replications whose goodput is not back, over the time since the trigger's \
             end; Kaplan-Meier, band: 95 % on the log-log scale ({})",
            covers(self.uncertain_inputs)
        )
    }

    fn is_empty(&self) -> bool {
        self.shown().is_empty()
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let shown = self.shown();
        let y = Scale::straight(0.0, 1.0, Scale::shares(0.0).ticks);
        let label = |row: &&RecoveryEstimate| {
            let left = number(row.collapsed as f64 / row.watched as f64, Quantity::Share);
            format!("{}: {left} not back", row.recovery.name)
        };
        let texts: Vec<String> = shown.iter().map(label).collect();
        let place = Place {
            left: left_edge(canvas, &y),
            top: top + 4.0,
            right: canvas.width - label_room(canvas, texts.iter().map(String::as_str), 260.0),
            bottom: canvas.height - 42.0,
        };
        let panel = Panel { canvas, place, x: seconds(self.horizon_s()), y };
        panel.rows();
        panel.columns();
        panel.bottom_labels();
        if self.is_empty() {
            return panel.nothing("no goodput before a trigger");
        }
        for (index, row) in shown.iter().enumerate() {
            draw_curve(&panel, row, index);
        }
        let label = |(index, (row, text)): (usize, (&&RecoveryEstimate, String))| EndLabel {
            y: panel.at_y(last_share(row)),
            text,
            color: theme::series(index),
            swatch: None,
        };
        panel.end_labels(shown.iter().zip(texts).enumerate().map(label).collect());
    }
}

/// Steps of an axis of time that people read as round, s.
const STEPS: [f64; 17] = [
    1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0, 7_200.0,
    21_600.0, 43_200.0, 86_400.0,
];

/// A straight axis from 0 with at most seven round spans.
fn seconds(most: f64) -> Scale {
    let step = STEPS.into_iter().find(|step| most / step <= 7.0).unwrap_or(STEPS[STEPS.len() - 1]);
    let ticks = (0..=(most / step) as u32).map(|index| {
        let at = step * f64::from(index);
        Tick { at, label: label_of(at) }
    });
    Scale::straight(0.0, most, ticks.collect())
}

fn label_of(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 120.0 => (s, "s"),
        s if s < 7_200.0 => (s / 60.0, "min"),
        s => (s / 3_600.0, "h"),
    };
    let decimals = usize::from(value.fract() > 0.0);
    format!("{} {unit}", fixed(value, decimals))
}

fn last_share(row: &RecoveryEstimate) -> f64 {
    row.curve.steps.last().map_or(1.0, |step| step.share)
}

/// The curve in steps down, its band behind it, up to the horizon.
fn draw_curve(panel: &Panel, row: &RecoveryEstimate, index: usize) {
    let color = theme::series(index);
    let horizon = row.recovery.horizon_s as f64;
    let (mut curve, mut low, mut high) = (vec![panel.at((0.0, 1.0))], Vec::new(), Vec::new());
    let mut share = 1.0;
    let mut ends = None;
    for step in &row.curve.steps {
        curve.extend([panel.at((step.time, share)), panel.at((step.time, step.share))]);
        share = step.share;
        if let Some((before_low, before_high)) = ends {
            low.push(panel.at((step.time, before_low)));
            high.push(panel.at((step.time, before_high)));
        }
        // where all have recovered the band is not known, and ends
        ends = step.interval.map(|interval| (interval.low, interval.high));
        if let Some((after_low, after_high)) = ends {
            low.push(panel.at((step.time, after_low)));
            high.push(panel.at((step.time, after_high)));
        }
    }
    if let Some((last_low, last_high)) = ends {
        low.push(panel.at((horizon, last_low)));
        high.push(panel.at((horizon, last_high)));
    }
    let outline: Vec<(f64, f64)> = high.into_iter().chain(low.into_iter().rev()).collect();
    if outline.len() > 3 {
        panel.canvas.area(&outline, color, theme::BAND_ALPHA);
    }
    curve.push(panel.at((horizon, share)));
    panel.canvas.line(&curve, color, 2.0);
    if row.collapsed > 0 {
        panel.canvas.ring(panel.at((horizon, share)), 3.5, color);
    }
}
