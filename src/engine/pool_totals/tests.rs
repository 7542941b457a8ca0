//! Totals against a pool that is watched from outside.

use super::*;
use crate::engine::pool::{Admission, Granted, Order, Pool, Ticket};
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
