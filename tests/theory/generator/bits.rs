//! Every bit of a draw is a fair coin, whatever stands before and beside it: counts, pairs, ranks,
//! and what one bit of the key changes.

use super::keys::{Key, Mixer, leaning, ours, shifted, unmixed};
use super::rows::Part;
use super::scores::{Score, catch, chi_square, hits, hold};

/// Ones of each bit, and how often each two bits of a draw, or of a draw and the next one, agree.
fn coins(mixer: Mixer, part: Part, length: u64) -> Vec<Score> {
    let row = part.row(mixer, length);
    let mut scores = Vec::new();
    // 64 draws at a time turned on their side: bit by bit, a word of 64 draws
    let sides: Vec<[u64; 64]> = row.chunks_exact(64).map(turned).collect();
    let n = 64 * sides.len() as u64;
    for i in 0..64 {
        let ones = sides.iter().map(|side| u64::from(side[i].count_ones())).sum();
        scores.push((format!("bit {i} along {part:?}"), hits(ones, n, 0.5)));
        for j in 0..i {
            let unlike = sides.iter().map(|side| u64::from((side[i] ^ side[j]).count_ones())).sum();
            scores.push((format!("bits {j} and {i} along {part:?}"), hits(unlike, n, 0.5)));
        }
        for j in 0..64 {
            // within each 64 draws a draw and the one after it
            let later = |side: &[u64; 64]| (side[i] ^ side[j] >> 1) & (u64::MAX >> 1);
            let unlike = sides.iter().map(|side| u64::from(later(side).count_ones())).sum();
            let what = format!("bit {i} and the next draw's {j} along {part:?}");
            scores.push((what, hits(unlike, n / 64 * 63, 0.5)));
        }
    }
    scores
}

/// Bit i of word n becomes bit n of word i.
fn turned(draws: &[u64]) -> [u64; 64] {
    let mut side = [0; 64];
    for (n, bits) in draws.iter().enumerate() {
        for (i, word) in side.iter_mut().enumerate() {
            *word |= (bits >> i & 1) << n;
        }
    }
    side
}

/// Ranks of matrices of 64 draws over the field of two elements (Marsaglia and Tsay 1985): full in
/// 28.9 %, one less in 57.8 %, less yet in 13.4 %.
fn ranks(mixer: Mixer, part: Part, matrices: u64) -> Score {
    let mut counts = [0; 3];
    for chunk in part.row(mixer, 64 * matrices).chunks_exact(64) {
        counts[(64 - rank(chunk)).min(2)] += 1;
    }
    let full: f64 = (1..=64).map(|i| 1.0 - 0.5_f64.powi(i)).product();
    // of large matrices twice as many miss one of full rank as miss none
    let shares = [full, 2.0 * full, 1.0 - 3.0 * full];
    (format!("ranks along {part:?}"), chi_square(&counts, |at| shares[at] * matrices as f64))
}

fn rank(rows: &[u64]) -> usize {
    let mut rows = rows.to_vec();
    let mut rank = 0;
    for bit in 0..64 {
        let Some(at) = rows[rank..].iter().position(|row| row >> bit & 1 == 1) else { continue };
        rows.swap(rank, rank + at);
        let pivot = rows[rank];
        rows[rank + 1..]
            .iter_mut()
            .filter(|row| **row >> bit & 1 == 1)
            .for_each(|row| *row ^= pivot);
        rank += 1;
    }
    rank
}

/// How often a bit of the draw changes with one bit of a part of the key.
fn changes(mixer: Mixer, keys: u64) -> Vec<Score> {
    type Moved = fn(Key, u32) -> Key;
    let parts: [(&str, u32, Moved); 5] = [
        ("seed", 64, |key, bit| Key { seed: key.seed ^ 1 << bit, ..key }),
        ("replication", 32, |key, bit| Key { replication: key.replication ^ 1 << bit, ..key }),
        ("entity", 64, |key, bit| Key { entity: key.entity ^ 1 << bit, ..key }),
        ("purpose", 8, |key, bit| Key { purpose: key.purpose ^ 1 << bit, ..key }),
        ("attempt", 16, |key, bit| Key { attempt: key.attempt ^ 1 << bit, ..key }),
    ];
    let mut scores = Vec::new();
    for (name, width, moved) in parts {
        for bit in 0..width {
            let mut counts = [0; 64];
            for n in 0..keys {
                let key = Part::Entity.key(n);
                let changed = mixer(key) ^ mixer(moved(key, bit));
                counts.iter_mut().enumerate().for_each(|(i, count)| *count += changed >> i & 1);
            }
            scores.extend(counts.iter().enumerate().map(|(i, &count)| {
                (format!("bit {bit} of the {name} on bit {i}"), hits(count, keys, 0.5))
            }));
        }
    }
    scores
}

/// Catches: a bit that leans, bits that go together, a draw that says something about the next.
#[test]
fn bits_are_fair_coins() {
    for part in Part::ALL {
        hold(&coins(ours, part, 64_000));
    }
    catch("a bit that is 1 in 52 % of draws", &coins(leaning, Part::Entity, 64_000));
    catch("a sum of the parts", &coins(unmixed, Part::Entity, 64_000));
}

/// Catches: mixing that is linear in the bits of the key.
#[test]
fn matrices_of_bits_have_the_ranks_of_luck() {
    for part in Part::ALL {
        hold(&[ranks(ours, part, 1_000)]);
    }
    catch("a mixing by shifts", &[ranks(shifted, Part::Entity, 1_000)]);
}

/// Catches: a bit of a key that reaches only some bits of the draw.
#[test]
fn one_bit_of_a_key_changes_half_of_the_draw() {
    hold(&changes(ours, 4_096));
    catch("a sum of the parts", &changes(unmixed, 4_096));
}

#[test]
#[ignore = "larger: cargo test --release --test theory generator:: -- --ignored"]
fn bits_larger() {
    for part in Part::ALL {
        hold(&coins(ours, part, 6_400_000));
        hold(&[ranks(ours, part, 100_000)]);
    }
    hold(&changes(ours, 200_000));
}
