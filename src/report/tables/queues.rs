//! Waiting at the gateway's pools and at stations, a row a pool and class.

use crate::report::csv::{Cell, Rows, Table};
use crate::study::QueueEstimate;

/// All pools.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Queues {
    /// Attempts a second that the gateway's workers can serve, where that is limited.
    pub capacity_per_s: Option<f64>,
    /// Rows by pool, then class.
    pub rows: Vec<QueueEstimate>,
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
    const ORDER: &'static str = "pools, then stations, in the order of the model, then class";

    fn write(&self, rows: &mut Rows) {
        for row in &self.rows {
            let [wait_p50_s, wait_p95_s, wait_p99_s] = row.wait_s;
            let [sojourn_p95_s, sojourn_p99_s] = row.sojourn_s;
            rows.row([
                Cell::text(&row.pool),
                Cell::text(row.class),
                Cell::Count(row.arrived),
                Cell::number(row.waiting_share),
                Cell::number(row.wait_mean_s),
                Cell::number(row.wait_sd_s),
                Cell::number(wait_p50_s),
                Cell::number(wait_p95_s),
                Cell::number(wait_p99_s),
                Cell::number(row.sojourn_mean_s),
                Cell::number(sojourn_p95_s),
                Cell::number(sojourn_p99_s),
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
