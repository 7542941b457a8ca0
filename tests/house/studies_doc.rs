//! Keeps docs/studies.md fresh: `UPDATE_DOCS=1 cargo test --test house` writes it anew.

use std::collections::BTreeSet;

use topup_sim::report::stress_des::{Item, items};
use topup_sim::scenario::Scenario;

use super::page;
use super::scenario_files::shipped;

#[test]
fn the_page_on_studies_is_what_the_scenarios_say() {
    let shipped = shipped();
    let reports: Vec<Vec<Item>> = shipped.iter().map(|(_, scenario)| items(scenario)).collect();
    let shared = shared(&reports);
    let alike =
        table(reports[0].iter().filter_map(|item| parts(item, |part| shared.contains(part))));
    let studies = shipped.iter().zip(&reports).map(|((name, scenario), report)| {
        let own = report.iter().filter_map(|item| parts(item, |part| !shared.contains(part)));
        format!("\n### {name}\n\n{}\n\n{}", scenario.title, table(own))
    });
    let studies: String = studies.collect();
    page::holds("studies.md", &format!("{INTRODUCTION}{alike}{EACH}{studies}"));
}

#[test]
fn what_is_told_once_is_the_same_in_all_studies() {
    let common = |scenario: &Scenario| -> Vec<Item> {
        items(scenario).into_iter().filter(|item| item.common).collect()
    };
    let shipped = shipped();
    let (_, first) = shipped.first().expect("scenarios are shipped");
    for (name, scenario) in &shipped {
        assert_eq!(common(scenario), common(first), "{name}");
    }
}

/// A part of what is reported, with the number of its item.
type Part = (&'static str, String);

/// What an item reports, part by part.
fn parts_of(item: &Item) -> impl Iterator<Item = Part> + '_ {
    let parts: Vec<&str> =
        if item.common { vec![&item.says] } else { item.says.split("; ").collect() };
    parts.into_iter().map(|part| (item.number, part.to_owned()))
}

/// The parts that all studies report in the same words.
fn shared(reports: &[Vec<Item>]) -> BTreeSet<Part> {
    let of = |report: &Vec<Item>| report.iter().flat_map(parts_of).collect::<BTreeSet<Part>>();
    let all = reports.iter().map(of).reduce(|all, next| &all & &next);
    all.expect("scenarios are shipped")
}

/// An item with some of its parts, if it has any of these.
fn parts(item: &Item, wanted: impl Fn(&Part) -> bool) -> Option<Item> {
    let says = parts_of(item).filter(wanted).map(|(_, says)| says);
    let says = says.collect::<Vec<String>>().join("; ");
    (!says.is_empty()).then(|| Item { says, ..item.clone() })
}

fn table(items: impl Iterator<Item = Item>) -> String {
    let line = |item: Item| {
        format!("| {} | {} | {} |\n", item.number, item.name, item.says.replace('|', "\\|"))
    };
    HEAD.to_owned() + &items.map(line).collect::<String>()
}

const INTRODUCTION: &str = "\
# Shipped studies

What a paper reports of a simulation study, filled in for every shipped scenario: the items of
STRESS-DES 1.0 (Monks et al. 2019, *Strengthening the reporting of empirical simulation studies*,
Journal of Simulation 13(1), 55-67). The same items stand in `manifest.json` of every output folder,
under `stress_des`, for the scenario as it ran; this page is written by the same code, and a test
keeps it fresh. What the program is validated against is told in [validation.md](validation.md).

## Alike in all

";

const EACH: &str = "
## Study by study

Each without what all of them share.
";

const HEAD: &str = "\
| item | | reported |
|---|---|---|
";
