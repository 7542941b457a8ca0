//! Laws that hold in every scenario: of pace, of threads, of money, and of common random numbers.

mod recipe;

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use recipe::{Mechanism, recipe};
use topup_sim::engine::PoolTotals;
use topup_sim::model::facts::{Fact, Observer, TopUp};
use topup_sim::model::ledger::LedgerTotals;
use topup_sim::model::plan::Plan;
use topup_sim::model::world::{Pace, Progress, Simulation};
use topup_sim::record::{Recorder, Summary};
use topup_sim::scenario::{ReadOptions, Scenario, Source, read};
use topup_sim::study::{RunInputs, run};

/// Scenarios composed at random.
const SCENARIOS: u64 = 600;

/// Writes everything down beside the recorder.
struct Notebook {
    recorder: Recorder,
    facts: Vec<String>,
    top_ups: Vec<TopUp>,
}

impl Observer for Notebook {
    fn note(&mut self, fact: Fact) {
        self.recorder.note(fact);
        self.facts.push(format!("{fact:?}"));
        if let Fact::TopUp(top_up) = fact {
            self.top_ups.push(top_up);
        }
    }
}

/// All that must not depend on the pace.
#[derive(Debug, PartialEq)]
struct Seen {
    facts: Vec<String>,
    summary: Summary,
    pools: Vec<PoolTotals>,
    desk: Option<PoolTotals>,
    ledger: LedgerTotals,
    steps: u64,
}

/// One replication; the laws of money, pools and groups are asserted on the way.
fn seen(plan: &Plan, seed: u64, pace: Pace) -> (Seen, Vec<TopUp>) {
    let recorder = Recorder::new(plan);
    let buckets = Some(recorder.buckets());
    let notebook = Notebook { recorder, facts: Vec::new(), top_ups: Vec::new() };
    let mut simulation = Simulation::new(plan, seed, 0, pace, buckets, notebook);
    while simulation.advance(1000) != Progress::Finished {}
    let (totals, mut notebook) = simulation.finish();
    let mut summary = notebook.recorder.finish(&totals);
    // how much work a pace makes of it, and how many records live at once, is its own affair
    summary.run = Default::default();
    notebook.facts.sort();
    notebook.top_ups.sort_by_key(|top_up| top_up.born);
    let seen = Seen {
        facts: notebook.facts,
        summary,
        pools: totals.pools,
        desk: totals.desk,
        ledger: totals.ledger,
        steps: totals.steps,
    };
    (seen, notebook.top_ups)
}

/// A folder with the data files that random scenarios name.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("the system has room for a folder");
    let notices = "provider,attempt,gap_s\ndirect,1,0\ndirect,2,0.5\ndirect,3,2\n";
    fs::write(folder.path().join("notices.csv"), notices).expect("the folder can be written");
    // three at a time, ten times a second
    let rows = (0..540).map(|i| format!("{},{}\n", f64::from(i / 3) / 10.0, 30 + 40 * (i % 17)));
    let trace: String = std::iter::once("time_s,amount\n".to_owned()).chain(rows).collect();
    fs::write(folder.path().join("together.csv"), trace).expect("the folder can be written");
    folder
}

/// The identity scenario with these settings laid over it.
fn scenario(folder: &tempfile::TempDir, sets: Vec<String>) -> Result<Scenario, String> {
    let identity = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios/identity.toml");
    let text = fs::read_to_string(identity).expect("the identity scenario is there");
    let text = text.replace("success_share = \">= 100%\"", "");
    let source = Source::Text { name: "law.toml".into(), text, folder: folder.path().into() };
    let options = ReadOptions { sets, ..ReadOptions::default() };
    read(source, &options).map_err(|diagnostics| diagnostics.to_string())
}

fn sets_of(mechanisms: &[Mechanism]) -> Vec<String> {
    mechanisms.iter().flat_map(|m| m.sets.clone()).collect()
}

/// The first law that a scenario breaks, if any; nothing where it cannot be read.
fn broken(folder: &tempfile::TempDir, sets: Vec<String>) -> Option<String> {
    let scenario = scenario(folder, sets).ok()?;
    let hold = || {
        let (ahead, _) = seen(&scenario.plan, scenario.seed, Pace::RunAhead);
        let (by_hops, _) = seen(&scenario.plan, scenario.seed, Pace::EventPerHop);
        difference(&ahead, &by_hops)
    };
    match catch_unwind(AssertUnwindSafe(hold)) {
        Ok(difference) => difference,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|t| (*t).to_owned()));
            Some(format!("panic: {}", text.unwrap_or_default()))
        }
    }
}

fn difference(ahead: &Seen, by_hops: &Seen) -> Option<String> {
    if ahead == by_hops {
        return None;
    }
    if let Some(fact) = ahead.facts.iter().find(|f| by_hops.facts.binary_search(f).is_err()) {
        return Some(format!("only when running ahead: {fact}"));
    }
    if let Some(fact) = by_hops.facts.iter().find(|f| ahead.facts.binary_search(f).is_err()) {
        return Some(format!("only hop by hop: {fact}"));
    }
    let parts = [
        ("facts", ahead.facts != by_hops.facts),
        ("summary", ahead.summary != by_hops.summary),
        ("pools", ahead.pools != by_hops.pools),
        ("desk", ahead.desk != by_hops.desk),
        ("ledger", ahead.ledger != by_hops.ledger),
        ("steps", ahead.steps != by_hops.steps),
    ];
    let names: Vec<&str> = parts.iter().filter(|p| p.1).map(|p| p.0).collect();
    Some(format!("{} differ", names.join(", ")))
}

/// As few mechanisms, and then as few settings, as break a law: one after the other is left out.
fn shrunk(folder: &tempfile::TempDir, mechanisms: Vec<Mechanism>) -> Vec<String> {
    let one_by_one = |mut parts: Vec<Vec<String>>| {
        for at in (0..parts.len()).rev() {
            let mut fewer = parts.clone();
            fewer.remove(at);
            if broken(folder, fewer.concat()).is_some() {
                parts = fewer;
            }
        }
        parts.concat()
    };
    let sets = one_by_one(mechanisms.into_iter().map(|m| m.sets).collect());
    one_by_one(sets.into_iter().map(|set| vec![set]).collect())
}

/// Catches: a step that touches shared state but is not in the table of touches; a total that is
/// taken at a time that depends on the pace; money created or lost.
#[test]
fn running_ahead_changes_nothing_in_any_scenario() {
    let folder = folder();
    let mut faults = Vec::new();
    for number in 0..SCENARIOS {
        let mechanisms = recipe(number);
        let sets = sets_of(&mechanisms);
        scenario(&folder, sets.clone()).unwrap_or_else(|e| panic!("scenario {number}: {e}"));
        let Some(law) = broken(&folder, sets) else { continue };
        let fewest = shrunk(&folder, mechanisms);
        let law = broken(&folder, fewest.clone()).unwrap_or(law);
        faults.push(format!("scenario {number}: {law}\n  {}", fewest.join("\n  ")));
    }
    assert!(faults.is_empty(), "{} of {SCENARIOS}:\n{}", faults.len(), faults.join("\n"));
}
