//! What a replication costs by its prices: whole millionths of the currency's unit, part by part.

use serde::{Deserialize, Serialize};

use super::summary::Summary;
use crate::model::cost::{COST_PARTS, Charge, CostPart, Prices};
use crate::model::outcome::Marks;
use crate::model::remedy::Remedy;

/// Millionths of a unit in a minor unit.
const MICROS: u128 = 10_000;

/// What the cohort and the people who serve it cost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostRecord {
    /// Millionths of the currency's unit by part, in the order of [`CostPart::ALL`]; none for a
    /// part without a price.
    parts: [Option<u128>; COST_PARTS],
}

impl CostRecord {
    /// The costs of a replication that has been counted.
    pub fn of(prices: &Prices, summary: &Summary) -> Self {
        let mut record = Self::default();
        for &(part, charge) in &prices.0 {
            let micros = match charge {
                Charge::Standing(micros) => micros,
                Charge::Each(price) => u128::from(count(part, summary)) * u128::from(price),
                Charge::Paid => paid(part, summary) * MICROS,
            };
            record.parts[part as usize] = Some(micros);
        }
        record
    }

    /// Adds the record of another replication.
    pub fn merge(&mut self, other: &Self) {
        for (sum, more) in self.parts.iter_mut().zip(other.parts) {
            *sum = match (*sum, more) {
                (Some(sum), Some(more)) => Some(sum + more),
                (one, other) => one.or(other),
            };
        }
    }

    /// What a part costs, in millionths of the currency's unit; none without a price.
    pub fn part(&self, part: CostPart) -> Option<u128> {
        self.parts[part as usize]
    }

    /// What all parts cost together; none where nothing has a price.
    pub fn total(&self) -> Option<u128> {
        let some = self.parts.iter().flatten();
        some.copied().reduce(|sum, more| sum + more)
    }
}

/// How many there were of what a part charges for.
fn count(part: CostPart, summary: &Summary) -> u64 {
    let all = &summary.all;
    match part {
        CostPart::Attempts => all.attempts,
        CostPart::SchemeFees => summary.refunds.scheme_fees,
        CostPart::Tickets => tickets(summary),
        CostPart::Refunds => summary.money_of_all().refunds,
        CostPart::ChargeBacks => summary.refunds.disputed,
        CostPart::Duplicates => all.marked(Marks::DUPLICATE_CHARGE),
        CostPart::Orphans => all.marked(Marks::ORPHAN),
        CostPart::LostTopUps => all.top_ups - all.credited(),
        CostPart::Workers | CostPart::Staff | CostPart::Stations => {
            unreachable!("hours are charged whatever happens")
        }
        CostPart::Compensation | CostPart::PlatformLoss => {
            unreachable!("what is paid is a sum of money")
        }
    }
}

/// Users who turn to the platform, each time that one does.
fn tickets(summary: &Summary) -> u64 {
    let refunds = &summary.refunds;
    let asked = [Remedy::ContactService, Remedy::OpenTicket];
    let asked: u64 = asked.iter().map(|&remedy| summary.remedies[remedy as usize].applied).sum();
    refunds.cases_by_user + refunds.requests.all() + refunds.contacts + asked
}

/// Minor units that the platform paid.
fn paid(part: CostPart, summary: &Summary) -> u128 {
    match part {
        CostPart::Compensation => summary.refunds.compensated,
        _ => summary.refunds.lost,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::{self, ODDS, small};
    use super::*;
    use crate::model::outcome::Outcome;

    #[test]
    fn a_cost_is_a_count_times_a_price_and_the_total_is_the_sum_of_the_parts() {
        let summary = fake::summary(&small(), 3, 2_000, ODDS);
        let prices = Prices(vec![
            (CostPart::Workers, Charge::Standing(7)),
            (CostPart::Attempts, Charge::Each(19_500)),
            (CostPart::PlatformLoss, Charge::Paid),
            (CostPart::Duplicates, Charge::Each(1_000_000)),
        ]);
        let record = CostRecord::of(&prices, &summary);
        let attempts = u128::from(summary.all.attempts) * 19_500;
        let lost = summary.refunds.lost * 10_000;
        let twice = u128::from(summary.all.marked(Marks::DUPLICATE_CHARGE)) * 1_000_000;
        assert!(attempts > 0 && lost > 0 && twice > 0, "the test sees some");
        assert_eq!(record.part(CostPart::Attempts), Some(attempts));
        assert_eq!(record.part(CostPart::PlatformLoss), Some(lost));
        assert_eq!(record.part(CostPart::Tickets), None);
        assert_eq!(record.total(), Some(7 + attempts + lost + twice));
        assert_eq!(CostRecord::default().total(), None);
    }

    #[test]
    fn who_is_credited_late_is_not_lost() {
        let mut summary = Summary::empty(&small());
        summary.all.top_ups = 10;
        summary.all.outcomes[Outcome::CreditedFirst as usize] = 6;
        summary.all.outcomes[Outcome::CreditedLate as usize] = 3;
        summary.all.outcomes[Outcome::GaveUp as usize] = 1;
        let prices = Prices(vec![(CostPart::LostTopUps, Charge::Each(5))]);
        assert_eq!(CostRecord::of(&prices, &summary).total(), Some(5));
    }

    #[test]
    fn costs_of_replications_add_up() {
        let prices = Prices(vec![(CostPart::Attempts, Charge::Each(3))]);
        let [a, b] =
            [1, 2].map(|seed| CostRecord::of(&prices, &fake::summary(&small(), seed, 500, ODDS)));
        let mut both = a.clone();
        both.merge(&b);
        assert_eq!(both.total(), a.total().zip(b.total()).map(|(a, b)| a + b));
        let mut with_none = CostRecord::default();
        with_none.merge(&a);
        assert_eq!(with_none, a);
    }
}
