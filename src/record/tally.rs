//! Counts of the top-ups of one group, and of what one cause did; all of the cohort.

use serde::{Deserialize, Serialize};

use crate::model::facts::TopUp;
use crate::model::outcome::{Marks, Outcome};

/// Kinds of marks.
pub const MARKS: usize = 16;

/// What became of the top-ups of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Top-ups.
    pub top_ups: u64,
    /// Top-ups by outcome, in the order of [`Outcome::ALL`].
    pub outcomes: [u64; 9],
    /// Top-ups by mark, in the order of the bits of [`Marks`]; read by [`Tally::marked`].
    pub marks: [u64; MARKS],
    /// Attempts of the app.
    pub attempts: u64,
    /// Queries of the app and the gateway.
    pub queries: u64,
    /// Captures.
    pub captures: u64,
    /// The most captures of one top-up.
    pub captures_max: u64,
    /// Credits.
    pub credits: u64,
    /// Sum of the amounts wanted, minor units.
    pub amount: u128,
    /// Of them, credited in time.
    pub success_amount: u128,
    /// Captured beyond the first capture of each top-up, minor units.
    pub duplicate_amount: u128,
}

impl Tally {
    /// Counts a top-up.
    #[inline]
    pub fn add(&mut self, top_up: &TopUp) {
        let amount = top_up.amount.unsigned_abs();
        self.top_ups += 1;
        self.outcomes[top_up.outcome as usize] += 1;
        self.attempts += u64::from(top_up.attempts);
        self.queries += u64::from(top_up.queries);
        self.captures += u64::from(top_up.captures);
        self.captures_max = self.captures_max.max(top_up.captures.into());
        self.credits += u64::from(top_up.credits);
        self.amount += u128::from(amount);
        self.success_amount += u128::from(if top_up.outcome.is_success() { amount } else { 0 });
        if top_up.marks != Marks::default() {
            self.add_marks(top_up, amount);
        }
    }

    #[cold]
    fn add_marks(&mut self, top_up: &TopUp, amount: u64) {
        for (bit, count) in self.marks.iter_mut().enumerate() {
            *count += u64::from(top_up.marks.0 >> bit & 1);
        }
        self.duplicate_amount += u128::from(amount) * u128::from(top_up.captures.saturating_sub(1));
    }

    /// Adds the counts of another.
    pub fn merge(&mut self, other: &Self) {
        self.top_ups += other.top_ups;
        add_each(&mut self.outcomes, &other.outcomes);
        add_each(&mut self.marks, &other.marks);
        self.attempts += other.attempts;
        self.queries += other.queries;
        self.captures += other.captures;
        self.captures_max = self.captures_max.max(other.captures_max);
        self.credits += other.credits;
        self.amount += other.amount;
        self.success_amount += other.success_amount;
        self.duplicate_amount += other.duplicate_amount;
    }

    /// Top-ups that ended so.
    pub fn outcome(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome as usize]
    }

    /// Top-ups with one mark.
    pub fn marked(&self, mark: Marks) -> u64 {
        assert_eq!(mark.0.count_ones(), 1, "marks are counted one by one");
        self.marks[mark.0.trailing_zeros() as usize]
    }

    /// Top-ups credited to the right account, in time or late.
    pub fn credited(&self) -> u64 {
        self.successes() + self.outcome(Outcome::CreditedLate)
    }

    /// Attempts that brought no credit: of a credited top-up all but one.
    pub fn failed_attempts(&self) -> u64 {
        self.attempts - self.credited()
    }

    /// Top-ups credited to the right account before their deadline.
    pub fn successes(&self) -> u64 {
        Outcome::ALL.into_iter().filter(|o| o.is_success()).map(|o| self.outcome(o)).sum()
    }
}

/// What one cause did to the top-ups of the cohort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseTally {
    /// Attempts it struck.
    pub strikes: u64,
    /// Top-ups whose first failed attempt it struck.
    pub first: u64,
    /// Top-ups whose last failed attempt it struck.
    pub last: u64,
    /// Of those by last cause, the ones without success.
    pub lost: u64,
    /// Sum of the amounts of the lost ones, minor units.
    pub lost_amount: u128,
    /// Of those by first cause, the ones with success: something rescued them.
    pub rescued: u64,
    /// Of the rescued, those whose cause struck before their credit; the others were credited while
    /// the app did not know.
    pub waited: u64,
    /// From the arrival to the credit of those that waited, ns, added up.
    pub waited_ns: u128,
}

impl CauseTally {
    /// Adds the counts of another.
    pub fn merge(&mut self, other: &Self) {
        self.strikes += other.strikes;
        self.first += other.first;
        self.last += other.last;
        self.lost += other.lost;
        self.lost_amount += other.lost_amount;
        self.rescued += other.rescued;
        self.waited += other.waited;
        self.waited_ns += other.waited_ns;
    }

    /// Counts a top-up without success whose last failed attempt this cause struck.
    #[inline]
    pub fn add_lost(&mut self, top_up: &TopUp) {
        self.lost += 1;
        self.lost_amount += u128::from(top_up.amount.unsigned_abs());
    }
}

/// What users did about failures by one remedy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemedyTally {
    /// How often it was applied.
    pub applied: u64,
    /// Of those, how often it was good for the cause of the last failure.
    pub helped: u64,
}

impl RemedyTally {
    /// Counts one application.
    pub fn add(&mut self, helped: bool) {
        self.applied += 1;
        self.helped += u64::from(helped);
    }

    /// Adds the counts of another.
    pub fn merge(&mut self, other: &Self) {
        self.applied += other.applied;
        self.helped += other.helped;
    }
}

/// Adds a row of counts to another.
pub(crate) fn add_each(counts: &mut [u64], more: &[u64]) {
    assert_eq!(counts.len(), more.len(), "only rows of one shape add up");
    for (count, more) in counts.iter_mut().zip(more) {
        *count += more;
    }
}

/// Merges rows one by one.
pub(crate) fn merge_each<T>(rows: &mut [T], others: &[T], merge: impl Fn(&mut T, &T)) {
    assert_eq!(rows.len(), others.len(), "only summaries of one shape merge");
    for (row, other) in rows.iter_mut().zip(others) {
        merge(row, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::{Groups, Through};

    #[test]
    fn a_duplicate_charge_counts_once_and_every_extra_capture_is_money() {
        let mut marks = Marks::default();
        marks.set(Marks::DUPLICATE_CHARGE);
        marks.set(Marks::UNRESOLVED_AFTER_24H);
        let mut tally = Tally::default();
        tally.add(&TopUp {
            born: 0,
            in_cohort: true,
            groups: Groups { channel: 0, provider: 0, access: 0, bank: 0 },
            outcome: Outcome::CreditedAfterRetry,
            marks,
            attempts: 3,
            queries: 1,
            captures: 3,
            credits: 1,
            amount: 5_000,
            entries: 1,
            through: Some(Through::Retry),
            first_cause: None,
            last_cause: None,
            remedy: None,
        });
        assert_eq!(tally.marked(Marks::DUPLICATE_CHARGE), 1);
        assert_eq!(tally.marked(Marks::UNRESOLVED_AFTER_24H), 1);
        assert_eq!(tally.marked(Marks::ORPHAN), 0);
        assert_eq!((tally.duplicate_amount, tally.success_amount), (10_000, 5_000));
        assert_eq!((tally.successes(), tally.credited(), tally.failed_attempts()), (1, 1, 2));
    }
}
