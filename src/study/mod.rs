//! The questions asked of scenarios: replications of a run.
