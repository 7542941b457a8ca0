//! Whether goodput came back after triggers: shares and times, the curve, and the phase picture.

use crate::report::csv::{Cell, Rows, Table};
use crate::report::reading::{Line, ReadBack, Unreadable};
use crate::stats::{Estimate, Interval, Method, Step, Survival};
use crate::study::RecoveryEstimate;
use crate::study::recovery::{Goodput, Point, Recovery as Watched, Way};
use crate::units::Probability;

/// All recoveries that the scenario names, as numbers with their intervals.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recovery {
    /// The name of the scenario.
    pub scenario: String,
    /// In the order of their names.
    pub rows: Vec<RecoveryEstimate>,
}

/// The share of replications that had not recovered by then.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecoveryCurve {
    /// The name of a recovery and a step of its curve.
    pub rows: Vec<(String, Step)>,
}

/// The queue against the clients that wait to try again.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecoveryPhase {
    /// The name of a recovery and a way of its replications.
    pub rows: Vec<(String, Way)>,
}

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
            Cell::Number(Probability::of_threshold(recovery.share).value()),
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

/// Nanoseconds of a second.
const NS: f64 = 1e9;
const RECOVERED: &str = "recovered";
const COLLAPSED: &str = "collapsed";

impl Recovery {
    /// The curves of all recoveries.
    pub fn curves(&self) -> RecoveryCurve {
        let of = |row: &RecoveryEstimate| {
            let name = row.recovery.name.clone();
            row.curve.steps.clone().into_iter().map(move |step| (name.clone(), step))
        };
        RecoveryCurve { rows: self.rows.iter().flat_map(of).collect() }
    }

    /// The phase pictures of all recoveries.
    pub fn phases(&self) -> RecoveryPhase {
        let of = |row: &RecoveryEstimate| {
            let name = row.recovery.name.clone();
            row.ways.clone().into_iter().map(move |way| (name.clone(), way))
        };
        RecoveryPhase { rows: self.rows.iter().flat_map(of).collect() }
    }

    /// The same recoveries with their curves and phase pictures.
    pub fn with(mut self, curves: RecoveryCurve, phases: RecoveryPhase) -> Self {
        let row_of = |rows: &mut Vec<RecoveryEstimate>, name: &str| {
            rows.iter().position(|row| row.recovery.name == name)
        };
        for (name, step) in curves.rows {
            if let Some(at) = row_of(&mut self.rows, &name) {
                self.rows[at].curve.steps.push(step);
            }
        }
        for (name, way) in phases.rows {
            if let Some(at) = row_of(&mut self.rows, &name) {
                self.rows[at].ways.push(way);
            }
        }
        self
    }
}

impl Table for RecoveryCurve {
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
        for (name, step) in &self.rows {
            rows.row([
                Cell::text(name),
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

impl Table for RecoveryPhase {
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
        for (name, way) in &self.rows {
            for point in &way.points {
                rows.row([
                    Cell::text(name),
                    Cell::text(if way.recovered { RECOVERED } else { COLLAPSED }),
                    Cell::Count(way.replications),
                    Cell::Number(point.from as f64 / NS),
                    Cell::Number(point.to as f64 / NS),
                    Cell::Number(point.backing_off),
                    Cell::Number(point.retries_per_s),
                    Cell::Number(point.queue),
                ]);
            }
        }
    }
}

impl ReadBack for Recovery {
    /// When triggers are stands in the manifest, and curves and phase pictures in other files.
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let mut table = Recovery::default();
        for line in lines {
            table.scenario = line.text("scenario");
            let name = line.text("recovery");
            if table.rows.last().is_none_or(|last| last.recovery.name != name) {
                table.rows.push(read_row(line)?);
            }
            let row = table.rows.last_mut().expect("one was just pushed");
            let columns = ["value", "ci_low", "ci_high", "interval"];
            let estimate = line.estimate(columns, row.watched)?;
            match line.text("statistic").as_str() {
                "collapse_share" => {
                    row.collapse_share = estimate;
                    row.collapsed = line.count("events")?;
                    row.curve.events = row.watched.saturating_sub(row.collapsed);
                }
                "time_restricted_mean" => row.mean_s = estimate,
                "goodput_before" => row.before = estimate,
                "goodput_after" => row.after = estimate,
                // these follow from the curve
                "time_median" | "time_median_at_least" => {}
                _ => return Err(line.fault("statistic", "statistic of a recovery")),
            }
        }
        Ok(table)
    }
}

fn read_row(line: &Line) -> Result<RecoveryEstimate, Unreadable> {
    let (goodput, watched) = (line.text("goodput"), line.count("replications")?);
    let kinds = [Goodput::Answered, Goodput::Credited];
    let goodput = kinds.into_iter().find(|kind| kind.name() == goodput);
    let needed = Probability::new(line.known("needed_share")?);
    let recovery = Watched {
        name: line.text("recovery"),
        trigger: line.text("trigger"),
        goodput: goodput.ok_or_else(|| line.fault("goodput", "kind of goodput"))?,
        share: needed.ok_or_else(|| line.fault("needed_share", "share"))?.threshold(),
        before: (0, 0),
        from: 0,
        hold_s: line.count("hold_s")?,
        horizon_s: line.count("horizon_s")?,
    };
    Ok(RecoveryEstimate {
        recovery,
        watched,
        collapsed: 0,
        collapse_share: None,
        curve: Survival { cases: watched, events: 0, steps: Vec::new() },
        mean_s: None,
        before: None,
        after: None,
        ways: Vec::new(),
    })
}

impl ReadBack for RecoveryCurve {
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let row = |line: &Line| {
            let ends = line.number("ci_low")?.zip(line.number("ci_high")?);
            let method = Method::LogLog;
            let step = Step {
                time: line.known("time_s")?,
                at_risk: line.count("at_risk")?,
                events: line.count("recovered")?,
                share: line.known("not_recovered_share")?,
                interval: ends.map(|(low, high)| Interval { low, high, method }),
            };
            Ok((line.text("recovery"), step))
        };
        Ok(RecoveryCurve { rows: lines.iter().map(row).collect::<Result<_, _>>()? })
    }
}

impl ReadBack for RecoveryPhase {
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let ns = |line: &Line, column| Ok((line.known(column)? * NS).round() as u64);
        let mut rows: Vec<(String, Way)> = Vec::new();
        for line in lines {
            let recovered = match line.text("outcome").as_str() {
                RECOVERED => true,
                COLLAPSED => false,
                _ => return Err(line.fault("outcome", "outcome of a recovery")),
            };
            let name = line.text("recovery");
            let point = Point {
                from: ns(line, "from_s")?,
                to: ns(line, "to_s")?,
                backing_off: line.known("backing_off_median")?,
                retries_per_s: line.known("retries_median_per_s")?,
                queue: line.known("queue_length_median")?,
            };
            let is_of = |last: &&mut (String, Way)| last.0 == name && last.1.recovered == recovered;
            match rows.last_mut().filter(is_of) {
                Some((_, way)) => way.points.push(point),
                None => {
                    let replications = line.count("replications")?;
                    rows.push((name, Way { recovered, replications, points: vec![point] }));
                }
            }
        }
        Ok(RecoveryPhase { rows })
    }
}
