//! A pool of identical servers with a waiting room: who is served when, and its exact totals over
//! time.
//!
//! The pool knows nothing of service times. Whoever is told `Served` or gets a [`Granted`] job
//! schedules the completion and calls [`Pool::release`] then. All totals are integers (counts and
//! sums of nanoseconds), so busy + idle = servers x time and Little's law hold to the last
//! nanosecond.

use super::Ns;
use super::line::{End, LOW_BITS, Line};
use super::pool_totals::{ClassTotals, Integrals, Ledger, PoolTotals};

/// Who waits. A server that becomes free takes the lowest class first, without interrupting anyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum PoolClass {
    /// Core traffic of the platform, which has priority.
    Core = 0,
    /// Top-ups.
    TopUp = 1,
}

/// Classes of jobs.
pub const POOL_CLASSES: usize = 2;

impl PoolClass {
    /// All classes, the first to be served first.
    pub const ALL: [PoolClass; POOL_CLASSES] = [PoolClass::Core, PoolClass::TopUp];
}

/// Which top-up is served next. Core traffic is always served in the order in which it came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Who came first.
    #[default]
    Fifo,
    /// Who came last.
    Lifo,
    /// Who came first, and who came last while the queue is a standing one: not empty at any time
    /// of the last so many nanoseconds.
    AdaptiveLifo(Ns),
}

/// The place of a waiting job, to abandon it by. It stays valid until the job is granted or
/// abandoned; after that it is ignored, as long as fewer than 2^30 jobs have come since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    number: u32,
    line: LineIndex,
}

impl Ticket {
    /// The ticket of a top-up in 31 bits.
    #[inline]
    pub fn pack(self) -> u32 {
        let behind = if self.line == LineIndex::Behind { BEHIND } else { 0 };
        self.number | behind
    }

    /// The ticket of a top-up from its 31 bits.
    #[inline]
    pub fn unpack(bits: u32) -> Self {
        let line = if bits & BEHIND == 0 { LineIndex::TopUp } else { LineIndex::Behind };
        Ticket { number: bits & LOW_BITS, line }
    }
}

/// The mark of a packed ticket of the line behind all others.
const BEHIND: u32 = LOW_BITS + 1;

/// Lines in which jobs stand, the first to be served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum LineIndex {
    Core = 0,
    TopUp = 1,
    /// Top-ups that are served after all others.
    Behind = 2,
}

const LINES: usize = 3;

impl LineIndex {
    const ALL: [Self; LINES] = [Self::Core, Self::TopUp, Self::Behind];

    #[inline]
    fn of(class: PoolClass) -> Self {
        match class {
            PoolClass::Core => Self::Core,
            PoolClass::TopUp => Self::TopUp,
        }
    }

    #[inline]
    fn class(self) -> PoolClass {
        match self {
            Self::Core => PoolClass::Core,
            Self::TopUp | Self::Behind => PoolClass::TopUp,
        }
    }
}

/// What becomes of an arriving job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// A server took it at once: the caller schedules the completion.
    Served,
    /// It waits; a later [`Granted`] names it.
    Waits(Ticket),
    /// The waiting room is full.
    Refused,
}

/// A job that waited and now has a server: the caller schedules the completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted<J> {
    /// The job.
    pub job: J,
    /// Its class.
    pub class: PoolClass,
    /// When it began to wait.
    pub arrived_at: Ns,
}

/// A number of identical servers, one waiting room, a first-come-first-served queue of core traffic
/// and one of top-ups in an order of its own. Of top-ups some may stand behind all others.
///
/// Times of calls must not fall. After [`Pool::set_servers`] call [`Pool::grant_idle`] until it
/// gives none.
#[derive(Clone, Debug)]
pub struct Pool<J> {
    servers: u32,
    busy: u32,
    waiting_max: u32,
    waiting: [u32; POOL_CLASSES],
    lines: [Line<J>; LINES],
    order: Order,
    /// Since when top-ups wait without a break.
    standing_since: Ns,
    ledger: Ledger,
}

impl<J: Copy> Pool<J> {
    /// `servers` servers and room for `waiting_max` waiting jobs of all classes (none: no end).
    pub fn new(servers: u32, waiting_max: Option<u32>) -> Self {
        Pool {
            servers,
            busy: 0,
            waiting_max: waiting_max.unwrap_or(u32::MAX),
            waiting: [0; POOL_CLASSES],
            lines: [Line::new(), Line::new(), Line::new()],
            order: Order::Fifo,
            standing_since: 0,
            ledger: Ledger::new(),
        }
    }

    /// Serves top-ups in this order.
    pub fn in_order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// Also keeps the totals of `count` spans of `width` ns each from time 0 on; what comes after
    /// is in the totals only.
    pub fn with_buckets(mut self, width: Ns, count: usize) -> Self {
        self.ledger.set_buckets(width, count);
        self
    }

    /// A job arrives.
    #[inline]
    pub fn arrive(&mut self, now: Ns, class: PoolClass, job: J) -> Admission {
        self.arrive_at(now, LineIndex::of(class), job)
    }

    /// A top-up arrives that stands behind all others who wait.
    pub fn arrive_behind(&mut self, now: Ns, job: J) -> Admission {
        self.arrive_at(now, LineIndex::Behind, job)
    }

    #[inline]
    fn arrive_at(&mut self, now: Ns, line: LineIndex, job: J) -> Admission {
        self.pass_to(now);
        let class = line.class();
        if line == LineIndex::Behind {
            self.count_behind();
        }
        let counts = self.ledger.class_mut(class);
        counts.arrived += 1;
        let waiting = self.waiting[0] + self.waiting[1];
        if self.busy < self.servers && waiting == 0 {
            counts.served_at_once += 1;
            self.busy += 1;
            self.ledger.note_peaks(self.busy, waiting);
            return Admission::Served;
        }
        if waiting >= self.waiting_max {
            counts.refused += 1;
            return Admission::Refused;
        }
        counts.waited += 1;
        if self.waiting[PoolClass::TopUp as usize] == 0 {
            self.standing_since = now;
        }
        self.waiting[class as usize] += 1;
        self.ledger.note_peaks(self.busy, waiting + 1);
        let number = self.lines[line as usize].push(now, job);
        Admission::Waits(Ticket { number, line })
    }

    /// Counts a top-up that arrives to stand behind all others, by what becomes of it.
    #[cold]
    fn count_behind(&mut self) {
        let waiting = self.waiting();
        let counts = self.ledger.behind_mut();
        counts.arrived += 1;
        if self.busy < self.servers && waiting == 0 {
            counts.served_at_once += 1;
        } else if waiting >= self.waiting_max {
            counts.refused += 1;
        } else {
            counts.waited += 1;
        }
    }

    /// A server has finished its job; the next waiting job, if any, gets it.
    #[inline]
    pub fn release(&mut self, now: Ns) -> Option<Granted<J>> {
        assert!(self.busy > 0, "only a busy server is released");
        self.pass_to(now);
        self.busy -= 1;
        self.grant(now)
    }

    /// A server has finished its job and stays idle until [`Pool::grant_idle`].
    pub fn free(&mut self, now: Ns) {
        assert!(self.busy > 0, "only a busy server is freed");
        self.pass_to(now);
        self.busy -= 1;
    }

    /// Takes a waiting job out: when it had come. None: it had been granted or abandoned already.
    #[inline]
    pub fn abandon(&mut self, now: Ns, ticket: Ticket) -> Option<Ns> {
        self.pass_to(now);
        let arrived_at = self.lines[ticket.line as usize].abandon(ticket.number)?;
        self.leaves(now, ticket.line, arrived_at).abandoned += 1;
        if ticket.line == LineIndex::Behind {
            self.ledger.leave_behind(now, arrived_at).abandoned += 1;
        }
        Some(arrived_at)
    }

    /// The job that [`Pool::grant_idle`] would give to an idle server, if there are both.
    pub fn next(&self, now: Ns) -> Option<Granted<J>> {
        if self.busy >= self.servers {
            return None;
        }
        let (line, end) = self.turn(now)?;
        let (arrived_at, job) = self.lines[line as usize].at(end)?;
        Some(Granted { job, class: line.class(), arrived_at })
    }

    /// The job of [`Pool::next`] goes unserved.
    pub fn drop_next(&mut self, now: Ns) {
        self.pass_to(now);
        let Some((line, end)) = self.turn(now) else { return };
        let (arrived_at, _) = self.lines[line as usize].pop(end).expect(STANDS);
        self.leaves(now, line, arrived_at).abandoned += 1;
        if line == LineIndex::Behind {
            self.ledger.leave_behind(now, arrived_at).abandoned += 1;
        }
    }

    /// Whether top-ups have waited without a break for `span` or longer.
    #[inline]
    pub fn is_standing(&self, now: Ns, span: Ns) -> bool {
        self.waiting[PoolClass::TopUp as usize] > 0 && now - self.standing_since >= span
    }

    /// Changes the number of servers. Jobs in service are not interrupted: with fewer servers than
    /// busy ones the surplus goes as jobs end. With more, call [`Pool::grant_idle`].
    pub fn set_servers(&mut self, now: Ns, servers: u32) {
        self.pass_to(now);
        self.servers = servers;
    }

    /// Gives an idle server to the next waiting job, if there are both.
    #[inline]
    pub fn grant_idle(&mut self, now: Ns) -> Option<Granted<J>> {
        self.pass_to(now);
        self.grant(now)
    }

    /// Forgets all totals: the measured time begins at `now` (the end of the warm-up). Buckets
    /// stay.
    pub fn measure_from(&mut self, now: Ns) {
        self.pass_to(now);
        let behind = self.lines[LineIndex::Behind as usize].waiting().count() as u64;
        self.ledger.measure_from(now, self.busy, self.waiting, behind);
    }

    /// The totals from the start of measuring to `now`. The pool may go on afterwards.
    pub fn finish(&mut self, now: Ns) -> PoolTotals {
        self.pass_to(now);
        let (mut still, mut behind) = ([(0, 0); POOL_CLASSES], (0, 0));
        for (line, index) in self.lines.iter().zip(LineIndex::ALL) {
            let (count, waited) = &mut still[index.class() as usize];
            for arrived_at in line.waiting() {
                *count += 1;
                let since = (now - arrived_at.max(self.ledger.measured_from())) as u128;
                *waited += since;
                if index == LineIndex::Behind {
                    behind = (behind.0 + 1, behind.1 + since);
                }
            }
        }
        self.ledger.totals(now, self.busy, still, behind)
    }

    /// The integrals of each bucket, as far as time has come by the last call.
    pub fn buckets(&mut self) -> &[Integrals] {
        self.ledger.buckets()
    }

    /// Servers at work.
    #[inline]
    pub fn busy(&self) -> u32 {
        self.busy
    }

    /// Jobs that wait, of all classes.
    #[inline]
    pub fn waiting(&self) -> u32 {
        self.waiting[0] + self.waiting[1]
    }

    /// Servers, at work or not.
    #[inline]
    pub fn servers(&self) -> u32 {
        self.servers
    }

    /// A guess at the job that is granted `n` places after the next one, to touch its record early.
    /// None is always a legal answer, and results cannot depend on it.
    #[inline]
    pub fn ahead(&self, n: usize) -> Option<J> {
        let end = if self.order == Order::Fifo { End::Oldest } else { End::Newest };
        self.lines[LineIndex::TopUp as usize].ahead(end, n)
    }

    /// Counts of a class since measuring began.
    pub fn counts(&self, class: PoolClass) -> &ClassTotals {
        self.ledger.class(class)
    }

    #[inline]
    fn pass_to(&mut self, now: Ns) {
        self.ledger.pass_to(now, self.servers, self.busy, self.waiting);
    }

    #[inline]
    fn grant(&mut self, now: Ns) -> Option<Granted<J>> {
        if self.busy >= self.servers || self.waiting() == 0 {
            return None;
        }
        self.grant_next(now)
    }

    /// Gives a server to whose turn it is: there are both.
    fn grant_next(&mut self, now: Ns) -> Option<Granted<J>> {
        let (line, end) = self.turn(now)?;
        let (arrived_at, job) = self.lines[line as usize].pop(end).expect(STANDS);
        self.busy += 1;
        self.ledger.note_peaks(self.busy, 0);
        self.leaves(now, line, arrived_at).granted += 1;
        if line == LineIndex::Behind {
            self.ledger.leave_behind(now, arrived_at).granted += 1;
        }
        Some(Granted { job, class: line.class(), arrived_at })
    }

    /// A job waits no longer: the counts of its class.
    #[inline]
    fn leaves(&mut self, now: Ns, line: LineIndex, arrived_at: Ns) -> &mut ClassTotals {
        let class = line.class();
        self.waiting[class as usize] -= 1;
        self.ledger.leave_line(now, class, arrived_at)
    }

    /// Whose turn it is: the line, and the end of it.
    #[inline]
    fn turn(&self, now: Ns) -> Option<(LineIndex, End)> {
        if self.waiting[PoolClass::Core as usize] > 0 {
            return Some((LineIndex::Core, End::Oldest));
        }
        if self.waiting[PoolClass::TopUp as usize] == 0 {
            return None;
        }
        let end = match self.order {
            Order::Fifo => End::Oldest,
            Order::Lifo => End::Newest,
            Order::AdaptiveLifo(span) if self.is_standing(now, span) => End::Newest,
            Order::AdaptiveLifo(_) => End::Oldest,
        };
        let first = self.lines[LineIndex::TopUp as usize].at(end).is_some();
        Some((if first { LineIndex::TopUp } else { LineIndex::Behind }, end))
    }
}

/// Why a line that is counted as waiting has somebody to give.
const STANDS: &str = "whoever is counted as waiting stands in line";
