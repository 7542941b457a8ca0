//! What a sweep found, in sentences made from its numbers.

use super::{Goal, SweepReport};
use crate::record::registry::{Metric, Unit};
use crate::report::number::{self, Quantity};
use crate::study::sweep::{Knee, Outlook, SweptPoint, explained, knee, outlook};
use crate::study::{Estimate, Verdict};

/// Letters of a setting in a sentence at most.
const LETTERS_MAX: usize = 40;
/// A key that goes with less of the variance is not worth naming.
const NOTABLE: f64 = 0.35;
const PER_MILLION: &str = " per million";
/// A curve begins or ends at an extreme if it is within this part of its whole range.
const NEAR: f64 = 0.05;

/// An extreme of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Least,
    Most,
}

impl SweepReport<'_> {
    /// What a metric does over the points, in one sentence without a full stop.
    pub fn finding(&self, metric: &Metric) -> String {
        let name = metric_words(metric);
        let target = self.target(metric.name);
        let Some(found) = outlook(&self.swept.points, metric.name, target.map(Goal::bounds)) else {
            return format!("Too little was seen of {name} for a value at any point");
        };
        let mut parts = vec![self.range(metric, &found)];
        if found.differs {
            parts.extend(self.bend(metric));
        }
        parts.extend(self.met(metric, &found));
        let text = parts.join("; ");
        let mut letters = text.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string());
        first.unwrap_or_default() + letters.as_str()
    }

    /// From where to where its values go.
    fn range(&self, metric: &Metric, found: &Outlook) -> String {
        let name = metric_words(metric);
        let (low, high) = (shown(metric, found.least.1), shown(metric, found.most.1));
        let count = self.design.points.len();
        if !found.differs || low == high {
            let both = if low == high { low } else { format!("{low} to {high}") };
            return match count {
                1 => format!("{name} is {both} at the only point"),
                _ => format!("{name} is {both} at all {count} points: no clear difference"),
            };
        }
        let (least, most) = (found.least.0, found.most.0);
        if self.design.dimensions.len() > 2 || self.design.samples.is_some() {
            return format!("{name} lies between {low} and {high}{}", self.weight(metric));
        }
        if !self.design.is_one_number() {
            let (at_least, at_most) = (self.at(least), self.at(most));
            return format!("{name} lies between {low} (at {at_least}) and {high} (at {at_most})");
        }
        let (begins, ends) = self.ends(metric, found);
        match (begins, ends) {
            (Some(End::Least), Some(End::Most)) => {
                format!(
                    "{name} rises from {low} at {} to {high} at {}",
                    self.at(least),
                    self.on(most)
                )
            }
            (Some(End::Most), Some(End::Least)) => {
                format!(
                    "{name} falls from {high} at {} to {low} at {}",
                    self.at(most),
                    self.on(least)
                )
            }
            _ => format!(
                "{name} is highest, {high}, at {}, and lowest, {low}, at {}",
                self.at(most),
                self.on(least)
            ),
        }
    }

    /// Which extremes the curve over one number begins and ends at, roughly.
    fn ends(&self, metric: &Metric, found: &Outlook) -> (Option<End>, Option<End>) {
        let (least, most) = (found.least.1, found.most.1);
        let end = |point: &SweptPoint| {
            let value = point.estimate(metric.name)?.value;
            let part = (value - least) / (most - least);
            match part {
                part if part <= NEAR => Some(End::Least),
                part if part >= 1.0 - NEAR => Some(End::Most),
                _ => None,
            }
        };
        let points = &self.swept.points;
        (points.first().and_then(end), points.last().and_then(end))
    }

    /// The key that says most about the values, if one says much.
    fn weight(&self, metric: &Metric) -> String {
        let points = self.swept.points.iter();
        let values: Vec<Option<f64>> =
            points.map(|point| point.estimate(metric.name).map(|e| e.value)).collect();
        let share = |axis: usize| {
            let settings = self.design.points.iter().map(|point| &point.settings[axis]);
            explained(&settings.collect::<Vec<_>>(), &values)
        };
        let shares = (0..self.design.dimensions.len()).map(|axis| (share(axis), axis));
        match shares.max_by(|a, b| a.0.total_cmp(&b.0)) {
            Some((share, axis)) if share >= NOTABLE => format!(
                "; most of it goes with {} ({} of the variance)",
                self.design.dimensions[axis].key,
                number::number(share, Quantity::Share)
            ),
            _ => String::new(),
        }
    }

    /// Where the curve over one number bends.
    fn bend(&self, metric: &Metric) -> Option<String> {
        if !self.design.is_one_number() {
            return None;
        }
        let points = self.swept.points.iter();
        let values: Vec<Option<f64>> =
            points.map(|point| point.estimate(metric.name).map(|e| e.value)).collect();
        Some(match knee(&values)? {
            Knee::FlatFrom(at) => format!("nearly flat from {} on", self.on(at)),
            Knee::FlatUpTo(at) => format!("nearly flat up to {}", self.on(at)),
        })
    }

    /// Where it meets its target.
    fn met(&self, metric: &Metric, found: &Outlook) -> Option<String> {
        let (target, verdicts) = (self.target(metric.name)?, found.verdicts.as_ref()?);
        if self.scenario.replications == 1 {
            let text = &target.text;
            return Some(format!("one replication a point cannot tell of the target {text}"));
        }
        let met: Vec<bool> = verdicts.iter().map(|verdict| *verdict == Verdict::Met).collect();
        let is_unsure = |verdict: &&Verdict| matches!(verdict, Verdict::Uncertain { .. });
        let unsure = match verdicts.iter().filter(is_unsure).count() {
            0 => String::new(),
            n => format!(" ({n} uncertain)"),
        };
        let count = met.iter().filter(|met| **met).count();
        let begins = met.iter().position(|met| *met).unwrap_or(0);
        let is_run = met[begins..].iter().take_while(|met| **met).count() == count;
        let text = format!("the target {}", target.text);
        let told = match (count, self.design.is_one_number() && is_run) {
            (0, _) => format!("{text} is surely met at no point"),
            (n, _) if n == met.len() => format!("{text} is met at every point"),
            (n, true) if begins + n == met.len() => {
                format!("{text} is met from {} on", self.on(begins))
            }
            (n, true) if begins == 0 => format!("{text} is met up to {}", self.on(n - 1)),
            (n, _) => format!("{text} is met at {n} of {} points", met.len()),
        };
        Some(told + &unsure)
    }

    /// A point in words, its keys without what stands before their last part.
    fn at(&self, point: usize) -> String {
        let settings = &self.design.points[point].settings;
        let pairs = self.design.dimensions.iter().zip(settings);
        let pairs: Vec<String> = pairs
            .map(|(d, setting)| format!("{} {}", last_part(&d.key), told(&setting.text)))
            .collect();
        pairs.join(", ")
    }

    /// The same without the key, where one alone changes and has been named.
    fn on(&self, point: usize) -> String {
        told(&self.design.points[point].settings[0].text)
    }
}

/// The last part of a key path.
pub fn last_part(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

/// A metric in words, without the unit that its values have.
pub fn metric_words(metric: &Metric) -> String {
    let words = number::words(metric.name);
    let unit = match metric.unit {
        Unit::Seconds => " s",
        Unit::PerSecond => " per s",
        _ => "",
    };
    words.strip_suffix(unit).unwrap_or(&words).to_owned()
}

/// A value of a metric, without the unit that its name has.
pub fn shown(metric: &Metric, value: f64) -> String {
    let text = number::number(value, Quantity::of(metric.unit));
    text.strip_suffix(PER_MILLION).unwrap_or(&text).to_owned()
}

/// An estimate of a metric, without the unit that its name has.
pub fn shown_estimate(metric: &Metric, estimate: &Estimate) -> String {
    number::estimate(estimate, Quantity::of(metric.unit)).replace(PER_MILLION, "")
}

/// A bound of a metric, as people say it.
pub fn shown_bound(metric: &Metric, bound: f64) -> String {
    match Quantity::of(metric.unit) {
        Quantity::Seconds => number::span(bound),
        Quantity::Share => {
            let text = number::fixed(bound * 100.0, 3);
            format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => shown(metric, bound),
    }
}

/// A setting as people read it: inline tables without braces and quotes, and not too long.
pub fn told(text: &str) -> String {
    let mut short = text.to_owned();
    if text.starts_with(['{', '"', '[']) {
        short.retain(|letter| letter != '"');
        for (long, plain) in [(" = {", ": "), ("={", ": "), (" = ", " "), ("=", " ")] {
            short = short.replace(long, plain);
        }
        short.retain(|letter| !matches!(letter, '{' | '}'));
        short = short.replace(", ", ",").replace(',', ", ");
    }
    if short.chars().count() <= LETTERS_MAX {
        return short;
    }
    short.chars().take(LETTERS_MAX - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_told_without_its_braces() {
        let text = "{fixed = {pause = \"1s\", attempts_max = 3}}";
        assert_eq!(told(text), "fixed: pause 1s, attempts_max 3");
        assert_eq!(
            told("{fixed={pause=\"1s\",attempts_max=3}}"),
            "fixed: pause 1s, attempts_max 3"
        );
        assert_eq!(told("never"), "never");
        assert_eq!(told(&"x".repeat(99)).chars().count(), LETTERS_MAX);
    }

    #[test]
    fn a_unit_is_said_once() {
        let metric = |name| Metric::by_name(name).unwrap();
        let duplicates = metric("duplicate_charges_per_million");
        assert_eq!(metric_words(duplicates), "duplicate charges per million");
        assert_eq!(shown(duplicates, 866.0), "866");
        assert_eq!(metric_words(metric("credit_latency_p95_s")), "credit latency p95");
        assert_eq!(shown_bound(metric("credit_latency_p95_s"), 900.0), "15 min");
        assert_eq!(shown_bound(metric("success_share"), 0.9), "90 %");
    }
}
