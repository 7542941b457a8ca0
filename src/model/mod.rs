//! The top-up pipeline: journeys, hops, causes, incidents, ledger and refunds.

pub mod amount;
pub mod arrivals;
pub mod bank;
pub mod calendar;
pub mod cause;
pub mod channel;
pub mod client;
pub mod credit;
pub mod data;
pub mod facts;
pub mod fault;
pub mod gateway;
pub mod incident;
pub mod law;
pub mod ledger;
pub mod network;
pub mod outcome;
pub mod plan;
pub mod provider;
pub mod purpose;
pub mod refund;
pub mod retry;
pub mod strike;
pub mod user;
pub mod world;
