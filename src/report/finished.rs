//! The folder of a finished run, read again: its tables, and new pictures of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::chart::{Look, Picture};
use super::csv::Table;
use super::folder::{CHARTS, FolderError, MANIFEST, io_error, replace_file, sha256};
use super::manifest::TOOL;
use super::reading::{ReadBack, Unreadable, read_back};
use super::tables::{
    Costs, Facts, Rankings, Recovery, RecoveryCurve, RecoveryPhase, Remedies, Tables, Tornado,
    UncertainInputs, Window,
};
use super::verdicts::SHARE_KEPT;
use crate::record::registry::Unit;
use crate::record::{METRICS, Metric};
use crate::scenario::Scenario;
use crate::stats::{Estimate, Interval, Method, Verdict};
use crate::study::{RunResult, estimate, finding};

/// Tables that a run writes only where its scenario or its command asks for them.
const OPTIONAL: [&str; 9] = [
    Facts::FILE,
    Remedies::FILE,
    Rankings::FILE,
    Recovery::FILE,
    RecoveryCurve::FILE,
    RecoveryPhase::FILE,
    Costs::FILE,
    UncertainInputs::FILE,
    Tornado::FILE,
];

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
    pub(super) fn of(tables: &Tables, scenario: &Scenario, result: &RunResult) -> Self {
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

/// Why a folder cannot be reported on. Shows as a sentence.
#[derive(Debug, thiserror::Error)]
pub enum NotFinished {
    /// It has no manifest of this program.
    #[error("{} is no folder of topup-sim: it has no manifest.json that says so", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// The run was interrupted.
    #[error(
        "{} holds {complete} of {asked} replications: run the scenario to its end", path.display()
    )]
    Partial {
        /// The folder.
        path: PathBuf,
        /// Replications that are complete.
        complete: u64,
        /// Replications asked for.
        asked: u64,
    },
    /// It holds a study of a kind that is not redrawn.
    #[error("{} holds a {kind}, and only runs can be redrawn so far", path.display())]
    Kind {
        /// The folder.
        path: PathBuf,
        /// The kind.
        kind: String,
    },
    /// A file is not what it should be.
    #[error("{}: {fault}", path.display())]
    Table {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        fault: Unreadable,
    },
    /// The system refused.
    #[error("{0}")]
    Io(FolderError),
}

/// The folder of a finished run.
#[derive(Debug)]
pub struct Finished {
    path: PathBuf,
    manifest: Value,
}

impl Finished {
    /// The folder at a path.
    ///
    /// # Errors
    /// If it is not the folder of a finished run, or if the system refuses.
    pub fn open(path: &Path) -> Result<Self, NotFinished> {
        let foreign = || NotFinished::Foreign { path: path.to_owned() };
        let text = fs::read_to_string(path.join(MANIFEST)).map_err(|_| foreign())?;
        let manifest: Value = serde_json::from_str(&text).map_err(|_| foreign())?;
        if manifest["tool"] != TOOL || !manifest["files"].is_object() {
            return Err(foreign());
        }
        let number = |key: &str| manifest[key].as_u64().unwrap_or_default();
        if manifest["partial"] == true {
            let (complete, asked) = (number("replications_complete"), number("replications"));
            return Err(NotFinished::Partial { path: path.to_owned(), complete, asked });
        }
        Ok(Finished { path: path.to_owned(), manifest })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the folder holds: `run`, or the kind of a study.
    pub fn kind(&self) -> &str {
        self.manifest["study"]["kind"].as_str().unwrap_or("run")
    }

    /// The manifest.
    pub fn manifest(&self) -> &Value {
        &self.manifest
    }

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
            facts: self.table(&mut notes)?,
            remedies: self.table(&mut notes)?,
            rankings: self.table(&mut notes)?,
            recovery: self.recoveries(&mut notes)?,
            costs: self.table(&mut notes)?,
            uncertain_inputs: self.table(&mut notes)?,
            tornado: self.table(&mut notes)?,
        };
        let replications = self.manifest["replications_complete"].as_u64().unwrap_or_default();
        tables.causes.replications = replications;
        tables.timeline.replications = replications;
        tables.timeline.uncertain_inputs = self.drawn_inputs();
        let starts = self.manifest["stress_des"]["logic"]["starts"].as_str();
        tables.timeline.start = starts.and_then(|starts| starts.parse().ok());
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
        let drawn = &self.manifest["stress_des"]["experimentation"]["drawn_inputs"];
        drawn.as_array().map_or(0, Vec::len)
    }

    /// What was planned for the precision of the run, where one was asked for.
    pub fn precision(&self) -> Option<&Value> {
        self.manifest.get("precision")
    }

    fn recoveries(&self, notes: &mut Vec<String>) -> Result<Recovery, NotFinished> {
        let recovery: Recovery = self.table(notes)?;
        Ok(recovery.with(self.table(notes)?, self.table(notes)?))
    }

    /// A table; an empty one where the folder has none.
    fn table<T: ReadBack + Default>(&self, notes: &mut Vec<String>) -> Result<T, NotFinished> {
        let recorded = self.manifest["files"][T::FILE].as_str();
        let path = self.path.join(T::FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(_) if recorded.is_none() => {
                if !OPTIONAL.contains(&T::FILE) {
                    notes.push(format!("the folder has no {}: it is left out", T::FILE));
                }
                return Ok(T::default());
            }
            Err(source) => return Err(NotFinished::Io(io_error("read", &path)(source))),
        };
        if recorded != Some(sha256(&bytes).as_str()) {
            notes.push(format!(
                "{} was changed since the run: pictures and numbers show what it says now",
                T::FILE
            ));
        }
        read_back(&bytes).map_err(|fault| NotFinished::Table { path: self.path.clone(), fault })
    }

    /// Puts pictures of a look in place of those of the folder, and into its manifest.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn replace_pictures(
        &mut self,
        pictures: &[Picture],
        look: Look,
    ) -> Result<(), FolderError> {
        self.manifest["look"] = look.told().unwrap_or_default();
        let files = self.manifest["files"].as_object_mut().expect("open has looked");
        let is_picture = |name: &String| name.starts_with(CHARTS);
        let old: Vec<String> = files.keys().filter(|name| is_picture(name)).cloned().collect();
        files.retain(|name, _| !is_picture(name));
        write_pictures(&self.path.join(CHARTS), pictures, |name, bytes| {
            files.insert(format!("{CHARTS}/{name}"), json!(sha256(bytes)));
        })?;
        for name in old.iter().filter(|name| !files.contains_key(*name)) {
            let path = self.path.join(name);
            if path.exists() {
                fs::remove_file(&path).map_err(io_error("remove", &path))?;
            }
        }
        if self.manifest["look"].is_null() {
            self.manifest.as_object_mut().expect("open has looked").remove("look");
        }
        let text = serde_json::to_string_pretty(&self.manifest).expect("it was read as JSON");
        replace_file(&self.path.join(MANIFEST), (text + "\n").as_bytes())
    }
}

/// Writes pictures into a folder, each file whole or not at all, and tells of each.
///
/// # Errors
/// If the system refuses.
pub fn write_pictures(
    folder: &Path,
    pictures: &[Picture],
    mut tell: impl FnMut(&str, &[u8]),
) -> Result<(), FolderError> {
    fs::create_dir_all(folder).map_err(io_error("create the folder", folder))?;
    for (name, bytes) in pictures.iter().flat_map(Picture::files) {
        replace_file(&folder.join(&name), bytes)?;
        tell(&name, bytes);
    }
    Ok(())
}
