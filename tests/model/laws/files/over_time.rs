//! The timeline against the totals, and recoveries against their counts.

use std::collections::BTreeMap;

use super::numbers::Numbers;
use super::sheet::{Book, Broken, near, same};

/// Of one metric and group: from, to and value of each stretch of time.
type Series = Vec<(f64, f64, Option<f64>)>;

/// What a stretch counts of the cohort, by the arrival of the top-up, and its total.
const BY_ARRIVAL: [(&str, &str); 3] = [
    ("duplicates_per_s", "duplicate_charges_per_million"),
    ("orphans_per_s", "orphan_charges_per_million"),
    ("charged_shown_failed_per_s", "charged_shown_failed_per_million"),
];

fn series(book: &Book) -> BTreeMap<[&str; 2], Series> {
    let mut series: BTreeMap<_, Series> = BTreeMap::new();
    for line in book["timeline"].lines() {
        let [from, to] = ["from_s", "to_s"].map(|column| line.number(column).unwrap());
        let points = series.entry([line.text("metric"), line.text("group")]).or_default();
        points.push((from, to, line.number("value")));
    }
    series
}

/// Events of one series in all replications, from a stretch on.
fn events(series: &Series, first: usize, replications: usize) -> f64 {
    let of = |&(from, to, value): &(f64, f64, Option<f64>)| value.unwrap_or(0.0) * (to - from);
    series[first..].iter().map(of).sum::<f64>() * replications as f64
}

/// Stretches follow each other; arrivals from the end of the warm-up on are the cohort, and what is
/// counted of it adds up to its totals.
pub(crate) fn timeline(book: &Book, numbers: &Numbers, broken: &mut Broken) {
    let (series, n) = (series(book), numbers.replications);
    for line in book["timeline"].lines() {
        broken.unless_inside(line, ["value", "ci_low", "ci_high"]);
    }
    let arrivals = &series[&["arrivals_per_s", "all"]];
    for (name, points) in &series {
        let law = "stretches of time follow each other, the same for all";
        let follow =
            points.windows(2).all(|pair| same(pair[0].1, pair[1].0) && pair[0].0 < pair[0].1);
        let same_times = points.iter().zip(arrivals).all(|(a, b)| (a.0, a.1) == (b.0, b.1));
        let whole = points.len() == arrivals.len() && points[0].0 == 0.0;
        broken.unless(follow && same_times && whole, law, name);
        let is_count = name[0].ends_with("_per_s");
        let counts = points.iter().map(|&point| events(&vec![point], 0, n));
        let odd =
            counts.into_iter().find(|&count| is_count && (count - count.round()).abs() > 1e-6);
        broken.unless(odd.is_none(), "a stretch holds whole events", (name, odd));
    }
    let is_cohort = |first: &usize| same(events(arrivals, *first, n).round(), numbers.top_ups());
    let law = "arrivals from the end of the warm-up on are the cohort";
    let Some(first) = (0..arrivals.len()).find(is_cohort) else {
        broken.unless(false, law, (events(arrivals, 0, n), numbers.top_ups()));
        return;
    };
    for (metric, total) in BY_ARRIVAL {
        let (sum, total) = (events(&series[&[metric, "all"]], first, n), numbers.total(total));
        broken.unless(
            sum.round() == total,
            "the timeline adds up to the total",
            (metric, sum, total),
        );
    }
    let success = series[&["success_share", "all"]].iter().zip(arrivals);
    let of = |(s, a): (&(f64, f64, Option<f64>), &_)| s.2.unwrap_or(0.0) * events(&vec![*a], 0, n);
    let (sum, total) = (success.skip(first).map(of).sum(), numbers.total("success_share"));
    let law = "success over time adds up to the successes";
    broken.unless(near(sum, total, 0.005), law, (sum, total));
    if first == 0 {
        within(book, &series, numbers, broken);
    }
}

/// Without a warm-up, what happens in the measured time is a part of what happens to the cohort.
fn within(
    book: &Book,
    series: &BTreeMap<[&str; 2], Series>,
    numbers: &Numbers,
    broken: &mut Broken,
) {
    let n = numbers.replications;
    for (metric, total) in
        [("attempts_per_s", "attempts_per_top_up"), ("queries_per_s", "queries_per_top_up")]
    {
        let of = series.iter().filter(|(name, _)| name[0] == metric);
        let seen: f64 = of.map(|(_, points)| events(points, 0, n)).sum();
        let total = numbers.total(total);
        let law = "what happens in the measured time is a part of all";
        broken.unless(seen.round() <= total, law, (metric, seen, total));
    }
    for line in book["causes"].lines() {
        let group = format!("cause={}", line.text("cause"));
        let of = series.iter().filter(|(name, _)| **name == ["struck_attempts_per_s", &group]);
        let seen: f64 = of.map(|(_, points)| events(points, 0, n)).sum();
        let struck = line.count("struck_attempts");
        let law = "attempts struck over time are a part of all";
        broken.unless(seen.round() <= struck as f64, law, (group, seen, struck));
    }
}

/// A recovery's share of collapses is its count, and its curve the product of its steps.
pub(crate) fn recoveries(book: &Book, broken: &mut Broken) {
    for line in book.get("recovery").iter().flat_map(|sheet| sheet.lines()) {
        broken.unless_inside(line, ["value", "ci_low", "ci_high"]);
        let (events, watched) = (line.count("events"), line.count("replications"));
        let law = "no more recoveries or collapses than replications";
        broken.unless(events <= watched, law, (line.text("recovery"), events, watched));
        if line.text("statistic") == "collapse_share" && watched > 0 {
            let (value, share) = (line.number("value"), events as f64 / watched as f64);
            let law = "the share of collapses is their count";
            broken.unless(value.is_some_and(|value| same(value, share)), law, (value, share));
        }
    }
    let mut before: BTreeMap<&str, (f64, u64)> = BTreeMap::new();
    for line in book.get("recovery_curve").iter().flat_map(|sheet| sheet.lines()) {
        broken.unless_inside(line, ["not_recovered_share", "ci_low", "ci_high"]);
        let (at_risk, recovered) = (line.count("at_risk"), line.count("recovered"));
        let (share, most) = *before.entry(line.text("recovery")).or_insert((1.0, at_risk));
        let law = "who is back is no longer at risk";
        broken.unless(at_risk <= most && recovered <= at_risk, law, (at_risk, most, recovered));
        let expected = share * (1.0 - recovered as f64 / at_risk as f64);
        let told = line.number("not_recovered_share").unwrap();
        let law = "a curve is the product of its steps";
        broken.unless((told - expected).abs() < 1e-8, law, (told, expected));
        before.insert(line.text("recovery"), (told, at_risk - recovered));
    }
}
