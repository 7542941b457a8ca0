//! Causes of one kind at one stage: they exclude each other.

use super::{Care, Tries, Visit};
use crate::engine::draw::Stream;
use crate::engine::table::QuantileTable;
use crate::model::cause::Cause;
use crate::model::prevention::Escapes;
use crate::model::purpose::Purpose;

/// Sets the draws of who escapes a condition apart from those of slips, by stage and entry.
const BY_CONDITION: u16 = 1 << 8;

/// Causes of one persistence kind at one stage.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// Threshold that any of them strikes.
    pub(super) total: u64,
    /// Cumulative bounds (of 2^32, relative to the total) and what they stand for.
    members: Vec<Member>,
    locks: bool,
}

/// One cause of a group.
#[derive(Clone, Debug)]
pub(super) struct Member {
    below: u64,
    pub(super) cause: Cause,
    /// Time until a condition lifts.
    pub(super) lifts_after: Option<QuantileTable>,
    /// When the condition began, ns from the start; with the journey, where there is none.
    pub(super) since: Option<i64>,
    /// Threshold of a later attempt to pass.
    pub(super) passes: u64,
    /// Threshold of a slip to pass.
    pub(super) misposted: u64,
    /// Channels on which it strikes, as bits.
    pub(super) channels: u32,
    pub(super) lock: Option<Lock>,
    /// Whom preventions spare.
    pub(super) escapes: Escapes,
}

/// Tries that lock.
#[derive(Clone, Debug)]
pub(super) struct Lock {
    pub(super) tries: u32,
    pub(super) into: Cause,
    pub(super) lasts: Option<QuantileTable>,
}

/// What a condition comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It has lifted, or lets this attempt pass.
    Passes,
    /// It does not strike on this channel.
    Elsewhere,
    Strikes(Cause),
}

/// What a slip comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slip {
    /// There is none.
    Passes,
    /// It does not strike on this channel.
    Elsewhere,
    /// The attempt fails.
    Fails(Cause),
    /// The attempt goes on, and the money will reach a wrong account.
    Misposts(Cause),
}

impl Member {
    /// A cause that stays as it is drawn.
    pub(super) fn new(cause: Cause) -> Self {
        Self {
            below: 0,
            cause,
            lifts_after: None,
            since: None,
            passes: 0,
            misposted: 0,
            channels: u32::MAX,
            lock: None,
            escapes: Escapes::default(),
        }
    }

    /// What no code claims of a bank's declines: half of it passes when tried again.
    pub(super) fn without_reason() -> Self {
        Self { passes: super::HALF, ..Self::new(Cause::BankDeclineGeneric) }
    }

    fn is_on(&self, channel: u8) -> bool {
        self.channels >> channel & 1 == 1
    }

    /// Whether a condition holds at the time of a visit.
    fn holds(&self, visit: &Visit, luck: u32) -> bool {
        let age = match self.since {
            None => visit.age,
            Some(since) => match u64::try_from(visit.now as i64 - since) {
                Ok(age) => age,
                Err(_) => return false,
            },
        };
        self.lifts_after.as_ref().is_none_or(|law| age < law.at(luck))
    }
}

impl Group {
    /// A group of causes with their shares, which sum to 1 at most.
    pub(super) fn new(members: Vec<(f64, Member)>) -> Self {
        let sum: f64 = members.iter().map(|m| m.0).sum();
        let total = crate::units::Probability::new(sum.min(1.0)).map_or(0, |p| p.threshold());
        let mut running = 0.0;
        let mut placed: Vec<Member> = Vec::with_capacity(members.len());
        for (share, member) in members {
            running += share;
            let below = (running / sum.max(1e-300) * 4_294_967_296.0) as u64;
            placed.push(Member { below, ..member });
        }
        if let Some(last) = placed.last_mut() {
            last.below = 1 << 32;
        }
        let locks = placed.iter().any(|member| member.lock.is_some());
        Self { total, members: placed, locks }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether any of them ever strikes.
    pub(super) fn strikes(&self) -> bool {
        self.total != 0
    }

    /// Whether tries of any of them lock.
    #[inline]
    pub(super) fn locks(&self) -> bool {
        self.locks
    }

    /// Whether any of them can reach a wrong account.
    pub(super) fn misposts(&self) -> bool {
        self.members.iter().any(|member| member.misposted > 0)
    }

    fn member(&self, draw: u32) -> &Member {
        let found = self.members.iter().find(|m| u64::from(draw) < m.below);
        found.expect("the last bound is above every draw")
    }

    /// What the condition of whom the group has struck comes to; `whose`: journey and key.
    pub(super) fn condition(&self, whose: (Stream, u64), visit: &Visit, sub: u8) -> Found {
        let (stream, key) = whose;
        let which = stream.about(key).draw(Purpose::ConditionKind, 0, sub);
        let member = self.member(which.quantile());
        if !member.is_on(visit.channel) {
            return Found::Elsewhere;
        }
        let spared = || member.escapes.spare(whose, BY_CONDITION | u16::from(sub));
        if visit.care.ended.has(member.cause) || spared() {
            return Found::Passes;
        }
        if !member.holds(visit, which.bits() as u32) {
            return Found::Passes;
        }
        let passes =
            visit.repeat && member.passes > 0 && passes_by_luck(stream, visit, sub, member.passes);
        if passes { Found::Passes } else { Found::Strikes(member.cause) }
    }

    /// What the slip of the visit's entry comes to, if a share `total` of entries has one.
    pub(super) fn slip(&self, stream: Stream, visit: &Visit, sub: u8, total: u64) -> Slip {
        if total == 0 || self.is_empty() {
            return Slip::Passes;
        }
        let entry = u16::from(visit.entry);
        if !stream.draw(Purpose::Slip, entry, sub).hits(total) {
            return Slip::Passes;
        }
        let which = stream.draw(Purpose::SlipKind, entry, sub);
        let member = self.member(which.quantile());
        if !member.is_on(visit.channel) {
            Slip::Elsewhere
        } else if is_avoided(stream, visit, sub)
            || member.escapes.spare((stream, 0), u16::from(sub) << 4 | entry)
        {
            Slip::Passes
        } else if which.hits(member.misposted) {
            Slip::Misposts(member.cause)
        } else {
            Slip::Fails(member.cause)
        }
    }

    /// The chance that struck.
    pub(super) fn chance(&self, stream: Stream, visit: &Visit, sub: u8) -> Option<Cause> {
        let which = stream.draw(Purpose::ChanceKind, u16::from(visit.attempt), sub);
        let member = self.member(which.quantile());
        member.is_on(visit.channel).then_some(member.cause)
    }

    /// The cause of a lock that earlier tries have closed and that still holds. How many of them
    /// were wrong follows from the draws of their entries.
    pub(super) fn locked(
        &self,
        whose: (Stream, u64),
        visit: &Visit,
        sub: u8,
        total: u64,
    ) -> Option<Cause> {
        let Tries { by_entry, since } = visit.tries;
        if by_entry == [0; 4] {
            return None;
        }
        let (stream, key) = whose;
        let wrong_in = |entry: usize| {
            let visit = Visit { entry: entry as u8, ..*visit };
            let is_tried = by_entry[entry] > 0;
            if is_tried { self.slip(stream, &visit, sub, total) } else { Slip::Passes }
        };
        let wrong: [Slip; 4] = std::array::from_fn(wrong_in);
        self.members.iter().find_map(|member| {
            let lock = member.lock.as_ref()?;
            let of_this = |&(_, slip): &(&u8, &Slip)| *slip == Slip::Fails(member.cause);
            let wrong = by_entry.iter().zip(&wrong).filter(of_this);
            let tries: u32 = wrong.map(|(&tries, _)| u32::from(tries)).sum();
            let luck = stream.about(key).draw(Purpose::Lock, 0, sub).quantile();
            let holds = lock.lasts.as_ref().is_none_or(|law| since < law.at(luck));
            (tries >= lock.tries && holds).then_some(lock.into)
        })
    }
}

/// Whether a user who enters with care does not make the slip.
fn is_avoided(stream: Stream, visit: &Visit, sub: u8) -> bool {
    let Care { careful_from, remains, .. } = visit.care;
    visit.entry >= careful_from
        && !stream.draw(Purpose::Care, u16::from(visit.entry), sub).hits(remains)
}

/// Whether an attempt passes in spite of a condition: by the half of a draw that says nothing else,
/// since the draw of the stage's chances must not know that a condition let the attempt pass.
pub(super) fn passes_by_luck(stream: Stream, visit: &Visit, sub: u8, share: u64) -> bool {
    stream.draw(Purpose::ChanceKind, u16::from(visit.attempt), sub).hits(share)
}
