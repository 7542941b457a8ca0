//! Keeps docs/studies.md fresh: `UPDATE_DOCS=1 cargo test --test house` writes it anew.

use topup_sim::report::stress_des::{Item, items};
use topup_sim::scenario::Scenario;

use super::page;
use super::scenario_files::shipped;

#[test]
fn the_page_on_studies_is_what_the_scenarios_say() {
    let shipped = shipped();
    let (_, first) = shipped.first().expect("scenarios are shipped");
    let studies: String = shipped.iter().map(|(name, scenario)| study(name, scenario)).collect();
    let alike = table(items(first).into_iter().filter(|item| item.common));
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

fn study(name: &str, scenario: &Scenario) -> String {
    let own = table(items(scenario).into_iter().filter(|item| !item.common));
    format!("\n### {name}\n\n{}\n\n{own}", scenario.title)
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
";

const HEAD: &str = "\
| item | | reported |
|---|---|---|
";
