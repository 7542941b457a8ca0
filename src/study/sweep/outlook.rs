//! What the values of a metric over the points of a sweep say: best, worst, knee, and its target.

use super::gather::SweptPoint;
use super::values::Setting;
use crate::stats::Verdict;
use crate::study::verdict;

/// A curve is flat where it stays within this part of its whole range.
const FLAT: f64 = 0.05;

/// What a value must not be below, and not be above.
pub type Bounds = (Option<f64>, Option<f64>);

/// What a metric does over the points of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// The points with the least and the greatest value, the first of equals.
    pub least: (usize, f64),
    /// See `least`.
    pub most: (usize, f64),
    /// Whether the intervals of these two lie apart, so that the points differ at all.
    pub differs: bool,
    /// The verdict on the target at each point; none without a target.
    pub verdicts: Option<Vec<Verdict>>,
}

/// Neighbours along a key are compared in so many groups.
const GROUPS: usize = 5;

/// Where a curve bends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knee {
    /// From this point on it is flat.
    FlatFrom(usize),
    /// Up to this point it is flat.
    FlatUpTo(usize),
}

/// What a metric does over the points; none where no point has a value.
/// `target` are the bounds of its target, where it has one.
pub fn outlook(points: &[SweptPoint], metric: &str, target: Option<Bounds>) -> Option<Outlook> {
    let estimates =
        || points.iter().enumerate().filter_map(|(at, p)| Some((at, p.estimate(metric)?)));
    let finite = || estimates().filter(|(_, estimate)| estimate.value.is_finite());
    let (mut least, mut most) = (finite().next()?, finite().next()?);
    for (at, estimate) in finite() {
        if estimate.value < least.1.value {
            least = (at, estimate);
        }
        if estimate.value > most.1.value {
            most = (at, estimate);
        }
    }
    let differs = match (least.1.interval, most.1.interval) {
        (Some(least), Some(most)) => least.high < most.low,
        _ => least.1.value < most.1.value,
    };
    let judge = |point: &SweptPoint, (at_least, at_most): Bounds| {
        let row = point.all(metric);
        row.map_or(Verdict::Uncertain { replications_needed: None }, |row| {
            verdict(row, at_least, at_most)
        })
    };
    let verdicts = target.map(|target| points.iter().map(|p| judge(p, target)).collect());
    let (least, most) = ((least.0, least.1.value), (most.0, most.1.value));
    Some(Outlook { least, most, differs, verdicts })
}

/// Where a curve over one key bends: none where it is flat all along or nowhere.
pub fn knee(values: &[Option<f64>]) -> Option<Knee> {
    let values: Vec<f64> = values.iter().copied().collect::<Option<_>>()?;
    let (first, last) = (*values.first()?, *values.last()?);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let room = (most - least) * FLAT;
    let is_near = |value: &f64, end: f64| (value - end).abs() <= room;
    let behind = values.iter().rev().take_while(|value| is_near(value, last)).count();
    let before = values.iter().take_while(|value| is_near(value, first)).count();
    match values.len() {
        n if n < 4 || behind == n => None,
        n if behind >= 3 && behind >= before => Some(Knee::FlatFrom(n - behind)),
        _ if before >= 3 => Some(Knee::FlatUpTo(before - 1)),
        _ => None,
    }
}

/// The share of the variance of values that goes with a key: that of the means of neighbours along
/// it (correlation ratio), less what as many groups would have by luck.
pub fn explained(settings: &[&Setting], values: &[Option<f64>]) -> f64 {
    let places = settings.iter().zip(values).filter_map(|(setting, value)| {
        let at = setting.measure.map_or(0.0, |measure| measure.value());
        Some((at, setting.text.as_str(), (*value)?))
    });
    let mut places: Vec<(f64, &str, f64)> = places.collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)).then(a.2.total_cmp(&b.2)));
    let mut groups: Vec<Vec<f64>> =
        places.chunk_by(|a, b| a.1 == b.1).map(|g| g.iter().map(|p| p.2).collect()).collect();
    if groups.len() > GROUPS {
        let size = places.len().div_ceil(GROUPS);
        groups = places.chunks(size).map(|g| g.iter().map(|p| p.2).collect()).collect();
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let all: Vec<f64> = places.iter().map(|place| place.2).collect();
    let middle = mean(&all);
    let total: f64 = all.iter().map(|value| (value - middle).powi(2)).sum();
    let between = |group: &Vec<f64>| group.len() as f64 * (mean(group) - middle).powi(2);
    let between: f64 = groups.iter().map(between).sum();
    let (n, k) = (all.len() as f64, groups.len() as f64);
    if total <= 0.0 || n <= k {
        return 0.0;
    }
    (1.0 - (1.0 - between / total) * (n - 1.0) / (n - k)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_decides_explains_all_and_another_nothing() {
        let setting = |number: u32| Setting {
            text: number.to_string(),
            measure: number.to_string().parse().ok(),
        };
        let all: Vec<Setting> = (0..40).map(setting).collect();
        let settings: Vec<&Setting> = all.iter().collect();
        let values: Vec<Option<f64>> = (0..40).map(|n| Some(f64::from(n / 8))).collect();
        assert!(explained(&settings, &values) > 0.99);
        let values: Vec<Option<f64>> = (0..40).map(|n| Some(f64::from(n % 2))).collect();
        assert!(explained(&settings, &values) < 0.05);
    }

    fn knee_of(values: &[f64]) -> Option<Knee> {
        knee(&values.iter().copied().map(Some).collect::<Vec<_>>())
    }

    #[test]
    fn a_knee_is_where_the_flat_part_begins_or_ends() {
        assert_eq!(knee_of(&[0.1, 0.5, 0.9, 0.98, 1.0, 1.0]), Some(Knee::FlatFrom(3)));
        assert_eq!(knee_of(&[1.0, 1.0, 1.1, 3.0, 9.0]), Some(Knee::FlatUpTo(2)));
        assert_eq!(knee_of(&[0.0, 0.25, 0.5, 0.75, 1.0]), None);
        assert_eq!(knee_of(&[1.0, 1.0, 1.0, 1.0]), None);
        assert_eq!(knee(&[Some(1.0), None, Some(2.0), Some(2.0)]), None);
    }
}
