//! Retry budgets: what all calls of one instance share, so that an outage does not multiply load.

mod concurrent;
mod quota;
mod throttling;
mod tokens;
mod window;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use concurrent::Concurrent;
pub use quota::Quota;
pub use throttling::RetryThrottling;
pub use tokens::Tokens;
pub use window::Window;

use self::concurrent::ConcurrentBudget;
use self::quota::QuotaBudget;
use self::throttling::ThrottlingBudget;
use self::window::WindowBudget;
use super::{Seen, SeenSet};
use crate::engine::limiter::TokenBudget;
use crate::model::fault::{Faults, KeyPath};
use crate::units::{Probability, Rate};

/// An attempt as a budget tells it from others: its journey's place and its number.
pub type Who = u64;

/// `budget`: shared by all calls of one instance.
#[derive(Clone, Debug, PartialEq)]
pub enum BudgetSpec {
    /// `"none"`: no budget, also where the policy has one.
    None,
    /// A bucket of tokens.
    Tokens(Tokens),
    /// Deposits that expire.
    Window(Window),
    /// A share of what is under way.
    Concurrent(Concurrent),
    /// gRPC's throttle.
    RetryThrottling(RetryThrottling),
    /// The AWS SDKs' quota.
    Quota(Quota),
}

/// The budget of one instance.
#[derive(Clone, Debug)]
pub struct Budget(Kind);

/// The state of each kind.
#[derive(Clone, Debug)]
enum Kind {
    Tokens(TokenBudget),
    Window(WindowBudget),
    Concurrent(ConcurrentBudget),
    RetryThrottling(ThrottlingBudget),
    Quota(QuotaBudget),
}

impl BudgetSpec {
    /// What is wrong with the parameters.
    pub fn check(&self, path: &KeyPath, faults: &mut Faults) {
        match self {
            Self::None => {}
            Self::Tokens(b) => b.check(path, faults),
            Self::Window(b) => b.check(&path.key("window"), faults),
            Self::Concurrent(b) => b.check(&path.key("concurrent"), faults),
            Self::RetryThrottling(b) => b.check(&path.key("retry_throttling"), faults),
            Self::Quota(b) => b.check(&path.key("quota"), faults),
        }
    }

    /// A fresh budget; `failing` are the outcomes that the policy tries again on.
    pub fn build(&self, failing: SeenSet) -> Option<Budget> {
        Some(Budget(match self {
            Self::None => return None,
            Self::Tokens(b) => Kind::Tokens(b.build()),
            Self::Window(b) => Kind::Window(b.build()),
            Self::Concurrent(b) => Kind::Concurrent(b.build()),
            Self::RetryThrottling(b) => Kind::RetryThrottling(b.build(failing)),
            Self::Quota(b) => Kind::Quota(b.build()),
        }))
    }

    /// Retries that a fresh budget grants to one call alone.
    pub fn alone(&self) -> u32 {
        match self {
            Self::None => u32::MAX,
            Self::Tokens(b) => b.retries_max,
            Self::Window(b) => b.reserve().min(u64::from(u32::MAX)) as u32,
            Self::Concurrent(b) if b.at_least > 0 || b.share.value() >= 1.0 => u32::MAX,
            Self::Concurrent(_) => 0,
            // failures until half of the tokens are left; the last of them brings no retry
            Self::RetryThrottling(b) => b.tokens_max.div_ceil(2) - 1,
            Self::Quota(b) => b.retries(),
        }
    }
}

impl Budget {
    /// The first attempt of a call is sent.
    pub fn begins(&mut self, now: u64, who: Who) {
        match &mut self.0 {
            Kind::Tokens(b) => b.deposit(now),
            Kind::Window(b) => b.deposit(now),
            Kind::Concurrent(b) => b.begins(who),
            Kind::RetryThrottling(_) | Kind::Quota(_) => {}
        }
    }

    /// Whether a retry is granted, after `seen`; `who` is the retry.
    pub fn grants(&mut self, now: u64, who: Who, seen: Seen) -> bool {
        match &mut self.0 {
            Kind::Tokens(b) => b.withdraw(now),
            Kind::Window(b) => b.withdraw(now),
            Kind::Concurrent(b) => b.grants(who),
            Kind::RetryThrottling(b) => b.grants(),
            Kind::Quota(b) => b.grants(who, seen),
        }
    }

    /// An attempt ended; `None` is a success.
    pub fn ended(&mut self, who: Who, seen: Option<Seen>) {
        match &mut self.0 {
            Kind::Tokens(_) | Kind::Window(_) => {}
            Kind::Concurrent(b) => b.ended(who),
            Kind::RetryThrottling(b) => b.ended(seen),
            Kind::Quota(b) => b.ended(who, seen),
        }
    }

    /// Nobody waits for an attempt any longer.
    pub fn forgets(&mut self, who: Who) {
        match &mut self.0 {
            Kind::Tokens(_) | Kind::Window(_) | Kind::RetryThrottling(_) => {}
            Kind::Concurrent(b) => b.ended(who),
            Kind::Quota(b) => b.forgets(who),
        }
    }
}

/// The written form of a table: a bucket's keys, or exactly one other family.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct BudgetTable {
    /// Retries earned by each first attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<Probability>,
    /// Retries earned per second besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    reserve: Option<Rate>,
    /// Retries the budget holds at most, and at the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    retries_max: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<Window>,
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrent: Option<Concurrent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_throttling: Option<RetryThrottling>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<Quota>,
}

impl BudgetTable {
    fn read<E: serde::de::Error>(self) -> Result<BudgetSpec, E> {
        let flat = self.ratio.is_some() || self.reserve.is_some() || self.retries_max.is_some();
        let mut named = [
            self.window.map(BudgetSpec::Window),
            self.concurrent.map(BudgetSpec::Concurrent),
            self.retry_throttling.map(BudgetSpec::RetryThrottling),
            self.quota.map(BudgetSpec::Quota),
        ]
        .into_iter()
        .flatten();
        match (named.next(), named.next(), flat) {
            (Some(one), None, false) => Ok(one),
            (None, ..) => Ok(BudgetSpec::Tokens(Tokens {
                ratio: self.ratio.ok_or_else(|| E::missing_field("ratio"))?,
                reserve: self.reserve.unwrap_or_default(),
                retries_max: self.retries_max.ok_or_else(|| E::missing_field("retries_max"))?,
            })),
            _ => Err(E::custom(
                "needs one kind: `ratio`, `reserve` and `retries_max`, or one of window, \
                 concurrent, retry_throttling, quota",
            )),
        }
    }

    fn of(spec: BudgetSpec) -> Self {
        let mut table = Self::default();
        match spec {
            BudgetSpec::None => {}
            BudgetSpec::Tokens(b) => {
                table.ratio = Some(b.ratio);
                table.reserve = Some(b.reserve);
                table.retries_max = Some(b.retries_max);
            }
            BudgetSpec::Window(b) => table.window = Some(b),
            BudgetSpec::Concurrent(b) => table.concurrent = Some(b),
            BudgetSpec::RetryThrottling(b) => table.retry_throttling = Some(b),
            BudgetSpec::Quota(b) => table.quota = Some(b),
        }
        table
    }
}

impl Serialize for BudgetSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str("none"),
            other => BudgetTable::of(other.clone()).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for BudgetSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = BudgetSpec;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("\"none\", or a table such as { ratio = \"20%\", retries_max = 100 }")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<BudgetSpec, E> {
                match text {
                    "none" => Ok(BudgetSpec::None),
                    _ => Err(E::custom(format!(
                        "unknown budget {text:?}: expected \"none\", or a table such as \
                         {{ ratio = \"20%\", retries_max = 100 }}"
                    ))),
                }
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                map: A,
            ) -> Result<BudgetSpec, A::Error> {
                let access = serde::de::value::MapAccessDeserializer::new(map);
                BudgetTable::deserialize(access)?.read()
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for BudgetSpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Budget".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let table = generator.subschema_for::<BudgetTable>();
        schemars::json_schema!({ "anyOf": [{ "const": "none" }, table] })
    }
}
