//! Runs the points of a sweep: a point's summaries become estimates as soon as all are there.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::record::recovery::Counts;
use crate::record::{Shape, Summary};
use crate::study::estimate::of_shape;
use crate::study::jobs::{Arm, Crew, Job, run_jobs};
use crate::study::{Estimate, MetricEstimate};

/// What a sweep has found.
#[derive(Debug, Clone, PartialEq)]
pub struct Swept {
    /// In the order of the design.
    pub points: Vec<SweptPoint>,
    /// Whether replications are missing because somebody wished to stop.
    pub partial: bool,
    /// Top-ups of all replications, warm-up and drain included.
    pub top_ups: u64,
}

/// What has been found at one point.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SweptPoint {
    /// Replications that are complete.
    pub replications: u32,
    /// Every metric for each of its groups; empty without a replication.
    pub estimates: Vec<MetricEstimate>,
    /// By recovery of the scenario, what every replication saw in the last seconds watched.
    pub ends: Vec<Vec<Counts>>,
}

impl SweptPoint {
    /// The row of a metric over all top-ups and the whole measured time.
    pub fn all(&self, metric: &str) -> Option<&MetricEstimate> {
        let is_whole = |row: &&MetricEstimate| row.group == "all" && row.window == "all";
        self.estimates.iter().filter(|row| row.metric == metric).find(is_whole)
    }

    /// The estimate of that row.
    pub fn estimate(&self, metric: &str) -> Option<Estimate> {
        self.all(metric)?.estimate
    }
}

/// Runs every replication of every point. Points meet the same users: common random numbers.
///
/// # Panics
/// When a law does not hold in a replication: the message names point, number and seed.
pub fn sweep(arms: &[Arm], crew: &Crew) -> Swept {
    // point after point, so that only few have summaries in memory at a time
    let of = |(arm, about): (usize, &Arm)| {
        (0..about.inputs.replications).map(move |replication| Job { arm, replication })
    };
    let jobs: Vec<Job> = arms.iter().enumerate().flat_map(of).collect();
    let places: Vec<Mutex<Place>> = arms.iter().map(|_| Mutex::default()).collect();
    let done = run_jobs(arms, &jobs, crew, |job, summary| {
        let mut place = held(&places[job.arm]);
        place.top_ups += summary.run.journeys;
        place.seen.push((job.replication, summary));
        if place.seen.len() == arms[job.arm].inputs.replications as usize {
            place.condense(&arms[job.arm]);
        }
    });
    let mut top_ups = 0;
    let points = arms.iter().zip(&places).map(|(arm, place)| {
        let mut place = held(place);
        place.condense(arm);
        top_ups += place.top_ups;
        std::mem::take(&mut place.point)
    });
    Swept { points: points.collect(), partial: done.partial, top_ups }
}

fn held(place: &Mutex<Place>) -> MutexGuard<'_, Place> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A point while it is run.
#[derive(Default)]
struct Place {
    seen: Vec<(u32, Summary)>,
    point: SweptPoint,
    top_ups: u64,
}

impl Place {
    /// Makes estimates of the summaries, which are held no longer.
    fn condense(&mut self, arm: &Arm) {
        if self.seen.is_empty() {
            return;
        }
        // sums of floats depend on their order
        self.seen.sort_by_key(|&(number, _)| number);
        let summaries: Vec<Summary> = self.seen.drain(..).map(|(_, summary)| summary).collect();
        let mut estimates = of_shape(&summaries, &Shape::of(&arm.inputs.plan));
        estimates.retain(|row| row.group == "all" || row.replications > 0);
        let replications = summaries.len() as u32;
        let ends = |recovery: usize| {
            let of = |summary: &Summary| summary.recoveries.records[recovery].after;
            summaries.iter().map(of).collect()
        };
        let ends = (0..arm.inputs.plan.recoveries.len()).map(ends).collect();
        self.point = SweptPoint { replications, estimates, ends };
    }
}
