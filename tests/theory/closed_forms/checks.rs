//! How far a measured value is from theory, on one scale for all kinds of evidence.

use std::io::Write;

use statrs::distribution::{Binomial, ChiSquared, ContinuousCDF, DiscreteCDF, Normal, StudentsT};
use topup_sim::record::Summary;

/// Scores beyond this fail: six standard deviations.
pub(crate) const LIMIT: f64 = 6.0;

/// One comparison.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    what: String,
    value: f64,
    expected: f64,
    score: f64,
}

/// A mean of `n` independent values of standard deviation `sd`.
pub(crate) fn mean(what: &str, value: f64, expected: f64, sd: f64, n: f64) -> Check {
    Check { what: what.to_owned(), value, expected, score: (value - expected) * n.sqrt() / sd }
}

/// A number of events in `n` independent trials, by the exact binomial tail.
pub(crate) fn count(what: &str, events: u64, n: u64, p: f64) -> Check {
    let law = Binomial::new(p, n).expect("a probability");
    let below = law.cdf(events);
    let above = if events == 0 { 1.0 } else { law.sf(events - 1) };
    let score = match (events, p) {
        // what cannot be has not been
        (0, p) if p <= 0.0 => 0.0,
        _ if below < above => -from_tail(below),
        _ => from_tail(above),
    };
    Check { what: what.to_owned(), value: events as f64, expected: p * n as f64, score }
}

/// Values of independent replications, by Student's t; a t as unlikely as 6 scores 6.
pub(crate) fn over_replications(what: &str, values: &[f64], expected: f64) -> Check {
    let n = values.len() as f64;
    assert!(n >= 30.0, "replications have a variance worth the name from 30 on");
    let value = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - value).powi(2)).sum::<f64>() / (n - 1.0);
    let t = (value - expected) / (variance / n).sqrt();
    let law = StudentsT::new(0.0, 1.0, n - 1.0).expect("degrees of freedom");
    let limit = -law.inverse_cdf(Normal::standard().cdf(-LIMIT));
    Check { what: what.to_owned(), value, expected, score: t * LIMIT / limit }
}

/// A value of each replication, by Student's t.
pub(crate) fn each(
    what: &str,
    seen: &[Summary],
    of: impl Fn(&Summary) -> f64,
    expected: f64,
) -> Check {
    over_replications(what, &seen.iter().map(of).collect::<Vec<f64>>(), expected)
}

/// A sum of squares against the chi-square law.
pub(crate) fn chi_square(what: &str, value: f64, freedom: f64) -> Check {
    let law = ChiSquared::new(freedom).expect("degrees of freedom");
    let (below, above) = (law.cdf(value), law.sf(value));
    let score = if below < above { -from_tail(below) } else { from_tail(above) };
    Check { what: what.to_owned(), value, expected: freedom, score }
}

/// The Kolmogorov-Smirnov distance of a sorted sample from a law; D = 3 / sqrt(n) scores 6
/// (false alarms: 2 exp(-18), 3e-8).
pub(crate) fn distance(what: &str, sorted: &[f64], law: impl Fn(f64) -> f64) -> Check {
    let n = sorted.len() as f64;
    let steps = sorted.iter().enumerate().map(|(i, &x)| {
        let p = law(x);
        (p - i as f64 / n).max((i as f64 + 1.0) / n - p)
    });
    let value = steps.fold(0.0, f64::max);
    Check { what: what.to_owned(), value, expected: 0.0, score: value * n.sqrt() * LIMIT / 3.0 }
}

/// The score of a tail probability.
fn from_tail(tail: f64) -> f64 {
    if tail <= 1e-300 { 37.0 } else { -Normal::standard().inverse_cdf(tail.min(1.0)) }
}

/// Asserts that theory holds.
#[track_caller]
pub(crate) fn hold(checks: &[Check]) {
    tell(checks);
    let failed: Vec<String> = failed(checks).map(Check::told).collect();
    assert!(failed.is_empty(), "not as theory says:\n  {}", failed.join("\n  "));
}

/// Asserts that a scenario which is slightly off is told from the theory of the right one, by the
/// checks of that name.
#[track_caller]
pub(crate) fn catch(checks: &[Check], what: &str) {
    tell(checks);
    assert!(checks.iter().any(|check| check.what == what), "there is a check of {what}");
    let told: Vec<String> = checks.iter().map(Check::told).collect();
    let caught = failed(checks).any(|check| check.what == what);
    assert!(caught, "the negative control passes for the right one:\n  {}", told.join("\n  "));
}

/// Tells all scores on stderr when `TOPUP_SIM_SCORES` is set: what `docs/validation.md` shows.
fn tell(checks: &[Check]) {
    if std::env::var_os("TOPUP_SIM_SCORES").is_none() {
        return;
    }
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let lines: String = checks.iter().map(|check| format!("{test} | {}\n", check.told())).collect();
    std::io::stderr().write_all(lines.as_bytes()).expect("stderr takes text");
}

fn failed(checks: &[Check]) -> impl Iterator<Item = &Check> {
    let holds = |score: f64| score.is_finite() && score.abs() <= LIMIT;
    checks.iter().filter(move |check| !holds(check.score))
}

impl Check {
    /// The check of that name among others.
    pub(crate) fn named(checks: &[Check], what: &str) -> Check {
        let found = checks.iter().find(|check| check.what == what);
        found.unwrap_or_else(|| panic!("there is a check of {what}")).clone()
    }

    fn told(&self) -> String {
        let Check { what, value, expected, score } = self;
        format!("{what}: {value} where theory says {expected} (score {score:.2})")
    }
}
