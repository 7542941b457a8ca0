//! The calendar of one journey: its few next steps, in order, inside the journey's own record.

use super::Ns;

/// A step that is due: 16 bytes. The order is (`at`, `tag`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// When.
    pub at: Ns,
    /// Which: step, attempt and sub-number, see [`Due::new`].
    pub tag: u32,
    /// The payload in 31 bits, and the mark of a step that the global queue has an entry of.
    note: u32,
}

/// The mark of [`Calendar::mark_next`].
const QUEUED: u32 = 1 << 31;
/// Payloads are below this.
const PAYLOAD_END: u32 = QUEUED;

impl Due {
    /// Packs `tag` = `step` << 24 | `attempt` << 16 | `sub`, the order of steps at one instant.
    #[inline]
    pub fn new(at: Ns, step: u8, attempt: u8, sub: u16, payload: u32) -> Self {
        debug_assert!(payload < PAYLOAD_END, "a payload has 31 bits");
        Due { at, tag: Self::tag(step, attempt, sub), note: payload }
    }

    /// The tag of a step.
    #[inline]
    pub const fn tag(step: u8, attempt: u8, sub: u16) -> u32 {
        (step as u32) << 24 | (attempt as u32) << 16 | sub as u32
    }

    /// The step's number.
    #[inline]
    pub fn step(self) -> u8 {
        (self.tag >> 24) as u8
    }

    /// The attempt it belongs to.
    #[inline]
    pub fn attempt(self) -> u8 {
        (self.tag >> 16) as u8
    }

    /// The sub-number within the attempt.
    #[inline]
    pub fn sub(self) -> u16 {
        self.tag as u16
    }

    /// What the step needs to know; the model's own.
    #[inline]
    pub fn payload(self) -> u32 {
        self.note & !QUEUED
    }

    /// Whether the global queue has an entry of this step.
    #[inline]
    pub fn is_queued(self) -> bool {
        self.note & QUEUED != 0
    }

    #[inline]
    fn before(&self, other: &Due) -> bool {
        (self.at, self.tag) < (other.at, other.tag)
    }
}

/// Up to `N` steps in order, with room for more elsewhere: what does not fit is handed to the
/// caller (*spilled*), who keeps it and gives it back through [`Calendar::refill`]. Whatever is
/// kept is due before whatever is spilled, so that `next` is right at all times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar<const N: usize> {
    /// The latest first: the next is the last of `len`.
    kept: [Due; N],
    spilled: u16,
    len: u8,
}

impl<const N: usize> Default for Calendar<N> {
    fn default() -> Self {
        const { assert!(N > 0 && N < 256) };
        Calendar { kept: [Due { at: 0, tag: 0, note: 0 }; N], spilled: 0, len: 0 }
    }
}

impl<const N: usize> Calendar<N> {
    /// Adds a step. If there is no room, gives back the latest, which the caller keeps as spilled.
    #[inline]
    pub fn add(&mut self, due: Due) -> Option<Due> {
        let mut len = self.len as usize;
        let latest = len == 0 || self.kept[0].before(&due);
        if latest && (self.spilled > 0 || len == N) {
            self.spilled += 1;
            return Some(due);
        }
        let mut spilled = None;
        if len == N {
            spilled = Some(self.kept[0]);
            self.spilled += 1;
            self.kept.copy_within(1.., 0);
            len -= 1;
        }
        let mut place = len;
        while place > 0 && self.kept[place - 1].before(&due) {
            self.kept[place] = self.kept[place - 1];
            place -= 1;
        }
        self.kept[place] = due;
        self.len = len as u8 + 1;
        spilled
    }

    /// The next step. None also when all that is left is spilled: see [`Calendar::wants_refill`].
    #[inline]
    pub fn next(&self) -> Option<Due> {
        let last = (self.len as usize).checked_sub(1)?;
        Some(self.kept[last])
    }

    /// Notes that the global queue has an entry of the next step, so that it gets no second one.
    #[inline]
    pub fn mark_next(&mut self) {
        if let Some(last) = (self.len as usize).checked_sub(1) {
            self.kept[last].note |= QUEUED;
        }
    }

    /// Takes the next step.
    #[inline]
    pub fn pop(&mut self) -> Option<Due> {
        let next = self.next()?;
        self.len -= 1;
        Some(next)
    }

    /// Takes out the earliest kept step that `is_it`. A timer that lost its race is removed, not
    /// left to go stale. None: it was spilled, if anywhere; see [`Calendar::remove_spilled`].
    #[inline]
    pub fn remove(&mut self, is_it: impl Fn(&Due) -> bool) -> Option<Due> {
        let len = self.len as usize;
        let place = self.kept[..len].iter().rposition(is_it)?;
        let removed = self.kept[place];
        self.kept.copy_within(place + 1..len, place);
        self.len -= 1;
        Some(removed)
    }

    /// Takes out the first of the spilled steps that `is_it` from the list the caller keeps.
    pub fn remove_spilled(
        &mut self,
        spilled: &mut Vec<Due>,
        is_it: impl Fn(&Due) -> bool,
    ) -> Option<Due> {
        let place = spilled.iter().position(is_it)?;
        self.spilled -= 1;
        Some(spilled.swap_remove(place))
    }

    /// Is everything kept used up while spilled steps are left?
    #[inline]
    pub fn wants_refill(&self) -> bool {
        self.len == 0 && self.spilled > 0
    }

    /// Takes the earliest of the spilled steps back, as many as find room; the rest stays in the
    /// list.
    pub fn refill(&mut self, spilled: &mut Vec<Due>) {
        assert_eq!(self.spilled as usize, spilled.len(), "all that was spilled comes back");
        spilled.sort_unstable_by(|a, b| b.cmp(a));
        // Add only hands back what is later than all kept, which the earliest of the rest never is
        // here.
        self.spilled = 0;
        while (self.len as usize) < N
            && let Some(due) = spilled.pop()
        {
            self.add(due);
        }
        self.spilled = spilled.len() as u16;
    }

    /// The steps that are kept, in no promised order.
    pub fn iter(&self) -> impl Iterator<Item = &Due> {
        self.kept[..self.len as usize].iter()
    }

    /// Steps, spilled ones among them.
    #[inline]
    pub fn len(&self) -> usize {
        self.len as usize + self.spilled as usize
    }

    /// Is nothing due, not even a spilled step?
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0 && self.spilled == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const _: () = assert!(size_of::<Due>() == 16);
    const _: () = assert!(size_of::<Calendar<5>>() == 88);

    #[test]
    fn a_tag_orders_by_step_then_attempt_then_sub() {
        let tags = [(1, 255, 65_535), (2, 0, 65_535), (2, 1, 0), (2, 1, 1)];
        assert!(tags.map(|(step, attempt, sub)| Due::tag(step, attempt, sub)).is_sorted());
        let due = Due::new(5, 7, 200, 65_000, 9);
        assert_eq!((due.step(), due.attempt(), due.sub()), (7, 200, 65_000));
    }

    #[test]
    fn the_mark_of_a_queued_step_goes_with_it() {
        let mut calendar = Calendar::<2>::default();
        calendar.add(Due::new(5, 7, 0, 0, 9));
        calendar.mark_next();
        calendar.add(Due::new(4, 7, 0, 0, PAYLOAD_END - 1));
        let seen: Vec<_> = std::iter::from_fn(|| calendar.pop())
            .map(|due| (due.at, due.payload(), due.is_queued()))
            .collect();
        assert_eq!(seen, [(4, PAYLOAD_END - 1, false), (5, 9, true)]);
    }

    proptest! {
        #[test]
        fn a_small_calendar_serves_the_order_of_a_large_one(
            acts in prop::collection::vec((0u8..10, 0u64..40), 1..300),
        ) {
            let mut calendar = Calendar::<3>::default();
            let mut spilled = Vec::new();
            let mut oracle = BTreeSet::new();
            for (number, (act, value)) in acts.into_iter().enumerate() {
                match act {
                    0..=4 => {
                        let due = Due { at: value, tag: number as u32, note: act as u32 };
                        oracle.insert(due);
                        spilled.extend(calendar.add(due));
                    }
                    5 => {
                        let is_it = |due: &Due| due.at == value;
                        let removed = calendar.remove(is_it);
                        let want = oracle.iter().find(|due| due.at == value).copied();
                        if removed.is_some() {
                            prop_assert_eq!(removed, want);
                        }
                        let removed =
                            removed.or_else(|| calendar.remove_spilled(&mut spilled, is_it));
                        prop_assert_eq!(removed.is_some(), want.is_some());
                        removed.map(|due| oracle.remove(&due));
                    }
                    _ => {
                        if calendar.wants_refill() {
                            calendar.refill(&mut spilled);
                        }
                        prop_assert_eq!(calendar.next(), oracle.first().copied());
                        prop_assert_eq!(calendar.pop(), oracle.pop_first());
                    }
                }
                prop_assert_eq!(calendar.len(), oracle.len());
                prop_assert_eq!(calendar.is_empty(), oracle.is_empty());
            }
        }
    }
}
