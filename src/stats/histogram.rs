//! A histogram whose cells grow with the value, so that any u64 is kept to within 0.8 %.

use serde::{Deserialize, Serialize};

use super::rank;

/// Cells per doubling of the value; a cell is at most 1/128 = 0.78 % as wide as its lower end.
const CELLS_PER_OCTAVE: u64 = 1 << OCTAVE_BITS;

const OCTAVE_BITS: u32 = 7;

/// Counts of u64 values in log-linear cells, with exact count, sum, least and greatest.
///
/// Values below 128 have a cell each. Everything is an integer, so merging is addition, exact in
/// any order, and two histograms of the same values are equal however they came about. Recording
/// is a handful of instructions; memory follows the greatest value: 8 bytes a cell, 58 KiB at most.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub struct Histogram {
    /// Ends with the greatest value's cell, so equal contents are equal vectors.
    cells: Vec<u64>,
    count: u64,
    sum: u128,
    /// Least and greatest value; meaningless while `count` is 0.
    least: u64,
    greatest: u64,
}

impl Histogram {
    /// A histogram without values.
    pub const fn new() -> Self {
        Histogram { cells: Vec::new(), count: 0, sum: 0, least: 0, greatest: 0 }
    }

    /// Counts one value.
    #[inline]
    pub fn record(&mut self, value: u64) {
        self.record_n(value, 1);
    }

    /// Counts a value `times` times.
    #[inline]
    pub fn record_n(&mut self, value: u64, times: u64) {
        if times == 0 {
            return;
        }
        let index = cell_of(value);
        if index >= self.cells.len() {
            self.grow_to(index);
        }
        self.cells[index] += times;
        self.sum += u128::from(value) * u128::from(times);
        self.least = if self.count == 0 { value } else { self.least.min(value) };
        self.greatest = self.greatest.max(value);
        self.count += times;
    }

    #[cold]
    fn grow_to(&mut self, index: usize) {
        self.cells.resize(index + 1, 0);
    }

    /// How many values were counted.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Whether no value was counted.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The exact sum of the values.
    pub const fn sum(&self) -> u128 {
        self.sum
    }

    /// The least value, exactly; None without values.
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.least)
    }

    /// The greatest value, exactly; None without values.
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.greatest)
    }

    /// The mean from the exact sum; None without values.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The `q`-quantile: the smallest value whose cumulative count reaches `q` times the count.
    ///
    /// Within 0.4 % of that value: the middle of its cell, or the least or greatest value where
    /// those are nearer. None without values. Panics unless `q` is in 0..=1.
    pub fn quantile(&self, q: f64) -> Option<u64> {
        if self.count == 0 {
            return None;
        }
        let mut left = rank(q, self.count);
        for (low, high, count) in self.iter_cells() {
            if left <= count {
                return Some((low + (high - low) / 2).clamp(self.least, self.greatest));
            }
            left -= count;
        }
        unreachable!("the cells hold every value that was counted")
    }

    /// How many values are at most `value`, those in the cell of `value` included.
    ///
    /// So it counts every value up to `value` and none that is 0.8 % greater.
    pub fn count_at_most(&self, value: u64) -> u64 {
        let cells = self.cells.len().min(cell_of(value) + 1);
        self.cells[..cells].iter().sum()
    }

    /// [`Histogram::count_at_most`] as a share of all; None without values.
    pub fn share_at_most(&self, value: u64) -> Option<f64> {
        (self.count > 0).then(|| self.count_at_most(value) as f64 / self.count as f64)
    }

    /// The lower edge of the cell that holds `value`: the share of values from an edge on is exact,
    /// that from any other value on is not.
    pub fn edge_near(value: u64) -> u64 {
        low_of(cell_of(value))
    }

    /// The share of values from an edge of a cell on; None without values.
    pub fn share_from(&self, edge: u64) -> Option<f64> {
        debug_assert_eq!(edge, Self::edge_near(edge), "no cell is cut");
        let below = if edge == 0 { 0 } else { self.count_at_most(edge - 1) };
        (self.count > 0).then(|| (self.count - below) as f64 / self.count as f64)
    }

    /// Adds what the other one counted. Exact, and the same in any order.
    pub fn merge(&mut self, other: &Histogram) {
        if other.count == 0 {
            return;
        }
        if other.cells.len() > self.cells.len() {
            self.cells.resize(other.cells.len(), 0);
        }
        for (mine, theirs) in self.cells.iter_mut().zip(&other.cells) {
            *mine += theirs;
        }
        self.least = if self.count == 0 { other.least } else { self.least.min(other.least) };
        self.greatest = self.greatest.max(other.greatest);
        self.count += other.count;
        self.sum += other.sum;
    }

    /// The cells that hold values, upwards: lowest value, highest value, count.
    pub fn iter_cells(&self) -> impl Iterator<Item = (u64, u64, u64)> + '_ {
        let filled = self.cells.iter().enumerate().filter(|&(_, &count)| count > 0);
        filled.map(|(index, &count)| (low_of(index), high_of(index), count))
    }
}

/// The cell of a value: the value itself below 128, then 128 cells an octave.
#[inline]
fn cell_of(value: u64) -> usize {
    let octave = u64::BITS - (value >> OCTAVE_BITS).leading_zeros();
    if octave == 0 {
        return value as usize;
    }
    // The leading bit stays in, which adds the one octave that the exact values take up.
    ((u64::from(octave - 1) << OCTAVE_BITS) + (value >> (octave - 1))) as usize
}

/// The lowest value of a cell.
fn low_of(index: usize) -> u64 {
    let index = index as u64;
    if index < 2 * CELLS_PER_OCTAVE {
        return index;
    }
    let octave = (index >> OCTAVE_BITS) - 1;
    (CELLS_PER_OCTAVE + index % CELLS_PER_OCTAVE) << octave
}

/// The highest value of a cell.
fn high_of(index: usize) -> u64 {
    let width_bits = ((index >> OCTAVE_BITS) as u32).saturating_sub(1);
    low_of(index) + ((1 << width_bits) - 1)
}

/// A histogram as it is stored: only the cells that hold values.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    sum: u128,
    least: u64,
    greatest: u64,
    /// Index and count, upwards.
    cells: Vec<(u32, u64)>,
}

impl From<Histogram> for Written {
    fn from(histogram: Histogram) -> Self {
        let filled = histogram.cells.iter().enumerate().filter(|&(_, &count)| count > 0);
        let cells = filled.map(|(index, &count)| (index as u32, count)).collect();
        let Histogram { sum, least, greatest, .. } = histogram;
        Written { sum, least, greatest, cells }
    }
}

impl TryFrom<Written> for Histogram {
    type Error = &'static str;

    /// Refuses what no recording can have left, so that a damaged file cannot make a report panic.
    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written { sum, least, greatest, cells: filled } = written;
        let Some((&(first, _), &(last, _))) = filled.first().zip(filled.last()) else {
            let is_new = sum == 0 && least == 0 && greatest == 0;
            return is_new.then(Histogram::new).ok_or("a histogram without cells has values");
        };
        if !filled.is_sorted_by(|a, b| a.0 < b.0) || filled.iter().any(|&(_, count)| count == 0) {
            return Err("the cells of a histogram are not filled ones in ascending order");
        }
        if cell_of(least) != first as usize || cell_of(greatest) != last as usize {
            return Err("the ends of a histogram do not lie in its outer cells");
        }
        let mut cells = vec![0; last as usize + 1];
        let mut count = 0_u64;
        for (index, in_cell) in filled {
            cells[index as usize] = in_cell;
            count = count.checked_add(in_cell).ok_or("a histogram counts too many values")?;
        }
        Ok(Histogram { cells, count, sum, least, greatest })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::draws::Draws;
    use super::*;

    fn histogram_of(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        values.iter().for_each(|&value| histogram.record(value));
        histogram
    }

    /// Values of every size, small ones and ends included.
    fn any_value() -> impl Strategy<Value = u64> {
        prop_oneof![(any::<u64>(), 0_u32..64).prop_map(|(value, down)| value >> down), 0_u64..300]
    }

    #[test]
    fn cells_join_without_gap_up_to_the_greatest_value() {
        let last = cell_of(u64::MAX);
        assert_eq!(last, 58 * 128 - 1);
        for index in 0..=last {
            let (low, high) = (low_of(index), high_of(index));
            assert_eq!((cell_of(low), cell_of(high)), (index, index));
            assert!((high - low) as f64 <= low as f64 / 128.0, "{low} to {high}");
            assert_eq!(high.checked_add(1), (index < last).then(|| low_of(index + 1)));
        }
    }

    #[test]
    fn shares_from_an_edge_on_are_exact() {
        let values: Vec<u64> = (0..10_000).map(|i| i * 7).collect();
        let histogram = histogram_of(&values);
        for about in [0, 1, 127, 128, 300, 5_000, 69_993] {
            let edge = Histogram::edge_near(about);
            assert!(edge <= about && Histogram::edge_near(edge) == edge);
            let from = values.iter().filter(|value| **value >= edge).count();
            assert_eq!(histogram.share_from(edge), Some(from as f64 / 1e4), "{about}");
        }
    }

    #[test]
    fn an_empty_histogram_answers_nothing() {
        let empty = Histogram::new();
        assert_eq!((empty.count(), empty.sum(), empty.mean()), (0, 0, None));
        assert_eq!((empty.quantile(0.5), empty.share_at_most(9)), (None, None));
        assert_eq!((empty.min(), empty.max(), empty.iter_cells().count()), (None, None, 0));
    }

    #[test]
    fn a_constant_has_itself_for_every_quantile() {
        let mut histogram = Histogram::new();
        histogram.record_n(5_000_000_000, 1_000);
        for q in [0.0, 0.5, 0.99, 1.0] {
            assert_eq!(histogram.quantile(q), Some(5_000_000_000));
        }
        assert_eq!(histogram.sum(), 5_000_000_000_000);
        assert_eq!(histogram.share_at_most(5_000_000_000), Some(1.0));
        assert_eq!(histogram.share_at_most(4_950_000_000), Some(0.0));
    }

    #[test]
    fn quantiles_lie_within_the_stated_width_of_a_full_sort() {
        let mut draws = Draws(7);
        let mut values: Vec<u64> =
            (0..1_000_000).map(|_| (1e9 * (2.0 * draws.normal()).exp()) as u64).collect();
        let histogram = histogram_of(&values);
        values.sort_unstable();
        for q in [0.001, 0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999] {
            let exact = values[rank(q, 1_000_000) as usize - 1];
            let ours = histogram.quantile(q).expect("there are values");
            assert!(ours.abs_diff(exact) as f64 <= exact as f64 / 256.0, "{q}: {ours} v {exact}");
        }
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let text = serde_json::to_string(&histogram_of(&[3, 300, 300])).expect("it serialises");
        assert_eq!(text, r#"{"sum":603,"least":3,"greatest":300,"cells":[[3,1],[278,2]]}"#);
        for (from, to, part) in [
            ("[3,1],", "", "outer cells"),
            ("[278,2]", "[278,0]", "filled ones"),
            ("[3,1],[278,2]", "[278,2],[3,1]", "ascending"),
            ("[3,1],[278,2]", "", "without cells"),
            ("\"greatest\":300", "\"greatest\":900", "outer cells"),
            ("[278,2]", "[278,18446744073709551615]", "too many"),
        ] {
            let damaged = serde_json::from_str::<Histogram>(&text.replace(from, to));
            let message = damaged.expect_err(to).to_string();
            assert!(message.contains(part), "{to}: {message}");
        }
    }

    proptest! {
        #[test]
        fn a_merge_is_exact_in_any_order(
            parts in prop::collection::vec(prop::collection::vec(any_value(), 0..20), 0..6)
        ) {
            let whole = histogram_of(&parts.concat());
            let mut upwards = Histogram::new();
            let mut downwards = Histogram::new();
            for part in &parts {
                upwards.merge(&histogram_of(part));
            }
            for part in parts.iter().rev() {
                downwards.merge(&histogram_of(part));
            }
            prop_assert_eq!(&upwards, &whole);
            prop_assert_eq!(&downwards, &whole);
        }

        #[test]
        fn every_value_is_counted_and_summed(
            values in prop::collection::vec(any_value(), 1..50), q in 0.0..=1.0_f64
        ) {
            let histogram = histogram_of(&values);
            let cells: Vec<_> = histogram.iter_cells().collect();
            prop_assert_eq!(cells.iter().map(|cell| cell.2).sum::<u64>(), values.len() as u64);
            prop_assert!(cells.is_sorted_by(|a, b| a.1 < b.0));
            let sum = values.iter().map(|&value| u128::from(value)).sum::<u128>();
            prop_assert_eq!(histogram.sum(), sum);
            prop_assert_eq!(histogram.min(), values.iter().copied().min());
            prop_assert_eq!(histogram.max(), values.iter().copied().max());
            let least = values.iter().filter(|&&value| value <= values[0]).count() as u64;
            prop_assert!(histogram.count_at_most(values[0]) >= least);
            let quantile = histogram.quantile(q).expect("there are values");
            prop_assert!(histogram.count_at_most(quantile) >= rank(q, values.len() as u64));
        }

        #[test]
        fn a_histogram_reads_back_from_what_is_stored(
            values in prop::collection::vec(any_value(), 0..50)
        ) {
            let histogram = histogram_of(&values);
            let text = serde_json::to_string(&histogram).expect("a histogram serialises");
            let read: Histogram = serde_json::from_str(&text).expect("it was just written");
            prop_assert_eq!(read, histogram);
        }
    }
}
