//! The simulation against theory: closed forms, published tables and the constants of policies.

mod aws_backoff;
mod closed_forms;
mod collapse;
mod coverage;
mod generator;
mod retry_cases;
mod verify;
