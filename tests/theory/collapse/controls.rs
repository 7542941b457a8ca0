//! What each overload control makes of the same storm: 80 top-ups/s, four attempts, capacity 100/s.
//!
//! Without a control it stays down for ever (`table.rs`).

use std::collections::BTreeSet;

use topup_sim::study::verify::metastable::Class;
use topup_sim::study::verify::storm::{CONTROLS, PUBLISHED};

use super::storm::{Run, class, mean, storm, tell};

fn under(set: &str) -> Vec<Run> {
    let runs = storm(PUBLISHED.0, &[PUBLISHED.sets(), vec![set.to_owned()]].concat());
    tell(set, PUBLISHED.0, &runs);
    runs
}

/// Catches: a control that does nothing, or too little.
#[test]
fn each_control_ends_the_storm() {
    for ends in CONTROLS {
        let runs = under(ends.set);
        assert_eq!(class(80.0, &runs), Class::Recovers, "{ends:?}: {runs:?}");
        let in_time = runs.iter().all(|run| run.recovered.is_some_and(|at| at <= ends.latest));
        assert!(in_time, "{ends:?}: {runs:?}");
    }
}

/// A time-out in the queue below the service time of 10 ms keeps the storm out, and turns away one
/// call in twenty for it.
#[test]
fn a_time_out_of_five_milliseconds_is_short_for_ten_milliseconds_of_work() {
    let runs = under("gateway.queue.controlled_delay=\"5ms\"");
    let goodput = mean(&runs, |run| run.goodput);
    assert!((70.0..78.0).contains(&goodput), "{runs:?}");
    let runs = under("gateway.queue.controlled_delay=\"50ms\"");
    assert!(mean(&runs, |run| run.goodput) > 79.0, "{runs:?}");
}

/// The controls of the first test.
#[test]
fn a_bound_beyond_the_time_out_of_the_app_is_of_no_use() {
    let sets: BTreeSet<&str> = CONTROLS.iter().map(|ends| ends.idle).collect();
    for set in sets {
        let runs = under(set);
        assert_eq!(class(80.0, &runs), Class::Never, "{set}: {runs:?}");
    }
}
