//! How each metric is read from the summary of one replication: a ratio, or a histogram.

use std::borrow::Cow;

use super::pools::{PoolRecord, Room};
use super::recovery::RecoveryRecord;
use super::refunds::{MoneyRecord, RailRecord, RequestRecord};
use super::shape::{Group, GroupKind};
use super::summary::Summary;
use crate::model::cost::CostPart;
use crate::model::outcome::{Marks, Outcome};
use crate::stats::Histogram;

/// Numerator and denominator; a denominator of 0 means that there is nothing to say.
pub type Pair = (u128, u128);

/// A metric that a group does not have.
const NOTHING: Pair = (0, 0);

fn of_top_ups(summary: &Summary, group: Group, count: u64) -> Pair {
    (count.into(), summary.tally(group).top_ups.into())
}

fn marked(summary: &Summary, group: Group, mark: Marks) -> Pair {
    of_top_ups(summary, group, summary.tally(group).marked(mark))
}

pub(super) fn top_ups(summary: &Summary, group: Group) -> Pair {
    (summary.tally(group).top_ups.into(), 1)
}

pub(super) fn card_checks(summary: &Summary, group: Group) -> Pair {
    (summary.tally(group).marked(Marks::CARD_CHECK).into(), 1)
}

pub(super) fn success(summary: &Summary, group: Group) -> Pair {
    of_top_ups(summary, group, summary.tally(group).successes())
}

pub(super) fn success_value(summary: &Summary, group: Group) -> Pair {
    let tally = summary.tally(group);
    (tally.success_amount, tally.amount)
}

pub(super) fn first_attempt_success(summary: &Summary, group: Group) -> Pair {
    of_top_ups(summary, group, summary.tally(group).outcome(Outcome::CreditedFirst))
}

pub(super) fn attempts(summary: &Summary, group: Group) -> Pair {
    of_top_ups(summary, group, summary.tally(group).attempts)
}

pub(super) fn failed_attempts(summary: &Summary, group: Group) -> Pair {
    let tally = summary.tally(group);
    (tally.failed_attempts().into(), tally.attempts.into())
}

pub(super) fn lost_per_failed_attempt(summary: &Summary, group: Group) -> Pair {
    let tally = summary.tally(group);
    ((tally.top_ups - tally.credited()).into(), tally.failed_attempts().into())
}

pub(super) fn queries(summary: &Summary, group: Group) -> Pair {
    of_top_ups(summary, group, summary.tally(group).queries)
}

pub(super) fn attempts_held_back(summary: &Summary, group: Group) -> Pair {
    of_top_ups(summary, group, summary.guards.attempts)
}

pub(super) fn calls_held_back(summary: &Summary, group: Group) -> Pair {
    of_top_ups(summary, group, summary.guards.calls)
}

pub(super) fn breaker_openings(summary: &Summary, _: Group) -> Pair {
    (summary.guards.openings.into(), 1)
}

pub(super) fn peak_attempts(summary: &Summary, _: Group) -> Pair {
    // Attempts in one second: 10^9 of them in 10^9 ns would be 1/s.
    (summary.loads.peak_attempts.into(), 1_000_000_000)
}

pub(super) fn goodput(summary: &Summary, _: Group) -> Pair {
    (summary.loads.goodput.into(), summary.measured_ns)
}

pub(super) fn unknown_outcome(summary: &Summary, group: Group) -> Pair {
    marked(summary, group, Marks::UNKNOWN_OUTCOME)
}

pub(super) fn duplicates(summary: &Summary, group: Group) -> Pair {
    marked(summary, group, Marks::DUPLICATE_CHARGE)
}

pub(super) fn captures_max(summary: &Summary, group: Group) -> Pair {
    (summary.tally(group).captures_max.into(), 1)
}

pub(super) fn duplicate_amount(summary: &Summary, group: Group) -> Pair {
    (summary.tally(group).duplicate_amount, 1)
}

pub(super) fn charged_shown_failed(summary: &Summary, group: Group) -> Pair {
    marked(summary, group, Marks::CHARGED_SHOWN_FAILED)
}

pub(super) fn orphans(summary: &Summary, group: Group) -> Pair {
    marked(summary, group, Marks::ORPHAN)
}

pub(super) fn double_credits(summary: &Summary, group: Group) -> Pair {
    marked(summary, group, Marks::DOUBLE_CREDIT)
}

pub(super) fn credit_delayed(summary: &Summary, group: Group) -> Pair {
    marked(summary, group, Marks::CREDIT_DELAYED)
}

pub(super) fn order_abnormal(summary: &Summary, group: Group) -> Pair {
    marked(summary, group, Marks::ORDER_ABNORMAL)
}

pub(super) fn not_arrived(summary: &Summary, group: Group) -> Pair {
    marked(summary, group, Marks::NOT_ARRIVED)
}

pub(super) fn interrupted(summary: &Summary, group: Group) -> Pair {
    marked(summary, group, Marks::INTERRUPTED)
}

pub(super) fn refund_problems(summary: &Summary, group: Group) -> Pair {
    marked(summary, group, Marks::REFUND_PROBLEM)
}

pub(super) fn refunds_delayed(summary: &Summary, group: Group) -> Pair {
    marked(summary, group, Marks::REFUND_DELAYED)
}

pub(super) fn misposted(summary: &Summary, group: Group) -> Pair {
    marked(summary, group, Marks::MISPOSTED)
}

pub(super) fn user_harm(summary: &Summary, group: Group) -> Pair {
    marked(summary, group, Marks::USER_HARM)
}

pub(super) fn refusals(summary: &Summary, group: Group) -> Pair {
    of_top_ups(summary, group, summary.refunds.refused)
}

pub(super) fn disputes(summary: &Summary, group: Group) -> Pair {
    of_top_ups(summary, group, summary.refunds.disputed)
}

pub(super) fn contacts(summary: &Summary, group: Group) -> Pair {
    of_top_ups(summary, group, summary.refunds.contacts)
}

fn of_requests(summary: &Summary, count: impl Fn(&RequestRecord) -> u64) -> Pair {
    let requests = &summary.refunds.requests;
    (count(requests).into(), requests.all().into())
}

pub(super) fn requests(summary: &Summary, group: Group) -> Pair {
    of_top_ups(summary, group, summary.refunds.requests.all())
}

pub(super) fn requests_accepted(summary: &Summary, _: Group) -> Pair {
    of_requests(summary, |requests| requests.accepted)
}

pub(super) fn requests_too_late(summary: &Summary, _: Group) -> Pair {
    of_requests(summary, |requests| requests.too_late)
}

pub(super) fn requests_spent(summary: &Summary, _: Group) -> Pair {
    of_requests(summary, |requests| requests.spent)
}

pub(super) fn requests_partial(summary: &Summary, _: Group) -> Pair {
    of_requests(summary, |requests| requests.part)
}

pub(super) fn requested_latency(summary: &Summary, _: Group) -> Cow<'_, Histogram> {
    Cow::Borrowed(&summary.refunds.requests.latency)
}

pub(super) fn requested_refunded(summary: &Summary, _: Group) -> Pair {
    (summary.refunds.requests.refunded, 1)
}

pub(super) fn platform_loss(summary: &Summary, _: Group) -> Pair {
    (summary.refunds.lost, 1)
}

pub(super) fn unresolved_after_24h(summary: &Summary, group: Group) -> Pair {
    marked(summary, group, Marks::UNRESOLVED_AFTER_24H)
}

pub(super) fn call_latency(summary: &Summary, _: Group) -> Cow<'_, Histogram> {
    Cow::Borrowed(&summary.call_latency)
}

pub(super) fn credit_latency(summary: &Summary, group: Group) -> Cow<'_, Histogram> {
    match group.kind {
        GroupKind::Channel => Cow::Borrowed(&summary.credit_latency[group.index]),
        _ => Cow::Owned(summary.credit_latency_of_all()),
    }
}

pub(super) fn refund_latency(summary: &Summary, _: Group) -> Cow<'_, Histogram> {
    Cow::Owned(summary.refunds.all_rails().latency)
}

fn rooms(summary: &Summary) -> impl Iterator<Item = &Room> {
    summary.pools.iter().map(PoolRecord::top_ups)
}

pub(super) fn gateway_wait(summary: &Summary, _: Group) -> Pair {
    let sum = rooms(summary).map(|room| room.wait.sum()).sum();
    (sum, rooms(summary).map(|room| u128::from(room.wait.count())).sum())
}

pub(super) fn gateway_utilisation(summary: &Summary, _: Group) -> Pair {
    let add = |sum: Pair, pool: Pair| (sum.0 + pool.0, sum.1 + pool.1);
    summary.pools.iter().filter_map(PoolRecord::utilisation).fold(NOTHING, add)
}

fn of_offered(summary: &Summary, count: impl Fn(&Room) -> u64) -> Pair {
    let counted = rooms(summary).map(|room| u128::from(count(room))).sum();
    (counted, rooms(summary).map(|room| u128::from(room.offered())).sum())
}

pub(super) fn shed(summary: &Summary, _: Group) -> Pair {
    of_offered(summary, |room| room.shed)
}

pub(super) fn abandoned(summary: &Summary, _: Group) -> Pair {
    of_offered(summary, |room| room.abandoned)
}

fn money(summary: &Summary, group: Group) -> MoneyRecord {
    match group.kind {
        GroupKind::Channel => summary.money[group.index].clone(),
        _ => summary.money_of_all(),
    }
}

pub(super) fn refunds(summary: &Summary, group: Group) -> Pair {
    of_top_ups(summary, group, money(summary, group).refunds)
}

pub(super) fn refund_within_24h(summary: &Summary, _: Group) -> Pair {
    let RailRecord { latency, within_24h, .. } = summary.refunds.all_rails();
    (within_24h.into(), latency.count().into())
}

pub(super) fn collapsed(summary: &Summary, group: Group) -> Pair {
    let recoveries = &summary.recoveries;
    match group.kind {
        GroupKind::Recovery => {
            let record = &recoveries.records[group.index];
            ((record.watched - record.recovered).into(), record.watched.into())
        }
        _ => (recoveries.collapsed.into(), recoveries.watched.into()),
    }
}

pub(super) fn recovery_time(summary: &Summary, group: Group) -> Pair {
    let add = |sum: Pair, record: &RecoveryRecord| {
        (sum.0 + record.restricted_ns, sum.1 + u128::from(record.watched))
    };
    match group.kind {
        GroupKind::Recovery => add(NOTHING, &summary.recoveries.records[group.index]),
        _ => summary.recoveries.records.iter().fold(NOTHING, add),
    }
}

/// Millionths of the currency's unit, of a part or of all together, over the top-ups.
pub(super) fn cost(summary: &Summary, part: Option<CostPart>) -> Pair {
    let costs = &summary.costs;
    match part.map_or(costs.total(), |part| costs.part(part)) {
        Some(micros) => (micros, summary.all.top_ups.into()),
        None => NOTHING,
    }
}

pub(super) fn captured(summary: &Summary, group: Group) -> Pair {
    (money(summary, group).captured, 1)
}

pub(super) fn credited(summary: &Summary, group: Group) -> Pair {
    (money(summary, group).credited, 1)
}

pub(super) fn refunded(summary: &Summary, group: Group) -> Pair {
    (money(summary, group).refunded, 1)
}
