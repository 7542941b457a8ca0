//! What few records need beside themselves, found by the number of the record.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A map of record numbers in which most of them have nothing: a bit each says whether a number may
/// have something, so that asking for what is not there is as good as free.
#[derive(Clone, Debug)]
pub struct SideTable<T> {
    values: BTreeMap<u32, T>,
    may_have: Vec<u64>,
}

impl<T> Default for SideTable<T> {
    fn default() -> Self {
        SideTable { values: BTreeMap::new(), may_have: Vec::new() }
    }
}

impl<T> SideTable<T> {
    /// What a number has.
    #[inline]
    pub fn get(&self, number: &u32) -> Option<&T> {
        if self.may_have(*number) { self.values.get(number) } else { None }
    }

    /// What a number has, to be changed.
    #[inline]
    pub fn get_mut(&mut self, number: &u32) -> Option<&mut T> {
        if self.may_have(*number) { self.values.get_mut(number) } else { None }
    }

    /// The place of a number, as that of a map.
    pub fn entry(&mut self, number: u32) -> Entry<'_, u32, T> {
        self.note(number);
        self.values.entry(number)
    }

    /// Gives a number something; gives back what it had.
    pub fn insert(&mut self, number: u32, value: T) -> Option<T> {
        self.note(number);
        self.values.insert(number, value)
    }

    /// Takes what a number has.
    #[inline]
    pub fn remove(&mut self, number: &u32) -> Option<T> {
        if !self.may_have(*number) {
            return None;
        }
        self.may_have[*number as usize / 64] &= !(1 << (number % 64));
        self.values.remove(number)
    }

    /// Does no number have anything?
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    #[inline]
    fn may_have(&self, number: u32) -> bool {
        let word = self.may_have.get(number as usize / 64);
        word.is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    fn note(&mut self, number: u32) {
        let word = number as usize / 64;
        if word >= self.may_have.len() {
            self.may_have.resize(word + 1, 0);
        }
        self.may_have[word] |= 1 << (number % 64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_side_table_is_a_map(acts in prop::collection::vec((0u8..5, 0u32..200), 1..300)) {
            let (mut table, mut map) = (SideTable::default(), BTreeMap::new());
            for (value, (act, number)) in acts.into_iter().enumerate() {
                match act {
                    0 => prop_assert_eq!(table.insert(number, value), map.insert(number, value)),
                    1 => {
                        *table.entry(number).or_insert(0) += value;
                        *map.entry(number).or_insert(0) += value;
                    }
                    2 => prop_assert_eq!(table.get_mut(&number), map.get_mut(&number)),
                    _ => prop_assert_eq!(table.remove(&number), map.remove(&number)),
                }
                prop_assert_eq!(table.get(&number), map.get(&number));
                prop_assert_eq!(table.is_empty(), map.is_empty());
            }
        }
    }
}
