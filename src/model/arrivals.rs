//! Who comes, and when: a rate over the day, promotions on top, or a recorded trace.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::data::{FileRef, Files, table};
use super::fault::{Faults, KeyPath};
use crate::engine::{OverDispersion, RateCurve, Segment};
use crate::units::{Factor, Rate, Sourced, Span};

/// `[arrivals]`: either a `rate` (with shape and surges), a `curve`, or a `trace`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArrivalsSpec {
    /// Mean rate of top-ups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Sourced<Rate>>,
    /// Shape of the day, scaled to mean 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<ShapeSpec>,
    /// Rates at given times, linear in between; the last one holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curve: Option<Vec<CurvePoint>>,
    /// Promotions and holidays that multiply the rate for a while.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub surges: BTreeMap<String, SurgeSpec>,
    /// Arrivals more bursty than Poisson.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_dispersion: Option<OverDispersionSpec>,
    /// Arrivals as recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceSpec>,
}

/// The shape of a day, measured by hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShapeSpec {
    /// CSV with columns `hour` and `est_tx_per_s`; averaged by hour of day into 24 values.
    pub file: FileRef,
}

/// A point of the rate curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CurvePoint {
    /// Time from the start.
    pub at: Span,
    /// Rate at that time.
    pub rate: Rate,
}

/// A promotion: the rate times `factor`, with linear flanks of length `ramp` inside the surge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurgeSpec {
    /// Time from the start at which the rate begins to rise.
    pub at: Span,
    /// From the first rise to the last fall.
    pub lasts: Span,
    /// How long the rise and the fall take.
    #[serde(default = "Span::default")]
    pub ramp: Span,
    /// The rate is multiplied by this.
    pub factor: Factor,
    /// Where the values come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Gamma-distributed factors with mean 1 on the rate of consecutive windows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OverDispersionSpec {
    /// Length of a window.
    pub window: Span,
    /// Variance of the factor, 0 to 10.
    pub variance: f64,
    /// Where the values come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A recorded trace, replayed as it stands: file order is journey order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TraceSpec {
    /// CSV file, sorted by time.
    pub file: FileRef,
    /// Column of seconds from the start.
    pub time_column: String,
    /// Column of amounts in major units; an amount of 0 is a card check.
    pub amount_column: String,
}

/// Checked arrivals.
#[derive(Clone, Debug)]
pub enum Arrivals {
    /// A Poisson process with a varying rate.
    Poisson {
        /// Rate over the run and its drain.
        curve: RateCurve,
        /// Factors on the rate of consecutive windows.
        over_dispersion: Option<OverDispersion>,
    },
    /// Recorded arrivals: (time in ns, amount in minor units).
    Trace(Vec<(u64, i64)>),
}

impl ArrivalsSpec {
    /// The files that the arrivals read.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        if let Some(shape) = &self.shape {
            out.push((path.key("shape").key("file"), &shape.file));
        }
        if let Some(trace) = &self.trace {
            out.push((path.key("trace").key("file"), &trace.file));
        }
    }

    /// The same without the surges of these names.
    pub(super) fn without(&self, names: &BTreeSet<&str>) -> Self {
        let mut spec = self.clone();
        spec.surges.retain(|name, _| !names.contains(name.as_str()));
        spec
    }

    /// Checks the arrivals over `until` nanoseconds of local time.
    pub fn build(
        &self,
        path: &KeyPath,
        calendar: &Calendar,
        until: u64,
        files: &Files,
        faults: &mut Faults,
    ) -> Arrivals {
        let kinds = [self.rate.is_some(), self.curve.is_some(), self.trace.is_some()];
        if kinds.iter().filter(|k| **k).count() != 1 {
            faults.add_with_help(
                path.clone(),
                "must say who comes in exactly one way",
                "one of `rate`, `curve` or `trace`",
            );
        }
        if self.rate.is_none() && (self.shape.is_some() || !self.surges.is_empty()) {
            faults.add(path.clone(), "has a shape or surges, which need a `rate`");
        }
        if let Some(trace) = &self.trace {
            if self.over_dispersion.is_some() {
                faults.add(path.key("over_dispersion"), "has no effect on a trace");
            }
            return Arrivals::Trace(trace.build(&path.key("trace"), files, faults));
        }
        let over_dispersion = self.over_dispersion.as_ref().and_then(|o| {
            let at = path.key("over_dispersion");
            if !(0.0..=10.0).contains(&o.variance) {
                faults.add_with_help(
                    at.key("variance"),
                    "is out of range",
                    "a number from 0 to 10",
                );
            }
            if o.window.ns() == 0 {
                faults.add(at.key("window"), "is zero");
            }
            (o.variance > 0.0 && o.window.ns() > 0)
                .then_some(OverDispersion { window: o.window.ns(), variance: o.variance })
        });
        let segments = match &self.curve {
            Some(points) => curve_segments(points, until, &path.key("curve"), faults),
            None => self.day_segments(path, calendar, until, files, faults),
        };
        Arrivals::Poisson { curve: RateCurve::new(segments), over_dispersion }
    }

    /// Hour by hour, cut where a surge bends.
    fn day_segments(
        &self,
        path: &KeyPath,
        calendar: &Calendar,
        until: u64,
        files: &Files,
        faults: &mut Faults,
    ) -> Vec<Segment> {
        let rate = self.rate.as_ref().map_or(0.0, |r| r.value.per_second()) * 1e-9;
        let shape = match &self.shape {
            Some(shape) => shape.build(&path.key("shape"), files, faults),
            None => [1.0; 24],
        };
        for (name, surge) in &self.surges {
            if surge.ramp.ns().saturating_mul(2) > surge.lasts.ns() {
                let at = path.key("surges").key(name).key("ramp");
                faults.add(at, "is more than half of `lasts`");
            }
        }
        let mut cuts: Vec<u64> = vec![0, until];
        if self.shape.is_some() {
            cuts.extend(calendar.hour_starts(until));
        }
        for surge in self.surges.values() {
            cuts.extend(surge.bends().into_iter().filter(|&t| t < until));
        }
        cuts.sort_unstable();
        cuts.dedup();
        let factor = |t: u64| self.surges.values().map(|s| s.factor_at(t)).product::<f64>();
        let segments: Vec<Segment> = cuts
            .windows(2)
            .map(|w| {
                let hour = calendar.hour_of_day(w[0]);
                let base = rate * shape[hour];
                // the value just before the cut counts at a segment's end: surges may jump there
                let (from, to) = (factor(w[0]), factor(w[1] - 1));
                Segment { t0: w[0] as f64, rate0: base * from, t1: w[1] as f64, rate1: base * to }
            })
            .collect();
        if segments.iter().any(|s| !s.rate0.is_finite() || !s.rate1.is_finite()) {
            faults.add(path.key("surges"), "multiply to a rate beyond all numbers");
            return Vec::new();
        }
        segments
    }
}

fn curve_segments(
    points: &[CurvePoint],
    until: u64,
    path: &KeyPath,
    faults: &mut Faults,
) -> Vec<Segment> {
    let Some(last) = points.last() else {
        faults.add(path.clone(), "is empty");
        return Vec::new();
    };
    if points[0].at.ns() != 0 {
        faults.add(path.index(0).key("at"), "must be \"0s\": the curve begins at the start");
    }
    for (i, w) in points.windows(2).enumerate() {
        if w[1].at <= w[0].at {
            faults.add(path.index(i + 1).key("at"), "does not come after the point before it");
            return Vec::new();
        }
    }
    let hold = until.max(last.at.ns().saturating_add(1));
    let hold = CurvePoint { at: Span::from_ns(hold), rate: last.rate };
    let ends = points[1..].iter().chain(std::iter::once(&hold));
    points
        .iter()
        .zip(ends)
        .map(|(a, b)| Segment {
            t0: a.at.ns() as f64,
            rate0: a.rate.per_second() * 1e-9,
            t1: b.at.ns() as f64,
            rate1: b.rate.per_second() * 1e-9,
        })
        .collect()
}

/// Hours and rates of a shape at most, and its mean at least, so that their sums and their
/// proportions are numbers.
const SHAPE_MAX: f64 = 1e12;
const SHAPE_MIN: f64 = 1e-12;

impl ShapeSpec {
    fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> [f64; 24] {
        let at = path.key("file");
        let mut sums = [0.0; 24];
        let mut counts = [0.0; 24];
        let Some(data) = table(files, &self.file, &at, faults) else { return [1.0; 24] };
        let columns = (data.column("hour", &at, faults), data.column("est_tx_per_s", &at, faults));
        let (Some(hours), Some(rates)) = columns else { return [1.0; 24] };
        for row in 0..data.len() {
            let cell = (data.number(row, hours, &at, faults), data.number(row, rates, &at, faults));
            let (Some(hour), Some(rate)) = cell else { return [1.0; 24] };
            if !(0.0..=SHAPE_MAX).contains(&hour) || !(0.0..=SHAPE_MAX).contains(&rate) {
                let what = format!("has a number out of range in line {}", data.line(row));
                faults.add_with_help(at, what, format!("0 to {SHAPE_MAX:e}"));
                return [1.0; 24];
            }
            sums[hour as usize % 24] += rate;
            counts[hour as usize % 24] += 1.0;
        }
        if counts.iter().any(|&n| n < 1.0) {
            faults.add(at, "names a file that does not cover the 24 hours of a day");
            return [1.0; 24];
        }
        let means: [f64; 24] = std::array::from_fn(|h| sums[h] / counts[h]);
        let mean = means.iter().sum::<f64>() / 24.0;
        if mean < SHAPE_MIN {
            faults.add_with_help(at, "has no traffic in any hour", "rates above 0");
            return [1.0; 24];
        }
        means.map(|m| m / mean)
    }
}

impl SurgeSpec {
    fn bends(&self) -> [u64; 4] {
        let (from, to) = (self.at.ns(), self.at.saturating_add(self.lasts).ns());
        let ramp = self.ramp.ns().min(to - from);
        [from, from + ramp, to - ramp, to]
    }

    fn factor_at(&self, t: u64) -> f64 {
        let [from, risen, falls, to] = self.bends();
        let gain = self.factor.value() - 1.0;
        if t < from || t >= to {
            1.0
        } else if t < risen {
            1.0 + gain * ((t - from) as f64 / (risen - from) as f64)
        } else if t < falls {
            1.0 + gain
        } else {
            1.0 + gain * ((to - t) as f64 / (to - falls) as f64)
        }
    }
}

impl TraceSpec {
    fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> Vec<(u64, i64)> {
        let at = path.key("file");
        let Some(data) = table(files, &self.file, &at, faults) else { return Vec::new() };
        let columns = (
            data.column(&self.time_column, &path.key("time_column"), faults),
            data.column(&self.amount_column, &path.key("amount_column"), faults),
        );
        let (Some(times), Some(amounts)) = columns else { return Vec::new() };
        let mut trace: Vec<(u64, i64)> = Vec::with_capacity(data.len());
        for row in 0..data.len() {
            let cell =
                (data.number(row, times, &at, faults), data.number(row, amounts, &at, faults));
            let (Some(time), Some(amount)) = cell else { return Vec::new() };
            let minor = (amount * 100.0).round();
            let cells = [(&self.time_column, time, 1e9), (&self.amount_column, amount, 1e12)];
            let outside = cells.iter().find(|(_, value, most)| !(0.0..=*most).contains(value));
            if let Some((column, _, most)) = outside {
                let what = format!(
                    "has a value out of range in line {}, column `{column}`",
                    data.line(row)
                );
                faults.add_with_help(at, what, format!("0 to {most:e}"));
                return Vec::new();
            }
            let time = (time * 1e9) as u64;
            if trace.last().is_some_and(|&(before, _)| time < before) {
                faults.add(at, format!("is not sorted by time: see line {}", data.line(row)));
                return Vec::new();
            }
            trace.push((time, minor as i64));
        }
        trace
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::calendar::tests::calendar;
    use crate::model::data::DataTable;

    const HOUR: u64 = 3_600_000_000_000;

    /// Two days of hours: the rate at hour h is h + 1 on both.
    fn files() -> Files {
        let mut hours = DataTable::of(["hour", "est_tx_per_s"], &[]);
        for h in 0..48 {
            let (hour, rate) = (h.to_string(), (h % 24 + 1).to_string());
            hours.push(h + 2, [hour.as_str(), &rate]);
        }
        let trace = [["0.5", "12.34"], ["0.5", "0"], ["2", "100"]];
        let unsorted = [["2", "1"], ["1", "1"]];
        Files::from([
            (FileRef("h.csv".to_owned()), hours),
            (FileRef("t.csv".to_owned()), DataTable::of(["t", "a"], &trace)),
            (FileRef("u.csv".to_owned()), DataTable::of(["t", "a"], &unsorted)),
        ])
    }

    fn build(text: &str, until: u64) -> (Arrivals, Vec<String>) {
        let spec: ArrivalsSpec = toml::from_str(text).unwrap();
        let (calendar, mut faults) = (calendar(10, 6 * HOUR), Faults::default());
        let path = KeyPath::root().key("arrivals");
        let arrivals = spec.build(&path, &calendar, until, &files(), &mut faults);
        (arrivals, faults.into_vec().iter().map(|f| f.path.to_string()).collect())
    }

    fn rates(text: &str, until: u64) -> RateCurve {
        let (arrivals, faults) = build(text, until);
        assert!(faults.is_empty(), "{faults:?}");
        match arrivals {
            Arrivals::Poisson { curve, .. } => curve,
            Arrivals::Trace(_) => panic!("a rate is no trace"),
        }
    }

    /// Expected arrivals between two instants.
    fn expected(curve: &RateCurve, from: u64, to: u64) -> f64 {
        curve.expected(from as f64, to as f64)
    }

    fn near(got: f64, want: f64) {
        assert!((got - want).abs() < 1e-9 * want.abs().max(1.0), "{got} for {want}");
    }

    #[test]
    fn the_shape_of_the_day_keeps_the_mean_and_follows_local_hours() {
        let text = "rate = '100/s'\nshape = { file = 'h.csv' }";
        let curve = rates(text, 48 * HOUR);
        near(expected(&curve, 0, 24 * HOUR), 100.0 * 86_400.0);
        // the run starts at 06:00, where the shape is 7 of a mean of 12.5
        near(expected(&curve, 0, HOUR), 100.0 * 3_600.0 * 7.0 / 12.5);
        near(expected(&curve, 17 * HOUR, 18 * HOUR), 100.0 * 3_600.0 * 24.0 / 12.5);
        near(expected(&curve, 48 * HOUR, 60 * HOUR), 0.0);
    }

    #[test]
    fn a_surge_multiplies_with_flanks_inside_it() {
        let surge = "surges.sale = { at = '1h', lasts = '2h', ramp = '30m', factor = '3x' }";
        let text = format!("rate = '1/s'\n{surge}");
        let curve = rates(&text, 4 * HOUR);
        near(expected(&curve, 0, HOUR), 3_600.0);
        // flanks of half an hour at a mean of 2, an hour at 3
        let got = expected(&curve, HOUR, 3 * HOUR);
        assert!((got - (2.0 * 3_600.0 + 3.0 * 3_600.0)).abs() < 1e-3, "{got}");
        near(expected(&curve, 3 * HOUR, 4 * HOUR), 3_600.0);
        // without flanks the rate jumps
        let text = "rate = '1/s'\nsurges.sale = { at = '1h', lasts = '2h', factor = '3x' }";
        let jump = rates(text, 4 * HOUR);
        near(expected(&jump, 0, HOUR), 3_600.0);
        near(expected(&jump, HOUR, 3 * HOUR), 6.0 * 3_600.0);
    }

    #[test]
    fn a_curve_is_straight_between_its_points_and_holds_the_last() {
        let text = "curve = [{ at = '0s', rate = '0/s' }, { at = '1h', rate = '10/s' }]";
        let curve = rates(text, 3 * HOUR);
        near(expected(&curve, 0, HOUR), 5.0 * 3_600.0);
        near(expected(&curve, HOUR, 3 * HOUR), 2.0 * 10.0 * 3_600.0);
    }

    #[test]
    fn a_trace_stays_in_file_order_to_the_cent() {
        let text = "trace = { file = 't.csv', time_column = 't', amount_column = 'a' }";
        let (arrivals, faults) = build(text, HOUR);
        assert!(faults.is_empty(), "{faults:?}");
        let Arrivals::Trace(trace) = arrivals else { panic!("a trace is a trace") };
        assert_eq!(trace, [(500_000_000, 1_234), (500_000_000, 0), (2_000_000_000, 10_000)]);
    }

    #[test]
    fn faults_name_the_key() {
        let far = "rate = '1/s'\nsurges.s = { at = '500y', lasts = '1h', factor = '2x' }";
        assert!(toml::from_str::<ArrivalsSpec>(far).is_err(), "a year is no unit");
        let most = "36500d";
        let wrong = [
            ("".to_owned(), "arrivals"),
            ("rate = '1/s'\ncurve = []".to_owned(), "arrivals"),
            ("curve = []".to_owned(), "arrivals.curve"),
            ("curve = [{ at = '1s', rate = '1/s' }]".to_owned(), "arrivals.curve.0.at"),
            (
                "rate = '1/s'\nover_dispersion = { window = '0s', variance = 11.0 }".to_owned(),
                "arrivals.over_dispersion.variance",
            ),
            (
                format!(
                    "rate = '1/s'\nsurges.s = {{ at = '{most}', lasts = '{most}', \
                    ramp = '{most}', factor = '2x' }}"
                ),
                "arrivals.surges.s.ramp",
            ),
            (
                "trace = { file = 'u.csv', time_column = 't', amount_column = 'a' }".to_owned(),
                "arrivals.trace.file",
            ),
            (
                "trace = { file = 't.csv', time_column = 'x', amount_column = 'a' }".to_owned(),
                "arrivals.trace.time_column",
            ),
        ];
        for (text, path) in wrong {
            assert_eq!(build(&text, HOUR).1[0], path, "{text}");
        }
    }
}
