//! What replications say of a number: its value, its interval, and how far it is from theory.

use super::case::{Cells, Check, Cumulative, Evidence, Expected, Experiment};
use crate::record::Summary;
use crate::stats::{
    CONFIDENCE, Estimate, clopper_pearson, distance_interval, law_tails, mean_t, mean_tails,
    share_tails, square_tails, variance_interval,
};

/// What replications say of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Its value and interval.
    pub estimate: Estimate,
    /// The probability to see a value at least so far from what theory says, if that is right; NaN
    /// where nothing was seen.
    pub tails: f64,
}

/// What one replication says of a check.
#[derive(Clone)]
pub(super) enum Note {
    Value(f64),
    Events(u64, u64),
    Cells(Cells),
    Numbers(Vec<f64>),
}

/// Notes what a replication says of a check.
pub(super) fn noted(check: &Check, summary: &Summary) -> Note {
    match &check.evidence {
        Evidence::Mean(of) | Evidence::Each(of) | Evidence::Squares(of) => Note::Value(of(summary)),
        Evidence::Share(of) => {
            let (events, trials) = of(summary);
            Note::Events(events, trials)
        }
        Evidence::Law(of, _) => Note::Cells(of(summary)),
        Evidence::Experiments(of, _) | Evidence::SquaresOfPairs(of, _) | Evidence::Unequal(of) => {
            Note::Numbers(of(summary))
        }
    }
}

/// What replications say: of those of a pair, the second ones are `others`.
pub(super) fn seen(check: &Check, notes: &[&Note], others: &[&Note]) -> Seen {
    let expected = check.expected;
    let mut seen = match &check.evidence {
        Evidence::Mean(_) => mean(&values(notes), expected),
        Evidence::Each(_) => each(&values(notes), expected),
        Evidence::Share(_) => {
            let events = notes.iter().map(|note| note.events());
            share(events.fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1)), expected)
        }
        Evidence::Law(_, law) => distance(notes, law.as_ref()),
        Evidence::Squares(_) => squares(&values(notes)),
        Evidence::Experiments(_, one) => {
            let numbers: Vec<&[f64]> = notes.iter().map(|note| note.numbers()).collect();
            share(experiments(&numbers, one.as_ref()), expected)
        }
        Evidence::SquaresOfPairs(_, both) => {
            let pairs = notes.iter().zip(others);
            let one = |(note, other): (&&Note, &&Note)| both(note.numbers(), other.numbers());
            squares(&pairs.map(one).collect::<Vec<f64>>())
        }
        Evidence::Unequal(_) => {
            let pairs = notes.iter().zip(others);
            let differ = pairs.filter(|(note, other)| note.numbers() != other.numbers()).count();
            share((differ as u64, notes.len() as u64), expected)
        }
    };
    seen.estimate.n = notes.len() as u64;
    seen
}

impl Expected {
    /// The p-value, by its function of a single expected value: within the ends nothing is far.
    fn tails(self, value: f64, at: impl Fn(f64) -> f64) -> f64 {
        match self {
            Self::Value(expected) => at(expected),
            Self::Between(low, _) if value < low => at(low),
            Self::Between(_, high) if value > high => at(high),
            // what is no number lies nowhere
            Self::Between(..) if value.is_nan() => f64::NAN,
            Self::Between(..) => 1.0,
        }
    }
}

fn values(notes: &[&Note]) -> Vec<f64> {
    let value = |note: &&Note| match note {
        Note::Value(value) => *value,
        _ => unreachable!("a check of values notes values"),
    };
    notes.iter().map(value).collect()
}

fn mean(values: &[f64], expected: Expected) -> Seen {
    let estimate = mean_t(values, CONFIDENCE).expect("a case has replications");
    let at = |value| mean_tails(values, value).expect("a case has replications");
    Seen { estimate, tails: expected.tails(estimate.value, at) }
}

/// One that lies elsewhere is not luck.
fn each(values: &[f64], expected: Expected) -> Seen {
    let estimate = mean_t(values, CONFIDENCE).expect("a case has replications");
    let is_within = |value: &f64| expected.tails(*value, |_| 0.0) > 0.0;
    Seen { estimate, tails: f64::from(u8::from(values.iter().all(is_within))) }
}

/// Events among independent trials; where nobody tried, nothing agrees.
fn share((events, trials): (u64, u64), expected: Expected) -> Seen {
    let interval = (trials > 0).then(|| clopper_pearson(events, trials, CONFIDENCE));
    let value = events as f64 / trials as f64;
    let at = |share| if trials == 0 { f64::NAN } else { share_tails(events, trials, share) };
    Seen { estimate: Estimate { value, interval, n: trials }, tails: expected.tails(value, at) }
}

/// Values that are standard normal, if theory is right.
fn squares(values: &[f64]) -> Seen {
    let n = values.len() as u64;
    let sum: f64 = values.iter().map(|value| value * value).sum();
    let interval = Some(variance_interval(sum, n, CONFIDENCE));
    let estimate = Estimate { value: sum / n as f64, interval, n };
    let tails = if sum.is_nan() { f64::NAN } else { square_tails(sum, n) };
    Seen { estimate, tails }
}

/// How often experiments come out as they should, and how many there are.
fn experiments(mut values: &[&[f64]], one: &Experiment) -> (u64, u64) {
    let (mut right, mut all) = (0, 0);
    while let Some((taken, comes_out)) = one(values) {
        assert!(taken > 0, "an experiment takes values");
        values = &values[taken..];
        right += u64::from(comes_out);
        all += 1;
    }
    (right, all)
}

/// The distance of all values from a law, at the ends of the cells that hold any: between them the
/// one rises and the other stands still, or both are not known so finely.
fn distance(notes: &[&Note], law: &Cumulative) -> Seen {
    let mut cells = Cells::new();
    for note in notes {
        let Note::Cells(more) = note else { unreachable!("a check of a law notes cells") };
        more.iter().for_each(|(&cell, count)| *cells.entry(cell).or_default() += count);
    }
    let n: u64 = cells.values().sum();
    let (mut below, mut farthest) = (0, 0.0_f64);
    for ((from, to), count) in cells {
        let off = |at: u64, below: u64| (law(at as f64) - below as f64 / n as f64).abs();
        farthest = farthest.max(off(from, below));
        below += count;
        farthest = farthest.max(off(to, below));
    }
    let interval = (n > 0).then(|| distance_interval(farthest, n, CONFIDENCE));
    let tails = if n == 0 { f64::NAN } else { law_tails(farthest, n) };
    Seen { estimate: Estimate { value: farthest, interval, n }, tails }
}

impl Note {
    fn events(&self) -> (u64, u64) {
        match self {
            Self::Events(events, trials) => (*events, *trials),
            _ => unreachable!("a check of a share notes events"),
        }
    }

    fn numbers(&self) -> &[f64] {
        match self {
            Self::Numbers(numbers) => numbers,
            _ => unreachable!("a check of pairs or experiments notes numbers"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_cells(
        cells: &[(u64, u64, u64)],
        law: impl Fn(f64) -> f64 + Send + Sync + 'static,
    ) -> Seen {
        let cells = cells.iter().map(|&(from, to, count)| ((from, to), count)).collect();
        distance(&[&Note::Cells(cells)], &law)
    }

    #[test]
    fn a_distance_is_that_of_kolmogorov_and_smirnov_at_the_ends_of_cells() {
        // a quarter of a uniform law in each of four cells
        let even = [(0, 10, 25), (10, 20, 25), (20, 30, 25), (30, 40, 25)];
        assert!(of_cells(&even, |x| x / 40.0).estimate.value < 1e-12);
        let off = of_cells(&even, |x| (x / 40.0).powi(2));
        assert!((off.estimate.value - 0.25).abs() < 1e-12, "at the middle: {off:?}");
        // a gap belongs to the law as well: values at 0 and 39 only
        let gap = of_cells(&[(0, 1, 50), (39, 40, 50)], |x| x / 40.0);
        assert!((gap.estimate.value - 0.475).abs() < 1e-12, "{gap:?}");
        assert!(of_cells(&[], |x| x).tails.is_nan());
    }

    #[test]
    fn within_a_range_nothing_is_far_and_outside_it_is_as_far_as_its_nearer_end() {
        let values = [1.0, 1.1, 0.9, 1.05, 0.95];
        let tails = |low, high| mean(&values, Expected::Between(low, high)).tails;
        let at = |value| mean(&values, Expected::Value(value)).tails;
        assert!(tails(0.9, 2.0) >= 1.0 && tails(f64::NEG_INFINITY, 1.5) >= 1.0);
        assert!((tails(1.2, 1.5) - at(1.2)).abs() < 1e-15);
        assert!((tails(0.1, 0.7) - at(0.7)).abs() < 1e-15);
        assert!(mean(&[f64::NAN; 3], Expected::Between(0.0, 1.0)).tails.is_nan());
    }

    #[test]
    fn each_value_lies_within_the_range() {
        let range = Expected::Between(0.4, 0.6);
        assert!(each(&[0.41, 0.5, 0.59], range).tails >= 1.0);
        assert!(each(&[0.41, 0.5, 0.61], range).tails <= 0.0, "its mean does: {range:?}");
        assert!(each(&[0.5, f64::NAN], range).tails <= 0.0);
        assert!(each(&[0.5], Expected::Between(0.4, f64::INFINITY)).tails >= 1.0);
    }

    #[test]
    fn experiments_take_what_they_need_and_leave_what_is_too_little() {
        let pairs: &Experiment = &|v: &[&[f64]]| (v.len() >= 2).then(|| (2, v[0][0] < v[1][0]));
        let values: [&[f64]; 5] = [&[1.0], &[2.0], &[5.0], &[3.0], &[9.0]];
        assert_eq!(experiments(&values, pairs), (1, 2));
    }
}
