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
use crate::record::Summary;
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

/// What was found of all numbers that were asked for, or of those that are complete.
#[derive(Clone, Debug)]
pub struct Findings {
    /// Each number, case by case.
    pub numbers: Vec<Verified>,
    /// Whether cases are missing because somebody wished to stop.
    pub partial: bool,
}

/// Cases made ready to run: each of their scenarios once, whatever roles it has in them. Many a
/// control is the right scenario of another case.
pub struct Ready<'c> {
    cases: &'c [Case],
    depth: Depth,
    roles: Vec<Role>,
    arms: Vec<Arm>,
    /// The roles of each arm, by their places.
    roles_of: Vec<Vec<usize>>,
    /// Expected top-ups of a replication of each arm.
    top_ups: Vec<f64>,
}

/// What a case runs: the right scenario, the other one of a pair, or the control.
struct Role {
    /// Place of its case.
    case: usize,
    /// The first so many replications of its arm.
    replications: u32,
}

/// What the replications of a role say of each check.
type Notes = Vec<Vec<Note>>;

impl<'c> Ready<'c> {
    /// Reads the scenarios of these cases.
    pub fn new(cases: &'c [Case], asked: Asked) -> Self {
        let (roles, arms, roles_of, top_ups) = (vec![], vec![], vec![], vec![]);
        let mut ready = Self { cases, depth: asked.depth, roles, arms, roles_of, top_ups };
        let mut places = BTreeMap::new();
        for (at, case) in cases.iter().enumerate() {
            let replications = case.size.often(asked.depth);
            let scenarios = case.scenarios(asked.depth, asked.seed);
            for (part, scenario) in scenarios.iter().enumerate() {
                let key = scenario.replication_key.clone();
                let place = *places.entry(key).or_insert(ready.arms.len());
                if place == ready.arms.len() {
                    let name = match part {
                        0 => case.name.clone(),
                        part if part + 1 == scenarios.len() => {
                            format!("{}, its control", case.name)
                        }
                        _ => format!("{}, the other one", case.name),
                    };
                    ready.arms.push(Arm::of(&name, scenario));
                    ready.arms[place].inputs.replications = 0;
                    ready.roles_of.push(Vec::new());
                    ready.top_ups.push(scenario.size.top_ups);
                }
                let most = &mut ready.arms[place].inputs.replications;
                *most = replications.max(*most);
                ready.roles_of[place].push(ready.roles.len());
                ready.roles.push(Role { case: at, replications });
            }
        }
        ready
    }

    /// How many pieces of work they are.
    pub fn pieces(&self) -> u32 {
        self.arms.iter().map(|arm| arm.inputs.replications).sum()
    }

    /// Top-ups of a piece, in the mean.
    pub fn top_ups(&self) -> f64 {
        let of = |(arm, top_ups): (&Arm, &f64)| f64::from(arm.inputs.replications) * top_ups;
        let all: f64 = self.arms.iter().zip(&self.top_ups).map(of).sum();
        all / f64::from(self.pieces().max(1))
    }

    /// Runs all cases and their controls on so many threads, case by case: once `cancel` is set,
    /// those that are complete are judged.
    ///
    /// # Panics
    /// When a law does not hold in a replication: the message names case, number and seed.
    pub fn verify(&self, threads: usize, progress: &dyn Progress, cancel: &AtomicBool) -> Findings {
        let crew = Crew { threads, progress, cancel, journal: &NoJournal };
        let mut jobs = Job::all(&self.arms);
        jobs.sort();
        let done = run_jobs(&self.arms, &jobs, &crew, |job, summary| {
            let roles = self.roles_of[job.arm].iter().copied();
            let wanted = roles.filter(|&role| job.replication < self.roles[role].replications);
            wanted.map(|role| (role, self.noted(role, &summary))).collect::<Vec<_>>()
        });
        let mut notes: Vec<Notes> = self.roles.iter().map(|_| Vec::new()).collect();
        let all = done.complete.into_iter().flat_map(|(_, of_roles)| of_roles);
        all.for_each(|(role, note)| notes[role].push(note));
        let mut notes = notes.into_iter();
        let of_case = |roles: &[Role]| {
            let own: Vec<Notes> = notes.by_ref().take(roles.len()).collect();
            let is_whole =
                |(role, notes): (&Role, &Notes)| notes.len() == role.replications as usize;
            let complete = roles.iter().zip(&own).all(is_whole);
            if complete { compared(&self.cases[roles[0].case], &own) } else { Vec::new() }
        };
        let by_case = self.roles.chunk_by(|one, next| one.case == next.case);
        let mut numbers: Vec<Verified> = by_case.flat_map(of_case).collect();
        judge(&mut numbers, self.depth);
        Findings { numbers, partial: done.partial }
    }

    fn noted(&self, role: usize, summary: &Summary) -> Vec<Note> {
        let checks = self.cases[self.roles[role].case].checks.iter();
        checks.map(|check| noted(check, summary)).collect()
    }
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
    use std::sync::atomic::{AtomicU32, Ordering};

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
        all(&cases)
    }

    fn all(cases: &[Case]) -> Vec<Verified> {
        Ready::new(cases, FAST).verify(2, &Unwatched, &false.into()).numbers
    }

    /// Wishes to stop once so many pieces are done.
    struct Impatient(AtomicU32, AtomicBool);

    impl Progress for Impatient {
        fn advanced(&self, _: u32, _: f64) {}

        fn finished(&self, _: u32) {
            if self.0.fetch_sub(1, Ordering::Relaxed) == 1 {
                self.1.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Catches: the work of hours that is thrown away, and cases judged by a part of theirs.
    #[test]
    fn who_stops_hears_of_the_cases_that_are_complete() {
        let mut some = cases();
        some.truncate(2);
        some.iter_mut().for_each(|case| case.size.measured /= 25.0);
        let ready = Ready::new(&some, FAST);
        let impatient = Impatient(AtomicU32::new(95), false.into());
        let found = ready.verify(1, &impatient, &impatient.1);
        assert!(found.partial);
        let said = |of: &Verified| (of.case.clone(), of.metric.clone(), of.seen, of.control_seen);
        let first: Vec<_> = all(&some[..1]).iter().map(said).collect();
        assert_eq!(found.numbers.iter().map(said).collect::<Vec<_>>(), first);
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
        assert_eq!(Ready::new(&both, FAST).pieces(), 40 + 40 + 8);
        let alone: Vec<Verified> = both.chunks(1).flat_map(all).collect();
        for (one, together) in alone.iter().zip(all(&both)) {
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
