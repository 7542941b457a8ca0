//! Waiting at the gateway's pools, a row a pool and class.

use crate::report::csv::{Cell, Rows, Table};

/// One class of requests at one pool, over the measured time of all replications.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueueRow {
    /// The name of the pool.
    pub pool: String,
    /// `core` or `top_up`.
    pub class: String,
    /// Requests that reached the pool.
    pub arrived: u64,
    /// Requests that found no free worker, as a share of those that arrived.
    pub waiting_share: Option<f64>,
    /// Mean wait of the requests served, s.
    pub wait_mean_s: Option<f64>,
    /// Standard deviation of the wait, s.
    pub wait_sd_s: Option<f64>,
    /// Median wait, s.
    pub wait_p50_s: Option<f64>,
    /// 95th percentile of the wait, s.
    pub wait_p95_s: Option<f64>,
    /// 99th percentile of the wait, s.
    pub wait_p99_s: Option<f64>,
    /// Mean of wait and service together, s.
    pub sojourn_mean_s: Option<f64>,
    /// 95th percentile of wait and service together, s.
    pub sojourn_p95_s: Option<f64>,
    /// 99th percentile of wait and service together, s.
    pub sojourn_p99_s: Option<f64>,
    /// Requests that left the queue unserved.
    pub abandoned: u64,
    /// Requests that found the waiting room full.
    pub blocked: u64,
    /// Requests turned away before the door.
    pub shed: u64,
    /// Requests at the pool, waiting or served, averaged over time (L); of all classes.
    pub in_system_mean: Option<f64>,
    /// Requests waiting, averaged over time (Lq); of this class.
    pub waiting_mean: Option<f64>,
    /// Busy share of the workers, of all classes; None where workers are unlimited.
    pub utilisation: Option<f64>,
}

/// All pools.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Queues {
    /// Attempts a second that the gateway's workers can serve, where that is limited.
    pub capacity_per_s: Option<f64>,
    /// Rows by pool, then class.
    pub rows: Vec<QueueRow>,
}

impl Table for Queues {
    const FILE: &'static str = "queues.csv";
    const COLUMNS: &'static [&'static str] = &[
        "pool",
        "class",
        "arrived",
        "waiting_share",
        "wait_mean_s",
        "wait_sd_s",
        "wait_p50_s",
        "wait_p95_s",
        "wait_p99_s",
        "sojourn_mean_s",
        "sojourn_p95_s",
        "sojourn_p99_s",
        "abandoned",
        "blocked",
        "shed",
        "in_system_mean",
        "waiting_mean",
        "utilisation",
    ];
    const ORDER: &'static str = "pool in the order of the scenario, then class";

    fn write(&self, rows: &mut Rows) {
        for row in &self.rows {
            rows.row([
                Cell::text(&row.pool),
                Cell::text(&row.class),
                Cell::Count(row.arrived),
                Cell::number(row.waiting_share),
                Cell::number(row.wait_mean_s),
                Cell::number(row.wait_sd_s),
                Cell::number(row.wait_p50_s),
                Cell::number(row.wait_p95_s),
                Cell::number(row.wait_p99_s),
                Cell::number(row.sojourn_mean_s),
                Cell::number(row.sojourn_p95_s),
                Cell::number(row.sojourn_p99_s),
                Cell::Count(row.abandoned),
                Cell::Count(row.blocked),
                Cell::Count(row.shed),
                Cell::number(row.in_system_mean),
                Cell::number(row.waiting_mean),
                Cell::number(row.utilisation),
            ]);
        }
    }
}
