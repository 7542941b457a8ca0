//! The table of cases (`cases/m2.csv`): every policy with its class and its numbers.

use topup_sim::study::verify::storm::{attempts, budget};

use super::storm::{CALM, Class, Run, class, mean, storm, tell};

/// The table, as it was measured by another simulator; see `cases/SOURCE.md`.
const TABLE: &str = include_str!("cases/m2.csv");

/// Numbers agree to this share.
const AGREES: f64 = 0.05;

/// A policy of the table.
struct Case {
    /// Its name there.
    name: &'static str,
    lambda: f64,
    expected: Class,
    sets: Vec<String>,
    /// Arrivals and settings over it that must not pass for it.
    control: (f64, Vec<String>),
}

fn case(
    name: &'static str,
    lambda: f64,
    expected: Class,
    sets: Vec<String>,
    control: (f64, Vec<String>),
) -> Case {
    Case { name, lambda, expected, sets, control }
}

fn jitter(least: &str) -> String {
    format!(
        "client.retry={{ exponential = {{ pause_min = \"{least}\", pause_max = \"20s\", \
         attempts_max = 4, jitter = \"full\" }} }}"
    )
}

fn budgeted(percent: u32) -> Vec<String> {
    std::iter::once(attempts(4)).chain(budget(percent, 0, 10)).collect()
}

/// All policies, in the order of the table.
fn cases() -> Vec<Case> {
    use Class::{Marginal, Never, Recovers};
    let four = || vec![attempts(4)];
    let calm = || vec![CALM.to_owned()];
    let with = |set: &str| vec![attempts(4), set.to_owned()];
    vec![
        case("no retries", 80.0, Recovers, vec![attempts(1)], (80.0, four())),
        case("3 retries, no budget", 80.0, Never, four(), (80.0, calm())),
        case(
            "3 retries + full jitter 0.1..20s, no budget",
            80.0,
            Never,
            vec![jitter("100ms")],
            (80.0, calm()),
        ),
        case(
            "3 retries + full jitter 1..20s, no budget",
            80.0,
            Never,
            vec![jitter("1s")],
            (80.0, calm()),
        ),
        case("3 retries + 10% budget (cap 10)", 80.0, Recovers, budgeted(10), (80.0, budgeted(40))),
        case("3 retries + 20% budget (cap 10)", 80.0, Marginal, budgeted(20), (80.0, budgeted(40))),
        case(
            "3 retries + 20% budget cap 10, lam=90",
            90.0,
            Never,
            budgeted(20),
            (90.0, budgeted(5)),
        ),
        case("3 retries, lam=20 (<C/n=25)", 20.0, Recovers, four(), (30.0, four())),
        case("3 retries, lam=30 (>C/n)", 30.0, Never, four(), (20.0, four())),
        case(
            "3 retries, LIFO queue",
            80.0,
            Recovers,
            with("gateway.queue.order=\"lifo\""),
            (80.0, with("gateway.queue.order=\"fifo\"")),
        ),
        case(
            "3 retries, server drops already-timed-out work (deadline propagation)",
            80.0,
            Recovers,
            with("gateway.queue.drop_abandoned=true"),
            (80.0, with("gateway.queue.drop_abandoned=false")),
        ),
    ]
}

/// Goodput, attempts/s and recovery (s) of a policy in the table, by seed.
fn published(name: &str) -> Vec<(f64, f64, Option<f64>)> {
    let mut table = csv::Reader::from_reader(TABLE.as_bytes());
    let rows = table.records().map(|record| record.expect("the table is CSV"));
    let rows = rows.filter(|row| &row[1] == format!("M/M/1 metastable: {name}").as_str());
    let numbers = rows.map(|row| {
        let mut cells = row[4].split("; ").map(str::to_owned);
        let mut next = || cells.next().expect("three numbers");
        let (goodput, attempts, recovered) = (next(), next(), next());
        let number = |text: &str| text.parse::<f64>().expect("a number");
        (number(&goodput), number(&attempts), recovered.parse().ok())
    });
    numbers.collect()
}

/// The first thing in which runs differ from a policy of the table.
fn differs(case: &Case, runs: &[Run]) -> Option<String> {
    let found = class(case.lambda, runs);
    let rows = published(case.name);
    assert_eq!(rows.len(), 3, "three seeds of {}", case.name);
    let theirs = |of: fn(&(f64, f64, Option<f64>)) -> f64| rows.iter().map(of).sum::<f64>() / 3.0;
    if case.expected == Class::Marginal {
        return outside(&rows, runs);
    }
    if found != case.expected {
        return Some(format!("{found:?} for {:?}", case.expected));
    }
    for (what, ours, theirs) in [
        ("goodput", mean(runs, |run| run.goodput), theirs(|row| row.0)),
        ("attempts", mean(runs, |run| run.attempts), theirs(|row| row.1)),
    ] {
        // nothing is nothing: what is left in the queue may be one or the other
        if (ours - theirs).abs() > AGREES * theirs.max(1.0) {
            return Some(format!("{what}: {ours:.2}/s for {theirs:.2}/s"));
        }
    }
    let recovered = |row: &(f64, f64, Option<f64>)| row.2;
    let at: Vec<f64> = rows.iter().filter_map(recovered).collect();
    let seen: Vec<f64> = runs.iter().filter_map(|run| Some(run.recovered? as f64)).collect();
    if at.len() != seen.len() {
        return Some(format!("back at {seen:?} s for {at:?} s"));
    }
    if at.is_empty() {
        return None;
    }
    // when it is back varies with the luck of arrivals and services
    let (ours, theirs) = (Times::of(&seen), Times::of(&at));
    let error = (ours.variance / 3.0 + theirs.variance / 3.0).sqrt();
    ((ours.mean - theirs.mean).abs() > 3.0 + 3.0 * error)
        .then(|| format!("back at {:.0} s for {:.0} s", ours.mean, theirs.mean))
}

struct Times {
    mean: f64,
    variance: f64,
}

impl Times {
    fn of(times: &[f64]) -> Self {
        let n = times.len() as f64;
        let mean = times.iter().sum::<f64>() / n;
        let squares: f64 = times.iter().map(|t| (t - mean).powi(2)).sum();
        Self { mean, variance: squares / (n - 1.0) }
    }
}

/// On the boundary nothing is sure but the range: 1.2 λ = 96/s of 100/s.
fn outside(rows: &[(f64, f64, Option<f64>)], runs: &[Run]) -> Option<String> {
    let most = rows.iter().map(|row| row.1).fold(0.0, f64::max) * (1.0 + AGREES);
    let least = rows.iter().map(|row| row.1).fold(f64::MAX, f64::min) * (1.0 - AGREES);
    let wrong = runs.iter().find(|run| !(least..most).contains(&run.attempts));
    wrong.map(|run| format!("{} attempts/s are not {least:.0} to {most:.0}", run.attempts))
}

/// Catches: retries that are not sent, are sent late or cost nothing; work that stops when the app
/// gives up; a budget that pays too much or too little; a queue in the wrong order.
#[test]
fn every_policy_of_the_table_ends_as_it_is_published() {
    let mut wrong = Vec::new();
    for case in cases() {
        let runs = storm(case.lambda, &case.sets);
        tell(case.name, case.lambda, &runs);
        if let Some(what) = differs(&case, &runs) {
            wrong.push(format!("{}: {what}\n  {runs:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The control of each policy: one that differs from it in one thing does not pass for it.
#[test]
fn no_control_passes_for_its_policy() {
    for case in cases() {
        let (lambda, sets) = &case.control;
        let sets: Vec<String> = case.sets.iter().chain(sets).cloned().collect();
        let runs = storm(*lambda, &sets);
        assert!(differs(&case, &runs).is_some(), "the control of {}: {runs:?}", case.name);
    }
}

/// Catches: a policy of the table that nobody runs.
#[test]
fn every_row_of_the_table_has_a_case() {
    let table = csv::Reader::from_reader(TABLE.as_bytes()).into_records();
    let names = table.map(|record| record.expect("the table is CSV")[1].to_owned());
    for name in names {
        let known = cases().iter().any(|case| name.ends_with(case.name));
        assert!(known, "{name}");
    }
}
