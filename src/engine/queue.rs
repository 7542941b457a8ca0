//! The queue of pending events: a total order of (time, tie), whatever structure holds it.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::Ns;

/// A pending event. The order is (`at`, `tie`), and no two pending entries may share both: then
/// what is served next depends on the model alone, never on the queue.
#[derive(Clone, Copy, Debug)]
pub struct Entry<E> {
    /// When it is due.
    pub at: Ns,
    /// Its place among entries of the same instant: class, entity, step, attempt, sub-number.
    pub tie: u64,
    /// What happens.
    pub event: E,
}

impl<E> Entry<E> {
    /// The key of the order, in one comparison.
    #[inline]
    pub(super) fn key(&self) -> u128 {
        (self.at as u128) << 64 | self.tie as u128
    }
}

impl<E> PartialEq for Entry<E> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// A set of pending events that gives back the least first. Entries earlier than one already popped
/// are legal: they come next.
pub trait EventQueue<E: Copy>: Default {
    /// Adds an entry.
    fn push(&mut self, entry: Entry<E>);

    /// Takes the least entry.
    fn pop(&mut self) -> Option<Entry<E>>;

    /// When the least entry is due. It may reorganise, so that the next `pop` finds it at hand.
    fn peek_at(&mut self) -> Option<Ns>;

    /// Pending entries.
    fn len(&self) -> usize;

    /// Is nothing pending?
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A guess at the event `n` places ahead (0: the next), to touch its record early. None is
    /// always a legal answer, and results cannot depend on it.
    fn ahead(&self, n: usize) -> Option<E>;
}

/// A binary heap: slow when large, and simple enough to be the oracle of the others.
#[derive(Clone, Debug)]
pub struct HeapQueue<E>(BinaryHeap<Reverse<Entry<E>>>);

impl<E> Default for HeapQueue<E> {
    fn default() -> Self {
        HeapQueue(BinaryHeap::new())
    }
}

impl<E: Copy> EventQueue<E> for HeapQueue<E> {
    fn push(&mut self, entry: Entry<E>) {
        self.0.push(Reverse(entry));
    }

    fn pop(&mut self) -> Option<Entry<E>> {
        self.0.pop().map(|Reverse(entry)| entry)
    }

    fn peek_at(&mut self) -> Option<Ns> {
        self.0.peek().map(|Reverse(entry)| entry.at)
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn ahead(&self, _: usize) -> Option<E> {
        None
    }
}
