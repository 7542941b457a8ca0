//! The app: time-out, retry, budget, order number, query before retry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::{Faults, KeyPath};
use super::purpose::Purpose;
use super::retry::{BudgetSpec, RetrySpec, Schedule};
use crate::engine::Stream;
use crate::units::{Probability, Sourced, Span};

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
    /// Budget on those retries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetSpec>,
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
            budget: None,
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
    /// Schedule of retries.
    pub retry: RetrySpec,
    /// Budget of each instance.
    pub budget: Option<BudgetSpec>,
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
            key: self.keys(path, faults),
            instances: self.instances,
            retry: self.retry.clone(),
            budget: self.budget.clone(),
            query_first,
        }
    }
}

impl ClientSpec {
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

/// At most 100,000 processes share state.
pub(super) fn check_instances(instances: u32, path: &KeyPath, faults: &mut Faults) {
    if instances > 100_000 {
        faults.add_with_help(path.key("instances"), format!("is {instances}"), "0 to 100000");
    }
}
