//! The app: time-out, retry, budget, order number, query before retry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::{Faults, KeyPath};
use super::guard::OrNone;
use super::guard::breaker::{self, BreakerSpec};
use super::guard::hedge::{Hedge, HedgeSpec};
use super::guard::throttle::{ThrottleRules, ThrottleSpec};
use super::purpose::Purpose;
use super::retry::{BudgetSpec, OnAdvice, OnRetryAfter, Policy, PolicySpec, RetrySpec, SeenSet};
use crate::engine::Stream;
use crate::units::{Probability, Sourced, Span};

/// A call ends within an hour: a time-out that a deadline cuts is kept in few bits.
const DEADLINE_MAX: Span = Span::from_secs(3_600);
/// Steps of a wait that a payload holds at most.
const WAIT_STEPS_MAX: u64 = (1 << 31) - 1;

/// `[client]`: the app's policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientSpec {
    /// How long an attempt waits for its answer.
    pub timeout: Span,
    /// What an order number stands for.
    pub key: Key,
    /// Share of attempts before which the app has lost the number (a page is loaded again, a
    /// process restarts) and draws a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_lost: Option<Sourced<Probability>>,
    /// Share of top-ups whose payload holds what changes from call to call, such as a time: with
    /// `key = "payload_hash"` each of their attempts has a number of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_volatile: Option<Sourced<Probability>>,
    /// Backend processes that share policy state; 0 means that every journey is its own.
    pub instances: u32,
    /// Retries after a time-out or a transient failure.
    pub retry: RetrySpec,
    /// Outcomes that are tried again on; none given means whatever another try may change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_on: Option<SeenSet>,
    /// What the app does when the gateway says when to come back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_retry_after: Option<OnRetryAfter>,
    /// What it makes of a pushback (gRPC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_pushback: Option<OnAdvice>,
    /// What it makes of Stripe-Should-Retry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_should_retry: Option<OnAdvice>,
    /// Budget on those retries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetSpec>,
    /// Nothing of a call begins or goes on later than this after its first attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Span>,
    /// Sends nothing for a while when many attempts of a process have failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<OrNone<BreakerSpec>>,
    /// Sends what the gateway has lately taken from a process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttle: Option<OrNone<ThrottleSpec>>,
    /// Sends a further attempt while earlier ones are open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedge: Option<OrNone<HedgeSpec>>,
    /// Ask what became of the order before sending it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_first: Option<QueryFirstSpec>,
}

impl Default for ClientSpec {
    fn default() -> Self {
        Self {
            timeout: Span::from_secs(30),
            key: Key::PerTopUp,
            key_lost: None,
            key_volatile: None,
            instances: 0,
            retry: RetrySpec::Never,
            retry_on: None,
            on_retry_after: None,
            on_pushback: None,
            on_should_retry: None,
            budget: None,
            deadline: None,
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
    /// All attempts over one route: the number is a hash of what is sent, and another method
    /// changes it.
    PayloadHash,
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

/// Checked order numbers of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    /// What carries the same number.
    pub kind: Key,
    /// Attempts before which the app has lost the number.
    pub lost: u64,
    /// Top-ups whose payload is never the same.
    pub volatile: u64,
}

impl Keys {
    /// Whether the payload of a top-up is never the same.
    #[inline]
    pub(super) fn is_volatile(self, top_up: Stream) -> bool {
        self.volatile != 0 && top_up.draw(Purpose::KeyVolatile, 0, 0).hits(self.volatile)
    }

    /// Whether the app has lost its number between an earlier attempt and a later one.
    #[inline]
    pub(super) fn lost_between(self, top_up: Stream, earlier: u8, later: u8) -> bool {
        let is_lost = |k| top_up.draw(Purpose::KeyLost, u16::from(k), 0).hits(self.lost);
        self.lost != 0 && (earlier + 1..=later).any(is_lost)
    }
}

/// Checked policy of the app.
#[derive(Clone, Debug)]
pub struct Client {
    /// Time-out of an attempt, ns.
    pub timeout: u64,
    /// What carries the same order number.
    pub key: Keys,
    /// Shared processes; 0 means one per journey.
    pub instances: u32,
    /// Policy of retries.
    pub retry: Policy,
    /// Budget of each instance.
    pub budget: Option<BudgetSpec>,
    /// Bound on a whole call, ns.
    pub deadline: Option<u64>,
    /// In what steps a wait is kept that a deadline or a broken connection cuts short, ns.
    pub cut_step: u64,
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
        if self.deadline.is_some_and(|d| d.is_zero() || d > DEADLINE_MAX) {
            faults.add_with_help(path.key("deadline"), "is out of range", "above 0, up to 1h");
        }
        check_instances(self.instances, path, faults);
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
        let deadline = self.retry.deadline(self.deadline).map(Span::ns);
        Client {
            timeout: self.timeout.ns(),
            key: self.keys(path, faults),
            instances: self.instances,
            retry: Policy::build(&PolicySpec {
                retry: &self.retry,
                retry_on: self.retry_on,
                on_retry_after: self.on_retry_after,
                on_pushback: self.on_pushback,
                on_should_retry: self.on_should_retry,
                has_key: self.key != Key::None,
            }),
            budget: self.retry.budget(self.budget.as_ref()),
            deadline,
            cut_step: cut_step(self.timeout.ns(), deadline),
            breaker: self.breaker(path, faults),
            throttle: self.throttle(path, faults),
            hedge: self.hedge(path, faults),
            query_first,
        }
    }
}

/// Microseconds, and more of them where payloads could not hold the longest wait.
fn cut_step(timeout: u64, deadline: Option<u64>) -> u64 {
    let longest = deadline.map_or(timeout, |deadline| deadline.min(timeout));
    longest.div_ceil(WAIT_STEPS_MAX * 1_000).max(1) * 1_000
}

impl ClientSpec {
    /// What its preset has, and this app leaves out: a journey that is its own learns nothing from
    /// how calls end.
    pub fn left_out(&self) -> Vec<&'static str> {
        let preset = self.retry.preset().filter(|_| self.instances == 0);
        let breaker = preset.is_some_and(|preset| preset.breaker.is_some());
        let throttle = preset.is_some_and(|preset| preset.throttle.is_some());
        [
            ("breaker", breaker && self.breaker.is_none()),
            ("throttle", throttle && self.throttle.is_none()),
        ]
        .into_iter()
        .filter_map(|(key, is_left_out)| is_left_out.then_some(key))
        .collect()
    }

    fn breaker(&self, path: &KeyPath, faults: &mut Faults) -> Option<breaker::Rules> {
        let at = path.key("breaker");
        self.check_learns(self.breaker.as_ref(), &at, faults);
        let spec = self.retry.breaker(self.breaker.as_ref());
        spec.filter(|_| !self.left_out().contains(&"breaker")).map(|b| b.build(&at, faults))
    }

    fn throttle(&self, path: &KeyPath, faults: &mut Faults) -> Option<ThrottleRules> {
        let at = path.key("throttle");
        self.check_learns(self.throttle.as_ref(), &at, faults);
        let spec = self.retry.throttle(self.throttle.as_ref());
        spec.filter(|_| !self.left_out().contains(&"throttle")).map(|t| t.build(&at, faults))
    }

    /// A written guard has something to learn from.
    fn check_learns<T>(&self, written: Option<&OrNone<T>>, at: &KeyPath, faults: &mut Faults) {
        if self.instances == 0 && written.is_some_and(|written| written.table().is_some()) {
            let fault = "learns nothing where each journey is its own (`instances = 0`)";
            faults.add_with_help(at.clone(), fault, "give `client.instances`");
        }
    }

    fn hedge(&self, path: &KeyPath, faults: &mut Faults) -> Option<Hedge> {
        let spec = self.retry.hedge(self.hedge.as_ref())?;
        if self.hedge.is_none() && spec.after >= self.timeout {
            let fault = format!(
                "hedges after {}, which is not before `client.timeout` ({}): no attempt is open by \
                 then",
                spec.after, self.timeout
            );
            let help =
                "a longer `client.timeout`, or a `client.hedge` of your own (\"none\" for none)";
            faults.add_with_help(path.key("retry"), fault, help);
            return None;
        }
        Some(spec.build((self.timeout, self.instances), &path.key("hedge"), faults))
    }

    fn keys(&self, path: &KeyPath, faults: &mut Faults) -> Keys {
        let share = |share: &Option<Sourced<Probability>>| {
            share.as_ref().map_or(0, |share| share.value.threshold())
        };
        if share(&self.key_lost) > 0 && matches!(self.key, Key::PerAttempt | Key::None) {
            let fault = "loses a number that no other attempt has";
            let help = "`client.key` as \"per_top_up\", \"per_entry\" or \"payload_hash\"";
            faults.add_with_help(path.key("key_lost"), fault, help);
        }
        if share(&self.key_volatile) > 0 && self.key != Key::PayloadHash {
            let fault = "is about a payload of which no number is made";
            faults.add_with_help(path.key("key_volatile"), fault, "`key = \"payload_hash\"`");
        }
        Keys { kind: self.key, lost: share(&self.key_lost), volatile: share(&self.key_volatile) }
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
