//! Is the simulator right? Scenarios whose answer is known, each with one that must fail.
//!
//! Every case runs through the same door as a scenario of the user's: text, `scenario::read`,
//! replications, summaries. A check *agrees* unless what was seen is as unlikely as the level
//! allows to be chance, and the same check on the control must not agree: a check that nothing can
//! fail proves nothing.

mod case;
mod cases;
pub mod metastable;
pub mod published;
mod seen;
mod shipped;
pub mod storm;
pub mod theory;

pub use case::{
    Both, Case, Cells, Check, Control, Count, Cumulative, Depth, Evidence, Expected, Experiment,
    Kind, Numbers, Size, Spread, Value,
};
pub use cases::cases;

pub use seen::Seen;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use super::jobs::{Arm, Crew, Job, NoJournal, run_jobs};
use super::run::Progress;
use crate::scenario::Scenario;
use crate::stats::{holm, normal_tails};
use seen::{Note, noted, seen};

/// The level of a single check in a fast run, in standard deviations of the normal law: with a
/// fixed seed a check turns red only when the program changes.
pub const SIGMAS: f64 = 6.0;

/// In a thorough run: the probability that any check of a right program fails, by Holm's
/// correction.
pub const FAMILY: f64 = 1e-4;

/// How a check is to be done.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// How much work.
    pub depth: Depth,
    /// The seed of all cases.
    pub seed: u64,
}

/// What was found of one number.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Name of its case.
    pub case: String,
    /// Where the expected value comes from.
    pub source: &'static str,
    /// What the number is, with its unit.
    pub metric: String,
    /// What theory says.
    pub expected: Expected,
    /// What was simulated.
    pub seen: Seen,
    /// Whether both agree.
    pub agrees: bool,
    /// What was wrong in the control, in words.
    pub control: String,
    /// What was simulated of it.
    pub control_seen: Seen,
    /// Whether it was told from the right one.
    pub caught: bool,
}

impl Verified {
    /// Whether all is as it should be: theory holds, and the control does not pass for it.
    pub fn holds(&self) -> bool {
        self.agrees && self.caught
    }
}

/// How many pieces of work these cases are, and top-ups of a piece in the mean.
pub fn work(cases: &[Case], asked: Asked) -> (u32, f64) {
    let mut pieces = 0;
    let mut top_ups = 0.0;
    let mut known = BTreeMap::new();
    for case in cases {
        for scenario in case.scenarios(asked.depth, asked.seed) {
            let often = case.size.often(asked.depth);
            let had = known.entry(scenario.replication_key).or_insert(0);
            let more = often.saturating_sub(*had);
            *had += more;
            pieces += more;
            top_ups += scenario.size.top_ups * f64::from(more);
        }
    }
    (pieces, top_ups / f64::from(pieces.max(1)))
}

/// Runs all of these cases and their controls on so many threads; none once `cancel` is set.
///
/// # Panics
/// When a law does not hold in a replication: the message names case, number and seed.
pub fn verify(
    cases: &[Case],
    asked: Asked,
    threads: usize,
    progress: &dyn Progress,
    cancel: &AtomicBool,
) -> Option<Vec<Verified>> {
    let roles = roles_of(cases, asked);
    let parts = parts_of(&roles);
    let arms: Vec<Arm> = parts.iter().map(|part| part.arm.clone()).collect();
    let jobs = Job::all(&arms);
    let crew = Crew { threads, progress, cancel, journal: &NoJournal };
    let done = run_jobs(&arms, &jobs, &crew, |job, summary| {
        let wanted = parts[job.arm].roles.iter().copied();
        let wanted = wanted.filter(|&role| job.replication < roles[role].arm.inputs.replications);
        let of = |role: usize| {
            let checks = &cases[roles[role].case].checks;
            (role, checks.iter().map(|check| noted(check, &summary)).collect::<Vec<Note>>())
        };
        wanted.map(of).collect::<Vec<(usize, Vec<Note>)>>()
    });
    if done.partial {
        return None;
    }
    let mut notes: Vec<Notes> = roles.iter().map(|_| Vec::new()).collect();
    let all = done.complete.into_iter().flat_map(|(_, of_roles)| of_roles);
    all.for_each(|(role, note)| notes[role].push(note));
    let mut notes = roles.iter().zip(notes).peekable();
    let of_case = |(at, case): (usize, &Case)| {
        let mut own = Vec::new();
        while let Some((_, notes)) = notes.next_if(|(role, _)| role.case == at) {
            own.push(notes);
        }
        compared(case, &own)
    };
    let mut found: Vec<Verified> = cases.iter().enumerate().flat_map(of_case).collect();
    judge(&mut found, asked.depth);
    Some(found)
}

/// What a case runs: the right scenario, the other one of a pair, or the control.
struct Role {
    /// Place of its case.
    case: usize,
    arm: Arm,
}

/// A scenario that is run once for all roles that it has: many a control is the right scenario of
/// another case.
struct Part {
    arm: Arm,
    roles: Vec<usize>,
}

fn parts_of(roles: &[Role]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut places = BTreeMap::new();
    for (at, role) in roles.iter().enumerate() {
        let place = *places.entry(&role.arm.key).or_insert(parts.len());
        if place == parts.len() {
            parts.push(Part { arm: role.arm.clone(), roles: Vec::new() });
        }
        let part = &mut parts[place];
        part.roles.push(at);
        let most = part.arm.inputs.replications.max(role.arm.inputs.replications);
        part.arm.inputs.replications = most;
    }
    parts
}

/// What the replications of an arm say of each check.
type Notes = Vec<Vec<Note>>;

fn roles_of(cases: &[Case], asked: Asked) -> Vec<Role> {
    let of = |(case, one): (usize, &Case)| {
        arms_of(one, asked).into_iter().map(move |arm| Role { case, arm }).collect::<Vec<Role>>()
    };
    cases.iter().enumerate().flat_map(of).collect()
}

/// The arms of a case: the right scenario, the other one of a pair, and the control.
fn arms_of(case: &Case, asked: Asked) -> Vec<Arm> {
    let scenarios = case.scenarios(asked.depth, asked.seed);
    let last = scenarios.len() - 1;
    let name = |at| match at {
        0 => case.name.clone(),
        at if at == last => format!("{}, its control", case.name),
        _ => format!("{}, the other one", case.name),
    };
    let arm = |(at, scenario): (usize, &Scenario)| {
        let mut arm = Arm::of(&name(at), scenario);
        arm.inputs.replications = case.size.often(asked.depth);
        arm
    };
    scenarios.iter().enumerate().map(arm).collect()
}

/// The checks of a case, not judged yet, by the notes of its arms.
fn compared(case: &Case, notes: &[Notes]) -> Vec<Verified> {
    let of = |(at, check): (usize, &Check)| {
        let arms = notes.iter().map(|arm| arm.iter().map(|notes| &notes[at]).collect());
        let arms: Vec<Vec<&Note>> = arms.collect();
        let (right, wrong) = match &arms[..] {
            [right, wrong] => (seen(check, right, &[]), seen(check, wrong, &[])),
            [one, other, stranger] => (seen(check, one, other), seen(check, one, stranger)),
            _ => unreachable!("a case has two arms, and a pair has three"),
        };
        Verified {
            case: case.name.clone(),
            source: case.source,
            metric: check.metric.clone(),
            expected: check.expected,
            seen: right,
            agrees: false,
            control: case.control.what.clone(),
            control_seen: wrong,
            caught: false,
        }
    };
    case.checks.iter().enumerate().map(of).collect()
}

/// Judges all checks together. What is no number agrees with nothing. A control must be told from
/// the right scenario by itself, without what others lend it.
fn judge(found: &mut [Verified], depth: Depth) {
    let tails: Vec<f64> = found.iter().map(|verified| verified.seen.tails).collect();
    let (doubted, level) = match depth {
        Depth::Fast => {
            let level = normal_tails(SIGMAS);
            (tails.iter().map(|tails| tails.is_nan() || *tails <= level).collect(), level)
        }
        Depth::Thorough => (holm(&tails, FAMILY), FAMILY / found.len().max(1) as f64),
    };
    for (verified, doubted) in found.iter_mut().zip(doubted) {
        verified.agrees = !doubted;
        verified.caught = verified.control_seen.tails <= level;
    }
}

#[cfg(test)]
mod tests {
    use super::super::run::Unwatched;
    use super::*;

    const FAST: Asked = Asked { depth: Depth::Fast, seed: 1 };

    /// Checks the cases of that name, shortened, after somebody has changed them.
    fn checked(name: &str, shorter: f64, change: impl Fn(&mut Case)) -> Vec<Verified> {
        let mut cases = cases();
        cases.retain(|case| case.name.contains(name));
        assert!(!cases.is_empty(), "there is a case {name}");
        for case in &mut cases {
            case.size.measured /= shorter;
            change(case);
        }
        verify(&cases, FAST, 2, &Unwatched, &false.into()).expect("nobody wishes to stop")
    }

    #[test]
    fn the_right_program_agrees_and_its_controls_are_caught() {
        for (name, shorter) in
            [("1 attempt over", 1.0), ("two-point", 1.0), ("44/s, 2 attempts", 1.0)]
        {
            for verified in checked(name, shorter, |_| {}) {
                assert!(verified.holds(), "{verified:?}");
            }
        }
    }

    #[test]
    fn every_kind_of_evidence_agrees_and_catches_its_control() {
        for name in [
            "uniform, 1 to 3 ms",
            "Dispersion of days",
            "five replications: lossy",
            "Two time-outs",
            "One policy written",
            "a cut fibre",
        ] {
            for verified in checked(name, 1.0, |_| {}) {
                assert!(verified.holds(), "{verified:?}");
            }
        }
    }

    #[test]
    fn a_scenario_of_several_cases_is_run_once_and_says_the_same_of_each() {
        let mut both = cases();
        both.retain(|case| case.name.contains("0 % and 1 %"));
        both.iter_mut().for_each(|case| case.size.measured /= 25.0);
        both[1].size.replications = 8;
        // the right one for both, and a control of each
        assert_eq!(work(&both, FAST).0, 40 + 40 + 8);
        let run = |cases: &[Case]| {
            verify(cases, FAST, 2, &Unwatched, &false.into()).expect("nobody wishes to stop")
        };
        let alone: Vec<Verified> = both.chunks(1).flat_map(run).collect();
        for (one, together) in alone.iter().zip(run(&both)) {
            let said = |of: &Verified| (of.seen, of.control_seen, of.agrees, of.caught);
            assert_eq!(said(one), said(&together), "{}: {}", one.case, one.metric);
        }
    }

    #[test]
    fn pairs_that_are_no_pairs_differ() {
        // the other one of each pair has another load, so that it has other users
        let stranger = |case: &mut Case| {
            case.kind = Kind::Pair(vec!["arrivals.rate=\"310/s\"".to_owned()]);
        };
        for verified in checked("after the second attempt", 1.0, stranger) {
            assert!(!verified.agrees, "{verified:?}");
        }
    }

    #[test]
    fn a_wrong_expectation_differs() {
        let off = |case: &mut Case| {
            case.checks.iter_mut().for_each(|check| {
                if let Expected::Value(value) = &mut check.expected {
                    *value *= 1.3;
                }
            })
        };
        let found = checked("1 attempt over", 5.0, off);
        assert!(found.iter().all(|verified| !verified.agrees), "{found:?}");
        let found = checked("two-point", 5.0, off);
        assert!(found.iter().all(|verified| !verified.agrees), "{found:?}");
    }

    #[test]
    fn a_control_that_is_the_right_scenario_is_not_caught() {
        let found = checked("1 attempt over", 5.0, |case| case.control.sets.clear());
        assert!(found.iter().all(|verified| verified.agrees && !verified.caught), "{found:?}");
        assert!(found.iter().all(|verified| verified.seen == verified.control_seen));
    }

    #[test]
    fn what_is_no_number_agrees_with_nothing() {
        let nothing = |case: &mut Case| {
            case.checks = vec![
                Check::mean("nothing", 1.0, |_| f64::NAN),
                Check::share("nobody", 0.5, |_| (0, 0)),
            ];
        };
        for depth in [Depth::Fast, Depth::Thorough] {
            let mut found = checked("1 attempt over", 25.0, nothing);
            judge(&mut found, depth);
            assert!(found.iter().all(|verified| !verified.agrees && !verified.caught));
        }
    }
}
