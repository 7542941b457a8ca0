//! Keyed random draws: every draw is a pure function of what it is for, never of when it is made.
//!
//! `draw = mix(seed, replication, class, entity, purpose, attempt, sub)`. Two policies under
//! one seed therefore meet the same users and the same first fates (common random numbers), and
//! neither the order of events nor the number of threads can change a result. The mixing is
//! SplitMix64 (Steele, Lea, Flood 2014, with the constants of Stafford's variant 13); golden
//! vectors pin it.

use rand::rand_core::{Infallible, TryRng, utils};

/// Odd steps between keys of different rank, so that ranks cannot cancel: the golden ratio
/// (SplitMix64) and two of the R2 and R3 sequences.
const STEP_ENTITY: u64 = 0x9e37_79b9_7f4a_7c15;
const STEP_PURPOSE: u64 = 0xd1b5_4a32_d192_ed03;
const STEP_CLASS: u64 = 0xaef1_7502_b3cf_c371;

/// The finaliser of SplitMix64: a bijection of 64 bits in which every input bit moves every output
/// bit.
#[inline]
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What kind of thing a stream belongs to. Append only: the numbers are part of every result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// A top-up with all that happens to it.
    Journey = 1,
    /// A source of arrivals.
    Arrival = 2,
    /// An incident (maintenance, outage, peak).
    Incident = 3,
    /// Core traffic that shares the pools.
    Core = 4,
    /// An instance of a client or a gateway.
    Instance = 5,
    /// A user's instrument at a bank.
    Instrument = 6,
    /// A desk or pool of the platform.
    Desk = 7,
    /// A parameter whose value is drawn once a replication.
    Parameter = 8,
}

/// A named use of randomness. The model owns an append-only enum of its purposes.
pub trait Purpose: Copy {
    /// The purpose's number, unique within its class and never used again for another purpose.
    fn number(self) -> u8;
}

impl Purpose for u8 {
    #[inline]
    fn number(self) -> u8 {
        self
    }
}

/// The key of one replication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(u64);

impl Seed {
    /// The key of replication number `replication` under `seed`. Any seed is as good as any other,
    /// 0 too.
    pub fn new(seed: u64, replication: u64) -> Self {
        let base = mix(seed.wrapping_add(STEP_ENTITY));
        Seed(mix(base.wrapping_add(replication.wrapping_mul(STEP_PURPOSE))))
    }

    /// The stream of the entity with a number (a journey, an arrival source).
    #[inline]
    pub fn stream(self, class: Class, entity: u64) -> Stream {
        let of_class = self.0.wrapping_add((class as u64).wrapping_mul(STEP_CLASS));
        Stream(mix(mix(of_class).wrapping_add(entity.wrapping_mul(STEP_ENTITY))))
    }

    /// The stream of the entity with a name, so that adding another entity changes nothing for it.
    /// A class names its entities either by number or by name, never both.
    pub fn named(self, class: Class, name: &str) -> Stream {
        self.stream(class, hash(name))
    }
}

/// The key of something by its name, so that its place in a table does not matter: what a stream
/// has to do with it is drawn from [`Stream::about`] it. `kind` keeps kinds of one name apart.
pub fn key_of(kind: &str, name: &str) -> u64 {
    mix(hash(kind).wrapping_mul(STEP_ENTITY).wrapping_add(hash(name)))
}

fn hash(name: &str) -> u64 {
    name.bytes().fold(mix(name.len() as u64), |hash, byte| {
        mix(hash.wrapping_add(STEP_ENTITY).wrapping_add(byte as u64))
    })
}

/// The random stream of one entity: a key from which draws are made, not a state that moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream(u64);

impl Stream {
    /// The draw for one purpose at one attempt; `sub` numbers several of them within the attempt.
    #[inline]
    pub fn draw(self, purpose: impl Purpose, attempt: u16, sub: u8) -> Draw {
        let label = (purpose.number() as u64) << 24 | (attempt as u64) << 8 | sub as u64;
        Draw(mix(self.0.wrapping_add(label.wrapping_mul(STEP_PURPOSE))))
    }

    /// A generator of any length for one purpose at one attempt, for laws that have no table.
    #[inline]
    pub fn rng(self, purpose: impl Purpose, attempt: u16, sub: u8) -> KeyedRng {
        KeyedRng(self.draw(purpose, attempt, sub).bits())
    }

    /// The stream of what this entity has to do with the thing of a key (see [`key_of`]). Key 0 is
    /// nobody's: the stream itself.
    #[inline]
    pub fn about(self, key: u64) -> Stream {
        Stream(self.0.wrapping_add(key))
    }

    /// The stream of a part of this entity (the n-th message of a connection, say).
    #[inline]
    pub fn child(self, number: u64) -> Stream {
        Stream(mix(mix(self.0).wrapping_add(number.wrapping_mul(STEP_ENTITY))))
    }
}

/// 64 random bits in two independent halves: the low one decides, the high one is a quantile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw(u64);

impl Draw {
    /// Does something of probability `threshold` / 2^32 happen? `threshold` is 0 (never) to 2^32
    /// (always).
    #[inline]
    pub fn hits(self, threshold: u64) -> bool {
        (self.0 & 0xffff_ffff) < threshold
    }

    /// The high half, uniform over 0..2^32: the argument of
    /// [`QuantileTable::at`](super::QuantileTable::at).
    #[inline]
    pub fn quantile(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// All 64 bits.
    #[inline]
    pub fn bits(self) -> u64 {
        self.0
    }

    /// A number below `n` (0 if `n` is 0), from all 64 bits by multiplication (Lemire); its bias is
    /// at most `n` / 2^64. It leans on the high half: do not use it beside [`Draw::quantile`].
    #[inline]
    pub fn below(self, n: u64) -> u64 {
        ((self.0 as u128 * n as u128) >> 64) as u64
    }
}

/// SplitMix64 from a key, as a generator of the `rand` crates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedRng(u64);

impl KeyedRng {
    /// The draw `n` places ahead, without moving: `at(0)` is what the next `next_u64` gives.
    #[inline]
    pub fn at(&self, n: u64) -> Draw {
        Draw(mix(self.0.wrapping_add(n.wrapping_add(1).wrapping_mul(STEP_ENTITY))))
    }
}

impl TryRng for KeyedRng {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|bits| (bits >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(STEP_ENTITY);
        Ok(mix(self.0))
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        utils::fill_bytes_via_next_word(dst, || self.try_next_u64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    fn journey(seed: u64, entity: u64) -> Stream {
        Seed::new(seed, 0).stream(Class::Journey, entity)
    }

    /// Standard normal score of a chi-square statistic over equally likely cells.
    fn uniformity(counts: &[u32]) -> f64 {
        let n: f64 = counts.iter().map(|&c| c as f64).sum();
        let expected = n / counts.len() as f64;
        let chi2: f64 = counts.iter().map(|&c| (c as f64 - expected).powi(2) / expected).sum();
        let freedom = counts.len() as f64 - 1.0;
        (chi2 - freedom) / (2.0 * freedom).sqrt()
    }

    /// Correlation of two rows of uniform words, as a standard normal score.
    fn correlation(a: &[f64], b: &[f64]) -> f64 {
        let sum: f64 = a.iter().zip(b).map(|(x, y)| x * y).sum();
        12.0 * sum / (a.len() as f64).sqrt()
    }

    fn centred(word: u32) -> f64 {
        word as f64 / 4_294_967_296.0 - 0.5
    }

    #[test]
    fn golden_vectors_pin_the_mixing() {
        for (seed, expected) in GOLDEN {
            let s = Seed::new(seed, 3);
            let named = s.named(Class::Incident, "weekly maintenance");
            let mut rng = s.stream(Class::Core, 7).rng(9u8, 2, 1);
            let journey = s.stream(Class::Journey, 1_000_000_007);
            let got = [
                journey.draw(0u8, 0, 0).bits(),
                journey.draw(1u8, 0, 0).bits(),
                journey.draw(1u8, 1, 0).bits(),
                journey.draw(1u8, 65_535, 255).bits(),
                journey.draw(255u8, 0, 1).bits(),
                named.draw(0u8, 0, 0).bits(),
                named.child(5).draw(0u8, 0, 0).bits(),
                rng.at(1).bits(),
                rng.next_u64(),
                rng.next_u64(),
            ];
            assert_eq!(got, expected, "seed {seed}: {got:#x?}");
        }
    }

    #[test]
    fn a_draw_hits_never_at_zero_and_always_at_one() {
        for bits in [0, 1, u32::MAX as u64, u64::MAX] {
            assert!(!Draw(bits).hits(0));
            assert!(Draw(bits).hits(1 << 32));
        }
        assert!(Draw(u64::MAX).below(10) == 9 && Draw(0).below(10) == 0 && Draw(77).below(0) == 0);
    }

    #[test]
    fn what_has_a_name_is_met_by_its_kind_and_name() {
        let s = journey(1, 2);
        let luck = |kind, name| s.about(key_of(kind, name)).draw(1u8, 0, 0).bits();
        assert_eq!(luck("channel", "card"), luck("channel", "card"));
        let others = [("channel", "wallet"), ("network", "card"), ("chann", "elcard"), ("", "")];
        assert!(others.iter().all(|&(kind, name)| luck(kind, name) != luck("channel", "card")));
        assert_eq!(s.about(0), s);
    }

    #[test]
    fn distinct_streams_never_collide() {
        let mut all = Vec::with_capacity(8_000_000);
        for entity in 0..1_000 {
            let s = journey(1, entity);
            for attempt in 0..125 {
                for purpose in 0..32u8 {
                    all.push(s.draw(purpose, attempt, 0).bits());
                    all.push(s.draw(purpose, attempt, 1).bits());
                }
            }
        }
        all.sort_unstable();
        // Birthday: 8e6 draws of 64 bits give 1.7e-6 collisions.
        assert!(all.windows(2).all(|w| w[0] != w[1]));
    }

    #[test]
    fn streams_are_pairwise_uncorrelated() {
        let rows: Vec<Vec<f64>> = (0..60)
            .map(|entity| {
                let mut rng = journey(1, entity).rng(3u8, 0, 0);
                (0..40_000).map(|_| centred(rng.next_u32())).collect()
            })
            .collect();
        for a in 0..rows.len() {
            for b in 0..a {
                let z = correlation(&rows[a], &rows[b]);
                assert!(z.abs() < 6.0, "streams {a} and {b}: z = {z}");
            }
        }
    }

    #[test]
    fn neighbouring_seeds_replications_and_purposes_share_nothing() {
        let rows: Vec<Vec<f64>> = [(0, 0), (1, 0), (2, 0), (3, 0), (1, 1), (1, 2), (u64::MAX, 0)]
            .iter()
            .flat_map(|&(seed, replication)| {
                let s = Seed::new(seed, replication);
                [(0u8, 0u16), (1, 0), (1, 1)].map(|(purpose, attempt)| {
                    let draw = |n| s.stream(Class::Journey, n).draw(purpose, attempt, 0);
                    (0..200_000).map(|n| centred(draw(n).quantile())).collect()
                })
            })
            .collect();
        for a in 0..rows.len() {
            for b in 0..a {
                let z = correlation(&rows[a], &rows[b]);
                assert!(z.abs() < 6.0, "rows {a} and {b}: z = {z}");
            }
        }
    }

    #[test]
    fn both_halves_are_uniform_and_independent() {
        let (mut low, mut high) = (vec![0u32; 4096], vec![0u32; 4096]);
        let (mut low_end, mut both) = (vec![0u32; 4096], vec![0u32; 4096]);
        for entity in 0..1_000_000 {
            let bits = journey(5, entity).draw(4u8, 1, 0).bits();
            let (decides, quantile) = (bits as u32, (bits >> 32) as u32);
            low[(decides >> 20) as usize] += 1;
            high[(quantile >> 20) as usize] += 1;
            low_end[(decides & 0xfff) as usize] += 1;
            both[((decides >> 26) << 6 | quantile >> 26) as usize] += 1;
        }
        for (name, counts) in [("low", low), ("high", high), ("low end", low_end), ("both", both)] {
            let z = uniformity(&counts);
            assert!(z.abs() < 6.0, "{name}: z = {z}");
        }
    }

    #[test]
    fn every_input_bit_moves_every_output_bit() {
        // 64 x 64 pairs over 4096 draws each: |z| < 6 for flips with probability one half.
        let flips_by = |moved: &dyn Fn(u64, u32) -> u64| {
            for bit in 0..24 {
                let mut flips = [0u32; 64];
                for n in 0..4096 {
                    let changed = moved(n, u32::MAX) ^ moved(n, bit);
                    for (out, count) in flips.iter_mut().enumerate() {
                        *count += (changed >> out & 1) as u32;
                    }
                }
                for (out, &count) in flips.iter().enumerate() {
                    let z = (count as f64 - 2048.0) / 32.0;
                    assert!(z.abs() < 6.0, "input bit {bit}, output bit {out}: z = {z}");
                }
            }
        };
        let flip = |x: u64, bit: u32| if bit == u32::MAX { x } else { x ^ 1 << bit };
        flips_by(&|n, bit| journey(1, flip(n, bit)).draw(1u8, 0, 0).bits());
        flips_by(&|n, bit| journey(flip(n, bit), 1).draw(1u8, 0, 0).bits());
        flips_by(&|n, bit| {
            let label = flip(0, bit);
            let (purpose, attempt) = ((label >> 16) as u8, label as u16);
            journey(1, n).draw(purpose, attempt, 0).bits()
        });
    }

    /// (seed, ten draws of replication 3): computed by a second, independent
    /// implementation. Never edit: a change here changes every published result.
    const GOLDEN: [(u64, [u64; 10]); 3] = [
        (
            0,
            [
                0x3fb0_5611_477c_a659,
                0xeffc_8d57_c0db_eced,
                0x8709_cb87_bd43_4f97,
                0x49a0_3cff_316f_211c,
                0x5124_2442_08fd_33fd,
                0x025c_1889_bb53_bdd8,
                0x0546_3e38_5c09_5320,
                0xca66_7e7f_9e33_08cc,
                0x4241_cd21_2fc8_3295,
                0xca66_7e7f_9e33_08cc,
            ],
        ),
        (
            1,
            [
                0xe4f4_4b95_e44a_41eb,
                0x179e_b34c_3ba3_1aa8,
                0x0da5_471a_1c4e_f4b8,
                0x2877_ccf4_5885_03d2,
                0x803c_db95_7174_84d9,
                0x7e05_2045_9505_fb4c,
                0x80e3_52fa_69bf_f8c7,
                0x2b4a_6d6e_7e74_36b5,
                0x83c1_ec51_809d_689c,
                0x2b4a_6d6e_7e74_36b5,
            ],
        ),
        (
            20_261_122,
            [
                0x8849_7cb5_a0d0_db34,
                0xfafd_1262_e340_e9ee,
                0x94bc_21e2_75d2_e695,
                0xcea7_0e56_1ae7_9fb2,
                0xda1e_ae99_0c6b_6028,
                0x93a6_b03d_63f2_7ecb,
                0x8fdf_d80b_26d2_3dc7,
                0x3ef6_7b15_7d29_c20a,
                0x86ed_23ef_975e_217a,
                0x3ef6_7b15_7d29_c20a,
            ],
        ),
    ];
}
