//! A corpus of scenarios that must be refused, with the exact sentences that the user gets.
//!
//! Each `tests/bad/NAME.toml` has its answer in `NAME.txt`; lines `# set: KEY=VALUE` at its top are
//! given as `--set`. After a change of words: `UPDATE_BAD=1 cargo test --test house`, and read
//! the difference.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use topup_sim::scenario::{Diagnostics, ReadOptions, Source, obeyed, read};

/// Relative to the crate, where tests run, so that messages look the same on every machine.
const FOLDER: &str = "tests/bad";

fn refused(source: Source, sets: Vec<String>) -> Diagnostics {
    let options = ReadOptions { sets, ..ReadOptions::default() };
    match read(source, &options) {
        Err(faults) => faults,
        Ok(scenario) => panic!("{} was accepted:\n{}", scenario.name, scenario.effective),
    }
}

fn text(text: &str) -> Diagnostics {
    let name = "text.toml".to_owned();
    refused(Source::Text { name, text: text.to_owned(), folder: PathBuf::from(FOLDER) }, vec![])
}

/// The base of the corpus with these lines after it.
fn with(lines: &str) -> Diagnostics {
    text(&format!("schema_version = 1\nextends = \"_base.toml\"\n{lines}\n"))
}

fn corpus() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(FOLDER).expect("the corpus is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.ends_with(".toml") && !name.starts_with('_')
    });
    paths.sort();
    paths
}

#[test]
fn every_bad_file_earns_its_sentences() {
    let mut changed = Vec::new();
    for path in corpus() {
        let content = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        let set = |line: &str| line.strip_prefix("# set: ").map(str::to_owned);
        let sets = content.lines().map_while(set).collect();
        let faults = refused(Source::File(path.clone()), sets);
        let shown = faults.render(false);
        let golden = path.with_extension("txt");
        if std::env::var_os("UPDATE_BAD").is_some() {
            std::fs::write(&golden, &shown).unwrap();
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != shown {
            changed.push(format!("{}:\n{shown}", path.display()));
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

#[test]
fn every_answer_names_file_line_column_and_key() {
    for path in corpus() {
        let golden = std::fs::read_to_string(path.with_extension("txt")).unwrap();
        assert!(golden.starts_with("error: "), "{}", path.display());
        let placed = golden.lines().any(|line| {
            let Some(place) = line.trim_start().strip_prefix("--> ") else { return false };
            let mut parts = place.rsplit(':');
            let number = |part: Option<&str>| part.is_some_and(|p| p.parse::<u32>().is_ok());
            number(parts.next()) && number(parts.next())
        });
        assert!(placed, "{} has no place:\n{golden}", path.display());
    }
}

#[test]
fn a_base_without_faults_stands_under_the_corpus() {
    let source = Source::File(Path::new(FOLDER).join("_base.toml"));
    assert!(read(source, &ReadOptions::default()).is_ok());
}

#[test]
fn what_cannot_be_opened_earns_a_sentence() {
    let at = |path: &str| refused(Source::File(path.into()), vec![]).render(false);
    assert_eq!(at("tests/bad/none.toml"), "error: tests/bad/none.toml is not there\n");
    assert_eq!(at("tests/bad"), "error: tests/bad is a folder, not a file\n");
    #[cfg(unix)]
    assert_eq!(at("/dev/zero"), "error: /dev/zero is no regular file\n");
}

#[test]
fn nesting_is_refused_before_it_can_hurt() {
    for (open, close) in [("[", "]"), ("{a=", "}")] {
        let deep = format!("x = {}1{}", open.repeat(50_000), close.repeat(50_000));
        let shown = text(&deep).render(false);
        assert!(shown.contains("nested too deeply"), "{shown}");
        assert!(shown.len() < 2_000, "{} bytes", shown.len());
    }
    let header = format!("[{}a]", "a.".repeat(100_000));
    assert!(text(&header).render(false).contains("nested too deeply"));
    let quoted = format!("schema_version = 1\ntitle = \"{}\"\n[arrivals]\n", "[".repeat(150));
    assert!(!text(&quoted).render(false).contains("nested"));
}

#[test]
fn size_and_number_of_keys_are_limited() {
    let long = "#".repeat((1 << 20) + 1);
    assert!(text(&long).render(false).contains("longer than 1048576 bytes"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.toml");
    for (line, place) in [("#\n", "long.toml:524289:1"), ("é", "long.toml:1:524289")] {
        std::fs::write(&path, line.repeat(1 << 20)).unwrap();
        let shown = refused(Source::File(path.clone()), vec![]).render(false);
        assert!(shown.contains("longer than 1048576 bytes") && shown.contains(place), "{shown}");
    }
    let keys: String = (0..20_001).map(|i| format!("k{i}=1\n")).collect();
    assert!(text(&keys).render(false).contains("has 20001 keys"));
}

#[test]
fn faults_are_shown_up_to_twenty_and_counted_beyond() {
    let keys: String = (0..50).map(|i| format!("key{i} = 1\n")).collect();
    let shown = with(&keys).render(false);
    assert_eq!(shown.matches("error: ").count(), 20);
    assert!(shown.ends_with("and 30 more faults\n"), "{shown}");
}

#[test]
fn long_lines_and_terminal_codes_do_not_reach_the_terminal() {
    let red = with("title = \"a\\u001b[31mred\"").render(false);
    assert!(red.contains("title cannot be shown on a line"), "{red}");
    for bad in "\u{1b}\u{7}\u{9b}\u{61c}\u{180e}\u{200b}\u{2028}\u{202e}\u{2060}\u{feff}".chars() {
        let shown = with(&format!("unknwon = '{bad}'")).render(false);
        assert!(!shown.contains(|c| c != '\n' && obeyed(c)), "{shown:?}");
    }
    let shown = with(&format!("[client]\ntimeout = \"{}\"", "x".repeat(500_000))).render(false);
    assert!(shown.len() < 3_000, "{} bytes", shown.len());
    assert!(shown.contains("client.timeout"), "{shown}");
    let padded = format!("[gateway]\nworkers{}= 0", " ".repeat(100_000));
    let shown = with(&padded).render(false);
    assert!(shown.len() < 3_000, "{} bytes", shown.len());
}

#[test]
fn a_colour_is_the_callers_choice() {
    let faults = with("unknwon = 1");
    assert!(!faults.render(false).contains('\u{1b}'));
    assert!(faults.render(true).contains('\u{1b}'));
}

#[cfg(unix)]
#[test]
fn data_may_not_be_reached_through_a_link() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy("tests/bad/_base.toml", folder.path().join("_base.toml")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link.csv")).unwrap();
    let name = "text.toml".to_owned();
    let text = "schema_version = 1\nextends = \"_base.toml\"\n[banks]\n\
                declines = { file = \"link.csv\" }\n"
        .to_owned();
    let folder = folder.path().to_owned();
    let shown = refused(Source::Text { name, text, folder }, vec![]).render(false);
    assert!(shown.contains("is not inside the scenario's folder"), "{shown}");
}

/// The tables of the schema with their places, wherever they stand in it.
fn tables(schema: &Value) -> Vec<(String, &Map<String, Value>)> {
    fn below<'s>(at: &'s Value, path: &str, found: &mut Vec<(String, &'s Map<String, Value>)>) {
        if let Some(object) = at.as_object() {
            if object.contains_key("properties") {
                found.push((path.to_owned(), object));
            }
            object.iter().for_each(|(key, at)| below(at, &format!("{path}/{key}"), found));
        }
        let items = at.as_array().map_or(&[][..], Vec::as_slice);
        items.iter().for_each(|item| below(item, path, found));
    }
    let mut found = Vec::new();
    below(schema, "", &mut found);
    found
}

fn schema() -> Value {
    serde_json::from_str(&topup_sim::scenario::schema()).unwrap()
}

/// Catches: a key at a level where it means nothing, and is passed over.
#[test]
fn every_table_names_the_keys_that_it_takes() {
    let schema = schema();
    let tables = tables(&schema);
    assert!(tables.len() > 100, "{} tables", tables.len());
    let is_open =
        |table: &Map<String, Value>| table.get("additionalProperties") != Some(&Value::Bool(false));
    let open: Vec<&str> =
        tables.iter().filter(|(_, table)| is_open(table)).map(|(path, _)| path.as_str()).collect();
    // a variant takes any key of a scenario, and what it lays over one is checked there
    assert_eq!(open, ["/$defs/Variants/additionalProperties"]);
}

/// Catches: a key with a slip that is passed over, or told without its place and the right one.
#[test]
fn a_slip_in_any_key_is_told_with_the_right_one() {
    let schema = schema();
    let tables = tables(&schema);
    let keys = tables.iter().filter_map(|(_, table)| table["properties"].as_object());
    let known: BTreeSet<&str> = keys.flat_map(|keys| keys.keys().map(String::as_str)).collect();
    let mut slips = 0;
    for name in ["double-11-every-cause", "kameng-promo", "psp-failover", "retry-storm-budget"] {
        let path = PathBuf::from(format!("scenarios/{name}.toml"));
        let whole = std::fs::read_to_string(path).unwrap();
        for (at, line) in whole.lines().enumerate() {
            let Some((key, value)) = line.split_once(" = ").filter(|(key, _)| known.contains(*key))
            else {
                continue;
            };
            let last = key.chars().last().expect("a key has letters");
            let slip = format!("{key}{last}");
            let mut lines: Vec<&str> = whole.lines().collect();
            let wrong = format!("{slip} = {value}");
            lines[at] = &wrong;
            let (text, folder) = (lines.join("\n"), PathBuf::from("scenarios"));
            let source = Source::Text { name: "slip.toml".to_owned(), text, folder };
            let said = refused(source, vec![]).render(false);
            let is_told = said.contains(&format!("{slip} is no "))
                && said.contains(&format!("slip.toml:{}:1", at + 1))
                && said.contains(&format!("did you mean `{key}`?"));
            assert!(is_told, "{name}, {slip}: {said}");
            slips += 1;
        }
    }
    assert!(slips > 100, "only {slips} keys were tried");
}
