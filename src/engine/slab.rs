//! A pool of records found by number: places are used again, the live and the peak number are
//! known.

use super::memory::{prefetch, push};

/// Records in one block of memory. A place that was freed is the next to be used.
#[derive(Clone, Debug)]
pub struct Slab<T> {
    records: Vec<T>,
    free: Vec<u32>,
    /// One bit a place: is it in use?
    live_bits: Vec<u64>,
    peak: usize,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Slab { records: Vec::new(), free: Vec::new(), live_bits: Vec::new(), peak: 0 }
    }
}

impl<T> Slab<T> {
    /// Stores a record and gives its number.
    #[inline]
    pub fn insert(&mut self, record: T) -> u32 {
        let index = match self.free.pop() {
            Some(index) => {
                self.records[index as usize] = record;
                index
            }
            None => {
                push(&mut self.records, record);
                if self.records.len() > self.live_bits.len() * 64 {
                    self.live_bits.push(0);
                }
                u32::try_from(self.records.len() - 1).expect("fewer than 2^32 records are live")
            }
        };
        self.live_bits[index as usize / 64] |= 1 << (index % 64);
        self.peak = self.peak.max(self.live());
        index
    }

    /// Frees a place. The record stays in memory until the place is used again.
    #[inline]
    pub fn remove(&mut self, index: u32) {
        assert!(self.contains(index), "record {index} is removed while it is live");
        self.live_bits[index as usize / 64] &= !(1 << (index % 64));
        self.free.push(index);
    }

    /// Is there a live record of this number?
    #[inline]
    pub fn contains(&self, index: u32) -> bool {
        let word = self.live_bits.get(index as usize / 64);
        word.is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// Hints that the record of this number, live or not, is needed soon.
    #[inline]
    pub fn prefetch(&self, index: u32) {
        if let Some(record) = self.records.get(index as usize) {
            prefetch(record);
        }
    }

    /// Live records.
    #[inline]
    pub fn live(&self) -> usize {
        self.records.len() - self.free.len()
    }

    /// The most records that were ever live at once.
    pub fn peak(&self) -> usize {
        self.peak
    }

    /// The numbers of the live records, ascending.
    pub fn indices(&self) -> impl Iterator<Item = u32> {
        (0..self.records.len() as u32).filter(|&index| self.contains(index))
    }
}

impl<T> std::ops::Index<u32> for Slab<T> {
    type Output = T;

    #[inline]
    fn index(&self, index: u32) -> &T {
        debug_assert!(self.contains(index), "record {index} is read while it is live");
        &self.records[index as usize]
    }
}

impl<T> std::ops::IndexMut<u32> for Slab<T> {
    #[inline]
    fn index_mut(&mut self, index: u32) -> &mut T {
        debug_assert!(self.contains(index), "record {index} is changed while it is live");
        &mut self.records[index as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_used_again_and_counted() {
        let mut slab = Slab::default();
        let numbers: Vec<u32> = (0..200).map(|value| slab.insert(value)).collect();
        (0..200).step_by(2).for_each(|i| slab.remove(numbers[i]));
        assert_eq!((slab.live(), slab.peak()), (100, 200));
        let again = slab.insert(-1);
        assert!(again < 200 && slab[again] == -1 && slab[numbers[1]] == 1);
        assert_eq!(slab.indices().count(), 101);
        assert!(slab.indices().all(|i| i == again || i % 2 == 1));
        slab[again] = 7;
        assert_eq!(slab[again], 7);
        slab.prefetch(again);
        slab.prefetch(1_000);
        assert!(!slab.contains(1_000));
    }

    #[test]
    #[should_panic(expected = "removed while it is live")]
    fn a_record_is_removed_once() {
        let mut slab = Slab::default();
        let index = slab.insert(());
        slab.remove(index);
        slab.remove(index);
    }
}
