//! From the metrics of the cost to its table: the prices behind them, and each part of the whole.

use super::tables::{CostRow, Costs};
use crate::record::registry::{COST, part_of};
use crate::scenario::{Provenance, Scenario};
use crate::study::MetricEstimate;

/// The table of the costs; empty where nothing has a price.
pub(super) fn costs(scenario: &Scenario, estimates: &[MetricEstimate]) -> Costs {
    let whole = estimates.iter().find(|row| row.metric == COST).and_then(|row| row.estimate);
    let row = |own: &MetricEstimate| {
        let part = part_of(own.metric);
        // a part without a price has no value either
        let estimate = own.estimate.filter(|_| part.is_some() || own.metric == COST)?;
        let key = part.map_or("", |part| part.key());
        let price = price(scenario, key);
        Some(CostRow {
            part: part.map_or("total", |part| part.name()).to_owned(),
            price: price.value,
            range: price.range.map_or_else(Default::default, |(low, high)| [low, high]),
            source: price.source,
            unit: own.unit.name_in(scenario.currency),
            estimate: Some(estimate),
            share: whole.filter(|all| all.value > 0.0).map(|all| estimate.value / all.value),
            replications: own.replications,
        })
    };
    Costs { scenario: scenario.name.clone(), rows: estimates.iter().filter_map(row).collect() }
}

/// The price at a key with where it comes from; nothing where there is no single one.
fn price(scenario: &Scenario, key: &str) -> Provenance {
    // what the platform pays for spent credits follows a share, which is no price
    let value = Some(key).filter(|key| *key != "refunds.spent");
    let value = value.and_then(|key| scenario.value(key)).unwrap_or_default();
    let told = scenario.provenance.iter().find(|told| told.path == key);
    let bare = Provenance { path: key.to_owned(), value, source: String::new(), range: None };
    match told {
        Some(told) if !bare.value.is_empty() => Provenance { ..told.clone() },
        _ => bare,
    }
}
