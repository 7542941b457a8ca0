//! When policies send again: a row a retry.

use crate::report::csv::{Cell, Rows, Table};
use crate::scenario::ShownPolicy;

/// The contract of `schedules.csv`.
#[derive(Debug, Clone)]
pub struct Schedules<'p> {
    /// The policies.
    pub policies: &'p [ShownPolicy],
}

impl Table for Schedules<'_> {
    const FILE: &'static str = "schedules.csv";
    const COLUMNS: &'static [&'static str] = &[
        "policy",
        "after",
        "retry",
        "calls_share",
        "pause_min_s",
        "pause_p05_s",
        "pause_p50_s",
        "pause_mean_s",
        "pause_p95_s",
        "pause_max_s",
        "sent_at_min_s",
        "sent_at_p05_s",
        "sent_at_p50_s",
        "sent_at_mean_s",
        "sent_at_p95_s",
        "sent_at_max_s",
    ];
    const ORDER: &'static str = "policies as asked for, then what failed, then the retries";

    fn write(&self, rows: &mut Rows) {
        for policy in self.policies {
            for case in &policy.cases {
                for (number, retry) in (1..).zip(&case.retries) {
                    let (pause, at) = (retry.pause, retry.at);
                    rows.row([
                        Cell::text(&policy.name),
                        Cell::text(&case.after),
                        Cell::Count(number),
                        Cell::Number(retry.share),
                        Cell::Number(pause.min),
                        Cell::Number(pause.p05),
                        Cell::Number(pause.p50),
                        Cell::Number(pause.mean),
                        Cell::Number(pause.p95),
                        Cell::Number(pause.max),
                        Cell::Number(at.min),
                        Cell::Number(at.p05),
                        Cell::Number(at.p50),
                        Cell::Number(at.mean),
                        Cell::Number(at.p95),
                        Cell::Number(at.max),
                    ]);
                }
            }
        }
    }
}
