//! The process flows of the source documents: docs/processes.md is what the rows say, every key in
//! it is one of a scenario, and a test holds every number.

mod numbers;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use topup_sim::model::process::{Flow, NUMBERS, ProcessStep, STEPS, SourceNumber};
use topup_sim::scenario::schema;

use crate::page;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `UPDATE_DOCS=1 cargo test --test model` writes it anew.
#[test]
fn the_page_on_processes_is_what_the_rows_say() {
    page::holds("processes.md", &page());
}

fn page() -> String {
    let mut text = INTRODUCTION.to_owned();
    for (i, flow) in Flow::ALL.into_iter().enumerate() {
        write!(text, "\n## C{} {}\n\n{STEPS_HEAD}", i + 1, flow.title()).expect("a text grows");
        for step in STEPS.iter().filter(|step| step.flow == flow) {
            text += &step_line(step);
        }
    }
    text += NUMBERS_HEAD;
    for number in NUMBERS {
        text += &number_line(number);
    }
    text
}

fn step_line(step: &ProcessStep) -> String {
    let ProcessStep { number, what, phrase, source, how, keys, .. } = *step;
    format!("| {number} | {what} | 「{phrase}」 {source} | {} | {how} |\n", listed(keys))
}

fn number_line(row: &SourceNumber) -> String {
    let SourceNumber { number, what, phrase, source, scenario, keys, test } = *row;
    let keys = listed(keys);
    format!("| {number} | {what} | 「{phrase}」 {source} | {keys} | `{scenario}` | `{test}` |\n")
}

fn listed(keys: &[&str]) -> String {
    let codes: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    if codes.is_empty() { "told only".to_owned() } else { codes.join(", ") }
}

/// Catches: a key that was renamed, a step that names a key that never was.
#[test]
fn every_key_that_a_step_names_is_one_of_a_scenario() {
    let schema: Value = serde_json::from_str(&schema()).expect("the schema is JSON");
    let keys = STEPS.iter().flat_map(|s| s.keys).chain(NUMBERS.iter().flat_map(|n| n.keys));
    let unknown: Vec<&&str> = keys.filter(|key| !is_key(&schema, key)).collect();
    assert_eq!(unknown, [&""; 0], "no keys of a scenario");
    for wrong in ["refunds.notises", "users.form.thinks", "channels.NAME.rail", "credit.delay.x"] {
        assert!(!is_key(&schema, wrong), "control: {wrong}");
    }
}

/// Whether a path of keys stands in the schema; NAME stands for the name of a table.
fn is_key(schema: &Value, path: &str) -> bool {
    let mut at = vec![schema];
    for key in path.split('.') {
        at = at.into_iter().filter_map(|value| child(schema, value, key)).collect();
        at = at.into_iter().flat_map(|value| resolved(schema, value)).collect();
    }
    !at.is_empty()
}

fn child<'v>(schema: &'v Value, value: &'v Value, key: &str) -> Option<&'v Value> {
    let value = resolved(schema, value).into_iter().find(|v| {
        v.get("properties").and_then(|p| p.get(key)).is_some()
            || v.get("additionalProperties").is_some_and(Value::is_object)
    })?;
    let named = value.get("properties").and_then(|properties| properties.get(key));
    let any = || value.get("additionalProperties").filter(|any| any.is_object());
    named.or_else(any)
}

/// A schema and those that it refers to.
fn resolved<'v>(schema: &'v Value, value: &'v Value) -> Vec<&'v Value> {
    let mut all = vec![value];
    if let Some(name) = value.get("$ref").and_then(Value::as_str) {
        let name = name.trim_start_matches("#/$defs/");
        all.extend(resolved(schema, &schema["$defs"][name]));
    }
    for word in ["anyOf", "oneOf", "allOf"] {
        let several = value.get(word).and_then(Value::as_array);
        all.extend(several.into_iter().flatten().flat_map(|one| resolved(schema, one)));
    }
    all
}

/// Catches: a number that nothing holds any more, a scenario that has gone.
#[test]
fn every_number_names_its_scenario_and_its_test() {
    let text = include_str!("numbers.rs");
    for row in NUMBERS {
        assert!(text.contains(&format!("\nfn {}()", row.test)), "{} is no test", row.test);
        let file = root().join(format!("scenarios/{}.toml", row.scenario));
        assert!(file.exists(), "{} does not ship", row.scenario);
    }
    let tests: BTreeSet<&str> = NUMBERS.iter().map(|row| row.test).collect();
    assert_eq!(text.matches("#[test]").count(), tests.len(), "each test has its number");
}

const INTRODUCTION: &str = "\
# Processes

Written from the rows of `src/model/process.rs`; a test keeps it fresh. The four flows that the
source documents describe, step by step, with the keys of a scenario that carry each step; and every
number that they name, with the shipped scenario that has it and the test that holds it
(`tests/model/processes/numbers.rs`). What the keys do is told in [model.md](model.md), what they
take in [scenario-reference.md](scenario-reference.md). *Told only* means that the step has no
effect on results, and why.

S1 to S4 are the source documents: failed Amazon.cn balance top-ups, failed Kameng top-ups, a
provider of interfaces, digital wallets.
";

const STEPS_HEAD: &str = "\
| # | step | phrase of the source | carried by | how |
|---|---|---|---|---|
";

const NUMBERS_HEAD: &str = "
## D Numbers

| number | of what | phrase of the source | carried by | scenario | test |
|---|---|---|---|---|---|
";
