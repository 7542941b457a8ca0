//! A storm of retries that outlives its trigger: the scenario, policies on both sides of the
//! boundary of collapse, and what ends it.
//!
//! One worker of 100 jobs a second stands still from 60 to 70 s. Nobody tells it which calls were
//! given up, so a system that then asks for more than it can do stays down.

use super::theory::attempts_while_down;

/// What the worker can do, jobs/s.
pub const CAPACITY: f64 = 100.0;

/// Settings over the identity scenario, which is nearly the queue of the published table: no hop
/// takes time, nothing is lost or declined. Orders have no numbers, so neither the order store nor
/// the provider recognises a repeated attempt and each is served in full; nobody enters a top-up
/// again or asks for a refund.
pub const STORM: [&str; 9] = [
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
];

/// An app that tries so many times, at once.
pub fn attempts(n: u32) -> String {
    format!("client.retry={{ fixed = {{ pause = \"0s\", attempts_max = {n} }} }}")
}

/// A budget of the whole app: per cent of the first attempts, retries/s besides, and at most so
/// many saved up.
pub fn budget(percent: u32, reserve: u32, cap: u32) -> [String; 2] {
    let budget = format!("ratio = \"{percent}%\", reserve = \"{reserve}/s\", retries_max = {cap}");
    [format!("client.budget={{ {budget} }}"), "client.instances=1".to_owned()]
}

/// A policy: top-ups/s, attempts, and the budget of the whole app, if there is one: per cent of the
/// first attempts, and retries/s besides.
#[derive(Clone, Copy, Debug)]
pub struct Policy(pub f64, pub u32, pub Option<(u32, u32)>);

impl Policy {
    /// Attempts a second while everything fails.
    pub fn while_down(self) -> f64 {
        let budget = self.2.map(|(percent, reserve)| (f64::from(percent) / 100.0, reserve.into()));
        attempts_while_down(self.0, self.1, budget)
    }

    /// Its settings over those of the storm.
    pub fn sets(self) -> Vec<String> {
        let mut sets = vec![format!("arrivals.rate=\"{}/s\"", self.0), attempts(self.1)];
        sets.extend(
            self.2.map(|(percent, reserve)| budget(percent, reserve, 10)).into_iter().flatten(),
        );
        sets
    }

    /// It in words.
    pub fn words(self) -> String {
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
pub const PAIRS: [[Policy; 2]; 7] = [
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

/// The storm that controls are held against: it stays down for ever without them.
pub const PUBLISHED: Policy = Policy(80.0, 4, None);

/// A control that ends the published storm. Those that keep waits below the app's time-out end it
/// at once, or when the abandoned work is gone; priority and rate let the queue drain first.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// It in words.
    pub name: &'static str,
    /// Its setting.
    pub set: &'static str,
    /// The latest second at which the system is back.
    pub latest: usize,
    /// A setting that does not end it: a bound that lets work wait for longer than the app does, or
    /// is above the capacity; where there is no such bound, a load above the capacity.
    pub idle: &'static str,
}

const fn ends(name: &'static str, set: &'static str, latest: usize, idle: &'static str) -> Ends {
    Ends { name, set, latest, idle }
}

const TOO_MANY: &str = "arrivals.rate=\"110/s\"";

/// All of them.
pub const CONTROLS: [Ends; 11] = [
    ends("at most 50 wait", "gateway.queue.max=50", 72, "gateway.queue.max=500"),
    ends(
        "patience of half a second",
        "gateway.queue.patience=\"500ms\"",
        72,
        "gateway.queue.patience=\"5s\"",
    ),
    ends(
        "last come, first served",
        "gateway.queue.order=\"lifo\"",
        72,
        "gateway.queue.order=\"fifo\"",
    ),
    ends(
        "last come, first served where many wait",
        "gateway.queue.order=\"adaptive_lifo\"",
        72,
        "gateway.queue.order=\"fifo\"",
    ),
    ends(
        "CoDel",
        "gateway.queue.codel={}",
        200,
        "gateway.queue.codel={ target = \"50s\", interval = \"100s\" }",
    ),
    ends(
        "work that nobody waits for is dropped",
        "gateway.queue.drop_abandoned=true",
        160,
        "gateway.queue.drop_abandoned=false",
    ),
    ends(
        "a limit by the trend of latencies",
        "gateway.limit={ gradient2 = {} }",
        72,
        "gateway.limit={ gradient2 = { initial = 300, min = 300, max = 300 } }",
    ),
    ends(
        "a limit by drops and time-outs",
        "gateway.limit={ aimd = {} }",
        72,
        "gateway.limit={ aimd = { initial = 300, min = 300, max = 300 } }",
    ),
    ends(
        "a limit by the queue",
        "gateway.limit={ vegas = {} }",
        200,
        "gateway.limit={ vegas = { initial = 1000 } }",
    ),
    ends("first attempts first", "gateway.priority=\"first_attempts\"", 130, TOO_MANY),
    ends(
        // at 95/s it takes 170 s, give or take 26, to work off the backlog: too near the end
        "90 attempts/s are let in",
        "gateway.rate={ limit = \"90/s\", burst = 20 }",
        200,
        "gateway.rate={ limit = \"110/s\", burst = 20 }",
    ),
];
