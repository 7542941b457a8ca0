//! Limits on amounts, of a provider or of banks; a daily one begins anew at local midnight.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::{Faults, KeyPath};
use crate::engine::table::QuantileTable;
use crate::units::{Amount, Probability, Sourced};

/// Limits on amounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsSpec {
    /// One top-up at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub single: Option<Amount>,
    /// A user's top-ups of a day at most; counted from midnight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily: Option<Amount>,
    /// Share of users who used the method earlier today.
    #[serde(default = "none")]
    pub used_today_share: Sourced<Probability>,
    /// Median of what they used (lognormal, sigma 1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_today_median: Option<Amount>,
    /// Where the values come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

fn none() -> Sourced<Probability> {
    Sourced::from(Probability::ZERO)
}

/// Checked limits, in minor units.
#[derive(Clone, Debug)]
pub struct Limits {
    /// One top-up at most.
    pub single: i64,
    /// A day at most.
    pub daily: i64,
    /// Earlier use: threshold, and amount.
    pub used_today: (u64, QuantileTable),
}

impl LimitsSpec {
    /// Checks the limits.
    pub fn build(&self, path: &KeyPath, faults: &mut Faults) -> Limits {
        let uses = self.used_today_share.value.value() > 0.0;
        if uses && self.used_today_median.is_none() {
            faults.add(path.key("used_today_share"), "needs `used_today_median` beside it");
        }
        let most = |amount: Option<&Amount>| amount.map_or(i64::MAX, |a| a.minor);
        let used = self.used_today_median.as_ref().map_or(0, |a| a.minor);
        Limits {
            single: most(self.single.as_ref()),
            daily: most(self.daily.as_ref()),
            used_today: (
                self.used_today_share.value.threshold(),
                QuantileTable::lognormal(used.unsigned_abs(), 1.0),
            ),
        }
    }
}
