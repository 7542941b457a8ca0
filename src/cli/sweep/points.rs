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
}

impl Points {
    /// Reads the scenario at every point; none if that has faults, which have been shown.
    ///
    /// # Errors
    /// When no point differs from another, or all of them are more than can be run.
    pub(super) fn read(
        design: &Design,
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
        };
        // of each scenario only the plan is held
        let read = |point| {
            let options = overrides.options(&design.sets(point));
            scenario::read(source.clone(), &options).map(|scenario| {
                let name = design.name(point);
                (Arm::of(&name, &scenario), About::of(&name, scenario))
            })
        };
        let read: Vec<Result<_, Diagnostics>> = design.points.par_iter().map(read).collect();
        if show_faults(design, &read, terminal) {
            return Ok(None);
        }
        for (arm, about) in read.into_iter().flatten() {
            points.arms.push(arm);
            points.add(about);
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
        let is_same = |arm: &Arm| arm.key == self.arms[0].key;
        if self.arms.len() > 1 && self.arms.iter().all(is_same) {
            let keys: Vec<String> = design.dimensions.iter().map(|d| d.key.clone()).collect();
            return Err(Failure::Invalid(format!(
                "all {} points would be the same: nothing that is simulated depends on {}",
                self.arms.len(),
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
        let points = if self.arms.len() == 1 { "point" } else { "points" };
        format!(
            "{} {points}, {} replications: about {} top-ups and at most {} events, {time} on one \
             core",
            number::count(self.arms.len() as u64),
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
