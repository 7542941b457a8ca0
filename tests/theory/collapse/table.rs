//! The published table of the storm: every policy with its class and its numbers.

use topup_sim::study::verify::metastable::{AGREES, Class, Numbers, Row, TABLE, rows};

use super::storm::{Run, class, mean, storm, tell};

/// The first thing in which runs differ from a policy of the table.
fn differs(case: &Row, runs: &[Run]) -> Option<String> {
    let found = class(case.rate, runs);
    let rows = case.published();
    assert_eq!(rows.len(), 3, "three seeds of {}", case.name);
    let theirs = |of: fn(&Numbers) -> f64| rows.iter().map(of).sum::<f64>() / 3.0;
    if case.class == Class::Marginal {
        return outside(&rows, runs);
    }
    if found != case.class {
        return Some(format!("{found:?} for {:?}", case.class));
    }
    for (what, ours, theirs) in [
        ("goodput", mean(runs, |run| run.goodput), theirs(|row| row.goodput)),
        ("attempts", mean(runs, |run| run.attempts), theirs(|row| row.attempts)),
    ] {
        // nothing is nothing: what is left in the queue may be one or the other
        if (ours - theirs).abs() > AGREES * theirs.max(1.0) {
            return Some(format!("{what}: {ours:.2}/s for {theirs:.2}/s"));
        }
    }
    let at: Vec<f64> = rows.iter().filter_map(|row| row.back).collect();
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
fn outside(rows: &[Numbers], runs: &[Run]) -> Option<String> {
    let most = rows.iter().map(|row| row.attempts).fold(0.0, f64::max) * (1.0 + AGREES);
    let least = rows.iter().map(|row| row.attempts).fold(f64::MAX, f64::min) * (1.0 - AGREES);
    let wrong = runs.iter().find(|run| !(least..most).contains(&run.attempts));
    wrong.map(|run| format!("{} attempts/s are not {least:.0} to {most:.0}", run.attempts))
}

/// Catches: retries that are not sent, are sent late or cost nothing; work that stops when the app
/// gives up; a budget that pays too much or too little; a queue in the wrong order.
#[test]
fn every_policy_of_the_table_ends_as_it_is_published() {
    let mut wrong = Vec::new();
    for case in rows() {
        let runs = storm(case.rate, &case.sets);
        tell(case.name, case.rate, &runs);
        if let Some(what) = differs(&case, &runs) {
            wrong.push(format!("{}: {what}\n  {runs:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The control of each policy: one that differs from it in one thing does not pass for it.
#[test]
fn no_control_passes_for_its_policy() {
    for case in rows() {
        let (_, lambda, sets) = &case.control;
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
        let known = rows().iter().any(|case| name.ends_with(case.name));
        assert!(known, "{name}");
    }
}
