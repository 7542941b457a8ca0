//! Limits on amounts, of a provider or of banks: of one top-up, of a local day, of seven days.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::{Faults, KeyPath};
use crate::engine::draw::Draw;
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
    /// A user's top-ups of any seven days at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weekly: Option<Amount>,
    /// Share of users who used the method on the days before, within seven days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_week_share: Option<Sourced<Probability>>,
    /// Median of what they used then (lognormal, sigma 1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_week_median: Option<Amount>,
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
    /// Any seven days.
    pub week: Option<WeekLimit>,
    /// Earlier use: threshold, and amount.
    pub(super) used_today: (u64, QuantileTable),
}

/// A checked limit on any seven days.
#[derive(Clone, Debug)]
pub struct WeekLimit {
    /// At most, minor units.
    pub most: i64,
    /// Use on the days before: threshold, and amount.
    used: (u64, QuantileTable),
}

/// Seven days, ns.
const WEEK: u64 = 7 * 86_400_000_000_000;

impl LimitsSpec {
    /// Checks the limits.
    pub fn build(&self, path: &KeyPath, faults: &mut Faults) -> Limits {
        let uses = self.used_today_share.value.value() > 0.0;
        if uses && self.used_today_median.is_none() {
            faults.add(path.key("used_today_share"), "needs `used_today_median` beside it");
        }
        let most = |amount: Option<&Amount>| amount.map_or(i64::MAX, |a| a.minor);
        Limits {
            single: most(self.single.as_ref()),
            daily: most(self.daily.as_ref()),
            week: self.build_week(path, faults),
            used_today: (
                self.used_today_share.value.threshold(),
                lognormal(self.used_today_median.as_ref()),
            ),
        }
    }

    fn build_week(&self, path: &KeyPath, faults: &mut Faults) -> Option<WeekLimit> {
        let share = self.used_week_share.as_ref().map_or(0.0, |share| share.value.value());
        if share > 0.0 && self.used_week_median.is_none() {
            faults.add(path.key("used_week_share"), "needs `used_week_median` beside it");
        }
        if self.used_week_share.is_some() && self.weekly.is_none() {
            faults.add(path.key("used_week_share"), "does nothing: there is no `weekly` limit");
        }
        let threshold = self.used_week_share.as_ref().map_or(0, |share| share.value.threshold());
        let used = (threshold, lognormal(self.used_week_median.as_ref()));
        self.weekly.as_ref().map(|most| WeekLimit { most: most.minor, used })
    }
}

/// What somebody used, by its median.
fn lognormal(median: Option<&Amount>) -> QuantileTable {
    QuantileTable::lognormal(median.map_or(0, |a| a.minor).unsigned_abs(), 1.0)
}

/// An amount that was used, if a draw says that there was one.
fn used((threshold, law): &(u64, QuantileTable), draw: Draw) -> i64 {
    if !draw.hits(*threshold) {
        return 0;
    }
    law.at(draw.quantile()).min(i64::MAX as u64 / 4) as i64
}

impl Limits {
    /// What the user of a draw used on the day of the arrival, minor units.
    pub fn used_today(&self, draw: Draw) -> i64 {
        used(&self.used_today, draw)
    }
}

impl WeekLimit {
    /// What counts towards the seven days that end `age` ns after the arrival, minor units: the
    /// use of the day of the arrival, and one on the days before, which is as likely at any time.
    pub fn used(&self, age: u64, today: i64, (draw, when): (Draw, Draw)) -> i64 {
        let ago = ((u128::from(WEEK) * u128::from(when.quantile())) >> 32) as u64;
        let counts = |since: u64| age.saturating_add(since) < WEEK;
        let today = if counts(0) { today } else { 0 };
        let before = if counts(ago) { used(&self.used, draw) } else { 0 };
        today.saturating_add(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::draw::{Class, Seed};

    fn week(text: &str) -> WeekLimit {
        let spec: LimitsSpec = toml::from_str(text).expect("the table can be read");
        let mut faults = Faults::default();
        let limits = spec.build(&KeyPath::root(), &mut faults);
        assert!(faults.is_empty());
        limits.week.expect("there is a weekly limit")
    }

    /// Catches: use that never drops out of the week, or drops out at midnight.
    #[test]
    fn what_was_used_drops_out_of_the_week_after_seven_days() {
        let text = "weekly = '100 CNY'\nused_week_share = '100%'\nused_week_median = '10 CNY'";
        let week = week(text);
        let draws = |i| {
            let stream = Seed::new(1, 0).stream(Class::Journey, i);
            (stream.draw(1u8, 0, 0), stream.draw(1u8, 0, 1))
        };
        let counting = |age| (0..2_000).filter(|&i| week.used(age, 0, draws(i)) > 0).count();
        assert_eq!((counting(0), counting(WEEK)), (2_000, 0));
        let half = counting(WEEK / 2);
        assert!((900..1_100).contains(&half), "{half} of 2,000 after half a week");
        assert_eq!(week.used(WEEK - 1, 7, draws(1)) - week.used(WEEK, 7, draws(1)), 7, "today");
    }

    #[test]
    fn use_of_a_week_needs_a_limit_and_a_median() {
        let faults = |text: &str| {
            let spec: LimitsSpec = toml::from_str(text).expect("the table can be read");
            let mut faults = Faults::default();
            spec.build(&KeyPath::root(), &mut faults);
            faults.into_vec().len()
        };
        assert_eq!(faults("weekly = '1 CNY'\nused_week_share = '1%'"), 1);
        assert_eq!(faults("used_week_share = '1%'\nused_week_median = '1 CNY'"), 1);
    }
}
