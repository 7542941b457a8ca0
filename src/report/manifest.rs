//! The manifest of an output folder: everything needed to get the same bytes again.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::chart::Look;
use super::csv::Table;
use super::finished::BesideTables;
use super::stress_des::{Item, items, starts};
use super::studies::{self, StudyAbout};
use super::tables::{
    Causes, Costs, Facts, Flow, Journeys, Latency, Queues, Rankings, Recovery, RecoveryCurve,
    RecoveryPhase, Refunds, Remedies, Replications, Rescues, Summary, Timeline, Tornado,
    UncertainInputs,
};
use crate::scenario::{Provenance, RESULTS_VERSION, Scenario};

pub(super) const TOOL: &str = "topup-sim";

/// What a run was: its scenario, seeds, versions, sources, and how it was evaluated.
///
/// No time, host, thread count or path stands in it: the same plan gives the same bytes.
#[derive(Debug, Clone, Serialize)]
pub struct Manifest {
    tool: &'static str,
    version: &'static str,
    results_version: u32,
    scenario: String,
    title: String,
    question: Option<String>,
    /// Local time at the start of the run.
    starts: String,
    currency: String,
    /// Key paths of values that are drawn once a replication.
    drawn_inputs: Vec<String>,
    plan_hash: String,
    seed: u64,
    /// Replications that the scenario asks for.
    replications: u64,
    /// Replications that are complete; fewer than asked for only in a partial folder.
    replications_complete: u64,
    partial: bool,
    generator: &'static str,
    data: Vec<Value>,
    provenance: Vec<Value>,
    tables: Value,
    /// The targets with their verdicts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    targets: Vec<Value>,
    /// How the run came to its number of replications, where a precision was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    precision: Option<Value>,
    /// What the study is, where it is more than a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    study: Option<Value>,
    /// What pictures and the screen say beside the tables.
    #[serde(skip_serializing_if = "Value::is_null")]
    beside: Value,
    /// How the pictures look, where that is not the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    look: Option<Value>,
    /// Journeys that the sample may have, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    journeys_max: Option<usize>,
    /// What a paper reports of it, so that it can be cited.
    stress_des: Value,
}

impl Manifest {
    /// The manifest of a run of a scenario of which so many replications are complete.
    pub fn of(scenario: &Scenario, complete: u64) -> Self {
        Manifest {
            tool: TOOL,
            version: env!("CARGO_PKG_VERSION"),
            results_version: RESULTS_VERSION,
            scenario: scenario.name.clone(),
            title: scenario.title.clone(),
            question: scenario.question.clone(),
            starts: starts(scenario),
            currency: scenario.currency.to_string(),
            drawn_inputs: drawn_inputs(scenario),
            plan_hash: scenario.plan_hash.clone(),
            seed: scenario.seed,
            replications: scenario.replications.into(),
            replications_complete: complete,
            partial: complete < u64::from(scenario.replications),
            generator: "splitmix64 keyed",
            data: data(scenario),
            provenance: provenance(scenario),
            tables: described_tables(scenario),
            targets: Vec::new(),
            precision: None,
            study: None,
            beside: Value::Null,
            look: None,
            journeys_max: None,
            stress_des: stress_des(scenario),
        }
    }

    /// The manifest of a study that starts from a scenario, with its tables by file name.
    pub(super) fn of_study(
        scenario: &Scenario,
        about: &StudyAbout,
        tables: Map<String, Value>,
    ) -> Self {
        let (asked, complete) = (about.replications, about.complete);
        Manifest {
            plan_hash: about.hash.clone(),
            replications: asked,
            partial: complete < asked,
            tables: Value::Object(tables),
            study: Some(studies::entry(about)),
            beside: about.beside.clone(),
            ..Self::of(scenario, complete)
        }
    }

    /// The manifest of the same run with what its pictures and its screen say beside its tables.
    pub(super) fn with_beside(self, beside: &BesideTables) -> Self {
        Manifest { beside: json!(beside), ..self }
    }

    /// The manifest of the same run with the verdicts on its targets.
    pub fn with_targets(self, targets: Vec<Value>) -> Self {
        Manifest { targets, ..self }
    }

    /// The manifest of the same run with what was planned for its precision, and what came of it.
    pub fn with_precision(self, precision: Value) -> Self {
        Manifest { precision: Some(precision), ..self }
    }

    /// The manifest of the same run with pictures of a look.
    pub(super) fn with_look(self, look: Look) -> Self {
        Manifest { look: look.told(), ..self }
    }

    /// The manifest of the same run with a sample of at most so many journeys.
    pub fn with_journeys(mut self, most: usize) -> Self {
        let (file, described) = described::<Journeys>();
        self.tables[file] = described;
        self.journeys_max = Some(most);
        self
    }

    /// Whether replications are missing.
    pub fn is_partial(&self) -> bool {
        self.partial
    }

    /// The text of the file, with the checksum of every other file.
    pub(super) fn json(&self, sums: &BTreeMap<String, String>) -> String {
        let mut value = serde_json::to_value(self).expect("a manifest is plain data");
        value["files"] = json!(sums);
        let text = serde_json::to_string_pretty(&value).expect("a manifest is plain data");
        text + "\n"
    }

    /// The files that a manifest lists; None if the text is no manifest of this program.
    pub(super) fn files_listed(text: &str) -> Option<BTreeSet<String>> {
        let value: Value = serde_json::from_str(text).ok()?;
        let is_ours = value["tool"] == TOOL;
        let files = value["files"].as_object().filter(|_| is_ours)?;
        Some(files.keys().cloned().collect())
    }
}

fn data(scenario: &Scenario) -> Vec<Value> {
    let files = scenario.files.iter();
    let listed =
        files.map(|file| json!({ "path": file.path, "sha256": file.sha256, "bytes": file.bytes }));
    listed.collect()
}

fn provenance(scenario: &Scenario) -> Vec<Value> {
    let entry = |from: &Provenance| {
        let range = from.range.as_ref().map(|(low, high)| json!({ "low": low, "high": high }));
        json!({ "path": from.path, "value": from.value, "source": from.source, "range": range })
    };
    scenario.provenance.iter().map(entry).collect()
}

/// The file of a table, with its columns and how its rows are sorted.
pub(super) fn described<T: Table>() -> (String, Value) {
    (T::FILE.to_owned(), json!({ "columns": T::COLUMNS, "sorted_by": T::ORDER }))
}

/// The columns of every table, and how its rows are sorted; those of published facts and of
/// remedies and rankings are there where the scenario names some.
fn described_tables(scenario: &Scenario) -> Value {
    let tables = [
        described::<Summary>(),
        described::<Replications>(),
        described::<Timeline>(),
        described::<Causes>(),
        described::<Rescues>(),
        described::<Flow>(),
        described::<Latency>(),
        described::<Refunds>(),
        described::<Queues>(),
    ];
    let facts = (!scenario.published.is_empty()).then(described::<Facts>);
    let applied = scenario.plan.remedies.applied();
    let remedies = (!applied.is_empty()).then(described::<Remedies>);
    let rankings = (!scenario.rankings.is_empty()).then(described::<Rankings>);
    let recoveries =
        [described::<Recovery>(), described::<RecoveryCurve>(), described::<RecoveryPhase>()];
    let recoveries = recoveries.into_iter().filter(|_| !scenario.plan.recoveries.is_empty());
    let uncertain = [described::<UncertainInputs>(), described::<Tornado>()];
    let uncertain = uncertain.into_iter().filter(|_| scenario.uncertain.is_some());
    let named = facts.into_iter().chain(remedies).chain(rankings).chain(recoveries);
    let costs = scenario.plan.prices.as_ref().map(|_| described::<Costs>());
    let named = named.chain(costs).chain(uncertain);
    Value::Object(tables.into_iter().chain(named).collect())
}

/// Key paths of values that are drawn; none where ranges are not.
fn drawn_inputs(scenario: &Scenario) -> Vec<String> {
    let inputs = scenario.uncertain.iter().flat_map(|uncertain| &uncertain.inputs);
    inputs.map(|input| input.path.clone()).collect()
}

/// What a paper reports, by number and name of the item.
fn stress_des(scenario: &Scenario) -> Value {
    let entry = |item: Item| (format!("{} {}", item.number, item.name), json!(item.says));
    items(scenario).into_iter().map(entry).collect::<Map<_, _>>().into()
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::scenario::{ReadOptions, Source, read};

    /// A shipped scenario with two replications.
    pub(crate) fn scenario() -> Scenario {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let options = ReadOptions {
            sets: vec!["length=2h".to_owned(), "warmup=10m".to_owned()],
            replications: Some(2),
            ..ReadOptions::default()
        };
        read(Source::File(folder.join("amazon-cn-balance.toml")), &options).unwrap()
    }

    /// A manifest with so many of two replications complete.
    pub(crate) fn manifest(complete: u64) -> Manifest {
        Manifest::of(&scenario(), complete)
    }

    #[test]
    fn a_manifest_says_when_replications_are_missing() {
        assert!(manifest(1).is_partial() && !manifest(2).is_partial());
    }

    #[test]
    fn a_manifest_lists_its_files_and_no_place_or_time() {
        let sums = BTreeMap::from([("summary.csv".to_owned(), "00".to_owned())]);
        let text = manifest(2).json(&sums);
        let files = Manifest::files_listed(&text);
        assert_eq!(files, Some(BTreeSet::from(["summary.csv".to_owned()])));
        assert!(!text.contains(env!("CARGO_MANIFEST_DIR")), "{text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        assert!(value["stress_des"]["1.1 purpose"].is_string());
        assert_eq!(value["tables"].as_object().map(|tables| tables.len()), Some(11));
        assert_eq!(value["tables"]["summary.csv"]["columns"][0], "scenario");
        assert_eq!(value["plan_hash"].as_str().map(str::len), Some(64));
    }
}
