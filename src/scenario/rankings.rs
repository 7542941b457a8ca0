//! Rankings of causes that somebody claims, and that a run is held against.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::targets::Bound;
use crate::model::cause::{Cause, Group, Stage};
use crate::model::fault::{Faults, KeyPath};
use crate::record::CauseTally;
use crate::record::registry::Unit;

/// What is counted of a cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Top-ups whose first failed attempt it struck.
    #[default]
    First,
    /// Attempts that it struck.
    Struck,
    /// Top-ups without success whose last failed attempt it struck.
    Lost,
}

impl By {
    /// The name in scenarios and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Struck => "struck",
            Self::Lost => "lost",
        }
    }

    /// The count of a cause.
    pub fn count(self, tally: &CauseTally) -> u64 {
        match self {
            Self::First => tally.first,
            Self::Struck => tally.strikes,
            Self::Lost => tally.lost,
        }
    }
}

/// Among which causes a claim ranks: a word, or the codes of causes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OfSpec {
    /// `all`, or `platform_checks`: what the gateway refuses since it looks at account and data.
    Word(String),
    /// Codes of causes.
    Causes(Vec<String>),
}

impl Default for OfSpec {
    fn default() -> Self {
        Self::Word("all".to_owned())
    }
}

/// `[rankings.NAME]`: what somebody says about how often causes strike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RankingSpec {
    /// A group of causes, which ranks among the groups: `network`, `entry`, `account`, `money`,
    /// `identity`, `platform`, `channel`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Instead of a group: codes of causes, which rank together among the other causes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// Among which causes: `all`, `platform_checks`, or codes.
    #[serde(default)]
    pub of: OfSpec,
    /// What is counted.
    #[serde(default)]
    pub by: By,
    /// The claim: among so many first ones; 1 is the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub among_first: Option<u32>,
    /// Instead: the claim is that it is rare, at most this share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Bound>,
    /// The words of the source.
    pub says: String,
    /// Who says so; what was assumed to make the words a number.
    pub source: String,
}

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Claim {
    /// It is among so many first ones.
    AmongFirst(u32),
    /// It has at most this share.
    AtMost(f64),
}

impl Claim {
    /// In words.
    pub fn words(self) -> String {
        match self {
            Self::AmongFirst(1) => "first".to_owned(),
            Self::AmongFirst(ranks) => format!("among the first {ranks}"),
            Self::AtMost(share) => format!("at most {} %", 100.0 * share),
        }
    }
}

/// Causes that rank as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contender {
    /// The code of a cause, the name of a group, or codes joined by `+`.
    pub name: String,
    /// The causes whose counts are added.
    pub causes: Vec<Cause>,
}

/// A checked ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Its name in the scenario.
    pub name: String,
    /// Who is claimed to rank so.
    pub claimed: Contender,
    /// The others, in the order of the table of causes.
    pub rivals: Vec<Contender>,
    /// Among which: `all`, `platform_checks`, or codes joined by `+`.
    pub of: String,
    /// What is counted.
    pub by: By,
    /// What is claimed.
    pub claim: Claim,
    /// The words of the source.
    pub says: String,
    /// Who says so.
    pub source: String,
}

/// Checks rankings against the table of causes, in the order of their names.
pub(super) fn check(specs: &BTreeMap<String, RankingSpec>, faults: &mut Faults) -> Vec<Ranking> {
    let root = KeyPath::root().key("rankings");
    specs.iter().filter_map(|(name, spec)| spec.check(name, &root.key(name), faults)).collect()
}

impl RankingSpec {
    fn check(&self, name: &str, path: &KeyPath, faults: &mut Faults) -> Option<Ranking> {
        for (key, text) in [("says", &self.says), ("source", &self.source)] {
            if text.trim().is_empty() {
                faults.add(path.key(key), "is empty: a claim has its words and who says them");
            }
        }
        let field = self.field(path, faults);
        let claim = self.claim(path, faults);
        let claimed = self.claimed(field.as_deref(), path, faults);
        let (field, claim, claimed) = (field?, claim?, claimed?);
        let rivals = self.rivals(&claimed, &field);
        if let Claim::AmongFirst(ranks) = claim
            && ranks as usize > rivals.len()
        {
            let legal = format!("1 to {}", rivals.len());
            faults.add_with_help(path.key("among_first"), "can only hold", legal);
        }
        Some(Ranking {
            name: name.to_owned(),
            claimed,
            rivals,
            of: self.of_name(),
            by: self.by,
            claim,
            says: self.says.clone(),
            source: self.source.clone(),
        })
    }

    fn of_name(&self) -> String {
        match &self.of {
            OfSpec::Word(word) => word.clone(),
            OfSpec::Causes(codes) => codes.join("+"),
        }
    }

    /// The causes among which the claim ranks.
    fn field(&self, path: &KeyPath, faults: &mut Faults) -> Option<Vec<Cause>> {
        let at = path.key("of");
        match &self.of {
            OfSpec::Word(word) if word == "all" => Some(Cause::ALL.to_vec()),
            OfSpec::Word(word) if word == "platform_checks" => Some(platform_checks()),
            OfSpec::Word(word) => {
                let message = format!("names no set of causes: {word:?}");
                let legal = "one of all, platform_checks";
                faults.add_with_help(at, message, legal);
                None
            }
            OfSpec::Causes(codes) => read_codes(codes, &at, faults),
        }
    }

    fn claim(&self, path: &KeyPath, faults: &mut Faults) -> Option<Claim> {
        match (self.among_first, &self.at_most) {
            (Some(0), None) => {
                faults.add(path.key("among_first"), "is 0: nothing is among none");
                None
            }
            (Some(ranks), None) => Some(Claim::AmongFirst(ranks)),
            (None, Some(bound)) => match bound.value(Unit::Share) {
                Ok(share) => Some(Claim::AtMost(share)),
                Err(legal) => {
                    faults.add_with_help(path.key("at_most"), "is in a wrong unit", legal);
                    None
                }
            },
            _ => {
                let legal = "`among_first` or `at_most`";
                faults.add_with_help(path.clone(), "does not make one claim", legal);
                None
            }
        }
    }

    /// Whom the claim is about, as far as it is in the field.
    fn claimed(
        &self,
        field: Option<&[Cause]>,
        path: &KeyPath,
        faults: &mut Faults,
    ) -> Option<Contender> {
        let (key, claimed) = match (&self.group, self.causes.is_empty()) {
            (Some(name), true) => ("group", of_group(read_group(name, path, faults)?, Cause::ALL)),
            (None, false) => {
                let causes = read_codes(&self.causes, &path.key("causes"), faults)?;
                ("causes", Contender { name: self.causes.join("+"), causes })
            }
            _ => {
                faults.add_with_help(path.clone(), "is not about one thing", "`group` or `causes`");
                return None;
            }
        };
        let field = field?;
        let is_in = |cause: &Cause| field.contains(cause);
        let causes: Vec<Cause> = claimed.causes.iter().copied().filter(is_in).collect();
        // of a group some may be outside, of causes by name none
        if causes.is_empty() || self.group.is_none() && causes.len() < claimed.causes.len() {
            faults.add(path.key(key), "names causes that `of` does not have");
            return None;
        }
        Some(Contender { causes, ..claimed })
    }

    /// Groups rank among groups, causes among causes.
    fn rivals(&self, claimed: &Contender, field: &[Cause]) -> Vec<Contender> {
        if self.group.is_some() {
            let groups = Group::ALL.into_iter().map(|group| of_group(group, field));
            return groups
                .filter(|group| group.name != claimed.name && !group.causes.is_empty())
                .collect();
        }
        let others = field.iter().filter(|cause| !claimed.causes.contains(cause));
        let alone =
            |&cause: &Cause| Contender { name: cause.row().code.to_owned(), causes: vec![cause] };
        others.map(alone).collect()
    }
}

/// What the platform's gateway refuses since it looks at who asks for what: its causes that a user
/// must do something about, and its meter of attempts. Incidents and load are no checks.
fn platform_checks() -> Vec<Cause> {
    let is_check = |cause: &Cause| {
        let row = cause.row();
        row.stage == Stage::Gateway && row.mechanism.checks_the_user()
    };
    Cause::ALL.iter().copied().filter(is_check).collect()
}

fn read_group(name: &str, path: &KeyPath, faults: &mut Faults) -> Option<Group> {
    let found = Group::ALL.into_iter().find(|group| group.name() == name);
    if found.is_none() {
        let names: Vec<&str> = Group::ALL.iter().map(|group| group.name()).collect();
        let message = format!("names no group of causes: {name:?}");
        faults.add_with_help(path.key("group"), message, format!("one of {}", names.join(", ")));
    }
    found
}

fn of_group(group: Group, field: &[Cause]) -> Contender {
    let own = field.iter().copied().filter(|cause| cause.row().group == group);
    Contender { name: group.name().to_owned(), causes: own.collect() }
}

fn read_codes(codes: &[String], path: &KeyPath, faults: &mut Faults) -> Option<Vec<Cause>> {
    let mut causes = Vec::new();
    for (index, code) in codes.iter().enumerate() {
        let at = path.index(index);
        match Cause::by_code(code) {
            None => {
                let known: Vec<&str> = Cause::ALL.iter().map(|cause| cause.row().code).collect();
                let legal = format!("one of {}", known.join(", "));
                faults.add_with_help(at, format!("names no cause: {code:?}"), legal);
            }
            Some(cause) if causes.contains(&cause) => faults.add(at, "stands there twice"),
            Some(cause) => causes.push(cause),
        }
    }
    (causes.len() == codes.len()).then_some(causes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Ranking {
        let spec: RankingSpec = toml::from_str(text).expect("the keys are known");
        let mut faults = Faults::default();
        let specs = BTreeMap::from([("x".to_owned(), spec)]);
        let mut rankings = check(&specs, &mut faults);
        assert!(faults.is_empty(), "{:?}", faults.into_vec());
        rankings.remove(0)
    }

    const WORDS: &str = "says = \"most\"\nsource = \"S1\"\n";

    #[test]
    fn a_group_ranks_among_the_groups_and_causes_among_the_causes() {
        let network = checked(&format!("group = \"network\"\namong_first = 3\n{WORDS}"));
        assert_eq!(network.claimed.causes.len(), 8);
        assert_eq!(network.rivals.len(), Group::ALL.len() - 1);
        let causes: usize = network.rivals.iter().map(|rival| rival.causes.len()).sum();
        assert_eq!(causes + 8, Cause::ALL.len(), "every cause has its group");
        let one = checked(&format!("causes = [\"net_unstable\"]\namong_first = 1\n{WORDS}"));
        assert_eq!(one.rivals.len(), Cause::ALL.len() - 1);
    }

    #[test]
    fn a_group_counts_as_far_as_it_is_among_the_causes_ranked() {
        let text = format!("group = \"entry\"\nof = \"platform_checks\"\namong_first = 1\n{WORDS}");
        let entry = checked(&text);
        assert_eq!(entry.claimed.causes, [Cause::LoginWrong, Cause::TooManyRequests]);
        let rivals: Vec<&str> = entry.rivals.iter().map(|rival| rival.name.as_str()).collect();
        assert_eq!(rivals, ["account", "money"]);
    }

    #[test]
    fn the_platforms_checks_look_at_the_user_and_not_at_the_load() {
        let codes: Vec<&str> = platform_checks().iter().map(|cause| cause.row().code).collect();
        assert_eq!(
            codes,
            [
                "login_wrong",
                "too_many_requests",
                "account_frozen",
                "account_limited",
                "account_security_issue",
                "account_stolen",
                "account_info_mismatch",
                "stale_contact_or_account",
                "gift_card_expired",
            ]
        );
    }
}
