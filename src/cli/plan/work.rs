//! The work of a plan: values are read, run, and remembered, until the search has its answer.

use std::collections::BTreeMap;

use super::grid::Grid;
use crate::cli::overrides::{Overrides, Unread};
use crate::cli::progress::SearchBar;
use crate::cli::signals::Interrupt;
use crate::cli::terminal::Terminal;
use crate::report::number;
use crate::report::tables::{JudgedTarget, Planned, PlannedRow, PlannedTables};
use crate::scenario::{Scenario, Source, Target};
use crate::store::JournalFile;
use crate::study::plan::{
    Asking, Assumptions, Found, Probe, QUARTERS, is_turned_back, knee, probe, search,
};
use crate::study::{Arm, Crew, Judged, Verdict};

/// A search under way, and what it has found. Positions go from the worst to the best value.
pub(super) struct Planning<'a> {
    pub(super) grid: &'a Grid,
    pub(super) largest: bool,
    pub(super) source: &'a Source,
    pub(super) overrides: &'a Overrides,
    pub(super) asking: &'a Asking,
    pub(super) threads: usize,
    /// Replications of values that an interrupted search has tried.
    pub(super) journal: &'a JournalFile,
    pub(super) interrupt: &'a Interrupt,
    pub(super) terminal: &'a Terminal,
    pub(super) bar: SearchBar,
    /// What was tried, by position.
    pub(super) probes: BTreeMap<usize, (Scenario, Probe)>,
    /// What the answer comes to with ranged values at their ends, where ranges are drawn.
    pub(super) assumed: Option<Assumptions>,
    /// None unless the search came to its end.
    pub(super) found: Option<Found>,
    pub(super) stopped: Option<Stopped>,
}

/// Why a search came to no end.
pub(super) enum Stopped {
    /// A value of the range is none for this scenario.
    Refused(Unread),
    /// Somebody wished to stop.
    Interrupted,
}

/// Values that a search looks at, where most are plain: ends, one for each halving, quarters.
fn likely_values(last: usize) -> u32 {
    2 + (usize::BITS - last.leading_zeros()) + QUARTERS
}

impl Planning<'_> {
    /// Searches for the answer, tries the quarters of the range for the curve, and looks for the
    /// cheapest value and for what would overturn the answer where these are asked for.
    pub(super) fn search(&mut self) {
        self.found = self.searched();
    }

    fn searched(&mut self) -> Option<Found> {
        let last = self.grid.last;
        let found = search(last, |position| self.ask(position))?;
        for position in (1..4).map(|quarter| last * quarter / 4) {
            self.ask(position)?;
        }
        self.look_for_cheapest()?;
        self.assume(found.met)?;
        Some(found)
    }

    /// The index of a value on the grid, from its position.
    pub(super) fn index(&self, position: usize) -> usize {
        if self.largest { self.grid.last - position } else { position }
    }

    pub(super) fn ask(&mut self, position: usize) -> Option<Verdict> {
        if let Some((_, probe)) = self.probes.get(&position) {
            return Some(probe.verdict);
        }
        let set = self.grid.set(self.index(position));
        let read = self.overrides.read_from(
            self.source.clone(),
            std::slice::from_ref(&set),
            self.terminal,
        );
        let scenario = match read {
            Ok(scenario) => scenario,
            Err(unread) => {
                self.stopped = Some(Stopped::Refused(unread));
                return None;
            }
        };
        let tried = self.probes.len() as u32 + 1;
        let place = (tried, tried.max(likely_values(self.grid.last)));
        let bar = self.bar.value(scenario.size.top_ups, &self.asking.looks, place);
        let crew = Crew {
            threads: self.threads,
            progress: &bar,
            cancel: self.interrupt.wish(),
            journal: self.journal,
        };
        let probed = probe(&Arm::of(&set, &scenario), &scenario.targets, self.asking, &crew);
        let Some(probed) = probed else {
            self.stopped = Some(Stopped::Interrupted);
            return None;
        };
        let verdict = probed.verdict;
        let after = number::count(probed.replications.into());
        let told = format!("{set}: {} after {after} replications", verdict.word());
        self.bar.aside(|| self.terminal.talk(&told));
        self.probes.insert(position, (scenario, probed));
        Some(verdict)
    }

    /// Replications of all values together.
    pub(super) fn replications(&self) -> u64 {
        self.probes.values().map(|(_, probe)| u64::from(probe.replications)).sum()
    }

    /// Whether every value of the range is surely missed.
    pub(super) fn is_none_met(&self) -> bool {
        let last = self.grid.last;
        self.found == Some(Found { met: None, missed: Some(last) })
    }

    /// Whether values beside the answer are uncertain, or there is no answer for that alone.
    pub(super) fn is_unsure(&self) -> bool {
        !self.is_none_met() && !self.unsure().is_empty()
    }

    /// The positions between what is surely missed and what is surely met.
    pub(super) fn unsure(&self) -> std::ops::Range<usize> {
        let Some(found) = self.found else { return 0..0 };
        let from = found.missed.map_or(0, |missed| missed + 1);
        from..found.met.unwrap_or(self.grid.last + 1)
    }

    /// About how many more replications would tell at the uncertain value next to the answer.
    pub(super) fn needed(&self) -> Option<u64> {
        let at = self.unsure().next_back()?;
        match self.probes.get(&at)?.1.verdict {
            Verdict::Uncertain { replications_needed } => replications_needed,
            Verdict::Met | Verdict::Missed => None,
        }
    }

    /// A sentence where the search cannot be trusted.
    pub(super) fn warning(&self) -> Option<String> {
        let verdicts: Vec<Verdict> = self.probes.values().map(|(_, probe)| probe.verdict).collect();
        is_turned_back(&verdicts).then(|| {
            format!(
                "the targets are met at one value of {} and missed at a better one: the search \
                 takes it that they turn once, so look at plan.csv",
                self.grid.key
            )
        })
    }

    /// The tables of all that was tried.
    pub(super) fn tables(&self, scenario: &Scenario) -> PlannedTables {
        PlannedTables {
            curve: self.curve(scenario),
            costs: self.costs_table(scenario),
            assumed: self.assumptions_table(scenario),
        }
    }

    fn curve(&self, scenario: &Scenario) -> Planned {
        let number = |position: usize| self.grid.number(self.index(position));
        let mut rows = Vec::new();
        for (&position, (tried, probe)) in &self.probes {
            for (target, judged) in tried.targets.iter().zip(&probe.judged) {
                rows.push(self.row(position, (target, judged), probe, scenario));
            }
        }
        rows.sort_by(|a, b| a.number.total_cmp(&b.number));
        let found = self.found;
        let answer = found.and_then(|found| found.met).map(number);
        let missed = found.and_then(|found| found.missed).map(number);
        let own = scenario.value(&self.grid.key);
        let mut table = Planned {
            scenario: scenario.name.clone(),
            key: self.grid.key.clone(),
            largest: self.largest,
            answer,
            missed,
            knee: None,
            own: own.and_then(|own| self.grid.number_of(&own)),
            confidence: self.asking.confidence,
            rows,
        };
        let curve = table.binding().into_iter();
        let points: Vec<(f64, f64)> =
            curve.filter_map(|row| Some((row.number, row.target.estimate?.value))).collect();
        table.knee = knee(&points).map(|at| points[at].0);
        table
    }

    fn row(
        &self,
        position: usize,
        (target, judged): (&Target, &Judged),
        probe: &Probe,
        scenario: &Scenario,
    ) -> PlannedRow {
        let index = self.index(position);
        PlannedRow {
            value: self.grid.text(index),
            number: self.grid.number(index),
            point: probe.verdict,
            target: JudgedTarget::new(scenario, target, judged, probe.replications),
        }
    }
}
