//! From arrival through the first cause and what was tried to the outcome, link by link.

use std::collections::BTreeMap;

use crate::record::Tried;
use crate::report::csv::{Cell, Rows, Table};
use crate::report::reading::{Line, ReadBack, Unreadable};

/// A part of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// From the arrival to the cause that struck first, or to none.
    Cause,
    /// From the cause to what was tried.
    Tried,
    /// From what was tried to the outcome.
    Outcome,
}

impl Step {
    /// The name of what the step leads to.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cause => "first_cause",
            Self::Tried => "tried",
            Self::Outcome => "outcome",
        }
    }
}

/// Top-ups that went from one place to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Which part of the way.
    pub step: Step,
    /// Where from.
    pub from: String,
    /// Where to.
    pub to: String,
    /// Top-ups of the cohort, in all replications.
    pub top_ups: u64,
}

/// All links.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Flow {
    /// What was tried, in words, by its names.
    pub labels: BTreeMap<String, String>,
    /// Sorted by step, most top-ups first, then by names.
    pub links: Vec<Link>,
}

impl Flow {
    /// Where everybody begins.
    pub const ARRIVED: &'static str = "arrived";
    /// The cause of those whom none struck.
    pub const NONE: &'static str = "none";

    /// Sorts the links.
    pub fn sort(&mut self) {
        self.links.sort_by(|a, b| {
            let names = |link: &Link| (link.from.clone(), link.to.clone());
            let most = b.top_ups.cmp(&a.top_ups);
            a.step.cmp(&b.step).then(most).then_with(|| names(a).cmp(&names(b)))
        });
    }

    /// The links of a step.
    pub fn of(&self, step: Step) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(move |link| link.step == step)
    }
}

impl Table for Flow {
    const FILE: &'static str = "flow.csv";
    const COLUMNS: &'static [&'static str] = &["step", "from", "to", "top_ups"];
    const ORDER: &'static str = "step, then top-ups downwards, then from and to";

    fn write(&self, rows: &mut Rows) {
        for link in &self.links {
            rows.row([
                Cell::text(link.step.name()),
                Cell::text(&link.from),
                Cell::text(&link.to),
                Cell::Count(link.top_ups),
            ]);
        }
    }
}

impl ReadBack for Flow {
    /// The labels follow from the names, as far as this version knows them.
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let row = |line: &Line| {
            let (name, steps) = (line.text("step"), [Step::Cause, Step::Tried, Step::Outcome]);
            let step = steps.into_iter().find(|step| step.name() == name);
            Ok(Link {
                step: step.ok_or_else(|| line.fault("step", "step"))?,
                from: line.text("from"),
                to: line.text("to"),
                top_ups: line.count("top_ups")?,
            })
        };
        let links: Vec<Link> = lines.iter().map(row).collect::<Result<_, _>>()?;
        let tried = links.iter().filter(|link| link.step == Step::Tried);
        let labels = tried
            .filter_map(|link| Some((link.to.clone(), Tried::named(&link.to)?.label().to_owned())))
            .collect();
        Ok(Flow { labels, links })
    }
}
