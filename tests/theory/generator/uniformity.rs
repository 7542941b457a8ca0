//! Draws along every part of a key are uniform: cells, the whole law, gaps, orders, pairs.

use super::keys::{Mixer, ours, shifted, unmixed};
use super::rows::Part;
use super::scores::{Score, catch, chi_square, even, hold};

/// Scores of one row of draws.
fn of_row(mixer: Mixer, part: Part, length: u64) -> Vec<Score> {
    let row = part.row(mixer, length);
    let high: Vec<u32> = row.iter().map(|bits| (bits >> 32) as u32).collect();
    let low: Vec<u32> = row.iter().map(|&bits| bits as u32).collect();
    let named = |what: &str, score| (format!("{what} along {part:?}"), score);
    vec![
        named("cells of the high half", even(&cells(&high, 10))),
        named("cells of the low half", even(&cells(&low, 10))),
        named("the last bits", even(&cells(&low.iter().map(|w| w << 22).collect::<Vec<_>>(), 10))),
        named("law of the high half", kolmogorov(&high)),
        named("law of the low half", kolmogorov(&low)),
        named("gaps between decisions", gaps(&low)),
        named("order of five", orders(&high)),
        named("pairs of high halves", even(&pairs(&high))),
        named("pairs of low halves", even(&pairs(&low))),
    ]
}

/// Counts by the first bits of a word.
fn cells(words: &[u32], bits: u32) -> Vec<u64> {
    let mut counts = vec![0; 1 << bits];
    words.iter().for_each(|word| counts[(word >> (32 - bits)) as usize] += 1);
    counts
}

/// Words two by two, by the first five bits of each.
fn pairs(words: &[u32]) -> Vec<u64> {
    let mut counts = vec![0; 1 << 10];
    words.chunks_exact(2).for_each(|two| counts[(two[0] >> 27 << 5 | two[1] >> 27) as usize] += 1);
    counts
}

/// The distance D to the uniform law, scaled so that 3/√n (a tail of 3e-8) scores 6; below 0 where
/// it is less than luck would leave it once in 10^9 times (D√n < 0.29).
fn kolmogorov(words: &[u32]) -> f64 {
    let mut sorted = words.to_vec();
    sorted.sort_unstable();
    let n = sorted.len() as f64;
    let off = |(at, &word): (usize, &u32)| {
        let u = (f64::from(word) + 0.5) / 4_294_967_296.0;
        (u - at as f64 / n).abs().max(((at + 1) as f64 / n - u).abs())
    };
    let distance = sorted.iter().enumerate().map(off).fold(0.0, f64::max) * n.sqrt();
    if distance < 0.29 { -6.0 * 0.29 / distance } else { 2.0 * distance }
}

/// Draws between hits of a probability of one eighth: geometric.
fn gaps(words: &[u32]) -> f64 {
    const LONGEST: usize = 40;
    let mut counts = vec![0_u64; LONGEST + 1];
    let mut gap = 0;
    for word in words {
        if *word < 1 << 29 {
            counts[gap.min(LONGEST)] += 1;
            gap = 0;
        } else {
            gap += 1;
        }
    }
    let n = counts.iter().sum::<u64>() as f64;
    let missed = 0.875_f64;
    chi_square(&counts, |gap| match gap {
        LONGEST => n * missed.powi(LONGEST as i32),
        gap => n * missed.powi(gap as i32) / 8.0,
    })
}

/// The 120 orders of five words.
fn orders(words: &[u32]) -> f64 {
    let mut counts = vec![0; 120];
    for five in words.chunks_exact(5) {
        let order = (0..5).fold(0, |order, at| {
            let before = five[..at].iter().filter(|word| **word < five[at]).count();
            order * (at + 1) + before
        });
        counts[order] += 1;
    }
    even(&counts)
}

fn all(mixer: Mixer, length: u64) -> Vec<Score> {
    Part::ALL.into_iter().flat_map(|part| of_row(mixer, part, length)).collect()
}

/// Catches: an even row for a random one, gaps, orders and pairs that luck would not make.
#[test]
fn draws_along_every_part_of_a_key_are_uniform() {
    hold(&all(ours, 100_000));
    catch("a sum of the parts", &all(unmixed, 100_000));
    catch("a mixing by shifts", &all(shifted, 100_000));
}

#[test]
#[ignore = "larger: cargo test --release --test theory generator:: -- --ignored"]
fn draws_along_every_part_of_a_key_larger() {
    hold(&all(ours, 20_000_000));
}
