//! Published policies by name: a preset is one row.

mod rows;
mod words;

use super::{BudgetSpec, OnAdvice, OnRetryAfter, RetrySpec, SeenSet};
use crate::model::guard::breaker::Library;
use crate::model::guard::hedge::HedgeSpec;
use crate::model::guard::throttle::ThrottleSpec;
use crate::units::Span;

/// How a preset's constants are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Read in the source at the commit or version that the row gives, and run.
    Run,
    /// Read in the source at the commit or version that the row gives.
    Read,
    /// The official documentation says so.
    Documented,
    /// Told by others, or from memory.
    Unverified,
}

impl Known {
    /// The word in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Run => "read and run",
            Self::Read => "read",
            Self::Documented => "documented",
            Self::Unverified => "unverified",
        }
    }
}

/// A published policy. A scenario that writes one of its parts itself has its own way there.
#[derive(Debug)]
pub struct Preset {
    /// The name in scenarios.
    pub name: &'static str,
    /// Whose policy it is.
    pub label: &'static str,
    /// How the constants are known.
    pub known: Known,
    /// The schedule.
    pub schedule: fn() -> RetrySpec,
    /// The outcomes that it tries again on.
    pub retry_on: SeenSet,
    /// What it makes of a Retry-After.
    pub on_retry_after: OnRetryAfter,
    /// What it makes of gRPC's pushback.
    pub on_pushback: OnAdvice,
    /// What it makes of Stripe-Should-Retry.
    pub on_should_retry: OnAdvice,
    /// The budget, if it has one.
    pub budget: Option<fn() -> BudgetSpec>,
    /// Bound on a whole call, if it has one.
    pub deadline: Option<Span>,
    /// Whose breaker it has, if it has one.
    pub breaker: Option<Library>,
    /// The throttle, if it has one.
    pub throttle: Option<fn() -> ThrottleSpec>,
    /// The hedges of the app, if it sends any.
    pub hedge: Option<HedgeSpec>,
    /// Whether it tries again only what carries an order number.
    pub needs_key: bool,
    /// Where the constants come from.
    pub source: &'static str,
    /// What else to know: what the model leaves out, what was chosen, what is unverified.
    pub note: &'static str,
}

impl Preset {
    /// All presets, in the order of documents.
    pub fn all() -> &'static [Self] {
        rows::PRESETS
    }

    /// The preset of a name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        Self::all().iter().find(|preset| preset.name == name)
    }
}

impl PartialEq for Preset {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// One row a preset: name, label, how it is known, schedule, outcomes, Retry-After, source, note;
/// and what few have besides, in brackets.
macro_rules! presets {
    ($($name:literal = $label:literal, $known:ident, $schedule:expr, $on:expr, $after:ident,
       $source:literal, $note:literal $([$($field:ident: $value:expr),*])?;)*) => {
        /// The rows.
        pub(super) const PRESETS: &[$crate::model::retry::Preset] = &[$(
            $crate::model::retry::Preset {
                name: $name,
                label: $label,
                known: $crate::model::retry::Known::$known,
                schedule: || $schedule,
                retry_on: $crate::model::retry::SeenSet::of($on),
                on_retry_after: $crate::model::retry::OnRetryAfter::$after,
                source: $source,
                note: $note,
                $($($field: $value,)*)?
                ..PLAIN
            },
        )*];
    };
}
use presets;
