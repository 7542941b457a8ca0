//! Single top-ups: lossy retries, a maintenance window, refunds in two stages.

use super::super::case::cells;
use super::super::case::{Case, Check, Control, HUNDREDFOLD, Kind, OFTEN, Size};
use super::super::theory::{LossyCalls, two_stages_longer};
use super::{MS, S, control, forty, owned};
use crate::model::cause::Cause;
use crate::model::outcome::{Marks, Outcome};
use crate::record::Summary;

pub(super) fn cases() -> Vec<Case> {
    let once = LossyCalls { up: 0.05, down: 0.05, attempts: 1 };
    let worse = LossyCalls { up: 0.06, down: 0.06, ..once };
    let charged =
        Check::mean("captures", once.law().captures.0, per_top_up(|seen| seen.all.captures));
    let all = [told(once), vec![charged]].concat();
    let mut cases = vec![lossy(once, ("6 % of each lost for 5 %", worse), all)];
    let again = |up, down, attempts| LossyCalls { up, down, attempts };
    for (calls, what, down, what_is_rare, seldom) in [
        (again(0.05, 0.03, 3), "4 % of answers lost for 3 %", 0.04, "10 % for 5 %", (0.1, 0.03)),
        (again(0.05, 0.05, 3), "6 % of answers lost for 5 %", 0.06, "10 % for 5 %", (0.1, 0.05)),
        (again(0.0, 0.01, 3), "1.4 % for 1 %", 0.014, "5 % of answers lost for 1 %", (0.0, 0.05)),
        (again(0.02, 0.02, 4), "3 % for 2 %", 0.03, "10 % each for 2 %", (0.1, 0.1)),
    ] {
        let (up_then, down_then) = seldom;
        let rare = LossyCalls { up: up_then, down: down_then, ..calls };
        cases.push(lossy(calls, (what, LossyCalls { down, ..calls }), often(calls)));
        let ends = lossy(calls, (what_is_rare, rare), rarely(calls));
        cases.push(Case { name: format!("{}: what is rare", ends.name), ..ends });
    }
    cases.extend([window(), refunds()]);
    cases
}

fn sets(calls: LossyCalls) -> Vec<String> {
    let [up, down] = [calls.up, calls.down].map(|share| share * 100.0);
    vec![
        format!("network.wire.loss={{ up = \"{up:.4}%\", down = \"{down:.4}%\" }}"),
        format!(
            "client.retry={{ fixed = {{ pause = \"0s\", attempts_max = {} }} }}",
            calls.attempts
        ),
    ]
}

fn lossy(calls: LossyCalls, wrong: (&str, LossyCalls), checks: Vec<Check>) -> Case {
    let mut all =
        owned(["arrivals.rate=\"500/s\"", "client.timeout=\"1s\"", "client.key=\"none\""]);
    all.extend(sets(calls));
    let attempts = if calls.attempts == 1 { "attempt" } else { "attempts" };
    let [up, down] = [calls.up, calls.down].map(|share| share * 100.0);
    Case {
        name: format!("{} {attempts} over lossy legs, {up} % and {down} %", calls.attempts),
        source: "enumeration",
        kind: Kind::Single,
        sets: all,
        control: Control { what: wrong.0.to_owned(), sets: sets(wrong.1) },
        size: Size { warmup: 0.0, measured: 12.5 * S, replications: 40, thorough: HUNDREDFOLD },
        checks,
    }
}

fn per_top_up(sum: fn(&Summary) -> u64) -> impl Fn(&Summary) -> f64 {
    move |seen| sum(seen) as f64 / seen.all.top_ups as f64
}

fn of_top_ups(events: impl Fn(&Summary) -> u64) -> impl Fn(&Summary) -> (u64, u64) {
    move |seen| (events(seen), seen.all.top_ups)
}

fn marked(mark: Marks) -> impl Fn(&Summary) -> u64 {
    move |seen| seen.all.marked(mark)
}

fn often(calls: LossyCalls) -> Vec<Check> {
    let law = calls.law();
    let twice = of_top_ups(marked(Marks::DUPLICATE_CHARGE));
    vec![
        Check::mean("attempts", law.attempts.0, per_top_up(|seen| seen.all.attempts)),
        Check::mean("captures", law.captures.0, per_top_up(|seen| seen.all.captures)),
        Check::share("share charged twice", law.twice, twice),
    ]
}

/// Success is all but certain: its absence is what can be counted. Its control is far off, since
/// what is expected is down to one end in six million.
fn rarely(calls: LossyCalls) -> Vec<Check> {
    let law = calls.law();
    let mut checks = told(calls);
    if law.never > 0.0 {
        let never = of_top_ups(|seen| seen.all.outcome(Outcome::GaveUp));
        checks.push(Check::share("share never charged", law.never, never));
    }
    checks
}

/// What the app tells, and what it does not.
fn told(calls: LossyCalls) -> Vec<Check> {
    let law = calls.law();
    let failed = of_top_ups(marked(Marks::CHARGED_SHOWN_FAILED));
    let unheard = of_top_ups(marked(Marks::UNKNOWN_OUTCOME));
    vec![
        Check::share("share without an answer", 1.0 - law.success, unheard),
        Check::share("share charged and shown failed", law.charged_shown_failed, failed),
    ]
}

/// Arrivals of a constant rate, and a window of six minutes an hour that turns all of them away:
/// given their number, arrivals are uniform over time.
fn window() -> Case {
    let window = |lasts: &str| {
        format!(
            "incidents.window={{ target = \"gateway\", at = \"20m\", lasts = \"{lasts}\", effect = \
             {{ refuse = \"platform_maintenance\" }} }}"
        )
    };
    let refused = of_top_ups(|seen| seen.cause(Cause::PlatformMaintenance).strikes);
    Case {
        name: "Poisson arrivals at a maintenance window".to_owned(),
        source: "the law of Poisson arrivals",
        kind: Kind::Single,
        sets: vec!["arrivals.rate=\"1.5/s\"".to_owned(), window("6m")],
        control: control(
            "1.6/s for 1.5/s, and 6.5 minutes for 6",
            ["arrivals.rate=\"1.6/s\"".to_owned(), window("390s")],
        ),
        // a longer run would have the same single window
        size: Size { warmup: 0.0, measured: 3600.0 * S, replications: 40, thorough: OFTEN },
        checks: vec![
            Check::mean("arrivals in an hour", 5_400.0, |seen| seen.all.top_ups as f64),
            Check::share("share turned away", 0.1, refused),
        ],
    }
}

/// Every answer of the provider is lost, so that each capture becomes a case: noticed after Exp(2
/// h), and back after Exp(24 h). Reconciliation comes too late for any.
fn refunds() -> Case {
    const HOUR: f64 = 3_600.0 * S;
    let later = |ns: f64| two_stages_longer(2.0 * HOUR, 24.0 * HOUR, ns);
    let hours = |seen: &Summary| seen.refunds.rails[0].latency.mean().unwrap_or(f64::NAN) / HOUR;
    let all = |seen: &Summary| cells(&seen.refunds.rails[0].latency);
    let back = |mean: &str| format!("refunds.rail={{ exponential = \"{mean}\" }}");
    let mut sets = owned([
        "arrivals.rate=\"200/s\"",
        "providers.direct.line.loss_down=\"100%\"",
        "gateway.timeout=\"1ns\"",
        "reconciliation.days_later=30",
        "refunds.notice={ exponential = \"2h\" }",
        "targets.success_share=\">= 0%\"",
    ]);
    sets.push(back("24h"));
    Case {
        name: "Refunds in two stages, notice and rail".to_owned(),
        source: "the sum of two exponential times",
        kind: Kind::Single,
        sets,
        control: control("a rail of 26 h for 24 h", [back("26h")]),
        size: forty(MS, 0.0, 25_000.0),
        checks: vec![
            Check::mean("mean (hours)", 2.0 + 24.0, hours),
            Check::law("distance of the law", all, move |ns| 1.0 - later(ns)),
        ],
    }
}
