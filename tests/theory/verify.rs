//! Every fourth case of `topup-sim verify`, with fewer replications: that none of them differs.
//!
//! All of them, and whether each control is caught, take more, and a release build:
//! `topup-sim verify`, which `.ci/run` does.

use topup_sim::study::run::Unwatched;
use topup_sim::study::verify::{Asked, Case, Depth, Ready, cases};

/// Catches: a case that differs from theory or history.
#[test]
fn no_case_differs() {
    let mut cases: Vec<Case> = cases().into_iter().step_by(4).collect();
    for case in &mut cases {
        let all = case.size.replications;
        case.size.replications = (all / 8).max(6).min(all);
    }
    let asked = Asked { depth: Depth::Fast, seed: 1 };
    let found = Ready::new(&cases, asked).verify(2, &Unwatched, &false.into()).numbers;
    let differ: Vec<String> = found
        .iter()
        .filter(|verified| !verified.agrees)
        .map(|verified| format!("{verified:?}"))
        .collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
