//! The registry of metrics: what each number of a summary means, one row a metric.

mod costs;
mod guards;
mod recoveries;
mod requests;
mod rows;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt::Write as _;

use super::observe::Pair;
use super::shape::{Group, GroupKind};
use super::summary::Summary;
use crate::stats::Histogram;
pub use costs::{COST, metric_of, part_of};
use rows::ROWS;

/// All metrics. Names are a contract: one may come, none may change or go.
pub const METRICS: &[Metric] = &joined::<
    {
        ROWS.len()
            + requests::ROWS.len()
            + guards::ROWS.len()
            + recoveries::ROWS.len()
            + costs::ROWS.len()
    },
>();

/// The rows of all files, these first.
const fn joined<const N: usize>() -> [Metric; N] {
    let parts = [ROWS, requests::ROWS, guards::ROWS, recoveries::ROWS, costs::ROWS];
    let mut all = [ROWS[0]; N];
    let (mut at, mut part) = (0, 0);
    while part < parts.len() {
        let mut row = 0;
        while row < parts[part].len() {
            all[at] = parts[part][row];
            at += 1;
            row += 1;
        }
        part += 1;
    }
    all
}

/// One metric: its name is a contract with everyone who reads the tables.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// The name in scenarios and tables.
    pub name: &'static str,
    /// The unit of its values.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// How replications come to one estimate.
    pub estimator: Estimator,
    /// The groups it is reported for.
    pub groups: &'static [GroupKind],
    /// What is counted or measured.
    pub definition: &'static str,
    /// What it is a share of, or the base it is taken over.
    pub denominator: &'static str,
    /// How it is read from the summary of one replication.
    pub observe: Observe,
}

/// The unit of a metric, and of its targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A share between 0 and 1.
    Share,
    /// Of a million.
    PerMillion,
    /// Of one top-up.
    PerTopUp,
    /// Of one failed attempt.
    PerFailedAttempt,
    /// A second.
    PerSecond,
    /// Seconds.
    Seconds,
    /// Major units of the scenario's currency.
    Money,
    /// Major units of the scenario's currency for a thousand top-ups.
    MoneyPerThousand,
    /// A number of top-ups.
    TopUps,
    /// A number of captures.
    Captures,
    /// A number of openings of breakers.
    Openings,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More is better.
    Up,
    /// Less is better.
    Down,
    /// Neither.
    Neither,
}

/// How replications come to one estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimator {
    /// Share of events: mean of the replications' shares with Student's t; with Korn and Graubard's
    /// interval where fewer than 100 events happened or failed to, and pooled below 20.
    Events,
    /// Share of the replications in which it happened, with Clopper-Pearson.
    Replications,
    /// Mean of the replications' ratios with Student's t.
    Mean,
    /// Mean of the replications' time averages with Student's t.
    TimeAverage,
    /// Mean of the replications' sums with Student's t.
    Sum,
    /// Mean of the replications' quantiles with Student's t; where one of them has too few
    /// observations, the quantile of all of them pooled, without interval.
    Quantile,
}

/// How a metric is read from the summary of one replication.
#[derive(Clone, Copy, Debug)]
pub enum Observe {
    /// Numerator and denominator in whole numbers (counts, ns, minor units).
    Ratio(fn(&Summary, Group) -> Pair),
    /// A quantile of a histogram of ns.
    Quantile(f64, fn(&Summary, Group) -> Cow<'_, Histogram>),
}

impl Unit {
    /// The name in tables of a scenario: money is in its currency.
    pub fn name_in(self, currency: impl std::fmt::Display) -> String {
        match self {
            Self::Money => currency.to_string(),
            Self::MoneyPerThousand => format!("{currency}_per_1000"),
            unit => unit.name().to_owned(),
        }
    }

    /// The name in the registry.
    pub fn name(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::PerMillion => "per_million",
            Self::PerTopUp => "per_top_up",
            Self::PerFailedAttempt => "per_failed_attempt",
            Self::PerSecond => "per_s",
            Self::Seconds => "s",
            Self::Money => "currency",
            Self::MoneyPerThousand => "currency_per_1000",
            Self::TopUps => "top_ups",
            Self::Captures => "captures",
            Self::Openings => "openings",
        }
    }

    /// The unit of a name in tables, where all that is no unit's name is a currency's.
    pub fn named(name: &str) -> Self {
        let plain = [
            Self::Share,
            Self::PerMillion,
            Self::PerTopUp,
            Self::PerFailedAttempt,
            Self::PerSecond,
            Self::Seconds,
            Self::TopUps,
            Self::Captures,
            Self::Openings,
        ];
        let money = if name.ends_with("_per_1000") { Self::MoneyPerThousand } else { Self::Money };
        plain.into_iter().find(|unit| unit.name() == name).unwrap_or(money)
    }

    /// Numerator / denominator of whole numbers (counts, ns, minor units) in this unit; the
    /// denominator is above 0.
    pub fn ratio(self, numerator: u128, denominator: u128) -> f64 {
        let (times, over) = self.scale();
        // One rounding each for product and quotient, so that round values stay round.
        (numerator as f64 * times) / (denominator as f64 * over)
    }

    /// A share or a number of ns in this unit.
    pub fn value(self, value: f64) -> f64 {
        let (times, over) = self.scale();
        value * times / over
    }

    fn scale(self) -> (f64, f64) {
        match self {
            Self::Share
            | Self::PerTopUp
            | Self::PerFailedAttempt
            | Self::TopUps
            | Self::Captures
            | Self::Openings => (1.0, 1.0),
            Self::PerMillion => (1e6, 1.0),
            Self::PerSecond => (1e9, 1.0),
            Self::Seconds => (1.0, 1e9),
            Self::Money => (1.0, 100.0),
            // millionths over top-ups
            Self::MoneyPerThousand => (1e3, 1e6),
        }
    }
}

impl PartialEq for Metric {
    fn eq(&self, other: &Self) -> bool {
        // a name stands for its row
        self.name == other.name
    }
}

impl Metric {
    /// The metric of a name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        METRICS.iter().find(|metric| metric.name == name)
    }
}

impl Better {
    fn word(self) -> &'static str {
        match self {
            Self::Up => "higher",
            Self::Down => "lower",
            Self::Neither => "-",
        }
    }
}

impl Estimator {
    fn words(self) -> &'static str {
        match self {
            Self::Events => "mean share, pooled when rare",
            Self::Replications => "share of replications",
            Self::Mean => "mean ratio",
            Self::TimeAverage => "mean time average",
            Self::Sum => "mean sum",
            Self::Quantile => "mean quantile",
        }
    }
}

/// The text of `docs/metrics.md`.
pub fn markdown() -> String {
    let mut text = INTRODUCTION.to_owned();
    for metric in METRICS {
        let groups: Vec<&str> = metric.groups.iter().map(|kind| kind.name()).collect();
        writeln!(
            text,
            "| `{}` | {} | {} | {} | {} | {} | {} |",
            metric.name,
            metric.unit.name(),
            metric.definition,
            metric.denominator,
            metric.estimator.words(),
            metric.better.word(),
            groups.join(", "),
        )
        .expect("writing to a text does not fail");
    }
    text
}

const INTRODUCTION: &str = "\
# Metrics

Written from the registry in `src/record/registry`; a test keeps it fresh.

The unit of every estimate is the replication. *Shares* count the cohort: top-ups that arrive
between the end of the warm-up and the end of the run, however long they take. *Loads* go by the
time of the event, within the measured time. A *window* (`[windows.NAME]`) counts the top-ups of
the cohort that arrive in it; it stands in the column `window`, with the group `all`. A target may
ask for a window of one group, or for the worst stretch of the measured time (`worst_1min`), which
stand there as well; see [`targets`](scenario-reference.md#targets).
Intervals are at 95 % and carry sampling error only.

| estimator | value | interval |
|---|---|---|
| mean share, pooled when rare | mean of the replications' shares; events / trials of all \
replications together where fewer than 20 events happened or failed to | `t`; below 100 such \
events `korn_graubard`, the exact interval of as many independent top-ups as the replications show \
there are. Without any event (or with events only) it is `clopper_pearson_pooled`, which takes all \
top-ups for independent: no event still has an upper bound, but where top-ups share an outage that \
was not seen it can be too low |
| share of replications | replications in which it happened / all replications | \
`clopper_pearson` |
| mean ratio, mean time average, mean sum | mean of the replications' values | `t`; none where \
more than half of the values are 0 and fewer than 20 are not (of shares: or 1) |
| mean quantile | mean of the replications' quantiles; where one replication has too few \
observations for it (p50 6, p95 72, p99 368), the quantile of all of them pooled; nothing where \
even those are too few | `t`; none when pooled |

One replication alone has no `t` interval.

| metric | unit | what | of what | estimator | better | groups |
|---|---|---|---|---|---|---|
";
