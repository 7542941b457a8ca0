//! A layer's policy: a schedule, the outcomes that it tries again on, and what servers say.

use std::collections::BTreeSet;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ATTEMPTS_MAX, Decision, Failure, RetrySpec, Schedule, Seen, SeenSet};
use crate::model::advice::{Advice, Pushback};
use crate::model::cause::Cause;
use crate::units::Span;

/// How much longer than its own pause the AWS SDKs wait when they are told to (botocore 1.44.5).
const CAPPED_BEYOND: u64 = Span::from_secs(5).ns();

/// What a layer does when an answer says when to come back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnRetryAfter {
    /// Its own pause, whatever the answer says.
    #[default]
    Ignore,
    /// Comes when it is told to, in place of its own pause.
    Obey,
    /// Never before its own pause, and at most 5 s after it.
    ObeyCapped,
    /// As `obey`; an overload or a limit that does not say when is not tried again.
    Require,
}

impl OnRetryAfter {
    /// The name in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ignore => "ignore",
            Self::Obey => "obey",
            Self::ObeyCapped => "obey_capped",
            Self::Require => "require",
        }
    }
}

/// What a layer makes of a server's word that not every client knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnAdvice {
    /// Its own rule, whatever the answer says.
    #[default]
    Ignore,
    /// What the answer says, in place of its own rule; it still makes no more attempts than it may.
    Obey,
}

/// What a layer writes about its policy; what it leaves open, a preset fills.
#[derive(Clone, Debug)]
pub struct PolicySpec<'a> {
    /// The schedule.
    pub retry: &'a RetrySpec,
    /// Outcomes to try again on.
    pub retry_on: Option<SeenSet>,
    /// What is made of a Retry-After.
    pub on_retry_after: Option<OnRetryAfter>,
    /// What is made of a pushback.
    pub on_pushback: Option<OnAdvice>,
    /// What is made of Stripe-Should-Retry.
    pub on_should_retry: Option<OnAdvice>,
    /// Whether attempts carry an order number.
    pub has_key: bool,
}

impl<'a> PolicySpec<'a> {
    /// A schedule with nothing else written, of attempts with an order number.
    pub fn of(retry: &'a RetrySpec) -> Self {
        PolicySpec {
            retry,
            retry_on: None,
            on_retry_after: None,
            on_pushback: None,
            on_should_retry: None,
            has_key: true,
        }
    }
}

/// A checked policy.
#[derive(Clone, Debug)]
pub struct Policy {
    schedule: Chosen,
    retry_on: Option<SeenSet>,
    on_retry_after: OnRetryAfter,
    on_pushback: OnAdvice,
    on_should_retry: OnAdvice,
}

#[derive(Clone, Debug)]
enum Chosen {
    Written(RetrySpec),
    Own(Arc<dyn Schedule>),
}

impl Policy {
    /// The policy that a layer writes. A preset's parts hold where nothing else is written.
    pub fn build(spec: &PolicySpec<'_>) -> Self {
        let preset = spec.retry.preset();
        let schedule = match preset {
            Some(preset) if preset.needs_key && !spec.has_key => RetrySpec::Never,
            Some(preset) => (preset.schedule)(),
            None => spec.retry.clone(),
        };
        Self {
            schedule: Chosen::Written(schedule),
            retry_on: spec.retry_on.or(preset.map(|preset| preset.retry_on)),
            on_retry_after: spec
                .on_retry_after
                .or(preset.map(|preset| preset.on_retry_after))
                .unwrap_or_default(),
            on_pushback: spec
                .on_pushback
                .or(preset.map(|preset| preset.on_pushback))
                .unwrap_or_default(),
            on_should_retry: spec
                .on_should_retry
                .or(preset.map(|preset| preset.on_should_retry))
                .unwrap_or_default(),
        }
    }

    /// The same policy with a schedule of an embedder's own.
    #[must_use]
    pub fn with_schedule(mut self, schedule: Arc<dyn Schedule>) -> Self {
        self.schedule = Chosen::Own(schedule);
        self
    }

    /// Attempts of one call at most; an embedder's own schedule may ask for all there are.
    pub fn attempts_max(&self) -> u32 {
        match &self.schedule {
            Chosen::Written(schedule) => schedule.attempts_max(),
            Chosen::Own(_) => ATTEMPTS_MAX,
        }
    }

    /// The schedule, where it is one of the scenario language.
    pub fn schedule(&self) -> Option<&RetrySpec> {
        match &self.schedule {
            Chosen::Written(schedule) => Some(schedule),
            Chosen::Own(_) => None,
        }
    }

    /// The causes that its schedule names, each once.
    pub fn causes(&self) -> BTreeSet<Cause> {
        let rows = match &self.schedule {
            Chosen::Written(RetrySpec::Table(table)) => &table.rows[..],
            _ => &[],
        };
        rows.iter().flat_map(|row| row.causes.iter().flatten()).map(|code| code.0).collect()
    }

    /// What it makes of a Retry-After.
    pub fn on_retry_after(&self) -> OnRetryAfter {
        self.on_retry_after
    }

    /// Whether there is no retry whatever happens.
    pub fn is_never(&self) -> bool {
        matches!(&self.schedule, Chosen::Written(RetrySpec::Never))
    }

    /// The outcomes that it tries again on, if it names them.
    pub fn retry_on(&self) -> Option<SeenSet> {
        self.retry_on
    }

    /// The outcomes that count as failures for a budget that counts them.
    pub fn failing(&self) -> SeenSet {
        let may_pass = [
            Seen::TimeOut,
            Seen::ConnectionLost,
            Seen::Unknown,
            Seen::Refused,
            Seen::Overloaded,
            Seen::Throttled,
            Seen::Conflict,
        ];
        self.retry_on.unwrap_or(SeenSet::of(&may_pass))
    }

    /// Whether a failure with this look is tried again at all. Without a list of its own a policy
    /// goes by what the answer says: a refusal may pass, a decline will not.
    pub fn tries_again_on(&self, seen: Seen, declined: bool) -> bool {
        self.retry_on.map_or(!declined, |on| on.has(seen))
    }

    /// The same for an answer that says something about another try: what this policy heeds of that
    /// wins over the look. A pushback of a number asks for another try whatever the status (gRFC
    /// A6, *Summary of Retry and Hedging Logic*), and so does Stripe-Should-Retry of `true`.
    pub fn tries_again(&self, seen: Seen, declined: bool, advice: &Advice) -> bool {
        let told = advice.should_retry.filter(|_| self.on_should_retry == OnAdvice::Obey);
        let pushed = self.pushback(advice).map(|pushback| pushback != Pushback::Stop);
        told.or(pushed).unwrap_or_else(|| self.tries_again_on(seen, declined))
    }

    /// The pushback of an answer, where the policy heeds it.
    pub fn pushback(&self, advice: &Advice) -> Option<Pushback> {
        advice.pushback.filter(|_| self.on_pushback == OnAdvice::Obey)
    }

    /// What a budget is to count an outcome as. A pushback that says to stop is a failure whatever
    /// the status (gRFC A6): as that of a server which takes no more.
    pub fn counted(&self, seen: Seen, advice: &Advice) -> Seen {
        match self.pushback(advice) {
            Some(Pushback::Stop) => Seen::Overloaded,
            Some(Pushback::After(_)) | None => seen,
        }
    }

    /// What to do after a failure that is tried again on.
    pub fn decide(&self, failure: &Failure) -> Decision {
        let decision = match &self.schedule {
            Chosen::Written(schedule) => schedule.decide(failure),
            Chosen::Own(schedule) => schedule.decide(failure),
        };
        let Decision::Retry(pause) = decision else { return Decision::GiveUp };
        if let Some(pushback) = self.pushback(&failure.advice) {
            return match pushback {
                Pushback::After(after) => Decision::Retry(after),
                Pushback::Stop => Decision::GiveUp,
            };
        }
        match (self.on_retry_after, failure.advice.retry_after) {
            (OnRetryAfter::Ignore, _) => decision,
            (OnRetryAfter::Require, None)
                if matches!(failure.seen, Seen::Overloaded | Seen::Throttled) =>
            {
                Decision::GiveUp
            }
            (_, None) => decision,
            (OnRetryAfter::ObeyCapped, Some(after)) => {
                Decision::Retry(pause.max(after.min(pause.saturating_add(CAPPED_BEYOND))))
            }
            (OnRetryAfter::Obey | OnRetryAfter::Require, Some(after)) => Decision::Retry(after),
        }
    }
}

impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.schedule, &other.schedule) {
            (Chosen::Written(a), Chosen::Written(b)) => a == b,
            (Chosen::Own(a), Chosen::Own(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        let heeds = |p: &Self| (p.on_retry_after, p.on_pushback, p.on_should_retry);
        let rest = |p: &Self| (p.retry_on, heeds(p));
        same && rest(self) == rest(other)
    }
}
