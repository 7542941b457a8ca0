//! What guards calls: state of a layer's processes that learns from how calls end.
//!
//! A *breaker* refuses calls for a while when many have failed; a *throttle* lets pass what the
//! other side has lately taken; *recent success* says which provider has lately answered best. All
//! count in integers over windows of buckets that begin at whole multiples of their width, but for
//! the rate of [`cubic`], which is float arithmetic of + - * / and the cube root of `libm`: the
//! same bits on every platform.

pub mod breaker;
pub mod cubic;
pub mod hedge;
pub mod latency;
pub mod recent;
pub mod rolling;
pub mod sre;
pub mod throttle;
mod written;

pub use written::{OfGuard, OrNone};

use super::cause::Cause;

/// How an attempt of the app, or a call of the gateway, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// With the money.
    Paid,
    /// Declined: another try would not change it, and whoever answered works.
    Declined,
    /// Refused: another try may pass.
    Refused(Cause),
    /// Without a word, or with the word that nobody knows.
    Silence,
}

/// The end of an attempt or a call, as the state of a policy learns of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub how: How,
    /// Since it was sent, ns.
    pub latency: u64,
    /// Whether it was a retry, rather than the first of its call.
    pub retry: bool,
}

/// Whether an attempt or a call may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// At once.
    Now,
    /// After so many nanoseconds; its place is taken.
    After(u64),
    /// Not at all.
    Refused,
}

impl How {
    /// Whether the other side failed: it refused, or kept silent.
    #[inline]
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Refused(_) | Self::Silence)
    }

    /// Whether the other side said that it has too much to do.
    pub fn is_throttling(self) -> bool {
        use Cause::{LoadSheddingTopup, PlatformTechFault, ServerOverload, SystemBusy};
        let busy = [ServerOverload, LoadSheddingTopup, SystemBusy, PlatformTechFault];
        matches!(self, Self::Refused(cause) if busy.contains(&cause))
    }
}
