//! Published facts that a run is held against: which were fitted, and which are predicted.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::targets::Bound;
use crate::model::fault::{Faults, KeyPath};
use crate::model::plan::Plan;
use crate::model::window::WindowSpec;
use crate::record::registry::Unit;
use crate::record::{Group, GroupKind, METRICS, Metric, Shape};

/// The group and the window of facts about all top-ups.
const ALL: &str = "all";

/// Whether inputs were chosen with a fact in mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Inputs were chosen so that it is met: it says nothing about the model.
    Fitted,
    /// No input was chosen with it in mind: the model predicts it.
    HeldOut,
}

/// `[published.NAME]`: a number that somebody published, and the range that counts as met.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishedSpec {
    /// A metric of docs/metrics.md.
    pub metric: String,
    /// `all`, or a group such as `channel=alipay`.
    #[serde(default = "all", skip_serializing_if = "is_all")]
    pub group: String,
    /// `all`, or a window of `[windows]`.
    #[serde(default = "all", skip_serializing_if = "is_all")]
    pub window: String,
    /// The number as published, in the metric's unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Bound>,
    /// Least value that agrees with it; with `high`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<Bound>,
    /// Greatest value that agrees with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<Bound>,
    /// Instead of a range: what was published is a lower bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Bound>,
    /// Instead of a range: what was published is an upper bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Bound>,
    /// Whether inputs were chosen with it in mind.
    pub kind: Kind,
    /// Who published it; where the range comes from.
    pub source: String,
}

/// A checked fact, in the unit of its metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// Its name in the scenario.
    pub name: String,
    /// Name of the metric.
    pub metric: &'static str,
    /// Unit of the metric.
    pub unit: Unit,
    /// `all`, or a group such as `channel=alipay`.
    pub group: String,
    /// `all`, or a window.
    pub window: String,
    /// Whether inputs were chosen with it in mind.
    pub kind: Kind,
    /// The number as published.
    pub value: Option<f64>,
    /// Lower end of what agrees with it.
    pub at_least: Option<f64>,
    /// Upper end of what agrees with it.
    pub at_most: Option<f64>,
    /// Who published it.
    pub source: String,
}

fn all() -> String {
    ALL.to_owned()
}

fn is_all(text: &str) -> bool {
    text == ALL
}

impl Kind {
    /// The name in scenarios and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fitted => "fitted",
            Self::HeldOut => "held_out",
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Fitted => "fitted",
            Self::HeldOut => "held out",
        }
    }
}

/// Checks facts against the registry of metrics and the windows, in the order of their names.
pub(super) fn check(
    specs: &BTreeMap<String, PublishedSpec>,
    windows: &BTreeMap<String, WindowSpec>,
    faults: &mut Faults,
) -> Vec<Published> {
    let root = KeyPath::root().key("published");
    let one = |(name, spec): (&String, &PublishedSpec)| {
        let path = root.key(name);
        check_window(spec, windows, &path, faults);
        spec.check(name, &path, faults)
    };
    specs.iter().filter_map(one).collect()
}

fn check_window(
    spec: &PublishedSpec,
    windows: &BTreeMap<String, WindowSpec>,
    path: &KeyPath,
    faults: &mut Faults,
) {
    if spec.window == ALL {
        return;
    }
    let at = path.key("window");
    if !windows.contains_key(&spec.window) {
        let names = windows.keys().map(String::as_str);
        let legal: Vec<&str> = [ALL].into_iter().chain(names).collect();
        let message = format!("names no window: {:?}", spec.window);
        faults.add_with_help(at, message, format!("one of {}", legal.join(", ")));
    } else if spec.group != ALL {
        faults.add(at, "stands beside a `group`: a window counts all top-ups");
    } else if Metric::by_name(&spec.metric).is_some_and(|m| !m.groups.contains(&GroupKind::Window))
    {
        faults.add(at, format!("is nothing that {} is counted by", spec.metric));
    }
}

/// Checks that the model has the groups and that they are reported for their metrics.
pub(super) fn check_groups(facts: &[Published], plan: &Plan, faults: &mut Faults) {
    let shape = Shape::of(plan);
    for fact in facts.iter().filter(|fact| fact.group != ALL) {
        let metric = Metric::by_name(fact.metric).expect("a checked fact has a metric");
        let groups = groups_legal(metric, &shape).into_iter();
        let legal: Vec<String> = groups.map(|(name, _)| name).collect();
        if !legal.contains(&fact.group) {
            let path = KeyPath::root().key("published").key(&fact.name).key("group");
            let message = format!("is nothing that {} is reported for", fact.metric);
            faults.add_with_help(path, message, format!("one of {}", legal.join(", ")));
        }
    }
}

/// The groups that a metric is reported for, with their names.
pub(super) fn groups_legal(metric: &Metric, shape: &Shape) -> Vec<(String, Group)> {
    let kinds = metric.groups.iter().filter(|kind| **kind != GroupKind::Window);
    let groups = kinds.flat_map(|&kind| shape.groups(kind));
    groups.map(|group| (shape.group_name(group), group)).collect()
}

impl PublishedSpec {
    fn check(&self, name: &str, path: &KeyPath, faults: &mut Faults) -> Option<Published> {
        let Some(metric) = Metric::by_name(&self.metric) else {
            let names: Vec<&str> = METRICS.iter().map(|m| m.name).collect();
            let message = format!("is no metric: {:?}", self.metric);
            let help = format!("one of {}", names.join(", "));
            faults.add_with_help(path.key("metric"), message, help);
            return None;
        };
        if self.source.trim().is_empty() {
            faults.add(path.key("source"), "is empty: a published fact says who published it");
        }
        self.check_ends(path, faults);
        let mut read = |key: &str, bound: &Option<Bound>| {
            let value = bound.as_ref().map(|b| b.value(metric.unit)).transpose();
            value.unwrap_or_else(|legal| {
                faults.add_with_help(path.key(key), "is in a wrong unit", legal);
                None
            })
        };
        let value = read("value", &self.value);
        let at_least = read("low", &self.low).or(read("at_least", &self.at_least));
        let at_most = read("high", &self.high).or(read("at_most", &self.at_most));
        let above = |a: Option<f64>, b: Option<f64>| a.zip(b).is_some_and(|(a, b)| a > b);
        if above(at_least, at_most) || above(at_least, value) || above(value, at_most) {
            faults.add(path.clone(), "is out of order: low <= value <= high");
        }
        Some(Published {
            name: name.to_owned(),
            metric: metric.name,
            unit: metric.unit,
            group: self.group.clone(),
            window: self.window.clone(),
            kind: self.kind,
            value,
            at_least,
            at_most,
            source: self.source.clone(),
        })
    }

    /// A range needs both ends and a value inside it; bounds stand alone.
    fn check_ends(&self, path: &KeyPath, faults: &mut Faults) {
        let has_range = self.low.is_some() || self.high.is_some();
        let has_bound = self.at_least.is_some() || self.at_most.is_some();
        let is_whole = self.low.is_some() && self.high.is_some() && self.value.is_some();
        let legal = "`value` with `low` and `high`, or `at_least`, `at_most` or both";
        if !has_range && !has_bound {
            faults.add_with_help(path.clone(), "does not say what would agree with it", legal);
        } else if has_range && (has_bound || !is_whole) {
            faults.add_with_help(path.clone(), "mixes the two forms of a fact", legal);
        }
    }
}
