//! Counts over the last while, in buckets of time.

/// `K` counts over the last so many buckets, the one under way included. Buckets begin at whole
/// multiples of their width.
#[derive(Clone, Debug)]
pub struct Rolling<const K: usize> {
    /// Width of a bucket, ns.
    width: u64,
    buckets: Vec<[u32; K]>,
    /// Number of the bucket under way.
    current: u64,
    sum: [u32; K],
}

impl<const K: usize> Rolling<K> {
    /// Nothing counted yet; the window is split into so many buckets.
    pub fn new(window: u64, buckets: usize) -> Self {
        let width = (window / buckets as u64).max(1);
        Self { width, buckets: vec![[0; K]; buckets], current: 0, sum: [0; K] }
    }

    /// What was counted in the window that ends at `now`.
    pub fn at(&mut self, now: u64) -> [u32; K] {
        self.advance(now, |_, _| false);
        self.sum
    }

    /// Counts at `now`.
    pub fn add(&mut self, now: u64, what: [u32; K]) -> [u32; K] {
        self.advance(now, |_, _| false);
        let place = (self.current % self.buckets.len() as u64) as usize;
        let bucket = &mut self.buckets[place];
        for i in 0..K {
            bucket[i] += what[i];
            self.sum[i] += what[i];
        }
        self.sum
    }

    /// Moves on to the bucket of `now`. At the end of each bucket `ends` sees the instant and the
    /// window that ends there; once it says so, the rest is not shown to it.
    pub fn advance(&mut self, now: u64, mut ends: impl FnMut(u64, [u32; K]) -> bool) {
        let to = now / self.width;
        let mut stopped = false;
        // after one round the window is empty
        let last = to.min(self.current + self.buckets.len() as u64);
        while self.current < last {
            self.current += 1;
            stopped = stopped || ends(self.current * self.width, self.sum);
            let oldest = (self.current % self.buckets.len() as u64) as usize;
            for i in 0..K {
                self.sum[i] -= self.buckets[oldest][i];
            }
            self.buckets[oldest] = [0; K];
        }
        self.current = self.current.max(to);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.buckets.fill([0; K]);
        self.sum = [0; K];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Catches: a bucket that is not emptied when its place is used again, a gap of many
        /// rounds, a bucket counted twice.
        #[test]
        fn a_window_holds_what_its_buckets_saw(
            steps in prop::collection::vec((0u64..250, 0u32..3), 1..80), buckets in 1usize..8,
        ) {
            let mut rolling = Rolling::<1>::new(10 * buckets as u64, buckets);
            let (mut now, mut seen) = (0, Vec::new());
            for (gap, count) in steps {
                now += gap / 10 * (gap % 7);
                seen.push((now / 10, count));
                let from = (now / 10 + 1).saturating_sub(buckets as u64);
                let want: u32 = seen.iter().filter(|s| s.0 >= from).map(|s| s.1).sum();
                prop_assert_eq!(rolling.add(now, [count]), [want]);
            }
        }
    }
}
