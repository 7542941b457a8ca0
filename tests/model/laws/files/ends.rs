//! How top-ups end, why they fail and what rescues them: causes, flow, rescues, remedies.

use std::collections::BTreeMap;

use super::numbers::Numbers;
use super::sheet::{Book, Broken};

/// What struck no cause.
const NONE: &str = "none";

/// Top-ups of a table by two of its columns.
fn sums(book: &Book, table: &str, by: [&str; 2]) -> BTreeMap<[String; 2], u64> {
    let mut sums = BTreeMap::new();
    for line in book.get(table).iter().flat_map(|sheet| sheet.lines()) {
        *sums.entry(by.map(|column| line.text(column).to_owned())).or_default() +=
            line.count("top_ups");
    }
    sums
}

/// Who arrives ends once, and passes through every step between.
pub(crate) fn flow(book: &Book, numbers: &Numbers, broken: &mut Broken) {
    let (out, into) = (sums(book, "flow", ["step", "from"]), sums(book, "flow", ["step", "to"]));
    let of = |sums: &BTreeMap<_, u64>, step: &str, name: &str| {
        sums.get(&[step.to_owned(), name.to_owned()]).copied().unwrap_or(0)
    };
    let (arrived, top_ups) = (of(&out, "first_cause", "arrived"), numbers.top_ups());
    broken.unless(arrived as f64 == top_ups, "all that arrive are in the flow", (arrived, top_ups));
    for ([step, name], &came) in &into {
        let left = match step.as_str() {
            "first_cause" if name == NONE => of(&out, "outcome", name),
            "first_cause" => of(&out, "tried", name),
            "tried" => of(&out, "outcome", name),
            _ => came,
        };
        broken.unless(
            came == left,
            "who comes to a step goes on from it",
            (step, name, came, left),
        );
    }
    let ends = into.iter().filter(|([step, _], _)| step == "outcome");
    let ended: u64 = ends.map(|(_, top_ups)| top_ups).sum();
    broken.unless(ended == arrived, "every top-up ends once", (ended, arrived));
    let credited = ["credited_first", "credited_after_retry"];
    let credited: u64 = credited.iter().map(|outcome| of(&into, "outcome", outcome)).sum();
    let successes = numbers.total("success_share");
    let law = "outcomes are those that the summary counts";
    broken.unless(credited as f64 == successes, law, (credited, successes));
}

/// Causes add up to the losses; of each, first struck = rescued + not rescued.
pub(crate) fn causes(book: &Book, numbers: &Numbers, broken: &mut Broken) {
    let struck = sums(book, "flow", ["step", "to"]);
    let rescued_by = sums(book, "rescues", ["cause", "cause"]);
    let (top_ups, mut lost_of_all) = (numbers.top_ups(), 0);
    for line in book["causes"].lines() {
        broken.unless_inside(line, ["lost_per_million", "ci_low", "ci_high"]);
        broken.unless_inside(line, ["rescued_share", "rescued_ci_low", "rescued_ci_high"]);
        let cause = line.text("cause");
        let [first, last, lost, rescued, others] = [
            "first_of_top_ups",
            "last_of_top_ups",
            "lost_top_ups",
            "rescued_top_ups",
            "not_rescued_top_ups",
        ]
        .map(|column| line.count(column));
        lost_of_all += lost;
        let per_million = lost as f64 / top_ups * 1e6;
        broken.unless_around(line, per_million, ["ci_low", "ci_high"]);
        let by = rescued_by.get(&[cause.to_owned(), cause.to_owned()]).copied().unwrap_or(0);
        broken.unless(by == rescued, "rescues add up to the rescued", (cause, by, rescued));
        if cause == NONE {
            continue;
        }
        let law = "first struck = rescued + not rescued";
        broken.unless(first == rescued + others, law, (cause, first, rescued, others));
        broken.unless(lost <= last, "who is lost to a cause met it last", (cause, lost, last));
        let met = struck.get(&["first_cause".to_owned(), cause.to_owned()]).copied().unwrap_or(0);
        broken.unless(met == first, "the flow tells who was struck first", (cause, met, first));
        let attempts = line.count("struck_attempts");
        let law = "who is struck is struck in an attempt";
        broken.unless(attempts > 0 || cause == "phishing_site" || first == 0, law, cause);
        let share = rescued as f64 / first as f64;
        broken.unless_around(line, share, ["rescued_ci_low", "rescued_ci_high"]);
    }
    let lost = top_ups - numbers.total("success_share");
    broken.unless(lost_of_all as f64 == lost, "causes add up to the losses", (lost_of_all, lost));
}

/// A remedy helps no more often than it is applied.
pub(crate) fn remedies(book: &Book, numbers: &Numbers, broken: &mut Broken) {
    for line in book.get("remedies").iter().flat_map(|sheet| sheet.lines()) {
        broken.unless_inside(line, ["applied_per_million", "ci_low", "ci_high"]);
        let (remedy, applied) = (line.text("remedy"), line.count("applied"));
        let helped = line.count("helped");
        let law = "a remedy helps no more often than it is applied";
        broken.unless(helped <= applied, law, (remedy, helped, applied));
        let per_million = applied as f64 / numbers.top_ups() * 1e6;
        broken.unless_around(line, per_million, ["ci_low", "ci_high"]);
    }
}
