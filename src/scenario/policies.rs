//! When a policy sends again and what it makes of an outage, in numbers, for those above.

use super::{Scenario, presets};
use crate::model::plan::Plan;
use crate::model::retry::outage::in_outage;
use crate::model::retry::outlook::{CALLS, Forecast, Outlook, Pace, Way, outlooks};
use crate::model::retry::{BudgetSpec, Policy, PolicySpec, Preset, RetrySpec, Seen};
use crate::units::Span;

/// Calls a second that a process has in an outage.
pub const OUTAGE_RATES: [u64; 3] = [1, 10, 50];

/// A policy, its schedule, and what it makes of an outage.
#[derive(Clone, Debug)]
pub struct ShownPolicy {
    /// The preset's name, or the layer of a scenario.
    pub name: String,
    /// Whose policy it is.
    pub label: String,
    /// What it consists of, in words.
    pub says: Vec<(&'static str, String)>,
    /// Its schedule by what failed; none where it never tries again.
    pub cases: Vec<ShownCase>,
    /// Calls that are drawn for it.
    pub calls: usize,
    /// How attempts of the outage fail.
    pub outage: String,
    /// Attempts a call in a lasting outage, by [`OUTAGE_RATES`].
    pub attempts_in_outage: [f64; 3],
}

/// The retries after some ways of failing.
#[derive(Clone, Debug)]
pub struct ShownCase {
    /// The ways by name; empty where there is only one case.
    pub after: String,
    /// The retries, the first of a call first.
    pub retries: Vec<ShownRetry>,
}

/// One retry of a call that fails throughout.
#[derive(Clone, Copy, Debug)]
pub struct ShownRetry {
    /// Share of such calls that come to it.
    pub share: f64,
    /// The pause before it.
    pub pause: Spread,
    /// When it is sent, from sending the call's first attempt on.
    pub at: Spread,
}

/// A distribution, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The least of all.
    pub min: f64,
    /// 5 % are below.
    pub p05: f64,
    /// Half are below.
    pub p50: f64,
    /// 95 % are below.
    pub p95: f64,
    /// The greatest of all.
    pub max: f64,
    /// The mean.
    pub mean: f64,
}

impl Spread {
    /// Of nanoseconds in order; there is at least one.
    fn of(sorted: &[u64]) -> Self {
        let seconds = |ns: u64| ns as f64 / 1e9;
        let last = sorted.len() - 1;
        let at = |percent: usize| seconds(sorted[(last * percent).div_ceil(100)]);
        let sum: u128 = sorted.iter().copied().map(u128::from).sum();
        let mean = sum as f64 / sorted.len() as f64 / 1e9;
        let [min, max] = [0, last].map(|at| seconds(sorted[at]));
        Self { min, p05: at(5), p50: at(50), p95: at(95), max, mean }
    }

    fn exactly(seconds: f64) -> Self {
        let [min, p05, p50, p95, max, mean] = [seconds; 6];
        Self { min, p05, p50, p95, max, mean }
    }
}

/// A policy before it is drawn.
struct Layer<'p> {
    name: String,
    label: &'p str,
    policy: &'p Policy,
    budget: Option<BudgetSpec>,
    /// Whether calls share it; otherwise each has one of its own.
    is_shared: bool,
    /// From one hedge to the next, and attempts with hedges.
    hedge: Option<(u64, u32)>,
    pace: Pace,
    says: Vec<(&'static str, String)>,
}

/// A preset, each attempt of which fails so long after it is sent. An order number is taken as
/// given, and its budget as that of one process.
pub fn preset_policy(name: &str, fails_after: Span) -> Option<ShownPolicy> {
    let preset = Preset::by_name(name)?;
    let listed = presets::presets().into_iter().find(|listed| listed.name == name)?;
    let retry = &RetrySpec::Preset(preset);
    let spec = PolicySpec::of(retry);
    let last = preset.deadline.map_or(u64::MAX, |deadline| deadline.ns() - 1);
    let layer = Layer {
        name: preset.name.to_owned(),
        label: preset.label,
        policy: &Policy::build(&spec),
        budget: retry.budget(None),
        is_shared: true,
        hedge: preset.hedge.map(|hedge| (hedge.after.ns(), hedge.attempts_max)),
        pace: Pace { fails_after: fails_after.ns(), last },
        says: listed.says(),
    };
    Some(layer.shown())
}

/// The policies of a scenario's layers: that of the app, and that of the gateway if it has one.
pub fn policies_of(scenario: &Scenario, fails_after: Span) -> Vec<ShownPolicy> {
    let plan = &scenario.plan;
    let gateway = (!plan.gateway.retry.is_never()).then(|| gateway(scenario, plan, fails_after));
    let layers = [client(scenario, plan, fails_after)].into_iter().chain(gateway);
    layers.map(|layer| layer.shown()).collect()
}

fn client<'p>(scenario: &Scenario, plan: &'p Plan, fails_after: Span) -> Layer<'p> {
    let client = &plan.client;
    let deadline = client.deadline.map_or(u64::MAX, |deadline| deadline - 1);
    let mut says = said(scenario, "client", &client.retry, client.budget.as_ref());
    says.extend(client.deadline.map(|ns| ("deadline of a call", Span::from_ns(ns).to_string())));
    let patience = Span::from_ns(plan.users.screen_patience);
    says.push(("patience of users", patience.to_string()));
    let hedge = client.hedge.map(|hedge| (hedge.after, u32::from(hedge.attempts_max)));
    says.extend(hedge.map(|(after, attempts)| {
        let after = Span::from_ns(after);
        ("hedges", format!("after {after} each, at most {attempts} attempts"))
    }));
    Layer {
        name: format!("{}-client", scenario.name),
        label: "the app",
        policy: &client.retry,
        budget: client.budget.clone(),
        is_shared: client.instances > 0,
        hedge,
        pace: Pace { fails_after: fails_after.ns(), last: patience.ns().min(deadline) },
        says,
    }
}

fn gateway<'p>(scenario: &Scenario, plan: &'p Plan, fails_after: Span) -> Layer<'p> {
    let gateway = &plan.gateway;
    Layer {
        name: format!("{}-gateway", scenario.name),
        label: "the gateway towards providers",
        policy: &gateway.retry,
        budget: gateway.budget.clone(),
        is_shared: true,
        hedge: None,
        pace: Pace { fails_after: fails_after.ns(), last: u64::MAX },
        says: said(scenario, "gateway", &gateway.retry, gateway.budget.as_ref()),
    }
}

/// What a layer's policy consists of.
fn said(
    scenario: &Scenario,
    layer: &str,
    policy: &Policy,
    budget: Option<&BudgetSpec>,
) -> Vec<(&'static str, String)> {
    let mut says = Vec::new();
    let written = |key: &str| scenario.value(&format!("{layer}.{key}"));
    let preset = written("retry").and_then(|retry| Preset::by_name(retry.trim_matches('"')));
    says.extend(preset.map(|preset| ("preset", format!("{}, {}", preset.name, preset.label))));
    says.push(("attempts", policy.attempts_max().to_string()));
    says.extend(policy.schedule().map(|schedule| ("pauses", schedule.pauses_in_words())));
    let any = || "whatever another try may change".to_owned();
    says.push(("tries again on", policy.retry_on().map_or_else(any, |on| on.in_words())));
    says.push(("Retry-After", policy.on_retry_after().in_words().to_owned()));
    says.extend(budget.map(|budget| ("budget", budget.in_words())));
    says.extend(written("instances").map(|n| ("processes", n)));
    says.extend(written("breaker.like").map(|like| ("breaker", format!("like {like}"))));
    says
}

impl Layer<'_> {
    fn shown(&self) -> ShownPolicy {
        let drawn = outlooks(self.policy, self.pace);
        let way = outage_way(&drawn);
        let attempts_in_outage = OUTAGE_RATES.map(|rate| self.attempts(&drawn, way, rate));
        let hedged = self.hedge.map(|hedge| self.hedges(hedge));
        let retried = drawn.iter().filter(|outlook| !outlook.retries.is_empty()).map(case);
        let mut cases: Vec<ShownCase> = hedged.into_iter().chain(retried).collect();
        let is_one = self.hedge.is_none() && cases.len() == 1 && drawn.len() == 1;
        if let Some(only) = cases.first_mut().filter(|_| is_one) {
            only.after.clear();
        }
        ShownPolicy {
            name: self.name.clone(),
            label: self.label.to_owned(),
            says: self.says.clone(),
            cases,
            calls: CALLS,
            outage: way.map_or(Seen::Refused, |way| way.0).name().to_owned(),
            attempts_in_outage,
        }
    }

    /// Attempts a call while every attempt fails in a way, if it tries again on any.
    fn attempts(&self, drawn: &[Outlook], way: Option<Way>, rate: u64) -> f64 {
        let Some(way) = way else { return 1.0 };
        let budget = self.budget.as_ref();
        if let Some(budget) = budget.filter(|_| !self.is_shared) {
            let of_way = drawn.iter().find(|outlook| outlook.ways.contains(&way));
            let retries = of_way.into_iter().flat_map(|outlook| &outlook.retries);
            let paid = retries.take(budget.alone() as usize);
            return 1.0 + paid.map(|retry| retry.times.len() as f64).sum::<f64>() / CALLS as f64;
        }
        let sends = in_outage(self.policy, budget, (way, self.pace), rate);
        sends.attempts as f64 / sends.calls as f64
    }

    /// Hedges while no answer comes.
    fn hedges(&self, (after, attempts): (u64, u32)) -> ShownCase {
        let retry = |number: u32| {
            let at = f64::from(number) * after as f64 / 1e9;
            let [pause, at] = [after as f64 / 1e9, at].map(Spread::exactly);
            ShownRetry { share: 1.0, pause, at }
        };
        ShownCase {
            after: "no answer yet (hedges)".to_owned(),
            retries: (1..attempts).map(retry).collect(),
        }
    }
}

/// How attempts of an outage fail: refused, if that is tried again.
fn outage_way(drawn: &[Outlook]) -> Option<Way> {
    let ways = || drawn.iter().flat_map(|outlook| &outlook.ways).copied();
    ways().find(|way| *way == (Seen::Refused, None)).or_else(|| ways().next())
}

fn case(outlook: &Outlook) -> ShownCase {
    let name = |(seen, cause): &Way| cause.map_or(seen.name(), |cause| cause.row().code);
    let names: Vec<&str> = outlook.ways.iter().map(name).collect();
    ShownCase { after: names.join(", "), retries: outlook.retries.iter().map(retry).collect() }
}

fn retry(forecast: &Forecast) -> ShownRetry {
    ShownRetry {
        share: forecast.times.len() as f64 / CALLS as f64,
        pause: Spread::of(&forecast.pauses),
        at: Spread::of(&forecast.times),
    }
}
