//! A comparison: arms of one scenario under common random numbers, each across sets of incidents.

mod abreast;
mod cell;
mod contrast;
mod difference;
mod matrix;
mod prefer;

use std::collections::BTreeMap;

use super::jobs::{Arm, Crew, Job, run_jobs};
use crate::record::Shape;
use crate::record::registry::Metric;
use crate::stats::CONFIDENCE;

use self::abreast::Abreast;

pub use cell::{Cell, Kept};
pub use contrast::{Contrast, Smallest, Way};
pub use difference::Difference;
pub use matrix::{Matrix, Regret, Spot, matrix};
pub use prefer::{Asked, Limit, NotARule, Objective, Recommendation, Rule, Standing, recommend};

/// What is compared: its arms, and the sets of incidents that each of them goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lineup {
    /// Names of the arms, each once.
    pub arms: Vec<String>,
    /// Names of the sets of incidents; a single empty one without any.
    pub sets: Vec<String>,
    /// Place of the arm that the others are held against.
    pub baseline: usize,
}

/// What has been compared. The same for any number of threads.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What was asked for.
    pub lineup: Lineup,
    /// An entry for each set and arm: set by set, the arms in their order.
    pub cells: Vec<Cell>,
    /// Whether replications are missing because somebody wished to stop.
    pub partial: bool,
}

impl Lineup {
    /// The place of an arm in a set.
    pub fn place(&self, set: usize, arm: usize) -> usize {
        set * self.arms.len() + arm
    }

    /// The arm in a set as tables name it: `stripe-sdk`, or `stripe-sdk@outage`.
    pub fn name(&self, set: usize, arm: usize) -> String {
        match (&self.sets[set], &self.arms[arm]) {
            (set, arm) if set.is_empty() => arm.clone(),
            (set, arm) => format!("{arm}@{set}"),
        }
    }

    /// The confidence of each difference, so that those of one metric in one set hold all together
    /// with 95 % (Bonferroni over the arms that are held against another).
    pub fn confidence(&self) -> f64 {
        1.0 - (1.0 - CONFIDENCE) / (self.arms.len().max(2) - 1) as f64
    }
}

/// Runs every arm in every set of incidents; `runs` stand in the order of [`Lineup::place`]. Once
/// somebody wishes to stop, those replications count that are complete in every arm.
///
/// # Panics
/// When a law does not hold in a replication: the message names arm, number and seed.
pub fn compare(lineup: Lineup, runs: &[Arm], crew: &Crew) -> Comparison {
    let shapes: Vec<Shape> = runs.iter().map(|run| Shape::of(&run.inputs.plan)).collect();
    let abreast = Abreast::new(runs, &shapes);
    let done = run_jobs(runs, &Job::all(runs), crew, |job, summary| {
        let kept = Kept::of(&summary, &shapes[job.arm]);
        abreast.take(job, summary);
        kept
    });
    let (pooled, waiting) = abreast.into_parts();
    let mut kept: Vec<BTreeMap<u32, Kept>> = vec![BTreeMap::new(); runs.len()];
    for (job, one) in done.complete {
        if !waiting.contains(&job.replication) {
            kept[job.arm].insert(job.replication, one);
        }
    }
    let parts = shapes.into_iter().zip(kept).zip(pooled);
    let cells = parts.map(|((shape, kept), pooled)| Cell::new(shape, kept, pooled)).collect();
    Comparison { lineup, cells, partial: done.partial }
}

impl Comparison {
    /// What became of an arm in a set.
    pub fn cell(&self, set: usize, arm: usize) -> &Cell {
        &self.cells[self.lineup.place(set, arm)]
    }

    /// Complete replications of all arms together.
    pub fn complete(&self) -> u64 {
        self.cells.iter().map(|cell| cell.numbers().count() as u64).sum()
    }

    /// The fewest replications that an arm has complete.
    pub fn fewest(&self) -> u64 {
        self.cells.iter().map(|cell| cell.numbers().count() as u64).min().unwrap_or(0)
    }

    /// Differences of all arms from the baseline: set by set, arm by arm, in the order of the
    /// registry. Rows that one of the two arms does not have are left out.
    pub fn differences(&self, smallest: &Smallest) -> Vec<Difference> {
        let (lineup, confidence) = (&self.lineup, self.lineup.confidence());
        let mut all = Vec::new();
        for set in 0..lineup.sets.len() {
            let base = self.cell(set, lineup.baseline);
            for arm in (0..lineup.arms.len()).filter(|&arm| arm != lineup.baseline) {
                let of_arm = self.cell(set, arm).against(base, confidence, smallest);
                all.extend(of_arm.map(|found| Difference { set, arm, ..found }));
            }
        }
        all
    }

    /// The difference of one arm from the baseline in one set, for all top-ups in a window.
    pub fn difference(
        &self,
        (set, arm): (usize, usize),
        metric: &'static Metric,
        window: &str,
        smallest: &Smallest,
    ) -> Option<Difference> {
        let base = self.cell(set, self.lineup.baseline);
        let cell = self.cell(set, arm);
        let row = cell.row(metric.name, "all", window)?;
        let found = cell.row_against(base, row, self.lineup.confidence(), smallest)?;
        Some(Difference { set, arm, ..found })
    }
}
