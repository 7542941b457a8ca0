//! The busiest second of a run; counts are kept only of seconds that have not passed.

/// Events by second. What is told runs ahead of the clock of the run, but never lags behind it: a
/// second before that clock is complete.
#[derive(Clone, Debug, Default)]
pub(super) struct Busiest {
    /// The first second of `counts`.
    from: u64,
    counts: Vec<u32>,
    /// The most of the seconds before `from`.
    most: u32,
}

impl Busiest {
    /// Counts an event.
    ///
    /// # Panics
    /// If its second has passed: the model has a bug.
    #[inline]
    pub(super) fn add(&mut self, second: u64) {
        // a second before `from` wraps around, and is in no vector
        let at = second.wrapping_sub(self.from) as usize;
        match self.counts.get_mut(at) {
            Some(count) => *count += 1,
            None => self.add_later(second),
        }
    }

    #[cold]
    fn add_later(&mut self, second: u64) {
        assert!(second >= self.from, "nothing is told of second {second}, which has passed");
        let at = (second - self.from) as usize;
        self.counts.resize(at + 1, 0);
        self.counts[at] += 1;
    }

    /// Nothing more will be told of the seconds before this one.
    pub(super) fn pass(&mut self, second: u64) {
        let passed = (second.saturating_sub(self.from) as usize).min(self.counts.len());
        let most = self.counts.drain(..passed).max().unwrap_or(0);
        self.most = self.most.max(most);
        self.from = self.from.max(second);
    }

    /// The most events of a second.
    pub(super) fn most(&self) -> u32 {
        self.counts.iter().copied().fold(self.most, u32::max)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn passing_on_changes_nothing(
            events in prop::collection::vec((0..50_u64, 0..40_u64), 0..300),
            passes in prop::collection::btree_set(0..300_usize, 0..20),
        ) {
            let (mut clock, mut passing, mut keeping) = (0, Busiest::default(), [0_u32; 2_000]);
            for (i, (ahead, step)) in events.into_iter().enumerate() {
                clock += step / 8;
                if passes.contains(&i) {
                    passing.pass(clock);
                }
                passing.add(clock + ahead);
                keeping[(clock + ahead) as usize] += 1;
            }
            prop_assert_eq!(passing.most(), keeping.into_iter().max().unwrap());
        }
    }

    #[test]
    fn seconds_that_have_passed_take_no_room() {
        let mut busiest = Busiest::default();
        for second in 0..1_000_000 {
            busiest.add(second + 5);
            busiest.pass(second);
            assert!(busiest.counts.capacity() < 20, "{}", busiest.counts.capacity());
        }
        busiest.pass(2_000_000);
        assert_eq!((busiest.most(), busiest.counts.len()), (1, 0));
    }

    #[test]
    #[should_panic(expected = "which has passed")]
    fn nothing_is_told_of_what_has_passed() {
        let mut busiest = Busiest::default();
        busiest.pass(7);
        busiest.add(6);
    }
}
