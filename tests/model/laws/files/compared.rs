//! What a comparison says of two arms, against what it says of each.

use std::collections::BTreeMap;

use super::sheet::{Book, Broken, same};

/// Variant, metric, group and window.
type Name<'b> = [&'b str; 4];

/// Laws that the files of a comparison do not keep.
pub(crate) fn broken(book: &Book) -> Vec<String> {
    let mut broken = Broken::default();
    let arms = arms(book, &mut broken);
    differences(book, &arms, &mut broken);
    regrets(book, &arms, &mut broken);
    broken.0
}

/// The value of each arm, which is the mean of its replications where these are told.
fn arms<'b>(book: &'b Book, broken: &mut Broken) -> BTreeMap<Name<'b>, Option<f64>> {
    let mut replications: BTreeMap<Name, Vec<f64>> = BTreeMap::new();
    for line in book["replications"].lines() {
        let name = ["variant", "metric", "group", "window"].map(|column| line.text(column));
        replications.entry(name).or_default().extend(line.number("value"));
    }
    let mut arms = BTreeMap::new();
    for line in book["summary"].lines().filter(|line| line.text("statistic") == "mean") {
        broken.unless_inside(line, ["value", "ci_low", "ci_high"]);
        let name = ["variant", "metric", "group", "window"].map(|column| line.text(column));
        let value = line.number("value");
        arms.insert(name, value);
        let told = replications.get(&name).filter(|_| line.text("interval") == "t");
        if let Some(seen) = told {
            let mean = seen.iter().sum::<f64>() / seen.len() as f64;
            let law = "a value is the mean of its replications";
            broken.unless(value.is_some_and(|value| same(value, mean)), law, (name, value, mean));
        }
    }
    let missing = replications.keys().find(|name| !arms.contains_key(*name));
    broken.unless(missing.is_none(), "all replications are summed up", missing);
    arms
}

/// A difference is that of the two values; arms that are the same do not differ.
fn differences(book: &Book, arms: &BTreeMap<Name, Option<f64>>, broken: &mut Broken) {
    for line in book["differences"].lines() {
        broken.unless_inside(line, ["difference", "ci_low", "ci_high"]);
        broken.unless_inside(line, ["relative", "relative_ci_low", "relative_ci_high"]);
        let [metric, group, window] = ["metric", "group", "window"].map(|column| line.text(column));
        let of = |arm: &str| arms.get(&[line.text(arm), metric, group, window]).copied().flatten();
        let [baseline, variant, difference] =
            ["baseline_value", "variant_value", "difference"].map(|column| line.number(column));
        let (law, name) = ("a difference has the values of its arms", (metric, group, window));
        broken.unless(baseline == of("baseline"), law, (name, baseline, of("baseline")));
        broken.unless(variant == of("variant"), law, (name, variant, of("variant")));
        if let [Some(baseline), Some(variant), Some(difference)] = [baseline, variant, difference] {
            let paired = line.text("interval") == "t";
            let law = "a difference is that of its values";
            let holds = !paired || same(variant - baseline, difference);
            broken.unless(holds, law, (name, baseline, variant, difference));
        }
        let is_same = line.text("verdict") == "the same";
        let law = "arms that are the same do not differ";
        broken.unless(!is_same || difference == Some(0.0), law, (name, difference));
    }
}

/// The best arm regrets nothing, any other what it lacks of the best.
fn regrets(book: &Book, arms: &BTreeMap<Name, Option<f64>>, broken: &mut Broken) {
    for line in book["matrix"].lines() {
        let [metric, window] = ["metric", "window"].map(|column| line.text(column));
        let of = |arm: &str| arms.get(&[line.text(arm), metric, "all", window]).copied().flatten();
        let (own, best) = (of("variant"), of("best_variant"));
        let (value, regret) = (line.number("value"), line.number("regret").unwrap());
        broken.unless(value == own, "an arm has its value", (metric, value, own));
        let lacks = (best.unwrap() - own.unwrap()).abs();
        let law = "an arm regrets what it lacks of the best";
        broken.unless(same(regret, lacks), law, (metric, regret, own, best));
    }
}
