//! What replications come down to: integers that merge exactly, in any order.

use serde::{Deserialize, Serialize};

use super::aside::AsideRecord;
use super::costs::CostRecord;
use super::flows::Flows;
use super::pools::PoolRecord;
use super::recovery::Recoveries;
use super::refunds::{MoneyRecord, RefundRecord};
use super::shape::{Group, GroupKind, Shape};
use super::tally::{CauseTally, RemedyTally, Tally, merge_each};
use super::timeline::Timeline;
use crate::model::cause::Cause;
use crate::model::remedy::Remedy;
use crate::stats::Histogram;

/// One replication, or several merged. Shares count the cohort, loads the measured time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Replications merged into it.
    pub replications: u64,
    /// Measured time of all replications, ns.
    pub measured_ns: u128,
    /// All top-ups.
    pub all: Tally,
    /// By channel of the first entry.
    pub channels: Vec<Tally>,
    /// By provider of the first entry.
    pub providers: Vec<Tally>,
    /// By access network.
    pub access: Vec<Tally>,
    /// By bank.
    pub banks: Vec<Tally>,
    /// Top-ups over channels without a bank.
    pub no_bank: Tally,
    /// By window of time.
    pub windows: Vec<Tally>,
    /// What is counted aside, in the order of the plan.
    pub asides: Vec<AsideRecord>,
    /// By cause, in the order of [`Cause::ALL`].
    pub causes: Vec<CauseTally>,
    /// Top-ups without success of which no attempt failed by a cause; only `lost` counts.
    pub no_cause: CauseTally,
    /// By remedy, in the order of [`Remedy::ALL`].
    pub remedies: Vec<RemedyTally>,
    /// Top-ups with a failed attempt, by first cause, what was tried, and outcome.
    pub flows: Flows,
    /// From the app's first attempt to its last word, ns.
    pub call_latency: Histogram,
    /// From arrival to the first credit, ns, by channel.
    pub credit_latency: Vec<Histogram>,
    /// Pools of the gateway.
    pub pools: Vec<PoolRecord>,
    /// Staff who review refund cases; none without a limit on staff.
    pub desk: Option<PoolRecord>,
    /// People who are asked for help, in the order of the scenario's stations.
    pub stations: Vec<PoolRecord>,
    /// What breakers and throttles did.
    pub guards: GuardRecord,
    /// Refund cases.
    pub refunds: RefundRecord,
    /// Money of the cohort, by channel.
    pub money: Vec<MoneyRecord>,
    /// Counts by the time of the event.
    pub loads: Loads,
    /// Counts over time.
    pub timeline: Timeline,
    /// Whether goodput came back after triggers.
    pub recoveries: Recoveries,
    /// The ledger at the very end, warm-up and drain included.
    pub ledger: LedgerRecord,
    /// What it costs, where the scenario has prices.
    pub costs: CostRecord,
    /// What the simulation itself did.
    pub run: RunRecord,
}

/// Counts by the time of the event, within the measured time, whoever belongs to the cohort.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loads {
    /// Attempts that the app sent.
    pub attempts: u64,
    /// Queries sent.
    pub queries: u64,
    /// First credits that came before the deadline of their top-up.
    pub goodput: u64,
    /// Attempts in the busiest second of any replication.
    pub peak_attempts: u64,
}

/// What breakers and throttles did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuardRecord {
    /// Attempts of the cohort that the app held back.
    pub attempts: u64,
    /// Calls for the cohort that the gateway held back.
    pub calls: u64,
    /// Openings of breakers within the measured time.
    pub openings: u64,
}

/// Balances of the ledger at the end of a replication, minor units.
///
/// Law: captured + platform loss = net credited + misposted + refunded + refund in flight + in
/// dispute + unresolved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRecord {
    /// Captured from users.
    pub captured: i128,
    /// Paid by the platform.
    pub platform_loss: i128,
    /// Credited to the right accounts, less credits taken back.
    pub credited: i128,
    /// Credited to wrong accounts.
    pub misposted: i128,
    /// Back with users.
    pub refunded: i128,
    /// On its way back.
    pub refund_in_flight: i128,
    /// In dispute.
    pub in_dispute: i128,
    /// Captured, and nothing has become of it.
    pub unresolved: i128,
    /// Compensation paid; an account of its own.
    pub compensation: i128,
}

/// What the simulation itself did; no result depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Journeys, warm-up and drain included.
    pub journeys: u64,
    /// Events of the global queue.
    pub events: u64,
    /// Steps of journeys.
    pub steps: u64,
    /// The most journeys alive at once, in any replication.
    pub peak_live: u64,
    /// Bytes of one journey's record.
    pub record_bytes: u64,
}

impl Summary {
    /// The summary of no replication.
    pub fn empty(shape: &Shape) -> Self {
        let tallies = |names: &[String]| vec![Tally::default(); names.len()];
        let channels = shape.channels.len();
        Self {
            replications: 0,
            measured_ns: 0,
            all: Tally::default(),
            channels: tallies(&shape.channels),
            providers: tallies(&shape.providers),
            access: tallies(&shape.access),
            banks: tallies(&shape.banks),
            no_bank: Tally::default(),
            windows: vec![Tally::default(); shape.windows.len()],
            asides: vec![AsideRecord::empty(); shape.asides.len()],
            causes: vec![CauseTally::default(); Cause::ALL.len()],
            no_cause: CauseTally::default(),
            remedies: vec![RemedyTally::default(); Remedy::ALL.len()],
            flows: Flows::default(),
            call_latency: Histogram::new(),
            credit_latency: vec![Histogram::new(); channels],
            pools: vec![PoolRecord::of(shape.ranked); shape.pools.len()],
            desk: None,
            stations: vec![PoolRecord::default(); shape.stations.len()],
            guards: GuardRecord::default(),
            refunds: RefundRecord {
                rails: vec![Default::default(); shape.rails.len()],
                ..RefundRecord::default()
            },
            money: vec![MoneyRecord::default(); channels],
            loads: Loads::default(),
            timeline: Timeline::new(shape.horizon.length, shape.pools.len()),
            recoveries: Recoveries::empty(&shape.recoveries, &shape.horizon),
            ledger: LedgerRecord::default(),
            costs: CostRecord::default(),
            run: RunRecord::default(),
        }
    }

    /// Adds another summary of the same shape; exact, in any order.
    pub fn merge(&mut self, other: &Self) {
        self.replications += other.replications;
        self.measured_ns += other.measured_ns;
        self.all.merge(&other.all);
        merge_each(&mut self.channels, &other.channels, Tally::merge);
        merge_each(&mut self.providers, &other.providers, Tally::merge);
        merge_each(&mut self.access, &other.access, Tally::merge);
        merge_each(&mut self.banks, &other.banks, Tally::merge);
        self.no_bank.merge(&other.no_bank);
        merge_each(&mut self.windows, &other.windows, Tally::merge);
        merge_each(&mut self.asides, &other.asides, AsideRecord::merge);
        merge_each(&mut self.causes, &other.causes, CauseTally::merge);
        self.no_cause.merge(&other.no_cause);
        merge_each(&mut self.remedies, &other.remedies, RemedyTally::merge);
        self.flows.merge(&other.flows);
        self.call_latency.merge(&other.call_latency);
        merge_each(&mut self.credit_latency, &other.credit_latency, Histogram::merge);
        merge_each(&mut self.pools, &other.pools, PoolRecord::merge);
        merge_each(&mut self.stations, &other.stations, PoolRecord::merge);
        if let Some(desk) = &other.desk {
            self.desk.get_or_insert_default().merge(desk);
        }
        self.guards.merge(&other.guards);
        self.refunds.merge(&other.refunds);
        merge_each(&mut self.money, &other.money, MoneyRecord::merge);
        self.loads.merge(&other.loads);
        self.timeline.merge(&other.timeline);
        self.recoveries.merge(&other.recoveries);
        self.ledger.merge(&other.ledger);
        self.costs.merge(&other.costs);
        self.run.merge(&other.run);
    }

    /// The top-ups of a group.
    pub fn tally(&self, group: Group) -> &Tally {
        match group.kind {
            GroupKind::All | GroupKind::Costs => &self.all,
            GroupKind::Channel => &self.channels[group.index],
            GroupKind::Provider => &self.providers[group.index],
            GroupKind::Access => &self.access[group.index],
            GroupKind::Bank => &self.banks[group.index],
            GroupKind::Window => &self.windows[group.index],
            GroupKind::Aside => unreachable!("of what is counted aside only ratios are kept"),
            GroupKind::AnyRecovery | GroupKind::Recovery => {
                panic!("a recovery is about a time, it has no top-ups of its own")
            }
        }
    }

    /// The counts of a cause.
    pub fn cause(&self, cause: Cause) -> &CauseTally {
        &self.causes[cause as usize]
    }

    /// From arrival to the first credit, ns, over all channels.
    pub fn credit_latency_of_all(&self) -> Histogram {
        let mut all = Histogram::new();
        self.credit_latency.iter().for_each(|channel| all.merge(channel));
        all
    }

    /// Money of the cohort over all channels.
    pub fn money_of_all(&self) -> MoneyRecord {
        let mut all = MoneyRecord::default();
        self.money.iter().for_each(|channel| all.merge(channel));
        all
    }
}

impl Loads {
    fn merge(&mut self, other: &Self) {
        self.attempts += other.attempts;
        self.queries += other.queries;
        self.goodput += other.goodput;
        self.peak_attempts = self.peak_attempts.max(other.peak_attempts);
    }
}

impl GuardRecord {
    fn merge(&mut self, other: &Self) {
        self.attempts += other.attempts;
        self.calls += other.calls;
        self.openings += other.openings;
    }
}

impl LedgerRecord {
    fn merge(&mut self, other: &Self) {
        self.captured += other.captured;
        self.platform_loss += other.platform_loss;
        self.credited += other.credited;
        self.misposted += other.misposted;
        self.refunded += other.refunded;
        self.refund_in_flight += other.refund_in_flight;
        self.in_dispute += other.in_dispute;
        self.unresolved += other.unresolved;
        self.compensation += other.compensation;
    }
}

impl RunRecord {
    fn merge(&mut self, other: &Self) {
        self.journeys += other.journeys;
        self.events += other.events;
        self.steps += other.steps;
        self.peak_live = self.peak_live.max(other.peak_live);
        self.record_bytes = self.record_bytes.max(other.record_bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::{self, ODDS, small};
    use super::*;

    fn merged(parts: &[&Summary]) -> Summary {
        let mut all = Summary::empty(&small());
        parts.iter().for_each(|part| all.merge(part));
        all
    }

    #[test]
    fn a_merge_is_exact_in_any_order() {
        let shape = small();
        let [a, b, c] = [1, 2, 3].map(|seed| fake::summary(&shape, seed, 700, ODDS));
        let all = merged(&[&a, &b, &c]);
        assert_eq!(all, merged(&[&c, &a, &b]));
        assert_eq!(all, merged(&[&merged(&[&c, &b]), &a]));
        assert_eq!(all.replications, 3);
        assert_eq!(all.all.top_ups, a.all.top_ups + b.all.top_ups + c.all.top_ups);
        assert_eq!(merged(&[&a]), a, "the empty summary is neutral");
    }

    #[test]
    fn a_summary_reads_back_as_it_was_written() {
        let summary = fake::summary(&small(), 4, 700, ODDS);
        let text = serde_json::to_string(&summary).expect("integers can be written");
        let back: Summary = serde_json::from_str(&text).expect("what was written can be read");
        assert_eq!(back, summary);
    }
}
