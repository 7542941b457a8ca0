//! What a server says about another try: Retry-After, gRPC's pushback, Stripe-Should-Retry.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::fault::{Faults, KeyPath};
use super::retry::Seen;
use crate::units::Span;

/// A Retry-After is told in whole seconds, of which an answer holds 2^15 − 1.
pub const RETRY_AFTER_MAX: Span = Span::from_secs(9 * 3_600);
/// A pushback is told in whole milliseconds, of which an answer holds as many.
pub const PUSHBACK_MAX: Span = Span::from_secs(30);

/// What an answer says about another try; nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Advice {
    /// Retry-After (RFC 9110, section 10.2.3): when to come back, ns from now.
    pub retry_after: Option<u64>,
    /// `grpc-retry-pushback-ms` (gRFC A6).
    pub pushback: Option<Pushback>,
    /// Stripe-Should-Retry.
    pub should_retry: Option<bool>,
}

/// A pushback: a number of milliseconds, or one that is negative or cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushback {
    /// Another try after this many nanoseconds, whatever the back-off.
    After(u64),
    /// No other try.
    Stop,
}

/// A pushback as it is written: a span, or `"stop"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushbackSpec {
    /// Another try after this span.
    After(Span),
    /// No other try.
    Stop,
}

/// Which answers say whether to try again, and what; an answer that is left out says nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ShouldRetry {
    /// A technical refusal (500, 502).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<bool>,
    /// Too busy, or closed for maintenance (503).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overloaded: Option<bool>,
    /// A limit on the caller (429).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttled: Option<bool>,
    /// The same order is under way (409).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict: Option<bool>,
    /// Somebody must act first, or nothing will help (402, 422).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declined: Option<bool>,
}

/// What a server is told to say, as it is written.
#[derive(Clone, Copy, Debug)]
pub struct SaysSpec<'a> {
    /// Retry-After of an overload or a limit.
    pub retry_after: Option<Span>,
    /// Whether a refusal for maintenance tells its end in place of it.
    pub tells_end: bool,
    /// Pushback of an overload or a limit.
    pub pushback: Option<PushbackSpec>,
    /// Stripe-Should-Retry by answer.
    pub should_retry: Option<&'a ShouldRetry>,
}

/// What a server says, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Says {
    retry_after: Option<u64>,
    pushback: Option<Pushback>,
    should_retry: ShouldRetry,
    /// Whether a refusal for maintenance tells its end.
    pub tells_end: bool,
}

impl SaysSpec<'_> {
    /// Checks what a server says; none where it says nothing.
    pub fn build(&self, path: &KeyPath, faults: &mut Faults) -> Option<Says> {
        if self.retry_after.is_some_and(|after| after.is_zero() || after > RETRY_AFTER_MAX) {
            faults.add_with_help(path.key("retry_after"), "is out of range", "above 0, up to 9h");
        }
        let pushback = self.pushback.map(|pushback| match pushback {
            PushbackSpec::Stop => Pushback::Stop,
            PushbackSpec::After(after) => {
                if after > PUSHBACK_MAX {
                    let help = "up to 30s, or \"stop\"";
                    faults.add_with_help(path.key("pushback"), "is out of range", help);
                }
                Pushback::After(after.ns())
            }
        });
        if pushback.is_some() && (self.retry_after.is_some() || self.tells_end) {
            let key = if self.retry_after.is_some() { "retry_after" } else { "tells_end" };
            faults.add_with_help(
                path.key("pushback"),
                format!("stands beside `{key}`"),
                "a server speaks gRPC, and pushes back, or HTTP, and says Retry-After",
            );
        }
        if self.should_retry.is_some_and(|should| *should == ShouldRetry::default()) {
            let help = "at least one of refused, overloaded, throttled, conflict, declined";
            faults.add_with_help(path.key("should_retry"), "says nothing", help);
        }
        let says = Says {
            retry_after: self.retry_after.map(Span::ns),
            pushback,
            should_retry: self.should_retry.cloned().unwrap_or_default(),
            tells_end: self.tells_end,
        };
        (says != Says::NOTHING).then_some(says)
    }
}

impl Says {
    const NOTHING: Self = Self {
        retry_after: None,
        pushback: None,
        should_retry: ShouldRetry {
            refused: None,
            overloaded: None,
            throttled: None,
            conflict: None,
            declined: None,
        },
        tells_end: false,
    };

    /// What it says with an answer that looks like this. `rest`: what is left of a maintenance
    /// whose end it tells, ns.
    pub fn with(&self, seen: Seen, rest: Option<u64>) -> Advice {
        let busy = matches!(seen, Seen::Overloaded | Seen::Throttled);
        Advice {
            retry_after: rest.or(self.retry_after).filter(|_| busy),
            pushback: self.pushback.filter(|_| busy),
            should_retry: self.should_retry(seen),
        }
    }

    /// What Stripe-Should-Retry says with an answer that looks like this.
    pub fn should_retry(&self, seen: Seen) -> Option<bool> {
        let should = &self.should_retry;
        match seen {
            Seen::Refused => should.refused,
            Seen::Overloaded => should.overloaded,
            Seen::Throttled => should.throttled,
            Seen::Conflict => should.conflict,
            Seen::Declined => should.declined,
            Seen::TimeOut | Seen::ConnectionLost | Seen::Unknown => None,
        }
    }
}

impl FromStr for PushbackSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "stop" => Ok(Self::Stop),
            _ => text
                .parse()
                .map(Self::After)
                .map_err(|fault| format!("{fault}; or \"stop\", which forbids another try")),
        }
    }
}

impl fmt::Display for PushbackSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stop => f.write_str("stop"),
            Self::After(after) => after.fmt(f),
        }
    }
}

impl Serialize for PushbackSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PushbackSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for PushbackSpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Pushback".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let span = generator.subschema_for::<Span>();
        json_schema!({ "anyOf": [{ "const": "stop" }, span] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENT: SaysSpec<'_> =
        SaysSpec { retry_after: None, tells_end: false, pushback: None, should_retry: None };

    fn says(spec: SaysSpec<'_>) -> (Option<Says>, Vec<String>) {
        let mut faults = Faults::default();
        let says = spec.build(&KeyPath::root(), &mut faults);
        (says, faults.into_vec().iter().map(|fault| fault.path.to_string()).collect())
    }

    #[test]
    fn only_overloads_and_limits_say_when_to_come_back() {
        let (says, faults) =
            says(SaysSpec { retry_after: Some(Span::from_secs(7)), tells_end: true, ..SILENT });
        let says = says.unwrap();
        assert!(faults.is_empty());
        for seen in Seen::ALL {
            let busy = matches!(seen, Seen::Overloaded | Seen::Throttled);
            assert_eq!(says.with(seen, None).retry_after, busy.then_some(7_000_000_000));
            assert_eq!(says.with(seen, Some(5)).retry_after, busy.then_some(5));
        }
    }

    #[test]
    fn each_answer_has_its_own_word() {
        let should: ShouldRetry = toml::from_str("throttled = true\nrefused = false").unwrap();
        let (says, faults) = says(SaysSpec { should_retry: Some(&should), ..SILENT });
        assert!(faults.is_empty());
        let said = Seen::ALL.map(|seen| says.as_ref().unwrap().with(seen, None).should_retry);
        let nothing = None;
        let want = [nothing, nothing, nothing, Some(false), nothing, Some(true), nothing, nothing];
        assert_eq!(said, want);
    }

    #[test]
    fn a_pushback_is_a_span_or_stop_and_reads_back() {
        for text in ["stop", "0s", "1.5s"] {
            let spec: PushbackSpec = text.parse().unwrap();
            assert_eq!(spec.to_string().parse(), Ok(spec), "{text}");
        }
        assert!("-1".parse::<PushbackSpec>().unwrap_err().contains("\"stop\""));
    }

    #[test]
    fn faults_name_the_key() {
        let empty = ShouldRetry::default();
        let (stop, hours) = (Some(PushbackSpec::Stop), |n: u64| Some(Span::from_secs(n * 3_600)));
        let wrong = [
            (SaysSpec { retry_after: Some(Span::ZERO), ..SILENT }, "retry_after"),
            (SaysSpec { retry_after: hours(10), ..SILENT }, "retry_after"),
            (
                SaysSpec { pushback: Some(PushbackSpec::After(Span::from_secs(31))), ..SILENT },
                "pushback",
            ),
            (SaysSpec { pushback: stop, retry_after: hours(1), ..SILENT }, "pushback"),
            (SaysSpec { pushback: stop, tells_end: true, ..SILENT }, "pushback"),
            (SaysSpec { should_retry: Some(&empty), ..SILENT }, "should_retry"),
        ];
        for (spec, key) in wrong {
            assert_eq!(says(spec).1, [key], "{spec:?}");
        }
        assert_eq!(says(SILENT), (None, Vec::new()));
    }
}
