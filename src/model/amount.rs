//! How much is topped up: preset amounts, or typed ones.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::{Faults, KeyPath};
use crate::engine::draw::Stream;
use crate::engine::table::QuantileTable;
use crate::model::purpose::Purpose;
use crate::units::{Amount, Sourced};

/// `[amounts]`: presets by weight, and a share of typed amounts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmountsSpec {
    /// Amounts to choose from.
    #[serde(default)]
    pub presets: Vec<PresetSpec>,
    /// Amounts typed by the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typed: Option<TypedSpec>,
    /// Where the values come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A preset amount.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PresetSpec {
    /// The amount.
    pub amount: Amount,
    /// How often it is chosen, relative to the others.
    pub weight: u32,
}

/// Typed amounts: lognormal, to the minor unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TypedSpec {
    /// Share of users who type an amount.
    pub share: Sourced<crate::units::Probability>,
    /// Half of the typed amounts are below.
    pub median: Amount,
    /// Standard deviation of the natural logarithm, 0 to 5.
    pub sigma: f64,
}

/// Checked amounts.
#[derive(Clone, Debug)]
pub struct Amounts {
    presets: Vec<(u64, i64)>,
    weight: u64,
    typed_below: u64,
    typed: QuantileTable,
}

impl AmountsSpec {
    /// Checks the amounts; without any, every top-up is over 100 major units.
    pub fn build(&self, path: &KeyPath, faults: &mut Faults) -> Amounts {
        let mut weight = 0;
        let mut presets = Vec::new();
        for (i, preset) in self.presets.iter().enumerate() {
            if preset.amount.minor <= 0 {
                faults.add(path.key("presets").index(i).key("amount"), "is zero");
            }
            weight += u64::from(preset.weight);
            presets.push((weight, preset.amount.minor));
        }
        let always_typed = self.typed.as_ref().is_some_and(|t| t.share.value.value() >= 1.0);
        if self.presets.is_empty() && self.typed.is_some() && !always_typed {
            faults.add(path.clone(), "needs presets for those who do not type an amount");
        }
        if !presets.is_empty() && weight == 0 {
            faults.add(path.key("presets"), "has weights that sum to 0");
        }
        if presets.is_empty() || weight == 0 {
            (weight, presets) = (1, vec![(1, 10_000)]);
        }
        let (typed_below, typed) = match &self.typed {
            None => (0, QuantileTable::constant(0)),
            Some(t) => {
                if !(0.0..=5.0).contains(&t.sigma) {
                    let at = path.key("typed").key("sigma");
                    faults.add_with_help(at, "is out of range", "a number from 0 to 5");
                    return Amounts {
                        presets,
                        weight,
                        typed_below: 0,
                        typed: QuantileTable::constant(0),
                    };
                }
                let law = QuantileTable::lognormal(t.median.minor.unsigned_abs(), t.sigma);
                (t.share.value.threshold(), law)
            }
        };
        Amounts { presets, weight, typed_below, typed }
    }
}

impl Amounts {
    /// The amount of a journey, in minor units, at least 1.
    #[inline]
    pub fn draw(&self, stream: Stream) -> i64 {
        let draw = stream.draw(Purpose::Amount, 0, 0);
        if draw.hits(self.typed_below) {
            return (self.typed.at(draw.quantile()) as i64).max(1);
        }
        let at = (u64::from(draw.quantile()) * self.weight) >> 32;
        let chosen = self.presets.iter().find(|(below, _)| at < *below);
        chosen.expect("weights sum to the last bound").1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::draw::{Class, Seed};

    fn amounts(text: &str) -> (Amounts, Vec<String>) {
        let spec: AmountsSpec = toml::from_str(text).unwrap();
        let mut faults = Faults::default();
        let amounts = spec.build(&KeyPath::root().key("amounts"), &mut faults);
        (amounts, faults.into_vec().iter().map(|f| f.path.to_string()).collect())
    }

    fn drawn(amounts: &Amounts, n: u64) -> Vec<i64> {
        let seed = Seed::new(1, 0);
        (0..n).map(|i| amounts.draw(seed.stream(Class::Journey, i))).collect()
    }

    #[test]
    fn presets_come_by_their_weights_and_the_rest_is_typed() {
        let text =
            "presets = [{ amount = '50 CNY', weight = 3 }, { amount = '100 CNY', weight = 1 }]
            typed = { share = '20%', median = '80 CNY', sigma = 0.5 }";
        let (amounts, faults) = amounts(text);
        assert!(faults.is_empty(), "{faults:?}");
        let n = 100_000;
        let drawn = drawn(&amounts, n);
        let share = |hits: &dyn Fn(i64) -> bool| {
            drawn.iter().filter(|&&a| hits(a)).count() as f64 / n as f64
        };
        let near = |got: f64, want: f64| (got - want).abs() < 5.0 * (want / n as f64).sqrt();
        assert!(near(share(&|a| a == 5_000), 0.6));
        assert!(near(share(&|a| a == 10_000), 0.2));
        // half of the typed amounts lie below their median
        assert!(near(share(&|a| a < 8_000 && a != 5_000), 0.1));
        assert!(drawn.iter().all(|&a| a >= 1));
    }

    #[test]
    fn without_any_every_top_up_is_over_100() {
        let (amounts, faults) = amounts("");
        assert!(faults.is_empty());
        assert!(drawn(&amounts, 50).iter().all(|&a| a == 10_000));
    }

    #[test]
    fn a_tiny_median_still_tops_up_something() {
        let text = "typed = { share = '100%', median = '0.01 CNY', sigma = 2.0 }";
        let (amounts, faults) = amounts(text);
        assert!(faults.is_empty());
        assert!(drawn(&amounts, 1_000).iter().all(|&a| a >= 1));
    }

    #[test]
    fn faults_name_the_key() {
        let typed = "typed = { share = '50%', median = '80 CNY', sigma = 9.0 }";
        assert_eq!(amounts(typed).1, ["amounts", "amounts.typed.sigma"]);
        let zero = "presets = [{ amount = '0 CNY', weight = 0 }]";
        assert_eq!(amounts(zero).1, ["amounts.presets.0.amount", "amounts.presets"]);
    }
}
