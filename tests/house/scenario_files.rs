//! The shipped scenarios: each can run, its effective form reads back, the schema is fresh.

use std::path::{Path, PathBuf};

use topup_sim::scenario::{ReadOptions, Scenario, Source, list, read, schema};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// The shipped scenarios as their files have them, by name.
pub(super) fn shipped() -> Vec<(String, Scenario)> {
    let found = list(&folder()).expect("the folder is there");
    let read_one = |path: &Path| match read(Source::File(path.to_owned()), &ReadOptions::default())
    {
        Ok(scenario) => scenario,
        Err(faults) => panic!("{}:\n{faults}", path.display()),
    };
    found.into_iter().map(|one| (one.name, read_one(&one.path))).collect()
}

#[test]
fn every_shipped_scenario_can_run_and_asks_its_question() {
    let shipped = shipped();
    assert!(shipped.len() >= 5, "only {} scenarios are there", shipped.len());
    for (name, scenario) in &shipped {
        assert_eq!(&scenario.name, name);
        let question = scenario.question.as_deref().unwrap_or_default();
        assert!(question.ends_with('?'), "{name} asks {question:?}");
        let text = std::fs::read_to_string(folder().join(format!("{name}.toml"))).unwrap();
        let comments: String = text
            .lines()
            .skip_while(|line| line.starts_with("#:schema"))
            .take_while(|line| line.starts_with('#'))
            .map(|line| line.trim_start_matches('#').trim())
            .collect::<Vec<_>>()
            .join(" ");
        assert!(comments.starts_with(question), "{name} opens with {comments:?}");
        let is_held = !scenario.targets.is_empty() || !scenario.published.is_empty();
        assert!(is_held, "{name} has neither targets nor published facts");
        assert_eq!(scenario.warnings, [""; 0], "{name}");
    }
}

#[test]
fn an_effective_scenario_reads_back_to_the_same_plan() {
    for (name, scenario) in shipped() {
        let source = Source::Text {
            name: "effective".to_owned(),
            text: scenario.effective.clone(),
            folder: folder(),
        };
        let again = read(source, &ReadOptions::default());
        let again = again.unwrap_or_else(|faults| panic!("{name}:\n{faults}"));
        assert_eq!(again.effective, scenario.effective, "{name}");
        assert_eq!(again.plan_hash, scenario.plan_hash, "{name}");
        assert_eq!(again.name, scenario.name);
        assert_eq!(again.provenance, scenario.provenance);
    }
}

#[test]
fn the_schema_in_the_folder_is_fresh() {
    let path = folder().join("scenario.schema.json");
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let fresh = schema();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    } else {
        assert!(kept == fresh, "run `UPDATE_SCHEMA=1 cargo test --test house`");
    }
}

#[test]
fn a_hash_tells_seeds_sets_and_data_apart() {
    let hash = |options: ReadOptions| {
        let path = folder().join("identity.toml");
        read(Source::File(path), &options).expect("it can run").plan_hash
    };
    let plain = hash(ReadOptions::default());
    let sets = vec!["arrivals.rate=11/s".to_owned()];
    let others = [
        hash(ReadOptions { seed: Some(2), ..ReadOptions::default() }),
        hash(ReadOptions { replications: Some(5), ..ReadOptions::default() }),
        hash(ReadOptions { sets, ..ReadOptions::default() }),
    ];
    assert!(others.iter().all(|other| *other != plain));
    assert_eq!(hash(ReadOptions { seed: Some(1), ..ReadOptions::default() }), plain);
}

/// Reads a text that extends a shipped scenario.
fn variant(text: &str, sets: &[&str]) -> Scenario {
    let source =
        Source::Text { name: "variant.toml".to_owned(), text: text.to_owned(), folder: folder() };
    let sets = sets.iter().map(|set| (*set).to_owned()).collect();
    let read = read(source, &ReadOptions { sets, ..ReadOptions::default() });
    read.unwrap_or_else(|faults| panic!("{text}\n{faults}"))
}

const AMAZON: &str = "schema_version = 1\nextends = \"amazon-cn-balance.toml\"\n";

#[test]
fn what_extends_overrides_key_by_key_and_keeps_its_own_name() {
    let base = variant(AMAZON, &[]);
    assert_eq!(base.name, "variant");
    assert_eq!(base.title, "Amazon.cn balance top-up");
    let other = variant(&format!("{AMAZON}[client]\ntimeout = \"8s\"\n"), &[]);
    assert_eq!(other.plan.client.timeout, 8_000_000_000);
    assert_eq!(other.plan.client.retry, base.plan.client.retry);
    assert_eq!(other.plan.banks.banks.len(), base.plan.banks.banks.len());
}

#[test]
fn an_inline_table_replaces_and_a_header_merges() {
    let text =
        format!("{AMAZON}[client]\nretry = {{ fixed = {{ pause = \"1s\", attempts_max = 2 }} }}\n");
    assert_eq!(variant(&text, &[]).plan.client.retry.attempts_max(), 2);
    let text = format!("{AMAZON}[client.retry.exponential]\nattempts_max = 5\n");
    assert_eq!(variant(&text, &[]).plan.client.retry.attempts_max(), 5);
    let law = variant(AMAZON, &["credit.delay={ exponential = \"3s\" }"]);
    assert!((law.plan.credit.mean() / 3e9 - 1.0).abs() < 0.01);
}

#[test]
fn a_set_takes_toml_and_else_a_text_and_the_last_one_wins() {
    let sets = ["gateway.workers=3", "gateway.workers=0x10", "client.timeout=12s"];
    let scenario = variant(AMAZON, &sets);
    assert_eq!(scenario.plan.gateway.workers, 16);
    assert_eq!(scenario.plan.client.timeout, 12_000_000_000);
    let quoted = variant(AMAZON, &["client.timeout=\"12s\"", "gateway.workers=16"]);
    assert_eq!(quoted.plan_hash, scenario.plan_hash);
    let named = variant(AMAZON, &["incidents.\"weekly maintenance\".lasts=1h"]);
    assert!(named.effective.contains("[incidents.\"weekly maintenance\"]"));
    assert_ne!(named.plan_hash, variant(AMAZON, &[]).plan_hash);
    let target = variant(AMAZON, &["targets.success_share=>= 12.5%"]);
    let bound = target.targets.iter().find(|t| t.metric == "success_share").expect("it is set");
    assert_eq!((bound.at_least, bound.at_most), (Some(0.125), None));
    assert_eq!(bound.text, ">= 12.5%");
}

#[test]
fn how_a_file_is_laid_out_changes_nothing() {
    let path = folder().join("kameng-promo.toml");
    let text = std::fs::read_to_string(&path).expect("it ships");
    let hash = |text: String| {
        let source = Source::Text { name: "kameng-promo.toml".to_owned(), text, folder: folder() };
        read(source, &ReadOptions::default()).unwrap_or_else(|faults| panic!("{faults}")).plan_hash
    };
    let plain = hash(text.clone());
    assert_eq!(hash(text.replace('\n', "\r\n")), plain);
    assert_eq!(hash(format!("\u{feff}{text}")), plain);
    assert_eq!(hash(text.replace("[gateway]", "# a comment\n[ gateway ]")), plain);
    assert_eq!(hash(text.replace("factor = \"12x\"", "\"factor\" = '12.0x'")), plain);
    assert_ne!(hash(text.replace("factor = \"12x\"", "factor = \"11x\"")), plain);
}

#[test]
fn what_is_probably_not_meant_earns_a_warning() {
    let warnings = |sets: &[&str]| variant(AMAZON, sets).warnings.join("\n");
    assert_eq!(warnings(&[]), "");
    assert!(warnings(&["length=30m", "warmup=0s", "client.timeout=1h"]).contains("client.timeout"));
    let queue = warnings(&["gateway.workers=1", "gateway.service=1s"]);
    assert!(queue.contains("gateway.queue has no bound"), "{queue}");
    let bounded = ["gateway.workers=1", "gateway.service=1s", "gateway.queue.max=5"];
    assert_eq!(warnings(&bounded), "");
    assert!(warnings(&["gateway.timeout=10ms"]).contains("shorter than 99%"));
    assert!(warnings(&["windows.late={ from = '8d', to = '9d' }"]).contains("windows.late.from"));
    let stop =
        |at| format!("incidents.x={{target='gateway',at='{at}',lasts='1h',effect={{pause=true}}}}");
    assert!(warnings(&[&stop("9d")]).contains("incidents.x begins when nobody comes"));
    assert_eq!(warnings(&[&stop("1h")]), "");
    let forgets = ["providers.card_acquirer.deduplicates={ retention = '1s' }"];
    assert!(warnings(&forgets).contains("knows an order number for 1s"));
}

/// Catches: a guard of a preset that is left out in silence, or a warning where it is not.
#[test]
fn a_preset_without_its_guard_earns_a_warning() {
    let warnings = |sets: &[&str]| variant(AMAZON, sets).warnings.join("\n");
    let alone = |preset: &str, more: &str| {
        warnings(&["client.instances=0", &format!("client.retry=\"{preset}\""), more])
    };
    let nothing = "client.instances=0";
    assert!(alone("resilience4j", nothing).contains("is without its breaker"));
    assert!(alone("google-sre", nothing).contains("is without its throttle"));
    assert_eq!(alone("resilience4j", "client.breaker=\"none\""), "");
    assert_eq!(alone("resilience4j", "client.instances=3"), "");
    assert_eq!(alone("grpc-hedging", nothing), "", "a lone phone can hedge");
    let gateway = warnings(&["gateway.retry=\"grpc-hedging\""]);
    assert!(gateway.contains("is without its hedges"), "{gateway}");
}

#[test]
fn values_say_where_they_come_from() {
    let scenario = variant(AMAZON, &[]);
    let rate = scenario.provenance.iter().find(|p| p.path == "arrivals.rate").expect("it says so");
    assert_eq!((rate.value.as_str(), rate.source.as_str()), ("2/s", "assumed"));
    assert_eq!(rate.range, Some(("1/s".to_owned(), "4/s".to_owned())));
    assert!(scenario.provenance.len() > 40, "{} values say so", scenario.provenance.len());
}

#[test]
fn the_banks_of_a_calm_day_answer_as_published() {
    // 0.3 to 0.5 % of answers take over 8 s, and 0.1 % over 30 s
    for name in ["amazon-cn-balance", "card-trace", "double-11", "kameng-promo"] {
        let text = format!("schema_version = 1\nextends = \"{name}.toml\"\n");
        let scenario = variant(&text, &[]);
        let over = |seconds: u64| {
            let delay = &scenario.plan.banks.delay;
            let beyond = |draw: &u32| delay.at(*draw) > seconds * 1_000_000_000;
            // every 4096th draw, so that they cover the tail to its end
            let draws = (0..1u32 << 20).map(|i| (i << 12) + 2_048);
            draws.filter(beyond).count() as f64 / f64::from(1u32 << 20)
        };
        let (slow, lost) = (over(8), over(30));
        assert!((0.003..=0.005).contains(&slow), "{name}: {slow} over 8 s");
        assert!((0.0009..=0.0011).contains(&lost), "{name}: {lost} over 30 s");
    }
}

#[test]
fn the_week_of_amazon_cn_has_its_published_credit_delay() {
    // with no faults 95 % are credited within about 10 min and 99.2 % within about 15 min
    let credit = variant(AMAZON, &[]).plan.credit.clone();
    let minutes = |share: f64| credit.at((share * 4_294_967_296.0) as u32) as f64 / 60e9;
    assert!((minutes(0.952) - 10.0).abs() < 0.1, "{}", minutes(0.952));
    assert!((minutes(0.9919) - 15.0).abs() < 0.15, "{}", minutes(0.9919));
}
