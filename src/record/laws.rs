//! Laws that every replication obeys; one that does not is a defect, and stops with the law.

use super::pools::PoolRecord;
use super::summary::{LedgerRecord, Summary};
use super::tally::Tally;
use crate::model::cause::Cause;
use crate::model::facts::TopUp;
use crate::model::outcome::Marks;

/// What was noted of all top-ups, warm-up and drain included, to hold against the ledger.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    top_ups: u64,
    captures_told: u64,
    captures: u64,
    captured: i128,
    refunded: i128,
    lost: i128,
    /// Captures of the cohort beyond the first of each top-up.
    duplicates: u128,
}

impl Seen {
    #[inline]
    pub(super) fn top_up(&mut self, top_up: &TopUp) {
        self.top_ups += 1;
        self.captures_told += u64::from(top_up.captures);
        debug_assert_eq!(
            top_up.captures > 1 + top_up.spared,
            top_up.marks.has(Marks::DUPLICATE_CHARGE),
            "a duplicate charge is a capture beyond the first of one top-up"
        );
    }

    #[inline]
    pub(super) fn capture(&mut self, amount: i64, extra_of_cohort: bool) {
        self.captures += 1;
        self.captured += i128::from(amount);
        if extra_of_cohort {
            self.duplicates += u128::from(amount.unsigned_abs());
        }
    }

    pub(super) fn refund(&mut self, amount: i64) {
        self.refunded += i128::from(amount);
    }

    pub(super) fn lose(&mut self, amount: i64) {
        self.lost += i128::from(amount);
    }
}

/// Asserts all laws of a replication.
///
/// # Panics
/// When one does not hold, with the law as the message.
pub fn check(summary: &Summary, seen: &Seen, (workers, staff): (&[u32], &[u32])) {
    check_groups(summary);
    check_causes(summary);
    check_captures(summary, seen);
    check_ledger(&summary.ledger, seen);
    assert_eq!(seen.top_ups, summary.run.journeys, "every journey ends as exactly one top-up");
    let pools = summary.pools.iter().chain(&summary.stations);
    for (pool, &workers) in pools.zip(workers.iter().chain(staff)) {
        check_pool(pool, u128::from(workers) * summary.measured_ns);
    }
    for row in &summary.remedies {
        assert!(row.helped <= row.applied, "a remedy helps no more often than it is applied");
    }
}

fn check_groups(summary: &Summary) {
    let mut banked = summary.banks.clone();
    banked.push(summary.no_bank.clone());
    for rows in [&summary.channels, &summary.providers, &summary.access, &banked] {
        let mut sum = Tally::default();
        for row in rows {
            let ended: u64 = row.outcomes.iter().sum();
            assert_eq!(ended, row.top_ups, "every top-up has exactly one outcome");
            sum.merge(row);
        }
        assert_eq!(sum, summary.all, "groups add up to all top-ups");
    }
    for window in &summary.windows {
        assert!(window.top_ups <= summary.all.top_ups, "a window is a part of the cohort");
    }
}

fn check_causes(summary: &Summary) {
    let rows = || summary.causes.iter().chain([&summary.no_cause]);
    let lost: u64 = rows().map(|row| row.lost).sum();
    assert_eq!(lost, summary.all.top_ups - summary.all.successes(), "causes add up to the losses");
    let amount: u128 = rows().map(|row| row.lost_amount).sum();
    let lost_amount = summary.all.amount - summary.all.success_amount;
    assert_eq!(amount, lost_amount, "amounts lost to causes add up to the amounts not credited");
    for row in &summary.causes {
        assert!(row.lost <= row.last, "a top-up lost to a cause has it as its last");
        assert!(row.waited <= row.rescued, "who waits for a rescue is rescued");
    }
    check_flows(summary);
}

fn check_flows(summary: &Summary) {
    let mut outcomes = [0; 9];
    for (&cause, row) in Cause::ALL.iter().zip(&summary.causes) {
        let (mut rescued, mut others) = (0, 0);
        for (flow, top_ups) in summary.flows.of_cause(cause) {
            outcomes[flow.outcome as usize] += top_ups;
            *if flow.is_rescue() { &mut rescued } else { &mut others } += top_ups;
        }
        assert_eq!(rescued, row.rescued, "tries add up to the rescued");
        assert_eq!(rescued + others, row.first, "first struck = rescued + not rescued");
    }
    let ended = outcomes.iter().zip(&summary.all.outcomes);
    assert!(
        ended.clone().all(|(struck, all)| struck <= all),
        "who was struck is a part of all top-ups: {ended:?}"
    );
}

fn check_captures(summary: &Summary, seen: &Seen) {
    let money = summary.money_of_all();
    assert_eq!(money.captures, summary.all.captures, "top-ups own the captures of the cohort");
    assert_eq!(money.credits, summary.all.credits, "top-ups own the credits of the cohort");
    assert_eq!(seen.captures, seen.captures_told, "top-ups own all captures");
    let duplicates = summary.all.duplicate_amount;
    assert_eq!(seen.duplicates, duplicates, "extra captures belong to top-ups charged twice");
}

fn check_ledger(ledger: &LedgerRecord, seen: &Seen) {
    assert_eq!(ledger.captured, seen.captured, "the ledger holds every capture");
    assert_eq!(ledger.refunded, seen.refunded, "the ledger holds every refund");
    assert!(
        (0..=ledger.in_dispute).contains(&(ledger.platform_loss - seen.lost)),
        "the platform has lost what was told, and otherwise a dispute holds its money"
    );
    let out = ledger.credited
        + ledger.misposted
        + ledger.refunded
        + ledger.refund_in_flight
        + ledger.in_dispute
        + ledger.unresolved;
    assert_eq!(
        ledger.captured + ledger.platform_loss,
        out,
        "captured + platform loss = net credited + misposted + refunded + in flight + in dispute \
         + unresolved"
    );
}

fn check_pool(pool: &PoolRecord, workers_ns: u128) {
    assert_eq!(
        pool.busy_ns + pool.idle_ns,
        pool.servers_ns + pool.surplus_ns,
        "busy + idle = workers there were, and those let go while at work"
    );
    assert_eq!(pool.workers_ns, workers_ns, "a pool is measured for the measured time");
    if workers_ns > 0 {
        assert!(pool.servers_ns <= workers_ns, "busy + idle + down = workers x time");
    }
    let ranks = pool.ranks.iter().flat_map(|ranks| ranks.iter());
    for room in pool.classes.iter().chain(ranks) {
        let met = room.served_at_once + room.waited + room.blocked;
        assert_eq!(room.arrived, met, "who arrives is served, waits or is turned away");
        let left = room.granted + room.abandoned + room.still_waiting;
        assert_eq!(room.waiting_at_start + room.waited, left, "who waits is served or leaves");
        let workers_got = room.served_at_once + room.granted;
        assert_eq!(room.wait.count(), workers_got, "who gets a worker is served, and nobody else");
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::{self, Fake, ODDS, small};
    use crate::model::facts::Fact;
    use crate::model::outcome::Outcome;

    /// The law that a replication breaks after a change.
    fn broken_by(change: impl FnOnce(&mut Fake)) -> String {
        let shape = small();
        let mut fake = fake::replication(&shape, 1, 500, ODDS);
        change(&mut fake);
        let broken = std::panic::catch_unwind(|| fake.summary(&shape)).expect_err("a broken law");
        let text = broken.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| broken.downcast_ref::<&str>().copied()).unwrap_or_default().to_owned()
    }

    fn lose(fake: &mut Fake, is: impl Fn(&Fact) -> bool) {
        let at = fake.facts.iter().position(is).expect("there is such a fact");
        fake.facts.remove(at);
    }

    #[test]
    fn a_lost_fact_breaks_a_law() {
        for (law, is) in [
            (
                "captures of the cohort",
                (|f| matches!(f, Fact::Captured { in_cohort: true, .. })) as fn(&Fact) -> bool,
            ),
            ("own all captures", |f| matches!(f, Fact::Captured { in_cohort: false, .. })),
            ("who gets a worker", |f| matches!(f, Fact::Served { at: 1_000_000_000.., .. })),
            ("credits of the cohort", |f| matches!(f, Fact::Credited { in_cohort: true, .. })),
            ("the ledger holds every refund", |f| matches!(f, Fact::Refunded { .. })),
            ("the ledger holds every refund", |f| matches!(f, Fact::RequestRefunded { .. })),
            ("has lost what was told", |f| matches!(f, Fact::Lost { .. })),
            ("ends as exactly one", |f| matches!(f, Fact::TopUp(t) if t.captures == 0)),
        ] {
            let broken = broken_by(|fake| lose(fake, is));
            assert!(broken.contains(law), "{law}: {broken}");
        }
    }

    #[test]
    fn a_rescue_that_did_not_happen_breaks_a_law() {
        let broken = broken_by(|fake| {
            let rescued = fake.facts.iter_mut().find_map(|fact| match fact {
                Fact::TopUp(t) if t.in_cohort && t.outcome == Outcome::CreditedAfterRetry => {
                    Some(t)
                }
                _ => None,
            });
            rescued.expect("somebody is rescued").outcome = Outcome::GaveUp;
        });
        assert!(broken.contains("who waits for a rescue is rescued"), "{broken}");
    }

    #[test]
    fn money_that_is_nowhere_breaks_a_law() {
        let broken = broken_by(|fake| fake.ending.ledger.credited -= 1);
        assert!(broken.contains("captured + platform loss ="), "{broken}");
        let broken = broken_by(|fake| fake.ending.ledger.captured += 1);
        assert!(broken.contains("the ledger holds every capture"), "{broken}");
    }

    #[test]
    fn a_worker_that_is_neither_busy_nor_idle_breaks_a_law() {
        let broken = broken_by(|fake| fake.ending.pools[0].idle_ns -= 1);
        assert!(broken.contains("busy + idle"), "{broken}");
        let broken = broken_by(|fake| fake.ending.pools[0].classes[0].granted += 1);
        assert!(broken.contains("who waits"), "{broken}");
    }
}
