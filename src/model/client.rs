//! The app: time-out, retry, budget, order number, query before retry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::{Faults, KeyPath};
use super::guard::breaker::{self, BreakerSpec};
use super::guard::hedge::{Hedge, HedgeSpec};
use super::guard::throttle::{ThrottleRules, ThrottleSpec};
use super::retry::{BudgetSpec, RetrySpec, Schedule};
use crate::units::Span;

/// `[client]`: the app's policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientSpec {
    /// How long an attempt waits for its answer.
    pub timeout: Span,
    /// What an order number stands for.
    pub key: Key,
    /// Backend processes that share policy state; 0 means that every journey is its own.
    pub instances: u32,
    /// Retries after a time-out or a transient failure.
    pub retry: RetrySpec,
    /// Budget on those retries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetSpec>,
    /// Sends nothing for a while when many attempts of a process have failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<BreakerSpec>,
    /// Sends what the gateway has lately taken from a process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttle: Option<ThrottleSpec>,
    /// Sends a further attempt while earlier ones are open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedge: Option<HedgeSpec>,
    /// Ask what became of the order before sending it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_first: Option<QueryFirstSpec>,
}

impl Default for ClientSpec {
    fn default() -> Self {
        Self {
            timeout: Span::from_secs(30),
            key: Key::PerTopUp,
            instances: 0,
            retry: RetrySpec::Never,
            budget: None,
            breaker: None,
            throttle: None,
            hedge: None,
            query_first: None,
        }
    }
}

/// What carries the same order number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// Every attempt of the top-up.
    #[default]
    PerTopUp,
    /// The attempts of one entry; a user who enters again opens a new order.
    PerEntry,
    /// Each attempt has its own.
    PerAttempt,
    /// Attempts carry none: each is new to everybody, and nobody can query it.
    None,
}

/// Query before retry, when the outcome of an attempt is unknown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryFirstSpec {
    /// Pause before the first query.
    pub after: Span,
    /// Pause between queries.
    pub every: Span,
    /// Queries at most after one attempt, 1 to 6.
    pub queries_max: u32,
    /// How long a query waits for its answer.
    pub timeout: Span,
}

/// Checked policy of the app.
#[derive(Clone, Debug)]
pub struct Client {
    /// Time-out of an attempt, ns.
    pub timeout: u64,
    /// What carries the same order number.
    pub key: Key,
    /// Shared processes; 0 means one per journey.
    pub instances: u32,
    /// Schedule of retries.
    pub retry: RetrySpec,
    /// Budget of each instance.
    pub budget: Option<BudgetSpec>,
    /// Breaker of each instance.
    pub breaker: Option<breaker::Rules>,
    /// Throttle of each instance.
    pub throttle: Option<ThrottleRules>,
    /// Further attempts while earlier ones are open.
    pub hedge: Option<Hedge>,
    /// Queries before retry.
    pub query_first: Option<QueryFirst>,
}

/// Checked query before retry.
#[derive(Clone, Copy, Debug)]
pub struct QueryFirst {
    /// Pause before the first query, ns.
    pub after: u64,
    /// Pause between queries, ns.
    pub every: u64,
    /// Queries at most.
    pub queries_max: u8,
    /// Time-out of a query, ns.
    pub timeout: u64,
}

impl ClientSpec {
    /// Checks the policy.
    pub fn build(&self, path: &KeyPath, faults: &mut Faults) -> Client {
        if self.timeout == Span::ZERO {
            faults.add(path.key("timeout"), "is zero: no answer can ever be in time");
        }
        self.retry.check(&path.key("retry"), faults);
        if let Some(budget) = &self.budget {
            budget.check(&path.key("budget"), faults);
        }
        check_instances(self.instances, path, faults);
        for (key, guard) in
            [("breaker", self.breaker.is_some()), ("throttle", self.throttle.is_some())]
        {
            if guard && self.instances == 0 {
                let fault = "learns nothing where each journey is its own (`instances = 0`)";
                faults.add_with_help(path.key(key), fault, "give `client.instances`");
            }
        }
        let query_first = self.query_first.as_ref().map(|q| {
            let at = path.key("query_first");
            if !(1..=6).contains(&q.queries_max) {
                faults.add_with_help(at.key("queries_max"), "is out of range", "1 to 6");
            }
            if q.timeout == Span::ZERO {
                faults.add(at.key("timeout"), "is zero");
            }
            if self.key == Key::None {
                faults.add(at, "cannot ask for an order that has no number (`key = \"none\"`)");
            }
            QueryFirst {
                after: q.after.ns(),
                every: q.every.ns(),
                queries_max: q.queries_max.min(6) as u8,
                timeout: q.timeout.ns(),
            }
        });
        Client {
            timeout: self.timeout.ns(),
            key: self.key,
            instances: self.instances,
            retry: self.retry.clone(),
            budget: self.budget.clone(),
            breaker: self.breaker.as_ref().map(|b| b.build(&path.key("breaker"), faults)),
            throttle: self.throttle.as_ref().map(|t| t.build(&path.key("throttle"), faults)),
            hedge: self
                .hedge
                .map(|h| h.build((self.timeout, self.instances), &path.key("hedge"), faults)),
            query_first,
        }
    }
}

impl Client {
    /// Whether something may keep an attempt from being sent.
    #[inline]
    pub fn is_guarded(&self) -> bool {
        self.breaker.is_some() || self.throttle.is_some()
    }

    /// The share of latencies for which hedges wait, where they are measured.
    #[inline]
    pub fn measured_quantile(&self) -> Option<u64> {
        self.hedge.and_then(|hedge| hedge.quantile)
    }

    /// Whether processes share what they remember for the policy.
    pub fn shares_state(&self) -> bool {
        let measures = self.measured_quantile().is_some();
        self.instances > 0 && (self.budget.is_some() || self.is_guarded() || measures)
    }
}

/// At most 100,000 processes share state.
pub(super) fn check_instances(instances: u32, path: &KeyPath, faults: &mut Faults) {
    if instances > 100_000 {
        faults.add_with_help(path.key("instances"), format!("is {instances}"), "0 to 100000");
    }
}
