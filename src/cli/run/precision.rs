//! A run that adds replications until its estimates are precise: options, work, and its words.

use comfy_table::{Table, presets};

use super::headline;
use crate::cli::ending::Failure;
use crate::cli::grid::lines_of;
use crate::cli::terminal::{BOLD, DIM, GOOD, UNSURE, painted, plain};
use crate::record::Shape;
use crate::report::number::{self, Quantity};
use crate::report::study_hash;
use crate::scenario::{Precision, Scenario};
use crate::study::precision::wanted;
use crate::study::{
    Arm, Crew, Estimate, LOOK_FIRST, Precise, RunResult, Sharp, Sharpness, looks, run_looking,
};

/// Replications at most, unless the command line says otherwise.
const REPLICATIONS_MAX: u32 = 1_000;

/// How precise the estimates shall be.
#[derive(clap::Args)]
pub(super) struct Aim {
    /// Add replications until half the interval of each target's mean is at most this part of its
    /// value, such as `1%`; without targets that of success_share
    #[arg(long, value_name = "PART", value_parser = part)]
    precision: Option<Precision>,

    /// Replications at most, where a precision is asked for [default: 1000]
    #[arg(long, value_name = "N", value_parser = most)]
    max_replications: Option<u32>,
}

/// What a run aims at.
pub(super) struct Aimed {
    wanted: Vec<Sharp>,
    looks: Vec<u32>,
}

impl Aim {
    /// What the run of a scenario aims at; nothing, where no precision is asked for.
    ///
    /// # Errors
    /// When the options do not go together.
    pub(super) fn at(&self, scenario: &Scenario, samples: bool) -> Result<Option<Aimed>, Failure> {
        let wanted = wanted(&scenario.targets, self.precision);
        if wanted.is_empty() {
            return match self.max_replications {
                Some(_) => Err(Failure::Invalid(
                    "--max-replications goes with --precision, or with a target that has one"
                        .to_owned(),
                )),
                None => Ok(None),
            };
        }
        if samples {
            let refused = "--journeys does not go with a precision: run the number of replications \
                           that it comes to";
            return Err(Failure::Invalid(refused.to_owned()));
        }
        let most = self.max_replications.unwrap_or(REPLICATIONS_MAX.max(scenario.replications));
        Ok(Some(Aimed { wanted, looks: looks(scenario.replications, most) }))
    }
}

impl Aimed {
    fn most(&self) -> u32 {
        *self.looks.last().expect("there is a first look")
    }

    /// The scenario as it is planned: with all replications allowed, and a hash that tells the
    /// looks and the precision.
    pub(super) fn planned(&self, scenario: Scenario) -> Scenario {
        let about = format!("{:?} {:?}", self.looks, self.wanted);
        let scenario = scenario.with_replications(self.most());
        let plan_hash = study_hash("run", [scenario.plan_hash.as_str(), &about]);
        Scenario { plan_hash, ..scenario }
    }

    /// Runs until all is precise, or the most replications are done.
    pub(super) fn run(&self, arm: &Arm, crew: &Crew) -> RunResult {
        let shape = Shape::of(&arm.inputs.plan);
        run_looking(arm, &self.looks, crew, |summaries| {
            self.wanted.iter().all(|sharp| sharp.look(summaries, &shape).is_reached)
        })
    }

    /// What came of it. Unless it was interrupted, the scenario has so many replications then.
    pub(super) fn reached(self, scenario: &mut Scenario, result: &RunResult) -> Precise {
        let shape = Shape::of(&scenario.plan);
        let stopped_at = result.numbers.len() as u32;
        let plan_hash = scenario.plan_hash.clone();
        let fixed = scenario.clone().with_replications(stopped_at);
        let fixed_plan_hash = fixed.plan_hash.clone();
        if !result.partial {
            *scenario = Scenario { plan_hash, ..fixed };
        }
        let sharp = self.wanted.iter().map(|sharp| sharp.look(&result.replications, &shape));
        Precise { sharp: sharp.collect(), looks: self.looks, stopped_at, fixed_plan_hash }
    }
}

/// The section of the screen.
pub(super) fn section(precise: &Precise, currency: &str) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for sharp in &precise.sharp {
        let wanted = &sharp.wanted;
        let mut name = wanted.metric.to_owned();
        for part in [&wanted.group, &wanted.window] {
            if part != "all" {
                name += &format!(" {}", plain(part));
            }
        }
        table.add_row([word(sharp), &name, &said(sharp, currency)]);
    }
    let lines = lines_of(&table);
    let rows = precise.sharp.iter().zip(lines.lines()).map(|(sharp, line)| {
        let style = if sharp.is_reached { GOOD } else { UNSURE };
        let word = word(sharp);
        format!("{}{}\n", painted(style, word), line.strip_prefix(word).unwrap_or(line))
    });
    let stopped = number::count(precise.stopped_at.into());
    let most = number::count(precise.looks.last().copied().unwrap_or_default().into());
    let under =
        format!("stopped after {stopped} of at most {most} replications, at a planned look");
    let title = painted(BOLD, "Precision");
    format!("{title}\n{}{}\n", rows.collect::<String>(), painted(DIM, &under))
}

fn word(sharp: &Sharpness) -> &'static str {
    if sharp.is_reached { "reached" } else { "not reached" }
}

/// `± 0.42 %, asked for 1 % of the value`.
fn said(sharp: &Sharpness, currency: &str) -> String {
    let Some(half) = sharp.half else { return "too little seen".to_owned() };
    let shown = |value: f64| {
        headline::shown(&Estimate { value, interval: None, n: 0 }, sharp.row.unit, currency)
    };
    match sharp.wanted.precision {
        Precision::Relative(part) => {
            let value = sharp.row.estimate.map_or(0.0, |estimate| estimate.value.abs());
            let is = number::number(half / value, Quantity::Share);
            let wanted = number::number(part, Quantity::Share);
            format!("± {is} of the value, asked for {wanted}")
        }
        Precision::Absolute(most) => format!("± {}, asked for {}", shown(half), shown(most)),
    }
}

fn part(text: &str) -> Result<Precision, String> {
    Precision::relative(text)
}

fn most(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (LOOK_FIRST..=100_000).contains(number));
    number.ok_or_else(|| format!("a whole number from {LOOK_FIRST} to 100000 is needed"))
}
