//! Quantiles of the latencies that a process has lately seen.

/// Parts of a doubling.
const PARTS: u32 = 8;
/// Latencies are told apart from 2^16 ns (66 µs) on, in steps of an eighth of a doubling at most.
const FIRST: u32 = 16;
const CELLS: usize = (64 - FIRST as usize) * PARTS as usize;
/// So many latencies make a generation; the last whole one counts beside the one under way.
const GENERATION: u32 = 500;

/// The last 500 to 1,000 latencies of a process, in logarithmic cells.
#[derive(Clone, Debug)]
pub struct Latencies {
    cells: Box<[[u32; 2]; CELLS]>,
    counts: [u32; 2],
}

impl Default for Latencies {
    fn default() -> Self {
        Self { cells: Box::new([[0; 2]; CELLS]), counts: [0; 2] }
    }
}

impl Latencies {
    /// Takes note of a latency, ns.
    pub fn add(&mut self, latency: u64) {
        if self.counts[0] == GENERATION {
            self.counts = [0, GENERATION];
            self.cells.iter_mut().for_each(|cell| *cell = [0, cell[0]]);
        }
        self.cells[cell_of(latency)][0] += 1;
        self.counts[0] += 1;
    }

    /// A latency that a share (of 2^32) of them does not exceed, ns; none before so many are known
    /// that one is expected beyond it, ten at least.
    pub fn quantile(&self, share: u64) -> Option<u64> {
        let count = u64::from(self.counts[0] + self.counts[1]);
        let below = (count * share) >> 32;
        if count < 10 || below >= count {
            return None;
        }
        let mut seen = 0;
        let cell = self.cells.iter().position(|cell| {
            seen += u64::from(cell[0] + cell[1]);
            seen > below
        });
        cell.map(end_of)
    }
}

/// The cell of a latency.
fn cell_of(latency: u64) -> usize {
    let latency = latency.max(1 << FIRST);
    let doubling = latency.ilog2();
    let part = (latency >> (doubling - 3)) & u64::from(PARTS - 1);
    ((doubling - FIRST) * PARTS) as usize + part as usize
}

/// Where a cell ends, ns.
fn end_of(cell: usize) -> u64 {
    let (doubling, part) = (FIRST + cell as u32 / PARTS, (cell as u32 % PARTS) as u64);
    (1u64 << doubling) + ((part + 1) << (doubling - 3)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// Catches: a cell that does not hold its latency, a quantile one off, latencies of long ago.
    #[test]
    fn a_quantile_is_that_of_the_last_latencies_to_an_eighth() {
        let mut latencies = Latencies::default();
        let p95 = (0.95 * 4_294_967_296.0) as u64;
        assert_eq!(latencies.quantile(p95), None);
        (1..=400).for_each(|i| latencies.add(i * MS));
        let got = latencies.quantile(p95).expect("400 are known");
        assert!((380 * MS..428 * MS).contains(&got), "{got}");
        (0..1_000).for_each(|_| latencies.add(10 * MS));
        let got = latencies.quantile(p95).expect("they are known");
        assert!((10 * MS..12 * MS).contains(&got), "{got}");
        for latency in [1, 65_536, 65_537, MS, 999 * MS, u64::MAX / 2] {
            let cell = cell_of(latency);
            assert!(end_of(cell) >= latency && (cell == 0 || end_of(cell - 1) < latency));
        }
    }
}
