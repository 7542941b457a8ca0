//! Which causes strike at a stage: one draw says whether, a second, only then, which.

use std::collections::BTreeMap;

mod written;

use super::cause::{Cause, Mechanism, Persistence, Stage};
use super::data::Files;
use super::fault::{Faults, KeyPath};
use super::purpose::Purpose;
use crate::engine::draw::Stream;
use crate::engine::table::QuantileTable;
use crate::units::{Probability, Span};
pub use written::{CauseSpec, CauseTable};

/// The causes of every stage.
#[derive(Clone, Debug)]
pub struct Strikes {
    /// Conditions by stage; at the bank the bounds are of its business declines.
    conditions: [Group; 6],
    slips: [Group; 6],
    chances: [Group; 6],
    /// Whether any slip can reach a wrong account.
    misposting: bool,
    /// Habit: share of users on a fake site.
    pub phishing: u64,
}

/// Causes of one persistence kind at one stage.
#[derive(Clone, Debug, Default)]
struct Group {
    /// Threshold that any of them strikes.
    total: u64,
    /// Cumulative bounds (of 2^32, relative to the total) and what they stand for.
    members: Vec<Member>,
}

#[derive(Clone, Debug)]
struct Member {
    below: u64,
    cause: Cause,
    lifts_after: Option<QuantileTable>,
    passes: u64,
    misposted: u64,
}

/// What a slip comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slip {
    /// The attempt fails.
    Fails(Cause),
    /// The attempt goes on, and the money will reach a wrong account.
    Misposts,
}

/// Who is at a stage, and with which attempt.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// Key of the instrument: conditions belong to it. 0 is the account.
    pub instrument: u64,
    /// Number of the entry: slips belong to it.
    pub entry: u8,
    /// Number of the attempt: chances belong to it.
    pub attempt: u8,
    /// Since the arrival, ns: conditions may have lifted.
    pub age: u64,
    /// Whether an earlier attempt was here with the same instrument.
    pub repeat: bool,
}

impl Strikes {
    /// Checks the causes of a scenario.
    pub fn build(
        causes: &BTreeMap<String, CauseSpec>,
        path: &KeyPath,
        files: &Files,
        faults: &mut Faults,
    ) -> Self {
        let mut weights: BTreeMap<(u8, Stage), Vec<(f64, Member)>> = BTreeMap::new();
        let mut phishing = 0;
        for (code, spec) in causes {
            let at = path.key(code);
            let Some(cause) = Cause::by_code(code) else {
                let codes: Vec<&str> = Cause::ALL.iter().map(|c| c.row().code).collect();
                let help = format!("one of {}", codes.join(", "));
                faults.add_with_help(at, "is no cause", help);
                continue;
            };
            let kind = match cause.row().mechanism {
                Mechanism::Condition => 0,
                Mechanism::Slip => 1,
                Mechanism::Chance if cause.row().stage == Stage::Bank => {
                    let help = "set `technical` of [banks.named], or the file of [banks.declines]";
                    faults.add_with_help(at, "takes no share", help);
                    continue;
                }
                Mechanism::Chance => 2,
                _ if cause == Cause::PhishingSite => {
                    phishing = spec.inner.value.threshold();
                    continue;
                }
                other => {
                    faults.add_with_help(at, "takes no share", set_elsewhere(other));
                    continue;
                }
            };
            spec.check(cause, &at, faults);
            let member = spec.member(cause, &at, files, faults);
            let group = weights.entry((kind, cause.row().stage)).or_default();
            group.push((spec.inner.value.value(), member));
        }
        let mut strikes = Self {
            conditions: Default::default(),
            slips: Default::default(),
            chances: Default::default(),
            misposting: false,
            phishing,
        };
        for ((kind, stage), members) in weights {
            let group = Group::new(members, stage, kind, path, faults);
            let place = match kind {
                0 => &mut strikes.conditions,
                1 => &mut strikes.slips,
                _ => &mut strikes.chances,
            };
            place[stage as usize] = group;
        }
        let slips = strikes.slips.iter().flat_map(|group| &group.members);
        strikes.misposting = slips.into_iter().any(|member| member.misposted > 0);
        strikes
    }

    /// The cause that strikes a visit of a stage before the bank, if any.
    #[inline]
    pub fn at(&self, stage: Stage, stream: Stream, visit: Visit) -> Option<Cause> {
        let s = stage as usize;
        let (conditions, slips, chances) = (&self.conditions[s], &self.slips[s], &self.chances[s]);
        if conditions.total | slips.total | chances.total == 0 {
            return None;
        }
        let sub = stage as u8;
        if conditions.total != 0 {
            let draw = stream.about(visit.instrument).draw(Purpose::Condition, 0, sub);
            if draw.hits(conditions.total)
                && let Some(cause) = conditions.condition(stream, visit, sub)
            {
                return Some(cause);
            }
        }
        if slips.total != 0
            && let Some(Slip::Fails(cause)) = slips.slip(stream, visit.entry, sub)
        {
            return Some(cause);
        }
        if chances.total != 0
            && stream.draw(Purpose::Chance, u16::from(visit.attempt), sub).hits(chances.total)
        {
            let which = stream.draw(Purpose::ChanceKind, u16::from(visit.attempt), sub);
            return Some(chances.member(which.quantile()).cause);
        }
        None
    }

    /// Whether a slip of an entry passed all checks: its money will reach a wrong account.
    #[inline]
    pub fn misposts(&self, stream: Stream, entry: u8) -> bool {
        let passed = |(sub, slips): (usize, &Group)| {
            slips.total != 0 && slips.slip(stream, entry, sub as u8) == Some(Slip::Misposts)
        };
        self.misposting && self.slips.iter().enumerate().any(passed)
    }

    /// The business decline of a bank that declines a share `business` of attempts, if any.
    #[inline]
    pub fn at_bank(&self, business: u64, stream: Stream, visit: Visit) -> Option<Cause> {
        let sub = Stage::Bank as u8;
        let draw = stream.about(visit.instrument).draw(Purpose::Condition, 0, sub);
        if !draw.hits(business) {
            return None;
        }
        let group = &self.conditions[Stage::Bank as usize];
        if group.members.is_empty() {
            let passes = visit.repeat && passes_by_luck(stream, visit, sub, 1 << 31);
            return (!passes).then_some(Cause::BankDeclineGeneric);
        }
        group.condition(stream, visit, sub)
    }
}

/// Whether an attempt passes in spite of a condition: by the half of a draw that says nothing else,
/// since the draw of the stage's chances must not know that a condition let the attempt pass.
fn passes_by_luck(stream: Stream, visit: Visit, sub: u8, share: u64) -> bool {
    stream.draw(Purpose::ChanceKind, u16::from(visit.attempt), sub).hits(share)
}

fn set_elsewhere(mechanism: Mechanism) -> &'static str {
    match mechanism {
        Mechanism::Incident => "name it in an incident's effect",
        Mechanism::Path => "set loss and latency of [network]",
        Mechanism::Meter => "set limits and risk of [providers] or the velocity of [gateway]",
        Mechanism::Challenge => "set the challenge of [providers]",
        Mechanism::Station => "it follows from capacity: set [gateway], [providers] or [banks]",
        _ => "set the habits of [users]",
    }
}

impl CauseSpec {
    fn check(&self, cause: Cause, path: &KeyPath, faults: &mut Faults) {
        let (mechanism, spec) = (cause.row().mechanism, &self.inner);
        if mechanism != Mechanism::Condition {
            if spec.lifts_after.is_some() {
                faults.add(path.key("lifts_after"), "has a meaning for conditions only");
            }
            if spec.passes_on_retry.is_some() {
                faults.add(path.key("passes_on_retry"), "has a meaning for conditions only");
            }
        }
        if mechanism != Mechanism::Slip && spec.misposted.is_some() {
            faults.add(path.key("misposted"), "has a meaning for slips only");
        }
        if spec.low.is_some() != spec.high.is_some() {
            faults.add(path.clone(), "gives one end of a range: `low` and `high` go together");
        }
        if let (Some(low), Some(high)) = (spec.low, spec.high)
            && !(low.value() <= spec.value.value() && spec.value.value() <= high.value())
        {
            faults.add(path.key("value"), "does not lie between `low` and `high`");
        }
    }

    fn member(&self, cause: Cause, path: &KeyPath, files: &Files, faults: &mut Faults) -> Member {
        let spec = &self.inner;
        let lifts_after = match (&spec.lifts_after, cause.row().persistence) {
            (Some(law), _) => Some(law.build(&path.key("lifts_after"), files, faults)),
            (None, Persistence::Lifts(median, sigma)) => {
                let median = Span::from_secs(u64::from(median));
                Some(QuantileTable::lognormal(median.ns(), f64::from(sigma) / 100.0))
            }
            _ => None,
        };
        let passes = match (spec.passes_on_retry, cause.row().persistence) {
            (Some(share), _) => share.threshold(),
            (None, Persistence::PassesOnRetry(percent)) => (u64::from(percent) << 32) / 100,
            _ => 0,
        };
        let misposted = spec.misposted.map_or(0, Probability::threshold);
        Member { below: 0, cause, lifts_after, passes, misposted }
    }
}

impl Group {
    fn new(
        members: Vec<(f64, Member)>,
        stage: Stage,
        kind: u8,
        path: &KeyPath,
        faults: &mut Faults,
    ) -> Self {
        let mut sum: f64 = members.iter().map(|m| m.0).sum();
        if sum > 1.0 + 1e-9 {
            faults.add(
                path.clone(),
                format!("has shares at the {stage:?} stage that sum to {:.4}%", sum * 100.0),
            );
        }
        let mut members = members;
        if stage == Stage::Bank && kind == 0 {
            // what no code claims of the bank's declines has no reason
            let rest = (1.0 - sum).max(0.0);
            match members.iter_mut().find(|m| m.1.cause == Cause::BankDeclineGeneric) {
                Some(generic) => generic.0 += rest,
                None => members.push((
                    rest,
                    Member {
                        below: 0,
                        cause: Cause::BankDeclineGeneric,
                        lifts_after: None,
                        passes: 1 << 31,
                        misposted: 0,
                    },
                )),
            }
            sum = 1.0;
        }
        let total = Probability::new(sum.min(1.0)).map_or(0, Probability::threshold);
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
        Self { total, members: placed }
    }

    fn member(&self, draw: u32) -> &Member {
        let found = self.members.iter().find(|m| u64::from(draw) < m.below);
        found.expect("the last bound is above every draw")
    }

    fn condition(&self, stream: Stream, visit: Visit, sub: u8) -> Option<Cause> {
        let which = stream.about(visit.instrument).draw(Purpose::ConditionKind, 0, sub);
        let member = self.member(which.quantile());
        if let Some(lifts_after) = &member.lifts_after
            && visit.age >= lifts_after.at(which.bits() as u32)
        {
            return None;
        }
        let passes =
            visit.repeat && member.passes > 0 && passes_by_luck(stream, visit, sub, member.passes);
        (!passes).then_some(member.cause)
    }

    /// What a slip of an entry at a stage comes to, if there is one.
    fn slip(&self, stream: Stream, entry: u8, sub: u8) -> Option<Slip> {
        if !stream.draw(Purpose::Slip, u16::from(entry), sub).hits(self.total) {
            return None;
        }
        let which = stream.draw(Purpose::SlipKind, u16::from(entry), sub);
        let member = self.member(which.quantile());
        let passes = which.hits(member.misposted);
        Some(if passes { Slip::Misposts } else { Slip::Fails(member.cause) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::draw::{Class, Seed};

    const N: u64 = 100_000;

    fn build(text: &str) -> (Strikes, Vec<String>) {
        let causes: BTreeMap<String, CauseSpec> = toml::from_str(text).unwrap();
        let (path, mut faults) = (KeyPath::root().key("causes"), Faults::default());
        let strikes = Strikes::build(&causes, &path, &Files::new(), &mut faults);
        (strikes, faults.into_vec().iter().map(|f| f.path.to_string()).collect())
    }

    fn visit(attempt: u8) -> Visit {
        Visit { instrument: 0, entry: 0, attempt, age: 0, repeat: attempt > 0 }
    }

    /// How many of N journeys `hits`, as a share.
    fn share(hits: impl Fn(Stream) -> bool) -> f64 {
        let seed = Seed::new(1, 0);
        (0..N).filter(|&i| hits(seed.stream(Class::Journey, i))).count() as f64 / N as f64
    }

    fn near(got: f64, want: f64) {
        let error = (want * (1.0 - want) / N as f64).sqrt();
        assert!((got - want).abs() <= 5.0 * error, "{got} for {want}");
    }

    #[test]
    fn causes_strike_by_their_shares_in_the_order_of_their_kinds() {
        let text = "account_frozen = '10%'\naccount_info_mismatch = '20%'\nsystem_error = '30%'";
        let (strikes, faults) = build(text);
        assert!(faults.is_empty(), "{faults:?}");
        let struck =
            |cause: Cause| share(|s| strikes.at(Stage::Gateway, s, visit(0)) == Some(cause));
        near(struck(Cause::AccountFrozen), 0.1);
        near(struck(Cause::AccountInfoMismatch), 0.2);
        near(struck(Cause::SystemError), 0.7 * 0.3);
        near(share(|s| strikes.at(Stage::Bank, s, visit(0)).is_some()), 0.0);
    }

    #[test]
    fn a_condition_stays_a_slip_goes_with_the_entry_and_a_chance_with_the_attempt() {
        let again = |text: &str, stage: Stage, second: Visit| {
            let (strikes, faults) = build(text);
            assert!(faults.is_empty(), "{faults:?}");
            let strikes = &strikes;
            share(|s| {
                let both = [visit(0), second].map(|v| strikes.at(stage, s, v).is_some());
                both[0] && both[1]
            })
        };
        let other = Visit { instrument: 1, entry: 1, ..visit(1) };
        let condition = "account_info_mismatch = '20%'";
        near(again(condition, Stage::Gateway, visit(1)), 0.2);
        near(again(condition, Stage::Gateway, other), 0.04);
        near(again("card_number_wrong = '20%'", Stage::Channel, visit(1)), 0.2);
        near(again("card_number_wrong = '20%'", Stage::Channel, other), 0.04);
        near(again("system_error = '20%'", Stage::Gateway, visit(1)), 0.04);
    }

    #[test]
    fn a_condition_lifts_after_its_time() {
        let (strikes, _) = build("account_frozen = { value = '50%', lifts_after = '1h' }");
        let hour = 3_600_000_000_000;
        for (age, want) in [(0, 0.5), (hour - 1, 0.5), (hour, 0.0)] {
            let v = Visit { age, ..visit(1) };
            near(share(|s| strikes.at(Stage::Gateway, s, v).is_some()), want);
        }
    }

    #[test]
    fn whether_a_condition_lets_a_retry_pass_says_nothing_about_the_next_chance() {
        let frozen = "account_frozen = { value = '100%', passes_on_retry = '10%' }";
        let (strikes, _) = build(&format!("{frozen}\nsystem_error = '30%'"));
        let by = |cause| {
            let (struck, strikes) = (Some(cause), &strikes);
            share(move |s| strikes.at(Stage::Gateway, s, visit(1)) == struck)
        };
        near(by(Cause::AccountFrozen), 0.9);
        near(by(Cause::SystemError), 0.1 * 0.3);
    }

    #[test]
    fn a_bank_declines_its_own_share_whatever_the_codes() {
        for text in ["", "balance_insufficient = '60%'\ncard_expired = '10%'"] {
            let (strikes, faults) = build(text);
            assert!(faults.is_empty(), "{faults:?}");
            let business = 1u64 << 30;
            let declined = |attempt: u8, cause: Option<Cause>| {
                share(|s| {
                    let found = strikes.at_bank(business, s, visit(attempt));
                    found.is_some() && (cause.is_none() || found == cause)
                })
            };
            near(declined(0, None), 0.25);
            // half of the declines without a reason pass when tried again
            let generic = if text.is_empty() { 0.25 } else { 0.25 * 0.3 };
            near(declined(0, Some(Cause::BankDeclineGeneric)), generic);
            near(declined(1, Some(Cause::BankDeclineGeneric)), generic / 2.0);
            near(declined(1, Some(Cause::CardExpired)), if text.is_empty() { 0.0 } else { 0.025 });
        }
    }

    #[test]
    fn a_share_of_slips_reaches_a_wrong_account() {
        let (strikes, _) = build("decimal_point_error = { value = '40%', misposted = '25%' }");
        near(share(|s| strikes.misposts(s, 0)), 0.1);
        near(share(|s| strikes.misposts(s, 0) && strikes.misposts(s, 1)), 0.01);
    }

    #[test]
    fn faults_name_the_key() {
        let wrong = [
            ("no_such = '1%'", "causes.no_such"),
            ("limit_daily = '1%'", "causes.limit_daily"),
            (
                "system_error = { value = '1%', lifts_after = '1h' }",
                "causes.system_error.lifts_after",
            ),
            (
                "account_frozen = { value = '1%', misposted = '1%' }",
                "causes.account_frozen.misposted",
            ),
            (
                "system_error = { value = '1%', low = '2%', high = '3%' }",
                "causes.system_error.value",
            ),
            ("account_frozen = '60%'\naccount_info_mismatch = '60%'", "causes"),
        ];
        for (text, path) in wrong {
            assert_eq!(build(text).1, [path], "{text}");
        }
    }
}
