//! The totals of a pool: integrals over time and counts, kept as integers so that laws hold
//! exactly.

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

#[cfg(test)]
mod tests {
    use super::super::pool::{Admission, Granted, Order, Pool, Ticket};
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Copy, Debug)]
    enum Act {
        Arrive(PoolClass),
        ArriveBehind,
        Release,
        /// As a release, but so many of those whose turn it is go unserved first.
        Screen(usize),
        Abandon(usize),
        Servers(u32),
        Measure,
    }

    fn act() -> impl Strategy<Value = Act> {
        prop_oneof![
            3 => Just(Act::Arrive(PoolClass::TopUp)),
            1 => Just(Act::Arrive(PoolClass::Core)),
            1 => Just(Act::ArriveBehind),
            3 => Just(Act::Release),
            1 => (0usize..4).prop_map(Act::Screen),
            1 => any::<usize>().prop_map(Act::Abandon),
            1 => (0u32..5).prop_map(Act::Servers),
            1 => Just(Act::Measure),
        ]
    }

    fn order() -> impl Strategy<Value = Order> {
        prop_oneof![
            2 => Just(Order::Fifo),
            2 => Just(Order::Lifo),
            3 => (0u64..150).prop_map(Order::AdaptiveLifo),
        ]
    }

    /// Who waits: class, whether behind all others of it, name (names rise), since when, and how it
    /// goes.
    type Waiter = (PoolClass, bool, u32, Ns, Ticket);

    /// A pool beside a plain list of who waits.
    struct Checked {
        pool: Pool<u32>,
        order: Order,
        line: Vec<Waiter>,
        room: u32,
        names: u32,
        /// When no top-up waited last.
        empty_at: Ns,
        /// Busy servers times ns since measuring began, counted apart.
        busy_ns: u128,
        waiting_ns: u128,
        behind_ns: u128,
    }

    impl Checked {
        /// The place in the list of the one whose turn it is.
        fn turn(&self, now: Ns) -> Option<usize> {
            let newest = match self.order {
                Order::Fifo => false,
                Order::Lifo => true,
                Order::AdaptiveLifo(span) => now - self.empty_at >= span,
            };
            let key = |&at: &usize| {
                let (class, behind, name, ..) = self.line[at];
                let turned = newest && class == PoolClass::TopUp;
                (class, behind, if turned { u32::MAX - name } else { name })
            };
            (0..self.line.len()).min_by_key(key)
        }

        fn top_ups(&self) -> usize {
            self.line.iter().filter(|w| w.0 == PoolClass::TopUp).count()
        }

        /// A waiter has gone at `now`.
        fn gone(&mut self, now: Ns) {
            if self.top_ups() == 0 {
                self.empty_at = now;
            }
        }

        fn grants(&mut self, now: Ns, granted: Option<Granted<u32>>) {
            let free = self.pool.busy() < self.pool.servers();
            let Some(granted) = granted else {
                assert!(self.line.is_empty() || !free, "a free server does not stay idle");
                return;
            };
            let at = self.turn(now).expect("who is granted waits");
            let (class, _, name, arrived_at, _) = self.line.remove(at);
            assert_eq!((granted.class, granted.job, granted.arrived_at), (class, name, arrived_at));
            self.gone(now);
        }

        fn arrive(&mut self, now: Ns, class: PoolClass, behind: bool) {
            self.names += 1;
            let free = self.pool.busy() < self.pool.servers();
            if self.top_ups() == 0 {
                self.empty_at = now;
            }
            let admission = match behind {
                true => self.pool.arrive_behind(now, self.names),
                false => self.pool.arrive(now, class, self.names),
            };
            match admission {
                Admission::Served => assert!(free && self.line.is_empty()),
                Admission::Waits(ticket) => {
                    assert!(!free && (self.line.len() as u32) < self.room);
                    let ticket = match class {
                        PoolClass::Core => ticket,
                        PoolClass::TopUp => Ticket::unpack(ticket.pack()),
                    };
                    self.line.push((class, behind, self.names, now, ticket));
                }
                Admission::Refused => assert_eq!(self.line.len() as u32, self.room),
            }
        }

        fn screen(&mut self, now: Ns, dropped: usize) {
            self.pool.free(now);
            for _ in 0..dropped {
                let next = self.pool.next(now).map(|next| next.job);
                let at = self.turn(now).filter(|_| self.pool.busy() < self.pool.servers());
                assert_eq!(next, at.map(|at| self.line[at].2), "whose turn it is");
                let Some(at) = at else { break };
                let (.., ticket) = self.line.remove(at);
                self.pool.drop_next(now);
                assert_eq!(self.pool.abandon(now, ticket), None, "it is gone");
                self.gone(now);
            }
            let granted = self.pool.grant_idle(now);
            self.grants(now, granted);
        }

        fn act(&mut self, now: Ns, act: Act) {
            match act {
                Act::Arrive(class) => self.arrive(now, class, false),
                Act::ArriveBehind => self.arrive(now, PoolClass::TopUp, true),
                Act::Release if self.pool.busy() > 0 => {
                    let granted = self.pool.release(now);
                    self.grants(now, granted);
                }
                Act::Screen(dropped) if self.pool.busy() > 0 => self.screen(now, dropped),
                Act::Release | Act::Screen(_) => {}
                Act::Abandon(which) if !self.line.is_empty() => {
                    let (_, _, _, arrived_at, ticket) = self.line.remove(which % self.line.len());
                    assert_eq!(self.pool.abandon(now, ticket), Some(arrived_at));
                    assert_eq!(self.pool.abandon(now, ticket), None, "a job goes once");
                    self.gone(now);
                }
                Act::Abandon(_) => {}
                Act::Servers(servers) => {
                    self.pool.set_servers(now, servers);
                    while let Some(granted) = self.pool.grant_idle(now) {
                        self.grants(now, Some(granted));
                    }
                    self.grants(now, None);
                }
                Act::Measure => {
                    self.pool.measure_from(now);
                    (self.busy_ns, self.waiting_ns, self.behind_ns) = (0, 0, 0);
                }
            }
            assert_eq!(self.pool.waiting() as usize, self.line.len());
        }

        fn check_laws(&mut self, now: Ns) {
            let totals = self.pool.finish(now);
            let sums = &totals.integrals;
            assert_eq!(sums.busy_ns, self.busy_ns);
            assert_eq!(sums.busy_ns + sums.idle_ns, sums.servers_ns + sums.surplus_ns);
            assert_eq!(sums.waiting_ns.iter().sum::<u128>(), self.waiting_ns);
            for (class, waiting_ns) in totals.classes.iter().zip(sums.waiting_ns) {
                assert_eq!(class.waits_ns, waiting_ns, "Little's law");
                assert_eq!(class.arrived, class.served_at_once + class.waited + class.refused);
                let left = class.granted + class.abandoned + class.still_waiting;
                assert_eq!(class.waiting_at_start + class.waited, left);
            }
            let behind = &totals.behind;
            assert_eq!(behind.arrived, behind.served_at_once + behind.waited + behind.refused);
            let left = behind.granted + behind.abandoned + behind.still_waiting;
            assert_eq!(behind.waiting_at_start + behind.waited, left);
            assert_eq!(behind.waits_ns, self.behind_ns, "Little's law behind all others");
            let waits = self.line.iter().filter(|waiter| waiter.1).count();
            assert_eq!(behind.still_waiting, waits as u64);
        }
    }

    proptest! {
        #[test]
        fn littles_law_and_conservation_hold_exactly(
            acts in prop::collection::vec((act(), prop_oneof![Just(0), 1u64..50]), 1..200),
            servers in 0u32..4, room in prop_oneof![0u32..6, Just(u32::MAX)], order in order(),
        ) {
            let pool = Pool::new(servers, Some(room)).in_order(order).with_buckets(64, 10);
            let mut checked = Checked {
                pool, order, line: Vec::new(), room, names: 0, empty_at: 0, busy_ns: 0,
                waiting_ns: 0, behind_ns: 0,
            };
            let (mut now, mut whole_busy_ns) = (0, 0);
            for (act, wait) in acts {
                now += wait;
                let busy_ns = checked.pool.busy() as u128 * wait as u128;
                checked.busy_ns += busy_ns;
                whole_busy_ns += if now <= 640 { busy_ns } else { 0 };
                checked.waiting_ns += checked.line.len() as u128 * wait as u128;
                let behind = checked.line.iter().filter(|waiter| waiter.1).count();
                checked.behind_ns += behind as u128 * wait as u128;
                checked.act(now, act);
                checked.check_laws(now);
                if now <= 640 {
                    let buckets = checked.pool.buckets();
                    let sum: u128 = buckets.iter().map(|bucket| bucket.busy_ns).sum();
                    prop_assert_eq!(sum, whole_busy_ns);
                }
            }
        }
    }

    #[test]
    fn a_span_is_split_at_the_edges_of_buckets() {
        let mut pool = Pool::new(2, None).with_buckets(100, 3);
        pool.arrive(50, PoolClass::TopUp, ());
        pool.release(270);
        pool.finish(1_000);
        let busy: Vec<u128> = pool.buckets().iter().map(|bucket| bucket.busy_ns).collect();
        let servers: Vec<u128> = pool.buckets().iter().map(|bucket| bucket.servers_ns).collect();
        assert_eq!((busy, servers), (vec![50, 100, 70], vec![200, 200, 200]));
    }

    #[test]
    fn core_traffic_overtakes_but_does_not_interrupt() {
        let mut pool = Pool::new(1, None);
        assert_eq!(pool.arrive(0, PoolClass::TopUp, 1), Admission::Served);
        for (class, job) in [(PoolClass::TopUp, 2), (PoolClass::Core, 3), (PoolClass::TopUp, 4)] {
            assert!(matches!(pool.arrive(1, class, job), Admission::Waits(_)));
        }
        let order: Vec<i32> = (2..5).map(|now| pool.release(now).expect("one waits").job).collect();
        assert_eq!(order, [3, 2, 4]);
        assert_eq!(pool.release(9), None);
    }
}
