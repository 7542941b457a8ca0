//! The totals of a pool: integrals over time and counts, kept as integers so that laws hold
//! exactly.

#[cfg(test)]
mod tests;

use super::Ns;
use super::pool::{POOL_CLASSES, PoolClass};

/// Sums over time, in ns times a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Integrals {
    /// Servers there were.
    pub servers_ns: u128,
    /// Servers at work.
    pub busy_ns: u128,
    /// Servers without work. Idle + busy = servers + surplus.
    pub idle_ns: u128,
    /// Servers at work beyond the number there should be, after that was lowered.
    pub surplus_ns: u128,
    /// Waiting jobs, by class.
    pub waiting_ns: [u128; POOL_CLASSES],
}

impl Integrals {
    #[inline]
    fn add_span(&mut self, span: Ns, servers: u32, busy: u32, waiting: [u32; POOL_CLASSES]) {
        let over = |number: u32| span as u128 * number as u128;
        self.servers_ns += over(servers);
        self.busy_ns += over(busy);
        if busy <= servers {
            self.idle_ns += over(servers - busy);
        } else {
            self.surplus_ns += over(busy - servers);
        }
        if waiting != [0; POOL_CLASSES] {
            for (sum, number) in self.waiting_ns.iter_mut().zip(waiting) {
                *sum += over(number);
            }
        }
    }

    fn add(&mut self, other: &Integrals) {
        self.servers_ns += other.servers_ns;
        self.busy_ns += other.busy_ns;
        self.idle_ns += other.idle_ns;
        self.surplus_ns += other.surplus_ns;
        for (sum, more) in self.waiting_ns.iter_mut().zip(other.waiting_ns) {
            *sum += more;
        }
    }
}

/// What became of the jobs of one class while measuring. With w of them waiting at its start:
/// arrived = served at once + waited + refused, and w + waited = granted + abandoned + still
/// waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassTotals {
    /// Jobs that came.
    pub arrived: u64,
    /// Of them: found a free server.
    pub served_at_once: u64,
    /// Of them: began to wait.
    pub waited: u64,
    /// Of them: found the waiting room full.
    pub refused: u64,
    /// Jobs that waited and got a server.
    pub granted: u64,
    /// Jobs that went while they waited.
    pub abandoned: u64,
    /// Jobs that were waiting when measuring began.
    pub waiting_at_start: u64,
    /// Jobs that wait at its end.
    pub still_waiting: u64,
    /// Time that all these jobs waited while measuring, in ns. Little's law: this is the integral
    /// of the number waiting.
    pub waits_ns: u128,
}

/// The totals of a pool over the measured time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolTotals {
    /// When measuring began.
    pub from: Ns,
    /// When it ended.
    pub to: Ns,
    /// Sums over that time.
    pub integrals: Integrals,
    /// Counts, by class.
    pub classes: [ClassTotals; POOL_CLASSES],
    /// Counts of those top-ups that stood behind all others, which are in their class as well.
    pub behind: ClassTotals,
    /// The most servers at work at once.
    pub busy_peak: u32,
    /// The most jobs waiting at once.
    pub waiting_peak: u32,
    /// Servers at work at the end.
    pub still_busy: u32,
}

/// Where a pool writes down what happens.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    /// Written up to here.
    at: Ns,
    measured_from: Ns,
    /// The current bucket ends here; never, without buckets.
    bucket_end: Ns,
    bucket: usize,
    width: Ns,
    buckets: Vec<Integrals>,
    /// Since the last time `open` was added to the rest.
    open: Integrals,
    closed: Integrals,
    classes: [ClassTotals; POOL_CLASSES],
    behind: ClassTotals,
    busy_peak: u32,
    waiting_peak: u32,
}

impl Ledger {
    pub(super) fn new() -> Self {
        Ledger {
            at: 0,
            measured_from: 0,
            bucket_end: Ns::MAX,
            bucket: 0,
            width: 0,
            buckets: Vec::new(),
            open: Integrals::default(),
            closed: Integrals::default(),
            classes: Default::default(),
            behind: ClassTotals::default(),
            busy_peak: 0,
            waiting_peak: 0,
        }
    }

    pub(super) fn set_buckets(&mut self, width: Ns, count: usize) {
        assert!(width > 0, "a bucket has a width");
        assert_eq!(self.at, 0, "buckets are set before time passes");
        self.width = width;
        self.buckets = vec![Integrals::default(); count];
        self.bucket_end = if count > 0 { width } else { Ns::MAX };
    }

    /// Writes down that nothing changed until `now`.
    #[inline]
    pub(super) fn pass_to(&mut self, now: Ns, servers: u32, busy: u32, waiting: [u32; 2]) {
        debug_assert!(now >= self.at, "a pool's time does not fall");
        while now >= self.bucket_end {
            self.open.add_span(self.bucket_end - self.at, servers, busy, waiting);
            self.at = self.bucket_end;
            self.close();
            self.bucket += 1;
            let last = self.bucket >= self.buckets.len();
            self.bucket_end = if last { Ns::MAX } else { self.bucket_end + self.width };
        }
        self.open.add_span(now - self.at, servers, busy, waiting);
        self.at = now;
    }

    #[inline]
    pub(super) fn class_mut(&mut self, class: PoolClass) -> &mut ClassTotals {
        &mut self.classes[class as usize]
    }

    /// Counts of those who stand behind all others.
    pub(super) fn behind_mut(&mut self) -> &mut ClassTotals {
        &mut self.behind
    }

    pub(super) fn class(&self, class: PoolClass) -> &ClassTotals {
        &self.classes[class as usize]
    }

    /// A job that began to wait at `arrived_at` waits no more.
    #[inline]
    pub(super) fn leave_line(
        &mut self,
        now: Ns,
        class: PoolClass,
        arrived_at: Ns,
    ) -> &mut ClassTotals {
        let totals = &mut self.classes[class as usize];
        totals.waits_ns += (now - arrived_at.max(self.measured_from)) as u128;
        totals
    }

    /// The same for one who stood behind all others, in the counts of those.
    pub(super) fn leave_behind(&mut self, now: Ns, arrived_at: Ns) -> &mut ClassTotals {
        self.behind.waits_ns += (now - arrived_at.max(self.measured_from)) as u128;
        &mut self.behind
    }

    #[inline]
    pub(super) fn note_peaks(&mut self, busy: u32, waiting: u32) {
        self.busy_peak = self.busy_peak.max(busy);
        self.waiting_peak = self.waiting_peak.max(waiting);
    }

    pub(super) fn measured_from(&self) -> Ns {
        self.measured_from
    }

    /// `behind`: how many of those who wait stand behind all others.
    pub(super) fn measure_from(&mut self, now: Ns, busy: u32, waiting: [u32; 2], behind: u64) {
        self.close();
        self.closed = Integrals::default();
        self.measured_from = now;
        (self.busy_peak, self.waiting_peak) = (busy, waiting[0] + waiting[1]);
        self.classes = waiting.map(|number| ClassTotals {
            waiting_at_start: number as u64,
            ..ClassTotals::default()
        });
        self.behind = ClassTotals { waiting_at_start: behind, ..ClassTotals::default() };
    }

    /// `still`: by class, how many wait at `now` and how long they have while measuring; `behind`:
    /// the same of those who stand behind all others.
    pub(super) fn totals(
        &mut self,
        now: Ns,
        busy: u32,
        still: [(u64, u128); 2],
        behind: (u64, u128),
    ) -> PoolTotals {
        self.close();
        let mut classes = self.classes;
        for (totals, (count, waited)) in classes.iter_mut().zip(still) {
            totals.still_waiting = count;
            totals.waits_ns += waited;
        }
        let mut last = self.behind;
        last.still_waiting = behind.0;
        last.waits_ns += behind.1;
        PoolTotals {
            from: self.measured_from,
            to: now,
            integrals: self.closed,
            classes,
            behind: last,
            busy_peak: self.busy_peak,
            waiting_peak: self.waiting_peak,
            still_busy: busy,
        }
    }

    pub(super) fn buckets(&mut self) -> &[Integrals] {
        self.close();
        &self.buckets
    }

    /// Adds what is open to the current bucket and to the whole.
    fn close(&mut self) {
        if let Some(bucket) = self.buckets.get_mut(self.bucket) {
            bucket.add(&self.open);
        }
        self.closed.add(&self.open);
        self.open = Integrals::default();
    }
}
