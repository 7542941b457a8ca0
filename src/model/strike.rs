//! Which causes strike at a stage: one draw says whether, a second, only then, which.

use std::collections::BTreeMap;

mod check;
mod group;
mod written;

use super::calendar::Calendar;
use super::cause::{Cause, CauseSet, Mechanism, Stage};
use super::data::Files;
use super::fault::{Faults, KeyPath};
use super::prevention::Preventions;
use super::purpose::Purpose;
use super::share_or::ShareOr;
use crate::engine::draw::Stream;
use crate::units::Probability;
use check::set_elsewhere;
use group::{Found, Group, Member, Slip, passes_by_luck};
pub use written::{CauseSpec, CauseTable, DecaysSpec, LocksSpec};

/// Stages.
const STAGES: usize = Stage::Ledger as usize + 1;

/// The causes of every stage.
#[derive(Clone, Debug)]
pub struct Strikes {
    stages: [AtStage; STAGES],
    /// Whether any slip can reach a wrong account.
    misposting: bool,
    /// Threshold of automatic top-ups: nobody types them.
    automatic: u64,
    /// Habit: share of users on a fake site.
    pub phishing: u64,
}

/// The causes of one stage.
#[derive(Clone, Debug, Default)]
struct AtStage {
    /// Whether anything can strike here.
    busy: bool,
    /// Of the account before the channel, of the instrument from there on; at the bank the bounds
    /// are of its business declines.
    conditions: Group,
    /// Conditions of the instrument that show before the channel.
    of_method: Group,
    slips: Group,
    chances: Group,
    /// The bank's slips, as a share (of 2^32) of its business declines.
    slips_of_declines: u64,
}

/// What the rest of a scenario says to its causes.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// Channels in the order of their indices.
    pub channels: &'a [String],
    /// Share of automatic top-ups.
    pub automatic: Probability,
    /// What keeps causes from striking.
    pub preventions: &'a Preventions,
    /// Tries of one top-up at most.
    pub tries_max: u32,
    /// Local days.
    pub calendar: &'a Calendar,
    /// Data files.
    pub files: &'a Files,
}

/// Who is at a stage, and with which attempt.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// Index of the channel.
    pub channel: u8,
    /// Key of the instrument, from the name of the channel.
    pub instrument: u64,
    /// Number of the entry: slips belong to it.
    pub entry: u8,
    /// Number of the attempt: chances belong to it.
    pub attempt: u8,
    /// When, ns.
    pub now: u64,
    /// Since the arrival, ns: conditions may have lifted.
    pub age: u64,
    /// Whether an earlier attempt was here with the same instrument.
    pub repeat: bool,
    /// Earlier tries here, where some slip locks.
    pub tries: Tries,
    /// What the user has done about earlier failures.
    pub care: Care,
}

/// What a user has done about causes before a visit.
#[derive(Clone, Copy, Debug)]
pub struct Care {
    /// Those that have been ended.
    pub ended: CauseSet,
    /// The first entry made with care.
    pub careful_from: u8,
    /// What remains of its slips, of 2^32.
    pub remains: u64,
}

impl Care {
    /// Nothing.
    pub const NONE: Self = Self { ended: CauseSet::EMPTY, careful_from: u8::MAX, remains: 0 };
}

/// Earlier tries at a stage with the same instrument.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tries {
    /// How many, by entry.
    pub by_entry: [u8; 4],
    /// Since the last of them, ns.
    pub since: u64,
}

impl Strikes {
    /// Checks the causes of a scenario.
    pub fn build(
        causes: &BTreeMap<String, CauseSpec>,
        path: &KeyPath,
        around: &Around<'_>,
        faults: &mut Faults,
    ) -> Self {
        let mut weights: BTreeMap<(Kind, Stage), Vec<(f64, Member)>> = BTreeMap::new();
        let mut phishing = 0;
        for (code, ShareOr(spec)) in causes {
            let at = path.key(code);
            let Some(cause) = Cause::by_code(code) else {
                let codes: Vec<&str> = Cause::ALL.iter().map(|c| c.row().code).collect();
                let help = format!("one of {}", codes.join(", "));
                faults.add_with_help(at, "is no cause", help);
                continue;
            };
            if cause == Cause::PhishingSite {
                phishing = spec.value.threshold();
                continue;
            }
            let Some(kind) = Kind::of(cause) else {
                faults.add_with_help(at, "takes no share", set_elsewhere(cause));
                continue;
            };
            spec.check(cause, &at, around, faults);
            let member = spec.member(cause, &at, around, faults);
            let group = weights.entry((kind, cause.row().stage)).or_default();
            group.push((spec.value.value(), member));
        }
        let automatic = around.automatic.threshold();
        let mut strikes =
            Self { stages: Default::default(), misposting: false, automatic, phishing };
        let bank = strikes.build_bank(&mut weights, path, faults);
        strikes.stages[Stage::Bank as usize] = bank;
        for ((kind, stage), members) in weights {
            let here = &mut strikes.stages[stage as usize];
            let place = match kind {
                Kind::Condition => &mut here.conditions,
                Kind::OfMethod => &mut here.of_method,
                Kind::Slip => &mut here.slips,
                Kind::Chance => &mut here.chances,
            };
            check_sum(members.iter().map(|m| m.0).sum(), stage, path, faults);
            *place = Group::new(members);
            here.busy |= place.strikes();
        }
        strikes.misposting = strikes.stages.iter().any(|here| here.slips.misposts());
        strikes
    }

    /// The bank's causes are shares of its declines, whatever the mechanism; what no code claims
    /// of them has no reason.
    fn build_bank(
        &self,
        weights: &mut BTreeMap<(Kind, Stage), Vec<(f64, Member)>>,
        path: &KeyPath,
        faults: &mut Faults,
    ) -> AtStage {
        let mut of = |kind| weights.remove(&(kind, Stage::Bank)).unwrap_or_default();
        let (mut conditions, slips) = (of(Kind::Condition), of(Kind::Slip));
        let sum = |members: &[(f64, Member)]| members.iter().map(|m| m.0).sum::<f64>();
        let (of_conditions, of_slips) = (sum(&conditions), sum(&slips));
        check_sum(of_conditions + of_slips, Stage::Bank, path, faults);
        let rest = (1.0 - of_conditions - of_slips).max(0.0);
        let generic = conditions.iter().position(|m| m.1.cause == Cause::BankDeclineGeneric);
        match generic {
            Some(generic) => conditions[generic].0 += rest,
            None if conditions.is_empty() && slips.is_empty() => {}
            None => conditions.push((rest, Member::without_reason())),
        }
        AtStage {
            busy: true,
            conditions: Group::new(conditions),
            slips: Group::new(slips),
            slips_of_declines: Probability::new(of_slips.min(1.0)).map_or(0, |p| p.threshold()),
            ..AtStage::default()
        }
    }

    /// The cause that strikes a visit of a stage before the bank, if any.
    #[inline]
    pub fn at(&self, stage: Stage, stream: Stream, visit: &Visit) -> Option<Cause> {
        let here = &self.stages[stage as usize];
        if here.busy { self.strike(here, stage, stream, visit) } else { None }
    }

    fn strike(&self, here: &AtStage, stage: Stage, stream: Stream, visit: &Visit) -> Option<Cause> {
        let sub = stage as u8;
        let key = if stage < Stage::Channel { 0 } else { visit.instrument };
        let locked = || here.slips.locked((stream, key), visit, sub, here.slips.total);
        if here.slips.locks()
            && !self.is_automatic(stream)
            && let Some(cause) = locked()
            && !visit.care.ended.has(cause)
        {
            return Some(cause);
        }
        for (group, key) in [(&here.conditions, key), (&here.of_method, visit.instrument)] {
            if group.total != 0
                && stream.about(key).draw(Purpose::Condition, 0, sub).hits(group.total)
                && let Found::Strikes(cause) = group.condition((stream, key), visit, sub)
                && (cause.row().mechanism != Mechanism::Automatic || self.is_automatic(stream))
            {
                return Some(cause);
            }
        }
        if here.slips.total != 0
            && !self.is_automatic(stream)
            && let Slip::Fails(cause) = here.slips.slip(stream, visit, sub, here.slips.total)
        {
            return Some(cause);
        }
        let attempt = u16::from(visit.attempt);
        if here.chances.total != 0
            && stream.draw(Purpose::Chance, attempt, sub).hits(here.chances.total)
        {
            return here.chances.chance(stream, visit, sub);
        }
        None
    }

    /// Whether anything can strike at a stage before the bank.
    #[inline]
    pub fn is_busy(&self, stage: Stage) -> bool {
        self.stages[stage as usize].busy
    }

    /// Whether any slip can reach a wrong account.
    #[inline]
    pub fn can_mispost(&self) -> bool {
        self.misposting
    }

    /// Whether earlier tries matter at a stage.
    #[inline]
    pub fn locks_at(&self, stage: Stage) -> bool {
        self.stages[stage as usize].slips.locks()
    }

    /// Whether a top-up is automatic.
    #[inline]
    pub fn is_automatic(&self, stream: Stream) -> bool {
        self.automatic != 0 && stream.draw(Purpose::Automatic, 0, 0).hits(self.automatic)
    }

    /// The slip of the visit's entry that passed all checks, if any: its money will reach a wrong
    /// account.
    #[inline]
    pub fn misposts(&self, stream: Stream, visit: &Visit) -> Option<Cause> {
        if !self.misposting || self.is_automatic(stream) {
            return None;
        }
        self.stages.iter().enumerate().find_map(|(sub, here)| {
            match here.slips.slip(stream, visit, sub as u8, here.slips.total) {
                Slip::Misposts(cause) => Some(cause),
                Slip::Passes | Slip::Fails(_) | Slip::Elsewhere => None,
            }
        })
    }

    /// The business decline of a bank that declines a share `business` of attempts, if any.
    #[inline]
    pub fn at_bank(&self, business: u64, stream: Stream, visit: &Visit) -> Option<Cause> {
        let (here, sub) = (&self.stages[Stage::Bank as usize], Stage::Bank as u8);
        let key = visit.instrument;
        let (conditions, slips) = split(business, here.slips_of_declines);
        if here.slips.locks()
            && !self.is_automatic(stream)
            && let Some(cause) = here.slips.locked((stream, key), visit, sub, slips)
            && !visit.care.ended.has(cause)
        {
            return Some(cause);
        }
        if stream.about(key).draw(Purpose::Condition, 0, sub).hits(conditions) {
            let found = match here.conditions.is_empty() {
                true => Found::Elsewhere,
                false => here.conditions.condition((stream, key), visit, sub),
            };
            match found {
                Found::Strikes(cause) => return Some(cause),
                Found::Elsewhere if visit.care.ended.has(Cause::BankDeclineGeneric) => {}
                Found::Elsewhere if !visit.repeat || !passes_by_luck(stream, visit, sub, HALF) => {
                    return Some(Cause::BankDeclineGeneric);
                }
                Found::Elsewhere | Found::Passes => {}
            }
        }
        if slips == 0 {
            return None;
        }
        match here.slips.slip(stream, visit, sub, slips) {
            Slip::Passes | Slip::Misposts(_) => None,
            // the bank's share is the total: where nobody types, it has another reason
            Slip::Fails(_) if self.is_automatic(stream) => Some(Cause::BankDeclineGeneric),
            Slip::Fails(cause) => Some(cause),
            Slip::Elsewhere => Some(Cause::BankDeclineGeneric),
        }
    }
}

/// One half, of 2^32: declines without a reason pass when tried again.
const HALF: u64 = 1 << 31;

/// Thresholds of a bank's conditions and of its slips, of which `slips` is a share of all that it
/// declines: together they decline `business`, since 1 - (1 - conditions)(1 - slips) = business.
fn split(business: u64, slips: u64) -> (u64, u64) {
    if slips == 0 {
        return (business, 0);
    }
    let whole = 1u64 << 32;
    let conditions = ((u128::from(business) * u128::from(whole - slips)) >> 32) as u64;
    let left = whole - conditions;
    if left == 0 {
        return (conditions, 0);
    }
    let slips = (u128::from(business - conditions) << 32) / u128::from(left);
    (conditions, slips as u64)
}

/// How a cause that takes a share is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Condition,
    OfMethod,
    Slip,
    Chance,
}

impl Kind {
    fn of(cause: Cause) -> Option<Self> {
        match cause.row().mechanism {
            Mechanism::Condition | Mechanism::Automatic => Some(Self::Condition),
            Mechanism::OfMethod => Some(Self::OfMethod),
            Mechanism::Slip => Some(Self::Slip),
            Mechanism::Chance if cause.row().stage != Stage::Bank => Some(Self::Chance),
            _ => None,
        }
    }
}

fn check_sum(sum: f64, stage: Stage, path: &KeyPath, faults: &mut Faults) {
    if sum > 1.0 + 1e-9 {
        let message = format!("has shares at the {stage:?} stage that sum to {:.4}%", sum * 100.0);
        faults.add(path.clone(), message);
    }
}

#[cfg(test)]
mod tests;
