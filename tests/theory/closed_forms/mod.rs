//! The simulation against theory: each closed form is a scenario, read through the public door.
//!
//! Every case starts from `scenarios/identity.toml` and switches on one stage. All scores are on
//! one scale: 6 is as unlikely as six standard deviations of the normal law (STATISTICS section 0),
//! and each family has a negative control, a scenario slightly off that must fail the same checks.
//! The seed is 1 everywhere and was never chosen.

mod arrivals;
mod bulkheads;
mod cases;
mod checks;
mod common_numbers;
mod delay;
mod held_workers;
mod identity;
mod interruptions;
mod larger;
mod long_waits;
mod loss;
mod lossy_retry;
mod patience;
mod priority;
mod refunds;
mod service_laws;
