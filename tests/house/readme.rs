//! Holds what the README shows against what the program does.

use std::path::Path;
use std::process::Command;

use topup_sim::report::folder_name;
use topup_sim::scenario::{ReadOptions, Source, read};

const README: &str = include_str!("../../README.md");

#[test]
fn the_screen_is_of_the_scenario_as_it_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/amazon-cn-balance.toml");
    let scenario = read(Source::File(path), &ReadOptions::default()).unwrap();
    let folder = folder_name(&scenario);
    assert!(
        README.contains(&format!("output/{folder}")),
        "the README shows another {folder}: run its first command, and replace the screen, the \
         numbers below it and docs/images/success_over_time.png"
    );
}

#[test]
fn the_list_is_what_list_prints() {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("topup-sim"));
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("list").output().unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(README.contains(&listed), "the README should show:\n{listed}");
}

/// Whether a page has a heading of that name, written as links write it.
fn has_section(page: &Path, section: &str) -> bool {
    let text = std::fs::read_to_string(page).unwrap_or_default();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let mut names = headings.map(|line| line.trim_start_matches('#').trim().to_lowercase());
    names.any(|name| name.replace(' ', "-").replace(['?', '`', ',', '.'], "") == section)
}

#[test]
fn every_link_and_source_file_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let links = README.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let named = README.split('`').skip(1).step_by(2).filter(|code| code.starts_with("src/"));
    let paths: Vec<&str> = links.filter(|link| !link.contains("://")).chain(named).collect();
    assert!(paths.len() > 15, "links are found: {paths:?}");
    let is_there = |path: &str| match path.split_once('#') {
        Some((page, section)) => has_section(&root.join(page), section),
        None => root.join(path).exists(),
    };
    let missing: Vec<&&str> = paths.iter().filter(|path| !is_there(path)).collect();
    assert!(missing.is_empty(), "the README names what is not there: {missing:?}");
}
