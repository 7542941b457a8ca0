//! A case: a scenario whose answer is known, what is held against it, and one that must fail.

use std::path::PathBuf;
use std::sync::Arc;

use crate::record::Summary;
use crate::scenario::{ReadOptions, Scenario, Source, read};

/// The scenario in which every stage is the identity; it is part of the program, so that a check
/// needs no file.
const IDENTITY: &str = include_str!("../../../scenarios/identity.toml");

/// A scenario whose answer is known.
#[derive(Clone)]
pub struct Case {
    /// What it is, in words.
    pub name: String,
    /// Where its answer comes from.
    pub source: &'static str,
    /// Settings (`key=value`) over the identity scenario.
    pub sets: Vec<String>,
    /// The one thing that is wrong in its control.
    pub control: Control,
    /// How long and how often it runs.
    pub size: Size,
    /// What is held against theory.
    pub checks: Vec<Check>,
}

/// The same scenario with one parameter wrong; it must not pass for the right one.
#[derive(Clone, Debug)]
pub struct Control {
    /// What is wrong, in words.
    pub what: String,
    /// Settings over those of the case.
    pub sets: Vec<String>,
}

/// How long and how often a scenario runs.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Simulated time before measuring, ns.
    pub warmup: f64,
    /// Measured simulated time, ns.
    pub measured: f64,
    /// Replications.
    pub replications: u32,
    /// How many times as long a thorough run measures, and how many times the replications it has.
    pub thorough: (u32, u32),
}

/// A number of which theory knows the value.
#[derive(Clone)]
pub struct Check {
    /// What it is, with its unit.
    pub metric: &'static str,
    /// What theory says.
    pub expected: f64,
    /// How it is seen in a replication.
    pub evidence: Evidence,
}

/// How a number is seen.
#[derive(Clone)]
pub enum Evidence {
    /// A value of each replication, held by Student's t: what happens within one is correlated.
    Mean(Arc<Value>),
    /// Events and trials that are independent within a replication too, held by the exact binomial
    /// law: rare events need no approximation.
    Share(Arc<Count>),
}

/// Reads a value from a replication, in the unit of its check.
pub type Value = dyn Fn(&Summary) -> f64 + Send + Sync;

/// Reads events and trials from a replication.
pub type Count = dyn Fn(&Summary) -> (u64, u64) + Send + Sync;

/// How much work a check may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Seconds.
    Fast,
    /// Up to a hundred times as many top-ups.
    Thorough,
}

/// How long a case may take: ten times as long, ten times as often.
pub(super) const HUNDREDFOLD: (u32, u32) = (10, 10);

impl Case {
    /// The scenario that is right, and the one that is not.
    pub(super) fn scenarios(&self, depth: Depth, seed: u64) -> [Scenario; 2] {
        let right = [&self.sets[..], &self.size.sets(depth)].concat();
        let wrong = [&right[..], &self.control.sets].concat();
        [right, wrong].map(|sets| self.scenario(sets, seed))
    }

    fn scenario(&self, sets: Vec<String>, seed: u64) -> Scenario {
        let source = Source::Text {
            name: "identity.toml".to_owned(),
            text: IDENTITY.to_owned(),
            folder: PathBuf::from("."),
        };
        let options = ReadOptions { sets, seed: Some(seed), ..ReadOptions::default() };
        let name = &self.name;
        read(source, &options).unwrap_or_else(|faults| panic!("the case {name} can run: {faults}"))
    }
}

impl Check {
    /// A mean over replications.
    pub(super) fn mean(
        metric: &'static str,
        expected: f64,
        of: impl Fn(&Summary) -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self { metric, expected, evidence: Evidence::Mean(Arc::new(of)) }
    }

    /// A share of independent trials.
    pub(super) fn share(
        metric: &'static str,
        expected: f64,
        of: impl Fn(&Summary) -> (u64, u64) + Send + Sync + 'static,
    ) -> Self {
        Self { metric, expected, evidence: Evidence::Share(Arc::new(of)) }
    }
}

impl Size {
    fn sets(self, depth: Depth) -> [String; 3] {
        let (longer, more) = match depth {
            Depth::Fast => (1, 1),
            Depth::Thorough => self.thorough,
        };
        let length = self.warmup + self.measured * f64::from(longer);
        [
            format!("warmup=\"{}ns\"", self.warmup),
            format!("length=\"{length}ns\""),
            format!("replications={}", self.replications * more),
        ]
    }
}
