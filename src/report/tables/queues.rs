//! Waiting at the gateway's pools and at stations, a row a pool and class.

use crate::record::pools::{CLASS_NAMES, RANK_NAMES};
use crate::report::csv::{Cell, Rows, Table};
use crate::report::reading::{Line, ReadBack, Unreadable};
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

impl ReadBack for Queues {
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let row = |line: &Line| {
            let name = line.text("class");
            let mut classes = CLASS_NAMES.into_iter().chain(RANK_NAMES);
            let class = classes.find(|class| *class == name);
            Ok(QueueEstimate {
                pool: line.text("pool"),
                class: class.ok_or_else(|| line.fault("class", "class of work"))?,
                arrived: line.count("arrived")?,
                waiting_share: line.number("waiting_share")?,
                wait_mean_s: line.number("wait_mean_s")?,
                wait_sd_s: line.number("wait_sd_s")?,
                wait_s: [
                    line.number("wait_p50_s")?,
                    line.number("wait_p95_s")?,
                    line.number("wait_p99_s")?,
                ],
                sojourn_mean_s: line.number("sojourn_mean_s")?,
                sojourn_s: [line.number("sojourn_p95_s")?, line.number("sojourn_p99_s")?],
                abandoned: line.count("abandoned")?,
                blocked: line.count("blocked")?,
                shed: line.count("shed")?,
                in_system_mean: line.number("in_system_mean")?,
                waiting_mean: line.number("waiting_mean")?,
                utilisation: line.number("utilisation")?,
            })
        };
        let rows = lines.iter().map(row).collect::<Result<_, _>>()?;
        Ok(Queues { capacity_per_s: None, rows })
    }
}
