//! The cheapest value of a plan: points are tried towards it, and all that were are compared.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::work::Planning;
use crate::report::number::{self, Quantity};
use crate::report::tables::{PlannedCost, PlannedCosts, TOTAL};
use crate::scenario::Scenario;
use crate::study::Verdict;
use crate::study::plan::{Cheapest, PointCosts, Probe, look_next};

impl Planning<'_> {
    /// Tries values towards the cheapest, where something has a price; none if somebody wished to
    /// stop.
    pub(super) fn look_for_cheapest(&mut self) -> Option<()> {
        while let Some(next) = look_next(&self.costs(), self.first_look()) {
            self.ask(next)?;
        }
        Some(())
    }

    /// What everything that was tried costs, by position; empty without prices.
    fn costs(&self) -> BTreeMap<usize, &PointCosts> {
        let tried = self.probes.iter();
        tried.filter_map(|(at, (_, probe))| Some((*at, probe.costs.as_ref()?))).collect()
    }

    /// Replications that every value has.
    fn first_look(&self) -> usize {
        self.asking.looks.first().map_or(0, |look| *look as usize)
    }

    /// The table of costs; none without prices, or where the search came to no end.
    pub(super) fn costs_table(&self, scenario: &Scenario) -> Option<PlannedCosts> {
        let found = self.found?;
        let cheapest = Cheapest::of(&self.costs(), self.first_look())?;
        let number = |position: usize| self.grid.number(self.index(position));
        let (from, to) = cheapest.alike();
        let (from, to) = (number(from), number(to));
        let last = self.grid.last;
        let mut rows: Vec<PlannedCost> = self
            .probes
            .iter()
            .filter_map(|(&at, (_, probe))| self.cost_rows(at, probe, &cheapest))
            .flatten()
            .collect();
        // the sort is stable: the total stays before its parts
        rows.sort_by(|a, b| a.number.total_cmp(&b.number));
        Some(PlannedCosts {
            scenario: scenario.name.clone(),
            key: self.grid.key.clone(),
            unit: format!("{}_per_1000", scenario.currency),
            currency: scenario.currency.to_string(),
            cheapest: number(cheapest.at),
            alike: (from.min(to), from.max(to)),
            cheapest_met: self.cheapest_met().map(number),
            answer: found.met.map(number),
            is_end: cheapest.at == 0 || cheapest.at == last,
            confidence: cheapest.confidence,
            rows,
        })
    }

    /// Of the values that surely meet the targets, the position of the cheapest.
    fn cheapest_met(&self) -> Option<usize> {
        let mut met = self.costs();
        met.retain(|at, _| self.probes[at].1.verdict == Verdict::Met);
        Cheapest::of(&met, self.first_look()).map(|cheapest| cheapest.at)
    }

    fn cost_rows(&self, at: usize, probe: &Probe, cheapest: &Cheapest) -> Option<Vec<PlannedCost>> {
        let costs = probe.costs.as_ref()?;
        let index = self.index(at);
        let row = |part: &str, cost, more| PlannedCost {
            value: self.grid.text(index),
            number: self.grid.number(index),
            point: probe.verdict,
            part: part.to_owned(),
            cost,
            more,
            replications: probe.replications.into(),
        };
        let total = row(TOTAL, costs.estimate(None)?, cheapest.others.get(&at).copied());
        let parts = costs
            .parts()
            .filter_map(|part| Some(row(part.name(), costs.estimate(Some(part))?, None)));
        Some([total].into_iter().chain(parts).collect())
    }
}

/// The cheapest value in a sentence, and the cheapest of those that meet the targets where it is
/// another one.
pub(super) fn sentences(costs: &PlannedCosts) -> Vec<String> {
    let met = costs.cheapest_met.filter(|at| at.total_cmp(&costs.cheapest).is_ne());
    let met = met.and_then(|at| costs.total_at(at)).map(|row| {
        let cost = number::estimate(&row.cost, Quantity::Plain);
        let more = row.more.map_or(String::new(), |more| {
            format!(", {} more", number::estimate(&more, Quantity::Plain))
        });
        format!("{} is the cheapest that surely meets the targets: {cost}{more}", row.value)
    });
    [costs.finding()].into_iter().chain(met).collect()
}

/// The same for programs.
pub(super) fn json(costs: &PlannedCosts) -> Value {
    let text = |number: f64| costs.text_of(number).to_owned();
    let points = costs.totals().map(|row| {
        let (interval, more) = (row.cost.interval, row.more.and_then(|more| more.interval));
        json!({
            "value": row.value,
            "cost": row.cost.value,
            "ci_low": interval.map(|interval| interval.low),
            "ci_high": interval.map(|interval| interval.high),
            "more_than_cheapest": row.more.map(|more| more.value),
            "more_ci_low": more.map(|interval| interval.low),
            "more_ci_high": more.map(|interval| interval.high),
        })
    });
    let own = costs.at_cheapest();
    let (from, to) = costs.alike;
    json!({
        "finding": costs.finding(),
        "unit": costs.unit,
        "cheapest": own.value,
        "cost": own.cost.value,
        "ci_low": own.cost.interval.map(|interval| interval.low),
        "ci_high": own.cost.interval.map(|interval| interval.high),
        "targets": own.point.word(),
        "uncertain": from < to,
        "not_told_apart": [text(from), text(to)],
        "cheapest_met": costs.cheapest_met.map(text),
        "confidence_of_a_difference": costs.confidence,
        "points": points.collect::<Vec<_>>(),
    })
}
