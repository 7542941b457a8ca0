//! The loop: where goodput falls by itself, and where it comes back once it is down.
//!
//! Without a budget the edges are C / n and C; with a budget of r, C / (1 + r) and C. Loads are
//! simulated on both sides of both, six replications of seed 1 on each branch, over a run of 160 s
//! whose worker stands still from 40 to 45 s; the last half minute decides.

use std::sync::atomic::AtomicBool;

use topup_sim::study::run::Unwatched;
use topup_sim::study::sweep::{Edge, Hysteresis, Phase, sweep};
use topup_sim::study::verify::storm::{CAPACITY, attempts, budget};
use topup_sim::study::{Arm, Crew, NoJournal};

use super::storm::scenario;

/// A storm of less than three minutes, which is watched.
const SHORT: [&str; 5] = [
    "length=\"160s\"",
    "incidents.frozen.at=\"40s\"",
    "incidents.frozen.lasts=\"5s\"",
    "recovery.loop={ trigger = \"frozen\" }",
    "replications=6",
];

/// Both branches at these loads.
fn branches(loads: &[f64], sets: &[String]) -> Hysteresis {
    let arms = |without: bool| {
        let branch = format!("recovery.loop.without_trigger={without}");
        let sets: Vec<String> = SHORT
            .map(str::to_owned)
            .into_iter()
            .chain(sets.iter().cloned())
            .chain([branch])
            .collect();
        let arm = |load: &f64| Arm::of(&format!("{load}/s"), &scenario(*load, &sets));
        loads.iter().map(arm).collect::<Vec<Arm>>()
    };
    let cancel = AtomicBool::new(false);
    let crew = Crew { threads: 2, progress: &Unwatched, cancel: &cancel, journal: &NoJournal };
    let [without, with] = [true, false].map(arms);
    let recovery = with[0].inputs.plan.recoveries[0].clone();
    let [without, with] = [without, with].map(|arms| sweep(&arms, &crew).points);
    Hysteresis::of((0, &recovery), &without, &with)
}

/// Whether a boundary lies between the loads that the simulation says it lies between.
fn holds(loads: &[f64], edge: Option<Edge>, boundary: f64) -> bool {
    edge.is_some_and(|edge| loads[edge.inner] < boundary && boundary < loads[edge.outer])
}

/// Catches: a loop whose lower edge is not C / n, the load at which all attempts while down are as
/// many as the capacity, or whose upper edge is not the capacity. Controls: the constants of one
/// attempt more and one less lie outside of what is said.
#[test]
fn once_down_it_comes_back_below_the_capacity_over_the_attempts() {
    for (n, loads) in [(4, &[22.0, 28.0, 90.0, 110.0][..]), (2, &[44.0, 56.0, 85.0])] {
        let found = branches(loads, &[attempts(n)]);
        let edges = found.edges().unwrap_or_else(|| panic!("{n}: {:?}", found.phases()));
        assert!(edges.is_load && edges.vulnerable.is_some(), "{n}: {:?}", found.phases());
        let back = |n: u32| holds(loads, edges.back, CAPACITY / f64::from(n));
        assert!(back(n), "{n}: {:?}", found.phases());
        assert!(!back(n - 1) && !back(n + 1), "{n}: {:?}", found.phases());
        if n == 4 {
            assert!(holds(loads, edges.falls, CAPACITY), "{:?}", found.phases());
            let down = found.points[2].with.goodput_per_s.expect("there are replications").value;
            let up = found.points[2].without.goodput_per_s.expect("there are some").value;
            assert!(down < 1.0 && (up / 90.0 - 1.0).abs() < 0.05, "{down} and {up} of 90/s");
        }
    }
}

/// With a budget of a tenth the lower edge is C / 1.1 = 90.9/s, and the loop is nearly closed: what
/// was vulnerable without it comes back.
#[test]
fn a_budget_closes_the_loop() {
    let loads = [28.0, 84.0, 110.0];
    let found = branches(&loads, &[&[attempts(4)][..], &budget(10, 0, 10)].concat());
    assert_eq!(
        found.phases(),
        [Some(Phase::Stable), Some(Phase::Stable), Some(Phase::Overloaded)],
        "{found:?}"
    );
    let edges = found.edges().expect("phases are in order");
    assert!(holds(&loads, edges.back, CAPACITY / 1.1) && edges.back == edges.falls);
}
