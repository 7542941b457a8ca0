//! What the source documents say of the ranking of causes, held against the shipped scenarios.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use topup_sim::scenario::{ReadOptions, Source, read};
use topup_sim::study::run::Unwatched;
use topup_sim::study::{Ranked, RunInputs, ranked, run};

/// The claims of a shipped scenario after a shortened run, by name.
fn claims(name: &str, replications: u32, sets: &[&str]) -> Vec<Ranked> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let options = ReadOptions {
        sets: sets.iter().map(|&set| set.to_owned()).collect(),
        replications: Some(replications),
        ..ReadOptions::default()
    };
    let scenario = read(Source::File(folder.join(name).with_extension("toml")), &options);
    let scenario = scenario.unwrap_or_else(|faults| panic!("{name}:\n{faults}"));
    let inputs = RunInputs::of(&scenario);
    let result = run(&inputs, 2, &Unwatched, &AtomicBool::new(false));
    ranked(&scenario.rankings, &result)
}

fn verdicts(ranked: &[Ranked]) -> Vec<(&str, &str)> {
    ranked.iter().map(|ranked| (ranked.ranking.name.as_str(), ranked.words())).collect()
}

#[test]
fn s1_the_network_is_among_the_most_common_reasons() {
    let claims = claims("amazon-cn-balance", 6, &["length=6h"]);
    assert_eq!(verdicts(&claims), [("network problems", "held"), ("unstable signal", "held")]);
    let share = claims[0].share.expect("something failed").value;
    assert!(claims[0].needed.is_some_and(|needed| needed < share), "more than would do");
}

#[test]
fn s2_account_data_are_the_first_reason_of_the_platform_and_not_of_all() {
    let claims = claims("kameng-promo", 6, &["length=90m"]);
    let expected = [
        ("account data do not match (all)", "not held"),
        ("account data do not match (platform)", "held"),
    ];
    assert_eq!(verdicts(&claims), expected);
    assert_eq!(claims[0].strongest.as_deref(), Some("load_shedding_topup"));
}

/// A tenth of a per cent of top-ups, but of the few failures that there are otherwise more than the
/// one per cent that was taken for rare. Few users over many days, since outages are few.
#[test]
fn s3_an_internal_logic_error_is_rare_among_top_ups_and_not_among_failures() {
    let claims = claims("showapi-wallet", 50, &["length=120d", "arrivals.rate=0.002/s"]);
    let [claim] = &claims[..] else { panic!("one claim: {claims:?}") };
    assert_eq!((claim.words(), claim.needed), ("not held", Some(0.01)), "{claim:?}");
    assert!(claim.range.is_some_and(|(best, _)| best > 5), "{claim:?}");
}
