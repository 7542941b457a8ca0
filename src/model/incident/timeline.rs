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
    /// Share of the servers left, of 2^16.
    pub capacity: u64,
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
    capacity: WHOLE,
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
            state.refuse = Some(Refusal { cause, reach: effect.reach, incident: spell.number });
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
        state.capacity = state.capacity.min(effect.capacity);
    }
    state.crash &= !state.paused;
    state
}

fn multiplied(a: u64, b: u64) -> u64 {
    ((u128::from(a) * u128::from(b)) >> 16).min(u128::from(LATENCY_MAX)) as u64
}
