//! One journey in words: sentences for people, labels for pictures, fields for programs.

mod asking;
mod control;
mod guards;
mod json;
mod labels;
mod sentences;
mod way;

use std::fmt::Write as _;

use jiff::{SignedDuration, Zoned};

pub use json::json;
pub use labels::Shape;

use way::Way;

use crate::report::chart::Picture;
use crate::report::chart::sequence::sequence;
use crate::report::number;
use crate::scenario::Scenario;
use crate::study::Story;
use crate::study::explain::{Lane, Marks, Moment, Outcome, TopUp};
use crate::units::Money;

/// How good or bad something is for the user, for colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A step on the way.
    Plain,
    /// As it should be.
    Good,
    /// Lost, refused, or out of time.
    Bad,
    /// Money moves.
    Money,
}

/// A moment in words.
#[derive(Clone, Debug)]
pub struct Told {
    /// When, ns from the start of the run.
    pub at: u64,
    /// From the arrival, ns.
    pub since: i64,
    /// When by the local clock.
    pub local: Zoned,
    /// A sentence without capital and full stop.
    pub sentence: String,
    /// A few words for a picture.
    pub label: String,
    /// How a picture shows it.
    pub shape: Shape,
    /// Its colour.
    pub tone: Tone,
}

/// A journey in words, moment by moment in the order of time. What is counted and does not happen
/// by itself (a cause noted against the top-up) is left out.
pub fn told(scenario: &Scenario, story: &Story) -> Vec<Told> {
    let mut way = Way::new(scenario);
    let born = story.top_up.born;
    let mut lines = Vec::new();
    for (at, moment) in &story.moments {
        way.follow(moment);
        let Some(sentence) = way.sentence(moment) else { continue };
        let (label, shape) = way.label(moment);
        let tone = tone(moment);
        let (at, since, local) = (*at, *at as i64 - born as i64, local(scenario, *at));
        lines.push(Told { at, since, local, sentence, label, shape, tone });
    }
    lines
}

/// How a journey went in one sentence without full stop: `top-up 7 was credited after 2 attempts`.
pub fn finding(story: &Story) -> String {
    let top_up = &story.top_up;
    let mut text = format!("top-up {} {}", story.journey, ended(top_up));
    for (mark, words) in [
        (Marks::MISPOSTED, "it went to a wrong account"),
        (Marks::DOUBLE_CREDIT, "it was credited more than once"),
        (Marks::CHARGED_SHOWN_FAILED, "the app said that it failed"),
        (Marks::ORPHAN, "a person had to find the money"),
        (Marks::REFUND_PROBLEM, "a refund met a problem"),
    ] {
        if top_up.marks.has(mark) {
            let _ = write!(text, "; {words}");
        }
    }
    text
}

fn ended(top_up: &TopUp) -> String {
    let attempts = top_up.attempts;
    let mut text = match top_up.outcome {
        Outcome::CreditedFirst => "was credited by its first attempt".to_owned(),
        Outcome::CreditedAfterRetry => format!("was credited in time with {attempts} attempts"),
        Outcome::CreditedLate => "was credited after its deadline".to_owned(),
        Outcome::Declined => "was declined".to_owned(),
        Outcome::GaveUp => format!("was given up after {}", times("attempt", attempts)),
        Outcome::NeverSubmitted => "was never sent".to_owned(),
        Outcome::ChargedRefunded => "was charged, not credited, and refunded".to_owned(),
        Outcome::ChargedUnresolved => "was charged, and neither credited nor refunded".to_owned(),
        Outcome::Defrauded => "went to a fraudster".to_owned(),
    };
    if top_up.marks.has(Marks::DUPLICATE_CHARGE) {
        let _ = write!(text, ", and charged {} times", top_up.captures);
    }
    text
}

/// Where a journey comes from: scenario, replication and seed, and whether it is counted.
pub fn note(scenario: &Scenario, story: &Story) -> String {
    let counted = if story.top_up.in_cohort { "" } else { "; not counted: outside the cohort" };
    let money = money(scenario, story.top_up.amount);
    let (name, replication, seed) = (&scenario.name, story.replication, scenario.seed);
    format!("{money}; {name}, replication {replication}, seed {seed}{counted}")
}

/// The sequence diagram of a journey.
pub fn picture(scenario: &Scenario, story: &Story) -> Picture {
    let mut title = finding(story);
    title[..1].make_ascii_uppercase();
    sequence(&title, &note(scenario, story), &told(scenario, story))
}

/// A number of things: `1 attempt`, `2 attempts`, `3 queries`.
pub fn times(thing: &str, number: u16) -> String {
    match thing.strip_suffix('y') {
        _ if number == 1 => format!("1 {thing}"),
        Some(stem) => format!("{number} {stem}ies"),
        None => format!("{number} {thing}s"),
    }
}

/// Time from the arrival: `+4.512 s`, `+12 min 04 s`, `+5 h 12 min`, `+3 d 04 h`.
pub fn offset(since: i64) -> String {
    let (sign, ns) = (if since < 0 { '-' } else { '+' }, since.unsigned_abs());
    let seconds = ns / 1_000_000_000;
    let (minutes, hours) = (seconds / 60, seconds / 3_600);
    match seconds {
        0..100 => format!("{sign}{seconds}.{:03} s", ns / 1_000_000 % 1_000),
        100..6_000 => format!("{sign}{minutes} min {:02} s", seconds % 60),
        6_000..360_000 => format!("{sign}{hours} h {:02} min", minutes % 60),
        _ => format!("{sign}{} d {:02} h", hours / 24, hours % 24),
    }
}

/// A sum in the scenario's currency: `99.50 CNY`.
fn money(scenario: &Scenario, minor: i64) -> String {
    format!("{} {}", Money::from_minor(minor), scenario.currency)
}

/// A span in the unit that fits.
fn span(ns: u64) -> String {
    number::span(ns as f64 / 1e9)
}

fn local(scenario: &Scenario, at: u64) -> Zoned {
    let since = SignedDuration::from_nanos(i64::try_from(at).unwrap_or(i64::MAX));
    scenario.start.checked_add(since).unwrap_or_else(|_| scenario.start.clone())
}

fn tone(moment: &Moment) -> Tone {
    match moment {
        Moment::Captured { extra: true, .. } | Moment::Credited { first: false, .. } => Tone::Bad,
        Moment::Captured { .. } | Moment::Credited { .. } => Tone::Money,
        Moment::Refunded { .. } | Moment::RefundSent { .. } => Tone::Money,
        Moment::Message { takes_ns: None, .. }
        | Moment::Stopped { .. }
        | Moment::Phished
        | Moment::TimedOut { .. }
        | Moment::ConnectionLost { .. }
        | Moment::QueryTimedOut { .. }
        | Moment::GaveUp { .. }
        | Moment::TurnedAway { .. }
        | Moment::Lapsed { .. }
        | Moment::Discarded { .. }
        | Moment::Crashed { .. }
        | Moment::Dropped { .. }
        | Moment::CutOff { .. }
        | Moment::Misposted { .. }
        | Moment::CaseRefused { .. }
        | Moment::RefundDelayed { .. }
        | Moment::Disputed { .. }
        | Moment::Lost { .. } => Tone::Bad,
        Moment::Shown { screen: crate::study::explain::Screen::Success } => Tone::Good,
        Moment::Reconciled { found: crate::study::explain::Found::Settled, .. } => Tone::Good,
        _ => Tone::Plain,
    }
}

/// The name of a lane.
pub fn lane_name(lane: Lane) -> &'static str {
    match lane {
        Lane::User => "user",
        Lane::App => "app",
        Lane::Network => "network",
        Lane::Gateway => "gateway",
        Lane::Provider => "provider",
        Lane::Bank => "bank",
        Lane::Ledger => "ledger",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_takes_two_units_that_fit() {
        let seconds = [0.0, 4.512, 99.999, 724.0, 18_720.0, 273_600.0, 864_000.0];
        let offsets = seconds.map(|seconds: f64| offset((seconds * 1e9) as i64));
        let expected = [
            "+0.000 s",
            "+4.512 s",
            "+99.999 s",
            "+12 min 04 s",
            "+5 h 12 min",
            "+76 h 00 min",
            "+10 d 00 h",
        ];
        assert_eq!(offsets, expected);
        assert_eq!(offset(-12_571_000_000), "-12.571 s", "a page before the order");
    }

    #[test]
    fn numbers_agree_with_their_things() {
        let said = [times("attempt", 1), times("attempt", 0), times("query", 1), times("query", 2)];
        assert_eq!(said, ["1 attempt", "0 attempts", "1 query", "2 queries"]);
    }
}
