//! Rows of draws: one part of the key counts up, the others stand still.

use super::keys::{CLASSES, Key, Mixer};

/// The parts of a key that can count up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Seed,
    Replication,
    Entity,
    /// Purposes have 256 numbers: journey by journey.
    Purpose,
    /// Attempts of one journey and purpose.
    Attempt,
    /// Class by class, for each journey.
    Class,
}

impl Part {
    pub(crate) const ALL: [Part; 6] =
        [Part::Seed, Part::Replication, Part::Entity, Part::Purpose, Part::Attempt, Part::Class];

    /// The n-th key of a row.
    pub(crate) fn key(self, n: u64) -> Key {
        let key = Key::MIDST;
        match self {
            Part::Seed => Key { seed: n, ..key },
            Part::Replication => Key { replication: n, ..key },
            Part::Entity => Key { entity: n, ..key },
            Part::Purpose => Key { purpose: n as u8, entity: n >> 8, ..key },
            Part::Attempt => Key { attempt: n as u16, entity: n >> 16, ..key },
            Part::Class => Key { class: CLASSES[(n % 8) as usize], entity: n >> 3, ..key },
        }
    }

    /// A row of draws.
    pub(crate) fn row(self, mixer: Mixer, length: u64) -> Vec<u64> {
        (0..length).map(|n| mixer(self.key(n))).collect()
    }
}

/// The key with one part moved on by one.
pub(crate) fn next(key: Key, part: Part) -> Key {
    match part {
        Part::Seed => Key { seed: key.seed + 1, ..key },
        Part::Replication => Key { replication: key.replication + 1, ..key },
        Part::Entity => Key { entity: key.entity + 1, ..key },
        Part::Purpose => Key { purpose: key.purpose.wrapping_add(1), ..key },
        Part::Attempt => Key { attempt: key.attempt.wrapping_add(1), ..key },
        Part::Class => {
            let at = CLASSES.iter().position(|class| *class == key.class).unwrap_or(0);
            Key { class: CLASSES[(at + 1) % 8], ..key }
        }
    }
}
