//! Comparisons through the public door: pairing, verdicts, incident sets, what a rule chooses.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use topup_sim::record::registry::Metric;
use topup_sim::report::compared::compared;
use topup_sim::report::csv::csv_of;
use topup_sim::report::tables::Compared;
use topup_sim::scenario::{
    Overlay, ReadOptions, Scenario, Source, incident_sets, list, read, read_arms,
};
use topup_sim::study::compare::{
    Asked, Contrast, Recommendation, Rule, Smallest, Standing, Way, recommend,
};
use topup_sim::study::estimate::estimates;
use topup_sim::study::run::{RunInputs, Unwatched, run};
use topup_sim::study::{Arm, Comparison, Crew, Lineup, NoJournal, compare};

/// A wire that loses a fifth of all messages, and a bank that is sometimes short of money.
const TEXT: &str = r#"
schema_version = 1
extends = "identity.toml"
length = "30s"
replications = 6
[network.wire]
loss = "20%"
[client]
timeout = "1s"
retry = { fixed = { pause = "100ms", attempts_max = 2 } }
[variants.twin]
says = "the scenario under another name"
[variants.never.client]
retry = "never"
[variants.eager.client]
retry = { fixed = { pause = "100ms", attempts_max = 6 } }
[variants.eager-too]
client.retry = { fixed = { pause = "100ms", attempts_max = 6 } }
"#;

fn source() -> Source {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    Source::Text { name: "lossy.toml".to_owned(), text: TEXT.to_owned(), folder }
}

/// The scenario itself and some of its variants, in each of these sets.
fn arms(variants: &[&str], sets: &[&str]) -> (Lineup, Vec<Scenario>) {
    let of = |set: &&str| -> Vec<Overlay> {
        let across = Some((*set).to_owned()).filter(|set| !set.is_empty());
        let base = Overlay { across: across.clone(), ..Overlay::default() };
        let variant = |name: &&str| Overlay { across: across.clone(), ..Overlay::of_variant(name) };
        [base].into_iter().chain(variants.iter().map(variant)).collect()
    };
    let overlays: Vec<Overlay> = sets.iter().flat_map(of).collect();
    let scenarios = read_arms(&source(), &ReadOptions::default(), &overlays);
    let scenarios = scenarios.unwrap_or_else(|faults| panic!("{faults}"));
    let names = ["base"].iter().chain(variants).map(|name| (*name).to_owned()).collect();
    let sets = sets.iter().map(|set| (*set).to_owned()).collect();
    (Lineup { arms: names, sets, baseline: 0 }, scenarios)
}

fn ran(lineup: &Lineup, scenarios: &[Scenario], threads: usize) -> Comparison {
    let runs: Vec<Arm> = scenarios.iter().map(|one| Arm::of(&one.name, one)).collect();
    let (progress, cancel) = (&Unwatched, &AtomicBool::new(false));
    compare(lineup.clone(), &runs, &Crew { threads, progress, cancel, journal: &NoJournal })
}

fn metric(name: &str) -> &'static Metric {
    Metric::by_name(name).unwrap()
}

fn asked(rule: &str) -> Asked {
    Asked {
        metrics: vec![metric("success_share"), metric("attempts_per_top_up")],
        window: "all".to_owned(),
        smallest: Smallest::default(),
        rule: Rule::parse(rule).unwrap(),
    }
}

fn tables(
    comparison: &Comparison,
    scenarios: &[Scenario],
    rule: &str,
) -> (Compared, Recommendation) {
    let asked = asked(rule);
    let recommendation = recommend(comparison, &asked.rule, &asked.window);
    (compared(comparison, scenarios, &asked, &recommendation), recommendation)
}

const MOST_SUCCESS: &str = "max success_share";

#[test]
fn an_identical_variant_differs_by_nothing_bit_for_bit() {
    let (lineup, scenarios) = arms(&["twin", "eager", "eager-too"], &[""]);
    let comparison = ran(&lineup, &scenarios, 2);
    let all = comparison.differences(&Smallest::default());
    let of = |arm: usize| all.iter().filter(move |one| one.arm == arm);
    assert!(of(1).count() > 100);
    for one in of(1) {
        assert_eq!(one.contrast, Contrast::Same, "{}", one.metric.name);
        assert_eq!(one.paired.difference.value.to_bits(), 0.0_f64.to_bits(), "{}", one.metric.name);
    }
    // the control: what does differ is seen to
    assert!(of(2).any(|one| matches!(one.contrast, Contrast::Clear(_))));
    // and two that are the same differ from a third by the same bits
    for (one, other) in of(2).zip(of(3)) {
        assert_eq!(one.paired, other.paired, "{}", one.metric.name);
    }
}

#[test]
fn arms_meet_the_same_users_and_the_differences_shrink() {
    let (lineup, mut scenarios) = arms(&["never", "eager"], &[""]);
    scenarios.iter_mut().for_each(|one| one.replications = 30);
    let comparison = ran(&lineup, &scenarios, 2);
    let difference = |arm, name| {
        comparison.difference((0, arm), metric(name), "all", &Smallest::default()).unwrap()
    };
    for (arm, name) in [(1, "success_share"), (2, "attempts_per_top_up")] {
        assert_eq!(difference(arm, "top_ups").contrast, Contrast::Same);
        let paired = difference(arm, name).paired;
        assert!(paired.correlation.unwrap() > 0.0, "{name}: {paired:?}");
    }
    assert_eq!(difference(1, "success_share").contrast, Contrast::Clear(Way::Worse));
    assert_eq!(difference(2, "success_share").contrast, Contrast::Clear(Way::Better));
    // what differs after the second attempt only changes nothing for those who needed one
    let first = difference(2, "first_attempt_success_share");
    assert_eq!(first.contrast, Contrast::Same);
}

#[test]
fn an_arm_has_the_estimates_of_its_own_run() {
    let (lineup, scenarios) = arms(&["eager"], &[""]);
    let comparison = ran(&lineup, &scenarios, 2);
    for (arm, scenario) in scenarios.iter().enumerate() {
        let inputs = RunInputs::of(scenario);
        let alone = run(&inputs, 1, &Unwatched, &AtomicBool::new(false));
        assert_eq!(comparison.cell(0, arm).estimates, estimates(&alone, &scenario.plan));
        assert_eq!(comparison.cell(0, arm).pooled, alone.pooled);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_tables() {
    let (lineup, scenarios) = arms(&["never", "eager"], &["calm", "outage"]);
    let bytes = |threads: usize| {
        let comparison = ran(&lineup, &scenarios, threads);
        let (tables, _) = tables(&comparison, &scenarios, MOST_SUCCESS);
        [
            csv_of(&tables.summary),
            csv_of(&tables.differences),
            csv_of(&tables.replications),
            csv_of(&tables.timeline),
            csv_of(&tables.matrix),
            csv_of(&tables.regrets),
        ]
    };
    assert_eq!(bytes(1), bytes(3));
}

#[test]
fn a_plain_run_leaves_variants_alone() {
    let plain = read(source(), &ReadOptions::default()).unwrap();
    let without = TEXT.split("[variants").next().unwrap().to_owned();
    let Source::Text { name, folder, .. } = source() else { unreachable!() };
    let bare = read(Source::Text { name, folder, text: without }, &ReadOptions::default()).unwrap();
    assert_eq!((&plain.effective, &plain.plan_hash), (&bare.effective, &bare.plan_hash));
    let names: Vec<&str> = plain.variants.iter().map(|variant| variant.name.as_str()).collect();
    assert_eq!(names, ["twin", "never", "eager", "eager-too"], "in the order of the file");
    assert_eq!(plain.variants[0].says.as_deref(), Some("the scenario under another name"));
    let variant = Some("never".to_owned());
    let never = read(source(), &ReadOptions { variant, ..ReadOptions::default() }).unwrap();
    assert_eq!(never.plan.client.retry.attempts_max(), 1);
    assert_ne!(never.plan_hash, plain.plan_hash);
}

#[test]
fn a_set_on_the_command_line_holds_for_every_arm_and_varied_values_win() {
    let sets = vec!["client.retry=never".to_owned(), "client.timeout=3s".to_owned()];
    let options = ReadOptions { sets, ..ReadOptions::default() };
    let varied = vec!["client.timeout=5s".to_owned()];
    let overlays =
        [Overlay::of_variant("eager"), Overlay { varied, ..Overlay::of_variant("eager") }];
    let arms = read_arms(&source(), &options, &overlays).unwrap();
    let timeouts: Vec<u64> = arms.iter().map(|arm| arm.plan.client.timeout).collect();
    assert_eq!(timeouts, [3_000_000_000, 5_000_000_000]);
    assert!(arms.iter().all(|arm| arm.plan.client.retry.attempts_max() == 1));
}

#[test]
fn the_variants_of_shipped_scenarios_can_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut checked = 0;
    for listed in list(&folder).unwrap() {
        let source = Source::File(listed.path);
        let base = read(source.clone(), &ReadOptions::default()).unwrap();
        let overlays = base.variants.iter().map(|variant| Overlay::of_variant(&variant.name));
        let overlays: Vec<Overlay> = overlays.collect();
        checked += overlays.len();
        if let Err(faults) = read_arms(&source, &ReadOptions::default(), &overlays) {
            panic!("{}:\n{faults}", listed.name);
        }
    }
    assert!(checked >= 4, "only {checked} variants ship");
}

#[test]
fn every_incident_set_fits_every_shipped_scenario() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let sets: Vec<Overlay> = incident_sets()
        .into_iter()
        .map(|set| Overlay { across: Some(set.name), ..Overlay::default() })
        .collect();
    for name in ["identity", "amazon-cn-balance", "psp-failover", "card-trace", "wechat-pay"] {
        let source = Source::File(folder.join(format!("{name}.toml")));
        let arms = read_arms(&source, &ReadOptions::default(), &sets);
        let arms = arms.unwrap_or_else(|faults| panic!("{name}:\n{faults}"));
        assert_eq!(arms.len(), sets.len());
    }
}

#[test]
fn incidents_cost_success_and_regrets_are_against_the_best_of_each_set() {
    let (lineup, scenarios) = arms(&["never", "eager"], &["calm", "outage"]);
    let comparison = ran(&lineup, &scenarios, 2);
    let (tables, chosen) = tables(&comparison, &scenarios, MOST_SUCCESS);
    let value = |set, arm| comparison.cell(set, arm).of_all("success_share", "all").unwrap();
    let value = |set, arm| value(set, arm).estimate.unwrap().value;
    assert!(value(1, 0) < value(0, 0) - 0.05, "a tenth of the time nothing goes through");
    assert_eq!(chosen.arm, Some(2));
    assert!(chosen.matrix.regrets[2].worst.unwrap().0.abs() < 1e-12);
    let (worst, set) = chosen.matrix.regrets[1].worst.unwrap();
    let lost = |set| value(set, 2) - value(set, 1);
    assert!((worst - lost(set)).abs() < 1e-12 && worst >= lost(0).max(lost(1)) - 1e-12);
    assert!(tables.advice.starts_with("eager is the best"), "{}", tables.advice);
}

#[test]
fn a_rule_leaves_out_what_breaks_its_limits() {
    let (lineup, scenarios) = arms(&["never", "eager"], &[""]);
    let comparison = ran(&lineup, &scenarios, 2);
    let rule = "attempts_per_top_up <= 1.35, then max success_share";
    let (tables, chosen) = tables(&comparison, &scenarios, rule);
    // P(attempt fails) = 1 - 0.8^2 = 0.36: 1.36 attempts in the base, more in eager, 1 in never
    assert_eq!(chosen.standings[1], [Standing::Keeps]);
    assert_eq!(chosen.standings[2], [Standing::Breaks(0)]);
    assert_eq!(chosen.standings[0], [Standing::Uncertain]);
    assert_eq!(chosen.arm, Some(0), "what may keep the limit stays");
    assert!(tables.advice.contains("uncertain whether it keeps attempts_per_top_up <= 1.35"));
    let (tables, none) =
        self::tables(&comparison, &scenarios, "attempts_per_top_up <= 0.5, max success_share");
    assert_eq!(none.arm, None);
    assert!(
        tables.advice.starts_with("No arm keeps every limit: base breaks"),
        "{}",
        tables.advice
    );
}

#[test]
fn what_cannot_be_told_apart_is_said_and_the_next_objective_decides() {
    let (lineup, scenarios) = arms(&["eager", "eager-too"], &[""]);
    let comparison = ran(&lineup, &scenarios, 2);
    let (tables, chosen) = tables(&comparison, &scenarios, MOST_SUCCESS);
    assert_eq!((chosen.arm, &chosen.ties[..]), (Some(1), &[2][..]));
    assert!(tables.advice.contains("cannot be told apart"), "{}", tables.advice);
    let rule = "max top_ups, then max success_share, then min attempts_per_top_up";
    let (_, chosen) = self::tables(&comparison, &scenarios, rule);
    assert_eq!((chosen.arm, &chosen.ties[..]), (Some(1), &[2][..]));
}

#[test]
fn what_is_interrupted_at_once_has_no_replication() {
    let (lineup, scenarios) = arms(&["never"], &[""]);
    let runs: Vec<Arm> = scenarios.iter().map(|one| Arm::of("x", one)).collect();
    let (progress, cancel) = (&Unwatched, &AtomicBool::new(true));
    let crew = Crew { threads: 1, progress, cancel, journal: &NoJournal };
    let comparison = compare(lineup, &runs, &crew);
    assert!(comparison.partial && comparison.fewest() == 0 && comparison.complete() == 0);
}

#[test]
fn one_replication_alone_tells_nothing_but_what_is_the_same() {
    let (lineup, mut scenarios) = arms(&["twin", "never"], &[""]);
    scenarios.iter_mut().for_each(|one| one.replications = 1);
    let comparison = ran(&lineup, &scenarios, 1);
    let of = |arm| {
        let smallest = Smallest::default();
        comparison.difference((0, arm), metric("attempts_per_top_up"), "all", &smallest).unwrap()
    };
    assert_eq!([of(1).contrast, of(2).contrast], [Contrast::Same, Contrast::Unknown]);
}

/// What is wrong with a variant of the scenario.
fn refused(overlay: Overlay, more: &str) -> String {
    let Source::Text { name, folder, text } = source() else { unreachable!() };
    let source = Source::Text { name, folder, text: text + more };
    assert!(read(source.clone(), &ReadOptions::default()).is_ok(), "a run leaves variants alone");
    let faults = read_arms(&source, &ReadOptions::default(), &[Overlay::default(), overlay]);
    faults.expect_err("the arm is at fault").render(false)
}

#[test]
fn a_bad_variant_earns_a_sentence_with_its_place() {
    let bad = |name: &str, more: &str| refused(Overlay::of_variant(name), more);
    let shown = bad("typo", "[variants.typo.client]\ntimeuot = \"5s\"\n");
    assert!(shown.contains("error: variants.typo: client.timeuot is no key"), "{shown}");
    assert!(shown.contains("--> lossy.toml:20:1") && shown.contains("timeout"), "{shown}");
    let shown = bad("unit", "[variants.unit]\nclient.timeout = 5\n");
    assert!(shown.contains("variants.unit: client.timeout: 5 has no unit"), "{shown}");
    let shown = bad("nevr", "");
    assert!(shown.contains("\"nevr\" is no variant") && shown.contains("`never`"), "{shown}");
}

#[test]
fn a_bad_value_of_a_list_earns_a_sentence_with_its_place() {
    let vary =
        |set: &str| refused(Overlay { varied: vec![set.to_owned()], ..Overlay::default() }, "");
    let shown = vary("client.timeout=fast");
    assert!(shown.contains("--vary client.timeout=fast: client.timeout"), "{shown}");
    assert!(shown.contains("--> --vary:1:16"), "{shown}");
    assert!(vary("seed=2").contains("seed cannot vary"));
    assert!(vary("length=2h").contains("meet the same users over the same time"));
}
