//! What a command line wants to know of a comparison: metrics, smallest differences, a rule.

use crate::cli::ending::Failure;
use crate::record::METRICS;
use crate::record::registry::{Better, Metric};
use crate::scenario::{Bound, Scenario, near};
use crate::study::compare::{Asked, Objective, Rule, Smallest};

/// The metrics that are shown unless others are asked for; the first answers the question.
const SHOWN: [&str; 5] = [
    "success_share",
    "attempts_per_top_up",
    "duplicate_charges_per_million",
    "charged_shown_failed_per_million",
    "credit_latency_p95_s",
];

/// What the command line says about the question.
#[derive(clap::Args)]
pub(super) struct Question {
    /// Show these metrics; the first answers the question. May be repeated
    #[arg(long, value_name = "NAME", value_parser = metric)]
    metric: Vec<&'static Metric>,

    /// The top-ups that arrive in a window of the scenario; `across` goes with --across
    #[arg(long, value_name = "NAME", default_value = "all")]
    window: String,

    /// The smallest difference worth showing, such as `success_share=0.1%`; may be repeated
    #[arg(long, value_name = "METRIC=VALUE", value_parser = smallest)]
    smallest: Vec<(&'static str, f64)>,

    /// Choose an arm: `duplicate_charges_per_million <= 5, then max success_share`
    #[arg(long, value_name = "RULE", value_parser = rule)]
    prefer: Option<Rule>,
}

impl Question {
    /// What is asked of the arms of these scenarios.
    ///
    /// # Errors
    /// Where a scenario has no such window, or a metric is not counted in it.
    pub(super) fn asked(&self, scenarios: &[Scenario]) -> Result<Asked, Failure> {
        let metrics = self.metrics();
        let rule = self.prefer.clone().unwrap_or_else(|| Rule::only(default_objective(&metrics)));
        let of_rule = rule.limits.iter().map(|limit| limit.metric);
        let of_rule = of_rule.chain(rule.objectives.iter().map(|objective| objective.metric));
        let all: Vec<&Metric> = metrics.iter().copied().chain(of_rule).collect();
        self.check_window(scenarios, &all)?;
        Ok(Asked {
            metrics,
            window: self.window.clone(),
            smallest: Smallest(self.smallest.iter().copied().collect()),
            rule,
        })
    }

    /// Whether a rule was stated.
    pub(super) fn has_rule(&self) -> bool {
        self.prefer.is_some()
    }

    fn metrics(&self) -> Vec<&'static Metric> {
        if self.metric.is_empty() {
            let known = |name| Metric::by_name(name).expect("the shown metrics are registered");
            return SHOWN.into_iter().map(known).collect();
        }
        let mut once: Vec<&'static Metric> = Vec::new();
        self.metric.iter().for_each(|metric| {
            if !once.contains(metric) {
                once.push(metric);
            }
        });
        once
    }

    fn check_window(&self, all: &[Scenario], metrics: &[&Metric]) -> Result<(), Failure> {
        if self.window == "all" {
            return Ok(());
        }
        let has = |scenario: &Scenario| {
            scenario.plan.windows.iter().any(|window| window.name == self.window)
        };
        if !all.iter().all(has) {
            let names = all[0].plan.windows.iter().map(|window| window.name.as_str());
            let guess =
                near(&self.window, names).map_or(String::new(), |guess| format!("; {guess}"));
            return Err(Failure::Invalid(format!(
                "--window {}: the scenario has no such window{guess}",
                self.window
            )));
        }
        let by_window =
            |metric: &&&Metric| !metric.groups.iter().any(|kind| kind.name() == "window");
        match metrics.iter().find(by_window) {
            Some(metric) => Err(Failure::Invalid(format!(
                "--window {}: {} is not counted by windows",
                self.window, metric.name
            ))),
            None => Ok(()),
        }
    }
}

/// More, or less, of the first metric that has a better way.
fn default_objective(metrics: &[&'static Metric]) -> Objective {
    let success = || Metric::by_name(SHOWN[0]).expect("the shown metrics are registered");
    let with_way = metrics.iter().copied().find(|metric| metric.better != Better::Neither);
    let metric = with_way.unwrap_or_else(success);
    Objective { metric, is_up: metric.better == Better::Up }
}

fn metric(name: &str) -> Result<&'static Metric, String> {
    Metric::by_name(name).ok_or_else(|| {
        let guess = near(name, METRICS.iter().map(|metric| metric.name));
        guess.unwrap_or_else(|| "docs/metrics.md lists all metrics".to_owned())
    })
}

fn smallest(text: &str) -> Result<(&'static str, f64), String> {
    let Some((name, value)) = text.split_once('=') else {
        return Err("expected METRIC=VALUE, such as success_share=0.1%".to_owned());
    };
    let metric = metric(name.trim())?;
    let value = Bound::Text(value.trim().to_owned()).value(metric.unit)?;
    if value <= 0.0 {
        return Err("a difference above 0 is needed".to_owned());
    }
    Ok((metric.name, value))
}

fn rule(text: &str) -> Result<Rule, String> {
    Rule::parse(text).map_err(|not_a_rule| not_a_rule.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shown_metric_is_registered_and_has_a_better_way() {
        for name in SHOWN {
            assert!(Metric::by_name(name).unwrap().better != Better::Neither, "{name}");
        }
    }

    #[test]
    fn a_smallest_difference_has_the_unit_of_its_metric() {
        assert_eq!(smallest("success_share=0.1%"), Ok(("success_share", 0.001)));
        assert_eq!(smallest("credit_latency_p95_s=2s"), Ok(("credit_latency_p95_s", 2.0)));
        for bad in ["success_share", "success_share=0.1", "success_share=0%", "sucess_share=1%"] {
            assert!(smallest(bad).is_err(), "{bad}");
        }
    }
}
