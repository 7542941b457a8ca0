//! Values with a range, drawn once a replication: keyed, by their law, told, and found again.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use topup_sim::scenario::{ReadOptions, Scenario, Source, read};
use topup_sim::study::run::{RunInputs, RunResult, Unwatched, run};
use topup_sim::study::tornado::drawn_by;
use topup_sim::study::{Moves, moves};

/// A rate that moves nothing, and a share of declines that moves success.
const RANGED: &str = "
schema_version = 1
extends = \"identity.toml\"
length = \"100s\"
replications = 40
arrivals.rate = { value = \"10/s\", source = \"assumed\", low = \"5/s\", high = \"15/s\" }
targets.success_share = \">= 85%\"

[banks.named.bank]
weight = 1
business = { value = \"10%\", source = \"assumed\", low = \"5%\", high = \"30%\" }
";

fn refused(text: &str, sets: &[&str], uncertainty: bool) -> Result<Scenario, String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let source = Source::Text { name: "ranged".to_owned(), text: text.to_owned(), folder };
    let sets = sets.iter().map(|set| (*set).to_owned()).collect();
    let options = ReadOptions { sets, uncertainty, ..ReadOptions::default() };
    read(source, &options).map_err(|faults| faults.render(false))
}

fn scenario(sets: &[&str], uncertainty: bool) -> Scenario {
    refused(RANGED, sets, uncertainty).unwrap_or_else(|faults| panic!("{faults}"))
}

fn played(scenario: &Scenario, threads: usize) -> RunResult {
    run(&RunInputs::of(scenario), threads, &Unwatched, &AtomicBool::new(false))
}

/// The drawn values of an input, replication by replication.
fn drawn(scenario: &Scenario, path: &str) -> Vec<f64> {
    let uncertain = scenario.uncertain.as_ref().expect("ranges are drawn");
    let at = uncertain.inputs.iter().position(|input| input.path == path).expect("it has a range");
    let numbers: Vec<u32> = (0..scenario.replications).collect();
    let drawn = drawn_by(&RunInputs::of(scenario), uncertain, &numbers);
    let number = |text: &str| uncertain.inputs[at].number(text);
    drawn.iter().map(|(_, drawn)| number(&drawn.values[at])).collect()
}

#[test]
fn each_replication_runs_with_the_values_it_has_drawn() {
    let scenario = scenario(&[], true);
    let (rates, result) = (drawn(&scenario, "arrivals.rate"), played(&scenario, 2));
    for (summary, rate) in result.replications.iter().zip(&rates) {
        let (came, expected) = (summary.all.top_ups as f64, 100.0 * rate);
        assert!((came - expected).abs() < 6.0 * expected.sqrt(), "{came} v {expected}");
    }
    // triangular: mean 10, standard deviation 5 / sqrt(6); six standard errors of forty
    let n = rates.len() as f64;
    let mean = rates.iter().sum::<f64>() / n;
    assert!((mean - 10.0).abs() < 6.0 * 5.0 / 6.0_f64.sqrt() / n.sqrt(), "{mean}");
    assert!(rates.iter().all(|rate| (5.0..=15.0).contains(rate)));
    let spread = rates.iter().map(|rate| (rate - mean) * (rate - mean)).sum::<f64>() / (n - 1.0);
    assert!((2.0..8.0).contains(&spread), "variance 25/6: {spread}");
}

#[test]
fn threads_change_nothing_and_paths_are_the_keys() {
    let base = scenario(&["replications=6"], true);
    assert!(played(&base, 1) == played(&base, 2));
    let other =
        scenario(&["replications=6", "client.timeout=3s", "banks.named.bank.business=1%"], true);
    assert_eq!(drawn(&base, "arrivals.rate"), drawn(&other, "arrivals.rate"));
    let seed = scenario(&["replications=6", "seed=2"], true);
    assert_ne!(drawn(&base, "arrivals.rate"), drawn(&seed, "arrivals.rate"));
}

#[test]
fn a_run_with_drawn_values_is_another_run() {
    let (without, with) = (scenario(&[], false), scenario(&[], true));
    assert!(without.uncertain.is_none());
    assert_ne!(without.plan_hash, with.plan_hash);
    assert_ne!(without.replication_key, with.replication_key);
    assert_eq!(without.effective, with.effective);
    let inputs = RunInputs::of(&without);
    assert!(
        Arc::ptr_eq(&inputs.plan_of(3), &inputs.plan),
        "nothing is built where nothing is drawn"
    );
}

#[test]
fn what_moves_the_result_is_found_and_what_does_not_is_not() {
    let scenario = scenario(&[], true);
    let rows = moves(&scenario, &played(&scenario, 2));
    let success: Vec<&Moves> = rows.iter().filter(|row| row.metric == "success_share").collect();
    let paths: Vec<&str> = success.iter().map(|row| row.input.path.as_str()).collect();
    assert_eq!(paths, ["banks.named.bank.business", "arrivals.rate"]);
    // every point of declines costs a point: 25 of them from end to end
    let business = success[0];
    assert!((business.swing.value + 0.25).abs() < 0.03, "{:?}", business.swing);
    assert!((business.ends.0 - 0.95).abs() < 0.02 && (business.ends.1 - 0.70).abs() < 0.02);
    assert!(business.is_clear() && business.flips(), "85 % lies between");
    assert!(business.correlation.expect("it varies").value < -0.9);
    assert!(!success[1].flips(), "nobody's luck depends on how many come");
}

#[test]
fn ranges_that_cannot_be_drawn_earn_a_sentence() {
    let none = refused("schema_version = 1\nextends = \"identity.toml\"\n", &[], true);
    assert!(none.expect_err("no range").contains("has nothing to draw"));
    // what was published has a range to be held against
    let published = "published.x = { metric = \"success_share\", kind = \"fitted\", \
                     value = \"9%\", low = \"8%\", high = \"10%\", source = \"S\" }";
    let text = format!("schema_version = 1\nextends = \"identity.toml\"\n{published}\n");
    assert!(refused(&text, &[], true).expect_err("no range").contains("has nothing to draw"));
    let share = "channels.direct.share={value=\"100%\",low=\"50%\",high=\"100%\"}";
    let fault = refused(RANGED, &[share], true).expect_err("shares must sum to 100 %");
    assert!(fault.contains("channels.direct.share has a range that cannot be drawn"), "{fault}");
    assert!(fault.contains("at its low end"), "{fault}");
}

#[test]
fn a_price_with_a_range_is_drawn_and_changes_nothing_but_the_cost() {
    let price = "cost.attempt={ value = '0.02 CNY', source = 'assumed', low = '0.01 CNY', \
                 high = '0.05 CNY' }";
    let sets = ["replications=8"];
    let (without, with) = (scenario(&sets, true), scenario(&[price, sets[0]], true));
    let prices = drawn(&with, "cost.attempt");
    assert!(prices.iter().any(|price| *price < 0.02) && prices.iter().any(|price| *price > 0.02));
    let (bare, priced) = (played(&without, 2), played(&with, 2));
    for ((own, other), price) in priced.replications.iter().zip(&bare.replications).zip(prices) {
        let micros = u128::from(own.all.attempts) * (price * 1e6).round() as u128;
        assert_eq!((own.costs.total(), other.costs.total()), (Some(micros), None));
        assert_eq!((&own.all, &own.loads, &own.ledger), (&other.all, &other.loads, &other.ledger));
    }
}

#[test]
fn hours_are_charged_whatever_happens_and_lost_top_ups_one_by_one() {
    let prices =
        "cost={ worker_hour = '36 CNY', lost_top_up = '2 CNY', duplicate_charge = '9 CNY' }";
    let scenario = scenario(&["replications=2", "gateway.workers=5", prices], false);
    for summary in &played(&scenario, 1).replications {
        let lost = summary.all.top_ups - summary.all.credited();
        assert!(lost > 0, "a tenth is declined");
        // five workers for a hundred seconds at a hundredth a second: 5 CNY
        assert_eq!(summary.costs.total(), Some(5_000_000 + 2_000_000 * u128::from(lost)));
    }
}
