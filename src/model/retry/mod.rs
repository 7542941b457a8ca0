//! Retry policies: each layer asks its policy after a failed attempt whether and when to try again.

mod budget;
mod exponential;
mod failure;
mod fixed;
mod jitter;
pub mod outage;
pub mod outlook;
mod policy;
mod polly;
mod presets;
mod seen;
mod table;
mod words;
mod written;

pub use budget::{Budget, BudgetSpec, Concurrent, Quota, RetryThrottling, Tokens, Who, Window};
pub use exponential::Exponential;
pub use failure::{Failure, Luck};
pub use fixed::Fixed;
pub use jitter::Jitter;
pub use policy::{OnAdvice, OnRetryAfter, Policy, PolicySpec};
pub use polly::Polly;
pub use presets::{Known, Preset};
pub use seen::{Seen, SeenSet};
pub use table::{Code, DelayRow, DelayTable};

use super::fault::{Faults, KeyPath};
use super::guard::OrNone;
use super::guard::breaker::BreakerSpec;
use super::guard::hedge::HedgeSpec;
use super::guard::throttle::ThrottleSpec;
use crate::units::Span;

/// Attempts of a call at most, the first included; what has no limit of its own ends here.
pub const ATTEMPTS_MAX: u32 = 16;

/// What a policy decides after an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Another attempt after this many nanoseconds.
    Retry(u64),
    /// No further attempt.
    GiveUp,
}

/// A schedule of retries: a family of the scenario language, or one of an embedder's own.
///
/// It must be a function of what it is told, [`Luck`] included: a schedule that remembers calls,
/// reads a clock or draws from elsewhere breaks "same scenario, seed, version: same bytes".
pub trait Schedule: std::fmt::Debug + Send + Sync {
    /// What to do after this failure.
    fn decide(&self, failure: &Failure) -> Decision;
}

/// The schedule of a layer: `"never"`, a preset by name, or a table with one family.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RetrySpec {
    /// One attempt.
    #[default]
    Never,
    /// The same pause every time.
    Fixed(Fixed),
    /// Growing pauses.
    Exponential(Exponential),
    /// Polly's growing pauses.
    Polly(Polly),
    /// Pauses by conditions.
    Table(DelayTable),
    /// A published policy by name.
    Preset(&'static Preset),
}

impl RetrySpec {
    /// Attempts of one call at most.
    pub fn attempts_max(&self) -> u32 {
        match self {
            Self::Never => 1,
            Self::Fixed(fixed) => fixed.attempts_max,
            Self::Exponential(exponential) => exponential.attempts_max,
            Self::Polly(polly) => polly.attempts_max,
            Self::Table(table) => table.attempts_max,
            Self::Preset(preset) => (preset.schedule)().attempts_max(),
        }
    }

    /// The preset, if it is one.
    pub fn preset(&self) -> Option<&'static Preset> {
        match self {
            Self::Preset(preset) => Some(preset),
            _ => None,
        }
    }

    /// The budget of a layer: what is written, or else that of the preset.
    pub fn budget(&self, written: Option<&BudgetSpec>) -> Option<BudgetSpec> {
        let of_preset = || self.preset().and_then(|preset| preset.budget).map(|budget| budget());
        written.cloned().or_else(of_preset).filter(|budget| *budget != BudgetSpec::None)
    }

    /// The bound on a whole call: what is written, or else that of the preset.
    pub fn deadline(&self, written: Option<Span>) -> Option<Span> {
        written.or_else(|| self.preset().and_then(|preset| preset.deadline))
    }

    /// The breaker of a layer: what is written, or else that of the preset.
    pub fn breaker(&self, written: Option<&OrNone<BreakerSpec>>) -> Option<BreakerSpec> {
        self.guard(written, |preset| preset.breaker.map(BreakerSpec::like))
    }

    /// The throttle of a layer: what is written, or else that of the preset.
    pub fn throttle(&self, written: Option<&OrNone<ThrottleSpec>>) -> Option<ThrottleSpec> {
        self.guard(written, |preset| preset.throttle.map(|throttle| throttle()))
    }

    /// The hedges of the app: what is written, or else those of the preset.
    pub fn hedge(&self, written: Option<&OrNone<HedgeSpec>>) -> Option<HedgeSpec> {
        self.guard(written, |preset| preset.hedge)
    }

    fn guard<T: Clone>(
        &self,
        written: Option<&OrNone<T>>,
        of_preset: impl Fn(&Preset) -> Option<T>,
    ) -> Option<T> {
        match written {
            Some(written) => written.table().cloned(),
            None => self.preset().and_then(of_preset),
        }
    }

    /// The place of a written bound on the time of a call, if it has one.
    pub fn until(&self, path: &KeyPath) -> Option<KeyPath> {
        match self {
            Self::Exponential(e) => e.until.map(|_| path.key("exponential").key("until")),
            Self::Table(table) => {
                let row = table.rows.iter().position(|row| row.until.is_some())?;
                Some(path.key("table").key("rows").index(row).key("until"))
            }
            Self::Never | Self::Fixed(_) | Self::Polly(_) | Self::Preset(_) => None,
        }
    }

    /// What is wrong with the parameters.
    pub fn check(&self, path: &KeyPath, faults: &mut Faults) {
        match self {
            Self::Never | Self::Preset(_) => {}
            Self::Fixed(fixed) => fixed.check(&path.key("fixed"), faults),
            Self::Exponential(exponential) => exponential.check(&path.key("exponential"), faults),
            Self::Polly(polly) => polly.check(&path.key("polly"), faults),
            Self::Table(table) => table.check(&path.key("table"), faults),
        }
    }
}

impl Schedule for RetrySpec {
    #[inline]
    fn decide(&self, failure: &Failure) -> Decision {
        match self {
            Self::Never => Decision::GiveUp,
            Self::Fixed(fixed) => fixed.decide(failure),
            Self::Exponential(exponential) => exponential.decide(failure),
            Self::Polly(polly) => polly.decide(failure),
            Self::Table(table) => table.decide(failure),
            Self::Preset(preset) => (preset.schedule)().decide(failure),
        }
    }
}

/// Attempts of a call lie in 1..=16.
fn check_attempts(attempts_max: u32, path: &KeyPath, faults: &mut Faults) {
    if !(1..=ATTEMPTS_MAX).contains(&attempts_max) {
        faults.add_with_help(
            path.key("attempts_max"),
            format!("is {attempts_max}"),
            "a whole number from 1 to 16 (the first attempt included)",
        );
    }
}
