//! Whether the arms of a comparison meet the targets of their scenarios.

use serde_json::{Value, json};

use super::ArmName;
use crate::report::csv::{Cell, Rows, Table};
use crate::report::finished::ToldTarget;
use crate::report::number;
use crate::stats::Verdict;

/// Arms that a sentence names; of more it gives the number.
const NAMED_MAX: usize = 3;

/// A target of an arm's scenario, and what the arm says about it.
#[derive(Debug, Clone)]
pub struct ArmTarget {
    /// Which arm, in which set.
    pub arm: ArmName,
    /// The unit of what was seen.
    pub unit: String,
    /// The target with its verdict, as a manifest tells of it.
    pub told: ToldTarget,
}

/// The contract of `targets.csv` of a comparison.
#[derive(Debug, Clone, Default)]
pub struct ArmTargets {
    /// Rows by set of incidents and arm, then in the order of the scenario.
    pub rows: Vec<ArmTarget>,
}

impl ArmTargets {
    /// The worst verdict on each arm that has targets, over all sets of incidents.
    pub fn by_arm(&self) -> Vec<(&str, Verdict)> {
        let mut arms: Vec<(&str, Verdict)> = Vec::new();
        for ArmTarget { arm, told, .. } in &self.rows {
            match arms.iter_mut().find(|(known, _)| *known == arm.variant) {
                Some((_, verdict)) => *verdict = verdict.worse(told.verdict),
                None => arms.push((&arm.variant, told.verdict)),
            }
        }
        arms
    }

    /// The verdict on the arm of which it is best: met without targets.
    pub fn best(&self) -> Verdict {
        let verdicts = self.by_arm().into_iter().map(|(_, verdict)| verdict);
        let rank = |verdict: &Verdict| match verdict {
            Verdict::Met => 0,
            Verdict::Uncertain { .. } => 1,
            Verdict::Missed => 2,
        };
        verdicts.min_by_key(rank).unwrap_or(Verdict::Met)
    }

    /// Whether arms meet all their targets, in a sentence; empty without targets.
    pub fn finding(&self) -> String {
        let arms = self.by_arm();
        let of = |wanted: fn(Verdict) -> bool| -> Vec<&str> {
            arms.iter().filter(|(_, verdict)| wanted(*verdict)).map(|(name, _)| *name).collect()
        };
        let met = of(|verdict| verdict == Verdict::Met);
        let missed = of(|verdict| verdict == Verdict::Missed);
        let unsure = of(|verdict| matches!(verdict, Verdict::Uncertain { .. }));
        let told = [
            told(&met, ["surely meets every target", "surely meet every target"]),
            told(&missed, ["misses one", "miss one"]),
            told(&unsure, ["is uncertain", "are uncertain"]),
        ];
        let told: Vec<String> = told.into_iter().flatten().collect();
        match (told.is_empty(), met.is_empty()) {
            (true, _) => String::new(),
            (false, true) => format!("No arm surely meets every target: {}.", told.join("; ")),
            (false, false) => format!("{}.", told.join("; ")),
        }
    }

    /// The rows for programs: arm and set beside what a run says of a target.
    pub fn entries(&self) -> Vec<Value> {
        let entry = |row: &ArmTarget| {
            let mut entry = row.told.entry.clone();
            entry["incidents"] = json!(row.arm.incidents);
            entry["variant"] = json!(row.arm.variant);
            entry
        };
        self.rows.iter().map(entry).collect()
    }
}

/// `a and b miss one`.
fn told(arms: &[&str], [one, many]: [&str; 2]) -> Option<String> {
    let names: Vec<String> = arms.iter().map(|name| (*name).to_owned()).collect();
    match arms.len() {
        0 => None,
        1 => Some(format!("{} {one}", names[0])),
        2..=NAMED_MAX => Some(format!("{} {many}", number::list(&names))),
        n => Some(format!("{n} arms {many}")),
    }
}

impl Table for ArmTargets {
    const FILE: &'static str = "targets.csv";
    const COLUMNS: &'static [&'static str] = &[
        "incidents",
        "variant",
        "metric",
        "group",
        "window",
        "statistic",
        "target",
        "unit",
        "value",
        "ci_low",
        "ci_high",
        "interval",
        "replications",
        "replications_kept",
        "verdict",
        "replications_needed",
    ];
    const ORDER: &'static str = "incidents and variant as they were asked for, then target in the \
                                 order of the scenario";

    fn write(&self, rows: &mut Rows) {
        for ArmTarget { arm, unit, told } in &self.rows {
            let (estimate, entry) = (told.estimate, &told.entry);
            let interval = estimate.and_then(|estimate| estimate.interval);
            let text = |key: &str| Cell::text(entry[key].as_str().unwrap_or_default());
            rows.row([
                Cell::text(&arm.incidents),
                Cell::text(&arm.variant),
                Cell::text(told.metric.name),
                text("group"),
                text("window"),
                Cell::text(&told.statistic),
                Cell::text(&told.text),
                Cell::text(unit),
                Cell::number(estimate.map(|estimate| estimate.value)),
                Cell::number(interval.map(|interval| interval.low)),
                Cell::number(interval.map(|interval| interval.high)),
                text("interval"),
                Cell::Count(told.replications),
                Cell::count(told.kept),
                Cell::text(told.verdict.word()),
                Cell::count(entry["replications_needed"].as_u64()),
            ]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNSURE: Verdict = Verdict::Uncertain { replications_needed: Some(7) };

    fn targets(rows: &[(&str, Verdict)]) -> ArmTargets {
        let row = |&(arm, verdict): &(&str, Verdict)| {
            let entry = json!({ "metric": "success_share", "target": ">= 95%" });
            let told = ToldTarget::read(&entry).unwrap();
            ArmTarget {
                arm: ArmName { variant: arm.to_owned(), incidents: String::new() },
                unit: "share".to_owned(),
                told: ToldTarget { verdict, ..told },
            }
        };
        ArmTargets { rows: rows.iter().map(row).collect() }
    }

    #[test]
    fn an_arm_is_as_good_as_its_worst_target() {
        let some = targets(&[
            ("a", Verdict::Met),
            ("a", Verdict::Missed),
            ("b", Verdict::Met),
            ("b", UNSURE),
            ("c", Verdict::Met),
        ]);
        let verdicts = [("a", Verdict::Missed), ("b", UNSURE), ("c", Verdict::Met)];
        assert_eq!(some.by_arm(), verdicts);
        let words = "c surely meets every target; a misses one; b is uncertain.";
        assert_eq!(some.finding(), words);
        assert_eq!(targets(&[]).finding(), "");
        let many: Vec<_> = ["a", "b", "c", "d"].map(|arm| (arm, Verdict::Missed)).into();
        let words = "No arm surely meets every target: 4 arms miss one.";
        assert_eq!(targets(&many).finding(), words);
    }
}
