//! The table of cases: every row is held by a formula and by a run of its scenario.
//!
//! `cases/queueing_cases.csv` holds the numbers, `cases/SOURCE.md` says where they come from. A row
//! without a formula, or one that no check measures, fails; so does a case that no test names.

use std::collections::BTreeSet;

use topup_sim::record::Summary;

use super::checks::{Check, catch, hold};
use super::{delay, interruptions, loss, lossy_retry, patience, priority, service_laws};

/// The table, as it was published.
const TABLE: &str = include_str!("cases/queueing_cases.csv");

/// Digits are cut after the tenth.
const PRINTED: f64 = 1e-9;

/// Customers of a run at its usual size, at most.
const CUSTOMERS_MAX: u64 = 3_000_000;

/// How many times as many customers the larger runs have.
pub(crate) const LARGER: u32 = 10;

/// One system of the table, with its numbers.
pub(crate) struct Case {
    name: String,
    rows: Vec<Row>,
}

struct Row {
    params: String,
    metric: String,
    expected: f64,
}

/// What was seen of a case.
pub(crate) struct Seen {
    /// Its replications.
    pub(crate) runs: Vec<Summary>,
    /// How many times the usual number of customers they have.
    pub(crate) times: u32,
}

/// Cases that share their theory and their scenario.
pub(crate) struct Family {
    /// What theory says of a metric.
    pub(crate) theory: fn(&Case, &str) -> Option<f64>,
    /// Runs the scenario, with so many times the usual number of customers.
    pub(crate) run: fn(&Case, u32) -> Vec<Summary>,
    /// Holds what was seen against theory, by metric.
    pub(crate) check: fn(&Case, &Seen, &str) -> Option<Check>,
    /// Metrics that are not in the table and that every case of the family is held to as well.
    pub(crate) also: &'static [&'static str],
}

impl Case {
    /// All systems of the table.
    fn all() -> Vec<Case> {
        let mut cases: Vec<Case> = Vec::new();
        let mut table = csv::Reader::from_reader(TABLE.as_bytes());
        for record in table.records() {
            let record = record.expect("the table is CSV");
            let (name, expected) = (&record[0], record[4].parse().expect("a number"));
            let row = Row { params: record[2].to_owned(), metric: record[3].to_owned(), expected };
            match cases.iter_mut().find(|case| case.name == name) {
                Some(case) => case.rows.push(row),
                None => cases.push(Case { name: name.to_owned(), rows: vec![row] }),
            }
        }
        cases
    }

    /// The system of that name.
    pub(crate) fn of(name: &str) -> Case {
        let found = Case::all().into_iter().find(|case| case.name == name);
        found.unwrap_or_else(|| panic!("no case {name} in the table"))
    }

    /// A parameter, `name=value` among those of the case, if it has it.
    pub(crate) fn given(&self, name: &str) -> Option<f64> {
        let parts = self.rows[0].params.split(';').map(str::trim);
        let value = parts.filter_map(|part| part.strip_prefix(name)?.strip_prefix('=')).next()?;
        let digits = value.split_whitespace().next()?;
        Some(digits.parse().unwrap_or_else(|_| panic!("{}: {name} is {digits}", self.name)))
    }

    /// A number in words, as in `up to 4 attempts`: what stands between the two words.
    pub(crate) fn between(&self, before: &str, after: &str) -> f64 {
        let rest = self.rows[0].params.split_once(before).map(|(_, rest)| rest);
        let digits = rest.and_then(|rest| rest.split_once(after)).map(|(digits, _)| digits.trim());
        let value = digits.and_then(|digits| digits.parse().ok());
        value.unwrap_or_else(|| panic!("{}: no number {before} ... {after}", self.name))
    }

    /// A parameter that the case has.
    pub(crate) fn param(&self, name: &str) -> f64 {
        self.given(name).unwrap_or_else(|| panic!("{} has no {name}", self.name))
    }

    fn check(&self, family: &Family, seen: &Seen, metric: &str) -> Check {
        let check = (family.check)(self, seen, metric);
        check.unwrap_or_else(|| panic!("{}: nothing measures {metric}", self.name))
    }

    /// Asserts that runs of another scenario are told from this case by one of its metrics.
    #[track_caller]
    pub(crate) fn catches(&self, family: &Family, runs: Vec<Summary>, metric: &str) {
        catch(&[self.check(family, &Seen { runs, times: 1 }, metric)], metric);
    }
}

/// Runs a case and holds it against its rows.
fn held(name: &str, family: &Family, times: u32) {
    let case = Case::of(name);
    let runs = (family.run)(&case, times);
    let customers: u64 = runs.iter().map(|run| run.run.journeys).sum();
    assert!(customers <= CUSTOMERS_MAX * u64::from(times), "{name} takes {customers} customers");
    let seen = Seen { runs, times };
    let metrics =
        case.rows.iter().map(|row| row.metric.as_str()).chain(family.also.iter().copied());
    let checks: Vec<Check> = metrics.map(|metric| case.check(family, &seen, metric)).collect();
    hold(&checks);
}

/// A test of each case, and one with ten times the customers that runs on request.
macro_rules! cases {
    ($($(#[$doc:meta])* $test:ident: $case:literal of $family:path;)*) => {
        /// The cases that tests hold.
        const HELD: &[(&str, &Family)] = &[$(($case, &$family)),*];

        $($(#[$doc])* #[test] fn $test() { held($case, &$family, 1); })*

        mod larger {
            use super::*;

            $($(#[$doc])*
            #[test]
            #[ignore = "ten times the customers: minutes; docs/validation.md has the command"]
            fn $test() { held($case, &$family, LARGER); })*
        }
    };
}

cases! {
    /// Catches: a wait measured from the wrong end, a queue that is not first come first served
    /// (the standard deviation of the wait), a sojourn that is not wait and service.
    one_worker: "MM1-a" of delay::FAMILY;
    /// Catches: a pool of several workers that serves fewer or more at once.
    three_workers: "MMc-a" of delay::FAMILY;
    /// Catches: a share of waits that counts the wrong ones where waits are rare and short.
    forty_workers: "MMc-b" of delay::FAMILY;
    /// Catches: a constant that is not one; work counted twice.
    constant_service: "MD1" of service_laws::FAMILY;
    /// Catches: a mixture whose parts are drawn in other shares.
    hyperexponential_service: "MH2-1" of service_laws::FAMILY;
    /// Catches: a waiting room with a place too many or too few, a wait that counts those turned
    /// away.
    a_waiting_room_of_four: "MM1K" of loss::FAMILY;
    /// Catches: a worker lost or found, a queue where there is none.
    ten_workers_without_a_queue: "ErlB-a" of loss::FAMILY;
    /// Catches: one patience for all, or one that is drawn anew at each look; patience that goes on
    /// in service; a wait that forgets those who left.
    exponential_patience: "ErlA-a" of patience::FAMILY;
    /// Catches: a place in the queue kept by somebody who left, a worker granted to nobody.
    constant_patience: "MM1+D" of patience::FAMILY;
    /// Catches: one queue for both classes, a core request that interrupts, arrivals or services of
    /// the two that are not independent.
    core_traffic_goes_first: "Prio-NP" of priority::FAMILY;
    /// Catches: work that starts again after a pause instead of going on, a pause that only
    /// newcomers meet, a renewal whose down time comes out of its up time.
    a_worker_that_breaks_down: "Breakdown-MM1" of interruptions::FAMILY;
    /// Catches: an attempt too few, losses of one leg or none, a capture that a lost answer undoes.
    /// One too many leaves 0.2 failures where there are 4.9, which is luck at this size;
    /// `three_attempts_over_two_lossy_legs` catches it.
    four_attempts_over_lossy_legs: "Retry" of lossy_retry::FAMILY;
}

/// Catches: a row that was added without a check, a formula with a slip, a number that was changed.
#[test]
fn every_row_is_the_number_of_a_formula_and_has_a_test() {
    let cases = Case::all();
    assert!(cases.iter().map(|case| case.rows.len()).sum::<usize>() >= 44, "no row is lost");
    for case in &cases {
        let family = HELD.iter().find(|(name, _)| *name == case.name).map(|(_, family)| family);
        let family = family.unwrap_or_else(|| panic!("no test holds the case {}", case.name));
        for Row { metric, expected, .. } in &case.rows {
            let told = (family.theory)(case, metric);
            let told = told.unwrap_or_else(|| panic!("{}: no formula of {metric}", case.name));
            let off = (told / expected - 1.0).abs();
            assert!(off < PRINTED, "{}: {metric} is {told}, not {expected}", case.name);
        }
    }
    let named: BTreeSet<&str> = HELD.iter().map(|(name, _)| *name).collect();
    assert_eq!(named.len(), cases.len(), "each case is tested once, and each test has its case");
}
