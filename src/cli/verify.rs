//! `topup-sim verify`: is the simulator right? Cases whose answer is known, run here and now.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::num::NonZeroUsize;

use super::ending::{Ending, Failure, Outcome};
use super::grid::{Format, Grid};
use super::overrides::seed;
use super::progress::Bar;
use super::signals::Interrupt;
use super::terminal::{BAD, BOLD, DIM, GOOD, Terminal, painted};
use super::working::threads;
use crate::study::verify::{Asked, Case, Depth, Expected, FAMILY, Ready, SIGMAS, Verified, cases};

/// Check the simulator against theory and published results, each with a control
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  topup-sim verify
  topup-sim verify --only 'M/M/1' --format md
  topup-sim verify --thorough

A case is a scenario of which theory knows the answer; its control is the same scenario with one
parameter wrong, which must not pass for it.

Exit codes:
  0  every case agrees with theory, and every control is caught
  1  a case does not agree, or a control is not caught
  130, 143  interrupted; the cases that are complete are told")]
pub(super) struct Args {
    /// A hundred times as many top-ups where the case allows it, under a seed of their own, with
    /// Holm's correction over all cases
    #[arg(long)]
    thorough: bool,

    /// Check only cases with this text in their names
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,

    /// Seed of all randomness [default: 1; with --thorough a fresh one, which is told]
    #[arg(long, value_name = "N", value_parser = seed)]
    seed: Option<u64>,

    /// Threads; results are the same for any number [default: all cores]
    #[arg(long, short = 'j', value_name = "N", value_parser = threads)]
    threads: Option<NonZeroUsize>,

    /// How to print the results
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        let cases = self.cases()?;
        let asked = self.asked();
        let cases_of =
            if cases.len() == 1 { "case and its control" } else { "cases and their controls" };
        let talk = format!("{} {cases_of}, seed {}", cases.len(), asked.seed);
        terminal.talk(&talk);
        let ready = Ready::new(&cases, asked);
        let interrupt = Interrupt::watched()?;
        let bar = Bar::new(ready.top_ups(), ready.pieces(), terminal.is_watched());
        let found = ready.verify(self.threads(), &bar, interrupt.wish());
        bar.clear();
        let numbers = &found.numbers;
        if !numbers.is_empty() {
            terminal.result(&match self.format {
                Format::Table => page(numbers, asked),
                format => grid(numbers, asked.seed).text(format, terminal.columns()),
            })?;
        }
        if found.partial {
            let told: BTreeSet<&str> = numbers.iter().map(|number| number.case.as_str()).collect();
            let (told, all) = (told.len(), cases.len());
            terminal.talk(&format!("interrupted: {told} of {all} cases are complete"));
            return Ok(Ending::Interrupted(interrupt.signal()));
        }
        Ok(ending(numbers))
    }

    /// The cases asked for.
    fn cases(&self) -> Result<Vec<Case>, Failure> {
        let Some(text) = &self.only else { return Ok(cases()) };
        let wanted = text.to_lowercase();
        let named = |case: &Case| case.name.to_lowercase().contains(&wanted);
        let (found, others): (Vec<Case>, Vec<Case>) = cases().into_iter().partition(named);
        if !found.is_empty() {
            return Ok(found);
        }
        let names: Vec<String> =
            others.into_iter().map(|case| format!("  {}", case.name)).collect();
        Err(Failure::Invalid(format!(
            "no case has {text} in its name; the cases are\n{}",
            names.join("\n")
        )))
    }

    fn asked(&self) -> Asked {
        let (depth, usual) = match self.thorough {
            false => (Depth::Fast, 1),
            true => (Depth::Thorough, fresh_seed()),
        };
        Asked { depth, seed: self.seed.unwrap_or(usual) }
    }

    fn threads(&self) -> usize {
        let threads = self.threads.or_else(|| std::thread::available_parallelism().ok());
        threads.map_or(1, NonZeroUsize::get)
    }
}

/// A seed that nobody chose: from the system, and short enough to be typed again.
fn fresh_seed() -> u64 {
    RandomState::new().build_hasher().finish() >> 34
}

fn ending(found: &[Verified]) -> Ending {
    if found.iter().all(Verified::holds) { Ending::Fine } else { Ending::Broken }
}

/// Characters of a line: of a case and its control, and of a row.
const LINE_MAX: usize = 98;
/// Characters of a metric that stand beside its numbers; a longer one has a line of its own.
const METRIC_MAX: usize = 31;

/// The table for people: each case with its numbers, and what they come to.
fn page(found: &[Verified], asked: Asked) -> String {
    let heads = ["", "expected", "simulated", "95 % interval", "verdict", "control"];
    let mut text = painted(DIM, &line(heads)) + "\n";
    let mut case = "";
    for verified in found {
        if verified.case != case {
            case = &verified.case;
            let control = format!("control: {}", verified.control);
            let is_long = case.chars().count() + control.chars().count() > LINE_MAX;
            let between = if is_long { "\n  " } else { "  " };
            text += &format!("{}{between}{}\n", painted(BOLD, case), painted(DIM, &control));
        }
        text += &row(verified);
    }
    text + &summary(found, asked)
}

/// The columns of a row, of which the last is as long as it is.
fn line([metric, theory, simulated, interval, verdict, control]: [&str; 6]) -> String {
    let numbers = format!("{theory:>14}  {simulated:>10}  {interval:<20}");
    format!("  {metric:<METRIC_MAX$}  {numbers}  {verdict:<7}  {control}")
}

fn row(verified: &Verified) -> String {
    let Verified { metric, expected, seen, .. } = verified;
    let estimate = seen.estimate;
    let interval = estimate.interval.map_or_else(String::new, |interval| {
        format!("{} to {}", digits(interval.low, 4), digits(interval.high, 4))
    });
    let (theory, simulated) = (told(*expected), digits(estimate.value, 5));
    let (verdict, control) = (verdict(verified), control(verified));
    let row = |metric| line([metric, &theory, &simulated, &interval, verdict, control]);
    let is_long = metric.chars().count() > METRIC_MAX;
    let told = if is_long { format!("  {metric}\n{}", row("")) } else { row(metric) };
    painted(if verified.holds() { GOOD } else { BAD }, &told) + "\n"
}

/// What theory or history says.
fn told(expected: Expected) -> String {
    match expected {
        Expected::Value(value) => digits(value, 5),
        Expected::Between(low, high) if high.is_infinite() => format!("from {}", digits(low, 3)),
        Expected::Between(low, high) if low.is_infinite() => format!("to {}", digits(high, 3)),
        Expected::Between(low, high) => format!("{} to {}", digits(low, 3), digits(high, 3)),
    }
}

/// Where a number has to lie.
fn ends(expected: Expected) -> [f64; 2] {
    match expected {
        Expected::Value(value) => [value, value],
        Expected::Between(low, high) => [low, high],
    }
}

fn verdict(verified: &Verified) -> &'static str {
    if verified.agrees { "agrees" } else { "DIFFERS" }
}

fn control(verified: &Verified) -> &'static str {
    if verified.caught { "caught" } else { "MISSED" }
}

fn summary(found: &[Verified], asked: Asked) -> String {
    let count = |is: fn(&Verified) -> bool| found.iter().filter(|verified| is(verified)).count();
    let (agree, caught) = (count(|verified| verified.agrees), count(|verified| verified.caught));
    let level = match asked.depth {
        Depth::Fast => format!("beyond {SIGMAS} standard deviations"),
        Depth::Thorough => format!("by Holm's correction at {FAMILY} for all of them together"),
    };
    format!(
        "\n{agree} of {all} numbers agree with theory or history, and {caught} of {all} controls \
         are caught.\nA number differs {level};\nof the 95 % intervals, one in twenty misses \
         theory by chance.\nSeed {}.\n",
        asked.seed,
        all = found.len(),
    )
}

/// A value to so many significant digits; a small one with a power of ten.
fn digits(value: f64, significant: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    if value.abs() < 1e-4 {
        return format!("{value:.*e}", (significant - 1) as usize);
    }
    let decimals = (significant - 1 - value.abs().log10().floor() as i32).max(0);
    format!("{value:.*}", decimals as usize)
}

/// The table for programs.
fn grid(found: &[Verified], seed: u64) -> Grid {
    let mut grid = Grid::new(&[
        "case",
        "metric",
        "expected_low",
        "expected_high",
        "simulated",
        "ci_low",
        "ci_high",
        "interval",
        "replications",
        "p_value",
        "verdict",
        "control",
        "control_simulated",
        "control_p_value",
        "control_verdict",
        "source",
        "seed",
    ]);
    for verified in found {
        let (seen, wrong) = (&verified.seen, &verified.control_seen);
        let interval = seen.estimate.interval.map(|interval| (interval.low, interval.high));
        // an end that is none is an empty cell
        let [low, high] = ends(verified.expected).map(|end| end.is_finite().then_some(end));
        grid.push([
            verified.case.as_str().into(),
            verified.metric.as_str().into(),
            low.into(),
            high.into(),
            seen.estimate.value.into(),
            interval.map(|ends| ends.0).into(),
            interval.map(|ends| ends.1).into(),
            seen.estimate.method().name().into(),
            seen.estimate.n.into(),
            seen.tails.into(),
            verdict(verified).to_lowercase().into(),
            verified.control.as_str().into(),
            wrong.estimate.value.into(),
            wrong.tails.into(),
            control(verified).to_lowercase().into(),
            verified.source.into(),
            seed.into(),
        ]);
    }
    grid
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(agrees: bool, caught: bool) -> Verified {
        let only = Args {
            thorough: false,
            only: Some("1 attempt over".to_owned()),
            seed: None,
            threads: None,
            format: Format::Table,
        };
        let mut cases = only.cases().expect("there is such a case");
        cases[0].size.measured /= 25.0;
        let ready = Ready::new(&cases, only.asked());
        let unwatched = Bar::new(1.0, ready.pieces(), false);
        let mut found = ready.verify(1, &unwatched, &false.into()).numbers.remove(0);
        (found.agrees, found.caught) = (agrees, caught);
        found
    }

    #[test]
    fn one_number_that_differs_or_one_control_that_is_missed_is_a_failure() {
        let fine = || found(true, true);
        assert_eq!(ending(&[fine(), fine()]), Ending::Fine);
        assert_eq!(ending(&[fine(), found(false, true)]), Ending::Broken);
        assert_eq!(ending(&[fine(), found(true, false)]), Ending::Broken);
        assert!(row(&found(false, true)).contains("DIFFERS"));
        assert!(row(&found(true, false)).contains("MISSED"));
    }

    #[test]
    fn numbers_have_as_many_digits_as_they_need() {
        let values = [0.0, 1.0, 0.000_358_736, 10_800.4, 12.345_67, 0.000_002];
        let shown = values.map(|value| digits(value, 5));
        assert_eq!(shown, ["0", "1.0000", "0.00035874", "10800", "12.346", "2.0000e-6"]);
    }
}
