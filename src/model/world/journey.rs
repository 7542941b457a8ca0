//! The record of one top-up under way: what a key can redraw is not in it.

use crate::engine::{Calendar, Stream};
use crate::model::cause::Cause;
use crate::model::client::{Key, Keys};
use crate::model::network::SpellMemory;
use crate::model::outcome::Marks;
use crate::model::plan::Plan;

/// Attempts of one top-up at most: one bit each in the sets below.
pub(super) const ATTEMPTS_MAX: u8 = 16;
/// Attempts of the app at most where attempts fail over: the call of attempt k to a second provider
/// has the number k + 8, and so its own bits and its own luck.
pub(super) const BEFORE_FAILOVER: u8 = 8;
/// Entries of one top-up at most.
pub(super) const ENTRIES_MAX: usize = 4;
/// Steps in the record itself; more spill into a side table.
pub(super) const STEPS_KEPT: usize = 5;

/// A set of attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Attempts(pub(super) u16);

impl Attempts {
    #[inline]
    pub(super) fn has(self, attempt: u8) -> bool {
        self.0 >> attempt & 1 == 1
    }

    #[inline]
    pub(super) fn add(&mut self, attempt: u8) {
        self.0 |= 1 << attempt;
    }

    #[inline]
    pub(super) fn remove(&mut self, attempt: u8) {
        self.0 &= !(1 << attempt);
    }

    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    #[inline]
    pub(super) fn count(self) -> u8 {
        self.0.count_ones() as u8
    }

    /// The attempts in the set, in order.
    #[inline]
    pub(super) fn iter(self) -> impl Iterator<Item = u8> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            if left == 0 {
                return None;
            }
            let attempt = left.trailing_zeros() as u8;
            left &= left - 1;
            Some(attempt)
        })
    }
}

/// What the app last told the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Shown {
    /// Nothing yet.
    #[default]
    Nothing,
    /// It worked.
    Success,
    /// It was declined.
    Declined,
    /// It failed, or nobody knows.
    Failed,
}

/// What the user is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Before the next entry.
    #[default]
    Away,
    /// The app works on a call.
    Calling,
    /// The app asks what became of an attempt.
    Querying,
    /// Has seen success, or has left.
    Gone,
    /// The user looks up what became of the top-up.
    Looking,
}

/// One top-up under way: three cache lines long. Not aligned to them: a block of records that are
/// could not grow in place, and would stand in memory twice while it moves.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Journey {
    /// The low half of the number; see [`Journey::id`].
    id_low: u32,
    id_high: u16,
    /// Attempts whose request was lost on the way to the gateway.
    pub(super) lost: Attempts,
    pub(super) stream: Stream,
    /// Arrival, ns.
    pub(super) born: u64,
    /// First attempt of the present call, ns.
    pub(super) call_began: u64,
    /// First capture, ns; 0 while there is none.
    pub(super) first_captured: u64,
    pub(super) memory: SpellMemory,
    pub(super) calendar: Calendar<STEPS_KEPT>,
    /// From the first capture to the last, in units of 2^20 ns.
    pub(super) last_captured_after: u32,
    /// Begin of the meter's window, in units of 2^24 ns from the arrival: 834 days.
    pub(super) meter_from: u32,
    /// Attempts on which the app still listens.
    pub(super) open: Attempts,
    /// Attempts that open a new order although their entry has one.
    pub(super) fresh_orders: Attempts,
    /// Attempts between the gateway's call and what it learns of it.
    pub(super) in_flight: Attempts,
    /// Attempts that wait for the result of another one of their order.
    pub(super) attached: Attempts,
    /// Attempts for which the gateway still listens to the provider.
    pub(super) listening: Attempts,
    /// Attempts that reached the bank.
    pub(super) at_bank: Attempts,
    pub(super) captured: Attempts,
    /// Attempts whose capture the gateway knows of.
    pub(super) paid: Attempts,
    /// Captures that a credit used up.
    pub(super) credited: Attempts,
    /// Captures for which a refund case was opened.
    pub(super) cased: Attempts,
    pub(super) refunded: Attempts,
    /// Captures whose credit went to a wrong account.
    pub(super) misposted: Attempts,
    pub(super) marks: Marks,
    /// Attempts sent.
    pub(super) attempts: u8,
    /// Entries made.
    pub(super) entries: u8,
    /// Attempts of the present call, for the policy.
    pub(super) tries: u8,
    pub(super) queries: u8,
    /// Jobs of this journey that wait in some pool: somebody else may wake it.
    pub(super) blocked: u8,
    pub(super) phase: Phase,
    pub(super) shown: Shown,
    pub(super) access: u8,
    pub(super) meter_count: u8,
    /// First attempt of each entry; an entry that sent none has that of the next.
    pub(super) first_attempts: [u8; ENTRIES_MAX],
    /// The capture that came last.
    pub(super) last_captured: u8,
    /// Route of each entry.
    pub(super) routes: [u8; ENTRIES_MAX],
    /// Why attempt `why_of` is about to fail in silence, where its fate is known.
    pub(super) why: Option<Cause>,
    pub(super) why_of: u8,
    pub(super) first_cause: Option<Cause>,
    pub(super) last_cause: Option<Cause>,
}

const _: () = assert!(size_of::<Journey>() <= 192, "a record is three cache lines at most");

/// Attempts of the app at most under a plan.
#[inline]
pub(super) fn attempts_max(plan: &Plan) -> u8 {
    if plan.fails_over { BEFORE_FAILOVER } else { ATTEMPTS_MAX }
}

impl Journey {
    /// A journey that has not begun.
    pub(super) fn new(id: u64, stream: Stream, born: u64, access: u8) -> Self {
        Self {
            id_low: id as u32,
            id_high: (id >> 32) as u16,
            stream,
            born,
            call_began: born,
            first_captured: 0,
            memory: SpellMemory::default(),
            calendar: Calendar::default(),
            open: Attempts::default(),
            first_attempts: [0; ENTRIES_MAX],
            last_captured: 0,
            fresh_orders: Attempts::default(),
            in_flight: Attempts::default(),
            attached: Attempts::default(),
            listening: Attempts::default(),
            at_bank: Attempts::default(),
            captured: Attempts::default(),
            paid: Attempts::default(),
            credited: Attempts::default(),
            cased: Attempts::default(),
            refunded: Attempts::default(),
            misposted: Attempts::default(),
            lost: Attempts::default(),
            marks: Marks::default(),
            last_captured_after: 0,
            attempts: 0,
            entries: 0,
            tries: 0,
            why_of: 0,
            queries: 0,
            blocked: 0,
            phase: Phase::Away,
            shown: Shown::Nothing,
            access,
            meter_count: 0,
            meter_from: 0,
            routes: [0; ENTRIES_MAX],
            why: None,
            first_cause: None,
            last_cause: None,
        }
    }

    /// Its number among the arrivals.
    #[inline]
    pub(super) fn id(&self) -> u64 {
        u64::from(self.id_high) << 32 | u64::from(self.id_low)
    }

    /// The app's attempt behind a number: its own, or the one that failed over to it.
    #[inline]
    pub(super) fn root_of(&self, attempt: u8) -> u8 {
        if attempt < self.attempts { attempt } else { attempt & (BEFORE_FAILOVER - 1) }
    }

    /// Whether a number is that of a call to a second provider.
    #[inline]
    pub(super) fn has_failed_over(&self, attempt: u8) -> bool {
        attempt >= self.attempts && attempt >= BEFORE_FAILOVER
    }

    /// The entry of an attempt, from 0: the last one that had begun when it was sent.
    #[inline]
    pub(super) fn entry_of(&self, attempt: u8) -> u8 {
        if self.entries < 2 {
            return 0;
        }
        let attempt = self.root_of(attempt);
        let begun = &self.first_attempts[..self.entries as usize];
        let later = begun.iter().rev().take_while(|&&first| first > attempt).count();
        (begun.len() - 1 - later) as u8
    }

    /// The route of an attempt.
    #[inline]
    pub(super) fn route_of(&self, attempt: u8) -> u8 {
        self.routes[self.entry_of(attempt) as usize]
    }

    /// Whether two attempts carry the same order number.
    pub(super) fn same_order(&self, keys: Keys, a: u8, b: u8) -> bool {
        let (a, b) = (self.root_of(a), self.root_of(b));
        if a == b {
            return true;
        }
        let same_payload = match keys.kind {
            Key::None | Key::PerAttempt => return false,
            Key::PerTopUp => true,
            Key::PerEntry => self.entry_of(a) == self.entry_of(b),
            Key::PayloadHash => {
                self.route_of(a) == self.route_of(b) && !keys.is_volatile(self.stream)
            }
        };
        same_payload
            && self.order_start(a) == self.order_start(b)
            && !keys.lost_between(self.stream, a.min(b), a.max(b))
    }

    /// An extra submit with an order of its own stands alone; all others share one.
    fn order_start(&self, attempt: u8) -> Option<u8> {
        self.fresh_orders.has(attempt).then_some(attempt)
    }

    /// The attempts of a set that carry the order number of `attempt`, itself included.
    #[inline]
    pub(super) fn of_order(&self, key: Keys, set: Attempts, attempt: u8) -> Attempts {
        let own = Attempts(set.0 & 1 << attempt);
        if set == own {
            return own;
        }
        let mut same = Attempts::default();
        for other in set.iter().filter(|&other| self.same_order(key, attempt, other)) {
            same.add(other);
        }
        same
    }

    /// The capture of the order of `attempt` that a credit used up, to whatever account.
    #[inline]
    pub(super) fn settled(&self, key: Keys, attempt: u8) -> Option<u8> {
        let posted = Attempts(self.credited.0 | self.misposted.0);
        self.of_order(key, posted, attempt).iter().next()
    }

    /// Notes that attempt `k` will end in silence, and why. After a crash of the gateway nothing
    /// else matters any more.
    #[inline]
    pub(super) fn silence(&mut self, k: u8, why: Cause) {
        let k = self.root_of(k);
        if self.why_of == k && self.why == Some(Cause::PlatformServerFault) {
            return;
        }
        self.why = Some(why);
        self.why_of = k;
    }

    /// The gateway crashed under attempt `k`, whose fate is kept if it was known before.
    pub(super) fn crashed_under(&mut self, k: u8) {
        if self.why.is_none() || self.why_of != k {
            self.silence(k, Cause::PlatformServerFault);
        }
    }

    /// Notes why an attempt failed.
    #[inline]
    pub(super) fn note_cause(&mut self, cause: Cause) {
        if self.first_cause.is_none() {
            self.first_cause = Some(cause);
        }
        self.last_cause = Some(cause);
    }
}
