//! Metrics of recoveries in a scenario that names none: a bound that nothing could meet.

use super::file::ScenarioFile;
use crate::model::fault::{Faults, KeyPath};
use crate::record::{GroupKind, Metric};

/// Refuses targets and published facts about recoveries where there is no `[recovery]`.
pub(super) fn check_named(file: &ScenarioFile, faults: &mut Faults) {
    if !file.recovery.is_empty() {
        return;
    }
    let root = KeyPath::root();
    let targets = file.targets.keys().map(|metric| (root.key("targets").key(metric), metric));
    let published = file
        .published
        .iter()
        .map(|(name, fact)| (root.key("published").key(name).key("metric"), &fact.metric));
    for (path, metric) in targets.chain(published) {
        let needs = |metric: &Metric| metric.groups.contains(&GroupKind::Recovery);
        if Metric::by_name(metric).is_some_and(needs) {
            let help = "give a table [recovery.NAME] with its `trigger`";
            faults.add_with_help(path, format!("is about recoveries: {metric}"), help);
        }
    }
}
