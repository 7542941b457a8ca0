//! Lossy retries without an order number: independent losses on both legs, a bound on attempts.
//!
//! A request is lost with probability a, an answer with r; every request that arrives captures.
//! Source of the formulas: STATISTICS A and VALIDATION_RETRY section 2 (`docs/validation.md`).

use topup_sim::model::outcome::{Marks, Outcome};

use topup_sim::record::Summary;
use topup_sim::study::verify::theory::{LossyCalls, LossyLaw};

use super::cases::{self, Family, Seen};
use super::checks::{Check, catch, count, hold, mean};
use super::identity::{replications, scenario};

/// The case Retry.
pub(crate) const FAMILY: Family = Family { theory, run, check, also: &[] };

/// A client and its network.
type Case = LossyCalls;

/// The exact law of one top-up.
type Theory = LossyLaw;

/// About `n` top-ups of such a client.
fn calls(case: Case, n: u32) -> Vec<Summary> {
    let legs = [case.up, case.down].map(|share| share * 100.0);
    replications(&scenario(&[
        "replications=1".to_owned(),
        "length=\"1000s\"".to_owned(),
        format!("arrivals.rate=\"{}/s\"", n / 1000),
        "client.timeout=\"1s\"".to_owned(),
        "client.key=\"none\"".to_owned(),
        format!("network.wire.loss={{ up = \"{}%\", down = \"{}%\" }}", legs[0], legs[1]),
        format!(
            "client.retry={{ fixed = {{ pause = \"0s\", attempts_max = {} }} }}",
            case.attempts
        ),
    ]))
}

/// Runs about `n` top-ups and holds them against a theory.
fn against(case: Case, theory: &Theory, n: u32) -> Vec<Check> {
    let seen = &calls(case, n)[0];
    METRICS.iter().filter_map(|metric| held(theory, seen, metric)).collect()
}

/// What a run is held against, in the words of the table.
const METRICS: [&str; 7] = [
    "E_attempts",
    "E_executions",
    "E_duplicates (no idempotency key)",
    "P_success_seen",
    "P_never_executed",
    "P_duplicate_charge (>=2 executions)",
    "P_executed_but_client_sees_failure",
];

fn told(law: &Theory, metric: &str) -> Option<f64> {
    Some(match metric {
        "E_attempts" => law.attempts.0,
        "E_executions" => law.captures.0,
        "E_duplicates (no idempotency key)" => law.extra.0,
        "P_success_seen" => law.success,
        "P_never_executed" => law.never,
        "P_duplicate_charge (>=2 executions)" => law.twice,
        "P_executed_but_client_sees_failure" => law.charged_shown_failed,
        _ => return None,
    })
}

/// Means by their exact variance; events, rare ones among them, by their exact count.
fn held(law: &Theory, seen: &Summary, metric: &str) -> Option<Check> {
    let all = &seen.all;
    let n = all.top_ups;
    let per_top_up = |sum: u64, (expected, sd): (f64, f64)| {
        mean(metric, sum as f64 / n as f64, expected, sd.max(1e-12), n as f64)
    };
    let events = |events: u64, p: f64| count(metric, events, n, p);
    // a top-up is 100.00 CNY
    let extra = (all.duplicate_amount / 10_000) as u64;
    let failed = all.marked(Marks::CHARGED_SHOWN_FAILED);
    Some(match metric {
        "E_attempts" => per_top_up(all.attempts, law.attempts),
        "E_executions" => per_top_up(all.captures, law.captures),
        "E_duplicates (no idempotency key)" => per_top_up(extra, law.extra),
        // success is all but certain: its absence is what can be counted
        "P_success_seen" => events(all.marked(Marks::UNKNOWN_OUTCOME), 1.0 - law.success),
        "P_never_executed" => events(all.outcome(Outcome::GaveUp), law.never),
        "P_duplicate_charge (>=2 executions)" => {
            events(all.marked(Marks::DUPLICATE_CHARGE), law.twice)
        }
        "P_executed_but_client_sees_failure" => events(failed, law.charged_shown_failed),
        _ => return None,
    })
}

fn client_of(case: &cases::Case) -> Case {
    let loss = case.param("loss each way");
    Case { up: loss, down: loss, attempts: case.between("up to", "attempts") as u32 }
}

fn theory(case: &cases::Case, metric: &str) -> Option<f64> {
    told(&client_of(case).law(), metric)
}

fn run(case: &cases::Case, times: u32) -> Vec<Summary> {
    calls(client_of(case), 2_000_000 * times)
}

fn check(case: &cases::Case, seen: &Seen, metric: &str) -> Option<Check> {
    held(&client_of(case).law(), &seen.runs[0], metric)
}

const A: Case = Case { up: 0.05, down: 0.03, attempts: 3 };
const L1: Case = Case { up: 0.05, down: 0.05, attempts: 1 };
const L2: Case = Case { up: 0.05, down: 0.05, attempts: 3 };
const L4: Case = Case { up: 0.0, down: 0.01, attempts: 3 };

/// Catches: a slip in the enumeration that the other tests take as their theory.
#[test]
fn the_enumeration_gives_the_published_numbers() {
    let near = |value: f64, published: f64| {
        assert!((value / published - 1.0).abs() < 3e-9, "{value} is not {published}");
    };
    let a = A.law();
    near(a.success, 0.999_516_263_375);
    near(a.attempts.0, 1.084_662_25);
    assert!((a.attempts.1.powi(2) - 0.089_819_053).abs() < 1e-9);
    near(a.captures.0, 1.030_429_137_5);
    near(a.never, 0.000_125);
    near(a.twice, 0.029_782_5);
    near(a.charged_shown_failed, 0.000_358_736_625);
    let (l1, l2, l4) = (L1.law(), L2.law(), L4.law());
    near(l1.success, 0.902_5);
    near(l1.charged_shown_failed, 0.047_5);
    near(l2.attempts.0, 1.107_006_25);
    near(l2.twice, 0.049_637_5);
    near(l4.twice, 0.01);
    near(l4.charged_shown_failed, 0.000_001);
}

/// Catches: losses drawn once for both legs or again for the same attempt, an attempt too many or
/// too few, a capture that a lost answer undoes, a wrong last word to the user.
pub(crate) fn three_attempts(times: u32) {
    hold(&against(A, &A.law(), 2_500_000 * times));
}

/// Control: a loss of 5.2 % for 5 % (11.9 standard errors of the attempts at this n).
#[test]
fn three_attempts_over_two_lossy_legs() {
    three_attempts(1);
    let off = Case { up: 0.052, ..A };
    catch(&against(off, &A.law(), 2_500_000), "E_attempts");
}

/// Catches: a retry where none is allowed (L1), unequal handling of the two legs (L2), a loss where
/// there is none (L4). Rare events are bounds on counts.
pub(crate) fn other_clients(times: u32) {
    for case in [L1, L2, L4] {
        hold(&against(case, &case.law(), 1_000_000 * times));
    }
}

#[test]
fn other_losses_and_other_bounds_on_attempts() {
    other_clients(1);
}
