//! A hierarchical timing wheel: pending events at a cost that hardly grows with their number.
//!
//! Four levels of 1024 slots; a slot of the lowest level spans 2^17 ns (131 µs) or more, and each
//! level spans one slot of the next, so that the wheel reaches 4.6 years ahead at least. What lies
//! beyond waits in a heap. Entries lie in chunks of one pool, so memory follows the number pending,
//! not the number of slots. The slot in service is a sorted run; whatever arrives for it, or before
//! it, goes to a small heap of late-comers. The order is therefore exact, whatever the span of a
//! slot. (Varghese and Lauck 1987.)

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::Ns;
use super::memory::{prefetch, push};
use super::queue::{Entry, EventQueue};

/// The least span of a slot of the lowest level is 2^17 ns: at half a million events a second some
/// 70 entries, a run that is sorted in cache.
const SLOT_BITS_MIN: u32 = 17;
/// The greatest is 2^27 ns (134 ms): most delays of a top-up under way are longer.
const SLOT_BITS_MAX: u32 = 27;
/// Entries that a slot should hold at most where it can be that short: more are sorted sooner than
/// they are moved down from the level above, but late-comers pass through a heap.
const WANTED_MAX: f64 = 8.0;
/// 1024 slots a level.
const LEVEL_BITS: u32 = 10;
const SLOTS: usize = 1 << LEVEL_BITS;
const LEVELS: usize = 4;
/// Entries a chunk.
const CHUNK: usize = 8;
const NONE: u32 = u32::MAX;

/// The event queue of the engine.
#[derive(Clone, Debug)]
pub struct TimingWheel<E> {
    /// A slot of the lowest level spans 2^`slot_bits` ns.
    slot_bits: u32,
    /// The start of the slot in service.
    now: Ns,
    /// The slot in service, the latest first, so that the next is at the end.
    run: Vec<Entry<E>>,
    late: BinaryHeap<Reverse<Entry<E>>>,
    levels: [Level; LEVELS],
    far: BinaryHeap<Reverse<Entry<E>>>,
    chunks: Chunks<E>,
    len: usize,
}

/// Where an entry belongs, seen from the slot in service.
enum Place {
    InService,
    Slot { level: usize, slot: usize },
    Far,
}

impl<E> Default for TimingWheel<E> {
    /// With slots as short as they get.
    fn default() -> Self {
        Self::of_slots(SLOT_BITS_MIN)
    }
}

impl<E> TimingWheel<E> {
    /// For about so many entries a nanosecond: with few of them slots are long, so that an entry
    /// passes through fewer levels. The order does not depend on it.
    pub fn for_rate(per_ns: f64) -> Self {
        let is_crowded = |bits: &u32| per_ns * (1u64 << bits) as f64 > WANTED_MAX;
        let bits = (SLOT_BITS_MIN..=SLOT_BITS_MAX).rev().find(|bits| !is_crowded(bits));
        Self::of_slots(bits.unwrap_or(SLOT_BITS_MIN))
    }

    fn of_slots(slot_bits: u32) -> Self {
        TimingWheel {
            slot_bits,
            now: 0,
            run: Vec::new(),
            late: BinaryHeap::new(),
            levels: std::array::from_fn(|_| Level::default()),
            far: BinaryHeap::new(),
            chunks: Chunks { entries: Vec::new(), next: Vec::new(), free: NONE },
            len: 0,
        }
    }
}

impl<E: Copy> EventQueue<E> for TimingWheel<E> {
    #[inline]
    fn push(&mut self, entry: Entry<E>) {
        self.len += 1;
        match self.place(entry.at) {
            Place::InService => self.late.push(Reverse(entry)),
            Place::Slot { level, slot } => self.store(level, slot, entry),
            Place::Far => self.far.push(Reverse(entry)),
        }
    }

    #[inline]
    fn pop(&mut self) -> Option<Entry<E>> {
        if self.run.is_empty() && self.late.is_empty() && !self.advance() {
            return None;
        }
        self.len -= 1;
        let Some(Reverse(late)) = self.late.peek() else { return self.run.pop() };
        match self.run.last() {
            Some(next) if next < late => self.run.pop(),
            _ => self.late.pop().map(|Reverse(entry)| entry),
        }
    }

    #[inline]
    fn peek_at(&mut self) -> Option<Ns> {
        if self.run.is_empty() && self.late.is_empty() {
            self.advance();
        }
        let next = self.run.last().map(|entry| entry.at);
        let late = self.late.peek().map(|Reverse(entry)| entry.at);
        match (next, late) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    fn len(&self) -> usize {
        self.len
    }

    /// Looks into the slot in service only.
    #[inline]
    fn ahead(&self, n: usize) -> Option<E> {
        let at = self.run.len().checked_sub(n + 1)?;
        Some(self.run[at].event)
    }
}

impl<E: Copy> TimingWheel<E> {
    #[inline]
    fn place(&self, at: Ns) -> Place {
        let differs = (at ^ self.now) >> self.slot_bits;
        if differs == 0 || at < self.now {
            return Place::InService;
        }
        let level = ((63 - differs.leading_zeros()) / LEVEL_BITS) as usize;
        if level >= LEVELS {
            return Place::Far;
        }
        let slot = (at >> self.slot_shift(level)) as usize % SLOTS;
        Place::Slot { level, slot }
    }

    #[inline]
    fn store(&mut self, level: usize, slot: usize, entry: Entry<E>) {
        let chain = self.levels[level].mark(slot);
        self.chunks.add(chain, entry);
    }

    /// Moves on to the next slot that holds something and brings it into service. False: nothing
    /// pends. Called with nothing in service. All entries of a level lie after `now` and inside one
    /// slot of the level above, so the lowest level in use and its lowest slot are next.
    #[inline(never)]
    fn advance(&mut self) -> bool {
        loop {
            let Some(level) = self.levels.iter().position(Level::in_use) else {
                return self.advance_far();
            };
            let (slot, mut chain) = self.levels[level].take_first();
            let turns = u64::MAX.checked_shl(self.slot_shift(level + 1)).unwrap_or(0);
            self.now = (self.now & turns) | (slot as u64) << self.slot_shift(level);
            while let Some((chunk, entries)) = self.chunks.first(&mut chain) {
                if level == 0 {
                    self.run.extend_from_slice(&self.chunks.entries[entries]);
                } else {
                    for i in entries {
                        self.settle(self.chunks.entries[i]);
                    }
                }
                self.chunks.release(chunk);
            }
            if !self.run.is_empty() {
                self.run.sort_unstable_by(|a, b| b.cmp(a));
                return true;
            }
        }
    }

    /// Turns the whole wheel to the first entry beyond it.
    fn advance_far(&mut self) -> bool {
        let Some(Reverse(first)) = self.far.pop() else { return false };
        self.now = first.at >> self.slot_bits << self.slot_bits;
        self.run.push(first);
        while let Some(&Reverse(next)) = self.far.peek() {
            if matches!(self.place(next.at), Place::Far) {
                break;
            }
            self.far.pop();
            self.settle(next);
        }
        self.run.sort_unstable_by(|a, b| b.cmp(a));
        true
    }

    /// A slot of this level spans 2^`slot_shift` ns.
    #[inline]
    fn slot_shift(&self, level: usize) -> u32 {
        self.slot_bits + LEVEL_BITS * level as u32
    }

    /// Puts an entry where it belongs after `now` has moved; the run is sorted afterwards.
    #[inline]
    fn settle(&mut self, entry: Entry<E>) {
        match self.place(entry.at) {
            Place::InService => self.run.push(entry),
            Place::Slot { level, slot } => self.store(level, slot, entry),
            Place::Far => self.far.push(Reverse(entry)),
        }
    }
}

/// The entries of a slot: a chain of chunks, of which only the first may have room.
#[derive(Clone, Copy, Debug)]
struct Chain {
    first: u32,
    len: u32,
}

const EMPTY: Chain = Chain { first: NONE, len: 0 };

/// 1024 slots and two levels of bits that say which of them hold something.
#[derive(Clone, Debug)]
struct Level {
    slots: Box<[Chain; SLOTS]>,
    used: [u64; SLOTS / 64],
    summary: u16,
}

impl Default for Level {
    fn default() -> Self {
        Level { slots: Box::new([EMPTY; SLOTS]), used: [0; SLOTS / 64], summary: 0 }
    }
}

impl Level {
    #[inline]
    fn in_use(&self) -> bool {
        self.summary != 0
    }

    /// The slot's chain, noted as in use.
    #[inline]
    fn mark(&mut self, slot: usize) -> &mut Chain {
        self.used[slot / 64] |= 1 << (slot % 64);
        self.summary |= 1 << (slot / 64);
        &mut self.slots[slot]
    }

    /// Empties the lowest slot in use.
    fn take_first(&mut self) -> (usize, Chain) {
        let word = self.summary.trailing_zeros() as usize;
        let slot = word * 64 + self.used[word].trailing_zeros() as usize;
        self.used[word] &= self.used[word] - 1;
        if self.used[word] == 0 {
            self.summary &= !(1 << word);
        }
        (slot, std::mem::replace(&mut self.slots[slot], EMPTY))
    }
}

/// The pool of chunks that all slots share.
#[derive(Clone, Debug)]
struct Chunks<E> {
    entries: Vec<Entry<E>>,
    /// The next chunk of the same chain, or of the free ones.
    next: Vec<u32>,
    free: u32,
}

impl<E: Copy> Chunks<E> {
    #[inline]
    fn add(&mut self, chain: &mut Chain, entry: Entry<E>) {
        let used = chain.len as usize % CHUNK;
        if used == 0 {
            let chunk = self.chunk(entry);
            self.next[chunk as usize] = chain.first;
            chain.first = chunk;
        }
        chain.len += 1;
        self.entries[chain.first as usize * CHUNK + used] = entry;
    }

    /// A free chunk, or a new one; `filler` fills its places until they are used.
    #[inline]
    fn chunk(&mut self, filler: Entry<E>) -> u32 {
        if self.free != NONE {
            let chunk = self.free;
            self.free = self.next[chunk as usize];
            return chunk;
        }
        for _ in 0..CHUNK {
            push(&mut self.entries, filler);
        }
        self.next.push(NONE);
        (self.next.len() - 1) as u32
    }

    /// Takes the first chunk off a chain: its number and where its entries lie.
    #[inline]
    fn first(&self, chain: &mut Chain) -> Option<(u32, Range<usize>)> {
        if chain.len == 0 {
            return None;
        }
        let (chunk, len) = (chain.first, (chain.len as usize - 1) % CHUNK + 1);
        *chain = Chain { first: self.next[chunk as usize], len: chain.len - len as u32 };
        if chain.len > 0 {
            let next = chain.first as usize * CHUNK;
            prefetch(&self.entries[next..next + CHUNK]);
        }
        let start = chunk as usize * CHUNK;
        Some((chunk, start..start + len))
    }

    #[inline]
    fn release(&mut self, chunk: u32) {
        self.next[chunk as usize] = self.free;
        self.free = chunk;
    }
}

#[cfg(test)]
mod tests {
    use super::super::queue::HeapQueue;
    use super::super::{Class, Seed};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn of_entries_at_one_instant_the_least_tie_comes_first() {
        let (mut wheel, mut heap) = (TimingWheel::default(), HeapQueue::default());
        for tie in [3, 1, u64::MAX, 2, 0] {
            wheel.push(Entry { at: 7, tie, event: tie });
            heap.push(Entry { at: 7, tie, event: tie });
        }
        let of = |queue: &mut dyn FnMut() -> Option<Entry<u64>>| -> Vec<u64> {
            std::iter::from_fn(queue).map(|entry| entry.tie).collect()
        };
        assert_eq!(of(&mut || wheel.pop()), [0, 1, 2, 3, u64::MAX]);
        assert_eq!(of(&mut || heap.pop()), [0, 1, 2, 3, u64::MAX]);
    }

    /// What a test does to both queues.
    #[derive(Clone, Copy, Debug)]
    enum Act {
        /// Pushes so far after (or before) the last entry popped.
        Push(i64),
        /// Pushes so many at one instant.
        Burst(i64, u8),
        Pop(u8),
        Peek,
    }

    /// Distances of every scale that the wheel treats differently.
    fn distance() -> impl Strategy<Value = i64> {
        prop_oneof![
            Just(0),
            -500_000i64..500_000,
            0i64..1 << 28,
            (0i64..64).prop_map(|slot| slot << 17),
            (0i64..64).prop_map(|slot| (slot << 27) - 1),
            0i64..1 << 40,
            0i64..1 << 59,
        ]
    }

    fn act() -> impl Strategy<Value = Act> {
        prop_oneof![
            4 => distance().prop_map(Act::Push),
            1 => (distance(), any::<u8>()).prop_map(|(d, n)| Act::Burst(d, n)),
            3 => any::<u8>().prop_map(|n| Act::Pop(n / 8)),
            1 => Just(Act::Peek),
        ]
    }

    /// The wheel and its oracle, driven alike. Ties are scrambled, so that order is not that of
    /// pushes.
    #[derive(Default)]
    struct Twins {
        wheel: TimingWheel<u32>,
        heap: HeapQueue<u32>,
        now: Ns,
        pushed: u32,
    }

    impl Twins {
        fn push(&mut self, distance: i64) {
            self.pushed += 1;
            let at = self.now.saturating_add_signed(distance);
            let tie = super::super::mix(self.pushed as u64);
            let entry = Entry { at, tie, event: self.pushed };
            self.wheel.push(entry);
            self.heap.push(entry);
        }

        fn pop(&mut self) -> bool {
            let guess = self.wheel.ahead(0);
            let known = self.wheel.late.is_empty();
            let (got, want) = (self.wheel.pop(), self.heap.pop());
            let parts = |entry: Option<Entry<u32>>| entry.map(|e| (e.at, e.tie, e.event));
            assert_eq!(parts(got), parts(want));
            assert_eq!(self.wheel.len(), self.heap.len());
            if let (Some(guess), Some(got), true) = (guess, got, known) {
                assert_eq!(guess, got.event, "without late-comers the guess is right");
            }
            self.now = want.map_or(self.now, |entry| entry.at);
            want.is_some()
        }

        fn act(&mut self, act: Act) {
            match act {
                Act::Push(distance) => self.push(distance),
                Act::Burst(distance, n) => (0..n).for_each(|_| self.push(distance)),
                Act::Pop(n) => (0..n).for_each(|_| _ = self.pop()),
                Act::Peek => assert_eq!(self.wheel.peek_at(), self.heap.peek_at()),
            }
        }
    }

    proptest! {
        #[test]
        fn the_wheel_gives_the_order_of_the_heap(
            slot_bits in SLOT_BITS_MIN..=SLOT_BITS_MAX,
            acts in prop::collection::vec(act(), 1..200),
        ) {
            let wheel = TimingWheel::of_slots(slot_bits);
            let mut twins = Twins { wheel, ..Twins::default() };
            acts.into_iter().for_each(|act| twins.act(act));
            while twins.pop() {}
        }
    }

    #[test]
    fn a_steady_load_keeps_the_order_and_the_memory() {
        let mut twins = Twins::default();
        let mut rng = Seed::new(1, 0).stream(Class::Journey, 0).rng(0u8, 0, 0);
        let mut next = || rand::Rng::next_u64(&mut rng) >> 34;
        (0..20_000).for_each(|_| twins.push(next() as i64));
        for _ in 0..300_000 {
            twins.pop();
            twins.push(next() as i64);
        }
        let room = twins.wheel.chunks.entries.len();
        assert!(room < 20_000 * 2 + 3 * SLOTS * CHUNK, "room for {room} entries");
        while twins.pop() {}
        assert!(twins.wheel.is_empty());
    }

    #[test]
    fn slots_are_as_long_as_their_entries_are_few() {
        let bits = |per_second: f64| TimingWheel::<u8>::for_rate(per_second / 1e9).slot_bits;
        assert_eq!([0.0, 10.0, 50.0].map(bits), [SLOT_BITS_MAX; 3]);
        assert_eq!([100.0, 1e3, 1e4].map(bits), [26, 22, 19]);
        assert_eq!([5e5, 1e9].map(bits), [SLOT_BITS_MIN; 2]);
    }

    #[test]
    fn the_end_of_time_is_a_legal_instant() {
        for slot_bits in SLOT_BITS_MIN..=SLOT_BITS_MAX {
            let mut wheel = TimingWheel::<u8>::of_slots(slot_bits);
            for (at, event) in [(u64::MAX, 3), (0, 1), (1 << 63, 2)] {
                wheel.push(Entry { at, tie: 0, event });
            }
            let order = std::iter::from_fn(|| wheel.pop()).map(|entry| entry.event);
            assert_eq!(order.collect::<Vec<u8>>(), [1, 2, 3]);
            assert_eq!(wheel.peek_at(), None);
        }
    }
}
