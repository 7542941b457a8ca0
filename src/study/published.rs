//! Published facts against what was simulated: met, not met, or uncertain.

use super::estimate::MetricEstimate;
use super::target::verdict;
use crate::scenario::Published;
use crate::stats::{Estimate, Verdict};

/// A published fact and what the run says about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The fact.
    pub fact: Published,
    /// What was simulated; none where too little was seen.
    pub simulated: Option<Estimate>,
    /// Whether the interval lies within what agrees with the fact.
    pub verdict: Verdict,
}

impl Held {
    /// The verdict in words. A fact that is not met is no error: it says how far the model reaches.
    pub fn words(&self) -> &'static str {
        match self.verdict {
            Verdict::Met => "met",
            Verdict::Missed => "not met",
            Verdict::Uncertain { .. } => "uncertain",
        }
    }
}

/// Holds every fact against its estimate, in the order of the facts.
pub fn held(facts: &[Published], estimates: &[MetricEstimate]) -> Vec<Held> {
    let one = |fact: &Published| {
        let is_of = |row: &&MetricEstimate| {
            row.metric == fact.metric && row.group == fact.group && row.window == fact.window
        };
        let row = estimates.iter().find(is_of);
        let unsure = Verdict::Uncertain { replications_needed: None };
        Held {
            fact: fact.clone(),
            simulated: row.and_then(|row| row.estimate),
            verdict: row.map_or(unsure, |row| verdict(row, fact.at_least, fact.at_most)),
        }
    };
    facts.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::fake::{self, ODDS, small};
    use crate::record::registry::Unit;
    use crate::scenario::Kind;
    use crate::study::estimate::of_shape;

    fn fact(window: &str, at_least: f64, at_most: f64) -> Published {
        Published {
            name: "x".to_owned(),
            metric: "success_share",
            unit: Unit::Share,
            group: "all".to_owned(),
            window: window.to_owned(),
            kind: Kind::HeldOut,
            value: None,
            at_least: Some(at_least),
            at_most: Some(at_most),
            source: "made up".to_owned(),
        }
    }

    fn words(replications: u64, fact: Published) -> &'static str {
        let shape = small();
        let one = |seed| fake::summary(&shape, seed, 5_000, ODDS);
        let summaries: Vec<_> = (0..replications).map(one).collect();
        held(&[fact], &of_shape(&summaries, &shape))[0].words()
    }

    #[test]
    fn a_fact_is_met_by_the_whole_interval_only() {
        // a fifth of the made-up top-ups fail
        assert_eq!(words(5, fact("all", 0.75, 0.85)), "met");
        assert_eq!(words(5, fact("all", 0.90, 0.95)), "not met");
        assert_eq!(words(5, fact("all", 0.80, 0.95)), "uncertain");
        assert_eq!(words(1, fact("all", 0.75, 0.85)), "uncertain", "no interval");
    }

    #[test]
    fn a_fact_of_a_window_is_held_against_that_window() {
        assert_eq!(words(5, fact("outage", 0.75, 0.85)), "met");
        assert_eq!(words(5, fact("never", 0.75, 0.85)), "uncertain", "nothing was seen");
    }
}
