//! The rows of what a run costs, in scenarios with `[cost]`.

use super::super::observe::{self, Pair};
use super::super::shape::Group;
use super::super::shape::GroupKind::{self, Costs};
use super::super::summary::Summary;
use super::Better::Down;
use super::Estimator::Mean;
use super::Metric;
use super::Observe::Ratio;
use super::Unit::MoneyPerThousand;
use crate::model::cost::CostPart;

const COSTS: &[GroupKind] = &[Costs];

/// The name of the cost of all parts together.
pub const COST: &str = "cost_per_1000";

/// They come after those of recoveries.
pub(super) const ROWS: &[Metric] = &[
    row(COST, "everything that has a price in `[cost]`, and what the platform pays", |s, _| {
        observe::cost(s, None)
    }),
    row(
        "cost_workers_per_1000",
        "hours of the gateway's workers in the measured time, at work or not",
        |s, _| observe::cost(s, Some(CostPart::Workers)),
    ),
    row(
        "cost_staff_per_1000",
        "working hours of the staff who review refunds, in the measured time, at work or not",
        |s, _| observe::cost(s, Some(CostPart::Staff)),
    ),
    row(
        "cost_stations_per_1000",
        "working hours of the people of stations in the measured time, at work or not",
        |s, _| observe::cost(s, Some(CostPart::Stations)),
    ),
    row("cost_attempts_per_1000", "attempts that the app sent", |s, _| {
        observe::cost(s, Some(CostPart::Attempts))
    }),
    row(
        "cost_scheme_fees_per_1000",
        "fees for calls that the rules of a card scheme forbid",
        |s, _| observe::cost(s, Some(CostPart::SchemeFees)),
    ),
    row(
        "cost_tickets_per_1000",
        "users who turned to the platform, each time: applications and requests for money back, \
            questions about a refund, calls of its service, work orders",
        |s, _| observe::cost(s, Some(CostPart::Tickets)),
    ),
    row("cost_refunds_per_1000", "refunds that reached the user", |s, _| {
        observe::cost(s, Some(CostPart::Refunds))
    }),
    row(
        "cost_compensation_per_1000",
        "compensation paid with refunds (`refunds.compensation`)",
        |s, _| observe::cost(s, Some(CostPart::Compensation)),
    ),
    row(
        "cost_platform_loss_per_1000",
        "paid by the platform for credits that it could not take back",
        |s, _| observe::cost(s, Some(CostPart::PlatformLoss)),
    ),
    row("cost_charge_backs_per_1000", "captures that the user's bank took into dispute", |s, _| {
        observe::cost(s, Some(CostPart::ChargeBacks))
    }),
    row("cost_duplicates_per_1000", "top-ups charged more than once", |s, _| {
        observe::cost(s, Some(CostPart::Duplicates))
    }),
    row("cost_orphans_per_1000", "top-ups with an orphan charge", |s, _| {
        observe::cost(s, Some(CostPart::Orphans))
    }),
    row(
        "cost_lost_top_ups_per_1000",
        "top-ups never credited to the right account: the margin lost with them",
        |s, _| observe::cost(s, Some(CostPart::LostTopUps)),
    ),
];

/// A cost of a thousand top-ups.
const fn row(
    name: &'static str,
    definition: &'static str,
    observe: fn(&Summary, Group) -> Pair,
) -> Metric {
    Metric {
        name,
        unit: MoneyPerThousand,
        better: Down,
        estimator: Mean,
        groups: COSTS,
        definition,
        denominator: "a thousand top-ups of the cohort",
        observe: Ratio(observe),
    }
}

/// The part of the cost that a metric is about; none for other metrics and for all parts together.
pub fn part_of(metric: &str) -> Option<CostPart> {
    CostPart::ALL.into_iter().find(|part| metric_of(*part) == metric)
}

/// The name of the metric of a part of the cost.
pub fn metric_of(part: CostPart) -> String {
    format!("cost_{}_per_1000", part.name())
}

#[cfg(test)]
mod tests {
    use super::super::METRICS;
    use super::*;

    #[test]
    fn every_part_of_the_cost_has_its_metric_in_the_order_of_the_parts() {
        let names = METRICS.iter().map(|metric| metric.name);
        let parts: Vec<CostPart> = names.filter_map(part_of).collect();
        assert_eq!(parts, CostPart::ALL);
        assert_eq!(part_of(COST), None);
    }
}
