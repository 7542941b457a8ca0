//! Down for good, or not: the boundary of collapse, and the published storm under its controls.
//!
//! One worker of 100 jobs a second stands still for ten seconds. Nobody tells it which calls were
//! given up, so a system that then asks for more than it can do stays down.

use super::super::case::{Case, Check, Control, Size};
use super::super::theory::attempts_while_down;
use super::{S, owned};
use crate::model::outcome::Marks;
use crate::record::Summary;

/// What the worker can do, jobs/s.
const CAPACITY: f64 = 100.0;

/// What is judged is the last minute of 400 seconds.
const SIZE: Size =
    Size { warmup: 340.0 * S, measured: 60.0 * S, replications: 10, thorough: (1, 10) };

/// Orders have no numbers, so neither the order store nor the provider recognises a repeated
/// attempt and each is served in full; nobody enters a top-up again or asks for a refund.
fn storm() -> Vec<String> {
    owned([
        // a budget lives from those who come: the last of the cohort need others behind them
        "drain=\"10s\"",
        "gateway.workers=1",
        "gateway.service={ exponential = \"10ms\" }",
        "gateway.order_store=false",
        "client.key=\"none\"",
        "client.timeout=\"1s\"",
        "providers.direct.deduplicates=false",
        "refunds.applies=\"0%\"",
        "incidents.frozen={ target = \"gateway\", at = \"60s\", lasts = \"10s\", \
         effect = { pause = true } }",
    ])
}

/// A policy: top-ups/s, attempts, and the budget of the whole app, if there is one: per cent of the
/// first attempts, and retries/s besides.
#[derive(Clone, Copy)]
struct Policy(f64, u32, Option<(u32, u32)>);

impl Policy {
    fn while_down(self) -> f64 {
        let budget = self.2.map(|(percent, reserve)| (f64::from(percent) / 100.0, reserve.into()));
        attempts_while_down(self.0, self.1, budget)
    }

    fn sets(self) -> Vec<String> {
        let mut sets = vec![
            format!("arrivals.rate=\"{}/s\"", self.0),
            format!("client.retry={{ fixed = {{ pause = \"0s\", attempts_max = {} }} }}", self.1),
        ];
        if let Some((percent, reserve)) = self.2 {
            sets.push("client.instances=1".to_owned());
            sets.push(format!(
                "client.budget={{ ratio = \"{percent}%\", reserve = \"{reserve}/s\", retries_max = \
                 10 }}"
            ));
        }
        sets
    }

    fn words(self) -> String {
        let attempts = if self.1 == 1 { "attempt" } else { "attempts" };
        let budget = match self.2 {
            None => String::new(),
            Some((percent, 0)) => format!(", budget {percent} %"),
            Some((percent, reserve)) => format!(", budget {percent} % and {reserve}/s"),
        };
        format!("{}/s, {} {attempts}{budget}", self.0, self.1)
    }
}

/// Pairs on both sides of the boundary, which differ in one number; each is the control of the
/// other.
const PAIRS: [[Policy; 2]; 7] = [
    // top-ups/s: C / n is 50, 33.3, 25 and 12.5
    [Policy(44.0, 2, None), Policy(56.0, 2, None)],
    [Policy(29.0, 3, None), Policy(37.0, 3, None)],
    [Policy(22.0, 4, None), Policy(28.0, 4, None)],
    [Policy(11.0, 8, None), Policy(14.0, 8, None)],
    // attempts
    [Policy(40.0, 2, None), Policy(40.0, 3, None)],
    // the share of a budget
    [Policy(80.0, 4, Some((10, 0))), Policy(80.0, 4, Some((40, 0)))],
    // its reserve
    [Policy(60.0, 4, Some((10, 20))), Policy(60.0, 4, Some((10, 50)))],
];

/// What ends the published storm of 80/s and four attempts, and the same with a value that does
/// not: a bound that lets work wait for longer than the app does.
const CONTROLS: [[&str; 3]; 5] = [
    ["last come, first served", "gateway.queue.order=\"lifo\"", "gateway.queue.order=\"fifo\""],
    [
        "work that nobody waits for is dropped",
        "gateway.queue.drop_abandoned=true",
        "gateway.queue.drop_abandoned=false",
    ],
    ["at most 50 wait", "gateway.queue.max=50", "gateway.queue.max=500"],
    [
        "patience of half a second",
        "gateway.queue.patience=\"500ms\"",
        "gateway.queue.patience=\"5s\"",
    ],
    [
        "a limit that adapts",
        "gateway.limit={ aimd = {} }",
        "gateway.limit={ aimd = { initial = 300, min = 300, max = 300 } }",
    ],
];

pub(super) fn cases() -> Vec<Case> {
    let pairs = PAIRS.iter().flat_map(|&[below, above]| [(below, above), (above, below)]);
    let boundary = pairs.map(|(policy, other)| beside_boundary(policy, other));
    boundary.chain(CONTROLS.iter().map(controlled)).collect()
}

fn beside_boundary(policy: Policy, other: Policy) -> Case {
    let down = policy.while_down() > CAPACITY;
    let mut checks = vec![back(if down { 0.0 } else { 1.0 })];
    if down {
        // those who come in the last minute find it down, to their last attempt
        let expected = policy.while_down() / policy.0;
        let attempts = |seen: &Summary| seen.all.attempts as f64 / seen.all.top_ups as f64;
        checks.push(Check::mean("attempts per top-up", expected, attempts));
    }
    Case {
        name: format!("Collapse: {}", policy.words()),
        source: "boundary of collapse, docs/validation.md",
        sets: [storm(), policy.sets()].concat(),
        control: Control { what: other.words(), sets: other.sets() },
        size: SIZE,
        checks,
    }
}

/// Whether all but a few hear of success in the last minute, as a share of replications.
fn back(expected: f64) -> Check {
    Check::share("share of runs that come back", expected, |seen| {
        let unheard = seen.all.marked(Marks::UNKNOWN_OUTCOME) as f64 / seen.all.top_ups as f64;
        (u64::from(unheard < 0.1), 1)
    })
}

fn controlled(&[name, set, wrong]: &[&str; 3]) -> Case {
    let storm = [storm(), Policy(80.0, 4, None).sets()].concat();
    Case {
        name: format!("Storm of 80/s, 4 attempts: {name}"),
        source: "published storm, docs/validation.md",
        sets: [storm, vec![set.to_owned()]].concat(),
        control: Control { what: wrong.to_owned(), sets: vec![wrong.to_owned()] },
        size: SIZE,
        checks: vec![back(1.0)],
    }
}
