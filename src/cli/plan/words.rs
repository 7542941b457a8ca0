//! What a plan found, in sentences.

use super::work::Planning;
use crate::report::number::{self, Quantity};
use crate::report::tables::Planned;
use crate::scenario::Scenario;

impl Planning<'_> {
    /// The answer in a sentence.
    pub(super) fn finding(&self, table: &Planned) -> String {
        let (key, range) = (&table.key, self.unsure());
        let most = if table.largest { "largest" } else { "smallest" };
        let Some(found) = self.found else {
            return format!("Interrupted: {} values of {key} were tried", self.probes.len());
        };
        let between = match range.len() {
            0 => String::new(),
            n => format!(
                "; {} {} uncertain{}",
                self.span(range.clone()),
                if n == 1 { "is" } else { "are" },
                self.needed_in_words(),
            ),
        };
        match (found.met, found.missed) {
            (Some(0), _) => format!("Every {key} from {} on meets the targets", self.at(0)),
            (Some(met), missed) => {
                let beside = missed.map_or(String::new(), |missed| {
                    format!("; {} surely misses them", self.at(missed))
                });
                format!(
                    "{} is the {most} {key} that surely meets the targets{between}{beside}",
                    self.at(met)
                )
            }
            (None, Some(missed)) if missed == self.grid.last => {
                format!(
                    "No {key} in the range meets the targets: even {} misses them",
                    self.at(missed)
                )
            }
            (None, _) => format!("No {key} in the range surely meets the targets{between}"),
        }
    }

    fn needed_in_words(&self) -> String {
        self.needed().map_or(String::new(), |needed| {
            format!(": about {} more replications there would tell", number::count(needed))
        })
    }

    fn at(&self, position: usize) -> String {
        self.grid.text(self.index(position))
    }

    /// Positions as values: `30`, or `28 to 30`.
    fn span(&self, range: std::ops::Range<usize>) -> String {
        let (first, last) = (self.at(range.start), self.at(range.end - 1));
        if first == last { first } else { format!("{first} to {last}") }
    }

    /// How far the scenario's own value is from the answer.
    pub(super) fn headroom(&self, table: &Planned, scenario: &Scenario) -> Option<String> {
        let (own, answer) = (table.own?, table.answer?);
        let gap = if table.largest { answer - own } else { own - answer };
        let own_text = scenario.value(&table.key)?;
        let part = number::number((gap / answer).abs(), Quantity::Share);
        Some(match gap {
            gap if gap > 0.0 => format!("the scenario has {own_text}: {part} of headroom"),
            gap if gap < 0.0 => {
                let side = if table.largest { "high" } else { "low" };
                format!("the scenario has {own_text}: {part} too {side}")
            }
            _ => format!("the scenario has {own_text}: just enough"),
        })
    }
}
