//! All cases, and how their numbers are read from a replication.
//!
//! A case = one entry of a list below: its settings, its control, and what theory says.

mod budgets;
mod calls;
mod collapse;
mod delay;
mod intervals;
mod laws;
mod layers;
mod loss;
mod metastable;
mod pairs;
mod patience;
mod replays;
mod schedules;
mod wire;

use super::case::{Case, Control, HUNDREDFOLD, Size};
use crate::record::{Room, Summary};

/// All cases, in the order in which they are shown.
pub fn cases() -> Vec<Case> {
    [
        calls::cases(),
        laws::cases(),
        delay::cases(),
        loss::cases(),
        patience::cases(),
        schedules::cases(),
        budgets::cases(),
        layers::cases(),
        wire::cases(),
        collapse::cases(),
        metastable::cases(),
        intervals::cases(),
        pairs::cases(),
        replays::cases(),
    ]
    .concat()
}

/// A millisecond, a second, in ns.
const MS: f64 = 1e6;
const S: f64 = 1e9;

/// Forty replications of so many units of time, in ns: enough for Student's t.
fn forty(unit: f64, warmup: f64, measured: f64) -> Size {
    let (warmup, measured) = (warmup * unit, measured * unit);
    Size { warmup, measured, replications: 40, thorough: HUNDREDFOLD }
}

fn owned<const N: usize>(sets: [&str; N]) -> Vec<String> {
    sets.map(str::to_owned).to_vec()
}

/// A control that differs in these settings.
fn control<const N: usize>(what: &str, sets: [String; N]) -> Control {
    Control { what: what.to_owned(), sets: sets.to_vec() }
}

/// Arrivals a millisecond.
fn rate(per_ms: f64) -> String {
    format!("arrivals.rate=\"{}/s\"", per_ms * 1000.0)
}

/// Top-ups at the only pool.
fn room(seen: &Summary) -> &Room {
    seen.pools[0].top_ups()
}

/// A time summed over those who spend it, over the measured time: how many spend it, in the mean.
fn over_time(seen: &Summary, ns: u128) -> f64 {
    ns as f64 / seen.measured_ns as f64
}

/// Workers at work.
fn busy(seen: &Summary) -> f64 {
    over_time(seen, seen.pools[0].busy_ns)
}

/// The mean wait of those who were served, in units of so many ns.
fn wait(unit: f64) -> impl Fn(&Summary) -> f64 {
    move |seen| room(seen).wait.mean().unwrap_or(f64::NAN) / unit
}

/// Those who wait, in the mean.
fn queue(seen: &Summary) -> f64 {
    over_time(seen, room(seen).waiting_ns)
}

/// The share of those who come that a number counts.
fn of_arrived(count: fn(&Room) -> u64) -> impl Fn(&Summary) -> f64 {
    move |seen| count(room(seen)) as f64 / room(seen).arrived as f64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{Check, Depth, Evidence, Expected, Kind};
    use super::*;

    #[test]
    fn every_case_can_run_and_has_a_name_of_its_own_and_a_control() {
        let cases = cases();
        for case in &cases {
            case.scenarios(Depth::Fast, 1);
            case.scenarios(Depth::Thorough, 1);
            let held_each = |check: &Check| matches!(check.evidence, Evidence::Each(_));
            let least = if case.checks.iter().all(held_each) { 3 } else { 6 };
            assert!(case.size.replications >= least, "{}", case.name);
            assert!(!case.checks.is_empty() && !case.control.what.is_empty(), "{}", case.name);
            let differs = !case.control.sets.is_empty() || matches!(case.kind, Kind::Pair(_));
            assert!(differs, "{}: the control is the case", case.name);
            for check in &case.checks {
                let sound = match check.expected {
                    Expected::Value(value) => value.is_finite(),
                    Expected::Between(low, high) => low < high,
                };
                assert!(sound, "{}: {}", case.name, check.metric);
            }
        }
        let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names.len(), cases.len());
    }
}
