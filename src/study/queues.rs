//! What waiting at the gateway and at stations came to, a row a pool and class.

use super::run::RunResult;
use crate::model::plan::Plan;
use crate::record::pools::{CLASS_NAMES, RANK_NAMES};
use crate::record::{PoolRecord, Room, Shape};
use crate::stats::{CONFIDENCE, Histogram, least_n};

/// One class of requests at one pool, over the measured time of all replications.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueEstimate {
    /// Name of the pool; `station:NAME` of a station.
    pub pool: String,
    /// `core` or `top_up`; where the scenario has a priority, the latter's parts as well:
    /// `top_up_first` and `top_up_repeated`.
    pub class: &'static str,
    /// Requests that reached the pool.
    pub arrived: u64,
    /// Requests that found no free worker, as a share of those that arrived.
    pub waiting_share: Option<f64>,
    /// Mean wait of the requests served, s.
    pub wait_mean_s: Option<f64>,
    /// Standard deviation of the wait, s.
    pub wait_sd_s: Option<f64>,
    /// Median, 95 % and 99 % quantile of the wait, s; none below their least n.
    pub wait_s: [Option<f64>; 3],
    /// Mean of wait and service together, s.
    pub sojourn_mean_s: Option<f64>,
    /// 95 % and 99 % quantile of wait and service together, s; none below their least n.
    pub sojourn_s: [Option<f64>; 2],
    /// Requests that left the queue unserved.
    pub abandoned: u64,
    /// Requests that found the waiting room full.
    pub blocked: u64,
    /// Requests turned away before the door.
    pub shed: u64,
    /// Requests at the pool, waiting or served, averaged over time (L); of all classes.
    pub in_system_mean: Option<f64>,
    /// Requests of this class waiting, averaged over time (Lq).
    pub waiting_mean: Option<f64>,
    /// Busy share of the workers, of all classes; none where workers are unlimited.
    pub utilisation: Option<f64>,
}

/// Every class of every pool at which anyone arrived or was shed.
pub fn queues(result: &RunResult, plan: &Plan) -> Vec<QueueEstimate> {
    of_shape(result, &Shape::of(plan))
}

/// The same for summaries of a shape.
pub fn of_shape(result: &RunResult, shape: &Shape) -> Vec<QueueEstimate> {
    let time = result.pooled.measured_ns;
    let pools = shape.pools.iter().map(|(name, _)| name.clone());
    let stations = shape.stations.iter().map(|(name, _)| format!("station:{name}"));
    let records = result.pooled.pools.iter().chain(&result.pooled.stations);
    pools
        .chain(stations)
        .zip(records)
        .flat_map(|(name, pool)| {
            let rooms = CLASS_NAMES.into_iter().zip(&pool.classes);
            let ranks =
                pool.ranks.iter().flat_map(|ranks| RANK_NAMES.into_iter().zip(ranks.iter()));
            let used = rooms.chain(ranks).filter(|(_, room)| room.offered() > 0);
            used.map(move |(class, room)| row(&name, class, (pool, room), time))
        })
        .collect()
}

fn row(
    name: &str,
    class: &'static str,
    (pool, room): (&PoolRecord, &Room),
    time: u128,
) -> QueueEstimate {
    let ratio = |numerator: u128, base: u128| (base > 0).then(|| numerator as f64 / base as f64);
    let moments = room.wait_moments();
    let waiting: u128 = pool.classes.iter().map(|room| room.waiting_ns).sum();
    let utilisation = pool.utilisation();
    QueueEstimate {
        pool: name.to_owned(),
        class,
        arrived: room.arrived,
        waiting_share: ratio((room.waited + room.blocked).into(), room.arrived.into()),
        wait_mean_s: moments.map(|(mean, _)| mean),
        wait_sd_s: moments.map(|(_, variance)| variance.sqrt()),
        wait_s: [0.5, 0.95, 0.99].map(|q| quantile_s(&room.wait, q)),
        sojourn_mean_s: room.sojourn.mean().map(|ns| ns / 1e9),
        sojourn_s: [0.95, 0.99].map(|q| quantile_s(&room.sojourn, q)),
        abandoned: room.abandoned,
        blocked: room.blocked,
        shed: room.shed,
        in_system_mean: ratio(waiting + pool.busy_ns, time),
        waiting_mean: ratio(room.waiting_ns, time),
        utilisation: utilisation.and_then(|(busy, servers)| ratio(busy, servers)),
    }
}

/// A quantile in seconds; none below its least n.
fn quantile_s(seen: &Histogram, q: f64) -> Option<f64> {
    let value = seen.quantile(q).filter(|_| seen.count() >= least_n(q, CONFIDENCE));
    value.map(|ns| ns as f64 / 1e9)
}
