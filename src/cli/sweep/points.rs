//! The points of a sweep as arms: all are read and checked before any work is done.

use rayon::prelude::*;

use crate::cli::ending::Failure;
use crate::cli::overrides::Overrides;
use crate::cli::terminal::Terminal;
use crate::report::number;
use crate::scenario::{self, Diagnostics, Scenario, Source};
use crate::study::Arm;
use crate::study::sweep::Design;

/// Events of a sweep at most: days on one core.
const EVENTS_MAX: f64 = 4e11;
/// Top-ups that a core simulates in a second, roughly: see docs/performance.md.
const TOP_UPS_PER_SECOND: f64 = 5e5;

/// What is to be run, and how much that is.
pub(super) struct Points {
    pub(super) arms: Vec<Arm>,
    /// The hash of the plan of each.
    pub(super) plan_hashes: Vec<String>,
    /// What can run but is perhaps not meant, each sentence once.
    pub(super) warnings: Vec<String>,
    /// Events of all points together, roughly.
    pub(super) events: f64,
    /// Replications of all points together.
    pub(super) replications: u64,
    /// Top-ups of all points together, roughly.
    top_ups: f64,
    /// Arms of each point.
    branches: usize,
}

impl Points {
    /// Reads the scenario at every point, once for each branch with what that sets; none if that
    /// has faults, which have been shown.
    ///
    /// # Errors
    /// When no point differs from another, or all of them are more than can be run.
    pub(super) fn read(
        design: &Design,
        branches: &[Vec<String>],
        source: &Source,
        overrides: &Overrides,
        terminal: &Terminal,
    ) -> Result<Option<Self>, Failure> {
        let mut points = Self {
            arms: Vec::new(),
            plan_hashes: Vec::new(),
            warnings: Vec::new(),
            events: 0.0,
            replications: 0,
            top_ups: 0.0,
            branches: branches.len(),
        };
        // of each scenario only the plan is held
        let read = |point| {
            let of_branch = |sets: &Vec<String>| {
                let options = overrides.options(&[design.sets(point), sets.clone()].concat());
                let scenario = scenario::read(source.clone(), &options)?;
                let named = [&[design.name(point)], &sets[..]].concat().join(", ");
                Ok((Arm::of(&named, &scenario), About::of(&design.name(point), scenario)))
            };
            branches.iter().map(of_branch).collect()
        };
        let read: Vec<Result<Vec<_>, Diagnostics>> = design.points.par_iter().map(read).collect();
        if show_faults(design, &read, terminal) {
            return Ok(None);
        }
        for of_point in read.into_iter().flatten() {
            for (branch, (arm, mut about)) in of_point.into_iter().enumerate() {
                // the last branch is the scenario as it is written
                about.warnings.retain(|_| branch + 1 == branches.len());
                points.arms.push(arm);
                points.add(about);
            }
        }
        points.check(design)?;
        Ok(Some(points))
    }

    fn add(&mut self, about: About) {
        self.plan_hashes.push(about.plan_hash);
        self.events += about.events;
        self.replications += u64::from(about.replications);
        self.top_ups += about.top_ups * f64::from(about.replications);
        for warning in about.warnings {
            // points differ in their numbers: one warning of a kind is enough
            let kind = |text: &str| text.split([' ', ':']).next().unwrap_or("").to_owned();
            let is_known = self.warnings.iter().any(|known| kind(known) == kind(&warning));
            if !is_known {
                self.warnings.push(format!("{warning} (at {})", about.name));
            }
        }
    }

    fn check(&self, design: &Design) -> Result<(), Failure> {
        let of_a_branch = self.arms.iter().skip(self.branches - 1).step_by(self.branches);
        let mut keys = of_a_branch.map(|arm| &arm.key);
        let first = keys.next();
        let (mut others, is_same) = (keys.clone().peekable(), |key| Some(key) == first);
        if others.peek().is_some() && others.all(is_same) {
            let keys: Vec<String> = design.dimensions.iter().map(|d| d.key.clone()).collect();
            return Err(Failure::Invalid(format!(
                "all {} points would be the same: nothing that is simulated depends on {}",
                design.points.len(),
                number::list(&keys)
            )));
        }
        if self.events > EVENTS_MAX {
            return Err(Failure::Invalid(format!(
                "the sweep would take about {:.1e} events, and at most {EVENTS_MAX:.0e} are run at \
                 once: less length, fewer replications or fewer points",
                self.events
            )));
        }
        Ok(())
    }

    /// The hashes of the plans of the points as they are written, without those of other branches.
    pub(super) fn plan_hashes_written(&self) -> Vec<String> {
        let own = self.plan_hashes.iter().skip(self.branches - 1);
        own.step_by(self.branches).cloned().collect()
    }

    /// Replications of all points together; no sweep has as many as 2^32.
    pub(super) fn pieces(&self) -> u32 {
        u32::try_from(self.replications).unwrap_or(u32::MAX)
    }

    /// Top-ups of a replication in the mean.
    pub(super) fn top_ups_each(&self) -> f64 {
        self.top_ups / self.replications.max(1) as f64
    }

    /// How much there is to do, in words.
    pub(super) fn estimate(&self) -> String {
        let seconds = self.top_ups / TOP_UPS_PER_SECOND;
        let time = if seconds < 60.0 { "less than a minute".to_owned() } else { time(seconds) };
        let count = self.arms.len() / self.branches;
        let points = if count == 1 { "point" } else { "points" };
        let branches = if self.branches == 1 { "" } else { " on two branches" };
        format!(
            "{} {points}{branches}, {} replications: about {} top-ups and at most {} events, \
             {time} on one core",
            number::count(count as u64),
            number::count(self.replications),
            rounded(self.top_ups),
            rounded(self.events),
        )
    }
}

/// What is kept of a scenario beside its plan.
struct About {
    name: String,
    plan_hash: String,
    warnings: Vec<String>,
    events: f64,
    replications: u32,
    top_ups: f64,
}

impl About {
    fn of(name: &str, scenario: Scenario) -> Self {
        Self {
            name: name.to_owned(),
            plan_hash: scenario.plan_hash,
            warnings: scenario.warnings,
            events: scenario.size.events,
            replications: scenario.replications,
            top_ups: scenario.size.top_ups,
        }
    }
}

/// Shows the faults of the first point that has any, and how many others have some.
fn show_faults<T>(design: &Design, read: &[Result<T, Diagnostics>], terminal: &Terminal) -> bool {
    let mut faulty = read.iter().zip(&design.points).filter_map(|(read, point)| {
        let faults = read.as_ref().err()?;
        Some((faults, point))
    });
    let Some((faults, point)) = faulty.next() else { return false };
    terminal.laid_out_faults(&faults.render(true));
    let name = design.name(point);
    terminal.fault(&match faulty.count() {
        0 => format!("this point cannot run: {name}"),
        1 => format!("this point cannot run, and neither can another: {name}"),
        others => format!("this point cannot run, and neither can {others} others: {name}"),
    });
    true
}

fn time(seconds: f64) -> String {
    format!("about {}", number::span((seconds / 60.0).ceil() * 60.0))
}

/// A count to two digits.
fn rounded(count: f64) -> String {
    match count {
        n if n >= 1e9 => format!("{:.1} billion", n / 1e9),
        n if n >= 1e6 => format!("{:.1} million", n / 1e6),
        n if n >= 1e4 => format!("{},000", number::fixed(n / 1e3, 0)),
        n => number::fixed(n, 0),
    }
}
