//! A finished run: its tables as they were, its targets, and what stands beside the tables.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Finished, NotFinished};
use crate::record::registry::Unit;
use crate::record::{METRICS, Metric};
use crate::report::tables::{Recovery, Tables, Window};
use crate::report::verdicts::SHARE_KEPT;
use crate::scenario::Scenario;
use crate::stats::{Estimate, Interval, Method, Verdict};
use crate::study::{RunResult, estimate, finding};

/// What pictures and the screen of a run say that no table holds; `manifest.json` does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BesideTables {
    /// The main result in a sentence.
    pub finding: String,
    /// Top-ups of the cohort in all replications, and those of them that were not credited in time.
    pub top_ups: u64,
    /// See `top_ups`.
    pub lost: u64,
    /// Width of a bucket of the time-line, s.
    bucket_s: f64,
    /// Length of the run, s.
    length_s: f64,
    /// What charts shade.
    windows: Vec<Window>,
    /// Top-ups a second that the gateway's workers can serve, where that is limited.
    capacity_per_s: Option<f64>,
    /// The time within which a credit counts as success, s.
    deadline_s: Option<f64>,
    /// The time within which refunds are promised, s, and the share that keeps it.
    promise_s: Option<f64>,
    within_promise: Option<f64>,
    /// The times around the triggers of recoveries, by the names of these.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    triggers: BTreeMap<String, Trigger>,
    /// Means over replications of the metrics in `tornado.csv`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    moved_means: BTreeMap<String, f64>,
}

/// When the trigger of a recovery was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Trigger {
    /// The time before it with which is compared, ns.
    before_ns: (u64, u64),
    /// Its end, ns.
    end_ns: u64,
}

impl BesideTables {
    /// What stands beside the tables of a run.
    pub(in crate::report) fn of(tables: &Tables, scenario: &Scenario, result: &RunResult) -> Self {
        let all = &result.pooled.all;
        BesideTables {
            finding: finding(result, &estimate::estimates(result, &scenario.plan)),
            top_ups: all.top_ups,
            lost: all.top_ups - all.successes(),
            bucket_s: tables.timeline.bucket_s,
            length_s: tables.timeline.length_s,
            windows: tables.timeline.windows.clone(),
            capacity_per_s: tables.queues.capacity_per_s,
            deadline_s: tables.latency.deadline_s,
            promise_s: tables.refunds.promise_s,
            within_promise: tables.refunds.within_promise,
            triggers: triggers(&tables.recovery),
            moved_means: tables
                .tornado
                .rows
                .iter()
                .map(|(row, _)| (row.metric.to_owned(), row.mean))
                .collect(),
        }
    }

    fn put_into(&self, tables: &mut Tables) {
        tables.timeline.bucket_s = self.bucket_s;
        tables.timeline.length_s = self.length_s;
        tables.timeline.windows.clone_from(&self.windows);
        tables.queues.capacity_per_s = self.capacity_per_s;
        tables.latency.deadline_s = self.deadline_s;
        tables.refunds.promise_s = self.promise_s;
        tables.refunds.within_promise = self.within_promise;
        for row in &mut tables.recovery.rows {
            if let Some(trigger) = self.triggers.get(&row.recovery.name) {
                (row.recovery.before, row.recovery.from) = (trigger.before_ns, trigger.end_ns);
            }
        }
        for (row, _) in &mut tables.tornado.rows {
            row.mean = self.moved_means.get(row.metric).copied().unwrap_or(f64::NAN);
        }
    }
}

fn triggers(recovery: &Recovery) -> BTreeMap<String, Trigger> {
    let watched = recovery.rows.iter().map(|row| &row.recovery);
    let trigger = |own: &crate::study::recovery::Recovery| Trigger {
        before_ns: own.before,
        end_ns: own.from,
    };
    watched.map(|own| (own.name.clone(), trigger(own))).collect()
}

impl Finished {
    /// What a version before this one did not write, if it wrote none.
    pub fn beside(&self) -> Option<BesideTables> {
        serde_json::from_value(self.manifest["beside"].clone()).ok()
    }

    /// The targets with the verdicts that the run gave; those on metrics that this version does not
    /// know are left out.
    pub fn targets(&self) -> Vec<ToldTarget> {
        let entries = self.manifest["targets"].as_array().map_or(&[][..], Vec::as_slice);
        entries.iter().filter_map(ToldTarget::read).collect()
    }

    /// The tables of a run, with what a reader should know of them in sentences: files that were
    /// changed since, and what the folder lacks.
    ///
    /// # Errors
    /// If a file is not the table that its name says.
    pub fn tables(&self) -> Result<(Tables, Vec<String>), NotFinished> {
        let mut notes = Vec::new();
        let mut tables = Tables {
            summary: self.table(&mut notes)?,
            replications: self.table(&mut notes)?,
            timeline: self.table(&mut notes)?,
            causes: self.table(&mut notes)?,
            rescues: self.table(&mut notes)?,
            flow: self.table(&mut notes)?,
            latency: self.table(&mut notes)?,
            refunds: self.table(&mut notes)?,
            queues: self.table(&mut notes)?,
            facts: self.table_if_any(&mut notes)?,
            remedies: self.table_if_any(&mut notes)?,
            rankings: self.table_if_any(&mut notes)?,
            recovery: self.recoveries(&mut notes)?,
            uncertain_inputs: self.table_if_any(&mut notes)?,
            costs: self.table_if_any(&mut notes)?,
            tornado: self.table_if_any(&mut notes)?,
        };
        let replications = self.manifest["replications_complete"].as_u64().unwrap_or_default();
        tables.causes.replications = replications;
        tables.timeline.replications = replications;
        tables.timeline.uncertain_inputs = self.drawn_inputs();
        tables.timeline.start = self.starts();
        match self.beside() {
            Some(beside) => beside.put_into(&mut tables),
            None => notes.push(
                "the manifest is of a version that did not write what charts shade, capacity, \
                 deadline and promise: pictures are without them"
                    .to_owned(),
            ),
        }
        Ok((tables, notes))
    }

    /// How many values were drawn once a replication.
    pub fn drawn_inputs(&self) -> usize {
        self.manifest["drawn_inputs"].as_array().map_or(0, Vec::len)
    }

    /// What was planned for the precision of the run, where one was asked for.
    pub fn precision(&self) -> Option<&Value> {
        self.manifest.get("precision")
    }

    fn recoveries(&self, notes: &mut Vec<String>) -> Result<Recovery, NotFinished> {
        let recovery: Recovery = self.table_if_any(notes)?;
        Ok(recovery.with(self.table_if_any(notes)?, self.table_if_any(notes)?))
    }
}

/// A target as the manifest tells of it.
#[derive(Debug, Clone)]
pub struct ToldTarget {
    /// What it binds.
    pub metric: &'static Metric,
    /// As written, with its group, window and share of replications.
    pub text: String,
    /// What the run said about it.
    pub verdict: Verdict,
    /// What it binds: `mean`, the name of a quantile, or [`SHARE_KEPT`].
    pub statistic: String,
    /// What was seen of that.
    pub estimate: Option<Estimate>,
    /// Replications that had a value.
    pub replications: u64,
    /// Of them, those that keep the bound, where that is asked for.
    pub kept: Option<u64>,
    /// All that the manifest says.
    pub entry: Value,
}

impl ToldTarget {
    /// The target of an entry of the manifest; none on a metric that this version does not know.
    pub fn read(entry: &Value) -> Option<Self> {
        let metric = METRICS.iter().find(|metric| entry["metric"] == metric.name)?;
        let ends = entry["ci_low"].as_f64().zip(entry["ci_high"].as_f64());
        let method = entry["interval"].as_str().and_then(Method::named);
        let interval = ends.zip(method).map(|((low, high), method)| Interval { low, high, method });
        let replications_needed = entry["replications_needed"].as_u64();
        let replications = entry["replications"].as_u64().unwrap_or_default();
        Some(ToldTarget {
            metric,
            statistic: entry["statistic"].as_str().unwrap_or("mean").to_owned(),
            replications,
            kept: entry["replications_kept"].as_u64(),
            entry: entry.clone(),
            text: entry["target"].as_str().unwrap_or_default().to_owned(),
            verdict: match entry["verdict"].as_str() {
                Some("met") => Verdict::Met,
                Some("missed") => Verdict::Missed,
                _ => Verdict::Uncertain { replications_needed },
            },
            estimate: entry["value"].as_f64().map(|value| Estimate {
                value,
                interval,
                n: replications,
            }),
        })
    }

    /// The unit of the estimate.
    pub fn unit(&self) -> Unit {
        if self.statistic == SHARE_KEPT { Unit::Share } else { self.metric.unit }
    }
}
