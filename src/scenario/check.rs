//! The door: everything about a scenario is checked here, once, and all faults are told together.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::dates;
use super::deserialize::{self, near};
use super::diagnostic::{Diagnostics, obeyed};
use super::document::{self, Content, Node};
use super::estimate::{self, Size};
use super::file::ScenarioFile;
use super::file_name::folder_name;
use super::folder::Folder;
use super::load::{self, Loaded, hex};
use super::needs;
use super::published::{self, Published};
use super::rankings::{self, Ranking};
use super::read::{self, Written};
use super::targets::{self, Target};
use super::uncertain::Uncertain;
use super::{DataFile, Provenance, RESULTS_VERSION, ReadOptions, Scenario, Source, Surge};
use crate::model::arrivals::SurgeSpec;
use crate::model::fault::{Fault, Faults, KeyPath};
use crate::model::plan::{Horizon, Plan};
use crate::units::{Amount, Currency, Span};

/// Keys without a default.
const REQUIRED: [&str; 3] = ["schema_version", "start", "length"];
/// Messages about a key, not about its value.
const ABOUT_NAMES: [&str; 7] = [
    "is no cause",
    "is no remedy",
    "is no prevention",
    "is no metric",
    "is no station",
    "is no name",
    "takes no share",
];
/// Replications at most.
const REPLICATIONS_MAX: u32 = 100_000;
/// Length of a run at most: ten years.
const LENGTH_MAX: Span = Span::from_secs(3_660 * 86_400);
/// Cases run at most 60 days after the end; the calendar knows some days more.
const AFTER_THE_END: Span = Span::from_secs((62 + 40) * 86_400);
/// By which law ranges are drawn, as part of hashes.
const LAW: &str = "ranges drawn: triangular";
/// Characters of a title at most.
const TITLE_MAX: usize = 200;

/// Reads and checks a scenario.
pub(super) fn read(source: Source, options: &ReadOptions) -> Result<Scenario, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let Some(written) = read::read(source, options, &mut diagnostics) else {
        return Err(diagnostics.sorted());
    };
    for key in REQUIRED.iter().filter(|key| written.tree.child(key).is_none()) {
        let place = written.tree.place.clone();
        diagnostics.add(place, format!("the scenario needs the key `{key}`"), "", None);
    }
    let file: Option<ScenarioFile> = deserialize::read(&written.tree, &mut diagnostics);
    let Some(file) = file else { return Err(diagnostics.sorted()) };
    let mut faults = Faults::default();
    let checked = check(&file, &written, &mut faults);
    let uncertain = match &checked {
        Some(checked) if options.uncertainty && faults.is_empty() => {
            Uncertain::of(&file, (&checked.plan, checked.loaded.tables.clone()), &mut faults)
        }
        _ => None,
    };
    match checked {
        Some(checked) if faults.is_empty() => Ok(conclude(file, &written, checked, uncertain)),
        _ => {
            for fault in faults.into_vec() {
                note(&fault, &written.tree, &mut diagnostics);
            }
            Err(diagnostics.sorted())
        }
    }
}

/// What the checks hand on.
struct Checked {
    plan: Plan,
    loaded: Loaded,
    targets: Vec<Target>,
    published: Vec<Published>,
    rankings: Vec<Ranking>,
    size: Size,
    warnings: Vec<String>,
}

fn check(file: &ScenarioFile, written: &Written, faults: &mut Faults) -> Option<Checked> {
    check_root(file, faults);
    check_names(&written.tree, faults);
    check_currency(file, faults);
    let targets = targets::check(&file.targets, faults);
    let published = published::check(&file.published, &file.windows, faults);
    let rankings = rankings::check(&file.rankings, faults);
    needs::check_tables(file, faults);
    let sound = faults.is_empty();
    let parts = file.parts();
    let loaded = load_files(&parts.files(), &written.folder, faults);
    let horizon = Horizon {
        warmup: file.warmup.ns(),
        length: file.length.min(LENGTH_MAX).ns(),
        drain: file.drain().min(LENGTH_MAX).ns(),
        deadline: file.deadline.ns(),
    };
    estimate::before_building(file, faults);
    if !sound && !faults_allow_building(file) {
        return None;
    }
    let until = horizon.last_arrival() + AFTER_THE_END.ns();
    let calendar = dates::calendar(&file.start.0, until, &file.holidays, &file.workdays);
    match parts.build(horizon, calendar, &loaded.tables) {
        Ok(mut plan) => {
            plan.asides = targets::asides(&targets, &plan, faults);
            let size = estimate::size(&plan, file.replications);
            estimate::limits(&size, file.replications, faults);
            let warnings = estimate::warnings(&plan, file);
            published::check_groups(&published, &plan, faults);
            needs::check_prices(file, &plan, faults);
            Some(Checked { plan, loaded, targets, published, rankings, size, warnings })
        }
        Err(found) => {
            add_unless_known(found, faults);
            None
        }
    }
}

/// Whether the times are such that a calendar and a rate curve can be laid over them.
fn faults_allow_building(file: &ScenarioFile) -> bool {
    !file.length.is_zero() && file.length <= LENGTH_MAX && file.drain() <= LENGTH_MAX
}

fn load_files(
    named: &[(KeyPath, &crate::model::data::FileRef)],
    folder: &Folder,
    faults: &mut Faults,
) -> Loaded {
    load::load(named, folder, faults)
}

/// Adds what building found, but not what only follows from a file that could not be read.
fn add_unless_known(found: Vec<Fault>, faults: &mut Faults) {
    let known = std::mem::take(faults).into_vec();
    let unread: Vec<KeyPath> = known
        .iter()
        .filter(|f| f.message.starts_with("names the file"))
        .map(|f| f.path.clone())
        .collect();
    let banks_unread = unread.iter().any(|path| path.0.first().is_some_and(|k| k == "banks"));
    let follows = |fault: &Fault| {
        unread.contains(&fault.path)
            || banks_unread && matches!(fault.path.0[0].as_str(), "banks" | "incidents")
    };
    let new = found.into_iter().filter(|fault| !follows(fault));
    let all: Vec<Fault> = known.iter().cloned().chain(new).collect();
    for fault in all {
        match fault.help {
            Some(help) => faults.add_with_help(fault.path, fault.message, help),
            None => faults.add(fault.path, fault.message),
        }
    }
}

/// Names, times and numbers of the root.
fn check_root(file: &ScenarioFile, faults: &mut Faults) {
    let key = |key: &str| KeyPath::root().key(key);
    if !(1..=REPLICATIONS_MAX).contains(&file.replications) {
        let legal = format!("1 to {REPLICATIONS_MAX}");
        faults.add_with_help(key("replications"), format!("is {}", file.replications), legal);
    }
    if file.length.is_zero() {
        faults.add_with_help(key("length"), "is zero", "a positive duration such as \"7d\"");
    }
    if file.length > LENGTH_MAX {
        faults.add_with_help(key("length"), "is too long", format!("at most {LENGTH_MAX}"));
    }
    if file.warmup >= file.length && !file.length.is_zero() {
        let legal = format!("less than `length`, which is {}", file.length);
        faults.add_with_help(key("warmup"), format!("is {}", file.warmup), legal);
    }
    if file.deadline.is_zero() {
        faults.add(key("deadline"), "is zero: nothing can be credited in time");
    }
    if file.drain() > LENGTH_MAX {
        faults.add_with_help(key("drain"), "is too long", format!("at most {LENGTH_MAX}"));
    }
    if file.arrivals.trace.is_some() && !file.drain().is_zero() {
        faults.add_with_help(key("drain"), "has no meaning for a trace", "leave it out");
    }
    for date in file.holidays.iter().filter(|date| file.workdays.contains(date)) {
        faults.add(key("workdays"), format!("and `holidays` both name {date}"));
    }
    for (name, text) in [("title", &file.title), ("question", &file.question)] {
        let Some(text) = text else { continue };
        if text.trim().is_empty() || text.chars().count() > TITLE_MAX || text.contains(obeyed) {
            let legal = format!("1 to {TITLE_MAX} printable characters");
            faults.add_with_help(key(name), "cannot be shown on a line", legal);
        }
    }
    if let Some(name) = file.name.as_ref().filter(|name| **name != folder_name(name)) {
        let legal = format!("letters, digits, '.', '_' and '-', such as {:?}", folder_name(name));
        faults.add_with_help(key("name"), "cannot name a folder", legal);
    }
}

/// Names of tables appear in CSV cells, charts and messages: they stay short and plain.
fn check_names(tree: &Node, faults: &mut Faults) {
    let tables: [&[&str]; 12] = [
        &["network"],
        &["channels"],
        &["providers"],
        &["incidents"],
        &["arrivals", "surges"],
        &["banks", "named"],
        &["banks", "tags"],
        &["windows"],
        &["recovery"],
        &["published"],
        &["stations"],
        &["rankings"],
    ];
    for path in tables {
        let names = tree.at(path).and_then(Node::table).into_iter().flatten();
        for (name, _) in names.filter(|(name, _)| !plain(name)) {
            let at = path.iter().fold(KeyPath::root(), |at, key| at.key(key)).key(name);
            let legal = "1 to 64 letters, digits, spaces and any of _ - . & ( ) + ', a letter or \
                         digit first";
            faults.add_with_help(at, "is no name", legal);
        }
    }
}

/// Whether a name of a table stays short and plain.
pub(super) fn plain(name: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || " _-.&()+'".contains(c);
    name.chars().count() <= 64
        && name.starts_with(char::is_alphanumeric)
        && !name.ends_with(' ')
        && name.chars().all(inside)
}

/// All amounts are in the scenario's currency.
fn check_currency(file: &ScenarioFile, faults: &mut Faults) {
    let root = KeyPath::root();
    let mut amounts: Vec<(KeyPath, Option<Amount>)> = Vec::new();
    let at = root.key("amounts");
    for (i, preset) in file.amounts.presets.iter().enumerate() {
        amounts.push((at.key("presets").index(i).key("amount"), Some(preset.amount)));
    }
    let typed = file.amounts.typed.as_ref().map(|t| t.median);
    amounts.push((at.key("typed").key("median"), typed));
    for (name, provider) in &file.providers {
        let at = root.key("providers").key(name).key("limits");
        let Some(limits) = &provider.limits else { continue };
        amounts.push((at.key("single"), limits.single));
        amounts.push((at.key("daily"), limits.daily));
        amounts.push((at.key("used_today_median"), limits.used_today_median));
    }
    amounts.push((root.key("refunds").key("compensation"), file.refunds.compensation));
    let mut named: Vec<(KeyPath, Option<Currency>)> =
        amounts.into_iter().map(|(path, amount)| (path, amount.and_then(|a| a.currency))).collect();
    let prices = file.cost.iter().flat_map(|cost| cost.prices());
    named.extend(prices.map(|(path, price)| (path, price.value.currency)));
    for (path, currency) in named {
        let other = currency.filter(|c| *c != file.currency);
        if let Some(other) = other {
            let legal = format!("{}, the scenario's `currency`", file.currency);
            faults.add_with_help(path, format!("is in {other}"), legal);
        }
    }
}

/// Shows a fault at the nearest key that is written, with a guess at what was meant.
fn note(fault: &Fault, tree: &Node, diagnostics: &mut Diagnostics) {
    if fault.path.0.is_empty() {
        return diagnostics.add_placeless(fault.message.clone(), fault.help.clone());
    }
    let node = tree.nearest(&fault.path.0);
    let about_name = ABOUT_NAMES.contains(&fault.message.as_str());
    let place = if about_name { &node.key } else { &node.place };
    let (label, hint) = match fault.help.as_deref().map(|h| h.split_once("; did you mean ")) {
        Some(Some((label, guess))) => (label, Some(format!("did you mean {guess}"))),
        _ => (fault.help.as_deref().unwrap_or_default(), guess(fault, node, about_name)),
    };
    diagnostics.add(place.clone(), format!("{} {}", fault.path, fault.message), label, hint);
}

/// What was meant, where the help lists what is legal.
fn guess(fault: &Fault, node: &Node, about_name: bool) -> Option<String> {
    let help = fault.help.as_deref()?;
    let lists = ["one of ", "its columns are ", "its rows are "];
    let listed = lists.iter().find_map(|list| help.strip_prefix(list))?;
    let name = fault.path.0.last().map(String::as_str)?;
    let written = node.text().filter(|_| !about_name).unwrap_or(name);
    near(written, listed.split(", "))
}

fn conclude(
    file: ScenarioFile,
    written: &Written,
    checked: Checked,
    uncertain: Option<Uncertain>,
) -> Scenario {
    let law = uncertain.as_ref().map(|_| LAW);
    let name = file.name.clone().unwrap_or_else(|| folder_name(&written.stem));
    let title = file.title.clone().unwrap_or_else(|| name.clone());
    let effective = effective(&file, &name, &title);
    let surges = surges(&file);
    let replication_key = replication_key(&file, &checked, law);
    let loaded = checked.loaded;
    Scenario {
        title,
        question: file.question.clone(),
        plan: Arc::new(checked.plan),
        seed: file.seed,
        replications: file.replications,
        targets: checked.targets,
        published: checked.published,
        rankings: checked.rankings,
        provenance: provenance(&effective),
        plan_hash: plan_hash(&effective, &loaded.files, (file.seed, file.replications), law),
        replication_key,
        effective,
        currency: file.currency,
        surges,
        start: file.start.0,
        size: checked.size,
        warnings: checked.warnings,
        files: loaded.files,
        variants: written.variants.clone(),
        uncertain: uncertain.map(Arc::new),
        name,
    }
}

/// The surges that begin within the run, in the order of time.
fn surges(file: &ScenarioFile) -> Vec<Surge> {
    let left_out = |name: &str| {
        file.recovery.values().any(|spec| spec.without_trigger && spec.trigger == name)
    };
    let surge = |(name, spec): (&String, &SurgeSpec)| {
        let (from, to) = (spec.at.ns(), spec.at.ns().saturating_add(spec.lasts.ns()));
        Surge { name: name.clone(), from, to }
    };
    let surges = file.arrivals.surges.iter().filter(|(name, _)| !left_out(name));
    let mut surges: Vec<Surge> = surges.map(surge).collect();
    surges.retain(|surge| surge.from < file.length.ns());
    surges.sort_by_key(|surge| surge.from);
    surges
}

/// The scenario as TOML with every default written out.
fn effective(file: &ScenarioFile, name: &str, title: &str) -> String {
    let whole = ScenarioFile {
        extends: None,
        name: Some(name.to_owned()),
        title: Some(title.to_owned()),
        drain: Some(file.drain()),
        ..file.clone()
    };
    // a table is written by one piece of code, each type by one of its own: 8 % of the library
    let table = toml::Table::try_from(&whole).expect("a scenario that was read can be written");
    toml::to_string(&table).expect("a table can be written")
}

/// The same scenario with another number of replications.
pub(super) fn with_replications(scenario: Scenario, replications: u32) -> Scenario {
    let line = |n: u32| format!("\nreplications = {n}\n");
    let (was, is) = (line(scenario.replications), line(replications));
    let effective = scenario.effective.replacen(&was, &is, 1);
    let law = scenario.uncertain.as_ref().map(|_| LAW);
    let seeds = (scenario.seed, replications);
    let plan_hash = plan_hash(&effective, &scenario.files, seeds, law);
    let size = scenario.size.times(f64::from(replications) / f64::from(scenario.replications));
    Scenario { effective, plan_hash, replications, size, ..scenario }
}

/// A hash over everything that results depend on.
fn plan_hash(
    effective: &str,
    files: &[DataFile],
    (seed, replications): (u64, u32),
    law: Option<&str>,
) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        // each part begins with its length, so that no two plans run together to the same bytes
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    part(&RESULTS_VERSION.to_le_bytes());
    part(&seed.to_le_bytes());
    part(&replications.to_le_bytes());
    part(effective.as_bytes());
    for file in files {
        part(file.path.as_bytes());
        part(file.sha256.as_bytes());
    }
    if let Some(law) = law {
        part(law.as_bytes());
    }
    hex(&hash.finalize())
}

/// A hash over all on which single replications depend: of targets, what they ask to be counted.
fn replication_key(file: &ScenarioFile, checked: &Checked, law: Option<&str>) -> String {
    let bare = ScenarioFile {
        question: None,
        replications: 0,
        targets: Default::default(),
        published: Default::default(),
        rankings: Default::default(),
        ..file.clone()
    };
    let asides = &checked.plan.asides;
    let asides = if asides.is_empty() { String::new() } else { format!("{asides:?}") };
    plan_hash(&(effective(&bare, "", "") + &asides), &checked.loaded.files, (file.seed, 0), law)
}

/// The tree of the effective scenario.
pub(super) fn tree_of(file: &ScenarioFile) -> Node {
    tree(&effective(file, "", ""))
}

fn tree(effective: &str) -> Node {
    let mut scratch = Diagnostics::default();
    let source = scratch.source("effective", effective.to_owned());
    document::parse(source, &mut scratch).expect("what was written can be read")
}

/// Every table of the effective scenario that names a source.
fn provenance(effective: &str) -> Vec<Provenance> {
    let tree = tree(effective);
    let mut found = Vec::new();
    collect(&tree, &KeyPath::root(), &mut found);
    found
}

/// The single value at a key path, as text.
pub(super) fn value(effective: &str, key: &str) -> Option<String> {
    let path: Vec<&str> =
        key.split('.').map(|part| part.trim().trim_matches(['"', '\''])).collect();
    let tree = tree(effective);
    let node = tree.at(&path)?;
    match &node.child("value").unwrap_or(node).content {
        Content::Text(text) => Some(text.clone()),
        Content::Integer(number) => Some(number.to_string()),
        Content::Float(number) => Some(number.to_string()),
        _ => None,
    }
}

fn collect(node: &Node, path: &KeyPath, found: &mut Vec<Provenance>) {
    match &node.content {
        Content::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                collect(item, &path.index(i), found);
            }
        }
        Content::Table(table) => {
            let text = |key| table.get(key).and_then(Node::text).map(str::to_owned);
            if let Some(source) = text("source") {
                let value = text("value").unwrap_or_default();
                let range = text("low").zip(text("high"));
                found.push(Provenance { path: path.to_string(), value, source, range });
            }
            for (key, child) in table {
                collect(child, &path.key(key), found);
            }
        }
        _ => {}
    }
}
