//! Do intervals hold the truth as often as they say, and are verdicts wrong as seldom?
//!
//! Whole experiments are repeated and the intervals that hold the known truth counted (STATISTICS
//! section 2): made-up replications go through the estimators that reports use, tiny scenarios with
//! closed forms through the public door. Every kind has a control that must fail. Seeds were never
//! chosen. The larger sets are ignored by default; `docs/validation.md` has command and figures.

mod choices;
mod experiments;
mod lines;
mod looks;
mod luck;
mod made_up;
mod means;
mod over_time;
mod pairs;
mod quantiles;
mod shares;
mod times;
mod trials;
mod verdicts;
