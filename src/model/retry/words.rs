//! A policy's parts in words, for documents and lists.

use super::{
    BudgetSpec, DelayRow, DelayTable, Exponential, Jitter, OnRetryAfter, RetrySpec, Seen, SeenSet,
};
use crate::model::guard::hedge::HedgeSpec;
use crate::model::guard::throttle::ThrottleSpec;
use crate::units::{Factor, Rate, Span};

impl RetrySpec {
    /// The pause before retry k = 1, 2 ...
    pub fn pauses_in_words(&self) -> String {
        match self {
            Self::Never => "-".to_owned(),
            Self::Preset(preset) => (preset.schedule)().pauses_in_words(),
            _ if self.attempts_max() == 1 => "-".to_owned(),
            Self::Fixed(fixed) if fixed.pause.is_zero() => "at once".to_owned(),
            Self::Fixed(fixed) => fixed.pause.to_string(),
            Self::Exponential(exponential) => growing(exponential),
            Self::Polly(polly) => {
                format!("(f(t) − f(t before)) / 1.4 × {}, f(t) = 2^t × tanh(√(4t))", polly.base)
            }
            Self::Table(table) => rows(table),
        }
    }
}

impl OnRetryAfter {
    /// What is made of a Retry-After.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Ignore => "no",
            Self::Obey => "yes",
            Self::ObeyCapped => "at most 5 s longer than its pause",
            Self::Require => "yes, and wants it",
        }
    }
}

impl SeenSet {
    /// The outcomes by name.
    pub fn in_words(self) -> String {
        match self {
            none if none == Self::default() => "-".to_owned(),
            some => some.iter().map(|seen| seen.name()).collect::<Vec<_>>().join(", "),
        }
    }
}

impl HedgeSpec {
    /// When it sends, and how often.
    pub fn in_words(&self) -> String {
        format!("after {} each, at most {} attempts", self.after, self.attempts_max)
    }
}

impl ThrottleSpec {
    /// Which it is.
    pub fn in_words(&self) -> String {
        match self.sre {
            Some(sre) => format!("sre, K = {} over {}", sre.factor.value(), sre.window),
            None => "cubic".to_owned(),
        }
    }
}

impl BudgetSpec {
    /// What retries are paid from.
    pub fn in_words(&self) -> String {
        match self {
            Self::None => "-".to_owned(),
            Self::Tokens(b) => {
                let besides = match b.reserve == Rate::default() {
                    true => String::new(),
                    false => format!(" and {}", b.reserve),
                };
                format!("{} of first attempts{besides}, {} kept at most", b.ratio, b.retries_max)
            }
            Self::Window(b) => {
                format!("{} of first attempts and {}, over {}", b.ratio, b.min, b.ttl)
            }
            Self::Concurrent(b) if b.share.value() == 0.0 => {
                format!("{} retries under way", b.at_least)
            }
            Self::Concurrent(b) => {
                format!("retries under way: {} of attempts, {} at least", b.share, b.at_least)
            }
            Self::RetryThrottling(b) => {
                let half = f64::from(b.tokens_max) / 2.0;
                format!(
                    "{} tokens: a failure takes 1, a success brings {}; none at {half} or fewer",
                    b.tokens_max,
                    b.ratio.value()
                )
            }
            Self::Quota(b) => {
                let mut costs = vec![format!("a retry costs {}", b.cost)];
                costs.extend(b.cost_time_out.map(|cost| format!("after a time-out {cost}")));
                costs.extend(b.cost_throttled.map(|cost| format!("after throttling {cost}")));
                format!("quota of {}: {}", b.tokens, costs.join(", "))
            }
        }
    }
}

fn growing(e: &Exponential) -> String {
    let factor = e.factor.map_or(2.0, Factor::value);
    let first = e.first_pause.map_or_else(String::new, |first| format!("{first}, then "));
    let power = if e.first_pause.is_some() { "k−2" } else { "k−1" };
    let pause = format!("min({}, {} × {factor}^({power}))", e.pause_max, e.pause_min);
    let spread = match e.jitter {
        Jitter::Decorrelated => {
            let factor = e.factor.map_or(3.0, Factor::value);
            format!("min({}, U({}, {factor} × pause before))", e.pause_max, e.pause_min)
        }
        jitter => spread(jitter, &pause),
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

fn spread(jitter: Jitter, pause: &str) -> String {
    match jitter {
        Jitter::None | Jitter::Decorrelated => pause.to_owned(),
        Jitter::Full => format!("U(0, 1) × {pause}"),
        Jitter::Equal => format!("U(0.5, 1) × {pause}"),
        Jitter::Proportional(share) => format!("{pause} ± {share}"),
        Jitter::Additive(share) => format!("{pause} + U(0, {share} of it)"),
    }
}

fn rows(table: &DelayTable) -> String {
    table.rows.iter().map(row).collect::<Vec<_>>().join("; ")
}

fn row(row: &DelayRow) -> String {
    let pauses: Vec<String> = row.pauses.iter().map(Span::to_string).collect();
    let pauses = spread(row.jitter, &format!("({})", pauses.join(", ")));
    let seen = row.on.iter().flat_map(|on| on.iter()).map(Seen::name);
    let causes = row.causes.iter().flatten().map(|code| code.0.row().code);
    let on: Vec<&str> = seen.chain(causes).collect();
    let on = if on.is_empty() { "else".to_owned() } else { on.join(", ") };
    let until = row.until.map_or_else(String::new, |until| format!(" until {until}"));
    format!("{on}{until}: {pauses}")
}
