//! A preset in words, for documents and lists.

use super::super::{ATTEMPTS_MAX, OnAdvice};
use super::Preset;

impl Preset {
    /// Attempts of a call at most, the first included.
    pub fn attempts(&self) -> String {
        if let Some(hedge) = self.hedge {
            return format!("{} with hedges", hedge.attempts_max);
        }
        match (self.schedule)().attempts_max() {
            ATTEMPTS_MAX => format!("no limit of its own: {ATTEMPTS_MAX}"),
            attempts => attempts.to_string(),
        }
    }

    /// The pause before retry k = 1, 2 ...
    pub fn pauses(&self) -> String {
        (self.schedule)().pauses_in_words()
    }

    /// Its budget.
    pub fn budget_in_words(&self) -> String {
        self.budget.map_or_else(|| "-".to_owned(), |budget| budget().in_words())
    }

    /// Its breaker.
    pub fn breaker_in_words(&self) -> String {
        self.breaker.map_or_else(|| "-".to_owned(), |like| format!("like {}", like.name()))
    }

    /// Its throttle.
    pub fn throttle_in_words(&self) -> String {
        self.throttle.map_or_else(|| "-".to_owned(), |throttle| throttle().in_words())
    }

    /// Its hedges.
    pub fn hedge_in_words(&self) -> String {
        self.hedge.map_or_else(|| "-".to_owned(), |hedge| hedge.in_words())
    }

    /// The outcomes that it tries again on.
    pub fn outcomes(&self) -> String {
        self.retry_on.in_words()
    }

    /// What it heeds of what servers say: a Retry-After, or the word of its own protocol.
    pub fn heeds(&self) -> &'static str {
        if self.on_pushback == OnAdvice::Obey {
            return "gRPC's pushback";
        }
        if self.on_should_retry == OnAdvice::Obey {
            return "Stripe-Should-Retry";
        }
        self.on_retry_after.in_words()
    }
}
