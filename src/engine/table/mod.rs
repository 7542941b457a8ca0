//! Distributions as integer quantile tables: built once with portable floats, then read with
//! integers.
//!
//! A table maps a uniform 32-bit draw to a value (mostly nanoseconds). It is monotone in the draw,
//! so a larger draw is a slower hop under every law (common random numbers), and gives the same
//! bits on every platform. 512 cells; the last is refined into 512, and its last again, so that the
//! tail is followed down to probabilities of 2^-27. Each cell keeps its conditional mean: a table's
//! mean is that of its law.

mod laws;
mod pieces;
mod quantile;

use super::NS_MAX;
use pieces::{Piece, Pieces};
use quantile::{Tail, cell_mean};

/// No value of a table lies above this.
const VALUE_MAX: f64 = NS_MAX as f64;
/// Cells a level.
const CELLS: usize = 512;
/// A level's cells have probability 2^-9, 2^-18 and 2^-27.
const LEVELS: usize = 3;
/// Bits of the place within a cell.
const PLACE_BITS: u32 = 24;
/// Laws of at most so many values are kept as steps, without any approximation.
const STEPS_MAX: usize = 64;

/// A distribution over `u64` (nanoseconds, minor units of money, ...), read by a 32-bit draw.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantileTable(Law);

#[derive(Clone, Debug, PartialEq)]
enum Law {
    /// (end of the draws, value), ends ascending to 2^32: laws of a few values, constants among
    /// them.
    Steps(Box<[(u64, u64)]>),
    /// Level after level; the last cell of a level but the last level is the next level.
    Cells(Box<[Cell; LEVELS * CELLS]>),
}

/// Values rise from `base` by `rise` along the cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Cell {
    base: u64,
    rise: u64,
}

impl QuantileTable {
    /// The value at draw `u`; monotone in `u`.
    #[inline]
    pub fn at(&self, u: u32) -> u64 {
        match &self.0 {
            Law::Cells(cells) => {
                // Half a draw further: places are midpoints, so a cell's mean is exact at any
                // depth.
                let mut place = (u as u64) << 1 | 1;
                let mut level = 0;
                while place >> PLACE_BITS == 511 && level < LEVELS - 1 {
                    place = (place << 9) & 0x1_ffff_ffff;
                    level += 1;
                }
                let cell = &cells[(level << 9 | (place >> PLACE_BITS) as usize) % (LEVELS * CELLS)];
                let along = (place & ((1 << PLACE_BITS) - 1)) as u128;
                let half = 1u128 << (PLACE_BITS - 1);
                cell.base + ((cell.rise as u128 * along + half) >> PLACE_BITS) as u64
            }
            Law::Steps(steps) => {
                let mut i = 0;
                while i + 1 < steps.len() && u as u64 >= steps[i].0 {
                    i += 1;
                }
                steps[i].1
            }
        }
    }

    /// Every value times `factor` (not negative), rounded.
    pub fn scaled(&self, factor: f64) -> Self {
        assert!(factor >= 0.0, "a table is scaled by a factor that is not negative");
        let scale = |value: u64| whole(value as f64 * factor);
        QuantileTable(match &self.0 {
            Law::Steps(steps) => {
                Law::Steps(steps.iter().map(|&(end, v)| (end, scale(v))).collect())
            }
            Law::Cells(cells) => {
                let mut cells = cells.clone();
                for cell in cells.iter_mut() {
                    let base = scale(cell.base);
                    *cell = Cell { base, rise: scale(cell.base + cell.rise) - base };
                }
                Law::Cells(cells)
            }
        })
    }

    /// Every value plus a constant.
    pub fn shifted(&self, by: u64) -> Self {
        QuantileTable(match &self.0 {
            Law::Steps(steps) => {
                Law::Steps(steps.iter().map(|&(end, v)| (end, (v + by).min(NS_MAX))).collect())
            }
            Law::Cells(cells) => {
                let mut cells = cells.clone();
                for cell in cells.iter_mut() {
                    cell.base += by;
                }
                Law::Cells(cells)
            }
        })
    }

    /// The mean of the table over all 2^32 draws, in the unit of its values.
    pub fn mean(&self) -> f64 {
        self.moment(|cell, _| cell.base as f64 + cell.rise as f64 / 2.0)
    }

    /// The mean of the squares over all 2^32 draws, in the unit of its values, squared.
    pub fn second_moment(&self) -> f64 {
        self.moment(|cell, places| {
            let (middle, rise) = (cell.base as f64 + cell.rise as f64 / 2.0, cell.rise as f64);
            middle * middle + rise * rise * (1.0 - 1.0 / (places * places)) / 12.0
        })
    }

    /// Sums `of_cell`(cell, draws in it) with the cells' probabilities.
    fn moment(&self, of_cell: impl Fn(Cell, f64) -> f64) -> f64 {
        match &self.0 {
            Law::Steps(steps) => {
                let mut start = 0;
                let mut sum = 0.0;
                for &(end, base) in steps.iter() {
                    sum += (end - start) as f64 / TWO_32 * of_cell(Cell { base, rise: 0 }, 1.0);
                    start = end;
                }
                sum
            }
            Law::Cells(cells) => cell_bounds()
                .map(|(i, from, to)| {
                    let share = from.above - to.above;
                    share * of_cell(cells[i], share * TWO_32)
                })
                .sum(),
        }
    }

    fn from_tails(quantile: impl Fn(Tail) -> f64) -> Self {
        Self::from_cells(|from, to| {
            // The quantile of 1 may be infinite; the mean alone bounds the last cell then.
            let low = quantile(from);
            let high = if to.above > 0.0 { quantile(to) } else { f64::INFINITY };
            (low, cell_mean(&quantile, from, to), high)
        })
    }

    fn from_pieces(pieces: Pieces) -> Self {
        if let Some(steps) = steps_of(&pieces) {
            return QuantileTable(Law::Steps(steps));
        }
        Self::from_cells(|from, to| pieces.between(from.below, to.below))
    }

    /// Fills the cells from (least value, mean, greatest value) of each.
    fn from_cells(shape: impl Fn(Tail, Tail) -> (f64, f64, f64)) -> Self {
        let mut cells = Box::new([Cell::default(); LEVELS * CELLS]);
        let mut floor = 0;
        for (i, from, to) in cell_bounds() {
            let (low, mean, high) = shape(from, to);
            assert!(!mean.is_nan(), "a quantile function has a value everywhere");
            // The steepest line through the mean that stays between the least and the greatest
            // value: steeper would break the order between cells, flatter would lose more of the
            // variance.
            let half = (mean - low).min(high - mean).max(0.0);
            let base = whole(mean - half).max(floor);
            floor = whole(mean + half).max(base);
            cells[i] = Cell { base, rise: floor - base };
        }
        QuantileTable(Law::Cells(cells))
    }

    /// The quantile function as straight pieces.
    fn pieces(&self) -> Pieces {
        let mut pieces = Vec::new();
        match &self.0 {
            Law::Steps(steps) => {
                let mut p0 = 0.0;
                for &(end, value) in steps.iter() {
                    let (p1, value) = (end as f64 / TWO_32, value as f64);
                    pieces.push(Piece { p0, v0: value, p1, v1: value });
                    p0 = p1;
                }
            }
            Law::Cells(cells) => pieces.extend(cell_bounds().map(|(i, from, to)| Piece {
                p0: from.below,
                v0: cells[i].base as f64,
                p1: to.below,
                v1: (cells[i].base + cells[i].rise) as f64,
            })),
        }
        Pieces::new(pieces)
    }
}

const TWO_32: f64 = 4_294_967_296.0;

/// The nearest whole value that a table can hold.
fn whole(value: f64) -> u64 {
    (value.clamp(0.0, VALUE_MAX) + 0.5) as u64
}

/// All cells in use, in order: (index, lower end, upper end).
fn cell_bounds() -> impl Iterator<Item = (usize, Tail, Tail)> {
    (0..LEVELS).flat_map(|level| {
        let width = 1.0 / (1u64 << (9 * (level + 1))) as f64;
        let cells = if level + 1 < LEVELS { CELLS - 1 } else { CELLS };
        (0..cells).map(move |j| {
            let at = |left: usize| Tail::from_above(width * left as f64);
            (level * CELLS + j, at(CELLS - j), at(CELLS - j - 1))
        })
    })
}

/// A law of a few values as (end of the draws, value), if it is one.
fn steps_of(pieces: &Pieces) -> Option<Box<[(u64, u64)]>> {
    let mut steps: Vec<(u64, u64)> = Vec::new();
    for (p1, value) in pieces.levels()? {
        let (end, value) = (whole(p1 * TWO_32), whole(value));
        match steps.last_mut() {
            Some(last) if last.1 == value => last.0 = end,
            Some(last) if last.0 == end => {}
            None if end == 0 => {}
            _ => steps.push((end, value)),
        }
        if steps.len() > STEPS_MAX {
            return None;
        }
    }
    steps.last_mut()?.0 = 1 << 32;
    Some(steps.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    fn close(name: &str, got: f64, want: f64, tolerance: f64) {
        assert!((got / want - 1.0).abs() < tolerance, "{name}: {got} for {want}");
    }

    #[test]
    fn moments_are_those_of_the_draws_themselves() {
        // The middle of every 4096 draws below the last cell, and each draw inside it.
        let table = QuantileTable::exponential(S);
        let (mut sum, mut squares) = (0.0, 0.0);
        let mut add = |u: u64, stands_for: f64| {
            let value = table.at(u as u32) as f64;
            sum += stands_for * value;
            squares += stands_for * value * value;
        };
        let body_end = 511 << 23;
        (0..body_end).step_by(4096).for_each(|u| add(u + 2048, 4096.0));
        (body_end..1 << 32).for_each(|u| add(u, 1.0));
        let weight = TWO_32;
        close("mean", sum / weight, table.mean(), 1e-8);
        close("second moment", squares / weight, table.second_moment(), 1e-6);
    }

    #[test]
    fn a_table_is_small() {
        assert!(size_of::<[Cell; LEVELS * CELLS]>() <= 25_000);
    }
}
