//! Metrics of what a scenario does not have: bounds that nothing could meet.

use super::file::ScenarioFile;
use crate::model::cost::CostPart;
use crate::model::fault::{Faults, KeyPath};
use crate::model::plan::Plan;
use crate::record::registry::part_of;
use crate::record::{GroupKind, Metric};

/// Refuses targets and published facts about recoveries and costs where there is no `[recovery]`
/// and no `[cost]`.
pub(super) fn check_tables(file: &ScenarioFile, faults: &mut Faults) {
    for (path, metric) in bound(file) {
        let is_about = |kind: GroupKind| metric.groups.contains(&kind);
        if file.recovery.is_empty() && is_about(GroupKind::Recovery) {
            let help = "give a table [recovery.NAME] with its `trigger`";
            let message = format!("is about recoveries: {}", metric.name);
            faults.add_with_help(path, message, help);
        } else if file.cost.is_none() && is_about(GroupKind::Costs) {
            let message = format!("is about costs: {}", metric.name);
            faults.add_with_help(path, message, "give a table [cost] with prices");
        }
    }
}

/// Refuses targets and published facts about a part of the cost that has no price.
pub(super) fn check_prices(file: &ScenarioFile, plan: &Plan, faults: &mut Faults) {
    let Some(prices) = &plan.prices else { return };
    let has_price = |part: CostPart| prices.0.iter().any(|(priced, _)| *priced == part);
    for (path, metric) in bound(file) {
        if let Some(part) = part_of(metric.name).filter(|part| !has_price(*part)) {
            let message = format!("is about something without a price: {}", metric.name);
            faults.add_with_help(path, message, format!("give `{}`", part.key()));
        }
    }
}

/// The metrics that targets and published facts bind, each with its place.
fn bound(file: &ScenarioFile) -> Vec<(KeyPath, &'static Metric)> {
    let root = KeyPath::root();
    let targets = file.targets.keys().map(|metric| (root.key("targets").key(metric), metric));
    let published = file
        .published
        .iter()
        .map(|(name, fact)| (root.key("published").key(name).key("metric"), &fact.metric));
    let known = targets.chain(published).map(|(path, metric)| (path, Metric::by_name(metric)));
    known.filter_map(|(path, metric)| Some((path, metric?))).collect()
}
