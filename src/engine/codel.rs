//! CoDel: drops from a queue whose jobs have waited longer than a target for a whole interval.
//!
//! The state machine of RFC 8289 (section 5), asked about one job after the other as they come to
//! their turn. A packet is a job here; "no more than one packet in the queue" is "at most one other
//! job waits". Its control law is in integers: t + sqrt(interval^2 / count), rounded down.

use super::Ns;

/// Whether the next job of one queue is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoDel {
    target: Ns,
    interval: Ns,
    /// When waits will have been above the target for an interval; none while they are below it.
    first_above: Option<Ns>,
    phase: Phase,
    drop_next: Ns,
    /// Drops since dropping began.
    count: u64,
    /// The count with which it began.
    count_at_first: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Calm,
    /// The first job was dropped: the next one is served, whatever it waited.
    Begins,
    Dropping,
    /// A job was dropped since its time had come; the next one sets the time of the next drop.
    Dropped,
}

/// Jobs that wait beside the one in hand and are no queue yet.
const NO_QUEUE: u32 = 1;

impl CoDel {
    /// Acceptable standing wait, and how long it must be exceeded; both above 0.
    pub fn new(target: Ns, interval: Ns) -> Self {
        CoDel {
            target,
            interval,
            first_above: None,
            phase: Phase::Calm,
            drop_next: 0,
            count: 0,
            count_at_first: 0,
        }
    }

    /// Whether the job whose turn it is at `now` is dropped, after it waited so long; `others`
    /// wait beside it. After a drop the next job is asked about, until one is served.
    pub fn drops(&mut self, now: Ns, waited: Ns, others: u32) -> bool {
        let may_drop = self.is_above(now, waited, others);
        match self.phase {
            Phase::Calm => {
                if may_drop {
                    self.phase = Phase::Begins;
                }
                may_drop
            }
            Phase::Begins => {
                self.begin(now);
                false
            }
            Phase::Dropping | Phase::Dropped if !may_drop => {
                self.phase = Phase::Calm;
                false
            }
            phase => {
                if phase == Phase::Dropped {
                    self.drop_next = self.after(self.drop_next);
                }
                let drops = now >= self.drop_next;
                self.count += u64::from(drops);
                self.phase = if drops { Phase::Dropped } else { Phase::Dropping };
                drops
            }
        }
    }

    /// Nobody waits whose turn it could be.
    pub fn runs_empty(&mut self, now: Ns) {
        self.first_above = None;
        match self.phase {
            Phase::Begins => self.begin(now),
            _ => self.phase = Phase::Calm,
        }
    }

    /// Whether waits have been above the target for an interval.
    fn is_above(&mut self, now: Ns, waited: Ns, others: u32) -> bool {
        if waited < self.target || others <= NO_QUEUE {
            self.first_above = None;
            return false;
        }
        let at = *self.first_above.get_or_insert(now.saturating_add(self.interval));
        now >= at
    }

    /// The first drop was made: the next follow closely if the last time of dropping is not long
    /// over.
    fn begin(&mut self, now: Ns) {
        let dropped = self.count - self.count_at_first;
        let recent = now.saturating_sub(self.drop_next) < self.interval.saturating_mul(16);
        self.count = if dropped > 1 && recent { dropped } else { 1 };
        self.count_at_first = self.count;
        self.drop_next = self.after(now);
        self.phase = Phase::Dropping;
    }

    /// The control law.
    fn after(&self, at: Ns) -> Ns {
        let interval = u128::from(self.interval);
        let step = (interval * interval / u128::from(self.count.max(1))).isqrt();
        at.saturating_add(step as Ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Ns = 1_000_000;

    /// The times (ms) at which jobs are dropped that all have waited `waited` ms, one each ms.
    fn dropped(codel: &mut CoDel, times: std::ops::Range<Ns>, waited: Ns) -> Vec<Ns> {
        let mut dropped = Vec::new();
        for ms in times {
            while codel.drops(ms * MS, waited * MS, 9) {
                dropped.push(ms);
            }
        }
        dropped
    }

    /// The routine of RFC 8289, section 5.2 and 5.3, as it stands there, with its square root in
    /// floating point and rounded down to a nanosecond.
    #[derive(Default)]
    struct Rfc {
        first_above: Ns,
        drop_next: Ns,
        count: u32,
        last_count: u32,
        dropping: bool,
    }

    impl Rfc {
        fn may_drop(&mut self, now: Ns, job: Option<&(Ns, u32)>) -> bool {
            let Some(&(waited, others)) = job else {
                self.first_above = 0;
                return false;
            };
            if waited < 5 * MS || others <= 1 {
                self.first_above = 0;
            } else if self.first_above == 0 {
                self.first_above = now + 100 * MS;
            } else if now >= self.first_above {
                return true;
            }
            false
        }

        fn step(&self) -> Ns {
            (100e6 / f64::from(self.count).sqrt()).floor() as Ns
        }

        /// How many of `jobs` (waits and others who wait) it drops before it serves one.
        fn turn(&mut self, now: Ns, jobs: &[(Ns, u32)]) -> usize {
            let mut drops = 0;
            let mut may = self.may_drop(now, jobs.first());
            if self.dropping {
                if !may {
                    self.dropping = false;
                }
                while now >= self.drop_next && self.dropping {
                    drops += 1;
                    self.count += 1;
                    may = self.may_drop(now, jobs.get(drops));
                    if may {
                        self.drop_next += self.step();
                    } else {
                        self.dropping = false;
                    }
                }
            } else if may {
                drops += 1;
                self.may_drop(now, jobs.get(drops));
                self.dropping = true;
                let delta = self.count - self.last_count;
                self.count = 1;
                if delta > 1 && now.saturating_sub(self.drop_next) < 1600 * MS {
                    self.count = delta;
                }
                self.drop_next = now + self.step();
                self.last_count = self.count;
            }
            drops
        }
    }

    #[test]
    fn it_drops_what_the_routine_of_the_rfc_drops() {
        let mut codel = CoDel::new(5 * MS, 100 * MS);
        let mut rfc = Rfc::default();
        let stream = crate::engine::Seed::new(7, 0).stream(crate::engine::Class::Desk, 1);
        let (mut now, mut all, mut wait) = (1, 0, 0);
        for turn in 0..60_000u16 {
            let draw = stream.draw(0u8, turn, 0);
            now += 1 + draw.below(9);
            // the wait wanders, and some turns find the queue short
            wait =
                (wait + draw.below(1000) % 11).saturating_sub(5 + u64::from(turn % 997 == 0) * 90);
            let others = if turn % 613 == 0 { 1 } else { 30 };
            let jobs: Vec<(Ns, u32)> = (0..12)
                .map(|i: u32| (wait.saturating_sub(u64::from(i)) * MS, others - 1.min(i)))
                .collect();
            let expected = rfc.turn(now * MS, &jobs);
            let mut drops = 0;
            while codel.drops(now * MS, jobs[drops].0, jobs[drops].1) {
                drops += 1;
            }
            assert_eq!(drops, expected, "turn {turn} at {now} ms");
            all += drops;
        }
        assert!((1_000..200_000).contains(&all), "the test sees {all} drops");
    }

    #[test]
    fn the_first_drop_comes_after_an_interval_and_the_next_ones_faster() {
        let mut codel = CoDel::new(5 * MS, 100 * MS);
        // interval / sqrt(k): 100, 70.7, 57.7, 50 ms
        assert_eq!(dropped(&mut codel, 0..500, 20), [100, 200, 271, 329, 379, 424, 464]);
        assert!(dropped(&mut codel, 500..700, 4).is_empty(), "below the target");
    }

    #[test]
    fn a_short_queue_is_left_alone() {
        let mut codel = CoDel::new(5 * MS, 100 * MS);
        assert!((0..1000).all(|ms| !codel.drops(ms * MS, 50 * MS, 1)));
        assert!((1000..1101).any(|ms| codel.drops(ms * MS, 50 * MS, 2)));
        codel.runs_empty(1101 * MS);
        assert!((1102..1202).all(|ms| !codel.drops(ms * MS, 50 * MS, 2)), "it begins anew");
    }
}
