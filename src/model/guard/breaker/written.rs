//! The written form of a breaker, and the defaults of the libraries that it may be like.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MILLION, Rules, Window};
use crate::model::fault::{Faults, KeyPath};
use crate::model::guard::OfGuard;
use crate::units::{Probability, Span};

/// Calls that a window counts at most.
const CALLS_MAX: u32 = 10_000;
/// Buckets of a window at most.
const BUCKETS_MAX: u32 = 100;

/// `breaker`: the rules of a library, and what is different here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BreakerSpec {
    /// Whose defaults hold where no other key says more.
    pub like: Library,
    /// The window is the last so many calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<u32>,
    /// The window is the calls that ended within so long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// Parts of that time; the window moves on by one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buckets: Option<u32>,
    /// When the window is judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Judged>,
    /// Calls in the window below which nothing is judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls_min: Option<u32>,
    /// Share of failed calls at which the breaker opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<Probability>,
    /// Slow calls, which open it as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow: Option<SlowSpec>,
    /// How long it stays open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_for: Option<Span>,
    /// Calls that may pass when that time is over, and whose results decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probes: Option<u32>,
}

impl OfGuard for BreakerSpec {
    const NAME: &'static str = "Breaker";
    const WHAT: &'static str = "breaker";
    const EXAMPLE: &'static str = "{ like = \"hystrix\" }";
}

/// Whose defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Library {
    /// resilience4j: 50 % of the last 100 calls, open for 60 s, 10 probes.
    Resilience4j,
    /// Hystrix: 50 % of 20 or more within 10 s, judged every 500 ms, open for 5 s, one probe.
    Hystrix,
    /// Polly v8: 10 % of 100 or more within 30 s, open for 5 s, one probe.
    PollyV8,
}

/// When a window is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// When a call has ended.
    EachCall,
    /// At the end of each bucket.
    EachBucket,
}

/// `slow`: calls that take longer than `after`, whatever they bring.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlowSpec {
    /// What is slow.
    pub after: Span,
    /// Share of slow calls at which the breaker opens.
    pub share: Probability,
}

const SECOND: u64 = 1_000_000_000;
/// Nothing is slow.
const NEVER_SLOW: (u64, u64) = (u64::MAX, MILLION);

impl Library {
    /// The name in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::Resilience4j => "resilience4j",
            Self::Hystrix => "hystrix",
            Self::PollyV8 => "polly-v8",
        }
    }

    /// Its defaults: resilience4j at af9e7c9, Hystrix at 7c03bafe, Polly at 173d6d1, all read.
    pub(super) fn rules(self) -> Rules {
        match self {
            Self::Resilience4j => Rules {
                window: Window::Calls(100),
                calls_min: 100,
                failures: MILLION / 2,
                slow: (60 * SECOND, MILLION),
                open_for: 60 * SECOND,
                probes: 10,
            },
            Self::Hystrix => Rules {
                window: Window::Within(10 * SECOND, 20, Judged::EachBucket),
                calls_min: 20,
                failures: MILLION / 2,
                slow: NEVER_SLOW,
                open_for: 5 * SECOND,
                probes: 1,
            },
            Self::PollyV8 => Rules {
                window: Window::Within(30 * SECOND, 10, Judged::EachCall),
                calls_min: 100,
                failures: MILLION / 10,
                slow: NEVER_SLOW,
                open_for: 5 * SECOND,
                probes: 1,
            },
        }
    }
}

impl BreakerSpec {
    /// A breaker with the defaults of a library.
    pub fn like(like: Library) -> Self {
        Self {
            like,
            calls: None,
            within: None,
            buckets: None,
            judged: None,
            calls_min: None,
            failures: None,
            slow: None,
            open_for: None,
            probes: None,
        }
    }

    /// Checks the rules.
    pub fn build(&self, path: &KeyPath, faults: &mut Faults) -> Rules {
        let like = self.like.rules();
        let positive = |key: &str, span: Option<Span>, faults: &mut Faults| {
            if span == Some(Span::ZERO) {
                faults.add(path.key(key), "is zero");
            }
        };
        positive("within", self.within, faults);
        positive("open_for", self.open_for, faults);
        let within = |key: &str, n: Option<u32>, max: u32, faults: &mut Faults| {
            if n.is_some_and(|n| !(1..=max).contains(&n)) {
                faults.add_with_help(path.key(key), "is out of range", format!("1 to {max}"));
            }
        };
        within("calls", self.calls, CALLS_MAX, faults);
        within("buckets", self.buckets, BUCKETS_MAX, faults);
        within("calls_min", self.calls_min, 1_000_000, faults);
        within("probes", self.probes, 1_000, faults);
        for (key, share) in
            [("failures", self.failures), ("slow", self.slow.map(|slow| slow.share))]
        {
            if share == Some(Probability::ZERO) {
                faults.add(path.key(key), "is a share of 0%: it would open at the first call");
            }
        }
        let window = self.window(like.window, path, faults);
        let calls_min = self.calls_min.unwrap_or(like.calls_min);
        Rules {
            window,
            // resilience4j: a window never waits for more calls than it holds
            calls_min: match window {
                Window::Calls(calls) => calls_min.min(calls),
                Window::Within(..) => calls_min,
            },
            failures: self.failures.map_or(like.failures, millionths),
            slow: self.slow.map_or(like.slow, |slow| (slow.after.ns(), millionths(slow.share))),
            open_for: self.open_for.map_or(like.open_for, |span| span.ns()),
            probes: self.probes.unwrap_or(like.probes),
        }
    }

    /// The window: as written, or as the library has it.
    fn window(&self, like: Window, path: &KeyPath, faults: &mut Faults) -> Window {
        if self.calls.is_some() {
            for (key, written) in [
                ("within", self.within.is_some()),
                ("buckets", self.buckets.is_some()),
                ("judged", self.judged.is_some()),
            ] {
                if written {
                    let fault = "has no meaning beside `calls`, which counts calls, not time";
                    faults.add(path.key(key), fault);
                }
            }
        }
        match (self.calls, self.within, like) {
            (Some(calls), ..) => Window::Calls(calls.clamp(1, CALLS_MAX)),
            (None, None, Window::Calls(calls)) => {
                for (key, written) in
                    [("buckets", self.buckets.is_some()), ("judged", self.judged.is_some())]
                {
                    if written {
                        let help = "give `within`";
                        faults.add_with_help(path.key(key), "is about a window of time", help);
                    }
                }
                Window::Calls(calls)
            }
            (None, within, like) => {
                let (of_like, buckets, judged) = match like {
                    Window::Within(within, buckets, judged) => (within, buckets, judged),
                    Window::Calls(_) => (0, 10, Judged::EachCall),
                };
                let within = within.map_or(of_like, |span| span.ns());
                let buckets = self.buckets.unwrap_or(buckets).clamp(1, BUCKETS_MAX);
                Window::Within(within, buckets, self.judged.unwrap_or(judged))
            }
        }
    }
}

/// A share in parts of a million.
fn millionths(share: Probability) -> u64 {
    (share.value() * MILLION as f64 + 0.5) as u64
}
