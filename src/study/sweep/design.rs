//! Which points a sweep visits: all combinations of its values, or samples spread over them.

use super::range::{Dimension, RangeFault};
use super::values::{Range, Setting, Spread};
use crate::engine::draw::{Class, Seed};

/// Points of a sweep at most: each holds a plan and its estimates in memory, together 1.6 MB for
/// amazon-cn-balance.
pub const POINTS_MAX: u128 = 1_000;

/// The points of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// The keys that change, in the order of the command line.
    pub dimensions: Vec<Dimension>,
    /// The points: of a grid, the last key changes fastest.
    pub points: Vec<Point>,
    /// How many samples; none for all combinations.
    pub samples: Option<u32>,
}

/// A value for each key that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// In the order of the keys.
    pub settings: Vec<Setting>,
}

/// How many points there would be, without making any.
pub fn points_of(dimensions: &[Dimension], samples: Option<u32>) -> u128 {
    let counts = dimensions.iter().map(|dimension| dimension.range.count().unwrap_or(1));
    samples.map_or_else(|| counts.fold(1, u128::saturating_mul), u128::from)
}

impl Design {
    /// The points of these keys: all combinations, or so many samples under a seed.
    ///
    /// Samples are a Latin hypercube: of as many equal parts of each range as there are samples,
    /// each is met once, and its luck depends on seed and key alone.
    ///
    /// # Errors
    /// When a key comes twice, a range says nothing of its points, or there are too many.
    pub fn new(
        dimensions: Vec<Dimension>,
        samples: Option<u32>,
        seed: u64,
    ) -> Result<Self, RangeFault> {
        check(&dimensions, samples)?;
        let settings = match samples {
            None => product(&dimensions),
            Some(count) => hypercube(&dimensions, count, seed),
        };
        let points = settings.into_iter().map(|settings| Point { settings }).collect();
        Ok(Self { dimensions, points, samples })
    }

    /// Whether one key changes, and its values are numbers in ascending order.
    pub fn is_one_number(&self) -> bool {
        let [dimension] = &self.dimensions[..] else { return false };
        let values = self.points.iter().map(|point| point.settings[0].measure);
        let values: Option<Vec<f64>> = values.map(|measure| Some(measure?.value())).collect();
        dimension.range.spread() != Spread::Words
            && values.is_some_and(|values| values.is_sorted_by(|a, b| a < b))
    }

    /// A point in words: `gateway.workers=10, client.timeout=5s`.
    pub fn name(&self, point: &Point) -> String {
        let pairs = self.dimensions.iter().zip(&point.settings);
        let pairs: Vec<String> = pairs
            .map(|(dimension, setting)| format!("{}={}", dimension.key, setting.text))
            .collect();
        pairs.join(", ")
    }

    /// What a point sets, as `--set` takes it.
    pub fn sets(&self, point: &Point) -> Vec<String> {
        let pairs = self.dimensions.iter().zip(&point.settings);
        pairs.map(|(dimension, setting)| format!("{}={}", dimension.key, setting.text)).collect()
    }
}

fn check(dimensions: &[Dimension], samples: Option<u32>) -> Result<(), RangeFault> {
    for (at, dimension) in dimensions.iter().enumerate() {
        let key = &dimension.key;
        if dimensions[..at].iter().any(|other| other.key == *key) {
            return Err(RangeFault(format!("{key} is swept over twice")));
        }
        if samples.is_none() && matches!(dimension.range, Range::Between(_)) {
            return Err(RangeFault(format!(
                "{key}={} does not say which points: add step and a value, points and a number, or \
                 --samples for all ranges together",
                dimension.written
            )));
        }
    }
    let count = points_of(dimensions, samples);
    if count > POINTS_MAX {
        let each = dimensions.iter().map(|d| d.range.count().unwrap_or(1).to_string());
        let product = each.collect::<Vec<_>>().join(" x ");
        let shown = match (samples, dimensions) {
            (None, [_, _, ..]) => format!("{product} = {count}"),
            _ => count.to_string(),
        };
        return Err(RangeFault(format!(
            "the sweep has {shown} points, and at most {POINTS_MAX} are run at once: fewer or \
             wider steps, or --samples"
        )));
    }
    Ok(())
}

/// All combinations, the last key changing fastest.
fn product(dimensions: &[Dimension]) -> Vec<Vec<Setting>> {
    dimensions.iter().fold(vec![Vec::new()], |points, dimension| {
        let settings = dimension.range.settings();
        let longer = |point: &Vec<Setting>| {
            let with = |setting: &Setting| [&point[..], std::slice::from_ref(setting)].concat();
            settings.iter().map(with).collect::<Vec<_>>()
        };
        points.iter().flat_map(longer).collect()
    })
}

fn hypercube(dimensions: &[Dimension], count: u32, seed: u64) -> Vec<Vec<Setting>> {
    let columns = dimensions.iter().map(|dimension| {
        let luck = Seed::new(seed, 0).named(Class::Parameter, &format!("sweep {}", dimension.key));
        let draw = |sample: u32, sub: u8| luck.child(sample.into()).draw(0_u8, 0, sub);
        let mut order: Vec<u32> = (0..count).collect();
        order.sort_by_key(|&sample| (draw(sample, 0).bits(), sample));
        let column = order.iter().zip(0..count).map(|(&part, sample)| {
            let within = f64::from(draw(sample, 1).quantile()) / 2_f64.powi(32);
            dimension.range.at((f64::from(part) + within) / f64::from(count), count.into())
        });
        column.collect::<Vec<_>>()
    });
    let columns: Vec<Vec<Setting>> = columns.collect();
    (0..count as usize)
        .map(|sample| columns.iter().map(|column| column[sample].clone()).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dimensions(texts: &[&str]) -> Vec<Dimension> {
        texts.iter().map(|text| Dimension::read(text).unwrap()).collect()
    }

    #[test]
    fn a_grid_has_all_combinations_and_the_last_key_changes_fastest() {
        let keys = dimensions(&["a=1..2 step 1", "b=x,y,z"]);
        let design = Design::new(keys, None, 1).unwrap();
        let names: Vec<String> = design.points.iter().map(|point| design.name(point)).collect();
        assert_eq!(names[..4], ["a=1, b=x", "a=1, b=y", "a=1, b=z", "a=2, b=x"]);
        assert_eq!(names.len(), 6);
    }

    #[test]
    fn samples_meet_every_part_of_every_range_once_and_come_again() {
        let keys = || dimensions(&["a=0%..100%", "b=1s..1000s log", "c=x,y"]);
        let design = Design::new(keys(), Some(50), 7).unwrap();
        for (at, parts) in [(0, 50), (2, 2)] {
            let mut seen: Vec<u32> = Vec::new();
            for point in &design.points {
                let setting = &point.settings[at];
                seen.push(match setting.measure {
                    Some(measure) => (measure.value() * 50.0) as u32,
                    None => u32::from(setting.text == "y"),
                });
            }
            seen.sort_unstable();
            let each: Vec<u32> = (0..50).map(|part| part * parts / 50).collect();
            assert_eq!(seen, each, "key {at}");
        }
        assert_eq!(Design::new(keys(), Some(50), 7).unwrap(), design);
        assert_ne!(Design::new(keys(), Some(50), 8).unwrap(), design);
        let alone = Design::new(dimensions(&["a=0%..100%"]), Some(50), 7).unwrap();
        let first = |design: &Design| design.points[9].settings[0].clone();
        assert_eq!(first(&alone), first(&design), "other keys change nothing");
    }

    #[test]
    fn too_many_points_are_refused_before_any_is_made() {
        let keys = dimensions(&["a=1..100000 step 1", "b=1..10000 points 10000"]);
        let fault = Design::new(keys, None, 1).unwrap_err().to_string();
        assert!(fault.contains("100000 x 10000 = 1000000000 points"), "{fault}");
        let fault = Design::new(dimensions(&["a=1..2"]), None, 1).unwrap_err().to_string();
        assert!(fault.contains("--samples"), "{fault}");
        let twice = dimensions(&["a=1,2", "a=3,4"]);
        assert!(Design::new(twice, None, 1).unwrap_err().to_string().contains("twice"));
    }
}
