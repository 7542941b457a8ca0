//! Whether goodput came back after triggers: shares and times, the curve, and the phase picture.

use crate::report::csv::{Cell, Rows, Table};
use crate::stats::Estimate;
use crate::study::RecoveryEstimate;

/// All recoveries that the scenario names, as numbers with their intervals.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recovery {
    /// The name of the scenario.
    pub scenario: String,
    /// In the order of their names.
    pub rows: Vec<RecoveryEstimate>,
}

/// The share of replications that had not recovered by then.
pub struct RecoveryCurve<'t>(pub &'t Recovery);

/// The queue against the clients that wait to try again.
pub struct RecoveryPhase<'t>(pub &'t Recovery);

impl Table for Recovery {
    const FILE: &'static str = "recovery.csv";
    const COLUMNS: &'static [&'static str] = &[
        "scenario",
        "recovery",
        "trigger",
        "goodput",
        "needed_share",
        "hold_s",
        "horizon_s",
        "statistic",
        "unit",
        "value",
        "ci_low",
        "ci_high",
        "interval",
        "replications",
        "events",
    ];
    const ORDER: &'static str = "name of the recovery, then statistic in the order of the report";

    fn write(&self, rows: &mut Rows) {
        for row in &self.rows {
            let (watched, recovered) = (row.watched, row.watched - row.collapsed);
            let low = row.curve.median_low();
            self.line(rows, row, ("collapse_share", "share"), (row.collapse_share, row.collapsed));
            let median = row.curve.median();
            self.line(rows, row, ("time_median", "s"), (median, recovered));
            if median.is_none_or(|median| median.interval.is_none()) {
                let least = low.map(|value| Estimate { value, interval: None, n: watched });
                self.line(rows, row, ("time_median_at_least", "s"), (least, recovered));
            }
            self.line(rows, row, ("time_restricted_mean", "s"), (row.mean_s, recovered));
            self.line(rows, row, ("goodput_before", "per_top_up"), (row.before, recovered));
            self.line(rows, row, ("goodput_after", "per_top_up"), (row.after, recovered));
        }
    }
}

impl Recovery {
    fn line(
        &self,
        rows: &mut Rows,
        row: &RecoveryEstimate,
        (statistic, unit): (&str, &str),
        (estimate, events): (Option<Estimate>, u64),
    ) {
        let (recovery, interval) = (&row.recovery, estimate.and_then(|e| e.interval));
        rows.row([
            Cell::text(&self.scenario),
            Cell::text(&recovery.name),
            Cell::text(&recovery.trigger),
            Cell::text(recovery.goodput.name()),
            Cell::Number(share(recovery.share)),
            Cell::Count(recovery.hold_s),
            Cell::Count(recovery.horizon_s),
            Cell::text(statistic),
            Cell::text(unit),
            Cell::number(estimate.map(|estimate| estimate.value)),
            Cell::number(interval.map(|interval| interval.low)),
            Cell::number(interval.map(|interval| interval.high)),
            Cell::text(&estimate.map_or(String::new(), |e| e.method().to_string())),
            Cell::Count(row.watched),
            Cell::Count(events),
        ]);
    }
}

/// A share kept in parts of 2^32, with the nine digits that these tell.
fn share(parts: u64) -> f64 {
    (parts as f64 / 4_294_967_296.0 * 1e9).round() / 1e9
}

impl Table for RecoveryCurve<'_> {
    const FILE: &'static str = "recovery_curve.csv";
    const COLUMNS: &'static [&'static str] = &[
        "recovery",
        "time_s",
        "at_risk",
        "recovered",
        "not_recovered_share",
        "ci_low",
        "ci_high",
        "interval",
    ];
    const ORDER: &'static str = "name of the recovery, then time since the trigger's end";

    fn write(&self, rows: &mut Rows) {
        for row in &self.0.rows {
            for step in &row.curve.steps {
                rows.row([
                    Cell::text(&row.recovery.name),
                    Cell::Number(step.time),
                    Cell::Count(step.at_risk),
                    Cell::Count(step.events),
                    Cell::Number(step.share),
                    Cell::number(step.interval.map(|interval| interval.low)),
                    Cell::number(step.interval.map(|interval| interval.high)),
                    Cell::text(&step.interval.map_or(String::new(), |i| i.method.to_string())),
                ]);
            }
        }
    }
}

impl Table for RecoveryPhase<'_> {
    const FILE: &'static str = "recovery_phase.csv";
    const COLUMNS: &'static [&'static str] = &[
        "recovery",
        "outcome",
        "replications",
        "from_s",
        "to_s",
        "backing_off_median",
        "retries_median_per_s",
        "queue_length_median",
    ];
    const ORDER: &'static str = "name of the recovery, recovered before collapsed, then time";

    fn write(&self, rows: &mut Rows) {
        for row in &self.0.rows {
            for way in &row.ways {
                for point in &way.points {
                    rows.row([
                        Cell::text(&row.recovery.name),
                        Cell::text(if way.recovered { "recovered" } else { "collapsed" }),
                        Cell::Count(way.replications),
                        Cell::Number(point.from as f64 / 1e9),
                        Cell::Number(point.to as f64 / 1e9),
                        Cell::Number(point.backing_off),
                        Cell::Number(point.retries_per_s),
                        Cell::Number(point.queue),
                    ]);
                }
            }
        }
    }
}
