//! From what the model itself has counted by the end of a replication to what a summary keeps.

use super::pools::{PoolRecord, Room};
use super::recorder::{Ending, Recorder};
use super::summary::{LedgerRecord, RunRecord, Summary};
use super::timeline::PoolBucket;
use crate::model::world::{ClassTotals, PoolTotals, RECORD_BYTES, Totals};

impl Recorder {
    /// Condenses what was noted and what the model has counted, and holds the laws against both.
    ///
    /// # Panics
    /// When a law does not hold: that is a defect of the model, never of a scenario.
    pub fn finish(self, totals: &Totals) -> Summary {
        let ending = Ending {
            pools: ranked(pools(&totals.pools, self.workers()), totals, self.ranked),
            buckets: buckets(totals),
            desk: totals.desk.as_ref().map(record),
            stations: pools(&totals.stations, self.staff()),
            ledger: ledger(totals),
            run: run(totals),
        };
        self.close(ending)
    }
}

fn ledger(totals: &Totals) -> LedgerRecord {
    let money = totals.ledger.all();
    LedgerRecord {
        captured: money.captured,
        platform_loss: money.loss,
        credited: money.credited,
        misposted: money.misposted,
        refunded: money.refunded,
        refund_in_flight: money.in_flight,
        in_dispute: money.in_dispute,
        unresolved: money.unresolved,
        compensation: money.compensation,
    }
}

fn run(totals: &Totals) -> RunRecord {
    RunRecord {
        journeys: totals.journeys,
        events: totals.events,
        steps: totals.steps,
        peak_live: totals.peak_live,
        record_bytes: RECORD_BYTES as u64,
    }
}

fn buckets(totals: &Totals) -> Vec<Vec<PoolBucket>> {
    let pools = totals.pool_buckets.iter().map(|pool| {
        let buckets = pool.iter().map(|sums| PoolBucket {
            servers_ns: sums.servers_ns,
            busy_ns: sums.busy_ns,
            waiting_ns: sums.waiting_ns,
        });
        buckets.collect()
    });
    pools.collect()
}

/// Pools with their workers; 0 where they are unlimited.
fn pools(totals: &[PoolTotals], workers: &[u32]) -> Vec<PoolRecord> {
    let of = |(pool, &workers): (&PoolTotals, &u32)| PoolRecord {
        workers_ns: u128::from(workers) * u128::from(pool.to - pool.from),
        ..record(pool)
    };
    totals.iter().zip(workers).map(of).collect()
}

/// The pools with their top-ups in two parts, where some stand behind all others.
fn ranked(mut pools: Vec<PoolRecord>, totals: &Totals, ranked: bool) -> Vec<PoolRecord> {
    let counted = pools.iter_mut().zip(&totals.pools).filter(|_| ranked);
    for (record, PoolTotals { classes: [_, all], behind, .. }) in counted {
        let first = ClassTotals {
            arrived: all.arrived - behind.arrived,
            served_at_once: all.served_at_once - behind.served_at_once,
            waited: all.waited - behind.waited,
            refused: all.refused - behind.refused,
            granted: all.granted - behind.granted,
            abandoned: all.abandoned - behind.abandoned,
            waiting_at_start: all.waiting_at_start - behind.waiting_at_start,
            still_waiting: all.still_waiting - behind.still_waiting,
            waits_ns: all.waits_ns - behind.waits_ns,
        };
        // Little's law: the time that they waited is the integral of how many did
        let rooms = [&first, behind].map(|counts| room(counts, counts.waits_ns));
        record.ranks = Some(Box::new(rooms));
    }
    pools
}

/// A pool whose workers were all there, all the time.
fn record(pool: &PoolTotals) -> PoolRecord {
    let sums = &pool.integrals;
    let rooms = pool.classes.iter().zip(sums.waiting_ns).map(|(counts, waiting_ns)| {
        assert_eq!(counts.waits_ns, waiting_ns, "Little's law: L = arrivals x W");
        room(counts, waiting_ns)
    });
    let rooms: Vec<Room> = rooms.collect();
    PoolRecord {
        workers_ns: sums.servers_ns,
        servers_ns: sums.servers_ns,
        busy_ns: sums.busy_ns,
        idle_ns: sums.idle_ns,
        surplus_ns: sums.surplus_ns,
        busy_peak: pool.busy_peak,
        waiting_peak: pool.waiting_peak,
        classes: rooms.try_into().expect("the model and the summary know the same classes"),
        ranks: None,
    }
}

/// The counts of a class, as the waiting room of those who are in it.
fn room(counts: &ClassTotals, waiting_ns: u128) -> Room {
    Room {
        arrived: counts.arrived,
        served_at_once: counts.served_at_once,
        waited: counts.waited,
        blocked: counts.refused,
        granted: counts.granted,
        abandoned: counts.abandoned,
        waiting_at_start: counts.waiting_at_start,
        still_waiting: counts.still_waiting,
        waiting_ns,
        ..Room::default()
    }
}
