//! Replications of all arms side by side: each is counted once every arm has it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use crate::record::{Shape, Summary};
use crate::study::jobs::{Arm, Job};

/// Summaries of all arms under way to one summary an arm.
pub(super) struct Abreast<'a> {
    arms: &'a [Arm],
    pooled: Vec<Mutex<Box<Summary>>>,
    /// Of the replications that some arm still lacks: what the others have. Jobs go replication by
    /// replication, so that there are hardly more of these than threads.
    waiting: Mutex<BTreeMap<u32, Vec<(usize, Summary)>>>,
}

impl<'a> Abreast<'a> {
    pub(super) fn new(arms: &'a [Arm], shapes: &[Shape]) -> Self {
        let empty = |shape| Mutex::new(Box::new(Summary::empty(shape)));
        let pooled = shapes.iter().map(empty).collect();
        Self { arms, pooled, waiting: Mutex::default() }
    }

    /// Takes what an arm says in a replication.
    pub(super) fn take(&self, job: Job, summary: Summary) {
        let complete = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let there = waiting.entry(job.replication).or_default();
            there.push((job.arm, summary));
            if there.len() < self.wanted(job.replication) {
                return;
            }
            waiting.remove(&job.replication).unwrap_or_default()
        };
        for (arm, summary) in complete {
            // summaries merge in any order to the same integers
            self.pooled[arm].lock().unwrap_or_else(PoisonError::into_inner).merge(&summary);
        }
    }

    /// How many arms have a replication of this number.
    fn wanted(&self, replication: u32) -> usize {
        self.arms.iter().filter(|arm| replication < arm.inputs.replications).count()
    }

    /// What each arm says in all replications that every arm has, and the numbers of those that
    /// some arm lacks.
    pub(super) fn into_parts(self) -> (Vec<Summary>, BTreeSet<u32>) {
        let pooled = self.pooled.into_iter().map(Mutex::into_inner);
        let pooled = pooled.map(|one| *one.unwrap_or_else(PoisonError::into_inner));
        let waiting = self.waiting.into_inner().unwrap_or_else(PoisonError::into_inner);
        (pooled.collect(), waiting.into_keys().collect())
    }
}
