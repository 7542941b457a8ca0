//! What a comparison says of two arms, against what it says of each.

use std::collections::BTreeMap;

use super::numbers::OF_TOP_UPS;
use super::sheet::{Book, Broken, Line, same};

/// Variant, metric, group and window.
type Name<'b> = [&'b str; 4];

/// A value, the replications that have one, and whether it is their plain mean: of few events it
/// may be those of all top-ups together.
type Told = (Option<f64>, u64, bool);

/// Laws that the files of a comparison do not keep.
pub(crate) fn broken(book: &Book) -> Vec<String> {
    let mut broken = Broken::default();
    let replications = replications(book, &mut broken);
    let arms = arms(book, &replications, &mut broken);
    differences(book, &arms, &mut broken);
    regrets(book, &arms, &mut broken);
    targets(book, &arms, &mut broken);
    for line in book["timeline"].lines() {
        broken.unless_inside(line, ["value", "ci_low", "ci_high"]);
        let [from, to] = ["from_s", "to_s"].map(|column| line.number(column).unwrap());
        broken.unless(from < to, "a stretch of time has a length", (from, to));
    }
    broken.0
}

/// Values by arm and metric, in the order of the replications.
fn replications<'b>(book: &'b Book, broken: &mut Broken) -> BTreeMap<Name<'b>, Vec<Option<f64>>> {
    let mut replications: BTreeMap<Name, Vec<Option<f64>>> = BTreeMap::new();
    for line in book["replications"].lines() {
        let name = ["variant", "metric", "group", "window"].map(|column| line.text(column));
        let values = replications.entry(name).or_default();
        let number = line.count("replication");
        let law = "replications are numbered from 0";
        broken.unless(number == values.len() as u64, law, (name, number));
        values.push(line.number("value"));
    }
    replications
}

/// The value of each arm, which is the mean of its replications where these are told.
fn arms<'b>(
    book: &'b Book,
    replications: &BTreeMap<Name<'b>, Vec<Option<f64>>>,
    broken: &mut Broken,
) -> BTreeMap<Name<'b>, Told> {
    let mut arms = BTreeMap::new();
    for line in book["summary"].lines().filter(|line| line.text("statistic") == "mean") {
        broken.unless_inside(line, ["value", "ci_low", "ci_high"]);
        let name = ["variant", "metric", "group", "window"].map(|column| line.text(column));
        let (value, is_mean) = (line.number("value"), line.text("interval") == "t");
        arms.insert(name, (value, line.count("replications"), is_mean));
        let Some(told) = replications.get(&name) else { continue };
        let seen: Vec<f64> = told.iter().copied().flatten().collect();
        if !name[1].contains("latency_p") {
            let law = "replications with a value are counted";
            broken.unless(line.count("replications") == seen.len() as u64, law, name);
        }
        if is_mean {
            let mean = seen.iter().sum::<f64>() / seen.len() as f64;
            let law = "a value is the mean of its replications";
            broken.unless(value.is_some_and(|value| same(value, mean)), law, (name, value, mean));
        }
        if OF_TOP_UPS.contains(&name[1]) {
            let per = if name[1].ends_with("_per_million") { 1e6 } else { 1.0 };
            let top_ups = &replications[&[name[0], "top_ups", name[2], name[3]]];
            let pairs = told.iter().zip(top_ups).filter_map(|(share, n)| Some((*share)? * (*n)?));
            let (events, counted) = (pairs.sum::<f64>() / per, line.count("events") as f64);
            let law = "events are those of the replications";
            broken.unless(same(events, counted), law, (name, events, counted));
        }
    }
    let missing = replications.keys().find(|name| !arms.contains_key(*name));
    broken.unless(missing.is_none(), "all replications are summed up", missing);
    arms
}

/// A difference is that of the two values; arms that are the same do not differ.
fn differences(book: &Book, arms: &BTreeMap<Name, Told>, broken: &mut Broken) {
    for line in book["differences"].lines() {
        broken.unless_inside(line, ["difference", "ci_low", "ci_high"]);
        broken.unless_inside(line, ["relative", "relative_ci_low", "relative_ci_high"]);
        let [metric, group, window] = ["metric", "group", "window"].map(|column| line.text(column));
        let arm = |arm: &str| arms[&[line.text(arm), metric, group, window]];
        let of = |name: &str| arm(name).0;
        let [baseline, variant, difference] =
            ["baseline_value", "variant_value", "difference"].map(|column| line.number(column));
        let (law, name) = ("a difference has the values of its arms", (metric, group, window));
        broken.unless(baseline == of("baseline"), law, (name, baseline, of("baseline")));
        broken.unless(variant == of("variant"), law, (name, variant, of("variant")));
        if let [Some(baseline), Some(variant), Some(difference)] = [baseline, variant, difference] {
            let pairs = line.count("replications");
            let are_means = ["baseline", "variant"].iter().all(|name| {
                let (_, replications, is_mean) = arm(name);
                is_mean && replications == pairs
            });
            let law = "a difference is that of its values";
            let holds = !are_means || same(variant - baseline, difference);
            broken.unless(holds, law, (name, baseline, variant, difference));
        }
        let correlation = line.number("correlation").unwrap_or(0.0);
        let law = "a correlation lies between -1 and 1";
        broken.unless(correlation.abs() <= 1.0 + 1e-9, law, (name, correlation));
        let is_same = line.text("verdict") == "the same";
        let law = "arms that are the same do not differ";
        broken.unless(!is_same || difference == Some(0.0), law, (name, difference));
    }
}

/// The best arm regrets nothing, any other what it lacks of the best.
fn regrets(book: &Book, arms: &BTreeMap<Name, Told>, broken: &mut Broken) {
    for line in book["matrix"].lines() {
        broken.unless_inside(line, ["value", "ci_low", "ci_high"]);
        broken.unless_inside(line, ["regret", "regret_ci_low", "regret_ci_high"]);
        let [metric, window] = ["metric", "window"].map(|column| line.text(column));
        let of = |arm: &str| arms[&[line.text(arm), metric, "all", window]].0;
        let (own, best) = (of("variant"), of("best_variant"));
        let (value, regret) = (line.number("value"), line.number("regret").unwrap());
        broken.unless(value == own, "an arm has its value", (metric, value, own));
        let lacks = (best.unwrap() - own.unwrap()).abs();
        let law = "an arm regrets what it lacks of the best";
        broken.unless(same(regret, lacks), law, (metric, regret, own, best));
    }
    for line in book["regrets"].lines() {
        let name = ["variant", "metric", "window"].map(|column| line.text(column));
        let same_name =
            |other: &Line| ["variant", "metric", "window"].map(|column| other.text(column)) == name;
        let all = book["matrix"].lines().filter(same_name);
        let worst = all.filter_map(|line| line.number("regret")).fold(0.0, f64::max);
        let told = line.number("worst_regret").unwrap();
        broken.unless(told == worst, "the worst regret is one of the regrets", (name, told, worst));
    }
}

/// A target is held against what the summary says of its arm.
fn targets(book: &Book, arms: &BTreeMap<Name, Told>, broken: &mut Broken) {
    for line in book["targets"].lines() {
        broken.unless_inside(line, ["value", "ci_low", "ci_high"]);
        let name = ["variant", "metric", "group", "window"].map(|column| line.text(column));
        let (told, of_arm) = (line.number("value"), arms[&name].0);
        let law = "a target is held against the value of its arm";
        broken.unless(told == of_arm, law, (name, told, of_arm));
    }
}
