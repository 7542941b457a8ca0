//! What users did about failures: every remedy of a scenario, over replications.

use super::estimate::mean;
use super::run::RunResult;
use crate::model::plan::Plan;
use crate::model::remedy::Remedy;
use crate::record::RemedyTally;
use crate::record::registry::Unit;
use crate::stats::Estimate;

/// What one remedy did, over replications.
#[derive(Clone, Debug, PartialEq)]
pub struct RemedyEstimate {
    /// Which.
    pub remedy: Remedy,
    /// Counts of all replications together.
    pub counts: RemedyTally,
    /// How often it was applied in a million top-ups.
    pub applied_per_million: Option<Estimate>,
}

/// Every remedy that the scenario's users may apply, in the order of the rows, applied or not.
pub fn remedies(result: &RunResult, plan: &Plan) -> Vec<RemedyEstimate> {
    let estimate = |remedy: Remedy| {
        let of = |tallies: &[RemedyTally]| tallies[remedy as usize];
        let pairs: Vec<(u128, u128)> = result
            .replications
            .iter()
            .map(|summary| (of(&summary.remedies).applied.into(), summary.all.top_ups.into()))
            .collect();
        RemedyEstimate {
            remedy,
            counts: of(&result.pooled.remedies),
            // a user may apply a remedy more than once: a rate, not a share
            applied_per_million: mean(&pairs, Unit::PerMillion),
        }
    };
    plan.remedies.applied().into_iter().map(estimate).collect()
}
