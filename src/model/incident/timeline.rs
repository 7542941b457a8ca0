//! What all incidents together do to one place: states that hold from one edge to the next.

use super::effect::Effect;
use crate::model::cause::Cause;
use crate::model::network::either;

/// One, as a factor or a share of 2^16.
pub const WHOLE: u64 = 1 << 16;

/// Latency factors multiply up to this, so that a product with 2^40 ns still fits.
const LATENCY_MAX: u64 = 1 << 40;

/// What holds at a place for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Newcomers are refused at once; stronger than a pause or a crash.
    pub refuse: Option<Refusal>,
    /// Nothing is accepted, and work in service is lost at the begin.
    pub crash: bool,
    /// Work stands still and goes on afterwards; stronger than a crash.
    pub paused: bool,
    /// Factor on latencies, of 2^16.
    pub latency: u64,
    /// Threshold (of 2^32) of failing.
    pub fail: u64,
    /// Cause of `fail`; means nothing where that is 0.
    pub fail_cause: Cause,
    /// Threshold (of 2^32) of losing a message or an answer.
    pub lose: u64,
    /// Threshold (of 2^32) of losses that are seen before the time-out.
    pub resets: u64,
    /// What is named where `lose` or `latency` of a network is the reason.
    pub path_cause: Option<Cause>,
    /// Share of the servers left, of 2^16.
    pub capacity: u64,
    /// Status queries are turned away.
    pub no_queries: bool,
}

/// A refusal of newcomers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code of the answer.
    pub cause: Cause,
    /// Threshold (of 2^32) of the users whom it reaches.
    pub reach: u64,
    /// Number of the incident, from its name: it keys who is reached.
    pub incident: u16,
    /// Whether users were told beforehand.
    pub announced: bool,
}

/// Nothing is wrong.
static CALM: State = State {
    refuse: None,
    crash: false,
    paused: false,
    latency: WHOLE,
    fail: 0,
    fail_cause: Cause::SystemError,
    lose: 0,
    resets: 0,
    path_cause: None,
    capacity: WHOLE,
    no_queries: false,
};

/// One incident, for a while: what a timeline is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spell<'a> {
    pub(super) from: u64,
    /// The first instant after it.
    pub(super) to: u64,
    /// Place of the incident in the order of names: breaks ties of equal begins.
    pub(super) rank: usize,
    pub(super) number: u16,
    pub(super) announced: bool,
    pub(super) effect: &'a Effect,
}

/// The states of one place over the whole run, each from its edge up to the next.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// Edges, ascending; empty where no incident ever is.
    starts: Vec<u64>,
    /// The state from each edge on.
    states: Vec<State>,
    /// End of the announced spells that close the place from each edge on; 0 for none.
    announced: Vec<u64>,
    /// Begin, end, and length of all pauses before it; pauses neither touch nor overlap.
    pauses: Vec<(u64, u64, u64)>,
    /// Begins of crashes, ascending.
    crashes: Vec<u64>,
}

impl Timeline {
    /// Composes the spells of all incidents at one place.
    pub(super) fn new(mut spells: Vec<Spell<'_>>) -> Self {
        spells.retain(|s| s.from < s.to);
        spells.sort_by_key(|s| (s.from, s.rank));
        let mut edges: Vec<u64> = spells.iter().flat_map(|s| [s.from, s.to]).collect();
        edges.sort_unstable();
        edges.dedup();
        let mut line = Self::default();
        let mut active: Vec<Spell<'_>> = Vec::new();
        let mut next = 0;
        for &edge in &edges {
            active.retain(|s| s.to > edge);
            while next < spells.len() && spells[next].from == edge {
                active.push(spells[next]);
                next += 1;
            }
            let closing = active.iter().filter(|s| s.announced && s.effect.closes());
            line.announced.push(closing.map(|s| s.to).max().unwrap_or(0));
            line.states.push(compose(&active));
            line.starts.push(edge);
        }
        line.note_pauses_and_crashes();
        line
    }

    fn note_pauses_and_crashes(&mut self) {
        let mut crashed = false;
        for (i, state) in self.states.iter().enumerate() {
            let from = self.starts[i];
            if state.crash && !crashed {
                self.crashes.push(from);
            }
            crashed = state.crash;
            // the last edge ends every spell, so a pause always has an edge after it
            if state.paused {
                let to = self.starts[i + 1];
                match self.pauses.last_mut() {
                    Some(last) if last.1 == from => last.1 = to,
                    Some(&mut (begun, ended, before)) => {
                        self.pauses.push((from, to, before + (ended - begun)));
                    }
                    None => self.pauses.push((from, to, 0)),
                }
            }
        }
    }

    /// Whether no incident ever strikes here.
    #[inline]
    pub fn is_quiet(&self) -> bool {
        self.starts.is_empty()
    }

    /// Whether anything ever crashes here.
    #[inline]
    pub fn has_crashes(&self) -> bool {
        !self.crashes.is_empty()
    }

    /// What holds at instant `t`.
    #[inline]
    pub fn state(&self, t: u64) -> &State {
        match self.index(t) {
            Some(i) => &self.states[i],
            None => &CALM,
        }
    }

    /// The edge at or before `t`.
    #[inline]
    fn index(&self, t: u64) -> Option<usize> {
        self.starts.partition_point(|&s| s <= t).checked_sub(1)
    }

    /// When `work` nanoseconds begun at `start` are done, standing still in pauses.
    ///
    /// Work begun in a pause begins at its end; work that ends as a pause begins is done.
    pub fn work_until(&self, start: u64, work: u64) -> u64 {
        let first = self.pauses.partition_point(|p| p.1 <= start);
        let (mut at, mut left) = (start, work);
        for &(from, to, _) in &self.pauses[first..] {
            let free = from.saturating_sub(at);
            if from > at && left <= free {
                break;
            }
            left -= free;
            at = to;
        }
        at.saturating_add(left)
    }

    /// Nanoseconds of pause in [`from`, `to`).
    pub fn paused_between(&self, from: u64, to: u64) -> u64 {
        self.paused_before(to.max(from)) - self.paused_before(from)
    }

    fn paused_before(&self, t: u64) -> u64 {
        let begun = self.pauses.partition_point(|p| p.0 < t);
        match begun.checked_sub(1).map(|i| self.pauses[i]) {
            Some((from, to, before)) => before + (t.min(to) - from),
            None => 0,
        }
    }

    /// Begin of the next crash at or after `from`; `u64::MAX` if there is none.
    pub fn next_crash(&self, from: u64) -> u64 {
        let next = self.crashes.partition_point(|&c| c < from);
        self.crashes.get(next).copied().unwrap_or(u64::MAX)
    }

    /// The first instant from `t` on at which no crash lasts.
    pub fn crash_over(&self, t: u64) -> u64 {
        let Some(mut i) = self.index(t).filter(|&i| self.states[i].crash) else { return t };
        // the last edge ends every spell, so a crash always has an edge after it
        while self.states[i].crash {
            i += 1;
        }
        self.starts[i]
    }

    /// What is left at `t` of the refusal that holds then, ns; none where none does.
    pub fn refusal_left(&self, t: u64) -> Option<u64> {
        let mut i = self.index(t).filter(|&i| self.states[i].refuse.is_some())?;
        // the last edge ends every spell, so a refusal always has an edge after it
        while self.states[i].refuse.is_some() {
            i += 1;
        }
        Some(self.starts[i] - t)
    }

    /// Instants at which the share of servers left changes, with the share (of 2^16) from then on.
    ///
    /// All servers are there before the first.
    pub fn capacity_edges(&self) -> Vec<(u64, u64)> {
        let mut edges: Vec<(u64, u64)> = Vec::new();
        for (&from, state) in self.starts.iter().zip(&self.states) {
            if state.capacity != edges.last().map_or(WHOLE, |e| e.1) {
                edges.push((from, state.capacity));
            }
        }
        edges
    }

    /// When the announced incidents that refuse, pause or crash at `t` have all ended.
    pub fn announced_until(&self, t: u64) -> Option<u64> {
        self.index(t).map(|i| self.announced[i]).filter(|&until| until > 0)
    }
}

/// What spells do together; they come in the order of their begins.
fn compose(active: &[Spell<'_>]) -> State {
    let mut state = CALM.clone();
    for spell in active {
        let effect = spell.effect;
        if let (Some(cause), None) = (effect.refuse, state.refuse) {
            let (reach, incident, announced) = (effect.reach, spell.number, spell.announced);
            state.refuse = Some(Refusal { cause, reach, incident, announced });
        }
        state.paused |= effect.pause;
        state.crash |= effect.crash;
        state.latency = multiplied(state.latency, effect.latency);
        if let Some((share, cause)) = effect.fail {
            if state.fail == 0 {
                state.fail_cause = cause;
            }
            state.fail = either(state.fail, share);
        }
        state.lose = either(state.lose, effect.lose);
        state.resets = either(state.resets, effect.resets.unwrap_or(0));
        state.path_cause = state.path_cause.or(effect.path_cause);
        state.capacity = state.capacity.min(effect.capacity);
        state.no_queries |= effect.no_queries;
    }
    state.crash &= !state.paused;
    state
}

fn multiplied(a: u64, b: u64) -> u64 {
    ((u128::from(a) * u128::from(b)) >> 16).min(u128::from(LATENCY_MAX)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOTHING: Effect = Effect {
        refuse: None,
        reach: 1 << 32,
        pause: false,
        crash: false,
        latency: WHOLE,
        fail: None,
        lose: 0,
        resets: None,
        path_cause: None,
        capacity: WHOLE,
        no_queries: false,
    };

    /// A spell of an incident that is announced if its rank is even.
    fn spell(from: u64, to: u64, rank: usize, effect: &Effect) -> Spell<'_> {
        let announced = rank.is_multiple_of(2);
        Spell { from, to, rank, number: 100 + rank as u16, announced, effect }
    }

    fn line(spells: &[(u64, u64, Effect)]) -> Timeline {
        let placed = spells.iter().enumerate().map(|(rank, (f, t, e))| spell(*f, *t, rank, e));
        Timeline::new(placed.collect())
    }

    fn refusal(cause: Cause) -> Effect {
        Effect { refuse: Some(cause), ..NOTHING }
    }

    #[test]
    fn either_of_two_chances_composes() {
        assert_eq!(either(0, 1 << 31), 1 << 31);
        assert_eq!(either(1 << 31, 1 << 31), 3 << 30);
        assert_eq!(either(1 << 32, 12345), 1 << 32);
        assert_eq!(either(777, 0), 777);
    }

    #[test]
    fn a_quiet_timeline_is_calm() {
        let quiet = Timeline::default();
        assert!(quiet.is_quiet() && *quiet.state(7) == CALM);
        assert_eq!((quiet.work_until(5, 3), quiet.paused_between(0, 9)), (8, 0));
        assert_eq!((quiet.next_crash(0), quiet.announced_until(0)), (u64::MAX, None));
        assert!(quiet.capacity_edges().is_empty());
    }

    #[test]
    fn of_two_refusals_the_one_that_began_first_gives_the_code() {
        let (a, b) = (refusal(Cause::SystemError), refusal(Cause::PlatformMaintenance));
        let both = line(&[(10, 30, a.clone()), (5, 20, b.clone())]);
        let cause = |t| both.state(t).refuse.map(|r| r.cause);
        assert_eq!(cause(4), None);
        assert_eq!(cause(15), Some(Cause::PlatformMaintenance));
        assert_eq!(cause(25), Some(Cause::SystemError));
        assert_eq!(both.state(25).refuse.map(|r| r.incident), Some(100));
        assert_eq!(cause(30), None, "an end is the first instant after");
        let tie = line(&[(5, 20, a), (5, 20, b)]);
        assert_eq!(tie.state(5).refuse.map(|r| r.cause), Some(Cause::SystemError), "names decide");
    }

    #[test]
    fn factors_multiply_shares_compose_and_capacity_takes_the_minimum() {
        let a = Effect {
            latency: 3 * WHOLE / 2,
            fail: Some((1 << 31, Cause::BankMaintenance)),
            lose: 1 << 31,
            capacity: WHOLE / 2,
            ..NOTHING
        };
        let b = Effect { latency: 4 * WHOLE, capacity: WHOLE / 4, ..a.clone() };
        let b = Effect { fail: Some((1 << 31, Cause::SystemError)), ..b };
        let both = line(&[(0, 20, a), (10, 30, b)]);
        let state = both.state(15);
        assert_eq!((state.latency, state.capacity), (6 * WHOLE, WHOLE / 4));
        assert_eq!((state.fail, state.lose), (3 << 30, 3 << 30));
        assert_eq!(state.fail_cause, Cause::BankMaintenance, "the first that fails names it");
        assert_eq!(both.state(25).fail_cause, Cause::SystemError);
        let edges = [(0, WHOLE / 2), (10, WHOLE / 4), (30, WHOLE)];
        assert_eq!(both.capacity_edges(), edges);
    }

    #[test]
    fn a_pause_is_stronger_than_a_crash() {
        let (pause, crash) = (Effect { pause: true, ..NOTHING }, Effect { crash: true, ..NOTHING });
        let both = line(&[(10, 40, crash), (5, 20, pause)]);
        assert!(both.state(15).paused && !both.state(15).crash);
        assert!(both.state(25).crash);
        assert_eq!(
            [both.next_crash(0), both.next_crash(20), both.next_crash(21)],
            [20, 20, u64::MAX]
        );
    }

    #[test]
    fn touching_crashes_begin_once() {
        let crash = Effect { crash: true, ..NOTHING };
        let both = line(&[(10, 20, crash.clone()), (20, 30, crash)]);
        assert_eq!([both.next_crash(0), both.next_crash(11)], [10, u64::MAX]);
        assert_eq!([9, 10, 25, 30].map(|t| both.crash_over(t)), [9, 30, 30, 30]);
    }

    #[test]
    fn work_stands_still_in_pauses() {
        let pause = Effect { pause: true, ..NOTHING };
        let lines = line(&[(10, 20, pause.clone()), (20, 25, pause.clone()), (40, 50, pause)]);
        assert_eq!(lines.work_until(0, 10), 10, "done as the pause begins");
        assert_eq!(lines.work_until(0, 11), 26);
        assert_eq!(lines.work_until(12, 0), 25, "work begun in a pause begins at its end");
        assert_eq!(lines.work_until(12, 20), 55);
        assert_eq!(lines.work_until(60, 5), 65);
        assert_eq!(lines.work_until(5, u64::MAX), u64::MAX);
        assert_eq!(lines.paused_between(0, 100), 25);
        assert_eq!(lines.paused_between(15, 45), 15);
        assert_eq!(lines.paused_between(30, 30), 0);
    }

    #[test]
    fn a_notice_covers_what_closes_the_place() {
        let closed = refusal(Cause::PlatformMaintenance);
        let slow = Effect { latency: 2 * WHOLE, ..NOTHING };
        // ranks 0, 2 and 4 are announced
        let spells = [
            (10, 20, closed.clone()),
            (0, 90, closed.clone()),
            (15, 30, closed),
            (0, 50, slow.clone()),
            (0, 60, slow),
        ];
        let lines = line(&spells);
        let until = [5, 12, 17, 25, 30].map(|t| lines.announced_until(t));
        assert_eq!(until, [None, Some(20), Some(30), Some(30), None]);
    }

    fn effects() -> impl Strategy<Value = Effect> {
        prop_oneof![
            Just(refusal(Cause::SystemError)),
            Just(refusal(Cause::BankMaintenance)),
            Just(Effect { pause: true, ..NOTHING }),
            Just(Effect { crash: true, ..NOTHING }),
            (1..5u64).prop_map(|f| Effect { latency: f * WHOLE, ..NOTHING }),
            (0..1u64 << 32).prop_map(|lose| Effect { lose, ..NOTHING }),
            (0..WHOLE).prop_map(|capacity| Effect { capacity, ..NOTHING }),
        ]
    }

    proptest! {
        #[test]
        fn every_instant_is_what_its_spells_make_it(
            spells in proptest::collection::vec((0..60u64, 0..30u64, effects()), 0..12),
        ) {
            let spells: Vec<_> = spells.into_iter().map(|(f, l, e)| (f, f + l, e)).collect();
            let lines = line(&spells);
            let mut crashed = false;
            for t in 0..100 {
                let on: Vec<_> = spells.iter().filter(|s| s.0 <= t && t < s.1).collect();
                let state = lines.state(t);
                let first = on.iter().filter(|s| s.2.refuse.is_some()).min_by_key(|s| s.0);
                prop_assert_eq!(state.refuse.map(|r| r.cause), first.and_then(|s| s.2.refuse));
                prop_assert_eq!(state.paused, on.iter().any(|s| s.2.pause));
                prop_assert_eq!(state.crash, !state.paused && on.iter().any(|s| s.2.crash));
                let factor: u64 = on.iter().map(|s| s.2.latency / WHOLE).product();
                prop_assert_eq!(state.latency, factor * WHOLE);
                let arrives = |lose: u64| 1.0 - lose as f64 / 2f64.powi(32);
                let all: f64 = on.iter().map(|s| arrives(s.2.lose)).product();
                prop_assert!((arrives(state.lose) - all).abs() < 1e-8);
                let least = on.iter().map(|s| s.2.capacity).min().unwrap_or(WHOLE);
                prop_assert_eq!(state.capacity, least);
                let edges = lines.capacity_edges();
                let edge = edges.iter().rev().find(|e| e.0 <= t).map_or(WHOLE, |e| e.1);
                prop_assert_eq!(edge, least);
                let begins = state.crash && !crashed;
                prop_assert_eq!(lines.next_crash(t) == t, begins);
                crashed = state.crash;
            }
        }

        #[test]
        fn work_and_pauses_fill_the_time(
            pauses in proptest::collection::vec((0..60u64, 1..20u64), 0..6),
            start in 0..80u64,
            work in 0..50u64,
        ) {
            let pause = Effect { pause: true, ..NOTHING };
            let spells: Vec<_> = pauses.iter().map(|&(f, l)| (f, f + l, pause.clone())).collect();
            let lines = line(&spells);
            let done = lines.work_until(start, work);
            let paused = (start..done).filter(|&t| lines.state(t).paused).count() as u64;
            prop_assert_eq!(lines.paused_between(start, done), paused);
            prop_assert_eq!(done - start, work + paused);
            prop_assert!(work == 0 || !lines.state(done - 1).paused, "it ends with work");
        }
    }
}
