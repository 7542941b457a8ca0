//! Overload controls of the gateway: its queue, its limit on work in progress, its rate limit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::data::Files;
use super::fault::{Faults, KeyPath};
use super::law::{self, Law};
use crate::engine::table::QuantileTable;
use crate::engine::{Aimd, Gcra, Gradient2, Order, Vegas};
use crate::units::{Probability, Rate, Span};

/// From which time on a queue that has not been empty is a standing one: N of Maurer, *Fail at
/// Scale* (ACM Queue, 2015); unverified.
pub const STANDING: Span = Span::from_millis(100);

/// Jobs that a limit on work in progress can allow at most.
const JOBS_MAX: u32 = 1_000_000;

/// The waiting room before the workers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueSpec {
    /// Requests that wait at most; none given means without bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// An attempt that has waited this long is refused; drawn for each attempt.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "law::serialize_bare")]
    pub patience: Option<Law>,
    /// Which top-up is served next.
    #[serde(default, skip_serializing_if = "OrderSpec::is_fifo")]
    pub order: OrderSpec,
    /// A queue that has not been empty for this long is a standing one (default 100 ms).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Span>,
    /// An attempt that joins a standing queue is refused after this wait, any other after
    /// `standing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controlled_delay: Option<Span>,
    /// Whether work is dropped, when its turn comes, for which the app waits no longer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drop_abandoned: bool,
    /// An attempt is dropped too if less than this is left until the app's time-out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_left: Option<Span>,
    /// Drops while waits stay above a target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codel: Option<CoDelSpec>,
}

/// Which top-up is served next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderSpec {
    /// Who came first.
    #[default]
    Fifo,
    /// Who came last.
    Lifo,
    /// Who came first; who came last while the queue is a standing one.
    AdaptiveLifo,
}

impl OrderSpec {
    fn is_fifo(&self) -> bool {
        *self == Self::Fifo
    }
}

/// CoDel (RFC 8289).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CoDelSpec {
    /// Acceptable standing wait.
    pub target: Span,
    /// How long the target must be exceeded before the first drop.
    pub interval: Span,
}

/// RFC 8289, section 4.3 and 4.4.
impl Default for CoDelSpec {
    fn default() -> Self {
        Self { target: Span::from_millis(5), interval: Span::from_millis(100) }
    }
}

/// Whether some top-ups are served after all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// First attempts of an entry, and all other work, before repeated attempts.
    FirstAttempts,
}

/// How fast attempts are admitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateSpec {
    /// Attempts per second.
    pub limit: Rate,
    /// Attempts that may come at once.
    #[serde(default = "one")]
    pub burst: u32,
    /// What has a limit of its own.
    #[serde(default)]
    pub per: Per,
}

fn one() -> u32 {
    1
}

/// What has a rate limit of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Each pool of the gateway.
    #[default]
    Pool,
    /// Each process of the app's backend.
    Client,
}

/// A limit on attempts in progress, which follows their latency: exactly one rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitSpec {
    /// By the trend of the latency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gradient2: Option<Gradient2Spec>,
    /// By the queue that the latency tells of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vegas: Option<VegasSpec>,
    /// By drops and time-outs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aimd: Option<AimdSpec>,
}

/// Gradient2; the defaults are those of concurrency-limits at 78a74b9.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gradient2Spec {
    /// Attempts in progress at the start.
    pub initial: u32,
    /// At least.
    pub min: u32,
    /// At most.
    pub max: u32,
    /// Attempts by which the limit may grow a window, before smoothing.
    pub queue: u32,
}

impl Default for Gradient2Spec {
    fn default() -> Self {
        Self { initial: 20, min: 20, max: 200, queue: 4 }
    }
}

/// Vegas; the defaults are those of concurrency-limits at 78a74b9.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VegasSpec {
    /// Attempts in progress at the start.
    pub initial: u32,
    /// At most.
    pub max: u32,
}

impl Default for VegasSpec {
    fn default() -> Self {
        Self { initial: 20, max: 1000 }
    }
}

/// AIMD; the defaults are those of concurrency-limits at 78a74b9.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AimdSpec {
    /// Attempts in progress at the start.
    pub initial: u32,
    /// At least.
    pub min: u32,
    /// At most.
    pub max: u32,
    /// What is left of the limit after a window with a drop.
    pub backoff: Probability,
    /// A mean time in the gateway above this counts as a drop.
    pub timeout: Span,
}

impl Default for AimdSpec {
    fn default() -> Self {
        let backoff = Probability::new(0.9).unwrap_or(Probability::ONE);
        Self { initial: 20, min: 20, max: 200, backoff, timeout: Span::from_secs(5) }
    }
}

/// Checked queue.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    /// Requests that wait at most.
    pub max: Option<u32>,
    /// Patience of an attempt, ns.
    pub patience: Option<QuantileTable>,
    /// Which top-up is served next.
    pub order: Order,
    /// From when on a queue is a standing one, ns.
    pub standing: u64,
    /// Patience of an attempt that joins a standing queue, ns.
    pub controlled_delay: Option<u64>,
    /// Whether work is dropped for which the app waits no longer.
    pub drop_abandoned: bool,
    /// What must be left of the app's time-out, ns.
    pub time_left: u64,
    /// Target and interval, ns.
    pub codel: Option<(u64, u64)>,
    /// Whether those whose turn comes are looked at before they are served.
    pub is_screened: bool,
}

impl Queue {
    /// Whether attempts lapse after a while.
    #[inline]
    pub fn has_patience(&self) -> bool {
        self.patience.is_some() || self.controlled_delay.is_some()
    }

    /// Whether something keeps it from growing without end.
    pub fn is_bounded(&self) -> bool {
        self.max.is_some() || self.has_patience() || self.is_screened
    }
}

/// Checked rate limit, unused.
#[derive(Clone, Copy, Debug)]
pub struct RateLimit {
    /// The limiter.
    pub limiter: Gcra,
    /// What has one.
    pub per: Per,
}

/// Checked limit on attempts in progress.
#[derive(Clone, Copy, Debug)]
pub enum LimitRule {
    /// By the trend of the latency.
    Gradient2(Gradient2),
    /// By the queue that the latency tells of.
    Vegas(Vegas),
    /// By drops and time-outs.
    Aimd(Aimd),
}

impl QueueSpec {
    /// Checks the queue.
    pub fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> Queue {
        let standing = self.standing.unwrap_or(STANDING).ns();
        self.check(path, faults);
        Queue {
            max: self.max,
            patience: self.build_patience(path, files, faults),
            order: match self.order {
                OrderSpec::Fifo => Order::Fifo,
                OrderSpec::Lifo => Order::Lifo,
                OrderSpec::AdaptiveLifo => Order::AdaptiveLifo(standing),
            },
            standing,
            controlled_delay: self.controlled_delay.map(Span::ns),
            drop_abandoned: self.drop_abandoned,
            time_left: self.time_left.map_or(0, Span::ns),
            codel: self.codel.as_ref().map(|c| (c.target.ns().max(1), c.interval.ns().max(1))),
            is_screened: self.drop_abandoned || self.codel.is_some(),
        }
    }

    /// What only a queue can do, and the key that wants it.
    pub(super) fn wants_a_queue(&self) -> Option<&'static str> {
        if self.order != OrderSpec::Fifo {
            return Some("order");
        }
        if self.controlled_delay.is_some() {
            return Some("controlled_delay");
        }
        if self.drop_abandoned {
            return Some("drop_abandoned");
        }
        self.codel.is_some().then_some("codel")
    }

    fn check(&self, path: &KeyPath, faults: &mut Faults) {
        let reads_standing =
            self.order == OrderSpec::AdaptiveLifo || self.controlled_delay.is_some();
        match self.standing {
            Some(Span::ZERO) => faults.add(path.key("standing"), "is zero"),
            Some(_) if !reads_standing => faults.add_with_help(
                path.key("standing"),
                "is read by nobody",
                "beside `order = \"adaptive_lifo\"` or `controlled_delay`",
            ),
            _ => {}
        }
        if let Some(delay) = self.controlled_delay {
            let at = path.key("controlled_delay");
            if delay == Span::ZERO || delay > self.standing.unwrap_or(STANDING) {
                let help = "above 0 and not above `standing` (100ms if not given)";
                faults.add_with_help(at, "is out of range", help);
            }
        }
        if self.time_left.is_some() && !self.drop_abandoned {
            let help = "beside `drop_abandoned = true`";
            faults.add_with_help(path.key("time_left"), "is read by nobody", help);
        }
        if let Some(codel) = &self.codel
            && (codel.target == Span::ZERO || codel.target >= codel.interval)
        {
            let at = path.key("codel").key("target");
            faults.add_with_help(at, "is out of range", "above 0 and below `interval`");
        }
    }

    /// The law of patience. One that is always zero leaves no queue, and there is a plainer word
    /// for that.
    fn build_patience(
        &self,
        path: &KeyPath,
        files: &Files,
        faults: &mut Faults,
    ) -> Option<QuantileTable> {
        let at = path.key("patience");
        let known = faults.len();
        let table = self.patience.as_ref()?.build(&at, files, faults);
        if faults.len() == known && table.mean() <= 0.0 {
            let help = "a positive duration, or `max = 0` for no queue";
            faults.add_with_help(at, "is zero", help);
        }
        Some(table)
    }
}

impl RateSpec {
    /// Checks the limit.
    pub(super) fn build(&self, path: &KeyPath, faults: &mut Faults) -> RateLimit {
        if self.limit.per_second() <= 0.0 {
            faults.add(path.key("limit"), "is zero: nobody would ever be admitted");
        }
        if self.burst == 0 || self.burst > 1_000_000_000 {
            faults.add_with_help(path.key("burst"), "is out of range", "1 to 1000000000");
        }
        let rate = self.limit.per_second().max(1e-9);
        RateLimit { limiter: Gcra::per_second(rate, self.burst), per: self.per }
    }
}

impl LimitSpec {
    /// Checks the limit.
    pub(super) fn build(&self, path: &KeyPath, faults: &mut Faults) -> Option<LimitRule> {
        let gradient2 = self.gradient2.as_ref().map(|g| g.build(&path.key("gradient2"), faults));
        let vegas = self.vegas.as_ref().map(|v| v.build(&path.key("vegas"), faults));
        let aimd = self.aimd.as_ref().map(|a| a.build(&path.key("aimd"), faults));
        let rules: Vec<LimitRule> = [gradient2, vegas, aimd].into_iter().flatten().collect();
        if rules.len() != 1 {
            let fault = if rules.is_empty() { "names no rule" } else { "names several rules" };
            faults.add_with_help(path.clone(), fault, "one of gradient2, vegas, aimd");
        }
        rules.first().copied()
    }
}

impl Gradient2Spec {
    fn build(&self, path: &KeyPath, faults: &mut Faults) -> LimitRule {
        check_bounds([self.initial, self.min, self.max], path, faults);
        LimitRule::Gradient2(Gradient2 {
            initial: self.initial,
            min: self.min,
            max: self.max.max(self.min),
            queue: self.queue.min(JOBS_MAX),
        })
    }
}

impl VegasSpec {
    fn build(&self, path: &KeyPath, faults: &mut Faults) -> LimitRule {
        check_bounds([self.initial, 1, self.max], path, faults);
        LimitRule::Vegas(Vegas { initial: self.initial, max: self.max.max(1) })
    }
}

impl AimdSpec {
    fn build(&self, path: &KeyPath, faults: &mut Faults) -> LimitRule {
        check_bounds([self.initial, self.min, self.max], path, faults);
        if !(0.5..1.0).contains(&self.backoff.value()) {
            faults.add_with_help(path.key("backoff"), "is out of range", "50% to below 100%");
        }
        if self.timeout == Span::ZERO {
            faults.add(path.key("timeout"), "is zero");
        }
        LimitRule::Aimd(Aimd {
            initial: self.initial,
            min: self.min,
            max: self.max.max(self.min),
            backoff: (self.backoff.value() * 10_000.0).round() as u32,
            timeout: self.timeout.ns(),
        })
    }
}

/// 1 <= `min` <= `initial` <= `max`.
fn check_bounds([initial, min, max]: [u32; 3], path: &KeyPath, faults: &mut Faults) {
    if !(1..=JOBS_MAX).contains(&max) {
        faults.add_with_help(path.key("max"), "is out of range", format!("1 to {JOBS_MAX}"));
    } else if min == 0 || min > max {
        faults.add_with_help(path.key("min"), "is out of range", format!("1 to {max}, the `max`"));
    } else if !(min..=max).contains(&initial) {
        let help = format!("{min} to {max}, as `min` and `max` say");
        faults.add_with_help(path.key("initial"), "is out of range", help);
    }
}
