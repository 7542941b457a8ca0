//! A sample of raw journeys, one row each.

use crate::report::csv::{Cell, Rows, Table};

/// One journey.
#[derive(Debug, Clone, PartialEq)]
pub struct JourneyRow {
    /// Number of the replication, from 0.
    pub replication: u64,
    /// Number among its arrivals, from 0: what `explain --top-up` takes.
    pub journey: u64,
    /// Arrival, seconds from the start of the run.
    pub arrival_s: f64,
    /// Channel and provider of the first entry.
    pub way: (String, String),
    /// The access network.
    pub access: String,
    /// The bank behind the first entry; empty where there is none.
    pub bank: String,
    /// Minor units of the currency.
    pub amount_minor: u64,
    /// Attempts, queries, captures, credits.
    pub counts: [u64; 4],
    /// The name of the outcome.
    pub outcome: String,
    /// The names of the marks, with `;` between them.
    pub marks: String,
    /// The causes of the first and the last failed attempt; empty where none failed.
    pub causes: [String; 2],
    /// From the arrival to the first credit.
    pub credit_latency_s: Option<f64>,
}

/// The sample, where one was asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Journeys {
    /// One row a journey, by replication and number.
    pub rows: Vec<JourneyRow>,
}

impl Table for Journeys {
    const FILE: &'static str = "journeys.csv";
    const COLUMNS: &'static [&'static str] = &[
        "replication",
        "journey",
        "arrival_s",
        "channel",
        "provider",
        "access",
        "bank",
        "amount_minor",
        "attempts",
        "queries",
        "captures",
        "credits",
        "outcome",
        "marks",
        "first_cause",
        "last_cause",
        "credit_latency_s",
    ];
    const ORDER: &'static str = "replication, then journey";

    fn write(&self, rows: &mut Rows) {
        for row in &self.rows {
            let [attempts, queries, captures, credits] = row.counts.map(Cell::Count);
            let [first, last] = [&row.causes[0], &row.causes[1]].map(|cause| Cell::text(cause));
            rows.row([
                Cell::Count(row.replication),
                Cell::Count(row.journey),
                Cell::Number(row.arrival_s),
                Cell::text(&row.way.0),
                Cell::text(&row.way.1),
                Cell::text(&row.access),
                Cell::text(&row.bank),
                Cell::Count(row.amount_minor),
                attempts,
                queries,
                captures,
                credits,
                Cell::text(&row.outcome),
                Cell::text(&row.marks),
                first,
                last,
                Cell::number(row.credit_latency_s),
            ]);
        }
    }
}
