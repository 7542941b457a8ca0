//! The ways of top-ups in trouble: what struck first, what was tried, and how it ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::cause::Cause;
use crate::model::facts::{Through, TopUp};
use crate::model::outcome::Outcome;
use crate::model::remedy::{REMEDIES, Remedy};

/// What was tried after the first failure. Of a credited top-up it is what brought the credit; of
/// any other the furthest that somebody went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tried {
    /// Nothing, and the top-up was not credited.
    Nothing,
    /// Nothing needed to be: the first attempt had got through, whatever the app was told.
    FirstAttempt,
    /// Another attempt of the first entry: the app's retry, or an extra press.
    Retry,
    /// The user entered the top-up again and did nothing else about it.
    Entry,
    /// The user did something about it; of a credited top-up, and then entered it again.
    Remedy(Remedy),
}

/// Ways of trying without remedies.
const PLAIN: [Tried; 4] = [Tried::Nothing, Tried::FirstAttempt, Tried::Retry, Tried::Entry];

impl Tried {
    /// The name in tables.
    pub fn name(self) -> String {
        match self {
            Self::Nothing => "nothing".to_owned(),
            Self::FirstAttempt => "first_attempt".to_owned(),
            Self::Retry => "retry".to_owned(),
            Self::Entry => "new_entry".to_owned(),
            Self::Remedy(remedy) => format!("remedy={}", remedy.row().code),
        }
    }

    /// What it is, for charts.
    pub fn label(self) -> &'static str {
        match self {
            Self::Nothing => "nothing more",
            Self::FirstAttempt => "first attempt had got through",
            Self::Retry => "another attempt at once",
            Self::Entry => "entered again",
            Self::Remedy(remedy) => remedy.row().label,
        }
    }

    /// What has a name in tables.
    pub fn named(name: &str) -> Option<Self> {
        let remedies = Remedy::ALL.iter().copied().map(Self::Remedy);
        PLAIN.into_iter().chain(remedies).find(|tried| tried.name() == name)
    }

    fn of(top_up: &TopUp) -> Self {
        match (top_up.through, top_up.remedy) {
            (Some(Through::FirstAttempt), _) => Self::FirstAttempt,
            (Some(Through::Retry), _) => Self::Retry,
            (_, Some(remedy)) => Self::Remedy(remedy),
            (Some(Through::Entry), None) => Self::Entry,
            (None, None) if top_up.entries > 1 => Self::Entry,
            (None, None) if top_up.attempts > 1 => Self::Retry,
            (None, None) => Self::Nothing,
        }
    }

    fn index(self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::FirstAttempt => 1,
            Self::Retry => 2,
            Self::Entry => 3,
            Self::Remedy(remedy) => PLAIN.len() as u8 + remedy as u8,
        }
    }

    fn at(index: u8) -> Self {
        let index = usize::from(index);
        let plain = PLAIN.get(index).copied();
        plain.unwrap_or_else(|| Self::Remedy(Remedy::ALL[index - PLAIN.len()]))
    }
}

/// One way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flow {
    /// Why the first failed attempt failed.
    pub cause: Cause,
    /// What was tried.
    pub tried: Tried,
    /// How it ended.
    pub outcome: Outcome,
}

impl Flow {
    /// Whether the top-up was credited in time in spite of its failure.
    pub fn is_rescue(self) -> bool {
        self.outcome.is_success()
    }

    fn key(self) -> Key {
        (self.cause as u8, self.tried.index(), self.outcome as u8)
    }

    fn of_key((cause, tried, outcome): Key) -> Self {
        Self {
            cause: Cause::ALL[usize::from(cause)],
            tried: Tried::at(tried),
            outcome: Outcome::ALL[usize::from(outcome)],
        }
    }
}

/// A way as numbers.
type Key = (u8, u8, u8);

/// Top-ups of the cohort by their way; ways that nobody went are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(Key, u64)>", into = "Vec<(Key, u64)>")]
pub struct Flows(BTreeMap<Key, u64>);

impl Flows {
    /// All ways with their top-ups, by cause, what was tried and outcome.
    pub fn iter(&self) -> impl Iterator<Item = (Flow, u64)> {
        self.0.iter().map(|(&key, &top_ups)| (Flow::of_key(key), top_ups))
    }

    /// The ways that begin with a cause.
    pub fn of_cause(&self, cause: Cause) -> impl Iterator<Item = (Flow, u64)> {
        let code = cause as u8;
        let own = self.0.range((code, 0, 0)..=(code, u8::MAX, u8::MAX));
        own.map(|(&key, &top_ups)| (Flow::of_key(key), top_ups))
    }

    /// Adds the counts of another.
    pub fn merge(&mut self, other: &Self) {
        for (&key, &top_ups) in &other.0 {
            *self.0.entry(key).or_default() += top_ups;
        }
    }
}

impl From<Vec<(Key, u64)>> for Flows {
    fn from(rows: Vec<(Key, u64)>) -> Self {
        Self(rows.into_iter().collect())
    }
}

impl From<Flows> for Vec<(Key, u64)> {
    fn from(flows: Flows) -> Self {
        flows.0.into_iter().collect()
    }
}

/// Counts ways while a replication runs: a place for each, so that a count is one addition.
#[derive(Clone, Debug)]
pub(super) struct Counter(Vec<u64>);

const TRIED: usize = PLAIN.len() + REMEDIES;
const OUTCOMES: usize = Outcome::ALL.len();

impl Counter {
    pub(super) fn new() -> Self {
        Self(vec![0; Cause::ALL.len() * TRIED * OUTCOMES])
    }

    /// Counts a top-up of which `cause` struck first.
    #[inline]
    pub(super) fn add(&mut self, cause: Cause, top_up: &TopUp) {
        let row = cause as usize * TRIED + usize::from(Tried::of(top_up).index());
        self.0[row * OUTCOMES + top_up.outcome as usize] += 1;
    }

    /// What was counted.
    pub(super) fn counted(&self) -> Flows {
        let gone = self.0.iter().enumerate().filter(|(_, top_ups)| **top_ups > 0);
        let flow = |(place, &top_ups): (usize, &u64)| {
            let (row, outcome) = (place / OUTCOMES, place % OUTCOMES);
            let (cause, tried) = (Cause::ALL[row / TRIED], Tried::at((row % TRIED) as u8));
            (Flow { cause, tried, outcome: Outcome::ALL[outcome] }.key(), top_ups)
        };
        Flows(gone.map(flow).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::{self, ODDS, small};
    use super::*;
    use crate::model::facts::Fact;
    use std::collections::BTreeSet;

    #[test]
    fn every_way_is_counted_where_it_belongs() {
        let shape = small();
        let fake = fake::replication(&shape, 5, 4_000, ODDS);
        let summary = fake.summary(&shape);
        let top_ups = fake.facts.iter().filter_map(|fact| match fact {
            Fact::TopUp(top_up) if top_up.in_cohort => Some(top_up),
            _ => None,
        });
        let mut by_hand: BTreeMap<Flow, u64> = BTreeMap::new();
        for top_up in top_ups {
            let Some(cause) = top_up.first_cause else { continue };
            let flow = Flow { cause, tried: Tried::of(top_up), outcome: top_up.outcome };
            *by_hand.entry(flow).or_default() += 1;
        }
        assert!(by_hand.len() > 100, "the test sees some");
        assert_eq!(summary.flows.iter().collect::<BTreeMap<_, _>>(), by_hand);
    }

    #[test]
    fn what_brought_the_credit_counts_before_what_else_was_tried() {
        let shape = small();
        let fake = fake::replication(&shape, 1, 10, ODDS);
        let found = fake.facts.iter().find_map(|fact| match fact {
            Fact::TopUp(top_up) => Some(*top_up),
            _ => None,
        });
        let mut top_up = found.expect("there is a top-up");
        (top_up.attempts, top_up.entries) = (4, 2);
        top_up.through = Some(Through::FirstAttempt);
        assert_eq!(Tried::of(&top_up), Tried::FirstAttempt);
        top_up.remedy = Some(Remedy::CheckEntries);
        assert_eq!(Tried::of(&top_up), Tried::FirstAttempt, "and not what the user did meanwhile");
        for through in [Some(Through::Entry), None] {
            top_up.through = through;
            top_up.remedy = Some(Remedy::CheckEntries);
            assert_eq!(Tried::of(&top_up), Tried::Remedy(Remedy::CheckEntries));
            top_up.remedy = None;
            assert_eq!(Tried::of(&top_up), Tried::Entry);
        }
        (top_up.attempts, top_up.entries) = (2, 1);
        assert_eq!(Tried::of(&top_up), Tried::Retry);
        top_up.attempts = 1;
        assert_eq!(Tried::of(&top_up), Tried::Nothing);
    }

    #[test]
    fn every_try_has_its_own_number_and_name() {
        let remedies = Remedy::ALL.iter().map(|&remedy| Tried::Remedy(remedy));
        let all: Vec<Tried> = PLAIN.into_iter().chain(remedies).collect();
        assert_eq!(all.len(), TRIED);
        for (index, &tried) in all.iter().enumerate() {
            assert_eq!((usize::from(tried.index()), Tried::at(tried.index())), (index, tried));
        }
        let names: BTreeSet<String> = all.iter().map(|tried| tried.name()).collect();
        assert_eq!(names.len(), TRIED);
    }
}
