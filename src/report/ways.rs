//! From the ways of top-ups in trouble to the tables of causes, rescues and flows.

use std::collections::BTreeMap;

use super::tables::{CauseRow, Causes, Flow, Link, RescueRow, Rescues, Step, label_of};
use crate::record::{Summary, Tried};
use crate::study::estimate;
use crate::study::explain::{Cause, Outcome};
use crate::study::{CauseEstimate, RunResult};

const NS_AN_HOUR: f64 = 3.6e12;

/// What each cause did.
pub(super) fn causes(result: &RunResult) -> Causes {
    let rows = estimate::causes(result).iter().map(cause).collect();
    let mut causes = Causes { replications: result.pooled.replications, rows };
    causes.sort();
    causes
}

fn cause(estimate: &CauseEstimate) -> CauseRow {
    let row = estimate.cause.map(|cause| cause.row());
    let class = row.map_or("", |row| row.class.name());
    let counts = &estimate.counts;
    CauseRow {
        cause: row.map_or(Flow::NONE, |row| row.code).to_owned(),
        label: label_of(row.map_or(Flow::NONE, |row| row.code)),
        class: class.to_owned(),
        strikes: counts.strikes,
        first: counts.first,
        last: counts.last,
        lost: counts.lost,
        lost_per_million: estimate.lost_per_million,
        lost_amount_minor: counts.lost_amount,
        rescued: counts.rescued,
        rescued_share: estimate.rescued_share,
        rescued_waited_h: counts.waited_ns as f64 / NS_AN_HOUR,
    }
}

/// What rescued the top-ups that each cause struck first.
pub(super) fn rescues(pooled: &Summary) -> Rescues {
    let mut by: BTreeMap<(Cause, Tried), u64> = BTreeMap::new();
    for (flow, top_ups) in pooled.flows.iter().filter(|(flow, _)| flow.is_rescue()) {
        *by.entry((flow.cause, flow.tried)).or_default() += top_ups;
    }
    let row = |((cause, tried), top_ups): ((Cause, Tried), u64)| RescueRow {
        cause: cause.row().code.to_owned(),
        by: tried.name(),
        top_ups,
    };
    let mut rescues = Rescues { rows: by.into_iter().map(row).collect() };
    rescues.sort();
    rescues
}

/// All top-ups from their arrival to their outcome.
pub(super) fn flow(pooled: &Summary) -> Flow {
    let mut links = Links::default();
    let mut labels = BTreeMap::new();
    let mut untroubled = pooled.all.outcomes;
    for (flow, top_ups) in pooled.flows.iter() {
        untroubled[flow.outcome as usize] -= top_ups;
        let (code, tried) = (flow.cause.row().code, flow.tried.name());
        links.add(Step::Cause, (Flow::ARRIVED, code), top_ups);
        links.add(Step::Tried, (code, &tried), top_ups);
        links.add(Step::Outcome, (&tried, flow.outcome.name()), top_ups);
        labels.insert(tried, flow.tried.label().to_owned());
    }
    for (outcome, top_ups) in Outcome::ALL.iter().zip(untroubled).filter(|(_, n)| *n > 0) {
        links.add(Step::Cause, (Flow::ARRIVED, Flow::NONE), top_ups);
        links.add(Step::Outcome, (Flow::NONE, outcome.name()), top_ups);
    }
    let mut flow = Flow { labels, links: links.into_rows() };
    flow.sort();
    flow
}

#[derive(Default)]
struct Links(BTreeMap<(Step, String, String), u64>);

impl Links {
    fn add(&mut self, step: Step, (from, to): (&str, &str), top_ups: u64) {
        *self.0.entry((step, from.to_owned(), to.to_owned())).or_default() += top_ups;
    }

    fn into_rows(self) -> Vec<Link> {
        let link = |((step, from, to), top_ups)| Link { step, from, to, top_ups };
        self.0.into_iter().map(link).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::fake::{self, ODDS, small};

    fn pooled() -> Summary {
        fake::summary(&small(), 3, 4_000, ODDS)
    }

    #[test]
    fn every_place_of_the_flow_lets_out_what_came_in() {
        let summary = pooled();
        let flow = flow(&summary);
        let arrived: u64 = flow.of(Step::Cause).map(|link| link.top_ups).sum();
        assert_eq!(arrived, summary.all.top_ups);
        let ended: u64 = flow.of(Step::Outcome).map(|link| link.top_ups).sum();
        assert_eq!(ended, arrived);
        let of = |is: &dyn Fn(&Link) -> bool| -> u64 {
            flow.links.iter().filter(|link| is(link)).map(|link| link.top_ups).sum()
        };
        let inner = flow.links.iter().filter(|link| link.step != Step::Outcome);
        for place in inner.map(|link| &link.to) {
            assert_eq!(of(&|link| link.to == *place), of(&|link| link.from == *place), "{place}");
        }
    }

    #[test]
    fn rescues_add_up_to_the_rescued_of_each_cause() {
        let summary = pooled();
        let rescues = rescues(&summary);
        assert!(rescues.rows.iter().any(|row| row.by.starts_with("remedy=")), "the test sees some");
        for cause in Cause::ALL {
            let own = rescues.rows.iter().filter(|row| row.cause == cause.row().code);
            let sum: u64 = own.map(|row| row.top_ups).sum();
            assert_eq!(sum, summary.cause(*cause).rescued, "{}", cause.row().code);
        }
    }
}
