//! Axes of sweeps: a key's values below, a metric's values beside.

use super::super::scale::{Scale, Tick};
use super::Drawn;
use crate::report::number::{Quantity, fixed, number, set_rate, span};
use crate::report::sweep::Axis;
use crate::study::sweep::Spread;

/// So many values of a key have a tick each; more have ticks at round numbers.
const OWN_TICKS: usize = 12;
/// Values that differ by more than this factor have a logarithmic axis.
const LOG_FROM: f64 = 200.0;

/// The axis of a key whose values are numbers.
pub(super) fn of_key(drawn: &Drawn, axis: usize) -> Scale {
    let values: Vec<(String, f64)> =
        drawn.values(axis).into_iter().filter_map(|(text, at)| Some((text, at?))).collect();
    of_values(&values, &drawn.axes[axis])
}

/// The axis of these values of a key, upwards: as scenarios say them, and as numbers.
pub(super) fn of_values(values: &[(String, f64)], axis: &Axis) -> Scale {
    let (from, to) = match (values.first(), values.last()) {
        (Some((_, from)), Some((_, to))) if from < to => (*from, *to),
        (Some((_, only)), _) => {
            (only - only.abs().max(1.0) / 2.0, only + only.abs().max(1.0) / 2.0)
        }
        _ => (0.0, 1.0),
    };
    let quantity = axis.quantity;
    let own = values.iter().map(|(text, at)| Tick { at: *at, label: text.clone() });
    let is_few = values.len() <= OWN_TICKS;
    if axis.spread == Spread::Log && from > 0.0 {
        let ticks = if is_few { own.collect() } else { log_ticks(from, to, quantity) };
        return Scale::log(from, to, ticks);
    }
    let ticks = if is_few {
        own.collect()
    } else {
        let (factor, suffix) = form(to, quantity);
        let inside = |tick: &Tick| (from..=to).contains(&tick.at);
        Scale::rounded(from, to, factor, suffix).ticks.into_iter().filter(inside).collect()
    };
    Scale::straight(from, to, ticks)
}

/// Ticks at 1, 2 and 5 times the powers of ten.
fn log_ticks(from: f64, to: f64, quantity: Quantity) -> Vec<Tick> {
    let powers = (-9..=12).map(|power| libm::pow(10.0, f64::from(power)));
    let factors = if to / from > 300.0 { &[1.0][..] } else { &[1.0, 2.0, 5.0][..] };
    let all = powers.flat_map(|power| factors.iter().map(move |factor| factor * power));
    // what rounding moves over the end still belongs to it
    let inside = all.filter(|at| (from * 0.999_999..=to * 1.000_001).contains(at));
    inside.map(|at| Tick { at, label: short(at, quantity) }).collect()
}

/// A round number in few letters.
fn short(value: f64, quantity: Quantity) -> String {
    match quantity {
        Quantity::Seconds => span(value),
        Quantity::PerSecond => set_rate(value),
        Quantity::Share => format!("{} %", plain(value * 100.0)),
        _ => plain(value),
    }
}

fn plain(value: f64) -> String {
    let text = fixed(value, if value < 1.0 { 4 } else { 1 });
    if text.contains('.') {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}

/// The least and the greatest value at any point.
fn values_of(drawn: &Drawn) -> (f64, f64) {
    let points = 0..drawn.report.design.points.len();
    let values = points.filter_map(|point| drawn.estimate(point)).map(|estimate| estimate.value);
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, m), value| (l.min(value), m.max(value)))
}

/// Whether the metric's axis is logarithmic: its values are that far apart.
pub(super) fn is_log(drawn: &Drawn) -> bool {
    let (least, most) = values_of(drawn);
    least > 0.0 && most > LOG_FROM * least && drawn.quantity() != Quantity::Share
}

/// The axis of the metric, around all values, their intervals and the target, unless that is far.
pub(super) fn of_metric(drawn: &Drawn) -> Scale {
    let (mut least, mut most) = values_of(drawn);
    if !least.is_finite() || !most.is_finite() {
        return Scale::blank();
    }
    let quantity = drawn.quantity();
    if is_log(drawn) {
        let from = libm::pow(10.0, libm::floor(libm::log10(least)));
        return Scale::log(from, most * 1.2, log_ticks(from, most * 1.2, quantity));
    }
    let points = 0..drawn.report.design.points.len();
    for estimate in points.filter_map(|point| drawn.estimate(point)) {
        let Some(interval) = estimate.interval else { continue };
        // a wide interval of a rare event must not flatten all others
        let high = interval.high.min(estimate.value * 3.0);
        (least, most) = (least.min(interval.low), most.max(high));
    }
    let width = (most - least).max(most.abs() * 0.05);
    for (bound, _) in drawn.bounds() {
        if bound > least - width && bound < most + width {
            (least, most) = (least.min(bound), most.max(bound));
        }
    }
    if most <= 0.0 {
        return Scale::from_zero(1.0, 4);
    }
    if least >= most {
        (least, most) = (least * 0.9, most * 1.1);
    }
    // where zero is not far, the axis begins there
    let least = if least < 0.4 * most { 0.0 } else { least };
    let most = if quantity == Quantity::Share { most.min(1.0) } else { most };
    let (factor, suffix) = form(most, quantity);
    Scale::rounded(least, most, factor, suffix)
}

/// Factor and suffix of the labels of an axis up to a value.
fn form(most: f64, quantity: Quantity) -> (f64, &'static str) {
    match quantity {
        Quantity::Share => (100.0, " %"),
        Quantity::PerSecond => (1.0, "/s"),
        Quantity::Seconds => match most {
            s if s < 1.0 => (1e3, " ms"),
            s if s < 180.0 => (1.0, " s"),
            s if s < 10_800.0 => (1.0 / 60.0, " min"),
            s if s < 259_200.0 => (1.0 / 3_600.0, " h"),
            _ => (1.0 / 86_400.0, " d"),
        },
        _ => (1.0, ""),
    }
}

/// A large value in fewest letters.
pub(super) fn thousands(value: f64) -> Option<String> {
    (value >= 10_000.0).then(|| format!("{}k", fixed(value / 1e3, 0)))
}

/// A value in few letters, without the unit that a note gives, so that values of this range differ.
pub(super) fn cell(value: f64, quantity: Quantity, range: f64) -> String {
    match quantity {
        Quantity::Share => {
            let digits = match range {
                range if range < 0.002 => 3,
                range if range < 0.02 => 2,
                _ => 1,
            };
            fixed(value * 100.0, digits)
        }
        Quantity::PerSecond => number(value, Quantity::Plain),
        Quantity::Seconds => span(value),
        _ => number(value, Quantity::Plain),
    }
}
