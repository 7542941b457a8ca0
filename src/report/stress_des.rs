//! What a paper reports of a simulation study, item by item, for any scenario.
//!
//! The items are those of STRESS-DES 1.0 (Monks et al. 2019, Strengthening the reporting of
//! empirical simulation studies, Journal of Simulation 13(1), 55-67).

use crate::scenario::{Kind, Provenance, RESULTS_VERSION, Scenario, Target};

/// One item of the checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its number in the checklist.
    pub number: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// What is to be reported.
    pub says: String,
    /// Whether it is the same for every study of this program.
    pub common: bool,
}

/// All items for one scenario, in the order of the checklist.
pub fn items(scenario: &Scenario) -> Vec<Item> {
    [objectives(scenario), logic(scenario), data(scenario), experimentation(scenario), code()]
        .concat()
}

/// What every study of this program reports alike.
fn common(number: &'static str, name: &'static str, says: impl Into<String>) -> Item {
    Item { number, name, says: says.into(), common: true }
}

/// What each study reports for itself.
fn own(number: &'static str, name: &'static str, says: String) -> Item {
    Item { number, name, says, common: false }
}

fn objectives(scenario: &Scenario) -> Vec<Item> {
    let question = scenario.question.as_deref().unwrap_or("not told: the scenario asks nothing");
    vec![
        own("1.1", "purpose", question.to_owned()),
        common(
            "1.2",
            "outputs",
            "the metrics of summary.csv, each defined in docs/metrics.md and with its interval; \
             the other tables, with their columns, are under `tables` of the manifest",
        ),
        own("1.3", "aims", aims(scenario)),
    ]
}

/// What is held against the run, and which variants there are to compare.
fn aims(scenario: &Scenario) -> String {
    let target = |target: &Target| format!("{} {}", target.metric, target.text);
    let published = |kind| {
        let of_kind = scenario.published.iter().filter(move |one| one.kind == kind);
        of_kind.map(|one| one.name.clone()).collect()
    };
    let told = [
        ("targets", scenario.targets.iter().map(target).collect()),
        ("published facts, fitted", published(Kind::Fitted)),
        ("published facts, held out", published(Kind::HeldOut)),
        ("claims on causes", scenario.rankings.iter().map(|one| one.name.clone()).collect()),
        ("variants", scenario.variants.iter().map(|one| one.name.clone()).collect()),
    ];
    let told: Vec<String> = told
        .into_iter()
        .filter(|(_, list): &(_, Vec<String>)| !list.is_empty())
        .map(|(what, list)| format!("{what}: {}", list.join(", ")))
        .collect();
    if told.is_empty() { "to estimate the outputs".to_owned() } else { told.join("; ") }
}

fn logic(scenario: &Scenario) -> Vec<Item> {
    let incidents: Vec<&str> = scenario.plan.incidents.names().collect();
    let incidents = match incidents.as_slice() {
        [] => "no incident".to_owned(),
        names => format!("incidents: {}", names.join(", ")),
    };
    vec![
        common("2.1", "diagram", "docs/model.md; charts/ of a run shows where its top-ups went"),
        common("2.2", "base model", "docs/model.md, stage by stage, with what is assumed"),
        own(
            "2.3",
            "scenario logic",
            format!(
                "scenario.toml holds every parameter as it ran, defaults written out; {incidents}"
            ),
        ),
        common(
            "2.4",
            "algorithms",
            "laws of durations and choices in docs/scenario-reference.md, retry policies and \
             overload controls in docs/policies.md, order of events in docs/architecture.md",
        ),
        common(
            "2.5.1",
            "entities",
            "users with top-ups, entries and attempts; status queries, notices, refund cases, \
             core traffic of the gateway",
        ),
        common(
            "2.5.2",
            "activities",
            "entry, legs of the network, work of gateway, provider and bank, challenge, capture, \
             credit, query, remedy, reconciliation, refund",
        ),
        common(
            "2.5.3",
            "resources",
            "workers of the gateway's pools, limits of rate and of attempts in progress, staff of \
             stations",
        ),
        common(
            "2.5.4",
            "queues",
            "one line before each pool and each station; its order, limits and shedding are keys \
             of the scenario",
        ),
        common(
            "2.5.5",
            "entry and exit",
            "top-ups arrive by a rate curve or a trace; each ends in exactly one outcome of \
             docs/model.md",
        ),
    ]
}

fn data(scenario: &Scenario) -> Vec<Item> {
    let files: Vec<&str> = scenario.files.iter().map(|file| file.path.as_str()).collect();
    let files = match files.as_slice() {
        [] => "no file".to_owned(),
        files => format!("{} (checksums under `data` of the manifest)", files.join(", ")),
    };
    let values = scenario.provenance.len();
    let with = |holds: fn(&Provenance) -> bool| {
        scenario.provenance.iter().filter(|from| holds(from)).count()
    };
    let ranged = with(|from| from.range.is_some());
    let assumed = with(|from| from.source.contains("assumed"));
    let unverified = with(|from| from.source.contains("unverified"));
    vec![
        own("3.1", "data sources", files),
        common("3.2", "pre-processing", "scenarios/data/SOURCE.md: what was derived or trimmed"),
        own(
            "3.3",
            "input parameters",
            format!("{values} values say where they come from, {ranged} of them with a range"),
        ),
        own(
            "3.4",
            "assumptions",
            format!(
                "of these values {assumed} are assumed, {unverified} unverified; the model's own \
                 assumptions are marked in docs/model.md; currency {}",
                scenario.currency
            ),
        ),
    ]
}

fn experimentation(scenario: &Scenario) -> Vec<Item> {
    let horizon = &scenario.plan.horizon;
    vec![
        own(
            "4.1",
            "initialisation",
            format!(
                "empty and idle at {}; the first {} are not counted; a terminating simulation",
                starts(scenario),
                span(horizon.warmup)
            ),
        ),
        own(
            "4.2",
            "run length",
            format!("{} and up to {} of drain", span(horizon.length), span(horizon.drain)),
        ),
        own("4.3", "estimation", estimation(scenario)),
    ]
}

fn estimation(scenario: &Scenario) -> String {
    let covered = match &scenario.uncertain {
        None => "sampling error only".to_owned(),
        Some(uncertain) => {
            let paths: Vec<&str> = uncertain.inputs.iter().map(|one| one.path.as_str()).collect();
            format!(
                "sampling error and {} ranges, each drawn once a replication from a triangular \
                 law ({})",
                paths.len(),
                paths.join(", ")
            )
        }
    };
    format!(
        "{} independent replications, seed {}; replications are the unit: Student's t, and \
         Korn-Graubard for shares with fewer than 100 events; 95 %; intervals cover {covered}",
        scenario.replications, scenario.seed
    )
}

fn code() -> Vec<Item> {
    vec![
        common(
            "5.1",
            "software",
            format!(
                "topup-sim {}, written in Rust; results version {RESULTS_VERSION}",
                env!("CARGO_PKG_VERSION")
            ),
        ),
        common(
            "5.2",
            "random sampling",
            "splitmix64, keyed: each draw is a function of seed, replication, entity and purpose, \
             so that variants meet the same users (common random numbers)",
        ),
        common(
            "5.3",
            "execution",
            "next event by a timing wheel, ties in a stated order; replications in parallel",
        ),
        common(
            "5.4",
            "system",
            "not recorded: results do not depend on threads, machine or build profile; times of \
             runs are in docs/performance.md",
        ),
        common(
            "6.1",
            "sharing",
            "the source at this version; scenario.toml with the files under `data` gives the \
             same bytes again",
        ),
    ]
}

/// Local time at the start of a run.
pub(super) fn starts(scenario: &Scenario) -> String {
    scenario.start.strftime("%Y-%m-%dT%H:%M:%S%:z[%Q]").to_string()
}

/// A span in the largest unit that divides it.
fn span(ns: u64) -> String {
    const SECOND: u64 = 1_000_000_000;
    let units = [(86_400 * SECOND, "d"), (3_600 * SECOND, "h"), (60 * SECOND, "min")];
    let whole = units.iter().find(|(size, _)| ns > 0 && ns.is_multiple_of(*size));
    match whole {
        Some((size, unit)) => format!("{} {unit}", ns / size),
        None => format!("{} s", ns as f64 / SECOND as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::manifest::tests::scenario;

    #[test]
    fn every_item_of_the_checklist_is_filled_in() {
        let numbers: Vec<&str> = items(&scenario()).iter().map(|item| item.number).collect();
        let asked = "1.1 1.2 1.3 2.1 2.2 2.3 2.4 2.5.1 2.5.2 2.5.3 2.5.4 2.5.5 3.1 3.2 3.3 3.4 \
                     4.1 4.2 4.3 5.1 5.2 5.3 5.4 6.1";
        assert_eq!(numbers.join(" "), asked);
        assert!(items(&scenario()).iter().all(|item| !item.says.is_empty()));
    }

    #[test]
    fn items_say_what_the_scenario_is() {
        let items = items(&scenario());
        let says = |number| &items.iter().find(|item| item.number == number).unwrap().says;
        assert!(says("1.3").contains("targets: ") && says("1.3").contains("variants: "));
        assert!(says("3.1").starts_with("data/"), "{}", says("3.1"));
        assert!(says("4.1").contains("the first 10 min are not counted"), "{}", says("4.1"));
        assert!(says("4.2").starts_with("2 h and up to "), "{}", says("4.2"));
        assert!(says("4.3").starts_with("2 independent replications, seed 1;"));
    }

    #[test]
    fn spans_are_told_in_the_largest_unit_that_divides_them() {
        let second = 1_000_000_000;
        let told = [0, second / 2, 90 * second, 7 * 86_400 * second].map(span);
        assert_eq!(told, ["0 s", "0.5 s", "90 s", "7 d"]);
    }
}
