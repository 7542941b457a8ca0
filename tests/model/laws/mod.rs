//! Laws that hold in every scenario: of pace, of threads, of money, and of common random numbers.

mod around;
mod channels;
mod deeds;
#[expect(clippy::float_cmp, reason = "counts are whole, and cells are copies of each other")]
mod files;
mod focused;
mod guards;
mod model;
mod names;
mod overload;
mod parts;
mod policies;
mod processes;
mod recipe;

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use focused::focused;
use recipe::{Mechanism, recipe};
use topup_sim::engine::PoolTotals;
use topup_sim::model::facts::{Fact, Observer, TopUp};
use topup_sim::model::ledger::LedgerTotals;
use topup_sim::model::plan::Plan;
use topup_sim::model::world::{Pace, Progress, Simulation};
use topup_sim::record::{Recorder, Summary};
use topup_sim::scenario::{ReadOptions, Scenario, Source, read};
use topup_sim::study::run::Unwatched;
use topup_sim::study::{RunInputs, run};

/// Numbers of scenarios composed at random; `TOPUP_SIM_LAWS=400 cargo test --test model laws::`
/// takes more, and `TOPUP_SIM_LAWS=400..900` others.
fn scenarios() -> Range<u64> {
    let Ok(asked) = std::env::var("TOPUP_SIM_LAWS") else { return 0..60 };
    let number =
        |text: &str| text.parse().expect("TOPUP_SIM_LAWS is a number, or two with .. between");
    match asked.split_once("..") {
        Some((from, to)) => number(from)..number(to),
        None => 0..number(&asked),
    }
}

/// Faults that are shrunk and told at most.
const FAULTS_TOLD: usize = 3;

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
    stations: Vec<PoolTotals>,
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
        stations: totals.stations,
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
    around::write_files(folder.path());
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
        ("stations", ahead.stations != by_hops.stations),
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
    let sets = one_by_one(mechanisms);
    one_by_one(sets.into_iter().map(|set| vec![set]).collect())
}

/// Catches: a step that touches shared state but is not in the table of touches; a total that is
/// taken at a time that depends on the pace; money created or lost.
#[test]
fn running_ahead_changes_nothing_in_any_scenario() {
    let folder = folder();
    let mut faults = Vec::new();
    let focused = focused().into_iter().map(|sets| vec![sets]).enumerate();
    let focused = focused.map(|(place, sets)| (format!("focused {place}"), sets));
    let random = scenarios().map(|number| (number.to_string(), recipe(number)));
    for (number, mechanisms) in focused.chain(random) {
        let sets = mechanisms.concat();
        scenario(&folder, sets.clone()).unwrap_or_else(|e| panic!("scenario {number}: {e}"));
        let Some(law) = broken(&folder, sets) else { continue };
        let fewest = shrunk(&folder, mechanisms);
        let law = broken(&folder, fewest.clone()).unwrap_or(law);
        faults.push(format!("scenario {number}: {law}\n  {}", fewest.join("\n  ")));
        if faults.len() >= FAULTS_TOLD {
            break;
        }
    }
    assert!(faults.is_empty(), "running ahead changes results:\n{}", faults.join("\n"));
}

/// Catches: random scenarios in which nobody does anything about a failure, so that the law above
/// says nothing of remedies.
#[test]
fn users_act_ask_and_wait_for_help_in_random_scenarios() {
    let folder = folder();
    let mut met: BTreeSet<String> = BTreeSet::new();
    for number in 0..60 {
        let scenario = scenario(&folder, recipe(number).concat()).expect("it can be read");
        for fact in seen(&scenario.plan, scenario.seed, Pace::RunAhead).0.facts {
            let name = fact.split("remedy: ").nth(1).and_then(|rest| rest.split(',').next());
            if let Some(name) = name.filter(|_| fact.starts_with("Remedied")) {
                met.insert(name.to_owned());
            }
            if fact.starts_with("HelpBegins") && !fact.contains("wait: 0,") {
                met.insert("a wait for help".into());
            }
        }
    }
    for name in ["ContactService", "ContactBank", "OpenTicket", "QueryFirst", "UseWifi", "a wait"] {
        assert!(met.iter().any(|met| met.starts_with(name)), "{name} is met: {met:?}");
    }
}

/// Catches: state shared between replications, a fold in the order of completion.
#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = folder();
    for number in 0..12 {
        let scenario = scenario(&folder, recipe(number).concat()).expect("it can be read");
        let inputs = RunInputs { replications: 4, ..RunInputs::of(&scenario) };
        let with = |threads| run(&inputs, threads, &Unwatched, &AtomicBool::new(false));
        let alone = with(1);
        assert!(alone == with(2), "scenario {number} differs between one thread and two");
        assert_eq!(alone.replications.len(), 4);
        let distinct = alone.replications.windows(2).all(|w| w[0] != w[1]);
        assert!(distinct || alone.pooled.all.top_ups == 0, "replications have luck of their own");
    }
}

/// Who came, in the order of the arrivals.
fn who(top_ups: &[TopUp]) -> Vec<String> {
    let line = |t: &TopUp| format!("{} {} {:?} {}", t.born, t.amount, t.groups, t.in_cohort);
    let mut who: Vec<String> = top_ups.iter().map(line).collect();
    who.sort();
    who
}

/// The scenario under another policy of the app.
fn under(folder: &tempfile::TempDir, mechanisms: &[Mechanism], policy: &str) -> Scenario {
    let mut sets = mechanisms.concat();
    sets.push(format!("client.retry={policy}"));
    scenario(folder, sets).expect("a scenario reads under any policy")
}

const ONCE: &str = "\"never\"";
const TWICE: &str = "{ fixed = { pause = \"200ms\", attempts_max = 2 } }";
const OFTEN: &str = "{ fixed = { pause = \"200ms\", attempts_max = 6 } }";

/// Catches: arrivals, amounts, channels, networks or banks drawn in the order of use.
#[test]
fn a_retry_policy_does_not_change_who_comes() {
    let folder = folder();
    for number in scenarios() {
        // the group of a top-up is the provider that served it, which a policy may have a part in
        let mut mechanisms = recipe(number);
        mechanisms.retain(|m| !m.iter().any(|set| set.contains(".choose=")));
        let came = |policy| {
            let scenario = under(&folder, &mechanisms, policy);
            who(&seen(&scenario.plan, scenario.seed, Pace::RunAhead).1)
        };
        assert!(came(ONCE) == came(OFTEN), "scenario {number}: others came");
    }
}

/// Catches: a clock, an address or an uninitialised value in the results; control: another seed.
#[test]
fn the_same_scenario_gives_the_same_facts() {
    let folder = folder();
    for number in 0..10 {
        let mechanisms = recipe(number);
        let facts = |seed| {
            let scenario = under(&folder, &mechanisms, OFTEN);
            seen(&scenario.plan, seed, Pace::RunAhead).0
        };
        assert!(facts(1) == facts(1), "scenario {number}: not the same again");
        assert!(facts(1) != facts(2), "scenario {number}: a seed changes nothing");
    }
}

/// Whether a mechanism makes top-ups meet each other.
fn is_shared(mechanism: &Mechanism) -> bool {
    let shared = [
        "workers",
        "queue",
        "core_traffic",
        "shed",
        "capacity",
        "budget",
        "staff",
        "stations",
        "gateway.limit",
        "gateway.rate",
        "gateway.priority",
        "breaker",
        "throttle",
        "choose",
        "hedge",
    ];
    let key = |set: &String| set.split('=').next().unwrap_or_default().to_owned();
    let by_key = |set: &String| shared.iter().any(|part| key(set).contains(part));
    let brings = |set: &String| set.contains("capacity =") || set.starts_with("gateway.retry=\"");
    mechanism.iter().any(|set| by_key(set) || brings(set))
}

/// Catches: a draw that depends on the policy or on how many draws others made. Two policies that
/// differ after the second attempt only agree in every top-up that needed one: bit for bit, where
/// top-ups do not meet each other. Control: those that needed two do differ somewhere.
#[test]
fn who_needed_one_attempt_does_not_notice_the_third() {
    let folder = folder();
    let (mut agreed, mut others_differ) = (0, 0);
    for number in scenarios() {
        let mut mechanisms = recipe(number);
        mechanisms.retain(|m| !is_shared(m));
        let ended = |policy| {
            let scenario = under(&folder, &mechanisms, policy);
            seen(&scenario.plan, scenario.seed, Pace::RunAhead).1
        };
        let told = |t: &TopUp| format!("{t:?}");
        let often: BTreeSet<String> = ended(OFTEN).iter().map(told).collect();
        for top_up in ended(TWICE) {
            let agrees = often.contains(&told(&top_up));
            assert!(agrees || top_up.attempts > 1, "scenario {number}: {top_up:?} differs");
            agreed += u32::from(agrees && top_up.attempts == 1);
            others_differ += u32::from(!agrees);
        }
    }
    assert!(agreed > 1000 && others_differ > 1000, "the test sees both: {agreed} {others_differ}");
}

/// Catches: a provider that forgets an order while its bank works on it, however full the
/// journey's calendar is. One order, one provider that knows it: one capture at most.
#[test]
fn a_provider_that_deduplicates_captures_an_order_once() {
    let folder = folder();
    let sets = [
        "length=\"20s\"",
        "arrivals.rate=\"20/s\"",
        "client.timeout=\"300ms\"",
        "client.retry={ fixed = { pause = \"100ms\", attempts_max = 16 } }",
        "gateway.order_store=false",
        "gateway.timeout=\"30s\"",
        "providers.direct.line.loss_up=\"50%\"",
        "banks.delay=\"60s\"",
    ];
    let sets = |more: &[&str]| sets.iter().chain(more).map(|set| (*set).to_owned()).collect();
    let captures = |more: &[&str]| {
        let scenario = scenario(&folder, sets(more)).expect("it can be read");
        let top_ups = seen(&scenario.plan, scenario.seed, Pace::RunAhead).1;
        top_ups.iter().map(|t| t.captures).max().unwrap_or(0)
    };
    assert_eq!(captures(&[]), 1, "captures of one order");
    assert!(captures(&["providers.direct.deduplicates=false"]) > 1, "control: it would be more");
}
