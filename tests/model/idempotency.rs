//! Stores of order numbers: who charges again when, and which failures stay failures.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use topup_sim::model::cause::Cause;
use topup_sim::model::idempotency::{ROWS, Row};
use topup_sim::record::Summary;
use topup_sim::scenario::{ReadOptions, Source, read};
use topup_sim::study::run::Unwatched;
use topup_sim::study::{RunInputs, run};

use crate::page;

/// One replication of the identity with values of its own.
fn summary(sets: &[&str]) -> Summary {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/identity.toml");
    let sets = ["length=60s", "replications=1", "gateway.order_store=false"].iter().chain(sets);
    let sets = sets.map(|&set| set.to_owned()).collect();
    let options = ReadOptions { sets, ..ReadOptions::default() };
    let scenario = read(Source::File(file), &options).unwrap_or_else(|faults| panic!("{faults}"));
    run(&RunInputs::of(&scenario), 1, &Unwatched, &AtomicBool::new(false)).pooled
}

/// Captures of each top-up whose answers are all lost, where the user enters it again once, with
/// the same number, after a time.
fn captures_after(pause: &str, store: &str) -> u64 {
    let summary = summary(&[
        "providers.direct.line.loss_down=100%",
        "users.entries_max=2",
        "users.goal_patience=60d",
        &format!("users.after_failure={{ same_method = \"100%\", pause = \"{pause}\" }}"),
        &format!("providers.direct.deduplicates={store}"),
    ]);
    assert_eq!(summary.all.attempts, 2 * summary.all.top_ups, "everybody comes again");
    assert_eq!(summary.all.captures % summary.all.top_ups, 0);
    summary.all.captures / summary.all.top_ups
}

/// Catches: a number that is known too long or not long enough.
#[test]
fn a_number_is_known_for_the_time_that_its_provider_keeps_it() {
    for (pause, store, captures) in [
        ("25h", "stripe", 2),
        ("23h", "stripe", 1),
        ("31m", "qonto", 2),
        ("28m", "qonto", 1),
        ("25h", "adyen", 1),
        ("25h", "truelayer", 1),
        ("31d", "truelayer", 2),
        ("25h", "checkout.com", 2),
        ("31d", "wechat-out-trade-no", 1),
        ("25h", "true", 1),
        ("1m", "false", 2),
    ] {
        assert_eq!(captures_after(pause, store), captures, "{store} after {pause}");
    }
}

/// The share of top-ups whose second attempt with the same number succeeds after a technical
/// failure of the first: half of all attempts fail.
fn rescued(store: &str) -> f64 {
    let summary = summary(&[
        "length=20m",
        "banks.named.bank.technical=50%",
        "client.retry={ fixed = { pause = \"1s\", attempts_max = 2 } }",
        &format!("providers.direct.deduplicates={store}"),
    ]);
    let failed_first = summary.all.attempts - summary.all.top_ups;
    let rescued = summary.all.successes() + failed_first - summary.all.top_ups;
    rescued as f64 / failed_first as f64
}

/// Catches: a stored failure that is tried anew, or one that is told again although nobody keeps
/// it.
#[test]
fn a_stored_failure_stays_one_and_others_are_tried_anew() {
    assert!(rescued("stripe") < f64::EPSILON, "the first answer again, a 500 included");
    for store in ["stripe-v2", "checkout.com", "qonto", "true", "false"] {
        let share = rescued(store);
        assert!((0.45..0.55).contains(&share), "{store}: {share}");
    }
}

/// Attempts of a client that stops listening after a second and tries once more, while the bank
/// takes a minute: (captures, conflicts that the client heard of) by top-up.
fn while_in_process(store: &str) -> (f64, f64) {
    let summary = summary(&[
        "banks.delay=60s",
        "client.timeout=1s",
        "client.retry={ fixed = { pause = \"1s\", attempts_max = 2 } }",
        "gateway.timeout=100s",
        &format!("providers.direct.deduplicates={store}"),
    ]);
    (summary.all.captures as f64 / summary.all.top_ups as f64, conflicts(&summary))
}

/// Refusals of a number that is known already, by top-up.
fn conflicts(summary: &Summary) -> f64 {
    summary.cause(Cause::DuplicateSubmit).strikes as f64 / summary.all.top_ups as f64
}

/// Catches: a conflict that is captured, or that the client never hears of.
#[test]
fn a_number_in_process_is_captured_once() {
    for (store, conflicts) in [("stripe", 1.0), ("paypal", 1.0), ("true", 0.0), ("qonto", 0.0)] {
        assert_eq!(while_in_process(store), (1.0, conflicts), "{store}");
    }
    assert_eq!(while_in_process("false"), (2.0, 0.0), "control");
}

/// Captures of each top-up whose first answer is lost, where the user then takes another method of
/// the same provider, and refusals of its number.
fn another_method(key: &str, store: &str) -> (f64, f64) {
    let summary = summary(&[
        "length=20m",
        "providers.direct.line.loss_down=50%",
        "client.timeout=1s",
        "gateway.timeout=1s",
        &format!("client.key={key}"),
        "users.entries_max=2",
        "users.after_failure={ other_method = \"100%\", pause = \"1m\" }",
        "channels.wallet={ share = \"0%\", banked = true, routes = [{ provider = \"direct\", \
         share = \"100%\" }] }",
        &format!("providers.direct.deduplicates={store}"),
    ]);
    (summary.all.captures as f64 / summary.all.top_ups as f64, conflicts(&summary))
}

/// Catches: a payload that nobody compares, or a hash that does not know what was sent.
#[test]
fn another_method_under_the_same_number_is_a_mismatch_and_under_a_hash_a_new_number() {
    assert_eq!(another_method("per_top_up", "qonto"), (1.0, 0.0), "nobody compares");
    let (captures, refused) = another_method("per_top_up", "stripe");
    assert!((captures, refused > 0.2) == (1.0, true), "{captures} captures, {refused} refused");
    for store in ["qonto", "stripe", "true"] {
        let (captures, refused) = another_method("payload_hash", store);
        assert!((1.45..1.55).contains(&captures), "{store}: {captures}");
        assert!(refused < f64::EPSILON, "{store}: {refused}");
    }
}

/// Captures of each top-up with two attempts that both reach the bank and whose answers are lost.
fn captures_with(sets: &[&str]) -> f64 {
    let lost = ["providers.direct.line.loss_down=100%", "client.timeout=1s", "gateway.timeout=1s"];
    let retry = ["length=20m", "client.retry={ fixed = { pause = \"1s\", attempts_max = 2 } }"];
    let sets: Vec<&str> = lost.iter().chain(&retry).chain(sets).copied().collect();
    let summary = summary(&sets);
    summary.all.captures as f64 / summary.all.top_ups as f64
}

/// Catches: a number that is never lost, or one that is lost by everybody.
#[test]
fn a_lost_number_and_a_volatile_payload_charge_again() {
    let exactly = |captures: f64, whole: f64| (captures - whole).abs() < f64::EPSILON;
    assert!(exactly(captures_with(&[]), 1.0));
    let lost = captures_with(&["client.key_lost=30%"]);
    assert!((1.28..1.32).contains(&lost), "{lost}");
    let hash = "client.key=payload_hash";
    assert!(exactly(captures_with(&[hash]), 1.0));
    let volatile = captures_with(&[hash, "client.key_volatile=20%"]);
    assert!((1.18..1.22).contains(&volatile), "{volatile}");
    assert!(exactly(captures_with(&["client.key=per_attempt"]), 2.0), "control: always new");
}

/// Catches: a store without a source, and two of one name.
#[test]
fn every_store_has_a_name_of_its_own_and_a_source() {
    for (at, row) in ROWS.iter().enumerate() {
        assert!(!row.source.is_empty() && !row.says.is_empty(), "{}", row.code);
        assert!(ROWS[..at].iter().all(|other| other.code != row.code), "{} twice", row.code);
    }
}

/// Keeps the table of docs/policies.md fresh: `UPDATE_DOCS=1 cargo test --test model`.
#[test]
fn the_table_of_stores_is_what_the_rows_say() {
    let fresh = page::with_block(&page::written("policies.md"), "stores", &table());
    page::holds("policies.md", &fresh);
}

fn table() -> String {
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let line = |row: &Row| {
        let store = row.store;
        let known = store.retention.map_or("for ever".to_owned(), |span| span.to_string());
        let [keeps, in_process, mismatch] = [
            serde_json::json!(store.keeps),
            serde_json::json!(store.in_process),
            serde_json::json!(store.mismatch),
        ]
        .map(word);
        format!(
            "| `{}` | {} | {known} | {keeps} | {in_process} | {mismatch} | {} | {} |\n",
            row.code, row.label, row.says, row.source
        )
    };
    "| store | provider, field | known for | keeps | in process | mismatch | what the source says, \
     and what is assumed | source |\n|---|---|---|---|---|---|---|---|\n"
        .to_owned()
        + &ROWS.iter().map(line).collect::<String>()
}
