//! Keeps the tables of docs/model.md fresh: `UPDATE_DOCS=1 cargo test --test house`.

use std::collections::BTreeSet;

use topup_sim::model::cause::{Cause, Mechanism, ROWS, Stage};
use topup_sim::model::prevention::Prevention;
use topup_sim::model::remedy::Remedy;

use super::page;

#[test]
fn the_tables_of_the_model_are_what_the_rows_say() {
    let mut fresh = page::with_block(&page::written("model.md"), "mechanisms", &mechanisms());
    fresh = page::with_block(&fresh, "stages", &stages());
    page::holds("model.md", &fresh);
}

fn mechanisms() -> String {
    let row = |mechanism: Mechanism| {
        let name = mechanism.name();
        let codes = codes(|cause| cause.row().mechanism.name() == name);
        format!("| {name} | {} | {codes} |\n", mechanism.describe())
    };
    "| mechanism | what it is | causes |\n|---|---|---|\n".to_owned()
        + &Mechanism::NAMED.map(row).concat()
}

fn stages() -> String {
    let row = |stage: Stage| {
        let here = |cause: &Cause| cause.row().stage == stage;
        let remedies: BTreeSet<&str> = Remedy::ALL
            .iter()
            .filter(|remedy| remedy.row().clears.iter().any(here))
            .map(|remedy| remedy.row().id)
            .collect();
        let preventions: BTreeSet<&str> = Prevention::ALL
            .iter()
            .filter(|prevention| prevention.row().causes.iter().any(here))
            .map(|prevention| prevention.row().id)
            .collect();
        let list = |ids: BTreeSet<&str>| ids.into_iter().collect::<Vec<&str>>().join(" ");
        let (name, what) = (stage.name(), stage.describe());
        let (remedies, preventions) = (list(remedies), list(preventions));
        format!("| {name} | {what} | {} | {remedies} | {preventions} |\n", codes(here))
    };
    "| stage | what it is | causes | [remedies](remedies.md) | [preventions](preventions.md) |\n\
     |---|---|---|---|---|\n"
        .to_owned()
        + &Stage::ALL.map(row).concat()
}

fn codes(holds: impl Fn(&Cause) -> bool) -> String {
    let held = Cause::ALL.iter().filter(|cause| holds(cause));
    held.map(|cause| format!("`{}`", cause.row().code)).collect::<Vec<String>>().join(" ")
}

#[test]
fn every_cause_stands_in_both_tables() {
    for table in [mechanisms(), stages()] {
        let count = ROWS.iter().filter(|row| table.contains(&format!("`{}`", row.code))).count();
        assert_eq!(count, ROWS.len());
    }
}
