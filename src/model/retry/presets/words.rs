//! A preset in words, for documents and lists.

use super::super::{
    ATTEMPTS_MAX, BudgetSpec, DelayTable, Exponential, Jitter, OnAdvice, OnRetryAfter, RetrySpec,
    SeenSet,
};
use super::Preset;
use crate::model::guard::hedge::HedgeSpec;
use crate::units::{Factor, Span};

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
        match (self.schedule)() {
            RetrySpec::Never | RetrySpec::Preset(_) => "-".to_owned(),
            _ if (self.schedule)().attempts_max() == 1 => "-".to_owned(),
            RetrySpec::Fixed(fixed) if fixed.pause.is_zero() => "at once".to_owned(),
            RetrySpec::Fixed(fixed) => fixed.pause.to_string(),
            RetrySpec::Exponential(exponential) => growing(&exponential),
            RetrySpec::Polly(polly) => {
                format!("(f(t) − f(t before)) / 1.4 × {}, f(t) = 2^t × tanh(√(4t))", polly.base)
            }
            RetrySpec::Table(table) => rows(&table),
        }
    }

    /// Its budget.
    pub fn budget_in_words(&self) -> String {
        self.budget.map_or_else(|| "-".to_owned(), |budget| budget_in_words(&budget()))
    }

    /// Its breaker.
    pub fn breaker_in_words(&self) -> String {
        self.breaker.map_or_else(|| "-".to_owned(), |like| format!("like {}", like.name()))
    }

    /// Its throttle.
    pub fn throttle_in_words(&self) -> String {
        self.throttle.map_or_else(
            || "-".to_owned(),
            |throttle| match throttle().sre {
                Some(sre) => format!("sre, K = {} over {}", sre.factor.value(), sre.window),
                None => "cubic".to_owned(),
            },
        )
    }

    /// Its hedges.
    pub fn hedge_in_words(&self) -> String {
        let words = |hedge: HedgeSpec| {
            format!("after {} each, at most {} attempts", hedge.after, hedge.attempts_max)
        };
        self.hedge.map_or_else(|| "-".to_owned(), words)
    }

    /// The outcomes that it tries again on.
    pub fn outcomes(&self) -> String {
        match self.retry_on {
            none if none == SeenSet::default() => "-".to_owned(),
            some => some.iter().map(|seen| seen.name()).collect::<Vec<_>>().join(", "),
        }
    }

    /// What it heeds of what servers say: a Retry-After, or the word of its own protocol.
    pub fn heeds(&self) -> &'static str {
        if self.on_pushback == OnAdvice::Obey {
            return "gRPC's pushback";
        }
        if self.on_should_retry == OnAdvice::Obey {
            return "Stripe-Should-Retry";
        }
        match self.on_retry_after {
            OnRetryAfter::Ignore => "no",
            OnRetryAfter::Obey => "Retry-After",
            OnRetryAfter::ObeyCapped => "Retry-After, at most 5 s longer than its pause",
            OnRetryAfter::Require => "Retry-After, and wants it",
        }
    }
}

fn growing(e: &Exponential) -> String {
    let factor = e.factor.map_or(2.0, Factor::value);
    let first = e.first_pause.map_or_else(String::new, |first| format!("{first}, then "));
    let power = if e.first_pause.is_some() { "k−2" } else { "k−1" };
    let pause = format!("min({}, {} × {factor}^({power}))", e.pause_max, e.pause_min);
    let spread = match e.jitter {
        Jitter::None => pause,
        Jitter::Full => format!("U(0, 1) × {pause}"),
        Jitter::Equal => format!("U(0.5, 1) × {pause}"),
        Jitter::Decorrelated => {
            format!("min({}, U({}, {factor} × pause before))", e.pause_max, e.pause_min)
        }
        Jitter::Proportional(share) => format!("{pause} ± {share}"),
        Jitter::Additive(share) => format!("{pause} + U(0, {share} of it)"),
    };
    let bound = |word: &str, span: Option<Span>| {
        span.map_or_else(String::new, |span| format!(", {word} {span}"))
    };
    format!(
        "{first}{spread}{}{}{}",
        bound("at least", e.at_least),
        bound("at most", e.at_most),
        bound("until", e.until)
    )
}

fn rows(table: &DelayTable) -> String {
    let rows = table.rows.iter().map(|row| {
        let pauses: Vec<String> = row.pauses.iter().map(Span::to_string).collect();
        let spread = if row.jitter == Jitter::Full { "U(0, 1) × " } else { "" };
        let on = row.on.map_or_else(
            || "else".to_owned(),
            |on| on.iter().map(|seen| seen.name()).collect::<Vec<_>>().join(", "),
        );
        format!("{on}: {spread}({})", pauses.join(", "))
    });
    rows.collect::<Vec<_>>().join("; ")
}

fn budget_in_words(budget: &BudgetSpec) -> String {
    match budget {
        BudgetSpec::None => "-".to_owned(),
        BudgetSpec::Tokens(b) => {
            format!("{} of first attempts, {} kept at most", b.ratio, b.retries_max)
        }
        BudgetSpec::Window(b) => {
            format!("{} of first attempts and {}, over {}", b.ratio, b.min, b.ttl)
        }
        BudgetSpec::Concurrent(b) if b.share.value() == 0.0 => {
            format!("{} retries under way", b.at_least)
        }
        BudgetSpec::Concurrent(b) => {
            format!("retries under way: {} of attempts, {} at least", b.share, b.at_least)
        }
        BudgetSpec::RetryThrottling(b) => {
            let half = f64::from(b.tokens_max) / 2.0;
            format!(
                "{} tokens: a failure takes 1, a success brings {}; none at {half} or fewer",
                b.tokens_max,
                b.ratio.value()
            )
        }
        BudgetSpec::Quota(b) => {
            let mut costs = vec![format!("a retry costs {}", b.cost)];
            costs.extend(b.cost_time_out.map(|cost| format!("after a time-out {cost}")));
            costs.extend(b.cost_throttled.map(|cost| format!("after throttling {cost}")));
            format!("quota of {}: {}", b.tokens, costs.join(", "))
        }
    }
}
