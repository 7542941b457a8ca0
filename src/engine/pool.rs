//! A pool of identical servers with a waiting room: who is served when, and its exact totals over
//! time.
//!
//! The pool knows nothing of service times. Whoever is told `Served` or gets a [`Granted`] job
//! schedules the completion and calls [`Pool::release`] then. All totals are integers (counts and
//! sums of nanoseconds), so busy + idle = servers x time and Little's law hold to the last
//! nanosecond.

use std::collections::VecDeque;

use super::Ns;
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

/// The place of a waiting job, to abandon it by. It stays valid until the job is granted or
/// abandoned; after that it is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    number: u64,
    class: PoolClass,
}

impl Ticket {
    /// The low 31 bits of the ticket's number: enough to find it again, see
    /// [`Pool::abandon_numbered`].
    #[inline]
    pub fn low_bits(self) -> u32 {
        self.number as u32 & LOW_BITS
    }
}

/// Of a ticket's number, what names it among those who wait.
const LOW_BITS: u32 = u32::MAX >> 1;

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

/// A number of identical servers, one first-come-first-served queue a class, and one waiting room.
///
/// Times of calls must not fall. After [`Pool::set_servers`] call [`Pool::grant_idle`] until it
/// gives none.
#[derive(Clone, Debug)]
pub struct Pool<J> {
    servers: u32,
    busy: u32,
    waiting_max: u32,
    waiting: [u32; POOL_CLASSES],
    lines: [Line<J>; POOL_CLASSES],
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
            lines: [Line::new(), Line::new()],
            ledger: Ledger::new(),
        }
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
        self.pass_to(now);
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
        self.waiting[class as usize] += 1;
        self.ledger.note_peaks(self.busy, waiting + 1);
        let number = self.lines[class as usize].push(now, job);
        Admission::Waits(Ticket { number, class })
    }

    /// A server has finished its job; the next waiting job, if any, gets it.
    #[inline]
    pub fn release(&mut self, now: Ns) -> Option<Granted<J>> {
        assert!(self.busy > 0, "only a busy server is released");
        self.pass_to(now);
        self.busy -= 1;
        self.grant(now)
    }

    /// Takes a waiting job out. False: it had been granted or abandoned already.
    #[inline]
    pub fn abandon(&mut self, now: Ns, ticket: Ticket) -> bool {
        self.pass_to(now);
        let Some(arrived_at) = self.lines[ticket.class as usize].abandon(ticket.number) else {
            return false;
        };
        self.waiting[ticket.class as usize] -= 1;
        self.ledger.leave_line(now, ticket.class, arrived_at).abandoned += 1;
        true
    }

    /// As `abandon`, by the low bits of the ticket's number: fewer than 2^31 jobs wait at once.
    #[inline]
    pub fn abandon_numbered(&mut self, now: Ns, class: PoolClass, low_bits: u32) -> bool {
        let first = self.lines[class as usize].first;
        let number = first + u64::from(low_bits.wrapping_sub(first as u32) & LOW_BITS);
        self.abandon(now, Ticket { number, class })
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
        self.ledger.measure_from(now, self.busy, self.waiting);
    }

    /// The totals from the start of measuring to `now`. The pool may go on afterwards.
    pub fn finish(&mut self, now: Ns) -> PoolTotals {
        self.pass_to(now);
        let mut still = [(0, 0); POOL_CLASSES];
        for (line, (count, waited)) in self.lines.iter().zip(&mut still) {
            for arrived_at in line.waiting() {
                *count += 1;
                *waited += (now - arrived_at.max(self.ledger.measured_from())) as u128;
            }
        }
        self.ledger.totals(now, self.busy, still)
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
        self.lines[PoolClass::TopUp as usize].places.get(n)?.job
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
        if self.busy >= self.servers {
            return None;
        }
        let class = PoolClass::ALL.into_iter().find(|&class| self.waiting[class as usize] > 0)?;
        let (arrived_at, job) =
            self.lines[class as usize].pop().expect("whoever is counted as waiting stands in line");
        self.waiting[class as usize] -= 1;
        self.busy += 1;
        self.ledger.note_peaks(self.busy, 0);
        self.ledger.leave_line(now, class, arrived_at).granted += 1;
        Some(Granted { job, class, arrived_at })
    }
}

/// A first-come-first-served queue from which anyone may go: the place stays, marked, until it
/// comes first.
#[derive(Clone, Debug)]
struct Line<J> {
    places: VecDeque<Place<J>>,
    /// The number of the first place.
    first: u64,
}

#[derive(Clone, Copy, Debug)]
struct Place<J> {
    arrived_at: Ns,
    /// None: it has left.
    job: Option<J>,
}

impl<J: Copy> Line<J> {
    fn new() -> Self {
        Line { places: VecDeque::new(), first: 0 }
    }

    #[inline]
    fn push(&mut self, arrived_at: Ns, job: J) -> u64 {
        self.places.push_back(Place { arrived_at, job: Some(job) });
        self.first + self.places.len() as u64 - 1
    }

    /// The first who still waits.
    #[inline]
    fn pop(&mut self) -> Option<(Ns, J)> {
        loop {
            let place = self.places.pop_front()?;
            self.first += 1;
            if let Some(job) = place.job {
                return Some((place.arrived_at, job));
            }
        }
    }

    /// When the one who goes had come, if it still waited.
    #[inline]
    fn abandon(&mut self, number: u64) -> Option<Ns> {
        let place = self.places.get_mut(number.checked_sub(self.first)? as usize)?;
        place.job.take()?;
        let arrived_at = place.arrived_at;
        while self.places.front().is_some_and(|place| place.job.is_none()) {
            self.places.pop_front();
            self.first += 1;
        }
        Some(arrived_at)
    }

    /// When each who waits had come.
    fn waiting(&self) -> impl Iterator<Item = Ns> {
        self.places.iter().filter(|place| place.job.is_some()).map(|place| place.arrived_at)
    }
}
