//! The values of a range: exact where they can be, else rounded far finer than they differ.

use crate::units::{Measure, MeasureUnit};

/// A rounded value is off by at most this part of the gap between neighbours.
const FINENESS: f64 = 1e-3;
/// The same for samples, which have no even gaps to keep.
const FINENESS_OF_SAMPLES: f64 = 1e-2;

/// A value of a key, as it is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// As a scenario says it.
    pub text: String,
    /// Its number, if it is one.
    pub measure: Option<Measure>,
}

/// How the values of a key lie on an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// Numbers, evenly.
    Straight,
    /// Numbers, each a multiple of the one before.
    Log,
    /// Words.
    Words,
}

/// The values that a key takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Range {
    /// These.
    List(Vec<Setting>),
    /// From one end, in equal steps, as far as the other.
    Steps {
        /// The ends.
        ends: Ends,
        /// From one to the next, above 0, in the decimals of the ends.
        step: i128,
    },
    /// So many between two ends, both included.
    Points {
        /// The ends.
        ends: Ends,
        /// At least 1; at least 2 where the ends differ.
        count: u64,
    },
    /// All between two ends: for samples only.
    Between(Ends),
}

/// The ends of a range: of one unit and the same decimals, the lower first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ends {
    /// The lower end.
    pub from: Measure,
    /// The upper end.
    pub to: Measure,
    /// Whether values between them are multiples of each other; then both ends are above 0.
    pub is_log: bool,
}

impl Setting {
    pub(super) fn of(measure: Measure) -> Self {
        Self { text: measure.to_string(), measure: Some(measure) }
    }
}

impl Range {
    /// How many values there are at most, without making them; none where they are uncounted.
    pub fn count(&self) -> Option<u128> {
        match self {
            Self::List(settings) => Some(settings.len() as u128),
            Self::Steps { ends, step } => Some((ends.width() / step) as u128 + 1),
            Self::Points { ends, count } if ends.from.unit == MeasureUnit::Whole => {
                Some(u128::from(*count).min(ends.width() as u128 + 1))
            }
            Self::Points { count, .. } => Some((*count).into()),
            Self::Between(_) => None,
        }
    }

    /// The values, upwards, or in the order of the list.
    pub(super) fn settings(&self) -> Vec<Setting> {
        match self {
            Self::List(settings) => settings.clone(),
            Self::Steps { ends, step } => {
                let steps = (0..).map(|number| ends.from.steps + number * step);
                let inside = steps.take_while(|steps| *steps <= ends.to.steps);
                inside.map(|steps| Setting::of(Measure { steps, ..ends.from })).collect()
            }
            Self::Points { ends, count } => {
                let mut measures: Vec<Measure> = ends.points(*count).collect();
                measures.dedup();
                measures.into_iter().map(Setting::of).collect()
            }
            Self::Between(ends) => [ends.from, ends.to].map(Setting::of).into(),
        }
    }

    /// The value at a part of the way from the first to the last, where so many are asked for.
    pub(super) fn at(&self, part: f64, of: u64) -> Setting {
        if let Self::Between(ends) = self {
            return Setting::of(ends.at(part, of as f64, FINENESS_OF_SAMPLES));
        }
        let settings = self.settings();
        let place = (part * settings.len() as f64) as usize;
        settings[place.min(settings.len() - 1)].clone()
    }

    /// How the values lie on an axis.
    pub fn spread(&self) -> Spread {
        match self {
            Self::Steps { .. } => Spread::Straight,
            Self::Points { ends, .. } | Self::Between(ends) if ends.is_log => Spread::Log,
            Self::Points { .. } | Self::Between(_) => Spread::Straight,
            Self::List(settings) => {
                let measures: Option<Vec<Measure>> = settings.iter().map(|s| s.measure).collect();
                measures.map_or(Spread::Words, |measures| spread_of(&measures))
            }
        }
    }
}

/// A list of numbers of one unit lies on an axis as they do.
fn spread_of(measures: &[Measure]) -> Spread {
    let is_one = measures.iter().all(|m| m.unit == measures[0].unit);
    let mut values: Vec<f64> = measures.iter().map(|measure| measure.value()).collect();
    values.sort_by(f64::total_cmp);
    let (least, most) = (values[0], values[values.len() - 1]);
    match (is_one && values.len() > 1, least > 0.0 && most >= 16.0 * least) {
        (false, _) => Spread::Words,
        (true, true) => Spread::Log,
        (true, false) => Spread::Straight,
    }
}

impl Ends {
    fn width(&self) -> i128 {
        self.to.steps - self.from.steps
    }

    fn points(self, count: u64) -> impl Iterator<Item = Measure> {
        let gaps = count.saturating_sub(1).max(1);
        let exact = self.width() % i128::from(gaps) == 0 && !self.is_log;
        (0..count).map(move |number| {
            let steps = self.from.steps + self.width() / i128::from(gaps) * i128::from(number);
            match number {
                0 => self.from,
                last if last == gaps => self.to,
                _ if exact => Measure { steps, ..self.from },
                _ => self.at(number as f64 / gaps as f64, gaps as f64, FINENESS),
            }
        })
    }

    /// The value at a part of the way, rounded so finely that `gaps` neighbours stay apart.
    fn at(&self, part: f64, gaps: f64, fineness: f64) -> Measure {
        let (low, high) = (self.from.steps as f64, self.to.steps as f64);
        let (value, gap) = if self.is_log {
            let value = low * libm::pow(high / low, part);
            let growth = libm::pow(high / low, 1.0 / gaps) - 1.0;
            (value, value * (growth * 0.1).min(0.01) / fineness)
        } else {
            (low + (high - low) * part, (high - low) / gaps)
        };
        let power = libm::floor(libm::log10(gap * fineness)) as i32;
        self.rounded(value, power)
    }

    /// A number of steps, rounded to a power of ten of them.
    fn rounded(&self, value: f64, power: i32) -> Measure {
        let (from, to) = (self.from, self.to);
        let has_own_steps =
            matches!(from.unit, MeasureUnit::Whole | MeasureUnit::Span | MeasureUnit::Money(_));
        let finer = if has_own_steps { 0 } else { (-power).clamp(0, 12) };
        let unit = libm::pow(10.0, f64::from(power.max(if has_own_steps { 0 } else { -finer })));
        let more = 10_i128.pow(finer.unsigned_abs());
        let grain = (libm::round(unit * more as f64) as i128).max(1);
        let steps = libm::round(value * more as f64 / grain as f64) as i128 * grain;
        let steps = steps.clamp(from.steps * more, to.steps * more);
        Measure { steps, decimals: from.decimals + finer.unsigned_abs(), unit: from.unit }
    }
}
