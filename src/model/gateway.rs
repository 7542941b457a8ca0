//! The platform's gateway: workers, queue, shedding, velocity meter, order store, provider policy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::advice::{PushbackSpec, Says, SaysSpec, ShouldRetry};
use super::client::check_instances;
use super::closing::{Close, CloseSpec};
use super::data::{FileRef, Files};
use super::fault::{Faults, KeyPath};
use super::guard::OrNone;
use super::guard::breaker::{self, BreakerSpec};
use super::guard::throttle::{ThrottleRules, ThrottleSpec};
use super::law::Law;
use super::overload::{LimitRule, LimitSpec, Priority, Queue, QueueSpec, RateLimit, RateSpec};
use super::retry::{
    BudgetSpec, OnAdvice, OnRetryAfter, Policy, PolicySpec, RetrySpec, Seen, SeenSet,
};
use crate::engine::table::QuantileTable;
use crate::units::{Factor, Probability, Rate, Span};

/// Workers beyond this are refused: one scenario models one platform.
pub const WORKERS_MAX: u32 = 10_000_000;

/// `[gateway]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GatewaySpec {
    /// Workers in the pool (in each, with bulkheads); none given means as many as are needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workers: Option<u32>,
    /// Service time of a request.
    pub service: Law,
    /// Whether a worker waits for the provider.
    pub hold: Hold,
    /// Whether channels have pools of their own.
    pub bulkhead: Bulkhead,
    /// The waiting room.
    pub queue: QueueSpec,
    /// Other traffic on the same pool, with priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub core_traffic: Option<CoreTrafficSpec>,
    /// Admission by utilisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shed: Option<ShedSpec>,
    /// Admission by a limit on attempts in progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitSpec>,
    /// Admission by rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<RateSpec>,
    /// Top-ups that are served before others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Attempts of one user in a window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub velocity: Option<VelocitySpec>,
    /// Whether an order number seen before is recognised.
    pub order_store: bool,
    /// Processes that share policy state towards providers; 0 means one for all.
    pub instances: u32,
    /// How long the gateway waits for a provider.
    pub timeout: Span,
    /// Retries towards the provider after a technical refusal.
    pub retry: RetrySpec,
    /// Outcomes that are tried again on; none given means refusals that another try may change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_on: Option<SeenSet>,
    /// Budget on those retries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetSpec>,
    /// When an overloaded gateway tells the app to come back; announced maintenance tells its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<Span>,
    /// What an overloaded gateway pushes back (gRPC): when to come back, or `"stop"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pushback: Option<PushbackSpec>,
    /// Which of its answers say whether to try again (Stripe-Should-Retry).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub should_retry: Option<ShouldRetry>,
    /// What the gateway does when a provider says when to come back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_retry_after: Option<OnRetryAfter>,
    /// What it makes of a provider's pushback (gRPC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_pushback: Option<OnAdvice>,
    /// What it makes of a provider's Stripe-Should-Retry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_should_retry: Option<OnAdvice>,
    /// Makes no call for a while when many calls of a process to a provider have failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<OrNone<BreakerSpec>>,
    /// Calls a provider as often as it has lately taken calls of a process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttle: Option<OrNone<ThrottleSpec>>,
    /// Questions to the provider after a time-out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_query: Option<StatusQuerySpec>,
    /// Closing an order before it is given up, so that a new number is safe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close: Option<CloseSpec>,
    /// Service grows with the queue: this factor when as many wait as there are workers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slowdown: Option<Factor>,
}

impl Default for GatewaySpec {
    fn default() -> Self {
        Self {
            workers: None,
            service: Law::constant(Span::from_millis(20)),
            hold: Hold::Async,
            bulkhead: Bulkhead::None,
            queue: QueueSpec::default(),
            core_traffic: None,
            shed: None,
            limit: None,
            rate: None,
            priority: None,
            velocity: None,
            order_store: true,
            instances: 0,
            timeout: Span::from_secs(30),
            retry: RetrySpec::Never,
            retry_on: None,
            budget: None,
            retry_after: None,
            pushback: None,
            should_retry: None,
            on_retry_after: None,
            on_pushback: None,
            on_should_retry: None,
            breaker: None,
            throttle: None,
            status_query: None,
            close: None,
            slowdown: None,
        }
    }
}

/// Whether a worker waits for the provider's answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// The worker is free after its own service.
    #[default]
    Async,
    /// The worker waits for the provider's answer or the time-out.
    Sync,
}

/// Whether channels share the pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bulkhead {
    /// One pool for all.
    #[default]
    None,
    /// A pool for each channel.
    PerChannel,
}

/// Traffic that is served before top-ups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoreTrafficSpec {
    /// Poisson rate.
    pub rate: Rate,
    /// Service time.
    pub service: Law,
}

/// Top-ups are shed before core traffic: none at `from`, all at `full`, linear in between.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShedSpec {
    /// Smoothed utilisation at which shedding begins.
    pub from: Probability,
    /// Smoothed utilisation at which every top-up is shed.
    pub full: Probability,
    /// Time constant of the smoothing.
    pub smoothing: Span,
}

/// Too many attempts of one user in a window block the user for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VelocitySpec {
    /// Attempts in a window at most.
    pub attempts_max: u32,
    /// The window.
    pub window: Span,
    /// How long the user is blocked.
    pub block: Span,
}

/// Status queries of the gateway to a provider whose answer is late.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusQuerySpec {
    /// From the time-out to the first query.
    pub after: Span,
    /// From one query to the next.
    pub every: Span,
    /// Queries at most, 1 to 15.
    pub queries_max: u32,
    /// Service time of a query on the gateway's pool.
    pub service: Law,
}

/// Checked gateway.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Workers of each pool.
    pub workers: u32,
    /// Whether the number of workers was left open.
    pub unlimited: bool,
    /// Service time.
    pub service: QuantileTable,
    /// Whether a worker waits for the provider.
    pub hold: Hold,
    /// Whether channels have pools of their own.
    pub bulkhead: Bulkhead,
    /// Waiting room.
    pub queue: Queue,
    /// Core traffic: mean gap (ns) and service.
    pub core_traffic: Option<(QuantileTable, QuantileTable)>,
    /// Shedding: from, full (of 2^16) and smoothing (ns).
    pub shed: Option<(u64, u64, u64)>,
    /// Limit on attempts in progress, of each pool.
    pub limit: Option<LimitRule>,
    /// Rate limit.
    pub rate: Option<RateLimit>,
    /// Whether one of these three may turn attempts away at the door.
    pub has_door: bool,
    /// Top-ups that are served before others.
    pub priority: Option<Priority>,
    /// Attempts at most, window and block (ns).
    pub velocity: Option<(u8, u64, u64)>,
    /// Whether order numbers are recognised.
    pub order_store: bool,
    /// Processes towards providers, at least 1.
    pub instances: u32,
    /// Time-out towards providers, ns.
    pub timeout: u64,
    /// Policy of retries towards providers.
    pub retry: Policy,
    /// Budget of each process.
    pub budget: Option<BudgetSpec>,
    /// What it says to the app about another try.
    pub says: Option<Says>,
    /// Breaker of each process towards each provider.
    pub breaker: Option<breaker::Rules>,
    /// Throttle of each process towards each provider.
    pub throttle: Option<ThrottleRules>,
    /// Status queries.
    pub status_query: Option<StatusQuery>,
    /// Closing of orders.
    pub close: Option<Close>,
    /// Extra service when as many wait as there are workers, of 2^16.
    pub slowdown: u64,
}

/// Checked status queries.
#[derive(Clone, Debug)]
pub struct StatusQuery {
    /// From the time-out to the first query, ns.
    pub after: u64,
    /// Between queries, ns.
    pub every: u64,
    /// Queries at most.
    pub queries_max: u8,
    /// Service time of a query.
    pub service: QuantileTable,
}

impl CoreTrafficSpec {
    /// The gaps between its arrivals, and its service.
    fn build(
        &self,
        path: &KeyPath,
        files: &Files,
        faults: &mut Faults,
    ) -> (QuantileTable, QuantileTable) {
        if self.rate.per_second() <= 0.0 {
            faults.add(path.key("rate"), "is zero");
        }
        let gap = 1e9 / self.rate.per_second().max(1e-9);
        let service = self.service.build(&path.key("service"), files, faults);
        (QuantileTable::exponential(gap as u64), service)
    }
}

impl StatusQuerySpec {
    fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> StatusQuery {
        if !(1..=15).contains(&self.queries_max) {
            faults.add_with_help(path.key("queries_max"), "is out of range", "1 to 15");
        }
        StatusQuery {
            after: self.after.ns(),
            every: self.every.ns(),
            queries_max: self.queries_max.min(15) as u8,
            service: self.service.build(&path.key("service"), files, faults),
        }
    }
}

impl GatewaySpec {
    /// The files that the gateway reads.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        self.service.files(&path.key("service"), out);
        if let Some(core) = &self.core_traffic {
            core.service.files(&path.key("core_traffic").key("service"), out);
        }
        if let Some(patience) = &self.queue.patience {
            patience.files(&path.key("queue").key("patience"), out);
        }
        if let Some(query) = &self.status_query {
            query.service.files(&path.key("status_query").key("service"), out);
        }
        if let Some(close) = &self.close {
            close.files(&path.key("close"), out);
        }
    }

    /// Checks the gateway.
    pub fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> Gateway {
        self.check(path, faults);
        let core = self.core_traffic.as_ref();
        let query = self.status_query.as_ref();
        let q16 = |p: Probability| (p.value() * 65536.0) as u64;
        Gateway {
            workers: self.workers.unwrap_or(WORKERS_MAX),
            unlimited: self.workers.is_none(),
            service: self.service.build(&path.key("service"), files, faults),
            hold: self.hold,
            bulkhead: self.bulkhead,
            queue: self.queue.build(&path.key("queue"), files, faults),
            core_traffic: core.map(|c| c.build(&path.key("core_traffic"), files, faults)),
            shed: self.shed.as_ref().map(|s| (q16(s.from), q16(s.full), s.smoothing.ns())),
            limit: self.limit.as_ref().and_then(|l| l.build(&path.key("limit"), faults)),
            rate: self.rate.as_ref().map(|r| r.build(&path.key("rate"), faults)),
            has_door: self.shed.is_some() || self.limit.is_some() || self.rate.is_some(),
            priority: self.priority,
            velocity: self
                .velocity
                .as_ref()
                .map(|v| (v.attempts_max.min(255) as u8, v.window.ns(), v.block.ns())),
            order_store: self.order_store,
            instances: self.instances.max(1),
            timeout: self.timeout.ns(),
            retry: Policy::build(&PolicySpec {
                retry: &self.retry,
                retry_on: self.retry_on,
                on_retry_after: self.on_retry_after,
                on_pushback: self.on_pushback,
                on_should_retry: self.on_should_retry,
                // towards a provider every call carries the number of its attempt
                has_key: true,
            }),
            budget: self.retry.budget(self.budget.as_ref()),
            says: self.says(path, faults),
            breaker: self.breaker(path, faults),
            throttle: self.throttle(path, faults),
            status_query: query.map(|q| q.build(&path.key("status_query"), files, faults)),
            close: self.close.as_ref().map(|c| c.build(&path.key("close"), files, faults)),
            slowdown: self.slowdown.map_or(0, |f| ((f.value() - 1.0) * 65536.0) as u64),
        }
    }

    fn says(&self, path: &KeyPath, faults: &mut Faults) -> Option<Says> {
        let spec = SaysSpec {
            retry_after: self.retry_after,
            // who names a time at all tells the end of announced maintenance
            tells_end: self.retry_after.is_some(),
            pushback: self.pushback,
            should_retry: self.should_retry.as_ref(),
        };
        spec.build(path, faults)
    }

    fn breaker(&self, path: &KeyPath, faults: &mut Faults) -> Option<breaker::Rules> {
        let spec = self.retry.breaker(self.breaker.as_ref());
        spec.map(|breaker| breaker.build(&path.key("breaker"), faults))
    }

    fn throttle(&self, path: &KeyPath, faults: &mut Faults) -> Option<ThrottleRules> {
        let spec = self.retry.throttle(self.throttle.as_ref());
        spec.map(|throttle| throttle.build(&path.key("throttle"), faults))
    }

    fn check(&self, path: &KeyPath, faults: &mut Faults) {
        if self.workers.is_some_and(|w| w == 0 || w > WORKERS_MAX) {
            faults.add_with_help(
                path.key("workers"),
                "is out of range",
                format!("1 to {WORKERS_MAX}"),
            );
        }
        if self.timeout == Span::ZERO {
            faults.add(path.key("timeout"), "is zero: no provider can answer in time");
        }
        if let Some(shed) = &self.shed {
            if shed.from.value() >= shed.full.value() {
                faults.add(path.key("shed").key("from"), "is not below `full`");
            }
            if shed.smoothing == Span::ZERO {
                faults.add(path.key("shed").key("smoothing"), "is zero");
            }
            if self.workers.is_none() {
                faults.add(path.key("shed"), "needs a number of `workers` to be a share of");
            }
        }
        let wants_a_queue = match (self.queue.wants_a_queue(), self.priority) {
            (Some(key), _) => Some(path.key("queue").key(key)),
            (None, Some(_)) => Some(path.key("priority")),
            (None, None) => None,
        };
        if let (Some(at), None) = (wants_a_queue, self.workers) {
            faults.add(at, "needs a number of `workers`: without one nobody ever waits");
        }
        if let Some(velocity) = &self.velocity
            && !(1..=255).contains(&velocity.attempts_max)
        {
            let at = path.key("velocity").key("attempts_max");
            faults.add_with_help(at, "is out of range", "1 to 255");
        }
        if self.slowdown.is_some_and(|f| f.value() < 1.0) {
            faults.add_with_help(path.key("slowdown"), "is below 1", "a factor such as \"2x\"");
        }
        self.check_retry(path, faults);
        if let Some(budget) = &self.budget {
            budget.check(&path.key("budget"), faults);
        }
        check_instances(self.instances, path, faults);
    }

    /// What a policy may say that only the app can do.
    fn check_retry(&self, path: &KeyPath, faults: &mut Faults) {
        self.retry.check(&path.key("retry"), faults);
        let silent = |on: SeenSet| on.has(Seen::TimeOut) || on.has(Seen::ConnectionLost);
        if self.retry_on.is_some_and(silent) {
            let help = "`status_query` asks what became of it, `failover` turns to another";
            let what = "names silence: the gateway does not call again after one";
            faults.add_with_help(path.key("retry_on"), what, help);
        }
        if let Some(at) = self.retry.until(&path.key("retry")) {
            faults.add(at, "is known to the app only");
        }
    }
}

impl Gateway {
    /// Whether something may keep a call from being made.
    #[inline]
    pub fn is_guarded(&self) -> bool {
        self.breaker.is_some() || self.throttle.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The faults of a gateway with this patience, and how it is written again.
    fn patience(text: &str) -> (usize, String) {
        let spec: GatewaySpec =
            toml::from_str(&format!("queue = {{ patience = {text} }}")).expect("it can be read");
        let mut faults = Faults::default();
        spec.build(&KeyPath::root(), &Files::default(), &mut faults);
        (faults.len(), toml::to_string(&spec.queue).expect("it can be written"))
    }

    #[test]
    fn a_patience_that_is_always_zero_is_refused() {
        for text in ["\"0s\"", "{ exponential = \"0s\" }", "{ constant = \"0s\" }"] {
            assert_eq!(patience(text).0, 1, "{text}");
        }
        let some_leave_at_once =
            "{ two_point = { first = \"0s\", share = \"90%\", second = \"1s\" } }";
        assert_eq!(patience(some_leave_at_once).0, 0);
        // a law that is wrong in itself is told once
        assert_eq!(patience("{ erlang = { stages = 0, mean = \"1s\" } }").0, 1);
    }

    #[test]
    fn a_bare_patience_is_written_bare() {
        assert_eq!(patience("\"10s\"").1, "patience = \"10s\"\n");
        let drawn = patience("{ exponential = \"10s\" }").1;
        assert!(drawn.contains("exponential = \"10s\""), "{drawn}");
        let shifted = patience("{ constant = \"10s\", plus = \"1s\" }").1;
        assert!(shifted.contains("constant") && shifted.contains("plus"), "{shifted}");
    }
}
