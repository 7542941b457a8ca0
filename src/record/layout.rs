//! What summaries are made of, as one hash: whoever keeps them as bytes knows its own by it.

use sha2::{Digest, Sha256};

use super::shape::Shape;
use super::summary::Summary;
use crate::model::cause::Cause;
use crate::model::plan::Horizon;
use crate::model::remedy::Remedy;

/// A hash over the names of all that a summary holds, and of the causes and remedies that it counts
/// by their places. Summaries of one layout are the same bytes for the same result.
pub fn layout() -> String {
    Sha256::digest(named()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All those names, in order.
fn named() -> String {
    let summary = Summary::empty(&one_of_each());
    let mut names = serde_json::to_string(&summary).expect("integers can be written");
    Cause::ALL.iter().for_each(|cause| names += &format!("\ncause {}", cause.row().code));
    Remedy::ALL.iter().for_each(|remedy| names += &format!("\nremedy {}", remedy.row().code));
    names
}

/// A shape with one of everything, so that every part of a summary is there.
fn one_of_each() -> Shape {
    let one = || vec!["one".to_owned()];
    let minute = 60_000_000_000;
    Shape {
        horizon: Horizon { warmup: 0, length: minute, drain: 0, deadline: minute },
        promise: minute,
        channels: one(),
        providers: one(),
        access: one(),
        banks: one(),
        pools: vec![("one".to_owned(), 1)],
        ranked: true,
        stations: vec![("one".to_owned(), 1)],
        rails: one(),
        windows: Vec::new(),
        asides: Vec::new(),
        recoveries: Vec::new(),
        costs: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_summary_is_named() {
        let names = named();
        let parts = ["all", "sum", "timeline", "ledger", "compensation", "stations", "rails"];
        for part in parts {
            assert!(names.contains(&format!("\"{part}\"")), "{part} in {names}");
        }
        assert!(names.contains("\ncause ") && names.contains("\nremedy "), "{names}");
        assert_eq!(layout().len(), 64);
    }
}
