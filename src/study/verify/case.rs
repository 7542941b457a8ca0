//! A case: a scenario whose answer is known, what is held against it, and one that must fail.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::shipped::SHIPPED;
use crate::record::Summary;
use crate::scenario::{ReadOptions, Scenario, Source, read};
use crate::stats::Histogram;

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
    /// What is run.
    pub kind: Kind,
    /// Settings (`key=value`) over the scenario of its kind.
    pub sets: Vec<String>,
    /// The one thing that is wrong in its control.
    pub control: Control,
    /// How long and how often it runs.
    pub size: Size,
    /// What is held against theory.
    pub checks: Vec<Check>,
}

/// What a case runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The identity scenario.
    Single,
    /// The identity scenario, and once more with these settings over those of the case: both meet
    /// the same users. In the control the other one has other users.
    Pair(Vec<String>),
    /// A shipped scenario by the name of its file, with its own length.
    Shipped(&'static str),
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
    /// How many times as long a thorough run measures, and how many times the replications it has:
    /// a hundred times as much in all.
    pub thorough: (u32, u32),
}

/// A number of which theory knows the value.
#[derive(Clone)]
pub struct Check {
    /// What it is, with its unit.
    pub metric: String,
    /// What theory says.
    pub expected: Expected,
    /// How it is seen in a replication.
    pub evidence: Evidence,
}

/// What theory or history says of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expected {
    /// Its value.
    Value(f64),
    /// The least and the greatest that it may be; one of them may be infinite.
    Between(f64, f64),
}

/// How a number is seen.
#[derive(Clone)]
pub enum Evidence {
    /// A value of each replication, held by Student's t: what happens within one is correlated.
    Mean(Arc<Value>),
    /// A value of each replication, every one of which lies within the range: for few replications
    /// of something that luck hardly moves.
    Each(Arc<Value>),
    /// Events and trials that are independent within a replication too, held by the exact binomial
    /// law: rare events need no approximation.
    Share(Arc<Count>),
    /// All values there are, independent within a replication too, against the share of values that
    /// is at most so much: the greatest distance of both laws (Kolmogorov and Smirnov), which
    /// theory expects to be 0.
    Law(Arc<Spread>, Arc<Cumulative>),
    /// A standard normal value of each replication: the mean of their squares, by the chi-square
    /// law.
    Squares(Arc<Value>),
    /// Numbers of each replication, and experiments of several replications made with them: the
    /// share of those that come out as they should, by the binomial law.
    Experiments(Arc<Numbers>, Arc<Experiment>),
    /// Of a pair, numbers of each, and what they make together: standard normal values as above.
    SquaresOfPairs(Arc<Numbers>, Arc<Both>),
    /// Of a pair, numbers of each: the share of replications in which they are not the same.
    Unequal(Arc<Numbers>),
}

/// Reads a value from a replication, in the unit of its check.
pub type Value = dyn Fn(&Summary) -> f64 + Send + Sync;

/// Reads events and trials from a replication.
pub type Count = dyn Fn(&Summary) -> (u64, u64) + Send + Sync;

/// Reads how many values lie in which stretch from a replication.
pub type Spread = dyn Fn(&Summary) -> Cells + Send + Sync;

/// The probability of at most so much.
pub type Cumulative = dyn Fn(f64) -> f64 + Send + Sync;

/// Makes an experiment of the first replications of a list, by the numbers of each: how many it
/// takes, and whether it comes out as it should. None where there are too few.
pub type Experiment = dyn Fn(&[&[f64]]) -> Option<(usize, bool)> + Send + Sync;

/// Reads several numbers from a replication.
pub type Numbers = dyn Fn(&Summary) -> Vec<f64> + Send + Sync;

/// Makes one number of those of both.
pub type Both = dyn Fn(&[f64], &[f64]) -> f64 + Send + Sync;

/// How many values are at least the first and below the second number.
pub type Cells = BTreeMap<(u64, u64), u64>;

/// How much work a check may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Seconds.
    Fast,
    /// A hundred times as many top-ups.
    Thorough,
}

/// A thorough run as a rule: ten times as long, ten times as often.
pub(super) const HUNDREDFOLD: (u32, u32) = (10, 10);
/// Where the length is part of the case.
pub(super) const OFTEN: (u32, u32) = (1, 100);
/// Where values are independent within a replication too, and many numbers are kept of each.
pub(super) const LONG: (u32, u32) = (100, 1);

impl Case {
    /// The scenario that is right, the other one of a pair, if it is one, and the one that is not
    /// right.
    pub(super) fn scenarios(&self, depth: Depth, seed: u64) -> Vec<Scenario> {
        let right = self.sets(depth);
        let over = |more: &[String]| [&right[..], more].concat();
        match &self.kind {
            Kind::Pair(other) => vec![
                self.scenario(right.clone(), seed),
                self.scenario(over(other), seed),
                self.scenario(over(other), seed ^ 1),
            ],
            Kind::Single | Kind::Shipped(_) => {
                vec![
                    self.scenario(right.clone(), seed),
                    self.scenario(over(&self.control.sets), seed),
                ]
            }
        }
    }

    /// The settings of the right scenario.
    fn sets(&self, depth: Depth) -> Vec<String> {
        match self.kind {
            Kind::Shipped(_) => self.sets.clone(),
            Kind::Single | Kind::Pair(_) => [&self.sets[..], &self.size.sets(depth)].concat(),
        }
    }

    fn scenario(&self, sets: Vec<String>, seed: u64) -> Scenario {
        let source = match self.kind {
            Kind::Shipped(name) => Source::Packed { name: name.to_owned(), files: SHIPPED },
            Kind::Single | Kind::Pair(_) => Source::Text {
                name: "identity.toml".to_owned(),
                text: IDENTITY.to_owned(),
                folder: PathBuf::from("."),
            },
        };
        let options = ReadOptions { sets, seed: Some(seed), ..ReadOptions::default() };
        let name = &self.name;
        read(source, &options).unwrap_or_else(|faults| panic!("the case {name} can run: {faults}"))
    }
}

impl Check {
    fn new(metric: impl Into<String>, expected: f64, evidence: Evidence) -> Self {
        Self { metric: metric.into(), expected: Expected::Value(expected), evidence }
    }

    /// A mean over replications.
    pub(super) fn mean(
        metric: impl Into<String>,
        expected: f64,
        of: impl Fn(&Summary) -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self::new(metric, expected, Evidence::Mean(Arc::new(of)))
    }

    /// A value of every replication.
    pub(super) fn each(
        metric: impl Into<String>,
        (low, high): (f64, f64),
        of: impl Fn(&Summary) -> f64 + Send + Sync + 'static,
    ) -> Self {
        let expected = Expected::Between(low, high);
        Self { metric: metric.into(), expected, evidence: Evidence::Each(Arc::new(of)) }
    }

    /// A share of independent trials.
    pub(super) fn share(
        metric: impl Into<String>,
        expected: f64,
        of: impl Fn(&Summary) -> (u64, u64) + Send + Sync + 'static,
    ) -> Self {
        Self::new(metric, expected, Evidence::Share(Arc::new(of)))
    }

    /// The distance of the law of all values from this one.
    pub(super) fn law(
        metric: impl Into<String>,
        of: impl Fn(&Summary) -> Cells + Send + Sync + 'static,
        law: impl Fn(f64) -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self::new(metric, 0.0, Evidence::Law(Arc::new(of), Arc::new(law)))
    }

    /// The mean square of values that are standard normal.
    pub(super) fn squares(
        metric: impl Into<String>,
        of: impl Fn(&Summary) -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self::new(metric, 1.0, Evidence::Squares(Arc::new(of)))
    }

    /// The share of experiments that come out as they should.
    pub(super) fn experiments(
        metric: impl Into<String>,
        expected: Expected,
        of: impl Fn(&Summary) -> Vec<f64> + Send + Sync + 'static,
        one: impl Fn(&[&[f64]]) -> Option<(usize, bool)> + Send + Sync + 'static,
    ) -> Self {
        let evidence = Evidence::Experiments(Arc::new(of), Arc::new(one));
        Self { metric: metric.into(), expected, evidence }
    }

    /// The mean square of what pairs make together, which is standard normal.
    pub(super) fn squares_of_pairs(
        metric: impl Into<String>,
        of: impl Fn(&Summary) -> Vec<f64> + Send + Sync + 'static,
        both: impl Fn(&[f64], &[f64]) -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self::new(metric, 1.0, Evidence::SquaresOfPairs(Arc::new(of), Arc::new(both)))
    }

    /// The share of replications in which numbers of a pair differ: none.
    pub(super) fn equal(
        metric: impl Into<String>,
        of: impl Fn(&Summary) -> Vec<f64> + Send + Sync + 'static,
    ) -> Self {
        Self::new(metric, 0.0, Evidence::Unequal(Arc::new(of)))
    }
}

/// The cells of a histogram.
pub(super) fn cells(values: &Histogram) -> Cells {
    values.iter_cells().map(|(low, high, count)| ((low, high.saturating_add(1)), count)).collect()
}

impl Size {
    fn sets(self, depth: Depth) -> [String; 2] {
        let longer = match depth {
            Depth::Fast => 1,
            Depth::Thorough => self.thorough.0,
        };
        let length = self.warmup + self.measured * f64::from(longer);
        [format!("warmup=\"{}ns\"", self.warmup), format!("length=\"{length}ns\"")]
    }

    /// Replications: no setting of a scenario, whose files may not ask for so many.
    pub(super) fn often(self, depth: Depth) -> u32 {
        match depth {
            Depth::Fast => self.replications,
            Depth::Thorough => self.replications * self.thorough.1,
        }
    }
}
