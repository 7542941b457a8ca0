//! A choice by shares among things with names: one more of them moves few between the others.

use crate::engine::draw::{Stream, key_of, mix};
use crate::model::purpose::Purpose;

/// Cells of a table, a power of two.
const CELLS: usize = 4_096;

/// Who chooses what, by shares that hold to 2^-32.
///
/// Choosers fall into cells of equal size. For each cell the things run a race of exponential times
/// by their shares, from draws of cell and name alone, and the first wins the cell: a newcomer wins
/// cells for itself and moves none between the others. What a thing has won beyond its share by
/// luck (about 1 % of the choosers among few things) goes to those that won too little.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The winner of each cell; none where there is only one to choose.
    cells: Vec<u8>,
    /// The threshold (of 2^32) of staying with the winner, by thing.
    stays: Vec<u64>,
    /// Cumulative thresholds (of 2^32) of those that won too little, by thing.
    spare: Vec<u64>,
    /// The thing that is chosen where there are no cells.
    only: u8,
}

impl Choice {
    /// A choice among things of a kind, each with its name and its weight of at least 0.
    pub fn new(kind: &str, things: &[(String, f64)]) -> Self {
        let weight = |i: usize| things[i].1.max(0.0);
        let total: f64 = (0..things.len()).map(weight).sum();
        let able: Vec<usize> = (0..things.len()).filter(|&i| weight(i) > 0.0).collect();
        let only = able.first().map_or(0, |&i| i as u8);
        if able.len() < 2 || !total.is_finite() {
            return Self { cells: Vec::new(), stays: Vec::new(), spare: Vec::new(), only };
        }
        let keys: Vec<u64> = things.iter().map(|(name, _)| key_of(kind, name)).collect();
        let cells: Vec<u8> = (0..CELLS as u64)
            .map(|cell| {
                let time = |i: usize| race(keys[i], cell) / weight(i);
                let first =
                    able.iter().copied().reduce(|a, b| if time(b) < time(a) { b } else { a });
                first.unwrap_or(0) as u8
            })
            .collect();
        let mut won = vec![0u32; things.len()];
        cells.iter().for_each(|&winner| won[usize::from(winner)] += 1);
        let share = |i: usize| weight(i) / total;
        let has = |i: usize| f64::from(won[i]) / CELLS as f64;
        let whole = 4_294_967_296.0;
        let stays = (0..things.len())
            .map(|i| if has(i) > share(i) { (share(i) / has(i) * whole) as u64 } else { 1 << 32 });
        let lacks: Vec<f64> = (0..things.len()).map(|i| (share(i) - has(i)).max(0.0)).collect();
        let lacking: f64 = lacks.iter().sum();
        let mut running = 0.0;
        let spare = lacks.iter().map(|lack| {
            running += lack;
            (running / lacking.max(1e-300) * whole) as u64
        });
        let (stays, mut spare): (Vec<u64>, Vec<u64>) = (stays.collect(), spare.collect());
        let last = lacks.iter().rposition(|&lack| lack > 0.0).unwrap_or(usize::from(only));
        spare[last..].fill(1 << 32);
        Self { cells, stays, spare, only }
    }

    /// What a stream chooses for a purpose at an attempt.
    #[inline]
    pub fn of(&self, stream: Stream, purpose: Purpose, attempt: u16) -> u8 {
        if self.cells.is_empty() {
            return self.only;
        }
        let draw = stream.draw(purpose, attempt, 0);
        let winner = self.cells[(draw.quantile() >> (32 - CELLS.trailing_zeros())) as usize];
        if draw.hits(self.stays[usize::from(winner)]) {
            return winner;
        }
        self.instead(stream.draw(purpose, attempt, 1).quantile())
    }

    #[cold]
    fn instead(&self, draw: u32) -> u8 {
        let found = self.spare.iter().position(|&below| u64::from(draw) < below);
        found.expect("the last bound is above every draw") as u8
    }
}

/// An exponential time of mean 1 that belongs to a name and a cell.
fn race(key: u64, cell: u64) -> f64 {
    let uniform = (mix(key.wrapping_add(mix(cell))) >> 11) as f64 + 0.5;
    -libm::log(uniform / 9_007_199_254_740_992.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::draw::{Class, Seed};

    const N: u64 = 200_000;

    fn choice(weights: &[(&str, f64)]) -> Choice {
        let things: Vec<_> = weights.iter().map(|(name, w)| ((*name).to_owned(), *w)).collect();
        Choice::new("channel", &things)
    }

    /// The name that each of N users chooses.
    fn chosen<'a>(weights: &[(&'a str, f64)]) -> Vec<&'a str> {
        let choice = choice(weights);
        let of = |i| choice.of(Seed::new(1, 0).stream(Class::Journey, i), Purpose::Choice, 0);
        (0..N).map(|i| weights[usize::from(of(i))].0).collect()
    }

    #[test]
    fn each_is_chosen_as_often_as_its_share_says() {
        let weights = [("card", 45.0), ("nobody", 0.0), ("wallet", 54.9), ("rare", 0.1)];
        let choice = choice(&weights);
        let won = |i: usize| choice.cells.iter().filter(|&&w| usize::from(w) == i).count() as f64;
        let whole = 2f64.powi(32);
        let stays = |i: usize| won(i) / CELLS as f64 * choice.stays[i] as f64 / whole;
        let goes: f64 = 1.0 - (0..4).map(stays).sum::<f64>();
        for (i, (name, weight)) in weights.iter().enumerate() {
            let below = if i == 0 { 0 } else { choice.spare[i - 1] };
            let takes = goes * (choice.spare[i] - below) as f64 / whole;
            let share = stays(i) + takes;
            assert!((share - weight / 100.0).abs() < 1e-8, "{name}: {share}");
        }
        let chosen = chosen(&weights);
        let count = |name| chosen.iter().filter(|&&c| c == name).count() as f64;
        assert!(!chosen.contains(&"nobody"));
        let error = (N as f64 * 0.45 * 0.55).sqrt();
        assert!((count("card") - 0.45 * N as f64).abs() < 5.0 * error, "{}", count("card"));
    }

    #[test]
    fn a_newcomer_moves_nearly_nobody_but_to_itself() {
        let before = chosen(&[("alipay", 45.0), ("card", 40.0), ("wechat", 15.0)]);
        // first in the order of names, and the other shares shrink by a tenth
        let shares = [("aaa", 10.0), ("alipay", 40.5), ("card", 36.0), ("wechat", 13.5)];
        let after = chosen(&shares);
        let pairs = || before.iter().zip(&after);
        let moved = pairs().filter(|(b, a)| b != a && **a != "aaa").count() as f64 / N as f64;
        assert!(moved < 0.02, "{moved} went from one to another that was there before");
        let new = after.iter().filter(|&&a| a == "aaa").count() as f64 / N as f64;
        assert!((new - 0.1).abs() < 0.005, "{new}");
    }

    #[test]
    fn the_order_of_the_table_does_not_matter() {
        let one = chosen(&[("alipay", 45.0), ("card", 40.0), ("wechat", 15.0)]);
        let other = chosen(&[("wechat", 15.0), ("alipay", 45.0), ("card", 40.0)]);
        let moved = one.iter().zip(&other).filter(|(a, b)| a != b).count() as f64 / N as f64;
        assert!(moved < 0.02, "{moved}");
    }

    #[test]
    fn one_alone_is_always_chosen() {
        let users = (0..100).map(|i| Seed::new(1, 0).stream(Class::Journey, i));
        let only = choice(&[("nobody", 0.0), ("all", 3.0)]);
        assert!(users.into_iter().all(|s| only.of(s, Purpose::Choice, 0) == 1));
    }
}
