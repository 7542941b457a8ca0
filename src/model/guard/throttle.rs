//! Throttles: a process sends what the other side has lately taken.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cubic::Cubic;
use super::sre::Sre;
use super::{Ended, OfGuard, Pass};
use crate::engine::Draw;
use crate::model::fault::{Faults, KeyPath};
use crate::units::{Factor, Span};

/// `throttle`: exactly one of the two.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThrottleSpec {
    /// Google's SRE book: refuses what goes beyond K times the accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sre: Option<SreSpec>,
    /// The AWS SDKs' adaptive mode: a send rate by CUBIC; who finds no token waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cubic: Option<CubicSpec>,
}

impl OfGuard for ThrottleSpec {
    const NAME: &'static str = "Throttle";
    const WHAT: &'static str = "throttle";
    const EXAMPLE: &'static str = "{ sre = { factor = \"2x\" } }";
}

/// `throttle.sre`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SreSpec {
    /// K: how many times the accepted may be sent.
    pub factor: Factor,
    /// How far back requests and accepts count.
    pub window: Span,
}

impl Default for SreSpec {
    fn default() -> Self {
        let factor = Factor::new(2.0).expect("2 is a factor");
        Self { factor, window: Span::from_secs(120) }
    }
}

/// `throttle.cubic`: its constants are those of the AWS SDKs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CubicSpec {}

/// A checked throttle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThrottleRules {
    /// K in thousandths, window in ns.
    Sre(u64, u64),
    /// By CUBIC.
    Cubic,
}

impl ThrottleSpec {
    /// By probability, with the values of the book.
    pub fn sre() -> Self {
        Self { sre: Some(SreSpec::default()), cubic: None }
    }

    /// By rate.
    pub fn cubic() -> Self {
        Self { sre: None, cubic: Some(CubicSpec {}) }
    }

    /// Checks the throttle.
    pub fn build(&self, path: &KeyPath, faults: &mut Faults) -> ThrottleRules {
        match (&self.sre, &self.cubic) {
            (Some(sre), None) => {
                let at = path.key("sre");
                if sre.factor.value() < 1.0 {
                    let fault = "is below 1: it would choke a healthy side for ever";
                    faults.add_with_help(at.key("factor"), fault, "a factor such as \"2x\"");
                }
                if sre.window < Span::from_millis(100) {
                    faults.add_with_help(at.key("window"), "is too short", "at least 100ms");
                }
                ThrottleRules::Sre((sre.factor.value() * 1000.0 + 0.5) as u64, sre.window.ns())
            }
            (None, Some(_)) => ThrottleRules::Cubic,
            _ => {
                faults.add(path.clone(), "needs exactly one of `sre` and `cubic`");
                ThrottleRules::Cubic
            }
        }
    }
}

/// The throttle of one process.
#[derive(Clone, Debug)]
pub enum Throttle {
    /// By probability.
    Sre(Sre),
    /// By rate.
    Cubic(Cubic),
}

impl ThrottleRules {
    /// A throttle that has seen nothing.
    pub fn throttle(self) -> Throttle {
        match self {
            Self::Sre(factor, window) => Throttle::Sre(Sre::new(factor, window)),
            Self::Cubic => Throttle::Cubic(Cubic::default()),
        }
    }
}

impl Throttle {
    /// Whether a request may be sent at `now`, by its luck, after a wait of `wait_max` ns at most.
    pub fn passes(&mut self, now: u64, luck: Draw, wait_max: u64) -> Pass {
        match self {
            Self::Sre(sre) => {
                if luck.hits(sre.refuses_below(now)) {
                    Pass::Refused
                } else {
                    Pass::Now
                }
            }
            Self::Cubic(cubic) => cubic.passes(now, wait_max),
        }
    }

    /// A request that was sent has ended.
    pub fn ended(&mut self, now: u64, ended: Ended) {
        match self {
            Self::Sre(sre) if !ended.how.is_failure() => sre.accepted(now),
            Self::Sre(_) => {}
            Self::Cubic(cubic) => cubic.ended(now, ended),
        }
    }
}
