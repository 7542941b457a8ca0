//! What the rest of a scenario says to its remedies.

use crate::model::calendar::Calendar;
use crate::model::cause::CauseSet;
use crate::model::data::Files;
use crate::model::parts::Parts;

/// What the rest of a scenario says to its remedies.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The scenario as written.
    pub parts: &'a Parts,
    /// Channels in the order of their indices.
    pub channels: &'a [String],
    /// Access networks in the order of their indices.
    pub networks: &'a [Network],
    /// Causes that can strike.
    pub possible: CauseSet,
    /// Local days.
    pub calendar: &'a Calendar,
    /// Data files.
    pub files: &'a Files,
}

/// An access network, as far as remedies look at it.
#[derive(Clone, Debug)]
pub struct Network {
    /// Name in the scenario.
    pub name: String,
    /// Share of the users on it.
    pub share: f64,
    /// Whether it is not safe to pay over it.
    pub insecure: bool,
}
