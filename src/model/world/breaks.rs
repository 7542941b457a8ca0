//! Broken connections that the app sees before its time-out.
//!
//! Its time-out comes earlier then: the step carries how the connection broke as its sub-number,
//! and how long the app has waited in steps, as where a deadline cuts a wait short.

use super::Simulation;
use super::answer::Failed;
use super::step::Step;
use crate::engine::stretched;
use crate::model::cause::Cause;
use crate::model::facts::Observer;
use crate::model::network::either;
use crate::model::purpose::Purpose;
use crate::model::retry::Seen;

/// How the connection of an attempt broke; the numbers key its luck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Break {
    /// The request was lost.
    Request = 1,
    /// The answer was lost.
    Answer = 2,
    /// The gateway crashed.
    Crash = 3,
}

impl<O: Observer> Simulation<'_, O> {
    /// The network has just lost a message of attempt `k`: the app may see it.
    #[cold]
    pub(super) fn breaks(&mut self, slot: u32, k: u8, how: Break) {
        let access = self.journeys[slot].access as usize;
        let own = self.plan.access[access].resets.share.unwrap_or(0);
        let share = either(own, self.timelines.networks[access].state(self.now).resets);
        self.is_seen_to_break(slot, k, (self.now, share), how);
    }

    /// The gateway has an attempt, and may crash while the app waits for it.
    #[inline]
    pub(super) fn breaks_in_a_crash(&mut self, slot: u32, k: u8, timeout: u64) {
        if !self.plan.sees_crashes {
            return;
        }
        let crash = self.timelines.gateway.next_crash(self.now);
        if crash < self.now + timeout {
            let share = self.timelines.gateway.state(crash).resets;
            self.is_seen_to_break(slot, k, (crash, share), Break::Crash);
        }
    }

    /// The connection of attempt `k` breaks at `at`: a share of such breaks is seen, a while later.
    fn is_seen_to_break(&mut self, slot: u32, k: u8, (at, share): (u64, u64), how: Break) {
        let (stream, access) = (self.journeys[slot].stream, self.journeys[slot].access as usize);
        if share == 0 || !stream.draw(Purpose::Reset, u16::from(k), how as u8).hits(share) {
            return;
        }
        let Some(due) = self.pending_step(slot, Step::ClientTimeout, k) else { return };
        let sent = due.at - self.client_waited(due.payload());
        let after = self.plan.access[access].resets.after;
        let after = after.unwrap_or_else(|| self.round_trip(slot, k, at));
        let step = self.plan.client.cut_step;
        let waits = (at + after - sent).div_ceil(step).max(1);
        let seen_at = sent + waits * step;
        if seen_at < due.at {
            self.cancel(slot, Step::ClientTimeout, k);
            self.plan_step(slot, seen_at, Step::ClientTimeout, k, how as u8, waits as u32);
        }
    }

    /// What a round trip of attempt `k` takes at `at`, ns: both legs take alike.
    fn round_trip(&self, slot: u32, k: u8, at: u64) -> u64 {
        let journey = &self.journeys[slot];
        let path = journey.stream.draw(Purpose::Up, u16::from(k), 0);
        let access = journey.access as usize;
        let leg = self.plan.access[access].leg.at(path.quantile());
        2 * stretched(leg, self.timelines.networks[access].state(at).latency)
    }

    /// Why attempt `k` ends without a word, and how that looks; `how` it broke, or 0 at a time-out.
    pub(super) fn ends_in_silence(&mut self, slot: u32, k: u8, how: u8) -> (Cause, Failed) {
        if how == Break::Crash as u8 {
            self.journeys[slot].crashed_under(k);
        }
        let cause = self.cause_of_silence(slot, k);
        let silence = Failed::in_silence(cause);
        let seen = match cause {
            _ if how != 0 => Seen::ConnectionLost,
            // those that are seen have been seen by now
            Cause::NetDropMidRequest if self.tells_of_breaks(slot) => Seen::TimeOut,
            Cause::PlatformServerFault if self.plan.sees_crashes => Seen::TimeOut,
            _ => silence.seen,
        };
        (cause, Failed { seen, ..silence })
    }

    /// Whether a journey's network says what share of its losses is seen.
    fn tells_of_breaks(&self, slot: u32) -> bool {
        self.plan.access[self.journeys[slot].access as usize].resets.share.is_some()
    }
}
