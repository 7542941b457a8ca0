//! Holds the house rules that no lint holds; each failure names what to write instead.

use super::source::{self, Source, assert_none, line_of, places_of};

const LINES_MAX: usize = 500;
const COLUMNS_MAX: usize = 100;

/// File names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 7] = ["util", "utils", "helper", "helpers", "common", "manager", "misc"];

/// The one file that is not safe Rust throughout.
const UNSAFE: &str = "src/engine/memory.rs";

/// What shipped code of some floors must not name, and what stands there instead.
const BANS: [(&[&str], &[&str], &str); 5] = [
    (
        &["model", "engine"],
        &["HashMap", "HashSet"],
        "its order is random: use BTreeMap, BTreeSet or a Vec by index",
    ),
    (
        &["model", "engine"],
        &["Instant", "SystemTime"],
        "the model has its own clock: use units::SimTime",
    ),
    (
        &["model", "engine"],
        &["std::thread", "thread::spawn", "rayon", "tokio"],
        "one replication is one thread: study runs replications in parallel",
    ),
    (
        &["units", "model", "engine", "stats", "record"],
        &["std::fs", "std::io", "std::env", "File::open", "toml::", "csv::"],
        "this floor does no I/O: scenario reads, report writes",
    ),
    (
        &["units", "model", "engine", "stats", "record", "scenario", "study", "report"],
        &["println!", "print!", "eprintln!", "eprint!", "dbg!"],
        "all text to the terminal passes cli: note a fact or return a value",
    ),
];

#[test]
fn files_are_small_and_open_with_a_line_for_newcomers() {
    assert_none(
        source::all().iter().flat_map(|file| {
            [too_long(file), unopened(file), empty_name(file)].into_iter().flatten()
        }),
    );
}

#[test]
fn lines_fit_the_page() {
    assert_none(source::all().iter().flat_map(wide_lines));
}

#[test]
fn only_tests_unwrap() {
    assert_none(source::all().iter().flat_map(unwraps));
}

#[test]
fn no_floor_names_what_it_must_not_know() {
    assert_none(source::all().iter().flat_map(banned));
}

#[test]
fn one_place_is_not_safe_rust() {
    assert_none(source::all().iter().flat_map(unsafes));
}

#[test]
fn each_rule_finds_what_breaks_it() {
    let model = |text: &str| Source::new("src/model/bank.rs", text);
    assert!(too_long(&model(&"//! Long.\n".repeat(501))).is_some());
    assert!(unopened(&model("use std::fmt;\n")).is_some());
    assert!(unopened(&model("//!\n")).is_some());
    assert!(empty_name(&Source::new("src/model/utils.rs", "")).is_some());
    assert!(empty_name(&Source::new("src/model/helpers/mod.rs", "")).is_some());
    assert_eq!(wide_lines(&model(&format!("// {}\n", "x".repeat(98)))).len(), 1);
    assert_eq!(unwraps(&model("fn f() {}\nfn g() { a.unwrap(); }")).len(), 1);
    assert_eq!(unsafes(&model("fn f() {\n    unsafe { g() }\n}")).len(), 1);
    for (text, replacement) in [
        ("use std::collections::HashMap;", "BTreeMap"),
        ("let now = std::time::Instant::now();", "SimTime"),
        ("std::thread::sleep(a)", "study runs"),
        ("let text = std::fs::read(a);", "scenario reads"),
        ("println!(\"captured\")", "passes cli"),
    ] {
        let faults = banned(&model(text));
        assert!(faults.len() == 1 && faults[0].contains(replacement), "{text}: {faults:?}");
    }
}

#[test]
fn what_the_rules_allow_is_left_alone() {
    let model = |text: &str| Source::new("src/model/bank.rs", text);
    assert!(too_long(&model(&"//! Long.\n".repeat(500))).is_none());
    assert!(unopened(&model("//! Captures money.\n")).is_none());
    assert!(empty_name(&Source::new("src/model/commonplace.rs", "")).is_none());
    assert!(wide_lines(&model(&format!("// {}\n", "é".repeat(97)))).is_empty());
    for text in [
        "// never unwrap() a HashMap",
        "let text = \".unwrap() std::fs println!\";",
        "let text = r#\"a \" .unwrap()\"#;",
        "let quote = '\"'; /* .unwrap() /* */ std::fs */ let quote = '\\'';",
        "#[cfg(test)]\nmod tests { fn f() { a.unwrap(); std::fs::read(b); } }\n",
        "struct InstantCredit; fn unwrap_or_else() {} eprintln_count!()",
    ] {
        let file = model(text);
        assert_none(unwraps(&file).into_iter().chain(banned(&file)));
    }
    assert_none(unsafes(&Source::new(UNSAFE, "unsafe { hint() }")));
    assert_none(unsafes(&model("#[expect(unsafe_code)] // unsafe\n")));
    let behind_tests = model("#[cfg(test)]\nmod tests { fn f() {} }\nfn g() { a.unwrap(); }");
    assert_eq!(unwraps(&behind_tests).len(), 1, "code behind the tests ships");
}

fn too_long(file: &Source) -> Option<String> {
    let lines = file.text.lines().count();
    (lines > LINES_MAX).then(|| {
        format!("{}: {lines} lines, at most {LINES_MAX}: split it by what it is about", file.path)
    })
}

fn unopened(file: &Source) -> Option<String> {
    let first = file.text.lines().next().unwrap_or_default();
    let is_open = first.strip_prefix("//! ").is_some_and(|rest| !rest.trim().is_empty());
    (!is_open)
        .then(|| format!("{}:1: open with one `//! ` line that a newcomer understands", file.path))
}

fn empty_name(file: &Source) -> Option<String> {
    let mut names = file.path.split(['/', '.']);
    let found = names.find(|name| EMPTY_NAMES.contains(name))?;
    Some(format!("{}: {found} says nothing: name it after what it is about", file.path))
}

fn wide_lines(file: &Source) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    let wide = lines.filter(|(_, line)| line.chars().count() > COLUMNS_MAX);
    wide.map(|(at, line)| {
        let columns = line.chars().count();
        format!("{}:{}: {columns} columns, at most {COLUMNS_MAX}: break it", file.path, at + 1)
    })
    .collect()
}

fn unwraps(file: &Source) -> Vec<String> {
    let say = |at| {
        let line = line_of(&file.shipped, at);
        format!("{}:{line}: unwrap(): use expect() and say why it holds, or `?`", file.path)
    };
    places_of(&file.shipped, ".unwrap()").map(say).collect()
}

fn unsafes(file: &Source) -> Vec<String> {
    let allowed = file.path == UNSAFE;
    let places = places_of(&file.code, "unsafe").filter(|_| !allowed);
    let say = |at| format!("{}:{}: unsafe: only {UNSAFE} may", file.path, line_of(&file.code, at));
    places.map(say).collect()
}

fn banned(file: &Source) -> Vec<String> {
    let floor = file.floor().unwrap_or_default();
    let bans = BANS.iter().filter(|(floors, ..)| floors.contains(&floor));
    bans.flat_map(|(_, words, instead)| {
        words.iter().flat_map(move |&word| {
            places_of(&file.shipped, word).map(move |at| {
                let line = line_of(&file.shipped, at);
                format!("{}:{line}: {word} in {floor}: {instead}", file.path)
            })
        })
    })
    .collect()
}
