//! Axes: where a value stands between two ends, and which ticks a reader can use.

use crate::report::number::{fixed, signed};

/// A labelled place on an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

/// An axis from one value to a greater one, straight or logarithmic.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    is_log: bool,
    pub(super) ticks: Vec<Tick>,
}

/// Spans that people read as round, with their names.
const ROUND_SPANS: [(f64, &str); 25] = [
    (1e-6, "1 µs"),
    (1e-5, "10 µs"),
    (1e-4, "100 µs"),
    (1e-3, "1 ms"),
    (3e-3, "3 ms"),
    (0.01, "10 ms"),
    (0.03, "30 ms"),
    (0.1, "100 ms"),
    (0.3, "300 ms"),
    (1.0, "1 s"),
    (3.0, "3 s"),
    (10.0, "10 s"),
    (30.0, "30 s"),
    (60.0, "1 min"),
    (180.0, "3 min"),
    (600.0, "10 min"),
    (1_800.0, "30 min"),
    (3_600.0, "1 h"),
    (10_800.0, "3 h"),
    (43_200.0, "12 h"),
    (86_400.0, "1 d"),
    (259_200.0, "3 d"),
    (604_800.0, "7 d"),
    (2_592_000.0, "30 d"),
    (31_536_000.0, "365 d"),
];

/// Spans between those, for axes that hold few of them.
const FINER_SPANS: [(f64, &str); 15] = [
    (0.02, "20 ms"),
    (0.05, "50 ms"),
    (0.2, "200 ms"),
    (0.5, "500 ms"),
    (2.0, "2 s"),
    (5.0, "5 s"),
    (20.0, "20 s"),
    (120.0, "2 min"),
    (300.0, "5 min"),
    (1_200.0, "20 min"),
    (7_200.0, "2 h"),
    (21_600.0, "6 h"),
    (172_800.0, "2 d"),
    (432_000.0, "5 d"),
    (1_209_600.0, "14 d"),
];

/// So many round spans are enough for an axis.
const SPANS_ENOUGH: usize = 5;

/// The least room for a label of a span axis, in pixels.
const SPAN_ROOM: f64 = 52.0;

impl Scale {
    /// A straight axis with the ticks given; equal or missing ends are spread to 0 to 1.
    pub(super) fn straight(from: f64, to: f64, ticks: Vec<Tick>) -> Self {
        let is_usable = from.is_finite() && to.is_finite() && from < to;
        let (from, to) = if is_usable { (from, to) } else { (0.0, 1.0) };
        Scale { from, to, is_log: false, ticks }
    }

    /// An axis without any tick, for a plot that has nothing to show.
    pub(super) fn blank() -> Self {
        Scale::straight(0.0, 1.0, Vec::new())
    }

    /// From 0 to a round number that `most` does not exceed; 0 to 1 if there is nothing above 0.
    pub(super) fn from_zero(most: f64, ticks: usize) -> Self {
        let most = if most.is_finite() && most > 0.0 { most } else { 1.0 };
        let step = round_step(most / ticks as f64);
        let steps = (most / step - 1e-9).ceil().max(1.0);
        Scale::straight(0.0, steps * step, even_ticks(0.0, step, steps, "", 1.0))
    }

    /// From a round number to a round number around all of `least` to `most`; the labels are
    /// `factor` times the values, with a suffix.
    pub(super) fn rounded(least: f64, most: f64, factor: f64, suffix: &str) -> Self {
        let is_usable = least.is_finite() && most.is_finite() && least < most;
        let (least, most) = if is_usable { (least, most) } else { (0.0, 1.0) };
        let step = round_step((most - least) * factor / 5.0) / factor;
        let from = libm::floor(least / step + 1e-9) * step;
        let steps = ((most - from) / step - 1e-9).ceil().max(1.0);
        Scale::straight(from, from + steps * step, even_ticks(from, step, steps, suffix, factor))
    }

    /// A logarithmic axis between two values above 0, with the ticks given.
    pub(super) fn log(from: f64, to: f64, ticks: Vec<Tick>) -> Self {
        let is_usable = from.is_finite() && to.is_finite() && 0.0 < from && from < to;
        let (from, to) = if is_usable { (from, to) } else { (1.0, 10.0) };
        Scale { from, to, is_log: true, ticks }
    }

    /// Per cent from 0 or a round share below `least` up to 100 %.
    pub(super) fn shares(least: f64) -> Self {
        let least = if least.is_finite() { least.clamp(0.0, 0.999_99) } else { 0.0 };
        if least < 0.5 {
            return Scale::straight(0.0, 1.0, even_ticks(0.0, 0.2, 5.0, " %", 100.0));
        }
        let step = round_step((1.0 - least) / 4.0);
        let steps = ((1.0 - least) / step - 1e-9).ceil().max(1.0);
        let from = 1.0 - steps * step;
        Scale::straight(from, 1.0, even_ticks(from, step, steps, " %", 100.0))
    }

    /// Per cent from 0 up to a round share that `most` does not exceed.
    pub(super) fn shares_from_zero(most: f64) -> Self {
        let most = if most.is_finite() && most > 0.0 { most } else { 0.01 };
        let step = round_step(most / 4.0);
        let steps = (most / step - 1e-9).ceil().max(1.0);
        Scale::straight(0.0, steps * step, even_ticks(0.0, step, steps, " %", 100.0))
    }

    /// Differences of either sign around 0, shown `factor` times as large with their unit.
    pub(super) fn signed(least: f64, most: f64, (factor, suffix): (f64, &str)) -> Self {
        let is_usable = least.is_finite() && most.is_finite() && least < most;
        let (least, most) = if is_usable { (least, most) } else { (-1.0, 1.0) };
        let room = (most - least) * 0.06;
        let (from, to) = (least - room, most + room);
        let label = |at: f64, decimals| format!("{}{suffix}", signed(at * factor, decimals));
        let ticks = |parts: f64| -> Vec<Tick> {
            let step = round_step((to - from) / parts);
            let decimals = decimals_of(step * factor);
            let first = (from / step).ceil() as i64;
            let places = (first..first + 9).map(|index| index as f64 * step);
            let ticks = places.map(|at| Tick { at, label: label(at, decimals) });
            ticks.filter(|tick| tick.at <= to).collect()
        };
        // one tick alone gives no scale
        let few = ticks(3.8);
        Scale::straight(from, to, if few.len() < 2 { ticks(7.6) } else { few })
    }

    /// Values between two ends with some room around them, shown `factor` times as large. Where
    /// nothing is below 0 no tick is, nor is one of shares above 100 %.
    pub(super) fn around(least: f64, most: f64, (factor, suffix): (f64, &str)) -> Self {
        let is_usable = least.is_finite() && most.is_finite();
        let (least, most) = if is_usable { (least, most) } else { (0.0, 1.0) };
        let is_one = most - least <= least.abs() * 1e-9;
        let room = match is_one {
            true if least == 0.0 => 0.5,
            true => least.abs() * 0.05,
            false => (most - least) * 0.12,
        };
        let (from, to) = (least - room, most + room);
        let step = round_step((to - from) / 4.0);
        let decimals = decimals_of(step * factor);
        let first = (from / step).ceil() as i64;
        let tick = |index: i64| {
            let at = index as f64 * step;
            Tick { at, label: format!("{}{}", fixed(at * factor, decimals), suffix) }
        };
        let is_share = suffix == " %";
        let is_possible = |tick: &Tick| {
            (tick.at >= 0.0 || least < 0.0) && (!is_share || tick.at <= most.max(1.0) + 1e-9)
        };
        let inside = |tick: &Tick| tick.at <= to && is_possible(tick);
        Scale::straight(from, to, (first..first + 9).map(tick).filter(inside).collect())
    }

    /// Spans in seconds on a logarithmic axis of `width` pixels, with ticks such as 30 s and 3 h.
    pub(super) fn spans(least: f64, most: f64, width: f64) -> Self {
        let (from, to) = log_ends(least, most, 3.0);
        let mut scale = Scale { from, to, is_log: true, ticks: Vec::new() };
        let mut last = f64::NEG_INFINITY;
        for (at, name) in ROUND_SPANS.into_iter().filter(|(at, _)| (from..=to).contains(at)) {
            let x = scale.place(at) * width;
            if x - last >= SPAN_ROOM {
                scale.ticks.push(Tick { at, label: name.to_owned() });
                last = x;
            }
        }
        if scale.ticks.len() < SPANS_ENOUGH {
            scale.add_finer_spans(width);
        }
        scale
    }

    fn add_finer_spans(&mut self, width: f64) {
        let ends = self.from..=self.to;
        for (at, name) in FINER_SPANS.into_iter().filter(|(at, _)| ends.contains(at)) {
            let gap = |tick: &Tick| (self.place(at) - self.place(tick.at)).abs() * width;
            if self.ticks.iter().all(|tick| gap(tick) >= SPAN_ROOM) {
                self.ticks.push(Tick { at, label: name.to_owned() });
            }
        }
        self.ticks.sort_by(|a, b| a.at.total_cmp(&b.at));
    }

    /// Numbers on a logarithmic axis, with a tick at each power of ten.
    pub(super) fn powers(least: f64, most: f64) -> Self {
        let (from, to) = log_ends(least, most, 1.25);
        let powers = (-9..=12).map(|power| (power, libm::pow(10.0, f64::from(power))));
        let tick = |(power, at): (i32, f64)| {
            let decimals = usize::try_from(-power).unwrap_or(0);
            Tick { at, label: fixed(at, decimals) }
        };
        let ticks = powers.filter(|(_, at)| (from..=to).contains(at)).map(tick).collect();
        Scale { from, to, is_log: true, ticks }
    }

    /// Where a value stands: 0 at the lower end, 1 at the upper, never outside.
    pub(super) fn place(&self, value: f64) -> f64 {
        let part = if self.is_log {
            let (from, to) = (libm::log(self.from), libm::log(self.to));
            (libm::log(value.max(self.from)) - from) / (to - from)
        } else {
            (value - self.from) / (self.to - self.from)
        };
        part.clamp(0.0, 1.0)
    }

    pub(super) const fn from(&self) -> f64 {
        self.from
    }

    pub(super) const fn to(&self) -> f64 {
        self.to
    }
}

/// Usable ends of a logarithmic axis: positive, and at least a factor `spread` squared apart.
fn log_ends(least: f64, most: f64, spread: f64) -> (f64, f64) {
    let is_usable = |value: f64| value.is_finite() && value > 0.0;
    let (least, most) = match (is_usable(least), is_usable(most)) {
        (true, true) => (least.min(most), least.max(most)),
        (true, false) => (least, least),
        (false, true) => (most, most),
        (false, false) => (1.0, 60.0),
    };
    if most / least < spread * spread { (least / spread, most * spread) } else { (least, most) }
}

/// The smallest of 1, 2 and 5 times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = libm::floor(libm::log10(least));
    let unit = libm::pow(10.0, power);
    let factors = [1.0, 2.0, 5.0, 10.0];
    let fits = factors.into_iter().find(|factor| factor * unit >= least * (1.0 - 1e-9));
    fits.unwrap_or(10.0) * unit
}

/// Decimals that tell ticks of a step apart.
fn decimals_of(step: f64) -> usize {
    (-libm::floor(libm::log10(step) + 1e-9)).clamp(0.0, 9.0) as usize
}

fn even_ticks(from: f64, step: f64, steps: f64, suffix: &str, factor: f64) -> Vec<Tick> {
    let decimals = decimals_of(step * factor);
    let tick = |index: u32| {
        let at = from + step * f64::from(index);
        Tick { at, label: format!("{}{suffix}", fixed(at * factor, decimals)) }
    };
    (0..=steps as u32).map(tick).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &Scale) -> Vec<&str> {
        scale.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn a_scale_from_zero_ends_on_a_round_number() {
        assert_eq!(labels(&Scale::from_zero(347.0, 4)), ["0", "100", "200", "300", "400"]);
        assert_eq!(labels(&Scale::from_zero(0.3, 3)), ["0.0", "0.1", "0.2", "0.3"]);
        assert_eq!(Scale::from_zero(583_000.0, 4).ticks[1].label, "200,000");
    }

    #[test]
    fn shares_end_at_one_and_open_low_enough() {
        let scale = Scale::shares(0.912);
        assert!(scale.from() <= 0.912 && scale.place(1.0) >= 1.0);
        assert_eq!(labels(&scale), ["90 %", "95 %", "100 %"]);
        assert_eq!(labels(&Scale::shares(0.2)).len(), 6);
    }

    #[test]
    fn a_span_axis_uses_round_spans_with_room_between() {
        let scale = Scale::spans(0.2, 90_000.0, 600.0);
        let labels = labels(&scale);
        assert!(labels.contains(&"1 s") && labels.contains(&"1 min"), "{labels:?}");
        let places: Vec<f64> = scale.ticks.iter().map(|tick| scale.place(tick.at)).collect();
        assert!(places.windows(2).all(|pair| (pair[1] - pair[0]) * 600.0 >= SPAN_ROOM));
    }

    #[test]
    fn a_short_span_axis_has_finer_ticks() {
        let scale = Scale::spans(50.0, 1_300.0, 600.0);
        assert_eq!(labels(&scale), ["1 min", "2 min", "3 min", "5 min", "10 min", "20 min"]);
    }

    #[test]
    fn nothing_to_show_still_gives_an_axis() {
        let nothing = [f64::NAN, f64::INFINITY, 0.0, -1.0];
        for (least, most) in nothing.into_iter().flat_map(|a| nothing.map(|b| (a, b))) {
            let scales = [
                Scale::straight(least, most, Vec::new()),
                Scale::from_zero(most, 4),
                Scale::shares(least),
                Scale::shares_from_zero(most),
                Scale::spans(least, most, 500.0),
                Scale::powers(least, most),
            ];
            for scale in scales {
                assert!(scale.from() < scale.to() && scale.place(0.5).is_finite(), "{scale:?}");
            }
        }
    }
}
