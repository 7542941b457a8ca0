//! Keeps the tables of docs/model.md fresh: `UPDATE_DOCS=1 cargo test --test house`.

use std::collections::BTreeSet;
use std::{env, fs, path::Path};

use topup_sim::model::cause::{Cause, Mechanism, ROWS, Stage};
use topup_sim::model::prevention::Prevention;
use topup_sim::model::remedy::Remedy;

const BEGIN: &str = "<!-- written from the rows: ";
const END: &str = "<!-- until here -->";

#[test]
fn the_tables_of_the_model_are_what_the_rows_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/model.md");
    let written = fs::read_to_string(&path).expect("the page is there");
    let mut fresh = with_block(&written, "mechanisms", &mechanisms());
    fresh = with_block(&fresh, "stages", &stages());
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &fresh).expect("docs/ can be written");
    }
    let written = fs::read_to_string(&path).expect("the page is there");
    assert_eq!(written, fresh, "run UPDATE_DOCS=1 cargo test --test house");
}

/// The page with a block of it written anew.
fn with_block(page: &str, name: &str, block: &str) -> String {
    let begin = format!("{BEGIN}{name} -->\n");
    let (before, rest) = page.split_once(&begin).expect("the block has a begin");
    let (_, after) = rest.split_once(END).expect("the block has an end");
    format!("{before}{begin}{block}{END}{after}")
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
