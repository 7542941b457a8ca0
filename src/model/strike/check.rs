//! Checks of `[causes]`: what a cause may be given, and where others are set.

use super::group::{Lock, Member};
use super::{Around, CauseTable, DecaysSpec, LocksSpec};
use crate::engine::table::QuantileTable;
use crate::model::cause::{Cause, Mechanism, Persistence, Stage};
use crate::model::fault::{Faults, KeyPath};
use crate::model::incident::begin_once;
use crate::model::share_or::check_range;
use crate::units::{Probability, Span};

/// Where a cause that takes no share is set.
pub(super) fn set_elsewhere(cause: Cause) -> &'static str {
    match (cause, cause.row().mechanism) {
        (Cause::NetDropMidRequest, _) => "set `drops_every` of [network]",
        (Cause::NetSlow, _) => "set `slow` of [network]",
        (Cause::NetPublicInsecure, _) => "set `insecure` of [network], beside `account_stolen`",
        (Cause::NetCongestion | Cause::NetPeakHours, _) => {
            "name it as the `cause` of an incident on a network"
        }
        (Cause::NoticeMissed, _) => "set `notice_missed` of [users], and announce an incident",
        (Cause::MfaIncomplete, _) => "set `mfa` of [providers]",
        (Cause::IdentityNotVerified, _) => "set `identity` of [providers]",
        (_, Mechanism::Chance) => {
            "set `technical` of [banks.named], or the file of [banks.declines]"
        }
        (_, Mechanism::Incident) => "name it in an incident's effect",
        (_, Mechanism::Path) => "set loss and latency of [network]",
        (_, Mechanism::Meter) => {
            "set limits and risk of [providers], limits of [banks] or the velocity of [gateway]"
        }
        (_, Mechanism::Challenge) => "set the challenge of [providers]",
        (_, Mechanism::Station) => {
            "it follows from capacity: set [gateway], [providers] or [banks]"
        }
        _ => "set the habits of [users]",
    }
}

impl CauseTable {
    /// Keys that mean something for this cause, and values that go together.
    pub(super) fn check(
        &self,
        cause: Cause,
        path: &KeyPath,
        around: &Around<'_>,
        faults: &mut Faults,
    ) {
        let (row, spec) = (cause.row(), self);
        let condition = row.mechanism.is_condition();
        let slip = row.mechanism == Mechanism::Slip;
        let checked = matches!(row.stage, Stage::Gateway | Stage::Channel | Stage::Bank);
        let given = [
            ("lifts_after", spec.lifts_after.is_some(), condition, "conditions"),
            ("passes_on_retry", spec.passes_on_retry.is_some(), condition, "conditions"),
            ("decays", spec.decays.is_some(), condition, "conditions"),
            ("misposted", spec.misposted.is_some(), slip, "slips"),
            ("locks", spec.locks.is_some(), slip, "slips"),
        ];
        for (key, _, _, kind) in given.into_iter().filter(|&(_, given, fits, _)| given && !fits) {
            faults.add(path.key(key), format!("has a meaning for {kind} only"));
        }
        if slip && spec.misposted.is_some() && matches!(row.stage, Stage::Bank | Stage::Ledger) {
            let message = match row.stage {
                Stage::Bank => "has no meaning at the bank, which sends no money astray",
                _ => "has no meaning where all of it reaches another account",
            };
            faults.add(path.key("misposted"), message);
        }
        if slip && spec.locks.is_some() && !checked {
            faults.add(path.key("locks"), "never locks: nobody counts the tries at this stage");
        }
        if spec.decays.is_some() && spec.lifts_after.is_some() {
            faults.add(path.key("decays"), "stands beside `lifts_after`: a condition ends once");
        }
        if cause == Cause::AutoTopupNoBalance && around.automatic.value() <= 0.0 {
            let help = "set `automatic` of [users]";
            faults.add_with_help(path.clone(), "strikes nobody: no top-up is automatic", help);
        }
        check_range(spec.value, (spec.low, spec.high), path, faults);
    }

    /// The cause as a member of its group.
    pub(super) fn member(
        &self,
        cause: Cause,
        path: &KeyPath,
        around: &Around<'_>,
        faults: &mut Faults,
    ) -> Member {
        let (spec, persistence) = (self, cause.row().persistence);
        let mut member = Member::new(cause);
        member.escapes = around.preventions.escapes(cause);
        member.lifts_after = match (&spec.lifts_after, persistence) {
            (Some(law), _) => Some(law.build(&path.key("lifts_after"), around.files, faults)),
            (None, Persistence::Lifts(median, sigma)) => Some(lognormal(median, sigma)),
            _ => None,
        };
        if let Some(decays) = &spec.decays {
            member.since = decays.since(&path.key("decays"), around, faults);
            member.lifts_after = Some(QuantileTable::exponential(decays.over.ns()));
        }
        member.passes = match (spec.passes_on_retry, persistence) {
            (Some(share), _) => share.threshold(),
            (None, Persistence::PassesOnRetry(percent)) => (u64::from(percent) << 32) / 100,
            _ => 0,
        };
        member.misposted = match cause.row().stage {
            Stage::Ledger => 1 << 32,
            _ => spec.misposted.map_or(0, Probability::threshold),
        };
        if let Some(names) = &spec.channels {
            member.channels = mask(names, &path.key("channels"), around, faults);
        }
        member.lock = match (&spec.locks, persistence) {
            (Some(locks), _) => locks.build(cause, &path.key("locks"), around, faults),
            (None, Persistence::Locks { tries, into, median_s, sigma }) => {
                let lasts = Some(lognormal(median_s, sigma));
                Some(Lock { tries: u32::from(tries), into, lasts })
            }
            _ => None,
        };
        member
    }
}

fn lognormal(median_s: u32, sigma: u32) -> QuantileTable {
    let median = Span::from_secs(u64::from(median_s));
    QuantileTable::lognormal(median.ns(), f64::from(sigma) / 100.0)
}

/// The channels of these names, as bits.
fn mask(names: &[String], path: &KeyPath, around: &Around<'_>, faults: &mut Faults) -> u32 {
    if names.is_empty() {
        faults.add(path.clone(), "is empty: the cause would strike nobody");
    }
    let mut mask = 0;
    for (i, name) in names.iter().enumerate() {
        match around.channels.iter().position(|channel| channel == name) {
            Some(channel) => mask |= 1u32 << channel.min(31),
            None => {
                let help = format!("one of {}", around.channels.join(", "));
                faults.add_with_help(path.index(i), format!("names no channel: {name:?}"), help);
            }
        }
    }
    mask
}

impl DecaysSpec {
    /// When the release came, ns from the start.
    fn since(&self, path: &KeyPath, around: &Around<'_>, faults: &mut Faults) -> Option<i64> {
        if self.over.is_zero() {
            faults.add(path.key("over"), "is zero: everybody would have updated at once");
        }
        match (&self.ago, &self.at) {
            (Some(ago), None) => i64::try_from(ago.ns()).ok().map(|ns| -ns),
            (None, Some(at)) => {
                let at = begin_once(at, &path.key("at"), around.calendar, faults)?;
                i64::try_from(at).ok()
            }
            _ => {
                let help = "`ago` for a release before the start, or `at` for one during the run";
                faults.add_with_help(path.clone(), "needs one time of the release", help);
                None
            }
        }
    }
}

impl LocksSpec {
    fn build(
        &self,
        cause: Cause,
        path: &KeyPath,
        around: &Around<'_>,
        faults: &mut Faults,
    ) -> Option<Lock> {
        let max = around.tries_max;
        if self.tries == 0 {
            faults.add(path.key("tries"), "is zero: it would be locked before the first try");
        } else if self.tries >= max {
            faults.add_with_help(
                path.key("tries"),
                format!("is {}, which never locks", self.tries),
                format!("a top-up makes {max} tries at most, and a lock refuses those after it"),
            );
        }
        let stage = cause.row().stage;
        let fits = |c: &Cause| c.row().mechanism.is_condition() && c.row().stage == stage;
        let into = Cause::by_code(&self.into).filter(fits);
        if into.is_none() {
            let legal = Cause::ALL.iter().filter(|c| fits(c)).map(|c| c.row().code);
            let legal: Vec<&str> = legal.collect();
            faults.add_with_help(
                path.key("into"),
                format!("is no condition of the {} stage: {:?}", stage.name(), self.into),
                format!("one of {}", legal.join(", ")),
            );
        }
        let lasts = self.lasts.as_ref().map(|l| l.build(&path.key("for"), around.files, faults));
        Some(Lock { tries: self.tries, into: into?, lasts })
    }
}
