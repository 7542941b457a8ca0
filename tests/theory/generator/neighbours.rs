//! Keys that are neighbours share nothing: correlations, and the number of equal draws.

use super::keys::{CLASSES, Key, Mixer, laid_over, ours, shifting};
use super::rows::{Part, next};
use super::scores::{LIMIT, Score, catch, centred, correlation, hold};

/// Correlations between draws of keys and of their neighbours in each part, and between draws along
/// a part at distances up to 16, for both halves and across them.
fn correlations(mixer: Mixer, length: u64) -> Vec<Score> {
    let mut scores = Vec::new();
    for along in Part::ALL {
        let halves = |key: &dyn Fn(u64) -> Key| -> [Vec<f64>; 2] {
            let bits: Vec<u64> = (0..length).map(|n| mixer(key(n))).collect();
            [32, 0].map(|down| bits.iter().map(|b| centred((b >> down) as u32)).collect())
        };
        let own = halves(&|n| along.key(n));
        for part in Part::ALL {
            let other = halves(&|n| next(along.key(n), part));
            for (a, one) in own.iter().enumerate() {
                for (b, other) in other.iter().enumerate() {
                    let what = format!("halves {a} and {b} along {along:?}, next {part:?}");
                    scores.push((what, correlation(one, other)));
                }
            }
        }
        for distance in 1..=16 {
            let (one, other) = (&own[0], &own[0][distance..]);
            scores.push((format!("distance {distance} along {along:?}"), correlation(one, other)));
            let (one, other) = (&own[1], &own[1][distance..]);
            scores.push((format!("low, {distance} along {along:?}"), correlation(one, other)));
        }
        scores.push((format!("halves of one draw along {along:?}"), correlation(&own[0], &own[1])));
    }
    scores
}

/// Pairs of whole streams: each journey's own row over purposes and attempts.
fn streams(mixer: Mixer, count: u64, length: u64) -> Vec<Score> {
    let row = |entity: u64| -> Vec<f64> {
        let key = |n: u64| Key { entity, purpose: n as u8, attempt: (n >> 8) as u16, ..Key::MIDST };
        (0..length).map(|n| centred((mixer(key(n)) >> 32) as u32)).collect()
    };
    let rows: Vec<Vec<f64>> = (0..count).map(row).collect();
    let mut scores = Vec::new();
    for (a, one) in rows.iter().enumerate() {
        for (b, other) in rows.iter().enumerate().take(a) {
            scores.push((format!("streams {b} and {a}"), correlation(one, other)));
        }
    }
    scores
}

/// Catches: seeds or purposes that are places of one row, so that a neighbour's draw is the next
/// journey's.
#[test]
fn neighbouring_keys_are_not_correlated() {
    hold(&correlations(ours, 50_000));
    catch("a row that seeds and purposes shift", &correlations(shifting, 50_000));
    hold(&streams(ours, 40, 20_000));
    catch("journeys that shift a row", &shifted_streams());
}

/// Streams that are each other's, one draw later.
fn shifted_streams() -> Vec<Score> {
    let row = |start: u64| -> Vec<f64> {
        let bits = |n: u64| shifting(Key { entity: start + n, ..Key::MIDST });
        (0..20_000).map(|n| centred((bits(n) >> 32) as u32)).collect()
    };
    let (one, other) = (row(0), row(1));
    vec![("a row and itself later".to_owned(), correlation(&one[1..], &other))]
}

#[test]
#[ignore = "larger: cargo test --release --test theory generator:: -- --ignored"]
fn neighbouring_keys_larger() {
    hold(&correlations(ours, 5_000_000));
    hold(&streams(ours, 100, 1_000_000));
}

/// Draws of a box of keys: neighbours in every part at once.
fn boxed(mixer: Mixer, entities: u64, purposes: u8) -> Vec<u64> {
    let mut draws = Vec::new();
    for (seed, replication) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (u64::MAX, 0)] {
        for class in CLASSES {
            for entity in 0..entities {
                for purpose in 0..purposes {
                    for (attempt, sub) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (0, 2)] {
                        let key = Key { seed, replication, class, entity, purpose, attempt, sub };
                        draws.push(mixer(key));
                    }
                }
            }
        }
    }
    draws
}

/// Equal ones among all.
fn equal<T: Ord + Copy>(mut draws: Vec<T>) -> u64 {
    draws.sort_unstable();
    draws.windows(2).filter(|two| two[0] == two[1]).count() as u64
}

/// Scores of the number of equal halves, which luck makes n² / 2^33, and whether whole draws ever
/// are (they never should: n² / 2^65).
fn collisions(draws: &[u64]) -> (u64, Vec<Score>) {
    let n = draws.len() as f64;
    let expected = n * (n - 1.0) / 2.0_f64.powi(33);
    let score = |what: &str, down: u32| {
        let count = equal(draws.iter().map(|bits| (bits >> down) as u32).collect());
        (format!("equal {what} halves"), (count as f64 - expected) / expected.sqrt())
    };
    (equal(draws.to_vec()), vec![score("high", 32), score("middle", 16), score("low", 0)])
}

/// Catches: keys that come to the same draw, and halves that meet more or less often than by luck.
#[test]
fn keys_of_a_box_never_collide_and_their_halves_as_often_as_luck_has_it() {
    let (equal, scores) = collisions(&boxed(ours, 100, 64));
    assert_eq!(equal, 0, "two keys have one draw");
    hold(&scores);
    let (equal, scores) = collisions(&boxed(laid_over, 100, 16));
    assert!(equal > 1_000, "parts laid over each other: {equal}");
    catch("parts laid over each other", &scores);
}

/// 10^8 draws of a thousand journeys, an eighth at a time.
#[test]
#[ignore = "larger: cargo test --release --test theory generator:: -- --ignored"]
fn keys_never_collide_larger() {
    for eighth in 0..8 {
        let mut draws = Vec::with_capacity(13_000_000);
        for entity in 0..1_000 {
            for n in 0..100_000_u64 {
                let (purpose, attempt) = (n as u8, (n >> 8) as u16);
                let bits = ours(Key { entity, purpose, attempt, ..Key::MIDST });
                if bits >> 61 == eighth {
                    draws.push(bits);
                }
            }
        }
        assert!((draws.len() as f64 - 12.5e6).abs() < LIMIT * (1e8_f64 * 7.0 / 64.0).sqrt());
        assert_eq!(equal(draws), 0, "two of 10^8 keys have one draw");
    }
}
