//! What a sweep found, in sentences made from its numbers.

use super::{SweepReport, quantity};
use crate::record::registry::Metric;
use crate::report::number;
use crate::study::Verdict;
use crate::study::sweep::{Knee, Outlook, Spread, knee, outlook};

impl SweepReport<'_> {
    /// What a metric does over the points, in one sentence without a full stop.
    pub fn finding(&self, metric: &Metric) -> String {
        let name = number::words(metric.name);
        let target = self.target(metric.name);
        let Some(found) = outlook(&self.swept.points, metric.name, target) else {
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
        let name = number::words(metric.name);
        let shown = |value: f64| number::number(value, quantity(metric.unit));
        let (low, high) = (shown(found.least.1), shown(found.most.1));
        if !found.differs || low == high {
            let both = if low == high { low } else { format!("{low} to {high}") };
            return format!("{name} is {both} at all {} points: no clear difference", self.count());
        }
        let (at_low, at_high) = (self.at(found.least.0), self.at(found.most.0));
        let (first, last) = (found.least.0, found.most.0);
        match (self.is_one_number(), first < last) {
            (true, true) => format!("{name} rises from {low} at {at_low} to {high} at {at_high}"),
            (true, false) => format!("{name} falls from {high} at {at_high} to {low} at {at_low}"),
            (false, _) => format!("{name} is {low} at {at_low} and {high} at {at_high}"),
        }
    }

    /// Where the curve over one number bends.
    fn bend(&self, metric: &Metric) -> Option<String> {
        if !self.is_one_number() {
            return None;
        }
        let points = self.swept.points.iter();
        let values: Vec<Option<f64>> =
            points.map(|point| point.estimate(metric.name).map(|e| e.value)).collect();
        Some(match knee(&values)? {
            Knee::FlatFrom(at) => format!("nearly flat from {} on", self.at(at)),
            Knee::FlatUpTo(at) => format!("nearly flat up to {}", self.at(at)),
        })
    }

    /// Where it meets its target.
    fn met(&self, metric: &Metric, found: &Outlook) -> Option<String> {
        let (target, verdicts) = (self.target(metric.name)?, found.verdicts.as_ref()?);
        let met: Vec<bool> = verdicts.iter().map(|verdict| *verdict == Verdict::Met).collect();
        let is_unsure = |verdict: &&Verdict| matches!(verdict, Verdict::Uncertain { .. });
        let unsure = match verdicts.iter().filter(is_unsure).count() {
            0 => String::new(),
            n => format!(" ({n} uncertain)"),
        };
        let count = met.iter().filter(|met| **met).count();
        let begins = met.iter().position(|met| *met).unwrap_or(0);
        let is_run = met[begins..].iter().take_while(|met| **met).count() == count;
        let text = &target.text;
        let told = match (count, self.is_one_number() && is_run) {
            (0, _) => format!("{text} is met at no point"),
            (n, _) if n == met.len() => format!("{text} is met at every point"),
            (n, true) if begins + n == met.len() => {
                format!("{text} is met from {} on", self.at(begins))
            }
            (n, true) if begins == 0 => format!("{text} is met up to {}", self.at(n - 1)),
            (n, _) => format!("{text} is met at {n} of {} points", met.len()),
        };
        Some(told + &unsure)
    }

    fn count(&self) -> usize {
        self.design.points.len()
    }

    /// Whether one key changes, and its values are numbers in ascending order.
    pub fn is_one_number(&self) -> bool {
        let axes = self.axes();
        let values = self.design.points.iter().map(|point| {
            let setting = &point.settings[0];
            super::value(&axes[0], setting).unwrap_or(f64::NAN)
        });
        axes.len() == 1
            && axes[0].spread != Spread::Words
            && values.collect::<Vec<_>>().is_sorted_by(|a, b| a < b)
    }

    /// A point in words, its keys without what stands before their last part.
    pub fn at(&self, point: usize) -> String {
        let design = self.design;
        let settings = &design.points[point].settings;
        let pairs = design.dimensions.iter().zip(settings);
        let pairs: Vec<String> =
            pairs.map(|(d, setting)| format!("{} {}", last_part(&d.key), setting.text)).collect();
        pairs.join(", ")
    }
}

/// The last two parts of a key path, or the last if there is a name in quotes.
fn last_part(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}
