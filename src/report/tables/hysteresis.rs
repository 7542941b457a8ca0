//! Both branches of a sweep, with a trigger and without it, at every point.

use crate::record::registry::Unit;
use crate::report::csv::{Cell, Rows, Table};
use crate::report::reading::{Line, ReadBack, Unreadable};
use crate::stats::Estimate;
use crate::study::sweep::{self, Branch, Pair, Phase, Rule};

/// The contract of `hysteresis.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct Hysteresis {
    /// The key that changes.
    pub key: String,
    /// Its values, upwards: as scenarios say them, and as numbers.
    pub settings: Vec<(String, f64)>,
    /// What was found there.
    pub found: sweep::Hysteresis,
}

/// The trigger is left out, or comes.
const BRANCHES: [&str; 2] = ["without_trigger", "with_trigger"];

/// What rows tell of a branch.
const METRICS: [(&str, Unit); 4] = [
    ("arrivals_per_s", Unit::PerSecond),
    ("goodput_per_s", Unit::PerSecond),
    ("goodput_per_top_up", Unit::PerTopUp),
    ("up_share", Unit::Share),
];

/// The word for a point that is not sure.
const UNSURE: &str = "unsure";

impl Table for Hysteresis {
    const FILE: &'static str = "hysteresis.csv";
    const COLUMNS: &'static [&'static str] = &[
        "recovery",
        "trigger",
        "goodput",
        "up_from",
        "stretch_s",
        "after_s",
        "point",
        "key",
        "setting",
        "number",
        "phase",
        "branch",
        "metric",
        "unit",
        "value",
        "ci_low",
        "ci_high",
        "interval",
        "replications",
    ];
    const ORDER: &'static str =
        "point, then branch, the one without the trigger first, then metric";

    fn write(&self, rows: &mut Rows) {
        let rule = &self.found.rule;
        for (point, (setting, pair)) in self.settings.iter().zip(&self.found.points).enumerate() {
            for (name, branch) in BRANCHES.iter().zip([&pair.without, &pair.with]) {
                for ((metric, unit), estimate) in METRICS.iter().zip(metrics_of(branch)) {
                    let interval = estimate.and_then(|estimate| estimate.interval);
                    rows.row([
                        Cell::text(&rule.recovery),
                        Cell::text(&rule.trigger),
                        Cell::text(&rule.goodput),
                        Cell::Number(rule.up_from),
                        Cell::Count(rule.stretch_s),
                        Cell::Count(rule.after_s),
                        Cell::Count(point as u64),
                        Cell::text(&self.key),
                        Cell::text(&setting.0),
                        Cell::Number(setting.1),
                        Cell::text(pair.phase().map_or(UNSURE, Phase::name)),
                        Cell::text(name),
                        Cell::text(metric),
                        Cell::text(unit.name()),
                        Cell::number(estimate.map(|estimate| estimate.value)),
                        Cell::number(interval.map(|interval| interval.low)),
                        Cell::number(interval.map(|interval| interval.high)),
                        Cell::text(&estimate.map_or(String::new(), |e| e.method().to_string())),
                        Cell::Count(estimate.map_or(0, |estimate| estimate.n)),
                    ]);
                }
            }
        }
    }
}

/// In the order of [`METRICS`].
fn metrics_of(branch: &Branch) -> [Option<Estimate>; 4] {
    [branch.arrivals_per_s, branch.goodput_per_s, branch.goodput_per_top_up, branch.up_share]
}

impl ReadBack for Hysteresis {
    /// Phases follow from the branches.
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let mut table = Self {
            key: String::new(),
            settings: Vec::new(),
            found: sweep::Hysteresis { rule: Rule::default(), points: Vec::new() },
        };
        for line in lines {
            if line.count("point")? == table.settings.len() as u64 {
                table.key = line.text("key");
                table.settings.push((line.text("setting"), line.known("number")?));
                table.found.points.push(Pair::default());
                table.found.rule = rule_of(line)?;
            }
            let points = table.found.points.last_mut();
            let pair = points.ok_or_else(|| line.fault("point", "point from 0 on"))?;
            let branch = match line.text("branch") {
                name if name == BRANCHES[0] => &mut pair.without,
                name if name == BRANCHES[1] => &mut pair.with,
                _ => return Err(line.fault("branch", "branch")),
            };
            let columns = ["value", "ci_low", "ci_high", "interval"];
            let estimate = line.estimate(columns, line.count("replications")?)?;
            let metric = line.text("metric");
            match METRICS.iter().position(|(name, _)| *name == metric) {
                Some(0) => branch.arrivals_per_s = estimate,
                Some(1) => branch.goodput_per_s = estimate,
                Some(2) => branch.goodput_per_top_up = estimate,
                Some(3) => branch.up_share = estimate,
                _ => return Err(line.fault("metric", "metric of a branch")),
            }
        }
        Ok(table)
    }
}

fn rule_of(line: &Line) -> Result<Rule, Unreadable> {
    Ok(Rule {
        recovery: line.text("recovery"),
        trigger: line.text("trigger"),
        goodput: line.text("goodput"),
        stretch_s: line.count("stretch_s")?,
        after_s: line.count("after_s")?,
        up_from: line.known("up_from")?,
    })
}

#[cfg(test)]
pub(crate) mod sample {
    use super::*;
    use crate::stats::{CONFIDENCE, Interval, Method, clopper_pearson};

    /// A branch with so much goodput a second of so many top-ups, and so many of ten that are up.
    fn branch(arrivals: f64, goodput: f64, up: u64) -> Branch {
        let rate = |value: f64| {
            let interval = Interval { low: value - 0.5, high: value + 0.5, method: Method::T };
            Some(Estimate { value, interval: Some(interval), n: 10 })
        };
        let interval = Some(clopper_pearson(up, 10, CONFIDENCE));
        Branch {
            arrivals_per_s: rate(arrivals),
            goodput_per_s: rate(goodput),
            goodput_per_top_up: rate(goodput / arrivals),
            up_share: Some(Estimate { value: up as f64 / 10.0, interval, n: 10 }),
        }
    }

    /// A load at which up to so many replications of ten are up without the trigger, and with it.
    pub(crate) fn loads(up: &[(f64, u64, u64)]) -> Hysteresis {
        let goodput = |load: f64, up: u64| load * up as f64 / 10.0;
        let pair = |&(load, without, with): &(f64, u64, u64)| Pair {
            without: branch(load, goodput(load, without), without),
            with: branch(load, goodput(load, with), with),
        };
        Hysteresis {
            key: "arrivals.rate".to_owned(),
            settings: up.iter().map(|(load, ..)| (format!("{load}/s"), *load)).collect(),
            found: sweep::Hysteresis {
                rule: Rule {
                    recovery: "storm".to_owned(),
                    trigger: "stands still".to_owned(),
                    goodput: "answered".to_owned(),
                    stretch_s: 30,
                    after_s: 580,
                    up_from: 0.95,
                },
                points: up.iter().map(pair).collect(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::csv::csv_of;
    use crate::report::reading::read_back;

    #[test]
    fn what_was_written_is_read_back() {
        let table = sample::loads(&[(10.0, 10, 10), (30.0, 10, 0), (60.0, 10, 5), (110.0, 0, 0)]);
        let bytes = csv_of(&table);
        assert_eq!(read_back::<Hysteresis>(&bytes), Ok(table));
        let text = String::from_utf8(bytes).unwrap();
        let rows = "storm,stands still,answered,0.95,30,580,1,arrivals.rate,30/s,30,vulnerable,";
        assert!(text.contains(&format!("{rows}with_trigger,goodput_per_s,")), "{text}");
        assert_eq!(text.lines().count(), 1 + 4 * 2 * METRICS.len());
    }
}
