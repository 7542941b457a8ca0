//! Queues, times until credit and refund, prices, and what was published.

use std::collections::BTreeMap;

use super::numbers::Numbers;
use super::sheet::{Book, Broken, Line, near, same};

/// Who waits, waits for a time; quantiles ascend; a pool holds those that wait and are served.
pub(crate) fn queues(book: &Book, broken: &mut Broken) {
    let mut pools: BTreeMap<&str, (f64, [Option<f64>; 2])> = BTreeMap::new();
    for line in book["queues"].lines() {
        let name = (line.text("pool"), line.text("class"));
        let [share, wait, length] = ["waiting_share", "wait_mean_s", "waiting_mean"]
            .map(|column| line.number(column).unwrap_or(0.0));
        broken.unless((0.0..=1.0).contains(&share), "a share lies between 0 and 1", (name, share));
        let law = "who waits is in the queue";
        broken.unless(length > 0.0 || wait == 0.0, law, (name, share, wait, length));
        let waited = share * line.count("arrived") as f64;
        broken.unless(same(waited, waited.round()), "a count is whole", (name, "waited", waited));
        let is_mixed = share < 1.0 && wait > 0.0 && line.count("arrived") > 1_000;
        let spread = line.number("wait_sd_s").unwrap_or(0.0);
        let law = "where some wait for a time and others do not, waits differ";
        broken.unless(spread > 0.0 || !is_mixed, law, (name, share, spread));
        for columns in [
            ["wait_p50_s", "wait_p95_s"],
            ["wait_p95_s", "wait_p99_s"],
            ["sojourn_p95_s", "sojourn_p99_s"],
        ] {
            if let [Some(less), Some(more)] = columns.map(|column| line.number(column)) {
                broken.unless(less <= more, "quantiles ascend", (name, columns, less, more));
            }
        }
        if let Some(sojourn) = line.number("sojourn_mean_s") {
            broken.unless(wait <= sojourn, "who waits stays", (name, wait, sojourn));
        }
        let all = ["in_system_mean", "utilisation"].map(|column| line.number(column));
        let pool = pools.entry(name.0).or_insert((0.0, all));
        broken.unless(pool.1 == all, "classes of a pool share it", (name, pool.1, all));
        if !name.1.starts_with("top_up_") {
            pool.0 += length;
        }
    }
    for (name, (waiting, [inside, busy])) in pools {
        let inside = inside.unwrap_or(waiting);
        let law = "in the system are those that wait and those at work";
        broken.unless(waiting <= inside + 1e-9, law, (name, waiting, inside));
        if busy == Some(0.0) {
            broken.unless(same(waiting, inside), law, (name, waiting, inside, "no worker is busy"));
        }
    }
}

/// Requests of top-ups turned away or gone are those that the summary counts.
pub(crate) fn turned_away(book: &Book, broken: &mut Broken) {
    for (metric, column) in [("shed_share", "shed"), ("abandon_share", "abandoned")] {
        let gateway = |line: &Line| {
            !line.text("pool").starts_with("station:") && line.text("class") == "top_up"
        };
        let of_pools: u64 =
            book["queues"].lines().filter(gateway).map(|line| line.count(column)).sum();
        let counted = of_summary(book, metric).map_or(0, |line| line.count("events"));
        let law = "who is turned away, or leaves, is counted in both tables";
        broken.unless(of_pools == counted, law, (metric, of_pools, counted));
    }
}

fn of_summary<'b>(book: &'b Book, metric: &str) -> Option<Line<'b>> {
    book["summary"].lines().find(|line| {
        [line.text("metric"), line.text("group"), line.text("window"), line.text("statistic")]
            == [metric, "all", "all", "mean"]
    })
}

/// Little's law over all replications, for pools that nobody leaves unserved and whose queues are
/// empty at both ends of the measured time: workers asked for x mean wait = mean queue x time.
pub(crate) fn little(book: &Book, (pool, seconds): (&str, f64), broken: &mut Broken) {
    let mut held = 0;
    for line in book["queues"].lines().filter(|line| line.text("pool") == pool) {
        let lost: u64 = ["abandoned", "blocked"].iter().map(|column| line.count(column)).sum();
        let waits = line.number("wait_mean_s").unwrap_or(0.0) * line.count("arrived") as f64;
        let queue = line.number("waiting_mean").unwrap_or(0.0) * seconds;
        let law = "Little's law: L = arrivals x W";
        broken.unless(
            lost == 0 && near(waits, queue, 1e-3),
            law,
            (line.text("class"), waits, queue),
        );
        held += usize::from(queue > 0.0);
    }
    broken.unless(held > 0, "somebody waits in the pool", pool);
}

/// Curves ascend to all that they count; groups add up; their counts stand in the summary as well.
pub(crate) fn latencies(book: &Book, broken: &mut Broken) {
    for (table, metrics) in
        [("latency", &["call_latency", "credit_latency"][..]), ("refunds", &["refund_latency"])]
    {
        let mut counts: BTreeMap<[&str; 2], (u64, [f64; 2])> = BTreeMap::new();
        for line in book[table].lines() {
            let name = ["metric", "group"].map(|column| line.text(column));
            let point = ["value_s", "share"].map(|column| line.number(column).unwrap());
            let count = line.count("count");
            let (of, last) = counts.insert(name, (count, point)).unwrap_or((count, [-1.0; 2]));
            let ascends = last[0] < point[0] && last[1] <= point[1] && of == count;
            broken.unless(ascends, "a curve ascends", (name, last, point, of, count));
        }
        for (name, (_, [_, share])) in &counts {
            broken.unless(*share == 1.0, "a curve reaches all that it counts", (name, share));
        }
        for metric in metrics {
            let of = |(name, (count, _)): (&[&str; 2], &(u64, _))| {
                (name[0] == format!("{metric}_s")).then_some((name[1] == "all", *count))
            };
            let found: Vec<(bool, u64)> = counts.iter().filter_map(of).collect();
            let sum = |all| found.iter().filter(|one| one.0 == all).map(|one| one.1).sum::<u64>();
            let (all, groups) = (sum(true), sum(false));
            let has_groups = found.iter().any(|one| !one.0);
            broken.unless(!has_groups || all == groups, "groups add up", (metric, all, groups));
            for quantile in ["p50", "p95", "p99"] {
                let counted = of_summary(book, &format!("{metric}_{quantile}_s"));
                let counted = counted.map_or(0, |line| line.count("events"));
                let law = "what a curve counts stands in the summary";
                broken.unless(all == counted, law, (metric, quantile, all, counted));
            }
        }
    }
    let of = |metric| of_summary(book, metric).map_or(0, |line| line.count("events"));
    let [refunds, timed] = ["refunds_per_million", "refund_latency_p50_s"].map(of);
    broken.unless(refunds == timed, "every refund has its time", (refunds, timed));
}

/// The parts of the cost add up to it, in every replication and in the table.
pub(crate) fn costs(book: &Book, numbers: &Numbers, broken: &mut Broken) {
    let Some(sheet) = book.get("cost") else { return };
    let total = sheet.lines().find(|line| line.text("part") == "total").expect("a total");
    let total = total.number("value").unwrap();
    let parts: Vec<Line> = sheet.lines().filter(|line| line.text("part") != "total").collect();
    let sum: f64 = parts.iter().filter_map(|line| line.number("value")).sum();
    broken.unless(same(sum, total), "parts add up to the cost", (sum, total));
    for line in sheet.lines() {
        broken.unless_inside(line, ["value", "ci_low", "ci_high"]);
        let (part, value) = (line.text("part"), line.number("value").unwrap());
        let share = line.number("share_of_total").unwrap();
        broken.unless(same(share, value / total), "a part has its share", (part, share));
        let metric = match part {
            "total" => "cost_per_1000".to_owned(),
            part => format!("cost_{part}_per_1000"),
        };
        let told = of_summary(book, &metric).and_then(|line| line.number("value"));
        broken.unless(told == Some(value), "the summary has the same cost", (part, told, value));
        let all = line.count("replications") == numbers.replications as u64;
        broken.unless(all, "every replication has its cost", part);
    }
    for i in 0..numbers.replications {
        let of = |metric: &str| numbers.value(i, [metric, "all", "all"]);
        let parts = parts.iter().map(|line| of(&format!("cost_{}_per_1000", line.text("part"))));
        let (sum, total) = (parts.sum::<f64>(), of("cost_per_1000"));
        broken.unless(same(sum, total), "parts add up to the cost", (i, sum, total));
    }
}

/// What is held against a published fact is what the summary says.
pub(crate) fn published(book: &Book, broken: &mut Broken) {
    for line in book.get("published").iter().flat_map(|sheet| sheet.lines()) {
        let name = ["metric", "group", "window"].map(|column| line.text(column));
        let same_name = |other: &Line| {
            ["metric", "group", "window"].map(|column| other.text(column)) == name
                && other.text("statistic") == "mean"
        };
        let told = book["summary"].lines().find(same_name).map(|told| told.number("value"));
        let simulated = line.number("simulated");
        let law = "what is held against a fact stands in the summary";
        broken.unless(told == Some(simulated), law, (name, told, simulated));
    }
    for line in book.get("rankings").iter().flat_map(|sheet| sheet.lines()) {
        broken.unless_inside(line, ["share", "ci_low", "ci_high"]);
        broken.unless_inside(line, ["rank", "rank_best", "rank_worst"]);
    }
}
