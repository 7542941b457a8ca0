//! The tables of a run: what each CSV file holds and what each chart draws.

mod arm_targets;
mod causes;
mod compared;
mod compared_again;
mod costs;
mod flow;
mod hysteresis;
mod journeys;
mod judged_target;
mod latency;
mod plan_assumptions;
mod plan_costs;
mod planned;
mod published;
mod queues;
mod rankings;
mod recovery;
mod remedies;
mod rescues;
mod schedules;
mod summary;
mod timeline;
mod uncertain;

pub use arm_targets::{ArmTarget, ArmTargets};
pub(super) use causes::label_of;
pub use causes::{CauseRow, Causes};
pub use compared::{
    ArmName, ArmReplications, ArmTimeline, Compared, DifferenceRow, Differences, Matrix, MatrixRow,
    RegretRow, Regrets, SetTimeline,
};
pub use costs::{CostRow, Costs};
pub use flow::{Flow, Link, Step};
pub use hysteresis::Hysteresis;
pub use journeys::{JourneyRow, Journeys};
pub use judged_target::JudgedTarget;
pub use latency::{Ecdf, Latency, Refunds};
pub use plan_assumptions::{AssumedRow, PlannedAssumptions};
pub use plan_costs::{PlannedCost, PlannedCosts, TOTAL};
pub use planned::{Planned, PlannedRow};
pub use published::Facts;
pub use queues::Queues;
pub use rankings::Rankings;
pub use recovery::{Recovery, RecoveryCurve, RecoveryPhase};
pub use remedies::{Remedies, RemedyRow};
pub use rescues::{RescueRow, Rescues};
pub use schedules::Schedules;
pub use summary::{ReplicationRow, Replications, Summary, SummaryRow};
pub use timeline::{Series, Timeline, Window, WindowKind};
pub use uncertain::{Tornado, UncertainInputs, UncertainRow};

/// The tables of a plan.
#[derive(Debug, Clone)]
pub struct PlannedTables {
    /// What was tried, and the answer.
    pub curve: Planned,
    /// What each value costs, where something has a price.
    pub costs: Option<PlannedCosts>,
    /// What would overturn the answer, where ranges are drawn.
    pub assumed: Option<PlannedAssumptions>,
}

/// Every table of one run.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// Metrics with their intervals.
    pub summary: Summary,
    /// Metrics of each replication by itself.
    pub replications: Replications,
    /// What happened when.
    pub timeline: Timeline,
    /// What top-ups failed of.
    pub causes: Causes,
    /// What rescued top-ups.
    pub rescues: Rescues,
    /// From arrival through causes and tries to outcomes.
    pub flow: Flow,
    /// How long calls and credits took.
    pub latency: Latency,
    /// How long refunds took.
    pub refunds: Refunds,
    /// Waiting at the gateway's pools and at stations.
    pub queues: Queues,
    /// Published facts, if the scenario names any.
    pub facts: Facts,
    /// What users did about failures, if the scenario says that they do anything.
    pub remedies: Remedies,
    /// Claims about the ranking of causes, if the scenario names any.
    pub rankings: Rankings,
    /// Whether goodput came back after triggers, if the scenario names any.
    pub recovery: Recovery,
    /// What a thousand top-ups cost, if the scenario has prices.
    pub costs: Costs,
    /// Values drawn once a replication, if ranges were drawn.
    pub uncertain_inputs: UncertainInputs,
    /// Which of them move the result.
    pub tornado: Tornado,
}

#[cfg(test)]
pub(crate) use hysteresis::sample as sample_hysteresis;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
pub(crate) mod sample_compared;
