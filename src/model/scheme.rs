//! What card schemes say about trying a declined card again: rows, each as of a time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cause::{Cause, Class, Stage};
use super::fault::{Faults, KeyPath};

const DAY: u64 = 86_400_000_000_000;

/// A scheme's rule on retries. Schemes change theirs, so each row is one reading at one time.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Name in a scenario.
    pub name: &'static str,
    /// Declines after which the same card may not be tried again.
    pub never: Never,
    /// So many declines of one card (first) within so long (second, ns) are the last.
    pub limits: &'static [(u32, u64)],
    /// Where it is from, and what is assumed about it.
    pub source: &'static str,
}

/// Which declines are final.
#[derive(Debug, PartialEq, Eq)]
pub enum Never {
    /// Those with one of these response codes.
    Codes(&'static [&'static str]),
    /// Those that are permanent by their cause. Issuers say so in an advice code of their own,
    /// which causes do not carry.
    Permanent,
}

/// Visa's category 1: the issuer will never approve.
const VISA_CATEGORY_1: Never =
    Never::Codes(&["04", "07", "12", "14", "15", "41", "43", "46", "57", "R0", "R1", "R3"]);

/// All rules. A reattempt is what follows a decline, so 15 of them end with the 16th decline.
pub const RULES: &[Rule] = &[
    Rule {
        name: "visa-15-in-30d",
        never: VISA_CATEGORY_1,
        limits: &[(16, 30 * DAY)],
        source: "category 1 never, others 15 reattempts in 30 days: the older rule, as bill1st \
                 tells it; second hand, the date unverified",
    },
    Rule {
        name: "visa-20-in-30d",
        never: VISA_CATEGORY_1,
        limits: &[(21, 30 * DAY)],
        source: "category 1 never, others 20 reattempts in 30 days: the newer rule, as TabaPay \
                 tells it; second hand, the date unverified",
    },
    Rule {
        name: "mastercard-10-in-24h",
        never: Never::Permanent,
        limits: &[(10, DAY), (35, 30 * DAY)],
        source: "more than 10 declines a day or 35 in 30 days, as TabaPay tells it; second hand, \
                 the date unverified. Advice codes 03 and 21 (never): docs.antom.com; that \
                 permanent causes carry them is assumed",
    },
    Rule {
        name: "mastercard-20-in-24h",
        never: Never::Permanent,
        limits: &[(20, DAY)],
        source: "20 in 24 hours, as Forte tells it; second hand, the date unverified. Never: as \
                 above",
    },
];

/// `[channels.NAME.scheme]`: the rules of the card scheme behind a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemeSpec {
    /// Name of a rule.
    pub rules: String,
    /// Whether the gateway obeys; who does not pays a fee for each call that they forbid.
    #[serde(default = "yes")]
    pub obeyed: bool,
}

fn yes() -> bool {
    true
}

/// The checked rules of a channel.
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    /// The row.
    pub rule: &'static Rule,
    /// Whether the gateway obeys.
    pub obeyed: bool,
}

impl SchemeSpec {
    /// The row of this name.
    pub fn build(&self, path: &KeyPath, faults: &mut Faults) -> Option<Scheme> {
        let rule = RULES.iter().find(|rule| rule.name == self.rules);
        if rule.is_none() {
            let names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
            faults.add_with_help(
                path.key("rules"),
                format!("is no rule of a card scheme: {:?}", self.rules),
                format!("one of {}", names.join(", ")),
            );
        }
        rule.map(|rule| Scheme { rule, obeyed: self.obeyed })
    }
}

/// A decline that a scheme has seen.
#[derive(Clone, Copy, Debug)]
pub struct Decline {
    /// When, ns.
    pub at: u64,
    /// Why.
    pub cause: Cause,
}

impl Rule {
    /// Whether the scheme takes note of a decline: the issuer's, or one with a code of the rule.
    pub fn notes(&self, cause: Cause) -> bool {
        cause.row().stage == Stage::Bank || self.is_final(cause)
    }

    fn is_final(&self, cause: Cause) -> bool {
        let row = cause.row();
        match self.never {
            Never::Codes(codes) => codes.contains(&row.response),
            Never::Permanent => row.class == Class::Permanent && row.stage == Stage::Bank,
        }
    }

    /// The decline, of those of one card in the order of time, that forbids another try at `now`.
    pub fn forbids(&self, declines: &[Decline], now: u64) -> Option<Decline> {
        if let Some(last) = declines.iter().rev().find(|decline| self.is_final(decline.cause)) {
            return Some(*last);
        }
        let beyond = |&(most, window): &(u32, u64)| {
            let recent = declines.iter().filter(|decline| now - decline.at < window);
            recent.count() >= most as usize
        };
        declines.last().copied().filter(|_| self.limits.iter().any(beyond))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str) -> &'static Rule {
        RULES.iter().find(|rule| rule.name == name).expect("it is a row")
    }

    #[test]
    fn a_final_code_forbids_the_second_try_and_others_the_one_after_the_last() {
        let visa = rule("visa-15-in-30d");
        let soft = |n: u64| -> Vec<Decline> {
            (0..n).map(|at| Decline { at, cause: Cause::BalanceInsufficient }).collect()
        };
        assert!(visa.forbids(&[], 0).is_none());
        assert!(visa.forbids(&soft(15), 20).is_none(), "14 reattempts so far");
        assert!(visa.forbids(&soft(16), 20).is_some(), "15 reattempts were declined");
        assert!(visa.forbids(&soft(16), 31 * DAY).is_none(), "they are a month old");
        let policy = [Decline { at: 0, cause: Cause::BankPolicyBlock }];
        assert_eq!(visa.forbids(&policy, 400 * DAY).map(|d| d.cause), Some(Cause::BankPolicyBlock));
    }

    #[test]
    fn a_day_and_a_month_count_apart() {
        let rule = rule("mastercard-10-in-24h");
        let daily = |per_day: u64, days: u64| -> Vec<Decline> {
            let each = |n| Decline {
                at: n / per_day * DAY + n % per_day,
                cause: Cause::BalanceInsufficient,
            };
            (0..per_day * days).map(each).collect()
        };
        assert!(rule.forbids(&daily(9, 1), 100).is_none());
        assert!(rule.forbids(&daily(10, 1), 100).is_some());
        assert!(rule.forbids(&daily(10, 1), DAY + 100).is_none(), "another day");
        assert!(rule.forbids(&daily(9, 3), 3 * DAY).is_none());
        assert!(rule.forbids(&daily(9, 4), 4 * DAY).is_some(), "36 in a month");
    }

    #[test]
    fn a_scheme_sees_what_issuers_and_its_own_codes_say() {
        let visa = rule("visa-20-in-30d");
        assert!(visa.notes(Cause::BankTechnicalDecline) && visa.notes(Cause::CardNumberWrong));
        assert!(!visa.notes(Cause::LimitDaily) && !visa.notes(Cause::PlatformTechFault));
    }

    #[test]
    fn names_are_unique_and_sources_are_told() {
        for (i, rule) in RULES.iter().enumerate() {
            assert!(RULES[..i].iter().all(|other| other.name != rule.name), "{}", rule.name);
            assert!(rule.source.contains("unverified"), "{} claims to be read", rule.name);
        }
    }
}
