//! From a comparison to its tables, and what they say in a sentence or two.

use super::finished::ToldTarget;
use super::gather::{unit_name, windows};
use super::number::{self, Quantity, list};
use super::tables::{
    ArmName, ArmReplications, ArmTarget, ArmTargets, ArmTimeline, Compared, DifferenceRow,
    Differences, Matrix, MatrixRow, RegretRow, Regrets, SetTimeline, Summary, SummaryRow,
};
use super::verdicts::entry;
use crate::scenario::{LAID_OVER, Scenario};
use crate::study::compare::{
    Asked, Comparison, Contrast, Difference, Recommendation, Standing, Way,
};

/// The tables of a comparison; `scenarios` are those of its arms, in the order of its cells.
pub fn compared(
    comparison: &Comparison,
    scenarios: &[Scenario],
    asked: &Asked,
    recommendation: &Recommendation,
) -> Compared {
    let about = About { comparison, scenarios, asked, recommendation };
    Compared {
        asked: asked.clone(),
        finding: about.finding(),
        advice: about.advice(),
        summary: about.summary(),
        differences: about.differences(),
        replications: about.replications(),
        timeline: about.timeline(),
        matrix: about.matrix(),
        regrets: about.regrets(),
        targets: about.targets(),
    }
}

/// Points of a time line at most; half as many where sets of incidents share a page.
const POINTS_MAX: usize = 240;

struct About<'a> {
    comparison: &'a Comparison,
    scenarios: &'a [Scenario],
    asked: &'a Asked,
    recommendation: &'a Recommendation,
}

impl About<'_> {
    fn arm(&self, set: usize, arm: usize) -> ArmName {
        let lineup = &self.comparison.lineup;
        ArmName { variant: lineup.arms[arm].clone(), incidents: lineup.sets[set].clone() }
    }

    fn name(&self, arm: usize) -> &str {
        &self.comparison.lineup.arms[arm]
    }

    /// Sets and arms in the order of the cells.
    fn places(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let lineup = &self.comparison.lineup;
        (0..lineup.sets.len()).flat_map(|set| (0..lineup.arms.len()).map(move |arm| (set, arm)))
    }

    fn summary(&self) -> Summary {
        let rows = self.places().flat_map(|(set, arm)| {
            let variant = self.comparison.lineup.name(set, arm);
            let rows = self.comparison.cell(set, arm).estimates.iter();
            rows.map(move |row| SummaryRow {
                variant: variant.clone(),
                group: row.group.clone(),
                window: row.window.clone(),
                metric: row.metric.to_owned(),
                statistic: row.statistic.to_owned(),
                unit: unit_name(row.unit, &self.scenarios[0]),
                estimate: row.estimate,
                replications: row.replications,
                events: row.events,
            })
        });
        Summary { scenario: self.scenarios[0].name.clone(), rows: rows.collect() }
    }

    fn differences(&self) -> Differences {
        let all = self.comparison.differences(&self.asked.smallest);
        let row = |found: Difference| DifferenceRow {
            arm: self.arm(found.set, found.arm),
            group: found.group,
            window: found.window,
            metric: found.metric.name.to_owned(),
            unit: unit_name(found.metric.unit, &self.scenarios[0]),
            quantity: Quantity::of(found.metric.unit),
            base: found.base,
            value: found.other,
            difference: found.paired.difference,
            relative: found.paired.relative,
            confidence: found.confidence,
            correlation: found.paired.correlation,
            variance_ratio: found.paired.variance_ratio,
            pairs: found.pairs,
            contrast: found.contrast,
        };
        let baseline = self.name(self.comparison.lineup.baseline).to_owned();
        Differences { baseline, rows: all.into_iter().map(row).collect() }
    }

    fn replications(&self) -> ArmReplications {
        let rows = self.places().flat_map(|(set, arm)| {
            let values = self.comparison.cell(set, arm).replications();
            values.map(move |value| (self.arm(set, arm), value))
        });
        ArmReplications { rows: rows.collect() }
    }

    fn timeline(&self) -> ArmTimeline {
        let lineup = &self.comparison.lineup;
        let (width, length, buckets) = self.comparison.cells[0].buckets();
        let together =
            buckets.div_ceil(if lineup.sets.len() > 1 { POINTS_MAX / 2 } else { POINTS_MAX });
        let set = |set: usize| {
            let scenario = &self.scenarios[lineup.place(set, lineup.baseline)];
            let mut windows = windows(scenario);
            for window in &mut windows {
                let own = window.name.strip_suffix(LAID_OVER).map(str::to_owned);
                window.name = own.unwrap_or_else(|| std::mem::take(&mut window.name));
            }
            let points = |arm: usize| self.comparison.cell(set, arm).success(together);
            let arms = (0..lineup.arms.len()).map(|arm| (lineup.arms[arm].clone(), points(arm)));
            SetTimeline { incidents: lineup.sets[set].clone(), windows, arms: arms.collect() }
        };
        ArmTimeline {
            start: Some(self.scenarios[0].start.clone()),
            length_s: length as f64 / 1e9,
            bucket_s: (width * together as u64) as f64 / 1e9,
            replications: self.comparison.fewest(),
            uncertain_inputs: self.scenarios[0].uncertain.as_ref().map_or(0, |u| u.inputs.len()),
            sets: (0..lineup.sets.len()).map(set).collect(),
        }
    }

    fn matrix(&self) -> Matrix {
        let matrix = &self.recommendation.matrix;
        let rows = matrix.spots.iter().map(|spot| MatrixRow {
            arm: self.arm(spot.set, spot.arm),
            estimate: spot.estimate,
            best: spot.best.map_or(String::new(), |best| self.name(best).to_owned()),
            regret: spot.regret,
        });
        Matrix {
            metric: matrix.metric.name.to_owned(),
            unit: unit_name(matrix.metric.unit, &self.scenarios[0]),
            quantity: Some(Quantity::of(matrix.metric.unit)),
            is_up: matrix.is_up,
            window: matrix.window.clone(),
            rows: rows.collect(),
        }
    }

    fn regrets(&self) -> Regrets {
        let (matrix, sets) = (&self.recommendation.matrix, &self.comparison.lineup.sets);
        let row = |regret: &crate::study::compare::Regret| RegretRow {
            variant: self.name(regret.arm).to_owned(),
            worst: regret.worst.map(|(value, set)| (value, sets[set].clone())),
            standing: self.standing(regret.arm),
            verdict: match self.recommendation.arm {
                Some(arm) if arm == regret.arm => "chosen",
                _ if self.recommendation.ties.contains(&regret.arm) => "tied",
                _ => "",
            },
        };
        Regrets {
            rule: self.asked.rule.to_string(),
            of: [
                matrix.metric.name.to_owned(),
                unit_name(matrix.metric.unit, &self.scenarios[0]),
                matrix.window.clone(),
            ],
            rows: matrix.regrets.iter().map(row).collect(),
        }
    }

    /// What each arm says about the targets of its own scenario.
    fn targets(&self) -> ArmTargets {
        let lineup = &self.comparison.lineup;
        let rows = self.places().flat_map(|(set, arm)| {
            let scenario = &self.scenarios[lineup.place(set, arm)];
            let told = move |target| {
                let entry = entry(target, &self.comparison.cell(set, arm).judged(target));
                let told = ToldTarget::read(&entry).expect("an entry of this version reads back");
                let unit = unit_name(told.unit(), scenario);
                ArmTarget { arm: self.arm(set, arm), unit, told }
            };
            scenario.targets.iter().map(told)
        });
        ArmTargets { rows: rows.collect() }
    }

    /// How an arm stands with the limits of the rule, in words.
    fn standing(&self, arm: usize) -> String {
        let sets = &self.comparison.lineup.sets;
        let limits = self.asked.rule.limits.iter().zip(&self.recommendation.standings[arm]);
        let worst = limits.max_by_key(|(_, standing)| match standing {
            Standing::Keeps => 0,
            Standing::Uncertain => 1,
            Standing::Breaks(_) => 2,
        });
        match worst {
            None => String::new(),
            Some((_, Standing::Keeps)) => "keeps".to_owned(),
            Some((limit, Standing::Uncertain)) => format!("uncertain: {}", limit.text),
            Some((limit, Standing::Breaks(set))) if sets[*set].is_empty() => {
                format!("breaks: {}", limit.text)
            }
            Some((limit, Standing::Breaks(set))) => {
                format!("breaks: {} ({})", limit.text, sets[*set])
            }
        }
    }

    /// How the arms stand to the baseline in the first metric.
    fn finding(&self) -> String {
        let (lineup, metric) = (&self.comparison.lineup, self.asked.metrics[0]);
        let base = self.name(lineup.baseline);
        let of = |place| {
            self.comparison.difference(place, metric, &self.asked.window, &self.asked.smallest)
        };
        let all: Vec<Difference> =
            self.places().filter(|(_, arm)| *arm != lineup.baseline).filter_map(of).collect();
        let going = |way: Way| {
            let mut found: Vec<&Difference> =
                all.iter().filter(|one| one.contrast.way() == Some(way)).collect();
            found.sort_by(|a, b| size(b).total_cmp(&size(a)));
            found
        };
        let ways = [
            (Way::Better, "better"),
            (Way::Worse, "worse"),
            (Way::Higher, "higher"),
            (Way::Lower, "lower"),
        ];
        let told: Vec<String> = ways
            .iter()
            .filter_map(|(way, word)| told(&going(*way), word, |one| self.told_name(one)))
            .collect();
        let rest = all.iter().filter(|one| one.contrast.way().is_none()).count();
        let is_same = all.iter().all(|one| one.contrast == Contrast::Same);
        let metric = metric.name;
        match (told.is_empty(), is_same && !all.is_empty()) {
            (_, true) => format!("Nothing differs from {base} in {metric}, by anything."),
            (true, _) => format!("Nothing clearly differs from {base} in {metric}."),
            (false, _) if rest == 0 => format!("Against {base}, in {metric}: {}.", told.join("; ")),
            (false, _) => {
                format!(
                    "Against {base}, in {metric}: {}; {rest} without a clear difference.",
                    told.join("; ")
                )
            }
        }
    }

    fn told_name(&self, found: &Difference) -> String {
        let lineup = &self.comparison.lineup;
        let quantity = Quantity::of(found.metric.unit);
        let difference = number::difference(&found.paired.difference, quantity);
        let name = &lineup.arms[found.arm];
        match &lineup.sets[found.set] {
            set if set.is_empty() => format!("{name} ({difference})"),
            set => format!("{name} in {set} ({difference})"),
        }
    }

    /// What the rule chooses, and how sure that is.
    fn advice(&self) -> String {
        let Some(arm) = self.recommendation.arm else {
            return self.nothing_chosen();
        };
        let name = self.name(arm);
        let ties: Vec<String> =
            self.recommendation.ties.iter().map(|tie| self.name(*tie).to_owned()).collect();
        let mut text = match ties.is_empty() {
            true => format!("{name} {}", self.reason(arm)),
            false => format!(
                "{name} or {}: they cannot be told apart; {name} {}",
                list_or(&ties),
                self.reason(arm)
            ),
        };
        let standings = self.recommendation.standings[arm].iter().zip(&self.asked.rule.limits);
        for (_, limit) in standings.filter(|(standing, _)| **standing == Standing::Uncertain) {
            text += &format!("; uncertain whether it keeps {}", limit.text);
        }
        let broken = self.recommendation.standings.iter().filter(|s| breaks(s)).count();
        match broken {
            0 => text + ".",
            1 => text + "; one arm breaks a limit.",
            n => text + &format!("; {n} arms break a limit."),
        }
    }

    /// Why an arm was chosen: what it has, or how little it loses.
    fn reason(&self, arm: usize) -> String {
        let (matrix, sets) = (&self.recommendation.matrix, &self.comparison.lineup.sets);
        let (metric, quantity) = (matrix.metric.name, Quantity::of(matrix.metric.unit));
        if sets.len() == 1 {
            let estimate = matrix.spot(0, arm).estimate;
            let value = estimate.map_or("–".to_owned(), |e| number::estimate(&e, quantity));
            let most = if matrix.is_up { "most" } else { "least" };
            return format!("has the {most} {metric} ({value})");
        }
        match matrix.regrets[arm].worst {
            Some((worst, _)) if worst <= 0.0 => {
                format!("is the best in {metric} in every set of incidents")
            }
            Some((worst, set)) => {
                let loss = loss(worst, Quantity::of(matrix.metric.unit));
                format!("loses least at worst, {loss} of {metric} in {}", sets[set])
            }
            None => "is chosen".to_owned(),
        }
    }

    fn nothing_chosen(&self) -> String {
        let breaking: Vec<String> = (0..self.comparison.lineup.arms.len())
            .filter(|arm| breaks(&self.recommendation.standings[*arm]))
            .map(|arm| format!("{} {}", self.name(arm), self.standing(arm).replace(": ", " ")))
            .collect();
        match breaking.is_empty() {
            true => format!("No arm has a value of {}.", self.recommendation.matrix.metric.name),
            false => format!("No arm keeps every limit: {}.", list(&breaking)),
        }
    }
}

/// How large a difference is, whichever way.
fn size(found: &Difference) -> f64 {
    found.paired.difference.value.abs()
}

fn breaks(standings: &[Standing]) -> bool {
    standings.iter().any(|standing| matches!(standing, Standing::Breaks(_)))
}

/// `2 better, most of all a (+0.4 points)`.
fn told(found: &[&Difference], word: &str, name: impl Fn(&Difference) -> String) -> Option<String> {
    match found {
        [] => None,
        [one] => Some(format!("{} is {word}", name(one))),
        [first, ..] => Some(format!("{} {word}, most of all {}", found.len(), name(first))),
    }
}

/// What is lost, without a sign.
pub fn loss(value: f64, quantity: Quantity) -> String {
    let bare = crate::stats::Estimate { value, interval: None, n: 0 };
    number::difference(&bare, quantity).trim_start_matches('+').to_owned()
}

/// `a, b or c`.
fn list_or(items: &[String]) -> String {
    match items {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => list(items),
    }
}
