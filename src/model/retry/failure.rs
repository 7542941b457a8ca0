//! What a policy is told of a failed attempt, and its luck.

use super::Seen;
use crate::engine::Stream;
use crate::engine::draw::Draw;
use crate::model::advice::Advice;
use crate::model::cause::Cause;
use crate::model::purpose::Purpose;

/// A failed attempt, as who decides sees it.
#[derive(Clone, Copy, Debug)]
pub struct Failure {
    /// Its number within its call, the first as 1; extra submits of the user are not counted.
    pub attempt: u32,
    /// What it looks like.
    pub seen: Seen,
    /// The code of a refusal or a decline; silence and "unknown" have none.
    pub cause: Option<Cause>,
    /// Since the first attempt of the call, ns.
    pub elapsed: u64,
    /// What the answer said about another try.
    pub advice: Advice,
    /// The policy's luck.
    pub luck: Luck,
}

/// Draws of one call: of the attempt in hand, and again of those before it.
#[derive(Clone, Copy, Debug)]
pub struct Luck {
    now: Draw,
    stream: Stream,
    chain: Chain,
}

/// How the draws of a call are keyed by the number of the retry.
#[derive(Clone, Copy, Debug)]
enum Chain {
    /// By when the call began: an app's calls have no numbers.
    Began(u64),
    /// By the attempt for which the gateway calls.
    Attempt(u16),
}

impl Luck {
    /// The luck of an app's call that began at `began`, after attempt `k` (from 0) of its journey,
    /// of which so many attempts have been held back.
    pub fn of_client(stream: Stream, (k, held_back): (u8, u8), began: u64) -> Self {
        let now = stream.draw(Purpose::ClientBackoff, u16::from(k), held_back);
        Self { now, stream, chain: Chain::Began(began) }
    }

    /// The luck of the gateway after call `n` (from 0) for attempt `k`.
    pub fn of_gateway(stream: Stream, k: u8, n: u8) -> Self {
        let now = stream.draw(Purpose::GatewayBackoff, u16::from(k), n + 1);
        Self { now, stream, chain: Chain::Attempt(u16::from(k)) }
    }

    /// The draw of this decision, for a policy whose pauses know nothing of each other.
    pub fn draw(&self) -> Draw {
        self.now
    }

    /// The draw of retry `retry` (1 = the first) of this call, whenever it is asked for: policies
    /// whose pause depends on the one before make the whole chain again.
    pub fn of_retry(&self, retry: u32) -> Draw {
        let sub = retry.min(255) as u8;
        match self.chain {
            Chain::Began(began) => self.stream.child(began).draw(Purpose::BackoffChain, 0, sub),
            Chain::Attempt(k) => self.stream.draw(Purpose::GatewayBackoff, k, sub),
        }
    }
}
