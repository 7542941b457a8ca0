//! A finished comparison: its tables as they were, and what stands beside them.

use jiff::Zoned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Finished, NotFinished};
use crate::record::Metric;
use crate::report::tables::{ArmTimeline, Compared, Matrix, Window};
use crate::study::compare::{Asked, Rule, Smallest};

/// What pictures and the screen of a comparison say that no table holds; `manifest.json` does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BesideCompared {
    /// The answer to the question, in a sentence.
    finding: String,
    /// What the rule chooses, in a sentence.
    advice: String,
    /// Whether somebody stated that rule.
    pub has_rule: bool,
    /// The arm that it chooses, and those that cannot be told apart from it.
    pub chosen: Option<String>,
    /// See `chosen`.
    pub tied: Vec<String>,
    /// Whether more of the metric of the rule is better.
    is_up: bool,
    /// Top-ups of the cohorts of all arms.
    pub top_ups: u64,
    /// The confidence of each difference.
    pub confidence: f64,
    /// Local time at the start of the first arm.
    start: Option<Zoned>,
    /// Length of the run and width of a bucket of the time-line, s.
    length_s: f64,
    /// See `length_s`.
    bucket_s: f64,
    /// Replications of the arm that has fewest.
    replications: u64,
    /// How many values were drawn from their ranges.
    uncertain_inputs: usize,
    /// What charts shade in each set of incidents.
    windows: Vec<Vec<Window>>,
}

impl BesideCompared {
    /// What stands beside the tables of a comparison of so many top-ups, whose differences have
    /// this confidence: whether somebody stated a rule, the arm that it chooses, and the ties of
    /// that.
    pub fn of(
        tables: &Compared,
        (top_ups, confidence): (u64, f64),
        (has_rule, chosen, tied): (bool, Option<String>, Vec<String>),
    ) -> Self {
        let timeline = &tables.timeline;
        BesideCompared {
            finding: tables.finding.clone(),
            advice: tables.advice.clone(),
            has_rule,
            chosen,
            tied,
            is_up: tables.matrix.is_up,
            top_ups,
            confidence,
            start: timeline.start.clone(),
            length_s: timeline.length_s,
            bucket_s: timeline.bucket_s,
            replications: timeline.replications,
            uncertain_inputs: timeline.uncertain_inputs,
            windows: timeline.sets.iter().map(|set| set.windows.clone()).collect(),
        }
    }

    fn timeline(&self, mut read: ArmTimeline) -> ArmTimeline {
        for (set, windows) in read.sets.iter_mut().zip(&self.windows) {
            set.windows.clone_from(windows);
        }
        ArmTimeline {
            start: self.start.clone(),
            length_s: self.length_s,
            bucket_s: self.bucket_s,
            replications: self.replications,
            uncertain_inputs: self.uncertain_inputs,
            ..read
        }
    }
}

impl Finished {
    /// The tables of a comparison and what stands beside them, with what a reader should know of
    /// them in sentences.
    ///
    /// # Errors
    /// If a file is missing, or not the table that its name says.
    pub fn compared(&self) -> Result<(Compared, BesideCompared, Vec<String>), NotFinished> {
        let mut notes = Vec::new();
        let beside: BesideCompared = self.said_beside()?;
        let matrix: Matrix = self.table(&mut notes)?;
        let tables = Compared {
            asked: self.asked()?,
            finding: beside.finding.clone(),
            advice: beside.advice.clone(),
            summary: self.table(&mut notes)?,
            differences: self.table(&mut notes)?,
            replications: self.table(&mut notes)?,
            timeline: beside.timeline(self.table(&mut notes)?),
            matrix: Matrix { is_up: beside.is_up, ..matrix },
            regrets: self.table(&mut notes)?,
        };
        Ok((tables, beside, notes))
    }

    /// What was asked of a comparison.
    fn asked(&self) -> Result<Asked, NotFinished> {
        let details = &self.manifest()["study"]["details"];
        let refused = |why: String| NotFinished::Beside { path: self.path().to_owned(), why };
        let metric = |name: &str| {
            let metric = Metric::by_name(name);
            metric.ok_or_else(|| refused(format!("{name:?} is no metric")))
        };
        let names = details["metrics"].as_array().map_or(&[][..], Vec::as_slice).iter();
        let metrics: Vec<_> = names
            .map(|name| metric(name.as_str().unwrap_or_default()))
            .collect::<Result<_, _>>()?;
        if metrics.is_empty() {
            return Err(refused("it names no metrics".to_owned()));
        }
        let smallest = details["smallest"].as_object().into_iter().flatten();
        let smallest = smallest
            .map(|(name, value)| Ok((metric(name)?.name, value.as_f64().unwrap_or_default())));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let rule = Rule::parse(&text(&details["rule"]));
        Ok(Asked {
            metrics,
            window: text(&details["window"]),
            smallest: Smallest(smallest.collect::<Result<_, NotFinished>>()?),
            rule: rule.map_err(|not| refused(not.0))?,
        })
    }
}
