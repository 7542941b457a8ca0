//! Replications and their summary: what adds up within a replication, and over all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::sheet::{Book, Broken, Line, same};

/// Shares and numbers in a million that count top-ups of the cohort.
pub(crate) const OF_TOP_UPS: [&str; 15] = [
    "success_share",
    "first_attempt_success_share",
    "unknown_outcome_share",
    "duplicate_charges_per_million",
    "charged_shown_failed_per_million",
    "orphan_charges_per_million",
    "double_credits_per_million",
    "credit_delayed_share",
    "unresolved_after_24h_per_million",
    "abnormal_orders_per_million",
    "not_arrived_per_million",
    "misposted_per_million",
    "interrupted_share",
    "refunds_delayed_per_million",
    "user_harm_per_million",
];

/// What harms a user, as far as it has a number of its own.
const HARMS: [&str; 6] = [
    "charged_shown_failed_per_million",
    "duplicate_charges_per_million",
    "not_arrived_per_million",
    "misposted_per_million",
    "credit_delayed_share",
    "refunds_delayed_per_million",
];

/// Of a metric, a group and a window: a value, or none, for each replication.
pub(crate) struct Numbers<'b> {
    values: BTreeMap<[&'b str; 3], Vec<Option<f64>>>,
    pub(crate) replications: usize,
}

impl<'b> Numbers<'b> {
    pub(crate) fn of(book: &'b Book) -> Self {
        let sheet = &book["replications"];
        let mut values: BTreeMap<_, Vec<Option<f64>>> = BTreeMap::new();
        for line in sheet.lines() {
            let name = ["metric", "group", "window"].map(|column| line.text(column));
            values.entry(name).or_default().push(line.number("value"));
        }
        let numbers: BTreeSet<u64> = sheet.lines().map(|line| line.count("replication")).collect();
        Numbers { values, replications: numbers.len() }
    }

    fn all<'n>(&'n self, name: [&'n str; 3]) -> Option<&'n Vec<Option<f64>>> {
        self.values.get(&name)
    }

    /// The value of one replication; 0 where it has none.
    pub(crate) fn value(&self, i: usize, name: [&str; 3]) -> f64 {
        self.all(name).and_then(|values| values.get(i).copied().flatten()).unwrap_or(0.0)
    }

    /// Top-ups behind a share or a number in a million.
    pub(crate) fn count(&self, i: usize, [metric, group, window]: [&str; 3]) -> f64 {
        let per = if metric.ends_with("_per_million") { 1e6 } else { 1.0 };
        let top_ups = self.value(i, ["top_ups", group, window]);
        self.value(i, [metric, group, window]) * top_ups / per
    }

    /// The same over all replications and top-ups.
    pub(crate) fn total(&self, metric: &str) -> f64 {
        (0..self.replications).map(|i| self.count(i, [metric, "all", "all"]).round()).sum()
    }

    pub(crate) fn top_ups(&self) -> f64 {
        (0..self.replications).map(|i| self.value(i, ["top_ups", "all", "all"])).sum()
    }

    /// Groups that have a metric, by their kind, such as `channel`.
    fn groups(&self, metric: &str) -> BTreeMap<&'b str, Vec<&'b str>> {
        let mut kinds: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let named = self.values.keys().filter(|name| name[0] == metric && name[2] == "all");
        for group in named.map(|name| name[1]) {
            if let Some((kind, _)) = group.split_once('=') {
                kinds.entry(kind).or_default().push(group);
            }
        }
        kinds
    }
}

/// Counts of groups are whole and add up to those of all; banks to no more, since not every top-up
/// comes to one.
pub(crate) fn groups(numbers: &Numbers, broken: &mut Broken) {
    for i in 0..numbers.replications {
        for metric in OF_TOP_UPS.into_iter().chain(["top_ups", "attempts_per_top_up"]) {
            let of = |group| match metric {
                "top_ups" => numbers.value(i, [metric, group, "all"]),
                _ => numbers.count(i, [metric, group, "all"]),
            };
            let all = of("all");
            for (kind, groups) in numbers.groups(metric) {
                let sum: f64 = groups.iter().map(|&group| of(group)).sum();
                let adds = same(sum, all) || kind == "bank" && sum <= all;
                broken.unless(adds, "groups add up to all top-ups", (i, metric, kind, sum, all));
                for group in groups {
                    let whole = same(of(group), of(group).round());
                    broken.unless(whole, "a count is whole", (i, metric, group, of(group)));
                }
            }
            broken.unless(same(all, all.round()), "a count is whole", (i, metric, all));
        }
    }
}

/// A window is a part of the cohort.
pub(crate) fn windows(numbers: &Numbers, broken: &mut Broken) {
    let windows = numbers.values.keys().filter(|name| name[2] != "all" && name[0] == "top_ups");
    for name in windows {
        for i in 0..numbers.replications {
            for metric in OF_TOP_UPS {
                let of = |window| numbers.count(i, [metric, name[1], window]);
                let (part, whole) = (of(name[2]), of("all"));
                let law = "a window is a part of the cohort";
                let is_part = part <= whole || same(part, whole);
                broken.unless(is_part, law, (i, metric, name, part, whole));
                broken.unless(same(part, part.round()), "a count is whole", (i, metric, name));
            }
        }
    }
}

/// Money of channels adds up; what is sent back, or charged twice, was captured.
pub(crate) fn money(numbers: &Numbers, broken: &mut Broken) {
    for i in 0..numbers.replications {
        let of = |metric, group| numbers.value(i, [metric, group, "all"]);
        for metric in ["captured", "credited", "refunded", "duplicate_amount"] {
            let channels = &numbers.groups(metric)["channel"];
            let sum: f64 = channels.iter().map(|group| of(metric, group)).sum();
            let all = of(metric, "all");
            broken.unless(same(sum, all), "money of channels adds up", (i, metric, sum, all));
        }
        let [captured, credited, refunded, twice, lost] =
            ["captured", "credited", "refunded", "duplicate_amount", "platform_loss"]
                .map(|metric| of(metric, "all"));
        broken.unless(twice <= captured, "what is charged twice is captured", (i, twice, captured));
        let law = "no more is refunded than was captured or lost";
        broken.unless(refunded <= captured + lost, law, (i, refunded, captured, lost));
        if numbers.count(i, ["double_credits_per_million", "all", "all"]) == 0.0 {
            let law = "without double credits no more is credited than captured";
            broken.unless(credited <= captured, law, (i, credited, captured));
        }
        if numbers.count(i, ["duplicate_charges_per_million", "all", "all"]) == 0.0 {
            broken.unless(
                twice == 0.0,
                "an extra capture is of a top-up charged twice",
                (i, twice),
            );
        }
    }
}

/// Attempts fail, or bring the one credit of a top-up; shares hold each other's bounds.
pub(crate) fn attempts(numbers: &Numbers, broken: &mut Broken) {
    for i in 0..numbers.replications {
        let count = |metric| numbers.count(i, [metric, "all", "all"]);
        let value = |metric| numbers.value(i, [metric, "all", "all"]);
        let (top_ups, sent) = (value("top_ups"), count("attempts_per_top_up"));
        let failed = value("failed_attempt_share") * sent;
        let lost = value("lost_top_ups_per_failed_attempt") * failed;
        let law = "an attempt brings the one credit of a top-up, or none";
        broken.unless(same(sent - failed, top_ups - lost), law, (i, sent, failed, top_ups, lost));
        let (first, any) = (count("first_attempt_success_share"), count("success_share"));
        broken.unless(first <= any, "a success at once is a success", (i, first, any));
        broken.unless(any + lost <= top_ups + 1e-6, "who is lost is no success", (i, any, lost));
        let harmed = count("user_harm_per_million");
        for harm in HARMS {
            let law = "who is harmed in one way is harmed";
            broken.unless(count(harm) <= harmed + 1e-6, law, (i, harm, count(harm), harmed));
        }
        let parts = ["channel", "provider", "access"]
            .iter()
            .flat_map(|kind| numbers.groups("captures_max").remove(*kind).unwrap_or_default());
        let most = parts.map(|group| numbers.value(i, ["captures_max", group, "all"]));
        let (most, all) = (most.fold(0.0, f64::max), value("captures_max"));
        broken.unless(most == all, "the most captures of all are those of a group", (i, most, all));
    }
}

/// Each line of the summary is what its replications say.
pub(crate) fn summary(book: &Book, numbers: &Numbers, broken: &mut Broken) {
    let lines = book["summary"].lines().filter(|line| line.text("statistic") == "mean");
    let mut told = 0;
    for line in lines {
        broken.unless_inside(line, ["value", "ci_low", "ci_high"]);
        let name = ["metric", "group", "window"].map(|column| line.text(column));
        let Some(values) = numbers.all(name) else {
            broken.unless(false, "a line of the summary has its replications", name);
            continue;
        };
        told += 1;
        let seen: Vec<f64> = values.iter().copied().flatten().collect();
        if !name[0].contains("latency_p") {
            let law = "replications with a value are counted";
            broken.unless(line.count("replications") == seen.len() as u64, law, name);
        }
        mean(line, name, (&seen, numbers), broken);
    }
    let all = numbers.values.len();
    broken.unless(told == all, "all replications are summed up", (told, all));
}

/// The mean of the replications, or where few events happened, those of all top-ups together.
fn mean(line: Line, name: [&str; 3], (seen, of): (&[f64], &Numbers), broken: &mut Broken) {
    let value = line.number("value");
    let mean = seen.iter().sum::<f64>() / seen.len() as f64;
    let is_mean = value.is_none_or(|value| same(value, mean));
    let pooled =
        line.text("interval").starts_with("korn") || line.text("interval").contains("pooled");
    let sums = |of_one: &dyn Fn(usize) -> f64| (0..of.replications).map(of_one).sum::<f64>();
    if name[0] == "failed_attempt_share" {
        let sent = ["attempts_per_top_up", name[1], name[2]];
        let failed = sums(&|i| of.value(i, name) * of.count(i, sent));
        let law = "events are those of the replications";
        broken.unless(same(failed, line.count("events") as f64), law, (name, failed));
    } else if OF_TOP_UPS.contains(&name[0]) {
        let events = sums(&|i| of.count(i, name));
        let law = "events are those of the replications";
        broken.unless(same(events, line.count("events") as f64), law, (name, events));
        let top_ups = sums(&|i| of.value(i, ["top_ups", name[1], name[2]]));
        let per = if name[0].ends_with("_per_million") { 1e6 } else { 1.0 };
        let is_share = value.is_none_or(|value| same(value, events / top_ups * per));
        let law = "a share is the mean of its replications, or events of all top-ups";
        broken.unless(is_mean || pooled && is_share, law, (name, value, mean, events, top_ups));
    } else if line.text("interval") == "t" {
        broken.unless(is_mean, "a value is the mean of its replications", (name, value, mean));
    }
}
