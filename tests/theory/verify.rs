//! All cases of `topup-sim verify`, with fewer replications: enough to see that none differs.
//!
//! Whether each control is caught takes them all, and a release build: `topup-sim verify`, which
//! `.ci/run` does.

use topup_sim::study::run::Unwatched;
use topup_sim::study::verify::{Asked, Depth, cases, verify};

/// Catches: a case that differs from theory or history.
#[test]
fn no_case_differs() {
    let mut cases = cases();
    for case in &mut cases {
        let all = case.size.replications;
        case.size.replications = (all / 8).max(6).min(all);
    }
    let asked = Asked { depth: Depth::Fast, seed: 1 };
    let found = verify(&cases, asked, 2, &Unwatched, &false.into()).expect("nobody stops it");
    let differ: Vec<String> = found
        .iter()
        .filter(|verified| !verified.agrees)
        .map(|verified| format!("{verified:?}"))
        .collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
