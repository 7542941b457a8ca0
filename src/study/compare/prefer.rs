//! A stated preference: limits that an arm must keep, and what it shall do best then.

use std::fmt;

use super::Comparison;
use super::contrast::Smallest;
use super::matrix::{Matrix, matrix};
use crate::record::METRICS;
use crate::record::registry::Metric;
use crate::scenario::{Bound as Written, near};
use crate::stats::{Bound, Verdict, judge};

/// What an arm must keep, and what it shall do best then.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Every one of them must hold, in every set of incidents.
    pub limits: Vec<Limit>,
    /// The first decides; the next ones decide where those before cannot tell arms apart.
    pub objectives: Vec<Objective>,
}

/// A bound on a metric over all top-ups.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The metric.
    pub metric: &'static Metric,
    /// The bound in its unit.
    pub bound: Bound,
    /// As written, such as `attempts_per_top_up <= 1.3`.
    pub text: String,
}

/// A metric that shall be as great, or as small, as can be.
#[derive(Clone, Copy, Debug)]
pub struct Objective {
    /// The metric.
    pub metric: &'static Metric,
    /// Whether more of it is wanted.
    pub is_up: bool,
}

/// What somebody wants to know of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The metrics that are shown; the first answers the question.
    pub metrics: Vec<&'static Metric>,
    /// The part of the measured time that they are over: `all`, or a window.
    pub window: String,
    /// The smallest differences worth showing.
    pub smallest: Smallest,
    /// What chooses an arm.
    pub rule: Rule,
}

/// Why a text is no rule, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotARule(pub String);

/// How an arm stands with a limit, in the set in which it stands worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Its whole interval keeps the limit in every set.
    Keeps,
    /// An interval holds the limit, or there is none.
    Uncertain,
    /// Its whole interval breaks the limit in the set of this place.
    Breaks(usize),
}

/// What the rule makes of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    /// Arm by arm, how it stands with each limit.
    pub standings: Vec<Vec<Standing>>,
    /// The first objective: regrets are among the arms that break no limit.
    pub matrix: Matrix,
    /// The arm that the rule chooses; None if all break a limit or have no value.
    pub arm: Option<usize>,
    /// Arms that it cannot be told apart from in any objective, the chosen one left out.
    pub ties: Vec<usize>,
}

impl PartialEq for Objective {
    fn eq(&self, other: &Self) -> bool {
        (self.metric.name, self.is_up) == (other.metric.name, other.is_up)
    }
}

impl Rule {
    /// The rule that asks for one thing only.
    pub fn only(objective: Objective) -> Self {
        Self { limits: Vec::new(), objectives: vec![objective] }
    }

    /// Reads `duplicate_charges_per_million <= 5, then max success_share`.
    ///
    /// # Errors
    /// A sentence that says which part cannot be read and what would be legal.
    pub fn parse(text: &str) -> Result<Self, NotARule> {
        let mut rule = Self { limits: Vec::new(), objectives: Vec::new() };
        for part in text.split(',').map(str::trim) {
            let part = part.strip_prefix("then ").map_or(part, str::trim_start);
            match part.split_once(' ') {
                Some(("max", name)) => rule.objectives.push(objective(name, true)?),
                Some(("min", name)) => rule.objectives.push(objective(name, false)?),
                _ if !rule.objectives.is_empty() => {
                    return Err(NotARule(format!(
                        "{part:?} stands behind what shall be best: limits come first"
                    )));
                }
                _ => rule.limits.push(limit(part)?),
            }
        }
        if rule.objectives.is_empty() {
            return Err(NotARule(format!(
                "{text:?} says what is allowed and not what is best: end it with a `max METRIC` or \
                 a `min METRIC`, such as \"then max success_share\""
            )));
        }
        Ok(rule)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limits = self.limits.iter().map(|limit| limit.text.clone());
        let objectives = self.objectives.iter().enumerate().map(|(at, objective)| {
            let then = if at == 0 && self.limits.is_empty() { "" } else { "then " };
            let word = if objective.is_up { "max" } else { "min" };
            format!("{then}{word} {}", objective.metric.name)
        });
        f.write_str(&limits.chain(objectives).collect::<Vec<_>>().join(", "))
    }
}

fn objective(name: &str, is_up: bool) -> Result<Objective, NotARule> {
    Ok(Objective { metric: metric(name.trim())?, is_up })
}

fn limit(part: &str) -> Result<Limit, NotARule> {
    let (at_most, at_least) = (part.split_once("<="), part.split_once(">="));
    let Some((name, value)) = at_most.or(at_least) else {
        return Err(NotARule(format!(
            "{part:?} cannot be read: expected a limit such as \"attempts_per_top_up <= 1.3\", or \
             what shall be best, such as \"max success_share\""
        )));
    };
    let (metric, value) = (metric(name.trim())?, value.trim());
    let number = Written::Text(value.to_owned()).value(metric.unit);
    let number = number
        .map_err(|legal| NotARule(format!("{part:?} has a bound in a wrong unit: {legal}")))?;
    let (bound, sign) = match at_most {
        Some(_) => (Bound::AtMost(number), "<="),
        None => (Bound::AtLeast(number), ">="),
    };
    Ok(Limit { metric, bound, text: format!("{} {sign} {value}", metric.name) })
}

/// The metric of a name, or a sentence.
fn metric(name: &str) -> Result<&'static Metric, NotARule> {
    Metric::by_name(name).ok_or_else(|| {
        let guess = near(name, METRICS.iter().map(|metric| metric.name));
        let guess = guess.unwrap_or_else(|| "docs/metrics.md lists them all".to_owned());
        NotARule(format!("{name:?} is no metric: {guess}"))
    })
}

/// What a rule chooses among the arms of a comparison, over all top-ups of a window.
///
/// An arm that surely breaks a limit in any set of incidents is out; one that may break it stays,
/// and the answer says so. Of the others the one with the least worst regret in the first objective
/// is chosen; where arms cannot be told apart from it, the next objective decides among these.
pub fn recommend(comparison: &Comparison, rule: &Rule, window: &str) -> Recommendation {
    let arms = comparison.lineup.arms.len();
    let standing =
        |arm: usize| rule.limits.iter().map(move |limit| stands(comparison, arm, limit, window));
    let standings: Vec<Vec<Standing>> = (0..arms).map(|arm| standing(arm).collect()).collect();
    let breaks_none = |arm: &usize| {
        !standings[*arm].iter().any(|standing| matches!(standing, Standing::Breaks(_)))
    };
    let mut candidates: Vec<usize> = (0..arms).filter(breaks_none).collect();
    let mut first = None;
    let mut chosen = None;
    for objective in &rule.objectives {
        let of = (objective.metric, objective.is_up);
        let matrix = matrix(comparison, of, window, &candidates);
        if let Some(best) = matrix.minimax() {
            chosen = Some(best);
            candidates.retain(|&arm| arm == best || !matrix.tells_apart(comparison, best, arm));
        }
        first.get_or_insert(matrix);
    }
    let matrix = first.expect("a rule has an objective");
    let ties = candidates.into_iter().filter(|arm| Some(*arm) != chosen);
    let ties = if chosen.is_some() { ties.collect() } else { Vec::new() };
    Recommendation { standings, matrix, arm: chosen, ties }
}

/// How an arm stands with a limit in the set in which it stands worst.
fn stands(comparison: &Comparison, arm: usize, limit: &Limit, window: &str) -> Standing {
    let of = |set: usize| {
        let row = comparison.cell(set, arm).of_all(limit.metric.name, window);
        let Some(estimate) = row.and_then(|row| row.estimate) else { return Standing::Uncertain };
        match judge(&estimate, limit.bound) {
            Verdict::Met => Standing::Keeps,
            Verdict::Uncertain { .. } => Standing::Uncertain,
            Verdict::Missed => Standing::Breaks(set),
        }
    };
    (0..comparison.lineup.sets.len()).map(of).max().unwrap_or(Standing::Uncertain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_as_it_is_written() {
        let text = "duplicate_charges_per_million <= 5, attempts_per_top_up <= 1.3, then max \
                    success_share, then min attempts_per_top_up";
        let rule = Rule::parse(text).unwrap();
        assert_eq!(rule.to_string(), text);
        assert_eq!(rule.limits[0].bound, Bound::AtMost(5.0));
        assert_eq!(
            (rule.objectives[0].metric.name, rule.objectives[0].is_up),
            ("success_share", true)
        );
        assert_eq!(
            Rule::parse("success_share>=99.5%,min refunds_per_million").unwrap().limits[0].bound,
            Bound::AtLeast(0.995)
        );
    }

    #[test]
    fn what_is_no_rule_earns_a_sentence() {
        for (text, part) in [
            ("attempts_per_top_up <= 1.3", "not what is best"),
            ("max sucess_share", "did you mean `success_share`?"),
            ("success_share >= 0.9, max success_share", "\"0.9\" has no unit"),
            ("max success_share, attempts_per_top_up <= 2", "limits come first"),
            ("success_share = 3, max success_share", "cannot be read"),
            ("", "cannot be read"),
        ] {
            let NotARule(sentence) = Rule::parse(text).unwrap_err();
            assert!(sentence.contains(part), "{text}: {sentence}");
        }
    }
}
