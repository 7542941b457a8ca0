//! How a failed attempt looks to who decides whether to try again.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::cause::Cause;

/// What a client, or a gateway towards a provider, sees of an attempt that failed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Seen {
    /// Silence until the time-out.
    TimeOut = 0,
    /// The connection broke, by a drop on the way or a crash of the gateway.
    ConnectionLost = 1,
    /// An answer that settles nothing (504).
    Unknown = 2,
    /// A technical refusal (500, 502).
    Refused = 3,
    /// Too busy, or closed for maintenance (503).
    Overloaded = 4,
    /// A limit on the caller (429).
    Throttled = 5,
    /// The same order is under way (409).
    Conflict = 6,
    /// Somebody must act first, or nothing will help (402, 422).
    Declined = 7,
}

impl Seen {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::TimeOut,
        Self::ConnectionLost,
        Self::Unknown,
        Self::Refused,
        Self::Overloaded,
        Self::Throttled,
        Self::Conflict,
        Self::Declined,
    ];

    /// The name in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::TimeOut => "time_out",
            Self::ConnectionLost => "connection_lost",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
            Self::Overloaded => "overloaded",
            Self::Throttled => "throttled",
            Self::Conflict => "conflict",
            Self::Declined => "declined",
        }
    }

    /// How silence looks at the time-out, where the cause is known to the model and the scenario
    /// does not say what share of broken connections is seen before it.
    pub fn in_silence(cause: Cause) -> Self {
        match cause {
            Cause::NetDropMidRequest | Cause::PlatformServerFault => Self::ConnectionLost,
            _ => Self::TimeOut,
        }
    }

    /// How a refusal with this cause looks; one by a capacity is a limit, whatever its cause.
    pub fn in_refusal(cause: Cause) -> Self {
        match cause {
            Cause::ServerOverload
            | Cause::LoadSheddingTopup
            | Cause::SystemBusy
            | Cause::PlatformMaintenance
            | Cause::NoticeMissed
            | Cause::ChannelMaintenance
            | Cause::BankMaintenance => Self::Overloaded,
            Cause::TooManyRequests => Self::Throttled,
            Cause::DuplicateSubmit => Self::Conflict,
            _ => Self::Refused,
        }
    }

    /// How a decline with this cause looks: the velocity meter's is a limit.
    pub fn in_decline(cause: Cause) -> Self {
        match cause {
            Cause::TooManyRequests => Self::Throttled,
            _ => Self::Declined,
        }
    }
}

/// A set of outcomes, written as a list.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Seen>", into = "Vec<Seen>")]
pub struct SeenSet(u8);

impl SeenSet {
    /// The set of these.
    pub const fn of(list: &[Seen]) -> Self {
        let (mut bits, mut i) = (0, 0);
        while i < list.len() {
            bits |= 1 << list[i] as u8;
            i += 1;
        }
        Self(bits)
    }

    /// Whether an outcome is in it.
    pub const fn has(self, seen: Seen) -> bool {
        self.0 >> seen as u8 & 1 == 1
    }

    /// Its outcomes, in order.
    pub fn iter(self) -> impl Iterator<Item = Seen> {
        Seen::ALL.into_iter().filter(move |&seen| self.has(seen))
    }
}

impl From<Vec<Seen>> for SeenSet {
    fn from(list: Vec<Seen>) -> Self {
        Self::of(&list)
    }
}

impl From<SeenSet> for Vec<Seen> {
    fn from(set: SeenSet) -> Self {
        set.iter().collect()
    }
}

impl fmt::Debug for SeenSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl JsonSchema for SeenSet {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Outcomes".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<Seen>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_scenarios() {
        for seen in Seen::ALL {
            let written = serde_json::to_string(&seen).unwrap();
            assert_eq!(written, format!("\"{}\"", seen.name()));
        }
    }

    #[test]
    fn a_set_holds_what_it_was_made_of() {
        for (i, seen) in Seen::ALL.into_iter().enumerate() {
            assert_eq!(seen as usize, i);
            let set = SeenSet::of(&[seen, Seen::Refused]);
            assert!(set.has(seen) && set.has(Seen::Refused));
            assert_eq!(set.iter().count(), if seen == Seen::Refused { 1 } else { 2 });
        }
    }
}
