//! Precision asked for: which estimates shall be how narrow, and whether they are.

use super::estimate::{MetricEstimate, of_group};
use crate::record::{Metric, Shape, Summary};
use crate::scenario::{Of, Precision, Target};
use crate::stats::{CONFIDENCE, is_narrow};

/// An estimate that shall be precise.
#[derive(Clone, Debug, PartialEq)]
pub struct Sharp {
    /// The metric.
    pub metric: &'static str,
    /// `all`, or a group such as `channel=alipay`.
    pub group: String,
    /// `all`, or a window.
    pub window: String,
    /// How precise.
    pub precision: Precision,
}

/// An estimate that shall be precise, and how precise it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Sharpness {
    /// What was asked for.
    pub wanted: Sharp,
    /// The estimate.
    pub row: MetricEstimate,
    /// Half its interval; none without one.
    pub half: Option<f64>,
    /// What half its interval may be.
    pub half_max: Option<f64>,
    /// Whether it is precise enough, by what was seen.
    pub is_reached: bool,
}

/// How a run came to its number of replications.
#[derive(Clone, Debug, PartialEq)]
pub struct Precise {
    /// The planned looks, the last one at the most replications allowed.
    pub looks: Vec<u32>,
    /// Replications after which it stopped.
    pub stopped_at: u32,
    /// What was asked for, and how precise it is now.
    pub sharp: Vec<Sharpness>,
    /// The plan hash of a plain run of so many replications, which has the same tables.
    pub fixed_plan_hash: String,
}

impl Precise {
    /// Whether everything is as precise as was asked for.
    pub fn is_reached(&self) -> bool {
        self.sharp.iter().all(|sharp| sharp.is_reached)
    }
}

/// What a scenario and `--precision` ask for: each target on a mean has its own precision, or that
/// of the command line; without such targets the success share has the latter.
pub fn wanted(targets: &[Target], general: Option<Precision>) -> Vec<Sharp> {
    let of_target = |target: &Target| {
        let precision = target.precision.or(general).filter(|_| target.of == Of::Mean)?;
        let (group, window) = (target.group.clone(), target.window.clone());
        Some(Sharp { metric: target.metric, group, window, precision })
    };
    let mut all: Vec<Sharp> = targets.iter().filter_map(of_target).collect();
    if let (true, Some(precision)) = (all.is_empty(), general) {
        let (group, window) = ("all".to_owned(), "all".to_owned());
        all.push(Sharp { metric: "success_share", group, window, precision });
    }
    all
}

impl Sharp {
    /// How precise the estimate is after these replications.
    pub fn look(&self, replications: &[Summary], shape: &Shape) -> Sharpness {
        let metric = Metric::by_name(self.metric).expect("precision is asked of metrics");
        let group = shape.group(&self.group, &self.window).expect("and of groups of the plan");
        let row = of_group(metric, group, replications, shape, CONFIDENCE);
        let half_max = row.estimate.map(|estimate| match self.precision {
            Precision::Relative(part) => part * estimate.value.abs(),
            Precision::Absolute(half) => half,
        });
        let half = row.estimate.and_then(|estimate| estimate.interval);
        let half = half.map(|interval| (interval.high - interval.low) / 2.0);
        let is_reached = row.estimate.zip(half_max);
        let is_reached = is_reached.is_some_and(|(e, most)| is_narrow(&e, row.events, most));
        Sharpness { wanted: self.clone(), row, half, half_max, is_reached }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::fake::{self, ODDS, small};

    #[test]
    fn more_replications_reach_a_precision_that_fewer_do_not() {
        let shape = small();
        let summaries: Vec<Summary> =
            (0..60).map(|seed| fake::summary(&shape, seed, 400, ODDS)).collect();
        let target = Target::at_least("success_share", 0.5);
        let sharp = &wanted(&[target], Some(Precision::Relative(0.008)))[0];
        assert!(!sharp.look(&summaries[..20], &shape).is_reached);
        let reached = sharp.look(&summaries, &shape);
        assert!(reached.is_reached && reached.half < reached.half_max, "{reached:?}");
    }

    #[test]
    fn what_was_hardly_seen_is_not_precise() {
        let shape = small();
        let odds = fake::Odds { fails: 20, charged_twice: 0 };
        let summaries: Vec<Summary> =
            (0..40).map(|seed| fake::summary(&shape, seed, 400, odds)).collect();
        let target = Target::at_least("duplicate_charges_per_million", 0.0);
        let sharp = &wanted(&[target], Some(Precision::Absolute(1e9)))[0];
        assert!(!sharp.look(&summaries, &shape).is_reached);
    }

    #[test]
    fn without_targets_the_success_share_shall_be_precise() {
        let general = Some(Precision::Relative(0.01));
        assert_eq!(wanted(&[], general)[0].metric, "success_share");
        assert!(wanted(&[], None).is_empty());
    }
}
