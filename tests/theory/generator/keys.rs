//! Keys of draws, the generator that is tested, and worse ones that every test must catch.

use topup_sim::engine::{Class, Seed, mix};

/// All that a draw is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(crate) seed: u64,
    pub(crate) replication: u64,
    pub(crate) class: Class,
    pub(crate) entity: u64,
    pub(crate) purpose: u8,
    pub(crate) attempt: u16,
    pub(crate) sub: u8,
}

impl Key {
    /// A key in the midst of others.
    pub(crate) const MIDST: Key = Key {
        seed: 1,
        replication: 3,
        class: Class::Journey,
        entity: 1_000,
        purpose: 12,
        attempt: 1,
        sub: 0,
    };
}

/// All classes, in the order of their numbers.
pub(crate) const CLASSES: [Class; 8] = [
    Class::Journey,
    Class::Arrival,
    Class::Incident,
    Class::Core,
    Class::Instance,
    Class::Instrument,
    Class::Desk,
    Class::Parameter,
];

/// 64 bits for a key.
pub(crate) type Mixer = fn(Key) -> u64;

/// The generator of the simulation.
pub(crate) fn ours(key: Key) -> u64 {
    let stream = Seed::new(key.seed, key.replication).stream(key.class, key.entity);
    stream.draw(key.purpose, key.attempt, key.sub).bits()
}

/// The parts of a key as one sum of odd multiples: all that is right but the mixing.
fn sum(key: Key) -> u64 {
    let label = u64::from(key.purpose) << 24 | u64::from(key.attempt) << 8 | u64::from(key.sub);
    key.seed
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(key.replication.wrapping_mul(0xd1b5_4a32_d192_ed03))
        .wrapping_add((key.class as u64).wrapping_mul(0xaef1_7502_b3cf_c371))
        .wrapping_add(key.entity.wrapping_mul(0x8cb9_2ba7_2f3d_8dd7))
        .wrapping_add(label.wrapping_mul(0x9e6c_63d0_676a_9a99))
}

/// Control: the sum itself, evener than luck along every part of a key.
pub(crate) fn unmixed(key: Key) -> u64 {
    sum(key)
}

/// Control: parts laid over each other before a good mixing, so that different keys are one.
pub(crate) fn laid_over(key: Key) -> u64 {
    let label = u64::from(key.purpose) ^ u64::from(key.attempt) ^ u64::from(key.sub);
    mix(mix(key.seed ^ key.replication ^ key.entity ^ label).wrapping_add(key.class as u64))
}

/// Control: a mixing by shifts alone, linear in the bits of the key.
pub(crate) fn shifted(key: Key) -> u64 {
    let mut z = key.entity ^ key.seed << 40 ^ u64::from(key.purpose) << 24;
    z ^= u64::from(key.attempt) << 13 ^ key.replication << 50 ^ (key.class as u64) << 34;
    z = z.wrapping_add(1);
    for _ in 0..3 {
        z ^= z << 13;
        z ^= z >> 7;
        z ^= z << 17;
    }
    z
}

/// Control: the seed and the purpose only shift the draws of one stream along it.
pub(crate) fn shifting(key: Key) -> u64 {
    let label = u64::from(key.purpose) + u64::from(key.attempt) + u64::from(key.sub);
    let step = 0x9e37_79b9_7f4a_7c15_u64;
    let place = key.seed + key.replication + key.entity + label + key.class as u64;
    mix(place.wrapping_mul(step))
}

/// Control: a good draw, of which one bit in 64 is a little too often 1.
pub(crate) fn leaning(key: Key) -> u64 {
    let bits = ours(key);
    let other = ours(Key { sub: key.sub.wrapping_add(77), ..key });
    bits | u64::from(other.is_multiple_of(25)) << 37
}
