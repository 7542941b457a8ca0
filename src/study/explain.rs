//! One journey of one replication, followed from the user's arrival to its end.

use std::cell::RefCell;

pub use crate::model::cause::Cause;
pub use crate::model::facts::{NO_BANK, TopUp};
pub use crate::model::outcome::{Marks, Outcome};
pub use crate::model::progress::Standing;
pub use crate::model::remedy::{Remedy, Verb};
pub use crate::model::request::Ruling;
pub use crate::model::story::{
    Closing, Control, Finding, Found, Lane, Moment, Reply, Screen, Task, Why, Word,
};

use crate::model::facts::{Fact, Observer};
use crate::model::plan::Plan;
use crate::model::world::{Pace, Progress, Simulation};

/// Events between two looks at whether the journey has ended.
const SLICE: u64 = 10_000;

/// Which journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The one of this number: the n-th arrival of the replication, from 0.
    Number(u64),
    /// The first of its kind.
    First(Kind),
}

/// A kind of journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Of which this cause struck an attempt.
    Cause(Cause),
    /// Which ended so.
    Outcome(Outcome),
    /// Which bears this mark.
    Mark(Marks),
}

/// A journey with all that happened to it.
#[derive(Clone, Debug)]
pub struct Story {
    /// Number of the replication, from 0.
    pub replication: u32,
    /// Number of the journey among the arrivals, from 0.
    pub journey: u64,
    /// What happened and when (ns), in the order of time; at one instant, in the order in which one
    /// thing led to the other.
    pub moments: Vec<(u64, Moment)>,
    /// How it ended.
    pub top_up: TopUp,
}

/// There is no such journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotThere {
    /// Top-ups of the replication, numbered from 0.
    pub top_ups: u64,
}

impl Kind {
    /// The kind of a cause's code.
    pub fn of_cause(code: &str) -> Option<Self> {
        Cause::by_code(code).map(Self::Cause)
    }

    /// The kind of an outcome's name.
    pub fn of_outcome(name: &str) -> Option<Self> {
        Outcome::ALL.into_iter().find(|outcome| outcome.name() == name).map(Self::Outcome)
    }

    /// The kind of a mark's name.
    pub fn of_mark(name: &str) -> Option<Self> {
        Marks::ALL.into_iter().find(|(_, own)| *own == name).map(|(mark, _)| Self::Mark(mark))
    }

    /// The codes of all causes.
    pub fn causes() -> Vec<&'static str> {
        Cause::ALL.iter().map(|cause| cause.row().code).collect()
    }

    /// The names of all outcomes.
    pub fn outcomes() -> Vec<&'static str> {
        Outcome::ALL.iter().map(|outcome| outcome.name()).collect()
    }

    /// The names of all marks.
    pub fn marks() -> Vec<&'static str> {
        Marks::ALL.iter().map(|(_, name)| *name).collect()
    }

    /// Whether a moment shows that a journey is of this kind.
    fn is_shown_by(self, moment: &Moment) -> bool {
        match (self, moment) {
            (Self::Cause(cause), Moment::Struck { cause: struck }) => cause == *struck,
            // what a fraudster took failed of a cause and struck no attempt
            (Self::Cause(cause), Moment::Ended(top_up)) => top_up.first_cause == Some(cause),
            (Self::Outcome(outcome), Moment::Ended(top_up)) => outcome == top_up.outcome,
            (Self::Mark(mark), Moment::Ended(top_up)) => top_up.marks.has(mark),
            _ => false,
        }
    }
}

/// Follows a journey of a replication. The first of a kind costs a whole replication before that,
/// since a journey that came early may end late.
///
/// # Errors
/// When no journey has that number, or none is of that kind.
///
/// # Panics
/// When a law of the model does not hold.
pub fn explain(
    plan: &Plan,
    seed: u64,
    replication: u32,
    wanted: Wanted,
) -> Result<Story, NotThere> {
    let journey = match wanted {
        Wanted::Number(number) => number,
        Wanted::First(kind) => first(plan, seed, replication, kind)?,
    };
    let notes = RefCell::new(Notes::default());
    let follower = Follower { journey, notes: &notes };
    let mut simulation =
        Simulation::new(plan, seed, replication.into(), Pace::RunAhead, None, follower);
    while notes.borrow().ended.is_none() {
        if simulation.advance(SLICE) == Progress::Finished {
            break;
        }
    }
    let notes_of_end = notes.borrow().ended;
    let Some(top_up) = notes_of_end else {
        return Err(NotThere { top_ups: simulation.finish().0.journeys });
    };
    drop(simulation);
    let mut moments = notes.into_inner().moments;
    moments.sort_by_key(|&(at, _)| at);
    Ok(Story { replication, journey, moments, top_up })
}

/// The number of the first journey of a kind.
fn first(plan: &Plan, seed: u64, replication: u32, kind: Kind) -> Result<u64, NotThere> {
    let finder = Finder { kind, first: None };
    let mut simulation =
        Simulation::new(plan, seed, replication.into(), Pace::RunAhead, None, finder);
    while simulation.advance(SLICE) != Progress::Finished {}
    let (totals, finder) = simulation.finish();
    finder.first.ok_or(NotThere { top_ups: totals.journeys })
}

#[derive(Default)]
struct Notes {
    moments: Vec<(u64, Moment)>,
    ended: Option<TopUp>,
}

/// Writes down what happens to one journey.
struct Follower<'n> {
    journey: u64,
    notes: &'n RefCell<Notes>,
}

impl Observer for Follower<'_> {
    const FOLLOWS: bool = true;

    fn note(&mut self, _: Fact) {}

    #[inline]
    fn follow(&mut self, journey: u64, at: u64, moment: Moment) {
        if journey != self.journey {
            return;
        }
        let mut notes = self.notes.borrow_mut();
        match moment {
            Moment::Ended(top_up) => notes.ended = Some(top_up),
            moment => notes.moments.push((at, moment)),
        }
    }
}

/// Keeps the lowest number of a journey of a kind.
struct Finder {
    kind: Kind,
    first: Option<u64>,
}

impl Observer for Finder {
    const FOLLOWS: bool = true;

    fn note(&mut self, _: Fact) {}

    #[inline]
    fn follow(&mut self, journey: u64, _: u64, moment: Moment) {
        let is_earlier = self.first.is_none_or(|first| journey < first);
        if is_earlier && self.kind.is_shown_by(&moment) {
            self.first = Some(journey);
        }
    }
}
