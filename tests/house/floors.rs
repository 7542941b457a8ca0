//! Holds the table of floors: a module uses only those below it, so data flows down one picture.

use super::source::{self, Source, assert_none, line_of, places_of};

/// Each floor, ground first, and the floors it may use. `store` and `serve` may not exist yet.
const FLOORS: [(&str, &[&str]); 11] = [
    ("units", &[]),
    ("engine", &["units"]),
    ("stats", &["units"]),
    ("model", &["units", "engine"]),
    ("record", &["units", "stats", "model"]),
    ("scenario", &["units", "model", "record"]),
    ("study", &["units", "stats", "engine", "model", "scenario", "record"]),
    ("store", &["record", "study"]),
    ("report", &["units", "stats", "record", "scenario", "study"]),
    ("serve", &["scenario", "study", "report"]),
    ("cli", &["units", "record", "scenario", "study", "store", "report", "serve"]),
];

#[test]
fn a_module_uses_only_lower_floors() {
    assert_none(source::all().iter().flat_map(climbs));
}

#[test]
fn the_library_is_made_of_floors_only() {
    let sources = source::all();
    let library = sources.iter().find(|source| source.path == "src/lib.rs");
    assert_none(strangers(library.expect("the library has a root")));
    let files = sources.iter().filter(|source| source.path.starts_with("src/"));
    let is_known = |floor: &str| matches!(floor, "lib" | "main") || floor_named(floor).is_some();
    assert_none(files.filter(|file| !file.floor().is_some_and(is_known)).map(|file| {
        format!("{}: belongs to no floor; the floors are those of tests/house/floors.rs", file.path)
    }));
}

#[test]
fn the_table_lists_the_ground_first() {
    for (at, (floor, may_use)) in FLOORS.iter().enumerate() {
        let lower: Vec<&str> = FLOORS[..at].iter().map(|(name, _)| *name).collect();
        assert!(may_use.iter().all(|used| lower.contains(used)), "{floor} uses no lower floor");
    }
}

#[test]
fn every_way_to_climb_is_found() {
    for (path, text, found) in [
        ("src/engine/wheel.rs", "use crate::model::Fact;", "uses model"),
        ("src/engine/wheel.rs", "use crate::{units::Span, cli};", "uses cli"),
        (
            "src/engine/wheel.rs",
            "use crate::{\n    units::{Span, SimTime},\n    cli };",
            "uses cli",
        ),
        ("src/engine/wheel.rs", "let fact = crate::model::fact();", "uses model"),
        ("src/engine/mod.rs", "use super::model::Fact;", "uses model"),
        ("src/engine/wheel.rs", "use super::super::model::Fact;", "uses model"),
        ("src/engine/queue/wheel.rs", "use super::super::super::model::Fact;", "uses model"),
        ("src/model/bank.rs", "use topup_sim::scenario::Scenario;", "uses scenario"),
        ("src/units/mod.rs", "use crate::*;", "names no floor"),
        ("src/units/mod.rs", "use crate::Journey;", "names no floor"),
        ("src/main.rs", "topup_sim::report::write();", "uses report"),
    ] {
        let faults = climbs(&Source::new(path, text));
        assert!(faults.len() == 1 && faults[0].contains(found), "{text}: {faults:?}");
    }
}

#[test]
fn what_keeps_to_its_floor_is_left_alone() {
    for (path, text) in [
        ("src/model/bank.rs", "use crate::units::Span;\nuse crate::model::cause::Cause;"),
        ("src/model/bank.rs", "use super::cause::Cause;\nuse super::{facts, ledger};"),
        ("src/model/bank.rs", "// crate::cli is where text goes\nlet text = \"crate::cli\";"),
        ("src/model/bank.rs", "pub(crate) fn capture() {}\nuse crate::{units::{Span, Rate}};"),
        ("src/main.rs", "fn main() { topup_sim::cli::main() }"),
        ("src/lib.rs", "pub mod cli;"),
        ("tests/run.rs", "use topup_sim::model::Fact;"),
    ] {
        let faults = climbs(&Source::new(path, text));
        assert!(faults.is_empty(), "{text}: {faults:?}");
    }
}

#[test]
fn a_module_without_a_floor_is_found() {
    let library = |text: &str| strangers(&Source::new("src/lib.rs", text));
    assert_eq!(library("pub mod units;\n// mod later;\nmod helpers;").len(), 1);
    assert!(library("pub mod units;\npub mod serve;").is_empty());
}

fn floor_named(name: &str) -> Option<&'static [&'static str]> {
    FLOORS.iter().find(|(floor, _)| *floor == name).map(|(_, may_use)| *may_use)
}

/// The modules that the library's root declares and the table does not know.
fn strangers(library: &Source) -> Vec<String> {
    let declared = places_of(&library.code, "mod").filter_map(|at| {
        let (name, _) = library.code[at + 3..].split_once(';')?;
        Some(name.trim())
    });
    let strangers = declared.filter(|name| floor_named(name).is_none());
    strangers.map(|name| format!("src/lib.rs: {name} is no floor; give it a row here")).collect()
}

/// The uses of a higher floor in a file of the library or the binary.
fn climbs(file: &Source) -> Vec<String> {
    let may_use: &[&str] = match file.floor() {
        None | Some("lib") => return Vec::new(),
        Some("main") => &["cli"],
        Some(floor) => floor_named(floor).unwrap_or_default(),
    };
    let own = file.floor().unwrap_or_default();
    let is_legal = |name: &str| name == own || may_use.contains(&name);
    let (path, may_use) = (&file.path, may_use.join(", "));
    let uses = used(file).into_iter().filter(|(_, name)| !is_legal(name));
    uses.map(|(line, name)| match floor_named(&name) {
        Some(_) => format!(
            "{path}:{line}: uses {name}, but {own} may use only: {may_use}. Move the type down."
        ),
        None => format!("{path}:{line}: crate::{name} names no floor; name the module it is in"),
    })
    .collect()
}

/// Line and first segment of every path that starts at the crate's root.
fn used(file: &Source) -> Vec<(usize, String)> {
    let code = &file.code;
    let from_root = ["crate::", "topup_sim::"].into_iter().flat_map(|root| {
        places_of(code, root).flat_map(move |at| {
            let names = first_segments(&code[at + root.len()..]);
            names.into_iter().map(move |name| (line_of(code, at), name))
        })
    });
    let upwards = "super::".repeat(depth_of(&file.path));
    let from_below = places_of(code, &upwards).flat_map(|at| {
        let names = first_segments(code[at..].trim_start_matches("super::"));
        // One more `super` than that may stand in an inner module, which then names a sibling.
        let names = names.into_iter().filter(|name| floor_named(name).is_some());
        names.map(move |name| (line_of(code, at), name))
    });
    let mut used: Vec<(usize, String)> = from_root.chain(from_below).collect();
    used.sort();
    used.dedup();
    used
}

/// How many times `super::` leads from a file to the crate's root.
fn depth_of(path: &str) -> usize {
    let folders = path.split('/').count() - 1;
    if path.ends_with("/mod.rs") { folders - 1 } else { folders }
}

/// The first name of a path, or the first names of a group in braces.
fn first_segments(path: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        let text = text.trim_start();
        text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '*')).collect()
    };
    let Some(group) = path.trim_start().strip_prefix('{') else { return vec![name(path)] };
    let mut names = vec![name(group)];
    let mut depth = 0_i32;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(name(&group[at + 1..])),
            _ => (),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}
